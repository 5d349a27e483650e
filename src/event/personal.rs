//! The personal part of an event: everything that is sealed before it reaches the log.

use std::fmt;

use serde_json::{Map, Value};

use super::fields::{Fields, missing};
use super::identifier::Identifier;
use super::invalid::Invalid;
use super::kind::PersonalField;
use super::limits::{JSON_DEPTH, LABEL_BYTES, LIST_ITEMS, TEXT_BYTES};
use super::text::is_blank;

/// Where a personal field is kept. Each kind gives its own names to the slots that it uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The words: a message, a comment, a note.
    Text,
    /// One line: a subject line, a title.
    Headline,
    /// File names.
    Attachments,
    /// Any JSON: a fact's value.
    Value,
    /// A JSON object: a profile's values.
    Values,
}

/// The personal part of an event. Never shown by `Debug`, never part of an error.
#[derive(Clone, Default, PartialEq)]
pub struct Personal {
    /// The identifiers in the plain, the subject's own first.
    pub identifiers: Vec<Identifier>,
    /// The words: a message, a description, a comment, a note, what was typed.
    pub text: Option<String>,
    /// One line: a subject line or a title.
    pub headline: Option<String>,
    /// File names.
    pub attachments: Vec<String>,
    /// A fact's value, a profile's values, an activity's properties, any JSON of a custom kind.
    pub value: Option<Value>,
}

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Personal({} bytes)", self.size_bytes())
    }
}

impl Personal {
    /// About how many bytes it takes.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        let texts = [&self.text, &self.headline].into_iter().flatten().map(String::len).sum::<usize>();
        let names = self.attachments.iter().map(String::len).sum::<usize>();
        let identifiers = self.identifiers.iter().map(|i| i.value().len()).sum::<usize>();
        texts + names + identifiers + self.value.as_ref().map_or(0, json_bytes)
    }

    /// Reads the personal fields that a kind has out of `fields`.
    pub(crate) fn read(known: &[PersonalField], fields: &mut Fields) -> Result<Self, Invalid> {
        let mut personal = Self::default();
        for field in known {
            match fields.take_raw(field.name) {
                Some(value) => personal.put(field, value)?,
                None if field.required => return Err(missing(field.name, field.slot.describe())),
                None => {}
            }
        }
        Ok(personal)
    }

    /// Puts one value where its slot says.
    fn put(&mut self, field: &PersonalField, value: Value) -> Result<(), Invalid> {
        let misfit = |reason: String, help: &'static str| Invalid::new(field.name, reason, help);
        if field.required && value.as_str().is_some_and(is_blank) {
            return Err(misfit("is empty".into(), "send what it says, or leave the event out"));
        }
        match (field.slot, value) {
            (Slot::Text, Value::String(text)) => self.text = Some(bounded(field.name, text)?),
            (Slot::Headline, Value::String(text)) => self.headline = Some(bounded(field.name, text)?),
            (Slot::Attachments, Value::Array(items)) => self.attachments = file_names(field.name, items)?,
            (Slot::Value, value) | (Slot::Values, value @ Value::Object(_)) => {
                if let Some(number) = inexact(&value) {
                    let reason = format!("holds a number of 2^64 or more, which is not kept digit by digit ({number})");
                    return Err(misfit(reason, "send it as a text, in quotes"));
                }
                if depth(&value) > JSON_DEPTH {
                    return Err(misfit(format!("is nested deeper than {JSON_DEPTH}"), "send a flatter value"));
                }
                self.value = Some(value);
            }
            (Slot::Text | Slot::Headline | Slot::Attachments | Slot::Values, _) => {
                return Err(misfit("is of the wrong type".into(), field.slot.help()));
            }
        }
        Ok(())
    }

    /// Shows the personal fields under the names that a kind gives them.
    pub(crate) fn show(&self, known: &[PersonalField], into: &mut Map<String, Value>) {
        for field in known {
            let value = match field.slot {
                Slot::Text => self.text.clone().map(Value::String),
                Slot::Headline => self.headline.clone().map(Value::String),
                Slot::Attachments if self.attachments.is_empty() => None,
                Slot::Attachments => Some(self.attachments.iter().cloned().map(Value::String).collect()),
                Slot::Value | Slot::Values => self.value.clone(),
            };
            if let Some(value) = value {
                into.insert(field.name.into(), value);
            }
        }
    }
}

impl Slot {
    /// What the slot takes, in words.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Text | Self::Headline => "a text",
            Self::Attachments => "a list of file names",
            Self::Value => "any JSON value",
            Self::Values => "a JSON object",
        }
    }

    /// The same as an order.
    fn help(self) -> &'static str {
        match self {
            Self::Text | Self::Headline => "send a text",
            Self::Attachments => "send a list of file names",
            Self::Value => "send any JSON value",
            Self::Values => "send a JSON object",
        }
    }
}

/// Whole numbers below this, 2^64, are kept as they are.
const WHOLE_BELOW: f64 = 18_446_744_073_709_551_616.0;

/// Refuses a text over the limit.
fn bounded(name: &str, text: String) -> Result<String, Invalid> {
    if text.len() > TEXT_BYTES {
        return Err(Invalid::new(
            name,
            format!("has {} bytes, the limit is {TEXT_BYTES}", text.len()),
            "shorten it, or send it as an attachment's name",
        ));
    }
    Ok(text)
}

/// Reads a list of file names.
fn file_names(name: &str, items: Vec<Value>) -> Result<Vec<String>, Invalid> {
    if items.len() > LIST_ITEMS {
        return Err(Invalid::new(
            name,
            format!("has {} items, the limit is {LIST_ITEMS}", items.len()),
            "send fewer names",
        ));
    }
    let each = |item: Value| match item.as_str() {
        Some(text) if text.len() <= 2 * LABEL_BYTES => Ok(text.to_owned()),
        _ => Err(Invalid::new(name, "holds something that is no file name", "send texts of at most 256 bytes")),
    };
    items.into_iter().map(each).collect()
}

/// How deep a JSON value is nested: 1 for a scalar.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 1,
    }
}

/// A number in a JSON value that is so large that its last digits are lost: two of them, of invoices for instance, would be one.
fn inexact(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) if number.is_f64() => number.as_f64().filter(|number| number.abs() >= WHOLE_BELOW),
        Value::Array(items) => items.iter().find_map(inexact),
        Value::Object(map) => map.values().find_map(inexact),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// About how many bytes a JSON value takes.
fn json_bytes(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(json_bytes).sum(),
        Value::Object(map) => map.iter().map(|(name, value)| name.len() + json_bytes(value)).sum(),
    }
}
