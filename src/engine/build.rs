//! Building projections beside those that serve: from the first event to the head, then in their place.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::apply::BATCH_EVENTS;
use super::error::EngineError;
use super::feed::Feed;
use super::projector::{Projector, Ready, build_step};
use super::status::{Meter, ProjectionStatus, State};
use crate::event::Position;
use crate::views::{Checkpoint, Projection, Views};

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
        let built = projections.iter().map(|p| self.views.start_build(&**p)).collect::<Result<Vec<_>, _>>()?;
        let (done, _) = mpsc::channel();
        let mut ready = Ready { projections, built, checkpoint: Checkpoint::default(), done };
        loop {
            let before = ready.checkpoint.next();
            let until = match goal {
                Goal::Until(position) if before >= position => return Ok(ready),
                Goal::AlmostHead if self.feed.head().next.since(before) <= ALMOST_THERE => return Ok(ready),
                Goal::Until(position) => Some(position),
                Goal::AlmostHead => None,
            };
            if progress.cancelled.load(Ordering::Relaxed) {
                return Err(EngineError::Stopped("a rebuild was cut short".into()));
            }
            let started = Instant::now();
            ready.checkpoint = build_step(self.feed, &mut ready, until)?;
            let through = ready.checkpoint.next();
            progress.meter.note(usize::try_from(through.since(before)).unwrap_or(0), started.elapsed());
            progress.through.store(through.0, Ordering::Relaxed);
        }
    }
}
