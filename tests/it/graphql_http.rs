//! GraphQL over HTTP, as <https://graphql.github.io/graphql-over-http/draft/> says, and who may ask at all.
//!
//! The statuses and media types expected here are those of the specification, not of the code.

use serde_json::{Value, json};

use crate::program::run;
use crate::server::{Answer, Server};
use crate::story::event;

const JSON: &str = "application/json";
const RESPONSE: &str = "application/graphql-response+json";

/// Posts a request with an `Accept`.
fn post(server: &Server, accept: &str, body: &Value) -> Answer {
    server.method("POST", "/graphql", &[("content-type", JSON), ("accept", accept)], body.to_string().as_bytes())
}

/// The media type of an answer, without parameters.
fn media(answer: &Answer) -> &str {
    answer.header("content-type").split(';').next().unwrap()
}

/// The first error's code, and its help, which is never empty.
fn code(answer: &Answer) -> String {
    let answer = answer.json();
    let error = if answer["errors"].is_array() { &answer["errors"][0]["extensions"] } else { &answer["error"] };
    assert!(!error["help"].as_str().unwrap_or_default().is_empty(), "{answer}");
    error["code"].as_str().unwrap().to_owned()
}

#[test]
fn a_query_is_taken_by_post_and_by_get() {
    let server = Server::new();
    let body = json!({
        "query": "query A { log { events } } query B($id: ID!) { customer(by: {id: $id}) { id } }",
        "operationName": "B", "variables": {"id": format!("customer_{}", "0".repeat(32))}, "extensions": {},
    });
    let posted = post(&server, RESPONSE, &body);
    assert_eq!((posted.status, media(&posted)), (200, RESPONSE));
    assert!(posted.header("content-type").ends_with("charset=utf-8"));
    assert_eq!(posted.json(), json!({"data": {"customer": null}}));

    let got = server.get("/graphql?query=%7B%20log%20%7B%20events%20%7D%20%7D", &[]);
    assert_eq!((got.status, got.json()), (200, json!({"data": {"log": {"events": 0}}})));
    let query = "query=query%20A%20%7B%20log%20%7B%20head%20%7D%20%7D%20query%20B(%24p%3A%20Position!)%20%7B%20event(position%3A%20%24p)%20%7B%20id%20%7D%20%7D";
    let got = server.get(&format!("/graphql?{query}&operationName=B&variables=%7B%22p%22%3A%227%22%7D"), &[]);
    assert_eq!((got.status, got.json()), (200, json!({"data": {"event": null}})));
}

#[test]
fn the_answer_has_the_media_type_that_the_client_likes_best() {
    let server = Server::new();
    let ask = |accept: &str| post(&server, accept, &json!({"query": "{ log { events } }"}));
    for accept in [
        RESPONSE,
        "application/graphql-response+json; charset=utf-8, application/json;q=0.9",
        "*/*;q=0.1, application/graphql-response+json",
    ] {
        assert_eq!((ask(accept).status, media(&ask(accept))), (200, RESPONSE), "{accept}");
    }
    for accept in [
        JSON,
        "*/*",
        "application/*",
        "application/json; charset=utf-8",
        "application/graphql-response+json;q=0.1, application/json",
    ] {
        assert_eq!((ask(accept).status, media(&ask(accept))), (200, JSON), "{accept}");
    }
    for accept in ["text/html", "image/*", "application/json;q=0"] {
        let refused = ask(accept);
        assert_eq!((refused.status, code(&refused).as_str()), (406, "INVALID_INPUT"), "{accept}");
        let got = server.get("/graphql?query=%7Blog%7Bhead%7D%7D", &[("accept", accept)]);
        assert_eq!(got.status, 406, "{accept}");
    }
}

