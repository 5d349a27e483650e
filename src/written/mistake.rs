//! What is wrong with a file that somebody wrote, found before anything of it runs.

use std::borrow::Cow;
use std::fmt;

/// One mistake in such a file, or between it and an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Line and column in the file, from 1; the column in characters.
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
    #[must_use]
    pub fn outside(place: impl Into<String>, reason: impl Into<String>, help: impl Into<Cow<'static, str>>) -> Self {
        Self { at: None, place: place.into(), reason: reason.into(), help: help.into() }
    }
}
