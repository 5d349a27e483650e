//! The writer's second stage: chains a commit to the log's end, stores it, syncs, tells the followers and answers the senders.
//!
//! Commits go through it one at a time, in the order in which they were prepared, and so do the answers: whoever is told of a
//! duplicate can rely on the first one being durable. After a failed write the log is opened anew once that is possible, and
//! what was prepared before is refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SendError, SyncSender};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::admit::New;
use super::condition::{Condition, Part};
use super::crowd::Crowd;
use super::error::RecordError;
use super::feed::Feed;
use super::metrics::Metrics;
use super::recovery::recover;
use super::writer::{COMMIT_BYTES, COMMIT_EVENTS, Outcome};
use crate::event::Draft;
use crate::log::{Head, LogError, Record, prepare};

/// Bytes of chunks stored since the log was opened, from which on it is opened anew: at once, and in a quiet moment. While it
/// opens, sled reads about three times as many, which takes a second for each gigabyte.
const SETTLE_BYTES: u64 = 256 << 20;
const SETTLE_QUIET_BYTES: u64 = 64 << 20;
/// How long nothing is stored in a quiet moment.
const QUIET: Duration = Duration::from_secs(2);

/// While many send, the others are waited for this part of the time that the last commit took, and no longer than that.
const WAITS_PART: u32 = 2;
const WAITS_AT_MOST: Duration = Duration::from_millis(1);

/// What became of a request.
pub(super) type Answer = Result<Vec<Outcome>, RecordError>;

/// An answer, and the events that it is about: whoever made them frees them, which costs least.
pub(super) type Answered = (Answer, Vec<Draft>);

/// Where an answer goes. The permit is given back with it: what waits for an answer still counts as waiting.
pub(super) struct Reply {
    to: oneshot::Sender<Answered>,
    drafts: Vec<Draft>,
    _permit: OwnedSemaphorePermit,
}

impl Reply {
    pub(super) fn new(to: oneshot::Sender<Answered>, permit: OwnedSemaphorePermit) -> Self {
        Self { to, drafts: Vec::new(), _permit: permit }
    }

    /// Gives the events back.
    pub(super) fn with(self, drafts: Vec<Draft>) -> Self {
        Self { drafts, ..self }
    }
}

/// What a commit adds, and who waits for it.
pub(super) struct Prepared {
    /// How often the log had been in trouble before.
    pub(super) log_troubles: u64,
    pub(super) new: Option<New>,
    pub(super) answers: Vec<(Reply, Answer)>,
}

impl Prepared {
    /// Takes in what was prepared meanwhile, as much as one commit takes: all of it is durable by one sync. How many commits it
    /// took in, and what comes behind them.
    fn gather(&mut self, work: &Receiver<Work>) -> (usize, Option<Work>) {
        let mut count = 0;
        while let Ok(next) = work.try_recv() {
            let Work::Store(next) = next else { return (count, Some(next)) };
            if let Err(next) = self.join(next) {
                return (count, Some(Work::Store(next)));
            }
            count += 1;
        }
        (count, None)
    }

    /// Takes in the commit that was prepared behind this one; gives it back when both together are too much.
    fn join(&mut self, next: Self) -> Result<(), Self> {
        let records = |prepared: &Self| prepared.new.as_ref().map_or(0, |new| new.records.len());
        let bytes = |prepared: &Self| {
            let records = prepared.new.as_ref().map(|new| new.records.as_slice()).unwrap_or_default();
            records.iter().map(Record::len_bytes).sum::<usize>()
        };
        let too_much = records(self) + records(&next) > COMMIT_EVENTS || bytes(self) + bytes(&next) > COMMIT_BYTES;
        if next.log_troubles != self.log_troubles || too_much {
            return Err(next);
        }
        match (&mut self.new, next.new) {
            (Some(new), Some(behind)) => {
                new.recorded_at = behind.recorded_at;
                new.records.extend(behind.records);
            }
            (None, Some(behind)) => self.new = Some(behind),
            (_, None) => {}
        }
        self.answers.extend(next.answers);
        Ok(())
    }
}

