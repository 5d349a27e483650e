//! The log a second time: kept as an archive, backed up while it is served, and made a store again.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use novelo::engine::{Expect, Novelo, Options, Outcome};
use novelo::event::{Flat, Micros, SubjectId, Unfiled, Who};
use novelo::vault::{MasterKey, Slot, SlotIndex, Vault, VaultError};
use serde_json::{Value, json};

use crate::digest;
use crate::durability::{event, exported, lines};
use crate::place::Place;
use crate::program::{Done, novelo, run, succeeds};
use crate::server::Server;

impl Place {
    fn import(&self, count: u64) {
        succeeds(&["import", "--data", &self.text("data"), "-"], &lines(count));
    }

    fn serve(&self, archive: bool) -> Server {
        let mut command = novelo(&["serve", "--listen", "127.0.0.1:0", "--data", &self.text("data")]);
        if archive {
            command.args(["--archive", &self.text("archive")]);
        }
        Server::of(command)
    }

    fn back_up(&self) -> Value {
        json_of(&["backup", &self.text("backup"), "--data", &self.text("data"), "--json"])
    }

    fn back_keys_up(&self) {
        succeeds(&["backup-keys", &self.text("keys.backup"), "--data", &self.text("data")], b"");
    }

    /// Restores to a folder, with the keys and the master key; what it said.
    fn restore(&self, to: &str, from: &str, more: &[&str]) -> Value {
        let (to_path, from, keys) = (self.text(to), self.text(from), self.text("keys.backup"));
        let arguments = ["restore", "--data", &to_path, "--from", &from, "--keys", &keys, "--json"];
        let told = json_of(&[&arguments, more].concat());
        fs::copy(self.path("data/master.key"), self.path(to).join("master.key")).unwrap();
        told
    }

    /// Tries to restore, which must fail; what it said.
    fn does_not_restore(&self, from: &str, more: &[&str]) -> String {
        let (to, from) = (self.text("refused"), self.text(from));
        let done = run(&[&["restore", "--data", &to, "--from", &from], more].concat(), b"");
        assert_eq!(done.code, Some(1), "{}{}", done.stdout, done.stderr);
        done.stderr
    }

    fn restore_is_refused(&self, to: &str) -> bool {
        let done = run(&["restore", "--data", &self.text(to), "--from", &self.text("backup")], b"");
        done.code == Some(1) && done.stderr.contains("is not empty")
    }

    fn segments(&self, folder: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.path(folder)).unwrap().map(|entry| entry.unwrap().path());
        let mut segments: Vec<_> = entries.filter(|path| path.extension().is_some_and(|e| e == "segment")).collect();
        segments.sort();
        segments
    }
}

fn json_of(arguments: &[&str]) -> Value {
    serde_json::from_str(&succeeds(arguments, b"")).unwrap()
}

/// How many events an archive has, and the hash of its last chunk; its end may be cut off, while it is written or after a kill.
fn found(archive: &str) -> Option<(u64, String)> {
    let Done { code, stdout, .. } = run(&["verify", "--archive", archive, "--json"], b"");
    let told: Value = matches!(code, Some(0 | 3)).then(|| serde_json::from_str(&stdout).unwrap())?;
    Some((told["events"].as_u64().unwrap(), told["hash"].as_str().unwrap().to_owned()))
}

/// Waits until an archive has so many events.
fn archived(archive: &str, events: u64) {
    let began = Instant::now();
    while found(archive).is_none_or(|(have, _)| have < events) {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "the archive does not get {events} events: {:?}",
            found(archive)
        );
    }
}

fn record(server: &Server, numbers: std::ops::Range<u64>) {
    server.record_all(&numbers.map(event).collect::<Vec<_>>());
}

