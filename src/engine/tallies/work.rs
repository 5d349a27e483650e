//! The thread that keeps analyses: it follows the log at its own pace, and builds what is new beside what serves.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::pour::Pour;
use super::progress::{Pace, Pulse};
use super::shelf::{Shelf, Wanted};
use super::spill::Spill;
use super::status::waiting;
use super::tables::{
    CELLS, DUE, LAID_OUT, LAYOUT, PAGED, POSTS, Paged, Posts, STATES, Standing, TABLES, TROUBLES, posts_key,
    standing_key,
};
use crate::engine::crew::Crew;
use crate::engine::error::EngineError;
use crate::engine::follower::{Follower, Stop};
use crate::engine::novelo::Shared;
use crate::engine::priority;
use crate::engine::shifts::shift;
use crate::event::Position;
use crate::tally::{Definition, Over, RowRules};
use crate::views::{Reader, RowBytes};

/// Most groups of one analysis on one day.
pub(super) const MOST_CELLS: usize = 20_000;
/// How long the thread rests between two rounds while it only follows, at least; and how many times as long as the round took.
const RESTS: Duration = Duration::from_millis(400);
const RESTS_TIMES: u32 = 2;
/// How long it waits after something failed.
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// Cells of an analysis that nobody wants any more, which are removed at once.
const REMOVED_AT_ONCE: usize = 5_000;

/// What the thread works with.
pub(super) struct Bench {
    pub(super) shared: Arc<Shared>,
    pub(super) shelf: Arc<Shelf>,
    pub(super) pulse: Arc<Pulse>,
    pub(super) crew: Crew,
    pub(super) rules: RowRules,
    /// What a pass is made with.
    pub(super) spill: Option<Spill>,
    pub(super) spill_path: PathBuf,
    pour: Pour,
    pub(super) stop: Stop,
}

/// Every analysis that is kept, as a round finds it.
struct Kept {
    definition: Arc<Definition>,
    standing: Standing,
}

/// Starts the thread.
pub(super) fn start(
    shared: Arc<Shared>,
    shelf: Arc<Shelf>,
    pulse: Arc<Pulse>,
    spill_path: PathBuf,
) -> std::io::Result<Follower> {
    Follower::start("novelo:tally", move |stop| {
        priority::come_last();
        let crew = Crew::that_comes_last();
        let rules = RowRules::default();
        Bench { shared, shelf, pulse, crew, rules, spill: None, spill_path, pour: Pour::default(), stop }.follow();
    })
}

/// What a panic of the crew is told as.
pub(super) fn panicked() -> EngineError {
    EngineError::Stopped("counting panicked".into())
}

impl Bench {
    fn follow(mut self) {
        if self.paged().is_ok_and(|paged| paged.pass.is_none()) {
            self.end_pass();
        }
        let mut told = String::new();
        while !self.stop.is_set() {
            let last = shift(|| self.rounds(&mut told));
            self.crew.rest();
            if let Some((asked, took)) = last {
                if let Err(cause) = self.shared.views.settle() {
                    tracing::warn!(%cause, "the rows of analyses in memory could not be written out; they stay there");
                }
                self.rest(asked, took);
            }
        }
    }

    /// One round after the other, until there is nothing more to do at once: what had been asked for before the last one, and how
    /// long it took. `None` once the thread is to stop.
    fn rounds(&mut self, told: &mut String) -> Option<(u64, Duration)> {
        while !self.stop.is_set() {
            let asked = self.pulse.asked();
            let started = Instant::now();
            match self.round() {
                Ok(goes_on) => {
                    told.clear();
                    if !goes_on {
                        return Some((asked, started.elapsed()));
                    }
                }
                Err(_) if self.stop.is_set() => return None,
                Err(cause) => {
                    // Views that are opened anew pass; anything else is told once.
                    let cause = cause.to_string();
                    if cause != *told {
                        tracing::warn!(%cause, "analyses are not kept for now");
                        *told = cause;
                    }
                    self.stop.pause(AFTER_FAILURE);
                }
            }
        }
        None
    }

