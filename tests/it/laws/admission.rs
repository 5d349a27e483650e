//! Admission is a pure function of the log before it: the same requests in the same order come to the same answers and the same
//! records, however they fell into commits, however far the views had followed, and whether the store was closed in between.

use novelo::engine::{Expect, Outcome};
use novelo::event::{Draft, Event, Revision};
use proptest::prelude::*;

use super::sameness::Stammered;
use super::settings::cases;
use super::store::Store;

/// One request: so many of what is sent, and what its sender wants of them.
#[derive(Clone, Copy, Debug)]
struct Request {
    size: usize,
    expect: Expect,
}

fn request() -> impl Strategy<Value = Request> {
    let expect = prop_oneof![
        4 => Just(Expect::Each),
        1 => Just(Expect::All(None)),
        2 => (0_u64..4).prop_map(|revision| Expect::All(Some(Revision(revision)))),
    ];
    (1_usize..6, expect).prop_map(|(size, expect)| Request { size, expect })
}

/// How the requests come in.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// Each when the one before was answered.
    InTurn,
    /// Each when the views hold what came before.
    Followed,
    /// None waits for an answer, so that several fall into one commit.
    AtOnce,
    /// Each to a store that was opened for it alone.
    Reopened,
}

/// What comes of requests, and the log that they leave.
fn outcome(stammered: &Stammered, requests: &[Request], way: Way) -> (Vec<Vec<Outcome>>, Vec<Event>) {
    let mut store = Store::new();
    let mut sent = stammered.sent.as_slice();
    let mut drafts = Vec::<(Vec<Draft>, Expect)>::new();
    for request in requests.iter().cycle() {
        if sent.is_empty() {
            break;
        }
        let (some, rest) = sent.split_at(request.size.min(sent.len()));
        drafts.push((some.iter().map(|sent| stammered.draft(*sent, &store)).collect(), request.expect));
        sent = rest;
    }
    let outcomes = match way {
        Way::AtOnce => store.send_at_once(drafts),
        Way::InTurn => drafts.into_iter().map(|(drafts, expect)| store.send(drafts, expect)).collect(),
        Way::Followed | Way::Reopened => {
            let one = |(drafts, expect)| {
                let outcomes = store.send(drafts, expect);
                match way {
                    Way::Reopened => store.reopen(|_| {}),
                    Way::Followed | Way::AtOnce | Way::InTurn => store.follow(),
                }
                outcomes
            };
            drafts.into_iter().map(one).collect()
        }
    };
    store.follow();
    (outcomes, store.events().into_iter().map(clear).collect())
}

/// An event but for what is another one in every store: when it was recorded, and the sealed part.
fn clear(event: Event) -> Event {
    Event { recorded_at: event.header.occurred_at, sealed: Vec::new(), ..event }
}

proptest! {
    #![proptest_config(cases(5))]

    #[test]
    fn the_same_requests_in_the_same_order_leave_the_same_log(
        stammered in Stammered::any(16), requests in prop::collection::vec(request(), 1..6),
    ) {
        let in_turn = outcome(&stammered, &requests, Way::InTurn);
        for way in [Way::Followed, Way::AtOnce, Way::Reopened] {
            let (outcomes, log) = outcome(&stammered, &requests, way);
            prop_assert_eq!(&outcomes, &in_turn.0, "{:?}", way);
            prop_assert_eq!(&log, &in_turn.1, "{:?}", way);
        }
        // What is each for itself may be cut in any way.
        let each: Vec<Request> = requests.iter().map(|request| Request { expect: Expect::Each, ..*request }).collect();
        let one = [Request { size: usize::MAX, expect: Expect::Each }];
        let (several, whole) = (outcome(&stammered, &each, Way::InTurn), outcome(&stammered, &one, Way::InTurn));
        prop_assert_eq!(several.0.concat(), whole.0.concat());
        prop_assert_eq!(several.1, whole.1);
    }
}
