//! Analyses over events: the log from where they are to its head, in portions, counted by all processors.

use std::collections::HashMap;
use std::sync::Arc;

use super::tables::{CELLS, STATES, Standing, TROUBLES, cell_key, day_key, standing_key};
use super::work::{Bench, MOST_CELLS, panicked};
use crate::engine::error::EngineError;
use crate::event::{Kind, Position, codec};
use crate::log::Chunk;
use crate::tally::{Cell, Collected, Definition, Troubles, day_of};
use crate::views::Rows;

/// Events that are read at once.
const SEGMENT_EVENTS: usize = 32_768;
/// Events after which what was counted is written, and cells.
const WRITE_EVENTS: u64 = 1_000_000;
const WRITE_CELLS: usize = 100_000;

/// What was counted of some events: by day, for each analysis.
type Days = HashMap<i32, Vec<Collected>>;

/// Which analyses want events of which kinds.
struct Wants {
    definitions: Vec<Arc<Definition>>,
    /// By the number of a kind; for those that are not in it, `any`.
    by_kind: HashMap<u16, Vec<usize>>,
}

impl Wants {
    fn of(definitions: Vec<Arc<Definition>>) -> Self {
        let wanted: Vec<Option<Vec<u16>>> = definitions.iter().map(|definition| definition.kinds()).collect();
        let by = |code: u16| {
            let wants = |kinds: &Option<Vec<u16>>| kinds.as_ref().is_none_or(|kinds| kinds.contains(&code));
            wanted.iter().enumerate().filter(|(_, kinds)| wants(kinds)).map(|(at, _)| at).collect()
        };
        let by_kind = Kind::ALL.iter().map(|info| (info.code, by(info.code))).collect();
        Self { definitions, by_kind }
    }

    /// Counts the events of some chunks that lie within a range.
    fn count(&self, chunks: &[Chunk], from: Position, until: Position) -> Result<Days, EngineError> {
        let mut days = Days::new();
        for chunk in chunks {
            for (position, record) in chunk.records() {
                if position < from || position >= until {
                    continue;
                }
                let event = codec::decode(position, chunk.recorded_at(), record)
                    .map_err(|cause| EngineError::Event { position, cause })?;
                let Some(wanting) = self.by_kind.get(&event.kind.info().code).filter(|some| !some.is_empty()) else {
                    continue;
                };
                let fresh = || self.definitions.iter().cloned().map(Collected::new).collect();
                let collected = days.entry(day_of(event.header.occurred_at)).or_insert_with(fresh);
                wanting.iter().filter_map(|at| collected.get_mut(*at).map(|one| one.event(&event))).for_each(drop);
            }
        }
        Ok(days)
    }
}

fn merge(into: &mut Days, other: Days) {
    for (day, collected) in other {
        match into.get_mut(&day) {
            Some(known) => known.iter_mut().zip(collected).for_each(|(known, other)| known.merge(other)),
            None => {
                into.insert(day, collected);
            }
        }
    }
}

impl Bench {
    /// Counts the events from `from` on for some analyses that are all there, up to `until` or until enough were counted; where
    /// they are then.
    pub(super) fn count_events(
        &mut self,
        group: &[(Arc<Definition>, Standing)],
        from: u64,
        until: u64,
    ) -> Result<u64, EngineError> {
        let wants = Wants::of(group.iter().map(|(definition, _)| definition.clone()).collect());
        let (mut days, mut next) = (Days::new(), from);
        while next < until {
            self.stop.check()?;
            let chunks = self.shared.feed.read(Position(next), SEGMENT_EVENTS)?;
            let Some(end) = chunks.last().map(|chunk| chunk.end().0.min(until)) else { break };
            let work = |piece: &[Chunk]| Ok(vec![wants.count(piece, Position(next), Position(end))?]);
            let counted = self.crew.share(&chunks, 64, panicked, work)?;
            counted.into_iter().for_each(|some| merge(&mut days, some));
            next = end;
            let cells: usize = days.values().flatten().map(Collected::len).sum();
            if next - from >= WRITE_EVENTS || cells >= WRITE_CELLS {
                break;
            }
        }
        self.write_events(group, days, from, next)?;
        Ok(next)
    }

    /// Adds what was counted to the cells that are there, and notes how far the analyses are.
    fn write_events(
        &mut self,
        group: &[(Arc<Definition>, Standing)],
        days: Days,
        from: u64,
        through: u64,
    ) -> Result<(), EngineError> {
        let mut batch = self.shared.views.batch(1_024)?;
        let tables = batch.serving();
        let mut rows = batch.rows(&tables);
        let mut standings: Vec<Standing> =
            group.iter().map(|(_, standing)| Standing { through, ..standing.clone() }).collect();
        for (day, collected) in days {
            for (one, standing) in collected.into_iter().zip(&mut standings) {
                let id = one.definition().id();
                let (cells, troubles) = one.into_parts();
                if cells.len() > MOST_CELLS {
                    standing.failed.get_or_insert_with(|| too_many(day));
                    continue;
                }
                let mut new = 0;
                for (spot, mut cell) in cells {
                    let key = cell_key(id, day, &spot);
                    // What is counted from the first event on in one go finds nothing.
                    match if from > 0 { rows.get_packed::<Cell>(CELLS, &key)? } else { None } {
                        Some(known) => cell.merge(known),
                        None => new += 1,
                    }
                    rows.put_packed(CELLS, &key, &cell)?;
                }
                standing.cells += new as u64;
                if new > 0 && standing.cells > MOST_CELLS as u64 {
                    let before = rows.prefix(CELLS, &day_key(id, day))?.len();
                    if before + new > MOST_CELLS {
                        standing.failed.get_or_insert_with(|| too_many(day));
                    }
                }
                add_troubles(&mut rows, id, day, troubles)?;
            }
        }
        for ((definition, _), standing) in group.iter().zip(&standings) {
            rows.put_packed(STATES, &standing_key(definition.id()), standing)?;
        }
        Ok(batch.commit()?)
    }
}

fn add_troubles(rows: &mut Rows<'_>, id: u64, day: i32, mut troubles: Troubles) -> Result<(), EngineError> {
    if !troubles.is_empty() {
        let key = day_key(id, day);
        if let Some(known) = rows.get_packed::<Troubles>(TROUBLES, &key)? {
            troubles.merge(known);
        }
        rows.put_packed(TROUBLES, &key, &troubles)?;
    }
    Ok(())
}

/// Why an analysis is given up.
pub(super) fn too_many(day: i32) -> String {
    let date = jiff::Timestamp::from_second(i64::from(day) * 86_400).map(|at| at.to_string());
    let date = date.unwrap_or_default().chars().take(10).collect::<String>();
    format!(
        "has more than {MOST_CELLS} groups on {date}: group by something with fewer values, or count it with distinct(…)"
    )
}
