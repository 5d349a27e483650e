//! What is recorded of a contact before it names its customer is of nobody, and offered to whoever can say that it was the same
//! person.

use serde_json::{Value, json};

use crate::server::Server;
use crate::story::event;

/// An event of a contact of a source, of somebody or of nobody.
fn of_contact((id, source, contact): (&str, &str, &str), kind: &str, subject: Option<&str>, minute: &str) -> Value {
    let data = json!({"channel": "voice", "contact": contact, "direction": "inbound", "text": "Sou a Ana"});
    let mut event = event(id, kind, subject.unwrap_or("crm:x"), minute, data);
    let fields = event.as_object_mut().unwrap();
    fields.insert("source".into(), source.into());
    if subject.is_none() {
        fields.remove("subject");
    }
    event
}

#[test]
fn a_contact_that_named_nobody_when_it_began_is_of_whom_it_named_later() {
    let server = Server::new();
    let mut started = event("c-1", "contact.started", "crm:x", "10:00", json!({"channel": "voice", "contact": "c-50"}));
    started.as_object_mut().unwrap().remove("subject");
    let asked = "{ customer(by: {contact: \"c-50\"}) { id identifiers { kind value } totals { events } } }";
    server.records(&[started]);
    assert_eq!(server.data(asked, json!({}))["customer"]["totals"]["events"], 1);
    let recorded = "{ customer(by: {contact: \"c-50\"}) { timeline(first: 1) { edges { node { recordedAt } } } } }";
    let then = server.data(recorded, json!({}))["customer"]["timeline"]["edges"][0]["node"]["recordedAt"].clone();
    let data = json!({"channel": "voice", "contact": "c-50", "direction": "inbound", "text": "Sou a Ana"});
    server.records(&[event("c-2", "message.sent", "phone:+5511987650050", "10:01", data)]);
    let found = server.data(asked, json!({}))["customer"].clone();
    assert_eq!((&found["identifiers"][0]["kind"], &found["totals"]["events"]), (&json!("phone"), &json!(1)), "{found}");
    // How it began is suggested to whoever can say that it was the same person.
    let asked = "{ customer(by: {contact: \"c-50\"}) { id totals { events } linkSuggestions { subject because evidence identifiers { value } } } }";
    let suggested = |kind: &str| {
        let found = server.data(asked, json!({}))["customer"].clone();
        let suggestion = found["linkSuggestions"][0].clone();
        assert_eq!(suggestion["because"], kind, "{found}");
        suggestion["subject"].clone()
    };
    let nobody = suggested("same_contact");
    // As of a moment the contact is whose it was then.
    let past = "query($at: DateTime!) { customer(by: {contact: \"c-50\"}, asOf: $at) { id identifiers { kind } totals { events } } }";
    let was = server.data(past, json!({"at": then}))["customer"].clone();
    assert_eq!((&was["id"], &was["totals"]["events"]), (&nobody, &json!(1)), "{was}");
    let link = "mutation($id: ID!) { linkCustomers(a: {contact: \"c-50\"}, b: {id: $id}, because: \"a mesma voz\") { totals { events } linkSuggestions { because } } }";
    let linked = server.data(link, json!({"id": nobody}))["linkCustomers"].clone();
    assert_eq!(linked, json!({"totals": {"events": 3}, "linkSuggestions": []}));
    let unlink =
        "mutation($id: ID!, $from: ID!) { unlinkCustomers(subject: $id, from: $from, because: \"outra voz\") { id } }";
    server.data(unlink, json!({"id": nobody, "from": found["id"]}));
    assert_eq!(suggested("separated"), nobody);
}

#[test]
fn contacts_of_two_sources_are_apart_and_the_strongest_suggestion_comes_first() {
    const PHONE: &str = "phone:+5511987650051";
    const EMAIL: &str = "email:ana@example.com";
    let server = Server::new();
    let named = |id: &str, minute: &str| {
        event(id, "note.added", PHONE, minute, json!({"identifiers": [EMAIL], "text": "confirmou os dois"}))
    };
    server.records(&[named("n-1", "09:00")]);
    let unlink = "mutation { unlinkCustomers(subject: \"EMAIL\", from: \"PHONE\", because: \"outra\") { id } }";
    let strands = server.data(
        "{ customer(by: {identifier: {kind: \"phone\", value: \"+5511987650051\"}}) { linked { subject identifiers { kind } } } }",
        json!({}),
    )["customer"]["linked"]
        .clone();
    let of_kind = |kind: &str| {
        let strand =
            strands.as_array().unwrap().iter().find(|strand| strand["identifiers"][0]["kind"] == kind).unwrap();
        strand["subject"].as_str().unwrap().to_owned()
    };
    server.data(&unlink.replace("EMAIL", &of_kind("email")).replace("PHONE", &of_kind("phone")), json!({}));
    let of = |id, source, minute: &str, subject| of_contact((id, source, "7"), "message.sent", subject, minute);
    server.records(&[
        named("n-2", "09:01"),
        named("n-3", "09:02"),
        of("a-1", "urn:example:chat", "09:10", None),
        of("b-1", "urn:example:calls", "09:10", None),
        of("b-2", "urn:example:calls", "09:11", Some(PHONE)),
        of("a-2", "urn:example:chat", "09:12", Some(PHONE)),
        of("a-3", "urn:example:chat", "09:13", Some(PHONE)),
        of("a-4", "urn:example:chat", "09:14", Some(PHONE)),
    ]);
    let asked = "{ customer(by: {identifier: {kind: \"phone\", value: \"+5511987650051\"}}) { linkSuggestions { because evidence } } }";
    let suggested = server.data(asked, json!({}))["customer"]["linkSuggestions"].clone();
    let expected = json!([
        {"because": "same_contact", "evidence": 3},
        {"because": "separated", "evidence": 2},
        {"because": "same_contact", "evidence": 1},
    ]);
    assert_eq!(suggested, expected);
}

#[test]
fn what_was_said_to_be_of_one_customer_is_not_offered_to_another() {
    let server = Server::new();
    let of = |id, minute: &str, subject| of_contact((id, "urn:example:calls", "9"), "message.sent", subject, minute);
    server.records(&[
        of("1", "09:00", None),
        of("2", "09:01", Some("phone:+5511987650061")),
        of("3", "09:02", Some("phone:+5511987650062")),
    ]);
    let offered = |phone: &str| {
        let query = "query($v: String!) { customer(by: {identifier: {kind: \"phone\", value: $v}}) { id linkSuggestions { subject because } } }";
        server.data(query, json!({"v": phone}))["customer"].clone()
    };
    let (one, other) = (offered("+5511987650061"), offered("+5511987650062"));
    assert_eq!(one["linkSuggestions"], other["linkSuggestions"], "it may be of either");
    assert_eq!(one["linkSuggestions"][0]["because"], "same_contact");
    let link =
        "mutation($a: ID!, $b: ID!) { linkCustomers(a: {id: $a}, b: {id: $b}, because: \"disse o nome\") { id } }";
    server.data(link, json!({"a": one["id"], "b": one["linkSuggestions"][0]["subject"]}));
    assert_eq!(offered("+5511987650062")["linkSuggestions"], json!([]));
}
