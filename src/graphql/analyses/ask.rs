//! How a question about an analysis is asked, and what is told when it does not fit.

use async_graphql::{Error, InputObject, Result};

use crate::engine::{Ask, AskError, DefineError};
use crate::graphql::errors::{Code, bad_argument, error, of_engine, unknown_word};
use crate::graphql::scalars::DateTime;
use crate::tally::Span;

/// Most lines of one answer.
const MOST_LINES: usize = 10_000;

/// A part of time.
#[derive(Clone, Copy, Debug, Default, InputObject)]
pub struct RangeInput {
    /// Buckets that begin at this moment or later.
    pub from: Option<DateTime>,
    /// Buckets that begin before this moment.
    pub to: Option<DateTime>,
}

/// What a group says.
#[derive(Clone, Debug, InputObject)]
pub struct DimensionIs {
    /// The name of what rows are grouped by.
    pub name: String,
    /// What it is; null for rows that say nothing there.
    pub value: Option<String>,
}

/// The word for all buckets together.
const ALL: &str = "all";

/// A question in the terms of the store.
pub(super) fn ask(
    range: Option<RangeInput>,
    only: Option<Vec<DimensionIs>>,
    by: Option<Vec<String>>,
    bucket: Option<String>,
) -> Result<Ask> {
    let range = range.unwrap_or_default();
    let (from, until) = (range.from.map(|at| at.0), range.to.map(|at| at.0));
    if from.zip(until).is_some_and(|(from, until)| from >= until) {
        return Err(bad_argument("range.to", "is not behind `from`", "send a moment behind it, or leave one out"));
    }
    let whole = bucket.as_deref() == Some(ALL);
    let span = match bucket.as_deref().filter(|_| !whole) {
        None => None,
        Some(word) => Some(Span::named(word).ok_or_else(|| {
            let known: Vec<&str> = Span::WORDS.iter().copied().chain([ALL]).collect();
            unknown_word("bucket", word, &known)
        })?),
    };
    let only = only.into_iter().flatten().map(|is| (is.name, is.value)).collect();
    Ok(Ask { from, until, only, by, bucket: span, whole })
}

/// How many lines.
pub(super) fn lines(field: &str, number: i32) -> Result<usize> {
    match from_zero(field, number)? {
        number if number <= MOST_LINES => Ok(number),
        number => {
            let help = "go on with `offset`, or bring groups together with `by`";
            Err(bad_argument(field, format!("is {number}, the limit is {MOST_LINES}"), help))
        }
    }
}

/// A number of which there is no limit.
pub(super) fn from_zero(field: &str, number: i32) -> Result<usize> {
    usize::try_from(number).map_err(|_| bad_argument(field, format!("is {number}"), "send a number from 0"))
}

/// What is told when there is no answer.
pub(super) fn of_ask(cause: AskError) -> Error {
    match cause {
        AskError::Define(cause) => of_define(cause),
        AskError::Engine(cause) => of_engine(cause),
        AskError::Building { .. } => told(Code::Unavailable, &cause.to_string(), "see `analyses` for how far it is"),
        AskError::NotKept { .. } => told(Code::Conflict, &cause.to_string(), "define it again"),
        AskError::Failed { .. } => told(Code::Conflict, &cause.to_string(), "define it otherwise, in a new version"),
        AskError::Group { .. } => told(Code::InvalidInput, &cause.to_string(), "see `groups` of the analysis"),
        AskError::Bucket { .. } => told(Code::InvalidInput, &cause.to_string(), "ask for a longer one"),
    }
}

/// What is told when a definition is not taken.
pub(super) fn of_define(cause: DefineError) -> Error {
    match cause {
        DefineError::Engine(cause) => of_engine(cause),
        DefineError::Wrong(mistakes) => {
            let first = mistakes.0.first();
            let help = first.map_or_else(String::new, |mistake| mistake.help.to_string());
            let message = mistakes.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
            error(Code::InvalidInput, format!("definition: {message}"), help)
        }
        DefineError::Version { .. } => told(Code::Conflict, &cause.to_string(), "raise its version"),
        DefineError::TooMany(_) => told(Code::Conflict, &cause.to_string(), "removeAnalysis gives one up"),
        DefineError::Unknown { .. } | DefineError::NoVersion { .. } => {
            told(Code::NotFound, &cause.to_string(), "see `analyses`")
        }
        DefineError::BuiltIn(_) => told(Code::Conflict, &cause.to_string(), "define another"),
    }
}

/// An error whose help may stand behind a semicolon.
fn told(code: Code, text: &str, usual_help: &str) -> Error {
    let (what, help) = text.split_once("; ").unwrap_or((text, usual_help));
    error(code, what, help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_than_nothing_is_no_number_of_lines_and_no_place_to_begin() {
        let told = |refused: Result<usize>| refused.unwrap_err().message;
        assert_eq!(told(lines("limit", -1)), "limit: is -1");
        assert_eq!(told(from_zero("offset", -1)), "offset: is -1");
        assert_eq!(told(lines("limit", 10_001)), "limit: is 10001, the limit is 10000");
        assert_eq!((lines("limit", 0).ok(), from_zero("offset", 20_000).ok()), (Some(0), Some(20_000)));
    }
}
