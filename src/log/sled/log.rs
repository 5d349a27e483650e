//! The log itself.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::before;
use super::fsync::true_fsync;
use super::guard::{letting_go, reading, writing};
use super::open::open;
use super::parts::{Join, key, read_key, split, stored_form, unpack};
use crate::event::{Micros, Position};
use crate::log::{Chunk, Chunks, Commit, EventLog, Head, LogError};

/// The tree that holds the chunks.
const TREE: &str = "chunks";

/// While reading in order, every so many entries one is looked up as well.
///
/// sled drops pages from memory only when a few thousand accesses have gathered, and reading in order accesses each page
/// once: pages of 17 KB pile up to 300 MB and more before the first is dropped. Looked up, each page is accessed several
/// times, and dropping begins that much earlier.
const TOUCH_EVERY: u64 = 3;

/// A log in a folder.
pub struct SledLog {
    /// Gone only while it is being dropped.
    db: Option<sled::Db>,
    stored: Stored,
    head: RwLock<Head>,
    /// Held while appending: when the last commit was recorded, and why nothing can be written any more.
    end: Mutex<End>,
}

/// The chunks as they are stored. Cheap to clone.
#[derive(Clone)]
struct Stored {
    /// Gone only while it is being dropped.
    tree: Option<sled::Tree>,
    folder: Arc<Path>,
}

#[derive(Default)]
struct End {
    last_recorded_at: Micros,
    broken: Option<LogError>,
}

impl std::fmt::Debug for SledLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SledLog").field("head", &self.head()).finish_non_exhaustive()
    }
}

impl SledLog {
    /// Opens the log in a folder, and makes it where there is none. The last two chunks are checked against each other.
    ///
    /// # Errors
    /// [`LogError`] when writes cannot be made durable here, when another process has the log, or when it cannot be read.
    pub fn open(folder: &Path) -> Result<Self, LogError> {
        true_fsync()?;
        let db = open(folder)?;
        let tree = writing(|| db.open_tree(TREE)).map_err(|cause| LogError::Open(cause.to_string()));
        let tree = match tree {
            Ok(tree) => Some(tree),
            Err(cause) => {
                letting_go(db);
                return Err(cause);
            }
        };
        let stored = Stored { tree, folder: folder.into() };
        let log = Self { db: Some(db), stored, head: RwLock::default(), end: Mutex::default() };
        if let Some(last) = log.stored.check_tail()? {
            *log.head.write().unwrap_or_else(PoisonError::into_inner) = Head { next: last.end(), hash: last.hash() };
            log.end().last_recorded_at = last.recorded_at();
        }
        Ok(log)
    }

    /// Opens a copy of a log that is damaged, to read what is left of it: nothing is checked, and reading goes on until it fails.
    /// sled may change the files.
    ///
    /// # Errors
    /// [`LogError`] when sled cannot open it at all.
    pub fn open_damaged(folder: &Path) -> Result<Self, LogError> {
        true_fsync()?;
        let db = open(folder)?;
        let tree = Some(writing(|| db.open_tree(TREE))?);
        let stored = Stored { tree, folder: folder.into() };
        let end = Head { next: Position(u64::MAX), hash: crate::event::Hash::ZERO };
        let refused = LogError::Write("it is a damaged copy".into());
        let end_of_it = End { broken: Some(refused), ..End::default() };
        Ok(Self { db: Some(db), stored, head: RwLock::new(end), end: Mutex::new(end_of_it) })
    }

    fn end(&self) -> std::sync::MutexGuard<'_, End> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores a commit's chunks in one atomic batch and one flush.
    fn store(&self, commit: &Commit) -> Result<(), LogError> {
        let mut batch = sled::Batch::default();
        for chunk in commit.chunks() {
            for (key, part) in split(chunk.first(), &stored_form(chunk))? {
                batch.insert(&key, part);
            }
        }
        let (Some(db), Some(tree)) = (&self.db, &self.stored.tree) else { return Err(closed()) };
        writing(|| tree.apply_batch(batch))?;
        writing(|| db.flush())?;
        Ok(())
    }
}

