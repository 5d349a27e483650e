//! GraphQL over WebSocket and over event streams as their protocols say, and who is refused with which code or status.
//!
//! The codes expected here are those of <https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md> and of RFC 6455.

use std::time::Instant;

use serde_json::{Value, json};
use tungstenite::Message;

use crate::listener::{Events, Socket, TIMELINE, by, serve_with};
use crate::server::Server;
use crate::story::event;

const JSON: &str = "application/json";
const STREAM: &str = "text/event-stream";

fn with_a_note() -> Server {
    let server = Server::new();
    server.records(&[event("1", "note.added", "crm:1", "10:00", json!({"text": "um"}))]);
    server
}

#[test]
fn queries_and_mutations_are_carried_out_over_a_socket_too() {
    let server = with_a_note();
    let mut socket = Socket::open(&server);
    socket.subscribe("q", "{ log { events head } }", json!({}));
    assert_eq!(
        socket.hear(),
        json!({"id": "q", "type": "next", "payload": {"data": {"log": {"events": 1, "head": "1"}}}})
    );
    assert_eq!(socket.hear(), json!({"id": "q", "type": "complete"}));
    let record = "mutation($events: [EventInput!]!) { record(events: $events) { recorded through } }";
    let new = json!({"id": "2", "source": "desk", "kind": "note.added", "subject": {"kind": "crm", "value": "1"},
        "time": "2025-03-03T11:00:00Z", "data": {"text": "dois"}});
    // The id is free again.
    socket.subscribe("q", record, json!({"events": [new]}));
    assert_eq!(socket.next("q"), json!({"record": {"recorded": 1, "through": "2"}}));
    assert_eq!(socket.hear(), json!({"id": "q", "type": "complete"}));
    // A field that fails is told in the answer.
    socket.subscribe("n", "{ node(id: \"x\") { id } }", json!({}));
    let answer = socket.hear();
    assert_eq!((&answer["type"], &answer["payload"]["data"]), (&json!("next"), &json!({"node": null})));
    assert_eq!(answer["payload"]["errors"][0]["extensions"]["code"], "INVALID_INPUT");
    socket.hear();
    socket.close();
}

#[test]
fn a_ping_is_answered_with_what_it_brought() {
    let server = Server::new();
    let mut socket = Socket::silent(&server);
    // Before the connection is acknowledged, too.
    socket.say(&json!({"type": "ping", "payload": {"a": [1]}}));
    assert_eq!(socket.hear(), json!({"type": "pong", "payload": {"a": [1]}}));
    socket.say(&json!({"type": "pong"}));
    socket.say(&json!({"type": "connection_init", "payload": {"token": "unused"}}));
    assert_eq!(socket.hear(), json!({"type": "connection_ack"}));
    socket.say(&json!({"type": "ping"}));
    assert_eq!(socket.hear(), json!({"type": "pong"}));
}

#[test]
fn an_operation_that_is_completed_sends_nothing_more() {
    let server = with_a_note();
    let mut socket = Socket::open(&server);
    for id in ["1", "2"] {
        socket.subscribe(id, TIMELINE, json!({"by": by("crm", "1")}));
        assert_eq!(socket.entry(id)["text"], "um");
    }
    socket.say(&json!({"id": "1", "type": "complete"}));
    socket.say(&json!({"id": "nobody", "type": "complete"}));
    // Once this is answered the operation is over.
    socket.say(&json!({"type": "ping"}));
    assert_eq!(socket.hear(), json!({"type": "pong"}));
    let new = [2, 3].map(|n| event(&n.to_string(), "note.added", "crm:1", "11:00", json!({"text": n.to_string()})));
    server.record_all(&new);
    assert_eq!((socket.entry("2")["text"].take(), socket.entry("2")["text"].take()), (json!("2"), json!("3")));
    socket.subscribe("1", TIMELINE, json!({"by": by("crm", "1"), "after": "1"}));
    assert_eq!(socket.entry("1")["text"], "3");
}

