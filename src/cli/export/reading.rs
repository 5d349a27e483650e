//! Reading the log from a position to its end, with a bar.

use crate::cli::progress::Progress;
use crate::engine::{EngineError, Novelo};
use crate::event::Position;
use crate::log::{Chunk, LogError};

/// Events that are read at once.
const GROUP_EVENTS: usize = 2_000;

/// How far the log was read.
pub(super) struct Reached {
    /// All events before it were taken.
    pub(super) next: Position,
    /// What lies there, when reading ended before the end.
    pub(super) damage: Option<LogError>,
}

/// Hands the chunks from `first` up to `end` on, each with the first position in it that is wanted. With `damaged`, damage is the
/// end, and no error.
pub(super) fn read<E: From<EngineError>>(
    novelo: &Novelo,
    (first, end): (Position, Position),
    damaged: bool,
    mut take: impl FnMut(&Chunk, Position) -> Result<(), E>,
) -> Result<Reached, E> {
    let bar = Progress::bar("exporting", end.since(first), "events");
    let mut next = first;
    while next < end {
        let chunks = match novelo.feed().read(next, GROUP_EVENTS) {
            Ok(chunks) => chunks,
            Err(cause @ (LogError::Damaged { .. } | LogError::Read { .. })) if damaged => {
                bar.finish();
                return Ok(Reached { next, damage: Some(cause) });
            }
            Err(cause) => return Err(EngineError::from(cause).into()),
        };
        let Some(last) = chunks.last().map(Chunk::end) else { break };
        for chunk in &chunks {
            take(chunk, next)?;
        }
        next = last;
        bar.at(next.since(first), end.since(first));
    }
    bar.finish();
    Ok(Reached { next, damage: None })
}
