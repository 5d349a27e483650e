//! How fast and how far: what projections report of themselves.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::event::Position;

/// Events per second over the last batches.
#[derive(Debug, Default)]
pub(super) struct Meter(Mutex<Rate>);

#[derive(Debug, Default)]
struct Rate {
    events: f64,
    seconds: f64,
    last: Option<Instant>,
}

/// How long a batch counts until half of its weight is gone.
const HALF_LIFE_SECONDS: f64 = 5.0;

impl Meter {
    /// Notes a batch and how long it took.
    pub(super) fn note(&self, events: usize, took: Duration) {
        let mut rate = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = rate.last.map_or(0.0, |last| last.elapsed().as_secs_f64());
        let keep = 0.5_f64.powf(idle / HALF_LIFE_SECONDS);
        rate.events = rate.events * keep + events as f64;
        rate.seconds = rate.seconds * keep + took.as_secs_f64();
        rate.last = Some(Instant::now());
    }

    /// Events per second of work.
    pub(super) fn per_second(&self) -> f64 {
        let rate = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if rate.seconds > 0.0 { rate.events / rate.seconds } else { 0.0 }
    }
}

/// Where a projection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It follows the log.
    Live,
    /// It is behind the log by more than a batch.
    CatchingUp,
    /// It is built beside the one that serves.
    Building,
    /// It stopped after an error.
    Failed,
}

impl State {
    /// `live`, `catching_up`, `building` or `failed`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::CatchingUp => "catching_up",
            Self::Building => "building",
            Self::Failed => "failed",
        }
    }
}

/// What a projection reports.
#[derive(Clone, Debug)]
pub struct ProjectionStatus {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: u32,
    /// Where it stands.
    pub state: State,
    /// All events before this position are in.
    pub through: Position,
    /// Events that are not in yet.
    pub lag: u64,
    /// Events per second of work, lately.
    pub events_per_second: f64,
    /// The share of the log that is in, from 0 to 1.
    pub progress: f64,
    /// How long the rest takes at that speed, in milliseconds; `None` when there is nothing to tell from.
    pub eta_ms: Option<f64>,
    /// The generation that is built beside it.
    pub building: Option<Box<ProjectionStatus>>,
}

impl ProjectionStatus {
    /// Works out lag, progress and the time that is left.
    pub(super) fn new(
        (name, version): (&'static str, u32),
        state: State,
        (through, head): (Position, Position),
        events_per_second: f64,
    ) -> Self {
        let lag = head.since(through);
        let progress = if head.0 == 0 { 1.0 } else { through.0 as f64 / head.0 as f64 };
        let eta_ms = (events_per_second > 0.0).then(|| lag as f64 / events_per_second * 1000.0);
        Self { name, version, state, through, lag, events_per_second, progress, eta_ms, building: None }
    }
}
