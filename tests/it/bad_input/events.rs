//! CloudEvents that do not fit.

use serde_json::{Value, json};

use crate::program::run;
use crate::server::Server;
use crate::story::event;

/// What answers a bad line: code, field, a part of the reason, a part of the help.
type Answered = [&'static str; 4];

/// A bad line, and what answers it.
type Bad = (Vec<u8>, Answered);

/// A good note with its members changed; `null` takes one away.
fn note(changes: &Value) -> Vec<u8> {
    let mut note = event("bad", "note.added", "crm:1", "10:00", json!({"text": "x"}));
    for (member, value) in changes.as_object().unwrap() {
        note[member] = value.clone();
    }
    note.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    note.to_string().into_bytes()
}

fn of_kind(kind: &str, data: Value) -> Vec<u8> {
    event("bad", kind, "crm:1", "10:00", data).to_string().into_bytes()
}

/// A moment as far ahead of the clock as is asked.
fn ahead(hours: u64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let then = jiff::Timestamp::from_second((now.as_secs() + hours * 3600).try_into().unwrap()).unwrap();
    then.to_string()
}

fn wrong_fields() -> Vec<Bad> {
    let f = "INVALID_FIELD";
    let text = json!({"text": "x".repeat(300 * 1024)});
    let many: Vec<String> = (0..17).map(|number| format!("crm:{number}")).collect();
    let wait = json!({"channel": "voice", "contact": "c", "wait_ms": "forty"});
    let score = json!({"channel": "survey", "instrument": "csat", "score": 9});
    vec![
        (of_kind("contact.answered", wait), [f, "data.wait_ms", "is a text", "milliseconds, a whole number from 0"]),
        (
            note(&json!({"data": {"text": "x", "chanel": "voice"}})),
            [f, "data.chanel", "is not a field", "did you mean `channel`?"],
        ),
        (note(&json!({"text": "x"})), [f, "text", "stands beside `data`", "move it into `data`"]),
        (note(&json!({"id": null})), [f, "id", "is missing", "the source's own id"]),
        (note(&json!({"source": ""})), [f, "source", "is missing", "the name of the system"]),
        (
            note(&json!({"time": "1800-01-01T00:00:00Z"})),
            [f, "time", "1800-01-01T00:00:00Z lies before 1970", "when it happened"],
        ),
        (note(&json!({"time": "05/01/2025 10:00"})), [f, "time", "no moment in RFC 3339", "2026-01-05T13:07:41Z"]),
        (note(&json!({"time": ahead(48)})), [f, "time", "more than 24 h ahead of this clock", "the sender's clock"]),
        (note(&json!({"data": text})), [f, "data.text", "has 307200 bytes, the limit is 262144", "shorten it"]),
        (
            of_kind("privacy.shredded", json!({})),
            [f, "type", "is what the store writes when it erases somebody", "leave it out"],
        ),
        (
            of_kind("fact.told", json!({"key": "k", "value": {"keys": [1, 1e20]}})),
            [f, "data.value", "a number of 2^64 or more", "send it as a text"],
        ),
        (
            of_kind("mesage.sent", json!({})),
            [f, "type", "`novelo.mesage.sent` is not in the vocabulary", "did you mean `message.sent`?"],
        ),
        (
            note(&json!({"subject": "cpf:529.982.247-26"})),
            [f, "subject", "check digits that do not fit", "eleven digits of a CPF"],
        ),
        (note(&json!({"subject": "phone:12"})), [f, "subject", "no telephone number that exists", "E.164"]),
        (note(&json!({"subject": "8812"})), [f, "subject", "has no kind before a colon", "send `kind:value`"]),
        (
            note(&json!({"data": {"text": "x", "identifiers": ["crm:2", "email:ana"]}})),
            [f, "data.identifiers[1]", "has no `@`", "ana@example.com"],
        ),
        (
            note(&json!({"data": {"text": "x", "identifiers": many}})),
            [f, "data.identifiers", "has 17 entries, the limit is 16", "keep those"],
        ),
        (
            of_kind("survey.answered", score),
            [f, "data.score", "9 is not on the scale from 1 to 5", "`scale_min` and `scale_max`"],
        ),
        (
            of_kind("contact.started", json!({"channel": "voice"})),
            [f, "data.contact", "is missing, contact.started needs it", "own id"],
        ),
        (
            of_kind("feedback.given", json!({"channel": "voice", "feedback": "applause"})),
            [f, "data.feedback", "is `applause`", "complaint, suggestion, praise, question, report"],
        ),
        (
            note(&json!({"data": {"text": "x", "channel": "social(x"}})),
            [f, "data.channel", "has no closing bracket", "a channel such as voice"],
        ),
        (
            of_kind("profile.observed", json!({"namespace": "risk", "values": [1]})),
            [f, "data.values", "wrong type", "a JSON object"],
        ),
        (note(&json!({"specversion": "0.3"})), ["UNSUPPORTED", "specversion", "is `0.3`", "CloudEvents 1.0"]),
        (
            note(&json!({"datacontenttype": "text/xml"})),
            ["UNSUPPORTED", "datacontenttype", "is `text/xml`", "application/json"],
        ),
    ]
}

fn wrong_lines() -> Vec<Bad> {
    let large = format!("{{\"text\": \"{}\"}}", "x".repeat(2 << 20));
    vec![
        (
            b"{\"specversion\": ".to_vec(),
            [
                "INVALID_JSON",
                "line",
                "is no JSON: EOF while parsing a value at line 1 column 16",
                "an event has to stand on one line",
            ],
        ),
        (b"[]".to_vec(), ["INVALID_JSON", "event", "is a list", "send a JSON object"]),
        (b"{\"id\": \"\xff\"}".to_vec(), ["INVALID_ENCODING", "line", "is not UTF-8 at byte 8", "send UTF-8"]),
        (large.into_bytes(), ["TOO_LARGE", "line", "has 2097164 bytes, the limit is 1048576", "split the event"]),
    ]
}

/// Every bad line with a good one before it, and a good one at the end; what is expected of each bad one by its line.
fn mixed() -> (Vec<u8>, Vec<(u64, Answered)>, usize) {
    let bad: Vec<Bad> = wrong_fields().into_iter().chain(wrong_lines()).collect();
    let good = |number: usize| {
        event(&format!("good-{number}"), "note.added", "crm:good", "10:00", json!({"text": "bom"})).to_string()
    };
    let count = bad.len() + 1;
    let (mut lines, mut expected) = (Vec::new(), Vec::new());
    for (number, (line, answer)) in bad.into_iter().enumerate() {
        lines.extend(good(number).into_bytes());
        lines.push(b'\n');
        lines.extend(line);
        lines.push(b'\n');
        expected.push((2 * number as u64 + 2, answer));
    }
    lines.extend(good(count).into_bytes());
    (lines, expected, count)
}

fn is_answered(rejected: &Value, line: u64, [code, field, reason, help]: [&str; 4]) {
    assert_eq!(
        (&rejected["line"], &rejected["code"], &rejected["field"]),
        (&json!(line), &json!(code), &json!(field)),
        "{rejected}"
    );
    super::holds(rejected["reason"].as_str().unwrap(), &[reason]);
    super::holds(rejected["help"].as_str().unwrap(), &[help]);
}

#[test]
fn every_bad_event_over_http_has_its_own_answer_and_the_good_ones_are_in() {
    let server = Server::new();
    let (lines, expected, good) = mixed();
    assert!(expected.len() >= 20);
    let receipt = server.record(&lines);
    let rejected = receipt["rejected"].as_array().unwrap();
    assert_eq!((rejected.len(), &receipt["recorded"]), (expected.len(), &json!(good)));
    for (rejected, (line, answer)) in rejected.iter().zip(expected) {
        is_answered(rejected, line, answer);
    }
    let query = "query($p: Position) { customer(by: {identifier: {kind: \"crm\", value: \"good\"}}, atLeast: $p) { totals { events } } log { events } }";
    let data = server.data(query, json!({"p": receipt["through"]}));
    assert_eq!((&data["customer"]["totals"]["events"], &data["log"]["events"]), (&json!(good), &json!(good)));
    // The same again records nothing new.
    let again = server.record(&lines);
    assert_eq!((&again["recorded"], &again["duplicates"]), (&json!(0), &json!(good)));
}

#[test]
fn an_import_puts_every_bad_event_into_a_file_with_its_answer() {
    let folder = tempfile::tempdir().unwrap();
    let of = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (lines, expected, good) = mixed();
    let done = run(&["import", "--data", &of("d"), "--rejected", &of("bad.ndjson"), "--json", "-"], &lines);
    assert_eq!(done.code, Some(3), "{}", done.stderr);
    let answer: Value = serde_json::from_str(&done.stdout).unwrap();
    let counts = json!({"read": good + expected.len(), "recorded": good, "duplicates": 0, "rejected": expected.len()});
    for (name, count) in counts.as_object().unwrap() {
        assert_eq!(&answer[name], count, "{name}");
    }
    let letters = std::fs::read_to_string(of("bad.ndjson")).unwrap();
    let letters: Vec<Value> = letters.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(letters.len(), expected.len());
    for (letter, (line, answer)) in letters.iter().zip(expected) {
        is_answered(letter, line, answer);
        assert_eq!(letter["file"], "standard input");
        assert!(letter["raw"].is_string());
    }
}

#[test]
fn a_rejected_line_is_in_that_file_as_it_stood() {
    let folder = tempfile::tempdir().unwrap();
    let of = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let large = format!("{{\"text\": \"{}\"}}", "x".repeat(2 << 20));
    // No line break follows the last one.
    let lines = ["bad1", large.as_str(), "{\"x\":1}"];
    let body = lines.join("\n");
    std::fs::write(of("in.ndjson"), &body).unwrap();
    let server = Server::new();
    let (made, none, url, file) = (of("d"), of("none"), server.url(""), of("in.ndjson"));
    for (number, [option, target, input]) in (0..).zip([
        ["--data", made.as_str(), "-"],
        ["--data", none.as_str(), file.as_str()],
        ["--to", url.as_str(), "-"],
    ]) {
        let rejected = of(&format!("rejected-by-{number}.ndjson"));
        let done = run(&["import", option, target, "--rejected", &rejected, input], body.as_bytes());
        assert_eq!(done.code, Some(3), "{option} {input}: {}", done.stderr);
        let letters = std::fs::read_to_string(&rejected).unwrap();
        let letters: Vec<Value> = letters.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(letters.len(), lines.len(), "{option} {input}");
        for ((letter, line), place) in letters.iter().zip(lines).zip(1..) {
            assert_eq!(letter["line"], place, "{option} {input}");
            assert!(letter["raw"] == line, "{option} {input}, line {place}");
        }
    }
}

#[test]
fn whoever_names_only_placeholders_is_told_that_it_is_filed_under_no_customer() {
    let told = |id: &str, subject: &str| event(id, "note.added", subject, "10:00", json!({"text": "x"}));
    let lines = [told("n-1", "cpf:111.111.111-11"), told("n-2", "crm:1"), told("n-3", "phone:+5511999999999")];
    let body = lines.map(|line| line.to_string()).join("\n");
    let server = Server::new();
    let receipt = server.record(&body);
    assert_eq!((&receipt["recorded"], &receipt["anonymous"]), (&json!(3), &json!(2)), "{receipt}");
    let again = server.record(&body);
    assert_eq!((&again["duplicates"], &again["anonymous"]), (&json!(3), &json!(2)), "{again}");
    let query = "mutation($e: [EventInput!]!) { record(events: $e) { recorded anonymous } }";
    let placeholder = json!([{"id": "n-4", "source": "desk", "kind": "note.added", "subject": {"kind": "cpf", "value": "000.000.000-00"},
        "time": "2025-06-01T12:00:00Z", "data": {"text": "x"}}]);
    assert_eq!(server.data(query, json!({"e": placeholder}))["record"], json!({"recorded": 1, "anonymous": 1}));

    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("d");
    let done = run(&["import", "--data", data.to_str().unwrap(), "-"], body.as_bytes());
    crate::bad_input::holds(
        &done.stdout,
        &["3 events recorded", "of those in the store 2 are of no customer (they name nobody, or only placeholders)"],
    );
}

#[test]
fn the_same_id_with_another_body_is_a_conflict_and_the_first_stays() {
    let server = Server::new();
    let told = |text: &str| event("n-1", "note.added", "crm:1", "10:00", json!({"text": text}));
    server.record_all(&[told("o primeiro")]);
    let receipt = server.record(format!(
        "{}\n{}\n{}",
        told("outro"),
        told("o primeiro"),
        event("n-2", "note.added", "crm:1", "10:01", json!({"text": "mais um"}))
    ));
    assert_eq!((&receipt["recorded"], &receipt["duplicates"]), (&json!(1), &json!(1)));
    let answer = ["CONFLICT", "id", "stored at position 0 with another body", "give the new event an id of its own"];
    assert_eq!(receipt["rejected"].as_array().unwrap().len(), 1);
    is_answered(&receipt["rejected"][0], 1, answer);
    assert_eq!(receipt["rejected"][0]["id"], "n-1");
    let single = server.post("/v1/events", "application/cloudevents+json", told("outro").to_string().as_bytes());
    assert_eq!((single.status, &single.json()["rejected"][0]["code"]), (409, &json!("CONFLICT")));
    let query =
        "{ customer(by: {identifier: {kind: \"crm\", value: \"1\"}}, atLeast: \"2\") { timeline { nodes { text } } } }";
    let nodes = json!([{"text": "o primeiro"}, {"text": "mais um"}]);
    assert_eq!(server.data(query, json!({}))["customer"]["timeline"]["nodes"], nodes);
}

#[test]
fn a_body_that_is_no_batch_is_refused_as_a_whole() {
    let server = Server::new();
    let batch = "application/cloudevents-batch+json";
    for (content_type, body, status, parts) in [
        (batch, "{}", 400, ["batch", "is an object", "send a JSON array of events"]),
        (
            batch,
            "[{]",
            400,
            ["batch", "is no JSON: key must be a string at line 1 column 3", "quotes, commas and brackets"],
        ),
        ("application/cloudevents+json", "nothing", 400, ["event", "is no JSON", "quotes, commas and brackets"]),
        ("text/csv", "a,b", 415, ["content-type", "none of the forms that are taken", "application/x-ndjson"]),
    ] {
        let refused = server.post("/v1/events", content_type, body.as_bytes());
        assert_eq!(refused.status, status, "{refused:?}");
        super::holds(&refused.body, &parts);
    }
    let one_bad = json!([event("1", "note.added", "crm:1", "10:00", json!({"text": "x"})), {"id": 7}]);
    let taken = server.post("/v1/events", batch, one_bad.to_string().as_bytes());
    assert_eq!((taken.status, &taken.json()["recorded"]), (200, &json!(1)));
    assert_eq!(taken.json()["rejected"][0]["index"], 1);
}

#[test]
fn a_body_that_is_packed_or_in_another_charset_is_refused_as_a_whole() {
    let server = Server::new();
    let note = event("1", "note.added", "crm:1", "10:00", json!({"text": "x"})).to_string();
    let send = |content_type: &str, encoding: &str| {
        let headers = [("content-type", content_type), ("content-encoding", encoding)];
        server.method("POST", "/v1/events", &headers, note.as_bytes())
    };
    let packed =
        ["content-encoding: says that the body is packed", "send it without content-encoding", "`novelo import`"];
    let charset = ["content-type: names a charset other than utf-8", "send the body in UTF-8", "charset=utf-8"];
    for (content_type, encoding, parts) in [
        ("application/x-ndjson", "gzip", packed),
        ("application/cloudevents+json", "BR", packed),
        ("application/x-ndjson", "identity, deflate", packed),
        ("application/x-ndjson; charset=iso-8859-1", "identity", charset),
        ("application/cloudevents+json;Charset=\"UTF-16\"", "identity", charset),
    ] {
        let refused = send(content_type, encoding);
        let accepted = if encoding == "identity" { "" } else { "identity" };
        assert_eq!((refused.status, refused.header("accept-encoding")), (415, accepted), "{refused:?}");
        assert_eq!(refused.json()["error"]["code"], "INVALID_INPUT", "{refused:?}");
        super::holds(&refused.body, &parts);
    }
    assert_eq!(server.data("{ log { events } }", json!({}))["log"]["events"], 0);
    for content_type in ["application/x-ndjson; charset=\"UTF-8\"", "application/x-ndjson;charset=us-ascii"] {
        assert_eq!(send(content_type, "Identity").status, 200, "{content_type}");
    }
}

#[test]
fn more_than_a_request_may_hold_is_refused_and_what_came_before_is_in() {
    let server = Server::new();
    let note = |number: usize| {
        event(&number.to_string(), "note.added", "crm:1", "10:00", json!({"text": "x"})).to_string() + "\n"
    };
    let lines: String = (0..10_001).map(note).collect();
    let refused = server.post("/v1/events", "application/x-ndjson", lines.as_bytes());
    assert_eq!((refused.status, &refused.json()["error"]["code"]), (413, &json!("TOO_LARGE")));
    super::holds(&refused.body, &["more than 10000 events in one request", "send it again in smaller requests"]);
    assert_eq!(server.data("{ log { events } }", json!({}))["log"]["events"], 10_000);
    for content_type in ["application/x-ndjson", "application/cloudevents-batch+json", "application/cloudevents+json"] {
        let refused = server.post("/v1/events", content_type, " \n".repeat(17 << 20).as_bytes());
        assert_eq!((refused.status, &refused.json()["error"]["code"]), (413, &json!("TOO_LARGE")), "{content_type}");
        super::holds(&refused.body, &["the body is larger than 33554432 bytes", "send several requests"]);
    }
}
