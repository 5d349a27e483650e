//! Threads that share work. Once started they wait for more of it: starting some for every commit costs more than sharing it
//! gains. [`Crew::rest`] has them end [when there is none](super::shifts).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon_core::{ThreadPool, ThreadPoolBuilder};

use super::priority;

/// Most threads that share a piece of work.
const MOST_THREADS: usize = 4;

/// Pieces that work is cut into for each thread, if they are large enough.
const PIECES: usize = 8;

/// What became of a piece, once it was taken: nothing when whoever took it panicked.
type Done<R, E> = OnceLock<Option<Result<Vec<R>, E>>>;

/// Whoever calls, and some threads beside: as many together as there are processors.
#[derive(Debug)]
pub(super) struct Crew {
    name: &'static str,
    /// What each thread does first.
    start: fn(),
    /// How many there are to be.
    threads: usize,
    /// Started when there is something to share. None where no thread can be: then whoever calls does it all.
    beside: OnceLock<Option<ThreadPool>>,
}

impl Crew {
    /// Threads for what a sender waits for.
    pub(super) fn new() -> Self {
        Self::of("novelo:crew", || {}, 1)
    }

    /// Threads that give way to those: as many as there are processors, for whoever calls has something else to do.
    pub(super) fn that_gives_way() -> Self {
        Self::of("novelo:views", priority::give_way, 0)
    }

    /// The same for counting, which comes last.
    pub(super) fn that_comes_last() -> Self {
        Self::of("novelo:count", priority::come_last, 0)
    }

    /// As many threads as there are processors, but for some.
    fn of(name: &'static str, start: fn(), but: usize) -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
        Self { name, start, threads: threads.saturating_sub(but), beside: OnceLock::new() }
    }

    /// The threads beside whoever calls.
    fn beside(&self) -> Option<&ThreadPool> {
        let (name, start) = (self.name, self.start);
        let begin = || {
            let builder = ThreadPoolBuilder::new().thread_name(move |_| name.into()).start_handler(move |_| start());
            match builder.num_threads(self.threads).build() {
                Ok(pool) => Some(pool),
                Err(cause) => {
                    tracing::warn!(%cause, "no threads to share work with; one does it all");
                    None
                }
            }
        };
        if self.threads == 0 { None } else { self.beside.get_or_init(begin).as_ref() }
    }

    /// Has the threads end until there is something to share again.
    pub(super) fn rest(&mut self) {
        self.beside.take();
    }

    /// Has `work` turn items into others, in their order, up to the first error. They are cut into pieces of `least` and more,
    /// which every thread takes as it comes to them: one whose processor has something else to do takes fewer. Should one
    /// of them panic, `panicked` is the error.
    pub(super) fn share<'a, T: Sync, R: Send + Sync, E: Send + Sync>(
        &self,
        items: &'a [T],
        least: usize,
        panicked: impl Fn() -> E,
        work: impl Fn(&'a [T]) -> Result<Vec<R>, E> + Sync,
    ) -> Result<Vec<R>, E> {
        let size = items.len().div_ceil(PIECES * (1 + self.threads)).max(least.max(1));
        let Some(beside) = (items.len() > size).then(|| self.beside()).flatten() else { return work(items) };
        let pieces: Vec<(&[T], Done<R, E>)> = items.chunks(size).map(|piece| (piece, OnceLock::new())).collect();
        let next = AtomicUsize::new(0);
        let take = || {
            while let Some((piece, done)) = pieces.get(next.fetch_add(1, Ordering::Relaxed)) {
                // Each piece is taken once.
                drop(done.set(catch_unwind(AssertUnwindSafe(|| work(piece))).ok()));
            }
        };
        beside.in_place_scope(|scope| {
            for _ in 0..self.threads.min(pieces.len() - 1) {
                scope.spawn(|_| take());
            }
            take();
        });
        let mut all = Vec::with_capacity(items.len());
        for (_, done) in pieces {
            all.extend(done.into_inner().flatten().unwrap_or_else(|| Err(panicked()))?);
        }
        Ok(all)
    }

    /// Does something with each of several items, all at once, and something else meanwhile. What the items came to is up to
    /// the first error.
    pub(super) fn each_and<T: Send, E: Send, M>(
        &self,
        items: impl IntoIterator<Item = T>,
        panicked: impl Fn() -> E,
        work: impl Fn(T) -> Result<(), E> + Sync,
        meanwhile: impl FnOnce() -> M,
    ) -> (Result<(), E>, M) {
        let Some(beside) = self.beside() else { return (items.into_iter().try_for_each(work), meanwhile()) };
        let work = &work;
        let items: Vec<T> = items.into_iter().collect();
        let mut results: Vec<Option<Result<(), E>>> = items.iter().map(|_| None).collect();
        let meanwhile = beside.in_place_scope(|scope| {
            for (item, result) in items.into_iter().zip(&mut results) {
                scope.spawn(move |_| *result = catch_unwind(AssertUnwindSafe(|| work(item))).ok());
            }
            meanwhile()
        });
        (results.into_iter().try_for_each(|result| result.unwrap_or_else(|| Err(panicked()))), meanwhile)
    }
}

/// Turns items into others up to the first error. An iterator that may end early does not say how long it is, so that room is
/// made here.
pub(super) fn each<'a, T, R, E>(items: &'a [T], turn: impl Fn(&'a T) -> Result<R, E>) -> Result<Vec<R>, E> {
    let mut done = Vec::with_capacity(items.len());
    for item in items {
        done.push(turn(item)?);
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_kept_and_the_first_error_counts() {
        let numbers: Vec<u32> = (0..1_000).collect();
        let double = |number: &u32| Ok::<_, u32>(number * 2);
        let crew = Crew::new();
        assert_eq!(
            crew.share(&numbers, 10, || 0, |share| each(share, double)),
            Ok(numbers.iter().map(|number| number * 2).collect())
        );
        assert_eq!(crew.share(&[], 0, || 0, |share| each(share, double)), Ok(Vec::new()));
        let odd = |number: &u32| if *number >= 300 { Err(*number) } else { Ok(*number) };
        assert_eq!(crew.share(&numbers, 10, || 0, |share| each(share, odd)), Err(300));
    }

    #[test]
    fn a_panic_in_another_thread_is_an_error() {
        let crew = Crew::new();
        let unlucky = |piece: &[u32]| {
            assert_ne!(piece, [3], "this piece");
            Ok(piece.to_vec())
        };
        assert_eq!(crew.share(&[1, 2, 4], 1, || "panicked", unlucky), Ok(vec![1, 2, 4]));
        if crew.threads > 0 {
            assert_eq!(crew.share(&[1, 2, 3, 4], 1, || "panicked", unlucky), Err("panicked"));
        }
    }
}
