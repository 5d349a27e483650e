//! Replay equals live: however the events were cut into requests, views that followed them are those that are made anew.

use novelo::event::Position;
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use super::history::{Cut, History};
use super::portrait;
use super::settings::cases;
use super::store::Store;

/// Every table that a projection keeps. A projection that is added adds its tables here.
const TABLES: [&str; 9] = ["ids", "strands", "timeline", "nodes", "hints", "contacts", "protocols", "names", "blocks"];
const PROJECTIONS: [&str; 7] = ["ids", "strands", "timeline", "edges", "lookups", "names", "totals"];

/// Of each table how many rows it has, and the hash of them all.
fn rows(store: &Store) -> Vec<(&'static str, usize, String)> {
    let names: Vec<&str> = store.novelo().projections().iter().map(|status| status.name).collect();
    assert_eq!(names, PROJECTIONS);
    let picture = store.picture();
    let table = |name: &'static str| {
        let (mut hasher, mut count) = (blake3::Hasher::new(), 0);
        for row in picture.reader().prefix(name, &[]).unwrap() {
            let (key, value) = row.unwrap();
            for part in [key.as_ref(), value.as_ref()] {
                hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
            }
            count += 1;
        }
        (name, count, hasher.finalize().to_string())
    };
    TABLES.into_iter().map(table).collect()
}

proptest! {
    #![proptest_config(cases(8))]

    #[test]
    fn views_that_followed_are_those_that_are_made_anew(
        history in History::any(40), cut in Cut::any(), other_cut in Cut::any(), stop in any::<prop::sample::Index>(),
    ) {
        let mut store = Store::told(&history, &cut);
        let (live, said) = (rows(&store), portrait::of_all(&store));
        let log = store.events();
        for customer in store.customers() {
            prop_assert_eq!(customer.context().unwrap(), portrait::fold_of_the_log(&customer, &log));
        }
        store.delete_views();
        prop_assert_eq!(rows(&store), live.clone(), "after the views were deleted");
        prop_assert_eq!(portrait::of_all(&store), said.clone());
        store.rebuild();
        prop_assert_eq!(rows(&store), live, "after a rebuild");
        prop_assert_eq!(portrait::of_all(&store), said.clone());
        // Cut otherwise, and stopped in between: the times of recording and the keys are others, and nothing else.
        let mut other = Store::new();
        let deeds: Vec<_> = history.numbered().collect();
        let (before, after) = deeds.split_at(stop.index(deeds.len() + 1));
        other.tell_some(before, &other_cut);
        other.reopen(|_| {});
        other.tell_some(after, &other_cut);
        prop_assert_eq!(portrait::of_all(&other), said);
        prop_assert_eq!(other.novelo().head().next, Position(history.0.len() as u64));
    }
}

#[test]
fn histories_fill_every_table() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let deeds = (0..12).flat_map(|_| History::any(40).new_tree(&mut runner).unwrap().current().0).collect();
    let store = Store::told(&History(deeds), &Cut::none());
    let empty: Vec<_> = rows(&store).into_iter().filter(|(_, count, _)| *count == 0).collect();
    assert!(empty.is_empty(), "{empty:?}");
}
