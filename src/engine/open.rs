//! Opening a store: the log, the vault and the views, each checked against what the others have seen, and the views brought
//! up to the log's end before anything is served or taken.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::watch;

use super::admit::Admitter;
use super::archiving::Archiver;
use super::build::{Builds, Site};
use super::condition::Condition;
use super::courtesy::Courtesy;
use super::crew::Crew;
use super::error::EngineError;
use super::feed::Feed;
use super::folder::{Folder, KeySource};
use super::known::{Known, start_noting};
use super::known_ids::KnownIds;
use super::metrics::Metrics;
use super::notarizing;
use super::novelo::{Novelo, Shared};
use super::options::{Opened, Options};
use super::overlay::Overlay;
use super::priority;
use super::projections::all_projections;
use super::projector::{MakeProjections, Projector, Serving};
use super::seen;
use super::slots::{self, SIDE_TABLES};
use super::snapshots;
use super::status::Meter;
use super::tallies::Tallies;
use super::touched::Touched;
use super::writer::{Pressure, Queue, Writer};
use crate::event::{Invalid, Micros, Position};
use crate::identity::{BlindKey, Filing, IdentityKey};
use crate::log::{EventLog, ReopeningLog, SledSite, Watermark, check_watermark};
use crate::proof::Notary;
use crate::vault::{MasterKey, Slot, Vault};
use crate::views::{self, Projection, ViewError, Views};

