//! A table in a file of its own: the columns that are used, by key.

use std::collections::HashMap;
use std::io::BufRead;

use super::records::Records;
use super::settings::Csv;
use crate::event::did_you_mean;
use crate::written::Mistake;

/// A joined file.
pub(super) struct JoinTable {
    name: String,
    file: String,
    key: String,
    columns: Vec<String>,
    rows: Option<JoinRows>,
}

/// The columns that are used, by key.
type JoinRows = HashMap<Box<str>, Box<[Box<str>]>>;

pub(super) fn shared(name: &str) -> Mistake {
    Mistake::outside(format!("[join.{name}]"), "is in use", "load the joined files before reading rows")
}

pub(super) fn not_loaded(name: &str) -> Mistake {
    Mistake::outside(format!("[join.{name}]"), "is not loaded", "name its file: --table NAME=FILE")
}

pub(super) fn no_such(name: &str, known: &[&str]) -> Mistake {
    Mistake::outside(format!("--table {name}"), "the mapping joins no such table", did_you_mean(name, known))
}

impl JoinTable {
    pub(super) fn new(name: String, file: String, key: String) -> Self {
        Self { name, file, key, columns: Vec::new(), rows: None }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn file(&self) -> &str {
        &self.file
    }

    pub(super) fn is_loaded(&self) -> bool {
        self.rows.is_some()
    }

    /// The number of a column, which is used from now on.
    pub(super) fn use_column(&mut self, name: &str) -> usize {
        self.column(name).unwrap_or_else(|| {
            self.columns.push(name.to_owned());
            self.columns.len() - 1
        })
    }

    /// The number of a column that is used.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// A field of the row with this key.
    pub(super) fn get(&self, key: &str, column: usize) -> Option<&str> {
        self.rows.as_ref()?.get(key)?.get(column).map(|field| &**field)
    }

    /// Reads the file. Of several rows with one key the last counts.
    pub(super) fn load(&mut self, csv: &Csv, reader: Box<dyn BufRead + Send>) -> Result<(), Mistake> {
        let place = format!("[join.{}] {}", self.name, self.file);
        let broken = |reason: String| Mistake::outside(place.clone(), reason, "correct the file");
        let mut records = Records::new(csv, reader);
        let io = |cause: std::io::Error| broken(cause.to_string());
        if records.next().map_err(io)?.is_none() {
            return Err(broken("is empty".into()));
        }
        let decode = |bytes: &[u8]| csv.encoding.decode(bytes).map(std::borrow::Cow::into_owned);
        let header: Vec<String> = records.fields().map(|field| decode(field).unwrap_or_default()).collect();
        let find = |name: &String| {
            let known: Vec<&str> = header.iter().map(String::as_str).collect();
            let missing =
                || Mistake::outside(place.clone(), format!("has no column `{name}`"), did_you_mean(name, &known));
            header.iter().position(|column| column == name).ok_or_else(missing)
        };
        let key = find(&self.key)?;
        let columns = self.columns.iter().map(find).collect::<Result<Vec<_>, _>>()?;
        let mut rows = HashMap::new();
        while let Some(record) = records.next().map_err(io)? {
            let line = record.line;
            if let Some((reason, _)) = record.problem {
                return Err(broken(format!("line {line} {reason}")));
            }
            let text = |index: &usize| {
                decode(records.field(*index))
                    .map(String::into_boxed_str)
                    .map_err(|_| broken(format!("line {line} is not in the encoding declared")))
            };
            let fields = columns.iter().map(text).collect::<Result<Box<[_]>, _>>()?;
            rows.insert(text(&key)?, fields);
        }
        self.rows = Some(rows);
        Ok(())
    }
}
