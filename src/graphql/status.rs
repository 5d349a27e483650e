//! What the store reports of itself.

use async_graphql::{Object, Result, SimpleObject};

use super::errors::of_engine;
use super::scalars::{DateTime, PositionScalar};
use crate::engine::{self, Novelo};
use std::sync::Arc;

/// Where a projection stands.
pub struct ProjectionStatus(pub(super) engine::ProjectionStatus);

/// Where a projection stands.
#[Object]
impl ProjectionStatus {
    /// Its name.
    async fn name(&self) -> &str {
        self.0.name
    }

    /// The version of its code.
    async fn version(&self) -> u32 {
        self.0.version
    }

    /// `live`, `catching_up`, `building` or `failed`.
    async fn state(&self) -> &str {
        self.0.state.word()
    }

    /// All events before this position are in.
    async fn through(&self) -> PositionScalar {
        self.0.through.into()
    }

    /// Events that are not in yet.
    async fn lag(&self) -> u64 {
        self.0.lag
    }

    /// Events per second of work, lately.
    async fn events_per_second(&self) -> f64 {
        self.0.events_per_second
    }

    /// The share of the log that is in, from 0 to 1.
    async fn progress(&self) -> f64 {
        self.0.progress
    }

    /// How long the rest takes at that speed, in milliseconds.
    async fn eta_ms(&self) -> Option<f64> {
        self.0.eta_ms
    }

    /// The generation that is being built beside it.
    async fn building(&self) -> Option<ProjectionStatus> {
        self.0.building.as_deref().cloned().map(ProjectionStatus)
    }
}

/// Where the log stands.
#[derive(Debug, SimpleObject)]
pub struct LogStatus {
    /// What stores it: `sled`, `memory`.
    backend: String,
    /// The position that the next event gets.
    head: PositionScalar,
    /// How many events it holds.
    events: u64,
    /// Bytes on disk.
    bytes: f64,
    /// The hash of the last chunk, which stands for everything before it; hexadecimal.
    last_hash: String,
    /// Whether events are taken now.
    writable: bool,
    /// What is the matter with the store, and what to do; null while all is well. It goes on by itself when it can.
    trouble: Option<String>,
    /// When the log's state was last signed; null while nothing signs it.
    last_checkpoint_at: Option<DateTime>,
}

impl LogStatus {
    pub(super) fn of(novelo: &Arc<Novelo>) -> Result<Self> {
        let head = novelo.head();
        let log = novelo.feed().log();
        let bytes = log.size_bytes().map_err(|cause| of_engine(cause.into()))?;
        let troubles = novelo.troubles();
        let told: Vec<String> =
            troubles.iter().map(|trouble| format!("{}: {}", trouble.part.word(), trouble.reason)).collect();
        Ok(Self {
            backend: log.backend().to_owned(),
            head: head.next.into(),
            events: head.next.0,
            bytes: bytes as f64,
            last_hash: head.hash.to_string(),
            writable: troubles.iter().all(|trouble| trouble.stops != engine::Stops::Everything),
            trouble: (!told.is_empty()).then(|| told.join("\n")),
            last_checkpoint_at: novelo.notary().last().map(|checkpoint| DateTime(checkpoint.at)),
        })
    }
}
