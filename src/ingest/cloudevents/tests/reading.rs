//! The four forms, and the splitting of lines.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::event::Channel;
use crate::ingest::testing::{file, store};
use crate::ingest::{Code, Rejected};

use super::super::*;
use super::{event, read_lines, shown};

#[test]
fn the_golden_lines_are_read_as_expected() {
    let items = read_lines(include_bytes!("../golden/events.ndjson"));
    let shown: Vec<Value> = items.into_iter().map(golden_view).collect();
    let expected: Vec<Value> = serde_json::from_str(include_str!("../golden/events.expected.json")).unwrap();
    for (shown, expected) in shown.iter().zip(&expected) {
        assert_eq!(shown, expected);
    }
    assert_eq!(shown.len(), expected.len());
}

/// An item as the golden file has it: only fields that are there.
fn golden_view(item: Result<Item, Rejected>) -> Value {
    let item = match item {
        Ok(item) => item,
        Err(rejected) => return json!({"rejected": rejected}),
    };
    let (place, id) = (item.place, item.id.clone());
    let draft = file(item.event).unwrap();
    let header = draft.header();
    let data = crate::event::flat::show(&store(&draft), Some(draft.personal()));
    let identifiers: Vec<String> = draft.personal().identifiers.iter().map(|i| i.to_wire()).collect();
    json!({
        "line": place.line, "id": id, "source": header.source.as_str(), "kind": draft.kind().name(),
        "time": header.occurred_at.to_string(), "identifiers": identifiers, "data": data,
    })
}

#[test]
fn a_request_says_its_form() {
    let detect = |content_type, ce| ContentMode::detect(content_type, ce);
    assert_eq!(detect(Some("application/cloudevents+json; charset=utf-8"), false), Ok(ContentMode::Structured));
    assert_eq!(detect(Some("Application/CloudEvents-Batch+JSON"), false), Ok(ContentMode::Batched));
    assert_eq!(detect(Some("application/x-ndjson"), false), Ok(ContentMode::NdJson));
    assert_eq!(detect(Some("application/json"), true), Ok(ContentMode::Binary));
    assert_eq!(detect(None, true), Ok(ContentMode::Binary));
    assert_eq!(detect(Some("application/json"), false).unwrap_err().field, "content-type");
}

#[test]
fn a_request_in_another_charset_is_refused() {
    let detect = |parameters: &str| ContentMode::detect(Some(&format!("application/x-ndjson{parameters}")), false);
    for parameters in ["", ";charset=UTF-8", "; a=b; Charset=\"utf-8\"", "; charset = utf8", "; charset=us-ascii", ";"]
    {
        assert_eq!(detect(parameters), Ok(ContentMode::NdJson), "{parameters}");
    }
    for parameters in ["; charset=iso-8859-1", ";CHARSET=\"UTF-16\"", "; a=b; charset=windows-1252", "; charset="] {
        let refused = detect(parameters).unwrap_err();
        assert_eq!((&*refused.field, &*refused.reason), ("content-type", "names a charset other than utf-8"));
    }
    assert!(ContentMode::detect(Some("application/json; charset=latin1"), true).is_err(), "binary mode as well");
}

