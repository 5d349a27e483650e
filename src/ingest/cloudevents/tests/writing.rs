//! Stored events out, and in again.

use serde_json::json;

use crate::event::{Draft, EventId, Kind, Unfiled};
use crate::ingest::testing::{file, flat_of, full_data, store};

use super::super::{read_structured, to_cloudevent, to_line};

/// Checks that an event comes in again as the same one.
fn assert_round_trip(draft: &Draft) {
    let event = store(draft);
    let written = to_line(&event, Some(draft.personal()));
    let again = read_structured(written.as_bytes()).unwrap_or_else(|r| panic!("{r}: {written}"));
    let again = file(again.event).unwrap();
    assert_eq!(again.header(), draft.header());
    assert_eq!(again.kind(), draft.kind());
    assert_eq!(again.personal(), draft.personal());
}

#[test]
fn every_kind_with_every_field_goes_out_and_comes_in_the_same() {
    for info in Kind::ALL {
        let unfiled = Unfiled::read(flat_of(info.name, full_data(info.name))).unwrap();
        assert_round_trip(&file(unfiled).unwrap());
    }
}

#[test]
fn a_type_of_another_vocabulary_goes_out_as_that_type() {
    let text = br#"{"specversion": "1.0", "id": "1", "source": "shop", "type": "com.example.cart.left", "subject": "crm:7",
        "time": "2026-01-05T13:07:41Z", "dataschema": "https://example.com/cart/v2", "data": {"items": 3, "channel": "web"}}"#;
    let draft = file(read_structured(text).unwrap().event).unwrap();
    let out = to_cloudevent(&store(&draft), Some(draft.personal()));
    assert_eq!(out["type"], "com.example.cart.left");
    assert_eq!(out["dataschema"], "https://example.com/cart/v2");
    assert_eq!(out["data"]["items"], 3);
    assert_eq!(out["data"].get("payload"), None);
    assert_round_trip(&draft);
}

#[test]
fn a_payload_that_could_not_have_come_in_flat_goes_out_as_custom() {
    for payload in [json!({"channel": "x"}), json!({"a": null}), json!({}), json!([1]), json!("x"), json!(4)] {
        let data = json!({"name": "cart.left", "payload": payload});
        let unfiled = Unfiled::read(flat_of("custom", data.as_object().unwrap().clone())).unwrap();
        let draft = file(unfiled).unwrap();
        assert_eq!(to_cloudevent(&store(&draft), Some(draft.personal()))["type"], "novelo.custom");
        assert_round_trip(&draft);
    }
    let data = json!({"name": "novelo.note.added", "payload": {"text": "x"}});
    let unfiled = Unfiled::read(flat_of("custom", data.as_object().unwrap().clone())).unwrap();
    assert_round_trip(&file(unfiled).unwrap());
}

#[test]
fn an_export_has_the_attributes_that_are_documented() {
    let unfiled = Unfiled::read(flat_of("note.added", full_data("note.added"))).unwrap();
    let draft = file(unfiled).unwrap();
    let out = to_cloudevent(&store(&draft), Some(draft.personal()));
    assert_eq!(out["id"], format!("novelo:{}", EventId::derive("test", "m-1")));
    assert_eq!(out["source"], "test");
    assert_eq!(out["type"], "novelo.note.added");
    assert_eq!(out["subject"], "phone:+5511987654321");
    assert_eq!(out["time"], "2026-01-05T13:07:41.000001Z");
    assert_eq!(out["noveloposition"], "41");
    assert_eq!(out["novelorecordedat"], "2026-01-05T13:07:42Z");
    assert_eq!(out["data"]["identifiers"], json!(["email:ana@example.com"]));
    let erased = to_cloudevent(&store(&draft), None);
    assert_eq!((erased.get("subject"), erased["data"].get("text")), (None, None));
    assert_eq!(erased["data"]["pinned"], true);
}
