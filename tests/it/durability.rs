//! What is acknowledged stays, whatever happens to the process and to the views.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use novelo::engine::{Novelo, Options};
use serde_json::{Value, json};

use crate::digest;
use crate::place::copy_folder;
use crate::program::{novelo, run, succeeds, without_settings};
use crate::server::Server;

/// An event of one of some customers.
pub(crate) fn event(number: u64) -> Value {
    let customer = number % 97;
    let kinds = [
        json!({"type": "novelo.contact.started", "data": {"channel": "voice", "contact": format!("c{}", number / 3)}}),
        json!({"type": "novelo.message.sent", "data": {"channel": "email", "direction": "inbound", "text": "olá",
            "contact": format!("c{}", number / 3), "identifiers": [format!("email:ana{customer}@example.com")]}}),
        json!({"type": "novelo.case.opened", "data": {"case": format!("k{}", number / 7), "protocol": format!("P{number}")}}),
        json!({"type": "novelo.feedback.given", "data": {"channel": "web", "feedback": "complaint", "text": "ruim"}}),
    ];
    let mut event = kinds[(number % 4) as usize].clone();
    let time = format!("2026-01-{:02}T12:00:00Z", 1 + number % 28);
    let map = event.as_object_mut().unwrap();
    map.insert("specversion".into(), "1.0".into());
    map.insert("id".into(), number.to_string().into());
    map.insert("source".into(), "test".into());
    map.insert("subject".into(), format!("crm:{customer}").into());
    map.insert("time".into(), time.into());
    event
}

pub(crate) fn lines(count: u64) -> Vec<u8> {
    (0..count).map(|number| format!("{}\n", event(number))).collect::<String>().into_bytes()
}

/// What is exported, but for when it was stored.
pub(crate) fn exported(data: &Path) -> Vec<Value> {
    let out = succeeds(&["export", "--data", data.to_str().unwrap()], b"");
    let without_time = |line: &str| {
        let mut event: Value = serde_json::from_str(line).unwrap();
        event.as_object_mut().unwrap().remove("novelorecordedat").unwrap();
        event
    };
    out.lines().map(without_time).collect()
}

#[test]
fn an_import_that_is_killed_five_times_and_run_again_is_as_one_that_was_not() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, killed, file) =
        (folder.path().join("whole"), folder.path().join("killed"), folder.path().join("in.ndjson"));
    fs::write(&file, lines(12_000)).unwrap();
    // Both have the same secret, so that the same identifiers give the same customers.
    succeeds(&["import", "--data", whole.to_str().unwrap(), "-"], b"");
    copy_folder(&whole, &killed);
    let file = file.to_str().unwrap();
    succeeds(&["import", "--data", whole.to_str().unwrap(), file], b"");

    let data = killed.to_str().unwrap();
    for after_ms in [60, 700, 150, 430, 260] {
        let mut child =
            novelo(&["import", "--data", data, file]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // The moment is meant to be any: nothing below depends on how far it came.
        std::thread::sleep(Duration::from_millis(after_ms));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let told: Value = serde_json::from_str(&succeeds(&["import", "--json", "--data", data, file], b"")).unwrap();
    assert_eq!(told["recorded"].as_u64().unwrap() + told["duplicates"].as_u64().unwrap(), 12_000, "{told}");
    let again: Value = serde_json::from_str(&succeeds(&["import", "--json", "--data", data, file], b"")).unwrap();
    assert_eq!((&again["recorded"], &again["duplicates"]), (&json!(0), &json!(12_000)));
    assert_eq!(exported(&killed), exported(&whole));
    assert_eq!(digest::of_folder(&killed), digest::of_folder(&whole));
    succeeds(&["verify", "--data", data], b"");
}

#[test]
fn without_its_views_a_store_gives_the_same_answers_and_so_after_a_replay() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    succeeds(&["import", "--data", data, "-"], &lines(3_000));
    let before = digest::of_folder(folder.path());
    fs::remove_dir_all(folder.path().join("views")).unwrap();
    assert_eq!(digest::of_folder(folder.path()), before);
    succeeds(&["replay", "--data", data], b"");
    assert_eq!(digest::of_folder(folder.path()), before);
    // Live: beside what is served and written meanwhile.
    let (novelo, _) = Novelo::open(Options::new(folder.path()), |_, _| {}).unwrap();
    novelo.rebuild(None).unwrap().wait().unwrap();
    assert_eq!(digest::of(&novelo), before);
}

#[test]
fn a_log_that_was_emptied_behind_the_stores_back_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    succeeds(&["import", "--data", data, "-"], &lines(500));
    {
        let log = folder.path().join("log");
        let db = sled::Config::new().path(log).open().unwrap();
        let trees: Vec<_> = db.tree_names().into_iter().filter(|name| **name != *b"__sled__default").collect();
        assert!(!trees.is_empty());
        trees.iter().for_each(|name| db.open_tree(name).unwrap().clear().unwrap());
        db.flush().unwrap();
    }
    for command in [&["serve", "--listen", "127.0.0.1:0", "--data", data][..], &["import", "--data", data, "-"]] {
        let done = run(command, b"");
        assert_eq!(done.code, Some(1), "{}", done.stderr);
        assert!(done.stderr.contains("500"), "it says up to where the log must reach: {}", done.stderr);
        assert!(done.stderr.contains("restore") || done.stderr.contains("backup"), "{}", done.stderr);
    }
}

#[test]
fn every_commit_is_a_successful_fsync_and_sync_file_range_never_succeeds() {
    const COMMITS: usize = 300;
    let folder = tempfile::tempdir().unwrap();
    let (data, counts) = (folder.path().join("data"), folder.path().join("counts"));
    let mut strace = without_settings("strace");
    strace.args(["-f", "-c", "-S", "name", "-e", "trace=fsync,fdatasync,sync_file_range", "-o"]).arg(&counts);
    strace.arg(env!("CARGO_BIN_EXE_novelo")).args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(&data);
    let server = Server::of(strace);
    for number in 0..COMMITS {
        let body = event(number as u64).to_string();
        let answer = server.post("/v1/events", "application/cloudevents+json", body.as_bytes());
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    // The traced process is the child of strace; strace ends with it.
    let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", server.process())).unwrap();
    let traced = children.split_whitespace().next().unwrap().to_owned();
    assert!(Command::new("kill").args(["-TERM", &traced]).status().unwrap().success());
    server.wait();
    let table = fs::read_to_string(&counts).unwrap();
    // % time, seconds, usecs/call, calls, errors (or nothing), syscall
    let count = |name: &str| {
        let line = table.lines().find(|line| line.split_whitespace().last() == Some(name));
        let numbers: Vec<usize> =
            line.into_iter().flat_map(str::split_whitespace).skip(3).filter_map(|word| word.parse().ok()).collect();
        (numbers.first().copied().unwrap_or(0), numbers.get(1).copied().unwrap_or(0))
    };
    let (fsyncs, failed) = count("fsync");
    assert!(fsyncs - failed >= COMMITS, "{table}");
    let (calls, failed) = count("sync_file_range");
    assert!(calls > 0 && calls == failed, "{table}");
}
