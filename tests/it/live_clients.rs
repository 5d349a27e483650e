//! Clients that others wrote, in node: the packages `graphql-ws` and `graphql-sse` and a plain `fetch` follow a customer, and the
//! audit of `graphql-http` asks for all that GraphQL over HTTP says.
//!
//! `tests/run` installs the packages; what is run is in `clients/`.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::listener::{TIMELINE, by};
use crate::server::Server;
use crate::story::event;

/// The folder in which the packages are installed.
pub(crate) fn packages() -> PathBuf {
    let installed = match std::env::var_os("NOVELO_TEST_CLIENTS") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("target/clients"),
    };
    let modules = installed.join("node_modules");
    assert!(modules.is_dir(), "{} is missing: tests/run installs it, or tests/clients does alone", modules.display());
    modules
}

/// Runs a client.
fn client(name: &str, arguments: &[&str]) -> Child {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/clients").join(name);
    let mut command = Command::new("node");
    command.arg(script).args(arguments).env("NODE_PATH", packages()).stdin(Stdio::null()).stdout(Stdio::piped());
    command.spawn().expect("node runs: install it (on Debian: apt-get install nodejs)")
}

/// What it says, line by line.
fn lines(client: &mut Child) -> impl Iterator<Item = String> + use<> {
    BufReader::new(client.stdout.take().unwrap()).lines().map(|line| line.unwrap())
}

/// Follows a customer with one client: history, then what comes, then what is refused.
fn follows(name: &str) {
    let server = Server::new();
    let note =
        |number: usize| event(&number.to_string(), "note.added", "crm:1", "10:00", json!({"text": number.to_string()}));
    server.records(&(0..30).map(note).collect::<Vec<_>>());
    let variables = json!({"by": by("crm", "1")}).to_string();
    let mut child = client(name, &[&server.url(""), TIMELINE, &variables, "50"]);
    let mut said = lines(&mut child);
    assert_eq!(said.next().as_deref(), Some("events 30"), "{name}");
    for number in 0..50 {
        if (30..50).step_by(5).any(|begins| begins == number) {
            // Only now: all that was there before has come.
            server.record_all(&(number..number + 5).map(note).collect::<Vec<_>>());
        }
        assert_eq!(said.next(), Some(format!("entry {number}")), "{name}");
    }
    assert_eq!(said.next().as_deref(), Some("refused INVALID_INPUT"), "{name}");
    assert!(child.wait().unwrap().success() && said.next().is_none(), "{name}");
    println!("{name}: 30 entries of history and 20 that came were received once and in order");
}

#[test]
fn the_client_graphql_ws_follows_a_customer() {
    follows("socket.cjs");
}

#[test]
fn the_client_graphql_sse_follows_a_customer() {
    follows("events.cjs");
}

#[test]
fn a_plain_fetch_follows_a_customer() {
    follows("fetch.cjs");
}

#[test]
fn the_audit_of_graphql_over_http_passes() {
    let server = Server::new();
    let mut child = client("audit.cjs", &[&server.url("")]);
    let audits: Vec<Value> = lines(&mut child).map(|line| serde_json::from_str(&line).unwrap()).collect();
    assert!(child.wait().unwrap().success());
    let of = |word: &str| audits.iter().filter(|audit| audit["name"].as_str().unwrap().starts_with(word)).count();
    let (must, should, may) = (of("MUST"), of("SHOULD"), of("MAY"));
    // As many as the version that is installed has.
    assert_eq!((must, should), (13, 20));
    assert_eq!(must + should + may, audits.len());
    let failed: Vec<&Value> = audits.iter().filter(|audit| audit["status"] != "ok").collect();
    // What it calls MAY is a choice, not a rule.
    let broken: Vec<&&Value> =
        failed.iter().filter(|audit| !audit["name"].as_str().unwrap().starts_with("MAY")).collect();
    assert!(broken.is_empty(), "{broken:#?}");
    println!("audit.cjs: all {must} MUST and {should} SHOULD passed, and {} of {may} MAY", may - failed.len());
}
