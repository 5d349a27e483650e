//! The entries that were stored from a position on, in the order of the log: so they are taken by whoever follows a timeline.
//!
//! Rows are kept in time order, so all of them that may be meant are looked at; a bounded number of places is kept.

use std::collections::BinaryHeap;

use super::merge::{Merged, Span};
use crate::event::{Micros, Position, SubjectId};
use crate::views::{Reader, ViewError};

/// Where an entry stands. They are ordered as the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Where it stands in the log.
    pub position: Position,
    /// When it happened.
    pub occurred_at: Micros,
    /// The strand that it is filed under.
    pub subject: SubjectId,
}

/// The earliest places of all that are looked at, as many as fit.
#[derive(Debug)]
pub struct Earliest {
    most: usize,
    kept: BinaryHeap<Place>,
    left_out: bool,
}

impl Earliest {
    /// None yet, and no more than `most` ever.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most, kept: BinaryHeap::new(), left_out: false }
    }

    /// Looks at the entries of a strand that were stored at or behind `from`. When it is known how many there are, looking
    /// ends with the last of them: they are sought from the newest end, where most of what is new is.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails.
    pub fn look(
        &mut self,
        reader: &Reader,
        subject: &SubjectId,
        from: Position,
        how_many: Option<u64>,
    ) -> Result<(), ViewError> {
        let mut left = how_many.unwrap_or(u64::MAX);
        if left == 0 {
            return Ok(());
        }
        for entry in Merged::backwards(reader, &[*subject], Span::default())? {
            let entry = entry?;
            if entry.position < from {
                continue;
            }
            self.add(Place { position: entry.position, occurred_at: entry.occurred_at, subject: entry.subject });
            left -= 1;
            if left == 0 {
                break;
            }
        }
        Ok(())
    }

    fn add(&mut self, place: Place) {
        self.kept.push(place);
        if self.kept.len() > self.most {
            self.kept.pop();
            self.left_out = true;
        }
    }

    /// The places in the order of the log, and whether these are all.
    #[must_use]
    pub fn in_order(self) -> (Vec<Place>, bool) {
        (self.kept.into_sorted_vec(), !self.left_out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_places_are_kept_in_the_order_of_the_log() {
        let place = |position| Place {
            position: Position(position),
            occurred_at: Micros(-(position as i64)),
            subject: SubjectId([1; 16]),
        };
        let mut earliest = Earliest::new(3);
        [5, 1, 4].into_iter().for_each(|position| earliest.add(place(position)));
        [2, 9].into_iter().for_each(|position| earliest.add(place(position)));
        assert_eq!(earliest.in_order(), (vec![place(1), place(2), place(4)], false));
        let mut few = Earliest::new(3);
        few.add(place(7));
        assert_eq!(few.in_order(), (vec![place(7)], true));
    }
}
