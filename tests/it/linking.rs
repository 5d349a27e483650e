//! One customer on several channels: linked by one event, separated again, and as they were before.

use serde_json::{Value, json};

use crate::server::Server;

const PANEL: &str = "query($kind: String!, $value: String!, $asOf: DateTime) {
  customer(by: {identifier: {kind: $kind, value: $value}}, asOf: $asOf) {
    displayName
    facts { key value }
    feedback { complaints praises }
    totals { events contacts }
    identifiers { kind value }
    linked { subject rule identifiers { kind value } }
    timeline(first: 50) { totalCount edges { cursor node { id occurredAt kind text } } }
  }
}";

fn event(id: &str, kind: &str, subject: &str, minute: u32, data: Value) -> Value {
    json!({"specversion": "1.0", "id": id, "source": "test", "type": format!("novelo.{kind}"), "subject": subject,
        "time": format!("2026-01-05T12:{minute:02}:00Z"), "data": data})
}

fn ask(server: &Server, kind: &str, value: &str, as_of: Option<&str>) -> Value {
    server.data(PANEL, json!({"kind": kind, "value": value, "asOf": as_of}))["customer"].clone()
}

fn texts(customer: &Value) -> Vec<&str> {
    let edges = customer["timeline"]["edges"].as_array().unwrap();
    edges.iter().filter_map(|edge| edge["node"]["text"].as_str()).collect()
}

const WHATSAPP: (&str, &str) = ("whatsapp", "+5511955500142");
const EMAIL: (&str, &str) = ("email", "ana@example.com");

fn two_strangers(server: &Server) {
    let whatsapp = format!("{}:{}", WHATSAPP.0, WHATSAPP.1);
    let email = format!("{}:{}", EMAIL.0, EMAIL.1);
    let message = |channel: &str, contact: &str, text: &str| json!({"channel": channel, "direction": "inbound", "contact": contact, "text": text});
    server.records(&[
        event("1", "message.sent", &whatsapp, 1, message("whatsapp", "w", "um")),
        event("2", "message.sent", &email, 2, message("email", "e", "dois")),
        event("3", "message.sent", &whatsapp, 3, message("whatsapp", "w", "três")),
        event("4", "message.sent", &email, 4, message("email", "e", "quatro")),
        event("5", "fact.told", &email, 5, json!({"key": "order", "value": "88412"})),
        event("6", "feedback.given", &whatsapp, 6, json!({"channel": "whatsapp", "feedback": "complaint"})),
    ]);
}

