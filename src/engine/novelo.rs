//! The façade: one store, open.

use std::path::PathBuf;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use tokio::sync::watch;

use super::admission::Ids;
use super::admit::Admitter;
use super::build::{Builds, Site};
use super::error::{EngineError, RecordError};
use super::feed::Feed;
use super::folder::{Folder, KeySource};
use super::known_ids::KnownIds;
use super::overlay::Overlay;
use super::picture::Picture;
use super::priority;
use super::projector::{Projector, Serving};
use super::slots::{self, SIDE_TABLES, Slots};
use super::snapshots::ContextCache;
use super::status::{Meter, ProjectionStatus, State};
use super::writer::{Expect, Outcome, Pressure, Writer};
use crate::context::ContextRules;
use crate::event::{Draft, Event, Invalid, Personal, Position, did_you_mean};
use crate::identity::{BlindKey, Edges, Filing, IdentityKey, IdentityRules, Lookups, Names, Opener, Strands};
use crate::log::{EventLog, Head, Watermark, check_watermark};
use crate::timeline::{Timeline, Totals};
use crate::vault::{KeyState, MasterKey, Vault};
use crate::views::{self, Projection, ViewError, Views};

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
    /// How many customers' contexts are kept in memory.
    pub cached_contexts: usize,
    /// Projections of your own, beside those of the store. A new one, or one of another version, is built from the first
    /// event on when the store is opened; [`Novelo::rebuild`] builds it anew while the old rows serve. Its rows are read
    /// with [`Picture::reader`].
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
            cached_contexts: 10_000,
            projections: Vec::new(),
        }
    }
}

/// What opening a store tells, beside the store.
#[derive(Clone, Debug, Default)]
pub struct Opened {
    /// The file of the master key that was made: to be backed up.
    pub new_master_key: Option<PathBuf>,
    /// Events that the views had to catch up with.
    pub caught_up: u64,
}

/// An open store. Cheap to share behind an [`Arc`].
///
/// Dropping it stores and answers everything that was handed over.
#[derive(Debug)]
pub struct Novelo {
    // In the order in which they must go: the writer first, then what follows it.
    writer: Writer,
    projector: Arc<Projector>,
    pub(super) shared: Arc<Shared>,
}

/// What readers and tasks share.
pub(super) struct Shared {
    pub(super) views: Arc<Views>,
    pub(super) vault: Arc<Vault>,
    pub(super) feed: Arc<Feed>,
    pub(super) filing: Arc<Filing>,
    pub(super) blind_key: Arc<BlindKey>,
    pub(super) identity_rules: Arc<IdentityRules>,
    pub(super) context_rules: Arc<ContextRules>,
    pub(super) contexts: ContextCache,
    own_projections: Vec<ProjectionFactory>,
    projected: watch::Receiver<Position>,
    builds: Builds,
    meter: Arc<Meter>,
    pub(super) identity_key: IdentityKey,
    /// Held for reading by builds, so that closing waits for them.
    building: RwLock<()>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("feed", &self.feed).finish_non_exhaustive()
    }
}

impl Novelo {
    /// Opens the store in a folder: the log first, then the views, which are brought up to the log's end before this
    /// returns. `progress` is told how far they are: through which position, of which head.
    ///
    /// # Errors
    /// [`EngineError`] says which part cannot be opened, why, and what to do. A log that does not reach what the views
    /// have seen is refused.
    pub fn open(options: Options, mut progress: impl FnMut(Position, Position)) -> Result<(Self, Opened), EngineError> {
        let folder = Folder::at(&options.folder)?;
        let (master_key, new_master_key) = master_key(options.master_key, &folder)?;
        let vault = Arc::new(Vault::open(&folder.vault(), &master_key)?);
        let log: Arc<dyn EventLog> = Arc::new(crate::log::SledLog::open(&folder.log())?);
        let views = Arc::new(open_views(&folder, options.views)?);
        let feed = Arc::new(Feed::new(log));
        let identity_key = IdentityKey::new(*vault.secret().derive("novelo 2026 subject id v1").as_bytes());
        let blind_key = Arc::new(BlindKey::new(*vault.secret().derive("novelo 2026 blind index v1").as_bytes()));
        let identity_rules = Arc::new(options.identity);
        let mut projections = projections(&identity_rules, &blind_key, &vault, &views);
        projections.extend(options.projections.iter().map(|make| make()));
        check_names(&projections)?;
        let stale = views.serve(&projections, SIDE_TABLES)?;
        check_views(&views, &feed)?;
        slots::catch_up(&vault, &views)?;
        let (projected, projected_now) = watch::channel(views.checkpoint()?.next());
        let meter = Arc::new(Meter::default());
        let shared = Shared {
            filing: Arc::new(Filing::new(identity_rules.clone(), identity_key.clone())),
            contexts: ContextCache::new(options.cached_contexts),
            context_rules: Arc::new(options.context),
            own_projections: options.projections,
            projected: projected_now,
            builds: Builds::default(),
            building: RwLock::new(()),
            views: views.clone(),
            vault: vault.clone(),
            feed: feed.clone(),
            meter: meter.clone(),
            blind_key,
            identity_rules,
            identity_key: identity_key.clone(),
        };
        shared.build_stale(stale)?;
        let checkpoint = views.checkpoint()?;
        let caught_up = feed.head().next.since(checkpoint.next());
        let pressure = Pressure::default();
        let mut serving = Serving {
            views: views.clone(),
            vault: vault.clone(),
            feed: feed.clone(),
            projections,
            checkpoint,
            projected,
            meter,
            pressure: pressure.clone(),
            pressed_since: None,
        };
        while serving.step()? > 0 {
            progress(serving.checkpoint.next(), feed.head().next);
        }
        let last_recorded_at = last_recorded_at(&feed)?;
        let admitter = Admitter {
            known: KnownIds::new(views.clone(), feed.head().next.0),
            vault,
            views,
            feed: feed.clone(),
            identity: identity_key,
            head: feed.head(),
            last_recorded_at,
            overlay: Overlay::default(),
        };
        let thread = |cause| EngineError::Io { path: "a thread".into(), cause };
        let writer = Writer::start(admitter, feed, shared.projected.clone(), pressure).map_err(thread)?;
        let projector = Arc::new(Projector::start(serving).map_err(thread)?);
        Ok((Self { writer, projector, shared: Arc::new(shared) }, Opened { new_master_key, caught_up }))
    }

