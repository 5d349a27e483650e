//! Stored events out, as CloudEvents that come in again as the same events.

use serde_json::{Map, Value};

use crate::event::kind::Custom;
use crate::event::{Event, Kind, Personal, Unfiled, flat};
use crate::ingest::fields::ENVELOPE;

/// The event as a CloudEvent in JSON.
///
/// `id` is `novelo:` and the event's own id, with which it comes in again as the same event; `source`, `time` and `type`
/// are as they came, a type of another vocabulary too. `subject` is the identifier that it is filed under, `data` its
/// fields side by side. The extensions `noveloposition` (a text: it has 64 bits) and `novelorecordedat` say where it stood
/// in the log and since when; they are not taken in again.
///
/// Without `personal` (the key was destroyed, or the reader may not see it) the event goes out without subject and
/// personal fields. Kinds that must have personal fields cannot be taken in again then.
#[must_use]
pub fn to_cloudevent(event: &Event, personal: Option<&Personal>) -> Value {
    let mut out = Map::new();
    let mut put = |name: &str, value: String| drop(out.insert(name.into(), Value::String(value)));
    put("specversion", "1.0".into());
    put("id", format!("novelo:{}", event.header.id));
    put("source", event.header.source.to_string());
    put("time", event.header.occurred_at.to_string());
    put("datacontenttype", "application/json".into());
    put("noveloposition", event.position.to_string());
    put("novelorecordedat", event.recorded_at.to_string());
    if let Some(subject) = personal.and_then(|personal| personal.identifiers.first()) {
        put("subject", subject.to_wire());
    }
    let mut data = flat::show(event, personal);
    match foreign(&event.kind, personal) {
        Some(custom) => {
            put("type", custom.name.to_string());
            if let Some(schema) = &custom.schema {
                put("dataschema", schema.to_string());
            }
            unwrap_payload(&mut data);
        }
        None => put("type", format!("novelo.{}", event.kind.name())),
    }
    out.insert("data".into(), Value::Object(data));
    Value::Object(out)
}

/// An event that is not stored yet, as a CloudEvent in JSON: what it is sent to a server as. Its id is that which it will
/// have, so that it comes in as the same event.
#[must_use]
pub fn unfiled_to_cloudevent(event: &Unfiled) -> Value {
    let header = event.header();
    serde_json::json!({
        "specversion": "1.0",
        "id": format!("novelo:{}", header.id),
        "source": header.source.as_str(),
        "type": format!("novelo.{}", event.kind().name()),
        "time": header.occurred_at.to_string(),
        "data": event.show(),
    })
}

/// The same as one line, line break included.
#[must_use]
pub fn to_line(event: &Event, personal: Option<&Personal>) -> String {
    let mut line = to_cloudevent(event, personal).to_string();
    line.push('\n');
    line
}

/// The custom kind, when it can go out under its own type and come in again as it is.
///
/// It can when its payload is an object (or there is none) none of whose names is one of the envelope's, and nothing in it
/// is null: only such a one can have come in under a type of its own.
fn foreign<'a>(kind: &'a Kind, personal: Option<&Personal>) -> Option<&'a Custom> {
    let custom = if let Kind::Custom(custom) = kind { custom } else { return None };
    let fits = match personal.and_then(|personal| personal.value.as_ref()) {
        None => true,
        Some(Value::Object(payload)) => {
            !payload.is_empty()
                && payload.iter().all(|(name, value)| !value.is_null() && !ENVELOPE.contains(&name.as_str()))
        }
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => false,
    };
    (fits && !custom.name.as_str().starts_with("novelo.")).then_some(custom)
}

/// Puts the fields of the payload beside the envelope's.
fn unwrap_payload(data: &mut Map<String, Value>) {
    data.remove("name");
    data.remove("schema");
    if let Some(Value::Object(payload)) = data.remove("payload") {
        data.extend(payload);
    }
}
