//! Which events somebody wants to see.

use crate::event::text::folded;
use crate::event::{Channel, Direction, Event, Feedback, Micros, Personal};

/// Which entries of a customer's timeline. What is empty or `None` lets everything through.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimelineFilter {
    /// In one of these channels.
    pub channels: Vec<Channel>,
    /// Of one of these kinds, by wire name.
    pub kinds: Vec<String>,
    /// That give one of these feedbacks.
    pub feedback: Vec<Feedback>,
    /// This way.
    pub direction: Option<Direction>,
    /// From this moment on.
    pub from: Option<Micros>,
    /// Before this moment.
    pub to: Option<Micros>,
    /// With this text in a personal field, without regard to case and accents; folded already.
    pub text: Option<String>,
    /// Of this case.
    pub case: Option<String>,
    /// Of this conversation.
    pub conversation: Option<String>,
}

impl TimelineFilter {
    /// Whether it lets everything through.
    #[must_use]
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }

    /// Whether an event is wanted. `open` gives its personal part, and is asked only when everything else fits.
    pub fn wants(&self, event: &Event, open: impl FnOnce(&Event) -> Option<Personal>) -> bool {
        let header = &event.header;
        any_or(&self.channels, &header.channel)
            && (self.kinds.is_empty() || self.kinds.iter().any(|kind| kind == event.kind.name()))
            && (self.feedback.is_empty() || event.kind.feedback().is_some_and(|given| self.feedback.contains(&given)))
            && self.direction.is_none_or(|direction| direction == header.direction)
            && self.from.is_none_or(|from| header.occurred_at >= from)
            && self.to.is_none_or(|to| header.occurred_at < to)
            && self.case.as_deref().is_none_or(|case| header.case.as_ref().is_some_and(|c| c.as_str() == case))
            && self
                .conversation
                .as_deref()
                .is_none_or(|wanted| header.conversation.as_ref().is_some_and(|c| c.as_str() == wanted))
            && self.text.as_deref().is_none_or(|text| open(event).is_some_and(|personal| says(&personal, text)))
    }
}

/// Which events of the log. What is empty or `None` lets everything through.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventFilter {
    /// Of one of these kinds, by wire name.
    pub kinds: Vec<String>,
    /// In one of these channels.
    pub channels: Vec<Channel>,
    /// That give one of these feedbacks.
    pub feedback: Vec<Feedback>,
    /// From one of these systems.
    pub sources: Vec<String>,
    /// From this moment on.
    pub from: Option<Micros>,
    /// Before this moment.
    pub to: Option<Micros>,
}

impl EventFilter {
    /// Whether an event is wanted.
    #[must_use]
    pub fn wants(&self, event: &Event) -> bool {
        let header = &event.header;
        self.wants_group(event.kind.name(), event.kind.feedback(), &header.channel, header.source.as_str())
            && self.from.is_none_or(|from| header.occurred_at >= from)
            && self.to.is_none_or(|to| header.occurred_at < to)
    }

    /// Whether events of this kind, feedback, channel and source are wanted, times aside.
    #[must_use]
    pub fn wants_group(&self, kind: &str, feedback: Option<Feedback>, channel: &Channel, source: &str) -> bool {
        (self.kinds.is_empty() || self.kinds.iter().any(|wanted| wanted == kind))
            && any_or(&self.channels, channel)
            && (self.feedback.is_empty() || feedback.is_some_and(|feedback| self.feedback.contains(&feedback)))
            && (self.sources.is_empty() || self.sources.iter().any(|wanted| wanted == source))
    }
}

/// Whether a list is empty or holds the value.
fn any_or<T: PartialEq>(wanted: &[T], value: &T) -> bool {
    wanted.is_empty() || wanted.contains(value)
}

/// Whether a personal part says something.
fn says(personal: &Personal, text: &str) -> bool {
    let strings = personal.text.iter().chain(&personal.headline).chain(&personal.attachments);
    let mut folded_strings = strings.map(|string| folded(string));
    folded_strings.any(|string| string.contains(text))
        || personal.value.as_ref().is_some_and(|value| json_says(value, text))
}

/// Whether a JSON value holds a string that says something.
fn json_says(value: &serde_json::Value, text: &str) -> bool {
    use serde_json::Value;
    match value {
        Value::String(string) => folded(string).contains(text),
        Value::Array(items) => items.iter().any(|item| json_says(item, text)),
        Value::Object(map) => map.values().any(|item| json_says(item, text)),
        Value::Number(number) => number.to_string().contains(text),
        Value::Null | Value::Bool(_) => false,
    }
}
