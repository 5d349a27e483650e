//! What is kept of the API beside its code is true: `graphql/schema.graphql` is the schema that is served, and every
//! operation in `graphql/operations` is carried out over the story of Ana, with answers that were worked out by hand.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::listener::{Events, Socket};
use crate::program::run;
use crate::server::Server;
use crate::story::{STORY, event, told};

/// A server with the story, up to where its log reaches, and an operation.
type Check = fn(&Server, &str, &str);

/// Every operation and what is expected of it.
const CHECKS: [(&str, Check); 28] = [
    ("analyses", every_analysis_is_told_with_its_standing),
    ("analysis", an_analysis_says_what_was_counted),
    ("analysis_csv", an_analysis_is_written_as_a_file),
    ("analysis_diff", two_versions_are_compared),
    ("check_analysis", a_definition_is_read_and_its_mistakes_told),
    ("define_analysis", an_analysis_is_defined),
    ("desktop", the_desktop_has_it_all_in_one_answer),
    ("events", the_log_is_read_in_its_order_with_counts),
    ("glance", a_glance_tells_how_much_there_is),
    ("journey_examples", those_who_were_somewhere_are_named),
    ("journey_map", the_journey_map_is_what_happened),
    ("link", two_customers_become_one),
    ("link_preview", two_customers_stand_side_by_side),
    ("live_analysis", an_analysis_comes_and_comes_again),
    ("live_customer", a_customer_comes_and_comes_again),
    ("live_timeline", a_timeline_comes_and_goes_on),
    ("log", the_log_and_every_projection_are_told),
    ("names", codes_are_called_by_their_names),
    ("panel", the_panel_has_all_that_was_told),
    ("promises", what_was_promised_is_told),
    ("record", events_are_recorded_once),
    ("remove_analysis", an_analysis_is_given_up),
    ("search", customers_are_found_by_what_an_agent_types),
    ("serve_analysis", a_version_serves),
    ("standing", what_may_have_changed_is_told),
    ("timeline", the_timeline_is_paged_both_ways_and_filtered),
    ("timeline_count", what_a_filter_lets_through_is_counted),
    ("unlink", a_strand_leaves),
];

fn of_repository(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The operations that are kept: name and text.
fn operations() -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(of_repository("graphql/operations")).unwrap().map(|entry| entry.unwrap().path());
    let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    entries
        .inspect(|path| assert_eq!(path.extension().unwrap(), "graphql", "{}", path.display()))
        .map(|path| (name(&path), std::fs::read_to_string(&path).unwrap()))
        .collect()
}

#[test]
fn the_schema_that_is_kept_is_the_one_that_is_served() {
    let kept = std::fs::read_to_string(of_repository("graphql/schema.graphql")).unwrap();
    let done = run(&["schema"], b"");
    assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""));
    assert!(kept == done.stdout, "graphql/schema.graphql is old: cargo run -- schema > graphql/schema.graphql");
}

#[test]
fn every_operation_that_is_kept_is_carried_out_with_the_answer_expected() {
    let operations = operations();
    let checked: Vec<&str> = CHECKS.iter().map(|(name, _)| *name).collect();
    assert_eq!(operations.keys().collect::<Vec<_>>(), checked);
    for (name, check) in CHECKS {
        let (server, through) = told();
        check(&server, &through, &operations[name]);
    }
}

fn by(kind: &str, value: &str) -> Value {
    json!({"identifier": {"kind": kind, "value": value}})
}

/// The id of a customer, once the log up to a position can be read.
fn id_of(server: &Server, through: &str, by: Value) -> Value {
    let query = "query($by: CustomerLookup!, $p: Position) { customer(by: $by, atLeast: $p) { id } }";
    server.data(query, json!({"by": by, "p": through}))["customer"]["id"].clone()
}

/// One field of every object of a list.
fn each<'v>(list: &'v Value, field: &str) -> Vec<&'v Value> {
    list.as_array().unwrap().iter().map(|item| item.pointer(field).unwrap()).collect()
}

fn the_panel_has_all_that_was_told(server: &Server, through: &str, panel: &str) {
    let variables = json!({"kind": "phone", "value": "(11) 95550-0142", "atLeast": through});
    let data = server.data(panel, variables);
    let ana = &data["customer"];
    assert_eq!(ana["displayName"], "Ana Beatriz Moura");
    let mut known: Vec<String> = Vec::new();
    for identifier in ana["identifiers"].as_array().unwrap() {
        known.push(format!("{}:{}", identifier["kind"].as_str().unwrap(), identifier["value"].as_str().unwrap()));
        assert_eq!(identifier["masked"], false);
    }
    known.sort();
    let expected = [
        "cpf:99900014219",
        "crm:8812",
        "email:ana.moura@example.com",
        "phone:+5511955500142",
        "whatsapp:+5511955500142",
    ];
    assert_eq!(known, expected);
    assert_eq!(ana["linked"].as_array().unwrap().len(), 5);
    let mut attributes: Vec<String> = Vec::new();
    for attribute in ana["attributes"].as_array().unwrap() {
        attributes
            .push(format!("{}.{} {}", attribute["namespace"], attribute["name"], attribute["value"]).replace('"', ""));
    }
    attributes.sort();
    assert_eq!(attributes, ["demographic.city São Paulo", "demographic.name Ana Beatriz Moura", "risk.band baixo"]);
    panel_continuation(&ana["continuation"]);
    panel_matters(ana);
    panel_numbers(ana);
    let advised: Vec<&Value> = ana["guidance"].as_array().unwrap().iter().map(|given| &given["id"]).collect();
    assert_eq!(advised, ["overdue_case", "recover_first"]);
    assert_eq!((&ana["linkSuggestions"], &ana["through"]), (&json!([]), &json!(through)));
}

