//! GraphQL that does not fit. What concerns HTTP is in `graphql_http`.

use serde_json::{Value, json};

use crate::server::Server;

const RECORD: &str =
    "mutation($e: [EventInput!]!, $r: Int) { record(events: $e, expectedRevision: $r) { recorded through } }";

fn note(id: &str, customer: &str, changes: Value) -> Value {
    let mut note = json!({"id": id, "source": "desk", "kind": "note.added", "subject": {"kind": "crm", "value": customer},
        "time": "2025-03-03T10:00:00Z", "data": {"text": "x"}});
    for (member, value) in changes.as_object().unwrap() {
        note[member] = value.clone();
    }
    note
}

/// A server with two notes of one customer.
fn with_notes() -> Server {
    let server = Server::new();
    let events = [note("1", "1", json!({})), note("2", "1", json!({}))];
    let recorded = server.data(RECORD, json!({"e": events, "r": 0}));
    assert_eq!(recorded["record"], json!({"recorded": 2, "through": "2"}));
    server.sees("2");
    server
}

#[test]
fn every_wrong_question_has_its_own_answer() {
    let server = with_notes();
    let of_customer =
        |asked: &str| format!("{{ customer(by: {{identifier: {{kind: \"crm\", value: \"1\"}}}}) {{ {asked} }} }}");
    let invalid = "INVALID_INPUT";
    for (query, code, field, message, help) in [
        (
            of_customer("timeline(after: \"zzz\") { totalCount }"),
            invalid,
            "after",
            "is no cursor of this store",
            "`pageInfo.endCursor`",
        ),
        (
            of_customer("timeline(before: \"AAAA\") { totalCount }"),
            invalid,
            "before",
            "is no cursor of this store",
            "`pageInfo.startCursor`",
        ),
        (of_customer("timeline(first: -1) { totalCount }"), invalid, "first", "is -1", "a number from 0"),
        (
            of_customer("timeline(last: 1001) { totalCount }"),
            invalid,
            "last",
            "is 1001, the limit is 1000",
            "smaller pages",
        ),
        (
            of_customer("timeline(first: 1, last: 1) { totalCount }"),
            invalid,
            "first",
            "stands beside `last`",
            "one of them",
        ),
        (
            of_customer("timeline(filter: {kinds: [\"mesage.sent\"]}) { totalCount }"),
            invalid,
            "filter.kinds",
            "`mesage.sent` is unknown",
            "did you mean `message.sent`?",
        ),
        (
            "{ events(filter: {kinds: [\"x\"]}) { totalCount } }".into(),
            invalid,
            "filter.kinds",
            "`x` is unknown",
            "contact.started",
        ),
        (
            "{ customer(by: {identifier: {kind: \"cpf\", value: \"52998224726\"}}) { id } }".into(),
            invalid,
            "by.identifier.value",
            "check digits that do not fit",
            "eleven digits of a CPF",
        ),
        (
            "{ customer(by: {identifier: {kind: \"\", value: \"1\"}}) { id } }".into(),
            invalid,
            "by.identifier.kind",
            "is empty",
            "kind:value",
        ),
        (
            "{ customer(by: {id: \"event_1\"}) { id } }".into(),
            invalid,
            "by.id",
            "is no id of a customer",
            "`customer_…`",
        ),
        (
            "{ customers(search: \"x\", after: \"y\") { nodes { id } } }".into(),
            invalid,
            "after",
            "is no id of a customer",
            "as it was given",
        ),
        ("{ node(id: \"order_1\") { id } }".into(), invalid, "id", "is no id of this store", "as it was given"),
        (
            "mutation { rebuildProjection(name: \"timelin\") { name } }".into(),
            "NOT_FOUND",
            "",
            "there is no projection `timelin`",
            "timeline",
        ),
        (
            of_customer("id }  more: customer(by: {protocol: \"1\"}, atLeast: \"99\") { id"),
            invalid,
            "atLeast",
            "atLeast: is 99, and the log ends at 2",
            "ask with `through`",
        ),
        (
            "mutation { linkCustomers(a: {protocol: \"1\"}, b: {protocol: \"2\"}, because: \"x\") { id } }".into(),
            "NOT_FOUND",
            "",
            "a: nobody is known by it",
            "look the customer up first",
        ),
    ] {
        let (said, extensions) = server.error(&query, json!({}));
        assert_eq!(
            (&extensions["code"], extensions["field"].as_str().unwrap_or_default()),
            (&json!(code), field),
            "{query}"
        );
        super::holds(&said, &[field, message]);
        super::holds(extensions["help"].as_str().unwrap(), &[help]);
    }
}

