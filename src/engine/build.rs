//! Building projections beside those that serve: from the first event to the head, then in their place.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Instant;

use super::apply::BATCH_EVENTS;
use super::error::EngineError;
use super::feed::Feed;
use super::projector::{Projector, Ready, build_step};
use super::status::{Meter, ProjectionStatus, State};
use crate::event::Position;
use crate::views::{Checkpoint, Projection, Views};

/// How far a build may be behind when it is handed over: what is left is applied while nothing else is.
const ALMOST_THERE: u64 = 2 * BATCH_EVENTS as u64;

/// The builds that are under way.
#[derive(Debug, Default)]
pub(super) struct Builds {
    running: Mutex<HashMap<&'static str, Arc<Progress>>>,
}

/// How far a build is. All projections of one build share it.
#[derive(Debug, Default)]
pub(super) struct Progress {
    through: AtomicU64,
    meter: Meter,
    cancelled: AtomicBool,
}

impl Builds {
    /// Notes that these are being built.
    ///
    /// # Errors
    /// [`EngineError::Building`] names one that is being built already.
    fn begin(&self, names: &[&'static str]) -> Result<Arc<Progress>, EngineError> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(name) = names.iter().find(|name| running.contains_key(*name)) {
            return Err(EngineError::Building((*name).to_owned()));
        }
        let progress = Arc::new(Progress::default());
        running.extend(names.iter().map(|name| (*name, progress.clone())));
        Ok(progress)
    }

    fn end(&self, names: &[&'static str]) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|name, _| !names.contains(name));
    }

    /// What the build of a projection reports, if there is one.
    pub(super) fn status(&self, name: &'static str, version: u32, head: Position) -> Option<ProjectionStatus> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let progress = running.get(name)?;
        let through = Position(progress.through.load(Ordering::Relaxed));
        Some(ProjectionStatus::new((name, version), State::Building, (through, head), progress.meter.per_second()))
    }

    /// Asks every build to stop; they end at their next batch.
    pub(super) fn cancel_all(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.values().for_each(|progress| progress.cancelled.store(true, Ordering::Relaxed));
    }
}

/// What a build works with.
pub(super) struct Site<'a> {
    pub(super) views: &'a Views,
    pub(super) feed: &'a Feed,
    pub(super) builds: &'a Builds,
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
        position: Position,
    ) -> Result<(), EngineError> {
        self.build(projections, Goal::Until(position), |ready| Ok(self.views.take_over(ready.built)?))
    }

    /// Builds beside the live ones and lets the projector put the result in their place.
    pub(super) fn rebuild(
        &self,
        projections: Vec<Box<dyn Projection>>,
        projector: &Projector,
    ) -> Result<(), EngineError> {
        self.build(projections, Goal::AlmostHead, |mut ready| {
            let (done, answer) = mpsc::channel();
            ready.done = done;
            projector.take_over(ready)?;
            answer.recv().map_err(|_| EngineError::Stopped("the projector is not running".into()))?
        })
    }

    fn build(
        &self,
        projections: Vec<Box<dyn Projection>>,
        goal: Goal,
        finish: impl FnOnce(Ready) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        let names: Vec<&'static str> = projections.iter().map(|projection| projection.name()).collect();
        let progress = self.builds.begin(&names)?;
        let result = self.build_all(projections, &progress, goal).and_then(finish);
        self.builds.end(&names);
        result
    }

    fn build_all(
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
            ready.checkpoint = build_step(self.views, self.feed, &mut ready, until)?;
            let through = ready.checkpoint.next();
            progress.meter.note(usize::try_from(through.since(before)).unwrap_or(0), started.elapsed());
            progress.through.store(through.0, Ordering::Relaxed);
        }
    }
}
