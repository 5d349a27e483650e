//! Admission: whether an event counts. A pure function of the log before it.
//!
//! What the log before it says is read from two views (which event ids are stored where, how many events each strand has)
//! and from what was prepared and has not reached those views yet.

use crate::event::codec::CodecError;
use crate::event::{EventId, Position, Revision, SubjectId};
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

/// The ids of all stored events, in no order of interest.
///
/// # Errors
/// [`ViewError`] when the store fails or a row has another layout.
pub(super) fn stored_ids(reader: &Reader) -> Result<impl Iterator<Item = Result<EventId, ViewError>>, ViewError> {
    let broken = || ViewError::Row { table: IDS, cause: CodecError::Broken("an event id has another length") };
    let id = move |key: &[u8]| EventId::from_slice(key).ok_or_else(broken);
    Ok(reader.range(IDS, Vec::new(), None)?.map(move |row| row.and_then(|(key, _)| id(&key))))
}

fn read_position(bytes: &[u8]) -> Position {
    Position(bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
}

/// A strand's revision, in the views as they are now.
///
/// # Errors
/// [`ViewError`] when the store fails.
pub(super) fn stored_revision(views: &Views, subject: &SubjectId) -> Result<Revision, ViewError> {
    Ok(StrandRow::latest(views, subject)?.map_or(Revision(0), |row| Revision(row.events)))
}
