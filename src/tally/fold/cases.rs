//! Cases of their events.
//!
//! Any event that names a case belongs to it. It is open until it is resolved, and again when it is reopened. An answer may be
//! stamped before the opening: it settles the case all the same.

use std::collections::{BTreeMap, BTreeSet};

use compact_str::CompactString;

use super::{add_dimensions, ms, name};
use crate::event::{Demand, Direction, Event, Feedback, Kind, Micros, channel_text};
use crate::tally::entity::{Case, Contact};

/// A case under way.
#[derive(Debug, Default)]
struct State {
    row: Case,
    opened: bool,
    /// The contacts by the customer that name it: source and id.
    contacts: BTreeSet<CompactString>,
    /// The contact in which it was raised.
    raised_in: Option<CompactString>,
}

/// The cases of a customer.
#[derive(Debug, Default)]
pub(super) struct Cases {
    states: BTreeMap<CompactString, State>,
    /// When the customer complained, and about which case.
    complaints: Vec<(Micros, Option<CompactString>)>,
}

impl Cases {
    pub(super) fn see(&mut self, event: &Event) {
        let header = &event.header;
        let case = name(header.case.as_ref());
        if is_complaint(&event.kind) {
            self.complaints.push((header.occurred_at, case.clone()));
        }
        if let Some(case) = case {
            self.states.entry(case.clone()).or_insert_with(|| State::new(case, event)).see(event);
        }
    }

    /// The rows, in the order in which they were raised.
    pub(super) fn finish(mut self, contacts: &[Contact]) -> Vec<Case> {
        self.complaints.sort();
        let inbound: Vec<&Contact> = contacts.iter().filter(|contact| contact.is_inbound()).collect();
        let reasons: BTreeMap<&str, &Option<CompactString>> =
            contacts.iter().map(|contact| (contact.contact.as_str(), &contact.reason)).collect();
        let complaints = self.complaints;
        let mut rows: Vec<Case> = (self.states.into_values())
            .map(|mut state| {
                let reason = state.raised_in.as_deref().and_then(|contact| reasons.get(contact));
                state.row.reason = reason.and_then(|reason| (*reason).clone());
                state.look_behind(&inbound, &complaints);
                state.row.contacts = state.contacts.len() as u32;
                state.row
            })
            .collect();
        rows.sort_by_key(|row| (row.opened_at, row.position));
        rows
    }
}

fn is_complaint(kind: &Kind) -> bool {
    if let Kind::CaseOpened(opened) = kind {
        return opened.demand == Some(Demand::Complaint);
    }
    kind.feedback() == Some(Feedback::Complaint)
}

impl State {
    fn new(case: CompactString, event: &Event) -> Self {
        let header = &event.header;
        let row = Case {
            case,
            source: header.source.as_str().into(),
            channel: channel_text(&header.channel).as_ref().into(),
            demand: Demand::Request.word().into(),
            opened_at: header.occurred_at,
            position: event.position.0,
            ..Case::default()
        };
        Self { row, ..Self::default() }
    }

    fn see(&mut self, event: &Event) {
        let (header, row) = (&event.header, &mut self.row);
        if row.touchpoint.is_none() {
            row.touchpoint = name(header.touchpoint.as_ref());
        }
        if row.stage.is_none() {
            row.stage = name(header.stage.as_ref());
        }
        if let Some(department) = &header.department {
            row.department = Some(department.as_str().into());
        }
        add_dimensions(&mut row.dimensions, event);
        if let Some(contact) = &header.contact
            && header.direction != Direction::Internal
        {
            self.contacts.insert(contact.as_str().into());
            self.raised_in.get_or_insert_with(|| contact.as_str().into());
        }
        self.see_kind(event);
    }

    fn see_kind(&mut self, event: &Event) {
        let (header, row) = (&event.header, &mut self.row);
        match &event.kind {
            Kind::CaseOpened(opened) => {
                if let Some(demand) = opened.demand {
                    row.demand = demand.word().into();
                }
                if let Some(protocol) = &opened.protocol {
                    row.protocol = Some(protocol.as_str().into());
                }
                if let Some(priority) = &opened.priority {
                    row.priority = Some(priority.as_str().into());
                }
                row.due_at = opened.due_at.or(row.due_at);
                // When and where it was raised is what its first opening says.
                if !std::mem::replace(&mut self.opened, true) {
                    row.opened_at = header.occurred_at;
                    row.channel = channel_text(&header.channel).as_ref().into();
                    row.source = header.source.as_str().into();
                }
            }
            Kind::CaseUpdated(updated) => row.due_at = updated.due_at.or(row.due_at),
            Kind::CaseResolved(resolved) => {
                row.resolved_at = Some(header.occurred_at);
                row.resolution = resolved.resolution.as_ref().map(|resolution| resolution.as_str().into());
            }
            Kind::CaseReopened(reopened) => {
                row.resolved_at = None;
                row.resolution = None;
                row.reopened = row.reopened.saturating_add(1);
                row.due_at = reopened.due_at.or(row.due_at);
            }
            Kind::ContactStarted(_)
            | Kind::ContactQueued(_)
            | Kind::ContactAnswered(_)
            | Kind::ContactTransferred(_)
            | Kind::ContactEnded(_)
            | Kind::MessageSent(_)
            | Kind::SelfServiceUsed(_)
            | Kind::FeedbackGiven(_)
            | Kind::SurveySent(_)
            | Kind::SurveyAnswered(_)
            | Kind::FactTold(_)
            | Kind::FactWithdrawn(_)
            | Kind::NoteAdded(_)
            | Kind::NoteUnpinned(_)
            | Kind::StageEntered(_)
            | Kind::MilestoneReached(_)
            | Kind::ActivityTracked(_)
            | Kind::CampaignTouched(_)
            | Kind::ProfileObserved(_)
            | Kind::PreferenceStated(_)
            | Kind::ConsentChanged(_)
            | Kind::IdentityClaimed(_)
            | Kind::IdentityLinked(_)
            | Kind::IdentityUnlinked(_)
            | Kind::PrivacyHeld(_)
            | Kind::PrivacyReleased(_)
            | Kind::PrivacyShredded(_)
            | Kind::RecordViewed(_)
            | Kind::Custom(_) => {}
        }
    }

    /// What the customer did once it was settled: the first contact and the first complaint that are not about it.
    fn look_behind(&mut self, inbound: &[&Contact], complaints: &[(Micros, Option<CompactString>)]) {
        let Some(resolved) = self.row.resolved_at else { return };
        let behind = inbound.partition_point(|contact| contact.started_at <= resolved);
        let others = inbound.get(behind..).unwrap_or_default().iter();
        let mut others = others.filter(|contact| !self.contacts.contains(&contact.contact));
        let first = others.clone().next();
        let same = others.find(|contact| contact.reason == self.row.reason);
        self.row.next_contact_ms = first.map(|contact| ms(contact.started_at, resolved));
        self.row.next_same_reason_ms = same.map(|contact| ms(contact.started_at, resolved));
        let behind = complaints.partition_point(|(at, _)| *at <= resolved);
        let another = complaints.get(behind..).unwrap_or_default().iter();
        let another = another.clone().find(|(_, case)| case.as_ref() != Some(&self.row.case));
        self.row.next_complaint_ms = another.map(|(at, _)| ms(*at, resolved));
    }
}
