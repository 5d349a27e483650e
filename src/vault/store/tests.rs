//! The keys, made, destroyed, damaged.

use super::tests_support::{ANA, Empty, RUI, Scanned, live, master, open};
use super::*;
use crate::vault::{CheckedKeys, check_keys};

const EVENT: crate::event::EventId = crate::event::EventId([3; 16]);

#[test]
fn keys_are_the_same_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let vault = open(folder.path());
    vault.create(&[ANA, RUI, ANA], &Empty).unwrap();
    let sealed = live(&vault, &ANA, &Empty).seal(&EVENT, &ANA, b"x".to_vec());
    drop(vault);
    let vault = open(folder.path());
    let index = Scanned::of(&vault);
    assert_eq!(index.0.len(), 2);
    assert_eq!(live(&vault, &ANA, &index).open(&EVENT, &ANA, &sealed).unwrap(), b"x");
    assert!(live(&vault, &RUI, &index).open(&EVENT, &ANA, &sealed).is_err());
}

#[test]
fn another_master_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    assert!(matches!(Vault::open(folder.path(), &master("10")), Err(VaultError::WrongMasterKey { .. })));
}

#[test]
fn a_key_is_on_disk_before_it_can_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let vault = open(folder.path());
    vault.create(&[ANA], &Empty).unwrap();
    assert_eq!(std::fs::metadata(folder.path().join("keys")).unwrap().len(), 2 * SLOT_BYTES as u64);
    assert!(matches!(vault.key(&RUI, &Empty).unwrap(), KeyState::Unknown));
}

#[test]
fn a_destroyed_key_is_gone_from_the_file_and_from_memory() {
    let folder = tempfile::tempdir().unwrap();
    let vault = open(folder.path());
    vault.create(&[ANA, RUI], &Empty).unwrap();
    let before = std::fs::read(folder.path().join("keys")).unwrap();
    assert!(vault.shred(&ANA, &Empty).unwrap());
    assert!(!vault.shred(&ANA, &Empty).unwrap());
    assert!(matches!(vault.key(&ANA, &Empty).unwrap(), KeyState::Destroyed));
    let after = std::fs::read(folder.path().join("keys")).unwrap();
    let wrapped = &before[SLOT_BYTES + 24..SLOT_BYTES + 84];
    assert!(!after.windows(wrapped.len()).any(|window| window == wrapped));
    drop(vault);
    let vault = open(folder.path());
    let index = Scanned::of(&vault);
    assert!(matches!(vault.key(&ANA, &index).unwrap(), KeyState::Destroyed));
    live(&vault, &RUI, &index);
}

#[test]
fn a_key_that_was_to_be_destroyed_when_the_process_ended_is_destroyed_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let vault = open(folder.path());
    let eva = SubjectId([3; 16]);
    vault.create(&[ANA, RUI, eva], &Empty).unwrap();
    let keys = folder.path().join("keys");
    let before = std::fs::read(&keys).unwrap();
    vault.shred(&RUI, &Empty).unwrap();
    let listed = |vault: &Vault| vault.destroyed().unwrap().iter().map(|d| (d.subject, d.slot)).collect::<Vec<_>>();
    assert_eq!(listed(&vault), [(RUI, Slot(1))]);
    vault.shred(&eva, &Empty).unwrap();
    drop(vault);
    // As if it had ended between the list and the slots, or an older file of the keys had been put there.
    std::fs::write(&keys, before).unwrap();
    assert_eq!(check_keys(folder.path()).unwrap(), CheckedKeys { live: 3, destroyed: 0, back: 2 });
    let vault = open(folder.path());
    for gone in [RUI, eva] {
        assert!(matches!(vault.key(&gone, &Scanned::of(&vault)).unwrap(), KeyState::Destroyed));
    }
    live(&vault, &ANA, &Scanned::of(&vault));
    assert_eq!(check_keys(folder.path()).unwrap(), CheckedKeys { live: 1, destroyed: 2, back: 0 });
}

#[test]
fn a_slot_that_was_moved_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let vault = open(folder.path());
    vault.create(&[ANA, RUI], &Empty).unwrap();
    drop(vault);
    let path = folder.path().join("keys");
    let mut bytes = std::fs::read(&path).unwrap();
    let (first, second) = bytes[SLOT_BYTES..].split_at_mut(SLOT_BYTES);
    first.swap_with_slice(&mut second[..SLOT_BYTES]);
    std::fs::write(&path, &bytes).unwrap();
    let vault = open(folder.path());
    assert_eq!(vault.end().next, 0, "no slot is whole where it lies");
}

#[test]
fn a_damaged_slot_is_named_and_a_torn_one_at_the_end_is_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let vault = open(folder.path());
    vault.create(&[ANA, RUI], &Empty).unwrap();
    drop(vault);
    let path = folder.path().join("keys");
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() - 40]).unwrap();
    let vault = open(folder.path());
    assert_eq!(Scanned::of(&vault).0.len(), 1);
    vault.create(&[RUI], &Scanned::of(&vault)).unwrap();
    drop(vault);
    let mut damaged = std::fs::read(&path).unwrap();
    assert_eq!(damaged.len(), whole.len());
    damaged[SLOT_BYTES + 30] ^= 1;
    std::fs::write(&path, &damaged).unwrap();
    let vault = open(folder.path());
    let first = vault.scan(Slot(0)).unwrap().next().unwrap();
    assert!(matches!(first, Err(VaultError::Slot { slot: 0, .. })));
}

#[test]
fn the_index_takes_over_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let vault = open(folder.path());
    vault.create(&[ANA], &Empty).unwrap();
    let (new, through) = vault.unindexed();
    assert_eq!((new.len(), through), (1, Slot(1)));
    vault.create(&[RUI], &Empty).unwrap();
    vault.indexed(through);
    assert_eq!(vault.unindexed().0, [(RUI, Slot(1))]);
}