#[test]
fn a_request_that_cannot_be_carried_out_is_an_error_and_the_others_go_on() {
    let server = with_a_note();
    let mut socket = Socket::open(&server);
    socket.subscribe("good", TIMELINE, json!({"by": by("crm", "1")}));
    socket.entry("good");
    let deep = format!("subscription {{ customer(by: {{protocol: {}1{}}}) {{ id }} }}", "[".repeat(80), "]".repeat(80));
    let timeline = "timeline(first: 1000) { nodes { id kind channel summary text data } }";
    let wide: String = (0..8).map(|number| format!("p{number}: {timeline} ")).collect();
    let nested = "customer(by: {protocol: \"1\"}) { timeline { edges { node { actor { kind } } } } }";
    let two = format!("subscription {{ {nested} {} }}", nested.replace("customer(", "other: customer("));
    for (query, variables, code, told) in [
        ("subscription {".to_owned(), json!({}), "INVALID_INPUT", "cannot be read"),
        ("subscription { nothing }".into(), json!({}), "INVALID_INPUT", "nothing"),
        (TIMELINE.into(), json!({}), "INVALID_INPUT", "the variable `$by` is missing"),
        (TIMELINE.into(), json!({"by": by("crm", "1"), "after": "x"}), "INVALID_INPUT", "after"),
        (
            format!("subscription {{ customer(by: {{protocol: \"1\"}}) {{ {wide} }} }}"),
            json!({}),
            "TOO_COMPLEX",
            "too complex",
        ),
        (deep, json!({}), "TOO_COMPLEX", "brackets inside one another"),
        (two, json!({}), "INVALID_INPUT", "more than one field"),
        (
            "subscription { ...F } fragment F on Subscription { customer(by: {protocol: \"1\"}) { id } }".into(),
            json!({}),
            "INVALID_INPUT",
            "stands in a fragment",
        ),
        (
            "subscription { customer(by: {protocol: \"1\"}) @skip(if: false) { id } }".into(),
            json!({}),
            "INVALID_INPUT",
            "has a directive",
        ),
    ] {
        socket.subscribe("bad", &query, variables);
        let error = socket.hear();
        assert_eq!((&error["type"], &error["id"]), (&json!("error"), &json!("bad")), "{error}");
        let first = &error["payload"][0];
        assert_eq!(first["extensions"]["code"], code, "{query}: {error}");
        assert!(first["message"].as_str().unwrap().contains(told), "{query}: {error}");
        assert!(!first["extensions"]["help"].as_str().unwrap().is_empty(), "{error}");
    }
    // What does not fit the store is found once it is carried out.
    for (by, after, field) in [
        (by("phone", "nothing"), Value::Null, "by.identifier.value"),
        (json!({"id": "event_1"}), Value::Null, "by.id"),
        (by("crm", "1"), json!("77"), "after"),
    ] {
        socket.subscribe("bad", TIMELINE, json!({"by": by, "after": after}));
        let answer = socket.hear();
        let error = &answer["payload"]["errors"][0];
        assert_eq!((&answer["type"], &answer["payload"]["data"]), (&json!("next"), &Value::Null), "{answer}");
        assert_eq!(
            (&error["path"], &error["extensions"]["code"]),
            (&json!(["timeline"]), &json!("INVALID_INPUT")),
            "{error}"
        );
        assert_eq!(error["extensions"]["field"], field, "{error}");
        assert_eq!(socket.hear(), json!({"id": "bad", "type": "complete"}));
    }
    server.record_all(&[event("2", "note.added", "crm:1", "11:00", json!({"text": "dois"}))]);
    assert_eq!(socket.entry("good")["text"], "dois");
}

/// What a client says, and the end that it comes to.
#[test]
fn who_breaks_the_protocol_is_told_the_code() {
    let server = with_a_note();
    let init = json!({"type": "connection_init"}).to_string();
    let subscribe = |id: &str| {
        json!({"id": id, "type": "subscribe", "payload": {"query": TIMELINE, "variables": {"by": by("crm", "7")}}})
            .to_string()
    };
    let large = json!({"type": "ping", "payload": {"x": "y".repeat(300_000)}}).to_string();
    let cases: Vec<(Vec<Message>, u16, String)> = vec![
        (vec![Message::text("{")], 4400, "Invalid message: the message is no JSON object".into()),
        (
            vec![Message::text("{\"type\":\"start\"}")],
            4400,
            "Invalid message: `type` is none that a client may send".into(),
        ),
        (
            vec![Message::binary(init.clone().into_bytes())],
            4400,
            "Invalid message: a message is text, not binary".into(),
        ),
        (
            vec![Message::text(init.clone()), Message::text("{\"id\":\"1\",\"type\":\"subscribe\",\"payload\":{}}")],
            4400,
            "Invalid message: `query` is missing".into(),
        ),
        (vec![Message::text(subscribe("1"))], 4401, "Unauthorized".into()),
        (
            vec![Message::text(init.clone()), Message::text(subscribe("ç\"")), Message::text(subscribe("ç\""))],
            4409,
            "Subscriber for ç\" already exists".into(),
        ),
        (vec![Message::text(init.clone()), Message::text(init)], 4429, "Too many initialisation requests".into()),
        (vec![Message::text(large)], 1009, "The message is too large; many events go to /v1/events".into()),
    ];
    for (messages, code, reason) in cases {
        let mut socket = Socket::silent(&server);
        messages.into_iter().for_each(|message| socket.send(message));
        assert_eq!(socket.end(), (code, reason));
    }
    let id = "ã".repeat(200);
    let mut socket = Socket::open(&server);
    [&id, &id].into_iter().for_each(|id| socket.subscribe(id, TIMELINE, json!({"by": by("crm", "7")})));
    let (code, reason) = socket.end();
    assert!(code == 4409 && reason.len() <= 123 && reason.starts_with("Subscriber for ã"), "{code} {reason}");
}