/// sled writes when it is closed, and may find then what is wrong with its files.
impl Drop for SledLog {
    fn drop(&mut self) {
        letting_go(self.stored.tree.take());
        letting_go(self.db.take());
    }
}

impl Drop for Stored {
    fn drop(&mut self) {
        letting_go(self.tree.take());
    }
}

fn closed() -> LogError {
    LogError::Write("it is being closed".into())
}

impl Stored {
    fn tree(&self) -> Result<&sled::Tree, LogError> {
        self.tree.as_ref().ok_or_else(closed)
    }

    /// The same error, with the folder that it is about.
    fn located(&self, cause: LogError) -> LogError {
        let within = |reason: String| format!("{reason}, in {}", self.folder.display());
        match cause {
            LogError::Damaged { position, reason } => LogError::Damaged { position, reason: within(reason) },
            LogError::Read { position, reason } => LogError::Read { position, reason: within(reason) },
            LogError::Empty
            | LogError::NotNext { .. }
            | LogError::TimeWentBack(_)
            | LogError::Missing { .. }
            | LogError::Another { .. }
            | LogError::NoTrueFsync(_)
            | LogError::InUse(_)
            | LogError::Open(_)
            | LogError::Io { .. }
            | LogError::Write(_)
            | LogError::Reopening(_) => cause,
        }
    }

    /// The last chunk, once it is found to continue the one before; and the log to begin at its beginning.
    fn check_tail(&self) -> Result<Option<Chunk>, LogError> {
        self.tail().map_err(|cause| self.located(cause))
    }

    fn tail(&self) -> Result<Option<Chunk>, LogError> {
        let damaged = |position, reason: &str| LogError::Damaged { position, reason: reason.into() };
        let tree = self.tree()?;
        let Some((first, _)) = reading(Position::ZERO, || tree.first())? else { return Ok(None) };
        if read_key(&first) != Some((Position::ZERO, 0)) {
            return Err(damaged(Position::ZERO, "the log does not begin at position 0"));
        }
        let Some((last, _)) = reading(Position::ZERO, || tree.last())? else { return Ok(None) };
        let (last, _) = read_key(&last).ok_or_else(|| damaged(Position::ZERO, "a key has another length"))?;
        let chunk = self.load(last)?;
        if let Some(before) = last.0.checked_sub(1) {
            let before = self.at_or_before(Position(before))?;
            let before = before.ok_or_else(|| damaged(last, "nothing lies before it"))?;
            if before.end() != last || before.hash() != chunk.prev() {
                return Err(damaged(last, "it does not continue the chunk before it"));
            }
        }
        Ok(Some(chunk))
    }

    /// The chunk that begins at a position.
    fn load(&self, first: Position) -> Result<Chunk, LogError> {
        let mut join = Join::default();
        let mut entries = self.tree()?.scan_prefix(first.0.to_be_bytes());
        while let Some((key, value)) = reading(first, || entries.next().transpose())? {
            join.add(&key, &value)?;
        }
        match join.finish() {
            Some((_, stored)) => Chunk::read(first, unpack(first, &stored)?),
            None => Err(LogError::Damaged { position: first, reason: "it is not there".into() }),
        }
    }

    /// The chunk with the greatest first position up to `position`.
    fn starting_at_or_before(&self, position: Position) -> Result<Option<Chunk>, LogError> {
        self.at_or_before(position).map_err(|cause| self.located(cause))
    }

    fn at_or_before(&self, position: Position) -> Result<Option<Chunk>, LogError> {
        let tree = self.tree()?;
        let entry = reading(position, || tree.get_lt(key(position.next(), 0)))?;
        let Some((found, value)) = entry else { return Ok(None) };
        let Some((first, part)) = read_key(&found) else { return self.load(position).map(Some) };
        if part == 0 { Chunk::read(first, unpack(first, &value)?).map(Some) } else { self.load(first).map(Some) }
    }
}

