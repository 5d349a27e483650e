//! A flipped bit and a truncation in each stored file: never a panic, never answered wrongly or with less without saying so,
//! and what can be kept is kept. The table of all that was tried is printed.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use novelo::engine::{Novelo, Options};
use serde_json::{Value, json};

use crate::digest;
use crate::program::{Done, run, succeeds};

/// Events in the store that is damaged, in two sessions.
const EVENTS: u64 = 400;
const SEED: u64 = 20_260_105;
/// How long views may take to be mended.
const MENDS: Duration = Duration::from_secs(20);

/// Tables of the views that are waited for: those of the larger kind are written out early.
const MOST_TABLES: usize = 6;

/// What is done to a file.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Flip { byte: u64, bit: u8 },
    Truncate { to: u64 },
}

impl Fault {
    fn inflict(self, file: &Path) {
        match self {
            Self::Flip { byte, bit } => {
                let mut bytes = fs::read(file).unwrap();
                bytes[byte as usize] ^= 1 << bit;
                fs::write(file, bytes).unwrap();
            }
            Self::Truncate { to } => fs::File::options().write(true).open(file).unwrap().set_len(to).unwrap(),
        }
    }
}

/// A generator of numbers that are always the same (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}

/// The faults for a file: flips where something is written, and truncations.
fn faults(file: &Path, flips: usize, numbers: &mut Numbers) -> Vec<Fault> {
    let bytes = fs::read(file).unwrap();
    let length = bytes.len() as u64;
    let written: Vec<u64> = (0..length).filter(|at| bytes[*at as usize] != 0).collect();
    let mut faults = Vec::new();
    if !written.is_empty() {
        let any = |numbers: &mut Numbers| written[numbers.below(written.len() as u64) as usize];
        faults.extend((0..flips).map(|_| Fault::Flip { byte: any(numbers), bit: numbers.below(8) as u8 }));
    }
    let truncations = [0, length / 2, length.saturating_sub(1)];
    faults.extend(truncations.into_iter().filter(|to| *to < length).map(|to| Fault::Truncate { to }));
    faults
}

pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.file_type().unwrap().is_dir() {
            true => files.extend(files_below(&entry.path())),
            false => files.push(entry.path()),
        }
    }
    files.sort();
    files
}

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in files_below(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        // Journals are long and mostly empty: what is zero at the end is not written.
        let bytes = fs::read(&file).unwrap();
        let zeroes = [0; 1 << 16];
        let empty = bytes.rchunks_exact(zeroes.len()).take_while(|piece| **piece == zeroes).count();
        fs::write(&target, &bytes[..bytes.len() - empty * zeroes.len()]).unwrap();
        fs::File::options().write(true).open(&target).unwrap().set_len(bytes.len() as u64).unwrap();
        fs::set_permissions(&target, fs::metadata(&file).unwrap().permissions()).unwrap();
    }
}

pub(crate) fn lines(from: u64, until: u64) -> Vec<u8> {
    let event = |number: u64| {
        json!({"specversion": "1.0", "id": number.to_string(), "source": "test", "type": "novelo.message.sent",
            "subject": format!("crm:{}", number % 23), "time": format!("2026-01-{:02}T12:00:00Z", 1 + number % 28),
            "data": {"channel": "email", "direction": "inbound", "text": format!("{number} {}", "texto ".repeat(60))}})
    };
    (from..until).map(|number| format!("{}\n", event(number))).collect::<String>().into_bytes()
}

/// The store before any damage, and what it says.
struct Control {
    _folder: tempfile::TempDir,
    data: PathBuf,
    exported: String,
    digest: String,
}

impl Control {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let text = data.to_str().unwrap();
        succeeds(&["import", "--data", text, "-"], &lines(0, EVENTS / 2));
        succeeds(&["import", "--data", text, "-"], &lines(EVENTS / 2, EVENTS));
        let (exported, digest) = (succeeds(&["export", "--data", text], b""), digest::of_folder(&data));
        Self { _folder: folder, data, exported, digest }
    }

    /// Has the rows of the views in tables rather than in the journal.
    fn write_views_out(&self) {
        fs::remove_dir_all(self.data.join("views")).unwrap();
        let (novelo, _) = Novelo::open(small_tables(&self.data), |_, _| {}).unwrap();
        // The threads that write them out begin by themselves.
        let started = Instant::now();
        while tables(&self.data.join("views")) < MOST_TABLES && started.elapsed() < MENDS {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(digest::of(&novelo), self.digest);
    }

    /// A copy with a fault in one file.
    fn damaged(&self, file: &Path, fault: Fault) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        copy_folder(&self.data, &data);
        fault.inflict(&data.join(file));
        (folder, data)
    }

    /// The first events, as they are exported.
    fn first(&self, events: usize) -> String {
        self.exported.lines().take(events).map(|line| format!("{line}\n")).collect()
    }
}

