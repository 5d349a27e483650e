//! The parts of a customer.

use std::sync::Arc;

use async_graphql::{ID, Object, SimpleObject};
use serde_json::Value as Json;

use super::event::Event;
use super::node_id::NodeId;
use super::scalars::{ChannelScalar, DateTime};
use super::words::CaseStatus;
use crate::context;
use crate::engine::KnownIdentifier;
use crate::playbook;

/// What a customer is known by.
#[derive(SimpleObject)]
#[graphql(serial)]
pub struct Identifier {
    /// `phone`, `email`, `cpf`, `crm`, or any other kind.
    kind: String,
    /// Its value, or a part of it when it is masked.
    value: String,
    /// Whether the reader's role allows only a part of the value.
    masked: bool,
    /// Whether the customer has come to us from it, in a channel that proves that it is theirs.
    verified: bool,
    /// When it was first named.
    first_seen_at: DateTime,
}

impl Identifier {
    /// What is shown of an identifier; nothing of an erased one.
    pub(super) fn of(known: KnownIdentifier) -> Option<Self> {
        let value = known.identifier?.value().to_owned();
        let KnownIdentifier { kind, verified, first_seen_at, .. } = known;
        Some(Self { kind, value, masked: false, verified, first_seen_at: first_seen_at.into() })
    }
}

/// Something learnt of a customer.
#[derive(SimpleObject)]
#[graphql(serial)]
pub struct Attribute {
    /// `demographic`, `risk`, `crm`, or another.
    namespace: String,
    /// What it is.
    name: String,
    /// Null when it was erased.
    value: Option<Json>,
    /// When it was observed.
    observed_at: DateTime,
    /// By which system.
    source: String,
}

impl Attribute {
    pub(super) fn new(attribute: context::Attribute, value: Option<Json>) -> Self {
        let context::Attribute { namespace, name, observed_at, source, .. } = attribute;
        Self { namespace, name, value, observed_at: observed_at.into(), source }
    }
}

/// Something the customer already told us: do not ask again.
#[derive(SimpleObject)]
#[graphql(serial)]
pub struct Fact {
    /// What it is about: `order`, `address`, `best_time`.
    key: String,
    /// Null when it was erased.
    value: Option<Json>,
    /// When they told it.
    told_at: DateTime,
    /// Where they told it.
    channel: ChannelScalar,
    /// The event that says so.
    event: ID,
    /// Whether it was read back to them, and they agreed.
    confirmed: bool,
    /// Until when it holds.
    valid_until: Option<DateTime>,
}

impl Fact {
    pub(super) fn new(fact: context::Fact, value: Option<Json>) -> Self {
        Self {
            event: NodeId::Event(fact.value.position).into(),
            value,
            key: fact.key,
            told_at: fact.told_at.into(),
            channel: fact.channel.into(),
            confirmed: fact.confirmed,
            valid_until: fact.valid_until.map(Into::into),
        }
    }
}

/// Where the last conversation stopped.
#[derive(SimpleObject)]
#[graphql(serial)]
pub struct Continuation {
    /// The conversation; the contact's own id when its source has no conversations.
    conversation: ID,
    /// The contact in which it stopped.
    last_contact: ID,
    /// Where it stopped.
    channel: ChannelScalar,
    /// When.
    stopped_at: DateTime,
    /// How the last contact that ended did.
    outcome: Option<String>,
    /// Why they came.
    reason: Option<String>,
    /// Which area had it last.
    department: Option<String>,
    /// Which agent had it last.
    agent: Option<String>,
    /// The last messages, oldest first.
    last_messages: Vec<Arc<Event>>,
    /// The matter that is open.
    open_case: Option<Case>,
    /// How many contacts it has taken.
    contacts_so_far: u64,
    /// In which channels, in the order of their first use.
    channels_so_far: Vec<ChannelScalar>,
}

impl Continuation {
    pub(super) fn new(stopped: context::Continuation, last_messages: Vec<Arc<Event>>, open_case: Option<Case>) -> Self {
        Self {
            conversation: ID(stopped.conversation),
            last_contact: ID(stopped.last_contact),
            channel: stopped.channel.into(),
            stopped_at: stopped.stopped_at.into(),
            outcome: stopped.outcome,
            reason: stopped.reason,
            department: stopped.department,
            agent: stopped.agent,
            last_messages,
            open_case,
            contacts_so_far: stopped.contacts_so_far,
            channels_so_far: stopped.channels_so_far.into_iter().map(Into::into).collect(),
        }
    }
}

