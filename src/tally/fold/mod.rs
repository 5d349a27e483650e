//! From the events of one customer, in the order of time, to the rows of their contacts, cases, conversations and steps.
//!
//! A pure fold: the rows say the same whenever and in whatever portions they are made, and follow a link, an unlink and a late
//! event, since they are made anew of all events of the customer then.

mod cases;
mod contacts;
mod conversations;
mod following;
mod steps;
#[cfg(test)]
mod tests;
mod visits;

use std::sync::Arc;

use compact_str::CompactString;

use super::page::Page;
use crate::event::{Event, Micros, SubjectId};

use cases::Cases;
use contacts::Contacts;
use steps::Steps;
use visits::Visits;

/// Raised whenever the rows of the same events look different.
pub const ROWS_VERSION: u32 = 1;

/// How rows are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowRules {
    /// A contact within so many microseconds of another for the same reason is a repeat.
    pub repeat_window: i64,
}

impl Default for RowRules {
    fn default() -> Self {
        Self { repeat_window: 7 * Micros::DAY }
    }
}

/// What has been seen of a customer.
#[derive(Debug, Default)]
pub struct History {
    rules: RowRules,
    contacts: Contacts,
    cases: Cases,
    steps: Steps,
    visits: Visits,
}

impl History {
    /// Nothing yet.
    #[must_use]
    pub fn new(rules: RowRules) -> Self {
        Self { rules, ..Self::default() }
    }

    /// Takes the next event of the customer in: the earlier before the later, those of one moment in the order of the log.
    pub fn see(&mut self, event: &Event) {
        let begun = self.contacts.see(event);
        self.cases.see(event);
        self.visits.see(event, begun.is_some());
        self.steps.see(event, begun);
    }

    /// The rows, by the day (of UTC, counted from 1970) on which each begins.
    #[must_use]
    pub fn finish(self, customer: SubjectId) -> Vec<(i32, Page)> {
        let mut contacts = self.contacts.finish();
        following::follow(&mut contacts, self.rules);
        let conversations = conversations::of(&contacts);
        let cases = self.cases.finish(&contacts);
        let (steps, kinds) = self.steps.finish();
        Page::by_day(
            &Arc::from(customer.to_string()),
            (contacts, cases, conversations, steps, self.visits.finish()),
            kinds,
        )
    }
}

/// Adds free names and values that are not there yet.
fn add_dimensions(into: &mut Vec<(CompactString, CompactString)>, event: &Event) {
    for (name, value) in event.header.dimensions.iter() {
        if let Err(at) = into.binary_search_by(|(known, _)| known.as_str().cmp(name)) {
            into.insert(at, (name.into(), value.into()));
        }
    }
}

/// A name, as rows have it.
fn name<T: AsRef<str>>(name: Option<&T>) -> Option<CompactString> {
    name.map(|name| name.as_ref().into())
}

/// Milliseconds between two moments.
fn ms(later: Micros, earlier: Micros) -> f64 {
    later.since(earlier) as f64 / 1_000.0
}
