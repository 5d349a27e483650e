//! A log in memory: for tests, of this store and of what is built on it.

use std::sync::{Mutex, PoisonError};

use super::{Chunk, Chunks, Commit, EventLog, Head, LogError};
use crate::event::{Micros, Position};

/// A log that is gone with the process.
#[derive(Debug, Default)]
pub struct MemoryLog {
    chunks: Mutex<Vec<Chunk>>,
}

impl MemoryLog {
    /// An empty log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn chunks(&self) -> std::sync::MutexGuard<'_, Vec<Chunk>> {
        self.chunks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn head_of(chunks: &[Chunk]) -> Head {
    chunks.last().map_or(Head::default(), |last| Head { next: last.end(), hash: last.hash() })
}

impl EventLog for MemoryLog {
    fn append(&self, commit: &Commit) -> Result<Head, LogError> {
        let mut chunks = self.chunks();
        commit.check(head_of(&chunks), chunks.last().map_or(Micros(0), Chunk::recorded_at))?;
        chunks.extend_from_slice(commit.chunks());
        Ok(head_of(&chunks))
    }

    fn head(&self) -> Head {
        head_of(&self.chunks())
    }

    fn read(&self, from: Position) -> Result<Chunks<'_>, LogError> {
        let chunks = self.chunks();
        let start = chunks.partition_point(|chunk| chunk.end() <= from);
        let found: Vec<Chunk> = chunks.iter().skip(start).cloned().collect();
        Ok(Box::new(found.into_iter().map(Ok)))
    }

    fn size_bytes(&self) -> Result<u64, LogError> {
        Ok(self.chunks().iter().map(|chunk| chunk.len_bytes() as u64).sum())
    }

    fn backend(&self) -> &'static str {
        "memory"
    }
}
