//! What others remember of the log: a log that lost its tail, or all of it, is never taken for a young one.

use super::{EventLog, Head, LogError};
use crate::event::{Hash, Position};

/// Up to where somebody has seen the log, and the hash of the chunk that ends there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watermark {
    /// The position behind the last event seen.
    pub next: Position,
    /// The hash of the chunk that ends there.
    pub hash: Hash,
    /// Who remembers it, in the plural: `the views`.
    pub of: String,
}

/// Checks that a log reaches a watermark and is the same there.
///
/// # Errors
/// [`LogError::Missing`] says how many events are missing; [`LogError::Another`] that the chain is another one.
pub fn check_watermark(log: &dyn EventLog, mark: &Watermark) -> Result<(), LogError> {
    let head = log.head();
    if head.next < mark.next {
        let missing = mark.next.since(head.next);
        return Err(LogError::Missing { have: head.next, want: mark.next, of: mark.of.clone(), missing });
    }
    let found = match mark.next.0.checked_sub(1) {
        None => Head::default(),
        Some(last) => match log.chunk_at(Position(last))? {
            Some(chunk) => Head { next: chunk.end(), hash: chunk.hash() },
            None => Head::default(),
        },
    };
    if found != (Head { next: mark.next, hash: mark.hash }) {
        return Err(LogError::Another { position: mark.next, of: mark.of.clone() });
    }
    Ok(())
}
