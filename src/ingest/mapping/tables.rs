//! What expressions look into beside the row: lookup tables, joined files, the zone.

use std::collections::HashMap;

use super::clock::Clock;
use super::failure::Failure;
use super::join::JoinTable;

/// The entries of a lookup table.
pub(super) type Entries = HashMap<Box<str>, Box<str>>;

/// Everything that a function may look into.
pub(super) struct Tables {
    /// Name and entries.
    pub(super) lookups: Vec<(String, Entries)>,
    /// The files.
    pub(super) joins: Vec<JoinTable>,
    /// The zone of `local`.
    pub(super) clock: Clock,
    /// The hasher of `hash`.
    pub(super) hasher: blake3::Hasher,
}

impl Tables {
    /// The entry of a lookup table, or the default.
    pub(super) fn lookup<'a>(&'a self, table: usize, key: &str, default: Option<&'a str>) -> Result<&'a str, Failure> {
        let Some((name, entries)) = self.lookups.get(table) else { return Err(no_table("")) };
        match (entries.get(key), default) {
            (Some(value), _) => Ok(value),
            (None, Some(default)) => Ok(default),
            (None, None) => Err(Failure::new(
                format!("the table `{name}` has no entry for this value"),
                format!("add it under [lookup.{name}], or give a default: lookup(\"{name}\", key, \"…\")"),
            )),
        }
    }

    /// A column of a joined file's row, or the default.
    pub(super) fn joined<'a>(
        &'a self,
        table: usize,
        key: &str,
        column: usize,
        default: Option<&'a str>,
    ) -> Result<&'a str, Failure> {
        let Some(join) = self.joins.get(table) else { return Err(no_table("")) };
        match (join.get(key, column), default) {
            (Some(value), _) => Ok(value),
            (None, Some(default)) => Ok(default),
            (None, None) => Err(Failure::new(
                format!("the table `{}` has no row with this key", join.name()),
                "check that the file is complete, or give a default as the fourth value of joined(…)",
            )),
        }
    }

    /// The number of a lookup table.
    pub(super) fn lookup_named(&self, name: &str) -> Result<usize, Failure> {
        self.lookups.iter().position(|(n, _)| n == name).ok_or_else(|| no_table(name))
    }

    /// The numbers of a joined file and of one of its columns.
    pub(super) fn join_named(&self, name: &str, column: &str) -> Result<(usize, usize), Failure> {
        let table = self.joins.iter().position(|join| join.name() == name).ok_or_else(|| no_table(name))?;
        let column = self.joins.get(table).and_then(|join| join.column(column)).ok_or_else(|| no_table(name))?;
        Ok((table, column))
    }
}

fn no_table(name: &str) -> Failure {
    Failure::new(format!("there is no table `{name}`"), "declare it in the mapping")
}
