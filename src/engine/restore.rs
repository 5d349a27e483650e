//! A new data folder out of an archive or a backup.
//!
//! The log is built beside its place and moved there at the very end, so that a restore that broke off is never taken for a
//! store: the folder `log.restoring` stays until one has come to its end. The next one begins anew.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::copied::{io, rename};
use super::error::EngineError;
use super::folder::Folder;
use crate::archive::{Torn, chunks};
use crate::event::{Invalid, Kind, Micros, Position, SubjectId, codec};
use crate::log::{Chunk, Commit, EventLog, Head, LogError, SledLog};
use crate::vault::{Destroyed, KeysBackup, KeysCount, backup_keys};

/// Bytes that are stored at once.
const COMMIT_BYTES: usize = 4 << 20;
/// How long sled is waited for after it was closed: its threads may hold its lock for a moment longer.
const CLOSING: Duration = Duration::from_secs(5);

/// Up to where a log is restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// To its end.
    Latest,
    /// No event at this position or behind it.
    Position(Position),
    /// No event that was recorded after this moment.
    Time(Micros),
}

impl Until {
    fn lets_in(self, chunk: &Chunk) -> bool {
        match self {
            Self::Latest => true,
            Self::Position(position) => chunk.end() <= position,
            Self::Time(moment) => chunk.recorded_at() <= moment,
        }
    }
}

/// What is restored, from where and to where.
#[derive(Clone, Debug)]
pub struct RestoreOptions {
    /// The archive or backup.
    pub from: PathBuf,
    /// The new data folder; not there, or empty.
    pub to: PathBuf,
    /// A backup of the keys, or the `vault` folder of a store.
    pub keys: Option<PathBuf>,
    /// Who was erased since the keys were backed up, beside those of whom the events tell.
    pub destroyed: Vec<Destroyed>,
    /// Up to where.
    pub until: Until,
    /// Strands that have events and no key in the backup of the keys are given up, in place of being an error.
    pub accept_missing_keys: bool,
}

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Where the log ends. Events are stored in chunks of a few; where a chunk reaches beyond what was asked for, none of it is
    /// taken.
    pub head: Head,
    /// When its last event was recorded.
    pub recorded_at: Option<Micros>,
    /// The keys, when they were restored.
    pub keys: Option<KeysCount>,
    /// Strands that have events and no key in the backup of the keys, which must be older than those events.
    pub lost_keys: u64,
    /// Where the archive's end was found cut off.
    pub torn: Option<Torn>,
}

/// What the events tell of keys.
struct Told {
    /// The subjects that have a key in the backup; `None` when no keys are restored.
    known: Option<HashSet<SubjectId>>,
    /// Whether a strand of the events has one of them.
    met: bool,
    lost: HashSet<SubjectId>,
    destroyed: HashMap<SubjectId, Micros>,
}

/// Restores a store; `progress` is told up to which position.
///
/// # Errors
/// [`EngineError::OtherKeys`] when the keys are another store's; [`EngineError::MissingKeys`] when the backup of the keys is older than some events and that was not accepted; others say what
/// cannot be read or written. Then nothing is left behind: the folders that it made are gone. In one that was there before the mark
/// stays that a restore did not come to its end, so that nobody makes a new store there by mistake.
pub fn restore(options: &RestoreOptions, progress: impl FnMut(Position)) -> Result<Restored, EngineError> {
    let made: Vec<&Path> = options.to.ancestors().take_while(|folder| !folder.exists()).collect();
    let folder = Folder::at(&options.to)?;
    let _lock = folder.lock()?;
    leave_empty(&folder)?;
    let restored = build(options, &folder, progress);
    if restored.is_err() {
        clear(&folder)?;
        if !made.is_empty() {
            remove_made(&folder, &made)?;
            return restored;
        }
        std::fs::create_dir(folder.restoring()).map_err(|cause| io(&folder.restoring(), cause))?;
    }
    restored
}

