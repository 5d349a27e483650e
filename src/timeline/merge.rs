//! The rows of several strands as one sequence, from either end.

use super::cursor::Cursor;
use super::entry::Entry;
use super::rows::TABLE;
use crate::event::{Micros, Position, SubjectId};
use crate::views::{Key, Reader, RowIter, ViewError};

/// Which part of the time: between two places, both left out, and only events before a position of the log.
#[derive(Clone, Copy, Debug, Default)]
pub struct Span {
    /// Behind this place.
    pub after: Option<Cursor>,
    /// Before this place.
    pub before: Option<Cursor>,
    /// Stored before this position: the past as it was known.
    pub as_of: Option<Position>,
}

/// Entries of several strands in time order. It is read from one end only: forwards, or backwards with [`Merged::backwards`].
#[derive(Debug)]
pub struct Merged {
    strands: Vec<Strand>,
    as_of: Option<Position>,
    backwards: bool,
}

/// One strand's rows and the next of them.
#[derive(Debug)]
struct Strand {
    rows: RowIter,
    next: Option<Entry>,
}

impl Merged {
    /// The entries of these strands, oldest first.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails.
    pub fn forwards(reader: &Reader, strands: &[SubjectId], span: Span) -> Result<Self, ViewError> {
        Self::new(reader, strands, span, false)
    }

    /// The entries of these strands, newest first.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails.
    pub fn backwards(reader: &Reader, strands: &[SubjectId], span: Span) -> Result<Self, ViewError> {
        Self::new(reader, strands, span, true)
    }

    fn new(reader: &Reader, strands: &[SubjectId], span: Span, backwards: bool) -> Result<Self, ViewError> {
        let mut merged = Self { strands: Vec::with_capacity(strands.len()), as_of: span.as_of, backwards };
        for subject in strands {
            let (from, until) = bounds(subject, span);
            let rows = if until.as_ref().is_some_and(|until| *until < from) {
                reader.range(TABLE, from.clone(), Some(from))?
            } else {
                reader.range(TABLE, from, until)?
            };
            let mut strand = Strand { rows, next: None };
            strand.advance(merged.as_of, backwards)?;
            merged.strands.push(strand);
        }
        Ok(merged)
    }

    fn take_next(&mut self) -> Result<Option<Entry>, ViewError> {
        let places = self.strands.iter().enumerate().filter_map(|(i, s)| s.next.as_ref().map(|e| (e.place(), i)));
        let chosen = if self.backwards { places.max() } else { places.min() };
        let Some(strand) = chosen.and_then(|(_, i)| self.strands.get_mut(i)) else { return Ok(None) };
        let entry = strand.next.take();
        strand.advance(self.as_of, self.backwards)?;
        Ok(entry)
    }
}

impl Iterator for Merged {
    type Item = Result<Entry, ViewError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.take_next().transpose()
    }
}

impl Strand {
    /// Fetches the next row that was known at `as_of`.
    fn advance(&mut self, as_of: Option<Position>, backwards: bool) -> Result<(), ViewError> {
        loop {
            let row = if backwards { self.rows.next_back() } else { self.rows.next() };
            let Some(row) = row else { return Ok(()) };
            let (key, value) = row?;
            let entry = Entry::read(&key, value).ok_or(ViewError::Row {
                table: TABLE,
                cause: crate::event::codec::CodecError::Broken("a timeline row is too short"),
            })?;
            if as_of.is_none_or(|as_of| entry.position < as_of) {
                self.next = Some(entry);
                return Ok(());
            }
        }
    }
}

/// The keys of a strand's rows within a span: from, and up to but not including.
fn bounds(subject: &SubjectId, span: Span) -> (Vec<u8>, Option<Vec<u8>>) {
    let prefix = Key::new().subject(subject).done();
    let from = match span.after {
        Some(after) => Entry::key(subject, after.occurred_at, after.position.next()),
        None => prefix.clone(),
    };
    let until = match span.before {
        Some(before) => Some(Entry::key(subject, before.occurred_at, before.position)),
        None => Key::behind(&prefix),
    };
    (from, until)
}

impl From<(Micros, Position)> for Cursor {
    fn from((occurred_at, position): (Micros, Position)) -> Self {
        Self { occurred_at, position }
    }
}
