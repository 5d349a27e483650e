//! The past is what the store said then: as of any commit, every customer is as they were when it was the last.

use novelo::engine::{Customer, Lookup};
use novelo::event::{Micros, SubjectId};
use proptest::prelude::*;

use super::deed::Deed;
use super::history::{Cut, History};
use super::portrait::{self, Portrait};
use super::settings::cases;
use super::store::Store;

/// Every customer as of a moment by their strands: each who is known by one of these strands, once.
fn as_of(store: &Store, strands: &[SubjectId], at: Micros) -> Vec<Portrait> {
    let picture = store.picture();
    let of = |strand: &SubjectId| picture.customer(&Lookup::Subject(*strand), Some(at)).unwrap();
    let mut customers: Vec<Customer> = strands.iter().filter_map(of).collect();
    customers.sort_by_key(Customer::id);
    customers.dedup_by_key(|customer| customer.id());
    customers.iter().map(portrait::of).collect()
}

/// The strands of all customers.
fn strands(store: &Store) -> Vec<SubjectId> {
    store.customers().iter().flat_map(|customer| customer.members().iter().map(|member| member.subject)).collect()
}

/// What the store said when a commit was the last, and when that was recorded.
struct Then {
    recorded_at: Micros,
    events: usize,
    said: Vec<Portrait>,
}

proptest! {
    #![proptest_config(cases(9))]

    #[test]
    fn as_of_any_commit_the_store_says_what_it_said_then(
        history in History::any(20), cut in Cut::any(), which in any::<prop::sample::Index>(),
    ) {
        // Of an address it is learnt later that it is theirs, and that it was known earlier.
        let deeds = std::iter::once(Deed::mail(0, 45, false)).chain(history.0).chain([Deed::mail(0, 5, true)]);
        let history = History(deeds.collect());
        let store = Store::new();
        let deeds: Vec<_> = history.numbered().collect();
        let (mut past, mut events) = (Vec::<Then>::new(), 0);
        for piece in cut.pieces(&deeds) {
            store.tell_some(piece, &Cut::none());
            events += piece.len();
            let recorded_at = store.events().last().unwrap().recorded_at;
            // Of two commits of one microsecond the first can not be asked for.
            past.retain(|then| then.recorded_at < recorded_at);
            past.push(Then { recorded_at, events, said: portrait::of_all(&store) });
        }
        let strands = strands(&store);
        for then in &past {
            prop_assert_eq!(&as_of(&store, &strands, then.recorded_at), &then.said, "as of {} events", then.events);
        }
        let before = Micros(past[0].recorded_at.0 - 1);
        prop_assert_eq!(as_of(&store, &strands, before), vec![], "before the first commit");
        // A store that never got more.
        let then = &past[which.index(past.len())];
        let shorter = Store::told(&History(history.0[..then.events].to_vec()), &Cut::none());
        prop_assert_eq!(&portrait::of_all(&shorter), &then.said, "a store of {} events", then.events);
    }
}