    /// Rests, then waits until there is something to do.
    fn rest(&mut self, asked: u64, took: Duration) {
        self.stop.pause(RESTS.max(took * RESTS_TIMES));
        let through = self.pulse.followed();
        let mut asks = self.pulse.watch_asked();
        let mut projected = self.shared.projected.clone();
        self.stop.wait_for(async move {
            let asked = std::pin::pin!(asks.wait_for(|now| *now != asked));
            let events = std::pin::pin!(projected.wait_for(|now| *now > through));
            // Which of them it was shows in the next round.
            let _ = futures_util::future::select(asked, events).await;
        });
    }

    /// Empties the tables when they are of another layout.
    fn lay_out(&mut self) -> Result<(), EngineError> {
        let laid_out = self.shared.views.latest(STATES, LAID_OUT)?;
        if laid_out.is_some_and(|layout| *layout == LAYOUT.to_be_bytes()) {
            return Ok(());
        }
        // How far everything is goes first: whoever asks meanwhile is told that it is being counted.
        for table in TABLES.iter().rev() {
            loop {
                self.stop.check()?;
                let reader = self.shared.views.reader()?;
                let some = reader.prefix(table.name, &[])?.take(REMOVED_AT_ONCE);
                let some = some.map(|row| row.map(|(key, _)| key)).collect::<Result<Vec<RowBytes>, _>>()?;
                if some.is_empty() {
                    break;
                }
                let mut batch = self.shared.views.batch(some.len())?;
                let tables = batch.serving();
                some.iter().try_for_each(|key| batch.rows(&tables).delete(table.name, key))?;
                batch.commit()?;
            }
        }
        let mut batch = self.shared.views.batch(1)?;
        let tables = batch.serving();
        batch.rows(&tables).put(STATES, LAID_OUT, &LAYOUT.to_be_bytes())?;
        Ok(batch.commit()?)
    }

    /// One round; whether there is more to do at once.
    fn round(&mut self) -> Result<bool, EngineError> {
        self.lay_out()?;
        if self.paged()?.pass.is_none() {
            self.settle()?;
        }
        let head = *self.shared.projected.borrow();
        let started = Instant::now();
        let pass = self.paged()?.pass.is_some();
        let arrived = self.shared.feed.head().next;
        let waits = self.pour.waits(arrived, arrived.since(head), started) && !pass;
        // What was made is counted first: so each time it is, answers are as far as the pages.
        let is_counted = pass || waiting(&self.shared.views.reader()?, 0)? == 0;
        let turned = if is_counted && !waits { self.turn_pages()? } else { 0 };
        let paging = self.paged()?.pass.is_some();
        self.pulse.note(Pace::Pages, turned, started.elapsed());
        let (kept, dropped) = self.kept()?;
        let behind = self.follow_log(&kept, head)?;
        let mut left = 0;
        if !paging {
            let of_rows: Vec<Arc<Definition>> = (kept.iter())
                .filter(|one| one.definition.over() != Over::Events && one.standing.failed.is_none())
                .map(|one| one.definition.clone())
                .collect();
            let started = Instant::now();
            let (counted, pages) = self.count_days(&of_rows)?;
            self.pulse.note(Pace::Days, pages, started.elapsed());
            left = counted;
            self.note_counted()?;
        }
        self.take_over(paging, head)?;
        let removing = self.remove_some(&dropped)?;
        let more = paging || behind || left > 0;
        self.pulse.beat(if more || waits { None } else { Some(head) });
        Ok(more || removing)
    }

