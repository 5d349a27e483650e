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
    assert_eq!(texts(&email_before), ["dois", "quatro", "88412"]);
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
    assert_eq!(texts(&joined), ["um", "dois", "três", "quatro", "88412", "sou eu"]);
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
        ["dois", "quatro", "88412", "sou eu", "de novo", "não é a mesma pessoa"]
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

const LINK: &str = include_str!("../../graphql/operations/link.graphql");
const UNLINK: &str = include_str!("../../graphql/operations/unlink.graphql");

/// How many events there are of a kind.
fn recorded(server: &Server, kind: &str) -> Value {
    let asked = "query($kinds: [String!]) { events(filter: {kinds: $kinds}) { totalCount } }";
    server.data(asked, json!({"kinds": [kind]}))["events"]["totalCount"].take()
}

/// The code, the field and the message of what was refused.
fn refused(server: &Server, query: &str, variables: Value) -> (Value, Value, String) {
    let mut answer = server.graphql(query, variables);
    let error = &mut answer["errors"][0];
    let message = error["message"].as_str().unwrap().to_owned();
    (error["extensions"]["code"].take(), error["extensions"]["field"].take(), message)
}

#[test]
fn a_link_and_an_unlink_that_are_sent_again_are_recorded_once() {
    let server = Server::new();
    two_strangers(&server);
    server.records(&[event("9", "note.added", "crm:77", 9, json!({"text": "outro"}))]);
    let by = |(kind, value): (&str, &str)| json!({"identifier": {"kind": kind, "value": value}});
    let link =
        json!({"a": by(WHATSAPP), "b": by(EMAIL), "because": "confirmou o CPF", "agent": "carla", "id": "deed-1"});
    let with = |deed: &Value, field: &str, value: Value| {
        let mut deed = deed.clone();
        deed[field] = value;
        deed
    };
    // Twice at once, as a double click does, and once more, as after an answer that got lost.
    let both = std::thread::scope(|scope| {
        let sent = [0; 2].map(|_| scope.spawn(|| server.data(LINK, link.clone())));
        sent.map(|each| each.join().unwrap())
    });
    let mut answers: Vec<Value> = both.into_iter().chain([server.data(LINK, link.clone())]).collect();
    answers.dedup();
    assert_eq!((answers.len(), &answers[0]["linkCustomers"]["totals"]["events"]), (1, &json!(7)), "{answers:?}");
    assert_eq!(recorded(&server, "identity.linked"), 1);
    // The same id with other content is another deed under a wrong name, whatever differs.
    for other in [
        with(&link, "because", json!("é a mesma voz")),
        with(&link, "agent", json!("joão")),
        with(&link, "b", by(("crm", "77"))),
        with(&link, "a", by(("crm", "77"))),
    ] {
        let (code, field, message) = refused(&server, LINK, other);
        assert_eq!((code, field), (json!("CONFLICT"), json!("id")), "{message}");
        assert!(message.contains("with another body"), "{message}");
    }
    for (id, wrong) in [(json!(" "), "id: is missing"), (json!("x".repeat(513)), "id: has 513 bytes, the limit is 512")]
    {
        let (code, field, message) = refused(&server, LINK, with(&link, "id", id));
        assert_eq!((code, field, message.as_str()), (json!("INVALID_INPUT"), json!("id"), wrong));
    }
    // A deed of its own says nothing new of who is one already.
    server.data(LINK, with(&link, "id", json!("deed-2")));
    assert_eq!(recorded(&server, "identity.linked"), 1);

    let strands = ask(&server, EMAIL.0, EMAIL.1, None)["linked"].clone();
    let of_kind = |kind: &str| {
        let strand = strands.as_array().unwrap().iter().find(|strand| strand["identifiers"][0]["kind"] == kind);
        strand.unwrap()["subject"].clone()
    };
    let unlink = json!({"subject": of_kind("email"), "from": of_kind("whatsapp"), "because": "é da irmã", "agent": "carla", "id": "deed-3"});
    let first = server.data(UNLINK, unlink.clone());
    assert_eq!(server.data(UNLINK, unlink.clone()), first);
    assert_eq!(recorded(&server, "identity.unlinked"), 1);
    for other in [with(&unlink, "because", json!("é da mãe")), with(&unlink, "id", json!("deed-1"))] {
        let (code, field, message) = refused(&server, UNLINK, other);
        assert_eq!((code, field), (json!("CONFLICT"), json!("id")), "{message}");
    }
    // The link that comes again, after all that time, does not link them anew.
    let late = server.data(LINK, link);
    assert_eq!(late["linkCustomers"]["linked"].as_array().unwrap().len(), 2, "WhatsApp and its telephone");
    assert_eq!((recorded(&server, "identity.linked"), recorded(&server, "identity.unlinked")), (json!(1), json!(1)));
}

