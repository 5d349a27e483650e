//! What the store cannot do now, and why. While the log cannot be written or the views do not follow it, no events are taken;
//! whoever sends some is told why. One line in the store's log says when a trouble begins, and one when it is over.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::error::{EngineError, RecordError};
use crate::event::{Micros, Position};

/// A part of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The events.
    Log,
    /// The keys.
    Keys,
    /// What is derived from the events.
    Views,
    /// The events a second time, on another disk.
    Archive,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Log, Self::Keys, Self::Views, Self::Archive];

    /// `log`, `keys`, `views` or `archive`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Keys => "keys",
            Self::Views => "views",
            Self::Archive => "archive",
        }
    }
}

/// What a trouble keeps from being recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stops {
    /// Nothing: events are taken as before.
    Nothing,
    /// Events of subjects that have no key yet.
    NewSubjects,
    /// All events.
    Everything,
}

/// A part that does not do its work.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// Which part.
    pub part: Part,
    /// Why not, and what to do, as it was found last.
    pub reason: String,
    /// Since when.
    pub since: Micros,
    /// Which events are not taken while it lasts.
    pub stops: Stops,
}

/// What is not taken while a part is out of work.
fn stops(part: Part) -> Stops {
    match part {
        Part::Log | Part::Views => Stops::Everything,
        Part::Keys => Stops::NewSubjects,
        Part::Archive => Stops::Nothing,
    }
}

/// What is in trouble now.
#[derive(Debug, Default)]
pub(super) struct Condition {
    troubles: Mutex<Vec<Trouble>>,
    /// How often the log was in trouble, and the views.
    log: AtomicU64,
    views: AtomicU64,
    /// Up to where somebody may have seen the views.
    seen: AtomicU64,
}

impl Condition {
    fn troubles_mut(&self) -> std::sync::MutexGuard<'_, Vec<Trouble>> {
        self.troubles.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is in trouble.
    pub(super) fn troubles(&self) -> Vec<Trouble> {
        self.troubles_mut().clone()
    }

    /// Says that a part is in trouble, or still is and now for this reason.
    pub(super) fn begin(&self, part: Part, reason: String) {
        let mut troubles = self.troubles_mut();
        if let Some(known) = troubles.iter_mut().find(|trouble| trouble.part == part) {
            known.reason = reason;
            return;
        }
        tracing::error!(part = part.word(), %reason, "the store is in trouble; it goes on by itself when it can");
        troubles.push(Trouble { part, reason, since: Micros::now(), stops: stops(part) });
        match part {
            Part::Log => drop(self.log.fetch_add(1, Ordering::SeqCst)),
            Part::Views => drop(self.views.fetch_add(1, Ordering::SeqCst)),
            Part::Keys | Part::Archive => {}
        }
    }

    /// Says that a part does its work.
    pub(super) fn end(&self, part: Part) {
        let mut troubles = self.troubles_mut();
        let before = troubles.len();
        troubles.retain(|trouble| trouble.part != part);
        if troubles.len() < before {
            tracing::info!(part = part.word(), "the trouble is over");
        }
    }

    /// Refuses events while the log cannot be written or the views do not follow it: their sender could not read what they
    /// wrote.
    pub(super) fn check(&self) -> Result<(), RecordError> {
        let troubles = self.troubles_mut();
        match troubles.iter().find(|trouble| trouble.stops == Stops::Everything) {
            None => Ok(()),
            Some(trouble) => Err(RecordError::Unavailable(trouble.reason.clone())),
        }
    }

    /// How often the log was in trouble: what was prepared before is not to be stored.
    pub(super) fn log_troubles(&self) -> u64 {
        self.log.load(Ordering::SeqCst)
    }

    /// How often the views were in trouble: what was read of them over that is not to be relied on.
    pub(super) fn views_troubles(&self) -> u64 {
        self.views.load(Ordering::SeqCst)
    }

    /// Says that somebody may have seen the views up to here.
    pub(super) fn seen(&self, through: Position) {
        self.seen.fetch_max(through.0, Ordering::SeqCst);
    }

    /// Refuses views that are behind what was seen before: they are being rebuilt.
    pub(super) fn check_seen(&self, through: Position) -> Result<(), EngineError> {
        let seen = Position(self.seen.load(Ordering::SeqCst));
        if through < seen { Err(EngineError::Rebuilding { through, until: seen }) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_refused_while_log_or_views_are_in_trouble_and_taken_afterwards() {
        let condition = Condition::default();
        condition.begin(Part::Keys, "full".into());
        assert_eq!(condition.check(), Ok(()), "only those of new subjects need a key, and they try");
        condition.begin(Part::Log, "full".into());
        condition.begin(Part::Log, "still full".into());
        assert_eq!(condition.check(), Err(RecordError::Unavailable("still full".into())));
        assert_eq!((condition.log_troubles(), condition.views_troubles()), (1, 0));
        condition.end(Part::Log);
        assert_eq!(condition.check(), Ok(()));
        assert_eq!(condition.troubles().len(), 1);
    }

    #[test]
    fn views_that_fall_back_are_not_shown() {
        let condition = Condition::default();
        condition.seen(Position(7));
        condition.seen(Position(5));
        assert!(condition.check_seen(Position(7)).is_ok());
        assert!(matches!(condition.check_seen(Position(6)), Err(EngineError::Rebuilding { .. })));
    }
}
