//! The contract of a projection: events in log order in, rows out.

use super::batch::Rows;
use super::error::ViewError;
use crate::event::Event;

/// How a table is mostly used; it decides how much memory it gets and how it is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Many large rows, read in ranges.
    Ranges,
    /// Many small rows, read in ranges.
    Index,
    /// Many small rows, looked up one by one and mostly not found.
    Lookups,
    /// Many small rows, read in ranges, that whoever writes them writes anew when in doubt: they may be ahead of the journal.
    Redone,
    /// Few rows.
    Small,
}

/// A table that a projection owns. Names are unique over all projections.
#[derive(Clone, Copy, Debug)]
pub struct TableSpec {
    /// Its name.
    pub name: &'static str,
    /// How it is mostly used.
    pub used_for: Use,
}

/// An event as a projection gets it: decoded, and as it was stored.
#[derive(Clone, Copy, Debug)]
pub struct Applied<'a> {
    /// The event.
    pub event: &'a Event,
    /// The bytes of its record.
    pub record: &'a [u8],
}

/// What makes rows of events.
///
/// `apply` must be a pure function of the events so far: no clock, no randomness, nothing that another replay would
/// answer differently. How events are cut into batches must not show in the rows.
pub trait Projection: Send {
    /// Its name, in the terms of `rebuildProjection`.
    fn name(&self) -> &'static str;

    /// Raised whenever the rows of the same events would look different: then it is rebuilt.
    fn version(&self) -> u32;

    /// The tables that it owns.
    fn tables(&self) -> &'static [TableSpec];

    /// Takes one event into account. Rows may be kept back until [`Projection::finish`].
    ///
    /// # Errors
    /// [`ViewError`] stops the projector at this event.
    fn apply(&mut self, applied: Applied<'_>, rows: &mut Rows<'_>) -> Result<(), ViewError>;

    /// Writes what was kept back; called at the end of every batch. What it wrote may be kept in memory for the next one:
    /// should the batch not become durable, this instance is thrown away.
    ///
    /// # Errors
    /// As [`Projection::apply`].
    fn finish(&mut self, rows: &mut Rows<'_>) -> Result<(), ViewError>;
}
