//! The writer's second stage: chains a commit to the log's end, stores it, syncs, tells the followers and answers the senders.
//!
//! Commits go through it one at a time, in the order in which they were prepared, and so do the answers: whoever is told of a
//! duplicate can rely on the first one being durable. After a failed write nothing more is stored.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SendError, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::admit::New;
use super::error::RecordError;
use super::feed::Feed;
use super::writer::Outcome;
use crate::log::{Head, LogError, prepare};

/// What became of a request.
pub(super) type Answer = Result<Vec<Outcome>, RecordError>;

/// Where an answer goes. The permit is given back with it: what waits for an answer still counts as waiting.
pub(super) struct Reply {
    to: oneshot::Sender<Answer>,
    _permit: OwnedSemaphorePermit,
}

impl Reply {
    pub(super) fn new(to: oneshot::Sender<Answer>, permit: OwnedSemaphorePermit) -> Self {
        Self { to, _permit: permit }
    }
}

/// What a commit adds, and who waits for it.
pub(super) struct Prepared {
    pub(super) new: Option<New>,
    pub(super) answers: Vec<(Reply, Answer)>,
}

/// The log's end, and what is on its way there.
pub(super) struct Storing {
    end: Mutex<End>,
    /// Commits that were handed over and are not answered yet.
    on_their_way: AtomicUsize,
}

struct End {
    feed: Arc<Feed>,
    broken: Option<RecordError>,
}

impl Storing {
    pub(super) fn new(feed: Arc<Feed>) -> Self {
        Self { end: Mutex::new(End { feed, broken: None }), on_their_way: AtomicUsize::new(0) }
    }

    /// Hands a commit over to the thread that stores.
    ///
    /// # Errors
    /// The commit, when that thread is gone.
    pub(super) fn hand_over(&self, commit: Prepared, to: &SyncSender<Prepared>) -> Result<(), SendError<Prepared>> {
        self.on_their_way.fetch_add(1, Ordering::AcqRel);
        to.send(commit)
    }

    /// Stores a commit in this thread, when nothing is on its way before it; else hands it over.
    ///
    /// # Errors
    /// As [`Storing::hand_over`].
    pub(super) fn store_here(&self, commit: Prepared, to: &SyncSender<Prepared>) -> Result<(), SendError<Prepared>> {
        if self.on_their_way.load(Ordering::Acquire) > 0 {
            return self.hand_over(commit, to);
        }
        self.take(commit);
        Ok(())
    }

    /// The second thread.
    pub(super) fn store_all(&self, commits: &Receiver<Prepared>) {
        while let Ok(commit) = commits.recv() {
            self.take(commit);
            self.on_their_way.fetch_sub(1, Ordering::AcqRel);
        }
    }

    fn take(&self, Prepared { new, answers }: Prepared) {
        let mut end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some(new), None) = (new, &end.broken)
            && let Err(cause) = store(&end.feed, new)
        {
            tracing::error!(%cause, "the log could not be written; nothing more is taken until a restart");
            end.broken = Some(RecordError::Unavailable(cause.to_string()));
        }
        for (reply, answer) in answers {
            let answer = match &end.broken {
                Some(cause) => Err(cause.clone()),
                None => answer,
            };
            // A sender who has gone away does not want the answer.
            drop(reply.to.send(answer));
        }
    }
}

/// Chains a commit to the log's end, stores it, and tells the followers.
fn store(feed: &Feed, new: New) -> Result<(), LogError> {
    let end = Head { next: new.first, ..feed.log().head() };
    let commit = prepare(end, new.recorded_at, new.records)?;
    let head = feed.log().append(&commit)?;
    feed.publish(commit.into_chunks(), head);
    Ok(())
}