    /// Puts what is wanted to work: begins the builds of new versions, forgets what is not wanted.
    fn settle(&mut self) -> Result<(), EngineError> {
        let reader = self.shared.views.reader()?;
        let wanted = self.shelf.wanted();
        let mut batch = self.shared.views.batch(16)?;
        let tables = batch.serving();
        let mut rows = batch.rows(&tables);
        let mut changed = false;
        for wanted in &wanted {
            let Some(name) = wanted.first().map(|definition| definition.name()) else { continue };
            let stored: Option<Posts> = reader.get_packed(STATES, &posts_key(name))?;
            let before = stored.clone().unwrap_or_default();
            let mut posts = before.clone();
            posts.serving = posts.serving.filter(|id| self.shelf.known(*id).is_some());
            posts.previous = posts.previous.filter(|id| self.shelf.known(*id).is_some());
            let Some((definition, held)) = next_of(wanted, &posts) else { continue };
            let id = definition.id();
            let waits = |building: &u64| wanted.waits.as_ref().is_some_and(|waits| waits.id() == *building);
            let is_there = posts.previous == Some(id);
            if posts.serving == Some(id) {
                posts.building = None;
            } else if is_there && !held {
                let building = posts.building.filter(waits);
                (posts.serving, posts.previous, posts.building) = (Some(id), posts.serving, building);
            } else if is_there {
                (posts.previous, posts.building) = (None, Some(id));
            } else if posts.building != Some(id) {
                posts.building = Some(id);
                let days = match definition.over() {
                    Over::Events => 0,
                    Over::Contacts | Over::Cases | Over::Conversations | Over::Transitions | Over::Visits => {
                        self.want_all_days(&reader, &mut rows, id)?
                    }
                };
                rows.put_packed(STATES, &standing_key(id), &Standing { days, ..Standing::default() })?;
            }
            posts.held = posts.building.as_ref().is_some_and(waits);
            if posts != before || stored.is_none() {
                rows.put_packed(STATES, &posts_key(name), &posts)?;
                changed = true;
            }
        }
        for (name, _) in self.all_posts(&reader)? {
            if !wanted.iter().filter_map(Wanted::first).any(|definition| definition.name() == name) {
                rows.delete(STATES, &posts_key(&name))?;
                changed = true;
            }
        }
        if changed {
            batch.commit()?;
        }
        Ok(())
    }

    /// Which analyses there are by each name.
    fn all_posts(&self, reader: &Reader) -> Result<BTreeMap<String, Posts>, EngineError> {
        let mut all = BTreeMap::new();
        for row in reader.prefix(STATES, POSTS)? {
            let (key, _) = row?;
            let name = String::from_utf8_lossy(key.get(POSTS.len()..).unwrap_or_default()).into_owned();
            let posts = reader.get_packed(STATES, &key)?.unwrap_or_default();
            all.insert(name, posts);
        }
        Ok(all)
    }

