//! One consistent picture of all tables.

use std::ops::Bound;
use std::sync::Arc;

use fjall::Readable;
use serde::de::DeserializeOwned;

use super::RowBytes;
use super::error::ViewError;
use super::store::{Checkpoint, META, SERVING, Tables};
use crate::event::codec;

/// All tables as they were at one moment, and the checkpoint that they stood at. Keep it for one question, not longer.
#[derive(Clone)]
pub struct Reader {
    pub(super) snapshot: fjall::Snapshot,
    pub(super) tables: Arc<Tables>,
    pub(super) meta: fjall::Keyspace,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("seqno", &self.snapshot.seqno()).finish()
    }
}

impl Reader {
    /// Up to where the log is in these rows.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails.
    pub fn checkpoint(&self) -> Result<Checkpoint, ViewError> {
        match self.snapshot.get(&self.meta, SERVING)? {
            Some(bytes) => codec::unpack(&bytes).map_err(|cause| ViewError::Row { table: META, cause }),
            None => Ok(Checkpoint::default()),
        }
    }

    /// One row.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails or there is no such table.
    pub fn get(&self, table: &'static str, key: &[u8]) -> Result<Option<RowBytes>, ViewError> {
        Ok(self.snapshot.get(self.tables.get(table)?, key)?)
    }

    /// One row, as the type it was packed from.
    ///
    /// # Errors
    /// As [`Reader::get`], and when the row has another layout.
    pub fn get_packed<T: DeserializeOwned>(&self, table: &'static str, key: &[u8]) -> Result<Option<T>, ViewError> {
        let row = self.get(table, key)?;
        row.map(|bytes| codec::unpack(&bytes)).transpose().map_err(|cause| ViewError::Row { table, cause })
    }

    /// The rows from `from` up to but not including `until` (to the end when `None`), from either end.
    ///
    /// # Errors
    /// [`ViewError::NoTable`].
    pub fn range(&self, table: &'static str, from: Vec<u8>, until: Option<Vec<u8>>) -> Result<RowIter, ViewError> {
        let keyspace = self.tables.get(table)?;
        let end = until.map_or(Bound::Unbounded, Bound::Excluded);
        Ok(RowIter(self.snapshot.range::<Vec<u8>, _>(keyspace, (Bound::Included(from), end))))
    }

    /// The rows whose key begins with `prefix`.
    ///
    /// # Errors
    /// [`ViewError::NoTable`].
    pub fn prefix(&self, table: &'static str, prefix: &[u8]) -> Result<RowIter, ViewError> {
        Ok(RowIter(self.snapshot.prefix(self.tables.get(table)?, prefix)))
    }
}

/// Rows in the order of their keys; can be read from either end.
pub struct RowIter(fjall::Iter);

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
        self.0.next().map(|guard| guard.into_inner().map_err(ViewError::from))
    }
}

impl DoubleEndedIterator for RowIter {
    fn next_back(&mut self) -> Option<Row> {
        self.0.next_back().map(|guard| guard.into_inner().map_err(ViewError::from))
    }
}
