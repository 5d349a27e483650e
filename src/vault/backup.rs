//! The keys in one file: how they are backed up, and restored.
//!
//! The file holds what the vault's files hold, all of it wrapped by the master key, which is never in it. Numbers are
//! little-endian.
//!
//! | bytes | what |
//! |---|---|
//! | 16 | `novelo keybak 1` and a line feed |
//! | 8 | when, microseconds since 1970 |
//! | 8, then so many bytes | the file `installation` |
//! | 8, then so many slots of 96 bytes | the slots of the file `keys`, from the first on |
//! | 8, then so many bytes | the file `destroyed` |
//! | 32 | BLAKE3 of all before |

use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::check::require_installation;
use super::destroyed::{self, Destroyed};
use super::error::VaultError;
use super::new_file::{private, sync_folder_of};
use super::slot::{SLOT_BYTES, Slot, SlotBytes, SlotState};
use super::store::{KEYS_MAGIC, read_at};
use crate::event::{Micros, SubjectId};

const MAGIC: &[u8; 16] = b"novelo keybak 1\n";
const HASH_BYTES: u64 = 32;
/// How often a slot is read again that is just being overwritten.
const SLOT_ATTEMPTS: u32 = 100;

/// What a backup of keys holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeysCount {
    /// Keys that live.
    pub keys: u64,
    /// Keys that were destroyed.
    pub destroyed: u64,
}

/// Whether a file is a backup of keys.
#[must_use]
pub fn is_keys_backup(path: &Path) -> bool {
    let mut magic = [0; MAGIC.len()];
    File::open(path).and_then(|mut file| file.read_exact(&mut magic)).is_ok() && magic == *MAGIC
}

/// Writes the keys of a vault's folder to a file that only its owner may read, then reads it back and checks it. The store may
/// be in use meanwhile: what is durable when this begins is in it.
///
/// # Errors
/// [`VaultError`] when the vault cannot be read or the file cannot be written; [`VaultError::Replaces`] when what is there is
/// anything but an earlier backup of the same keys, or has more of them.
pub fn backup_keys(vault: &Path, to: &Path) -> Result<KeysCount, VaultError> {
    require_installation(vault)?;
    let path = vault.join("installation");
    let installation = std::fs::read(&path).map_err(|cause| VaultError::io(&path, cause))?;
    let earlier = check_replaced(to, &installation)?;
    let mut new = to.as_os_str().to_owned();
    new.push(".new");
    let new = PathBuf::from(new);
    let io = |cause| VaultError::io(&new, cause);
    let file = private(OpenOptions::new().write(true).create(true).truncate(true)).open(&new).map_err(io)?;
    let mut out = Hashing { out: BufWriter::new(file), hasher: blake3::Hasher::new() };
    out.write_all(MAGIC).and_then(|()| out.write_all(&Micros::now().0.to_le_bytes())).map_err(io)?;
    sized(&mut out, &installation).map_err(io)?;
    if copy_slots(&vault.join("keys"), &mut out, &new)? < earlier {
        std::fs::remove_file(&new).map_err(io)?;
        let reason = "holds keys that the store has lost since";
        return Err(VaultError::Replaces { path: to.display().to_string(), reason });
    }
    // After the slots: whoever was erased while they were read is in it.
    let gone = destroyed::read_destroyed(&vault.join("destroyed"))?.0;
    sized(&mut out, &destroyed::to_bytes(&gone)).map_err(io)?;
    let hash = out.hasher.finalize();
    let file = out.out.into_inner().map_err(|cause| io(cause.into_error()))?;
    (&file).write_all(hash.as_bytes()).and_then(|()| file.sync_all()).map_err(io)?;
    std::fs::rename(&new, to).map_err(io)?;
    sync_folder_of(to)?;
    KeysBackup::open(to)?.count()
}

/// Refuses to write over anything but an earlier backup of the same installation's keys; how many are in that.
fn check_replaced(to: &Path, installation: &[u8]) -> Result<u64, VaultError> {
    let refused = |reason| Err(VaultError::Replaces { path: to.display().to_string(), reason });
    if to.is_dir() {
        return refused("is a folder");
    }
    if !to.exists() {
        return Ok(0);
    }
    if !is_keys_backup(to) {
        return refused("is there already, and no backup of keys");
    }
    match KeysBackup::open(to) {
        Ok(earlier) if earlier.installation != installation => refused("holds the keys of another store"),
        Ok(earlier) => Ok(earlier.slots),
        // A damaged one is better replaced.
        Err(_) => Ok(0),
    }
}

/// Writes and hashes.
struct Hashing {
    out: BufWriter<File>,
    hasher: blake3::Hasher,
}

impl Hashing {
    fn write_all(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.hasher.update(bytes);
        self.out.write_all(bytes)
    }
}

fn sized(out: &mut Hashing, bytes: &[u8]) -> std::io::Result<()> {
    out.write_all(&(bytes.len() as u64).to_le_bytes())?;
    out.write_all(bytes)
}

