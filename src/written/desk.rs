//! Where the mistakes of a file are gathered.

use std::borrow::Cow;
use std::ops::Range;

use super::mistake::Mistake;
use super::tree::{Held, Item, Table};
use crate::event::{did_you_mean, line_and_column};

/// Collects the mistakes of a file and knows where things stand in it.
#[derive(Debug)]
pub struct Desk<'t> {
    text: &'t str,
    mistakes: Vec<Mistake>,
}

impl<'t> Desk<'t> {
    /// A desk for a file without mistakes so far.
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        Self { text, mistakes: Vec::new() }
    }

    /// Notes a mistake that stands at an offset.
    pub fn note(&mut self, offset: usize, place: &str, reason: impl Into<String>, help: impl Into<Cow<'static, str>>) {
        let at = Some(line_and_column(self.text, offset));
        self.mistakes.push(Mistake { at, place: place.into(), reason: reason.into(), help: help.into() });
    }

    /// Takes a text out of a table; anything else under the name is a mistake.
    pub fn text(&mut self, table: &mut Table, place: &str, name: &str) -> Option<(String, Range<usize>)> {
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
    pub fn table(&mut self, table: &mut Table, place: &str, name: &str) -> Table {
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
    pub fn leave(&mut self, table: Table, place: &str, known: &[&str]) {
        for (name, at, _) in table.entries {
            self.note(at.start, place, format!("`{name}` is not known here"), did_you_mean(&name, known));
        }
    }

    /// Where the text of a value begins in the file, when it stands there character by character: behind its quotes.
    #[must_use]
    pub fn inside(&self, at: &Range<usize>, value: &str) -> Option<usize> {
        let raw = self.text.get(at.clone())?;
        let quotes = if raw.starts_with("'''") || raw.starts_with("\"\"\"") { 3 } else { 1 };
        let quotes = if raw.starts_with(['\'', '"']) { quotes } else { 0 };
        let body = raw.get(quotes..)?;
        let line_break = if quotes < 3 { 0 } else { body.len() - body.trim_start_matches(['\r', '\n']).len() };
        let first_break = line_break.min(if body.starts_with("\r\n") { 2 } else { 1 });
        body.get(first_break..)?.starts_with(value).then_some(at.start + quotes + first_break)
    }

    /// Whether a mistake was noted that stands at an offset.
    #[must_use]
    pub fn has_noted(&self, offset: usize) -> bool {
        let at = Some(line_and_column(self.text, offset));
        self.mistakes.iter().any(|mistake| mistake.at == at)
    }

    /// All mistakes, in the order of the file, each once: what stands once and counts for several is read several times.
    #[must_use]
    pub fn finish(mut self) -> Vec<Mistake> {
        self.mistakes.sort_by_key(|mistake| mistake.at);
        self.mistakes.dedup();
        self.mistakes
    }

    /// Whether none was found so far.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.mistakes.is_empty()
    }
}
