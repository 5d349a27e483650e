//! The records of a CSV (RFC 4180), each with its line and its bytes.
//!
//! A quote that is never closed would swallow every line up to the next quote. So a record that does not fit and takes more
//! than one line gives its first line up alone, and reading goes on with the second.

use std::io::{BufRead, Read};

use csv_core::ReadRecordResult;

use super::settings::Csv;
use crate::event::limits::EVENT_BYTES;

/// A record, in place: the fields of [`Records`] are its own until the next is read.
pub(super) struct Record {
    /// The line on which it begins, from 1.
    pub(super) line: u64,
    /// Why it is none, when it is none.
    pub(super) problem: Option<(&'static str, &'static str)>,
}

/// Reads records.
pub(super) struct Records {
    reader: Box<dyn BufRead + Send>,
    core: csv_core::Reader,
    /// Lines that were given up by a record and are read again.
    pending: Vec<u8>,
    /// The bytes of the record.
    raw: Vec<u8>,
    text: Vec<u8>,
    ends: Vec<usize>,
    fields: usize,
    line: u64,
    delimiter: u8,
    quote: Option<u8>,
    /// How many fields a record has; that of the first when `None`.
    width: Option<usize>,
}

const UNCLOSED: (&str, &str) = ("has a quote that is not closed", "close it, or write a quote inside quotes twice");
const BEHIND: (&str, &str) =
    ("has text behind a closing quote", "close the quote at the field's end, or write a quote inside quotes twice");
const WIDTH: (&str, &str) = ("has another number of fields than the header", "quote the fields that hold delimiters");
const TOO_LARGE: (&str, &str) = ("is longer than one event may be, 1 MB", "split it, or keep the large part elsewhere");

impl Records {
    pub(super) fn new(csv: &Csv, reader: Box<dyn BufRead + Send>) -> Self {
        let mut builder = csv_core::ReaderBuilder::new();
        builder.delimiter(csv.delimiter);
        match csv.quote {
            Some(quote) => builder.quote(quote),
            None => builder.quoting(false),
        };
        Self {
            reader,
            core: builder.build(),
            pending: Vec::new(),
            raw: Vec::new(),
            text: vec![0; 1 << 12],
            ends: vec![0; 64],
            fields: 0,
            line: 0,
            delimiter: csv.delimiter,
            quote: csv.quote,
            width: None,
        }
    }

    /// Reads the next record; `None` at the end.
    pub(super) fn next(&mut self) -> std::io::Result<Option<Record>> {
        loop {
            self.raw.clear();
            self.core.reset();
            let line = self.line + 1;
            if self.read_line()? == 0 {
                return Ok(None);
            }
            if line == 1 && self.raw.starts_with(b"\xEF\xBB\xBF") {
                self.raw.drain(..3);
            }
            if self.raw.trim_ascii().is_empty() {
                continue;
            }
            let first_line_end = self.raw.len();
            let problem = self.parse()?;
            if problem.is_some() && self.raw.len() > first_line_end {
                let rest = self.raw.split_off(first_line_end);
                self.line -= lines_of(&rest);
                self.pending.splice(0..0, rest);
            }
            return Ok(Some(Record { line, problem }));
        }
    }

