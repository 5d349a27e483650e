//! The façade: one store, open.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::archiving::{ArchiveStatus, Archiver};
use super::build::{Builds, Rebuild, Site};
use super::condition::{Condition, Part, Stops, Trouble};
use super::courtesy::Courtesy;
use super::error::{EngineError, RecordError};
use super::feed::Feed;
use super::folder::FolderLock;
use super::follower::Follower;
use super::metrics::Metrics;
use super::options::ProjectionFactory;
use super::picture::Picture;
use super::projections::{all_projections, open_sealed};
use super::projector::Projector;
use super::seen::SeenCache;
use super::snapshots::ContextCache;
use super::status::{Meter, ProjectionStatus, State};
use super::tallies::Tallies;
use super::touched::Touched;
use super::writer::{Expect, Outcome, Writer};
use crate::context::ContextRules;
use crate::event::{Draft, Event, Micros, Personal, Position, did_you_mean};
use crate::identity::{BlindKey, Filing, IdentityKey, IdentityRules};
use crate::log::{Damage, Head};
use crate::proof::Notary;
use crate::vault::Vault;
use crate::views::{Projection, Views};

/// An open store. Cheap to share behind an [`Arc`].
///
/// Dropping it stores and answers everything that was handed over.
#[derive(Debug)]
pub struct Novelo {
    // In the order in which they must go: the writer first, then what follows it.
    pub(super) writer: Writer,
    pub(super) tallies: Tallies,
    pub(super) projector: Arc<Projector>,
    pub(super) _noting: Follower,
    pub(super) archiver: Option<Archiver>,
    pub(super) _notarizing: Follower,
    pub(super) notary: Arc<Notary>,
    pub(super) shared: Arc<Shared>,
}

/// What readers and tasks share.
pub(super) struct Shared {
    pub(super) views: Arc<Views>,
    pub(super) vault: Arc<Vault>,
    pub(super) feed: Arc<Feed>,
    pub(super) condition: Arc<Condition>,
    pub(super) filing: Arc<Filing>,
    pub(super) blind_key: Arc<BlindKey>,
    pub(super) identity_rules: Arc<IdentityRules>,
    pub(super) context_rules: Arc<ContextRules>,
    pub(super) contexts: ContextCache,
    pub(super) seen: SeenCache,
    pub(super) touched: Arc<Touched>,
    pub(super) courtesy: Courtesy,
    pub(super) own_projections: Vec<ProjectionFactory>,
    pub(super) projected: watch::Receiver<Position>,
    pub(super) builds: Builds,
    pub(super) meter: Arc<Meter>,
    pub(super) identity_key: IdentityKey,
    pub(super) metrics: Arc<Metrics>,
    /// Goes last: then everything is closed.
    pub(super) _lock: FolderLock,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("feed", &self.feed).finish_non_exhaustive()
    }
}

impl Novelo {
    /// Records events; durable when this answers. Waits while the queue is full.
    ///
    /// # Errors
    /// [`RecordError`] when nothing was recorded. What became of each event is in the answer, in their order.
    pub async fn record(&self, drafts: Vec<Draft>, expect: Expect) -> Result<Vec<Outcome>, RecordError> {
        let answer = match self.shared.condition.check() {
            Ok(()) => self.writer.record(drafts, expect).await,
            Err(cause) => Err(cause),
        };
        self.shared.metrics.note_answer(&answer);
        answer
    }

    /// The same, but answers [`RecordError::Busy`] at once while the queue is full.
    ///
    /// # Errors
    /// As [`Novelo::record`].
    pub async fn try_record(&self, drafts: Vec<Draft>, expect: Expect) -> Result<Vec<Outcome>, RecordError> {
        let answer = match self.shared.condition.check() {
            Ok(()) => self.writer.try_record(drafts, expect).await,
            Err(cause) => Err(cause),
        };
        self.shared.metrics.note_answer(&answer);
        answer
    }

    /// What does not do its work now, what stops events first; [`Trouble::stops`] says which are not taken. The store goes on
    /// by itself when it can; what is damaged in the log stays told until the store is started again.
    #[must_use]
    pub fn troubles(&self) -> Vec<Trouble> {
        let mut troubles = self.shared.condition.troubles();
        troubles.extend(self.shared.feed.log().damage().map(of_damage));
        let of_keys = |(reason, since): &(String, Micros)| {
            let reason = format!("{reason}; restore the keys from a backup of them");
            Trouble { part: Part::Keys, reason, since: *since, stops: Stops::Nothing }
        };
        troubles.extend(self.shared.vault.damage().map(of_keys));
        troubles.extend(self.archiver.as_ref().and_then(Archiver::trouble));
        troubles
    }

    /// How identifiers become strands; files what comes in.
    #[must_use]
    pub fn filing(&self) -> &Arc<Filing> {
        &self.shared.filing
    }

    /// Up to where events are durable.
    #[must_use]
    pub fn head(&self) -> Head {
        self.shared.feed.head()
    }

    /// The log for those who follow it.
    #[must_use]
    pub fn feed(&self) -> &Arc<Feed> {
        &self.shared.feed
    }

