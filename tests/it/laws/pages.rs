//! A timeline never omits silently: pages of any size, from either end and between any two places, with any filter, hold
//! exactly the events that are meant, and "n of N" is right.

use novelo::engine::Customer;
use novelo::event::text::folded;
use novelo::event::{Direction, Event, Micros};
use novelo::timeline::{Page, PageArgs, TimelineFilter};
use proptest::prelude::*;

use super::deed::{CHANNELS, DIRECTIONS, Deed};
use super::history::{Cut, History};
use super::portrait::number_of;
use super::settings::cases;
use super::store::Store;

/// What somebody wants to see, in plain values.
#[derive(Clone, Debug)]
struct Wish {
    channels: Vec<&'static str>,
    kinds: Vec<&'static str>,
    direction: Option<&'static str>,
    from_minute: Option<u16>,
    to_minute: Option<u16>,
    case: Option<u8>,
    conversation: Option<u8>,
    /// The word of this deed.
    word: Option<usize>,
}

fn wish() -> impl Strategy<Value = Wish> {
    let rarely = |values: std::ops::Range<u16>| prop::option::weighted(0.2, values);
    let kinds = prop::sample::subsequence(vec!["note.added", "message.sent", "case.opened", "custom"], 0..3);
    let channels = prop::sample::subsequence(CHANNELS.to_vec(), 0..4);
    let some = (
        prop_oneof![2 => Just(Vec::new()), 1 => channels],
        prop_oneof![3 => Just(Vec::new()), 1 => kinds],
        prop::option::weighted(0.2, prop::sample::select(DIRECTIONS.to_vec())),
    );
    let others = (rarely(0..90), rarely(0..90), rarely(0..3), rarely(0..2), rarely(0..50));
    (some, others).prop_map(|((channels, kinds, direction), (from_minute, to_minute, case, conversation, word))| Wish {
        channels,
        kinds,
        direction,
        from_minute,
        to_minute,
        case: case.map(|number| number as u8),
        conversation: conversation.map(|number| number as u8),
        word: word.map(usize::from),
    })
}

/// The moment of a minute.
fn moment(minute: u16) -> Micros {
    Deed::note(0, minute).moment()
}

impl Wish {
    fn filter(&self) -> TimelineFilter {
        TimelineFilter {
            channels: self.channels.iter().map(|name| name.parse().unwrap()).collect(),
            kinds: self.kinds.iter().map(ToString::to_string).collect(),
            feedback: Vec::new(),
            direction: self.direction.map(|word| Direction::from_word(word).unwrap()),
            from: self.from_minute.map(moment),
            to: self.to_minute.map(moment),
            text: self.word.map(|number| folded(&Deed::word(number))),
            case: self.case.map(|number| format!("k{number}")),
            conversation: self.conversation.map(|number| format!("v{number}")),
        }
    }

    /// Whether a deed is wanted, by what was told of it.
    fn wants(&self, number: usize, deed: &Deed) -> bool {
        (self.channels.is_empty() || deed.channel().is_some_and(|channel| self.channels.contains(&channel)))
            && (self.kinds.is_empty() || self.kinds.contains(&deed.kind()))
            && self.direction.is_none_or(|direction| direction == deed.direction())
            && self.from_minute.is_none_or(|from| deed.minute >= from)
            && self.to_minute.is_none_or(|to| deed.minute < to)
            && self.case.is_none_or(|case| deed.case() == Some(format!("k{case}")))
            && self.conversation.is_none_or(|conversation| deed.conversation() == Some(format!("v{conversation}")))
            && self.word.is_none_or(|word| word == number && deed.says_its_word())
    }
}

/// All pages from one end to the other.
fn walk(
    customer: &Customer,
    size: usize,
    from_end: bool,
    filter: &TimelineFilter,
) -> Result<Vec<usize>, TestCaseError> {
    let (mut numbers, mut place) = (Vec::new(), None);
    loop {
        let (after, before) = if from_end { (None, place) } else { (place, None) };
        let page: Page = customer.timeline(PageArgs { size, from_end, after, before }, filter).unwrap();
        let mut found: Vec<usize> = page.entries.iter().map(|stored| number_of(&stored.1)).collect();
        prop_assert!(found.len() <= size);
        let more = if from_end { page.has_previous } else { page.has_next };
        prop_assert!(!more || found.len() == size, "a page that is not full is the last");
        let last = if from_end { page.entries.first() } else { page.entries.last() };
        place = last.map(|stored| Customer::cursor(&stored.0)).or(place);
        if from_end {
            found.reverse();
        }
        numbers.extend(found);
        if !more {
            break;
        }
    }
    if from_end {
        numbers.reverse();
    }
    Ok(numbers)
}

/// What lies between two places of the timeline, both left out, from either end.
fn between(customer: &Customer, expected: &[usize], (a, b): (usize, usize)) -> Result<(), TestCaseError> {
    let open = TimelineFilter::default();
    let everything = customer.timeline(super::portrait::ALL, &open).unwrap();
    let (a, b) = (a % expected.len(), b % expected.len());
    let place = |at: usize| Some(Customer::cursor(&everything.entries[at].0));
    for from_end in [false, true] {
        let args = PageArgs { size: usize::MAX, from_end, after: place(a), before: place(b) };
        let page = customer.timeline(args, &open).unwrap();
        let found: Vec<usize> = page.entries.iter().map(|stored| number_of(&stored.1)).collect();
        prop_assert_eq!(&found, expected.get(a + 1..b).unwrap_or_default());
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(9))]

    #[test]
    fn pages_hold_exactly_what_is_meant(
        history in History::any(50), cut in Cut::any(), size in 1_usize..8, wishes in prop::collection::vec(wish(), 1..8),
        places in (any::<usize>(), any::<usize>()),
    ) {
        let store = Store::told(&history, &cut);
        let mut log: Vec<Event> = store.events();
        log.sort_by_key(|event| (event.header.occurred_at, event.position));
        let mut seen = 0;
        for customer in store.customers() {
            let theirs = |event: &&Event| customer.members().iter().any(|member| member.subject == event.strand.subject);
            let all: Vec<usize> = log.iter().filter(theirs).map(number_of).collect();
            seen += all.len();
            prop_assert_eq!(customer.count_all().unwrap(), all.len() as u64);
            prop_assert_eq!(customer.context().unwrap().totals().events, all.len() as u64);
            if !all.is_empty() {
                between(&customer, &all, places)?;
            }
            for wish in &wishes {
                let wanted = |number: &usize| wish.wants(*number, &history.0[*number]);
                let expected: Vec<usize> = all.iter().copied().filter(wanted).collect();
                let filter = wish.filter();
                prop_assert_eq!(customer.count(&filter).unwrap(), expected.len() as u64, "{:?}", wish);
                prop_assert_eq!(&walk(&customer, size, false, &filter)?, &expected, "forwards, {:?}", wish);
                prop_assert_eq!(&walk(&customer, size, true, &filter)?, &expected, "backwards, {:?}", wish);
            }
        }
        prop_assert_eq!(seen, history.0.len(), "every event is somebody's");
    }
}
