//! Recomputing the chain of hashes.

use super::{EventLog, Head, LogError};
use crate::event::Position;

/// How often progress is told, in chunks.
const TELL_EVERY: u64 = 1024;

/// What was found whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// How many chunks.
    pub chunks: u64,
    /// How many events.
    pub events: u64,
    /// How many bytes.
    pub bytes: u64,
    /// The head that the chain leads to.
    pub head: Head,
}

/// Reads every chunk from the one that holds `from`, recomputes its hash, and checks that it continues the one before and that
/// no position is left out. `progress` is told through which position it came.
///
/// # Errors
/// [`LogError::Damaged`] names the position of the first damage; everything before it is whole.
pub fn verify(log: &dyn EventLog, from: Position, mut progress: impl FnMut(Position)) -> Result<Verified, LogError> {
    let mut verified = Verified::default();
    let mut before: Option<Head> = (from == Position::ZERO).then(Head::default);
    for chunk in log.read(from)? {
        let chunk = chunk?;
        if let Some(before) = before
            && (chunk.first() != before.next || chunk.prev() != before.hash)
        {
            let reason = "it does not continue the chunk before it".into();
            return Err(LogError::Damaged { position: before.next, reason });
        }
        verified.chunks += 1;
        verified.events += chunk.count() as u64;
        verified.bytes += chunk.len_bytes() as u64;
        verified.head = Head { next: chunk.end(), hash: chunk.hash() };
        before = Some(verified.head);
        if verified.chunks.is_multiple_of(TELL_EVERY) {
            progress(chunk.end());
        }
    }
    let head = log.head();
    if before.is_some_and(|reached| reached != head) {
        let position = verified.head.next;
        return Err(LogError::Damaged { position, reason: "the chain ends before the log does".into() });
    }
    progress(head.next);
    Ok(verified)
}
