//! A step: from one stage, touchpoint, channel or kind of event to the next of the same customer.

use std::sync::Arc;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::{Columns, Entity, boundless, column, number, text};
use crate::event::{Micros, Position};
use crate::tally::cell::Place;
use crate::tally::value::{Type, Value};

/// What a step is along.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Way {
    /// From one stage to another: whatever event names it.
    #[default]
    Stage,
    /// From one touchpoint to another.
    Touchpoint,
    /// From the channel of one contact to that of the next, which may be the same.
    Channel,
    /// From the kind of one event to that of the next, which may be the same.
    Kind,
}

impl Way {
    /// The words, in the order of the variants.
    pub const WORDS: &'static [&'static str] = &["stage", "touchpoint", "channel", "kind"];

    /// The word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Stage => "stage",
            Self::Touchpoint => "touchpoint",
            Self::Channel => "channel",
            Self::Kind => "kind",
        }
    }
}

/// A step. The first of each way has nothing before it, the last nothing behind it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Along what.
    pub of: Way,
    /// Whose it is: the id of the customer.
    #[serde(skip)]
    pub customer: Arc<str>,
    /// From where.
    pub from: Option<CompactString>,
    /// To where.
    pub to: CompactString,
    /// Where the next step goes.
    pub next: Option<CompactString>,
    /// When.
    pub at: Micros,
    /// Since the step before it.
    pub elapsed_ms: Option<f64>,
    /// The channel of the event that made it.
    pub channel: Option<CompactString>,
    /// That event's touchpoint.
    pub touchpoint: Option<CompactString>,
    /// That event's department.
    pub department: Option<CompactString>,
    /// The stage that the customer was in.
    pub stage: Option<CompactString>,
    /// That event's free names and values.
    pub dimensions: Vec<(CompactString, CompactString)>,
    /// That event.
    pub position: u64,
}

const TEXT: Type = Type::Text(None);

impl Entity for Step {
    const COLUMNS: Columns<Self> = &[
        column("of", Type::Text(Some(Way::WORDS)), |row: &Self| Value::text(row.of.word())),
        boundless("customer", TEXT, |row: &Self| Value::text(&row.customer)),
        column("from", TEXT, |row: &Self| text(&row.from)),
        column("to", TEXT, |row: &Self| Value::text(&row.to)),
        column("next", TEXT, |row: &Self| text(&row.next)),
        boundless("at", Type::Moment, |row: &Self| Value::Moment(row.at)),
        boundless("elapsed_ms", Type::Number, |row: &Self| number(row.elapsed_ms)),
        column("channel", TEXT, |row: &Self| text(&row.channel)),
        column("touchpoint", TEXT, |row: &Self| text(&row.touchpoint)),
        column("department", TEXT, |row: &Self| text(&row.department)),
        column("stage", TEXT, |row: &Self| text(&row.stage)),
    ];
    const AT: &'static str = "at";

    fn place(&self) -> Place {
        (self.at, Position(self.position))
    }

    fn dimensions(&self) -> &[(CompactString, CompactString)] {
        &self.dimensions
    }
}

/// The number of the field `of`.
pub(in crate::tally) const OF: usize = 0;
