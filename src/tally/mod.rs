//! Analyses: what happened, counted.
//!
//! An analysis is a text of a few lines: over which rows, which of them (`where`), in which groups (`group_by`), and what is
//! measured of each group. What is measured is kept in [`Cell`]s, which can be brought together in any order: so a replay goes
//! in parallel, and comes to the same as following along.
//!
//! The built-in metrics are such texts too.

pub mod expression;

mod cell;
mod distinct;
mod events;
mod row;
mod spread;
mod value;

pub use cell::{Cell, Figure, Kept, Place};
pub use events::{EventFields, EventRow};
pub use row::{Fields, Row};
pub use value::{Type, Value};
