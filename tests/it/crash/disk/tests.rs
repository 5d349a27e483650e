//! The rules of the disk, each by itself. The file system is used by another process, as always.

use std::path::Path;
use std::process::Command;

use super::{Cut, Disk, NamesReached, Nature, Reached, Tree};
use crate::crash::dice::Dice;

/// Runs a script on a disk, lets the power go, and shows what is left in a real folder.
fn left(script: &str, bytes: Reached, names: NamesReached, honest: bool) -> tempfile::TempDir {
    let how = Cut { bytes, names, dice: Dice::of(&[7]) };
    let disk = Disk::mount(&Tree::default(), &Nature { goes_before: None, how, honest });
    let done = Command::new("sh").args(["-ec", script]).current_dir(disk.path()).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let folder = tempfile::tempdir().unwrap();
    disk.left().tree.write(&folder.path().join("left"));
    folder
}

fn read(folder: &tempfile::TempDir, name: &str) -> Option<String> {
    std::fs::read_to_string(folder.path().join("left").join(name)).ok()
}

fn names(folder: &Path) -> usize {
    std::fs::read_dir(folder.join("left")).unwrap().count()
}

#[test]
fn what_is_synced_with_its_name_stays_and_the_rest_goes() {
    let script = "echo one > a; sync a; sync .; echo two >> a; echo three > b; sync b";
    let nothing = left(script, Reached::Nothing, NamesReached::Nothing, true);
    assert_eq!(read(&nothing, "a").as_deref(), Some("one\n"), "what was appended later was not synced");
    assert_eq!(read(&nothing, "b"), None, "a file's sync does not sync its name");
    let names_alone = left(script, Reached::Nothing, NamesReached::Everything, true);
    assert_eq!(read(&names_alone, "b").as_deref(), Some("three\n"));
    let everything = left(script, Reached::Everything, NamesReached::Everything, true);
    assert_eq!(read(&everything, "a").as_deref(), Some("one\ntwo\n"));
}

#[test]
fn a_sync_that_does_nothing_keeps_nothing() {
    let left = left("echo one > a; sync a; sync .", Reached::Nothing, NamesReached::Nothing, false);
    assert_eq!(names(left.path()), 0);
}

#[test]
fn a_rename_and_a_removal_are_undone_until_their_folder_is_synced() {
    let script = "echo old > a; echo gone > b; echo new > c; sync a b c; sync .; mv c a; rm b";
    let undone = left(script, Reached::Nothing, NamesReached::Nothing, true);
    let all = ["a", "b", "c"].map(|name| read(&undone, name).unwrap_or_default());
    assert_eq!(all, ["old\n", "gone\n", "new\n"]);
    let done = left(&format!("{script}; sync ."), Reached::Nothing, NamesReached::Nothing, true);
    assert_eq!((read(&done, "a").as_deref(), names(done.path())), (Some("new\n"), 1));
}

#[test]
fn unsynced_bytes_are_torn_at_sectors() {
    let script = "head -c 65536 /dev/zero | tr '\\0' x > a; sync .";
    let torn = read(&left(script, Reached::Torn, NamesReached::Nothing, true), "a").unwrap();
    let sectors: Vec<&[u8]> = torn.as_bytes().chunks(512).collect();
    assert!(
        sectors.iter().all(|sector| sector.iter().all(|byte| *byte == sector[0])),
        "a sector is whole or not there"
    );
    let kept = sectors.iter().filter(|sector| sector[0] == b'x').count();
    assert!((20..110).contains(&kept), "{kept} of 128 sectors are there");
}

#[test]
fn after_the_cut_nothing_can_be_written_or_synced() {
    let how = Cut { bytes: Reached::Everything, names: NamesReached::Everything, dice: Dice::of(&[7]) };
    let disk = Disk::mount(&Tree::default(), &Nature { goes_before: Some(3), how, honest: true });
    // Making the file and writing to it are two operations; the sync would be the third.
    let done = Command::new("sh").args(["-c", "echo one > a && sync a"]).current_dir(disk.path()).output().unwrap();
    assert!(!done.status.success() && disk.is_dead());
    let left = disk.left();
    assert_eq!((left.operations, left.syncs), (3, 0));
}
