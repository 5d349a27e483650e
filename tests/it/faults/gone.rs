//! The folder `log` is gone: that there was one is known, and how it comes back is said.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::damage::copy_folder;
use crate::digest;
use crate::durability::{exported, lines};
use crate::place::Place;
use crate::program::{run, succeeds};

/// A store of 90 events that is archived, and has lost its log; the digest of what it was.
fn without_a_log() -> (Place, String) {
    let place = Place::new();
    let data = place.text("data");
    succeeds(&["import", "--data", &data, "-"], &lines(90));
    succeeds(&["backup", &place.text("backup"), "--data", &data], b"");
    let before = digest::of_folder(&place.path("data"));
    fs::rename(place.path("data/log"), place.path("away")).unwrap();
    (place, before)
}

#[test]
fn a_log_that_is_gone_is_told_by_what_is_left_with_how_it_comes_back() {
    let (place, _) = without_a_log();
    let data = place.text("data");
    let commands: &[&[&str]] =
        &[&["serve", "--listen", "127.0.0.1:0"], &["import", "-"], &["export"], &["verify"], &["checkpoint"]];
    let told = |witness: &str| {
        for command in commands {
            let done = run(&[command, &["--data", &data][..]].concat(), &lines(1));
            assert_eq!(done.code, Some(1), "{command:?} {}", done.stderr);
            for words in
                ["the log of", "is gone", witness, "novelo repair", "--archive", "novelo restore", "Keep the folder"]
            {
                assert!(done.stderr.contains(words), "{command:?} {words}: {}", done.stderr);
            }
            assert!(!place.path("data/log").exists(), "{command:?} makes none");
        }
    };
    told("the keys and the notes in vault/known and the signed checkpoints tell of one with 90 events");
    let examined = run(&["repair", "--data", &data], b"");
    assert_eq!(examined.code, Some(3), "{}", examined.stderr);
    assert!(
        examined.stdout.contains("it is gone") && examined.stdout.contains("missing: 90 events"),
        "{}",
        examined.stdout
    );
    assert_eq!(run(&["repair", "--data", &data, "--accept-loss"], b"").code, Some(1), "nothing is made of nothing");
    // The keys can be brought to safety all the same.
    succeeds(&["backup-keys", &place.text("keys"), "--data", &data], b"");
    fs::remove_file(place.path("data/vault/known")).unwrap();
    fs::remove_dir_all(place.path("data/checkpoints")).unwrap();
    told("the keys tell");
    fs::rename(place.path("away"), place.path("data/log")).unwrap();
    succeeds(&["verify", "--data", &data], b"");
}

#[test]
fn a_log_that_is_gone_comes_back_from_an_archive() {
    let (place, before) = without_a_log();
    let (data, backup) = (place.text("data"), place.text("backup"));
    let told = succeeds(&["repair", "--data", &data, "--archive", &backup, "--apply", "--json"], b"");
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((&told["whole_until"], &told["done"], &told["kept_in"]), (&json!(90), &json!(true), &Value::Null));
    assert_eq!(digest::of_folder(&place.path("data")), before);
    succeeds(&["verify", "--data", &data], b"");
}

#[test]
fn a_first_start_that_was_cut_off_is_no_log_that_is_gone() {
    let place = Place::new();
    succeeds(&["import", "--data", &place.text("data"), "-"], b"");
    fs::remove_dir_all(place.path("data/log")).unwrap();
    fs::remove_file(place.path("data/vault/known")).ok();
    succeeds(&["import", "--data", &place.text("data"), "-"], &lines(3));
}

#[test]
fn a_log_that_is_older_than_what_was_signed_of_it_is_short() {
    let place = Place::new();
    let (data, backup) = (place.text("data"), place.text("backup"));
    succeeds(&["import", "--data", &data, "-"], &lines(40));
    copy_folder(&place.path("data"), &place.path("old"));
    succeeds(&["import", "--data", &data, "-"], &lines(90));
    succeeds(&["backup", &backup, "--data", &data], b"");
    // As after going back to a copy of the disk that holds everything but the keys and the checkpoints.
    for (kept, of) in [("checkpoints/checkpoints.ndjson", "old/checkpoints"), ("vault/keys", "old/vault")] {
        fs::copy(place.path("data").join(kept), place.path(of).join(Path::new(kept).file_name().unwrap())).unwrap();
    }
    fs::remove_dir_all(place.path("data")).unwrap();
    fs::rename(place.path("old"), place.path("data")).unwrap();
    let refused = run(&["verify", "--data", &data], b"");
    assert!(refused.code == Some(1) && refused.stderr.contains("novelo repair"), "{}", refused.stderr);
    let examined = run(&["repair", "--data", &data], b"");
    assert_eq!(examined.code, Some(3), "{}", examined.stdout);
    for words in ["it is shorter than it was", "missing: 50 events", "the signed checkpoints remember them"] {
        assert!(examined.stdout.contains(words), "{words}: {}", examined.stdout);
    }
    copy_folder(&place.path("data"), &place.path("lossy"));
    succeeds(&["repair", "--data", &data, "--archive", &backup, "--apply"], b"");
    assert_eq!(exported(&place.path("data")).len(), 90);
    succeeds(&["verify", "--data", &data], b"");
    let given_up = run(&["repair", "--data", &place.text("lossy"), "--accept-loss"], b"");
    assert!(given_up.code == Some(3) && given_up.stdout.contains("repaired"), "{}", given_up.stdout);
    succeeds(&["verify", "--data", &place.text("lossy")], b"");
}
