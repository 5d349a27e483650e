//! Everything that a store says of a customer, in words that do not depend on where in the log it stands: events are told by
//! the numbers of their deeds.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use novelo::context::{Context, ContextRules};
use novelo::engine::{Customer, Picture};
use novelo::event::{Event, Kind, Micros, Position, flat};
use novelo::timeline::{PageArgs, TimelineFilter};

use super::deed::NUMBER;
use super::store::Store;

/// Everything that a store says of a customer, part by part.
#[derive(Clone, PartialEq)]
pub(super) struct Portrait(Vec<(&'static str, String)>);

impl Portrait {
    /// The same but for what is known of the identifiers.
    pub(super) fn but_for_identifiers(&self) -> Self {
        Self(self.0.iter().filter(|(part, _)| *part != IDENTIFIERS).cloned().collect())
    }

    /// The same but for the entries of some deeds in the timeline, and for how often the customer was linked and unlinked.
    pub(super) fn but_for(&self, numbers: &[usize]) -> Self {
        let is_meant =
            |line: &str| numbers.iter().any(|number| line.contains(&format!("{{\"{NUMBER}\":\"{number}\"}}")));
        let left = |said: &str| said.lines().filter(|line| !is_meant(line)).collect::<Vec<_>>().join("\n");
        let parts = self.0.iter().filter(|(part, _)| *part != LINKS);
        Self(parts.map(|(part, said)| (*part, if *part == TIMELINE { left(said) } else { said.clone() })).collect())
    }
}

const TIMELINE: &str = "timeline";
const IDENTIFIERS: &str = "identifiers";
const LINKS: &str = "links and unlinks";

/// A line for each part.
impl fmt::Debug for Portrait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f)?;
        self.0.iter().try_for_each(|(part, said)| writeln!(f, "  {part}: {said}"))
    }
}

/// When all questions are asked.
fn now() -> Micros {
    Micros::parse("2026-01-07T12:00:00Z").unwrap()
}

/// Everything as one page.
pub(super) const ALL: PageArgs = PageArgs { size: usize::MAX, from_end: false, after: None, before: None };

/// The number of the deed that an event is.
pub(super) fn number_of(event: &Event) -> usize {
    event.header.dimensions.get(NUMBER).unwrap().parse().unwrap()
}

/// The numbers of the deeds in a customer's timeline.
pub(super) fn timeline(customer: &Customer) -> Vec<Event> {
    customer
        .timeline(ALL, &TimelineFilter::default())
        .unwrap()
        .entries
        .into_iter()
        .map(|stored| stored.1.clone())
        .collect()
}

/// Portraits of all customers of a store, in the order of their ids.
pub(super) fn of_all(store: &Store) -> Vec<Portrait> {
    store.customers().iter().map(of).collect()
}

/// The portrait of a customer. Where an agent linked and unlinked them is told by how often alone.
pub(super) fn of(customer: &Customer) -> Portrait {
    let events = timeline(customer);
    let numbers: BTreeMap<Position, usize> = events.iter().map(|event| (event.position, number_of(event))).collect();
    let context = customer.context().unwrap();
    let said = |what: &dyn fmt::Debug| by_number(&format!("{what:?}"), &numbers);
    let (told, links): (Vec<&Event>, Vec<&Event>) = events.iter().partition(|event| !is_link(event));
    let told: Vec<String> = told.into_iter().map(|event| line(customer.picture(), event)).collect();
    Portrait(vec![
        ("id", customer.id().to_string()),
        (IDENTIFIERS, said(&identifiers(customer))),
        ("name", said(&customer.display_name().unwrap())),
        ("entries", said(&customer.count_all().unwrap())),
        ("totals", said(&context.totals())),
        ("feedback", said(&context.feedback())),
        ("satisfaction", said(&context.satisfaction())),
        ("stage", said(&(context.stage(), context.milestones()))),
        ("consents", said(&context.consents())),
        ("facts", said(&context.facts(now()))),
        ("cases", said(&context.cases(now()))),
        ("stopped", said(&context.continuation(now()))),
        ("preference", said(&context.preference(now()))),
        ("attributes", said(&context.attributes(None))),
        ("pinned", said(&context.pinned_notes())),
        ("all that is kept", said(&*context)),
        (TIMELINE, format!("\n    {}", told.join("\n    "))),
        (LINKS, links.len().to_string()),
    ])
}

/// What is known of each identifier, in the order of their values.
fn identifiers(customer: &Customer) -> Vec<String> {
    let known = customer.members().iter().filter_map(|member| customer.identifier(&member.subject).unwrap());
    let mut lines: Vec<String> = known
        .map(|known| {
            let value = known.identifier.map(|identifier| identifier.to_wire());
            format!("{} {value:?} verified {} since {}", known.kind, known.verified, known.first_seen_at)
        })
        .collect();
    lines.sort();
    lines
}

fn line(picture: &Picture, event: &Event) -> String {
    let personal = picture.open(event).unwrap();
    let erased = if personal.is_some() { "" } else { " (erased)" };
    let data = serde_json::Value::Object(flat::show(event, personal.as_ref()));
    format!("{} {}{erased} {data}", event.header.occurred_at, event.kind.name())
}

fn is_link(event: &Event) -> bool {
    matches!(event.kind, Kind::IdentityLinked(_) | Kind::IdentityUnlinked(_))
}

/// Positions in a text by the numbers of their deeds.
fn by_number(text: &str, numbers: &BTreeMap<Position, usize>) -> String {
    let mut pieces = text.split("Position(");
    let mut told = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (position, rest) = piece.split_once(')').unwrap();
        let number = numbers.get(&Position(position.parse().unwrap()));
        told += &format!("deed {}{rest}", number.map_or_else(|| format!("at {position}"), ToString::to_string));
    }
    told
}

/// The fold of a customer's events, as found in the log and put in order by moment and position here.
pub(super) fn fold_of_the_log(customer: &Customer, log: &[Event]) -> Arc<Context> {
    let theirs = |event: &&Event| customer.members().iter().any(|member| member.subject == event.strand.subject);
    let mut events: Vec<&Event> = log.iter().filter(theirs).collect();
    events.sort_by_key(|event| (event.header.occurred_at, event.position));
    let mut context = Context::default();
    events.into_iter().for_each(|event| context.fold(event, &ContextRules::default()));
    Arc::new(context)
}
