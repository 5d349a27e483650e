//! Rows of the simplest sort: one for each event, with its envelope and the clear fields of its kind side by side.
//!
//! A clear field has one name whatever the kind; an event of a kind without it says nothing there.

use std::sync::LazyLock;

use super::row::{Fields, Row};
use super::value::{Type, Value};
use crate::event::{Event, Kind, Shape, channel_text, scale};

/// The fields of the envelope, in the order of [`EventRow::get`].
const ENVELOPE: &[(&str, Type)] = &[
    ("kind", Type::Text(None)),
    ("channel", Type::Text(None)),
    ("direction", Type::Text(Some(crate::event::Direction::WORDS))),
    ("actor", Type::Text(Some(crate::event::Actor::KINDS))),
    ("actor_id", Type::Text(None)),
    ("source", Type::Text(None)),
    ("contact", Type::Text(None)),
    ("conversation", Type::Text(None)),
    ("case", Type::Text(None)),
    ("campaign", Type::Text(None)),
    ("touchpoint", Type::Text(None)),
    ("department", Type::Text(None)),
    ("stage", Type::Text(None)),
    ("occurred_at", Type::Moment),
    ("recorded_at", Type::Moment),
    ("late_ms", Type::Number),
    ("subject", Type::Text(None)),
];

/// A field that some kinds have: its name, what it holds, and its tag in each of them.
#[derive(Debug)]
struct KindField {
    name: &'static str,
    holds: Type,
    tags: Vec<(u16, u8)>,
}

/// The clear fields of all kinds, by name. Those of one name and several types are told apart by a test: there are none.
static OF_KINDS: LazyLock<Vec<KindField>> = LazyLock::new(|| {
    let mut fields: Vec<KindField> = Vec::new();
    for info in Kind::ALL {
        for field in info.clear.iter().filter(|field| !ENVELOPE.iter().any(|(name, _)| *name == field.name)) {
            match fields.iter_mut().find(|known| known.name == field.name) {
                Some(known) => {
                    // Where kinds differ in the words that they take, any text may come.
                    if known.holds != type_of(field.shape) {
                        known.holds = Type::Text(None);
                    }
                    known.tags.push((info.code, field.tag));
                }
                None => fields.push(KindField {
                    name: field.name,
                    holds: type_of(field.shape),
                    tags: vec![(info.code, field.tag)],
                }),
            }
        }
    }
    fields
});

/// Those that are an id, or free text.
const BOUNDLESS: &[&str] =
    &["subject", "contact", "conversation", "case", "protocol", "note", "request", "amount", "size_bytes"];

/// The names of all kinds.
static KINDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| Kind::ALL.iter().map(|info| info.name).collect());

fn type_of(shape: Shape) -> Type {
    match shape {
        Shape::Bool => Type::Truth,
        Shape::Count | Shape::Millis | Shape::Number | Shape::Amount => Type::Number,
        Shape::Moment => Type::Moment,
        Shape::Text | Shape::Channel | Shape::Event => Type::Text(None),
        Shape::OneOf(words) => Type::Text(Some(words)),
        Shape::List => Type::List,
    }
}

/// The fields of events.
#[derive(Clone, Copy, Debug)]
pub struct EventFields;

impl Fields for EventFields {
    fn find(&self, name: &str) -> Option<(usize, Type)> {
        if name == "kind" {
            return Some((0, Type::Text(Some(KINDS.as_slice()))));
        }
        let envelope = ENVELOPE.iter().enumerate().find(|(_, (known, _))| *known == name);
        envelope.map(|(at, (_, holds))| (at, *holds)).or_else(|| {
            let (at, field) = OF_KINDS.iter().enumerate().find(|(_, field)| field.name == name)?;
            Some((ENVELOPE.len() + at, field.holds))
        })
    }

    fn names(&self) -> Vec<&str> {
        ENVELOPE.iter().map(|(name, _)| *name).chain(OF_KINDS.iter().map(|field| field.name)).collect()
    }

    fn open(&self) -> &'static [&'static str] {
        &["dimensions"]
    }

    fn is_boundless(&self, field: usize) -> bool {
        let known = ENVELOPE.get(field).copied();
        let of_kind = || OF_KINDS.get(field - ENVELOPE.len()).map(|field| (field.name, field.holds));
        known
            .or_else(of_kind)
            .is_some_and(|(name, holds)| holds == Type::Moment || name.ends_with("_ms") || BOUNDLESS.contains(&name))
    }
}

/// The number of the field `kind`.
pub(super) const KIND: usize = 0;

/// An event as a row.
#[derive(Clone, Copy, Debug)]
pub struct EventRow<'e>(pub &'e Event);

impl Row for EventRow<'_> {
    fn get(&self, field: usize) -> Value<'_> {
        let (event, header) = (self.0, &self.0.header);
        match field {
            0 => Value::text(event.kind.name()),
            1 => Value::Text(channel_text(&header.channel)),
            2 => Value::text(header.direction.word()),
            3 => Value::text(header.actor.kind()),
            4 => Value::maybe(header.actor.id().map(|id| id.as_str())),
            5 => Value::text(header.source.as_str()),
            6 => Value::maybe(header.contact.as_ref().map(|id| id.as_str())),
            7 => Value::maybe(header.conversation.as_ref().map(|id| id.as_str())),
            8 => Value::maybe(header.case.as_ref().map(|id| id.as_str())),
            9 => Value::maybe(header.campaign.as_ref().map(|id| id.as_str())),
            10 => Value::maybe(header.touchpoint.as_ref().map(|name| name.as_str())),
            11 => Value::maybe(header.department.as_ref().map(|name| name.as_str())),
            12 => Value::maybe(header.stage.as_ref().map(|name| name.as_str())),
            13 => Value::Moment(header.occurred_at),
            14 => Value::Moment(event.recorded_at),
            15 => Value::Number((event.recorded_at.since(header.occurred_at) / 1_000).max(0) as f64),
            16 => Value::Text(event.strand.subject.to_string().into()),
            of_kind => {
                let Some(field) = OF_KINDS.get(of_kind - ENVELOPE.len()) else { return Value::Absent };
                if let Kind::SurveyAnswered(answer) = &event.kind {
                    // An answer that does not say its scale is on the usual one of its instrument.
                    match field.name {
                        "scale_min" => return Value::Number(scale(answer).0),
                        "scale_max" => return Value::Number(scale(answer).1),
                        _ => {}
                    }
                }
                let code = event.kind.info().code;
                let tag = field.tags.iter().find(|(kind, _)| *kind == code).map(|(_, tag)| *tag);
                tag.and_then(|tag| event.kind.view(tag)).map_or(Value::Absent, Value::from)
            }
        }
    }

    fn get_open(&self, _: &str, name: &str) -> Value<'_> {
        Value::maybe(self.0.header.dimensions.get(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clear_field_is_of_one_type_in_all_kinds_that_have_it() {
        for info in Kind::ALL {
            for field in info.clear {
                let (_, holds) = EventFields.find(field.name).unwrap();
                assert!(holds.is_like(type_of(field.shape)), "{} of {}", field.name, info.name);
            }
        }
    }

    #[test]
    fn the_envelope_is_read_by_the_numbers_that_names_have() {
        let names: Vec<_> = EventFields.names();
        for (number, name) in names.iter().enumerate() {
            assert_eq!(EventFields.find(name).map(|(found, _)| found), Some(number), "{name}");
        }
        assert_eq!(EventFields.find("chanel"), None);
    }
}
