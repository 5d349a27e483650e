//! Floor 4. Formats in: CloudEvents and CSV by a mapping; formats out: export, figures.
//!
//! Everything here turns bytes into [`Unfiled`](crate::event::Unfiled) events, or says why not: one bad item never stops
//! the ones after it. Nothing here files, stores or reads a view. Below the readers that are handed in, it does no I/O; [`tables`] alone
//! makes files.
//!
//! | file | what it is for |
//! |---|---|
//! | [`cloudevents`] | CloudEvents 1.0: structured, batched, binary and NDJSON; and out again |
//! | [`mapping`] | CSV by a mapping file: TOML with expressions in CEL |
//! | [`tables`] | tables out: Parquet files by month, for DuckDB, Polars and Spark |
//! | [`figures`] | figures of an analysis as CSV |
//! | [`Rejected`] | where, which field, why, what to do |

pub mod cloudevents;
mod fields;
pub mod figures;
pub mod mapping;
mod rejected;
pub mod tables;
#[cfg(test)]
mod testing;

pub use rejected::{Code, Place, Rejected};