fn the_desktop_has_it_all_in_one_answer(server: &Server, through: &str, desktop: &str) {
    let variables = json!({"by": by("phone", "+5511955500142"), "atLeast": through, "last": 3, "language": "en", "channel": "voice",
        "filter": {"feedback": ["COMPLAINT"]}});
    let ana = &server.data(desktop, variables)["customer"];
    assert_eq!(
        (&ana["displayName"], &ana["asOf"], &ana["through"]),
        (&json!("Ana Beatriz Moura"), &Value::Null, &json!(through))
    );
    assert_eq!(each(&ana["facts"], "/key"), ["order", "best_time"]);
    assert_eq!(each(&ana["cases"], "/protocol"), ["20251042371", "20251017745"]);
    let timeline = &ana["timeline"];
    assert_eq!((&timeline["totalCount"], &timeline["filteredCount"]), (&json!(39), &json!(2)));
    assert_eq!(each(&timeline["nodes"], "/channel"), ["email", "voice"]);
    assert!(timeline["nodes"][1]["summary"].as_str().unwrap().starts_with("Complaint"), "{timeline}");
    let advice = ana["guidance"].as_array().unwrap().iter().find(|given| given["id"] == "overdue_case").unwrap();
    assert!(advice["text"].as_str().unwrap().starts_with("A case is past its due date"), "{advice}");
    let nobody = server.data(desktop, json!({"by": by("phone", "+5511955500999"), "asOf": "2001-01-01T00:00:00Z"}));
    assert_eq!(nobody, json!({"customer": null}));
}

