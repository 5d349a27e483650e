//! What can go wrong with the log.

use crate::event::Position;

/// The log cannot be opened, written or read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// A commit without events.
    #[error("a commit holds no events")]
    Empty,
    /// A commit that does not continue the head.
    #[error("a commit begins at position {begins} and the log ends at {head}; prepare it anew")]
    NotNext {
        /// Where it begins.
        begins: Position,
        /// Where the log ends.
        head: Position,
    },
    /// A commit that was recorded before the last one.
    #[error("a commit was recorded before the one that it follows, at position {0}; see to the clock")]
    TimeWentBack(Position),
    /// A chunk that is not what was written.
    #[error(
        "the log is damaged at position {position}: {reason}; what lies before can be read, restore the rest from a backup or \
         see what `novelo repair` can keep"
    )]
    Damaged {
        /// Where.
        position: Position,
        /// What is wrong.
        reason: String,
    },
    /// The log does not reach what somebody remembers of it.
    #[error(
        "the log ends at position {have}, and {of} remember it up to {want}: {missing} events are missing; \
         restore the log from a backup or see what `novelo repair` can keep, nothing is taken until then"
    )]
    Missing {
        /// Where it ends.
        have: Position,
        /// Where it once ended.
        want: Position,
        /// Who remembers.
        of: String,
        /// How many are missing.
        missing: u64,
    },
    /// The log is another than somebody remembers.
    #[error(
        "the log is not the one that {of} remember: before position {position} it has another hash; \
         put the log back that belongs to them; views that belong to another log can be deleted, signed checkpoints \
         are evidence: keep them elsewhere"
    )]
    Another {
        /// Up to where they should agree.
        position: Position,
        /// Who remembers.
        of: String,
    },
    /// Writes cannot be made durable here.
    #[error("writes cannot be made durable: {0}")]
    NoTrueFsync(String),
    /// Another process has it open.
    #[error("another process has the log open ({0}); stop it first")]
    InUse(String),
    /// The files cannot be opened.
    #[error("the log cannot be opened: {0}; restore it from a backup, or see what `novelo repair` can keep")]
    Open(String),
    /// A file or folder cannot be used.
    #[error("{path}: {reason}")]
    Io {
        /// Which.
        path: String,
        /// Why.
        reason: String,
    },
    /// A write failed.
    #[error("the log could not be written: {0}; see to the disk, what was acknowledged is safe")]
    Write(String),
    /// It is being opened anew after a failed write.
    #[error("the log is being opened anew after a failed write ({0}); ask again in a moment")]
    Reopening(String),
    /// A read failed.
    #[error(
        "the log could not be read at position {position}: {reason}; what lies before can be read. See to the disk; if it \
         stays so, restore the rest from a backup or see what `novelo repair` can keep"
    )]
    Read {
        /// Where.
        position: Position,
        /// Why.
        reason: String,
    },
}
