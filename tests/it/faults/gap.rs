//! A gap in the log: what is lost, and what can be read behind it, are told apart.

use std::fs;

use serde_json::{Value, json};

use super::told::{damage, store_and_backup};
use crate::place::Place;
use crate::program::{Done, run};

fn repair(place: &Place, more: &[&str]) -> Done {
    run(&[&["repair", "--data", &place.text("data")], more].concat(), b"")
}

fn examined(place: &Place, more: &[&str]) -> Value {
    let done = repair(place, &[&["--json"], more].concat());
    serde_json::from_str(&done.stdout).unwrap_or_else(|_| panic!("{}{}", done.stdout, done.stderr))
}

/// A store of 2,000 events with a gap, and a backup of it.
fn with_a_gap() -> Place {
    let place = Place::new();
    store_and_backup(&place.text("data"), &place.text("backup"));
    damage(&place.path("data"), &place.path("backup"));
    place
}

#[test]
fn what_is_lost_and_what_can_be_read_behind_a_gap_are_told_apart() {
    let place = with_a_gap();
    let told = examined(&place, &[]);
    let number = |name: &str| told[name].as_u64().unwrap();
    let (whole, missing, behind) = (number("whole_until"), number("events_missing"), number("events_readable_behind"));
    assert_eq!(whole + missing, 2_000, "{told}");
    let lost = missing - behind;
    assert!((1..40).contains(&lost), "a chunk or a few are lost: {told}");
    let said = repair(&place, &[]).stdout;
    for words in
        [format!("missing: {missing} events"), format!("lost:    {lost} of them"), format!("behind:  {behind} can")]
    {
        assert!(said.contains(&words), "{said}");
    }
    assert!(said.contains("--accept-loss"), "{said}");
    let refused = repair(&place, &["--apply"]);
    assert_eq!(refused.code, Some(1));
    assert!(!refused.stdout.contains("--apply"), "nobody is told to do what was just tried: {}", refused.stdout);
    assert!(refused.stderr.contains("--archive"), "{}", refused.stderr);
    let filled = examined(&place, &["--archive", &place.text("backup")]);
    assert_eq!((&filled["events_missing"], &filled["events_readable_behind"]), (&json!(0), &json!(0)), "{filled}");
    assert_eq!(repair(&place, &["--archive", &place.text("backup"), "--apply"]).code, Some(0));
    assert!(examined(&place, &[])["needed"] == false);
}

#[test]
fn what_lies_behind_a_gap_is_not_given_up_unasked_where_nobody_remembers_it() {
    let place = with_a_gap();
    fs::remove_dir_all(place.path("data/views")).unwrap();
    fs::remove_file(place.path("data/vault/known")).unwrap();
    let told = examined(&place, &[]);
    assert!(told["events_missing"].as_u64().unwrap() > 1_000, "{told}");
    assert_eq!(repair(&place, &["--apply"]).code, Some(1));
}
