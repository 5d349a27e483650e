//! The same event twice is one event, wherever it comes again; a different body under its id is refused and changes nothing.

use std::fmt;

use novelo::engine::{Expect, Outcome, Refusal};
use novelo::event::{Draft, Position};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use super::deed::Deed;
use super::history::{Cut, History};
use super::portrait;
use super::settings::cases;
use super::store::Store;

/// Deeds of a history as they come in, some again, some with another body under the same id.
#[derive(Clone)]
pub(super) struct Stammered {
    pub(super) history: History,
    /// The number of a deed, and whether its body is another one.
    pub(super) sent: Vec<(usize, bool)>,
}

impl fmt::Debug for Stammered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sent = self.sent.iter().map(|(number, other)| format!("{number}{}", if *other { " changed" } else { "" }));
        write!(f, "{:?}  sent as {}", self.history, sent.collect::<Vec<_>>().join(", "))
    }
}

impl Stammered {
    pub(super) fn any(most: usize) -> impl Strategy<Value = Self> {
        let again = prop::collection::vec((any::<prop::sample::Index>(), 0_usize..12, any::<bool>()), 0..most);
        (History::any(most), again).prop_map(|(history, again)| {
            let mut sent: Vec<(usize, bool)> = (0..history.0.len()).map(|number| (number, false)).collect();
            for (which, behind, other) in again {
                let number = which.index(history.0.len());
                let first = sent.iter().position(|sent| *sent == (number, false)).unwrap();
                sent.insert((first + 1 + behind).min(sent.len()), (number, other));
            }
            Self { history, sent }
        })
    }

    /// A deed as it was sent; another body is the same at another moment.
    pub(super) fn draft(&self, (number, other): (usize, bool), store: &Store) -> Draft {
        let deed = self.history.0[number];
        let deed = if other { deed.at(deed.minute ^ 1) } else { deed };
        deed.draft(number, store.novelo().filing())
    }
}

/// What becomes of a deed that is known already.
fn known(outcome: &Outcome, position: Position, other: bool) -> bool {
    match outcome {
        Outcome::Recorded(_) => false,
        Outcome::Duplicate(at) => !other && *at == position,
        Outcome::Refused(Refusal::Conflict { position: at, .. }) => other && *at == position,
        Outcome::Refused(_) => false,
    }
}

/// Sends every deed again, as it was and with another body: nothing comes of it.
fn nothing_comes_of_it_again(store: &Store, stammered: &Stammered, when: &str) -> Result<(), TestCaseError> {
    let said = portrait::of_all(store);
    for other in [false, true] {
        let numbers = 0..stammered.history.0.len();
        let drafts = numbers.map(|number| stammered.draft((number, other), store)).collect();
        for (at, outcome) in store.send(drafts, Expect::Each).iter().enumerate() {
            prop_assert!(known(outcome, Position(at as u64), other), "{} {}: deed {}: {:?}", when, other, at, outcome);
        }
    }
    prop_assert_eq!(store.novelo().head().next, Position(stammered.history.0.len() as u64));
    prop_assert_eq!(portrait::of_all(store), said);
    Ok(())
}

proptest! {
    #![proptest_config(cases(8))]

    #[test]
    fn an_event_that_comes_again_is_one_event_and_another_under_its_id_is_refused(
        stammered in Stammered::any(16), cut in Cut::any(),
    ) {
        let mut store = Store::new();
        let mut places: Vec<Option<Position>> = vec![None; stammered.history.0.len()];
        let mut next = Position(0);
        for piece in cut.pieces(&stammered.sent) {
            let drafts = piece.iter().map(|sent| stammered.draft(*sent, &store)).collect();
            for ((number, other), outcome) in piece.iter().zip(store.send(drafts, Expect::Each)) {
                match places[*number] {
                    Some(place) => prop_assert!(known(&outcome, place, *other), "deed {}: {:?}", number, outcome),
                    None => {
                        prop_assert_eq!(&outcome, &Outcome::Recorded(next), "deed {}", number);
                        places[*number] = Some(next);
                        next = next.next();
                    }
                }
            }
        }
        store.follow();
        let log: Vec<usize> = store.events().iter().map(portrait::number_of).collect();
        prop_assert_eq!(log, (0..stammered.history.0.len()).collect::<Vec<_>>());
        nothing_comes_of_it_again(&store, &stammered, "at once")?;
        store.reopen(|_| {});
        nothing_comes_of_it_again(&store, &stammered, "after a restart")?;
        store.delete_views();
        nothing_comes_of_it_again(&store, &stammered, "after the views were deleted")?;
    }
}

/// The law is not kept by a generator that never repeats anything.
#[test]
fn a_stammered_history_has_each_deed_first_as_it_is() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut again = 0;
    for _ in 0..50 {
        let stammered = Stammered::any(16).new_tree(&mut runner).unwrap().current();
        let first = |number: usize| stammered.sent.iter().find(|sent| sent.0 == number).unwrap();
        assert!((0..stammered.history.0.len()).all(|number| !first(number).1));
        again += stammered.sent.len() - stammered.history.0.len();
    }
    assert!(again > 100, "{again}");
    let deed = Deed::note(0, 7);
    assert!(deed.at(deed.minute ^ 1) != deed);
}
