//! Where conversations stand, so that the last one can go on.
//!
//! A contact that belongs to no conversation is one by itself, named by the contact; when a later event says to which it
//! belongs, that one takes it over. What the customer or the company says begins a conversation. A campaign's messages and
//! what happens inside the company, such as a note or a look at the record, neither begin one nor move one that is there;
//! a contact's own events do, whichever way they are said to go.

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::EventRef;
use super::cases::{Case, Cases};
use crate::event::{Actor, Channel, Direction, Event, Kind, Micros, Outcome};

/// Conversations that are kept in mind.
const MOST_CONVERSATIONS: usize = 16;
/// Messages of a conversation that are kept in mind.
const MOST_MESSAGES: usize = 5;
/// Contacts of a conversation that are told apart, the newest; an older one that comes again counts anew.
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
    /// Whether it is a contact by itself.
    own: bool,
    /// The newest, the last one at the end.
    contacts: Vec<CompactString>,
    /// Contacts that are not told apart any more.
    older_contacts: u64,
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
        if is_aside(event) {
            self.note_case(event);
            return;
        }
        let Some(at) = self.find(event).or_else(|| self.begin(event)) else { return };
        let mut state = self.0.remove(at);
        if let Some(own) = self.take_own(event) {
            state.absorb(own);
        }
        state.see(event);
        self.0.push(state);
    }

    /// What happens beside a conversation still tells what it is about.
    fn note_case(&mut self, event: &Event) {
        if let Some(case) = &event.header.case
            && let Some(state) = self.find(event).and_then(|at| self.0.get_mut(at))
        {
            state.case = Some(case.as_str().into());
        }
    }

    /// Takes out what its contact was by itself, when the event says to which conversation it belongs.
    fn take_own(&mut self, event: &Event) -> Option<State> {
        let (Some(_), Some(contact)) = (&event.header.conversation, &event.header.contact) else { return None };
        let at = self.0.iter().position(|state| state.own && state.id == contact.as_str())?;
        Some(self.0.remove(at))
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
        if header.direction == Direction::Internal {
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
            open_case: cases.open_one(state.case.as_deref(), state.stopped_at, now),
            contacts_so_far: state.older_contacts.saturating_add(state.contacts.len() as u64).max(1),
            channels_so_far: state.channels.clone(),
        })
    }
}

impl State {
    fn new(id: &str, event: &Event) -> Self {
        Self {
            id: id.into(),
            own: event.header.conversation.is_none(),
            contacts: Vec::new(),
            older_contacts: 0,
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
            self.in_channel(&header.channel);
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
            None => {
                if self.contacts.len() == MOST_CONTACTS {
                    self.contacts.remove(0);
                    self.older_contacts = self.older_contacts.saturating_add(1);
                }
                self.contacts.push(contact.into());
            }
        }
    }

    fn in_channel(&mut self, channel: &Channel) {
        if !self.channels.contains(channel) {
            self.channels.push(channel.clone());
        }
    }

    fn said(&mut self, message: EventRef) {
        if self.messages.len() == MOST_MESSAGES {
            self.messages.remove(0);
        }
        self.messages.push(message);
    }

    /// Takes over what one of its contacts was by itself, however the two lay in time.
    fn absorb(&mut self, own: Self) {
        own.contacts.iter().for_each(|contact| self.in_contact(contact));
        own.channels.iter().for_each(|channel| self.in_channel(channel));
        let mut messages: Vec<EventRef> = self.messages.drain(..).chain(own.messages).collect();
        messages.sort_by_key(|message| (message.occurred_at, message.position));
        messages.into_iter().for_each(|message| self.said(message));
        let newer = own.stopped_at >= self.stopped_at;
        let pick =
            |own: Option<CompactString>, mine: Option<CompactString>| if newer { own.or(mine) } else { mine.or(own) };
        self.outcome = if newer { own.outcome.or(self.outcome) } else { self.outcome.or(own.outcome) };
        self.reason = pick(own.reason, self.reason.take());
        self.department = pick(own.department, self.department.take());
        self.agent = pick(own.agent, self.agent.take());
        self.case = pick(own.case, self.case.take());
    }

    fn see_kind(&mut self, event: &Event) {
        match &event.kind {
            Kind::ContactStarted(started) => {
                if let Some(reason) = &started.reason {
                    self.reason = Some(reason.as_str().into());
                }
            }
            Kind::ContactTransferred(transferred) => {
                if let Some(agent) = &transferred.to_agent {
                    self.agent = Some(agent.as_str().into());
                }
                if let Some(department) = &transferred.to_department {
                    self.department = Some(department.as_str().into());
                }
            }
            Kind::ContactEnded(ended) => self.outcome = ended.outcome,
            Kind::MessageSent(_) => self.said(EventRef::of(event)),
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
}

/// Whether an event has no part in how a conversation goes: a campaign's, or one inside the company that is not a contact's.
fn is_aside(event: &Event) -> bool {
    let campaign = event.header.campaign.is_some() && event.header.direction == Direction::Outbound;
    campaign || (event.header.direction == Direction::Internal && !event.kind.name().starts_with("contact."))
}
