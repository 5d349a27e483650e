//! Admission: whether an event counts. A pure function of the log before it.
//!
//! What the log before it says is read from two views (which event ids are stored where, how many events each strand has)
//! and from what was prepared and has not reached those views yet.

use std::collections::{HashMap, VecDeque};

use crate::event::{EventId, Hash, Position, Revision, SubjectId};
use crate::identity::StrandRow;
use crate::views::{Applied, Key, Projection, Reader, Rows, TableSpec, Use, ViewError, Views};

const IDS: &str = "ids";

/// The projection that notes where every event id is stored.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ids;

impl Projection for Ids {
    fn name(&self) -> &'static str {
        "ids"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [TableSpec] {
        &[TableSpec { name: IDS, used_for: Use::Lookups }]
    }

    fn apply(&mut self, applied: Applied<'_>, rows: &mut Rows<'_>) -> Result<(), ViewError> {
        let position = Key::new().position(applied.event.position).done();
        // Positions are small numbers for a long time: leading zeroes are not stored.
        let zeroes = position.iter().take_while(|byte| **byte == 0).count();
        rows.put(IDS, applied.event.header.id.as_bytes(), position.get(zeroes..).unwrap_or_default())
    }

    fn finish(&mut self, _: &mut Rows<'_>) -> Result<(), ViewError> {
        Ok(())
    }
}

/// Where an event id is stored, in the views as they are now.
///
/// # Errors
/// [`ViewError`] when the store fails.
pub(super) fn stored_at(views: &Views, id: &EventId) -> Result<Option<Position>, ViewError> {
    Ok(views.latest(IDS, id.as_bytes())?.map(|bytes| read_position(&bytes)))
}

/// Where an event id is stored, in a reader's picture.
///
/// # Errors
/// [`ViewError`] when the store fails.
pub(super) fn stored_in(reader: &Reader, id: &EventId) -> Result<Option<Position>, ViewError> {
    Ok(reader.get(IDS, id.as_bytes())?.map(|bytes| read_position(&bytes)))
}

fn read_position(bytes: &[u8]) -> Position {
    Position(bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
}

/// A strand's revision, in the views as they are now.
fn stored_revision(views: &Views, subject: &SubjectId) -> Result<Revision, ViewError> {
    Ok(StrandRow::latest(views, subject)?.map_or(Revision(0), |row| Revision(row.events)))
}

/// An event that was prepared and may not be in the views yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prepared {
    pub(super) position: Position,
    pub(super) revision: Revision,
    pub(super) hash: Hash,
}

/// What was prepared and has not reached the views.
#[derive(Debug, Default)]
pub(super) struct Overlay {
    ids: HashMap<EventId, Prepared>,
    next_revisions: HashMap<SubjectId, (Revision, Position)>,
    order: VecDeque<(Position, EventId, SubjectId)>,
}

impl Overlay {
    /// Forgets what the views hold by now: everything before `projected`.
    pub(super) fn forget(&mut self, projected: Position) {
        while let Some((position, id, subject)) = self.order.front() {
            if *position >= projected {
                break;
            }
            self.ids.remove(id);
            if self.next_revisions.get(subject).is_some_and(|(_, last)| *last < projected) {
                self.next_revisions.remove(subject);
            }
            self.order.pop_front();
        }
    }

    /// How many events it holds.
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// An event with this id that is not in the views yet.
    pub(super) fn find(&self, id: &EventId) -> Option<Prepared> {
        self.ids.get(id).copied()
    }

    /// The revision that the next event of a strand gets.
    pub(super) fn next_revision(&self, views: &Views, subject: &SubjectId) -> Result<Revision, ViewError> {
        match self.next_revisions.get(subject) {
            Some((revision, _)) => Ok(*revision),
            None => stored_revision(views, subject),
        }
    }

    /// Notes an event that gets a position.
    pub(super) fn add(&mut self, id: EventId, subject: SubjectId, prepared: Prepared) {
        self.ids.insert(id, prepared);
        self.next_revisions.insert(subject, (prepared.revision.next(), prepared.position));
        self.order.push_back((prepared.position, id, subject));
    }
}
