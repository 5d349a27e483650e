//! The TOML of a mapping file, with the place of everything and in the order of the file.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::event::did_you_mean;

use super::mistake::Mistake;
use crate::event::line_and_column;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// The bytes of the file that it takes.
    pub(super) at: Range<usize>,
    /// What it is.
    pub(super) value: Held,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(super) enum Held {
    /// A text.
    Text(String),
    /// A number, `true` or `false`: how it is written in an expression.
    Constant(String),
    /// A list.
    List(Vec<Item>),
    /// A table.
    Table(Table),
    /// A date, which a mapping has no use for.
    Date,
}

/// The entries of a table, in the order of the file. Each is taken out once; what is left is unknown.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    /// Names, with the place of the name.
    pub(super) entries: Vec<(String, Range<usize>, Item)>,
}

impl Table {
    /// Parses a whole file.
    pub(super) fn parse(text: &str) -> Result<Self, Vec<Mistake>> {
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
    pub(super) fn take(&mut self, name: &str) -> Option<Item> {
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

/// Collects the mistakes of a file and knows where things stand in it.
#[derive(Debug)]
pub(super) struct Desk<'t> {
    text: &'t str,
    mistakes: Vec<Mistake>,
}

impl<'t> Desk<'t> {
    /// A desk for a file without mistakes so far.
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, mistakes: Vec::new() }
    }

    /// Notes a mistake that stands at an offset.
    pub(super) fn note(
        &mut self,
        offset: usize,
        place: &str,
        reason: impl Into<String>,
        help: impl Into<std::borrow::Cow<'static, str>>,
    ) {
        let at = Some(line_and_column(self.text, offset));
        self.mistakes.push(Mistake { at, place: place.into(), reason: reason.into(), help: help.into() });
    }

    /// Takes a text out of a table; anything else under the name is a mistake.
    pub(super) fn text(&mut self, table: &mut Table, place: &str, name: &str) -> Option<(String, Range<usize>)> {
        let item = table.take(name)?;
        match item.value {
            Held::Text(text) => Some((text, item.at)),
            Held::Constant(_) | Held::List(_) | Held::Table(_) | Held::Date => {
                self.note(item.at.start, &format!("{place} {name}"), "is no text", "write a text in quotes");
                None
            }
        }
    }

    /// Takes a table out of a table; anything else under the name is a mistake. An absent one is empty.
    pub(super) fn table(&mut self, table: &mut Table, place: &str, name: &str) -> Table {
        match table.take(name) {
            None => Table::default(),
            Some(Item { value: Held::Table(inner), .. }) => inner,
            Some(item) => {
                self.note(item.at.start, &format!("{place} {name}"), "is no table", format!("write [{name}]"));
                Table::default()
            }
        }
    }

    /// Notes the entries that nobody took.
    pub(super) fn leave(&mut self, table: Table, place: &str, known: &[&str]) {
        for (name, at, _) in table.entries {
            self.note(at.start, place, format!("`{name}` is not known here"), did_you_mean(&name, known));
        }
    }

    /// Where the text of a value begins in the file, when it stands there character by character: behind its quotes.
    pub(super) fn inside(&self, at: &Range<usize>, value: &str) -> Option<usize> {
        let raw = self.text.get(at.clone())?;
        let quotes = if raw.starts_with("'''") || raw.starts_with("\"\"\"") { 3 } else { 1 };
        let quotes = if raw.starts_with(['\'', '"']) { quotes } else { 0 };
        let body = raw.get(quotes..)?;
        let line_break = if quotes < 3 { 0 } else { body.len() - body.trim_start_matches(['\r', '\n']).len() };
        let first_break = line_break.min(if body.starts_with("\r\n") { 2 } else { 1 });
        body.get(first_break..)?.starts_with(value).then_some(at.start + quotes + first_break)
    }

    /// All mistakes, in the order of the file.
    pub(super) fn finish(mut self) -> Vec<Mistake> {
        self.mistakes.sort_by_key(|mistake| mistake.at);
        self.mistakes
    }

    /// Whether none was found so far.
    pub(super) fn is_clean(&self) -> bool {
        self.mistakes.is_empty()
    }
}
