//! Keeping the archive: every committed chunk goes there as well, within a second, by a thread of its own.
//!
//! The writer never waits for the archive. When that is slow, it lags; when it fails, it is tried again, from where it was
//! safe last; both are told by [`ArchiveStatus`] and in the log of the process.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::condition::{Part, Stops, Trouble};
use super::error::EngineError;
use super::feed::Feed;
use super::follower::{Follower, Stop};
use crate::archive::{ArchiveError, ArchiveWriter, Cut, SetAside, holds_anything, is_begun, open_for};
use crate::event::{Micros, Position};

/// How long chunks are gathered before they are written and synced.
const GATHER: Duration = Duration::from_millis(200);
/// Events that are read at once.
const READ_EVENTS: usize = 10_000;
/// Events after which it is synced while there is more.
const SYNC_EVENTS: u64 = 50_000;
/// How long the last of it may take once the store is being closed.
const LAST_EFFORT: Duration = Duration::from_secs(10);
/// How long it waits after a failure, at first and at most.
const RETRY: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

/// Where the archive stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveStatus {
    /// Its folder.
    pub folder: PathBuf,
    /// All events before this position are safe there.
    pub through: Position,
    /// Events that are in the log and not safe there yet.
    pub lag: u64,
    /// For how long the oldest of those has waited, in milliseconds; 0 when there are none.
    pub delay_ms: u64,
    /// Why it cannot be written now; `None` while it can.
    pub failure: Option<String>,
    /// Since when it cannot.
    pub failing_since: Option<Micros>,
}

/// What the thread tells.
#[derive(Debug, Default)]
struct Told {
    through: Position,
    behind_since: Option<Instant>,
    /// Why it cannot be written, as it was found last, and since when.
    failure: Option<(String, Micros)>,
}

/// The archive of a store that is open.
#[derive(Debug)]
pub(super) struct Archiver {
    folder: PathBuf,
    told: Arc<Mutex<Told>>,
    feed: Arc<Feed>,
    _follower: Follower,
}

impl Archiver {
    /// Starts to keep an archive. One that belongs to another log, or holds more than this one, is refused; one that cannot be
    /// reached now is tried again.
    pub(super) fn start(folder: PathBuf, feed: Arc<Feed>) -> Result<Self, EngineError> {
        let mut failure = None;
        let writer = match open(&folder, &feed) {
            Ok(writer) => Some(writer),
            Err(cause) if cause.is_mismatch() || matches!(cause, ArchiveError::InUse { .. }) => {
                return Err(cause.into());
            }
            Err(cause) => {
                tracing::error!(%cause, "the archive cannot be written; it is tried again");
                failure = Some((cause.to_string(), Micros::now()));
                None
            }
        };
        let told = Told { behind_since: Some(Instant::now()), failure, ..Told::default() };
        let told = Arc::new(Mutex::new(told));
        let mut work = Work::new(folder.clone(), feed.clone(), told.clone());
        let follow = move |mut stop: Stop| work.follow(writer, &mut stop);
        let follower = Follower::start("novelo:archive", follow)
            .map_err(|cause| EngineError::Io { path: "a thread".into(), cause })?;
        Ok(Self { folder, told, feed, _follower: follower })
    }

    pub(super) fn status(&self) -> ArchiveStatus {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let lag = self.feed.head().next.since(told.through);
        let waited = told.behind_since.filter(|_| lag > 0).map_or(Duration::ZERO, |since| since.elapsed());
        let delay_ms = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX);
        ArchiveStatus {
            folder: self.folder.clone(),
            through: told.through,
            lag,
            delay_ms,
            failure: told.failure.as_ref().map(|(reason, _)| reason.clone()),
            failing_since: told.failure.as_ref().map(|(_, since)| *since),
        }
    }

    /// An archive that cannot be written, which keeps no event from being taken.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        let ArchiveStatus { folder, lag, failure, failing_since, .. } = self.status();
        let (failure, since) = failure.zip(failing_since)?;
        let reason = format!(
            "the archive in {} is not kept: {failure}; events are taken all the same, {lag} are not in it; it is tried again, \
             and goes on by itself",
            folder.display()
        );
        Some(Trouble { part: Part::Archive, reason, since, stops: Stops::Nothing })
    }
}

/// Opens an archive and checks that it can go on with this log.
fn open(folder: &std::path::Path, feed: &Feed) -> Result<ArchiveWriter, ArchiveError> {
    let (writer, aside) = open_for(folder, &**feed.log())?;
    if writer.end().next == Position::ZERO && feed.head().next > Position::ZERO {
        tracing::warn!(
            archive = %folder.display(), events = feed.head().next.0,
            "the archive is empty and is written from the beginning; if there was one, mount the disk or share that it is on"
        );
    }
    if let Some(Cut { file, position, bytes, .. }) = writer.cut() {
        tracing::info!(
            segment = %file.display(), %position, bytes,
            "the end of the archive was never finished, as after a crash; it is cut off and written again"
        );
    }
    if let Some(SetAside { file, kept_in, position }) = aside {
        tracing::warn!(
            segment = %file.display(), kept_in = %kept_in.display(), %position,
            "a segment of the archive was damaged; it is kept, and what follows is taken from the log again"
        );
    }
    Ok(writer)
}

