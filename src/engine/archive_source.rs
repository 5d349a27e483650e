//! An archive or a backup as a source of chunks for a repair.

use std::path::PathBuf;

use crate::archive::{Reading, chunks};
use crate::log::{Chunk, ChunkSource, Head, continues};

/// Chunks of an archive's folder.
#[derive(Debug)]
pub struct ArchiveSource {
    folder: PathBuf,
    name: String,
    reading: Option<Reading>,
}

impl ArchiveSource {
    /// Of an archive or a backup in a folder.
    #[must_use]
    pub fn of(folder: PathBuf) -> Self {
        Self { name: format!("the archive in {}", folder.display()), folder, reading: None }
    }

    fn next(&mut self, head: Head) -> Option<Chunk> {
        if let Some(reading) = &mut self.reading
            && let Some(Ok(chunk)) = reading.next()
            && continues(head, &chunk)
        {
            return Some(chunk);
        }
        let mut reading = chunks(&self.folder, head.next).ok()?;
        let chunk = reading.next()?.ok().filter(|chunk| continues(head, chunk))?;
        self.reading = Some(reading);
        Some(chunk)
    }
}

impl ChunkSource for ArchiveSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn after(&mut self, head: Head) -> Option<Chunk> {
        let found = self.next(head);
        if found.is_none() {
            self.reading = None;
        }
        found
    }
}
