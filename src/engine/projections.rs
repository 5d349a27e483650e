//! Every projection of the store, and the key to what they read.

use std::sync::Arc;

use super::admission::Ids;
use super::options::ProjectionFactory;
use super::slots::Slots;
use crate::event::{Event, Personal};
use crate::identity::{BlindKey, Edges, IdentityRules, Lookups, Names, Opener, Strands};
use crate::timeline::{Timeline, Totals};
use crate::vault::{KeyState, Vault};
use crate::views::{Projection, ViewError, Views};

/// Every projection of the store, in the order in which they are applied.
fn projections(
    rules: &Arc<IdentityRules>,
    blind_key: &Arc<BlindKey>,
    vault: &Arc<Vault>,
    views: &Arc<Views>,
) -> Vec<Box<dyn Projection>> {
    let (vault, views) = (vault.clone(), views.clone());
    let open: Arc<Opener> = Arc::new(move |event: &Event| open_sealed(&vault, &views, event));
    vec![
        Box::new(Ids),
        Box::new(Strands::default()),
        Box::new(Timeline),
        Box::new(Edges::new(rules.clone())),
        Box::new(Lookups::default()),
        Box::new(Names::new(blind_key.clone(), open)),
        Box::new(Totals::default()),
    ]
}

/// The same, and a user's own.
pub(super) fn all_projections(
    (rules, blind_key, vault, views): (&Arc<IdentityRules>, &Arc<BlindKey>, &Arc<Vault>, &Arc<Views>),
    own: &[ProjectionFactory],
) -> Vec<Box<dyn Projection>> {
    let mut all = projections(rules, blind_key, vault, views);
    all.extend(own.iter().map(|make| make()));
    all
}

/// The personal part of an event; `None` when its key was destroyed.
pub(super) fn open_sealed(vault: &Vault, views: &Views, event: &Event) -> Result<Option<Personal>, ViewError> {
    let failed = |reason: String| ViewError::Projection { projection: "vault", position: event.position.0, reason };
    let subject = &event.strand.subject;
    let key = match vault.key(subject, &Slots(views)).map_err(|cause| failed(cause.to_string()))? {
        KeyState::Live(key) => key,
        KeyState::Destroyed => return Ok(None),
        KeyState::Unknown => return Err(failed("the vault has no key for its strand; restore the vault".into())),
    };
    let plain = key.open(&event.header.id, subject, &event.sealed).map_err(|cause| failed(cause.to_string()))?;
    crate::event::codec::decode_personal(&plain)
        .map(Some)
        .map_err(|cause| ViewError::Event { position: event.position.0, cause })
}
