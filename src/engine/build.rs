//! Building projections beside those that serve: from the first event to the head, then in their place.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::apply::{BATCH_EVENTS, BULK_EVENTS, Decoded, apply_to};
use super::crew::Crew;
use super::error::EngineError;
use super::feed::Feed;
use super::priority;
use super::projector::Projector;
use super::status::{Meter, ProjectionStatus, State};
use crate::event::Position;
use crate::views::{Built, Checkpoint, Projection, ViewError, Views};

/// How far a build may be behind when it is handed over: what is left is applied while nothing else is.
const ALMOST_THERE: u64 = 2 * BATCH_EVENTS as u64;

/// The builds that are under way, by the projections that they build.
#[derive(Debug, Default)]
pub(super) struct Builds {
    running: Arc<Mutex<Running>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

type Running = HashMap<&'static str, Arc<Progress>>;

/// How far a build is. All projections of one build share it.
#[derive(Debug, Default)]
pub(super) struct Progress {
    through: AtomicU64,
    meter: Meter,
    cancelled: AtomicBool,
}

/// A build that has begun; it has ended once this is dropped.
#[derive(Debug)]
pub(super) struct Begun {
    running: Arc<Mutex<Running>>,
    progress: Arc<Progress>,
}

impl Drop for Begun {
    fn drop(&mut self) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|_, progress| !Arc::ptr_eq(progress, &self.progress));
    }
}

/// A rebuild that is under way. It goes on when this is dropped, until the store is closed.
#[derive(Debug)]
pub struct Rebuild(mpsc::Receiver<Result<(), EngineError>>);

impl Rebuild {
    /// Waits for its end.
    ///
    /// # Errors
    /// [`EngineError`] says why nothing was rebuilt; the old rows go on serving then.
    pub fn wait(self) -> Result<(), EngineError> {
        self.0.recv().unwrap_or_else(|_| Err(lost()))
    }

    /// Waits for its end, at most so long; `None` when it goes on.
    ///
    /// # Errors
    /// As [`Rebuild::wait`].
    pub fn wait_at_most(&self, at_most: Duration) -> Option<Result<(), EngineError>> {
        match self.0.recv_timeout(at_most) {
            Ok(result) => Some(result),
            Err(mpsc::RecvTimeoutError::Timeout) => None,
            Err(mpsc::RecvTimeoutError::Disconnected) => Some(Err(lost())),
        }
    }
}

fn lost() -> EngineError {
    EngineError::Stopped("a rebuild ended without an answer".into())
}

impl Builds {
    /// Notes that these are being built.
    ///
    /// # Errors
    /// [`EngineError::Building`] names one that is being built already.
    pub(super) fn begin(&self, projections: &[Box<dyn Projection>]) -> Result<Begun, EngineError> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(busy) = projections.iter().find(|projection| running.contains_key(projection.name())) {
            return Err(EngineError::Building(busy.name().to_owned()));
        }
        let progress = Arc::new(Progress::default());
        running.extend(projections.iter().map(|projection| (projection.name(), progress.clone())));
        Ok(Begun { running: self.running.clone(), progress })
    }

    /// Runs a build in a thread of its own, which [`Builds::close`] waits for.
    pub(super) fn spawn(
        &self,
        build: impl FnOnce() -> Result<(), EngineError> + Send + 'static,
    ) -> std::io::Result<Rebuild> {
        let (done, answer) = mpsc::channel();
        let thread = std::thread::Builder::new().name("novelo:build".into()).spawn(move || {
            priority::give_way();
            let result = build();
            if let Err(cause) = &result {
                tracing::error!(%cause, "a projection could not be rebuilt; the old one goes on serving");
            }
            // Whoever asked may have gone away.
            drop(done.send(result));
        })?;
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        threads.retain(|thread| !thread.is_finished());
        threads.push(thread);
        Ok(Rebuild(answer))
    }

    /// What the build of a projection reports, if there is one.
    pub(super) fn status(&self, name: &'static str, version: u32, head: Position) -> Option<ProjectionStatus> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let progress = running.get(name)?;
        let through = Position(progress.through.load(Ordering::Relaxed));
        Some(ProjectionStatus::new((name, version), State::Building, (through, head), progress.meter.per_second()))
    }

    /// Asks every build to stop, and waits until they have, which they do at their next batch.
    pub(super) fn close(&self) {
        let cancel = |progress: &Arc<Progress>| progress.cancelled.store(true, Ordering::Relaxed);
        self.running.lock().unwrap_or_else(PoisonError::into_inner).values().for_each(cancel);
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a rebuild panicked");
            }
        }
    }
}

/// What a build works with.
pub(super) struct Site<'a> {
    pub(super) views: &'a Views,
    pub(super) feed: &'a Feed,
}

/// How far a build goes by itself.
#[derive(Clone, Copy)]
enum Goal {
    /// Exactly to this position.
    Until(Position),
    /// Almost to the head, which moves on meanwhile.
    AlmostHead,
}

