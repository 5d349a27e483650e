//! Keys that are backed up and restored.

use super::super::store::tests_support::{ANA, RUI, Scanned, live, master, open};
use super::*;
use crate::event::EventId;
use crate::vault::{KeyState, Vault};

const EVA: SubjectId = SubjectId([3; 16]);
const EVENT: EventId = EventId([3; 16]);

struct World {
    folder: tempfile::TempDir,
    vault: Vault,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let vault = open(&folder.path().join("vault"));
        vault.create(&[ANA, RUI], &Scanned::of(&vault)).unwrap();
        Self { folder, vault }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("keys.backup")
    }

    fn backup(&self) -> KeysCount {
        backup_keys(&self.folder.path().join("vault"), &self.file()).unwrap()
    }

    fn restored(&self, destroyed: &[(SubjectId, Micros)], lost: &[SubjectId]) -> (Vault, KeysCount) {
        let folder = tempfile::tempdir_in(self.folder.path()).unwrap().keep();
        let backup = KeysBackup::open(&self.file()).unwrap();
        let (destroyed, lost) = (destroyed.iter().copied().collect(), lost.iter().copied().collect());
        let count = backup.restore(&folder, &destroyed, &lost).unwrap();
        (Vault::open(&folder, &master("0f")).unwrap(), count)
    }
}

fn state(vault: &Vault, subject: &SubjectId) -> &'static str {
    match vault.key(subject, &Scanned::of(vault)).unwrap() {
        KeyState::Live(_) => "live",
        KeyState::Destroyed => "destroyed",
        KeyState::Unknown => "unknown",
    }
}

#[test]
fn restored_keys_open_what_was_sealed_and_the_secret_is_the_same() {
    let world = World::new();
    let sealed = live(&world.vault, &ANA, &Scanned::of(&world.vault)).seal(&EVENT, &ANA, b"x".to_vec());
    assert_eq!(world.backup(), KeysCount { keys: 2, destroyed: 0 });
    let (vault, count) = world.restored(&[], &[]);
    assert_eq!(count.keys, 2);
    assert_eq!(live(&vault, &ANA, &Scanned::of(&vault)).open(&EVENT, &ANA, &sealed).unwrap(), b"x");
    assert_eq!(vault.secret().derive("a").as_bytes(), world.vault.secret().derive("a").as_bytes());
}

#[test]
fn whoever_was_destroyed_before_or_since_does_not_come_back() {
    let world = World::new();
    world.vault.create(&[EVA], &Scanned::of(&world.vault)).unwrap();
    world.vault.shred(&ANA, &Scanned::of(&world.vault)).unwrap();
    assert_eq!(world.backup(), KeysCount { keys: 2, destroyed: 1 });
    let (vault, count) = world.restored(&[(RUI, Micros(5))], &[]);
    assert_eq!(count, KeysCount { keys: 1, destroyed: 2 });
    assert_eq!([ANA, RUI, EVA].map(|subject| state(&vault, &subject)), ["destroyed", "destroyed", "live"]);
}

#[test]
fn the_list_of_the_live_vault_is_merged_and_carried_on() {
    let world = World::new();
    world.backup();
    world.vault.shred(&ANA, &Scanned::of(&world.vault)).unwrap();
    let since = read_destroyed(&world);
    assert_eq!(since.len(), 1);
    let (vault, _) = world.restored(&[(since[0].subject, since[0].at)], &[]);
    assert_eq!(state(&vault, &ANA), "destroyed");
    assert_eq!(vault.destroyed().unwrap(), since);
}

fn read_destroyed(world: &World) -> Vec<Destroyed> {
    destroyed::read_destroyed(&world.folder.path().join("vault/destroyed")).unwrap().0
}

#[test]
fn subjects_without_a_key_never_get_another() {
    let world = World::new();
    world.backup();
    let (vault, count) = world.restored(&[(EVA, Micros(1))], &[SubjectId([9; 16])]);
    assert_eq!(count, KeysCount { keys: 2, destroyed: 1 });
    assert_eq!(state(&vault, &SubjectId([9; 16])), "destroyed");
    assert_eq!(vault.destroyed().unwrap().len(), 1, "a lost key is no erasure");
    vault.create(&[EVA, SubjectId([9; 16])], &Scanned::of(&vault)).unwrap();
    assert_eq!(state(&vault, &EVA), "destroyed");
}

#[test]
fn a_backup_holds_no_key_in_the_plain_and_only_its_owner_reads_it() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    world.backup();
    assert_eq!(std::fs::metadata(world.file()).unwrap().permissions().mode() & 0o777, 0o600);
    let backup = KeysBackup::open(&world.file()).unwrap();
    let folder = world.folder.path().join("other");
    backup.restore(&folder, &HashMap::new(), &HashSet::new()).unwrap();
    assert!(matches!(Vault::open(&folder, &master("10")), Err(VaultError::WrongMasterKey { .. })));
}

#[test]
fn a_flipped_bit_anywhere_in_a_backup_is_refused() {
    let world = World::new();
    world.backup();
    let whole = std::fs::read(world.file()).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        std::fs::write(world.file(), &bytes).unwrap();
        assert!(matches!(KeysBackup::open(&world.file()), Err(VaultError::Format { .. })), "byte {at}");
        std::fs::write(world.file(), &whole[..at]).unwrap();
        assert!(KeysBackup::open(&world.file()).is_err(), "cut at {at}");
    }
}

#[test]
fn nothing_is_written_over_but_an_earlier_backup_of_the_same_keys() {
    let (world, other) = (World::new(), World::new());
    world.backup();
    world.backup();
    let kept = std::fs::read(world.file()).unwrap();
    let vault = other.folder.path().join("vault");
    let refused = backup_keys(&vault, &world.file()).unwrap_err().to_string();
    assert!(refused.contains("holds the keys of another store"), "{refused}");
    let folder = world.folder.path().join("folder");
    std::fs::create_dir(&folder).unwrap();
    assert!(backup_keys(&vault, &folder).unwrap_err().to_string().contains("is a folder"));
    let letter = world.folder.path().join("letter.txt");
    std::fs::write(&letter, "dear").unwrap();
    assert!(backup_keys(&vault, &letter).unwrap_err().to_string().contains("is there already"));
    assert_eq!(std::fs::read(world.file()).unwrap(), kept);
    assert!(!world.folder.path().join("folder.new").exists());
}
