//! Tables out: rows of named, typed columns as [Parquet](https://parquet.apache.org/docs/file-format/) files, for DuckDB, Polars,
//! Spark and whatever else reads them.
//!
//! A [`Table`] is one folder, with a folder for each month (of UTC) that its rows' moments lie in:
//! `events/month=2024-01/part-0.parquet`, the layout that all of them know as partitions of Hive. A row is one [`Cell`] for each
//! [`Column`]. [`EventTable`] says what the columns of events are, and what each event says in them; [`EntityTable`] does
//! for contacts, cases and what else is derived of events.
//!
//! Rows come in the order of the log, and in that order months alternate. So they wait in memory by month until there are enough
//! for a row group; all that waits is bounded by [`Limits`], and so are the files that are open. A month whose file was closed
//! goes on in another part.
//!
//! An [`Unfinished`] export is one in a folder of another name (`OUT.partial`), with a manifest that says so. It gets its own name
//! when every file is on the disk.

mod cells;
mod column;
mod entities;
mod error;
mod events;
mod folder;
mod month;
mod part;
mod table;
#[cfg(test)]
mod tests;

pub use column::{Cell, Column, Holds};
pub use entities::{EntityTable, Tabled};
pub use error::TableError;
pub use events::EventTable;
pub use folder::{Manifest, Unfinished};
pub use table::{Limits, Table, Written};
