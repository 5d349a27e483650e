//! What is counted: rows of named, typed fields.

use super::value::{Type, Value};

/// Which fields there are in rows of one sort.
pub trait Fields {
    /// The number of a field and what it holds; `None` when there is none of this name.
    fn find(&self, name: &str) -> Option<(usize, Type)>;

    /// All of their names, for offering the nearest.
    fn names(&self) -> Vec<&str>;

    /// The groups within which names are free: `dimensions`, for `dimensions.region`. They hold texts.
    fn open(&self) -> &'static [&'static str];

    /// Whether names within `group` are free.
    fn is_open(&self, group: &str) -> bool {
        self.open().contains(&group)
    }

    /// Whether a field has about as many values as there are rows.
    fn is_boundless(&self, field: usize) -> bool;
}

/// A row.
pub trait Row {
    /// What the field with this number says.
    fn get(&self, field: usize) -> Value<'_>;

    /// What an open group says under a name.
    fn get_open(&self, group: &str, name: &str) -> Value<'_>;
}
