//! Who follows a timeline, and goes on after a break with the highest position that they have, misses nothing; and nothing comes
//! twice but what a strand brought with it that was linked or unlinked around a break.

use std::collections::BTreeSet;
use std::time::Duration;

use novelo::engine::{LiveTimeline, Lookup};
use novelo::event::Position;
use novelo::timeline::{PageArgs, TimelineFilter};
use proptest::prelude::*;

use super::deed::{CRM, CUSTOMERS, Deed, identifier};
use super::history::{Cut, History};
use super::settings::cases;
use super::store::{Store, known_by};

/// The last thing that happens to whoever is followed: who has this has all before it.
const LAST: u16 = 89;

/// How many entries are taken after each request, and whether the connection breaks then.
type Taken = Vec<(usize, bool)>;

fn taken() -> impl Strategy<Value = Taken> {
    prop::collection::vec((0_usize..7, prop::bool::weighted(0.3)), 1..6)
}

/// Somebody who follows one customer.
struct Follower<'s> {
    store: &'s Store,
    who: u8,
    live: LiveTimeline,
    /// What came over each connection.
    received: Vec<Vec<Position>>,
}

fn follow(store: &Store, who: u8, after: Option<Position>) -> LiveTimeline {
    let crm = identifier(who, CRM);
    let (kind, value) = crm.split_once(':').unwrap();
    let by = Lookup::Identifier { kind: kind.into(), value: value.into() };
    store.novelo().live_timeline(by, after).unwrap()
}

impl Follower<'_> {
    /// The next entry, if there is one by now.
    fn next(&mut self, patience: Duration) -> Option<Position> {
        let next = async { tokio::time::timeout(patience, self.live.next()).await };
        let (picture, stored) = self.store.wait(next).ok()?.unwrap().expect("the store is open");
        let position = stored.1.position;
        assert!(position == stored.0.position && position < picture.through());
        self.received.last_mut().unwrap().push(position);
        Some(position)
    }

    fn break_off(&mut self) {
        let highest = self.received.iter().flatten().max().copied();
        self.live = follow(self.store, self.who, highest);
        self.received.push(Vec::new());
    }
}

/// Tells a history request by request to a store while somebody follows; what they have at the end, and what the timeline is.
fn followed(history: &History, cut: &Cut, taken: &Taken, who: u8) -> (Vec<Vec<Position>>, BTreeSet<Position>) {
    let store = Store::new();
    let mut follower = Follower { store: &store, who, live: follow(&store, who, None), received: vec![Vec::new()] };
    let deeds: Vec<(usize, &Deed)> = history.numbered().collect();
    for (piece, (count, breaks)) in cut.pieces(&deeds).into_iter().zip(taken.iter().cycle()) {
        store.tell_some(piece, &Cut::none());
        // There may be fewer: this much is waited for what is there already.
        let _ = (0..*count).take_while(|_| follower.next(Duration::from_millis(50)).is_some()).count();
        if *breaks {
            follower.break_off();
        }
    }
    let last = store.novelo().head().next;
    store.tell_some(&[(history.0.len(), &Deed::note(who, LAST).by_number())], &Cut::none());
    while follower.next(Duration::from_secs(60)).expect("the last entry") != last {}
    let customer = known_by(&store.picture(), &identifier(who, CRM)).unwrap();
    let whole = PageArgs { size: usize::MAX, from_end: false, after: None, before: None };
    let page = customer.timeline(whole, &TimelineFilter::default()).unwrap();
    let timeline = page.entries.iter().map(|stored| stored.0.position).collect();
    (follower.received, timeline)
}

proptest! {
    #![proptest_config(cases(11))]

    #[test]
    fn who_follows_and_goes_on_after_breaks_misses_nothing(
        history in History::any(30), cut in Cut::any(), taken in taken(), who in 0..CUSTOMERS,
    ) {
        let (received, timeline) = followed(&history, &cut, &taken, who);
        let all: BTreeSet<Position> = received.iter().flatten().copied().collect();
        prop_assert!(timeline.is_subset(&all), "{timeline:?} was not all of {received:?}");
        for connection in &received {
            let once: BTreeSet<&Position> = connection.iter().collect();
            prop_assert_eq!(once.len(), connection.len(), "{:?}", connection);
        }
    }

    #[test]
    fn while_nobody_is_linked_everything_comes_once_and_in_order_over_breaks(
        history in History::of_apart(30), cut in Cut::any(), taken in taken(), who in 0..CUSTOMERS,
    ) {
        let history = History(history.0.into_iter().map(Deed::by_number).collect());
        let (received, timeline) = followed(&history, &cut, &taken, who);
        prop_assert_eq!(received.concat(), timeline.into_iter().collect::<Vec<_>>());
    }
}
