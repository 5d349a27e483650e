//! What can still be read of a damaged log behind the first event that nothing has. It hangs on nothing: a chunk names the hash
//! of the one before, which is gone. So a repair cannot keep it, and says how much it is.

use crate::event::Position;
use crate::log::{EventLog, FileSource, SledLog};

/// Positions of which no chunk was found in the log's file that are looked up in the log: chunks of large events lie in the file
/// in pieces. Each costs a search.
const MOST_LOOKED_UP: u64 = 20_000;

/// How many events from a position on, up to before another, can be read: in a log's file, or by the log as far as it opens.
pub(super) fn readable(log: Option<&SledLog>, file: Option<&FileSource>, from: Position, until: Position) -> u64 {
    let mut spans = file.map(|file| file.spans(from, until)).unwrap_or_default();
    spans.sort_unstable();
    let (mut next, mut readable, mut left) = (from, 0, MOST_LOOKED_UP);
    for (first, end) in spans.into_iter().chain([(until, until)]) {
        readable += looked_up(log, next, first, &mut left);
        readable += end.since(first.max(next));
        next = next.max(end);
    }
    readable
}

/// How many events in between the log itself gives.
fn looked_up(log: Option<&SledLog>, from: Position, until: Position, left: &mut u64) -> u64 {
    let Some(log) = log else { return 0 };
    let (mut next, mut readable) = (from, 0);
    while next < until && *left > 0 {
        *left -= 1;
        match log.chunk_at(next) {
            Ok(Some(chunk)) => {
                let end = chunk.end().min(until);
                readable += end.since(next);
                next = end;
            }
            Ok(None) | Err(_) => next = next.next(),
        }
    }
    readable
}