/// A matter that the customer raised.
#[derive(SimpleObject)]
#[graphql(serial)]
pub struct Case {
    /// The matter, as its source calls it.
    id: ID,
    /// The registration number that the customer was given.
    protocol: Option<String>,
    /// What they want: `information`, `complaint`, `cancellation`, …
    demand: String,
    /// Whether it is open.
    status: CaseStatus,
    /// Null when it has none, or when it was erased.
    title: Option<String>,
    /// When it was raised.
    opened_at: DateTime,
    /// When it must be answered, as its source says.
    due_at: Option<DateTime>,
    /// When it must be answered: `dueAt`, else seven days after it was raised (Decreto 11.034/2022, article 13).
    deadline: DateTime,
    /// Whether it is open and its deadline has passed.
    overdue: bool,
    /// When it was settled, the last time.
    resolved_at: Option<DateTime>,
    /// How often it came up again.
    reopened_count: u32,
    /// Where it was raised.
    channel: ChannelScalar,
    /// Which area owns it.
    department: Option<String>,
    /// The events that belong to it, oldest first.
    events: Vec<Arc<Event>>,
}

impl Case {
    pub(super) fn new(case: &context::Case, title: Option<String>, events: Vec<Arc<Event>>) -> Self {
        let case = case.clone();
        Self {
            id: ID(case.id),
            protocol: case.protocol,
            demand: case.demand,
            status: case.status.into(),
            title,
            opened_at: case.opened_at.into(),
            due_at: case.due_at.map(Into::into),
            deadline: case.deadline.into(),
            overdue: case.overdue,
            resolved_at: case.resolved_at.map(Into::into),
            reopened_count: case.reopened_count,
            channel: case.channel.into(),
            department: case.department,
            events,
        }
    }
}

impl From<context::CaseStatus> for CaseStatus {
    fn from(status: context::CaseStatus) -> Self {
        match status {
            context::CaseStatus::Open => Self::Open,
            context::CaseStatus::Resolved => Self::Resolved,
        }
    }
}

/// The stage of the journey that a customer is in.
#[derive(SimpleObject)]
#[graphql(serial)]
pub struct StageVisit {
    /// Which.
    pub(super) stage: String,
    /// Since when.
    pub(super) since: DateTime,
}

/// A milestone that a customer reached.
#[derive(SimpleObject)]
#[graphql(serial)]
pub struct Milestone {
    /// Which.
    pub(super) name: String,
    /// When, the first time.
    pub(super) reached_at: DateTime,
}

/// What a customer allowed, or not.
pub struct Consent(pub(super) context::Consent);

/// What a customer allowed, or not.
#[Object(serial)]
impl Consent {
    /// For what.
    async fn purpose(&self) -> &str {
        &self.0.purpose
    }

    /// In which channel; in all when null.
    async fn channel(&self) -> Option<ChannelScalar> {
        self.0.channel.as_ref().map(Into::into)
    }

    /// `granted`, `denied` or `revoked`.
    async fn state(&self) -> &'static str {
        self.0.state.word()
    }

    /// Since when.
    async fn since(&self) -> DateTime {
        self.0.since.into()
    }

    /// Until when.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.expires_at.map(Into::into)
    }
}

/// How to treat this customer now.
#[derive(SimpleObject)]
#[graphql(serial)]
pub struct Guidance {
    /// The playbook's entry.
    id: ID,
    /// What to do.
    text: String,
    /// Why: the condition that holds.
    because: String,
}

impl From<playbook::Guidance> for Guidance {
    fn from(given: playbook::Guidance) -> Self {
        Self { id: given.id.into(), text: given.text, because: given.because }
    }
}

/// A strand that is linked with others into this customer.
#[derive(SimpleObject)]
#[graphql(serial)]
pub struct LinkedSubject {
    /// The strand; `unlinkCustomers` takes it.
    pub(super) subject: ID,
    /// Its identifier; none when it was erased.
    pub(super) identifiers: Vec<Identifier>,
    /// What linked it: `same_event`, `claimed`, `agent`, `import`.
    pub(super) rule: String,
    /// When that was stored.
    pub(super) linked_at: DateTime,
    /// How many events are filed under it.
    pub(super) events: u64,
}

/// A strand that may be this customer's.
#[derive(SimpleObject)]
#[graphql(serial)]
pub struct LinkSuggestion {
    /// The strand; `linkCustomers` takes it.
    pub(super) subject: ID,
    /// Its identifier; none when it was erased.
    pub(super) identifiers: Vec<Identifier>,
    /// Why it is not linked: `shared:` and a kind, `separated`, `limit:` and a kind, `too_many`; `same_contact` when it is of nobody and one of the
    /// newest contacts began under it, before the customer was named.
    pub(super) because: String,
    /// How many events speak for it; 50 means 50 or more.
    pub(super) evidence: u64,
}