/// How many files of tables there are, beside the database's own.
fn tables(views: &Path) -> usize {
    let in_table = |file: &&PathBuf| {
        let folder = file.parent().unwrap();
        folder.ends_with("tables") && !folder.ends_with("keyspaces/0/tables")
    };
    files_below(views).iter().filter(in_table).count()
}

fn small_tables(data: &Path) -> Options {
    let mut options = Options::new(data);
    options.views.table_buffer_bytes = 4 << 10;
    options
}

fn no_panic(done: &Done) {
    assert!(!done.stderr.contains("panicked"), "{}", done.stderr);
}

fn command(command: &str, data: &Path, more: &[&str]) -> Done {
    let done = run(&[&[command, "--data", data.to_str().unwrap()], more].concat(), b"");
    no_panic(&done);
    done
}

/// A line of the table.
fn row(file: &Path, fault: Fault, outcome: &str) {
    println!("| {} | {fault:?} | {outcome} |", file.display());
}

/// Repairs what is damaged and sends what was lost again; what was kept.
fn repair(control: &Control, data: &Path) -> String {
    let told = command("repair", data, &["--json"]);
    let told: Value = serde_json::from_str(&told.stdout).unwrap_or_else(|_| panic!("{}{}", told.stdout, told.stderr));
    assert_eq!(told["needed"], true, "{told}");
    let (whole, missing) = (told["whole_until"].as_u64().unwrap(), told["events_missing"].as_u64().unwrap());
    assert_eq!(whole + missing, EVENTS, "{told}");
    if missing > 0 {
        assert_eq!(command("repair", data, &["--apply"]).code, Some(1), "nothing is given up without being asked");
    }
    let done = command("repair", data, &["--accept-loss"]);
    assert_eq!(done.code, Some(if missing > 0 { 3 } else { 0 }), "{}{}", done.stdout, done.stderr);
    let exported = command("export", data, &[]);
    assert_eq!(exported.code, Some(0), "{}", exported.stderr);
    assert_eq!(exported.stdout, control.first(whole as usize), "what is kept is kept as it was");
    let verified = command("verify", data, &[]);
    assert_eq!(verified.code, Some(0), "{}", verified.stderr);
    assert_eq!(verified.stderr.contains("given up"), missing > 0, "a loss is remembered: {}", verified.stderr);
    let sent = succeeds(&["import", "--json", "--data", data.to_str().unwrap(), "-"], &lines(0, EVENTS));
    let sent: Value = serde_json::from_str(&sent).unwrap();
    assert_eq!(
        (&sent["recorded"], &sent["duplicates"]),
        (&json!(missing), &json!(whole)),
        "what was lost is sent again"
    );
    format!("repaired: {whole} of {EVENTS} events kept ({})", told["chunks_from"])
}

#[test]
fn a_damaged_file_of_the_log_is_named_and_what_is_whole_is_kept() {
    let control = Control::new();
    let (_folder, untouched) = control.damaged(Path::new("master.key"), Fault::Truncate { to: 65 });
    assert_eq!(command("export", &untouched, &[]).stdout, control.exported, "an undamaged copy is the same");
    assert_eq!(command("repair", &untouched, &[]).code, Some(0), "and needs no repair");
    println!("seed {SEED}");
    let mut numbers = Numbers(SEED);
    for file in files_below(&control.data.join("log")) {
        for (index, fault) in faults(&file, 3, &mut numbers).into_iter().enumerate() {
            let file = file.strip_prefix(&control.data).unwrap();
            let (_folder, data) = control.damaged(file, fault);
            // Every other time the views are gone as well, which would know how far the log went.
            if index % 2 == 1 {
                fs::remove_dir_all(data.join("views")).unwrap();
            }
            let verified = command("verify", &data, &[]);
            let exported = command("export", &data, &[]);
            assert!(control.exported.starts_with(&exported.stdout), "no event is left out or changed");
            if exported.code == Some(0) {
                assert_eq!(exported.stdout, control.exported, "nothing is missing silently");
            } else {
                assert!(exported.stderr.contains("log"), "{}", exported.stderr);
            }
            if verified.code == Some(0) {
                assert_eq!(exported.code, Some(0), "{}", exported.stderr);
                row(file, fault, "harmless: all there, verify passes");
                continue;
            }
            let before = exported.stdout.lines().count();
            let outcome = repair(&control, &data);
            row(file, fault, &format!("{}; exported before: {before}; {outcome}", verified.stderr.trim()));
        }
    }
}

