//! Checking every slot of the keys' file by its own check value, for which the master key is not needed, and the installation's
//! secret by it. Nothing is changed.

use std::collections::HashSet;
use std::fs::File;
use std::path::Path;

use super::destroyed::read_destroyed;
use super::error::VaultError;
use super::installation::Secret;
use super::master::MasterKey;
use super::slot::{SLOT_BYTES, Slot, SlotBytes, SlotState};
use super::store::{KEYS_MAGIC, MOST_TORN_SLOTS, read_at};
use crate::event::SubjectId;

/// Slots that are read at once.
const PIECE_SLOTS: u64 = 1024;

/// What the keys' file holds, every slot of it whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckedKeys {
    /// Subjects that have a key.
    pub live: u64,
    /// Subjects whose key was destroyed.
    pub destroyed: u64,
    /// Subjects that have a key and are on the list of those whose key was destroyed: the file is older than the list.
    pub back: u64,
}

/// Refuses a vault's folder that has keys and no secret of the installation, which is made before them: it was lost. A folder
/// without keys is none of its business.
///
/// # Errors
/// [`VaultError::NoInstallation`] when it is so.
pub fn require_installation(folder: &Path) -> Result<(), VaultError> {
    let path = folder.join("installation");
    if folder.join("keys").exists() && !path.exists() {
        return Err(VaultError::NoInstallation { path: path.display().to_string() });
    }
    Ok(())
}

/// Checks with the master key that the installation's secret of a vault's folder is whole; nothing where there is none.
///
/// # Errors
/// [`VaultError::Format`] when it is not, [`VaultError::WrongMasterKey`] when it cannot be unwrapped, for it was changed, or with
/// another key.
pub fn check_installation(folder: &Path, master: &MasterKey) -> Result<(), VaultError> {
    Secret::load(&folder.join("installation"), &master.cipher()).map(drop)
}

/// Checks the keys' file of a vault's folder; nothing where there is none. Slots at the end that are not whole belong to a commit
/// that never was.
///
/// # Errors
/// [`VaultError::Slot`] names the first slot that is damaged, [`VaultError::Format`] a file that is no keys' file.
pub fn check_keys(folder: &Path) -> Result<CheckedKeys, VaultError> {
    let path = folder.join("keys");
    let io = |cause| VaultError::io(&path, cause);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(CheckedKeys::default()),
        Err(cause) => return Err(io(cause)),
    };
    let pieces = file.metadata().map_err(io)?.len() / SLOT_BYTES as u64;
    let listed: HashSet<(Slot, SubjectId)> =
        read_destroyed(&folder.join("destroyed"))?.0.iter().map(|entry| (entry.slot, entry.subject)).collect();
    let (mut found, mut broken) = (CheckedKeys::default(), None);
    for first in (0..pieces).step_by(PIECE_SLOTS as usize) {
        let mut bytes = vec![0; (pieces - first).min(PIECE_SLOTS) as usize * SLOT_BYTES];
        read_at(&file, &mut bytes, first * SLOT_BYTES as u64).map_err(io)?;
        for (piece, number) in bytes.as_chunks::<SLOT_BYTES>().0.iter().zip(first..) {
            let Some(slot) = number.checked_sub(1) else {
                if !piece.starts_with(KEYS_MAGIC) {
                    let reason = "it does not begin as one";
                    return Err(VaultError::Format { path: path.display().to_string(), reason });
                }
                continue;
            };
            match (SlotBytes(*piece).read(Slot(slot)), broken.take()) {
                (Ok(_), Some((_, cause))) => return Err(cause),
                (Ok(read), None) if read.state == SlotState::Live => {
                    found.live += 1;
                    found.back += u64::from(listed.contains(&(Slot(slot), read.subject)));
                }
                (Ok(_), None) => found.destroyed += 1,
                (Err(cause), None) => broken = Some((slot, cause)),
                (Err(_), earlier @ Some(_)) => broken = earlier,
            }
        }
    }
    match broken {
        Some((slot, cause)) if pieces - 1 - slot > MOST_TORN_SLOTS => Err(cause),
        _ => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::super::store::tests_support::{ANA, Empty, RUI, open};
    use super::*;

    #[test]
    fn keys_without_the_secret_of_the_installation_are_refused_and_the_missing_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        require_installation(folder.path()).unwrap();
        drop(open(folder.path()));
        require_installation(folder.path()).unwrap();
        let path = folder.path().join("installation");
        std::fs::remove_file(&path).unwrap();
        let refused = require_installation(folder.path()).unwrap_err();
        assert!(matches!(&refused, VaultError::NoInstallation { path: told } if *told == path.display().to_string()));
        assert!(refused.to_string().contains("Put the file back"), "{refused}");
        std::fs::remove_file(folder.path().join("keys")).unwrap();
        require_installation(folder.path()).unwrap();
    }

    #[test]
    fn a_damaged_slot_is_named_and_a_torn_end_is_not_one() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(check_keys(folder.path()).unwrap(), CheckedKeys::default());
        let vault = open(folder.path());
        vault.create(&[ANA, RUI, SubjectId([3; 16])], &Empty).unwrap();
        vault.shred(&RUI, &Empty).unwrap();
        assert_eq!(check_keys(folder.path()).unwrap(), CheckedKeys { live: 2, destroyed: 1, back: 0 });
        drop(vault);
        let path = folder.path().join("keys");
        let whole = std::fs::read(&path).unwrap();
        let checked = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            check_keys(folder.path())
        };
        let mut torn = whole.clone();
        torn.extend([7; SLOT_BYTES + 5]);
        assert_eq!(checked(&torn).unwrap(), CheckedKeys { live: 2, destroyed: 1, back: 0 });
        let mut damaged = whole.clone();
        damaged[2 * SLOT_BYTES + 40] ^= 1;
        assert!(matches!(checked(&damaged), Err(VaultError::Slot { slot: 1, .. })));
        let mut foreign = whole;
        foreign[0] ^= 1;
        assert!(matches!(checked(&foreign), Err(VaultError::Format { .. })));
    }
}
