//! What is wrong with a mapping file, found before any row runs.

use std::borrow::Cow;
use std::fmt;

/// One mistake in a mapping file, or between it and an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Line and column in the mapping file, from 1; the column in characters.
    pub at: Option<(usize, usize)>,
    /// The section and the key: `[let] address`, `event 2 (case.opened), data.channel`.
    pub place: String,
    /// What is wrong.
    pub reason: String,
    /// What to do.
    pub help: Cow<'static, str>,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.at {
            write!(f, "line {line}, column {column}: ")?;
        }
        write!(f, "{}: {}; {}", self.place, self.reason, self.help)
    }
}

/// All mistakes that were found, in the order of the file; never none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistakes(pub Vec<Mistake>);

impl fmt::Display for Mistakes {
    /// One mistake a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, mistake) in self.0.iter().enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            mistake.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}

impl Mistake {
    /// A mistake that stands nowhere in the file.
    pub(super) fn outside(
        place: impl Into<String>,
        reason: impl Into<String>,
        help: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { at: None, place: place.into(), reason: reason.into(), help: help.into() }
    }

    pub(super) fn shared(name: &str) -> Self {
        Self::outside(format!("[join.{name}]"), "is in use", "load the joined files before reading rows")
    }

    pub(super) fn not_loaded(name: &str) -> Self {
        Self::outside(format!("[join.{name}]"), "is not loaded", "name its file: --table NAME=FILE")
    }

    pub(super) fn no_join(name: &str, known: &[&str]) -> Self {
        Self::outside(
            format!("--table {name}"),
            "the mapping joins no such table",
            crate::event::did_you_mean(name, known),
        )
    }
}
