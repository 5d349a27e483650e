//! The writer: the one task that owns the log's end, in two threads.
//!
//! The first takes what waits in the queue, admits, seals and encodes it; the second [stores](super::storing) it and answers
//! the senders. While the second syncs, the first prepares what comes next: the sync in progress is the batching window, and
//! only while [many send](super::crowd) are they waited for. When next to nothing comes next, handing over costs more than it gains, and the first
//! stores it by itself: a sender of one event at a time is answered a tenth earlier.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};

use super::admit::Admitter;
use super::condition::Part;
use super::crowd::Crowd;
use super::error::{EngineError, RecordError, Refusal};
use super::feed::Feed;
use super::metrics::Metrics;
use super::recovery::Resync;
use super::shifts::{IDLE, shift};
use super::status::Meter;
use super::storing::{Prepared, Reply, Storing, Work};
use crate::event::{Draft, Position, Revision};

/// Most events that one commit takes of several requests; a larger request has a commit of its own. With twice as many, three
/// senders of a thousand each find the two threads idle in turn, and are answered a tenth later.
pub(super) const COMMIT_EVENTS: usize = 1024;
/// Most personal bytes that one commit takes of several requests.
pub(super) const COMMIT_BYTES: usize = 8 << 20;
/// Commits that may be prepared while one is stored. Small ones are stored together: the sync in progress is the window in
/// which they gather.
const PREPARED: usize = 64;
/// How long the first thread lets submissions gather while many send, before it prepares them: each time costs as much as some
/// of its events.
const GATHERS: Duration = Duration::from_micros(30);
/// How long after keys could not be written it is tried again.
const TRIED_AGAIN: Duration = Duration::from_secs(1);
/// Kilobytes that an event is counted with beside its personal part.
const EVENT_KILOBYTES: usize = 1;

/// A commit of so many events, of one sender with nobody waiting behind, is stored where it was prepared.
const ALONE_EVENTS: usize = 64;

/// Events that wait for the writer from which on the projector lets it go first.
const HIGH_PRESSURE_EVENTS: usize = 32;
/// And from which on several senders are at it.
const PRESSURE_EVENTS: usize = 16;

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

    /// Whether several senders are at it.
    pub(super) fn is_there(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= PRESSURE_EVENTS
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
        (projected, meter): (watch::Receiver<Position>, Arc<Meter>),
        waiting: Queue,
        metrics: Arc<Metrics>,
    ) -> std::io::Result<Self> {
        // The semaphore bounds what waits; the channel only has to hold as many submissions as it lets through.
        let condition = admitter.condition.clone();
        let (queue, submissions) = sync_channel(waiting.kilobytes);
        let (to_store, work) = sync_channel(PREPARED);
        let storing = Arc::new(Storing::new(feed, condition, metrics));
        let resync = Resync::new(meter);
        let preparing = Preparing { admitter, submissions, to_store, storing: storing.clone(), resync, projected };
        let preparing = std::thread::Builder::new().name("novelo:prepare".into()).spawn(move || preparing.follow())?;
        let storing =
            std::thread::Builder::new().name("novelo:store".into()).spawn(move || storing.store_all(&work))?;
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
        let submission = Submission { drafts, expect, reply: Reply::new(to, permit) };
        let queue = self.queue.as_ref().ok_or_else(closed)?;
        queue.try_send(submission).map_err(|_| closed())?;
        let (answer, _drafts) = answer.await.map_err(|_| closed())?;
        answer
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

/// What the first thread works with.
struct Preparing {
    admitter: Admitter,
    submissions: Receiver<Submission>,
    to_store: SyncSender<Work>,
    storing: Arc<Storing>,
    resync: Resync,
    projected: watch::Receiver<Position>,
}

impl Preparing {
    /// Waits until something is handed over, and has it prepared.
    fn follow(mut self) {
        while let Some(first) = self.wait() {
            let mut first = Some(first);
            if !shift(|| self.prepare(first.take())) {
                return;
            }
            self.admitter.crew.rest();
        }
    }

    /// Waits until something is handed over; `None` when nothing will be. While keys cannot be written it is tried again: whoever was
    /// refused need not send before the store says that it takes events.
    fn wait(&self) -> Option<Submission> {
        while self.admitter.vault.is_broken() {
            match self.submissions.recv_timeout(TRIED_AGAIN) {
                Ok(first) => return Some(first),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => match self.admitter.vault.try_again() {
                    Ok(()) => self.admitter.condition.end(Part::Keys),
                    Err(cause) => self.admitter.condition.begin(Part::Keys, cause.to_string()),
                },
            }
        }
        self.submissions.recv().ok()
    }

    /// Takes what waits, prepares one commit of it, hands it on or stores it, until nothing has been handed over for a while;
    /// whether somebody takes it.
    fn prepare(&mut self, first: Option<Submission>) -> bool {
        let (mut left, mut crowd) = (first, Crowd::default());
        while let Some(first) = left.take().or_else(|| self.submissions.recv_timeout(IDLE).ok()) {
            if crowd.lacks_some(1) {
                std::thread::sleep(GATHERS);
            }
            let batch;
            (batch, left) = take_waiting(first, &self.submissions);
            crowd.note(batch.len());
            let alone = left.is_none() && matches!(batch.as_slice(), [one] if one.drafts.len() <= ALONE_EVENTS);
            let condition = self.admitter.condition.clone();
            let prepared = match self.resync.before(&mut self.admitter, &condition, &mut self.projected) {
                Ok(log_troubles) => Prepared { log_troubles, ..admit(&mut self.admitter, batch) },
                Err(cause) => refuse(batch.into_iter().map(|submission| submission.reply), &cause),
            };
            let handed_over = match alone {
                true => self.storing.store_here(prepared, &self.to_store),
                false => self.storing.hand_over(prepared, &self.to_store),
            };
            if handed_over.is_err() {
                return false;
            }
        }
        true
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
    let admitted = admitter.admit(&requests);
    let replies = replies.into_iter().zip(requests).map(|(reply, (drafts, _))| reply.with(drafts));
    match admitted {
        Ok((new, outcomes)) => {
            let answers = replies.zip(outcomes.into_iter().map(Ok)).collect();
            if !admitter.vault.is_broken() {
                admitter.condition.end(Part::Keys);
            }
            Prepared { log_troubles: 0, new, answers }
        }
        Err(cause) => {
            if let EngineError::Vault(cause) = &cause {
                admitter.condition.begin(Part::Keys, cause.to_string());
            } else {
                tracing::error!(%cause, "a commit could not be prepared");
            }
            let refusal = admitter.condition.check().err();
            refuse(replies, &refusal.unwrap_or_else(|| RecordError::Unavailable(cause.to_string())))
        }
    }
}

/// Nothing to store, and everybody told why.
fn refuse(replies: impl Iterator<Item = Reply>, cause: &RecordError) -> Prepared {
    Prepared { log_troubles: 0, new: None, answers: replies.map(|reply| (reply, Err(cause.clone()))).collect() }
}
