//! Neither the order in which customers are linked nor the order in which their events arrive changes what is known of them,
//! and an unlink gives back what was before the link.
//!
//! What is *not* promised: a link of two strands that are one customer already adds nothing to the graph, so an unlink of
//! these two may then part the customer elsewhere. And where evidence alone would bring together more than the rules allow,
//! what came first counts.

use proptest::prelude::*;

use super::deed::{CRM, CUSTOMERS, Deed, identifier};
use super::history::{Cut, History};
use super::portrait;
use super::settings::cases;
use super::store::{Store, known_by};

/// When links and unlinks happen, whichever comes first.
const LINKED_AT: u16 = 45;

/// A way to make the same customers of the same strands: who is linked with whom, in which order, before which deeds.
#[derive(Clone, Debug)]
struct Merges(Vec<((u8, u8), prop::sample::Index)>);

/// Customers who are one have the same letter. Two ways to link them: each group as a tree of its own, its links in any order
/// and between any deeds.
fn merges() -> impl Strategy<Value = (Merges, Merges)> {
    let groups = prop::collection::vec(0_u8..2, usize::from(CUSTOMERS));
    groups.prop_flat_map(|groups| (one_way(groups.clone()), one_way(groups)))
}

fn one_way(groups: Vec<u8>) -> impl Strategy<Value = Merges> {
    let members: Vec<u8> = (0..CUSTOMERS).collect();
    let dice = prop::collection::vec(any::<prop::sample::Index>(), usize::from(CUSTOMERS));
    let order = Just(members).prop_shuffle();
    let times = prop::collection::vec(any::<prop::sample::Index>(), usize::from(CUSTOMERS));
    let turned = prop::collection::vec(any::<bool>(), usize::from(CUSTOMERS));
    (order, dice, times, turned).prop_flat_map(move |(order, dice, times, turned)| {
        let mut links = Vec::new();
        for (at, who) in order.iter().enumerate() {
            let before = order[..at].iter().filter(|other| groups[usize::from(**other)] == groups[usize::from(*who)]);
            let before: Vec<u8> = before.copied().collect();
            if !before.is_empty() {
                let with = before[dice[at].index(before.len())];
                links.push((if turned[at] { (*who, with) } else { (with, *who) }, times[at]));
            }
        }
        Just(links).prop_shuffle().prop_map(Merges)
    })
}

impl Merges {
    /// The deeds of a history with their numbers, and the links between them.
    fn among(&self, history: &History) -> Vec<(usize, Deed)> {
        let mut deeds: Vec<(usize, Deed)> = history.numbered().map(|(number, deed)| (number, *deed)).collect();
        for (count, (pair, place)) in self.0.iter().enumerate() {
            let link = (history.0.len() + count, Deed::between(*pair, LINKED_AT, true));
            deeds.insert(place.index(deeds.len() + 1), link);
        }
        deeds
    }
}

/// A store to which deeds with numbers of their own were told.
fn told(deeds: &[(usize, Deed)], cut: &Cut) -> Store {
    let store = Store::new();
    let deeds: Vec<(usize, &Deed)> = deeds.iter().map(|(number, deed)| (*number, deed)).collect();
    store.tell_some(&deeds, cut);
    store
}

/// Another order of arrival, in which those of one moment come in the order that they had.
fn of_one_moment_in_order(history: &History, mut order: Vec<usize>) -> Vec<(usize, Deed)> {
    let moment = |number: usize| history.0[number].minute;
    for at in 0..order.len() {
        let same = (at + 1..order.len()).filter(|behind| moment(order[*behind]) == moment(order[at]));
        if let Some(first) = same.min_by_key(|behind| order[*behind]).filter(|behind| order[*behind] < order[at]) {
            order.swap(at, first);
        }
    }
    order.into_iter().map(|number| (number, history.0[number])).collect()
}

