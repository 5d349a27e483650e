//! Contacts of their events.
//!
//! A contact begins with the first of its events that is not internal and says in which channel; an inbound message that names
//! no contact is one by itself. A contact is told by its source and its id: what another source says of the id belongs to it as
//! well, unless that source begins a contact of its own.

use compact_str::CompactString;
use rustc_hash::FxHashMap;

use super::{add_dimensions, ms, name};
use crate::event::kind::{ContactAnswered, ContactEnded, ContactStarted};
use crate::event::{Direction, Event, Feedback, Kind, Micros, NO_CHANNEL, Outcome, channel_text};
use crate::tally::entity::{Contact, is_person};

/// A contact under way.
#[derive(Debug, Default)]
struct State {
    row: Contact,
    begun: bool,
    queued_at: Option<Micros>,
    answered_at: Option<Micros>,
    said_wait_ms: Option<f64>,
}

/// The contacts of a customer.
#[derive(Debug, Default)]
pub(super) struct Contacts {
    states: Vec<State>,
    by_source: FxHashMap<(CompactString, CompactString), usize>,
    /// The newest with an id, whatever its source.
    by_id: FxHashMap<CompactString, usize>,
}

impl Contacts {
    /// Takes an event in; the channel of the contact that begins with it, if one does.
    pub(super) fn see(&mut self, event: &Event) -> Option<CompactString> {
        let header = &event.header;
        let at = match &header.contact {
            Some(id) => self.of(event, id.as_str()),
            None if matches!(event.kind, Kind::MessageSent(_)) && header.direction == Direction::Inbound => {
                self.add(event, &header.id.to_string())
            }
            None => return None,
        };
        let state = self.states.get_mut(at)?;
        let begins = !state.begun && header.direction != Direction::Internal && header.channel != NO_CHANNEL;
        if begins {
            state.begin(event);
        }
        state.see(event);
        begins.then(|| state.row.channel.clone())
    }

    fn of(&mut self, event: &Event, id: &str) -> usize {
        let key = (CompactString::from(event.header.source.as_str()), CompactString::from(id));
        if let Some(at) = self.by_source.get(&key) {
            return *at;
        }
        let starts = matches!(event.kind, Kind::ContactStarted(_));
        match self.by_id.get(id) {
            Some(at) if !starts => *at,
            _ => self.add(event, id),
        }
    }

    fn add(&mut self, event: &Event, id: &str) -> usize {
        let at = self.states.len();
        let source = CompactString::from(event.header.source.as_str());
        let row = Contact { contact: id.into(), source: source.clone(), ..Contact::default() };
        self.states.push(State { row, ..State::default() });
        self.by_source.insert((source, id.into()), at);
        self.by_id.insert(id.into(), at);
        at
    }

    /// The rows of those that began, in the order in which they did.
    pub(super) fn finish(self) -> Vec<Contact> {
        let mut rows: Vec<Contact> = self.states.into_iter().filter(|state| state.begun).map(State::finish).collect();
        rows.sort_by_key(|row| (row.started_at, row.position));
        rows
    }
}

impl State {
    fn begin(&mut self, event: &Event) {
        let (header, row) = (&event.header, &mut self.row);
        self.begun = true;
        row.source = header.source.as_str().into();
        row.channel = channel_text(&header.channel).as_ref().into();
        row.direction = header.direction.word().into();
        row.started_at = header.occurred_at;
        row.position = event.position.0;
    }

    fn see(&mut self, event: &Event) {
        let (header, row) = (&event.header, &mut self.row);
        let first = |known: &mut Option<CompactString>, said: Option<CompactString>| {
            if known.is_none() {
                *known = said;
            }
        };
        first(&mut row.conversation, name(header.conversation.as_ref()));
        first(&mut row.case, name(header.case.as_ref()));
        first(&mut row.campaign, name(header.campaign.as_ref()));
        first(&mut row.touchpoint, name(header.touchpoint.as_ref()));
        first(&mut row.stage, name(header.stage.as_ref()));
        if let Some(department) = &header.department {
            row.department = Some(department.as_str().into());
        }
        if is_person(&header.actor) && header.direction != Direction::Internal {
            row.agent = header.actor.id().map(|id| id.as_str().into());
        }
        add_dimensions(&mut row.dimensions, event);
        self.see_kind(event);
    }