/// Copies the slots; how many there are.
fn copy_slots(path: &Path, out: &mut Hashing, new: &Path) -> Result<u64, VaultError> {
    let file = File::open(path).map_err(|cause| VaultError::io(path, cause))?;
    let length = file.metadata().map_err(|cause| VaultError::io(path, cause))?.len();
    let mut count = (length / SLOT_BYTES as u64).saturating_sub(1);
    // The last ones may belong to a commit that is being written, or never was.
    while let Some(last) = count.checked_sub(1)
        && read_slot(&file, path, Slot(last)).is_err()
    {
        count = last;
    }
    out.write_all(&count.to_le_bytes()).map_err(|cause| VaultError::io(new, cause))?;
    for number in 0..count {
        let slot = read_slot(&file, path, Slot(number))?;
        out.write_all(&slot.0).map_err(|cause| VaultError::io(new, cause))?;
    }
    Ok(count)
}

/// Reads a slot that may be overwritten at this very moment.
fn read_slot(file: &File, path: &Path, slot: Slot) -> Result<SlotBytes, VaultError> {
    let mut attempts = 0;
    loop {
        let mut bytes = SlotBytes([0; SLOT_BYTES]);
        read_at(file, &mut bytes.0, (slot.0 + 1) * SLOT_BYTES as u64).map_err(|cause| VaultError::io(path, cause))?;
        match bytes.read(slot) {
            Ok(_) => return Ok(bytes),
            Err(cause) if attempts == SLOT_ATTEMPTS => return Err(cause),
            Err(_) => attempts += 1,
        }
    }
}

/// A backup of keys, found whole.
#[derive(Debug)]
pub struct KeysBackup {
    path: PathBuf,
    installation: Vec<u8>,
    slots: u64,
    slots_at: u64,
    destroyed: Vec<Destroyed>,
}

impl KeysBackup {
    /// Reads a backup from beginning to end and checks it.
    ///
    /// # Errors
    /// [`VaultError::Format`] when it is none, or was changed.
    pub fn open(path: &Path) -> Result<Self, VaultError> {
        let io = |cause| VaultError::io(path, cause);
        let format = |reason| VaultError::Format { path: path.display().to_string(), reason };
        check_whole(path)?;
        let mut input = BufReader::new(File::open(path).map_err(io)?);
        input.seek(SeekFrom::Start(MAGIC.len() as u64 + 8)).map_err(io)?;
        let installation = read_sized(&mut input).map_err(io)?;
        let slots = read_number(&mut input).map_err(io)?;
        let slots_at = input.stream_position().map_err(io)?;
        let behind = slots.checked_mul(SLOT_BYTES as u64).and_then(|bytes| slots_at.checked_add(bytes));
        input.seek(SeekFrom::Start(behind.ok_or(format("its number of keys is impossible"))?)).map_err(io)?;
        let list = read_sized(&mut input).map_err(io)?;
        let destroyed = destroyed::read(path, &list)?.0;
        Ok(Self { path: path.to_owned(), installation, slots, slots_at, destroyed })
    }

    /// Whose keys were destroyed when it was made.
    #[must_use]
    pub fn destroyed(&self) -> &[Destroyed] {
        &self.destroyed
    }

    /// The subjects that have a slot in it.
    ///
    /// # Errors
    /// [`VaultError`] when it cannot be read.
    pub fn subjects(&self) -> Result<HashSet<SubjectId>, VaultError> {
        let mut subjects = HashSet::new();
        self.each(|slot, bytes| {
            subjects.insert(bytes.read(slot)?.subject);
            Ok(())
        })?;
        Ok(subjects)
    }

    fn count(&self) -> Result<KeysCount, VaultError> {
        let mut count = KeysCount { keys: 0, destroyed: 0 };
        self.each(|slot, bytes| {
            match bytes.read(slot)?.state {
                SlotState::Live => count.keys += 1,
                SlotState::Destroyed => count.destroyed += 1,
            }
            Ok(())
        })?;
        Ok(count)
    }

    fn each(&self, mut each: impl FnMut(Slot, SlotBytes) -> Result<(), VaultError>) -> Result<(), VaultError> {
        let io = |cause| VaultError::io(&self.path, cause);
        let mut input = BufReader::with_capacity(1 << 18, File::open(&self.path).map_err(io)?);
        input.seek(SeekFrom::Start(self.slots_at)).map_err(io)?;
        for number in 0..self.slots {
            let mut bytes = SlotBytes([0; SLOT_BYTES]);
            input.read_exact(&mut bytes.0).map_err(io)?;
            each(Slot(number), bytes)?;
        }
        Ok(())
    }

