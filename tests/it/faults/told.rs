//! What is the matter with a store that goes on is told wherever an operator looks: damage that a reader met, an archive that
//! cannot be written.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::damage::{files_below, lines};
use crate::durability::event;
use crate::place::Place;
use crate::program::{novelo, run, succeeds};
use crate::server::Server;

/// How long a trouble may take to be told, or to be over.
const SOON: Duration = Duration::from_secs(60);

/// Makes a store of 2,000 events, and a backup of it.
pub(crate) fn store_and_backup(data: &str, backup: &str) {
    succeeds(&["import", "--data", data, "-"], &lines(0, 2_000));
    succeeds(&["backup", backup, "--data", data], b"");
}

/// Damages the log of a store that nobody has open, behind its first fifth: a chunk of it as a backup in `backup` holds it. It
/// still opens: sled looks at the end alone then.
pub(crate) fn damage(data: &Path, backup: &Path) {
    let mut segments: Vec<_> = fs::read_dir(backup).unwrap().map(|entry| entry.unwrap().path()).collect();
    segments.retain(|path| path.extension().is_some_and(|extension| extension == "segment"));
    let whole = fs::read(&segments[0]).unwrap();
    // Ciphertext, which stands nowhere else.
    let sought = &whole[whole.len() / 5..][..48];
    let mut found = 0;
    // sled keeps older copies of a page, and the log copies of the file: all are damaged.
    for path in files_below(&data.join("log")) {
        let mut bytes = fs::read(&path).unwrap();
        let copies: Vec<usize> =
            bytes.windows(sought.len()).enumerate().filter(|(_, at)| *at == sought).map(|(at, _)| at).collect();
        found += copies.len();
        copies.into_iter().for_each(|at| bytes[at + 20] ^= 4);
        fs::write(path, bytes).unwrap();
    }
    assert!(found > 0, "the chunk is in the file of the log");
}

/// Whether a page of metrics has a sample of this value.
fn has_sample(server: &Server, sample: &str) -> bool {
    server.get("/metrics", &[]).body.lines().any(|line| line == sample)
}

fn log_of(server: &Server) -> Value {
    server.data("{ log { writable trouble } }", json!({}))["log"].take()
}