/// What the thread works with.
struct Work {
    folder: PathBuf,
    feed: Arc<Feed>,
    told: Arc<Mutex<Told>>,
    /// Up to where chunks were found in the folder or were written there, synced or not; `None` before it was reached once.
    written: Option<Position>,
}

impl Work {
    fn new(folder: PathBuf, feed: Arc<Feed>, told: Arc<Mutex<Told>>) -> Self {
        Self { folder, feed, told, written: None }
    }

    /// Follows the log until it is to stop; then once more up to the log's end.
    fn follow(&mut self, mut writer: Option<ArchiveWriter>, stop: &mut Stop) {
        let mut wait = RETRY.0;
        loop {
            let stopping = stop.is_set();
            match self.catch_up(&mut writer, stop) {
                Ok(through) if stopping => {
                    let missing = self.feed.head().next.since(through);
                    if missing > 0 {
                        tracing::warn!(missing, "the archive is behind; it is brought up to date at the next start");
                    }
                    return;
                }
                Ok(through) => {
                    wait = RETRY.0;
                    stop.wait_past(&self.feed, through);
                    self.tell(|told| told.behind_since = Some(Instant::now()));
                    stop.pause(GATHER);
                }
                Err(cause) if stopping => {
                    tracing::error!(%cause, "the archive does not have everything; it is brought up to date at the next start");
                    return;
                }
                Err(cause) => {
                    // What was not synced is not relied on: it is opened anew, and goes on from what is whole there.
                    writer = None;
                    let reason = cause.to_string();
                    self.tell(|told| {
                        if told.failure.as_ref().map(|(known, _)| known) != Some(&reason) {
                            tracing::error!(%cause, "the archive cannot be written; it is tried again");
                        }
                        let since = told.failure.take().map_or_else(Micros::now, |(_, since)| since);
                        told.failure = Some((reason, since));
                    });
                    stop.pause(wait);
                    wait = (wait * 2).min(RETRY.1);
                }
            }
        }
    }

    /// What was written is still there: on the disk below one that was unmounted it is not begun anew.
    fn check_still_there(&self) -> Result<(), ArchiveError> {
        let Some(position) = self.written else { return Ok(()) };
        let is_there = match position {
            Position::ZERO => is_begun(&self.folder),
            Position(_) => holds_anything(&self.folder).unwrap_or(false),
        };
        if is_there {
            return Ok(());
        }
        Err(ArchiveError::Gone { folder: self.folder.display().to_string(), position })
    }

    /// Brings the archive up to the log's end, synced, or as far as it comes when it is to stop; up to where that is.
    fn catch_up(&mut self, slot: &mut Option<ArchiveWriter>, stop: &Stop) -> Result<Position, ArchiveError> {
        let writer = match slot {
            Some(writer) => writer,
            None => {
                self.check_still_there()?;
                slot.insert(open(&self.folder, &self.feed)?)
            }
        };
        let mut stopping_since: Option<Instant> = None;
        loop {
            let looked = Instant::now();
            let head = self.feed.head().next;
            let begun = writer.end().next;
            self.written = self.written.max(Some(begun));
            while writer.end().next < head && writer.end().next.since(begun) < SYNC_EVENTS {
                writer.append(&self.feed.read(writer.end().next, READ_EVENTS)?)?;
                self.written = self.written.max(Some(writer.end().next));
            }
            let through = writer.sync()?.next;
            self.tell(|told| {
                told.through = through;
                told.behind_since = (through < self.feed.head().next).then_some(looked);
                if told.failure.take().is_some() {
                    tracing::info!("the archive can be written again");
                }
            });
            let stopping_since = stop.is_set().then(|| *stopping_since.get_or_insert_with(Instant::now));
            if through >= head || stopping_since.is_some_and(|since| since.elapsed() > LAST_EFFORT) {
                return Ok(through);
            }
        }
    }

