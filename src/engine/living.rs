//! The strand of an identifier as it is now: that of its first generation whose key was not destroyed.

use super::error::EngineError;
use super::slots::Slots;
use crate::event::{Identifier, Strand};
use crate::identity::IdentityKey;
use crate::vault::{KeyState, SubjectKey, Vault};
use crate::views::Views;

/// The strand, and its key if it has one.
pub(super) fn living(
    key: &IdentityKey,
    vault: &Vault,
    views: &Views,
    identifier: &Identifier,
) -> Result<(Strand, Option<SubjectKey>), EngineError> {
    let mut generation = 0;
    loop {
        let subject = key.subject(identifier, generation);
        let strand = Strand { kind: identifier.kind().clone(), subject };
        match vault.key(&subject, &Slots(views))? {
            KeyState::Live(key) => return Ok((strand, Some(key))),
            KeyState::Unknown => return Ok((strand, None)),
            KeyState::Destroyed => generation += 1,
        }
    }
}