/// A history, and the numbers of its deeds in another order.
fn in_two_orders() -> impl Strategy<Value = (History, Vec<usize>)> {
    History::of_apart(24).prop_flat_map(|history| {
        let order = Just((0..history.0.len()).collect::<Vec<_>>()).prop_shuffle();
        (Just(history), order)
    })
}

proptest! {
    #![proptest_config(cases(11))]

    #[test]
    fn customers_are_the_same_in_whatever_order_they_were_linked(
        history in History::of_apart(20), (one, other) in merges(), cut in Cut::any(),
    ) {
        let (one, other) = (one.among(&history), other.among(&history));
        prop_assert_eq!(portrait::of_all(&told(&one, &cut)), portrait::of_all(&told(&other, &cut)));
    }

    #[test]
    fn the_order_of_arrival_counts_among_events_of_one_moment_alone(
        (history, order) in in_two_orders(), cut in Cut::any(),
    ) {
        let store = Store::told(&history, &cut);
        let other = told(&of_one_moment_in_order(&history, order.clone()), &cut);
        prop_assert_eq!(portrait::of_all(&other), portrait::of_all(&store));
        // With those of one moment in another order as well, the context is the fold by moment and position.
        let any_order: Vec<(usize, Deed)> = order.iter().map(|number| (*number, history.0[*number])).collect();
        let any_order = told(&any_order, &cut);
        let log = any_order.events();
        for customer in any_order.customers() {
            prop_assert_eq!(customer.context().unwrap(), portrait::fold_of_the_log(&customer, &log));
        }
    }

    #[test]
    fn an_unlink_gives_back_what_was_before_the_link(
        history in History::any(16), between in History::of_apart(4), (a, b) in (0..CUSTOMERS, 1..CUSTOMERS),
        turned in any::<bool>(), cut in Cut::any(),
    ) {
        let (a, b) = (a, (a + b) % CUSTOMERS);
        // Both are known from the first minute on, each by what will be linked.
        let mut before = History(vec![Deed::note(a, 0), Deed::note(b, 0)]);
        before.0.extend(&history.0);
        let store = Store::told(&before, &cut);
        let picture = store.picture();
        let customer = |who| known_by(&picture, &identifier(who, CRM)).unwrap().id();
        if customer(a) == customer(b) {
            return Ok(());
        }
        let said = portrait::of_all(&store);
        // By one identifier each: evidence across the two while they are one has no part in this.
        let between: Vec<Deed> = between.0.into_iter().map(Deed::by_number).collect();
        let (link, unlink) = (Deed::between((a, b), LINKED_AT, true), if turned { (b, a) } else { (a, b) });
        let unlink = Deed::between(unlink, LINKED_AT, false);
        let mut numbers = before.0.len()..;
        let mut number = |deed: Deed| (numbers.next().unwrap(), deed);
        let deeds: Vec<(usize, Deed)> =
            std::iter::once(link).chain(between).chain([unlink]).map(&mut number).collect();
        let all: Vec<(usize, &Deed)> = deeds.iter().map(|(number, deed)| (*number, deed)).collect();
        store.tell_some(&all[..1], &cut);
        prop_assert_eq!(portrait::of_all(&store).len(), said.len() - 1, "the link makes one customer of two");
        store.tell_some(&all[1..], &cut);
        // A store in which nobody linked the two: notes that are not pinned stand where they were.
        let other = Store::told(&before, &cut);
        let inert = |(number, deed): &(usize, Deed)| {
            (*number, if deed.is_link() || deed.is_unlink() { Deed::note(deed.who, deed.minute) } else { *deed })
        };
        let deeds: Vec<(usize, Deed)> = deeds.iter().map(inert).collect();
        let all: Vec<(usize, &Deed)> = deeds.iter().map(|(number, deed)| (*number, deed)).collect();
        other.tell_some(&all, &cut);
        let stood_in = [deeds[0].0, deeds[deeds.len() - 1].0];
        let but_for = |store| portrait::of_all(store).iter().map(|said| said.but_for(&stood_in)).collect::<Vec<_>>();
        prop_assert_eq!(but_for(&store), but_for(&other));
    }
}
