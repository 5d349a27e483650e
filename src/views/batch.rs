//! One atomic write: the rows of a batch of events and the checkpoint behind them.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use fjall::AbstractTree;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::RowBytes;
use super::error::ViewError;
use super::open::{Open, SERVING, Tables};
use super::store::Checkpoint;
use crate::event::codec;

/// A row to be written: its key, and its value unless it is removed.
type Change = (RowBytes, Option<RowBytes>);

/// The row of `meta` that every batch writes, so that its tables are never ahead of it.
const LAST: &str = "last";

/// Buffers of a table that wait to be written out, and sorted files that wait to be merged, from which on a batch waits. fjall
/// waits from 4 and 20.
const MOST_SEALED: usize = 3;
const MOST_RUNS: usize = 19;
/// The same after a kill, until the buffers that the journals gave back are written out: each of the journals makes one of every table.
const MOST_SEALED_AFTER_A_KILL: usize = 4;

/// The same for the buffers of all tables together, and for the bytes of rows in those that are not sealed: fjall seals a buffer that
/// is full only once the thread that writes them out has come to it. While that merges large files, for 15 s at ten million
/// events, they would come to 126 MB of rows, which take 240 MB.
const MOST_SEALED_OF_ALL: usize = 4;
const MOST_BUFFERED_BYTES: u64 = 48 << 20;

/// Tables with fewer new rows than this are not worth files of their own.
const FEWEST_BULK_ROWS: usize = 1_000;

/// Rows to be written at once, all or none.
pub struct Batch {
    open: Arc<Open>,
    tables: Vec<(fjall::Keyspace, Vec<Change>)>,
    capacity: usize,
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Batch({} rows)", self.len())
    }
}

impl Batch {
    pub(super) fn new(open: &Arc<Open>, capacity: usize) -> Self {
        Self { open: open.clone(), tables: Vec::new(), capacity }
    }

    /// The tables that serve, for writing into them.
    #[must_use]
    pub fn serving(&self) -> Arc<Tables> {
        self.open.serving.load_full()
    }

    /// Writes the rows, and the checkpoint of the serving tables with them.
    ///
    /// # Errors
    /// As [`Batch::commit`].
    pub fn commit_serving(mut self, checkpoint: Checkpoint) -> Result<(), ViewError> {
        let meta = self.open.meta.clone();
        self.put(&meta, SERVING.as_bytes(), codec::pack(&checkpoint));
        self.commit()
    }

