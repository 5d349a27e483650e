//! The writer: the one task that owns the log's end, in two threads.
//!
//! The first takes what waits in the queue, admits, seals and encodes it; the second chains it to the log's end, stores it,
//! syncs, tells the followers and answers the senders. While the second syncs, the first prepares what comes next: there is
//! no artificial delay, the sync in progress is the batching window. Answers leave in the order of the log, so whoever is
//! told of a duplicate can rely on the first one being durable.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};

use super::admit::{Admitter, New};
use super::error::{RecordError, Refusal};
use super::feed::Feed;
use super::metrics::Metrics;
use crate::event::{Draft, Position, Revision};
use crate::log::{Head, LogError, prepare};

/// Most events that one commit takes of several requests; a larger request has a commit of its own. With twice as many, three
/// senders of a thousand each find the two threads idle in turn, and are answered a tenth later.
const COMMIT_EVENTS: usize = 1024;
/// Most personal bytes that one commit takes of several requests.
const COMMIT_BYTES: usize = 8 << 20;
/// Kilobytes that an event is counted with beside its personal part.
const EVENT_KILOBYTES: usize = 1;

/// Events that wait for the writer from which on the projector lets it go first.
const HIGH_PRESSURE_EVENTS: usize = 256;

/// What a sender wants of several events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Each for itself: what cannot be taken is refused, the rest goes in.
    Each,
    /// All or none, and, when given, only if their one subject is at this revision.
    All(Option<Revision>),
}

/// What became of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is in the log.
    Recorded(Position),
    /// It was in the log before.
    Duplicate(Position),
    /// It was not taken.
    Refused(Refusal),
}

/// Events on their way to the writer, and where its answer goes.
pub(super) struct Submission {
    pub(super) drafts: Vec<Draft>,
    pub(super) expect: Expect,
    reply: Reply,
}

/// Where an answer goes. The permit is given back with it: what waits for an answer still counts as waiting.
struct Reply {
    to: oneshot::Sender<Result<Vec<Outcome>, RecordError>>,
    _permit: OwnedSemaphorePermit,
}

/// What a commit adds, and who waits for it.
struct Prepared {
    new: Option<New>,
    answers: Vec<(Reply, Result<Vec<Outcome>, RecordError>)>,
}

/// The sending side of the writer.
#[derive(Debug)]
pub(super) struct Writer {
    queue: Option<SyncSender<Submission>>,
    room: Arc<Semaphore>,
    waiting: Queue,
    threads: Vec<JoinHandle<()>>,
}

/// What waits for the writer, and how much may.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    pub(super) pressure: Pressure,
    /// What may wait, in kilobytes of events.
    pub(super) kilobytes: usize,
}

/// How many events were handed over and are not answered yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Pressure(Arc<AtomicUsize>);

impl Pressure {
    /// Whether so much waits that whatever can wait should.
    pub(super) fn is_high(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= HIGH_PRESSURE_EVENTS
    }

    fn add(&self, events: usize) -> Waiting {
        self.0.fetch_add(events, Ordering::Relaxed);
        Waiting(self.clone(), events)
    }
}

/// Events that wait; fewer do once it is dropped.
#[derive(Debug)]
struct Waiting(Pressure, usize);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.0.fetch_sub(self.1, Ordering::Relaxed);
    }
}

impl std::fmt::Debug for Submission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Submission({} events)", self.drafts.len())
    }
}

impl Writer {
    /// Starts the two threads.
    pub(super) fn start(
        admitter: Admitter,
        feed: Arc<Feed>,
        projected: watch::Receiver<Position>,
        waiting: Queue,
        metrics: Arc<Metrics>,
    ) -> std::io::Result<Self> {
        // The semaphore bounds what waits; the channel only has to hold as many submissions as it lets through.
        let (queue, submissions) = sync_channel(waiting.kilobytes);
        let (to_store, prepared) = sync_channel(1);
        let preparing = std::thread::Builder::new()
            .name("novelo:prepare".into())
            .spawn(move || prepare_all(admitter, &submissions, &to_store, projected))?;
        let storing = std::thread::Builder::new()
            .name("novelo:store".into())
            .spawn(move || store_all(&feed, &prepared, &metrics))?;
        let room = Arc::new(Semaphore::new(waiting.kilobytes));
        Ok(Self { queue: Some(queue), room, waiting, threads: vec![preparing, storing] })
    }

    /// Waits for room, hands the events over, and waits until they are durable.
    pub(super) async fn record(&self, drafts: Vec<Draft>, expect: Expect) -> Result<Vec<Outcome>, RecordError> {
        let permit = self.room.clone().acquire_many_owned(self.weight(&drafts)).await;
        self.hand_over(drafts, expect, permit.map_err(|_| closed())?).await
    }