#[test]
fn the_archive_of_a_store_that_is_served_follows_and_goes_on_after_a_kill_and_is_a_store_again() {
    let place = Place::new();
    let server = place.serve(true);
    record(&server, 0..700);
    archived(&place.text("archive"), 700);
    record(&server, 700..900);
    drop(server); // Killed, whatever the archive has by now.
    let (before, _) = found(&place.text("archive")).unwrap();
    assert!((700..=900).contains(&before), "{before}");
    let server = place.serve(true);
    record(&server, 900..1000);
    let (status, said) = server.stop();
    assert!(status.success(), "{said}");
    // A store that is stopped in good order leaves nothing behind.
    let whole = json_of(&["verify", "--data", &place.text("data"), "--json"]);
    assert_eq!(found(&place.text("archive")), Some((1000, whole["hash"].as_str().unwrap().to_owned())));

    place.back_keys_up();
    let told = place.restore("new", "archive", &[]);
    assert_eq!((&told["through"], &told["hash"]), (&json!("1000"), &whole["hash"]));
    assert_eq!((&told["lost_keys"], &told["torn"]), (&json!(0), &Value::Null));
    let again = json_of(&["verify", "--data", &place.text("new"), "--json"]);
    assert_eq!((&again["events"], &again["chunks"], &again["hash"]), (&json!(1000), &whole["chunks"], &whole["hash"]));
    assert_eq!(digest::of_folder(&place.path("new")), digest::of_folder(&place.path("data")));
    // The restored store goes on, and so does its archive.
    let mut command = novelo(&["serve", "--listen", "127.0.0.1:0", "--data", &place.text("new")]);
    command.args(["--archive", &place.text("archive")]);
    let server = Server::of(command);
    record(&server, 1000..1010);
    server.stop();
    assert_eq!(found(&place.text("archive")).unwrap().0, 1010);
}

#[test]
fn a_backup_while_events_come_in_is_whole_up_to_a_position_and_goes_on_from_there() {
    let place = Place::new();
    let server = place.serve(false);
    let (url, backup) = (server.url(""), place.text("backup"));
    let empty = json_of(&["backup", &backup, "--from", &url, "--json"]);
    assert_eq!((&empty["added"], &empty["through"]), (&json!(0), &json!("0")));
    record(&server, 0..300);
    let done = AtomicBool::new(false);
    let told = std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let mut next = 300;
            while !done.load(Ordering::Relaxed) || next < 900 {
                record(&server, next..next + 50);
                next += 50;
            }
            next
        });
        let told: Vec<Value> = (0..4).map(|_| json_of(&["backup", &backup, "--from", &url, "--json"])).collect();
        done.store(true, Ordering::Relaxed);
        assert!(writing.join().unwrap() >= 900);
        told
    });
    let mut through = "0".to_owned();
    for told in told {
        assert_eq!(told["from"], through);
        through = told["through"].as_str().unwrap().to_owned();
    }
    assert!(through.parse::<u64>().unwrap() >= 300, "what was acknowledged before is in it");
    let last = json_of(&["backup", &backup, "--from", &url, "--json"]);
    place.back_keys_up();
    server.stop();
    let whole = json_of(&["verify", "--data", &place.text("data"), "--json"]);
    assert_eq!(last["hash"], whole["hash"]);
    assert_eq!(json_of(&["backup", &backup, "--data", &place.text("data"), "--json"])["added"], json!(0));
    place.restore("new", "backup", &[]);
    assert_eq!(digest::of_folder(&place.path("new")), digest::of_folder(&place.path("data")));
}

#[test]
fn a_store_is_restored_to_a_position_and_to_a_moment() {
    let place = Place::new();
    let server = place.serve(false);
    record(&server, 0..100);
    record(&server, 100..300);
    server.stop();
    let all = succeeds(&["export", "--data", &place.text("data")], b"");
    let events: Vec<Value> = all.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    place.back_up();
    place.back_keys_up();
    let told = place.restore("at", "backup", &["--to-position", "100"]);
    assert_eq!(told["through"], "100", "the commit ends there");
    assert_eq!(exported(&place.path("at")), exported(&place.path("data"))[..100]);
    let (inside, backup) = (place.text("inside"), place.text("backup"));
    let done = run(&["restore", "--json", "--data", &inside, "--from", &backup, "--to-position", "99"], b"");
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let told: Value = serde_json::from_str(&done.stdout).unwrap();
    let through: u64 = told["through"].as_str().unwrap().parse().unwrap();
    assert!(through < 99, "{told}");
    assert!(done.stderr.contains(&format!("the events from {through} to 98 are not restored")), "{}", done.stderr);
    let moment = events[99]["novelorecordedat"].as_str().unwrap();
    assert!(moment < events[100]["novelorecordedat"].as_str().unwrap());
    let told = place.restore("then", "backup", &["--to-time", moment]);
    assert_eq!((&told["through"], &told["recorded_at"]), (&json!("100"), &json!(moment)));
    assert_eq!(digest::of_folder(&place.path("then")), digest::of_folder(&place.path("at")));
    assert!(place.does_not_restore("backup", &["--to-position", "301"]).contains("ends at 300"));
}