/// What the thread that stores is given.
pub(super) enum Work {
    /// A commit.
    Store(Prepared),
    /// The log, which could not be written for this reason.
    Recover(LogError),
}

/// The log's end, and what is on its way there.
pub(super) struct Storing {
    feed: Arc<Feed>,
    condition: Arc<Condition>,
    metrics: Arc<Metrics>,
    /// What was handed over and is not done yet. While it is zero, nobody stores but the thread that prepares.
    on_their_way: AtomicUsize,
}

impl Storing {
    pub(super) fn new(feed: Arc<Feed>, condition: Arc<Condition>, metrics: Arc<Metrics>) -> Self {
        Self { feed, condition, metrics, on_their_way: AtomicUsize::new(0) }
    }

    /// Hands a commit over to the thread that stores.
    ///
    /// # Errors
    /// When that thread is gone.
    pub(super) fn hand_over(&self, commit: Prepared, to: &SyncSender<Work>) -> Result<(), SendError<Work>> {
        self.give(Work::Store(commit), to)
    }

    /// Stores a commit in this thread, when nothing is on its way before it; else hands it over.
    ///
    /// # Errors
    /// As [`Storing::hand_over`].
    pub(super) fn store_here(&self, commit: Prepared, to: &SyncSender<Work>) -> Result<(), SendError<Work>> {
        if self.on_their_way.load(Ordering::Acquire) > 0 {
            return self.hand_over(commit, to);
        }
        match self.take(commit) {
            Ok(()) => Ok(()),
            Err(cause) => {
                // From now on nothing is prepared until the other thread has opened the log anew.
                self.condition.begin(Part::Log, cause.to_string());
                self.give(Work::Recover(cause), to)
            }
        }
    }

    fn give(&self, work: Work, to: &SyncSender<Work>) -> Result<(), SendError<Work>> {
        self.on_their_way.fetch_add(1, Ordering::AcqRel);
        to.send(work)
    }

    /// The second thread.
    pub(super) fn store_all(&self, work: &Receiver<Work>) {
        let mut left = None;
        let (mut crowd, mut last_took) = (Crowd::default(), Duration::ZERO);
        while let Some(given) = left.take().or_else(|| self.next(work)) {
            let (done, count) = match given {
                Work::Store(mut commit) => {
                    let mut joined;
                    (joined, left) = commit.gather(work);
                    if left.is_none() && crowd.lacks_some(commit.answers.len()) {
                        std::thread::sleep((last_took / WAITS_PART).min(WAITS_AT_MOST));
                        let more;
                        (more, left) = commit.gather(work);
                        joined += more;
                    }
                    crowd.note(commit.answers.len());
                    let started = Instant::now();
                    let done = self.take(commit);
                    last_took = started.elapsed();
                    (done, 1 + joined)
                }
                Work::Recover(cause) => (Err(cause), 1),
            };
            if let Err(cause) = done {
                if let Some(next) = left.take() {
                    self.refuse(next, &RecordError::Unavailable(cause.to_string()));
                }
                recover(&self.feed, &self.condition, &cause, |cause, at_most| self.refuse_next(work, cause, at_most));
            }
            self.on_their_way.fetch_sub(count, Ordering::AcqRel);
        }
    }

    /// Waits for work. In quiet moments, and when much has gathered, the log is opened anew, so that the next start is short
    /// whatever becomes of this process.
    fn next(&self, work: &Receiver<Work>) -> Option<Work> {
        if self.is_unsettled(SETTLE_BYTES) {
            return self.settle().or_else(|| work.recv().ok());
        }
        loop {
            let before = self.feed.head();
            match work.recv_timeout(QUIET) {
                Ok(given) => return Some(given),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {
                    let quiet = self.feed.head() == before && self.condition.check().is_ok();
                    if quiet && self.is_unsettled(SETTLE_QUIET_BYTES) {
                        let failed = self.settle();
                        if failed.is_some() {
                            return failed;
                        }
                    }
                }
            }
        }
    }

    /// Whether so much was stored since the log was opened. One that is known to be damaged is left as it is: opening it may
    /// destroy more, and what was told of it would be forgotten.
    fn is_unsettled(&self, bytes: u64) -> bool {
        let log = self.feed.log();
        log.unsettled_bytes() >= bytes && log.damage().is_none()
    }

