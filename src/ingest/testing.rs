//! What the tests of this room share: events of every kind with every field, and a filing that needs no rules.

use serde_json::{Map, Value, json};

use crate::event::{
    Draft, Event, Flat, Identifier, IdentifierKind, Invalid, Kind, Micros, Position, Revision, Shape, Slot, Strand,
    SubjectId, Unfiled, Who,
};

/// A moment after all those in the tests.
pub(crate) const NOW: Micros = Micros(Micros::DAY * 25_000);

/// A value that a clear field takes.
fn sample(name: &str, shape: Shape) -> Value {
    match shape {
        Shape::Bool => json!(true),
        Shape::Count | Shape::Millis => json!(3),
        Shape::Number => json!(if name == "scale_max" {
            5.0
        } else if name == "scale_min" {
            1.0
        } else {
            4.5
        }),
        Shape::Amount => json!(128.45),
        Shape::Moment => json!("2026-01-05T13:07:41.25Z"),
        Shape::Text => json!(if name == "instrument" { "csat" } else { "some text" }),
        Shape::OneOf(words) => json!(words.last()),
        Shape::Channel => json!("social(instagram)"),
        Shape::Event => json!("ee7de0e8b8de82d06fe95900853b0dc5"),
        Shape::List => json!(["age", "name"]),
    }
}

/// The `data` of an event of this kind with every field of its own and of the envelope.
pub(crate) fn full_data(kind: &str) -> Map<String, Value> {
    let info = Kind::named(kind).unwrap();
    let mut data = json!({
        "channel": "letter", "direction": "outbound", "actor": "agent:ana", "contact": "c-1", "conversation": "v-1",
        "case": "k-1", "campaign": "p-1", "touchpoint": "counter", "department": "billing", "stage": "retention",
        "dimensions": {"region": "south", "product": "card"}, "identifiers": ["email:ana@example.com"],
    });
    let map = data.as_object_mut().unwrap();
    for field in info.clear {
        map.insert(field.name.into(), sample(field.name, field.shape));
    }
    for field in info.personal {
        let value = match field.slot {
            Slot::Text | Slot::Headline => json!(format!("words in {}", field.name)),
            Slot::Attachments => json!(["a.pdf", "b.png"]),
            Slot::Value => json!([1, {"deep": null}]),
            Slot::Values => json!({"name": "Ana", "age": 41}),
        };
        map.insert(field.name.into(), value);
    }
    std::mem::take(map)
}

/// The event of this kind and data.
pub(crate) fn flat_of(kind: &str, data: Map<String, Value>) -> Flat {
    Flat {
        id: "m-1".into(),
        source: "test".into(),
        kind: format!("novelo.{kind}"),
        subject: Some("phone:+5511987654321".into()),
        time: Some("2026-01-05T13:07:41.000001Z".into()),
        data,
    }
}

/// Files an event under its identifiers as they stand, or under its contact when it has none.
pub(crate) fn file(unfiled: Unfiled) -> Result<Draft, Invalid> {
    let identifier = |text: &String| {
        let (kind, value) = text.split_once(':').unwrap();
        Identifier::from_normal_form(IdentifierKind::new(kind).unwrap(), value).unwrap()
    };
    let mut who: Vec<Identifier> = unfiled.identifiers().iter().map(identifier).collect();
    if who.is_empty() {
        let contact = unfiled.header().contact.as_ref().map_or("nobody", |contact| contact.as_str());
        who.push(Identifier::from_normal_form(IdentifierKind::ANONYMOUS, contact).unwrap());
    }
    unfiled.file(Who::Known(who), NOW)
}

/// The event that a draft becomes in the log.
pub(crate) fn store(draft: &Draft) -> Event {
    Event {
        position: Position(41),
        revision: Revision(2),
        recorded_at: Micros(1_767_618_462_000_000),
        strand: Strand { kind: IdentifierKind::PHONE, subject: SubjectId([7; 16]) },
        also: Vec::new(),
        header: draft.header().clone(),
        kind: draft.kind().clone(),
        sealed: vec![1, 2, 3],
    }
}
