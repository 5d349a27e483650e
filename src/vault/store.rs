//! The keys' file, and the keys that are in memory.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use quick_cache::sync::Cache;

use super::cipher::{Cipher, SubjectKey, random_bits};
use super::destroyed::{Destroyed, DestroyedList, read_destroyed};
use super::error::VaultError;
use super::installation::Secret;
use super::master::MasterKey;
use super::new_file;
use super::slot::{Found, SLOT_BYTES, Slot, SlotBytes, SlotState};
use crate::event::{Micros, SubjectId};

/// The file's first slot-sized piece says what it is.
pub(super) const KEYS_MAGIC: &[u8; 16] = b"novelo keys, v1\n";
/// Keys that are kept in memory.
const CACHED_KEYS: usize = 32 * 1024;
/// Slots that are read at once while scanning.
const SCAN_SLOTS: u64 = 1024;

/// Slots at the end that may be broken because a commit was cut off; more is damage.
pub(super) const MOST_TORN_SLOTS: u64 = 64 * 1024;

/// What the vault has for a subject.
#[derive(Clone, Debug)]
pub enum KeyState {
    /// A key.
    Live(SubjectKey),
    /// The mark that the key was destroyed.
    Destroyed,
    /// Nothing.
    Unknown,
}

/// Which slot a subject has: a view that somebody else keeps, so that memory does not grow with the subjects.
pub trait SlotIndex {
    /// The slot of a subject, if the index has it already.
    ///
    /// # Errors
    /// [`VaultError::Index`] when the index cannot be read.
    fn slot(&self, subject: &SubjectId) -> Result<Option<Slot>, VaultError>;
}

/// The keys of all subjects.
pub struct Vault {
    path: PathBuf,
    file: File,
    master: Cipher,
    secret: Secret,
    end: Mutex<End>,
    cache: Cache<SubjectId, KeyState>,
    /// Held while a key is destroyed.
    destroyed: Mutex<DestroyedList>,
    /// The first key that could not be read, and when.
    damage: OnceLock<(String, Micros)>,
}

/// Bytes for which there must be room before keys are said to be taken again.
const TRIED_BYTES: usize = 1 << 16;