#[test]
fn one_event_that_names_both_links_them_and_an_unlink_gives_both_back() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::at(folder.path());
    two_strangers(&server);
    let (phone_before, email_before) =
        (ask(&server, WHATSAPP.0, WHATSAPP.1, None), ask(&server, EMAIL.0, EMAIL.1, None));
    assert_eq!(texts(&phone_before), ["um", "três"]);
    assert_eq!(texts(&email_before), ["dois", "quatro"]);
    let page = server.data(
        "query($v: String!) { customer(by: {identifier: {kind: \"whatsapp\", value: $v}}) { timeline(first: 1) { pageInfo { endCursor } } } }",
        json!({"v": WHATSAPP.1}),
    );
    let cursor = page["customer"]["timeline"]["pageInfo"]["endCursor"].clone();
    let before_the_link = server.data("{ log { head } event(position: \"5\") { recordedAt } }", json!({}));
    let as_of = before_the_link["event"]["recordedAt"].as_str().unwrap().to_owned();

    let link = json!({"channel": "whatsapp", "identifiers": [format!("{}:{}", EMAIL.0, EMAIL.1)], "text": "sou eu"});
    server.records(&[event("7", "note.added", &format!("{}:{}", WHATSAPP.0, WHATSAPP.1), 7, link)]);
    let joined = ask(&server, EMAIL.0, EMAIL.1, None);
    assert_eq!(joined, ask(&server, WHATSAPP.0, WHATSAPP.1, None));
    assert_eq!(texts(&joined), ["um", "dois", "três", "quatro", "sou eu"]);
    assert_eq!(joined["totals"]["contacts"], 2);
    assert_eq!((&joined["facts"][0]["value"], &joined["feedback"]["complaints"]), (&json!("88412"), &json!(1)));
    // A cursor from before the link holds its place in the joined timeline.
    let behind = server.data(
        "query($v: String!, $c: String!) { customer(by: {identifier: {kind: \"email\", value: $v}}) { timeline(first: 50, after: $c) { nodes { text } } } }",
        json!({"v": EMAIL.1, "c": cursor}),
    );
    assert_eq!(behind["customer"]["timeline"]["nodes"][0]["text"], "dois");

    // The past, before the link.
    let past = ask(&server, WHATSAPP.0, WHATSAPP.1, Some(&as_of));
    assert_eq!(past, phone_before);
    assert_eq!(ask(&server, EMAIL.0, EMAIL.1, Some(&as_of)), email_before);

    // The e-mail's strand leaves. The note that linked them stays where it was filed: with the stronger of the two.
    let strands = joined["linked"].as_array().unwrap();
    let of_kind =
        |kind: &str| strands.iter().find(|strand| strand["identifiers"][0]["kind"] == kind).unwrap()["subject"].clone();
    let (email, whatsapp) = (of_kind("email"), of_kind("whatsapp"));
    let left = server.data(
        "mutation($s: ID!, $f: ID!) { unlinkCustomers(subject: $s, from: $f, because: \"não é a mesma pessoa\") { id } }",
        json!({"s": email, "f": whatsapp}),
    );
    assert_eq!(left["unlinkCustomers"].as_array().unwrap().len(), 2);
    let email_after = ask(&server, EMAIL.0, EMAIL.1, None);
    let phone_after = ask(&server, WHATSAPP.0, WHATSAPP.1, None);
    // Each has what it had, and what was said of it since: the note and the separation itself.
    let without_new = |customer: &Value| -> Vec<Value> {
        let edges = customer["timeline"]["edges"].as_array().unwrap().iter();
        let old =
            edges.filter(|edge| !["note.added", "identity.unlinked"].contains(&edge["node"]["kind"].as_str().unwrap()));
        old.cloned().collect()
    };
    for (before, after) in [(&phone_before, &phone_after), (&email_before, &email_after)] {
        assert_eq!(without_new(after), without_new(before));
        for part in ["facts", "feedback", "identifiers", "displayName"] {
            assert_eq!(after[part], before[part], "{part}");
        }
        assert_eq!(after["totals"]["contacts"], before["totals"]["contacts"]);
    }

    // The same evidence does not link them again.
    let again = json!({"identifiers": [format!("{}:{}", EMAIL.0, EMAIL.1)], "text": "de novo"});
    server.records(&[event("8", "note.added", &format!("{}:{}", WHATSAPP.0, WHATSAPP.1), 8, again)]);
    assert_eq!(
        texts(&ask(&server, EMAIL.0, EMAIL.1, None)),
        ["dois", "quatro", "sou eu", "de novo", "não é a mesma pessoa"]
    );
    assert_eq!(texts(&ask(&server, WHATSAPP.0, WHATSAPP.1, None)), ["um", "três"]);
    let hints = server.data(
        "query($v: String!) { customer(by: {identifier: {kind: \"email\", value: $v}}) { linkSuggestions { because evidence } } }",
        json!({"v": EMAIL.1}),
    );
    assert_eq!(hints["customer"]["linkSuggestions"][0]["because"], "separated");
}

#[test]
fn an_agent_links_two_customers_and_the_answer_shows_one() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::at(folder.path());
    two_strangers(&server);
    let by = |(kind, value): (&str, &str)| json!({"identifier": {"kind": kind, "value": value}});
    let linked = server.data(
        "mutation($a: CustomerLookup!, $b: CustomerLookup!) { linkCustomers(a: $a, b: $b, because: \"confirmou o CPF\") { totals { events } linked { rule } } }",
        json!({"a": by(WHATSAPP), "b": by(EMAIL)}),
    );
    // Six events and the link itself; three strands, as the account of WhatsApp is a telephone number too.
    assert_eq!(linked["linkCustomers"]["totals"]["events"], 7);
    let rules: Vec<&str> = linked["linkCustomers"]["linked"]
        .as_array()
        .unwrap()
        .iter()
        .map(|link| link["rule"].as_str().unwrap())
        .collect();
    assert!(rules.contains(&"agent") && rules.len() == 3, "{rules:?}");
}
