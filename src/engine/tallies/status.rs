//! What is told of each analysis: where it stands, and how far it is.

use std::sync::Arc;

use super::Tallies;
use super::progress::Pace;
use super::shelf::Wanted;
use super::tables::{DUE, PARTS, Posts, STATES, Standing, TROUBLES, posts_key, standing_key};
use super::work::paged_in;
use crate::engine::error::EngineError;
use crate::event::Position;
use crate::tally::{Definition, Over, Troubles};
use crate::views::Reader;

/// Where an analysis stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It follows the log.
    Live,
    /// It answers, and is behind the log.
    CatchingUp,
    /// It is counted for the first time.
    Building,
    /// It is complete and waits for somebody to have it serve.
    Ready,
    /// It could not be counted.
    Failed,
}

/// The part of a build's time that its pass over all customers takes; the rest is for counting the days.
const SHARE_OF_PASS: f64 = 0.8;

/// How far what is being built may be said to be before it is done.
const ALMOST_DONE: f64 = 0.99;

impl Phase {
    /// `live`, `catching_up`, `building`, `ready` or `failed`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::CatchingUp => "catching_up",
            Self::Building => "building",
            Self::Ready => "ready",
            Self::Failed => "failed",
        }
    }
}

/// What is told of an analysis.
#[derive(Clone, Debug)]
pub struct AnalysisStatus {
    /// Which.
    pub definition: Arc<Definition>,
    /// Whether it comes with the store.
    pub built_in: bool,
    /// Where it stands.
    pub phase: Phase,
    /// Events before this position are counted.
    pub through: Position,
    /// How far it is, from 0 to 1.
    pub progress: f64,
    /// Events, or pages of rows, that are counted in a second of work.
    pub rows_per_second: f64,
    /// How long the rest takes at that speed, in milliseconds.
    pub eta_ms: Option<f64>,
    /// Rows that could not be counted.
    pub troubles: Troubles,
    /// Why it could not be counted at all.
    pub failed: Option<String>,
    /// The version that is built beside it.
    pub building: Option<Box<AnalysisStatus>>,
    /// The version of before, which can be brought back at once.
    pub previous: Option<u32>,
}

/// How far something is: done, of how much, and how fast.
type Way = (f64, f64, f64);

impl Tallies {
    /// What is told of every analysis, those of the store first.
    ///
    /// # Errors
    /// [`EngineError`] when the views cannot be read.
    pub fn all(&self) -> Result<Vec<AnalysisStatus>, EngineError> {
        let reader = self.shared.views.reader()?;
        self.shelf.wanted().iter().filter_map(|wanted| self.named(&reader, wanted).transpose()).collect()
    }

    /// What is told of one; `None` when there is none of this name.
    ///
    /// # Errors
    /// As [`Tallies::all`].
    pub fn one(&self, name: &str) -> Result<Option<AnalysisStatus>, EngineError> {
        let reader = self.shared.views.reader()?;
        let wanted = self.shelf.wanted_of(name);
        wanted.map(|wanted| self.named(&reader, &wanted)).transpose().map(Option::flatten)
    }

    fn named(&self, reader: &Reader, wanted: &Wanted) -> Result<Option<AnalysisStatus>, EngineError> {
        let Some(first) = wanted.first() else { return Ok(None) };
        let posts: Posts = reader.get_packed(STATES, &posts_key(first.name()))?.unwrap_or_default();
        let known = |id: Option<u64>| id.and_then(|id| self.shelf.known(id));
        let mut status = match known(posts.serving) {
            Some(serving) => self.status_of(reader, &serving, true)?,
            None => self.status_of(reader, first, true)?,
        };
        if let Some(next) = wanted.all().find(|next| next.id() != status.definition.id()) {
            let mut building = self.status_of(reader, next, posts.building == Some(next.id()))?;
            building.built_in = wanted.built_in;
            status.building = Some(Box::new(building));
        }
        status.built_in = wanted.built_in;
        status.previous = known(posts.previous).map(|previous| previous.version());
        Ok(Some(status))
    }

