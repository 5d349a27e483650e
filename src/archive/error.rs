//! What can go wrong with an archive.

use std::path::Path;

use crate::event::Position;
use crate::log::LogError;

/// An archive cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// A file or folder cannot be used.
    #[error("{path}: {cause}")]
    Io {
        /// Which.
        path: String,
        /// Why.
        cause: std::io::Error,
    },
    /// The folder in which it would be made is not there.
    #[error("{above} is not there, in which {folder} would be made; make it, or mount the disk or share that it is on")]
    NoFolderAbove {
        /// Which folder.
        folder: String,
        /// What should hold it.
        above: String,
    },
    /// It was there, and its folder is empty or gone.
    #[error(
        "{folder} does not hold the archive any more that was written there up to position {position}; mount its disk or share again. \
         To have it written anew, from the beginning, start the store again"
    )]
    Gone {
        /// Which folder.
        folder: String,
        /// Up to where it was written.
        position: Position,
    },
    /// A segment is not what was written.
    #[error(
        "{file} is damaged at position {position}: {reason}; everything before is whole, take what follows from \
         another copy"
    )]
    Damaged {
        /// Which segment.
        file: String,
        /// The first position that cannot be read.
        position: Position,
        /// What is wrong.
        reason: String,
    },
    /// The last segment is damaged, and not by a write that was cut off: there is more behind.
    #[error(
        "{file} is damaged at position {position}: {reason}; events up to position {until} follow, so this was no crash. Nothing was \
         changed: everything before is whole, and the file may be the only copy of what follows. Stop the store and run \
         `novelo backup DIR --data DATA`, which takes it from the store again if that has it whole, or back up to a new folder"
    )]
    DamagedInside {
        /// Which segment.
        file: String,
        /// The first position that cannot be read.
        position: Position,
        /// What is wrong.
        reason: String,
        /// Up to where it shows that there were events.
        until: Position,
    },
    /// The folder has no segments.
    #[error("{folder} holds no archive and no backup: there are no segments in it; check the path")]
    Nothing {
        /// Which folder.
        folder: String,
    },
    /// The folder holds something else.
    #[error(
        "{folder} holds other things, such as {found}, and no archive; name an empty folder or one that is not there yet"
    )]
    OtherThings {
        /// Which folder.
        folder: String,
        /// One of them.
        found: String,
    },
    /// It is the archive of another log.
    #[error(
        "{folder} is the archive of another log ({reason}); name another folder, or put the right log and archive together"
    )]
    Another {
        /// Which folder.
        folder: String,
        /// Where they differ.
        reason: String,
    },
    /// The archive has more than the log.
    #[error(
        "{folder} reaches position {have}, and the log ends at {head}: {} events are missing in the log; \
         restore it from this archive: `novelo restore --data NEW --from {folder}`", .have.since(*.head)
    )]
    Ahead {
        /// Which folder.
        folder: String,
        /// Up to where the archive reaches.
        have: Position,
        /// Where the log ends.
        head: Position,
    },
    /// Chunks that do not continue the archive.
    #[error("a chunk begins at position {begins} and the archive ends at {end}; open it again and go on from there")]
    NotNext {
        /// Where the chunk begins.
        begins: Position,
        /// Where the archive ends.
        end: Position,
    },
    /// Somebody else writes it.
    #[error("another process writes {folder}; stop it first, or name another folder")]
    InUse {
        /// Which folder.
        folder: String,
    },
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl ArchiveError {
    pub(super) fn io(path: &Path, cause: std::io::Error) -> Self {
        Self::Io { path: path.display().to_string(), cause }
    }

    pub(super) fn damaged(file: &Path, position: Position, reason: impl Into<String>) -> Self {
        Self::Damaged { file: file.display().to_string(), position, reason: reason.into() }
    }

    /// Whether the folder and the log do not belong together, which no waiting mends.
    #[must_use]
    pub fn is_mismatch(&self) -> bool {
        matches!(self, Self::Another { .. } | Self::Ahead { .. } | Self::OtherThings { .. })
    }
}
