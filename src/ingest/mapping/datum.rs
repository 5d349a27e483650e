//! What an expression evaluates to.

use std::borrow::Cow;

use serde_json::Value;

use super::failure::Failure;

/// A value of an expression. It may be personal and is shown by no `Debug`.
#[derive(Clone)]
pub(super) enum Datum<'a> {
    /// Nothing.
    Null,
    /// Yes or no.
    Truth(bool),
    /// A whole number.
    Int(i64),
    /// A whole number that CEL holds apart from the others, such as `5u`.
    Unsigned(u64),
    /// A number with a fraction.
    Float(f64),
    /// A text.
    Text(Cow<'a, str>),
    /// A list, a map, bytes.
    Other(cel::Value),
}

impl Datum<'_> {
    /// Whether it counts as nothing: null, or a text of white space.
    pub(super) fn is_blank(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::Truth(_) | Self::Int(_) | Self::Unsigned(_) | Self::Float(_) | Self::Other(_) => false,
        }
    }

    /// The same, borrowing nothing.
    pub(super) fn into_owned(self) -> Datum<'static> {
        match self {
            Self::Null => Datum::Null,
            Self::Truth(truth) => Datum::Truth(truth),
            Self::Int(n) => Datum::Int(n),
            Self::Unsigned(n) => Datum::Unsigned(n),
            Self::Float(n) => Datum::Float(n),
            Self::Text(text) => Datum::Text(Cow::Owned(text.into_owned())),
            Self::Other(value) => Datum::Other(value),
        }
    }

    /// The same, borrowing from this one.
    pub(super) fn borrowed(&self) -> Datum<'_> {
        if let Self::Text(text) = self { Datum::Text(Cow::Borrowed(text)) } else { self.clone() }
    }

    /// The JSON form; `None` for what counts as nothing, which is left out of an event.
    pub(super) fn into_json(self) -> Result<Option<Value>, Failure> {
        if self.is_blank() {
            return Ok(None);
        }
        let unfit = || Failure::new("evaluates to something that JSON cannot hold", "give a text, a number or a list");
        Ok(Some(match self {
            Self::Null => return Ok(None),
            Self::Truth(truth) => Value::Bool(truth),
            Self::Int(n) => n.into(),
            Self::Unsigned(n) => n.into(),
            Self::Float(n) => serde_json::Number::from_f64(n).map(Value::Number).ok_or_else(unfit)?,
            Self::Text(text) => Value::String(text.into_owned()),
            Self::Other(value) => value.json().map_err(|_| unfit())?,
        }))
    }

    /// The text of a scalar.
    pub(super) fn into_text(self) -> Option<String> {
        match self {
            Self::Null | Self::Other(_) => None,
            Self::Truth(truth) => Some(truth.to_string()),
            Self::Int(n) => Some(n.to_string()),
            Self::Unsigned(n) => Some(n.to_string()),
            Self::Float(n) => Some(n.to_string()),
            Self::Text(text) => Some(text.into_owned()),
        }
    }

    /// The interpreter's form.
    pub(super) fn to_value(&self) -> Option<cel::Value> {
        Some(match self {
            Self::Null => cel::Value::Null,
            Self::Truth(truth) => (*truth).into(),
            Self::Int(n) => (*n).into(),
            Self::Unsigned(n) => (*n).into(),
            Self::Float(n) => (*n).into(),
            Self::Text(text) => text.clone().into_owned().into(),
            Self::Other(value) => value.clone(),
        })
    }
}

impl Datum<'static> {
    /// Takes the interpreter's form.
    pub(super) fn from_value(value: cel::Value) -> Result<Self, Failure> {
        Ok(match value {
            cel::Value::Null => Self::Null,
            cel::Value::Bool(truth) => Self::Truth(truth),
            cel::Value::Int(n) => Self::Int(n),
            cel::Value::UInt(n) => Self::Unsigned(n),
            cel::Value::Float(n) => Self::Float(n),
            cel::Value::String(text) => {
                Self::Text(Cow::Owned(std::sync::Arc::try_unwrap(text).unwrap_or_else(|text| (*text).clone())))
            }
            other @ (cel::Value::List(_)
            | cel::Value::Map(_)
            | cel::Value::Function(..)
            | cel::Value::Bytes(_)
            | cel::Value::Opaque(_)
            | cel::Value::Struct(_)) => Self::Other(other),
        })
    }
}

impl<'a> From<&'a str> for Datum<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<Cow<'a, str>> for Datum<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self::Text(text)
    }
}
