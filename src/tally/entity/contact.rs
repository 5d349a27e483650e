//! A contact: one handling in one channel, from its beginning to its end.

use std::sync::Arc;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::{Columns, Entity, boundless, column, moment, number, text};
use crate::event::{Actor, ChannelChoice, Direction, Micros, Outcome, Position};
use crate::tally::cell::Place;
use crate::tally::value::{Type, Value};

/// A contact, with what is derived of its events and of the contacts before and behind it. Spans are in milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    /// Its id, as its source calls it; the event's of a message that names no contact.
    pub contact: CompactString,
    /// Whose it is: the id of the customer.
    #[serde(skip)]
    pub customer: Arc<str>,
    /// The conversation that it belongs to.
    pub conversation: Option<CompactString>,
    /// The matter, when it names one.
    pub case: Option<CompactString>,
    /// The campaign that it belongs to.
    pub campaign: Option<CompactString>,
    /// The system that it came from.
    pub source: CompactString,
    /// In which channel it began.
    pub channel: CompactString,
    /// Which way it went.
    pub direction: CompactString,
    /// Where in the journey it began.
    pub touchpoint: Option<CompactString>,
    /// The area that had it last.
    pub department: Option<CompactString>,
    /// The stage in which it began.
    pub stage: Option<CompactString>,
    /// The queue that it waited in last.
    pub queue: Option<CompactString>,
    /// The agent who had it last.
    pub agent: Option<CompactString>,
    /// Why the customer came.
    pub reason: Option<CompactString>,
    /// Whether the channel was chosen.
    pub channel_choice: Option<CompactString>,
    /// Whether self-service was offered first.
    pub self_service_offered: Option<bool>,
    /// When it began.
    pub started_at: Micros,
    /// When it ended.
    pub ended_at: Option<Micros>,
    /// How it ended.
    pub outcome: Option<CompactString>,
    /// The code that it was closed with.
    pub disposition: Option<CompactString>,
    /// Whether it waited in a queue.
    pub queued: bool,
    /// Whether a person answered.
    pub answered: bool,
    /// Whether it ended in the queue.
    pub abandoned: bool,
    /// Whether a person dealt with it.
    pub handled: bool,
    /// Until it was answered, or given up in the queue.
    pub wait_ms: Option<f64>,
    /// In conversation.
    pub talk_ms: Option<f64>,
    /// On hold.
    pub hold_ms: Option<f64>,
    /// Wrapping up.
    pub wrap_up_ms: Option<f64>,
    /// Of a contact by the customer: until a person answered for the first time.
    pub first_response_ms: Option<f64>,
    /// How often it was handed on.
    pub transfers: u32,
    /// Messages in it.
    pub messages: u32,
    /// Complaints in it.
    pub complaints: u32,
    /// Whether self-service was used.
    pub self_service: bool,
    /// Whether it ended there: no person had it, none was asked for.
    pub contained: Option<bool>,
    /// Whether it follows another of the same customer and reason within the window, counted from the first of them.
    pub repeat: bool,
    /// Since the contact before it, of the same customer.
    pub previous_ms: Option<f64>,
    /// The same, of those for the same reason.
    pub previous_same_reason_ms: Option<f64>,
    /// Until the contact behind it.
    pub next_ms: Option<f64>,
    /// The same, of those for the same reason.
    pub next_same_reason_ms: Option<f64>,
    /// Free names and values, those that its events said first.
    pub dimensions: Vec<(CompactString, CompactString)>,
    /// Its first event.
    pub position: u64,
}

const TEXT: Type = Type::Text(None);

impl Contact {
    fn handle_ms(&self) -> Option<f64> {
        let parts = [self.talk_ms, self.hold_ms, self.wrap_up_ms];
        parts.iter().any(Option::is_some).then(|| parts.iter().flatten().sum())
    }

    fn duration_ms(&self) -> Option<f64> {
        self.ended_at.map(|ended| ended.since(self.started_at) as f64 / 1_000.0)
    }

    /// Whether it came from the customer.
    pub(in crate::tally) fn is_inbound(&self) -> bool {
        self.direction == Direction::Inbound.word()
    }
}

