//! A guard around sled: on files that are not as it wrote them it panics where it could say so.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::event::Position;
use crate::log::LogError;

/// Reads through sled; whatever goes wrong is told with the position that was read.
pub(super) fn reading<T>(position: Position, read: impl FnOnce() -> sled::Result<T>) -> Result<T, LogError> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(cause)) => Err(LogError::Read { position, reason: words(&cause) }),
        Err(_) => Err(LogError::Damaged { position, reason: "its file is not as it was written".into() }),
    }
}

/// Writes through sled.
pub(super) fn writing<T>(write: impl FnOnce() -> sled::Result<T>) -> Result<T, LogError> {
    match catch_unwind(AssertUnwindSafe(write)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(cause)) => Err(LogError::Write(words(&cause))),
        Err(_) => Err(LogError::Write("its files are not as they were written".into())),
    }
}

/// Lets go of something of sled. Whatever it finds wrong then was told before, or will be when it is opened again.
pub(super) fn letting_go<T>(of: T) {
    if catch_unwind(AssertUnwindSafe(|| drop(of))).is_err() {
        tracing::error!("the log was not closed in good order; it is checked when it is opened again");
    }
}

/// What sled says, without the invitation to report it.
pub(super) fn words(cause: &sled::Error) -> String {
    match cause {
        sled::Error::Io(io) => io.to_string(),
        sled::Error::Corruption { at: Some(at), .. } => format!("its file is damaged at byte {}", at.lid()),
        sled::Error::Corruption { at: None, .. } => "its file is damaged".into(),
        sled::Error::CollectionNotFound(_) | sled::Error::Unsupported(_) | sled::Error::ReportableBug(_) => {
            cause.to_string()
        }
    }
}
