//! What is wrong with something that was sent in: which field, why, and what to do.

use std::borrow::Cow;
use std::fmt;

/// Something sent in cannot be taken. Says which field, why, and what to do about it.
///
/// It never repeats the value of a personal field: what is shown of those is their size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Path of the field as its sender wrote it: `data.wait_ms`, `time`.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
    /// What to do.
    pub help: Cow<'static, str>,
}

impl Invalid {
    /// Names the field, the reason and the way out.
    #[must_use]
    pub fn new(field: impl Into<String>, reason: impl Into<String>, help: impl Into<Cow<'static, str>>) -> Self {
        Self { field: field.into(), reason: reason.into(), help: help.into() }
    }

    /// The same, with the field's path put below `parent`.
    #[must_use]
    pub fn under(mut self, parent: &str) -> Self {
        self.field = format!("{parent}.{}", self.field);
        self
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.field, self.reason, self.help)
    }
}

impl std::error::Error for Invalid {}

/// The word of `known` that `given` was most likely meant to be, if one is near enough.
#[must_use]
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let score = |word: &&str| strsim::jaro_winkler(given, word);
    let best = known.into_iter().max_by(|a, b| score(a).total_cmp(&score(b)))?;
    (score(&best) >= 0.8).then_some(best)
}

/// A help text that offers the nearest of the `known` words, or else lists them.
#[must_use]
pub fn did_you_mean(given: &str, known: &[&str]) -> Cow<'static, str> {
    match nearest(given, known.iter().copied()) {
        Some(word) => format!("did you mean `{word}`?").into(),
        None if known.is_empty() => "leave it out".into(),
        None => format!("use one of: {}", known.join(", ")).into(),
    }
}

/// Where an offset lies in a text: line and column from 1, the column in characters.
#[must_use]
pub fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_answered_with_the_word_meant() {
        assert_eq!(did_you_mean("chanel", &["channel", "contact"]), "did you mean `channel`?");
        assert_eq!(did_you_mean("zzz", &["channel", "contact"]), "use one of: channel, contact");
    }

    #[test]
    fn it_reads_as_field_reason_and_help() {
        let problem = Invalid::new("wait_ms", "is negative", "send milliseconds").under("data");
        assert_eq!(problem.to_string(), "data.wait_ms: is negative; send milliseconds");
    }
}
