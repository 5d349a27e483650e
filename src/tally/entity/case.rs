//! A case: a matter raised, from its opening to its last resolution.

use std::sync::Arc;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::{Columns, Entity, boundless, column, moment, number, text};
use crate::event::{Demand, Micros, Position};
use crate::tally::cell::Place;
use crate::tally::value::{Type, Value};

/// A case, with what is derived of its events and of what the customer did behind it. Spans are in milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Its id, as its source calls it.
    pub case: CompactString,
    /// Whose it is: the id of the customer.
    #[serde(skip)]
    pub customer: Arc<str>,
    /// The registration number that the customer was given.
    pub protocol: Option<CompactString>,
    /// The system that it came from.
    pub source: CompactString,
    /// Where it was raised.
    pub channel: CompactString,
    /// Where in the journey it was raised.
    pub touchpoint: Option<CompactString>,
    /// The area that had it last.
    pub department: Option<CompactString>,
    /// The stage in which it was raised.
    pub stage: Option<CompactString>,
    /// What the customer wants.
    pub demand: CompactString,
    /// How urgent it is.
    pub priority: Option<CompactString>,
    /// Why the customer came in the contact in which it was raised.
    pub reason: Option<CompactString>,
    /// How it was settled, the last time.
    pub resolution: Option<CompactString>,
    /// When it was raised.
    pub opened_at: Micros,
    /// When it must be answered.
    pub due_at: Option<Micros>,
    /// When it was settled, the last time; absent while it is open.
    pub resolved_at: Option<Micros>,
    /// How often it came up again.
    pub reopened: u32,
    /// Contacts by the customer in which it came up.
    pub contacts: u32,
    /// From its resolution until the next contact by the customer that is not about it.
    pub next_contact_ms: Option<f64>,
    /// The same, of those for the same reason.
    pub next_same_reason_ms: Option<f64>,
    /// From its resolution until the customer's next complaint that is not about it.
    pub next_complaint_ms: Option<f64>,
    /// Free names and values, those that its events said first.
    pub dimensions: Vec<(CompactString, CompactString)>,
    /// Its first event.
    pub position: u64,
}

const TEXT: Type = Type::Text(None);

impl Case {
    fn resolution_ms(&self) -> Option<f64> {
        self.resolved_at.map(|resolved| resolved.since(self.opened_at) as f64 / 1_000.0)
    }

    /// Whether it was answered too late; absent while it is open, and when nobody said until when.
    fn late(&self) -> Value<'static> {
        self.resolved_at.zip(self.due_at).map_or(Value::Absent, |(resolved, due)| Value::Truth(resolved > due))
    }
}

impl Entity for Case {
    const COLUMNS: Columns<Self> = &[
        boundless("case", TEXT, |row: &Self| Value::text(&row.case)),
        boundless("customer", TEXT, |row: &Self| Value::text(&row.customer)),
        boundless("protocol", TEXT, |row: &Self| text(&row.protocol)),
        column("source", TEXT, |row: &Self| Value::text(&row.source)),
        column("channel", TEXT, |row: &Self| Value::text(&row.channel)),
        column("touchpoint", TEXT, |row: &Self| text(&row.touchpoint)),
        column("department", TEXT, |row: &Self| text(&row.department)),
        column("stage", TEXT, |row: &Self| text(&row.stage)),
        column("demand", Type::Text(Some(Demand::WORDS)), |row: &Self| Value::text(&row.demand)),
        column("priority", TEXT, |row: &Self| text(&row.priority)),
        column("reason", TEXT, |row: &Self| text(&row.reason)),
        column("resolution", TEXT, |row: &Self| text(&row.resolution)),
        boundless("opened_at", Type::Moment, |row: &Self| Value::Moment(row.opened_at)),
        boundless("due_at", Type::Moment, |row: &Self| moment(row.due_at)),
        boundless("resolved_at", Type::Moment, |row: &Self| moment(row.resolved_at)),
        column("resolved", Type::Truth, |row: &Self| Value::Truth(row.resolved_at.is_some())),
        boundless("resolution_ms", Type::Number, |row: &Self| number(row.resolution_ms())),
        column("late", Type::Truth, Self::late),
        column("reopened", Type::Number, |row: &Self| Value::Number(f64::from(row.reopened))),
        column("contacts", Type::Number, |row: &Self| Value::Number(f64::from(row.contacts))),
        boundless("next_contact_ms", Type::Number, |row: &Self| number(row.next_contact_ms)),
        boundless("next_same_reason_ms", Type::Number, |row: &Self| number(row.next_same_reason_ms)),
        boundless("next_complaint_ms", Type::Number, |row: &Self| number(row.next_complaint_ms)),
    ];
    const AT: &'static str = "opened_at";

    fn place(&self) -> Place {
        (self.opened_at, Position(self.position))
    }

    fn dimensions(&self) -> &[(CompactString, CompactString)] {
        &self.dimensions
    }
}
