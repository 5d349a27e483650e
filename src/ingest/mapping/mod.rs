//! CSV by a mapping file: TOML that says which events a row makes, in expressions of CEL.
//!
//! ```toml
//! name = "sp156"                       # also the `source` of the events, unless `source` says another
//! time_zone = "America/Sao_Paulo"      # of local(…); UTC when absent
//! key = 'row.id'                       # what makes a row the same row; all of it when absent
//!
//! [csv]                                # all of it optional
//! delimiter = ";"                      # "," when absent
//! encoding = "latin1"                  # UTF-8 when absent
//!
//! [lookup.channel]                     # a table for lookup("channel", …)
//! "CENTRAL TELEFÔNICA" = "voice"
//!
//! [join.orders]                        # a file for joined("orders", key, "column")
//! file = "orders.csv.gz"
//! key = "order_id"
//!
//! [let]                                # evaluated once a row, in this order
//! opened = 'local(row.data_abertura)'
//!
//! [every]                              # what every event has, unless it says otherwise
//! time = 'opened'
//! identifiers = { crm = 'row.customer' }
//! data.channel = 'lookup("channel", row.canal)'
//!
//! [[event]]
//! type = "contact.started"
//! data.contact = 'row_id'
//!
//! [[event]]
//! type = "feedback.given"
//! when = 'fold(row.servico).contains("elogio")'
//! data.feedback = '"praise"'
//! ```
//!
//! An expression is [CEL](https://github.com/google/cel-spec) over `row` (its columns are texts), the `[let]`s above it and
//! `row_id`. A field whose expression gives null or a text of white space is left out. An event's id is `row_id`, a slash
//! and the event's `name` (its type when it has none), or what its `id` says; so the same file gives the same ids every
//! time. Without a `key` a row is the same as one with the same fields, and the second such row of an import is told apart
//! by its number.
//!
//! Beside CEL's own functions and those of its extension for strings there are:
//!
//! | function | what it gives |
//! |---|---|
//! | `lookup(table, key[, default])` | the entry of a lookup table |
//! | `joined(table, key, column[, default])` | a column of the joined file's row with this key |
//! | `local(text[, form])` | the moment of a local time, RFC 3339 in UTC; an offset in it is ignored |
//! | `before(a, b)` | whether a moment lies before another |
//! | `fold(text)` | in lower case, without accents |
//! | `trim(text)`, `upper(text)`, `lower(text)` | what they say |
//! | `whole(text)` | `120.0` as `120` |
//! | `number(text[, mark])` | the number in a text, null for a blank one; the mark is "." or "," |
//! | `blank(value)` | whether it is null or a text of white space |
//! | `clip(text, bytes)` | at most so many bytes of it |
//! | `hash(value, …)` | 32 hexadecimal digits that stand for the values |
//!
//! Everything that is wrong with a mapping is found before a row runs, and told at once; what is wrong with a row rejects
//! that event of it, with the reason, and the next goes on. No error repeats a value of the row.
//!
//! So that no row holds up an import, what an expression goes through in `map`, `filter`, `exists` and the like is bounded to
//! a million items for each row, those of loops inside one another all counted; fewer where long columns are named for each.

mod clock;
mod compile;
mod datum;
mod encoding;
mod failure;
mod functions;
mod interpreter;
mod join;
mod meter;
mod plan;
mod quick;
mod records;
mod rows;
mod sections;
mod settings;
mod tables;
#[cfg(test)]
mod tests;
mod text;

use std::io::BufRead;
use std::sync::Arc;

pub use crate::written::{Mistake, Mistakes};
pub use rows::{Occurrences, Row, Rows};

use join::JoinTable;
use plan::Plan;
use tables::Tables;

/// A mapping file that was read and found right.
pub struct Mapping {
    plan: Plan,
    tables: Arc<Tables>,
}

impl std::fmt::Debug for Mapping {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mapping").field("source", &self.plan.source).finish_non_exhaustive()
    }
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// [`Mistakes`] lists all of them, with their lines.
    pub fn read(text: &str) -> Result<Self, Mistakes> {
        let (plan, tables) = plan::read(text).map_err(Mistakes)?;
        Ok(Self { plan, tables: Arc::new(tables) })
    }

    /// The files that it joins: name and file name. Each must be [loaded](Self::load).
    pub fn joins(&self) -> impl Iterator<Item = (&str, &str)> {
        self.tables.joins.iter().map(|join| (join.name(), join.file()))
    }

    /// Loads the rows of a joined file, of which it keeps the columns that are used.
    ///
    /// # Errors
    /// [`Mistakes`] when the file has not the columns, or its rows cannot be read.
    pub fn load(&mut self, name: &str, reader: Box<dyn BufRead + Send>) -> Result<(), Mistakes> {
        let csv = self.plan.csv.clone();
        let one = |mistake| Mistakes(vec![mistake]);
        let tables = Arc::get_mut(&mut self.tables).ok_or_else(|| one(join::shared(name)))?;
        match tables.joins.iter_mut().find(|join| join.name() == name) {
            Some(join) => join.load(&csv, reader).map_err(one),
            None => {
                let known: Vec<&str> = tables.joins.iter().map(JoinTable::name).collect();
                Err(one(join::no_such(name, &known)))
            }
        }
    }

    /// Reads the rows of a CSV. `seen` tells rows that are alike apart; use one for all files of an import.
    ///
    /// # Errors
    /// [`Mistakes`] when the header lacks columns that the mapping uses, a joined file is not loaded, or the input cannot
    /// be read.
    pub fn rows<'m>(
        &'m self,
        reader: Box<dyn BufRead + Send>,
        seen: &'m mut Occurrences,
    ) -> Result<Rows<'m>, Mistakes> {
        let missing =
            self.tables.joins.iter().filter(|join| !join.is_loaded()).map(|join| join::not_loaded(join.name()));
        let missing: Vec<Mistake> = missing.collect();
        if !missing.is_empty() {
            return Err(Mistakes(missing));
        }
        Rows::new(&self.plan, &self.tables, reader, seen)
    }
}
