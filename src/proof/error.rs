//! What can go wrong with checkpoints and proofs.

use std::path::Path;

use crate::event::Position;
use crate::log::LogError;

/// A checkpoint or a proof cannot be made, read or believed.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// A file or folder cannot be used.
    #[error("{path}: {cause}")]
    Io {
        /// Which.
        path: String,
        /// Why.
        cause: std::io::Error,
    },
    /// A line of the checkpoints is not what was written.
    #[error("{path}, line {line}: {reason}; the file was changed, keep it as it is and compare it with other copies")]
    Line {
        /// Which file.
        path: String,
        /// Which line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// There is nothing at the position.
    #[error("there is no event at position {position}: the log ends at {head}")]
    NotThere {
        /// What was asked for.
        position: Position,
        /// Where the log ends.
        head: Position,
    },
    /// The log is empty.
    #[error("the log is empty, there is nothing to sign yet; record something first")]
    Empty,
    /// It does not prove what it says.
    #[error("refused: {0}")]
    Refused(String),
    /// The public key is not written as one.
    #[error(
        "the public key is not written as one; it is 64 hexadecimal digits, as `novelo checkpoint --public-key` prints it"
    )]
    NotAKey,
    /// The public key is no point of the curve.
    #[error(
        "the public key has 64 digits and yet is none, one of them must be wrong; copy it again from `novelo checkpoint --public-key`"
    )]
    NoSuchKey,
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl ProofError {
    pub(super) fn io(path: &Path, cause: std::io::Error) -> Self {
        Self::Io { path: path.display().to_string(), cause }
    }

    pub(super) fn refused(reason: impl Into<String>) -> Self {
        Self::Refused(reason.into())
    }
}