fn codes_are_called_by_their_names(server: &Server, through: &str, names: &str) {
    id_of(server, through, by("crm", "8812"));
    let told = server.data(names, json!({"language": "pt-BR"}));
    assert_eq!(told["timezone"], "America/Sao_Paulo");
    let all = &told["names"];
    let order = json!({"group": "fact", "code": "order", "name": "pedido"});
    assert!(all.as_array().unwrap().contains(&order), "{all}");
    let asked = "{ customer(by: {identifier: {kind: \"crm\", value: \"8812\"}}) { timeline(first: 1, filter: {kinds: [\"fact.told\"]}) {
        nodes { summary(language: \"pt-BR\") code } } } }";
    let told = &server.data(asked, json!({}))["customer"]["timeline"]["nodes"];
    assert_eq!(*told, json!([{"summary": "Informou: melhor hora", "code": "best_time"}]));
}

fn a_glance_tells_how_much_there_is(server: &Server, through: &str, glance: &str) {
    id_of(server, through, by("crm", "8812"));
    let ana = &server.data(glance, json!({"by": by("email", "ana.moura@example.com")}))["customer"];
    let totals = json!({"events": 39, "contacts": 5, "openCases": 1, "lastSeenAt": "2025-05-13T19:22:01Z"});
    assert_eq!((&ana["displayName"], &ana["totals"]), (&json!("Ana Beatriz Moura"), &totals));
}

fn two_customers_stand_side_by_side(server: &Server, through: &str, preview: &str) {
    id_of(server, through, by("crm", "8812"));
    let data = server.data(preview, json!({"a": by("crm", "8812"), "b": by("crm", "7001")}));
    assert_eq!(
        (&data["a"]["displayName"], &data["b"]["displayName"]),
        (&json!("Ana Beatriz Moura"), &json!("Ana Paula Reis"))
    );
    assert_eq!((&data["a"]["totals"]["events"], &data["b"]["totals"]["events"]), (&json!(39), &json!(1)));
    assert_eq!(data["b"]["identifiers"], json!([{"kind": "crm", "value": "7001", "masked": false}]));
    let nobody = server.data(preview, json!({"a": by("crm", "1"), "b": by("crm", "7001")}));
    assert_eq!((&nobody["a"], each(&nobody["b"]["facts"], "/key").len()), (&Value::Null, 0));
}

fn what_was_promised_is_told(server: &Server, through: &str, promises: &str) {
    let id = id_of(server, through, by("crm", "8812"));
    let ask =
        || server.data(promises, json!({"id": id, "conversation": "v-88412"}))["customer"]["timeline"]["nodes"].clone();
    assert_eq!(ask(), json!([]));
    let promised = json!({"name": "promise.made", "actor": "agent:carla", "conversation": "v-88412", "properties": {"promise": "Retorno até meio-dia"}});
    let elsewhere = json!({"name": "promise.made", "conversation": "v-other", "properties": {"promise": "Outra"}});
    server.records(&[
        event("promise", "activity.tracked", "crm:8812", "10:00", promised),
        event("elsewhere", "activity.tracked", "crm:8812", "10:01", elsewhere),
    ]);
    let told = ask();
    assert_eq!(each(&told, "/data/properties/promise"), ["Retorno até meio-dia"]);
    assert_eq!(each(&told, "/actor/id"), ["carla"]);
}

fn what_may_have_changed_is_told(server: &Server, through: &str, standing: &str) {
    server.sees(through);
    let told = &server.data(standing, json!({"by": by("crm", "8812")}))["customer"];
    assert!(told["facts"].as_array().unwrap().iter().all(|fact| fact["event"].is_string()));
    assert!(told["facts"].as_array().unwrap().iter().any(|fact| fact["key"] == "order" && fact["value"] == "88412"));
    assert!(told["cases"].as_array().unwrap().contains(&json!({"id": "case-2", "status": "OPEN"})), "{told}");
    assert_eq!(told["pinnedNotes"].as_array().unwrap().len(), 1);
}

fn what_a_filter_lets_through_is_counted(server: &Server, through: &str, count: &str) {
    let id = id_of(server, through, by("crm", "8812"));
    let counted = |filter: Value| {
        let timeline = server.data(count, json!({"id": id, "filter": filter}))["customer"]["timeline"].clone();
        assert_eq!(timeline["totalCount"], 39);
        let groups = timeline["groups"].as_array().unwrap();
        let entries: u64 = groups.iter().map(|group| group["entries"].as_u64().unwrap()).sum();
        assert_eq!(timeline["filteredCount"], entries);
        entries
    };
    assert_eq!(counted(Value::Null), 39);
    assert_eq!(counted(json!({"channels": ["survey"]})), 2);
    assert_eq!(counted(json!({"kinds": ["message.sent"]})), 7);
    assert_eq!(counted(json!({"feedback": ["COMPLAINT"]})), 2);
    assert_eq!(counted(json!({"feedback": ["PRAISE", "COMPLAINT"], "channels": ["whatsapp"]})), 1);
    assert_eq!(counted(json!({"feedback": ["SUGGESTION"]})), 0);
    let surveys = server.data(count, json!({"id": id, "filter": {"channels": ["survey"]}}));
    let groups = json!([{"channel": "survey", "kind": "survey.answered", "entries": 2}]);
    assert_eq!(surveys["customer"]["timeline"]["groups"], groups);
}

fn panel_continuation(stopped: &Value) {
    let messages = &stopped["lastMessages"];
    let texts = [
        "Meu pedido era para ter chegado na semana passada.",
        "Qual é o número do pedido?",
        "É o 88412",
        "Quero a data de entrega ou o dinheiro de volta.",
    ];
    assert_eq!(each(messages, "/text"), texts);
    assert_eq!(messages[1]["actor"], json!({"kind": "bot", "id": "sofia"}));
    let mut rest = stopped.clone();
    rest.as_object_mut().unwrap().remove("lastMessages");
    let expected = json!({
        "conversation": "v-88412", "lastContact": "e-2", "channel": "email", "stoppedAt": "2025-05-13T19:22:01Z",
        "outcome": "dropped", "reason": "no_answer", "department": "entregas", "agent": "carla",
        "contactsSoFar": 3, "channelsSoFar": ["chatbot", "voice", "email"],
        "openCase": {"id": "case-2", "protocol": "20251042371"},
    });
    assert_eq!(rest, expected);
}

fn panel_matters(ana: &Value) {
    // The newest first; what held until 20 April is over.
    assert_eq!(each(&ana["facts"], "/key"), ["order", "best_time"]);
    assert_eq!(each(&ana["facts"], "/value"), ["88412", "depois das 18h"]);
    let fact = &ana["facts"][0];
    assert_eq!((&fact["toldAt"], &fact["channel"]), (&json!("2025-05-12T21:04:41Z"), &json!("chatbot")));
    assert_eq!(
        (&fact["confirmed"], &fact["validUntil"], &fact["event"]),
        (&json!(true), &Value::Null, &json!("event_28"))
    );
    let open = json!({
        "id": "case-2", "protocol": "20251042371", "demand": "complaint", "status": "OPEN",
        "title": "Pedido 88412 não entregue", "openedAt": "2025-05-12T21:18:00Z", "dueAt": "2025-05-17T21:18:00Z",
        "overdue": true, "resolvedAt": null, "reopenedCount": 0, "channel": "voice", "department": "entregas",
    });
    let resolved = json!({
        "id": "case-1", "protocol": "20251017745", "demand": "complaint", "status": "RESOLVED",
        "title": "Item trocado no pedido 87120", "openedAt": "2025-03-10T11:40:00Z", "dueAt": "2025-03-13T11:40:00Z",
        "overdue": false, "resolvedAt": "2025-03-13T10:00:00Z", "reopenedCount": 0, "channel": "email",
        "department": "trocas",
    });
    assert_eq!(ana["cases"], json!([open, resolved]));
    assert_eq!(ana["stage"], json!({"stage": "retention", "since": "2025-05-01T12:00:00Z"}));
    assert_eq!(ana["milestones"], json!([{"name": "first_order", "reachedAt": "2025-03-02T21:40:00Z"}]));
    let consent = json!({"purpose": "marketing", "channel": "whatsapp", "state": "granted",
        "since": "2025-04-02T22:08:00Z", "expiresAt": null});
    assert_eq!(ana["consents"], json!([consent]));
    assert_eq!(each(&ana["pinnedNotes"], "/text"), ["A ligação caiu. Prometi retorno até amanhã ao meio-dia."]);
}

fn panel_numbers(ana: &Value) {
    let preference = &ana["channelPreference"];
    assert_eq!((&preference["preferred"], &preference["stated"]), (&json!("whatsapp"), &json!(true)));
    assert_eq!(preference["confidence"], 1.0);
    // In São Paulo, three hours behind UTC: 18 h twice, then 8, 16 and 19 h once each.
    assert_eq!(preference["bestHours"], json!([18, 8, 16]));
    let scores: f64 = each(&preference["ranking"], "/score").iter().map(|score| score.as_f64().unwrap()).sum();
    assert!((scores - 1.0).abs() < 1e-9, "{preference}");
    let tally = |complaints: u32, praises: u32| json!({"complaints": complaints, "suggestions": 0, "praises": praises, "questions": 0, "reports": 0});
    let in_channel = |channel: &str, mut tally: Value| {
        tally["channel"] = json!(channel);
        tally
    };
    let mut feedback = tally(2, 1);
    feedback["byChannel"] = json!([
        in_channel("voice", tally(1, 0)),
        in_channel("email", tally(1, 0)),
        in_channel("whatsapp", tally(0, 1))
    ]);
    assert_eq!(ana["feedback"], feedback);
    let csat =
        json!({"instrument": "csat", "responses": 2, "mean": 4.5, "last": 5.0, "lastAt": "2025-04-03T11:00:00Z"});
    assert_eq!(ana["satisfaction"], json!([csat]));
    let used =
        |channel: &str, contacts: u32, at: &str| json!({"channel": channel, "contacts": contacts, "lastUsedAt": at});
    let totals = json!({
        "events": 39, "contacts": 5, "meanWaitMs": 240_000.0, "meanHandleMs": 150_000.0, "transfers": 1,
        "resolvedCases": 1, "openCases": 1,
        "firstSeenAt": "2025-03-01T12:00:00Z", "lastSeenAt": "2025-05-13T19:22:01Z",
        "byChannel": [
            used("email", 2, "2025-05-13T19:22:01Z"),
            used("voice", 1, "2025-05-12T21:21:00Z"),
            used("whatsapp", 1, "2025-04-02T22:10:00Z"),
            used("chatbot", 1, "2025-05-12T21:05:01Z"),
        ],
    });
    assert_eq!(ana["totals"], totals);
}

fn the_timeline_is_paged_both_ways_and_filtered(server: &Server, through: &str, timeline: &str) {
    let id = id_of(server, through, by("crm", "8812"));
    let ask = |mut arguments: Value| {
        arguments["id"] = id.clone();
        server.data(timeline, arguments)["customer"]["timeline"].clone()
    };
    // Ana's events were told first and in the order in which they happened.
    let all: Vec<String> = (0..39).map(|position| format!("event_{position}")).collect();
    let (mut forwards, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = ask(json!({"first": 16, "after": after}));
        assert_eq!((&page["totalCount"], &page["filteredCount"]), (&json!(39), &json!(39)));
        forwards.extend(each(&page["edges"], "/node/id").into_iter().cloned());
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(forwards, all);
    let (mut backwards, mut before) = (Vec::new(), Value::Null);
    loop {
        let page = ask(json!({"last": 16, "before": before}));
        backwards.splice(0..0, each(&page["edges"], "/node/id").into_iter().cloned());
        before = page["pageInfo"]["startCursor"].clone();
        if page["pageInfo"]["hasPreviousPage"] == false {
            break;
        }
    }
    assert_eq!(backwards, all);
    let said = ask(
        json!({"last": 2, "filter": {"kinds": ["message.sent"], "direction": "INBOUND", "channels": ["chatbot", "email"]}}),
    );
    assert_eq!((&said["filteredCount"], &said["totalCount"]), (&json!(4), &json!(39)));
    assert_eq!(each(&said["edges"], "/node/text"), ["É o 88412", "Quero a data de entrega ou o dinheiro de volta."]);
    assert_eq!(said["pageInfo"]["hasPreviousPage"], true);
    let said = ask(json!({"filter": {"text": "pedido ERA"}}));
    assert_eq!(each(&said["edges"], "/node/contact"), ["b-1"]);
    let node = &said["edges"][0]["node"];
    assert_eq!((&node["conversation"], &node["direction"]), (&json!("v-88412"), &json!("INBOUND")));
    assert!(!node["summary"].as_str().unwrap().is_empty());
}

fn a_timeline_comes_and_goes_on(server: &Server, through: &str, live_timeline: &str) {
    server.sees(through);
    let mut socket = Socket::open(server);
    socket.subscribe("1", live_timeline, json!({"by": by("crm", "8812"), "after": "35", "language": "en"}));
    // Ana's events are those before position 39.
    assert_eq!(each(&Value::from(socket.entries("1", 3)), "/id"), ["event_36", "event_37", "event_38"]);
    server.record_all(&[event("late", "note.added", "cpf:999.000.142-19", "10:00", json!({"text": "mais uma"}))]);
    let entry = socket.entry("1");
    assert_eq!(
        (&entry["id"], &entry["text"], &entry["redaction"]),
        (&json!("event_42"), &json!("mais uma"), &Value::Null)
    );
    assert_eq!((&entry["occurredAt"], &entry["source"]), (&json!("2025-03-03T10:00:00Z"), &json!("test")));
    assert!(!entry["summary"].as_str().unwrap().is_empty());
}

fn a_customer_comes_and_comes_again(server: &Server, through: &str, live_customer: &str) {
    server.sees(through);
    let mut events = Events::open(server, live_customer, json!({"by": by("crm", "8812")}));
    let ana = events.next()["data"]["customer"].take();
    let totals = json!({"events": 39, "contacts": 5, "openCases": 1, "lastSeenAt": "2025-05-13T19:22:01Z"});
    assert_eq!((&ana["displayName"], &ana["totals"]), (&json!("Ana Beatriz Moura"), &totals));
    assert_eq!((&ana["through"], ana["linked"].as_array().unwrap().len()), (&json!(through), 5));
    server.record_all(&[event("late", "note.added", "crm:8812", "10:00", json!({"text": "mais uma"}))]);
    let ana = events.next()["data"]["customer"].take();
    assert_eq!((&ana["totals"]["events"], &ana["through"]), (&json!(40), &json!("43")));
}

/// Waits until an analysis is as wanted.
fn until(server: &Server, name: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let started = std::time::Instant::now();
    loop {
        let all = server.data("{ analyses { name version state through building { version state } } }", json!({}));
        let one = all["analyses"].as_array().unwrap().iter().find(|one| one["name"] == name).cloned();
        if let Some(one) = one.filter(|one| wanted(one)) {
            return one;
        }
        assert!(started.elapsed() < std::time::Duration::from_secs(60), "{name}: {all}");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

/// Waits until everything that was told is counted.
fn counted(server: &Server, name: &str, through: &str) {
    until(server, name, |one| one["state"] == "live" && one["through"] == through);
}

const REASONS: &str = "name = \"reasons\"\nover = \"contacts\"\ngroup_by = [\"reason\"]\n[measures]\nn = 'count()'";

fn reasons(server: &Server) {
    server.data("mutation($d: String!) { defineAnalysis(definition: $d) { name } }", json!({"d": REASONS}));
    until(server, "reasons", |one| one["state"] == "live");
}

fn every_analysis_is_told_with_its_standing(server: &Server, through: &str, analyses: &str) {
    counted(server, "contacts", through);
    let data = server.data(analyses, json!({"language": "es"}));
    let contacts = &data["analyses"][0];
    assert_eq!((&contacts["name"], &contacts["title"]), (&json!("contacts"), &json!("Contactos por canal y hora")));
    assert_eq!(
        (&contacts["state"], &contacts["progress"], &contacts["builtIn"]),
        (&json!("live"), &json!(1.0), &json!(true))
    );
    assert_eq!(each(&data["analyses"], "/troubles/count").iter().filter(|count| **count != &json!(0)).count(), 0);
}

fn an_analysis_says_what_was_counted(server: &Server, through: &str, analysis: &str) {
    counted(server, "feedback", through);
    let data = server.data(analysis, json!({"name": "feedback", "by": ["channel"], "bucket": "all"}));
    let told = &data["analysis"];
    assert_eq!((&told["groups"], &told["bucket"]), (&json!(["channel"]), &Value::Null));
    assert_eq!(told["measures"], json!(["complaints", "suggestions", "praises", "questions", "reports"]));
    let lines: Vec<(&Value, f64)> = (told["rows"].as_array().unwrap().iter())
        .map(|row| (&row["group"][0], row["figures"][0]["value"].as_f64().unwrap()))
        .collect();
    // Ana complained once by e-mail and once by telephone.
    let complaints: f64 = lines.iter().map(|(_, complaints)| complaints).sum();
    let of_ana = "{ customer(by: {identifier: {kind: \"crm\", value: \"8812\"}}) { feedback { complaints } } }";
    assert_eq!(Some(complaints as u64), server.data(of_ana, json!({}))["customer"]["feedback"]["complaints"].as_u64());
    assert_eq!(told["totalRows"], json!(lines.len()));
}

fn an_analysis_is_written_as_a_file(server: &Server, through: &str, csv: &str) {
    server.sees(through);
    reasons(server);
    let all = server.data(csv, json!({"name": "reasons"}))["analysis"].clone();
    let file = all["csv"].as_str().unwrap();
    assert!(file.starts_with("reason,n,n_over,provisional\n"), "{file}");
    assert_eq!(file.lines().count() as u64, 1 + all["totalRows"].as_u64().unwrap());
    // What goes on has no names of columns again.
    let rest = server.data(csv, json!({"name": "reasons", "offset": 1, "commas": true}))["analysis"]["csv"].clone();
    let expected: String = file.lines().skip(2).map(|line| line.replace(',', ";") + "\n").collect();
    assert_eq!(rest, expected);
}

fn two_versions_are_compared(server: &Server, through: &str, diff: &str) {
    server.sees(through);
    reasons(server);
    let other = REASONS.replace("count()", "distinct(customer)").replace("over =", "version = 2\nover =");
    server.data("mutation($d: String!) { defineAnalysis(definition: $d) { name } }", json!({"d": other}));
    until(server, "reasons", |one| one["version"] == 2 && one["state"] == "live");
    let told = server.data(diff, json!({"name": "reasons", "from": 1, "to": 2}))["analysisDiff"].clone();
    assert_eq!((&told["onlyFrom"], &told["onlyTo"]), (&json!(0), &json!(0)));
    let rows =
        server.data("{ analysis(name: \"reasons\") { totalRows } }", json!({}))["analysis"]["totalRows"].as_u64();
    assert_eq!(told["same"].as_u64().unwrap() + told["differing"].as_u64().unwrap(), rows.unwrap());
}

fn a_definition_is_read_and_its_mistakes_told(server: &Server, _: &str, check: &str) {
    let told = server.data(check, json!({"definition": REASONS}))["checkAnalysis"].clone();
    assert_eq!(told, json!({"ok": true, "groups": ["reason"], "measures": ["n"], "mistakes": []}));
    let told =
        server.data(check, json!({"definition": REASONS.replace("reason\"]", "raeson\"]")}))["checkAnalysis"].clone();
    let mistake = &told["mistakes"][0];
    assert_eq!((&told["ok"], &mistake["line"], &mistake["column"]), (&json!(false), &json!(3), &json!(14)));
    assert!(mistake["help"].as_str().unwrap().contains("`reason`"), "{mistake}");
}

fn an_analysis_is_defined(server: &Server, _: &str, define: &str) {
    let told = server.data(define, json!({"definition": REASONS}))["defineAnalysis"].clone();
    assert_eq!((&told["name"], &told["version"]), (&json!("reasons"), &json!(1)));
    until(server, "reasons", |one| one["state"] == "live");
}

fn those_who_were_somewhere_are_named(server: &Server, through: &str, examples: &str) {
    counted(server, "journey", through);
    let found = server.data(examples, json!({"first": 5}))["journeyExamples"].clone();
    let ana = id_of(server, through, by("crm", "8812"));
    assert!(each(&found, "/customer").contains(&&ana), "{found} has not {ana}");
    let nowhere =
        server.data(examples, json!({"where": [{"name": "stage", "value": "nowhere"}]}))["journeyExamples"].clone();
    assert_eq!(nowhere, json!([]));
}

fn the_journey_map_is_what_happened(server: &Server, through: &str, map: &str) {
    counted(server, "journey", through);
    counted(server, "journey_flow", through);
    let map = server.data(map, json!({}))["journeyMap"].clone();
    let sum = |field: &str| each(&map["cells"], field).iter().map(|n| n.as_u64().unwrap()).sum::<u64>();
    let of_all = "{ customers(search: \"ana\") { nodes { totals { contacts } feedback { complaints } } } }";
    let all = server.data(of_all, json!({}))["customers"]["nodes"].clone();
    let complaints: u64 = each(&all, "/feedback/complaints").iter().map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(sum("/complaints"), complaints, "{map}");
    assert!(
        sum("/contacts") >= 5 && map["flows"].as_array().unwrap().iter().any(|flow| flow["of"] == "channel"),
        "{map}"
    );
}

fn an_analysis_comes_and_comes_again(server: &Server, through: &str, live: &str) {
    counted(server, "feedback", through);
    let variables = json!({"name": "feedback", "by": [], "bucket": "all", "everyMs": 100});
    let mut events = Events::open(server, live, variables);
    let praises = |answer: &Value| answer["data"]["analysis"]["rows"][0]["figures"][2]["value"].as_f64().unwrap();
    let before = praises(&events.next());
    server.record_all(&[event(
        "p",
        "feedback.given",
        "crm:8812",
        "10:00",
        json!({"channel": "web", "feedback": "praise", "text": "bom"}),
    )]);
    assert_eq!(praises(&events.next()), before + 1.0);
}

fn an_analysis_is_given_up(server: &Server, _: &str, remove: &str) {
    reasons(server);
    assert_eq!(server.data(remove, json!({"name": "reasons"}))["removeAnalysis"], json!(true));
    let answer = server.graphql(remove, json!({"name": "reasons"}));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "NOT_FOUND");
}

fn a_version_serves(server: &Server, _: &str, serve: &str) {
    reasons(server);
    let other = REASONS.replace("over =", "version = 2\nover =");
    server.data("mutation($d: String!) { defineAnalysis(definition: $d) { name } }", json!({"d": other}));
    until(server, "reasons", |one| one["version"] == 2 && one["state"] == "live");
    server.data(serve, json!({"name": "reasons", "version": 1}));
    until(server, "reasons", |one| one["version"] == 1 && one["building"].is_null());
}

fn customers_are_found_by_what_an_agent_types(server: &Server, through: &str, search: &str) {
    id_of(server, through, by("crm", "8812"));
    let found = |text: &str| {
        let mut names: Vec<String> = Vec::new();
        let data = server.data(search, json!({"search": text}));
        names.extend(
            each(&data["customers"]["edges"], "/node/displayName").iter().map(|name| name.as_str().unwrap().to_owned()),
        );
        names.sort();
        names
    };
    for (typed, names) in [
        ("ana", vec!["Ana Beatriz Moura", "Ana Paula Reis"]),
        ("Ana MOU", vec!["Ana Beatriz Moura"]),
        ("lima", vec!["Bruno Lima"]),
        ("20251042371", vec!["Ana Beatriz Moura"]),
        ("202510", vec!["Ana Beatriz Moura"]),
        ("ana.moura@example.com", vec!["Ana Beatriz Moura"]),
        ("11 95550-0142", vec!["Ana Beatriz Moura"]),
        ("999.000.142-19", vec!["Ana Beatriz Moura"]),
        ("crm:7002", vec!["Bruno Lima"]),
        ("carlos", vec![]),
    ] {
        assert_eq!(found(typed), names, "{typed}");
    }
    let page = server.data(search, json!({"search": "ana", "first": 1}));
    assert_eq!(page["customers"]["pageInfo"]["hasNextPage"], true);
    let next =
        server.data(search, json!({"search": "ana", "first": 1, "after": page["customers"]["pageInfo"]["endCursor"]}));
    assert_eq!(next["customers"]["pageInfo"]["hasNextPage"], false);
    assert_ne!(page["customers"]["edges"][0]["node"]["id"], next["customers"]["edges"][0]["node"]["id"]);
}

fn events_are_recorded_once(server: &Server, _: &str, record: &str) {
    let events = json!([
        {"id": "n-1", "source": "desk", "kind": "note.added", "subject": {"kind": "crm", "value": "9001"},
            "time": "2025-06-01T12:00:00Z", "data": {"text": "Ligou para agradecer."}},
        {"id": "n-2", "source": "desk", "kind": "feedback.given", "subject": {"kind": "crm", "value": "9001"},
            "time": "2025-06-01T12:01:00Z", "data": {"channel": "voice", "feedback": "praise"}},
    ]);
    let first = server.data(record, json!({"events": events, "expectedRevision": 0}));
    assert_eq!(
        first["record"],
        json!({"recorded": 2, "duplicates": 0, "anonymous": 0, "positions": ["42", "43"], "through": "44"})
    );
    let again = server.data(record, json!({"events": events}));
    assert_eq!(
        again["record"],
        json!({"recorded": 0, "duplicates": 2, "anonymous": 0, "positions": ["42", "43"], "through": "44"})
    );
    let asked = "{ customer(by: {identifier: {kind: \"crm\", value: \"9001\"}}, atLeast: \"44\") { feedback { praises } timeline { nodes { text } } } }";
    let expected = json!({"customer": {"feedback": {"praises": 1}, "timeline": {"nodes": [{"text": "Ligou para agradecer."}, {"text": null}]}}});
    assert_eq!(server.data(asked, json!({})), expected);
}

fn two_customers_become_one(server: &Server, through: &str, link: &str) {
    id_of(server, through, by("crm", "7002"));
    let variables = json!({"a": by("crm", "7002"), "b": by("account", "c-55"), "because": "confirmou o contrato", "agent": "carla"});
    let bruno = &server.data(link, variables)["linkCustomers"];
    assert_eq!(bruno["displayName"], "Bruno Lima");
    // One profile, one letter, and the link itself.
    assert_eq!(bruno["totals"], json!({"events": 3, "contacts": 1}));
    assert_eq!(each(&bruno["linked"], "/rule"), ["agent", "agent"]);
    let mut identifiers: Vec<&Value> = each(&bruno["linked"], "/identifiers/0/value");
    identifiers.sort_by_key(|value| value.to_string());
    assert_eq!(identifiers, ["7002", "C-55"]);
    let query = "query($id: ID!) { customer(by: {id: $id}) { timeline(filter: {kinds: [\"identity.linked\"]}) { nodes { actor { kind id } } } } }";
    let said = server.data(query, json!({"id": bruno["id"]}));
    assert_eq!(said["customer"]["timeline"]["nodes"], json!([{"actor": {"kind": "agent", "id": "carla"}}]));
}

fn a_strand_leaves(server: &Server, through: &str, unlink: &str) {
    id_of(server, through, by("crm", "8812"));
    let query =
        "{ customer(by: {identifier: {kind: \"crm\", value: \"8812\"}}) { linked { subject identifiers { kind } } } }";
    let strands = &server.data(query, json!({}))["customer"]["linked"];
    let of_kind = |kind: &str| {
        let strand = strands.as_array().unwrap().iter().find(|strand| strand["identifiers"][0]["kind"] == kind);
        strand.unwrap()["subject"].clone()
    };
    let (email, crm) = (of_kind("email"), of_kind("crm"));
    let data = server.data(unlink, json!({"subject": email, "from": crm, "because": "é da irmã"}));
    let (stays, left) = (&data["unlinkCustomers"][0], &data["unlinkCustomers"][1]);
    let kinds = |customer: &Value| {
        let mut kinds: Vec<String> =
            each(&customer["identifiers"], "/kind").iter().map(|kind| kind.to_string()).collect();
        kinds.sort();
        kinds.join(" ").replace('"', "")
    };
    assert_eq!((kinds(stays).as_str(), kinds(left).as_str()), ("cpf crm phone whatsapp", "email"));
    assert_eq!((&stays["displayName"], &left["displayName"]), (&json!("Ana Beatriz Moura"), &Value::Null));
    assert_eq!((&left["linked"], &left["linkSuggestions"]), (&json!([]), &json!([])));
    // What speaks for a link from here on suggests it, and no more.
    let claim = event(
        "again",
        "identity.claimed",
        "crm:8812",
        "10:00",
        json!({"identifiers": ["email:ana.moura@example.com"]}),
    );
    let through = server.record_all(&[claim]);
    assert_ne!(
        id_of(server, &through, by("email", "ana.moura@example.com")),
        id_of(server, &through, by("crm", "8812"))
    );
    let query = "query($id: ID!) { customer(by: {id: $id}) { linkSuggestions { subject because evidence } } }";
    let suggested = server.data(query, json!({"id": email}));
    let expected = json!([{"subject": crm, "because": "separated", "evidence": 1}]);
    assert_eq!(suggested["customer"]["linkSuggestions"], expected);
}

fn the_log_and_every_projection_are_told(server: &Server, through: &str, log: &str) {
    id_of(server, through, by("crm", "8812"));
    let data = server.data(log, json!({}));
    let expected = json!({"backend": "sled", "head": "42", "events": 42, "lastCheckpointAt": null});
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&data["log"][field], value, "{field}");
    }
    let hash = data["log"]["lastHash"].as_str().unwrap();
    assert!(hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{hash}");
    assert!(data["log"]["bytes"].as_f64().unwrap() > STORY.len() as f64 / 4.0);
    let projections = data["projections"].as_array().unwrap();
    assert!(projections.len() >= 5);
    for projection in projections {
        let stands = (&projection["state"], &projection["through"], &projection["lag"], &projection["building"]);
        assert_eq!(stands, (&json!("live"), &json!("42"), &json!(0), &Value::Null), "{projection}");
        assert_eq!(projection["progress"], 1.0);
    }
}

fn the_log_is_read_in_its_order_with_counts(server: &Server, through: &str, events: &str) {
    id_of(server, through, by("crm", "8812"));
    let page = server.data(events, json!({"first": 2, "after": "5"}))["events"].clone();
    assert_eq!((&page["totalCount"], &page["through"]), (&json!(42), &json!("42")));
    assert_eq!(each(&page["nodes"], "/position"), ["6", "7"]);
    assert_eq!(
        page["pageInfo"],
        json!({"hasPreviousPage": true, "hasNextPage": true, "startCursor": "6", "endCursor": "7"})
    );
    assert_eq!(page["nodes"][1]["data"]["feedback"], "complaint");
    let count = |filter: Value| server.data(events, json!({"filter": filter}))["events"].clone();
    let complaints = count(json!({"feedback": ["COMPLAINT"]}));
    assert_eq!(
        (&complaints["totalCount"], each(&complaints["nodes"], "/channel")),
        (&json!(2), vec![&json!("email"), &json!("voice")])
    );
    assert_eq!(count(json!({"kinds": ["message.sent", "novelo.note.added"]}))["totalCount"], 9);
    assert_eq!(count(json!({"sources": ["pabx"], "channels": ["voice"]}))["totalCount"], 6);
    assert_eq!(count(json!({"from": "2025-05-12T00:00:00Z", "to": "2025-05-13T00:00:00Z"}))["totalCount"], 13);
}
