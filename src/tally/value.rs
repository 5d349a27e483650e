//! What a field of a row says, and what an expression gives.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::event::{Micros, View};

/// The type of a field or an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Yes or no.
    Truth,
    /// A number.
    Number,
    /// A moment.
    Moment,
    /// A text; with its words where no others can be.
    Text(Option<&'static [&'static str]>),
    /// A list of texts.
    List,
}

impl Type {
    /// The type in words.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Truth => "true or false",
            Self::Number => "a number",
            Self::Moment => "a moment",
            Self::Text(_) => "a text",
            Self::List => "a list of texts",
        }
    }

    /// Whether it is the same, whatever the words of a text.
    #[must_use]
    pub fn is_like(self, other: Self) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }
}

/// A value. `Absent` is what a row does not say.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'r> {
    /// The row says nothing.
    Absent,
    /// Yes or no.
    Truth(bool),
    /// A number.
    Number(f64),
    /// A moment.
    Moment(Micros),
    /// A text.
    Text(Cow<'r, str>),
    /// Several texts.
    List(Vec<Cow<'r, str>>),
}

impl<'r> Value<'r> {
    /// A text that is there for as long as the row.
    #[must_use]
    pub fn text(text: &'r str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    /// A text, when there is one.
    #[must_use]
    pub fn maybe(text: Option<&'r str>) -> Self {
        text.map_or(Self::Absent, Self::text)
    }

    /// Whether it is `true`; what is absent is not.
    #[must_use]
    pub fn holds(&self) -> bool {
        matches!(self, Self::Truth(true))
    }

    /// The number, when it is one.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Absent | Self::Truth(_) | Self::Moment(_) | Self::Text(_) | Self::List(_) => None,
        }
    }

    /// How two values of one type are ordered; `None` when one is absent.
    #[must_use]
    pub fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Truth(a), Self::Truth(b)) => Some(a.cmp(b)),
            (Self::Number(a), Self::Number(b)) => Some(a.total_cmp(b)),
            (Self::Moment(a), Self::Moment(b)) => Some(a.cmp(b)),
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }
}

impl<'r> From<View<'r>> for Value<'r> {
    fn from(view: View<'r>) -> Self {
        match view {
            View::Truth(truth) => Self::Truth(truth),
            View::Number(number) => Self::Number(number),
            View::Moment(at) => Self::Moment(at),
            View::Text(text) => Self::Text(text),
            View::List(items) => Self::List(items.iter().map(|item| Cow::Borrowed(item.as_str())).collect()),
        }
    }
}