    /// The keys of the rows that it changes in a table.
    ///
    /// # Errors
    /// [`ViewError::NoTable`].
    pub fn keys<'a>(
        &'a self,
        tables: &Tables,
        table: &'static str,
    ) -> Result<impl Iterator<Item = &'a [u8]> + use<'a>, ViewError> {
        let keyspace = tables.get(table)?;
        let changes = self.tables.iter().find(|(known, _)| known == keyspace).map(|(_, changes)| changes.as_slice());
        Ok(changes.unwrap_or_default().iter().map(|(key, _)| &**key))
    }

    fn len(&self) -> usize {
        self.tables.iter().map(|(_, changes)| changes.len()).sum()
    }

    fn change(&mut self, table: &fjall::Keyspace, key: &[u8], value: Option<RowBytes>) {
        let change = (RowBytes::from(key), value);
        match self.tables.iter_mut().find(|(known, _)| known == table) {
            Some((_, changes)) => changes.push(change),
            None => {
                let mut changes = Vec::with_capacity(self.capacity / 2);
                changes.push(change);
                self.tables.push((table.clone(), changes));
            }
        }
    }

    pub(super) fn put(&mut self, table: &fjall::Keyspace, key: &[u8], value: impl Into<RowBytes>) {
        self.change(table, key, Some(value.into()));
    }

    pub(super) fn delete(&mut self, table: &fjall::Keyspace, key: &[u8]) {
        self.change(table, key, None);
    }

    /// The tables of one projection, writing into this batch.
    pub fn rows<'a>(&'a mut self, tables: &'a Tables) -> Rows<'a> {
        Rows { tables, batch: self }
    }

    /// Writes the rows. In the order of their keys: the tables take them in much faster than as they come.
    ///
    /// When this returns they are with the operating system, so that a kill takes nothing away. fjall by itself keeps the end of
    /// its journal in the process; a table that is written out, or dropped, would then be ahead of it after a kill, and rows
    /// that are counted would be counted twice.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails; then nothing of it is written.
    pub fn commit(mut self) -> Result<(), ViewError> {
        self.wait_for_room()?;
        let meta = self.open.meta.clone();
        self.put(&meta, LAST.as_bytes(), [].as_slice());
        let batch = fjall::OwnedWriteBatch::with_capacity(self.open.db.clone(), self.len());
        let mut batch = batch.durability(Some(fjall::PersistMode::Buffer));
        for (table, changes) in &mut self.tables {
            changes.sort_unstable_by(|a, b| a.0.cmp(&b.0));
            for (key, value) in changes.drain(..) {
                match value {
                    Some(value) => batch.insert(table, key, value),
                    None => batch.remove(table, key),
                }
            }
        }
        Ok(batch.commit()?)
    }

    /// Waits until the tables have room. fjall waits for it as well, but goes on waiting when the thread that makes room has
    /// ended, because the disk is full for instance.
    ///
    /// For what a kill left in the journals nobody waits: it is in memory anyway, and to wait until it is written out, which may come
    /// behind the merging of large files, would hold up a start by 7 to 20 s at ten million events.
    fn wait_for_room(&self) -> Result<(), ViewError> {
        let serving = self.open.serving.load();
        let full = |table: &fjall::Keyspace, most: usize| {
            table.tree.sealed_memtable_count() >= most || table.tree.l0_run_count() >= MOST_RUNS
        };
        let are_full = || {
            let sealed = serving.sealed_buffers();
            let given_back = self.open.given_back.fetch_min(sealed, Ordering::Relaxed).min(sealed);
            let most = if given_back > 0 { MOST_SEALED_AFTER_A_KILL } else { MOST_SEALED };
            sealed - given_back >= MOST_SEALED_OF_ALL || self.tables.iter().any(|(table, _)| full(table, most))
        };
        while are_full() || is_crowded(&serving)? {
            // It tells when the thread has ended.
            self.open.db.persist(fjall::PersistMode::Buffer)?;
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Writes the rows into tables that do not serve yet: straight into sorted files, without journal. Each table by itself
    /// is written as a whole or not; a build that is cut short is thrown away. `between` is called between rows: there whoever
    /// writes can let others go first.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails.
    pub fn commit_bulk(mut self, between: impl Fn()) -> Result<(), ViewError> {
        let (large, small): (Vec<_>, Vec<_>) =
            self.tables.drain(..).partition(|(_, changes)| changes.len() >= FEWEST_BULK_ROWS);
        large.into_iter().try_for_each(|(table, changes)| ingest(&table, changes, &between))?;
        Self { open: self.open, tables: small, capacity: 0 }.commit()
    }
}

/// Whether there are so many rows in memory that some are to be written out first; the largest buffer is on its way then.
fn is_crowded(tables: &Tables) -> Result<bool, ViewError> {
    if tables.buffered_bytes() < MOST_BUFFERED_BYTES {
        return Ok(false);
    }
    if let Some(largest) = tables.all().max_by_key(|table| table.tree.active_memtable().size()) {
        largest.rotate_memtable()?;
    }
    Ok(true)
}

/// Writes rows as a new file of a table.
fn ingest(table: &fjall::Keyspace, mut changes: Vec<Change>, between: &impl Fn()) -> Result<(), ViewError> {
    changes.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    let mut ingestion = table.start_ingestion()?;
    for (key, value) in changes {
        between();
        match value {
            Some(value) => ingestion.write(key, value)?,
            None => ingestion.write_tombstone(key)?,
        }
    }
    Ok(ingestion.finish()?)
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