#[test]
fn a_request_that_cannot_be_carried_out_has_status_400_and_no_data() {
    let server = Server::new();
    for (why, request) in [
        ("no document", json!({"query": "{"})),
        ("no such field", json!({"query": "{ nosuch }"})),
        ("no such argument", json!({"query": "{ event(pos: \"1\") { id } }"})),
        ("no operation of that name", json!({"query": "query A { log { head } }", "operationName": "B"})),
        ("which operation is open", json!({"query": "query A { log { head } } query B { log { head } }"})),
        ("a variable is missing", json!({"query": "query($p: Position!) { event(position: $p) { id } }"})),
        (
            "a variable is null",
            json!({"query": "query($p: Position!) { event(position: $p) { id } }", "variables": {"p": null}}),
        ),
        (
            "a variable is of another type",
            json!({"query": "query($n: Int!) { events(first: $n) { totalCount } }", "variables": {"n": "x"}}),
        ),
    ] {
        let refused = post(&server, RESPONSE, &request);
        assert_eq!((refused.status, media(&refused)), (400, RESPONSE), "{why}: {refused:?}");
        assert_eq!(refused.json().get("data"), None, "{why}");
        assert_eq!(code(&refused), "INVALID_INPUT", "{why}");
        // To a client that knows only JSON, 200 says that a well-formed answer follows.
        let refused = post(&server, JSON, &request);
        assert_eq!((refused.status, media(&refused)), (200, JSON), "{why}");
        assert_eq!(refused.json().get("data"), None, "{why}");
    }
}

