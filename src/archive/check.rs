//! Whether an archive and a log belong together.

use std::path::Path;

use super::error::ArchiveError;
use crate::event::{Hash, Position};
use crate::log::{EventLog, Head};

/// Checks that what an archive holds up to `end` is what the log holds: that it can go on with the log from there.
///
/// # Errors
/// [`ArchiveError::Another`] when it is another log's, [`ArchiveError::Ahead`] when the log lost its tail.
pub fn check(folder: &Path, log_id: Option<Hash>, end: Head, log: &dyn EventLog) -> Result<(), ArchiveError> {
    let shown = || folder.display().to_string();
    let another = |reason: String| Err(ArchiveError::Another { folder: shown(), reason });
    let Some(id) = log_id else { return Ok(()) };
    let head = log.head().next;
    if head > Position::ZERO && log.chunk_at(Position::ZERO)?.is_none_or(|first| first.hash() != id) {
        return another("they differ from the first chunk on".into());
    }
    if end.next > head {
        return Err(ArchiveError::Ahead { folder: shown(), have: end.next, head });
    }
    let Some(last) = end.next.0.checked_sub(1) else { return Ok(()) };
    match log.chunk_at(Position(last))? {
        Some(chunk) if Head::after(&chunk) == end => Ok(()),
        _ => another(format!("before position {} they have different hashes", end.next)),
    }
}