#[test]
fn a_word_that_is_none_of_a_vocabulary_is_told() {
    let server = with_notes();
    for (query, parts) in [
        ("{ events(filter: {feedback: [APPLAUSE]}) { totalCount } }", ["Feedback", "APPLAUSE"]),
        (
            "{ events(filter: {channels: [\"voice(x)\"]}) { totalCount } }",
            ["Channel", "brackets only after `social` or `other`"],
        ),
        ("{ events(filter: {chanels: [\"voice\"]}) { totalCount } }", ["EventFilterInput", "chanels"]),
        ("{ customer(by: {protocol: \"1\", contact: \"2\"}) { id } }", ["by", "exactly one field"]),
        ("{ customer(by: {}) { id } }", ["by", "exactly one field"]),
    ] {
        let answer = server.graphql(query, json!({}));
        let first = &answer["errors"][0];
        assert_eq!(first["extensions"]["code"], "INVALID_INPUT", "{answer}");
        assert!(first["locations"][0]["line"] == 1, "{answer}");
        super::holds(first["message"].as_str().unwrap(), &parts);
    }
}

#[test]
fn a_value_that_is_no_position_or_moment_is_refused_before_anything_is_carried_out() {
    let server = Server::new();
    let (position, moment) = ("a whole number, as a string", "2026-01-05T13:07:41Z");
    for (variable, argument, value, help) in [
        ("", "atLeast: \"x\"", json!(null), position),
        ("", "asOf: \"yesterday\"", json!(null), moment),
        ("query($v: Position)", "atLeast: $v", json!(-1), position),
        ("query($v: DateTime)", "asOf: $v", json!("2026-13-01T00:00:00Z"), moment),
    ] {
        let query = format!("{variable} {{ customer(by: {{protocol: \"1\"}}, {argument}) {{ id }} }}");
        let body = json!({"query": query, "variables": {"v": value}}).to_string();
        let headers = [("content-type", "application/json"), ("accept", "application/graphql-response+json")];
        let answer = server.method("POST", "/graphql", &headers, body.as_bytes());
        assert_eq!(answer.status, 400, "{answer:?}");
        let answer = answer.json();
        assert!(answer.get("data").is_none(), "{answer}");
        let extensions = &answer["errors"][0]["extensions"];
        let field = argument.split(':').next().unwrap();
        assert_eq!((&extensions["code"], &extensions["field"]), (&json!("INVALID_INPUT"), &json!(field)), "{answer}");
        super::holds(extensions["help"].as_str().unwrap(), &[help]);
    }
}

#[test]
fn an_event_that_is_refused_keeps_the_others_of_its_request_out() {
    let server = with_notes();
    let good = || note("good", "1", json!({}));
    for (bad, code, field, message, help) in [
        (
            note("1", "1", json!({"data": {"text": "another"}})),
            "CONFLICT",
            "events[1]",
            "stored at position 0 with another body",
            "an id of its own",
        ),
        (
            note("3", "1", json!({"time": "1800-01-01T00:00:00Z"})),
            "INVALID_INPUT",
            "events[1].time",
            "lies before 1970",
            "when it happened",
        ),
        (
            note("3", "1", json!({"kind": "novelo.mesage.sent"})),
            "INVALID_INPUT",
            "events[1].kind",
            "not in the vocabulary",
            "did you mean `message.sent`?",
        ),
        (
            note("3", "1", json!({"kind": "mesage.sent"})),
            "INVALID_INPUT",
            "events[1].kind",
            "not in the vocabulary",
            "a type of your own begins with a name of yours",
        ),
        (
            note("3", "1", json!({"data": {"text": " \n"}})),
            "INVALID_INPUT",
            "events[1].data.text",
            "is empty",
            "send what it says",
        ),
        (
            note("3", "1", json!({"kind": "fact.told", "data": {"key": "order", "value": ""}})),
            "INVALID_INPUT",
            "events[1].data.value",
            "is empty",
            "send what it says",
        ),
        (note("3", "1", json!({"data": {"text": 7}})), "INVALID_INPUT", "events[1].data.text", "is", "send a text"),
        (note("3", "1", json!({"data": []})), "INVALID_INPUT", "events[1].data", "is no object", "send an object"),
        (note("", "1", json!({})), "INVALID_INPUT", "events[1].id", "is missing", "the source's own id"),
        (
            note("3", "1", json!({"subject": {"kind": "cpf", "value": "1"}})),
            "INVALID_INPUT",
            "events[1].subject",
            "cpf",
            "eleven digits",
        ),
    ] {
        let (said, extensions) = server.error(RECORD, json!({"e": [good(), bad]}));
        assert_eq!((&extensions["code"], &extensions["field"]), (&json!(code), &json!(field)), "{said}");
        super::holds(&said, &[field, message]);
        super::holds(extensions["help"].as_str().unwrap(), &[help]);
    }
    assert_eq!(server.data("{ log { events } }", json!({}))["log"]["events"], 2);
    assert_eq!(server.data(RECORD, json!({"e": [good()]}))["record"]["recorded"], 1);
}

