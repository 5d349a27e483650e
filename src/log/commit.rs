//! A commit: what is stored at once, and durable or not as a whole. Pure.

use super::chunk::{Chunk, Record};
use super::error::LogError;
use crate::event::{Hash, Micros, Position};

/// Where a chunk is closed. About five events of 400 bytes: sled evicts pages only after some 16 thousand page accesses, so
/// the size of what one page holds bounds its memory (a scan of 1.15 million events took 420 MB at 4 KB and 345 MB at 2 KB;
/// larger logs up to 540 and 270 MB); and chunks of 100 events halve the rate of small commits (158,000/s
/// against 284,000/s).
const CHUNK_BYTES: usize = 2048;

/// The end of a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The position that the next event gets: also how many events there are.
    pub next: Position,
    /// The hash of the last chunk; zero when there is none.
    pub hash: Hash,
}

impl Head {
    /// The end of a log whose last chunk this is.
    #[must_use]
    pub fn after(chunk: &Chunk) -> Self {
        Self { next: chunk.end(), hash: chunk.hash() }
    }
}

/// Chunks that follow each other, and a head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    after: Head,
    chunks: Vec<Chunk>,
}

/// Cuts records into chunks that continue a head.
///
/// # Errors
/// [`LogError::Empty`] when there are no records.
pub fn prepare(head: Head, recorded_at: Micros, records: Vec<Record>) -> Result<Commit, LogError> {
    let (mut chunks, mut open, mut size) = (Vec::new(), Vec::new(), 0);
    let mut end = head;
    for record in records {
        if size > 0 && size + record.len_bytes() > CHUNK_BYTES {
            close(&mut end, recorded_at, &mut open, &mut chunks)?;
            size = 0;
        }
        size += record.len_bytes();
        open.push(record);
    }
    close(&mut end, recorded_at, &mut open, &mut chunks)?;
    Ok(Commit { after: head, chunks })
}

fn close(end: &mut Head, recorded_at: Micros, open: &mut Vec<Record>, chunks: &mut Vec<Chunk>) -> Result<(), LogError> {
    let chunk = Chunk::build(end.next, recorded_at, end.hash, open)?;
    *end = Head { next: chunk.end(), hash: chunk.hash() };
    open.clear();
    chunks.push(chunk);
    Ok(())
}

impl Commit {
    /// Chunks that were stored before, to be stored again exactly as they are: for a restore or a repair.
    ///
    /// # Errors
    /// [`LogError::Damaged`] names the position where they do not continue the head or each other;
    /// [`LogError::TimeWentBack`] one that was recorded before the chunk that it follows.
    pub fn of_chunks(after: Head, chunks: Vec<Chunk>) -> Result<Self, LogError> {
        let (mut end, mut recorded_at) = (after, chunks.first().ok_or(LogError::Empty)?.recorded_at());
        for chunk in &chunks {
            if chunk.first() != end.next || chunk.prev() != end.hash {
                let reason = "it does not continue the chunk before it".into();
                return Err(LogError::Damaged { position: end.next, reason });
            }
            if chunk.recorded_at() < recorded_at {
                return Err(LogError::TimeWentBack(chunk.first()));
            }
            recorded_at = chunk.recorded_at();
            end = Head::after(chunk);
        }
        Ok(Self { after, chunks })
    }

    /// The head that it continues.
    #[must_use]
    pub fn after(&self) -> Head {
        self.after
    }

    /// The head once it is stored.
    #[must_use]
    pub fn head(&self) -> Head {
        self.chunks.last().map_or(self.after, |last| Head { next: last.end(), hash: last.hash() })
    }

    /// When it was recorded.
    #[must_use]
    pub fn recorded_at(&self) -> Micros {
        self.chunks.first().map_or(Micros(0), Chunk::recorded_at)
    }

    /// When its last chunk was recorded: later than the first when it was made of chunks that were stored before.
    pub(super) fn last_recorded_at(&self) -> Micros {
        self.chunks.last().map_or(Micros(0), Chunk::recorded_at)
    }

    /// Its chunks, in order.
    #[must_use]
    pub fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }

    /// Its chunks, in order.
    #[must_use]
    pub fn into_chunks(self) -> Vec<Chunk> {
        self.chunks
    }

    /// Refuses a commit that does not continue a head, or was recorded before the last one.
    pub(super) fn check(&self, head: Head, last_recorded_at: Micros) -> Result<(), LogError> {
        if self.after != head {
            return Err(LogError::NotNext { begins: self.after.next, head: head.next });
        }
        if self.recorded_at() < last_recorded_at {
            return Err(LogError::TimeWentBack(head.next));
        }
        Ok(())
    }
}