    /// One consistent picture of everything, for answering one question.
    ///
    /// # Errors
    /// [`EngineError`] when the views cannot be read.
    pub fn picture(&self) -> Result<Picture, EngineError> {
        Picture::new(self.shared.clone())
    }

    /// Waits until the views hold all events before `position`, at most so long.
    ///
    /// # Errors
    /// [`EngineError::Behind`] when they do not by then.
    pub async fn wait_for(&self, position: Position, at_most: Duration) -> Result<(), EngineError> {
        let mut projected = self.shared.projected.clone();
        let waited = tokio::time::timeout(at_most, projected.wait_for(|through| *through >= position)).await;
        match waited {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => {
                Err(EngineError::Behind { wanted: position, through: *self.shared.projected.borrow() })
            }
        }
    }

    /// Where the archive stands; `None` when none is kept.
    #[must_use]
    pub fn archive(&self) -> Option<ArchiveStatus> {
        self.archiver.as_ref().map(Archiver::status)
    }

    /// What signs checkpoints of the log and proves what is in it.
    #[must_use]
    pub fn notary(&self) -> &Notary {
        &self.notary
    }

    /// What every projection reports.
    #[must_use]
    pub fn projections(&self) -> Vec<ProjectionStatus> {
        let through = *self.shared.projected.borrow();
        let head = self.head().next;
        let failed = self.troubles().iter().any(|trouble| trouble.part == Part::Views);
        let state = match (failed, head.since(through)) {
            (true, _) => State::Failed,
            (false, lag) if lag > super::apply::BATCH_EVENTS as u64 => State::CatchingUp,
            (false, _) => State::Live,
        };
        let status = |projection: Box<dyn Projection>| {
            let (name, version) = (projection.name(), projection.version());
            let speed = self.shared.meter.per_second();
            let mut status = ProjectionStatus::new((name, version), state, (through, head), speed);
            status.building = self.shared.builds.status(name, version, head).map(Box::new);
            status
        };
        self.shared.all_projections().into_iter().map(status).collect()
    }

    /// The customers' time zone.
    #[must_use]
    pub fn time_zone(&self) -> &str {
        self.shared.context_rules.time_zone()
    }

    /// The analyses: what is counted as events come.
    #[must_use]
    pub fn analyses(&self) -> &Tallies {
        &self.tallies
    }

    /// What the engine has done since the process started.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.shared.metrics
    }

    /// Events that were handed over and are not answered yet, the bytes that they are counted with, and the most bytes that
    /// may wait.
    #[must_use]
    pub fn queue(&self) -> (usize, u64, u64) {
        self.writer.queue()
    }

    /// Bytes of the views on disk.
    ///
    /// # Errors
    /// [`EngineError::View`] when they cannot be asked.
    pub fn views_size_bytes(&self) -> Result<u64, EngineError> {
        Ok(self.shared.views.size_bytes()?)
    }

    /// Begins to rebuild projections beside those that serve: the named one, or all. They take over when they have caught
    /// up; [`Novelo::projections`] tells how far they are, from now on.
    ///
    /// # Errors
    /// [`EngineError::NoProjection`] with the nearest name; [`EngineError::Building`] when one of them is being rebuilt.
    pub fn rebuild(&self, name: Option<&str>) -> Result<Rebuild, EngineError> {
        let mut projections = self.shared.all_projections();
        if let Some(name) = name {
            let names: Vec<&str> = projections.iter().map(|projection| projection.name()).collect();
            let help = did_you_mean(name, &names).into_owned();
            projections.retain(|projection| projection.name() == name);
            if projections.is_empty() {
                return Err(EngineError::NoProjection { given: name.to_owned(), help });
            }
        }
        let begun = self.shared.builds.begin(&projections)?;
        let (shared, projector) = (self.shared.clone(), self.projector.clone());
        let build = move || {
            let site = Site { views: &shared.views, feed: &shared.feed };
            site.rebuild(projections, begun, &projector)
        };
        self.shared.builds.spawn(build).map_err(|cause| EngineError::Io { path: "a thread".into(), cause })
    }
}

/// Damage of the log keeps nobody from adding to its end.
fn of_damage(Damage { cause, at }: Damage) -> Trouble {
    Trouble { part: Part::Log, reason: cause.to_string(), since: at, stops: Stops::Nothing }
}

/// Builds hold what they work with: they end first, so that everything is closed once the store is dropped.
impl Drop for Novelo {
    fn drop(&mut self) {
        self.shared.builds.close();
    }
}

impl Shared {
    /// Fresh instances of every projection.
    pub(super) fn all_projections(&self) -> Vec<Box<dyn Projection>> {
        all_projections((&self.identity_rules, &self.blind_key, &self.vault, &self.views), &self.own_projections)
    }

    /// The personal part of an event; `None` when its key was destroyed.
    pub(super) fn open(&self, event: &Event) -> Result<Option<Personal>, EngineError> {
        Ok(open_sealed(&self.vault, &self.views, event)?)
    }
}
