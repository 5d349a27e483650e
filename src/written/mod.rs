//! What people write in TOML files: how an export is read, what an analysis counts.
//!
//! A file is read with the place of everything in it, so that each mistake can be told by line and column, and all of them at
//! once. [`Table`] is the file; what reads it takes its entries out one by one, and [`Desk`] gathers what is wrong on the way.

mod desk;
mod mistake;
mod tree;

pub use desk::Desk;
pub use mistake::{Mistake, Mistakes};
pub use tree::{Held, Item, Table};
