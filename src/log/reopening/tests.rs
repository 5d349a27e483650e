//! A log that is opened anew: full disks, readers that go on, and what is lost or damaged.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::*;
use crate::event::Micros;
use crate::log::{MemoryLog, prepare};

/// A disk: what lies on it, and whether it is full.
struct Disk {
    log: MemoryLog,
    full: AtomicBool,
    /// A write that fails is on the disk all the same.
    keeps: AtomicBool,
    /// So many openings find it held still by a handle that was closed.
    held: AtomicUsize,
    handles: AtomicUsize,
    /// What lies from here on is damaged.
    damaged_from: AtomicUsize,
    lost: Mutex<Option<Arc<MemoryLog>>>,
}

impl Default for Disk {
    fn default() -> Self {
        let (full, keeps) = (AtomicBool::new(false), AtomicBool::new(false));
        let (handles, damaged_from) = (AtomicUsize::new(0), AtomicUsize::new(usize::MAX));
        Self {
            log: MemoryLog::new(),
            full,
            keeps,
            held: AtomicUsize::new(0),
            handles,
            damaged_from,
            lost: Mutex::default(),
        }
    }
}

struct Handle(Arc<Disk>);

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.handles.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Site for Arc<Disk> {
    fn check_writable(&self) -> Result<(), LogError> {
        if self.full.load(Ordering::SeqCst) { Err(LogError::Write("full".into())) } else { Ok(()) }
    }
    fn open(&self) -> Result<Arc<dyn EventLog>, LogError> {
        if let Some(other) = self.lost.lock().unwrap().clone() {
            return Ok(other);
        }
        if self.held.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |held| held.checked_sub(1)).is_ok() {
            return Err(LogError::InUse("disk".into()));
        }
        // Like sled: only one at a time.
        if self.handles.compare_exchange(0, 1, Ordering::SeqCst, Ordering::SeqCst).is_err() {
            return Err(LogError::InUse("disk".into()));
        }
        Ok(Arc::new(Handle(self.clone())))
    }
}

impl EventLog for Handle {
    fn append(&self, commit: &Commit) -> Result<Head, LogError> {
        if self.0.full.load(Ordering::SeqCst) {
            if self.0.keeps.load(Ordering::SeqCst) {
                self.0.log.append(commit)?;
            }
            return Err(LogError::Write("full".into()));
        }
        self.0.log.append(commit)
    }
    fn head(&self) -> Head {
        self.0.log.head()
    }
    fn read(&self, from: Position) -> Result<Chunks<'_>, LogError> {
        let damaged = Position(self.0.damaged_from.load(Ordering::SeqCst) as u64);
        let met = move |chunk: Chunk| match chunk.end() <= damaged {
            true => Ok(chunk),
            false => Err(LogError::Damaged { position: chunk.first(), reason: "a bit is flipped".into() }),
        };
        Ok(Box::new(self.0.log.read(from)?.map(move |chunk| chunk.and_then(met))))
    }
    fn size_bytes(&self) -> Result<u64, LogError> {
        self.0.log.size_bytes()
    }
    fn backend(&self) -> &'static str {
        "disk"
    }
}

fn commit(log: &dyn EventLog, text: &str) -> Commit {
    prepare(log.head(), Micros(1), vec![text.as_bytes().to_vec().into()]).unwrap()
}

fn append(log: &dyn EventLog, text: &str) -> Result<Head, LogError> {
    log.append(&commit(log, text))
}

#[test]
fn a_commit_that_failed_is_gone_or_whole_after_reopening() {
    for keeps in [false, true] {
        let disk = Arc::new(Disk::default());
        let log = ReopeningLog::open(disk.clone()).unwrap();
        append(&log, "a").unwrap();
        let before = log.head();
        disk.keeps.store(keeps, Ordering::SeqCst);
        disk.full.store(true, Ordering::SeqCst);
        append(&log, "b").unwrap_err();
        assert_eq!(log.head(), before, "what was not acknowledged is not there");
        append(&log, "b").unwrap_err();
        assert!(matches!(log.reopen(), Err(LogError::Write(_))), "there is no room yet");
        assert!(log.chunk_at(Position(0)).unwrap().is_some(), "reads go on");
        disk.full.store(false, Ordering::SeqCst);
        append(&log, "b").unwrap_err();
        let head = log.reopen().unwrap();
        assert_eq!(head.next, Position(if keeps { 2 } else { 1 }));
        assert_eq!(append(&log, "c").unwrap().next, head.next.next());
    }
}

#[test]
fn a_log_that_was_closed_just_now_is_opened() {
    let disk = Arc::new(Disk::default());
    disk.held.store(3, Ordering::SeqCst);
    let log = ReopeningLog::open(disk.clone()).unwrap();
    assert_eq!(append(&log, "a").unwrap().next, Position(1));
}

#[test]
fn what_was_stored_since_it_was_opened_is_counted() {
    let log = ReopeningLog::open(Arc::new(Disk::default())).unwrap();
    assert_eq!(log.unsettled_bytes(), 0);
    append(&log, "a").unwrap();
    let one = log.unsettled_bytes();
    append(&log, "b").unwrap();
    assert_eq!((one > 0, log.unsettled_bytes()), (true, 2 * one));
    log.reopen().unwrap();
    assert_eq!(log.unsettled_bytes(), 0);
}

#[test]
fn a_reader_goes_on_over_a_reopening() {
    let disk = Arc::new(Disk::default());
    let log = ReopeningLog::open(disk.clone()).unwrap();
    for number in 0..1_000 {
        append(&log, &format!("{number}")).unwrap();
    }
    let mut reading = log.read(Position(0)).unwrap();
    assert!(reading.next().is_some());
    log.reopen().unwrap();
    append(&log, "later").unwrap();
    let rest: Vec<Position> = reading.map(|chunk| chunk.unwrap().first()).collect();
    assert_eq!(rest, (1..1_000).map(Position).collect::<Vec<_>>());
}

#[test]
fn the_first_damage_that_a_reader_meets_is_remembered_until_the_log_is_opened_anew() {
    let disk = Arc::new(Disk::default());
    let log = ReopeningLog::open(disk.clone()).unwrap();
    for text in ["a", "b", "c"] {
        append(&log, text).unwrap();
    }
    assert!(log.chunk_at(Position(2)).unwrap().is_some());
    assert_eq!(log.damage(), None);
    disk.damaged_from.store(1, Ordering::SeqCst);
    assert_eq!(log.read(Position(0)).unwrap().filter(Result::is_ok).count(), 1);
    let met = log.damage().unwrap();
    assert!(matches!(met.cause, LogError::Damaged { position: Position(1), .. }), "{met:?}");
    disk.damaged_from.store(0, Ordering::SeqCst);
    assert!(log.read(Position(0)).is_ok_and(|mut chunks| chunks.next().unwrap().is_err()));
    assert_eq!(log.damage(), Some(met), "the first is told");
    disk.damaged_from.store(usize::MAX, Ordering::SeqCst);
    log.reopen().unwrap();
    assert_eq!(log.damage(), None);
}

#[test]
fn a_log_that_lacks_what_was_acknowledged_takes_nothing_more() {
    let disk = Arc::new(Disk::default());
    let log = ReopeningLog::open(disk.clone()).unwrap();
    append(&log, "a").unwrap();
    *disk.lost.lock().unwrap() = Some(Arc::default());
    assert!(matches!(log.reopen(), Err(LogError::Missing { missing: 1, .. })));
    assert!(matches!(append(&log, "b"), Err(LogError::Missing { .. })));
}
