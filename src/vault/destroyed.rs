//! Whose keys were destroyed: a list that only ever grows, beside the keys.
//!
//! An entry is on disk before the key is overwritten. So a backup of the keys that is older than an erasure can be
//! restored without bringing the person back.
//!
//! File `destroyed`: sixteen bytes `novelo gone, v1` and a line feed, then entries of 48 bytes, numbers little-endian:
//!
//! | bytes | what |
//! |---|---|
//! | 16 | the subject |
//! | 8 | the slot of its key |
//! | 8 | when, microseconds since 1970 |
//! | 16 | the first bytes of the BLAKE3 hash of the entry's number (eight bytes) and all before |

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::error::VaultError;
use super::new_file::{private, sync_folder_of};
use super::slot::Slot;
use crate::event::{Micros, SubjectId};

const MAGIC: &[u8; 16] = b"novelo gone, v1\n";
const ENTRY_BYTES: usize = 48;
const BODY_BYTES: usize = 32;

/// A subject whose key was destroyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Destroyed {
    /// Whose key.
    pub subject: SubjectId,
    /// In which slot it was.
    pub slot: Slot,
    /// When.
    pub at: Micros,
}

impl Destroyed {
    fn to_bytes(self, number: u64) -> Vec<u8> {
        let mut bytes =
            [self.subject.as_bytes().as_slice(), &self.slot.0.to_le_bytes(), &self.at.0.to_le_bytes()].concat();
        let check = check(number, &bytes);
        bytes.extend_from_slice(&check);
        bytes
    }

    /// Reads an entry; `None` when it is not what was written.
    fn read(number: u64, bytes: &[u8; ENTRY_BYTES]) -> Option<Self> {
        let (body, found) = bytes.split_at(BODY_BYTES);
        if check(number, body) != found {
            return None;
        }
        let subject = SubjectId::from_slice(body.get(..16)?)?;
        let slot = Slot(u64::from_le_bytes(body.get(16..24)?.try_into().ok()?));
        Some(Self { subject, slot, at: Micros(i64::from_le_bytes(body.get(24..32)?.try_into().ok()?)) })
    }
}

fn check(number: u64, body: &[u8]) -> [u8; ENTRY_BYTES - BODY_BYTES] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&number.to_le_bytes()).update(body);
    let mut check = [0; ENTRY_BYTES - BODY_BYTES];
    hasher.finalize_xof().fill(&mut check);
    check
}

/// A list as a file has it, from the magic words on.
pub(super) fn to_bytes(entries: &[Destroyed]) -> Vec<u8> {
    let body = entries.iter().zip(0..).flat_map(|(entry, number)| entry.to_bytes(number));
    MAGIC.iter().copied().chain(body).collect()
}

/// Reads a list, and how many bytes of it are whole. An entry at the end that was cut off was never said to be there.
pub(super) fn read(path: &Path, bytes: &[u8]) -> Result<(Vec<Destroyed>, u64), VaultError> {
    let format = |reason| VaultError::Format { path: path.display().to_string(), reason };
    let body = bytes.strip_prefix(MAGIC).ok_or(format("it does not begin as one"))?;
    let (pieces, torn) = body.as_chunks::<ENTRY_BYTES>();
    let mut entries = Vec::with_capacity(pieces.len());
    for (number, piece) in (0..).zip(pieces) {
        match Destroyed::read(number, piece) {
            Some(entry) => entries.push(entry),
            None if entries.len() + 1 == pieces.len() && torn.is_empty() => break,
            None => return Err(format("an entry in the middle is damaged")),
        }
    }
    let whole = (MAGIC.len() + entries.len() * ENTRY_BYTES) as u64;
    Ok((entries, whole))
}