#[test]
fn each_side_of_a_separation_is_told_of_it_in_its_own_timeline() {
    let server = Server::new();
    let note = |id: &str, crm: &str, minute| event(id, "note.added", crm, minute, json!({"text": id}));
    server.records(&[note("one", "crm:1", 1), note("other", "crm:2", 2)]);
    let by = |value: &str| json!({"identifier": {"kind": "crm", "value": value}});
    let link = include_str!("../../graphql/operations/link.graphql");
    let linked = server.data(link, json!({"a": by("1"), "b": by("2"), "because": "a slip", "agent": "carla"}));
    let strands = linked["linkCustomers"]["linked"].as_array().unwrap();
    let strand =
        |value: &str| strands.iter().find(|each| each["identifiers"][0]["value"] == value).unwrap()["subject"].clone();
    let summaries = |value: &str, language: &str| -> Vec<String> {
        let asked = "query($by: CustomerLookup!, $language: String!) { customer(by: $by) {
            timeline(filter: {kinds: [\"identity.linked\", \"identity.unlinked\"]}) { nodes { summary(language: $language) } } } }";
        let found = server.data(asked, json!({"by": by(value), "language": language}));
        let nodes = found["customer"]["timeline"]["nodes"].as_array().unwrap();
        nodes.iter().map(|node| node["summary"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(summaries("1", "en"), ["Linked with another record"]);
    let unlink = include_str!("../../graphql/operations/unlink.graphql");
    server.data(unlink, json!({"subject": strand("2"), "from": strand("1"), "because": "two people"}));
    // The link is filed on the side that stays, the separation on the side that left.
    assert_eq!(summaries("1", "en"), ["Linked with another record (separated since)"]);
    assert_eq!(summaries("1", "pt-BR"), ["Vinculado a outro registro (separado depois)"]);
    assert_eq!(summaries("2", "en"), ["Separated from another record"]);
    server.data(link, json!({"a": by("1"), "b": by("2"), "because": "one after all"}));
    let joined = ["Linked with another record", "Separated from another record", "Linked with another record"];
    assert_eq!(summaries("2", "en"), joined);
}

#[test]
fn a_protocol_number_finds_whom_it_was_given_to_first() {
    let server = Server::new();
    let opened = |id: &str, subject: &str, minute| {
        event(
            id,
            "case.opened",
            subject,
            minute,
            json!({"case": format!("case-{subject}"), "protocol": "2026-77", "title": "x"}),
        )
    };
    let found = |as_of: Option<&str>| {
        let query = "query($at: DateTime) { customer(by: {protocol: \"2026-77\"}, asOf: $at) { identifiers { value } timeline(first: 9) { nodes { recordedAt } } } }";
        server.data(query, json!({"at": as_of}))["customer"].clone()
    };
    server.records(&[event("0", "note.added", "crm:1", 0, json!({"text": "antes"}))]);
    let before = server.data(
        "{ customer(by: {identifier: {kind: \"crm\", value: \"1\"}}) { timeline(first: 1) { nodes { recordedAt } } } }",
        json!({}),
    );
    let before = before["customer"]["timeline"]["nodes"][0]["recordedAt"].as_str().unwrap().to_owned();
    server.records(&[opened("1", "crm:1", 1)]);
    let first = found(None)["timeline"]["nodes"][1]["recordedAt"].as_str().unwrap().to_owned();
    server.records(&[opened("2", "crm:2", 2)]);
    server.records(&[opened("3", "crm:1", 3)]);
    assert_eq!(found(None)["identifiers"][0]["value"], "1", "also when it is named again");
    assert_eq!(found(Some(&first))["identifiers"][0]["value"], "1");
    assert_eq!(found(Some(&before)), Value::Null, "it had not been given yet");
}
