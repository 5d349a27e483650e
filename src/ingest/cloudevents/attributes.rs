//! One CloudEvent, as a JSON object, into an unfiled event.

use serde_json::{Map, Value};

use crate::event::{Flat, Invalid, Kind, Unfiled, did_you_mean};
use crate::ingest::fields::ENVELOPE;
use crate::ingest::rejected::{Code, Place, Rejected};

use super::Item;

/// The attributes that CloudEvents 1.0 defines, and the members that hold the data.
const KNOWN: &[&str] =
    &["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "data", "data_base64"];

/// A rejection whose place is not known yet.
type Problem = (Code, Invalid);

/// Reads the event at `place`.
pub(super) fn read_item(place: Place, value: Value) -> Result<Item, Rejected> {
    let Value::Object(map) = value else {
        let problem = Invalid::new("event", format!("is {}", type_name(&value)), "send a JSON object");
        return Err(Rejected::new(place, None, Code::InvalidJson, problem));
    };
    let id = map.get("id").and_then(Value::as_str).map(str::to_owned);
    match read_object(map) {
        Ok(event) => Ok(Item { place, id: id.unwrap_or_default(), event }),
        Err((code, problem)) => Err(Rejected::new(place, id.as_deref(), code, problem)),
    }
}

/// Reads the event that an object holds.
fn read_object(mut map: Map<String, Value>) -> Result<Unfiled, Problem> {
    map.retain(|_, value| !value.is_null());
    refuse_sealed(&map)?;
    check_version(map.remove("specversion"))?;
    check_content_type(map.remove("datacontenttype"))?;
    if map.remove("data_base64").is_some() {
        let problem = Invalid::new("data_base64", "is not supported", "send the data as a JSON object in `data`");
        return Err((Code::Unsupported, problem));
    }
    let kind = required(&mut map, "type", "`novelo.` and a kind, or a type of your own")?;
    let schema = optional(&mut map, "dataschema")?;
    let flat = Flat {
        id: required(&mut map, "id", "the source's own id of this event")?,
        source: required(&mut map, "source", "the name of the system it comes from")?,
        subject: optional(&mut map, "subject")?,
        time: optional(&mut map, "time")?,
        data: take_data(&mut map)?,
        kind,
    };
    check_extensions(&map, &flat.kind)?;
    let event = Unfiled::read(flat).map_err(field)?;
    match schema {
        Some(schema) => {
            event.with_schema(&schema).map_err(|problem| field(Invalid { field: "dataschema".into(), ..problem }))
        }
        None => Ok(event),
    }
}

/// The problem of a field.
fn field(problem: Invalid) -> Problem {
    (Code::InvalidField, problem)
}

/// Takes an attribute that is a text.
fn optional(map: &mut Map<String, Value>, name: &'static str) -> Result<Option<String>, Problem> {
    match map.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(field(Invalid::new(name, format!("is {}", type_name(&other)), "send a text"))),
    }
}

/// Takes an attribute that must be there.
fn required(map: &mut Map<String, Value>, name: &'static str, what: &str) -> Result<String, Problem> {
    let text = optional(map, name)?.filter(|text| !text.trim().is_empty());
    text.ok_or_else(|| field(Invalid::new(name, "is missing", format!("send {what}"))))
}

/// Takes `data`.
fn take_data(map: &mut Map<String, Value>) -> Result<Map<String, Value>, Problem> {
    match map.remove("data") {
        None => Ok(Map::new()),
        Some(Value::Object(data)) => Ok(data),
        Some(other) => Err(field(Invalid::new("data", format!("is {}", type_name(&other)), "send a JSON object"))),
    }
}

/// Refuses a line of the sealed export, which is no CloudEvent.
fn refuse_sealed(map: &Map<String, Value>) -> Result<(), Problem> {
    if map.contains_key("specversion") || !map.contains_key("novelosealed") {
        return Ok(());
    }
    let help = "export without `--sealed`; or make a store of an archive or a backup with `novelo restore`";
    Err((Code::Unsupported, Invalid::new("novelosealed", "is of a sealed export, which cannot be imported", help)))
}

/// Refuses every version but 1.0.
fn check_version(version: Option<Value>) -> Result<(), Problem> {
    let help = "send CloudEvents 1.0, `\"specversion\": \"1.0\"`";
    match version.as_ref().map(Value::as_str) {
        Some(Some("1.0")) => Ok(()),
        None => Err(field(Invalid::new("specversion", "is missing", help))),
        Some(Some(other)) => {
            let shown: String = other.chars().take(16).collect();
            Err((Code::Unsupported, Invalid::new("specversion", format!("is `{shown}`"), help)))
        }
        Some(None) => Err(field(Invalid::new("specversion", "is no text", help))),
    }
}

/// Refuses data that is declared to be anything but JSON.
fn check_content_type(declared: Option<Value>) -> Result<(), Problem> {
    let Some(declared) = declared else { return Ok(()) };
    let refuse = |reason: String| {
        let problem = Invalid::new("datacontenttype", reason, "send the data as application/json");
        Err((Code::Unsupported, problem))
    };
    match declared.as_str() {
        Some(media_type) if is_json(media_type) => Ok(()),
        Some(media_type) => refuse(format!("is `{}`", media_type.chars().take(64).collect::<String>())),
        None => refuse("is no text".into()),
    }
}

/// Whether a media type means JSON: the subtype `json`, or one that ends in `+json` (JSON event format, section 3.1).
pub(super) fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.split_once('/').is_some_and(|(_, subtype)| subtype == "json" || subtype.ends_with("+json"))
}

/// Refuses attributes whose names CloudEvents does not allow, and those that belong into `data`.
fn check_extensions(map: &Map<String, Value>, kind: &str) -> Result<(), Problem> {
    let info = kind.strip_prefix("novelo.").and_then(Kind::named);
    for (name, value) in map {
        let shown: String = name.chars().take(64).collect();
        let of_kind = info.is_some_and(|info| {
            info.clear.iter().any(|f| f.name == name) || info.personal.iter().any(|f| f.name == name)
        });
        if of_kind || ENVELOPE.contains(&name.as_str()) {
            return Err(field(Invalid::new(shown, "stands beside `data`", "move it into `data`")));
        }
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
            let help = format!("extensions have lower-case letters and digits only; {}", did_you_mean(name, KNOWN));
            return Err(field(Invalid::new(shown, "is no attribute of CloudEvents", help)));
        }
        if value.is_object() || value.is_array() {
            let reason = format!("is {}", type_name(value));
            return Err(field(Invalid::new(shown, reason, "send a text, a whole number, true or false")));
        }
    }
    Ok(())
}

/// The JSON type in words. Never the value.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
