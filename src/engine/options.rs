//! How a store is opened, and what opening it tells.

use std::path::PathBuf;
use std::sync::Arc;

use super::folder::KeySource;
use crate::context::ContextRules;
use crate::identity::IdentityRules;
use crate::views::{self, Projection};

/// Makes a fresh instance of a projection: one that serves, and one for every rebuild.
pub type ProjectionFactory = Arc<dyn Fn() -> Box<dyn Projection> + Send + Sync>;

/// How a store is opened.
pub struct Options {
    /// The data folder; made when it is not there.
    pub folder: PathBuf,
    /// Where the master key comes from.
    pub master_key: KeySource,
    /// How identifiers are normalised and linked.
    pub identity: IdentityRules,
    /// How a customer's events are read.
    pub context: ContextRules,
    /// How much memory the views may take.
    pub views: views::Options,
    /// Bytes of what was read of customers that are kept in memory: a third of it their contexts, the rest their newest timeline
    /// entries.
    pub customers_cache_bytes: u64,
    /// A folder, best on another disk, that keeps every committed chunk as well; its folder above must be there.
    pub archive: Option<PathBuf>,
    /// After so many events a checkpoint is signed; and when the store is closed.
    pub checkpoint_events: u64,
    /// What may wait for the writer, in megabytes of events; when it is full, senders are told to come back.
    pub queue_mb: usize,
    /// Whether analyses are kept: counted as events come. Where they are not, as for an import, the next who opens the store has
    /// them caught up.
    pub analyses: bool,
    /// Whether what is kept of analyses is thrown away first, so that everything is counted anew.
    pub recount: bool,
    /// Projections of your own, beside those of the store. A new one, or one of another version, is built from the first
    /// event on when the store is opened; [`Novelo::rebuild`](super::Novelo::rebuild) builds it anew while the old rows
    /// serve. Its rows are read with [`Picture::reader`](super::Picture::reader).
    pub projections: Vec<ProjectionFactory>,
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Options {
    /// The usual options for a folder.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            master_key: KeySource::File(None),
            identity: IdentityRules::default(),
            context: ContextRules::default(),
            views: views::Options::default(),
            customers_cache_bytes: 96 << 20,
            archive: None,
            checkpoint_events: 100_000,
            queue_mb: 64,
            analyses: true,
            recount: false,
            projections: Vec::new(),
        }
    }
}

/// What opening a store tells, beside the store.
#[derive(Clone, Debug, Default)]
pub struct Opened {
    /// There was no store in the folder: it is new, and empty.
    pub is_new: bool,
    /// The file of the master key that was made: to be backed up.
    pub new_master_key: Option<PathBuf>,
    /// Events that the views had to catch up with.
    pub caught_up: u64,
}