#[test]
fn who_does_not_speak_the_protocol_is_told_so() {
    let server = Server::new();
    let mut socket = Socket::with(&server, &[]).expect("a socket");
    assert_eq!(socket.end(), (4406, "Subprotocol not acceptable".into()));
}

#[test]
fn who_says_nothing_or_wants_nothing_is_let_go() {
    let folder = tempfile::tempdir().unwrap();
    let settings = [("NOVELO_BODY_TIMEOUT_S", "1"), ("NOVELO_IDLE_TIMEOUT_S", "2")];
    let server = serve_with(&settings, folder.path());
    let begun = Instant::now();
    let mut silent = Socket::silent(&server);
    let (mut idle, mut listening) = (Socket::open(&server), Socket::open(&server));
    listening.subscribe("1", TIMELINE, json!({"by": by("crm", "1")}));
    let mut events = Events::open(&server, TIMELINE, json!({"by": by("crm", "1")}));
    let listens = std::thread::spawn(move || {
        // It answers the server's pings while it reads.
        let entry = listening.entry("1");
        (listening, entry)
    });
    assert_eq!(silent.end(), (4408, "Connection initialisation timeout".into()));
    assert!(begun.elapsed().as_millis() >= 1_000);
    assert_eq!(idle.end(), (4421, "Idle: no operation, or no sign of life".into()));
    assert!(begun.elapsed().as_millis() >= 2_000);
    // Twice the time that a connection may be idle: who waits for events is not.
    while begun.elapsed().as_millis() < 4_500 {
        assert_eq!(server.get("/healthz", &[]).status, 200);
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    server.record_all(&[event("1", "note.added", "crm:1", "10:00", json!({"text": "um"}))]);
    let (listening, entry) = listens.join().unwrap();
    assert_eq!((&entry["text"], &events.entry()["text"]), (&json!("um"), &json!("um")));
    // A client that answers no ping gives no sign of life.
    let said = listening.unanswered();
    assert!(said.ends_with("Idle: no operation, or no sign of life"), "{said}");
}

#[test]
fn a_page_of_another_origin_opens_nothing_that_stays_open() {
    let server = with_a_note();
    let protocol = ("sec-websocket-protocol", "graphql-transport-ws");
    for origin in ["http://example.com", "http://localhost:1", "null", "http://127.0.0.1.example.com"] {
        assert_eq!(Socket::with(&server, &[protocol, ("origin", origin)]).err(), Some(403), "{origin}");
        let headers = [("content-type", JSON), ("accept", STREAM), ("origin", origin)];
        let refused = server.method("POST", "/graphql", &headers, b"{\"query\": \"{ log { events } }\"}");
        assert_eq!(
            (refused.status, refused.json()["errors"][0]["extensions"]["code"].take()),
            (403, json!("FORBIDDEN"))
        );
    }
    assert_eq!(Socket::with(&server, &[protocol, ("host", "example.com")]).err(), Some(421));
    let own = format!("http://{}", server.address());
    assert!(Socket::with(&server, &[protocol, ("origin", &own)]).is_ok());
}

#[test]
fn a_connection_and_the_server_have_only_so_many_operations_open() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve_with(&[("NOVELO_MAX_SUBSCRIPTIONS", "70")], folder.path());
    let variables = json!({"by": by("crm", "1")});
    let mut socket = Socket::open(&server);
    (0..65).for_each(|id| socket.subscribe(&id.to_string(), TIMELINE, variables.clone()));
    let error = socket.hear();
    assert_eq!(
        (&error["id"], &error["payload"][0]["extensions"]["code"]),
        (&json!("64"), &json!("UNAVAILABLE")),
        "{error}"
    );
    assert_eq!(error["payload"][0]["message"], "64 operations are open on this connection");
    let mut other = Socket::open(&server);
    (0..7).for_each(|id| other.subscribe(&id.to_string(), TIMELINE, variables.clone()));
    let error = other.hear();
    assert_eq!(
        (&error["id"], &error["payload"][0]["message"]),
        (&json!("6"), &json!("too many subscriptions are open")),
        "{error}"
    );
    let body = json!({"query": TIMELINE, "variables": variables}).to_string();
    let headers = [("content-type", JSON), ("accept", STREAM)];
    let refused = server.method("POST", "/graphql", &headers, body.as_bytes());
    assert_eq!((refused.status, refused.header("retry-after")), (503, "1"), "{refused:?}");
    // They take no turns of those who ask.
    assert_eq!(server.data("{ log { events } }", json!({})), json!({"log": {"events": 0}}));
    other.close();
    let mut again = Socket::open(&server);
    again.subscribe("1", TIMELINE, variables);
    server.record_all(&[event("1", "note.added", "crm:1", "10:00", json!({"text": "um"}))]);
    assert_eq!(again.entry("1")["text"], "um");
}

