//! TOML with the place of everything and in the order of the file.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::mistake::Mistake;
use crate::event::line_and_column;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Item {
    /// The bytes of the file that it takes.
    pub at: Range<usize>,
    /// What it is.
    pub value: Held,
}

/// What a value is.
#[derive(Clone, Debug)]
pub enum Held {
    /// A text.
    Text(String),
    /// A number, `true` or `false`: how it is written in an expression.
    Constant(String),
    /// A list.
    List(Vec<Item>),
    /// A table.
    Table(Table),
    /// A date.
    Date,
}

/// The entries of a table, in the order of the file. Each is taken out once; what is left is unknown.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Names, with the place of the name.
    pub entries: Vec<(String, Range<usize>, Item)>,
}

impl Table {
    /// Parses a whole file.
    ///
    /// # Errors
    /// What is no TOML in it.
    pub fn parse(text: &str) -> Result<Self, Vec<Mistake>> {
        let (table, errors) = DeTable::parse_recoverable(text);
        if errors.is_empty() {
            return Ok(table_of(table.get_ref()));
        }
        let mistake = |error: &toml::de::Error| Mistake {
            at: error.span().map(|span| line_and_column(text, span.start)),
            place: "the file".into(),
            reason: format!("is no TOML: {}", error.message()),
            help: "texts stand in quotes; an expression best in single ones: when = 'row.x != \"\"'".into(),
        };
        Err(errors.iter().map(mistake).collect())
    }

    /// Takes an entry out.
    #[must_use]
    pub fn take(&mut self, name: &str) -> Option<Item> {
        let index = self.entries.iter().position(|(n, ..)| n == name)?;
        Some(self.entries.remove(index).2)
    }
}

/// The entries in the order of the file.
fn table_of(table: &DeTable<'_>) -> Table {
    let mut entries: Vec<(String, Range<usize>, Item)> =
        table.iter().map(|(name, value)| (name.get_ref().to_string(), name.span(), item_of(value))).collect();
    entries.sort_by_key(|(_, at, _)| at.start);
    Table { entries }
}

fn item_of(value: &Spanned<DeValue<'_>>) -> Item {
    let held = match value.get_ref() {
        DeValue::String(text) => Held::Text(text.to_string()),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Held::Constant(number.to_string()),
            Err(_) => Held::Constant(number.as_str().to_owned()),
        },
        DeValue::Float(number) => Held::Constant(number.as_str().to_owned()),
        DeValue::Boolean(truth) => Held::Constant(truth.to_string()),
        DeValue::Datetime(_) => Held::Date,
        DeValue::Array(items) => Held::List(items.iter().map(item_of).collect()),
        DeValue::Table(table) => Held::Table(table_of(table)),
    };
    Item { at: value.span(), value: held }
}