#[test]
fn the_binary_form_is_read_from_headers_and_body() {
    let headers: Vec<(&str, &[u8])> = vec![
        ("Host", b"example.com"),
        ("Ce-SpecVersion", b"1.0"),
        ("ce-id", b"m-1"),
        ("ce-source", b"Atendimento%20S%C3%A3o%20Paulo"),
        ("ce-type", b"novelo.message.sent"),
        ("ce-subject", b"\"whatsapp:+5511987654321\""),
        ("ce-time", b"2026-01-05T13:07:41Z"),
        ("ce-traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ("Content-Type", b"application/json"),
    ];
    let body = r#"{"channel": "whatsapp", "direction": "inbound", "text": "olá"}"#.as_bytes();
    let draft = file(read_binary(headers.clone(), body).unwrap().event).unwrap();
    assert_eq!(draft.header().source.as_str(), "Atendimento São Paulo");
    assert_eq!(draft.header().channel, Channel::Whatsapp);
    assert_eq!(draft.personal().text.as_deref(), Some("olá"));
    assert_eq!(draft.personal().identifiers[0].to_wire(), "whatsapp:+5511987654321");

    let with =
        |name, value: &'static [u8]| read_binary(headers.iter().copied().chain([(name, value)]), body).unwrap_err();
    assert_eq!(
        with("ce-partition", b"%C0%A0").to_string().split(';').next(),
        Some("item 0: ce-partition: is not UTF-8 once percent-decoded")
    );
    assert_eq!(&*with("CE-ID", b"m-2").reason, "is there twice");
    assert_eq!(read_binary(headers, b"{").unwrap_err().code, Code::InvalidJson);
}

#[test]
fn a_batch_takes_the_good_part() {
    let batch = json!([event(&[]), 7, event(&[("/id", json!(""))]), event(&[("/id", json!("m-2"))])]);
    let items: Vec<_> = read_batch(batch.to_string().as_bytes()).unwrap().collect();
    let places: Vec<u64> = items.iter().map(|i| i.as_ref().map_or_else(|r| r.place.index, |i| i.place.index)).collect();
    assert_eq!(places, [0, 1, 2, 3]);
    assert_eq!(items.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, false, true]);
    let refused = |body: &str| read_batch(body.as_bytes()).map(|_| ()).unwrap_err();
    assert_eq!(&*refused("{}").reason, "is an object");
    assert_eq!(refused("[").code, Code::InvalidJson);
    assert_eq!(&*refused(&format!("[{}]", vec!["1"; 10_001].join(","))).reason, "has 10001 events, the limit is 10000");
    assert_eq!(refused(&" ".repeat(32 * 1024 * 1024 + 1)).code, Code::TooLarge);
}

#[test]
fn a_line_of_exactly_the_limit_is_taken_whatever_ends_it() {
    let mut event = event(&[]).to_string();
    event.push_str(&" ".repeat(LINE_BYTES - event.len()));
    for (end, taken) in [("", true), ("\n", true), ("\r\n", true), (" \n", false)] {
        let items = read_lines(format!("{event}{end}").as_bytes());
        assert_eq!((items.len(), items[0].is_ok()), (1, taken), "{end:?}");
    }
}

#[test]
fn a_byte_order_mark_is_passed_over_at_the_start_only() {
    let line = event(&[]).to_string();
    let items = read_lines(format!("\u{feff}{line}\n\u{feff}{line}\n").as_bytes());
    assert!(items[0].is_ok());
    assert_eq!(items[1].as_ref().unwrap_err().code, Code::InvalidJson);
}

proptest! {
    #[test]
    fn however_the_bytes_are_cut_the_items_are_the_same(cuts in proptest::collection::vec(0_usize..900, 0..40)) {
        let good = event(&[("/data/text", json!("é😀"))]).to_string();
        let text = format!("{good}\n\n  \n{{\"id\": \"x\"\n{good}\r\n[]\n\u{feff}\n{good}").into_bytes();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|at| at.min(text.len())).chain([0, text.len()]).collect();
        cuts.sort_unstable();
        let mut lines = NdJson::new();
        let mut items: Vec<_> = cuts.windows(2).flat_map(|cut| lines.feed(&text[cut[0]..cut[1]])).collect();
        items.extend(lines.finish());
        let whole: Vec<String> = read_lines(&text).into_iter().map(shown).collect();
        prop_assert_eq!(items.into_iter().map(shown).collect::<Vec<_>>(), whole);
    }

    #[test]
    fn no_bytes_make_it_panic(text in proptest::collection::vec(any::<u8>(), 0..300)) {
        let items = read_lines(&text);
        prop_assert!(items.iter().all(Result::is_err));
    }
}
