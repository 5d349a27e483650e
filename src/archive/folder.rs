//! The segments of a folder.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::error::ArchiveError;
use super::format::HEADER_BYTES;
use crate::event::Position;

/// How the name of a segment ends.
pub const SEGMENT_EXTENSION: &str = "segment";

/// Bytes that are read at once of a segment that may be blank.
const PIECE_BYTES: usize = 1 << 16;

/// The file of an archive that its writer holds locked. It stays.
pub(super) const LOCK: &str = "lock";

/// A segment's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) first: Position,
    pub(super) path: PathBuf,
}

impl Segment {
    /// Whether it holds nothing, as a file may after a loss of power: it is shorter than a header, or all zeros.
    pub(super) fn is_blank(&self) -> Result<bool, ArchiveError> {
        let io = |cause| ArchiveError::io(&self.path, cause);
        let mut file = File::open(&self.path).map_err(io)?;
        if file.metadata().map_err(io)?.len() < HEADER_BYTES as u64 {
            return Ok(true);
        }
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            match file.read(&mut piece).map_err(io)? {
                0 => return Ok(true),
                read if piece.iter().take(read).any(|byte| *byte != 0) => return Ok(false),
                _ => {}
            }
        }
    }
}

/// The file of the segment that begins at a position.
pub(super) fn path_of(folder: &Path, first: Position) -> PathBuf {
    folder.join(format!("{:020}.{SEGMENT_EXTENSION}", first.0))
}

/// The segments of a folder, in order; none when it is not there.
pub(super) fn segments(folder: &Path) -> Result<Vec<Segment>, ArchiveError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(cause) => return Err(ArchiveError::io(folder, cause)),
    };
    let mut segments = Vec::new();
    for entry in entries {
        let path = entry.map_err(|cause| ArchiveError::io(folder, cause))?.path();
        if path.extension().is_none_or(|extension| extension != SEGMENT_EXTENSION) {
            continue;
        }
        let first = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok()).map(Position);
        let Some(first) = first else {
            return Err(ArchiveError::damaged(&path, Position::ZERO, "its name is not a position"));
        };
        segments.push(Segment { first, path });
    }
    segments.sort_by_key(|segment| segment.first);
    Ok(segments)
}

/// Whether a folder holds segments.
///
/// # Errors
/// [`ArchiveError`] when it cannot be read.
pub fn holds_segments(folder: &Path) -> Result<bool, ArchiveError> {
    Ok(!segments(folder)?.is_empty())
}

/// Whether a folder holds a segment in which there is anything.
///
/// # Errors
/// [`ArchiveError`] when it cannot be read.
pub fn holds_anything(folder: &Path) -> Result<bool, ArchiveError> {
    for segment in segments(folder)? {
        if !segment.is_blank()? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a name is one of an archive's own files: its lock, or what lies beside a segment of it while it is begun, or was damaged.
pub(super) fn is_own(name: &str) -> bool {
    let of_segment = |stem: &str| stem.len() == 20 && stem.bytes().all(|byte| byte.is_ascii_digit());
    let beside = |rest: &str| {
        rest == "new"
            || [rest.strip_suffix("cut"), rest.strip_suffix("damaged")].iter().flatten().any(|number| {
                let number = number.strip_suffix('.').unwrap_or(number);
                number.bytes().all(|byte| byte.is_ascii_digit())
            })
    };
    name == LOCK || name.split_once('.').is_some_and(|(stem, rest)| of_segment(stem) && beside(rest))
}

/// Whether an archive was begun in a folder, with or without segments.
#[must_use]
pub fn is_begun(folder: &Path) -> bool {
    folder.join(LOCK).exists()
}

/// Makes new names in a folder durable.
pub(super) fn sync_folder(folder: &Path) -> Result<(), ArchiveError> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|cause| ArchiveError::io(folder, cause))
}

/// What a file system has in a folder of its own.
const DISKS_OWN: [&str; 2] = ["lost+found", "System Volume Information"];

/// A thing in a folder that neither may be there nor is a disk's own or hidden; `None` when there is none.
///
/// # Errors
/// When the folder cannot be read.
pub fn other_thing(folder: &Path, may_be_there: impl Fn(&str) -> bool) -> std::io::Result<Option<String>> {
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !may_be_there(&name) && !name.starts_with('.') && !DISKS_OWN.contains(&name.as_str()) {
            return Ok(Some(name));
        }
    }
    Ok(None)
}
