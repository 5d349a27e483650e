//! The generator of synthetic events: what it makes is taken, and is the same every time.

#[path = "../../examples/world/mod.rs"]
mod world;

use std::collections::{BTreeMap, BTreeSet};

use novelo::event::Kind;
use serde_json::Value;

use crate::program::run;
use world::{Plan, World};

pub(crate) fn lines(seed: u64, events: u64) -> Vec<Vec<u8>> {
    World::new(Plan { seed, events, customers: 150 }).collect()
}

#[test]
fn a_world_is_taken_whole() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let done = run(&["import", "--data", data, "--json", "-"], &lines(1, 4_000).concat());
    assert_eq!(done.code, Some(0), "{}{}", done.stdout, done.stderr);
    let counts: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!((&counts["recorded"], &counts["duplicates"]), (&Value::from(4_000), &Value::from(0)), "{counts}");
}

#[test]
fn a_world_is_the_same_every_time_and_another_for_another_seed() {
    let once = lines(7, 1_000);
    assert_eq!(once.len(), 1_000);
    assert!(once == lines(7, 1_000));
    assert!(once != lines(8, 1_000));
}

#[test]
fn a_world_has_what_a_company_has() {
    let events: Vec<Value> = lines(3, 8_000).iter().map(|line| serde_json::from_slice(line).unwrap()).collect();
    let times = events.iter().map(|event| event["time"].as_str().unwrap());
    assert!(times.clone().min() > Some("2024-01-01") && times.max() < Some("2026-01-01"));
    let all = |field: &str| events.iter().filter_map(|event| event[field].as_str()).collect::<BTreeSet<_>>();
    let kinds: BTreeSet<String> = all("type").iter().map(|kind| kind.replace("novelo.", "")).collect();
    let known: BTreeSet<String> = Kind::ALL.iter().map(|info| info.name.to_owned()).collect();
    let left_out: Vec<&String> = known.difference(&kinds).collect();
    // What only a person or the store itself decides.
    let decided = [
        "identity.linked",
        "identity.unlinked",
        "note.unpinned",
        "privacy.held",
        "privacy.released",
        "privacy.shredded",
    ];
    assert_eq!(left_out, decided);
    let channels: BTreeSet<&str> = events.iter().filter_map(|event| event["data"]["channel"].as_str()).collect();
    assert!(channels.len() >= 15, "{channels:?}");
    let texts: Vec<usize> =
        events.iter().filter_map(|event| event["data"]["text"].as_str()).map(|text| text.chars().count()).collect();
    let mean = texts.iter().sum::<usize>() / texts.len();
    assert!((60..200).contains(&mean) && texts.iter().all(|length| (8..=420).contains(length)), "{mean}");
    let mut busy: BTreeMap<&str, usize> = BTreeMap::new();
    for event in &events {
        *busy.entry(event["subject"].as_str().unwrap_or_default()).or_default() += 1;
    }
    let most = busy.iter().filter(|(subject, _)| !subject.is_empty()).map(|(_, count)| *count).max().unwrap();
    assert!(most > 4 * events.len() / busy.len(), "{most} of {}", busy.len());
}