/// The end of the file, and what the index does not have yet.
#[derive(Default)]
struct End {
    next: u64,
    unindexed: HashMap<SubjectId, Slot>,
    /// A write failed: what is behind the end may be anything.
    broken: bool,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Vault {
    /// Opens the vault in a folder; makes it where there is none.
    ///
    /// # Errors
    /// [`VaultError`] when the files cannot be used, or the master key is not the one they were made with.
    pub fn open(folder: &Path, master: &MasterKey) -> Result<Self, VaultError> {
        std::fs::create_dir_all(folder).map_err(|cause| VaultError::io(folder, cause))?;
        let above = new_file::folder_of(folder);
        new_file::sync_folder(above).map_err(|cause| VaultError::io(above, cause))?;
        let master = master.cipher();
        let secret = Secret::load_or_create(&folder.join("installation"), &master)?;
        let path = folder.join("keys");
        let file = open_keys(&path)?;
        let (list, listed) = DestroyedList::open(folder.join("destroyed"))?;
        let vault = Self {
            end: Mutex::default(),
            cache: Cache::new(CACHED_KEYS),
            damage: OnceLock::new(),
            path,
            file,
            master,
            secret,
            destroyed: Mutex::new(list),
        };
        let next = vault.find_end()?;
        // A process that was killed may have left keys that are whole and not on disk yet; they are used from now on.
        vault.file.sync_all().map_err(|cause| VaultError::io(&vault.path, cause))?;
        vault.end().next = next;
        vault.finish_destroying(&listed)?;
        Ok(vault)
    }

    /// Overwrites the keys that are on the list of those destroyed and are there: of the last entry when the process ended before it
    /// was overwritten, of any when the keys' file is an older one than the list.
    fn finish_destroying(&self, listed: &[Destroyed]) -> Result<(), VaultError> {
        let mut were_there = 0_u64;
        for entry in listed.iter().filter(|entry| entry.slot < self.next_slot()) {
            let is_there = match self.read_slot(entry.slot)?.read(entry.slot) {
                Ok(found) => found.subject == entry.subject && found.state == SlotState::Live,
                // Whatever is left of it is to be destroyed.
                Err(_) => true,
            };
            if is_there {
                self.overwrite(entry.slot, &entry.subject)?;
                were_there += 1;
            }
        }
        if were_there > 0 {
            tracing::warn!(
                keys = were_there,
                "keys of persons who were erased were there; they are destroyed, as the list beside them says"
            );
        }
        Ok(())
    }

    fn destroyed_list(&self) -> std::sync::MutexGuard<'_, DestroyedList> {
        self.destroyed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whose keys were destroyed, in order.
    ///
    /// # Errors
    /// [`VaultError`] when the list cannot be read.
    pub fn destroyed(&self) -> Result<Vec<Destroyed>, VaultError> {
        let _unchanged = self.destroyed_list();
        Ok(read_destroyed(&self.path.with_file_name("destroyed"))?.0)
    }

    /// The installation's secret.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// What there is for a subject.
    ///
    /// # Errors
    /// [`VaultError`] when the index or the slot cannot be read.
    pub fn key(&self, subject: &SubjectId, index: &dyn SlotIndex) -> Result<KeyState, VaultError> {
        if let Some(known) = self.cache.get(subject) {
            return Ok(known);
        }
        self.read_key(subject, index).inspect_err(|cause| {
            if let VaultError::Slot { .. } = cause {
                self.damage.get_or_init(|| {
                    tracing::error!(%cause, "a key is damaged");
                    (cause.to_string(), Micros::now())
                });
            }
        })
    }

    /// What the first key that could not be read said, and when that was.
    #[must_use]
    pub fn damage(&self) -> Option<&(String, Micros)> {
        self.damage.get()
    }

    fn read_key(&self, subject: &SubjectId, index: &dyn SlotIndex) -> Result<KeyState, VaultError> {
        let Some(slot) = self.slot_of(subject, index)? else { return Ok(KeyState::Unknown) };
        let bytes = self.read_slot(slot)?;
        let found = bytes.read(slot)?;
        if found.subject != *subject {
            return Err(VaultError::Slot { slot: slot.0, reason: "it belongs to another subject than the index says" });
        }
        let state = match found.state {
            SlotState::Live => KeyState::Live(SubjectKey::new(bytes.key(slot, &self.master)?)),
            SlotState::Destroyed => KeyState::Destroyed,
        };
        self.cache.insert(*subject, state.clone());
        Ok(state)
    }

    /// Makes keys for those of the subjects that have nothing yet. They are on disk when this returns, all by one sync.
    ///
    /// # Errors
    /// [`VaultError`] when they cannot be written; then none is used.
    pub fn create(&self, subjects: &[SubjectId], index: &dyn SlotIndex) -> Result<(), VaultError> {
        let mut new = Vec::with_capacity(subjects.len());
        let mut seen = std::collections::HashSet::with_capacity(subjects.len());
        for subject in subjects {
            if seen.insert(*subject) && self.slot_of(subject, index)?.is_none() {
                new.push(*subject);
            }
        }
        if new.is_empty() {
            return Ok(());
        }
        let mut end = self.end();
        self.mend(&mut end)?;
        let first = end.next;
        let (mut bytes, mut keys) = (Vec::with_capacity(new.len() * SLOT_BYTES), Vec::with_capacity(new.len()));
        for (subject, number) in new.into_iter().zip(first..) {
            let key = random_bits();
            bytes.extend_from_slice(&SlotBytes::live(Slot(number), &subject, &key, &self.master)?.0);
            keys.push((subject, Slot(number), SubjectKey::new(key)));
        }
        if let Err(cause) = write_at(&self.file, &bytes, offset(Slot(first))).and_then(|()| self.file.sync_all()) {
            end.broken = true;
            return Err(VaultError::write(&self.path, &cause));
        }
        end.next += keys.len() as u64;
        for (subject, slot, key) in keys {
            end.unindexed.insert(subject, slot);
            self.cache.insert(subject, KeyState::Live(key));
        }
        Ok(())
    }

    /// Whether the last keys could not be written. The next attempt begins anew.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.end().broken
    }