impl Entity for Contact {
    const COLUMNS: Columns<Self> = &[
        boundless("contact", TEXT, |row: &Self| Value::text(&row.contact)),
        boundless("customer", TEXT, |row: &Self| Value::text(&row.customer)),
        boundless("conversation", TEXT, |row: &Self| text(&row.conversation)),
        boundless("case", TEXT, |row: &Self| text(&row.case)),
        column("campaign", TEXT, |row: &Self| text(&row.campaign)),
        column("source", TEXT, |row: &Self| Value::text(&row.source)),
        column("channel", TEXT, |row: &Self| Value::text(&row.channel)),
        column("direction", Type::Text(Some(Direction::WORDS)), |row: &Self| Value::text(&row.direction)),
        column("touchpoint", TEXT, |row: &Self| text(&row.touchpoint)),
        column("department", TEXT, |row: &Self| text(&row.department)),
        column("stage", TEXT, |row: &Self| text(&row.stage)),
        column("queue", TEXT, |row: &Self| text(&row.queue)),
        column("agent", TEXT, |row: &Self| text(&row.agent)),
        column("reason", TEXT, |row: &Self| text(&row.reason)),
        column("channel_choice", Type::Text(Some(ChannelChoice::WORDS)), |row: &Self| text(&row.channel_choice)),
        column("self_service_offered", Type::Truth, |row: &Self| {
            row.self_service_offered.map_or(Value::Absent, Value::Truth)
        }),
        boundless("started_at", Type::Moment, |row: &Self| Value::Moment(row.started_at)),
        boundless("ended_at", Type::Moment, |row: &Self| moment(row.ended_at)),
        column("ended", Type::Truth, |row: &Self| Value::Truth(row.ended_at.is_some())),
        column("outcome", Type::Text(Some(Outcome::WORDS)), |row: &Self| text(&row.outcome)),
        column("resolved", Type::Truth, |row: &Self| {
            Value::Truth(row.outcome.as_deref() == Some(Outcome::Resolved.word()))
        }),
        column("disposition", TEXT, |row: &Self| text(&row.disposition)),
        column("queued", Type::Truth, |row: &Self| Value::Truth(row.queued)),
        column("answered", Type::Truth, |row: &Self| Value::Truth(row.answered)),
        column("abandoned", Type::Truth, |row: &Self| Value::Truth(row.abandoned)),
        column("handled", Type::Truth, |row: &Self| Value::Truth(row.handled)),
        boundless("wait_ms", Type::Number, |row: &Self| number(row.wait_ms)),
        boundless("talk_ms", Type::Number, |row: &Self| number(row.talk_ms)),
        boundless("hold_ms", Type::Number, |row: &Self| number(row.hold_ms)),
        boundless("wrap_up_ms", Type::Number, |row: &Self| number(row.wrap_up_ms)),
        boundless("handle_ms", Type::Number, |row: &Self| number(row.handle_ms())),
        boundless("duration_ms", Type::Number, |row: &Self| number(row.duration_ms())),
        boundless("first_response_ms", Type::Number, |row: &Self| number(row.first_response_ms)),
        column("transfers", Type::Number, |row: &Self| Value::Number(f64::from(row.transfers))),
        column("messages", Type::Number, |row: &Self| Value::Number(f64::from(row.messages))),
        column("complaints", Type::Number, |row: &Self| Value::Number(f64::from(row.complaints))),
        column("self_service", Type::Truth, |row: &Self| Value::Truth(row.self_service)),
        column("contained", Type::Truth, |row: &Self| row.contained.map_or(Value::Absent, Value::Truth)),
        column("repeat", Type::Truth, |row: &Self| Value::Truth(row.repeat)),
        boundless("previous_ms", Type::Number, |row: &Self| number(row.previous_ms)),
        boundless("previous_same_reason_ms", Type::Number, |row: &Self| number(row.previous_same_reason_ms)),
        boundless("next_ms", Type::Number, |row: &Self| number(row.next_ms)),
        boundless("next_same_reason_ms", Type::Number, |row: &Self| number(row.next_same_reason_ms)),
    ];
    const AT: &'static str = "started_at";

    fn place(&self) -> Place {
        (self.started_at, Position(self.position))
    }

    fn dimensions(&self) -> &[(CompactString, CompactString)] {
        &self.dimensions
    }
}

/// Whether somebody is a person who works for the company.
pub(in crate::tally) fn is_person(actor: &Actor) -> bool {
    matches!(actor, Actor::Agent(_))
}
