//! The projector: follows the log and applies every chunk to the views that serve.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::apply::{BATCH_EVENTS, Decoded, apply_to};
use super::build::Ready;
use super::condition::Condition;
use super::error::EngineError;
use super::feed::Feed;
use super::shifts::{IDLE, shift, wait_at_most};
use super::status::Meter;
use super::touched::Touched;
use super::writer::Pressure;
use super::{priority, slots};
use crate::event::{Position, SubjectId};
use crate::identity::TABLES_BY_STRAND;
use crate::vault::Vault;
use crate::views::{Batch, Checkpoint, Projection, Tables, ViewError, Views};

/// Makes fresh instances of the projections that serve.
pub(super) type MakeProjections = Box<dyn Fn() -> Vec<Box<dyn Projection>> + Send>;

/// What can be asked of the projector.
pub(super) enum Order {
    TakeOver(Ready),
    Close,
}

/// The thread, and how to talk to it.
#[derive(Debug)]
pub(super) struct Projector {
    orders: Sender<Order>,
    wake: watch::Sender<u64>,
    thread: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for Order {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::TakeOver(_) => "TakeOver",
            Self::Close => "Close",
        })
    }
}

/// What the thread works with.
pub(super) struct Serving {
    pub(super) views: Arc<Views>,
    pub(super) vault: Arc<Vault>,
    pub(super) feed: Arc<Feed>,
    pub(super) projections: Vec<Box<dyn Projection>>,
    pub(super) checkpoint: Checkpoint,
    pub(super) projected: watch::Sender<Position>,
    pub(super) meter: Arc<Meter>,
    pub(super) pressure: Pressure,
    pub(super) condition: Arc<Condition>,
    pub(super) touched: Arc<Touched>,
    pub(super) make_projections: MakeProjections,
    /// Since when the writer has been under pressure.
    pub(super) pressed_since: Option<Instant>,
}

/// How long the projector lets a busy writer go first.
const GIVES_WAY: Duration = Duration::from_millis(500);
/// Behind by so many events it gives way no more.
const GIVES_WAY_EVENTS: u64 = 100_000;
/// How long it lets events gather while several senders are at it, and how many are worth a batch without waiting: a batch
/// costs as much as some dozens of its events.
const GATHERS: Duration = Duration::from_millis(3);
const GATHERS_EVENTS: u64 = 256;

