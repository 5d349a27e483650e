//! Errors as callers see them: a stable code, what happened, and what to do.
//!
//! `extensions.code` is one of `NOT_FOUND`, `INVALID_INPUT`, `CONFLICT`, `TOO_COMPLEX`, `UNAVAILABLE`, `INTERNAL`;
//! `extensions.help` says what to do, and `extensions.field` which field it is about; `extensions.placeholder` that its value
//! is one. The cause of an `INTERNAL` error stays
//! in the log.

use async_graphql::{Error, ErrorExtensions};

use crate::engine::{EngineError, RecordError, Refusal};
use crate::event::{Invalid, did_you_mean};
use crate::log::LogError;
use crate::views::ViewError;

/// The stable codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    /// What was asked for is not there.
    NotFound,
    /// Something in the request does not fit.
    InvalidInput,
    /// The state of the store does not allow it.
    Conflict,
    /// The query asks for too much at once.
    TooComplex,
    /// The store cannot do it now.
    Unavailable,
    /// A mistake of the store.
    Internal,
}

impl Code {
    /// The code as it stands in `extensions.code`.
    #[must_use]
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::NotFound => "NOT_FOUND",
            Self::InvalidInput => "INVALID_INPUT",
            Self::Conflict => "CONFLICT",
            Self::TooComplex => "TOO_COMPLEX",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }
}

/// An error with its code and its help.
#[must_use]
pub(super) fn error(code: Code, message: impl Into<String>, help: impl Into<String>) -> Error {
    let help = help.into();
    Error::new(message).extend_with(|_, extensions| {
        extensions.set("code", code.word());
        extensions.set("help", help.as_str());
    })
}

/// The error of an argument or a field that does not fit.
#[must_use]
pub(super) fn invalid(problem: &Invalid) -> Error {
    let message = format!("{}: {}", problem.field, problem.reason);
    error(Code::InvalidInput, message, problem.help.clone())
        .extend_with(|_, extensions| extensions.set("field", problem.field.as_str()))
}

/// The error of an argument, from its parts.
#[must_use]
pub(super) fn bad_argument(field: &str, reason: impl Into<String>, help: impl Into<String>) -> Error {
    invalid(&Invalid::new(field, reason, help.into()))
}

/// What a failure of the store looks like from outside.
#[must_use]
pub(super) fn of_engine(cause: EngineError) -> Error {
    match cause {
        EngineError::Invalid(problem) => invalid(&problem),
        EngineError::Placeholder(problem) => {
            invalid(&problem).extend_with(|_, extensions| extensions.set("placeholder", true))
        }
        EngineError::Behind { .. } => {
            error(Code::Unavailable, cause.to_string(), "ask again in a moment, or without `atLeast`")
        }
        EngineError::Rebuilding { .. }
        | EngineError::Log(LogError::Reopening(_))
        | EngineError::View(ViewError::Reopening) => {
            error(Code::Unavailable, cause.to_string(), "ask again in a moment")
        }
        EngineError::NoProjection { given, help } => {
            error(Code::NotFound, format!("there is no projection `{given}`"), help)
        }
        EngineError::Ambiguous { contact } => error(
            Code::Conflict,
            format!(
                "contact `{contact}` is of several customers that are not linked: it named both, or their sources use the same id"
            ),
            "ask by an identifier or a protocol; customers who are one can be linked",
        ),
        EngineError::Building(_) => error(Code::Conflict, cause.to_string(), "wait until it is done"),
        EngineError::Stopped(_) => error(Code::Unavailable, cause.to_string(), "restart the store; its log says why"),
        EngineError::Log(_)
        | EngineError::Vault(_)
        | EngineError::KeysMissing { .. }
        | EngineError::InUse { .. }
        | EngineError::WouldLose { .. }
        | EngineError::NoStore { .. }
        | EngineError::LogLost { .. }
        | EngineError::NotEmpty { .. }
        | EngineError::HalfRestored { .. }
        | EngineError::MissingKeys { .. }
        | EngineError::OtherKeys { .. }
        | EngineError::OtherThings { .. }
        | EngineError::NoKeys { .. }
        | EngineError::Archive(_)
        | EngineError::Proof(_)
        | EngineError::View(_)
        | EngineError::Event { .. }
        | EngineError::Io { .. } => {
            tracing::error!(%cause, "a query failed");
            error(Code::Internal, "the store could not answer", "tell the operator: the store's log has the cause")
        }
    }
}

/// What a request that was not carried out looks like from outside.
#[must_use]
pub(super) fn of_record(cause: &RecordError) -> Error {
    let help = match cause {
        RecordError::Busy => "send again in a moment",
        RecordError::Unavailable(_) => "send again later; what was acknowledged before is safe",
    };
    error(Code::Unavailable, cause.to_string(), help)
}

/// What the refusal of one event looks like from outside; `field` is where the request has it.
#[must_use]
pub(super) fn of_refusal(field: &str, refusal: &Refusal) -> Error {
    let code = match refusal {
        Refusal::Conflict { .. }
        | Refusal::Twice { .. }
        | Refusal::Stale { .. }
        | Refusal::Erased
        | Refusal::Together => Code::Conflict,
        Refusal::SeveralSubjects => Code::InvalidInput,
    };
    let text = refusal.to_string();
    let (what, help) = text.split_once("; ").unwrap_or((&text, "read again and decide anew"));
    error(code, format!("{field}: {what}"), help).extend_with(|_, extensions| extensions.set("field", field))
}

/// The error of a word that is not in a vocabulary.
#[must_use]
pub(super) fn unknown_word(field: &str, given: &str, known: &[&str]) -> Error {
    let shown: String = given.chars().take(64).collect();
    bad_argument(field, format!("`{shown}` is unknown"), did_you_mean(given, known))
}
