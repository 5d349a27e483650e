//! When the views cannot be written or read: they are opened anew, or thrown away and rebuilt, until they follow the log again.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::condition::Part;
use super::error::EngineError;
use super::projector::{Order, Serving};
use super::recovery::longer;
use super::slots::{self, SIDE_TABLES};
use crate::log::{LogError, check_room};
use crate::views::ViewError;

/// Bytes that must find room before the views are opened anew.
const ROOM_BYTES: usize = 1 << 20;

impl Serving {
    /// Mends the views and catches up with the log, again and again until both succeed. Orders that come meanwhile are refused;
    /// `false` when it is to end.
    pub(super) fn mend(&mut self, cause: EngineError, orders: &Receiver<Order>) -> bool {
        self.condition.seen(self.checkpoint.next());
        let mut cause = self.reason_of(cause);
        let mut pause = Duration::ZERO;
        loop {
            self.condition.begin(Part::Views, cause.to_string());
            pause = longer(pause);
            if !refuse(orders, pause) {
                return false;
            }
            match self.open_anew(&cause).and_then(|()| self.catch_up()) {
                Ok(()) => {
                    self.condition.end(Part::Views);
                    return true;
                }
                Err(next) => cause = next,
            }
        }
    }

    /// Opens the views anew, if it was they that failed.
    pub(super) fn open_anew(&mut self, cause: &EngineError) -> Result<(), EngineError> {
        let damaged = self.views.damage().found();
        if damaged.is_some() || is_of_the_database(cause) {
            check_room(self.views.path(), ROOM_BYTES).map_err(no_room)?;
            // What was begun with them is not gone on with.
            self.projections.clear();
            let fresh = (self.make_projections)();
            let mut stale = self.views.open_anew(&fresh, SIDE_TABLES, damaged.as_deref())?;
            if !stale.is_empty() {
                let broken = ViewError::NotWhole("tables are missing".into());
                stale = self.views.open_anew(&fresh, SIDE_TABLES, Some(&broken))?;
            }
            if !stale.is_empty() {
                return Err(EngineError::Stopped("the views cannot be made anew".into()));
            }
            slots::catch_up(&self.vault, &self.views, self.vault.next_slot())?;
            self.checkpoint = self.views.checkpoint()?;
        }
        self.touched.begin_epoch();
        self.projections = (self.make_projections)();
        self.projected.send_replace(self.checkpoint.next());
        Ok(())
    }

    /// Why the database failed. Where its own thread came upon a full disk, whoever writes next is told only that it has failed.
    fn reason_of(&self, cause: EngineError) -> EngineError {
        match is_of_the_database(&cause).then(|| check_room(self.views.path(), ROOM_BYTES)) {
            Some(Err(found)) => no_room(found),
            Some(Ok(())) | None => cause,
        }
    }

    /// Applies everything up to the log's end, and to where the views were.
    fn catch_up(&mut self) -> Result<(), EngineError> {
        while self.step()? > 0 {}
        self.condition.check_seen(self.checkpoint.next())
    }
}

/// What a probe found is told of the views: it speaks of the log.
fn no_room(cause: LogError) -> EngineError {
    let LogError::Write(reason) = cause else { return cause.into() };
    EngineError::View(ViewError::Io(std::io::Error::other(reason)))
}

/// Whether it is the database of the views that failed, rather than the log, the keys or an event.
fn is_of_the_database(cause: &EngineError) -> bool {
    match cause {
        EngineError::View(cause) => match cause {
            ViewError::Store(_)
            | ViewError::Io(_)
            | ViewError::Panicked
            | ViewError::Row { .. }
            | ViewError::NoTable(_)
            | ViewError::NotWhole(_)
            | ViewError::Reopening
            | ViewError::Locked => true,
            ViewError::Event { .. } | ViewError::Projection { .. } => false,
        },
        // Finding room failed, or opening anew did not go through.
        EngineError::Log(crate::log::LogError::Write(_)) | EngineError::Stopped(_) => true,
        EngineError::Log(_)
        | EngineError::Vault(_)
        | EngineError::KeysMissing { .. }
        | EngineError::NoKeys { .. }
        | EngineError::NotEmpty { .. }
        | EngineError::HalfRestored { .. }
        | EngineError::MissingKeys { .. }
        | EngineError::OtherKeys { .. }
        | EngineError::OtherThings { .. }
        | EngineError::Archive(_)
        | EngineError::Proof(_)
        | EngineError::InUse { .. }
        | EngineError::WouldLose { .. }
        | EngineError::NoStore { .. }
        | EngineError::LogLost { .. }
        | EngineError::Event { .. }
        | EngineError::Io { .. }
        | EngineError::Invalid(_)
        | EngineError::Placeholder(_)
        | EngineError::Behind { .. }
        | EngineError::Rebuilding { .. }
        | EngineError::NoProjection { .. }
        | EngineError::Ambiguous { .. }
        | EngineError::Building(_) => false,
    }
}

/// Refuses what is ordered for so long; `false` when it is to end.
fn refuse(orders: &Receiver<Order>, pause: Duration) -> bool {
    let until = std::time::Instant::now() + pause;
    while let Some(left) = until.checked_duration_since(std::time::Instant::now()) {
        match orders.recv_timeout(left) {
            Ok(Order::TakeOver(ready)) => {
                let refused = EngineError::Stopped("the views are being opened anew; ask for the rebuild again".into());
                // Whoever asked may have gone away.
                drop(ready.done.send(Err(refused)));
            }
            Ok(Order::Close) | Err(RecvTimeoutError::Disconnected) => return false,
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
    true
}