    /// Records events; durable when this answers. Waits while the queue is full.
    ///
    /// # Errors
    /// [`RecordError`] when nothing was recorded. What became of each event is in the answer, in their order.
    pub async fn record(&self, drafts: Vec<Draft>, expect: Expect) -> Result<Vec<Outcome>, RecordError> {
        self.check_projector()?;
        self.writer.record(drafts, expect).await
    }

    /// The same, but answers [`RecordError::Busy`] at once while the queue is full.
    ///
    /// # Errors
    /// As [`Novelo::record`].
    pub async fn try_record(&self, drafts: Vec<Draft>, expect: Expect) -> Result<Vec<Outcome>, RecordError> {
        self.check_projector()?;
        self.writer.try_record(drafts, expect).await
    }

    /// The store takes no events while its views do not follow: their sender could not read what they wrote.
    fn check_projector(&self) -> Result<(), RecordError> {
        match self.projector.failure() {
            None => Ok(()),
            Some(cause) => Err(RecordError::Unavailable(cause)),
        }
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

    /// What every projection reports.
    #[must_use]
    pub fn projections(&self) -> Vec<ProjectionStatus> {
        let through = *self.shared.projected.borrow();
        let head = self.head().next;
        let state = match (self.projector.failure(), head.since(through)) {
            (Some(_), _) => State::Failed,
            (None, lag) if lag > super::apply::BATCH_EVENTS as u64 => State::CatchingUp,
            (None, _) => State::Live,
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

    /// Begins to rebuild projections beside those that serve: the named one, or all. They take over when they have caught
    /// up; [`Novelo::projections`] tells how far they are. The handle ends with them.
    ///
    /// # Errors
    /// [`EngineError::NoProjection`] with the nearest name; [`EngineError::Building`] through the handle.
    pub fn rebuild(&self, name: Option<&str>) -> Result<std::thread::JoinHandle<Result<(), EngineError>>, EngineError> {
        let mut projections = self.shared.all_projections();
        if let Some(name) = name {
            let names: Vec<&str> = projections.iter().map(|projection| projection.name()).collect();
            let help = did_you_mean(name, &names).into_owned();
            projections.retain(|projection| projection.name() == name);
            if projections.is_empty() {
                return Err(EngineError::NoProjection { given: name.to_owned(), help });
            }
        }
        let (shared, projector) = (self.shared.clone(), self.projector.clone());
        std::thread::Builder::new()
            .name("novelo:build".into())
            .spawn(move || {
                let _open = shared.building.read();
                let site = Site { views: &shared.views, feed: &shared.feed, builds: &shared.builds };
                let result = site.rebuild(projections, &projector);
                if let Err(cause) = &result {
                    tracing::error!(%cause, "a projection could not be rebuilt; the old one goes on serving");
                }
                result
            })
            .map_err(|cause| EngineError::Io { path: "a thread".into(), cause })
    }
}

impl Drop for Novelo {
    fn drop(&mut self) {
        self.shared.builds.cancel_all();
    }
}

impl Shared {
    /// Fresh instances of every projection.
    fn all_projections(&self) -> Vec<Box<dyn Projection>> {
        let mut all = projections(&self.identity_rules, &self.blind_key, &self.vault, &self.views);
        all.extend(self.own_projections.iter().map(|make| make()));
        all
    }

    /// Builds what is new or of another version up to where the others serve, before anything is served.
    fn build_stale(&self, stale: Vec<&'static str>) -> Result<(), EngineError> {
        if stale.is_empty() {
            return Ok(());
        }
        tracing::info!(projections = ?stale, "projections are new or have changed; they are built from the log");
        let serving = self.views.checkpoint()?.next();
        let site = Site { views: &self.views, feed: &self.feed, builds: &self.builds };
        let mut projections = self.all_projections();
        projections.retain(|projection| stale.contains(&projection.name()));
        site.build_until(projections, serving)
    }

    /// The personal part of an event; `None` when its key was destroyed.
    pub(super) fn open(&self, event: &Event) -> Result<Option<Personal>, EngineError> {
        Ok(open_sealed(&self.vault, &self.views, event)?)
    }
}

/// Every projection, in the order in which they are applied.
fn projections(
    rules: &Arc<IdentityRules>,
    blind_key: &Arc<BlindKey>,
    vault: &Arc<Vault>,
    views: &Arc<Views>,
) -> Vec<Box<dyn Projection>> {
    let (vault, views) = (vault.clone(), views.clone());
    let open: Arc<Opener> = Arc::new(move |event: &Event| open_sealed(&vault, &views, event));
    vec![
        Box::new(Ids),
        Box::new(Strands::default()),
        Box::new(Timeline),
        Box::new(Edges::new(rules.clone())),
        Box::new(Lookups::default()),
        Box::new(Names::new(blind_key.clone(), open)),
        Box::new(Totals::default()),
    ]
}

fn open_sealed(vault: &Vault, views: &Views, event: &Event) -> Result<Option<Personal>, ViewError> {
    let failed = |reason: String| ViewError::Projection { projection: "vault", position: event.position.0, reason };
    let subject = &event.strand.subject;
    let key = match vault.key(subject, &Slots(views)).map_err(|cause| failed(cause.to_string()))? {
        KeyState::Live(key) => key,
        KeyState::Destroyed => return Ok(None),
        KeyState::Unknown => return Err(failed("the vault has no key for its strand; restore the vault".into())),
    };
    let plain = key.open(&event.header.id, subject, &event.sealed).map_err(|cause| failed(cause.to_string()))?;
    crate::event::codec::decode_personal(&plain)
        .map(Some)
        .map_err(|cause| ViewError::Event { position: event.position.0, cause })
}

/// The master key, and its file when it was made just now.
fn master_key(source: KeySource, folder: &Folder) -> Result<(MasterKey, Option<PathBuf>), EngineError> {
    match source {
        KeySource::Given(key) => Ok((key, None)),
        KeySource::File(path) => {
            let path = path.unwrap_or_else(|| folder.master_key());
            let may_make = !folder.vault().join("installation").exists();
            let (key, made) = MasterKey::load_or_create(&path, may_make)?;
            Ok((key, made.then_some(path)))
        }
    }
}

/// No two projections may have one name, nor own one table.
fn check_names(projections: &[Box<dyn Projection>]) -> Result<(), EngineError> {
    let mut seen = std::collections::HashSet::new();
    for projection in projections {
        let tables = projection.tables().iter().map(|table| format!("table {}", table.name));
        for name in tables.chain([format!("projection {}", projection.name())]) {
            if !seen.insert(name.clone()) {
                let problem =
                    Invalid::new("projections", format!("{name} is there twice"), "give each a name of its own");
                return Err(EngineError::Invalid(problem));
            }
        }
    }
    Ok(())
}

/// Opens the views in a thread that gives way, as do then the threads that write their tables out.
fn open_views(folder: &Folder, options: views::Options) -> Result<Views, EngineError> {
    let open = || {
        priority::give_way();
        Views::open(&folder.views(), options)
    };
    let opened = std::thread::scope(|scope| scope.spawn(open).join());
    Ok(opened.unwrap_or(Err(ViewError::Panicked))?)
}

/// The log must reach what the views have seen, and be the same log.
fn check_views(views: &Views, feed: &Feed) -> Result<(), EngineError> {
    let checkpoint = views.checkpoint()?;
    if checkpoint.next() > Position::ZERO {
        let watermark = Watermark { next: checkpoint.next(), hash: checkpoint.hash(), of: "the views".into() };
        check_watermark(&**feed.log(), &watermark)?;
    }
    Ok(())
}

/// When the last event was stored.
fn last_recorded_at(feed: &Feed) -> Result<crate::event::Micros, EngineError> {
    let Some(last) = feed.head().next.0.checked_sub(1) else { return Ok(crate::event::Micros(0)) };
    Ok(feed.log().chunk_at(Position(last))?.map(|chunk| chunk.recorded_at()).unwrap_or_default())
}
