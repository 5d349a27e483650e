//! Up to where of the log each strand's rows last changed: whatever was read of a strand before still holds if they did not
//! change since.
//!
//! Strands share places, so one may seem to have changed because another did; never the other way round.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::event::{Position, SubjectId};

/// Places, eight bytes each. With a million strands that change in an hour, one in four still finds its place as it was.
const PLACES: usize = 1 << 18;

/// Where strands changed last, since the store was opened.
pub(super) struct Touched {
    places: Box<[AtomicU64]>,
    /// How often rows took the place of others that need not be the same.
    epoch: AtomicU64,
}

impl Default for Touched {
    fn default() -> Self {
        Self { places: (0..PLACES).map(|_| AtomicU64::new(0)).collect(), epoch: AtomicU64::new(0) }
    }
}

impl std::fmt::Debug for Touched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Touched").field("epoch", &self.epoch()).finish_non_exhaustive()
    }
}

impl Touched {
    /// Notes that a batch which ends before `end` changes rows of a strand; before anybody can see that batch.
    pub(super) fn note(&self, subject: &SubjectId, end: Position) {
        if let Some(place) = self.place(subject) {
            place.fetch_max(end.0, Ordering::SeqCst);
        }
    }

    /// Whether the rows of a strand are the same with all events before `one` as with all before `other`.
    pub(super) fn is_the_same(&self, subject: &SubjectId, one: Position, other: Position) -> bool {
        one == other || self.place(subject).is_some_and(|place| place.load(Ordering::SeqCst) <= one.min(other).0)
    }

    /// Which rows serve; to be asked before they are read.
    pub(super) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::SeqCst)
    }

    /// Other rows serve now.
    pub(super) fn begin_epoch(&self) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
    }

    /// A subject is a hash: any bytes of it spread evenly.
    fn place(&self, subject: &SubjectId) -> Option<&AtomicU64> {
        let bytes = subject.as_bytes().first_chunk::<8>().copied().unwrap_or_default();
        self.places.get(usize::try_from(u64::from_le_bytes(bytes) % PLACES as u64).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_did_not_change_between_two_positions_is_the_same_at_both() {
        let (touched, one, other) = (Touched::default(), SubjectId([1; 16]), SubjectId([2; 16]));
        touched.note(&one, Position(10));
        assert!(touched.is_the_same(&one, Position(10), Position(99)), "the batch ended there");
        assert!(!touched.is_the_same(&one, Position(9), Position(99)));
        assert!(!touched.is_the_same(&one, Position(99), Position(9)), "an older picture lacks it");
        assert!(touched.is_the_same(&one, Position(9), Position(9)));
        assert!(touched.is_the_same(&other, Position(0), Position(99)));
        touched.note(&one, Position(5));
        assert!(!touched.is_the_same(&one, Position(9), Position(99)), "the latest counts");
    }
}
