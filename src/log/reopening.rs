//! A log that can be opened anew while it is in use: what failed to write stays in error for good, and is replaced.
//!
//! Readers go on with the handle that failed until there is room to write again, and wait while the log is opened anew and
//! checked against what was acknowledged. The log that was opened is the truth: it may hold the commit that failed, as a whole
//! or not at all.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use super::damage::FirstDamage;
use super::{
    Chunk, Chunks, Commit, Damage, EventLog, Head, LogError, SledLog, Watermark, check_room, check_watermark,
    true_fsync,
};
use crate::event::Position;

/// Bytes that must find room before a log is opened anew: a few segments of sled.
const ROOM_BYTES: usize = 2 << 20;
/// How long readers may take to finish before the handle is taken from them.
const READERS_TAKE: Duration = Duration::from_secs(5);
/// How long the threads of the handle of before may hold the folder after it.
const LOCK_HELD: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(5);
/// Chunks of the first group that a reader reads at once, and of the largest.
const FIRST_CHUNKS: usize = 4;
const MOST_CHUNKS: usize = 256;

/// Where a log lies, and how it is opened there.
pub trait Site: Send + Sync {
    /// Finds out whether it can be written.
    ///
    /// # Errors
    /// [`LogError::Write`] says why not.
    fn check_writable(&self) -> Result<(), LogError>;

    /// Opens it.
    ///
    /// # Errors
    /// [`LogError`].
    fn open(&self) -> Result<Arc<dyn EventLog>, LogError>;
}

/// A log of sled in a folder.
#[derive(Debug)]
pub struct SledSite(pub PathBuf);

impl Site for SledSite {
    fn check_writable(&self) -> Result<(), LogError> {
        check_room(&self.0, ROOM_BYTES)
    }

    fn open(&self) -> Result<Arc<dyn EventLog>, LogError> {
        true_fsync()?;
        Ok(Arc::new(SledLog::open(&self.0)?))
    }
}

/// A log that can be opened anew.
pub struct ReopeningLog {
    site: Box<dyn Site>,
    backend: &'static str,
    current: RwLock<Current>,
    head: RwLock<Head>,
    damage: FirstDamage,
    unsettled_bytes: AtomicU64,
}

struct Current {
    /// Gone between two handles.
    log: Option<Arc<dyn EventLog>>,
    /// Why nothing can be written.
    refused: Option<LogError>,
}

impl std::fmt::Debug for ReopeningLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReopeningLog").field("head", &self.head()).finish_non_exhaustive()
    }
}

impl ReopeningLog {
    /// Opens a log, which may have been closed just now.
    ///
    /// # Errors
    /// As [`Site::open`].
    pub fn open(site: impl Site + 'static) -> Result<Self, LogError> {
        let log = open_patiently(&site)?;
        let (backend, head) = (log.backend(), RwLock::new(log.head()));
        let current = RwLock::new(Current { log: Some(log), refused: None });
        Ok(Self {
            site: Box::new(site),
            backend,
            current,
            head,
            damage: FirstDamage::default(),
            unsettled_bytes: AtomicU64::new(0),
        })
    }

    fn state(&self) -> RwLockReadGuard<'_, Current> {
        self.current.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self) -> RwLockWriteGuard<'_, Current> {
        self.current.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The handle; waits while it is being replaced.
    fn current(&self) -> Result<Arc<dyn EventLog>, LogError> {
        let state = self.state();
        let why = || state.refused.as_ref().map_or_else(String::new, ToString::to_string);
        state.log.clone().ok_or_else(|| LogError::Reopening(why()))
    }

    fn set_head(&self, head: Head) {
        *self.head.write().unwrap_or_else(PoisonError::into_inner) = head;
    }
}

/// Opens the log; the threads of the handle of before, closed or not, may hold the folder a moment longer.
fn open_patiently(site: &dyn Site) -> Result<Arc<dyn EventLog>, LogError> {
    let started = Instant::now();
    loop {
        match site.open() {
            Err(LogError::InUse(_)) if started.elapsed() < LOCK_HELD => std::thread::sleep(PAUSE),
            opened => return opened,
        }
    }
}

/// Lets go of a handle once nobody else has it; gives it back when somebody keeps it.
fn let_go(mut log: Arc<dyn EventLog>) -> Result<(), Arc<dyn EventLog>> {
    let started = Instant::now();
    while Arc::get_mut(&mut log).is_none() {
        if started.elapsed() > READERS_TAKE {
            return Err(log);
        }
        std::thread::sleep(PAUSE);
    }
    drop(log);
    Ok(())
}