fn until(mut there: impl FnMut() -> bool, what: &str) {
    let began = Instant::now();
    while !there() {
        assert!(began.elapsed() < SOON, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn damage_that_a_reader_meets_is_told_while_events_are_taken_and_a_backup_says_where_it_ends() {
    let place = Place::new();
    let (data, backup) = (place.text("data"), place.text("whole"));
    store_and_backup(&data, &backup);
    damage(&place.path("data"), &place.path("whole"));
    let server = Server::at(&place.path("data"));
    let half = place.text("half");
    let done = run(&["backup", &half, "--from", &server.url("")], b"");
    assert_eq!(done.code, Some(1), "{}", done.stdout);
    let position = done.stderr.split("position ").nth(1).unwrap().split(':').next().unwrap().to_owned();
    assert!(done.stderr.contains("cannot read its log") && done.stderr.contains("novelo repair"), "{}", done.stderr);
    let told: Value = serde_json::from_str(&succeeds(&["verify", "--archive", &half, "--json"], b"")).unwrap();
    assert_eq!(told["events"].to_string(), position, "what lies before is whole");
    assert!((200..800).contains(&told["events"].as_u64().unwrap()), "{told}");

    let ready = server.get("/readyz", &[]);
    let body = ready.json();
    assert_eq!((ready.status, &body["ready"], body["troubles"].as_array().unwrap().len()), (200, &json!(true), 1));
    let trouble = &body["troubles"][0];
    assert_eq!((&trouble["part"], &trouble["stops_events"]), (&json!("log"), &json!(false)));
    assert!(trouble["reason"].as_str().unwrap().contains(&format!("position {position}")), "{trouble}");
    assert!(trouble["since"].is_string());
    let log = log_of(&server);
    assert_eq!(log["writable"], true);
    assert!(log["trouble"].as_str().unwrap().contains(&format!("position {position}")), "{log}");
    assert!(
        has_sample(&server, "novelo_trouble{part=\"log\"} 1") && has_sample(&server, "novelo_trouble{part=\"keys\"} 0")
    );
    server.record_all(&[event(9_000)]);

    // An export gives what lies before, if that is asked for, and says so.
    server.stop();
    let whole = run(&["export", "--data", &data], b"");
    assert!(whole.code == Some(1) && whole.stderr.contains("position"), "{}", whole.stderr);
    let before = run(&["export", "--data", &data, "--damaged"], b"");
    assert_eq!((before.code, before.stdout.lines().count().to_string()), (Some(3), position), "{}", before.stderr);
    assert!(before.stderr.contains("nothing behind it was written"), "{}", before.stderr);

    // The half backup is one that can be gone on with, from a log that has the rest.
    let (new, more) = (place.text("new"), place.text("more"));
    let vault = place.text("data/vault");
    succeeds(&["restore", "--data", &new, "--from", &backup, "--keys", &vault], b"");
    fs::copy(place.path("data/master.key"), place.path("new/master.key")).unwrap();
    succeeds(&["backup", &half, "--data", &new], b"");
    succeeds(&["restore", "--data", &more, "--from", &half, "--keys", &vault], b"");
    let events = |folder: &str| succeeds(&["verify", "--json", "--data", folder], b"");
    assert_eq!(serde_json::from_str::<Value>(&events(&more)).unwrap()["events"], 2_000);
}

#[test]
fn an_archive_that_cannot_be_written_is_told_while_events_are_taken_until_it_can() {
    let place = Place::new();
    let mut command = novelo(&["serve", "--listen", "127.0.0.1:0", "--data", &place.text("data")]);
    command.args(["--archive", &place.text("share/archive")]);
    let server = Server::of(command);
    server.record_all(&(0..7).map(event).collect::<Vec<_>>());
    let ready = server.get("/readyz", &[]);
    let trouble = ready.json()["troubles"][0].take();
    assert_eq!((ready.status, &trouble["part"], &trouble["stops_events"]), (200, &json!("archive"), &json!(false)));
    assert!(trouble["reason"].as_str().unwrap().contains("share"), "{trouble}");
    let log = log_of(&server);
    assert!(log["writable"] == true && log["trouble"].as_str().unwrap().starts_with("archive: "), "{log}");
    for sample in ["novelo_trouble{part=\"archive\"} 1", "novelo_archive_failed 1", "novelo_archive_lag_events 7"] {
        assert!(has_sample(&server, sample), "{sample}");
    }
    until(|| !has_sample(&server, "novelo_archive_delay_seconds 0"), "the delay is told");
    fs::create_dir(place.path("share")).unwrap();
    until(|| has_sample(&server, "novelo_archive_lag_events 0"), "it goes on by itself");
    for sample in ["novelo_trouble{part=\"archive\"} 0", "novelo_archive_failed 0", "novelo_archive_delay_seconds 0"] {
        assert!(has_sample(&server, sample), "{sample}");
    }
    assert_eq!(server.get("/readyz", &[]).json()["troubles"], json!([]));
    assert_eq!(log_of(&server)["trouble"], Value::Null);
    // Where none is kept there is nothing to tell.
    assert!(!Server::new().get("/metrics", &[]).body.contains("novelo_archive_"));
}

#[test]
fn a_key_that_cannot_be_read_is_told_while_events_are_taken() {
    let place = Place::new();
    succeeds(&["import", "--data", &place.text("data"), "-"], &lines(0, 40));
    let path = place.path("data/vault/keys");
    let mut keys = fs::read(&path).unwrap();
    let third = keys.len() / 3;
    keys[third] ^= 1;
    fs::write(path, keys).unwrap();
    let verified = run(&["verify", "--data", &place.text("data")], b"");
    assert_eq!(verified.code, Some(1), "{}", verified.stdout);
    assert!(verified.stderr.contains("of the file vault/keys, from byte "), "{}", verified.stderr);
    let server = Server::at(&place.path("data"));
    let texts = json!({"query": "{ events(first: 40) { nodes { text } } }"}).to_string();
    let answer = server.post("/graphql", "application/json", texts.as_bytes()).json();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "INTERNAL", "{answer}");
    let ready = server.get("/readyz", &[]);
    let trouble = ready.json()["troubles"][0].take();
    assert_eq!((ready.status, &trouble["part"], &trouble["stops_events"]), (200, &json!("keys"), &json!(false)));
    assert!(trouble["reason"].as_str().unwrap().contains("restore the keys"), "{trouble}");
    assert!(has_sample(&server, "novelo_trouble{part=\"keys\"} 1"));
    assert!(log_of(&server)["trouble"].as_str().unwrap().starts_with("keys: "));
    server.record_all(&[event(9_000)]);
}
