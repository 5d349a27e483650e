//! The thread that keeps analyses: it follows the log at its own pace, and builds what is new beside what serves.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::pour::Pour;
use super::progress::{Pace, Pulse};
use super::shelf::Shelf;
use super::spill::Spill;
use super::status::waiting;
use super::tables::{LAID_OUT, LAYOUT, PAGED, Paged, STATES, Standing, TABLES};
use super::versions::Kept;
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
pub(super) const REMOVED_AT_ONCE: usize = 5_000;

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
}

/// How far the pages are, in a reader's picture.
pub(super) fn paged_in(reader: &Reader) -> Result<Paged, EngineError> {
    Ok(reader.get_packed(STATES, PAGED)?.unwrap_or_default())
}
