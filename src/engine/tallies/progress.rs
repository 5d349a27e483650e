//! How far the analyses are and how fast they get on, as whoever asks is told.

use std::time::Duration;

use tokio::sync::watch;

use crate::engine::status::Meter;
use crate::event::Position;

/// What is going on.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pace {
    /// Events whose customers' rows are made anew.
    Pages,
    /// Events that are counted.
    Events,
    /// Pages of rows that are counted.
    Days,
}

/// What the thread tells, and is told.
#[derive(Debug)]
pub(super) struct Pulse {
    asked: watch::Sender<u64>,
    beats: watch::Sender<u64>,
    /// Everything before this position was counted once.
    followed: watch::Sender<Position>,
    meters: [Meter; 3],
}

impl Default for Pulse {
    fn default() -> Self {
        Self {
            asked: watch::Sender::new(0),
            beats: watch::Sender::new(0),
            followed: watch::Sender::new(Position::ZERO),
            meters: Default::default(),
        }
    }
}

impl Pulse {
    /// Wakes the thread: something is wanted.
    pub(super) fn ask(&self) {
        self.asked.send_modify(|asked| *asked += 1);
    }

    pub(super) fn asked(&self) -> u64 {
        *self.asked.borrow()
    }

    pub(super) fn watch_asked(&self) -> watch::Receiver<u64> {
        self.asked.subscribe()
    }

    /// A round is over; with a position when nothing before it is left to be counted.
    pub(super) fn beat(&self, followed: Option<Position>) {
        if let Some(followed) = followed {
            self.followed.send_replace(followed);
        }
        self.beats.send_modify(|beats| *beats += 1);
    }

    /// Up to where everything was counted.
    pub(super) fn followed(&self) -> Position {
        *self.followed.borrow()
    }

    pub(super) fn watch_followed(&self) -> watch::Receiver<Position> {
        self.followed.subscribe()
    }

    /// Counts rounds.
    pub(super) fn watch_beats(&self) -> watch::Receiver<u64> {
        self.beats.subscribe()
    }

    pub(super) fn note(&self, pace: Pace, rows: u64, took: Duration) {
        if rows > 0 {
            self.meter(pace).note(usize::try_from(rows).unwrap_or(usize::MAX), took);
        }
    }

    pub(super) fn per_second(&self, pace: Pace) -> f64 {
        self.meter(pace).per_second()
    }

    fn meter(&self, pace: Pace) -> &Meter {
        let [pages, events, days] = &self.meters;
        match pace {
            Pace::Pages => pages,
            Pace::Events => events,
            Pace::Days => days,
        }
    }
}