impl Novelo {
    /// Opens the store in a folder: the log first, then the views, which are brought up to the log's end before this
    /// returns. `progress` is told how far they are: through which position, of which head.
    ///
    /// # Errors
    /// [`EngineError`] says which part cannot be opened, why, and what to do. A log that does not reach what the views
    /// have seen is refused.
    pub fn open(options: Options, mut progress: impl FnMut(Position, Position)) -> Result<(Self, Opened), EngineError> {
        let mut stages = Stages::begin();
        let folder = Folder::at(&options.folder)?;
        folder.refuse_other_things(&options.master_key)?;
        let lock = folder.lock()?;
        folder.check_whole()?;
        let is_new = !folder.log().exists();
        let (master_key, new_master_key) = master_key(options.master_key, &folder)?;
        let vault = Arc::new(Vault::open(&folder.vault(), &master_key)?);
        let keys_ms = stages.next();
        let log: Arc<dyn EventLog> = Arc::new(ReopeningLog::open(SledSite(folder.log()))?);
        let log_ms = stages.next();
        let known = check_known(&folder, &*log, &vault)?;
        let known_ms = stages.next();
        let views = Arc::new(open_views(&folder, options.views)?);
        let views_ms = stages.next();
        let notary = Arc::new(notary_of(&folder, &vault, log.clone())?);
        check_signed(&notary, &*log)?;
        let notary_ms = stages.next();
        let feed = Arc::new(Feed::new(log));
        let archiver = options.archive.map(|folder| Archiver::start(folder, feed.clone())).transpose()?;
        let identity_key = IdentityKey::new(*vault.secret().derive("novelo 2026 subject id v1").as_bytes());
        let blind_key = Arc::new(BlindKey::new(*vault.secret().derive("novelo 2026 blind index v1").as_bytes()));
        let identity_rules = Arc::new(options.identity);
        let projections = all_projections((&identity_rules, &blind_key, &vault, &views), &options.projections);
        check_names(&projections)?;
        if options.recount {
            views.discard_side(SIDE_TABLES)?;
        }
        let stale = prepare_views(&views, &projections, &vault, &feed, known.slots)?;
        feed.log().found_whole()?;
        let checked_ms = stages.next();
        let (projected, projected_now) = watch::channel(views.checkpoint()?.next());
        let (meter, condition) = (Arc::new(Meter::default()), Arc::new(Condition::default()));
        let own = options.projections.clone();
        let make_projections: MakeProjections = {
            let (rules, key, vault, views) = (identity_rules.clone(), blind_key.clone(), vault.clone(), views.clone());
            Box::new(move || all_projections((&rules, &key, &vault, &views), &own))
        };
        let (metrics, touched) = (Arc::new(Metrics::default()), Arc::new(Touched::default()));
        let shared = Shared {
            filing: Arc::new(Filing::new(identity_rules.clone(), identity_key.clone())),
            contexts: snapshots::cache(options.customers_cache_bytes / 3),
            seen: seen::cache(options.customers_cache_bytes / 3 * 2),
            touched: touched.clone(),
            courtesy: Courtesy::default(),
            context_rules: Arc::new(options.context),
            own_projections: options.projections,
            projected: projected_now,
            builds: Builds::default(),
            views: views.clone(),
            vault: vault.clone(),
            feed: feed.clone(),
            condition: condition.clone(),
            meter: meter.clone(),
            blind_key,
            identity_rules,
            identity_key: identity_key.clone(),
            metrics: metrics.clone(),
            _lock: lock,
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
            condition: condition.clone(),
            touched,
            make_projections,
            pressed_since: None,
        };
        let built_ms = stages.next();
        serving.follow_to_the_head(&mut progress)?;
        let followed_ms = stages.next();
        condition.seen(serving.checkpoint.next());
        let last_recorded_at = last_recorded_at(&feed)?;
        let thread = |cause| EngineError::Io { path: "a thread".into(), cause };
        let analyses = folder.analyses();
        let _noting = start_noting(folder, feed.clone(), vault.clone(), known).map_err(thread)?;
        let admitter = Admitter {
            known: KnownIds::new(views.clone(), feed.head().next.0),
            vault,
            views,
            feed: feed.clone(),
            condition,
            identity: identity_key,
            next: feed.head().next,
            last_recorded_at,
            overlay: Overlay::default(),
            crew: Crew::new(),
        };
        let _notarizing =
            notarizing::start(notary.clone(), feed.clone(), options.checkpoint_events.max(1)).map_err(thread)?;
        let followed = (shared.projected.clone(), shared.meter.clone());
        let queue = Queue { pressure, kilobytes: options.queue_mb.max(1) << 10 };
        let writer = Writer::start(admitter, feed, followed, queue, metrics).map_err(thread)?;
        let projector = Arc::new(Projector::start(serving).map_err(thread)?);
        let shared = Arc::new(shared);
        let started_ms = stages.next();
        let tallies = Tallies::start(shared.clone(), analyses, options.analyses)?;
        let analyses_ms = stages.next();
        tracing::debug!(
            keys_ms,
            log_ms,
            known_ms,
            views_ms,
            notary_ms,
            checked_ms,
            built_ms,
            events = caught_up,
            followed_ms,
            started_ms,
            analyses_ms,
            "opened, and the views brought to the log's end"
        );
        Ok((
            Self { writer, tallies, projector, archiver, _notarizing, notary, _noting, shared },
            Opened { is_new, new_master_key, caught_up },
        ))
    }
}

/// How long each part of opening took, for the operator who wonders why it takes long.
struct Stages(Instant);

impl Stages {
    fn begin() -> Self {
        Self(Instant::now())
    }

    /// Milliseconds since the last.
    fn next(&mut self) -> u128 {
        let taken = self.0.elapsed().as_millis();
        self.0 = Instant::now();
        taken
    }
}

impl Shared {
    /// Builds what is new or of another version up to where the others serve, before anything is served.
    fn build_stale(&self, stale: Vec<&'static str>) -> Result<(), EngineError> {
        if stale.is_empty() {
            return Ok(());
        }
        tracing::info!(projections = ?stale, "projections are new or have changed; they are built from the log");
        let serving = self.views.checkpoint()?.next();
        let site = Site { views: &self.views, feed: &self.feed };
        let mut projections = self.all_projections();
        projections.retain(|projection| stale.contains(&projection.name()));
        let begun = self.builds.begin(&projections)?;
        site.build_until(projections, begun, serving)
    }
}