#[test]
fn a_field_that_fails_leaves_the_others_and_status_200() {
    let server = Server::new();
    let answer = post(&server, RESPONSE, &json!({"query": "{ node(id: \"x\") { id } log { events } }"}));
    assert_eq!(answer.status, 200);
    let body = answer.json();
    assert_eq!(body["data"], json!({"node": null, "log": {"events": 0}}));
    assert_eq!(
        (&body["errors"][0]["path"], &body["errors"][0]["locations"]),
        (&json!(["node"]), &json!([{"line": 1, "column": 3}]))
    );
    assert_eq!(code(&answer), "INVALID_INPUT");
    // A field that may not be null takes all around it along.
    let answer = post(&server, RESPONSE, &json!({"query": "{ log { events } events(first: 1001) { totalCount } }"}));
    assert_eq!((answer.status, &answer.json()["data"]), (200, &Value::Null));
    assert!(answer.body.starts_with(r#"{"data":null,"#), "{}", answer.body);
    // The only field fails: the request was carried out all the same.
    let answer = post(&server, RESPONSE, &json!({"query": "mutation { rebuildProjection(name: \"x\") { name } }"}));
    assert_eq!((answer.status, &answer.json()["data"], code(&answer).as_str()), (200, &Value::Null, "NOT_FOUND"));
}

#[test]
fn a_body_that_is_no_request_has_status_400_whatever_the_client_accepts() {
    let server = Server::new();
    for (body, reason) in [
        ("{\"query\": ", "the body is no JSON (line 1, column 10)"),
        ("", "the body is no JSON (line 1, column 0)"),
        ("\"{ log { head } }\"", "the body is no JSON object"),
        ("[{\"query\": \"{ log { head } }\"}]", "several requests at once are not taken"),
        ("{\"variables\": {}}", "`query` is missing"),
        ("{\"query\": 7}", "`query` is no string"),
        ("{\"query\": \"{ log { head } }\", \"variables\": \"x\"}", "`variables` is no object"),
        ("{\"query\": \"{ log { head } }\", \"operationName\": 7}", "`operationName` is no string"),
        ("{\"query\": \"{ log { head } }\", \"extensions\": []}", "`extensions` is no object"),
    ] {
        for accept in [RESPONSE, JSON] {
            let headers = [("content-type", JSON), ("accept", accept)];
            let refused = server.method("POST", "/graphql", &headers, body.as_bytes());
            assert_eq!((refused.status, media(&refused)), (400, accept), "{body}");
            assert_eq!(refused.json()["errors"][0]["message"], reason, "{body}");
            assert_eq!(code(&refused), "INVALID_INPUT", "{body}");
        }
    }
    let refused = server.get("/graphql?query=%7Blog%7Bhead%7D%7D&variables=%7B", &[]);
    assert_eq!((refused.status, code(&refused).as_str()), (400, "INVALID_INPUT"));
    assert_eq!(server.get("/graphql", &[]).json()["errors"][0]["message"], "`query` is missing");
}

#[test]
fn only_json_is_taken_by_post() {
    let server = Server::new();
    let body = b"{\"query\": \"{ log { events } }\"}";
    for content_type in
        ["text/plain", "application/graphql", "application/x-www-form-urlencoded", "application/json; charset=latin1"]
    {
        let refused = server.post("/graphql", content_type, body);
        assert_eq!((refused.status, code(&refused).as_str()), (415, "INVALID_INPUT"), "{content_type}");
    }
    assert_eq!(server.method("POST", "/graphql", &[], body).status, 415);
    let packed = |coding| {
        let headers = [("content-type", "application/json"), ("content-encoding", coding)];
        server.method("POST", "/graphql", &headers, body)
    };
    assert_eq!((packed("gzip").status, packed("identity").status), (415, 200));
    assert_eq!(packed("gzip").json()["errors"][0]["message"], "Content-Encoding says that the body is packed");
    for content_type in ["application/json", "application/json; charset=utf-8", "Application/JSON"] {
        assert_eq!(server.post("/graphql", content_type, body).status, 200, "{content_type}");
    }
}

#[test]
fn a_mutation_is_not_taken_by_get() {
    let server = Server::new();
    let mutation = "mutation%20M%20%7B%20rebuildProjection(name%3A%20%22names%22)%20%7B%20name%20%7D%20%7D";
    let refused = server.get(&format!("/graphql?query={mutation}"), &[]);
    assert_eq!((refused.status, refused.header("allow")), (405, "POST"));
    assert_eq!(refused.json()["errors"][0]["message"], "a mutation cannot be sent by GET");
    // Beside a query it is the operation's name that says which is meant.
    let both = format!("query={mutation}%20query%20Q%20%7B%20log%20%7B%20events%20%7D%20%7D");
    assert_eq!(server.get(&format!("/graphql?{both}&operationName=M"), &[]).status, 405);
    let asked = server.get(&format!("/graphql?{both}&operationName=Q"), &[]);
    assert_eq!((asked.status, &asked.json()["data"]["log"]["events"]), (200, &json!(0)));
}

#[test]
fn other_methods_and_other_paths_are_told_what_there_is() {
    let server = Server::new();
    for method in ["PUT", "DELETE", "PATCH"] {
        let refused = server.method(method, "/graphql", &[("content-type", JSON)], b"");
        assert_eq!(refused.status, 405, "{method}");
        let allowed: Vec<&str> = refused.header("allow").split(',').map(str::trim).collect();
        assert!(allowed.contains(&"GET") && allowed.contains(&"POST"), "{allowed:?}");
        assert_eq!(code(&refused), "INVALID_INPUT");
    }
    assert_eq!(server.get("/v1/events", &[]).status, 405);
    let nowhere = server.get("/graphiql", &[]);
    assert_eq!((nowhere.status, code(&nowhere).as_str()), (404, "NOT_FOUND"));
}

#[test]
fn the_fields_of_an_answer_keep_the_order_of_the_request() {
    let server = Server::new();
    for (query, expected) in [
        (
            "{ log { events head backend } b: log { events } a: log { events } }",
            r#"{"data":{"log":{"events":0,"head":"0","backend":"sled"},"b":{"events":0},"a":{"events":0}}}"#,
        ),
        (
            "{ a: log { events } log { backend head events } b: log { events } }",
            r#"{"data":{"a":{"events":0},"log":{"backend":"sled","head":"0","events":0},"b":{"events":0}}}"#,
        ),
    ] {
        assert_eq!(post(&server, RESPONSE, &json!({"query": query})).body, expected);
    }
}

/// Without it a field that waits for the views would come behind those that do not.
#[test]
fn fields_that_wait_keep_their_place() {
    let server = Server::new();
    for round in 0..20 {
        let id = |number: usize| format!("{round}-{number}");
        let notes: Vec<Value> = (0..200)
            .map(|number| event(&id(number), "note.added", "crm:1", "10:00", json!({"text": "x".repeat(500)})))
            .collect();
        let through = server.record_all(&notes);
        let query = format!(
            "{{ first: customer(by: {{identifier: {{kind: \"crm\", value: \"1\"}}}}, atLeast: \"{through}\") {{ through }} log {{ head }} }}"
        );
        let expected = format!(r#"{{"data":{{"first":{{"through":"{through}"}},"log":{{"head":"{through}"}}}}}}"#);
        assert_eq!(post(&server, RESPONSE, &json!({"query": query})).body, expected);
    }
}

/// Found as a query of 1.5 KB that kept a thread busy for hours: each fragment spreads the next one twice.
#[test]
fn fragments_that_double_one_another_are_refused() {
    let server = Server::new();
    let fragments = (0..30).map(|n| format!("fragment F{n} on Query {{ ...F{0} ...F{0} }} ", n + 1));
    let query = format!("{{ ...F0 }} {} fragment F30 on Query {{ __typename }}", fragments.collect::<String>());
    let refused = post(&server, RESPONSE, &json!({"query": query}));
    assert_eq!((refused.status, code(&refused).as_str()), (400, "TOO_COMPLEX"));
}

#[test]
fn of_a_document_with_many_mistakes_the_first_hundred_are_told() {
    let server = Server::new();
    let variables: String = (0..5_000).map(|number| format!("$v{number}: Int ")).collect();
    let answer = post(&server, RESPONSE, &json!({"query": format!("query Q({variables}) {{ log {{ events }} }}")}));
    let told = answer.json()["errors"].take();
    let told = told.as_array().unwrap();
    assert_eq!((answer.status, told.len()), (400, 101), "{}", answer.body.len());
    assert_eq!(told[100]["message"], "and 4900 more errors");
}

#[test]
fn a_query_that_is_too_deep_or_costs_too_much_is_refused_before_it_runs() {
    let server = Server::new();
    let nested = |levels: usize| {
        format!("{{ __schema {{ types {{ {}name{} }} }} }}", "ofType { ".repeat(levels), " }".repeat(levels))
    };
    let page = |size: usize| format!("{{ events(first: {size}) {{ nodes {{ id kind channel summary text data }} }} }}");
    // Twelve levels and five thousand units are allowed: `__schema`, `types` and `name` are three of the twelve.
    assert_eq!(server.graphql(&nested(9), json!({})).get("errors"), None);
    assert_eq!(server.graphql(&page(1000), json!({})).get("errors"), None);
    let wide: String = (0..8).map(|number| format!("p{number}: {}", &page(1000)[1..page(1000).len() - 1])).collect();
    for (query, limit) in [(nested(10), "depth is 12"), (format!("{{ {wide} }}"), "cost is 5000")] {
        let refused = post(&server, RESPONSE, &json!({"query": query}));
        assert_eq!((refused.status, code(&refused).as_str()), (400, "TOO_COMPLEX"), "{refused:?}");
        assert!(refused.json()["errors"][0]["extensions"]["help"].as_str().unwrap().contains(limit), "{refused:?}");
        assert_eq!(refused.json().get("data"), None);
    }
    let (message, extensions) = server.error("{ events(first: 1001) { totalCount } }", json!({}));
    assert_eq!((message.as_str(), &extensions["field"]), ("first: is 1001, the limit is 1000", &json!("first")));
}

#[test]
fn health_and_readiness_are_told() {
    let server = Server::new();
    let health = server.get("/healthz", &[]);
    assert_eq!((health.status, health.body.as_str()), (200, "ok\n"));
    let ready = server.get("/readyz", &[]);
    assert_eq!(ready.status, 200);
    assert_eq!(ready.json(), json!({"ready": true, "head": "0", "lag": 0, "failed": [], "troubles": []}));
}

#[test]
fn only_a_loopback_address_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("d");
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:8080"] {
        let done = run(&["serve", "--data", data.to_str().unwrap(), "--listen", address], b"");
        assert_eq!(done.code, Some(2), "{address}");
        let expected = format!(
            "novelo: {address} is not a loopback address; without authentication the server listens on loopback only"
        );
        assert!(
            done.stderr.starts_with(&expected) && done.stderr.contains("use 127.0.0.1 or [::1]"),
            "{}",
            done.stderr
        );
    }
    assert!(!data.exists(), "no store is made for a server that does not start");
}

#[test]
fn an_address_that_is_taken_is_told() {
    let server = Server::new();
    let folder = tempfile::tempdir().unwrap();
    let done = run(&["serve", "--data", folder.path().to_str().unwrap(), "--listen", server.address()], b"");
    assert_eq!(done.code, Some(2));
    let expected = format!("novelo: cannot listen on {}: ", server.address());
    assert!(done.stderr.contains(&expected) && done.stderr.contains("choose another with --listen"), "{}", done.stderr);
}

#[test]
fn a_request_that_names_a_foreign_host_is_refused_whatever_it_asks() {
    let server = Server::new();
    for host in ["example.com", "10.0.0.1:8080", "localhost.example.com"] {
        for path in ["/graphql?query=%7Blog%7Bhead%7D%7D", "/healthz", "/readyz"] {
            let refused = server.get(path, &[("host", host)]);
            assert_eq!((refused.status, code(&refused).as_str()), (421, "FORBIDDEN"), "{host} {path}");
        }
        let headers = [("host", host), ("content-type", "application/x-ndjson")];
        assert_eq!(server.method("POST", "/v1/events", &headers, b"\n").status, 421);
    }
    assert_eq!(server.get("/healthz", &[("host", "localhost:1")]).status, 200);
}

#[test]
fn what_was_valid_before_is_refused_with_other_variables_as_if_it_were_new() {
    let server = Server::new();
    let query = "query Q($by: CustomerLookup!, $status: CaseStatus, $asOf: DateTime, $atLeast: Position, $last: Int) {
        customer(by: $by, asOf: $asOf, atLeast: $atLeast) { id cases(status: $status) { id } timeline(last: $last) { totalCount } } }";
    let by = json!({"identifier": {"kind": "crm", "value": "8812"}});
    let usual = json!({"by": by, "status": "OPEN", "asOf": "2026-01-05T13:07:41Z", "atLeast": "0", "last": 20});
    let ask = |query: &str, variables: &Value| {
        let answer = post(&server, RESPONSE, &json!({"query": query, "variables": variables}));
        (answer.status, answer.json())
    };
    assert_eq!(ask(query, &usual), (200, json!({"data": {"customer": null}})));
    let with = |name: &str, value: Value| {
        let mut variables = usual.clone();
        variables[name] = value;
        variables
    };
    let others = [
        with("by", json!({"identifier": {"kind": "crm", "value": "8813"}})),
        with("by", json!({"identifier": {"kind": "crm", "value": "8812", "more": 1}})),
        with("by", json!({"identifier": {"kind": "crm"}})),
        with("by", json!({"identifier": {"kind": "crm", "value": null}})),
        with("by", json!({"identifier": {"kind": "crm", "value": 8812}})),
        with("by", json!({"identifier": {"kind": "crm", "value": "8812"}, "protocol": "1"})),
        with("by", json!({"nobody": "x"})),
        with("by", json!("crm:8812")),
        with("by", json!([by])),
        with("by", json!(null)),
        with("status", json!("CLOSED")),
        with("status", json!("OPENED")),
        with("status", json!("open")),
        with("status", json!(["OPEN"])),
        with("asOf", json!("yesterday")),
        with("asOf", json!("2026-13-05T13:07:41Z")),
        with("asOf", json!(1)),
        with("atLeast", json!("-1")),
        with("atLeast", json!("many")),
        with("atLeast", json!(7)),
        with("last", json!("20")),
        with("last", json!(20.5)),
        with("last", json!(-20)),
        with("last", json!(1_000_000)),
        with("last", json!(u64::MAX)),
        with("nothing", json!(1)),
    ];
    let mut refused = 0;
    for (number, other) in others.iter().enumerate() {
        // No more than a space tells them apart, and makes it one that nobody has sent before.
        let new = format!("{query}{}", " ".repeat(number + 1));
        let answered = ask(query, other);
        assert_eq!(answered, ask(&new, other), "{other}");
        assert_eq!(answered, ask(query, other), "the second time: {other}");
        refused += usize::from(answered.0 != 200 || answered.1.get("errors").is_some());
        assert_eq!(ask(query, &usual).0, 200, "after {other}");
    }
    assert!(refused >= 20, "{refused} of {} were refused", others.len());
}