    fn tell(&self, tell: impl FnOnce(&mut Told)) {
        tell(&mut self.told.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Novelo, Options};
    use crate::log::{Head, MemoryLog, prepare};

    fn grow(feed: &Feed, events: usize) {
        let records = vec![vec![7; 300].into(); events];
        let commit = prepare(feed.head(), Micros(1), records).unwrap();
        let head = feed.log().append(&commit).unwrap();
        feed.publish(commit.into_chunks(), head);
    }

    fn until(archiver: &Archiver, mut wanted: impl FnMut(&ArchiveStatus) -> bool) -> ArchiveStatus {
        let began = Instant::now();
        loop {
            let status = archiver.status();
            if wanted(&status) {
                return status;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "{status:?}");
            std::thread::yield_now();
        }
    }

    #[test]
    fn an_archive_that_cannot_be_reached_says_so_and_has_everything_once_it_can() {
        let folder = tempfile::tempdir().unwrap();
        let share = folder.path().join("share");
        let feed = Arc::new(Feed::new(Arc::new(MemoryLog::new())));
        grow(&feed, 500);
        let archiver = Archiver::start(share.join("archive"), feed.clone()).unwrap();
        let failed = until(&archiver, |status| status.failure.is_some());
        assert_eq!((failed.through, failed.lag), (Position(0), 500));
        assert!(failed.failure.unwrap().contains("share"));
        until(&archiver, |status| status.delay_ms > 0);
        std::fs::create_dir(&share).unwrap();
        grow(&feed, 1);
        let caught_up = until(&archiver, |status| status.lag == 0);
        assert_eq!((caught_up.through, caught_up.delay_ms, caught_up.failure), (Position(501), 0, None));
        drop(archiver);
        assert_eq!(ArchiveWriter::open(&share.join("archive")).unwrap().end(), feed.head());
    }

    #[test]
    fn an_archive_whose_disk_went_away_is_not_begun_anew_below_it() {
        let folder = tempfile::tempdir().unwrap();
        let (share, away) = (folder.path().join("share"), folder.path().join("away"));
        std::fs::create_dir(&share).unwrap();
        let feed = Arc::new(Feed::new(Arc::new(MemoryLog::new())));
        grow(&feed, 500);
        let work = || Work::new(share.join("archive"), feed.clone(), Arc::default());
        let stop = Stop::never();
        let goes_and_comes_back = |mut work: Work, up_to: Position| {
            std::fs::create_dir(&share).unwrap();
            let refused = work.catch_up(&mut None, &stop).unwrap_err();
            assert!(matches!(refused, ArchiveError::Gone { position, .. } if position == up_to), "{refused}");
            std::fs::remove_dir(&share).unwrap();
            std::fs::rename(&away, &share).unwrap();
            assert_eq!(work.catch_up(&mut None, &stop).unwrap(), feed.head().next);
        };
        let mut written = work();
        assert_eq!(written.catch_up(&mut None, &stop).unwrap(), Position(500));
        std::fs::rename(&share, &away).unwrap();
        grow(&feed, 1);
        goes_and_comes_back(written, Position(500));
        // It went away before anything was synced there: of what was found at the start, and what went to files that were moved.
        let mut found = work();
        let mut opened = Some(open(&share.join("archive"), &feed).unwrap());
        std::fs::rename(&share, &away).unwrap();
        grow(&feed, 1);
        assert!(matches!(found.catch_up(&mut opened, &stop), Err(ArchiveError::Io { .. })));
        drop(opened);
        goes_and_comes_back(found, Position(502));
        // And where nothing had been written yet.
        std::fs::remove_dir_all(&share).unwrap();
        std::fs::create_dir(&share).unwrap();
        let mut begun = work();
        let opened = open(&share.join("archive"), &feed).unwrap();
        std::fs::rename(&share, &away).unwrap();
        assert!(matches!(begun.catch_up(&mut Some(opened), &stop), Err(ArchiveError::Io { .. })));
        goes_and_comes_back(begun, Position::ZERO);
    }

    #[test]
    fn an_archive_that_lost_what_was_in_it_is_begun_anew_at_the_next_start_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("archive");
        let feed = Arc::new(Feed::new(Arc::new(MemoryLog::new())));
        grow(&feed, 500);
        let work = || Work::new(archive.clone(), feed.clone(), Arc::default());
        let stop = Stop::never();
        let mut written = work();
        assert_eq!(written.catch_up(&mut None, &stop).unwrap(), Position(500));
        std::fs::write(archive.join("00000000000000000000.segment"), [0; 10]).unwrap();
        let refused = written.catch_up(&mut None, &stop).unwrap_err();
        assert!(matches!(refused, ArchiveError::Gone { position: Position(500), .. }), "{refused}");
        assert_eq!(work().catch_up(&mut None, &stop).unwrap(), Position(500));
    }

    #[test]
    fn what_is_committed_is_safe_in_the_archive_within_moments() {
        let folder = tempfile::tempdir().unwrap();
        let feed = Arc::new(Feed::new(Arc::new(MemoryLog::new())));
        let archiver = Archiver::start(folder.path().join("archive"), feed.clone()).unwrap();
        let mut slowest = 0;
        for _ in 0..5 {
            grow(&feed, 40);
            until(&archiver, |status| {
                slowest = slowest.max(status.delay_ms);
                status.lag == 0
            });
        }
        assert!(slowest < 5000, "{slowest} ms");
        assert_ne!(feed.head(), Head::default());
    }

    #[test]
    fn a_store_tells_of_its_archive() {
        let folder = tempfile::tempdir().unwrap();
        let mut options = Options::new(folder.path().join("data"));
        assert!(Novelo::open(options, |_, _| {}).unwrap().0.archive().is_none());
        options = Options::new(folder.path().join("with"));
        options.archive = Some(folder.path().join("archive"));
        let (novelo, _) = Novelo::open(options, |_, _| {}).unwrap();
        assert_eq!(novelo.archive().unwrap().folder, folder.path().join("archive"));
    }
}