/// The notary of a store that is not open: for signing and proving without views.
///
/// # Errors
/// [`EngineError`] when the vault or the checkpoints cannot be used, or the log is not what was signed.
pub fn notary(folder: &Folder, source: KeySource, log: Arc<dyn EventLog>) -> Result<Notary, EngineError> {
    folder.check_whole()?;
    let (master_key, _) = master_key(source, folder)?;
    let notary = notary_of(folder, &Vault::open(&folder.vault(), &master_key)?, log.clone())?;
    check_signed(&notary, &*log)?;
    Ok(notary)
}

/// The key that signs is derived from the installation's secret: it is wrapped by the master key as that is, comes with every
/// backup of the keys, and a restored store signs with the same.
fn notary_of(folder: &Folder, vault: &Vault, log: Arc<dyn EventLog>) -> Result<Notary, EngineError> {
    let seed = vault.secret().derive("novelo 2026 checkpoint signing key v1");
    Ok(Notary::open(&folder.checkpoints(), log, seed.as_bytes())?)
}

/// The log must reach what was signed last, and be the same log.
fn check_signed(notary: &Notary, log: &dyn EventLog) -> Result<(), EngineError> {
    if let Some(last) = notary.last() {
        let of = "the signed checkpoints".into();
        check_watermark(log, &Watermark { next: last.end.next, hash: last.end.hash, of })?;
    }
    Ok(())
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

/// The log and the keys must reach what was noted of them; every event was sealed with a key.
fn check_known(folder: &Folder, log: &dyn EventLog, vault: &Vault) -> Result<Known, EngineError> {
    let known = Known::of(folder)?;
    if known.head.next > Position::ZERO {
        check_watermark(log, &known.watermark())?;
    }
    let (have, least) = (vault.next_slot().0, u64::from(log.head().next > Position::ZERO));
    if have < known.slots.0.max(least) {
        return Err(EngineError::KeysMissing { have, want: known.slots.0.max(least) });
    }
    Ok(known)
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

/// Takes the views into service; which projections are to be built. Views that are found to be damaged are thrown away.
fn prepare_views(
    views: &Views,
    projections: &[Box<dyn Projection>],
    vault: &Vault,
    feed: &Feed,
    known: Slot,
) -> Result<Vec<&'static str>, EngineError> {
    let prepare = |stale: Result<Vec<&'static str>, ViewError>| {
        let stale = stale?;
        check_views(views, feed)?;
        slots::catch_up(vault, views, known)?;
        Ok(stale)
    };
    match prepare(views.serve(projections, SIDE_TABLES)) {
        Err(EngineError::View(cause)) if views::is_damage(&cause) => {
            prepare(views.open_anew(projections, SIDE_TABLES, Some(&cause)))
        }
        other => other,
    }
}

impl Serving {
    /// Applies everything up to the log's end. Views that are found to be damaged are thrown away, once.
    fn follow_to_the_head(&mut self, progress: &mut impl FnMut(Position, Position)) -> Result<(), EngineError> {
        let mut mended = false;
        loop {
            match self.step() {
                Ok(0) => return Ok(()),
                Ok(_) => progress(self.checkpoint.next(), self.feed.head().next),
                Err(cause) if self.views.damage().is_there() && !mended => {
                    mended = true;
                    self.open_anew(&cause)?;
                }
                Err(cause) => return Err(cause),
            }
        }
    }
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
fn last_recorded_at(feed: &Feed) -> Result<Micros, EngineError> {
    let Some(last) = feed.head().next.0.checked_sub(1) else { return Ok(Micros(0)) };
    Ok(feed.log().chunk_at(Position(last))?.map(|chunk| chunk.recorded_at()).unwrap_or_default())
}