    /// Tries after a failed write whether there is room for keys again: a few hundred, so that it is not said for one that happens to
    /// fit.
    ///
    /// # Errors
    /// [`VaultError`] when they cannot.
    pub fn try_again(&self) -> Result<(), VaultError> {
        let mut end = self.end();
        end.broken = true;
        let tried = write_at(&self.file, &[0; TRIED_BYTES], offset(Slot(end.next))).and_then(|()| self.file.sync_all());
        tried.map_err(|cause| VaultError::write(&self.path, &cause))?;
        self.mend(&mut end)
    }

    /// Takes away what a failed write left behind the end: keys that nobody knows, which would be found there at the next
    /// start.
    fn mend(&self, end: &mut End) -> Result<(), VaultError> {
        if end.broken {
            let cut = self.file.set_len(offset(Slot(end.next))).and_then(|()| self.file.sync_all());
            cut.map_err(|cause| VaultError::write(&self.path, &cause))?;
            end.broken = false;
        }
        Ok(())
    }

    /// Destroys a subject's key: first it goes on the list of those that were destroyed, then it is overwritten in place, each
    /// synced. Whether there was one.
    ///
    /// # Errors
    /// [`VaultError`] when it cannot be read or written; then it must be assumed to be there still.
    pub fn shred(&self, subject: &SubjectId, index: &dyn SlotIndex) -> Result<bool, VaultError> {
        let Some(slot) = self.slot_of(subject, index)? else { return Ok(false) };
        let mut list = self.destroyed_list();
        let was_live = self.read_slot(slot)?.read(slot)?.state == SlotState::Live;
        if was_live {
            list.add(Destroyed { subject: *subject, slot, at: Micros::now() })?;
            self.overwrite(slot, subject)?;
        }
        self.cache.insert(*subject, KeyState::Destroyed);
        Ok(was_live)
    }

    /// Marks a slot that was not written whole as holding nobody's key.
    ///
    /// # Errors
    /// [`VaultError`] when it cannot be written.
    pub fn void(&self, slot: Slot) -> Result<(), VaultError> {
        self.overwrite(slot, &SubjectId([0; 16]))
    }

    fn overwrite(&self, slot: Slot, subject: &SubjectId) -> Result<(), VaultError> {
        write_at(&self.file, &SlotBytes::destroyed(slot, subject).0, offset(slot))
            .and_then(|()| self.file.sync_all())
            .map_err(|cause| VaultError::write(&self.path, &cause))
    }

    /// The slots that were filled and are not in the index yet, and the first number behind them.
    #[must_use]
    pub fn unindexed(&self) -> (Vec<(SubjectId, Slot)>, Slot) {
        let end = self.end();
        (end.unindexed.iter().map(|(subject, slot)| (*subject, *slot)).collect(), Slot(end.next))
    }

    /// Says that the index has every slot before `through`.
    pub fn indexed(&self, through: Slot) {
        self.end().unindexed.retain(|_, slot| *slot >= through);
    }

    /// The first number that no slot has yet.
    #[must_use]
    pub fn next_slot(&self) -> Slot {
        Slot(self.end().next)
    }

