//! What a reader must find of events that are exported as lines of JSON, worked out from the lines alone.

use std::collections::BTreeMap;

use novelo::event::{Kind, Micros, Shape, Slot};
use serde_json::{Map, Value, json};

fn micros(value: &Value) -> Value {
    Micros::parse(value.as_str().unwrap()).unwrap().0.into()
}

/// An amount with its four decimals.
pub(super) fn decimals(amount: &Value) -> Value {
    let text = amount.as_str().map_or_else(|| amount.to_string(), str::to_owned);
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    format!("{whole}.{fraction:0<4}").into()
}

/// What a reader must find of an event that is exported as a line, but for the strands' ids, which a line does not tell.
fn expected(line: &Value, with_personal: bool) -> Map<String, Value> {
    let mut data = line["data"].as_object().unwrap().clone();
    let custom = line["type"].as_str().unwrap().strip_prefix("novelo.").is_none();
    let kind = if custom { "custom" } else { &line["type"].as_str().unwrap()["novelo.".len()..] };
    let (occurred, recorded) = (micros(&line["time"]), micros(&line["novelorecordedat"]));
    let mut row = Map::new();
    let mut put = |name: &str, value: Value| drop(row.insert(name.to_owned(), value));
    put("position", line["noveloposition"].as_str().unwrap().parse::<i64>().unwrap().into());
    put("id", line["id"].as_str().unwrap()["novelo:".len()..].into());
    put("late_ms", ((recorded.as_i64().unwrap() - occurred.as_i64().unwrap()) / 1_000).max(0).into());
    put("occurred_at", occurred);
    put("recorded_at", recorded);
    // All times of an export are of UTC.
    put("month", line["time"].as_str().unwrap()[..7].into());
    put("source", line["source"].clone());
    put("kind", kind.into());
    let actor = data.remove("actor").unwrap();
    let (actor, id) =
        actor.as_str().unwrap().split_once(':').map_or((actor.as_str().unwrap(), None), |(a, id)| (a, Some(id)));
    put("actor", actor.into());
    id.into_iter().for_each(|id| put("actor_id", id.into()));
    put("dimensions", data.remove("dimensions").unwrap_or(json!({})));
    let identifiers = data.remove("identifiers");
    for name in
        ["channel", "direction", "contact", "conversation", "case", "campaign", "touchpoint", "department", "stage"]
    {
        data.remove(name).into_iter().for_each(|value| put(name, value));
    }
    if custom {
        put("name", line["type"].clone());
        line.get("dataschema").cloned().into_iter().for_each(|schema| put("schema", schema));
    }
    let info = Kind::named(kind).unwrap();
    for field in info.clear {
        let Some(value) = data.remove(field.name) else { continue };
        put(
            field.name,
            match field.shape {
                Shape::Moment => micros(&value),
                Shape::Amount => decimals(&value),
                Shape::Number => value.as_f64().unwrap().into(),
                Shape::Bool
                | Shape::Count
                | Shape::Millis
                | Shape::Text
                | Shape::OneOf(_)
                | Shape::Channel
                | Shape::List
                | Shape::Event => value,
            },
        );
    }
    if with_personal {
        line.get("subject").cloned().into_iter().for_each(|subject| put("personal_identifier", subject));
        identifiers.into_iter().for_each(|others| put("personal_identifiers", others));
        if custom && !data.is_empty() {
            put("personal_payload", Value::Object(std::mem::take(&mut data)));
        }
        for field in info.personal {
            data.remove(field.name).into_iter().for_each(|value| put(&format!("personal_{}", field.name), value));
        }
        assert!(data.is_empty(), "nothing is left out: {data:?}");
    }
    if kind == "survey.answered" {
        complete_scale(&mut row);
    }
    row
}

/// As in analyses, an answer that does not say its scale is on the usual one of its instrument.
fn complete_scale(row: &mut Map<String, Value>) {
    let usual = match row["instrument"].as_str().unwrap() {
        "csat" => (1.0, 5.0),
        "nps" => (0.0, 10.0),
        "ces" => (1.0, 7.0),
        _ => return,
    };
    row.entry("scale_min").or_insert(usual.0.into());
    row.entry("scale_max").or_insert(usual.1.into());
}

/// A row as a reader found it, with the strands' ids taken out and checked, and JSON texts read.
fn found(row: &Value, revisions: &mut BTreeMap<String, u64>) -> Map<String, Value> {
    let mut row = row.as_object().unwrap().clone();
    let is_id = |id: &Value| id.as_str().is_some_and(|id| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()));
    let subject = row.remove("subject").unwrap();
    assert!(is_id(&subject), "{subject}");
    // A strand's revisions are 0, 1, 2, … in the order of positions.
    let revision = revisions.entry(subject.to_string()).or_default();
    assert_eq!(row.remove("revision").unwrap(), json!(*revision), "{row:?}");
    *revision += 1;
    let also = row.remove("also");
    if let Some(also) = &also {
        assert!(also.as_array().is_some_and(|ids| !ids.is_empty() && ids.iter().all(is_id)), "{also}");
    }
    if let Some(others) = row.get("personal_identifiers") {
        assert_eq!(also.unwrap().as_array().unwrap().len(), others.as_array().unwrap().len(), "{row:?}");
    }
    for field in Kind::ALL.iter().flat_map(|info| info.personal) {
        let json = matches!(field.slot, Slot::Value | Slot::Values);
        if let Some(text) = row.get_mut(&format!("personal_{}", field.name)).filter(|_| json) {
            *text = serde_json::from_str(text.as_str().unwrap()).unwrap();
        }
    }
    row
}

/// Both readers found the rows of these lines.
pub(super) fn same_rows(lines: &[Value], read: &Value, with_personal: bool) {
    for reader in ["duckdb", "polars"] {
        let rows = read[reader]["rows"].as_array().unwrap();
        assert_eq!(rows.len(), lines.len(), "{reader}");
        let mut revisions = BTreeMap::new();
        for (row, line) in rows.iter().zip(lines) {
            let found = found(row, &mut revisions);
            assert_eq!(found, expected(line, with_personal), "{reader}: {line}");
        }
    }
}