    fn see_kind(&mut self, event: &Event) {
        let at = event.header.occurred_at;
        match &event.kind {
            Kind::ContactStarted(started) => self.started(started),
            Kind::ContactQueued(queued) => {
                self.row.queued = true;
                self.queued_at.get_or_insert(at);
                self.in_queue(queued.queue.as_ref().map(|queue| queue.as_str()));
            }
            Kind::ContactAnswered(answered) => self.answered(event, answered),
            Kind::ContactTransferred(_) => self.row.transfers = self.row.transfers.saturating_add(1),
            Kind::ContactEnded(ended) => self.ended(at, ended),
            Kind::MessageSent(_) => {
                self.row.messages = self.row.messages.saturating_add(1);
                let header = &event.header;
                if header.direction == Direction::Outbound && is_person(&header.actor) && header.campaign.is_none() {
                    self.responded(at);
                }
            }
            Kind::SelfServiceUsed(_) => self.row.self_service = true,
            Kind::FeedbackGiven(given) if given.feedback == Feedback::Complaint => {
                self.row.complaints = self.row.complaints.saturating_add(1);
            }
            Kind::FeedbackGiven(_)
            | Kind::CaseOpened(_)
            | Kind::CaseUpdated(_)
            | Kind::CaseResolved(_)
            | Kind::CaseReopened(_)
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

    fn started(&mut self, started: &ContactStarted) {
        let row = &mut self.row;
        if row.reason.is_none() {
            row.reason = started.reason.as_ref().map(|reason| reason.as_str().into());
        }
        if row.channel_choice.is_none() {
            row.channel_choice = started.channel_choice.map(|choice| choice.word().into());
        }
        row.self_service_offered = row.self_service_offered.or(started.self_service_offered);
    }

    fn in_queue(&mut self, queue: Option<&str>) {
        if let Some(queue) = queue {
            self.row.queue = Some(queue.into());
        }
    }

    /// An answer by a bot is self-service, not an answer.
    fn answered(&mut self, event: &Event, answered: &ContactAnswered) {
        if matches!(event.header.actor, crate::event::Actor::Bot(_)) {
            self.row.self_service = true;
            return;
        }
        self.row.answered = true;
        self.answered_at.get_or_insert(event.header.occurred_at);
        if self.said_wait_ms.is_none() {
            self.said_wait_ms = answered.wait_ms.map(|wait| wait.0 as f64);
        }
        self.in_queue(answered.queue.as_ref().map(|queue| queue.as_str()));
        self.responded(event.header.occurred_at);
    }

    fn responded(&mut self, at: Micros) {
        if self.begun && self.row.is_inbound() && self.row.first_response_ms.is_none() {
            self.row.first_response_ms = Some(ms(at, self.row.started_at));
        }
    }

    fn ended(&mut self, at: Micros, ended: &ContactEnded) {
        let row = &mut self.row;
        row.ended_at = Some(at);
        if let Some(outcome) = ended.outcome {
            row.outcome = Some(outcome.word().into());
        }
        if let Some(disposition) = &ended.disposition {
            row.disposition = Some(disposition.as_str().into());
        }
        for (sum, said) in [
            (&mut row.talk_ms, ended.talk_ms),
            (&mut row.hold_ms, ended.hold_ms),
            (&mut row.wrap_up_ms, ended.wrap_up_ms),
        ] {
            if let Some(said) = said {
                *sum = Some(sum.unwrap_or_default() + said.0 as f64);
            }
        }
    }

    fn finish(self) -> Contact {
        let mut row = self.row;
        let outcome = row.outcome.as_deref().and_then(Outcome::from_word);
        let waits_since = self.queued_at.unwrap_or(row.started_at);
        let given_up = matches!(outcome, Some(Outcome::Abandoned | Outcome::Dropped));
        row.abandoned = row.queued && !row.answered && given_up;
        row.handled = row.answered || row.talk_ms.is_some_and(|talk| talk > 0.0);
        let until = if row.abandoned { row.ended_at } else { self.answered_at };
        row.wait_ms = self.said_wait_ms.or_else(|| until.map(|until| ms(until, waits_since)));
        let stayed = !row.handled && !row.queued && row.transfers == 0 && outcome != Some(Outcome::Forwarded);
        row.contained = (row.self_service && row.ended_at.is_some()).then_some(stayed);
        row
    }
}
