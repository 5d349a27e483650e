//! Floor 1. Derived rows: tables, and atomic batches of rows with their checkpoint.
//!
//! A view is what a [`Projection`] makes of the log. Views live in one fjall database and can be deleted at any time;
//! they are rebuilt from the log. This folder alone names fjall.
//!
//! All projections that serve advance together: the rows of a batch of events and the checkpoint behind them go into one
//! atomic write, so each event counts exactly once, whenever the process is stopped. A [`Reader`] is one consistent
//! picture of all tables and of the [`Checkpoint`] that they stand at.
//!
//! A projection has *generations*. A new one is built beside the one that serves, from the first event on, and takes its
//! place in one atomic write once it has caught up; readers see the old rows until then and only the new ones afterwards.

mod batch;
mod boot;
mod closed;
mod damage;
mod error;
mod key;
mod open;
mod projection;
mod reader;
mod store;

pub use batch::{Batch, Rows};
pub use damage::{Damage, is_damage};
pub use error::ViewError;
pub use key::Key;
pub use open::{Built, Tables};
pub use projection::{Applied, Projection, TableSpec, Use};
pub use reader::{Reader, RowIter};
pub use store::{Checkpoint, Options, Views, discard, remembered};

/// The bytes of a stored value or key; cheap to clone.
pub type RowBytes = fjall::Slice;