impl EventLog for SledLog {
    fn append(&self, commit: &Commit) -> Result<Head, LogError> {
        let mut end = self.end();
        if let Some(cause) = &end.broken {
            return Err(cause.clone());
        }
        commit.check(self.head(), end.last_recorded_at)?;
        if let Err(cause) = self.store(commit) {
            end.broken = Some(cause.clone());
            return Err(cause);
        }
        end.last_recorded_at = commit.last_recorded_at();
        let head = commit.head();
        *self.head.write().unwrap_or_else(PoisonError::into_inner) = head;
        Ok(head)
    }

    fn found_whole(&self) -> Result<(), LogError> {
        before::give_up(&self.stored.folder)
    }

    fn head(&self) -> Head {
        *self.head.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, from: Position) -> Result<Chunks<'_>, LogError> {
        let head = self.head().next;
        if from >= head {
            return Ok(Box::new(std::iter::empty()));
        }
        let first = self.stored.starting_at_or_before(from)?;
        let first = first.ok_or(LogError::Damaged { position: from, reason: "it is not there".into() })?;
        Ok(Box::new(Reading {
            expected: first.first(),
            entries: None,
            join: Join::default(),
            read: 0,
            stored: self.stored.clone(),
            head,
            ended: false,
        }))
    }

    fn chunk_at(&self, position: Position) -> Result<Option<Chunk>, LogError> {
        if position >= self.head().next {
            return Ok(None);
        }
        match self.stored.starting_at_or_before(position)? {
            Some(chunk) if chunk.end() > position => Ok(Some(chunk)),
            _ => Err(LogError::Damaged { position, reason: "it is not there".into() }),
        }
    }

    fn size_bytes(&self) -> Result<u64, LogError> {
        let db = self.db.as_ref().ok_or_else(closed)?;
        let path = || self.stored.folder.display().to_string();
        writing(|| db.size_on_disk()).map_err(|cause| LogError::Io { path: path(), reason: cause.to_string() })
    }

    fn backend(&self) -> &'static str {
        "sled"
    }
}

/// Chunks that are read in order, up to the head as it was. A gap is an error, and ends it.
struct Reading {
    stored: Stored,
    expected: Position,
    head: Position,
    entries: Option<sled::Iter>,
    join: Join,
    /// Entries that were read.
    read: u64,
    ended: bool,
}

impl Reading {
    fn step(&mut self) -> Result<Option<Chunk>, LogError> {
        if self.expected >= self.head {
            return Ok(None);
        }
        let start = self.expected;
        let tree = self.stored.tree()?;
        let head = self.head;
        let entries = self.entries.get_or_insert_with(|| tree.range(key(start, 0)..key(head, 0)));
        let whole = loop {
            match reading(start, || entries.next().transpose())? {
                Some((key, value)) => {
                    self.read += 1;
                    if self.read.is_multiple_of(TOUCH_EVERY) {
                        reading(start, || tree.contains_key(&key))?;
                    }
                    if let Some(done) = self.join.add(&key, &value)? {
                        break Some(done);
                    }
                }
                None => break self.join.finish(),
            }
        };
        let gap = LogError::Damaged { position: start, reason: "it is not there".into() };
        let Some((first, bytes)) = whole else { return Err(gap) };
        if first != start {
            return Err(gap);
        }
        let chunk = Chunk::read(first, unpack(first, &bytes)?)?;
        self.expected = chunk.end();
        Ok(Some(chunk))
    }
}

impl Iterator for Reading {
    type Item = Result<Chunk, LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let step = self.step().map_err(|cause| self.stored.located(cause));
        self.ended = !matches!(step, Ok(Some(_)));
        step.transpose()
    }
}