/// Builds the store in a folder that holds nothing.
fn build(
    options: &RestoreOptions,
    folder: &Folder,
    mut progress: impl FnMut(Position),
) -> Result<Restored, EngineError> {
    let mut reading = chunks(&options.from, Position::ZERO)?;
    let unpacked = options.keys.as_deref().map(|keys| keys_file(keys, folder)).transpose()?;
    let keys = unpacked.as_deref().map(KeysBackup::open).transpose()?;
    let known = keys.as_ref().map(KeysBackup::subjects).transpose()?;
    let destroyed = options.destroyed.iter().map(|entry| (entry.subject, entry.at)).collect();
    let mut told = Told { known, met: false, lost: HashSet::new(), destroyed };
    let mut log = Building::new(SledLog::open(&folder.restoring())?);
    let mut inside = true;
    for chunk in &mut reading {
        let chunk = chunk?;
        inside = inside && options.until.lets_in(&chunk);
        // Behind the end it is still read: an erasure there counts.
        told.hear(&chunk, inside)?;
        progress(chunk.end());
        if inside {
            log.add(chunk)?;
        }
    }
    let (head, recorded_at) = log.finish()?;
    if let Until::Position(wanted) = options.until
        && reading.end().next < wanted
    {
        let reason = format!("{} ends at {}", options.from.display(), reading.end().next);
        return Err(Invalid::new("to-position", reason, "give an earlier position, or a later backup").into());
    }
    if let (Some(keys), true) = (&options.keys, told.are_another_stores()) {
        return Err(EngineError::OtherKeys { keys: keys.display().to_string() });
    }
    let lost_keys = told.lost_keys();
    if let (Some(keys), false) = (&options.keys, options.accept_missing_keys || lost_keys == 0) {
        return Err(EngineError::MissingKeys { keys: keys.display().to_string(), strands: lost_keys });
    }
    let count = match keys {
        Some(keys) => Some(keys.restore(&folder.vault_restoring(), &told.destroyed, &told.lost)?),
        None => None,
    };
    if let (Some(made), true) = (&unpacked, unpacked != options.keys) {
        std::fs::remove_file(made).map_err(|cause| io(made, cause))?;
    }
    move_into_place(folder)?;
    Ok(Restored { head, recorded_at, keys: count, lost_keys, torn: reading.torn().cloned() })
}

impl Told {
    /// Whether the keys are of another store: no strand of theirs has an event. What is a strand's name in one store is none in
    /// another, and keys are made for the events that come with them; so those of an older backup are always met.
    fn are_another_stores(&self) -> bool {
        !self.met && !self.lost.is_empty() && self.known.as_ref().is_some_and(|known| !known.is_empty())
    }

    /// Strands that have events and no key, and were not erased.
    fn lost_keys(&self) -> u64 {
        self.lost.iter().filter(|subject| !self.destroyed.contains_key(*subject)).count() as u64
    }

    fn hear(&mut self, chunk: &Chunk, inside: bool) -> Result<(), EngineError> {
        let Some(known) = &self.known else { return Ok(()) };
        for (position, record) in chunk.records() {
            let event = codec::decode(position, chunk.recorded_at(), record)
                .map_err(|cause| EngineError::Event { position, cause })?;
            let subject = event.strand.subject;
            if known.contains(&subject) {
                self.met = true;
            } else if inside {
                self.lost.insert(subject);
            }
            if matches!(event.kind, Kind::PrivacyShredded(_)) {
                self.destroyed.entry(subject).or_insert(event.recorded_at);
            }
        }
        Ok(())
    }
}

/// A log that is built of chunks as they were stored.
struct Building {
    log: SledLog,
    waiting: Vec<Chunk>,
    bytes: usize,
    recorded_at: Option<Micros>,
}

impl Building {
    fn new(log: SledLog) -> Self {
        Self { log, waiting: Vec::new(), bytes: 0, recorded_at: None }
    }

