//! Reading an archive: its chunks in order, each checked against the one before.

use std::fmt::{self, Display, Formatter};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use super::behind::Behind;
use super::error::ArchiveError;
use super::folder::{Segment, segments};
use super::format::{Fault, FaultKind, Header, Item, SegmentReader};
use super::mend::bytes_from;
use crate::event::{Hash, Position};
use crate::log::{Chunk, Head};

const BUFFER_BYTES: usize = 1 << 20;

/// The end of the last segment could not be read: it was cut off while it was written, and was never said to be safe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Torn {
    /// Which segment.
    pub file: String,
    /// The first position that is not there.
    pub position: Position,
    /// How many bytes lie behind what can be read.
    pub bytes: u64,
}

impl Display for Torn {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} ends in the middle of a chunk at position {}: it was being written, or was cut short",
            self.file, self.position
        )
    }
}

/// The chunks of an archive from the one on that holds `from`, checked as they are read, from the disk itself where the system
/// lets its cache be passed by.
///
/// # Errors
/// [`ArchiveError::Nothing`] when there are no segments; here or from the iterator [`ArchiveError::Damaged`] names the file and
/// the position of what cannot be read. Nothing is skipped.
pub fn chunks(folder: &Path, from: Position) -> Result<Reading, ArchiveError> {
    let all = segments(folder)?;
    let (Some(first), Some(_)) = (all.first(), all.last()) else {
        return Err(ArchiveError::Nothing { folder: folder.display().to_string() });
    };
    if first.first != Position::ZERO {
        return Err(ArchiveError::damaged(&first.path, Position::ZERO, "the segment before it is missing"));
    }
    let start = all.partition_point(|segment| segment.first <= from).saturating_sub(1);
    let mut left: Vec<Segment> = all.into_iter().skip(start).collect();
    left.reverse();
    Ok(Reading { left, current: None, end: None, log: None, from, torn: None, ended: false })
}

/// The log that an archive belongs to: the hash of its first chunk.
///
/// # Errors
/// As [`chunks`].
pub fn log_of(folder: &Path) -> Result<Hash, ArchiveError> {
    let all = segments(folder)?;
    let last = all.last().ok_or_else(|| ArchiveError::Nothing { folder: folder.display().to_string() })?;
    Ok(open(last)?.header().log)
}

pub(super) fn open(segment: &Segment) -> Result<SegmentReader<BufReader<File>>, ArchiveError> {
    let file = File::open(&segment.path).map_err(|cause| ArchiveError::io(&segment.path, cause))?;
    // So that what is read is what lies on the disk. Only advice: what is not synced stays in the cache.
    #[cfg(target_os = "linux")]
    let _ = rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed);
    let reader = SegmentReader::open(BufReader::with_capacity(BUFFER_BYTES, file))
        .map_err(|fault| damaged(&segment.path, &Fault { position: segment.first, ..fault }))?;
    if reader.header().after.next != segment.first {
        return Err(ArchiveError::damaged(&segment.path, segment.first, "its header says that it begins elsewhere"));
    }
    Ok(reader)
}

pub(super) fn damaged(path: &Path, fault: &Fault) -> ArchiveError {
    ArchiveError::damaged(path, fault.position, fault.to_string())
}

/// Chunks of an archive, as they are read.
#[derive(Debug)]
pub struct Reading {
    /// The segments that come, the next one last.
    left: Vec<Segment>,
    current: Option<(PathBuf, SegmentReader<BufReader<File>>)>,
    end: Option<Head>,
    log: Option<Hash>,
    from: Position,
    torn: Option<Torn>,
    ended: bool,
}

impl Reading {
    /// Up to where it was read; the beginning before anything was.
    #[must_use]
    pub fn end(&self) -> Head {
        self.end.unwrap_or_default()
    }

    /// Where the last segment was found cut off, once everything was read.
    #[must_use]
    pub fn torn(&self) -> Option<&Torn> {
        self.torn.as_ref()
    }

    fn step(&mut self) -> Result<Option<Chunk>, ArchiveError> {
        loop {
            if self.current.is_none() && !self.open_next()? {
                return Ok(None);
            }
            let Some((path, reader)) = &mut self.current else { return Ok(None) };
            match reader.read_next() {
                Ok(Some(Item::Chunk(chunk))) => {
                    self.end = Some(reader.end());
                    if chunk.end() > self.from {
                        return Ok(Some(chunk));
                    }
                }
                Ok(Some(Item::Seal(_)) | None) => self.current = None,
                Err(fault)
                    if matches!(fault.kind, FaultKind::Torn)
                        && self.left.is_empty()
                        && Behind::of(&bytes_from(path, fault.offset)?, fault.position).is_empty() =>
                {
                    let length = std::fs::metadata(&path).map_err(|cause| ArchiveError::io(path, cause))?.len();
                    let (file, bytes) = (path.display().to_string(), length.saturating_sub(fault.offset));
                    self.torn = Some(Torn { file, position: fault.position, bytes });
                    self.current = None;
                }
                Err(fault) => return Err(damaged(path, &fault)),
            }
        }
    }

    /// Opens the next segment, which must go on where the one before ended; whether there is one.
    fn open_next(&mut self) -> Result<bool, ArchiveError> {
        let Some(segment) = self.left.pop() else { return Ok(false) };
        let reader = open(&segment)?;
        let Header { log, after } = reader.header();
        let wrong = |reason: &str| {
            let position = self.end.map_or(segment.first, |end| end.next.min(segment.first));
            Err(ArchiveError::damaged(&segment.path, position, reason))
        };
        if self.end.is_some_and(|end| end.next < after.next) {
            return wrong("what comes before it is missing: the segment before was cut short, or one is not there");
        }
        if self.end.is_some_and(|end| end != after) {
            return wrong("it does not continue the segment before it");
        }
        if self.log.is_some_and(|known| known != log) {
            return wrong("it belongs to another log than the segment before it");
        }
        (self.log, self.end) = (Some(log), Some(after));
        self.current = Some((segment.path, reader));
        Ok(true)
    }
}

impl Iterator for Reading {
    type Item = Result<Chunk, ArchiveError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let step = self.step();
        self.ended = !matches!(step, Ok(Some(_)));
        step.transpose()
    }
}