    /// Where a version stands; one that is not `kept` is not begun.
    pub(super) fn status_of(
        &self,
        reader: &Reader,
        definition: &Arc<Definition>,
        kept: bool,
    ) -> Result<AnalysisStatus, EngineError> {
        let id = definition.id();
        let posts: Posts = reader.get_packed(STATES, &posts_key(definition.name()))?.unwrap_or_default();
        let standing: Option<Standing> = reader.get_packed(STATES, &standing_key(id))?;
        // Until the work has taken it up there is nothing to go by.
        let begun = kept && standing.is_some();
        let standing = standing.unwrap_or_default();
        let head = reader.checkpoint()?.next();
        let over_events = definition.over() == Over::Events;
        let through = if over_events { Position(standing.through) } else { Position(paged_in(reader)?.counted) };
        let (done, of, speed) = match (begun, over_events) {
            (false, _) => (0.0, 1.0, 0.0),
            (true, true) => (standing.through as f64, head.0 as f64, self.pulse.per_second(Pace::Events)),
            (true, false) => self.rows_way(reader, id, &standing, head)?,
        };
        let phase = match &standing.failed {
            Some(_) => Phase::Failed,
            None if posts.serving != Some(id) && standing.built && posts.building == Some(id) => Phase::Ready,
            None if !standing.built || !kept => Phase::Building,
            None if through < head => Phase::CatchingUp,
            None => Phase::Live,
        };
        let progress = if of > 0.0 { (done / of).clamp(0.0, 1.0) } else { 1.0 };
        let progress = match phase {
            Phase::Live => 1.0,
            // What is left at the end, such as taking its place, is no days and no events.
            Phase::Building => progress.min(ALMOST_DONE),
            Phase::CatchingUp | Phase::Ready | Phase::Failed => progress,
        };
        let eta_ms = (speed > 0.0).then(|| (of - done).max(0.0) / speed * 1_000.0);
        Ok(AnalysisStatus {
            definition: definition.clone(),
            built_in: false,
            phase,
            through,
            progress,
            rows_per_second: speed,
            eta_ms,
            troubles: troubles(reader, id)?,
            failed: standing.failed,
            building: None,
            previous: None,
        })
    }

    /// How far the rows are made, and the days counted: in events, as each day has as many as another.
    fn rows_way(&self, reader: &Reader, id: u64, standing: &Standing, head: Position) -> Result<Way, EngineError> {
        let events = head.0 as f64;
        let (pages, days) = (self.pulse.per_second(Pace::Pages), self.pulse.per_second(Pace::Days));
        let paged = paged_in(reader)?;
        if let Some(pass) = paged.pass {
            // To sort the events out takes about as long as to make rows of them.
            let (spilt, made) =
                (pass.spilt as f64 / pass.through.max(1) as f64, f64::from(pass.next) / f64::from(PARTS));
            return Ok(((spilt + made) / 2.0 * SHARE_OF_PASS * events, events, pages));
        }
        if paged.through == 0 {
            return Ok((0.0, events, pages));
        }
        let left = waiting(reader, id)? + waiting(reader, 0)?;
        let all = standing.days.max(left).max(1) as f64;
        // Where there were no days yet when it began, their rows had to be made first.
        let before = if standing.built || standing.days > 0 { 0.0 } else { SHARE_OF_PASS };
        let done = before + (1.0 - before) * (1.0 - left as f64 / all);
        Ok((events * done, events, if left > 0 { days } else { pages }))
    }
}

/// How many days wait to be counted, for one analysis or, as 0, for all.
pub(super) fn waiting(reader: &Reader, id: u64) -> Result<u64, EngineError> {
    let mut left = 0;
    for row in reader.prefix(DUE, &id.to_be_bytes())? {
        row?;
        left += 1;
    }
    Ok(left)
}

fn troubles(reader: &Reader, id: u64) -> Result<Troubles, EngineError> {
    let mut all = Troubles::default();
    for row in reader.prefix(TROUBLES, &id.to_be_bytes())? {
        let (_, bytes) = row?;
        all.merge(crate::event::codec::unpack(&bytes).map_err(|_| super::pages::broken(TROUBLES))?);
    }
    Ok(all)
}
