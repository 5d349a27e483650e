//! A disk that is full: every write gets a clear error, reads go on, and once there is room the store goes on by itself.

use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::small_disk::SmallDisk;
use crate::digest;
use crate::program::{run, succeeds};
use crate::server::{Answer, Server};

/// Events of one request: they go into one commit.
const EVENTS: u64 = 100;
const RECOVERS: Duration = Duration::from_secs(30);

fn text(id: u64) -> String {
    format!("{}{id}", "x".repeat(600))
}

/// The events of a request, each of a new subject.
fn request(number: u64) -> Vec<u8> {
    let event = |index: u64| {
        let id = number * EVENTS + index;
        json!({"specversion": "1.0", "id": id.to_string(), "source": "test", "type": "novelo.note.added",
            "subject": format!("crm:{id}"), "time": "2026-01-01T00:00:00Z", "data": {"text": text(id)}})
    };
    (0..EVENTS).map(|index| format!("{}\n", event(index))).collect::<String>().into_bytes()
}

fn send(server: &Server, number: u64) -> Answer {
    server.post("/v1/events", "application/x-ndjson", &request(number))
}

fn ids(data: &Path) -> HashSet<u64> {
    let exported = succeeds(&["export", "--data", data.to_str().unwrap()], b"");
    let id = |line: &str| {
        let event: Value = serde_json::from_str(line).unwrap();
        event["data"]["text"].as_str().unwrap().trim_start_matches('x').parse().unwrap()
    };
    let ids: Vec<u64> = exported.lines().map(id).collect();
    let distinct: HashSet<u64> = ids.iter().copied().collect();
    assert_eq!(distinct.len(), ids.len(), "no event is there twice");
    distinct
}

/// Asks for a customer who was there before.
fn reads(server: &Server) {
    let asked = "{ customer(by: {identifier: {kind: \"crm\", value: \"7\"}}) { timeline { nodes { text } } } }";
    let data = server.data(asked, json!({}));
    assert_eq!(data["customer"]["timeline"]["nodes"][0]["text"], text(7));
}

/// Sends requests until one is refused; which were acknowledged, and how the first was refused.
fn until_refused(server: &Server, numbers: &mut std::ops::RangeFrom<u64>, acknowledged: &mut Vec<u64>) -> Answer {
    for number in numbers.by_ref() {
        let answer = send(server, number);
        if answer.status != 200 {
            return answer;
        }
        acknowledged.push(number);
    }
    unreachable!()
}

fn a_full_disk_under(part: &str, left_kilobytes: u64) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let disk = SmallDisk::at(&data.join(part), 32);
    let server = Server::at(&data);
    let (mut numbers, mut acknowledged) = (0.., Vec::new());
    for number in numbers.by_ref().take(5) {
        assert_eq!(send(&server, number).status, 200);
        acknowledged.push(number);
    }
    server.sees("500");
    for round in 0..2 {
        disk.fill(left_kilobytes);
        let refused = until_refused(&server, &mut numbers, &mut acknowledged);
        assert_eq!(refused.status, 503, "{refused:?}");
        assert!(!refused.header("retry-after").is_empty());
        let error = &refused.json()["error"];
        assert_eq!(error["code"], "UNAVAILABLE");
        assert!(error["message"].as_str().unwrap().contains("space"), "it says why: {error}");
        // Until there is room all are refused, and what was there is read.
        for number in numbers.by_ref().take(10) {
            let answer = send(&server, number);
            assert_eq!(answer.status, 503, "{answer:?}");
            reads(&server);
        }
        let ready = server.get("/readyz", &[]);
        assert_eq!(ready.status, 503);
        assert_eq!(ready.json()["troubles"][0]["part"], if part == "vault" { "keys" } else { part });

        disk.free();
        let freed = Instant::now();
        // It says that it goes on whether somebody sends or not.
        while round == 1 && server.get("/readyz", &[]).status != 200 {
            assert!(freed.elapsed() < RECOVERS, "it goes on by itself");
            std::thread::sleep(Duration::from_millis(50));
        }
        loop {
            let number = numbers.next().unwrap();
            let answer = send(&server, number);
            if answer.status == 200 {
                acknowledged.push(number);
                break;
            }
            assert!(freed.elapsed() < RECOVERS, "it goes on by itself: {answer:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
        println!("{part}, round {round}: went on {:?} after room was made", freed.elapsed());
        assert_eq!(server.get("/readyz", &[]).status, 200);
        reads(&server);
    }
    let sent = numbers.next().unwrap();
    let (status, said) = server.stop();
    assert!(status.success());
    assert!(!said.contains("panicked"), "{said}");
    let stored = ids(&data);
    for number in 0..sent {
        let there = (number * EVENTS..(number + 1) * EVENTS).filter(|id| stored.contains(id)).count() as u64;
        assert!(there == 0 || there == EVENTS, "request {number} is there as a whole or not at all: {there}");
        assert!(there == EVENTS || !acknowledged.contains(&number), "request {number} was acknowledged");
    }
    succeeds(&["verify", "--data", data.to_str().unwrap()], b"");
    let before = digest::of_folder(&data);
    if part != "views" {
        std::fs::remove_dir_all(data.join("views")).unwrap();
    } else {
        std::fs::read_dir(data.join("views")).unwrap().for_each(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() { std::fs::remove_dir_all(path).unwrap() } else { std::fs::remove_file(path).unwrap() }
        });
    }
    assert_eq!(digest::of_folder(&data), before, "the views are those of a replay");
    // What was not acknowledged can be sent again, and is there once.
    let server = Server::at(&data);
    (0..sent).for_each(|number| assert_eq!(send(&server, number).status, 200));
    server.stop();
    assert_eq!(ids(&data).len() as u64, sent * EVENTS);
}

#[test]
fn a_full_disk_under_the_log() {
    a_full_disk_under("log", 700);
}

#[test]
fn a_full_disk_under_the_keys() {
    a_full_disk_under("vault", 20);
}

#[test]
fn a_full_disk_under_the_views() {
    a_full_disk_under("views", 300);
}

#[test]
fn a_full_disk_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let disk = SmallDisk::at(&folder.path().join("disk"), 48);
    let data = folder.path().join("disk").join("data");
    let server = Server::at(&data);
    assert_eq!(send(&server, 0).status, 200);
    server.stop();
    disk.fill(0);
    let done = run(&["serve", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()], b"");
    println!("{}", done.stderr);
    assert_eq!(done.code, Some(1), "{}", done.stderr);
    assert!(done.stderr.contains("space") && !done.stderr.contains("panicked"), "{}", done.stderr);
    disk.free();
    let server = Server::at(&data);
    reads(&server);
    assert_eq!(send(&server, 1).status, 200);
    server.stop();
    assert_eq!(ids(&data).len() as u64, 2 * EVENTS);
}
