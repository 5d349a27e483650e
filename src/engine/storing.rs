//! The writer's second stage: chains a commit to the log's end, stores it, syncs, tells the followers and answers the senders.
//!
//! Commits go through it one at a time, in the order in which they were prepared, and so do the answers: whoever is told of a
//! duplicate can rely on the first one being durable. After a failed write the log is opened anew once that is possible, and
//! what was prepared before is refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SendError, SyncSender};
use std::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::admit::New;
use super::condition::{Condition, Part};
use super::error::RecordError;
use super::feed::Feed;
use super::metrics::Metrics;
use super::recovery::recover;
use super::writer::Outcome;
use crate::event::Draft;
use crate::log::{Head, LogError, prepare};

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
        while let Ok(given) = work.recv() {
            let done = match given {
                Work::Store(commit) => self.take(commit),
                Work::Recover(cause) => Err(cause),
            };
            if let Err(cause) = done {
                recover(&self.feed, &self.condition, &cause, |cause, at_most| self.refuse_next(work, cause, at_most));
            }
            self.on_their_way.fetch_sub(1, Ordering::AcqRel);
        }
    }

    /// Refuses what comes within some time; whether anything can still come.
    fn refuse_next(&self, work: &Receiver<Work>, cause: &RecordError, at_most: std::time::Duration) -> bool {
        match work.recv_timeout(at_most) {
            Ok(given) => {
                if let Work::Store(Prepared { answers, .. }) = given {
                    answer(answers, Some(cause));
                }
                self.on_their_way.fetch_sub(1, Ordering::AcqRel);
                true
            }
            Err(RecvTimeoutError::Timeout) => true,
            Err(RecvTimeoutError::Disconnected) => false,
        }
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