    /// The slots from a number on, in order: for bringing an index up to date.
    ///
    /// # Errors
    /// [`VaultError::Slot`] names a slot that cannot be read.
    pub fn scan(&self, from: Slot) -> Result<impl Iterator<Item = Result<Found, VaultError>> + '_, VaultError> {
        let end = self.end().next;
        let mut piece: std::vec::IntoIter<(Slot, SlotBytes)> = Vec::new().into_iter();
        let mut next = from.0;
        Ok(std::iter::from_fn(move || {
            if piece.len() == 0 && next < end {
                let count = (end - next).min(SCAN_SLOTS);
                match self.read_slots(next, count) {
                    Ok(slots) => piece = slots.into_iter(),
                    Err(cause) => {
                        next = end;
                        return Some(Err(cause));
                    }
                }
                next += count;
            }
            piece.next().map(|(slot, bytes)| bytes.read(slot))
        }))
    }

    fn end(&self) -> std::sync::MutexGuard<'_, End> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn slot_of(&self, subject: &SubjectId, index: &dyn SlotIndex) -> Result<Option<Slot>, VaultError> {
        let unindexed = self.end().unindexed.get(subject).copied();
        match unindexed {
            Some(slot) => Ok(Some(slot)),
            None => index.slot(subject),
        }
    }

    fn read_slot(&self, slot: Slot) -> Result<SlotBytes, VaultError> {
        let mut bytes = [0; SLOT_BYTES];
        read_at(&self.file, &mut bytes, offset(slot)).map_err(|cause| VaultError::io(&self.path, cause))?;
        Ok(SlotBytes(bytes))
    }

    fn read_slots(&self, first: u64, count: u64) -> Result<Vec<(Slot, SlotBytes)>, VaultError> {
        let mut bytes = vec![0; usize::try_from(count).unwrap_or(0) * SLOT_BYTES];
        read_at(&self.file, &mut bytes, offset(Slot(first))).map_err(|cause| VaultError::io(&self.path, cause))?;
        let (pieces, _) = bytes.as_chunks::<SLOT_BYTES>();
        Ok(pieces.iter().zip(first..).map(|(piece, number)| (Slot(number), SlotBytes(*piece))).collect())
    }

    /// The first number behind the last whole slot. Slots are written in one piece per commit and synced before they are
    /// used, so slots at the end that are not whole belong to a commit that never was: they are written over.
    fn find_end(&self) -> Result<u64, VaultError> {
        let bytes = self.file.metadata().map_err(|cause| VaultError::io(&self.path, cause))?.len();
        let slots = bytes.saturating_sub(SLOT_BYTES as u64) / SLOT_BYTES as u64;
        let mut end = slots;
        while let Some(last) = end.checked_sub(1) {
            let slot = self.read_slot(Slot(last))?;
            if !slot.is_free() && slot.read(Slot(last)).is_ok() {
                break;
            }
            if slots - end >= MOST_TORN_SLOTS {
                return Err(VaultError::Slot { slot: last, reason: "more slots are broken than one commit writes" });
            }
            end = last;
        }
        Ok(end)
    }
}

/// Opens the keys' file; makes it, durable, where there is none.
fn open_keys(path: &Path) -> Result<File, VaultError> {
    let io = |cause| VaultError::io(path, cause);
    let mut head = [0; SLOT_BYTES];
    head.iter_mut().zip(KEYS_MAGIC).for_each(|(to, from)| *to = *from);
    if !path.exists() {
        new_file::create(path, &head).map_err(io)?;
    }
    let file = OpenOptions::new().read(true).write(true).open(path).map_err(io)?;
    let mut found = [0; SLOT_BYTES];
    let whole = file.metadata().map_err(io)?.len() >= SLOT_BYTES as u64;
    if whole {
        read_at(&file, &mut found, 0).map_err(io)?;
    }
    if !found.starts_with(KEYS_MAGIC) {
        return Err(VaultError::Format { path: path.display().to_string(), reason: "it does not begin as one" });
    }
    Ok(file)
}

fn offset(slot: Slot) -> u64 {
    (slot.0 + 1) * SLOT_BYTES as u64
}

#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], offset: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(unix)]
pub(super) fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

#[cfg(windows)]
fn write_at(file: &File, mut bytes: &[u8], mut offset: u64) -> std::io::Result<()> {
    while !bytes.is_empty() {
        let written = std::os::windows::fs::FileExt::seek_write(file, bytes, offset)?;
        bytes = bytes.get(written..).unwrap_or_default();
        offset += written as u64;
    }
    Ok(())
}

#[cfg(windows)]
pub(super) fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> std::io::Result<()> {
    let read = std::os::windows::fs::FileExt::seek_read(file, bytes, offset)?;
    if read == bytes.len() { Ok(()) } else { Err(std::io::ErrorKind::UnexpectedEof.into()) }
}

/// How many slots the keys' file of a vault's folder has, by its length alone; 0 where there is none.
#[must_use]
pub fn count_slots(folder: &Path) -> u64 {
    let length = std::fs::metadata(folder.join("keys")).map_or(0, |found| found.len());
    (length / SLOT_BYTES as u64).saturating_sub(1)
}

#[cfg(test)]
pub(super) mod tests_support;

#[cfg(test)]
mod tests;
