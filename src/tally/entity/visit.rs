//! A visit: what happened to a customer at one place of the journey on one day.
//!
//! An event that does not say where it is takes place where its contact does, and in the stage that the customer is in.

use std::sync::Arc;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::{Columns, Entity, boundless, column, text};
use crate::event::{Micros, Position};
use crate::tally::cell::Place;
use crate::tally::value::{Type, Value};

/// What happened to a customer at one place of the journey on one day.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    /// Whose it is: the id of the customer.
    #[serde(skip)]
    pub customer: Arc<str>,
    /// The stage that the customer was in.
    pub stage: Option<CompactString>,
    /// Where in the journey.
    pub touchpoint: Option<CompactString>,
    /// The area that had it.
    pub department: Option<CompactString>,
    /// In which channel; absent in none.
    pub channel: Option<CompactString>,
    /// When it began.
    pub at: Micros,
    /// Events that the customer took part in.
    pub events: u32,
    /// Contacts that began there.
    pub contacts: u32,
    /// Those whose channel the customer chose.
    pub chosen: u32,
    /// Those whose channel was imposed.
    pub imposed: u32,
    /// Complaints.
    pub complaints: u32,
    /// Suggestions.
    pub suggestions: u32,
    /// Praises.
    pub praises: u32,
    /// Questions.
    pub questions: u32,
    /// Reports.
    pub reports: u32,
    /// Answers to surveys.
    pub responses: u32,
    /// Their sum, each from 0 to 1 of its scale.
    pub satisfaction: f64,
    /// Its first event.
    pub position: u64,
}

const TEXT: Type = Type::Text(None);

fn number(number: u32) -> Value<'static> {
    Value::Number(f64::from(number))
}

impl Entity for Visit {
    const COLUMNS: Columns<Self> = &[
        boundless("customer", TEXT, |row: &Self| Value::text(&row.customer)),
        column("stage", TEXT, |row: &Self| text(&row.stage)),
        column("touchpoint", TEXT, |row: &Self| text(&row.touchpoint)),
        column("department", TEXT, |row: &Self| text(&row.department)),
        column("channel", TEXT, |row: &Self| text(&row.channel)),
        boundless("at", Type::Moment, |row: &Self| Value::Moment(row.at)),
        column("events", Type::Number, |row: &Self| number(row.events)),
        column("contacts", Type::Number, |row: &Self| number(row.contacts)),
        column("chosen", Type::Number, |row: &Self| number(row.chosen)),
        column("imposed", Type::Number, |row: &Self| number(row.imposed)),
        column("complaints", Type::Number, |row: &Self| number(row.complaints)),
        column("suggestions", Type::Number, |row: &Self| number(row.suggestions)),
        column("praises", Type::Number, |row: &Self| number(row.praises)),
        column("questions", Type::Number, |row: &Self| number(row.questions)),
        column("reports", Type::Number, |row: &Self| number(row.reports)),
        column("responses", Type::Number, |row: &Self| number(row.responses)),
        column("satisfaction", Type::Number, |row: &Self| Value::Number(row.satisfaction)),
    ];
    const AT: &'static str = "at";

    fn place(&self) -> Place {
        (self.at, Position(self.position))
    }

    fn dimensions(&self) -> &[(CompactString, CompactString)] {
        &[]
    }
}
