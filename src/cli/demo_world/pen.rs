//! What writes events down: moments counted back from a day, ids that are counted, and scenes whose events share fields.

use serde_json::{Map, Value, json};

use crate::event::{EventId, Flat, Micros};

/// Brasília is three hours behind UTC all the year.
const BRASILIA_HOURS: i64 = 3;

/// The events written so far.
#[derive(Debug)]
pub(super) struct Pen {
    today: Micros,
    written: Vec<(Micros, Flat)>,
    contacts: u64,
    cases: u64,
}

impl Pen {
    /// Nothing written yet; `today` is a midnight in UTC.
    pub(super) fn new(today: Micros) -> Self {
        Self { today, written: Vec::new(), contacts: 0, cases: 0 }
    }

    /// A moment some days before today, by the clock of Brasília.
    pub(super) fn at(&self, days_before: i64, hour: i64, minute: i64) -> Micros {
        let hours = hour + BRASILIA_HOURS;
        self.today.plus(-days_before * Micros::DAY + hours * Micros::HOUR + minute * 60 * Micros::SECOND)
    }

    /// A run of events of one customer, from one system, that begins at a moment.
    pub(super) fn scene(&mut self, subject: &str, source: &'static str, at: Micros) -> Scene<'_> {
        let mut shared = Map::new();
        shared.insert("dimensions".into(), json!({"synthetic": true}));
        Scene { pen: self, source, subject: subject.into(), now: at, shared }
    }

    /// The id and the protocol number of a new case.
    pub(super) fn case(&mut self) -> (String, String) {
        self.cases += 1;
        (format!("case-{}", self.cases), format!("2026{:07}", 2_000_000 + self.cases * 137))
    }

    /// The id of the event that is written next.
    fn next_id(&self) -> String {
        format!("demo-{}", self.written.len() + 1)
    }

    /// The id of a new conversation.
    pub(super) fn conversation(&mut self) -> String {
        self.contacts += 1;
        format!("v-{}", self.contacts)
    }

    /// Everything written, in the order in which it happened.
    pub(super) fn into_events(mut self) -> Vec<Flat> {
        self.written.sort_by_key(|(at, _)| *at);
        self.written.into_iter().map(|(_, flat)| flat).collect()
    }
}

/// A run of events that have a subject, a source and some fields in common.
#[derive(Debug)]
pub(super) struct Scene<'p> {
    pen: &'p mut Pen,
    source: &'static str,
    subject: String,
    now: Micros,
    shared: Map<String, Value>,
}

impl Scene<'_> {
    /// Gives all events from here on a field.
    pub(super) fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.shared.insert(field.into(), value.into());
        self
    }

    /// Gives all events from here on a dimension.
    pub(super) fn dimension(mut self, name: &str, value: &str) -> Self {
        if let Some(Value::Object(map)) = self.shared.get_mut("dimensions") {
            map.insert(name.into(), value.into());
        }
        self
    }

    /// Puts all events from here on in a channel.
    pub(super) fn through(self, channel: &str) -> Self {
        self.with("channel", channel)
    }

    /// Puts all events from here on in a new contact in a channel.
    pub(super) fn contact(self, channel: &str) -> Self {
        self.pen.contacts += 1;
        let contact = format!("c-{}", self.pen.contacts);
        self.through(channel).with("contact", contact)
    }

    /// Lets time pass.
    pub(super) fn after(&mut self, seconds: i64) -> &mut Self {
        self.now = self.now.plus(seconds * Micros::SECOND);
        self
    }

    /// Where the scene's clock stands.
    pub(super) fn now(&self) -> Micros {
        self.now
    }

    /// A moment some days after the scene's clock, as it stands on the wire.
    pub(super) fn in_days(&self, days: i64) -> String {
        self.now.plus(days * Micros::DAY).to_string()
    }

    /// Writes an event of the vocabulary.
    pub(super) fn event(&mut self, kind: &str, own: Value) -> &mut Self {
        self.foreign(&format!("novelo.{kind}"), own)
    }

    /// Notes something that stays on top; the event by which it comes down again names it.
    pub(super) fn pins(&mut self, text: &str) -> EventId {
        let id = EventId::derive(self.source, &self.pen.next_id());
        self.event("note.added", json!({"pinned": true, "text": text}));
        id
    }

    /// Writes an event of any type.
    pub(super) fn foreign(&mut self, kind: &str, own: Value) -> &mut Self {
        let mut data = self.shared.clone();
        if let Value::Object(own) = own {
            data.extend(own);
        }
        let flat = Flat {
            id: self.pen.next_id(),
            source: self.source.into(),
            kind: kind.into(),
            subject: Some(self.subject.clone()),
            time: Some(self.now.to_string()),
            data,
        };
        self.pen.written.push((self.now, flat));
        self
    }
}