#[test]
fn a_damaged_backup_is_not_cut_by_the_next_one_when_it_may_be_the_only_copy() {
    let place = Place::new();
    let server = place.serve(false);
    record(&server, 0..900);
    let backup = place.text("backup");
    let (url, arguments) = (server.url(""), ["backup", &backup, "--from"]);
    succeeds(&[&arguments[..], &[&url]].concat(), b"");
    let segment = place.segments("backup").pop().unwrap();
    let mut bytes = fs::read(&segment).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 8;
    fs::write(&segment, &bytes).unwrap();
    let done = run(&[&arguments[..], &[&url]].concat(), b"");
    assert_eq!(done.code, Some(1), "{}", done.stdout);
    for words in
        [segment.to_str().unwrap(), "damaged at position ", "Nothing was changed", "novelo backup DIR --data DATA"]
    {
        assert!(done.stderr.contains(words), "{}", done.stderr);
    }
    assert_eq!(fs::read(&segment).unwrap(), bytes);
    // Nor by one from a store that has less.
    succeeds(&["import", "--data", &place.text("young"), "-"], &lines(20));
    let done = run(&["backup", &backup, "--data", &place.text("young")], b"");
    assert_eq!((done.code, fs::read(&segment).unwrap()), (Some(1), bytes));
    server.stop();
    assert_eq!(place.back_up()["through"], "900");
}

#[test]
fn a_damaged_segment_is_named_with_file_and_position_and_what_lies_before_can_be_restored() {
    let place = Place::new();
    place.import(2_000);
    place.back_up();
    place.back_keys_up();
    let segment = place.segments("backup").pop().unwrap();
    let mut bytes = fs::read(&segment).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 8;
    fs::write(&segment, &bytes).unwrap();
    let done = run(&["verify", "--archive", &place.text("backup")], b"");
    fs::create_dir(place.path("refused")).unwrap();
    let said = place.does_not_restore("backup", &[]);
    assert_eq!((done.code, &done.stderr), (Some(1), &said));
    assert!(said.contains(segment.to_str().unwrap()), "{said}");
    let position = said.split("position ").nth(1).unwrap().split(':').next().unwrap();
    assert!((500..1500).contains(&position.parse::<u64>().unwrap()), "{said}");
    // Nothing takes what was left behind for a store.
    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["import", "-"], &["export"]] {
        let done = run(&[command, &["--data", &place.text("refused")]].concat(), b"");
        assert_eq!(done.code, Some(1));
        assert!(done.stderr.contains("restore") || done.stderr.contains("holds no store"), "{}", done.stderr);
    }
    // The next backup mends it, for the log is whole; what was found damaged is kept.
    let told = run(&["backup", &place.text("backup"), "--data", &place.text("data")], b"");
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(told.stderr.contains(segment.to_str().unwrap()) && told.stderr.contains(".damaged"), "{}", told.stderr);
    assert_eq!(fs::read(segment.with_extension("damaged")).unwrap(), bytes);
    assert_eq!(found(&place.text("backup")).unwrap().0, 2_000);
    place.restore("new", "backup", &[]);
    assert_eq!(digest::of_folder(&place.path("new")), digest::of_folder(&place.path("data")));
}

#[test]
fn a_backup_that_lost_its_end_is_not_called_whole_and_what_is_left_is_restored() {
    let place = Place::new();
    place.import(2_000);
    place.back_up();
    place.back_keys_up();
    let (backup, keys, new) = (place.text("backup"), place.text("keys.backup"), place.text("new"));
    let segment = place.segments("backup").pop().unwrap();
    let bytes = fs::read(&segment).unwrap();
    fs::write(&segment, &bytes[..bytes.len() / 2]).unwrap();
    let done = run(&["verify", "--archive", &backup], b"");
    assert_eq!(done.code, Some(3), "{}", done.stderr);
    assert!(done.stdout.starts_with("not whole: "), "{}", done.stdout);
    let torn = format!("novelo: {} ends in the middle of a chunk at position ", segment.display());
    assert!(done.stderr.contains(&torn) && done.stderr.contains("run the backup again"), "{}", done.stderr);
    let done = run(&["verify", "--archive", &backup, "--json"], b"");
    let told: Value = serde_json::from_str(&done.stdout).unwrap();
    let left = told["events"].as_u64().unwrap();
    assert!(0 < left && left < 2_000, "{told}");
    assert_eq!((done.code, &told["torn"]["position"]), (Some(3), &json!(left.to_string())));
    let done = run(&["restore", "--data", &new, "--from", &backup, "--keys", &keys], b"");
    assert_eq!(done.code, Some(3), "{}", done.stderr);
    assert!(done.stderr.contains(&torn), "{}", done.stderr);
    fs::copy(place.path("data/master.key"), place.path("new/master.key")).unwrap();
    assert_eq!(exported(&place.path("new")), exported(&place.path("data"))[..left as usize]);
    // The next backup has it all again.
    place.back_up();
    assert_eq!(json_of(&["verify", "--archive", &backup, "--json"])["torn"], Value::Null);
}