#[test]
fn an_event_stream_has_an_event_for_each_answer_and_one_behind_them() {
    let server = with_a_note();
    let mut events = Events::open(&server, "{ log { events } }", json!({}));
    assert_eq!(events.next(), json!({"data": {"log": {"events": 1}}}));
    assert_eq!(events.read(), Some(("complete".into(), String::new())));
    assert_eq!(events.read(), None);
    // By GET as well; the whole of a stream that ends.
    let got = server.get("/graphql?query=%7B%20log%20%7B%20events%20%7D%20%7D", &[("accept", STREAM)]);
    assert_eq!((got.status, got.header("content-type")), (200, "text/event-stream; charset=utf-8"));
    assert_eq!((got.header("cache-control"), got.header("x-accel-buffering")), ("no-store", "no"));
    assert_eq!(got.body, ":\n\nevent: next\ndata: {\"data\":{\"log\":{\"events\":1}}}\n\nevent: complete\ndata:\n\n");
    let wrong = "subscription{timeline(by:{id:\"event_1\"}){id}}";
    let mut events = Events::open(&server, wrong, json!({}));
    assert_eq!(events.next()["errors"][0]["extensions"]["field"], "by.id");
    assert_eq!(events.read(), Some(("complete".into(), String::new())));
}

#[test]
fn what_cannot_be_streamed_is_answered_with_its_status() {
    let server = with_a_note();
    let ask = |accept: &str, query: &str| {
        let body = json!({"query": query}).to_string();
        server.method("POST", "/graphql", &[("content-type", JSON), ("accept", accept)], body.as_bytes())
    };
    let refused = ask(STREAM, "subscription { nothing }");
    assert_eq!(
        (refused.status, refused.json()["errors"][0]["extensions"]["code"].take()),
        (400, json!("INVALID_INPUT"))
    );
    let got = server.get("/graphql?query=mutation%7Ba%7D", &[("accept", STREAM)]);
    assert_eq!((got.status, got.header("allow")), (405, "POST"));
    assert_eq!(ask("text/event-stream;q=0", "{ log { events } }").status, 406);
    // A client that takes both has a query answered at once.
    let both = "application/graphql-response+json, application/json, text/event-stream";
    assert_eq!(ask(both, "{ log { events } }").json(), json!({"data": {"log": {"events": 1}}}));
    // A subscription is told what it needs.
    let subscription = "subscription { customer(by: {protocol: \"1\"}) { id } }";
    let refused = ask("application/graphql-response+json", subscription);
    let told = refused.json();
    assert_eq!((refused.status, told.get("data")), (400, None));
    let help = told["errors"][0]["extensions"]["help"].as_str().unwrap();
    assert!(help.contains("Accept: text/event-stream") && help.contains("WebSocket"), "{help}");
    let upgrade = server.get("/graphql", &[("upgrade", "websocket")]);
    assert_eq!(upgrade.status, 400, "{upgrade:?}");
    assert!(upgrade.json()["errors"][0]["extensions"]["help"].as_str().unwrap().contains("graphql-transport-ws"));
}