/// The list of a file, and how many bytes behind its last whole entry are none; empty where there is no file.
///
/// # Errors
/// [`VaultError`] when it cannot be read or is damaged.
pub fn read_destroyed(path: &Path) -> Result<(Vec<Destroyed>, u64), VaultError> {
    match std::fs::read(path) {
        Ok(bytes) => {
            let (entries, whole) = read(path, &bytes)?;
            Ok((entries, (bytes.len() as u64).saturating_sub(whole)))
        }
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok((Vec::new(), 0)),
        Err(cause) => Err(VaultError::io(path, cause)),
    }
}

/// The list, open for one more.
#[derive(Debug)]
pub(super) struct DestroyedList {
    path: PathBuf,
    file: Option<File>,
    count: u64,
}

impl DestroyedList {
    /// Opens the list, and gives its entries; cuts off one that was not written to its end.
    pub(super) fn open(path: PathBuf) -> Result<(Self, Vec<Destroyed>), VaultError> {
        let io = |cause| VaultError::io(&path, cause);
        let mut file = match OpenOptions::new().read(true).write(true).open(&path) {
            Ok(file) => file,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {
                return Ok((Self { path, file: None, count: 0 }, Vec::new()));
            }
            Err(cause) => return Err(io(cause)),
        };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io)?;
        let (entries, whole) = read(&path, &bytes)?;
        if whole < bytes.len() as u64 {
            file.set_len(whole).and_then(|()| file.sync_all()).map_err(io)?;
        }
        file.seek(SeekFrom::Start(whole)).map_err(io)?;
        Ok((Self { count: entries.len() as u64, file: Some(file), path }, entries))
    }

    /// Adds an entry; it is on disk when this returns.
    pub(super) fn add(&mut self, entry: Destroyed) -> Result<(), VaultError> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => create(&self.path, &[])?,
        };
        let at = (MAGIC.len() as u64) + self.count * ENTRY_BYTES as u64;
        let written = file
            .seek(SeekFrom::Start(at))
            .and_then(|_| file.write_all(&entry.to_bytes(self.count)))
            .and_then(|()| file.sync_all());
        self.file = Some(file);
        written.map_err(|cause| VaultError::io(&self.path, cause))?;
        self.count += 1;
        Ok(())
    }
}

/// Makes a list's file, whole or not at all.
pub(super) fn create(path: &Path, entries: &[Destroyed]) -> Result<File, VaultError> {
    let new = path.with_extension("new");
    let io = |cause| VaultError::io(&new, cause);
    let mut file = private(OpenOptions::new().write(true).create(true).truncate(true)).open(&new).map_err(io)?;
    file.write_all(&to_bytes(entries)).and_then(|()| file.sync_all()).map_err(io)?;
    std::fs::rename(&new, path).map_err(io)?;
    sync_folder_of(path)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: u8) -> Destroyed {
        Destroyed { subject: SubjectId([number; 16]), slot: Slot(u64::from(number)), at: Micros(7) }
    }

    #[test]
    fn entries_are_there_after_reopening_and_a_torn_one_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("destroyed");
        let mut list = DestroyedList::open(path.clone()).unwrap().0;
        assert_eq!(read_destroyed(&path).unwrap(), (Vec::new(), 0));
        (0..3).for_each(|number| list.add(entry(number)).unwrap());
        drop(list);
        let whole = std::fs::read(&path).unwrap();
        for torn in 1..ENTRY_BYTES {
            std::fs::write(&path, &whole[..whole.len() - torn]).unwrap();
            assert_eq!(read_destroyed(&path).unwrap(), (vec![entry(0), entry(1)], (ENTRY_BYTES - torn) as u64));
            let (mut list, entries) = DestroyedList::open(path.clone()).unwrap();
            assert_eq!(entries, [entry(0), entry(1)]);
            list.add(entry(2)).unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), whole);
        }
    }

    #[test]
    fn a_damaged_list_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("destroyed");
        let mut list = DestroyedList::open(path.clone()).unwrap().0;
        (0..3).for_each(|number| list.add(entry(number)).unwrap());
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[MAGIC.len() + 3] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        assert!(matches!(read_destroyed(&path), Err(VaultError::Format { .. })));
        assert!(DestroyedList::open(path).is_err());
    }
}
