//! Floor 1. The truth: one append-only log of chunks, chained by hash.
//!
//! The log knows nothing of what is in an event: a record is bytes. Records are stored in [`Chunk`]s of a few, each with the
//! BLAKE3 hash of its predecessor and its own, so that nothing can be changed without the chain telling.
//!
//! An append goes in two steps: [`prepare`] cuts records into chunks and chains them, without touching anything;
//! [`EventLog::append`] stores them. When it returns they are durable.

mod chunk;
mod commit;
#[cfg(test)]
mod contract;
mod damage;
mod error;
mod memory;
mod reopening;
mod room;
mod salvage;
mod sled;
mod verify;
mod watermark;

pub use chunk::{Chunk, Record, hash_of as chunk_hash};
pub use commit::{Commit, Head, prepare};
pub use damage::Damage;
pub use error::LogError;
pub use memory::MemoryLog;
pub use reopening::{ReopeningLog, Site, SledSite};
pub use room::{check_free, check_room};
pub use salvage::{ChunkSource, InOrder, Salvage, continues, log_source, store_again};
pub use sled::{FileSource, SledLog, stored_form, true_fsync};
pub use verify::{Verified, verify, verify_in_parallel};
pub use watermark::{Watermark, check_watermark};

use crate::event::Position;

/// Chunks in order, as they are read.
pub type Chunks<'a> = Box<dyn Iterator<Item = Result<Chunk, LogError>> + Send + 'a>;

/// An append-only, durable sequence of chunks without gaps.
///
/// Every implementation runs the clauses of the contract beside this file.
pub trait EventLog: Send + Sync {
    /// Stores a commit that continues the head exactly; durable when this returns.
    ///
    /// # Errors
    /// [`LogError::NotNext`] when it does not continue the head, [`LogError::TimeWentBack`] when it was recorded before the
    /// last one; others when it could not be stored. After a failed write every further append fails until the log is opened
    /// again ([`EventLog::reopen`]); reads may go on.
    fn append(&self, commit: &Commit) -> Result<Head, LogError>;

    /// The position that the next event gets, and the hash of the last chunk.
    fn head(&self) -> Head;

    /// The chunks from the one on that holds `from`; none when the log does not reach it.
    ///
    /// # Errors
    /// [`LogError`], here or from the iterator, names the position of what cannot be read; nothing is skipped.
    fn read(&self, from: Position) -> Result<Chunks<'_>, LogError>;

    /// The chunk that holds a position; `None` when the log does not reach it.
    ///
    /// # Errors
    /// [`LogError`] when it cannot be read.
    fn chunk_at(&self, position: Position) -> Result<Option<Chunk>, LogError> {
        if position >= self.head().next {
            return Ok(None);
        }
        self.read(position)?.next().transpose()
    }

    /// Opens the log anew after a failed write, if it can be; its head then. What failed to be written may be behind the head
    /// of before, as a whole, or gone.
    ///
    /// # Errors
    /// [`LogError`] says why it cannot be written yet, or what is missing of what was acknowledged.
    fn reopen(&self) -> Result<Head, LogError> {
        Ok(self.head())
    }

    /// Bytes of chunks that were stored since it was opened: the next start reads them again, and [`EventLog::reopen`] does so
    /// beforehand.
    fn unsettled_bytes(&self) -> u64 {
        0
    }

    /// Says that the log was found to reach what is remembered of it: what was kept for a repair in case that it does not is
    /// given up.
    ///
    /// # Errors
    /// [`LogError`] when that cannot be removed.
    fn found_whole(&self) -> Result<(), LogError> {
        Ok(())
    }

    /// The first damage that any read met since it was opened. A log that nobody reads tells of none: `novelo verify` reads all.
    fn damage(&self) -> Option<Damage> {
        None
    }

    /// Bytes that it takes.
    ///
    /// # Errors
    /// [`LogError`] when they cannot be counted.
    fn size_bytes(&self) -> Result<u64, LogError>;

    /// What stores it: `sled`, `memory`.
    fn backend(&self) -> &'static str;
}
