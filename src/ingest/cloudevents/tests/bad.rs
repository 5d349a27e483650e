//! Each kind of bad input has an answer of its own.

use serde_json::{Value, json};

use crate::event::limits::TEXT_BYTES;

use super::{event, read_lines};

/// What is changed in a good event, by path.
type Changes = Vec<(&'static str, Value)>;

/// Bad events: what is changed in a good one, and the code, field, reason and help that answer it.
fn bad_events() -> Vec<(Changes, [&'static str; 4])> {
    let one = |path: &'static str, value: Value, answer: [&'static str; 4]| (vec![(path, value)], answer);
    let kind = |kind: &str, data: Value, answer| (vec![("/type", json!(kind)), ("/data", data)], answer);
    let f = "INVALID_FIELD";
    vec![
        one(
            "/specversion",
            Value::Null,
            [f, "specversion", "is missing", "send CloudEvents 1.0, `\"specversion\": \"1.0\"`"],
        ),
        one("/specversion", json!("0.3"), ["UNSUPPORTED", "specversion", "is `0.3`", "send CloudEvents 1.0"]),
        one("/specversion", json!(1.0), [f, "specversion", "is no text", "send CloudEvents 1.0"]),
        one("/id", Value::Null, [f, "id", "is missing", "send the source's own id of this event"]),
        one("/id", json!(7), [f, "id", "is a number", "send a text"]),
        one("/id", json!("x".repeat(513)), [f, "id", "has 513 bytes, the limit is 512", "send a shorter id"]),
        one(
            "/id",
            json!("novelo:12"),
            [f, "id", "begins with `novelo:` and is no exported id", "send the id as it was exported"],
        ),
        one("/source", json!("  "), [f, "source", "is missing", "send the name of the system"]),
        one(
            "/source",
            json!("s".repeat(129)),
            [f, "source", "has 129 bytes, the limit is 128", "send the name of the system"],
        ),
        one("/type", json!(""), [f, "type", "is missing", "send `novelo.` and a kind"]),
        one(
            "/type",
            json!("novelo.mesage.sent"),
            [f, "type", "`novelo.mesage.sent` is not in the vocabulary", "did you mean `message.sent`?"],
        ),
        one("/time", Value::Null, [f, "time", "is missing", "send a moment such as"]),
        one(
            "/time",
            json!("05/01/2026"),
            [f, "time", "`05/01/2026` is no moment in RFC 3339", "send one such as 2026-01-05T13:07:41Z"],
        ),
        one("/subject", json!(["crm:7"]), [f, "subject", "is a list", "send a text"]),
        one(
            "/datacontenttype",
            json!("text/xml"),
            ["UNSUPPORTED", "datacontenttype", "is `text/xml`", "send the data as application/json"],
        ),
        one(
            "/data_base64",
            json!("e30="),
            ["UNSUPPORTED", "data_base64", "is not supported", "send the data as a JSON object in `data`"],
        ),
        one("/data", json!("text"), [f, "data", "is a text", "send a JSON object"]),
        one("/text", json!("Olá"), [f, "text", "stands beside `data`", "move it into `data`"]),
        one("/channel", json!("chat"), [f, "channel", "stands beside `data`", "move it into `data`"]),
        one(
            "/dataContentType",
            json!("application/json"),
            [f, "dataContentType", "is no attribute of CloudEvents", "did you mean `datacontenttype`?"],
        ),
        one("/trace", json!({"id": 1}), [f, "trace", "is an object", "send a text, a whole number, true or false"]),
        one(
            "/data/chanel",
            json!("chat"),
            [f, "data.chanel", "is not a field of this kind", "did you mean `channel`?"],
        ),
        one("/data/channel", Value::Null, [f, "data.channel", "is missing", "send a channel such as voice"]),
        one("/data/direction", json!("inbund"), [f, "data.direction", "is `inbund`", "did you mean `inbound`?"]),
        one("/data/size_bytes", json!("big"), [f, "data.size_bytes", "is a text", "send a whole number from 0"]),
        one(
            "/data/text",
            json!("x".repeat(TEXT_BYTES + 1)),
            [f, "data.text", "has 262145 bytes, the limit is 262144", "shorten it"],
        ),
        one(
            "/data/actor",
            json!("robot:7"),
            [f, "data.actor", "is no actor", "use one of: customer, agent, bot, system"],
        ),
        one(
            "/data/dimensions",
            json!({"region": "x".repeat(65)}),
            [f, "data.dimensions", "has an entry of 6 and 65 bytes, the limit is 64 each", "shorten it"],
        ),
        one(
            "/data/identifiers",
            json!(vec!["crm:8"; 17]),
            [f, "data.identifiers", "has 17 entries, the limit is 16", "keep those that tell the customer apart"],
        ),
        one("/data/identifiers", json!("crm:8"), [f, "data.identifiers", "is no list", "send a list such as"]),
        kind(
            "novelo.feedback.given",
            json!({"channel": "chat", "feedback": "complaints"}),
            [f, "data.feedback", "is `complaints`", "did you mean `complaint`?"],
        ),
        kind("novelo.note.added", json!({}), [f, "data.text", "is missing", "send a text"]),
        kind("novelo.fact.told", json!({"key": "order"}), [f, "data.value", "is missing", "send any JSON value"]),
        kind(
            "novelo.profile.observed",
            json!({"namespace": "risk", "values": [1]}),
            [f, "data.values", "is of the wrong type", "send a JSON object"],
        ),
        kind(&"t".repeat(129), json!({}), [f, "type", "has 129 bytes, the limit is 128", "send a shorter type"]),
    ]
}

#[test]
fn each_kind_of_bad_event_gets_its_own_answer() {
    let mut lines = String::new();
    for (changes, _) in bad_events() {
        lines.push_str(&event(&changes).to_string());
        lines.push('\n');
    }
    lines.push_str(&event(&[]).to_string());
    let items = read_lines(lines.as_bytes());
    let answers = bad_events();
    assert!(answers.len() >= 20);
    assert!(items.last().unwrap().is_ok(), "the good one after them is taken");
    for ((line, item), (_, [code, field, reason, help])) in (1..).zip(&items).zip(answers) {
        let rejected = item.as_ref().unwrap_err();
        assert_eq!(rejected.place.line, Some(line));
        assert_eq!((rejected.code.word(), &*rejected.field, &*rejected.reason), (code, field, reason));
        assert!(rejected.help.contains(help), "{rejected}");
    }
}

#[test]
fn each_kind_of_bad_line_gets_its_own_answer() {
    let good = event(&[]).to_string();
    let long = format!("{{\"x\": \"{}\"}}", "y".repeat(2 * 1024 * 1024));
    let deep = "[".repeat(200);
    let mut text = Vec::new();
    for line in
        [good.as_bytes(), b"", b"{\"id\": ", b"\xff\xfe", b"[]", b"\"x\"", b" \t\r", long.as_bytes(), deep.as_bytes()]
    {
        text.extend_from_slice(line);
        text.push(b'\n');
    }
    text.extend_from_slice(good.as_bytes());
    let answers: Vec<String> = read_lines(&text)
        .iter()
        .map(|item| match item {
            Ok(item) => format!("{}/{} ok", item.place.line.unwrap(), item.place.index),
            Err(r) => format!("{}/{} {} {}: {}", r.place.line.unwrap(), r.place.index, r.code, r.field, r.reason),
        })
        .collect();
    assert_eq!(
        answers,
        [
            "1/0 ok",
            "3/1 INVALID_JSON line: is no JSON: EOF while parsing a value at line 1 column 7",
            "4/2 INVALID_ENCODING line: is not UTF-8 at byte 0",
            "5/3 INVALID_JSON event: is a list",
            "6/4 INVALID_JSON event: is a text",
            "8/5 TOO_LARGE line: has 2097161 bytes, the limit is 1048576",
            "9/6 INVALID_JSON line: is no JSON: recursion limit exceeded at line 1 column 128",
            "10/7 ok",
        ]
    );
}

#[test]
fn a_rejection_shows_no_personal_value() {
    let canary = "CANARY";
    for path in ["/data/text", "/data/subject_line", "/data/attachment_names", "/subject", "/data/identifiers"] {
        let items = read_lines(event(&[(path, json!({"x": [canary]}))]).to_string().as_bytes());
        let rejected = items[0].as_ref().unwrap_err();
        assert!(!format!("{rejected:?} {rejected}").contains(canary), "{rejected}");
    }
}

#[test]
fn what_is_wrong_with_json_has_the_help_that_fits() {
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    for (text, help) in [
        (deep.as_str(), "nested too deep"),
        ("{\"a\": \"\\ud800\"}", "both halves"),
        ("{\"a\": \"\\ud800\\u0041\"}", "both halves"),
        ("{\"a\": 1e400}", "send it as a text"),
        ("{\"a\" 1}", "quotes, commas and brackets"),
    ] {
        let rejected = crate::ingest::cloudevents::read_structured(text.as_bytes()).unwrap_err();
        assert!(rejected.help.contains(help), "{text}: {rejected:?}");
    }
}

#[test]
fn whoever_spreads_an_event_over_lines_is_told_to_put_it_on_one() {
    let pretty = serde_json::to_string_pretty(&event(&[])).unwrap();
    for text in [pretty.as_str(), "{\"a\": \"x", "{\"a\": [1,\n2]}"] {
        let items = read_lines(text.as_bytes());
        let rejected = items[0].as_ref().unwrap_err();
        assert!(rejected.reason.contains("EOF while parsing"), "{rejected}");
        assert!(rejected.help.contains("on one line") && rejected.help.contains("jq -c ."), "{rejected}");
    }
    // Where the body is one JSON text, its lines do not matter.
    let structured = crate::ingest::cloudevents::read_structured(b"{\n").unwrap_err();
    let batch = crate::ingest::cloudevents::read_batch(b"[\n").map(|_| ()).unwrap_err();
    for rejected in [structured, batch] {
        assert_eq!(rejected.help, "check quotes, commas and brackets there");
    }
}

#[test]
fn a_line_of_a_sealed_export_is_said_to_be_one() {
    let line = br#"{"novelosealed": 1, "position": "41", "recordedat": "2026-01-05T13:07:42Z", "chunk": "40", "record": "AQ=="}"#;
    let items = read_lines(line);
    let rejected = items[0].as_ref().unwrap_err();
    assert!(rejected.reason.contains("sealed export, which cannot be imported"), "{rejected}");
    assert!(rejected.help.contains("without `--sealed`"), "{rejected}");
    // Beside a version it is an attribute of the sender's own, as any.
    assert!(read_lines(event(&[("/novelosealed", json!(1))]).to_string().as_bytes())[0].is_ok());
}
