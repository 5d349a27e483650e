//! How a command fails: what, why, what to do, and the exit code.

use std::process::ExitCode;

use serde_json::json;

use super::config::Mistakes;
use super::os_words::plain;
use super::output;
use crate::engine::EngineError;
use crate::http::ServeError;

/// The exit code that says: done as far as it goes, but a log or a backup is not whole, or events were given up.
pub(super) const NOT_WHOLE: u8 = 3;

/// Why a command failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The configuration or the arguments are wrong.
    Usage(Vec<String>),
    /// The work failed.
    Failed(String),
}

impl Failure {
    /// A failure of the work.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self::Failed(message.into())
    }

    /// A failure with a file.
    pub(super) fn file(path: &std::path::Path, cause: &std::io::Error) -> Self {
        Self::Failed(format!("{}: {cause}", path.display()))
    }

    /// Several at once, so that all of them are told.
    pub(super) fn of_all(failures: impl IntoIterator<Item = Self>) -> Self {
        let (mut all, mut is_usage) = (Vec::new(), false);
        for failure in failures {
            match failure {
                Self::Usage(messages) => {
                    all.extend(messages);
                    is_usage = true;
                }
                Self::Failed(message) => all.push(message),
            }
        }
        if is_usage { Self::Usage(all) } else { Self::Failed(all.join("\n")) }
    }

    /// Tells the user, and gives the exit code.
    pub(super) fn report(self, as_json: bool) -> ExitCode {
        let (messages, code) = match self {
            Self::Usage(messages) => (messages, 2),
            Self::Failed(message) => (vec![message], 1),
        };
        let messages: Vec<String> = messages.iter().map(|message| plain(message)).collect();
        if as_json {
            output::line(&json!({"error": messages}).to_string());
        }
        for message in messages {
            output::error(&message);
        }
        ExitCode::from(code)
    }
}

impl From<Mistakes> for Failure {
    fn from(mistakes: Mistakes) -> Self {
        Self::Usage(mistakes.0)
    }
}

impl From<EngineError> for Failure {
    fn from(cause: EngineError) -> Self {
        Self::Failed(cause.to_string())
    }
}

impl From<ServeError> for Failure {
    fn from(cause: ServeError) -> Self {
        match cause {
            ServeError::NotLoopback(_) | ServeError::Bind { .. } => Self::Usage(vec![cause.to_string()]),
        }
    }
}