    /// Every analysis that is kept; and the ids of those that have a standing and are not.
    fn kept(&self) -> Result<(Vec<Kept>, Vec<u64>), EngineError> {
        let reader = self.shared.views.reader()?;
        let ids: Vec<u64> = self.all_posts(&reader)?.values().flat_map(Posts::all).collect();
        let mut kept = Vec::with_capacity(ids.len());
        for id in &ids {
            if let Some(definition) = self.shelf.known(*id) {
                let standing = reader.get_packed(STATES, &standing_key(*id))?.unwrap_or_default();
                kept.push(Kept { definition, standing });
            }
        }
        let mut dropped = Vec::new();
        for row in reader.prefix(STATES, b"is/")? {
            let key = row?.0;
            let id = key.get(3..11).and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes);
            dropped.extend(id.filter(|id| !ids.contains(id)));
        }
        Ok((kept, dropped))
    }

    /// Brings the analyses over events on: those that serve to the head, those that are built by a portion; whether any is
    /// behind.
    fn follow_log(&mut self, kept: &[Kept], head: Position) -> Result<bool, EngineError> {
        let mut groups: BTreeMap<u64, Vec<(Arc<Definition>, Standing)>> = BTreeMap::new();
        for one in kept.iter().filter(|one| one.definition.over() == Over::Events && one.standing.failed.is_none()) {
            groups.entry(one.standing.through).or_default().push((one.definition.clone(), one.standing.clone()));
        }
        let spilt = self.spill.as_ref().filter(|spill| !spill.is_complete()).map(Spill::next);
        if let Some(spilt) = spilt {
            groups.entry(spilt).or_default();
        }
        let mut behind = false;
        // The furthest first: they serve.
        for (from, group) in groups.iter().rev().filter(|(from, _)| **from < head.0) {
            let started = Instant::now();
            let spill = if Some(*from) == spilt { self.spill.take() } else { None };
            let next = self.count_events(group, *from, head.0, spill)?;
            self.pulse.note(Pace::Events, next - from, started.elapsed());
            behind |= next < head.0;
        }
        Ok(behind)
    }

    /// Notes that the pages are counted as far as they are made, once every day is.
    fn note_counted(&self) -> Result<(), EngineError> {
        let paged = self.paged()?;
        if paged.counted == paged.through || waiting(&self.shared.views.reader()?, 0)? > 0 {
            return Ok(());
        }
        self.save(&Paged { counted: paged.through, ..paged })
    }

    /// Has every build that is complete serve, each at once.
    fn take_over(&mut self, paging: bool, head: Position) -> Result<(), EngineError> {
        let reader = self.shared.views.reader()?;
        let waiting_for_all = paging || waiting(&reader, 0)? > 0;
        let mut batch = self.shared.views.batch(16)?;
        let tables = batch.serving();
        let mut rows = batch.rows(&tables);
        let mut changed = false;
        for (name, mut posts) in self.all_posts(&reader)? {
            let Some(id) = posts.building else { continue };
            let Some(definition) = self.shelf.known(id) else { continue };
            let standing: Standing = reader.get_packed(STATES, &standing_key(id))?.unwrap_or_default();
            let complete = match definition.over() {
                // What came in this very moment it follows together with the others.
                Over::Events => standing.through >= self.serving_through(&reader, &posts)?.unwrap_or(head.0),
                Over::Contacts | Over::Cases | Over::Conversations | Over::Transitions | Over::Visits => {
                    !waiting_for_all && waiting(&reader, id)? == 0
                }
            };
            if complete && standing.failed.is_none() && !posts.held {
                posts = Posts {
                    serving: Some(id),
                    previous: posts.serving.or(posts.previous),
                    building: None,
                    held: false,
                };
                rows.put_packed(STATES, &posts_key(&name), &posts)?;
                changed = true;
            }
            if complete && !standing.built {
                rows.put_packed(STATES, &standing_key(id), &Standing { built: true, ..standing })?;
                changed = true;
            }
        }
        if changed {
            batch.commit()?;
        }
        Ok(())
    }

    /// How far the one that serves is, when it goes over events.
    fn serving_through(&self, reader: &Reader, posts: &Posts) -> Result<Option<u64>, EngineError> {
        let Some(definition) = posts.serving.and_then(|id| self.shelf.known(id)) else { return Ok(None) };
        if definition.over() != Over::Events {
            return Ok(None);
        }
        let standing: Option<Standing> = reader.get_packed(STATES, &standing_key(definition.id()))?;
        Ok(standing.map(|standing| standing.through))
    }

    /// Removes some cells of analyses that are not kept any more; whether there are more.
    fn remove_some(&mut self, dropped: &[u64]) -> Result<bool, EngineError> {
        let Some(id) = dropped.first() else { return Ok(false) };
        let reader = self.shared.views.reader()?;
        let prefix = id.to_be_bytes();
        let some = |table| -> Result<Vec<RowBytes>, EngineError> {
            Ok(reader
                .prefix(table, &prefix)?
                .take(REMOVED_AT_ONCE)
                .map(|row| row.map(|(key, _)| key))
                .collect::<Result<_, _>>()?)
        };
        let (cells, troubles, due) = (some(CELLS)?, some(TROUBLES)?, some(DUE)?);
        let mut batch = self.shared.views.batch(cells.len())?;
        let tables = batch.serving();
        let mut rows = batch.rows(&tables);
        cells.iter().try_for_each(|key| rows.delete(CELLS, key))?;
        troubles.iter().try_for_each(|key| rows.delete(TROUBLES, key))?;
        due.iter().try_for_each(|key| rows.delete(DUE, key))?;
        if cells.len() < REMOVED_AT_ONCE {
            rows.delete(STATES, &standing_key(*id))?;
        }
        batch.commit()?;
        Ok(cells.len() == REMOVED_AT_ONCE || dropped.len() > 1)
    }
}

/// What is to be built next of an analysis, if it does not serve already, and whether it waits then: first what is to serve, then what
/// waits.
fn next_of<'a>(wanted: &'a Wanted, posts: &Posts) -> Option<(&'a Arc<Definition>, bool)> {
    let waits = wanted.waits.as_ref().map(|waits| (waits, true));
    match &wanted.serves {
        Some(serves) if posts.serving != Some(serves.id()) => Some((serves, false)),
        Some(serves) => waits.or(Some((serves, false))),
        None => waits,
    }
}

/// How far the pages are, in a reader's picture.
pub(super) fn paged_in(reader: &Reader) -> Result<Paged, EngineError> {
    Ok(reader.get_packed(STATES, PAGED)?.unwrap_or_default())
}
