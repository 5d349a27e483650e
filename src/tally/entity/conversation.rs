//! A conversation: contacts that belong together, across channels.

use std::sync::Arc;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::{Columns, Entity, boundless, column, list, moment, number, text};
use crate::event::{Micros, Outcome, Position};
use crate::tally::cell::Place;
use crate::tally::value::{Type, Value};

/// A conversation. A contact that belongs to none is one by itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    /// Its id; that of the contact, when it is one by itself.
    pub conversation: CompactString,
    /// Whose it is: the id of the customer.
    #[serde(skip)]
    pub customer: Arc<str>,
    /// The system that its first contact came from.
    pub source: CompactString,
    /// The channels of its contacts, in the order of their first use.
    pub channels: Vec<CompactString>,
    /// The channel of its last contact.
    pub last_channel: CompactString,
    /// How often the next contact was in another channel.
    pub switches: u32,
    /// Where in the journey it began.
    pub touchpoint: Option<CompactString>,
    /// The area that had it last.
    pub department: Option<CompactString>,
    /// The stage in which it began.
    pub stage: Option<CompactString>,
    /// The first reason given.
    pub reason: Option<CompactString>,
    /// When it began.
    pub started_at: Micros,
    /// When its last contact ended; absent while one goes on.
    pub ended_at: Option<Micros>,
    /// How its last contact ended.
    pub outcome: Option<CompactString>,
    /// Contacts in it.
    pub contacts: u32,
    /// Messages in it.
    pub messages: u32,
    /// Transfers in it.
    pub transfers: u32,
    /// Complaints in it.
    pub complaints: u32,
    /// Whether a person answered in it.
    pub answered: bool,
    /// Whether self-service was used in it.
    pub self_service: bool,
    /// Free names and values, those that its contacts said first.
    pub dimensions: Vec<(CompactString, CompactString)>,
    /// Its first event.
    pub position: u64,
}

const TEXT: Type = Type::Text(None);

impl Conversation {
    fn duration_ms(&self) -> Option<f64> {
        self.ended_at.map(|ended| ended.since(self.started_at) as f64 / 1_000.0)
    }
}

impl Entity for Conversation {
    const COLUMNS: Columns<Self> = &[
        boundless("conversation", TEXT, |row: &Self| Value::text(&row.conversation)),
        boundless("customer", TEXT, |row: &Self| Value::text(&row.customer)),
        column("source", TEXT, |row: &Self| Value::text(&row.source)),
        column("channel", TEXT, |row: &Self| Value::maybe(row.channels.first().map(CompactString::as_str))),
        column("last_channel", TEXT, |row: &Self| Value::text(&row.last_channel)),
        column("channels", Type::List, |row: &Self| list(&row.channels)),
        column("channels_used", Type::Number, |row: &Self| Value::Number(row.channels.len() as f64)),
        column("switches", Type::Number, |row: &Self| Value::Number(f64::from(row.switches))),
        column("switched", Type::Truth, |row: &Self| Value::Truth(row.channels.len() > 1)),
        column("touchpoint", TEXT, |row: &Self| text(&row.touchpoint)),
        column("department", TEXT, |row: &Self| text(&row.department)),
        column("stage", TEXT, |row: &Self| text(&row.stage)),
        column("reason", TEXT, |row: &Self| text(&row.reason)),
        boundless("started_at", Type::Moment, |row: &Self| Value::Moment(row.started_at)),
        boundless("ended_at", Type::Moment, |row: &Self| moment(row.ended_at)),
        column("ended", Type::Truth, |row: &Self| Value::Truth(row.ended_at.is_some())),
        boundless("duration_ms", Type::Number, |row: &Self| number(row.duration_ms())),
        column("outcome", Type::Text(Some(Outcome::WORDS)), |row: &Self| text(&row.outcome)),
        column("resolved", Type::Truth, |row: &Self| {
            Value::Truth(row.outcome.as_deref() == Some(Outcome::Resolved.word()))
        }),
        column("contacts", Type::Number, |row: &Self| Value::Number(f64::from(row.contacts))),
        column("messages", Type::Number, |row: &Self| Value::Number(f64::from(row.messages))),
        column("transfers", Type::Number, |row: &Self| Value::Number(f64::from(row.transfers))),
        column("complaints", Type::Number, |row: &Self| Value::Number(f64::from(row.complaints))),
        column("answered", Type::Truth, |row: &Self| Value::Truth(row.answered)),
        column("self_service", Type::Truth, |row: &Self| Value::Truth(row.self_service)),
    ];
    const AT: &'static str = "started_at";

    fn place(&self) -> Place {
        (self.started_at, Position(self.position))
    }

    fn dimensions(&self) -> &[(CompactString, CompactString)] {
        &self.dimensions
    }
}
