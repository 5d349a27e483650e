//! What is wrong with a playbook.

use std::borrow::Cow;
use std::fmt;

/// One mistake: where, what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The advice, and the key in it; `line 3, column 7` when the file is no TOML of this shape.
    pub place: String,
    /// What is wrong.
    pub reason: String,
    /// What to do.
    pub help: Cow<'static, str>,
}

impl Mistake {
    pub(super) fn new(place: impl Into<String>, reason: impl Into<String>, help: impl Into<Cow<'static, str>>) -> Self {
        Self { place: place.into(), reason: reason.into(), help: help.into() }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.place, self.reason, self.help)
    }
}

/// Everything that is wrong with a playbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistakes(pub Vec<Mistake>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, mistake) in self.0.iter().enumerate() {
            let line_break = if number == 0 { "" } else { "\n" };
            write!(f, "{line_break}{mistake}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}
