//! What was signed of the log, and what is proven by it.

use std::fs;

use serde_json::{Value, json};

use crate::durability::{event, lines};
use crate::place::{Place, copy_folder};
use crate::program::{novelo, run, succeeds};
use crate::server::Server;

/// What is changed, how, and what is said of it.
type Change<'a> = (&'a str, &'a dyn Fn(&mut Value), &'a str);

impl Place {
    /// A store of so many events, and its public key in a file.
    fn with_events(count: u64) -> Self {
        let place = Self::new();
        succeeds(&["import", "--data", &place.text("data"), "-"], &lines(count));
        place.write_key();
        place
    }

    fn write_key(&self) {
        let key = succeeds(&["checkpoint", "--public-key", "--data", &self.text("data")], b"");
        assert_eq!(key.trim().len(), 64);
        fs::write(self.path("key"), key).unwrap();
    }

    fn checkpoints(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path("data/checkpoints/checkpoints.ndjson")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What `verify --proof` says of a proof: its exit code and its words.
    fn judged(&self, proof: &Value) -> (Option<i32>, String) {
        fs::write(self.path("proof"), proof.to_string()).unwrap();
        // In a folder of its own and without any setting: nothing but the proof and the key.
        let done = run(&["verify", "--proof", &self.text("proof"), "--public-key", &self.text("key"), "--json"], b"");
        (done.code, done.stdout + &done.stderr)
    }

    fn proof(&self, position: u64) -> Value {
        let position = position.to_string();
        serde_json::from_str(&succeeds(&["prove", &position, "--data", &self.text("data")], b"")).unwrap()
    }

    fn verified(&self, more: &[&str]) -> crate::program::Done {
        run(&[&["verify", "--json", "--data", &self.text("data")], more].concat(), b"")
    }
}

#[test]
fn an_event_is_proven_with_the_public_key_alone() {
    let place = Place::with_events(3_000);
    let proofs: Vec<Value> = [0, 1, 7, 1_500, 2_998, 2_999].map(|position| place.proof(position)).into();
    let sealed = succeeds(&["export", "--sealed", "--data", &place.text("data")], b"");
    let sealed: Vec<Value> = sealed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    fs::remove_dir_all(place.path("data")).unwrap();
    for (proof, position) in proofs.iter().zip([0_usize, 1, 7, 1_500, 2_998, 2_999]) {
        let (code, said) = place.judged(proof);
        assert_eq!(code, Some(0), "{said}");
        let told: Value = serde_json::from_str(&said).unwrap();
        assert_eq!((&told["position"], &told["through"]), (&json!(position.to_string()), &json!("3000")));
        assert!(
            sealed[position].to_string().contains(proof["record"].as_str().unwrap()),
            "the record is the stored one"
        );
        // 3,000 events are some hundreds of chunks.
        assert!(proof["path"].as_array().unwrap().len() <= 11, "{}", proof["path"]);
    }
}

#[test]
fn whatever_is_changed_in_a_proof_is_refused_with_the_step_that_does_not_hold() {
    let place = Place::with_events(400);
    let proof = place.proof(123);
    let other = place.proof(124);
    let changes: &[Change<'_>] = &[
        ("the record", &|p| p["record"] = other["record"].clone(), "does not have the hash"),
        ("its hash", &|p| p["record_hash"] = other["record_hash"].clone(), "does not have the hash"),
        ("the position", &|p| p["position"] = json!("124"), "at this position"),
        ("the moment", &|p| p["chunk"]["recorded_at"] = json!("2020-01-01T00:00:00Z"), "does not lead"),
        ("the number", &|p| p["index"] = json!("1"), "does not lead"),
        ("the path", &|p| drop(p["path"].as_array_mut().unwrap().pop()), "does not lead"),
        ("the root", &|p| p["checkpoint"]["root"] = p["path"][0].clone(), "signature"),
        ("the signed time", &|p| p["checkpoint"]["at"] = json!("2020-01-01T00:00:00Z"), "signature"),
        ("a number's form", &|p| p["index"] = json!("01"), "not written as one"),
        ("a field more", &|p| p["more"] = json!(1), "unknown field"),
    ];
    for (what, change, words) in changes {
        let mut changed = proof.clone();
        change(&mut changed);
        let (code, said) = place.judged(&changed);
        assert!(code == Some(1) && said.contains("refused") && said.contains(words), "{what}: {said}");
    }
    // Without the record both it and its hash may be somebody else's: then the chunk does not have it.
    let mut changed = proof.clone();
    (changed["record"], changed["record_hash"]) = (other["record"].clone(), other["record_hash"].clone());
    assert!(place.judged(&changed).1.contains("at this position"));
    // Another store's key.
    let theirs = Place::with_events(1);
    fs::copy(theirs.path("key"), place.path("key")).unwrap();
    let (code, said) = place.judged(&proof);
    assert!(code == Some(1) && said.contains("another key"), "{said}");
    fs::write(place.path("key"), "no key").unwrap();
    assert_eq!(place.judged(&proof).0, Some(2));
}

#[test]
fn a_served_store_signs_by_itself_on_demand_and_when_it_stops() {
    let place = Place::new();
    let mut command = novelo(&["serve", "--listen", "127.0.0.1:0", "--data", &place.text("data")]);
    command.env("NOVELO_CHECKPOINT_EVENTS", "2000");
    let server = Server::of(command);
    let url = server.url("");
    assert_eq!(server.get("/v1/checkpoint", &[]).status, 404);
    let done = run(&["checkpoint", "--from", &url], b"");
    assert!(done.code == Some(1) && done.stderr.contains("nothing was signed yet"), "{}", done.stderr);
    for from in (0..5_000).step_by(500) {
        server.record_all(&(from..from + 500).map(event).collect::<Vec<_>>());
    }
    let now: Value = serde_json::from_str(&succeeds(&["checkpoint", "--from", &url], b"")).unwrap();
    assert_eq!(now["position"], "5000");
    assert_eq!(server.get("/v1/checkpoint", &[]).json(), now);
    assert_eq!(server.data("{ log { lastCheckpointAt } }", json!({}))["log"]["lastCheckpointAt"], now["at"]);
    place.write_key();
    let proof: Value = serde_json::from_str(&succeeds(&["prove", "4321", "--from", &url], b"")).unwrap();
    assert_eq!((&proof["checkpoint"], place.judged(&proof).0), (&now, Some(0)));
    let bare: Value =
        serde_json::from_str(&succeeds(&["prove", "4", "--from", &url, "--without-record"], b"")).unwrap();
    assert_eq!((bare.get("record"), place.judged(&bare).0), (None, Some(0)));
    let done = run(&["prove", "5000", "--from", &url], b"");
    assert!(done.code == Some(1) && done.stderr.contains("no event at position 5000"), "{}", done.stderr);
    assert!(!done.stderr.contains('{'), "what the server says is told in words: {}", done.stderr);
    for (asked, told) in [
        ("/v1/proof?position=x", "position: is no position: a whole number from 0 on"),
        ("/v1/proof?position=1&record=perhaps", "record: is neither true nor false"),
        ("/v1/log?from=abc", "from: is no position: a whole number from 0 on"),
    ] {
        let answer = server.get(asked, &[]);
        assert!(answer.status == 400 && answer.body.contains(told), "{asked}: {answer:?}");
    }
    let done = run(&["prove", "4", "--data", &place.text("data")], b"");
    assert!(done.code == Some(1) && done.stderr.contains("--from URL"), "{}", done.stderr);
    server.record_all(&[event(5_000)]);
    server.stop();
    let checkpoints = place.checkpoints();
    assert_eq!(checkpoints.last().unwrap()["position"], "5001", "it signs when it stops");
    assert!(
        checkpoints.iter().any(|checkpoint| checkpoint["position"].as_str().unwrap().parse::<u64>().unwrap() < 5_000)
    );
    let told: Value = serde_json::from_str(&place.verified(&["--public-key", &place.text("key")]).stdout).unwrap();
    assert_eq!((&told["events"], &told["checkpoints"]), (&json!(5_001), &json!(checkpoints.len())));
    // Nothing new, nothing signed.
    succeeds(&["export", "--data", &place.text("data")], b"");
    assert_eq!(place.checkpoints(), checkpoints);
}

#[test]
fn a_log_that_was_rewritten_is_noticed_though_its_own_chain_is_whole() {
    let place = Place::with_events(500);
    let other = Place::with_events(500);
    fs::remove_dir_all(place.path("data/log")).unwrap();
    copy_folder(&other.path("data/log"), &place.path("data/log"));
    // The note of how far the log was would tell as well.
    fs::remove_file(place.path("data/vault/known")).unwrap();
    let done = place.verified(&[]);
    assert!(done.code == Some(1) && done.stderr.contains("not what was signed"), "{}", done.stderr);
    fs::remove_dir_all(place.path("data/views")).unwrap();
    let done = run(&["export", "--data", &place.text("data")], b"");
    assert!(done.code == Some(1) && done.stderr.contains("signed checkpoints"), "{}", done.stderr);
    // With its own checkpoints as well it is a store of its own, but not the one that the auditor has the key of.
    fs::remove_dir_all(place.path("data/checkpoints")).unwrap();
    copy_folder(&other.path("data/checkpoints"), &place.path("data/checkpoints"));
    assert_eq!(place.verified(&[]).code, Some(0));
    let done = place.verified(&["--public-key", &place.text("key")]);
    assert!(done.code == Some(1) && done.stderr.contains("another key"), "{}", done.stderr);
}

#[test]
fn a_log_that_lost_its_tail_is_refused_by_what_was_signed_even_without_views() {
    let place = Place::with_events(500);
    succeeds(&["backup", &place.text("backup"), "--data", &place.text("data")], b"");
    succeeds(&["backup-keys", &place.text("keys"), "--data", &place.text("data")], b"");
    let (new, backup, keys) = (place.text("new"), place.text("backup"), place.text("keys"));
    succeeds(&["restore", "--data", &new, "--from", &backup, "--keys", &keys, "--to-position", "300"], b"");
    fs::copy(place.path("data/master.key"), place.path("new/master.key")).unwrap();
    // A store that was restored to an earlier position signs with the same key, from there on.
    succeeds(&["checkpoint", "--data", &new], b"");
    assert_eq!(
        succeeds(&["checkpoint", "--public-key", "--data", &new], b""),
        fs::read_to_string(place.path("key")).unwrap()
    );
    fs::remove_dir_all(place.path("data/log")).unwrap();
    fs::remove_dir_all(place.path("data/views")).unwrap();
    fs::remove_file(place.path("data/vault/known")).unwrap();
    copy_folder(&place.path("new/log"), &place.path("data/log"));
    for command in ["export", "verify", "checkpoint"] {
        let done = run(&[command, "--data", &place.text("data")], b"");
        assert!(
            done.code == Some(1) && done.stderr.contains("signed checkpoints remember it up to 500"),
            "{}",
            done.stderr
        );
    }
}

#[test]
fn a_checkpoint_that_was_changed_is_named_by_its_line() {
    let place = Place::with_events(50);
    let file = place.path("data/checkpoints/checkpoints.ndjson");
    let text = fs::read_to_string(&file).unwrap();
    let root = place.checkpoints()[0]["root"].as_str().unwrap().to_owned();
    fs::write(&file, text.replace(&root, &root.chars().rev().collect::<String>())).unwrap();
    let done = place.verified(&[]);
    assert!(
        done.code == Some(1) && done.stderr.contains("signature of the checkpoint at position 50"),
        "{}",
        done.stderr
    );
    fs::write(&file, text.replace("\"position\"", "\"postition\"")).unwrap();
    let done = place.verified(&[]);
    assert!(done.code == Some(1) && done.stderr.contains("line 1"), "{}", done.stderr);
}
