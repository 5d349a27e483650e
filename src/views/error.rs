//! What can go wrong with views.

use crate::event::codec::CodecError;

/// A view could not be read or written. Views can always be rebuilt from the log.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// The database below failed.
    #[error(
        "the views cannot be read or written: {0}; see the disk's state, or delete the views' folder to have them rebuilt"
    )]
    Store(#[from] fjall::Error),
    /// A file or a folder could not be handled.
    #[error("the views' folder cannot be used: {0}")]
    Io(#[from] std::io::Error),
    /// A thread that wrote rows panicked.
    #[error(
        "writing the views panicked; this is a mistake of the program, delete the views' folder to have them rebuilt"
    )]
    Panicked,
    /// A row does not have its layout.
    #[error("a row of table `{table}` cannot be read: {cause}; rebuild the projection")]
    Row {
        /// Which table.
        table: &'static str,
        /// What is wrong with it.
        cause: CodecError,
    },
    /// A stored event cannot be read.
    #[error("event {position} cannot be read: {cause}")]
    Event {
        /// Where it stands.
        position: u64,
        /// What is wrong with it.
        cause: CodecError,
    },
    /// No projection owns this table.
    #[error("there is no table `{0}`")]
    NoTable(&'static str),
    /// A projection failed for a reason of its own.
    #[error("projection `{projection}` failed at event {position}: {reason}")]
    Projection {
        /// Which.
        projection: &'static str,
        /// At which event.
        position: u64,
        /// Why.
        reason: String,
    },
    /// Files of the views do not fit each other.
    #[error("the views are damaged: {0}; they are rebuilt from the log")]
    NotWhole(String),
    /// The views are being opened anew.
    #[error("the views are being opened anew; ask again in a moment")]
    Reopening,
    /// Another process has the views open.
    #[error("another process has this data folder open; stop it first")]
    Locked,
}