    /// The same, but answers [`RecordError::Busy`] at once when there is no room.
    pub(super) async fn try_record(&self, drafts: Vec<Draft>, expect: Expect) -> Result<Vec<Outcome>, RecordError> {
        let permit = self.room.clone().try_acquire_many_owned(self.weight(&drafts)).map_err(|_| RecordError::Busy)?;
        self.hand_over(drafts, expect, permit).await
    }

    /// Events that wait, the bytes that they are counted with, and the most that may wait.
    pub(super) fn queue(&self) -> (usize, u64, u64) {
        let most = self.waiting.kilobytes;
        let taken = most.saturating_sub(self.room.available_permits());
        (self.waiting.pressure.0.load(Ordering::Relaxed), (taken as u64) << 10, (most as u64) << 10)
    }

    /// What events count for in the queue, in kilobytes. What is larger than the queue waits until it is empty.
    fn weight(&self, drafts: &[Draft]) -> u32 {
        let kilobytes: usize = drafts.iter().map(|draft| EVENT_KILOBYTES + draft.personal().size_bytes() / 1024).sum();
        u32::try_from(kilobytes.min(self.waiting.kilobytes)).unwrap_or(u32::MAX)
    }

    async fn hand_over(
        &self,
        drafts: Vec<Draft>,
        expect: Expect,
        permit: OwnedSemaphorePermit,
    ) -> Result<Vec<Outcome>, RecordError> {
        if drafts.is_empty() {
            return Ok(Vec::new());
        }
        let _waiting = self.waiting.pressure.add(drafts.len());
        let (to, answer) = oneshot::channel();
        let submission = Submission { drafts, expect, reply: Reply { to, _permit: permit } };
        let queue = self.queue.as_ref().ok_or_else(closed)?;
        queue.try_send(submission).map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}

/// Everything handed over is stored and answered before this returns.
impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread of the writer panicked");
            }
        }
    }
}

fn closed() -> RecordError {
    RecordError::Unavailable("it is being closed".into())
}

/// The first thread: takes what waits, prepares one commit of it, hands it on.
fn prepare_all(
    mut admitter: Admitter,
    submissions: &Receiver<Submission>,
    to_store: &SyncSender<Prepared>,
    mut projected: watch::Receiver<Position>,
) {
    let mut left = None;
    while let Some(first) = left.take().or_else(|| submissions.recv().ok()) {
        let batch;
        (batch, left) = take_waiting(first, submissions);
        if admitter.wait_for_views(&mut projected).is_err() {
            return;
        }
        let prepared = admit(&mut admitter, batch);
        if to_store.send(prepared).is_err() {
            return;
        }
    }
}

/// The first submission and what waits behind it, as much as one commit takes; and the one that it has no room for.
fn take_waiting(first: Submission, submissions: &Receiver<Submission>) -> (Vec<Submission>, Option<Submission>) {
    let bytes = |submission: &Submission| submission.drafts.iter().map(|d| d.personal().size_bytes()).sum::<usize>();
    let (mut events, mut size) = (first.drafts.len(), bytes(&first));
    let mut batch = vec![first];
    while let Ok(next) = submissions.try_recv() {
        events += next.drafts.len();
        size += bytes(&next);
        if events > COMMIT_EVENTS || size > COMMIT_BYTES {
            return (batch, Some(next));
        }
        batch.push(next);
    }
    (batch, None)
}

/// Admits, seals and encodes. When that fails as a whole, nobody's events are in the commit and everybody is told.
fn admit(admitter: &mut Admitter, batch: Vec<Submission>) -> Prepared {
    let (requests, replies): (Vec<_>, Vec<_>) = batch.into_iter().map(|s| ((s.drafts, s.expect), s.reply)).unzip();
    match admitter.admit(&requests) {
        Ok((new, outcomes)) => {
            let answers = replies.into_iter().zip(outcomes.into_iter().map(Ok)).collect();
            Prepared { new, answers }
        }
        Err(cause) => {
            tracing::error!(%cause, "a commit could not be prepared");
            let refusal = RecordError::Unavailable(cause.to_string());
            let answers = replies.into_iter().map(|reply| (reply, Err(refusal.clone()))).collect();
            Prepared { new: None, answers }
        }
    }
}

/// The second thread: stores, syncs, publishes, answers. After a failed write nothing more is stored.
fn store_all(feed: &Feed, prepared: &Receiver<Prepared>, metrics: &Metrics) {
    let mut broken: Option<RecordError> = None;
    while let Ok(Prepared { new, answers }) = prepared.recv() {
        if let (Some(new), None) = (new, &broken)
            && let Err(cause) = store(feed, new, metrics)
        {
            tracing::error!(%cause, "the log could not be written; nothing more is taken until a restart");
            broken = Some(RecordError::Unavailable(cause.to_string()));
        }
        for (reply, answer) in answers {
            let answer = match &broken {
                Some(cause) => Err(cause.clone()),
                None => answer,
            };
            // A sender who has gone away does not want the answer.
            drop(reply.to.send(answer));
        }
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
