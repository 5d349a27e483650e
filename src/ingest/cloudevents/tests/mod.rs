//! Events in and out, and what is said of those that cannot be taken.

use serde_json::{Value, json};

use crate::event::Personal;
use crate::ingest::testing::file;

use super::*;

mod bad;
mod reading;
mod writing;

/// Reads a whole NDJSON text in one piece.
fn read_lines(text: &[u8]) -> Vec<Result<Item, Rejected>> {
    let mut lines = NdJson::new();
    let mut items = lines.feed(text);
    items.extend(lines.finish());
    items
}

/// What an item says, for comparison: an event's parts, or the rejection.
fn shown(item: Result<Item, Rejected>) -> String {
    match item {
        Ok(item) => {
            let place = item.place;
            let draft = file(item.event).unwrap();
            format!("{place:?} {:?} {:?} {:?}", draft.header(), draft.kind(), personal_parts(draft.personal()))
        }
        Err(rejected) => format!("{rejected:?}"),
    }
}

/// The personal part in the plain.
fn personal_parts(personal: &Personal) -> Value {
    let identifiers: Vec<String> = personal.identifiers.iter().map(|i| i.to_wire()).collect();
    json!([identifiers, personal.text, personal.headline, personal.attachments, personal.value])
}

/// A good event, changed at the given paths; `null` takes a field out.
fn event(changes: &[(&str, Value)]) -> Value {
    let mut event = json!({"specversion": "1.0", "id": "m-1", "source": "chat", "type": "novelo.message.sent",
        "subject": "crm:7", "time": "2026-01-05T13:07:41Z", "data": {"channel": "chat", "direction": "inbound"}});
    for (path, value) in changes {
        let (parent, name) = path.rsplit_once('/').unwrap();
        event.pointer_mut(parent).unwrap()[name] = value.clone();
    }
    event
}
