//! Floor 3. Writer, projector and broadcast: the only tasks; and the façade that a library user holds.
//!
//! [`Novelo::open`] opens a store. Events go in by [`Novelo::record`]; questions are answered by a [`Picture`], one
//! consistent state of everything; [`Feed`] is the log for those who follow it.

mod admission;
mod admit;
mod apply;
mod build;
mod error;
mod feed;
mod customer;
mod folder;
mod living;
mod scan;
mod search;
mod novelo;
mod picture;
mod projector;
mod slots;
mod snapshots;
mod status;
mod writer;

pub use error::{EngineError, RecordError, Refusal};
pub use feed::{Closed, Feed};
pub use folder::{Folder, KeySource};
pub use novelo::{Novelo, Opened, Options};
pub use picture::Picture;
pub use status::{ProjectionStatus, State};
pub use writer::{Expect, Outcome};