impl Site<'_> {
    /// Builds projections from the first event exactly up to a position, and puts them into service.
    pub(super) fn build_until(
        &self,
        projections: Vec<Box<dyn Projection>>,
        begun: Begun,
        position: Position,
    ) -> Result<(), EngineError> {
        let ready = self.build(projections, &begun.progress, Goal::Until(position))?;
        Ok(self.views.take_over(ready.built)?)
    }

    /// Builds beside the live ones and lets the projector put the result in their place.
    pub(super) fn rebuild(
        &self,
        projections: Vec<Box<dyn Projection>>,
        begun: Begun,
        projector: &Projector,
    ) -> Result<(), EngineError> {
        let mut ready = self.build(projections, &begun.progress, Goal::AlmostHead)?;
        let (done, answer) = mpsc::channel();
        ready.done = done;
        projector.take_over(ready)?;
        answer.recv().map_err(|_| EngineError::Stopped("the projector is not running".into()))?
    }

    fn build(
        &self,
        projections: Vec<Box<dyn Projection>>,
        progress: &Progress,
        goal: Goal,
    ) -> Result<Ready, EngineError> {
        let mut ready = Ready::start(projections, self.views)?;
        let reading = |next: Position| {
            let head = self.feed.head().next;
            match goal {
                Goal::Until(position) => read(self.feed, next, position),
                Goal::AlmostHead if head.since(next) <= ALMOST_THERE => Ok(Vec::new()),
                Goal::AlmostHead => read(self.feed, next, head),
            }
        };
        let mut decoded = reading(Position::ZERO)?;
        while !decoded.is_empty() {
            if progress.cancelled.load(Ordering::Relaxed) {
                return Err(EngineError::Stopped("a rebuild was cut short".into()));
            }
            let (started, before) = (Instant::now(), ready.checkpoint.next());
            decoded = ready.write(&decoded, reading)?;
            let through = ready.checkpoint.next();
            progress.meter.note(usize::try_from(through.since(before)).unwrap_or(0), started.elapsed());
            progress.through.store(through.0, Ordering::Relaxed);
        }
        Ok(ready)
    }
}

/// Projections that are built beside those that serve.
pub(super) struct Ready {
    pub(super) projections: Vec<Box<dyn Projection>>,
    pub(super) built: Vec<Built>,
    pub(super) checkpoint: Checkpoint,
    pub(super) done: mpsc::Sender<Result<(), EngineError>>,
    crew: Crew,
}

impl Ready {
    fn start(projections: Vec<Box<dyn Projection>>, views: &Views) -> Result<Self, EngineError> {
        let built = projections.iter().map(|p| views.start_build(&**p)).collect::<Result<Vec<_>, _>>()?;
        let (done, _) = mpsc::channel();
        Ok(Self { projections, built, checkpoint: Checkpoint::default(), done, crew: Crew::that_gives_way() })
    }

    /// Applies what was read, every projection by itself, while what comes next is read. What that is.
    fn write(
        &mut self,
        decoded: &[Decoded],
        read_on: impl FnOnce(Position) -> Result<Vec<Decoded>, EngineError>,
    ) -> Result<Vec<Decoded>, EngineError> {
        let Some(last) = decoded.last() else { return Ok(Vec::new()) };
        let (next, through) = (self.checkpoint.next(), last.checkpoint());
        let events: usize = decoded.iter().map(Decoded::count).sum();
        let write = |(projection, built): (&mut Box<dyn Projection>, &Built)| {
            let mut batch = built.batch(events);
            apply_to(&mut **projection, decoded, next, built.tables(), &mut batch)?;
            batch.commit_bulk(|| {})
        };
        let pairs = self.projections.iter_mut().zip(&self.built);
        let (written, read) = self.crew.each_and(pairs, || ViewError::Panicked, write, || read_on(through.next()));
        written?;
        self.checkpoint = through;
        read
    }

    /// Brings it exactly up to a position.
    pub(super) fn catch_up(&mut self, feed: &Feed, until: Position) -> Result<(), EngineError> {
        while self.checkpoint.next() < until {
            let decoded = read(feed, self.checkpoint.next(), until)?;
            if decoded.is_empty() {
                return Err(EngineError::Stopped(format!("no chunk of the log ends at position {until}")));
            }
            self.write(&decoded, |_| Ok(Vec::new()))?;
        }
        Ok(())
    }
}

/// Reads and decodes what one bulk write takes, not past `until`.
fn read(feed: &Feed, next: Position, until: Position) -> Result<Vec<Decoded>, EngineError> {
    if next >= until {
        return Ok(Vec::new());
    }
    let mut chunks = feed.read(next, BULK_EVENTS)?;
    chunks.truncate(chunks.partition_point(|chunk| chunk.end() <= until));
    Ok(chunks.into_iter().map(Decoded::of).collect::<Result<_, _>>()?)
}