#[test]
fn the_keys_of_another_store_are_told_to_be_so() {
    let (place, other) = (Place::new(), Place::new());
    place.import(50);
    place.back_up();
    other.import(60);
    other.back_keys_up();
    for keys in [other.text("keys.backup"), other.text("data/vault")] {
        for more in [&["--keys", &keys][..], &["--keys", &keys, "--accept-missing-keys"]] {
            let said = place.does_not_restore("backup", more);
            assert!(said.contains("holds the keys of another store"), "{said}");
            assert!(!said.contains("--accept-missing-keys"), "{said}");
        }
    }
}

#[test]
fn keys_that_were_lost_are_told_and_take_no_backups_place() {
    let place = Place::new();
    place.import(50);
    place.back_keys_up();
    let (data, keys) = (place.text("data"), place.path("data/vault/keys"));
    let (backed_up, whole) = (fs::read(place.path("keys.backup")).unwrap(), fs::read(&keys).unwrap());
    let fails = |args: &[&str], told: &str| {
        let done = run(&[args, &["--data", &data]].concat(), b"");
        assert!(done.code == Some(1) && done.stderr.contains(told), "{args:?}: {:?} {}", done.code, done.stderr);
    };
    let backup = place.text("keys.backup");
    for left in [0, whole.len() / 2 / 96 * 96, whole.len() - 96] {
        fs::write(&keys, &whole[..left]).unwrap();
        fails(&["verify"], "keys, and there were");
        fails(&["backup-keys", &backup], "keys, and there were");
        fails(&["backup-keys", &place.text("new.backup")], "keys, and there were");
    }
    fs::remove_file(&keys).unwrap();
    fails(&["verify"], "holds 0 keys, and there were");
    // Nor when what was noted of them is lost with them.
    fs::write(&keys, &whole[..whole.len() - 96]).unwrap();
    fs::remove_file(place.path("data/vault/known")).unwrap();
    fails(&["backup-keys", &backup], "keys.backup holds keys that the store has lost since");
    assert_eq!(fs::read(place.path("keys.backup")).unwrap(), backed_up);
    assert!(!place.path("keys.backup.new").exists() && !place.path("new.backup").exists());
    fs::write(&keys, &whole).unwrap();
    place.back_keys_up();
    succeeds(&["verify", "--data", &data], b"");
    // What the subjects are derived from is wrapped by the master key.
    let installation = place.path("data/vault/installation");
    let mut bytes = fs::read(&installation).unwrap();
    bytes[30] ^= 1;
    fs::write(&installation, &bytes).unwrap();
    fails(&["verify"], "installation");
    fs::remove_file(&installation).unwrap();
    for args in [&["verify"][..], &["export"], &["replay"], &["backup-keys", &backup]] {
        fails(args, "vault/installation is not there, and the keys beside it are");
    }
    fs::write(&installation, &bytes).unwrap();
    fs::remove_file(place.path("data/master.key")).unwrap();
    let done = run(&["verify", "--data", &data], b"");
    assert!(done.code == Some(0) && done.stderr.contains("is not checked"), "{}", done.stderr);
}

#[test]
fn what_failed_takes_the_folders_away_that_it_made() {
    let place = Place::new();
    place.import(20);
    place.back_up();
    let (backup, deep) = (place.text("backup"), place.text("made/deep/new"));
    let done = run(&["restore", "--data", &deep, "--from", &backup, "--to-position", "9999"], b"");
    assert_eq!(done.code, Some(1), "{}", done.stderr);
    assert!(!place.path("made").exists());
    let done = run(&["backup", &place.text("from"), "--from", "http://127.0.0.1:9"], b"");
    assert_eq!(done.code, Some(1), "{}", done.stderr);
    assert!(!place.path("from").exists());
    // What was there stays.
    fs::create_dir(place.path("from")).unwrap();
    run(&["backup", &place.text("from"), "--from", "http://127.0.0.1:9"], b"");
    assert!(place.path("from").exists());
}

