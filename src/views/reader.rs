//! One consistent picture of all tables.

use std::ops::Bound;
use std::sync::Arc;

use fjall::Readable;
use serde::de::DeserializeOwned;

use super::RowBytes;
use super::error::ViewError;
use super::open::{META, Open, SERVING, Tables};
use super::store::Checkpoint;
use crate::event::codec;

/// Bytes of the longest key that there can be: nothing lies under a longer one, and fjall panics when it is asked for.
const LONGEST_KEY: usize = 65_535;

/// All tables as they were at one moment, and the checkpoint that they stood at. Keep it for one question, not longer.
#[derive(Clone)]
pub struct Reader {
    snapshot: fjall::Snapshot,
    tables: Arc<Tables>,
    open: Arc<Open>,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("seqno", &self.snapshot.seqno()).finish()
    }
}

impl Reader {
    pub(super) fn of(open: Arc<Open>) -> Self {
        let tables = open.serving.load_full();
        Self { snapshot: open.db.snapshot(), tables, open }
    }

    /// Up to where the log is in these rows.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails.
    pub fn checkpoint(&self) -> Result<Checkpoint, ViewError> {
        match self.open.damage.note(self.snapshot.get(&self.open.meta, SERVING))? {
            Some(bytes) => codec::unpack(&bytes).map_err(|cause| ViewError::Row { table: META, cause }),
            None => Ok(Checkpoint::default()),
        }
    }

    /// One row.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails or there is no such table.
    pub fn get(&self, table: &'static str, key: &[u8]) -> Result<Option<RowBytes>, ViewError> {
        if key.len() > LONGEST_KEY {
            return Ok(None);
        }
        self.open.damage.note(self.snapshot.get(self.tables.get(table)?, key))
    }

    /// One row, as the type it was packed from.
    ///
    /// # Errors
    /// As [`Reader::get`], and when the row has another layout.
    pub fn get_packed<T: DeserializeOwned>(&self, table: &'static str, key: &[u8]) -> Result<Option<T>, ViewError> {
        let row = self.get(table, key)?;
        row.map(|bytes| codec::unpack(&bytes)).transpose().map_err(|cause| ViewError::Row { table, cause })
    }

    /// The generation of a table's rows, as a text: another one when they were made anew.
    ///
    /// # Errors
    /// [`ViewError::NoTable`].
    pub fn generation(&self, table: &'static str) -> Result<&str, ViewError> {
        Ok(self.tables.get(table)?.name())
    }

    /// The rows from `from` up to but not including `until` (to the end when `None`), from either end.
    ///
    /// # Errors
    /// [`ViewError::NoTable`].
    pub fn range(&self, table: &'static str, from: Vec<u8>, until: Option<Vec<u8>>) -> Result<RowIter, ViewError> {
        let keyspace = self.tables.get(table)?;
        let end = until.map_or(Bound::Unbounded, Bound::Excluded);
        let rows = self.snapshot.range::<Vec<u8>, _>(keyspace, (Bound::Included(from), end));
        Ok(RowIter { rows, open: self.open.clone() })
    }

    /// The rows whose key begins with `prefix`.
    ///
    /// # Errors
    /// [`ViewError::NoTable`].
    pub fn prefix(&self, table: &'static str, prefix: &[u8]) -> Result<RowIter, ViewError> {
        if prefix.len() > LONGEST_KEY {
            return self.range(table, Vec::new(), Some(Vec::new()));
        }
        let rows = self.snapshot.prefix(self.tables.get(table)?, prefix);
        Ok(RowIter { rows, open: self.open.clone() })
    }
}

/// Rows in the order of their keys; can be read from either end.
pub struct RowIter {
    rows: fjall::Iter,
    open: Arc<Open>,
}

impl RowIter {
    fn row(&self, guard: fjall::Guard) -> Row {
        self.open.damage.note(guard.into_inner())
    }
}

impl std::fmt::Debug for RowIter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RowIter")
    }
}

/// A key and its value.
type Row = Result<(RowBytes, RowBytes), ViewError>;

impl Iterator for RowIter {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        let guard = self.rows.next()?;
        Some(self.row(guard))
    }
}

impl DoubleEndedIterator for RowIter {
    fn next_back(&mut self) -> Option<Row> {
        let guard = self.rows.next_back()?;
        Some(self.row(guard))
    }
}
