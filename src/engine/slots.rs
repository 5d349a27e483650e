//! Which slot of the vault a subject's key is in: a side table of the views, caught up from the vault itself.

use std::cell::RefCell;
use std::collections::HashSet;

use crate::event::SubjectId;
use crate::vault::{Slot, SlotIndex, Vault, VaultError};
use crate::views::{Batch, TableSpec, Tables, Use, ViewError, Views};

use super::error::EngineError;

/// The side tables of the engine.
pub(super) const SIDE_TABLES: &[TableSpec] = &[
    TableSpec { name: SLOTS, used_for: Use::Lookups },
    TableSpec { name: SLOTS_THROUGH, used_for: Use::Small },
    TableSpec { name: super::snapshots::TABLE, used_for: Use::Small },
    super::tallies::TABLES[0],
    super::tallies::TABLES[1],
    super::tallies::TABLES[2],
    super::tallies::TABLES[3],
    super::tallies::TABLES[4],
    super::tallies::TABLES[5],
];

const SLOTS: &str = "slots";
const SLOTS_THROUGH: &str = "slots_through";
/// How many slots are written at once while catching up.
const BATCH_SLOTS: usize = 10_000;

/// The index over the views.
pub(super) struct Slots<'a>(pub(super) &'a Views);

impl SlotIndex for Slots<'_> {
    fn slot(&self, subject: &SubjectId) -> Result<Option<Slot>, VaultError> {
        let row = self.0.latest(SLOTS, subject.as_bytes()).map_err(|cause| VaultError::Index(cause.to_string()))?;
        Ok(row.and_then(|bytes| bytes.as_ref().try_into().ok().map(|bytes| Slot(u64::from_be_bytes(bytes)))))
    }
}

/// The index for subjects that are known to have no slot in it.
pub(super) struct NoSlots;

impl SlotIndex for NoSlots {
    fn slot(&self, _: &SubjectId) -> Result<Option<Slot>, VaultError> {
        Ok(None)
    }
}

/// An index asked by what makes all new slots, between two of its commits: what it did not have it still does not have.
pub(super) struct KnownMisses<I> {
    index: I,
    missing: RefCell<HashSet<SubjectId>>,
}

impl<I: SlotIndex> KnownMisses<I> {
    pub(super) fn of(index: I) -> Self {
        Self { index, missing: RefCell::default() }
    }
}

impl<I: SlotIndex> SlotIndex for KnownMisses<I> {
    fn slot(&self, subject: &SubjectId) -> Result<Option<Slot>, VaultError> {
        if self.missing.borrow().contains(subject) {
            return Ok(None);
        }
        let found = self.index.slot(subject)?;
        if found.is_none() {
            self.missing.borrow_mut().insert(*subject);
        }
        Ok(found)
    }
}

/// Adds the slots that were filled since the last time. The caller calls [`Vault::indexed`] once they are written.
pub(super) fn add_new(vault: &Vault, tables: &Tables, batch: &mut Batch) -> Result<Option<Slot>, ViewError> {
    let (new, through) = vault.unindexed();
    if new.is_empty() {
        return Ok(None);
    }
    let mut rows = batch.rows(tables);
    for (subject, slot) in new {
        rows.put(SLOTS, subject.as_bytes(), &slot.0.to_be_bytes())?;
    }
    rows.put(SLOTS_THROUGH, b"through", &through.0.to_be_bytes())?;
    Ok(Some(through))
}

/// Brings the index up to the vault's end, after a crash or when the views are new. Slots from `known` on may be of a commit
/// that was cut off by a power cut, which nobody used: those that are not whole are marked as such.
pub(super) fn catch_up(vault: &Vault, views: &Views, known: Slot) -> Result<(), EngineError> {
    let through = views.latest(SLOTS_THROUGH, b"through")?;
    let from = through.and_then(|bytes| bytes.as_ref().try_into().ok().map(u64::from_be_bytes)).unwrap_or(0);
    if from > vault.next_slot().0 {
        let have = vault.next_slot().0;
        return Err(EngineError::KeysMissing { have, want: from });
    }
    let mut batch = views.batch(BATCH_SLOTS)?;
    let tables = batch.serving();
    let (mut waiting, mut next) = (0, from);
    for found in vault.scan(Slot(from))? {
        let found = match found {
            Err(VaultError::Slot { slot, .. }) if Slot(slot) >= known => {
                tracing::warn!(slot, "a key was not written whole before the last stop; nobody used it");
                vault.void(Slot(slot))?;
                continue;
            }
            found => found?,
        };
        batch.rows(&tables).put(SLOTS, found.subject.as_bytes(), &found.slot.0.to_be_bytes())?;
        next = found.slot.0 + 1;
        waiting += 1;
        if waiting == BATCH_SLOTS {
            batch.rows(&tables).put(SLOTS_THROUGH, b"through", &next.to_be_bytes())?;
            std::mem::replace(&mut batch, views.batch(BATCH_SLOTS)?).commit()?;
            waiting = 0;
        }
    }
    batch.rows(&tables).put(SLOTS_THROUGH, b"through", &next.to_be_bytes())?;
    batch.commit()?;
    vault.indexed(Slot(next));
    Ok(())
}
