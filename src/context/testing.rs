//! Given events, when asked at a moment, then so.

use serde_json::Value;

use super::{Context, ContextRules};
use crate::event::testing::event;
use crate::event::{Event, Micros};

/// Events of one customer, each a little after the one before.
#[derive(Clone, Debug, Default)]
pub(super) struct Story {
    events: Vec<Event>,
}

/// A moment of the story: so many hours after its beginning, 2026-01-05 at noon in São Paulo.
pub(super) fn hours(hours: f64) -> Micros {
    Micros::parse("2026-01-05T15:00:00Z").unwrap().plus((hours * Micros::HOUR as f64) as i64)
}

impl Story {
    /// Adds an event that happens so many hours after the beginning.
    pub(super) fn at(mut self, at_hours: f64, kind: &str, data: Value) -> Self {
        let Value::Object(data) = data else { panic!("data is an object") };
        self.events.push(event(self.events.len() as u64, hours(at_hours), kind, data));
        self
    }

    /// The events in time order.
    pub(super) fn in_order(&self) -> Vec<Event> {
        let mut events = self.events.clone();
        events.sort_by_key(|event| (event.header.occurred_at, event.position));
        events
    }

    /// The context of all of them.
    pub(super) fn context(&self) -> Context {
        fold(Context::default(), &self.in_order())
    }
}

/// Folds events into a context.
pub(super) fn fold(mut context: Context, events: &[Event]) -> Context {
    let rules = ContextRules::default();
    events.iter().for_each(|event| context.fold(event, &rules));
    context
}
