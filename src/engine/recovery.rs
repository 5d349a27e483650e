//! After a failed write: everyone who waits is told, the log is opened anew as soon as it can be written, and admission begins
//! again from what the log holds then.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::admit::Admitter;
use super::condition::{Condition, Part};
use super::error::RecordError;
use super::feed::Feed;
use super::status::Meter;
use crate::event::Position;
use crate::log::LogError;

/// How long to wait before the first attempt, and at most between two.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How far the views may be behind before the writer waits for them: what they follow in so long, for a process that is killed
/// has them brought to the log's end before it is ready again; and at least and at most so many events. With millions of events they
/// follow half as fast at a start as before the kill, because large files are merged then: 18,000 to 33,000 a second with ten million.
const LAG: Duration = Duration::from_millis(1_500);
const LAG_OF_MANY: Duration = Duration::from_millis(750);
const MANY_EVENTS: Position = Position(3_000_000);
const LEAST_UNPROJECTED: f64 = 20_000.0;
const MOST_UNPROJECTED: f64 = 150_000.0;
/// How long to wait for the views before looking whether they are in trouble.
const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// How long to wait before the attempt after one that was waited for so long.
pub(super) fn longer(pause: Duration) -> Duration {
    (pause * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE)
}

/// Opens the log anew, again and again until it can be written. Meanwhile `refuse` answers whoever comes, for so long at most;
/// it says whether anybody can still come.
pub(super) fn recover(
    feed: &Feed,
    condition: &Condition,
    cause: &LogError,
    mut refuse: impl FnMut(&RecordError, Duration) -> bool,
) {
    condition.begin(Part::Log, cause.to_string());
    let mut reason = RecordError::Unavailable(cause.to_string());
    let mut pause = FIRST_PAUSE;
    loop {
        let until = Instant::now() + pause;
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            if !refuse(&reason, left) {
                return;
            }
        }
        match feed.reopen() {
            Ok(()) => return condition.end(Part::Log),
            Err(cause) => {
                condition.begin(Part::Log, cause.to_string());
                reason = RecordError::Unavailable(cause.to_string());
            }
        }
        pause = longer(pause);
    }
}

/// What the preparing thread knows of the views, and of the troubles that were.
#[derive(Debug)]
pub(super) struct Resync {
    meter: Arc<Meter>,
    log_troubles: u64,
    /// What the admitter has forgotten is in the views up to here.
    relied_on: Position,
}

impl Resync {
    /// For views whose speed is told there.
    pub(super) fn new(meter: Arc<Meter>) -> Self {
        Self { meter, log_troubles: 0, relied_on: Position::ZERO }
    }

    /// How many events the views may be behind a log with this head.
    fn most_unprojected(&self, head: Position) -> usize {
        let lag = if head < MANY_EVENTS { LAG } else { LAG_OF_MANY };
        match self.meter.per_second() {
            0.0 => MOST_UNPROJECTED as usize,
            speed => (speed * lag.as_secs_f64()).clamp(LEAST_UNPROJECTED, MOST_UNPROJECTED) as usize,
        }
    }

    /// Makes sure that admission can rely on the log and the views. After a trouble of the log, what was prepared and not
    /// stored is forgotten. The answer belongs to what is prepared now.
    ///
    /// # Errors
    /// [`RecordError::Unavailable`] while there is trouble.
    pub(super) fn before(
        &mut self,
        admitter: &mut Admitter,
        condition: &Condition,
        projected: &mut watch::Receiver<Position>,
    ) -> Result<u64, RecordError> {
        condition.check()?;
        let log_troubles = condition.log_troubles();
        if log_troubles != self.log_troubles {
            // Nothing that was prepared before will be stored any more: the head stays until this goes on.
            let head = admitter.feed.head().next;
            wait_for(projected, condition, |through| through >= head)?;
            admitter.start_over(head);
            (self.log_troubles, self.relied_on) = (log_troubles, head);
        }
        // Views that were opened anew may have fallen back behind what was forgotten here.
        let relied_on = self.relied_on;
        wait_for(projected, condition, |through| through >= relied_on)?;
        loop {
            self.relied_on = *projected.borrow_and_update();
            admitter.overlay.forget(self.relied_on);
            if admitter.overlay.len() <= self.most_unprojected(admitter.next) {
                return Ok(log_troubles);
            }
            let relied_on = self.relied_on;
            wait_for(projected, condition, |through| through > relied_on)?;
        }
    }
}

/// Waits until the views are as far as wanted, or in trouble, or gone.
fn wait_for(
    projected: &mut watch::Receiver<Position>,
    condition: &Condition,
    enough: impl Fn(Position) -> bool,
) -> Result<(), RecordError> {
    loop {
        let through = *projected.borrow_and_update();
        if enough(through) {
            return Ok(());
        }
        condition.check()?;
        if projected.has_changed().is_err() {
            return Err(RecordError::Unavailable("it is being closed".into()));
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}

impl Admitter {
    /// Begins again from what the log and the views hold: everything before `next` is in both.
    fn start_over(&mut self, next: Position) {
        self.overlay = super::overlay::Overlay::default();
        self.next = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_views_may_be_behind_by_what_they_soon_follow() {
        let behind = |head: u64, events: usize, milliseconds: u64| {
            let meter = Meter::default();
            meter.note(events, Duration::from_millis(milliseconds));
            Resync::new(Arc::new(meter)).most_unprojected(Position(head))
        };
        let unknown = Resync::new(Arc::default()).most_unprojected(Position::ZERO);
        assert_eq!(unknown, 150_000, "nothing is known yet");
        assert_eq!(behind(1_000, 40_000, 1_000), 60_000);
        assert_eq!(behind(10_000_000, 40_000, 1_000), 30_000);
        assert_eq!(behind(1_000, 1, 1_000), 20_000);
        assert_eq!(behind(1_000, 8_000, 10), 150_000);
    }
}
