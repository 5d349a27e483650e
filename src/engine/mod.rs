//! Floor 3. Writer, projector and broadcast: the only tasks; and the façade that a library user holds.
//!
//! [`Novelo::open`] opens a store. Events go in by [`Novelo::record`]; questions are answered by a [`Picture`], one
//! consistent state of everything; [`Feed`] is the log for those who follow it, [`Changes`] and [`LiveTimeline`] are one customer
//! for those who do.

mod admission;
mod admit;
mod apply;
mod archive_source;
mod archiving;
mod behind;
mod build;
mod changes;
mod condition;
mod copied;
mod courtesy;
mod crew;
mod crowd;
mod customer;
mod durable;
mod error;
mod feed;
mod filed;
mod folder;
mod follower;
mod known;
mod known_ids;
mod link;
mod live;
mod living;
mod lost;
mod mend;
mod metrics;
mod notarizing;
mod novelo;
mod open;
mod options;
mod overlay;
mod picture;
mod portable;
mod priority;
mod projections;
mod projector;
mod recovery;
mod repair;
mod restore;
mod scan;
pub mod scenario;
mod search;
mod seen;
mod shifts;
mod slots;
mod snapshots;
mod status;
mod storing;
mod suggested;
mod tallies;
#[cfg(test)]
mod tests;
mod touched;
mod writer;

pub use archive_source::archive_source;
pub use archiving::ArchiveStatus;
pub use build::Rebuild;
pub use changes::Changes;
pub use condition::{Part, Stops, Trouble};
pub use customer::{Customer, KnownIdentifier};
pub use error::{EngineError, RecordError, Refusal};
pub use feed::{Closed, Feed};
pub use folder::{Folder, FolderLock, KeySource};
pub use link::Said;
pub use live::LiveTimeline;
pub use metrics::{Count, Distribution, Histogram, Metrics};
pub use novelo::Novelo;
pub use open::notary;
pub use options::{Opened, Options, ProjectionFactory};
pub use picture::{Lookup, Picture};
pub use repair::{Loss, Remains, Repair, check_remembered, check_remembered_keys, losses};
pub use restore::{RestoreOptions, Restored, Until, restore};
pub use scan::EventPage;
pub use search::SearchPage;
pub use status::{ProjectionStatus, State};
pub use tallies::{
    AnalysisStatus, Answer, Ask, AskError, Comparison, Counted, DefineError, Difference, Example, Line, Listed, Phase,
    Somewhere, Tallies, compare, definitions, read_definition, shared_groups,
};
pub use writer::{Expect, Outcome};
