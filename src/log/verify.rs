//! Recomputing the chain of hashes.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::{EventLog, Head, LogError};
use crate::event::Position;

/// How often progress is told, in chunks.
const TELL_EVERY: u64 = 1024;
/// Events of a piece, while the log is verified in pieces: small enough that every thread has work to the end.
const PIECE_EVENTS: u64 = 20_000;

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
            return Err(broken(before.next));
        }
        verified.chunks += 1;
        verified.events += chunk.count() as u64;
        verified.bytes += chunk.len_bytes() as u64;
        verified.head = Head::after(&chunk);
        before = Some(verified.head);
        if verified.chunks.is_multiple_of(TELL_EVERY) {
            progress(chunk.end());
        }
    }
    let head = log.head();
    if before.is_some_and(|reached| reached != head) {
        return Err(ends_early(verified.head.next));
    }
    progress(head.next);
    Ok(verified)
}

fn broken(position: Position) -> LogError {
    LogError::Damaged { position, reason: "it does not continue the chunk before it".into() }
}

fn ends_early(position: Position) -> LogError {
    LogError::Damaged { position, reason: "the chain ends before the log does".into() }
}

/// A part of the log, by the positions at which its chunks begin: found whole, and linked to the chunk before it.
#[derive(Default)]
struct Piece {
    /// The log's end after each chunk.
    heads: Vec<Head>,
    bytes: u64,
}

/// Verifies the whole log as [`verify`] does, in several threads. `each` is told in the order of the log: the log's end after
/// each of the next chunks, and what has been found whole with them.
///
/// # Errors
/// As [`verify`]; of several damages the first is named. Besides what `each` answers with, which ends it.
pub fn verify_in_parallel<E: From<LogError>>(
    log: &dyn EventLog,
    threads: NonZero<usize>,
    mut each: impl FnMut(&[Head], &Verified) -> Result<(), E>,
) -> Result<Verified, E> {
    let head = log.head();
    let (next_piece, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        // Bounded, so that memory is too when `each` is slow.
        let (done, pieces) = sync_channel(threads.get() * 2);
        for _ in 0..threads.get() {
            let done = done.clone();
            scope.spawn(|| verify_pieces(log, head.next, &next_piece, &stop, done));
        }
        drop(done);
        let verified = in_order(pieces, &mut each);
        stop.store(true, Ordering::Relaxed);
        let verified = verified?;
        if verified.head == head { Ok(verified) } else { Err(ends_early(verified.head.next).into()) }
    })
}

/// Takes one piece after the other until there is none, or nobody wants them any more.
fn verify_pieces(
    log: &dyn EventLog,
    head: Position,
    next_piece: &AtomicU64,
    stop: &AtomicBool,
    done: SyncSender<(u64, Result<Piece, LogError>)>,
) {
    while !stop.load(Ordering::Relaxed) {
        let number = next_piece.fetch_add(1, Ordering::Relaxed);
        let start = Position(number.saturating_mul(PIECE_EVENTS));
        if start >= head || done.send((number, verify_piece(log, start, start.plus(PIECE_EVENTS).min(head)))).is_err() {
            return;
        }
    }
}

/// Verifies the chunks that begin from `start` on and before `end`.
fn verify_piece(log: &dyn EventLog, start: Position, end: Position) -> Result<Piece, LogError> {
    let mut piece = Piece::default();
    let before_start = Position(start.0.saturating_sub(1));
    let mut before: Option<Head> = (start == Position::ZERO).then(Head::default);
    for chunk in log.read(before_start)? {
        let chunk = chunk?;
        if chunk.first() >= end {
            return Ok(piece);
        }
        if chunk.first() >= start {
            let reached = before.ok_or_else(|| broken(start))?;
            if chunk.first() != reached.next || chunk.prev() != reached.hash {
                return Err(broken(reached.next));
            }
            piece.heads.push(Head::after(&chunk));
            piece.bytes += chunk.len_bytes() as u64;
        }
        before = Some(Head::after(&chunk));
    }
    match before {
        Some(reached) if reached.next >= end => Ok(piece),
        reached => Err(ends_early(reached.map_or(start, |reached| reached.next))),
    }
}

