//! The matters that a customer raised.
//!
//! A case is open until it is resolved, and again when it is reopened. Sources stamp answers before openings at times; such
//! a case is resolved all the same: only a reopening opens it again. An opening that comes again, from another source,
//! adds what it says; when and where the case was raised stays that of the first.

use std::collections::BTreeMap;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::EventRef;
use crate::event::kind::{CaseOpened, CaseReopened, CaseUpdated};
use crate::event::{Channel, Demand, Event, Micros};

/// Days within which a customer has to be answered where nobody says otherwise: Decreto 11.034/2022, article 13.
pub const ANSWER_DAYS: i64 = 7;

/// Events of one case that are kept: the first and the newest.
const MOST_EVENTS: usize = 200;

/// Whether a case is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CaseStatus {
    /// Not settled, or come up again.
    Open,
    /// Settled.
    Resolved,
}

/// A matter that a customer raised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// As its source calls it.
    pub id: String,
    /// The registration number that the customer was given.
    pub protocol: Option<String>,
    /// What they want: a word of [`Demand`], `request` when nobody said.
    pub demand: String,
    /// Whether it is open.
    pub status: CaseStatus,
    /// The event that has its title sealed.
    pub title: Option<EventRef>,
    /// When it was raised; the first event of it when no opening came.
    pub opened_at: Micros,
    /// When it must be answered, as its source says.
    pub due_at: Option<Micros>,
    /// When it must be answered: what its source says, else [`ANSWER_DAYS`] days after it was raised.
    pub deadline: Micros,
    /// Whether it is open and that moment has passed.
    pub overdue: bool,
    /// When it was settled, the last time; `None` while it is open.
    pub resolved_at: Option<Micros>,
    /// How often it came up again.
    pub reopened_count: u32,
    /// Where it was raised.
    pub channel: Channel,
    /// Which area owns it.
    pub department: Option<String>,
    /// The events that name it, oldest first; of more than 200 the first and the newest.
    pub events: Vec<EventRef>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct State {
    protocol: Option<CompactString>,
    demand: Option<Demand>,
    status: CaseStatus,
    title: Option<EventRef>,
    opened_at: Micros,
    due_at: Option<Micros>,
    resolved_at: Option<Micros>,
    reopened_count: u32,
    channel: Channel,
    department: Option<CompactString>,
    events: Vec<EventRef>,
}

/// The cases by id.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Cases(BTreeMap<CompactString, State>);

impl Cases {
    /// An event that names a case belongs to it.
    pub(super) fn see(&mut self, event: &Event) {
        let Some(id) = &event.header.case else { return };
        let state = self.0.entry(id.as_str().into()).or_insert_with(|| State::new(event));
        if state.events.len() == MOST_EVENTS {
            state.events.remove(1);
        }
        state.events.push(EventRef::of(event));
        if let Some(department) = &event.header.department {
            state.department = Some(department.as_str().into());
        }
    }

    pub(super) fn opened(&mut self, event: &Event, opened: &CaseOpened) {
        let Some(state) = self.state(event) else { return };
        if let Some(protocol) = &opened.protocol {
            state.protocol = Some(protocol.as_str().into());
        }
        state.demand = opened.demand.or(state.demand);
        state.due_at = opened.due_at.or(state.due_at);
        if state.title.is_none() {
            state.title = Some(EventRef::of(event));
            state.opened_at = event.header.occurred_at;
            state.channel = event.header.channel.clone();
        }
    }

    pub(super) fn updated(&mut self, event: &Event, updated: &CaseUpdated) {
        let Some(state) = self.state(event) else { return };
        state.due_at = updated.due_at.or(state.due_at);
    }

    pub(super) fn resolved(&mut self, event: &Event) {
        let Some(state) = self.state(event) else { return };
        state.status = CaseStatus::Resolved;
        state.resolved_at = Some(event.header.occurred_at);
    }

    pub(super) fn reopened(&mut self, event: &Event, reopened: &CaseReopened) {
        let Some(state) = self.state(event) else { return };
        state.status = CaseStatus::Open;
        state.resolved_at = None;
        state.reopened_count = state.reopened_count.saturating_add(1);
        state.due_at = reopened.due_at.or(state.due_at);
    }

    fn state(&mut self, event: &Event) -> Option<&mut State> {
        event.header.case.as_ref().and_then(|id| self.0.get_mut(id.as_str()))
    }

    /// All cases, the newest first.
    pub(super) fn at(&self, now: Micros) -> Vec<Case> {
        let mut cases: Vec<Case> = self.0.iter().map(|(id, state)| state.show(id, now)).collect();
        cases.sort_by(|a, b| b.opened_at.cmp(&a.opened_at).then_with(|| a.id.cmp(&b.id)));
        cases
    }

    /// A case that is open: this one, if it is, else the newest of those that were raised by this moment.
    pub(super) fn open_one(&self, preferred: Option<&str>, raised_by: Micros, now: Micros) -> Option<Case> {
        let open = |(_, state): &(&CompactString, &State)| state.status == CaseStatus::Open;
        let named = preferred.and_then(|id| self.0.get_key_value(id)).filter(open);
        let by_then = |each: &(&CompactString, &State)| open(each) && each.1.opened_at <= raised_by;
        let newest = || self.0.iter().filter(by_then).max_by_key(|(_, state)| state.opened_at);
        named.or_else(newest).map(|(id, state)| state.show(id, now))
    }

    /// How many are resolved, and how many open.
    pub(super) fn resolved_and_open(&self) -> (u64, u64) {
        let resolved = self.0.values().filter(|state| state.status == CaseStatus::Resolved).count();
        (resolved as u64, (self.0.len() - resolved) as u64)
    }
}

impl State {
    fn new(event: &Event) -> Self {
        Self {
            protocol: None,
            demand: None,
            status: CaseStatus::Open,
            title: None,
            opened_at: event.header.occurred_at,
            due_at: None,
            resolved_at: None,
            reopened_count: 0,
            channel: event.header.channel.clone(),
            department: None,
            events: Vec::new(),
        }
    }

    fn show(&self, id: &str, now: Micros) -> Case {
        let deadline = self.due_at.unwrap_or(Micros(self.opened_at.0.saturating_add(ANSWER_DAYS * Micros::DAY)));
        Case {
            id: id.to_owned(),
            protocol: self.protocol.as_ref().map(ToString::to_string),
            demand: self.demand.unwrap_or(Demand::Request).word().to_owned(),
            status: self.status,
            title: self.title,
            opened_at: self.opened_at,
            due_at: self.due_at,
            deadline,
            overdue: self.status == CaseStatus::Open && deadline < now,
            resolved_at: self.resolved_at,
            reopened_count: self.reopened_count,
            channel: self.channel.clone(),
            department: self.department.as_ref().map(ToString::to_string),
            events: self.events.clone(),
        }
    }
}