    /// Parses the record that begins in `raw`, with as many more lines as it has.
    fn parse(&mut self) -> std::io::Result<Option<(&'static str, &'static str)>> {
        let (mut at, mut text_at, mut ends_at) = (0, 0, 0);
        loop {
            let input = self.raw.get(at..).unwrap_or_default();
            let (text, ends) = (self.text.get_mut(text_at..), self.ends.get_mut(ends_at..));
            let (text, ends) = (text.unwrap_or_default(), ends.unwrap_or_default());
            let (result, read, wrote, ended) = self.core.read_record(input, text, ends);
            (at, text_at, ends_at) = (at + read, text_at + wrote, ends_at + ended);
            match result {
                ReadRecordResult::Record => break,
                ReadRecordResult::OutputFull => self.text.resize(self.text.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::End => break,
                ReadRecordResult::InputEmpty if self.raw.len() > EVENT_BYTES => return Ok(Some(TOO_LARGE)),
                ReadRecordResult::InputEmpty => {
                    // Only inside quotes does a line end without its record, or at the end of the input.
                    let unclosed = self.raw.ends_with(b"\n");
                    if self.read_line()? == 0 {
                        if unclosed {
                            return Ok(Some(UNCLOSED));
                        }
                        // The end of the input ends the record, unless it is inside quotes.
                        self.raw.push(b'\n');
                    }
                }
            }
        }
        self.fields = ends_at;
        if let Some(quote) = self.quote
            && memchr::memchr(quote, &self.raw).is_some()
            && has_text_behind_quote(&self.raw, self.delimiter, quote)
        {
            return Ok(Some(BEHIND));
        }
        let width = *self.width.get_or_insert(ends_at);
        Ok((width != ends_at).then_some(WIDTH))
    }

    /// Appends the next line, line break included; 0 at the end. A line that is far too long is read in pieces.
    fn read_line(&mut self) -> std::io::Result<usize> {
        let count = if self.pending.is_empty() {
            (&mut self.reader).take(EVENT_BYTES as u64 * 2).read_until(b'\n', &mut self.raw)?
        } else {
            let end = memchr::memchr(b'\n', &self.pending).map_or(self.pending.len(), |at| at + 1);
            self.raw.extend(self.pending.drain(..end));
            end
        };
        self.line += u64::from(count > 0);
        Ok(count)
    }

    /// The bytes of the record as they stood in the input.
    pub(super) fn raw(&self) -> &[u8] {
        self.raw.trim_ascii_end()
    }

    /// How many fields the record has.
    pub(super) fn len(&self) -> usize {
        self.fields
    }

    /// A field of the record.
    pub(super) fn field(&self, index: usize) -> &[u8] {
        let start = match index.checked_sub(1) {
            Some(before) => self.ends.get(before).copied().unwrap_or(0),
            None => 0,
        };
        let end = self.ends.get(index).copied().unwrap_or(start);
        self.text.get(start..end).unwrap_or_default()
    }

    /// All fields of the record.
    pub(super) fn fields(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|index| self.field(index))
    }

    /// Takes the record that was read as the header: reads names, and their number as that of all records.
    pub(super) fn set_width(&mut self, width: usize) {
        self.width = Some(width);
    }
}

/// Whether a quoted field goes on behind its closing quote: most likely it was opened by a quote too many before.
fn has_text_behind_quote(record: &[u8], delimiter: u8, quote: u8) -> bool {
    let (mut inside, mut at_start) = (false, true);
    let mut bytes = record.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if inside {
            if byte != quote {
                continue;
            }
            if bytes.next_if_eq(&quote).is_some() {
                continue;
            }
            inside = false;
            if bytes.peek().is_some_and(|next| *next != delimiter && !matches!(next, b'\r' | b'\n')) {
                return true;
            }
        } else if byte == quote && at_start {
            inside = true;
        }
        at_start = byte == delimiter && !inside;
    }
    false
}

fn lines_of(bytes: &[u8]) -> u64 {
    let breaks = memchr::memchr_iter(b'\n', bytes).count() as u64;
    breaks + u64::from(!bytes.is_empty() && !bytes.ends_with(b"\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(u64, Result<Vec<String>, &'static str>)> {
        let mut records = Records::new(&Csv::default(), Box::new(std::io::Cursor::new(text.as_bytes().to_vec())));
        let mut found = Vec::new();
        while let Some(record) = records.next().unwrap() {
            let fields = records.fields().map(|field| String::from_utf8(field.to_vec()).unwrap()).collect();
            found.push((record.line, record.problem.map_or(Ok(fields), |(reason, _)| Err(reason))));
        }
        found
    }

    fn fields(values: &[&str]) -> Result<Vec<String>, &'static str> {
        Ok(values.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn quoted_fields_hold_delimiters_quotes_and_line_breaks() {
        let found = read("a,b\r\n\"x,1\",\"say \"\"hi\"\"\nthere\"\n\n1,2");
        assert_eq!(found[0], (1, fields(&["a", "b"])));
        assert_eq!(found[1], (2, fields(&["x,1", "say \"hi\"\nthere"])));
        assert_eq!(found[2], (5, fields(&["1", "2"])));
    }

    #[test]
    fn a_quote_that_is_not_closed_costs_one_row() {
        let found = read("a,b\n1,\"open\n2,x\n3,\"fine\"\n4,y\n");
        let lines: Vec<(u64, bool)> = found.iter().map(|(line, fields)| (*line, fields.is_ok())).collect();
        assert_eq!(lines, [(1, true), (2, false), (3, true), (4, true), (5, true)]);
        assert_eq!(found[4], (5, fields(&["4", "y"])));
    }

    #[test]
    fn a_row_of_another_width_is_told() {
        let found = read("a,b\n1,2,3\n1\n1,2\n");
        assert_eq!(found[1], (2, Err(WIDTH.0)));
        assert_eq!(found[2], (3, Err(WIDTH.0)));
        assert_eq!(found[3], (4, fields(&["1", "2"])));
    }

    #[test]
    fn a_byte_order_mark_is_not_part_of_the_first_name() {
        assert_eq!(read("\u{FEFF}a,b\n")[0], (1, fields(&["a", "b"])));
    }
}