#[test]
fn an_expected_revision_that_is_stale_is_a_conflict() {
    let server = with_notes();
    let (said, extensions) = server.error(RECORD, json!({"e": [note("3", "1", json!({}))], "r": 1}));
    super::holds(&said, &["the subject is at revision 2, not 1"]);
    assert_eq!(
        (&extensions["code"], &extensions["help"]),
        (&json!("CONFLICT"), &json!("read it again and decide anew"))
    );
    let (said, extensions) = server.error(RECORD, json!({"e": [note("3", "1", json!({}))], "r": -1}));
    assert_eq!((said.as_str(), &extensions["field"]), ("expectedRevision: is negative", &json!("expectedRevision")));
    let of_two = json!({"e": [note("3", "1", json!({})), note("4", "2", json!({}))], "r": 2});
    let (said, extensions) = server.error(RECORD, of_two);
    super::holds(&said, &["needs all events to be of one subject"]);
    assert_eq!((&extensions["code"], &extensions["help"]), (&json!("INVALID_INPUT"), &json!("send them apart")));
    assert_eq!(server.data(RECORD, json!({"e": [note("3", "1", json!({}))], "r": 2}))["record"]["recorded"], 1);
}

#[test]
fn a_question_of_ten_megabytes_is_refused_and_the_server_goes_on() {
    let server = with_notes();
    let query = format!("{{ log {{ {} head }} }}", " ".repeat(10 << 20));
    let refused = server.post("/graphql", "application/json", json!({"query": query}).to_string().as_bytes());
    assert_eq!(refused.status, 413);
    let extensions = &refused.json()["errors"][0]["extensions"];
    assert_eq!(extensions["code"], "TOO_COMPLEX");
    super::holds(&refused.body, &["larger than 2097152 bytes", "many events go to /v1/events"]);
    assert_eq!(server.data("{ log { events } }", json!({}))["log"]["events"], 2);
}

#[test]
fn a_document_that_is_nested_without_end_is_refused_before_it_is_read_and_the_server_lives() {
    let server = Server::new();
    let document = |depth: usize| format!("{{node(id:{}", "[".repeat(depth));
    let (_, told) = server.error(&document(100_000), json!({}));
    assert_eq!(told["code"], "TOO_COMPLEX");
    let by_get = server.get(&format!("/graphql?query=%7Bnode(id:{}", "%5B".repeat(5_000)), &[]);
    assert!(by_get.body.contains("TOO_COMPLEX"), "{by_get:?}");
    assert_eq!(server.get("/healthz", &[]).status, 200);
}

#[test]
fn an_answer_holds_no_more_texts_than_the_server_can_bear() {
    let server = Server::new();
    let long = "x".repeat(200 * 1024);
    let notes: Vec<Value> = (0..20)
        .map(|number| crate::story::event(&format!("n{number}"), "note.added", "crm:1", "10:00", json!({"text": long})))
        .collect();
    server.records(&notes);
    let asked = |times: usize| {
        let texts: Vec<String> = (0..times).map(|number| format!("t{number}: text")).collect();
        format!("{{ events(first: 20) {{ nodes {{ {} }} }} }}", texts.join(" "))
    };
    assert_eq!(server.data(&asked(2), json!({}))["events"]["nodes"].as_array().unwrap().len(), 20);
    let refused = |query: &str| {
        let error = server.graphql(query, json!({}))["errors"][0].clone();
        assert_eq!(error["extensions"]["code"], "TOO_COMPLEX", "{query}");
        super::holds(error["message"].as_str().unwrap(), &["more than 32 MB of texts"]);
    };
    refused(&asked(10));
    // What a customer told is as long as a message.
    let told = json!({"channel": "chat", "key": "story", "value": long});
    server.records(&[crate::story::event("f", "fact.told", "crm:1", "10:00", told)]);
    let facts: Vec<String> = (0..200).map(|number| format!("f{number}: facts {{ value }}")).collect();
    refused(&format!(
        "{{ customer(by: {{identifier: {{kind: \"crm\", value: \"1\"}}}}) {{ id {} }} }}",
        facts.join(" ")
    ));
}

#[test]
fn what_goes_on_holds_no_more_texts_in_each_answer_either() {
    let server = Server::new();
    let text = "x".repeat(200 * 1024);
    server.records(&[crate::story::event("n", "note.added", "crm:1", "10:00", json!({"text": text}))]);
    let texts: Vec<String> = (0..200).map(|number| format!("d{number}: data")).collect();
    let mut socket = crate::listener::Socket::open(&server);
    let document = format!("subscription($by: CustomerLookup!) {{ timeline(by: $by) {{ {} }} }}", texts.join(" "));
    socket.subscribe("long", &document, json!({"by": {"identifier": {"kind": "crm", "value": "1"}}}));
    let answer = socket.hear()["payload"].take();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "TOO_COMPLEX", "{answer}");
}
