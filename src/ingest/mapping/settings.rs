//! How the CSV is written: the section `[csv]`.

use super::encoding::Encoding;
use crate::written::{Desk, Held, Table};

/// The form of the CSV.
#[derive(Clone, Debug)]
pub(super) struct Csv {
    pub(super) delimiter: u8,
    /// `None`: quotes mean nothing.
    pub(super) quote: Option<u8>,
    pub(super) encoding: Encoding,
    pub(super) header: bool,
    /// The columns that must be there; without a header, all columns in their order.
    pub(super) columns: Vec<String>,
}

impl Default for Csv {
    /// Commas, double quotes, UTF-8, a header.
    fn default() -> Self {
        Self { delimiter: b',', quote: Some(b'"'), encoding: Encoding::Utf8, header: true, columns: Vec::new() }
    }
}

const PLACE: &str = "[csv]";

impl Csv {
    /// Reads the section; what is wrong with it goes to the desk.
    pub(super) fn read(mut table: Table, desk: &mut Desk<'_>) -> Self {
        let mut csv = Self::default();
        if let Some((text, at)) = desk.text(&mut table, PLACE, "delimiter") {
            match *text.as_bytes() {
                [byte] if byte.is_ascii() && !matches!(byte, b'\n' | b'\r' | b'"') => csv.delimiter = byte,
                _ => desk.note(
                    at.start,
                    PLACE,
                    "`delimiter` is not one ASCII character",
                    "write \",\", \";\" or \"\\t\"",
                ),
            }
        }
        if let Some((text, at)) = desk.text(&mut table, PLACE, "quote") {
            match *text.as_bytes() {
                [] => csv.quote = None,
                [byte] if byte.is_ascii_graphic() && byte != csv.delimiter => csv.quote = Some(byte),
                _ => desk.note(at.start, PLACE, "`quote` is not one ASCII character", "write '\"', or '' for none"),
            }
        }
        if let Some((text, at)) = desk.text(&mut table, PLACE, "encoding") {
            match Encoding::named(&text) {
                Some(encoding) => csv.encoding = encoding,
                None => {
                    let help = "write \"utf-8\" or \"windows-1252\" (which is also what \"latin1\" means)";
                    desk.note(at.start, PLACE, format!("the encoding `{text}` is not known"), help);
                }
            }
        }
        csv.read_header(&mut table, desk);
        desk.leave(table, PLACE, &["delimiter", "quote", "encoding", "header", "columns"]);
        csv
    }

    fn read_header(&mut self, table: &mut Table, desk: &mut Desk<'_>) {
        let mut header_at = 0;
        if let Some(item) = table.take("header") {
            header_at = item.at.start;
            let word = if let Held::Constant(word) = item.value { word } else { String::new() };
            match word.as_str() {
                "true" => {}
                "false" => self.header = false,
                _ => desk.note(item.at.start, PLACE, "`header` is neither true nor false", "write header = false"),
            }
        }
        if let Some(item) = table.take("columns") {
            let at = item.at.start;
            let items = if let Held::List(items) = item.value { items } else { Vec::new() };
            let text = |held| if let Held::Text(text) = held { Some(text) } else { None };
            self.columns = items.into_iter().filter_map(|item| text(item.value)).collect();
            if self.columns.is_empty() {
                desk.note(at, PLACE, "`columns` is no list of texts", "write columns = [\"name\", …]");
            }
        }
        if !self.header && self.columns.is_empty() {
            desk.note(
                header_at,
                PLACE,
                "has neither a header nor `columns`",
                "name the columns: columns = [\"name\", …]",
            );
        }
    }
}