impl Serving {
    /// Lets a writer under pressure go first, for half a second: whoever sends many events at once waits for the writer, not
    /// for the views. If the pressure goes on, both go on side by side.
    fn give_way(&mut self) {
        if !self.pressure.is_high() {
            self.pressed_since = None;
            return;
        }
        let since = *self.pressed_since.get_or_insert_with(Instant::now);
        let lag = || self.feed.head().next.since(self.checkpoint.next());
        while self.pressure.is_high() && lag() < GIVES_WAY_EVENTS && since.elapsed() < GIVES_WAY {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Lets some events gather.
    fn gather(&self) {
        let lag = self.feed.head().next.since(self.checkpoint.next());
        if lag > 0 && lag < GATHERS_EVENTS && self.pressure.is_there() {
            std::thread::sleep(GATHERS);
        }
    }

    /// Applies one batch; how many events it had.
    pub(super) fn step(&mut self) -> Result<usize, EngineError> {
        let next = self.checkpoint.next();
        if self.feed.head().next <= next {
            return Ok(0);
        }
        let started = Instant::now();
        let chunks = self.feed.read(next, BATCH_EVENTS)?;
        let decoded = chunks.into_iter().map(Decoded::of).collect::<Result<Vec<_>, _>>()?;
        self.apply(&decoded)?;
        let events = decoded.iter().map(Decoded::count).sum();
        self.meter.note(events, started.elapsed());
        Ok(events)
    }

    /// Writes the rows of some chunks, the new key slots and the checkpoint in one atomic batch.
    fn apply(&mut self, decoded: &[Decoded]) -> Result<(), EngineError> {
        let Some(last) = decoded.last() else { return Ok(()) };
        let events: usize = decoded.iter().map(Decoded::count).sum();
        let mut batch = self.views.batch(events * 3)?;
        let tables = batch.serving();
        let slots = slots::add_new(&self.vault, &tables, &mut batch)?;
        let next = self.checkpoint.next();
        for projection in &mut self.projections {
            apply_to(&mut **projection, decoded, next, &tables, &mut batch)?;
        }
        self.touch(&batch, &tables, last.checkpoint().next())?;
        batch.commit_serving(last.checkpoint())?;
        if let Some(through) = slots {
            self.vault.indexed(through);
        }
        self.checkpoint = last.checkpoint();
        self.projected.send_replace(self.checkpoint.next());
        Ok(())
    }

    /// Notes whose rows the batch changes.
    fn touch(&self, batch: &Batch, tables: &Tables, end: Position) -> Result<(), EngineError> {
        for table in TABLES_BY_STRAND {
            let strands = batch.keys(tables, table)?.filter_map(SubjectId::from_slice);
            strands.for_each(|strand| self.touched.note(&strand, end));
        }
        Ok(())
    }

    /// Applies what is left. What cannot be is applied at the next start.
    fn finish(&mut self) {
        loop {
            match self.step() {
                Ok(0) => return,
                Ok(_) => {}
                Err(cause) => {
                    return tracing::warn!(%cause, "the views are left behind the log; they catch up at the next start");
                }
            }
        }
    }

    /// Brings what was built to the serving checkpoint and puts it into service.
    fn take_over(&mut self, mut ready: Ready) {
        let result = self.finish_build(&mut ready);
        // Whoever asked may have gone away.
        drop(ready.done.send(result));
    }

    fn finish_build(&mut self, ready: &mut Ready) -> Result<(), EngineError> {
        ready.catch_up(&self.feed, self.checkpoint.next())?;
        self.views.take_over(std::mem::take(&mut ready.built))?;
        self.touched.begin_epoch();
        for new in ready.projections.drain(..) {
            match self.projections.iter_mut().find(|old| old.name() == new.name()) {
                Some(old) => *old = new,
                None => self.projections.push(new),
            }
        }
        Ok(())
    }
}

impl Projector {
    /// Starts following.
    pub(super) fn start(serving: Serving) -> std::io::Result<Self> {
        let (orders, inbox) = channel();
        let wake = watch::Sender::new(0);
        let woken = wake.subscribe();
        let woken_by_damage = wake.clone();
        serving.views.damage().tell(move || woken_by_damage.send_modify(|count| *count += 1));
        let thread = std::thread::Builder::new().name("novelo:project".into()).spawn(move || {
            priority::give_way();
            follow(serving, inbox, woken);
        })?;
        Ok(Self { orders, wake, thread: Some(thread) })
    }

    /// Hands over what was built.
    pub(super) fn take_over(&self, ready: Ready) -> Result<(), EngineError> {
        self.order(Order::TakeOver(ready))
    }

    fn order(&self, order: Order) -> Result<(), EngineError> {
        self.orders.send(order).map_err(|_| EngineError::Stopped("the projector is not running".into()))?;
        self.wake.send_modify(|count| *count += 1);
        Ok(())
    }
}

impl Drop for Projector {
    fn drop(&mut self) {
        // It is gone already when it failed.
        drop(self.order(Order::Close));
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the projector panicked");
        }
    }
}

/// The thread: waits until there is something to do, and has it done.
fn follow(mut serving: Serving, mut orders: Receiver<Order>, mut woken: watch::Receiver<u64>) {
    while shift(|| work(&mut serving, &mut orders, &mut woken)) {
        futures_executor::block_on(something(&serving, &mut woken));
    }
}

/// Applies what is there, obeys orders between batches, until there has been neither for a while; whether to go on. Views that
/// cannot be written or read are mended.
fn work(serving: &mut Serving, orders: &mut Receiver<Order>, woken: &mut watch::Receiver<u64>) -> bool {
    loop {
        woken.mark_unchanged();
        match orders.try_recv() {
            // Further orders may wait behind it, of which nothing wakes this thread again.
            Ok(Order::TakeOver(ready)) => {
                serving.take_over(ready);
                continue;
            }
            // The writer has ended before: the views that are left behind are those of the whole log, so that the next start
            // knows how far it must reach.
            Ok(Order::Close) | Err(TryRecvError::Disconnected) => {
                serving.finish();
                return false;
            }
            Err(TryRecvError::Empty) => {}
        }
        serving.give_way();
        serving.gather();
        let step = match serving.views.damage().found() {
            None => serving.step(),
            Some(_) => Err(EngineError::View(ViewError::NotWhole("found while they were read".into()))),
        };
        match step {
            Ok(0) => {
                if !wait_at_most(IDLE, something(serving, woken)) {
                    if let Err(cause) = serving.views.settle() {
                        tracing::warn!(%cause, "the views' rows in memory could not be written out; they stay there");
                    }
                    return true;
                }
            }
            Ok(_) => {}
            Err(cause) => {
                if !serving.mend(cause, orders) {
                    serving.finish();
                    return false;
                }
            }
        }
    }
}

/// Events or an order: which of them it was shows when the thread looks again.
async fn something(serving: &Serving, woken: &mut watch::Receiver<u64>) {
    let next = serving.checkpoint.next();
    let events = std::pin::pin!(serving.feed.wait_past(Position(next.0)));
    let order = std::pin::pin!(woken.changed());
    let _ = futures_util::future::select(events, order).await;
}
