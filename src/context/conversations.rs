//! Where conversations stand, so that the last one can go on.
//!
//! A contact that belongs to no conversation is one by itself, named by the contact. What the customer or the company says
//! begins a conversation; a campaign's messages and what happens inside the company do not, but belong to one that is there.

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::EventRef;
use super::cases::{Case, Cases};
use crate::event::{Actor, Channel, Direction, Event, Kind, Micros, Outcome};

/// Conversations that are kept in mind.
const MOST_CONVERSATIONS: usize = 16;
/// Messages of a conversation that are kept in mind.
const MOST_MESSAGES: usize = 5;
/// Contacts of a conversation that are told apart; more are not counted.
const MOST_CONTACTS: usize = 500;

/// Where the last conversation stopped.
#[derive(Clone, Debug, PartialEq)]
pub struct Continuation {
    /// The conversation.
    pub conversation: String,
    /// The contact in which it stopped.
    pub last_contact: String,
    /// Where it stopped.
    pub channel: Channel,
    /// When.
    pub stopped_at: Micros,
    /// How the last contact that ended did, a word of [`Outcome`].
    pub outcome: Option<String>,
    /// Why they came: the last reason given.
    pub reason: Option<String>,
    /// Which area had it last.
    pub department: Option<String>,
    /// Which agent had it last.
    pub agent: Option<String>,
    /// The last messages, oldest first; at most five.
    pub last_messages: Vec<EventRef>,
    /// The open case that the conversation is about, else the newest open one.
    pub open_case: Option<Case>,
    /// How many contacts it has taken.
    pub contacts_so_far: u64,
    /// In which channels, in the order of their first use.
    pub channels_so_far: Vec<Channel>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct State {
    id: CompactString,
    contacts: Vec<CompactString>,
    channels: Vec<Channel>,
    channel: Channel,
    stopped_at: Micros,
    outcome: Option<Outcome>,
    reason: Option<CompactString>,
    department: Option<CompactString>,
    agent: Option<CompactString>,
    case: Option<CompactString>,
    messages: Vec<EventRef>,
}

/// The newest conversations, the last one at the end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Conversations(Vec<State>);

impl Conversations {
    pub(super) fn see(&mut self, event: &Event) {
        let Some(at) = self.find(event).or_else(|| self.begin(event)) else { return };
        let mut state = self.0.remove(at);
        state.see(event);
        self.0.push(state);
    }

    /// Which conversation an event belongs to.
    fn find(&self, event: &Event) -> Option<usize> {
        let header = &event.header;
        match (&header.conversation, &header.contact) {
            (Some(id), _) => self.0.iter().rposition(|state| state.id == id.as_str()),
            (None, Some(contact)) => {
                let has = |state: &State| state.contacts.iter().any(|known| known == contact.as_str());
                self.0.iter().rposition(|state| state.id == contact.as_str() || has(state))
            }
            (None, None) => None,
        }
    }

    /// Begins a conversation, when the event is one that does.
    fn begin(&mut self, event: &Event) -> Option<usize> {
        let header = &event.header;
        let id = match (&header.conversation, &header.contact) {
            (Some(id), _) => id.as_str(),
            (None, Some(contact)) => contact.as_str(),
            (None, None) => return None,
        };
        let campaign = header.campaign.is_some() && header.direction == Direction::Outbound;
        if header.direction == Direction::Internal || campaign {
            return None;
        }
        if self.0.len() == MOST_CONVERSATIONS {
            self.0.remove(0);
        }
        self.0.push(State::new(id, event));
        Some(self.0.len() - 1)
    }

    /// Where the last one stopped.
    pub(super) fn last(&self, cases: &Cases, now: Micros) -> Option<Continuation> {
        let state = self.0.last()?;
        let text = |text: &Option<CompactString>| text.as_ref().map(ToString::to_string);
        Some(Continuation {
            conversation: state.id.to_string(),
            last_contact: state.contacts.last().unwrap_or(&state.id).to_string(),
            channel: state.channel.clone(),
            stopped_at: state.stopped_at,
            outcome: state.outcome.map(|outcome| outcome.word().to_owned()),
            reason: text(&state.reason),
            department: text(&state.department),
            agent: text(&state.agent),
            last_messages: state.messages.clone(),
            open_case: cases.open_one(state.case.as_deref(), now),
            contacts_so_far: state.contacts.len().max(1) as u64,
            channels_so_far: state.channels.clone(),
        })
    }
}

impl State {
    fn new(id: &str, event: &Event) -> Self {
        Self {
            id: id.into(),
            contacts: Vec::new(),
            channels: Vec::new(),
            channel: event.header.channel.clone(),
            stopped_at: event.header.occurred_at,
            outcome: None,
            reason: None,
            department: None,
            agent: None,
            case: None,
            messages: Vec::new(),
        }
    }

    fn see(&mut self, event: &Event) {
        let header = &event.header;
        self.stopped_at = header.occurred_at;
        if let Some(contact) = &header.contact {
            self.in_contact(contact.as_str());
        }
        if header.channel != crate::event::NO_CHANNEL {
            self.channel = header.channel.clone();
            if !self.channels.contains(&header.channel) {
                self.channels.push(header.channel.clone());
            }
        }
        if let Some(department) = &header.department {
            self.department = Some(department.as_str().into());
        }
        if let Some(case) = &header.case {
            self.case = Some(case.as_str().into());
        }
        if let Actor::Agent(agent) = &header.actor {
            self.agent = Some(agent.as_str().into());
        }
        self.see_kind(event);
    }

    /// The contact that goes on is the last one.
    fn in_contact(&mut self, contact: &str) {
        match self.contacts.iter().rposition(|known| known == contact) {
            Some(at) => {
                let contact = self.contacts.remove(at);
                self.contacts.push(contact);
            }
            None if self.contacts.len() < MOST_CONTACTS => self.contacts.push(contact.into()),
            None => {}
        }
    }

    fn see_kind(&mut self, event: &Event) {
        match &event.kind {
            Kind::ContactStarted(started) => {
                self.outcome = None;
                if let Some(reason) = &started.reason {
                    self.reason = Some(reason.as_str().into());
                }
            }
            Kind::ContactTransferred(transferred) => {
                self.agent = transferred.to_agent.as_ref().map(|agent| agent.as_str().into());
                if let Some(department) = &transferred.to_department {
                    self.department = Some(department.as_str().into());
                }
            }
            Kind::ContactEnded(ended) => self.outcome = ended.outcome,
            Kind::MessageSent(_) => {
                if self.messages.len() == MOST_MESSAGES {
                    self.messages.remove(0);
                }
                self.messages.push(EventRef::of(event));
            }
            Kind::ContactQueued(_)
            | Kind::ContactAnswered(_)
            | Kind::SelfServiceUsed(_)
            | Kind::CaseOpened(_)
            | Kind::CaseUpdated(_)
            | Kind::CaseResolved(_)
            | Kind::CaseReopened(_)
            | Kind::FeedbackGiven(_)
            | Kind::SurveySent(_)
            | Kind::SurveyAnswered(_)
            | Kind::FactTold(_)
            | Kind::FactWithdrawn(_)
            | Kind::NoteAdded(_)
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
}
