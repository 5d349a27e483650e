//! The agent's desktop over real requests to a city, when they are there: every operation of the panel answers for everybody.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use crate::program::succeeds;
use crate::real_data::{data, first_rows, mapping};
use crate::server::Server;

/// Rows of each year.
const ROWS: usize = 400;
/// Customers that are looked at, spread over all.
const CUSTOMERS: usize = 60;

fn operation(name: &str) -> String {
    fs::read_to_string(format!("{}/graphql/operations/{name}.graphql", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Customers of the log, each once.
fn customers(server: &Server) -> Vec<String> {
    let asked = "{ events(first: 1000, filter: {kinds: [\"contact.started\"]}) { nodes { customerId } } }";
    let nodes = server.data(asked, json!({}))["events"]["nodes"].take();
    let ids: BTreeSet<String> =
        nodes.as_array().unwrap().iter().map(|node| node["customerId"].as_str().unwrap().to_owned()).collect();
    let step = ids.len().div_ceil(CUSTOMERS);
    ids.into_iter().step_by(step).collect()
}

#[test]
fn the_panel_answers_for_real_customers_in_their_language() {
    let Some(real) = data("sp156") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (rows, store) = (folder.path().join("rows"), folder.path().join("store"));
    fs::create_dir(&rows).unwrap();
    let files = first_rows(&real, &rows, ROWS);
    let mapping = mapping("sp156.toml");
    let mut args = vec!["import", "--data", store.to_str().unwrap(), "--mapping", &mapping];
    args.extend(files.iter().map(String::as_str));
    succeeds(&args, b"");
    let server = Server::at(&store);
    let [desktop, timeline, count, promises, glance] =
        ["desktop", "timeline", "timeline_count", "promises", "glance"].map(operation);
    let ids = customers(&server);
    assert!(ids.len() >= CUSTOMERS / 2, "{}", ids.len());
    for id in ids {
        let variables = json!({"by": {"id": id}, "last": 5, "language": "pt-BR", "channel": "voice"});
        let customer = &server.data(&desktop, variables)["customer"];
        let all = customer["timeline"]["totalCount"].as_u64().unwrap();
        // A request is a contact and a case at the least.
        assert!(all >= 2 && customer["totals"]["contacts"].as_u64().unwrap() >= 1, "{customer}");
        for case in customer["cases"].as_array().unwrap() {
            assert!(case["title"].is_string() && case["protocol"].is_string(), "{case}");
        }
        assert!(customer["continuation"]["reason"].is_string(), "{customer}");
        let page =
            &server.data(&timeline, json!({"id": id, "last": 1000, "language": "pt-BR"}))["customer"]["timeline"];
        let summaries: Vec<&str> =
            page["edges"].as_array().unwrap().iter().map(|edge| edge["node"]["summary"].as_str().unwrap()).collect();
        assert_eq!(summaries.len() as u64, all.min(1000));
        let known = ["Contato iniciado por ", "Caso ", "Reclamação", "Sugestão", "Elogio", "Denúncia"];
        for summary in summaries {
            assert!(known.iter().any(|beginning| summary.starts_with(beginning)), "{summary}");
            let coded = ["done", "refused", "cancelled", "_"].iter().any(|code| summary.contains(code));
            assert!(!coded, "a code is shown: {summary}");
        }
        let kinds = json!({"kinds": ["contact.started"]});
        let contacts = &server.data(&count, json!({"id": id, "filter": kinds}))["customer"]["timeline"];
        assert_eq!(contacts["filteredCount"], customer["totals"]["contacts"]);
        let conversation = &customer["continuation"]["conversation"];
        let promised = server.data(&promises, json!({"id": id, "conversation": conversation}));
        assert_eq!(promised["customer"]["timeline"]["nodes"], json!([]));
        // The address is what they are known by; whoever gave none is known by the contact alone.
        let known_by: Vec<&Value> = customer["identifiers"].as_array().unwrap().iter().collect();
        for identifier in known_by.into_iter().filter(|each| each["kind"] == "address") {
            let by = json!({"identifier": {"kind": "address", "value": identifier["value"]}});
            assert_eq!(server.data(&glance, json!({"by": by}))["customer"]["id"], customer["id"]);
        }
    }
}