    /// Makes a vault of it in a folder that has none. The keys of those who are `destroyed`, as this backup or the caller says,
    /// are not restored: their slots hold the mark that they were destroyed. Those who are `lost`, with events and without a
    /// key, get such a slot as well, so that nothing is ever sealed for them again with another key; they are not counted.
    ///
    /// # Errors
    /// [`VaultError`] when it cannot be read or written; then the folder is of no use.
    pub fn restore(
        &self,
        folder: &Path,
        destroyed: &HashMap<SubjectId, Micros>,
        lost: &HashSet<SubjectId>,
    ) -> Result<KeysCount, VaultError> {
        std::fs::create_dir_all(folder).map_err(|cause| VaultError::io(folder, cause))?;
        let mut gone: HashMap<SubjectId, Micros> =
            self.destroyed.iter().map(|entry| (entry.subject, entry.at)).collect();
        gone.extend(destroyed);
        let (list, count) = self.write_keys(&folder.join("keys"), &gone, lost)?;
        drop(destroyed::create(&folder.join("destroyed"), &list)?);
        write_private(&folder.join("installation"), |out| out.write_all(&self.installation))?;
        sync_folder_of(folder)?;
        Ok(count)
    }

    /// Writes the keys' file; who is destroyed, with their slots, and how many of each there are.
    fn write_keys(
        &self,
        path: &Path,
        gone: &HashMap<SubjectId, Micros>,
        lost: &HashSet<SubjectId>,
    ) -> Result<(Vec<Destroyed>, KeysCount), VaultError> {
        let (mut list, mut count) = (Vec::new(), KeysCount { keys: 0, destroyed: 0 });
        let mut without_slot: HashMap<SubjectId, Option<Micros>> =
            lost.iter().map(|subject| (*subject, None)).collect();
        without_slot.extend(gone.iter().map(|(subject, at)| (*subject, Some(*at))));
        let mut failed = None;
        write_private(path, |out| {
            let mut head = [0; SLOT_BYTES];
            head.iter_mut().zip(KEYS_MAGIC).for_each(|(to, from)| *to = *from);
            out.write_all(&head)?;
            let each = self.each(|slot, bytes| {
                let found = bytes.read(slot)?;
                let at = gone.get(&found.subject);
                without_slot.remove(&found.subject);
                let live = found.state == SlotState::Live && at.is_none();
                if let Some(at) = at {
                    list.push(Destroyed { subject: found.subject, slot, at: *at });
                }
                let bytes = if live { bytes } else { SlotBytes::destroyed(slot, &found.subject) };
                *(if live { &mut count.keys } else { &mut count.destroyed }) += 1;
                out.write_all(&bytes.0).map_err(|cause| VaultError::io(path, cause))
            });
            failed = each.err();
            // In an order of their own, so that the same restore gives the same file.
            let mut without_slot: Vec<_> = without_slot.into_iter().collect();
            without_slot.sort_unstable();
            for ((subject, at), number) in without_slot.into_iter().zip(self.slots..) {
                out.write_all(&SlotBytes::destroyed(Slot(number), &subject).0)?;
                // Who is lost was not destroyed: nobody asked for that.
                count.destroyed += u64::from(at.is_some());
                list.extend(at.map(|at| Destroyed { subject, slot: Slot(number), at }));
            }
            Ok(())
        })?;
        failed.map_or(Ok((list, count)), Err)
    }
}

/// Writes a file that only its owner may read, durable when this returns.
fn write_private(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&File>) -> std::io::Result<()>,
) -> Result<(), VaultError> {
    let io = |cause| VaultError::io(path, cause);
    let file = private(OpenOptions::new().write(true).create_new(true)).open(path).map_err(io)?;
    let mut out = BufWriter::with_capacity(1 << 18, &file);
    write(&mut out).and_then(|()| out.flush()).map_err(io)?;
    drop(out);
    file.sync_all().map_err(io)
}

/// Refuses a file that is no backup of keys, or does not hash to what it says.
fn check_whole(path: &Path) -> Result<(), VaultError> {
    let io = |cause| VaultError::io(path, cause);
    let format = |reason| VaultError::Format { path: path.display().to_string(), reason };
    let file = File::open(path).map_err(io)?;
    if !is_keys_backup(path) {
        return Err(format("it does not begin as a backup of keys"));
    }
    let length = file.metadata().map_err(io)?.len();
    let body = length.checked_sub(HASH_BYTES).ok_or(format("it is too short"))?;
    let mut hasher = blake3::Hasher::new();
    let mut input = BufReader::new(file);
    hasher.update_reader((&mut input).take(body)).map_err(io)?;
    let mut found = [0; HASH_BYTES as usize];
    input.read_exact(&mut found).map_err(io)?;
    if hasher.finalize() == found { Ok(()) } else { Err(format("it was changed or cut short; take another copy")) }
}

fn read_number(input: &mut impl Read) -> std::io::Result<u64> {
    let mut bytes = [0; 8];
    input.read_exact(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

fn read_sized(input: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let length = read_number(input)?;
    let mut bytes = Vec::new();
    input.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == length { Ok(bytes) } else { Err(std::io::ErrorKind::UnexpectedEof.into()) }
}

#[cfg(test)]
mod tests;
