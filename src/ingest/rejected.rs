//! What could not be taken of an input: where it stood, which field, why, and what to do.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use crate::event::Invalid;

/// The stable word for the sort of a rejection; programs may match on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Code {
    /// The bytes are not UTF-8, or not in the encoding that was declared.
    InvalidEncoding,
    /// The text is no JSON, or not the JSON that was asked for.
    InvalidJson,
    /// The text is no row of a CSV: its quotes, its number of fields.
    InvalidCsv,
    /// Over a limit.
    TooLarge,
    /// A field is missing, unknown, or holds what it may not.
    InvalidField,
    /// A mapping's expression could not be evaluated for this row.
    InvalidExpression,
    /// A part of the format that is not supported.
    Unsupported,
    /// The id is that of a stored event which says something else.
    Conflict,
    /// The input broke off: it could not be read or unpacked any further.
    Unreadable,
}

impl Code {
    /// The word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::InvalidEncoding => "INVALID_ENCODING",
            Self::InvalidJson => "INVALID_JSON",
            Self::InvalidCsv => "INVALID_CSV",
            Self::TooLarge => "TOO_LARGE",
            Self::InvalidField => "INVALID_FIELD",
            Self::InvalidExpression => "INVALID_EXPRESSION",
            Self::Unsupported => "UNSUPPORTED",
            Self::Conflict => "CONFLICT",
            Self::Unreadable => "UNREADABLE",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Where an item stood in its input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The line on which it begins, from 1; `None` in inputs without lines, such as a JSON array.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Which item of the input it is, from 0: rejected ones count, blank lines and a header do not.
    pub index: u64,
}

/// One item of an input that could not be taken. Holds no personal value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// Where it stood.
    #[serde(flatten)]
    pub place: Place,
    /// The source's own id, where it could still be read: at most 128 characters of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Box<str>>,
    /// The sort of the rejection.
    pub code: Code,
    /// Path of the field as its sender wrote it: `data.wait_ms`, `time`.
    pub field: Box<str>,
    /// What is wrong with it.
    pub reason: Box<str>,
    /// What to do.
    pub help: Cow<'static, str>,
}

impl Rejected {
    /// How much of a source's id is repeated.
    pub const ID_CHARS: usize = 128;
    /// How much is repeated of a field's path, and said of what is wrong with it.
    const TOLD_CHARS: usize = 512;

    /// The rejection of the item at `place`, which its source calls `id`, for what [`Invalid`] says.
    #[must_use]
    pub fn new(place: Place, id: Option<&str>, code: Code, problem: Invalid) -> Self {
        let Invalid { field, reason, help } = problem;
        let id = id.map(|id| id.chars().take(Self::ID_CHARS).collect::<String>().into());
        Self { place, id, code, field: shortened(field), reason: shortened(reason), help }
    }
}

/// A text, cut where it is longer than anybody reads.
fn shortened(text: String) -> Box<str> {
    match text.char_indices().nth(Rejected::TOLD_CHARS) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()).into(),
        None => text.into(),
    }
}

/// `line 3: data.wait_ms: is a text; send milliseconds, a whole number from 0`.
impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place.line {
            Some(line) => write!(f, "line {line}: ")?,
            None => write!(f, "item {}: ", self.place.index)?,
        }
        write!(f, "{}: {}; {}", self.field, self.reason, self.help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_serialises_flat_with_its_word() {
        let problem = Invalid::new("data.wait_ms", "is a text", "send milliseconds");
        let place = Place { line: Some(3), index: 1 };
        let rejected = Rejected::new(place, Some("m-1"), Code::InvalidField, problem);
        let json = serde_json::to_value(&rejected).unwrap();
        let expected = serde_json::json!({"line": 3, "index": 1, "id": "m-1", "code": "INVALID_FIELD",
            "field": "data.wait_ms", "reason": "is a text", "help": "send milliseconds"});
        assert_eq!(json, expected);
        assert_eq!(rejected.to_string(), "line 3: data.wait_ms: is a text; send milliseconds");
    }

    #[test]
    fn a_name_without_end_is_not_repeated_whole() {
        let problem =
            Invalid::new(format!("data.{}", "ã".repeat(2_000_000)), "is not a field of this kind", "leave it out");
        let rejected = Rejected::new(Place { line: None, index: 0 }, None, Code::InvalidField, problem);
        assert_eq!(rejected.field.chars().count(), Rejected::TOLD_CHARS + 1);
        assert!(rejected.field.starts_with("data.ãã") && rejected.field.ends_with("ã…"));
    }

    #[test]
    fn the_word_shown_is_the_word_serialised() {
        for code in [Code::InvalidEncoding, Code::TooLarge, Code::Conflict, Code::Unreadable, Code::InvalidExpression] {
            assert_eq!(serde_json::to_value(code).unwrap(), code.to_string());
        }
    }
}
