//! A last segment that was damaged inside: it is set aside, and what follows the damage is taken from the log again, once the log
//! is found to have all that the segment once had. What is set aside is never changed or deleted: it may be the only copy.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::behind::Behind;
use super::check::check;
use super::error::ArchiveError;
use super::folder::{Segment, segments, sync_folder};
use super::format::{FaultKind, HEADER_BYTES};
use super::reader;
use super::writer::ArchiveWriter;
use crate::event::Position;
use crate::log::{EventLog, Head};

/// A segment that was damaged, and set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Where it was.
    pub file: PathBuf,
    /// Where it is now.
    pub kept_in: PathBuf,
    /// The first position that could not be read.
    pub position: Position,
}

/// Opens an archive to go on with a log, and checks that it can ([`check`]). Where the last segment is damaged inside and the log
/// has everything that it once had, it is set aside first, and the archive ends before the damage.
///
/// # Errors
/// As [`ArchiveWriter::open`] and [`check`]; [`ArchiveError::DamagedInside`] when the log cannot give again what is damaged.
pub fn open_for(folder: &Path, log: &dyn EventLog) -> Result<(ArchiveWriter, Option<SetAside>), ArchiveError> {
    let (writer, aside) = match ArchiveWriter::open(folder) {
        Err(damage @ ArchiveError::DamagedInside { .. }) => {
            let aside = set_aside(folder, log, damage)?;
            (ArchiveWriter::open(folder)?, Some(aside))
        }
        opened => (opened?, None),
    };
    check(folder, writer.log(), writer.end(), log)?;
    Ok((writer, aside))
}

/// Where the last segment of an archive cannot be read any further.
struct Wreck {
    segment: Segment,
    /// What can be read before.
    end: Head,
    /// Its length in bytes; 0 when not even the header can be read.
    offset: u64,
    behind: Behind,
}

impl Wreck {
    fn of(segment: Segment) -> Result<Option<Self>, ArchiveError> {
        let (end, offset) = match reader::open(&segment) {
            Err(ArchiveError::Damaged { .. }) => (Head { next: segment.first, ..Head::default() }, 0),
            opened => {
                let mut reader = opened?;
                loop {
                    match reader.read_next() {
                        Ok(Some(super::Item::Chunk(_))) => {}
                        Ok(Some(super::Item::Seal(_)) | None) => return Ok(None),
                        Err(fault) => match fault.kind {
                            FaultKind::Io(cause) => return Err(ArchiveError::io(&segment.path, cause)),
                            FaultKind::Torn | FaultKind::Broken(_) | FaultKind::Source(_) => break,
                        },
                    }
                }
                (reader.end(), reader.offset())
            }
        };
        let behind = Behind::of(&bytes_from(&segment.path, offset)?, end.next);
        Ok(Some(Self { segment, end, offset, behind }))
    }

    /// Whether the log has all of which the segment still shows that it once had it.
    fn is_whole_in(&self, log: &dyn EventLog) -> Result<bool, ArchiveError> {
        let reach = self.behind.reach();
        // Without a header it does not say whose segment it is: what lies in it must.
        if reach > log.head().next || (self.offset == 0 && self.behind.chunks.is_empty()) {
            return Ok(false);
        }
        let mut left = self.behind.chunks.iter().peekable();
        for chunk in log.read(self.end.next)? {
            let chunk = chunk?;
            while left.peek().is_some_and(|(first, after)| chunk.first() == *first && Head::after(&chunk) == *after) {
                left.next();
            }
            if self.behind.seal.is_some_and(|seal| seal.end.next == chunk.end() && seal.end != Head::after(&chunk)) {
                return Ok(false);
            }
            if chunk.end() >= reach {
                break;
            }
        }
        Ok(left.peek().is_none())
    }
}

/// Sets the last segment of an archive aside; what can be read of it before the damage takes its place.
fn set_aside(folder: &Path, log: &dyn EventLog, damage: ArchiveError) -> Result<SetAside, ArchiveError> {
    let Some(last) = segments(folder)?.pop() else { return Err(damage) };
    let Some(wreck) = Wreck::of(last)? else { return Err(damage) };
    if !wreck.is_whole_in(log)? {
        return Err(damage);
    }
    let path = &wreck.segment.path;
    let io = |cause| ArchiveError::io(path, cause);
    let new = path.with_extension("new");
    if wreck.offset > HEADER_BYTES as u64 {
        let mut whole = File::open(path).map_err(io)?.take(wreck.offset);
        let copied = File::create(&new).and_then(|mut file| {
            std::io::copy(&mut whole, &mut file)?;
            file.flush()?;
            file.sync_all()
        });
        copied.map_err(|cause| ArchiveError::io(&new, cause))?;
    }
    let kept_in = free_name(path)?;
    std::fs::rename(path, &kept_in).map_err(io)?;
    if new.exists() {
        std::fs::rename(&new, path).map_err(|cause| ArchiveError::io(&new, cause))?;
    }
    sync_folder(folder)?;
    Ok(SetAside { file: path.clone(), kept_in, position: wreck.end.next })
}

/// A name beside a segment that nothing has yet.
fn free_name(path: &Path) -> Result<PathBuf, ArchiveError> {
    let mut names = (0..1_000).map(|number| match number {
        0 => path.with_extension("damaged"),
        _ => path.with_extension(format!("{number}.damaged")),
    });
    let taken = || ArchiveError::io(path, std::io::Error::other("too many damaged segments are kept beside it"));
    names.find(|name| !name.exists()).ok_or_else(taken)
}

/// The bytes of a file from one on.
pub(super) fn bytes_from(path: &Path, offset: u64) -> Result<Vec<u8>, ArchiveError> {
    let io = |cause| ArchiveError::io(path, cause);
    let mut file = File::open(path).map_err(io)?;
    file.seek(SeekFrom::Start(offset)).map_err(io)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(io)?;
    Ok(bytes)
}