/// Adds pieces up in the order of the log, whatever the order they come in.
fn in_order<E: From<LogError>>(
    pieces: Receiver<(u64, Result<Piece, LogError>)>,
    each: &mut impl FnMut(&[Head], &Verified) -> Result<(), E>,
) -> Result<Verified, E> {
    let (mut verified, mut wanted, mut early) = (Verified::default(), 0, BTreeMap::new());
    for (number, piece) in pieces {
        early.insert(number, piece);
        while let Some(piece) = early.remove(&wanted) {
            let piece = piece?;
            wanted += 1;
            verified.chunks += piece.heads.len() as u64;
            verified.bytes += piece.bytes;
            verified.head = piece.heads.last().copied().unwrap_or(verified.head);
            verified.events = verified.head.next.0;
            each(&piece.heads, &verified)?;
        }
    }
    Ok(verified)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Micros;
    use crate::log::{MemoryLog, prepare};

    const TWO: NonZero<usize> = NonZero::new(2).unwrap();

    fn log(events: usize) -> MemoryLog {
        let log = MemoryLog::new();
        for at in 0..events / 500 {
            let records = (0..500).map(|i: usize| vec![i as u8; 40 + (at * 31 + i) % 700].into()).collect();
            log.append(&prepare(log.head(), Micros(at as i64), records).unwrap()).unwrap();
        }
        log
    }

    #[test]
    fn several_threads_find_what_one_finds_and_tell_of_every_chunk_in_order() {
        for events in [0, 500, 20_000, 65_500] {
            let log = log(events);
            let alone = verify(&log, Position::ZERO, |_| {}).unwrap();
            let mut heads = Vec::new();
            let together = verify_in_parallel(&log, TWO, |some, _| {
                heads.extend_from_slice(some);
                Ok::<_, LogError>(())
            });
            assert_eq!(together, Ok(alone));
            let expected: Vec<Head> = log.read(Position(0)).unwrap().map(|c| Head::after(&c.unwrap())).collect();
            assert_eq!(heads, expected);
        }
    }

    /// A log in which chunks are left out, or put in from elsewhere.
    struct Damaged(Vec<crate::log::Chunk>, Head);

    impl EventLog for Damaged {
        fn append(&self, _: &crate::log::Commit) -> Result<Head, LogError> {
            Err(LogError::Empty)
        }

        fn head(&self) -> Head {
            self.1
        }

        fn read(&self, from: Position) -> Result<crate::log::Chunks<'_>, LogError> {
            let start = self.0.partition_point(|chunk| chunk.end() <= from);
            Ok(Box::new(self.0.iter().skip(start).cloned().map(Ok)))
        }

        fn size_bytes(&self) -> Result<u64, LogError> {
            Ok(0)
        }

        fn backend(&self) -> &'static str {
            "damaged"
        }
    }

    #[test]
    fn wherever_a_chunk_is_missing_the_first_such_place_is_named() {
        let whole = log(65_500);
        let chunks: Vec<_> = whole.read(Position(0)).unwrap().map(Result::unwrap).collect();
        let count = chunks.len();
        for missing in [0, 1, count / 3, count / 2, count - 2, count - 1] {
            let mut left = chunks.clone();
            let gone = left.remove(missing);
            let found = verify_in_parallel(&Damaged(left, whole.head()), TWO, |_, _| Ok::<_, LogError>(()));
            let Err(LogError::Damaged { position, .. }) = found else { panic!("{missing}: {found:?}") };
            assert_eq!(position, gone.first(), "chunk {missing}");
        }
    }

    #[test]
    fn a_chunk_of_another_history_is_noticed_at_the_border_of_two_pieces() {
        let whole = log(65_500);
        let mut chunks: Vec<_> = whole.read(Position(0)).unwrap().map(Result::unwrap).collect();
        let at = chunks.partition_point(|chunk| chunk.first() < Position(PIECE_EVENTS));
        let other = &chunks[at];
        let records: Vec<_> = other.records().map(|(_, record)| record.to_vec().into()).collect();
        let prev = crate::event::Hash([9; 32]);
        chunks[at] = crate::log::Chunk::build(other.first(), other.recorded_at(), prev, &records).unwrap();
        let position = chunks[at].first();
        let found = verify_in_parallel(&Damaged(chunks, whole.head()), TWO, |_, _| Ok::<_, LogError>(()));
        assert_eq!(found, Err(broken(position)));
    }
}