#[test]
fn a_restore_that_failed_or_was_killed_is_simply_run_again() {
    let place = Place::new();
    place.import(60);
    place.back_up();
    place.back_keys_up();
    // As one that was killed leaves it; and the master key that the operator has put there already.
    fs::create_dir_all(place.path("new/log.restoring")).unwrap();
    fs::create_dir_all(place.path("new/vault.restoring")).unwrap();
    fs::write(place.path("new/log.restoring/db"), "half").unwrap();
    fs::copy(place.path("data/master.key"), place.path("new/master.key")).unwrap();
    let refused = run(&["export", "--data", &place.text("new")], b"");
    assert!(refused.code == Some(1) && refused.stderr.contains("restore"), "{}", refused.stderr);
    // One that fails takes away what it made, and leaves the key.
    let (new, backup) = (place.text("new"), place.text("backup"));
    let fails = run(&["restore", "--data", &new, "--from", &backup, "--to-position", "9999"], b"");
    assert_eq!(fails.code, Some(1));
    let left: Vec<_> = fs::read_dir(&new).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(
        left.iter().all(|name| ["master.key", "lock", "log.restoring"].iter().any(|mine| name == mine)),
        "{left:?}"
    );
    assert_eq!(fs::read_dir(place.path("new/log.restoring")).unwrap().count(), 0, "a mark alone");
    assert_eq!(run(&["export", "--data", &new], b"").code, Some(1), "nobody makes a store there by mistake");
    assert_eq!(place.restore("new", "backup", &[])["through"], "60");
    assert_eq!(exported(&place.path("new")), exported(&place.path("data")));
    // What is a store is never taken for leavings.
    assert!(place.restore_is_refused("new"));
}

/// Every subject's slot, as a scan finds it.
struct Scanned(HashMap<SubjectId, Slot>);

impl SlotIndex for Scanned {
    fn slot(&self, subject: &SubjectId) -> Result<Option<Slot>, VaultError> {
        Ok(self.0.get(subject).copied())
    }
}

/// Destroys the key of the strand under which the first event of a store is filed.
fn erase_first(data: &Path) -> SubjectId {
    let master = MasterKey::load_or_create(&data.join("master.key"), false).unwrap().0;
    let vault = Vault::open(&data.join("vault"), &master).unwrap();
    let slots: HashMap<_, _> =
        vault.scan(Slot(0)).unwrap().map(|found| found.map(|f| (f.subject, f.slot)).unwrap()).collect();
    let first = slots.iter().min_by_key(|(_, slot)| slot.0).map(|(subject, _)| *subject).unwrap();
    assert!(vault.shred(&first, &Scanned(slots)).unwrap());
    first
}

/// Destroys the key of the strand of an identifier, as an erasure does; whether there was one.
pub(crate) fn erase(data: &Path, identifier: &str) -> bool {
    let server = Server::at(data);
    let (kind, value) = identifier.split_once(':').unwrap();
    let asked = "query($k: String!, $v: String!) { customer(by: {identifier: {kind: $k, value: $v}}) { id linked { subject identifiers { kind value } } } }";
    let answer = server.data(asked, json!({"k": kind, "v": value}));
    let known = json!([{"kind": kind, "value": value}]);
    let linked = answer["customer"]["linked"].as_array().unwrap();
    let strand = linked.iter().find(|strand| strand["identifiers"] == known);
    // A customer of one strand has its id.
    let subject = strand.map_or(&answer["customer"]["id"], |strand| &strand["subject"]).as_str().unwrap();
    server.stop();
    let master = MasterKey::load_or_create(&data.join("master.key"), false).unwrap().0;
    let vault = Vault::open(&data.join("vault"), &master).unwrap();
    let slots: HashMap<_, _> =
        vault.scan(Slot(0)).unwrap().map(|found| found.map(|f| (f.subject, f.slot)).unwrap()).collect();
    let erased = slots.keys().copied().find(|key| subject.contains(&key.to_string())).unwrap();
    vault.shred(&erased, &Scanned(slots)).unwrap()
}

fn note(id: &str, subject: &str) -> Value {
    crate::story::event(id, "note.added", subject, "10:00", json!({"text": format!("Segredo de {subject}")}))
}

