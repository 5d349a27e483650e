//! One event as a line of CloudEvents NDJSON, written straight into its bytes.

use std::io::Write;

use serde::Serialize;

/// A line that is being written; its `data` is open.
#[derive(Debug)]
pub(crate) struct Line {
    bytes: Vec<u8>,
    empty: bool,
}

impl Line {
    /// Begins an event.
    pub(crate) fn new(id: &str, source: &str, kind: &str, subject: Option<&str>, time_micros: i64) -> Self {
        let mut bytes = Vec::with_capacity(640);
        let _ = write!(bytes, r#"{{"specversion":"1.0","id":"{id}","source":"{source}","type":"novelo.{kind}","#);
        if let Some(subject) = subject {
            let _ = write!(bytes, r#""subject":"{subject}","#);
        }
        let _ = write!(bytes, r#""time":""#);
        write_moment(&mut bytes, time_micros);
        let _ = write!(bytes, r#"","data":{{"#);
        Self { bytes, empty: true }
    }

    /// A field of `data`.
    pub(crate) fn put(&mut self, name: &str, value: impl Serialize) -> &mut Self {
        if !std::mem::take(&mut self.empty) {
            self.bytes.push(b',');
        }
        let _ = write!(self.bytes, "\"{name}\":");
        serde_json::to_writer(&mut self.bytes, &value).expect("texts and numbers");
        self
    }

    /// The same, when there is a value.
    pub(crate) fn put_some(&mut self, name: &str, value: Option<impl Serialize>) -> &mut Self {
        match value {
            Some(value) => self.put(name, value),
            None => self,
        }
    }

    /// The line, with its end.
    pub(crate) fn end(mut self) -> Vec<u8> {
        self.bytes.extend_from_slice(b"}}\n");
        self.bytes
    }
}

/// RFC 3339 in UTC, to the millisecond.
pub(crate) fn write_moment(into: &mut Vec<u8>, micros: i64) {
    let (days, rest) = (micros.div_euclid(86_400_000_000), micros.rem_euclid(86_400_000_000) / 1_000);
    let (year, month, day) = civil(days);
    let (hour, minute) = (rest / 3_600_000, rest / 60_000 % 60);
    let (second, milli) = (rest / 1_000 % 60, rest % 1_000);
    let _ = write!(into, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z");
}

/// The date of a day counted from 1970-01-01 (Howard Hinnant, `civil_from_days`,
/// <https://howardhinnant.github.io/date_algorithms.html>), for days from then on.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day_of_year - (153 * shifted + 2) / 5 + 1)
}
