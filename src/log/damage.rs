//! What readers of a log found damaged: told by whoever meets it first, for those who look after the store.

use std::sync::{Mutex, PoisonError};

use super::LogError;
use crate::event::Micros;

/// Damage that a read met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Where, and what is wrong.
    pub cause: LogError,
    /// When it was met.
    pub at: Micros,
}

/// The first damage that any read met.
#[derive(Debug, Default)]
pub(super) struct FirstDamage(Mutex<Option<Damage>>);

impl FirstDamage {
    /// What was met, if anything.
    pub(super) fn get(&self) -> Option<Damage> {
        self.slot().clone()
    }

    /// Notes an error if it means that what was stored cannot be read any more, and if it is the first.
    pub(super) fn note(&self, cause: &LogError) {
        if !is_damage(cause) {
            return;
        }
        let mut slot = self.slot();
        if slot.is_none() {
            tracing::error!(%cause, "damage was met while the log was read");
            *slot = Some(Damage { cause: cause.clone(), at: Micros::now() });
        }
    }

    /// Forgets it: the log was opened anew, and whoever reads finds what is there then.
    pub(super) fn forget(&self) {
        *self.slot() = None;
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<Damage>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether an error means that stored events cannot be read, whatever is waited for.
fn is_damage(cause: &LogError) -> bool {
    match cause {
        LogError::Damaged { .. } | LogError::Read { .. } | LogError::Missing { .. } | LogError::Another { .. } => true,
        LogError::Empty
        | LogError::NotNext { .. }
        | LogError::TimeWentBack(_)
        | LogError::NoTrueFsync(_)
        | LogError::InUse(_)
        | LogError::Open(_)
        | LogError::Io { .. }
        | LogError::Write(_)
        | LogError::Reopening(_) => false,
    }
}
