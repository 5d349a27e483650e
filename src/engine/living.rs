//! The strand of an identifier as it is now: that of its first generation whose key was not destroyed.

use super::error::EngineError;
use crate::event::{Identifier, Strand};
use crate::identity::IdentityKey;
use crate::vault::{KeyState, SlotIndex, Vault};

/// The strand, and its key: one that lives, or none yet.
pub(super) fn living(
    key: &IdentityKey,
    vault: &Vault,
    slots: &dyn SlotIndex,
    identifier: &Identifier,
) -> Result<(Strand, KeyState), EngineError> {
    let mut generation = 0;
    loop {
        let subject = key.subject(identifier, generation);
        let strand = Strand { kind: identifier.kind().clone(), subject };
        match vault.key(&subject, slots)? {
            KeyState::Destroyed => generation += 1,
            state @ (KeyState::Live(_) | KeyState::Unknown) => return Ok((strand, state)),
        }
    }
}
