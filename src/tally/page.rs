//! The rows of one customer that begin on one day: how they are stored.
//!
//! The steps between kinds are as many as there are events. They are stored as what kind came how long behind the one before, and
//! made rows only when somebody counts them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::entity::{Case, Contact, Conversation, Entity, Step, Visit, Way};
use crate::event::{Kind, Micros};

/// An event's kind and moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindStep {
    /// The number of the kind.
    pub kind: u16,
    /// When it happened.
    pub at: Micros,
}

/// The rows of one customer that begin on one day.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// Contacts that began.
    pub contacts: Vec<Contact>,
    /// Cases that were raised.
    pub cases: Vec<Case>,
    /// Conversations that began.
    pub conversations: Vec<Conversation>,
    /// Steps along stages, touchpoints and channels.
    pub steps: Vec<Step>,
    /// What happened at each place of the journey.
    pub visits: Vec<Visit>,
    kinds: Kinds,
}

/// The kinds of the events of a day.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Kinds {
    /// The last event before the day: its kind and moment.
    before: Option<(u16, i64)>,
    /// When the day's first event happened.
    first_at: i64,
    /// Each kind, and how many microseconds after the one before.
    events: Vec<(u16, u64)>,
    /// The kind of the first event behind the day.
    next: Option<u16>,
}

/// The day of UTC that a moment is on, counted from 1970.
#[must_use]
pub fn day_of(at: Micros) -> i32 {
    let day = at.0.div_euclid(Micros::DAY);
    day.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32
}

/// All rows of a customer.
pub(super) type Rows = (Vec<Contact>, Vec<Case>, Vec<Conversation>, Vec<Step>, Vec<Visit>);

impl Page {
    /// Lays rows out by the day on which each begins.
    pub(super) fn by_day(
        customer: &Arc<str>,
        (contacts, cases, conversations, steps, visits): Rows,
        kinds: Vec<KindStep>,
    ) -> Vec<(i32, Self)> {
        let mut pages: BTreeMap<i32, Self> = BTreeMap::new();
        lay(contacts, &mut pages, |page| &mut page.contacts);
        lay(cases, &mut pages, |page| &mut page.cases);
        lay(conversations, &mut pages, |page| &mut page.conversations);
        lay(steps, &mut pages, |page| &mut page.steps);
        lay(visits, &mut pages, |page| &mut page.visits);
        let mut before: Option<KindStep> = None;
        for step in kinds {
            let day = day_of(step.at);
            if let Some(last) = before.filter(|last| day_of(last.at) != day)
                && let Some(page) = pages.get_mut(&day_of(last.at))
            {
                page.kinds.next = Some(step.kind);
            }
            pages.entry(day).or_default().kinds.push(step, before);
            before = Some(step);
        }
        let mut pages: Vec<(i32, Self)> = pages.into_iter().collect();
        pages.iter_mut().for_each(|(_, page)| page.belongs_to(customer));
        pages
    }

    /// Says whose rows they are: it is not stored with each.
    pub fn belongs_to(&mut self, customer: &Arc<str>) {
        self.contacts.iter_mut().for_each(|row| row.customer = customer.clone());
        self.cases.iter_mut().for_each(|row| row.customer = customer.clone());
        self.conversations.iter_mut().for_each(|row| row.customer = customer.clone());
        self.steps.iter_mut().for_each(|row| row.customer = customer.clone());
        self.visits.iter_mut().for_each(|row| row.customer = customer.clone());
    }

    /// The steps between kinds, as rows.
    pub fn kind_steps(&self, customer: &Arc<str>) -> impl Iterator<Item = Step> {
        let kinds = &self.kinds;
        let mut before = kinds.before;
        let mut at = kinds.first_at;
        kinds.events.iter().enumerate().map(move |(number, (kind, behind))| {
            at = at.saturating_add_unsigned(*behind);
            let next = kinds.events.get(number + 1).map(|(kind, _)| *kind).or(kinds.next);
            let step = Step {
                of: Way::Kind,
                customer: customer.clone(),
                from: before.map(|(kind, _)| kind_name(kind).into()),
                to: kind_name(*kind).into(),
                next: next.map(|kind| kind_name(kind).into()),
                at: Micros(at),
                elapsed_ms: before.map(|(_, before)| at.saturating_sub(before) as f64 / 1_000.0),
                ..Step::default()
            };
            before = Some((*kind, at));
            step
        })
    }
}

impl Kinds {
    fn push(&mut self, step: KindStep, before: Option<KindStep>) {
        if self.events.is_empty() {
            self.before = before.map(|before| (before.kind, before.at.0));
            self.first_at = step.at.0;
            self.events.push((step.kind, 0));
        } else {
            let behind = before.map_or(0, |before| step.at.since(before.at));
            self.events.push((step.kind, u64::try_from(behind).unwrap_or_default()));
        }
    }
}

fn lay<R: Entity>(rows: Vec<R>, pages: &mut BTreeMap<i32, Page>, of: fn(&mut Page) -> &mut Vec<R>) {
    for row in rows {
        let day = day_of(row.place().0);
        of(pages.entry(day).or_default()).push(row);
    }
}

/// The name of a kind's number. Stored events have known kinds only.
fn kind_name(code: u16) -> &'static str {
    Kind::ALL.iter().find(|info| info.code == code).map_or("unknown", |info| info.name)
}