    /// Opens the log anew. When that fails, it is to be recovered as after a failed write.
    fn settle(&self) -> Option<Work> {
        let started = Instant::now();
        match self.feed.reopen() {
            Ok(()) => {
                tracing::debug!(
                    took_ms = started.elapsed().as_millis(),
                    "the log was opened anew to keep starts short"
                );
                None
            }
            Err(cause) => {
                self.condition.begin(Part::Log, cause.to_string());
                self.on_their_way.fetch_add(1, Ordering::AcqRel);
                Some(Work::Recover(cause))
            }
        }
    }

    /// Refuses what comes within some time; whether anything can still come.
    fn refuse_next(&self, work: &Receiver<Work>, cause: &RecordError, at_most: Duration) -> bool {
        match work.recv_timeout(at_most) {
            Ok(given) => {
                self.refuse(given, cause);
                true
            }
            Err(RecvTimeoutError::Timeout) => true,
            Err(RecvTimeoutError::Disconnected) => false,
        }
    }

    /// Tells whoever waits for it that it is not stored.
    fn refuse(&self, work: Work, cause: &RecordError) {
        if let Work::Store(Prepared { answers, .. }) = work {
            answer(answers, Some(cause));
        }
        self.on_their_way.fetch_sub(1, Ordering::AcqRel);
    }

    /// Stores a commit and answers; the error when the log could not be written.
    fn take(&self, Prepared { log_troubles, new, answers }: Prepared) -> Result<(), LogError> {
        if log_troubles != self.condition.log_troubles() {
            answer(answers, Some(&RecordError::Unavailable("the log has just been opened anew".into())));
            return Ok(());
        }
        let stored = new.map_or(Ok(()), |new| store(&self.feed, new, &self.metrics));
        let refusal = stored.as_ref().err().map(|cause| RecordError::Unavailable(cause.to_string()));
        answer(answers, refusal.as_ref());
        stored
    }
}

/// Tells everybody what became of their events, or for what reason nothing did.
fn answer(answers: Vec<(Reply, Answer)>, refusal: Option<&RecordError>) {
    for (reply, answer) in answers {
        let answer = match refusal {
            Some(cause) => answer.and(Err(cause.clone())),
            None => answer,
        };
        // A sender who has gone away does not want the answer.
        drop(reply.to.send((answer, reply.drafts)));
    }
}

/// Chains a commit to the log's end, stores it, and tells the followers.
fn store(feed: &Feed, new: New, metrics: &Metrics) -> Result<(), LogError> {
    let end = Head { next: new.first, ..feed.log().head() };
    let events = new.records.len();
    let commit = prepare(end, new.recorded_at, new.records)?;
    let started = Instant::now();
    let head = feed.log().append(&commit)?;
    metrics.note_commit(events, started.elapsed());
    feed.publish(commit.into_chunks(), head);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Micros, Position};

    fn prepared(first: u64, records: usize, bytes: usize) -> Prepared {
        let records = vec![Record::from(vec![0; bytes]); records];
        Prepared {
            log_troubles: 0,
            new: Some(New { first: Position(first), recorded_at: Micros(1), records }),
            answers: Vec::new(),
        }
    }

    #[test]
    fn commits_are_stored_together_as_far_as_one_commit_goes() {
        let mut commit = prepared(0, 2, 100);
        assert!(commit.join(prepared(2, COMMIT_EVENTS - 2, 100)).is_ok());
        assert_eq!(commit.new.as_ref().unwrap().records.len(), COMMIT_EVENTS);
        assert!(commit.join(prepared(COMMIT_EVENTS as u64, 1, 100)).is_err(), "one event too many");
        let mut large = prepared(0, 1, COMMIT_BYTES - 50);
        assert!(large.join(prepared(1, 1, 51)).is_err(), "one byte too many");
        assert!(large.join(prepared(1, 1, 50)).is_ok());
        let after_trouble = Prepared { log_troubles: 1, ..prepared(2, 1, 0) };
        assert!(
            large.join(after_trouble).is_err(),
            "what was prepared after a trouble is not stored with what was before"
        );
    }
}
