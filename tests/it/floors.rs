//! The house as it is written: every file under `src` against the rules.

mod rules;
mod text;

use std::fs;
use std::path::{Path, PathBuf};

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every file under `src` whose content is text: its path under `src`, and its text.
fn files() -> Vec<(String, String)> {
    let (mut files, mut folders) = (Vec::new(), vec![src()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                files.push((path.strip_prefix(src()).unwrap().to_str().unwrap().replace('\\', "/"), text));
            }
        }
    }
    files.sort();
    files
}

/// What breaks a rule in any of the files that `applies` to.
fn broken(applies: impl Fn(&str) -> bool, rule: impl Fn(&str, &str) -> Vec<String>) -> Vec<String> {
    let files = files();
    assert!(files.len() > 50, "only {} files were found under src", files.len());
    files.iter().filter(|(path, _)| applies(path)).flat_map(|(path, source)| rule(path, source)).collect()
}

fn is_rust(path: &str) -> bool {
    path.ends_with(".rs")
}

fn none_of(broken: &[String]) {
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

#[test]
fn a_room_imports_from_below_alone() {
    none_of(&broken(is_rust, rules::imports));
}

#[test]
fn sled_fjall_bincode_parquet_and_axum_stay_in_their_rooms() {
    none_of(&broken(is_rust, rules::confined));
}

#[test]
fn no_source_speaks_of_an_outside_address() {
    none_of(&broken(|_| true, rules::addresses));
}

#[test]
fn the_table_of_floors_is_that_of_the_map() {
    let map = fs::read_to_string(src().join("lib.rs")).unwrap();
    let rows: Vec<(String, u8)> = map.lines().filter_map(row).collect();
    assert!(rows.len() >= 12, "the map in src/lib.rs was not found: {rows:?}");
    for (room, floor) in rows {
        assert_eq!(rules::floor(&room), Some(floor), "{room}");
    }
}

/// A row of the map: ``//! | 1 | [`log`] | … |``.
fn row(line: &str) -> Option<(String, u8)> {
    let mut cells = line.strip_prefix("//! | ")?.split(" | ");
    let floor = cells.next()?.trim().parse().ok()?;
    let room = cells.next()?.trim().strip_prefix("[`")?.strip_suffix("`]")?;
    Some((room.to_owned(), floor))
}
