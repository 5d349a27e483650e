//! Analyses: what happened, counted.
//!
//! An analysis is a text of a few lines: over which rows, which of them (`where`), in which groups (`group_by`), and what is
//! measured of each group. What is measured is kept in [`Cell`]s, which can be brought together in any order: so a replay goes
//! in parallel, and comes to the same as following along.
//!
//! The built-in metrics are such texts too.

pub mod entity;
pub mod expression;

mod bucket;
mod built_in;
mod cell;
mod collect;
mod definition;
mod distinct;
mod events;
mod fold;
mod group;
mod page;
mod row;
mod spread;
mod value;

pub use bucket::{Buckets, Span};
pub use built_in::BUILT_IN;
pub use cell::{Cell, Figure, Kept, Place};
pub use collect::{Collected, Spot, Troubles};
pub use definition::{Definition, Over};
pub use events::{EventFields, EventRow};
pub use fold::{History, ROWS_VERSION, RowRules};
pub use group::Group;
pub use page::{KindStep, Page, day_of};
pub use row::{Fields, Row};
pub use value::{Type, Value};