    fn add(&mut self, chunk: Chunk) -> Result<(), LogError> {
        self.bytes += chunk.len_bytes();
        self.recorded_at = Some(chunk.recorded_at());
        self.waiting.push(chunk);
        if self.bytes < COMMIT_BYTES { Ok(()) } else { self.store() }
    }

    fn store(&mut self) -> Result<(), LogError> {
        self.bytes = 0;
        let chunks = std::mem::take(&mut self.waiting);
        if chunks.is_empty() {
            return Ok(());
        }
        self.log.append(&Commit::of_chunks(self.log.head(), chunks)?).map(drop)
    }

    fn finish(mut self) -> Result<(Head, Option<Micros>), LogError> {
        self.store()?;
        Ok((self.log.head(), self.recorded_at))
    }
}

/// Takes away what a restore that was killed left behind. The folder must not hold anything else, but for the master key, which may
/// have been put there already.
fn leave_empty(folder: &Folder) -> Result<(), EngineError> {
    let path = folder.path();
    let mine =
        [folder.restoring(), folder.vault_restoring(), keys_made(folder), folder.master_key(), path.join("lock")];
    for entry in std::fs::read_dir(path).map_err(|cause| io(path, cause))? {
        let entry = entry.map_err(|cause| io(path, cause))?.path();
        if !mine.contains(&entry) {
            return Err(EngineError::NotEmpty { path: path.display().to_string() });
        }
    }
    clear(folder)
}

/// Removes what was made.
fn clear(folder: &Folder) -> Result<(), EngineError> {
    let gone = |path: &Path, removed: std::io::Result<()>| match removed {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => Err(io(path, cause)),
        Ok(()) | Err(_) => Ok(()),
    };
    for path in [folder.restoring(), folder.vault_restoring()] {
        gone(&path, std::fs::remove_dir_all(&path))?;
    }
    gone(&keys_made(folder), std::fs::remove_file(keys_made(folder)))
}

/// Removes the folders that a restore made, from the innermost on. What somebody has put there meanwhile stays.
fn remove_made(folder: &Folder, made: &[&Path]) -> Result<(), EngineError> {
    let lock = folder.path().join("lock");
    std::fs::remove_file(&lock).map_err(|cause| io(&lock, cause))?;
    made.iter().take_while(|made| !made.as_os_str().is_empty()).try_for_each(|made| match std::fs::remove_dir(made) {
        Err(cause) if cause.kind() != std::io::ErrorKind::DirectoryNotEmpty => Err(io(made, cause)),
        Ok(()) | Err(_) => Ok(()),
    })
}

/// The backup of keys that is made of a vault's folder.
fn keys_made(folder: &Folder) -> PathBuf {
    folder.restoring().with_extension("keys")
}

/// The backup of keys: the file itself, or one made of a vault's folder.
fn keys_file(keys: &Path, folder: &Folder) -> Result<PathBuf, EngineError> {
    if !keys.is_dir() {
        return Ok(keys.to_owned());
    }
    let made = keys_made(folder);
    backup_keys(keys, &made)?;
    Ok(made)
}

/// Gives the log its name, durably: from here on the folder is a store.
fn move_into_place(folder: &Folder) -> Result<(), EngineError> {
    let (from, to) = (folder.restoring(), folder.log());
    // Opened once more: what was written must be what is read, and sled must have let go of it.
    let began = Instant::now();
    loop {
        match SledLog::open(&from) {
            Ok(log) => break drop(log),
            Err(LogError::InUse(_)) if began.elapsed() < CLOSING => std::thread::sleep(Duration::from_millis(5)),
            Err(cause) => return Err(cause.into()),
        }
    }
    // The keys first: a log without them is no store.
    if folder.vault_restoring().exists() {
        rename(&folder.vault_restoring(), &folder.vault())?;
    }
    rename(&from, &to)
}