#[test]
fn a_damaged_key_is_named_and_never_taken_for_none() {
    let control = Control::new();
    let mut numbers = Numbers(SEED);
    println!("seed {SEED}");
    let mut files: Vec<PathBuf> = files_below(&control.data.join("vault"));
    files.push(control.data.join("master.key"));
    for file in files {
        for (index, fault) in faults(&file, 3, &mut numbers).into_iter().enumerate() {
            let file = file.strip_prefix(&control.data).unwrap();
            let (_folder, data) = control.damaged(file, fault);
            if index % 2 == 0 {
                fs::remove_dir_all(data.join("views")).unwrap();
            }
            let exported = command("export", &data, &[]);
            if exported.code == Some(0) {
                assert_eq!(exported.stdout, control.exported, "nothing is missing silently");
                row(file, fault, "harmless: all there");
                continue;
            }
            assert!(control.exported.starts_with(&exported.stdout));
            let named = ["vault", "master.key"].iter().any(|name| exported.stderr.contains(name));
            assert!(named, "it says which file: {}", exported.stderr);
            // Sending more must not make a second key for somebody.
            let sent = run(&["import", "--data", data.to_str().unwrap(), "-"], &lines(EVENTS, EVENTS + 23));
            no_panic(&sent);
            row(file, fault, exported.stderr.trim());
            fs::copy(control.data.join(file), data.join(file)).unwrap();
            let exported = command("export", &data, &[]);
            assert_eq!(exported.code, Some(0), "with the file of before all is there: {}", exported.stderr);
            assert!(exported.stdout.starts_with(&control.exported));
        }
    }
}

#[test]
fn damaged_views_are_rebuilt() {
    let control = Control::new();
    control.write_views_out();
    let mut numbers = Numbers(SEED);
    println!("seed {SEED}");
    let files = files_below(&control.data.join("views"));
    let written = tables(&control.data.join("views"));
    // Some have been merged since.
    assert!(written >= MOST_TABLES / 2, "{written} tables are written out");
    // Every table has the same kinds of files: without `NOVELO_LONG` a sixth of those that are not rows is tried.
    let long = std::env::var_os("NOVELO_LONG").is_some();
    for (index, file) in files.iter().enumerate() {
        let all = faults(file, 1, &mut numbers);
        let in_tables = file.parent().unwrap().ends_with("tables");
        let of_keyspace = file.components().any(|part| part.as_os_str() == "keyspaces");
        if !long && of_keyspace && !in_tables && !index.is_multiple_of(6) {
            continue;
        }
        // A flip or one of the truncations each, more of the tables.
        let kept = all.iter().enumerate().filter(|(at, _)| (*at == 0 && in_tables) || *at == index % 4);
        for fault in kept.map(|(_, fault)| *fault).collect::<Vec<_>>() {
            let file = file.strip_prefix(&control.data).unwrap();
            let (_folder, data) = control.damaged(file, fault);
            let (novelo, opened) = Novelo::open(Options::new(&data), |_, _| {})
                .unwrap_or_else(|cause| panic!("{} {fault:?}: {cause}", file.display()));
            let started = Instant::now();
            let mut errors = 0;
            let found = loop {
                match digest::try_of(&novelo) {
                    Ok(found) => break found,
                    Err(cause) => {
                        errors += 1;
                        assert!(started.elapsed() < MENDS, "{} {fault:?}: {cause}", file.display());
                        std::thread::sleep(Duration::from_millis(10));
                    }
                }
            };
            assert_eq!(found, control.digest, "{} {fault:?}", file.display());
            let outcome = match (opened.caught_up, errors) {
                (0, 0) => "harmless: the same answers".into(),
                (0, _) => format!("found while reading, mended in {:?}; the same answers", started.elapsed()),
                (events, _) => format!("found when opened, {events} events applied again; the same answers"),
            };
            row(file, fault, &outcome);
        }
    }
}

#[test]
fn a_table_of_the_views_that_is_gone_is_not_taken_for_an_empty_one() {
    let control = Control::new();
    control.write_views_out();
    let more = lines(EVENTS, EVENTS + 23);
    let exported_then = {
        let (_folder, data) = control.damaged(Path::new("master.key"), Fault::Truncate { to: 65 });
        succeeds(&["import", "--data", data.to_str().unwrap(), "-"], &more);
        succeeds(&["export", "--data", data.to_str().unwrap()], b"").lines().count()
    };
    for table in fs::read_dir(control.data.join("views/keyspaces")).unwrap().map(|entry| entry.unwrap().path()) {
        for what in ["", "current"] {
            let gone = table.strip_prefix(&control.data).unwrap().join(what);
            let (_folder, data) = control.damaged(Path::new("master.key"), Fault::Truncate { to: 65 });
            match what {
                "" => fs::remove_dir_all(data.join(&gone)).unwrap(),
                _ => fs::remove_file(data.join(&gone)).unwrap(),
            }
            // Of those whom it knows already: nobody gets a second key.
            succeeds(&["import", "--data", data.to_str().unwrap(), "-"], &more);
            let exported = succeeds(&["export", "--data", data.to_str().unwrap()], b"");
            assert!(exported.starts_with(&control.exported), "{}", gone.display());
            assert_eq!(exported.lines().count(), exported_then, "{}", gone.display());
            let found = digest::of_folder(&data);
            fs::remove_dir_all(data.join("views")).unwrap();
            assert_eq!(found, digest::of_folder(&data), "{}", gone.display());
            println!("| {} | gone | the same answers |", gone.display());
        }
    }
}
