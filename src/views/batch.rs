//! One atomic write: the rows of a batch of events and the checkpoint behind them.

use std::collections::HashMap;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::RowBytes;
use super::error::ViewError;
use super::store::Tables;
use crate::event::codec;

/// Rows to be written at once, all or none.
pub struct Batch {
    inner: fjall::OwnedWriteBatch,
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Batch({} rows)", self.inner.len())
    }
}

impl Batch {
    pub(super) fn new(db: &fjall::Database, capacity: usize) -> Self {
        Self { inner: fjall::OwnedWriteBatch::with_capacity(db.clone(), capacity) }
    }

    pub(super) fn put(&mut self, table: &fjall::Keyspace, key: &[u8], value: impl Into<RowBytes>) {
        self.inner.insert(table, key, value);
    }

    pub(super) fn delete(&mut self, table: &fjall::Keyspace, key: &[u8]) {
        self.inner.remove(table, key);
    }

    /// The tables of one projection, writing into this batch.
    pub fn rows<'a>(&'a mut self, tables: &'a Tables) -> Rows<'a> {
        Rows { tables, batch: self }
    }

    /// Writes the rows.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails; then nothing of it is written.
    pub fn commit(self) -> Result<(), ViewError> {
        Ok(self.inner.commit()?)
    }
}

/// The tables of one projection while it applies a batch: it reads what was there before the batch and writes into it.
///
/// Rows written in the batch are not seen by [`Rows::get`]; a projection that changes a row several times in a batch
/// keeps it by itself until [`super::Projection::finish`].
#[derive(Debug)]
pub struct Rows<'a> {
    tables: &'a Tables,
    batch: &'a mut Batch,
}

impl Rows<'_> {
    /// The row as it was before the batch.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails or there is no such table.
    pub fn get(&self, table: &'static str, key: &[u8]) -> Result<Option<RowBytes>, ViewError> {
        Ok(self.tables.get(table)?.get(key)?)
    }

    /// The same, as the type it was packed from.
    ///
    /// # Errors
    /// As [`Rows::get`], and when the row has another layout.
    pub fn get_packed<T: DeserializeOwned>(&self, table: &'static str, key: &[u8]) -> Result<Option<T>, ViewError> {
        let row = self.get(table, key)?;
        row.map(|bytes| codec::unpack(&bytes)).transpose().map_err(|cause| ViewError::Row { table, cause })
    }

    /// All rows of a table, as before the batch, whose key begins with `prefix`.
    ///
    /// # Errors
    /// As [`Rows::get`].
    pub fn prefix(&self, table: &'static str, prefix: &[u8]) -> Result<Vec<(RowBytes, RowBytes)>, ViewError> {
        let rows = self.tables.get(table)?.prefix(prefix);
        rows.map(|guard| guard.into_inner().map_err(ViewError::from)).collect()
    }

    /// Writes a row.
    ///
    /// # Errors
    /// [`ViewError::NoTable`].
    pub fn put(&mut self, table: &'static str, key: &[u8], value: &[u8]) -> Result<(), ViewError> {
        let keyspace = self.tables.get(table)?;
        self.batch.put(keyspace, key, value);
        Ok(())
    }

    /// Writes a packed row.
    ///
    /// # Errors
    /// [`ViewError::NoTable`].
    pub fn put_packed<T: Serialize>(&mut self, table: &'static str, key: &[u8], row: &T) -> Result<(), ViewError> {
        let keyspace = self.tables.get(table)?;
        self.batch.put(keyspace, key, codec::pack(row));
        Ok(())
    }

    /// Removes a row.
    ///
    /// # Errors
    /// [`ViewError::NoTable`].
    pub fn delete(&mut self, table: &'static str, key: &[u8]) -> Result<(), ViewError> {
        let keyspace = self.tables.get(table)?;
        self.batch.delete(keyspace, key);
        Ok(())
    }
}

/// Tables by name.
pub(super) type ByName = HashMap<&'static str, fjall::Keyspace>;