impl EventLog for ReopeningLog {
    fn append(&self, commit: &Commit) -> Result<Head, LogError> {
        let log = {
            let state = self.state();
            if let Some(cause) = &state.refused {
                return Err(cause.clone());
            }
            state.log.clone().ok_or_else(|| LogError::Reopening(String::new()))?
        };
        match log.append(commit) {
            Ok(head) => {
                let bytes: usize = commit.chunks().iter().map(Chunk::len_bytes).sum();
                self.unsettled_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
                self.set_head(head);
                Ok(head)
            }
            Err(cause @ LogError::Write(_)) => {
                self.change().refused = Some(cause.clone());
                Err(cause)
            }
            Err(cause) => Err(cause),
        }
    }

    fn head(&self) -> Head {
        *self.head.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, from: Position) -> Result<Chunks<'_>, LogError> {
        let head = self.head().next;
        let mut reading = Reading { log: self, next: from, head, group: Vec::new().into_iter(), size: FIRST_CHUNKS };
        // What cannot be read at all is told at once.
        if from < head {
            reading.read_group()?;
        }
        Ok(Box::new(reading))
    }

    fn chunk_at(&self, position: Position) -> Result<Option<Chunk>, LogError> {
        self.current()?.chunk_at(position).inspect_err(|cause| self.damage.note(cause))
    }

    fn size_bytes(&self) -> Result<u64, LogError> {
        self.current()?.size_bytes()
    }

    fn found_whole(&self) -> Result<(), LogError> {
        self.current()?.found_whole()
    }

    fn backend(&self) -> &'static str {
        self.backend
    }

    fn damage(&self) -> Option<Damage> {
        self.damage.get()
    }

    fn unsettled_bytes(&self) -> u64 {
        self.unsettled_bytes.load(Ordering::Relaxed)
    }

    fn reopen(&self) -> Result<Head, LogError> {
        self.site.check_writable()?;
        let mut state = self.change();
        if let Some(old) = state.log.take()
            && let Err(old) = let_go(old)
        {
            state.log = Some(old);
            return Err(LogError::Reopening("somebody has been reading the old handle for long".into()));
        }
        let log = open_patiently(&*self.site)?;
        let Head { next, hash } = self.head();
        let known = Watermark { next, hash, of: "those who were told".into() };
        let checked = check_watermark(&*log, &known);
        let head = log.head();
        state.log = Some(log);
        state.refused = checked.clone().err();
        checked?;
        state.log.as_ref().map_or(Ok(()), |log| log.found_whole())?;
        self.damage.forget();
        self.unsettled_bytes.store(0, Ordering::Relaxed);
        self.set_head(head);
        Ok(head)
    }
}

/// Chunks that are read in order, a group at a time: nobody keeps a handle for long, and each group is read by the handle that
/// is there then.
struct Reading<'a> {
    log: &'a ReopeningLog,
    next: Position,
    head: Position,
    group: std::vec::IntoIter<Result<Chunk, LogError>>,
    /// Chunks of the next group.
    size: usize,
}

impl Reading<'_> {
    /// Reads the next group; what is damaged in it, or keeps it from being read, is noted.
    fn read_group(&mut self) -> Result<(), LogError> {
        let read = self.try_read_group();
        let met = read.as_ref().err().or_else(|| self.group.as_slice().iter().find_map(|chunk| chunk.as_ref().err()));
        if let Some(cause) = met {
            self.log.damage.note(cause);
        }
        read
    }

    fn try_read_group(&mut self) -> Result<(), LogError> {
        let log = self.log.current()?;
        let mut group: Vec<_> = log.read(self.next)?.take(self.size).collect();
        // What was stored since belongs to the next reader.
        group.retain(|chunk| chunk.as_ref().map_or(true, |chunk| chunk.first() < self.head));
        match group.last() {
            Some(Ok(last)) => self.next = last.end(),
            Some(Err(_)) => self.next = self.head,
            None => return Err(LogError::Damaged { position: self.next, reason: "it is not there".into() }),
        }
        self.size = (self.size * 2).min(MOST_CHUNKS);
        self.group = group.into_iter();
        Ok(())
    }
}

impl Iterator for Reading<'_> {
    type Item = Result<Chunk, LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(chunk) = self.group.next() {
            return Some(chunk);
        }
        if self.next >= self.head {
            return None;
        }
        match self.read_group() {
            Ok(()) => self.group.next(),
            Err(cause) => {
                self.next = self.head;
                Some(Err(cause))
            }
        }
    }
}

#[cfg(test)]
mod tests;
