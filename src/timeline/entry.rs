//! One row of a timeline: where it stands, and the event as it was stored.

use std::sync::Arc;

use crate::event::{Event, Hash, Micros, Position, SubjectId, codec};
use crate::views::{Key, RowBytes, ViewError};

/// A stored event in its place in time. Decoding is left until it is needed.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The strand that it is filed under.
    pub subject: SubjectId,
    /// When it happened.
    pub occurred_at: Micros,
    /// Where it stands in the log.
    pub position: Position,
    row: RowBytes,
}

/// An entry and its event, decoded; several answers may hold the same.
pub type Stored = Arc<(Entry, Event)>;

/// Bytes before the record in a row: the moment of recording.
const RECORD_AT: usize = 8;

impl Entry {
    /// The key of an event's row.
    #[must_use]
    pub fn key(subject: &SubjectId, occurred_at: Micros, position: Position) -> Vec<u8> {
        Key::new().subject(subject).micros(occurred_at).position(position).done()
    }

    /// The value of an event's row.
    #[must_use]
    pub fn value(recorded_at: Micros, record: &[u8]) -> Vec<u8> {
        let mut value = Vec::with_capacity(RECORD_AT + record.len());
        value.extend_from_slice(&recorded_at.0.to_be_bytes());
        value.extend_from_slice(record);
        value
    }

    /// Reads a row; `None` when it has not the layout of one.
    #[must_use]
    pub fn read(key: &[u8], row: RowBytes) -> Option<Self> {
        (row.len() > RECORD_AT).then_some(())?;
        Some(Self {
            subject: Key::subject_at(key, 0)?,
            occurred_at: Key::micros_at(key, 16)?,
            position: Key::position_at(key, 24)?,
            row,
        })
    }

    /// The same, holding no more than its own bytes: a row of the views keeps the block that it was read in.
    #[must_use]
    pub fn detached(self) -> Self {
        Self { row: RowBytes::from(&*self.row), ..self }
    }

    /// An event that was read from the log.
    #[must_use]
    pub fn of(event: &Event, record: &[u8]) -> Self {
        Self {
            subject: event.strand.subject,
            occurred_at: event.header.occurred_at,
            position: event.position,
            row: Self::value(event.recorded_at, record).into(),
        }
    }

    /// When it was stored.
    #[must_use]
    pub fn recorded_at(&self) -> Micros {
        let bytes = self.row.first_chunk::<RECORD_AT>().copied().unwrap_or_default();
        Micros(i64::from_be_bytes(bytes))
    }

    /// The stored bytes.
    #[must_use]
    pub fn record(&self) -> &[u8] {
        self.row.get(RECORD_AT..).unwrap_or_default()
    }

    /// BLAKE3 of the stored bytes.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of(self.record())
    }

    /// The event.
    ///
    /// # Errors
    /// [`ViewError::Event`] when the bytes cannot be read.
    pub fn event(&self) -> Result<Event, ViewError> {
        codec::decode(self.position, self.recorded_at(), self.record())
            .map_err(|cause| ViewError::Event { position: self.position.0, cause })
    }

    /// Its place in time: ordered by moment, then by position.
    #[must_use]
    pub fn place(&self) -> (Micros, Position) {
        (self.occurred_at, self.position)
    }
}