/// Two customers with a note each, backed up with their keys; the first is erased after.
fn two_of_whom_one_is_erased() -> Place {
    let place = Place::new();
    let server = place.serve(false);
    server.record_all(&[note("1", "crm:1")]);
    server.record_all(&[note("2", "crm:2")]);
    server.stop();
    place.back_up();
    place.back_keys_up();
    place
}

/// Records that somebody was erased, as the store itself does: nobody outside can.
fn note_erasure(data: &Path, kind: &str, value: &str) {
    let novelo = Novelo::open(Options::new(data), |_, _| {}).unwrap().0;
    let flat = Flat {
        id: "3".into(),
        source: "novelo".into(),
        kind: "novelo.privacy.shredded".into(),
        subject: None,
        time: Some("2026-01-05T11:00:00Z".into()),
        data: json!({"request": "r-1"}).as_object().unwrap().clone(),
    };
    let of = novelo.filing().lookup(kind, value).unwrap().unwrap();
    let draft = Unfiled::read(flat).unwrap().file(Who::Known(vec![of]), Micros::now()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let outcomes = runtime.block_on(novelo.record(vec![draft], Expect::Each)).unwrap();
    assert!(matches!(outcomes.as_slice(), [Outcome::Recorded(_)]), "{outcomes:?}");
}

fn secrets(data: &Path) -> Vec<bool> {
    let text = succeeds(&["export", "--data", data.to_str().unwrap()], b"");
    ["Segredo de crm:1", "Segredo de crm:2"].iter().map(|secret| text.contains(secret)).collect()
}

#[test]
fn a_backup_from_before_an_erasure_does_not_bring_the_person_back_by_the_list_beside_the_keys() {
    let place = two_of_whom_one_is_erased();
    assert_eq!(secrets(&place.path("data")), [true, true]);
    erase_first(&place.path("data"));
    assert_eq!(secrets(&place.path("data")), [false, true]);
    let list = place.text("data/vault/destroyed");
    let told = place.restore("new", "backup", &["--destroyed", &list]);
    assert_eq!((&told["keys"], &told["lost_keys"]), (&json!({"live": 1, "destroyed": 1}), &json!(0)));
    assert_eq!(secrets(&place.path("new")), [false, true]);
    assert_eq!(digest::of_folder(&place.path("new")), digest::of_folder(&place.path("data")));
    // The restored store remembers: its own backup of the keys carries the list on.
    assert_eq!(fs::read(place.path("new/vault/destroyed")).unwrap(), fs::read(&list).unwrap());
    // A later backup of the keys needs no list beside it, and neither does the vault itself.
    place.back_keys_up();
    place.restore("later", "backup", &[]);
    assert_eq!(secrets(&place.path("later")), [false, true]);
    succeeds(
        &[
            "restore",
            "--data",
            &place.text("vault"),
            "--from",
            &place.text("backup"),
            "--keys",
            &place.text("data/vault"),
        ],
        b"",
    );
    fs::copy(place.path("data/master.key"), place.path("vault/master.key")).unwrap();
    assert_eq!(secrets(&place.path("vault")), [false, true]);
}

#[test]
fn an_older_file_of_the_keys_beside_the_list_brings_nobody_back() {
    let place = two_of_whom_one_is_erased();
    let data = place.text("data");
    let before = fs::read(place.path("data/vault/keys")).unwrap();
    erase_first(&place.path("data"));
    fs::write(place.path("data/vault/keys"), before).unwrap();
    let verified = run(&["verify", "--data", &data], b"");
    assert_eq!(verified.code, Some(3), "{}", verified.stderr);
    assert!(verified.stderr.contains("1 of the keys belong to persons who were erased"), "{}", verified.stderr);
    assert_eq!(secrets(&place.path("data")), [false, true]);
    succeeds(&["verify", "--data", &data], b"");
}

#[test]
fn a_list_of_those_erased_that_is_cut_off_is_told() {
    let place = two_of_whom_one_is_erased();
    erase_first(&place.path("data"));
    let list = place.path("data/vault/destroyed");
    let whole = fs::read(&list).unwrap();
    fs::write(&list, &whole[..whole.len() - 5]).unwrap();
    let (to, from, keys, list) =
        (place.text("new"), place.text("backup"), place.text("keys.backup"), list.display().to_string());
    let done = run(&["restore", "--data", &to, "--from", &from, "--keys", &keys, "--destroyed", &list], b"");
    assert_eq!(done.code, Some(3), "{}", done.stderr);
    for words in
        ["names 0 persons", "the list is cut off: behind its 0 whole entries are 43 bytes", "do not start this store"]
    {
        assert!(done.stderr.contains(words), "{words}: {}", done.stderr);
    }
}

#[test]
fn a_protocol_number_of_somebody_who_was_erased_finds_them_as_they_came_back() {
    let place = Place::new();
    let server = place.serve(false);
    let opened = |id: &str| {
        json!({"specversion": "1.0", "id": id, "source": "s", "type": "novelo.case.opened", "subject": "crm:1", "time": "2026-01-05T10:00:00Z",
            "data": {"case": "c", "protocol": "2026-1", "title": "Segredo"}})
    };
    server.record_all(&[opened("1")]);
    server.stop();
    assert!(erase(&place.path("data"), "crm:1"));
    let server = place.serve(false);
    server.records(&[opened("2")]);
    let found =
        server.data("{ customer(by: {protocol: \"2026-1\"}) { identifiers { value } totals { events } } }", json!({}));
    assert_eq!(found["customer"], json!({"identifiers": [{"value": "1"}], "totals": {"events": 1}}));
}

#[test]
fn an_erasure_that_the_events_tell_of_counts_even_where_the_restore_ends_before_it() {
    let place = two_of_whom_one_is_erased();
    note_erasure(&place.path("data"), "crm", "1");
    erase_first(&place.path("data"));
    place.back_up();
    for (to, more) in [("all", &[][..]), ("before", &["--to-position", "2"])] {
        let told = place.restore(to, "backup", more);
        assert_eq!(told["keys"]["destroyed"], 1, "{told}");
        assert_eq!(secrets(&place.path(to)), [false, true]);
    }
}

#[test]
fn strands_that_came_after_the_backup_of_the_keys_are_told_of_and_given_up_only_when_that_is_asked_for() {
    let place = Place::new();
    let server = place.serve(false);
    server.record_all(&[note("1", "crm:1")]);
    place.back_keys_up();
    server.record_all(&[note("2", "crm:2")]);
    server.stop();
    place.back_up();
    let keys = place.text("keys.backup");
    let said = place.does_not_restore("backup", &["--keys", &keys]);
    for words in
        ["1 strands have events and no key", "nobody was erased", "--accept-missing-keys", "Nothing was restored"]
    {
        assert!(said.contains(words), "{said}");
    }
    let told = place.restore("new", "backup", &["--accept-missing-keys"]);
    assert_eq!((&told["lost_keys"], &told["keys"]), (&json!(1), &json!({"live": 1, "destroyed": 0})));
    assert_eq!(secrets(&place.path("new")), [true, false]);
    succeeds(&["verify", "--data", &place.text("new")], b"");
}

#[test]
fn what_does_not_belong_together_is_refused_and_says_what_to_do() {
    let place = Place::new();
    place.import(50);
    place.back_up();
    let data = place.text("data");
    let refused = |arguments: &[&str], code: i32, words: &str| {
        let done = run(arguments, b"");
        assert_eq!(done.code, Some(code), "{arguments:?}: {}", done.stderr);
        assert!(done.stderr.contains(words), "{arguments:?}: {}", done.stderr);
    };
    // Keys and events apart, and neither inside the data folder.
    refused(&["backup-keys", &place.text("backup/keys"), "--data", &data], 2, "holds events");
    refused(&["backup-keys", &place.text("data/keys"), "--data", &data], 2, "lies in the data folder");
    refused(&["backup", &place.text("data/backup"), "--data", &data], 2, "lies in the data folder");
    fs::create_dir(place.path("safe")).unwrap();
    succeeds(&["backup-keys", &place.text("safe/keys"), "--data", &data], b"");
    refused(&["backup", &place.text("safe"), "--data", &data], 2, "holds keys");
    // A folder that is not empty, one without an archive, a file that is no backup of keys.
    refused(&["restore", "--data", &data, "--from", &place.text("backup")], 1, "is not empty");
    refused(&["restore", "--data", &place.text("a"), "--from", &place.text("safe")], 1, "holds no archive");
    let master = place.text("data/master.key");
    refused(
        &["restore", "--data", &place.text("b"), "--from", &place.text("backup"), "--keys", &master],
        1,
        "it does not begin as a backup of keys",
    );
    // Another log's archive; and a log that lost its tail.
    let other = Place::new();
    other.import(60);
    refused(&["backup", &place.text("backup"), "--data", &other.text("data")], 1, "another log");
    let serve = |data: &str| {
        run(&["serve", "--listen", "127.0.0.1:0", "--data", data, "--archive", &place.text("backup")], b"")
    };
    let done = serve(&other.text("data"));
    assert!(done.code == Some(1) && done.stderr.contains("another log"), "{}", done.stderr);
    let done = serve(&place.text("empty"));
    assert!(done.code == Some(1) && done.stderr.contains("novelo restore"), "{}", done.stderr);
    // A served store.
    let server = place.serve(false);
    refused(&["backup", &place.text("backup"), "--data", &data], 1, "--from URL");
    refused(&["backup", &other.text("backup"), "--from", "http://127.0.0.1:9"], 1, "is the server running?");
    let url = server.url("");
    assert_eq!(json_of(&["backup", &place.text("backup"), "--from", &url, "--json"])["added"], json!(0));
    let theirs = json_of(&["backup", &other.text("backup"), "--data", &other.text("data"), "--json"]);
    assert_eq!(theirs["added"], json!(60));
    refused(&["backup", &other.text("backup"), "--from", &url], 1, "does not give its log");
    assert_eq!(server.get("/v1/log?from=7&hash=xyz", &[]).status, 400);
    assert_eq!(server.get("/v1/log?from=51", &[]).status, 409);
}

#[test]
fn without_keys_the_events_are_restored_and_verified_and_no_new_keys_are_made_for_them() {
    let place = Place::new();
    place.import(50);
    place.back_up();
    let (to, from) = (place.text("new"), place.text("backup"));
    let said = run(&["restore", "--data", &to, "--from", &from], b"").stderr;
    assert!(said.contains("no keys were restored"), "{said}");
    succeeds(&["verify", "--data", &to], b"");
    let done = run(&["export", "--data", &to], b"");
    assert_eq!(done.code, Some(1));
    assert!(done.stderr.contains("holds a log and no keys"), "{}", done.stderr);
    assert!(!place.path("new/vault").exists() && !place.path("new/master.key").exists());
}

#[test]
fn an_archive_that_cannot_be_written_holds_nothing_up_and_is_caught_up_with_when_it_can() {
    let place = Place::new();
    fs::create_dir(place.path("share")).unwrap();
    let archive = place.text("share/archive");
    let mut command =
        novelo(&["serve", "--listen", "127.0.0.1:0", "--data", &place.text("data"), "--archive", &archive]);
    command.env("NOVELO_LOG_LEVEL", "info");
    let server = Server::of(command);
    record(&server, 0..100);
    archived(&archive, 100);
    // The share goes away: the store goes on.
    fs::rename(place.path("share"), place.path("gone")).unwrap();
    record(&server, 100..200);
    assert_eq!(server.get("/readyz", &[]).status, 200);
    // An empty folder in its place may be what lies below a disk that was unmounted: nothing is begun there.
    fs::create_dir(place.path("share")).unwrap();
    let reason = || {
        let ready = server.get("/readyz", &[]).json();
        ready["troubles"][0]["reason"].as_str().unwrap_or_default().to_owned()
    };
    let began = Instant::now();
    // Up to 100, or 200 where that went to files that were moved.
    let told = [100, 200].map(|position| {
        format!("does not hold the archive any more that was written there up to position {position};")
    });
    while !told.iter().any(|told| reason().contains(told)) {
        assert!(began.elapsed() < Duration::from_secs(60), "{}", reason());
        std::thread::sleep(Duration::from_millis(50));
    }
    // It is back: what is missing is written.
    fs::remove_dir(place.path("share")).unwrap();
    fs::rename(place.path("gone"), place.path("share")).unwrap();
    archived(&archive, 200);
    let (status, said) = server.stop();
    assert!(status.success(), "{said}");
    assert!(said.contains("the archive cannot be written") && said.contains("can be written again"), "{said}");
    // Where it is to be begun anew, a start says so, and does it.
    fs::remove_dir_all(place.path("share/archive")).unwrap();
    let mut command =
        novelo(&["serve", "--listen", "127.0.0.1:0", "--data", &place.text("data"), "--archive", &archive]);
    command.env("NOVELO_LOG_LEVEL", "info");
    let server = Server::of(command);
    archived(&archive, 200);
    assert!(server.stop().1.contains("the archive is empty and is written from the beginning"));
}
