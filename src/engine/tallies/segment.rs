//! Analyses over events: the log from where they are to its head, in portions, counted by all processors.

use std::collections::HashMap;
use std::sync::Arc;

use super::counts::{Counts, Pool};
use super::spill::Spill;
use super::tables::{PAGED, STATES, Standing};
use super::work::{Bench, panicked};
use crate::engine::courtesy::Courtesy;
use crate::engine::error::EngineError;
use crate::engine::feed::Feed;
use crate::event::{Event, Kind, Position, codec};
use crate::log::{Chunk, LogError};
use crate::tally::Definition;

/// Events that are read at once.
const SEGMENT_EVENTS: usize = 32_768;
/// Of which so many without letting others go first: it takes half a millisecond.
const STEP_EVENTS: usize = 1_024;
/// Events after which what was counted is written, and cells.
const WRITE_EVENTS: u64 = 2_000_000;
const WRITE_CELLS: usize = 100_000;
/// Pieces that what was read is cut into.
const PIECES: usize = 16;

/// Which analyses want events of which kinds.
struct Wants(HashMap<u16, Vec<usize>>);

impl Wants {
    fn of(definitions: &[Arc<Definition>]) -> Self {
        let wanted: Vec<Option<Vec<u16>>> = definitions.iter().map(|definition| definition.kinds()).collect();
        let by = |code: u16| {
            let wants =
                |(_, kinds): &(usize, &Option<Vec<u16>>)| kinds.as_ref().is_none_or(|kinds| kinds.contains(&code));
            wanted.iter().enumerate().filter(wants).map(|(at, _)| at).collect()
        };
        Self(Kind::ALL.iter().map(|info| (info.code, by(info.code))).collect())
    }

    /// Counts an event.
    fn count(&self, event: &Event, counts: &mut Counts) {
        let wanting = self.0.get(&event.kind.info().code).into_iter().flatten();
        wanting.for_each(|at| counts.event(*at, event));
    }

    /// Counts the events of some chunks that lie within a range.
    fn count_chunks(
        &self,
        chunks: &[Chunk],
        (from, until): (Position, Position),
        counts: &mut Counts,
        spill: Option<&Spill>,
        courtesy: &Courtesy,
    ) -> Result<(), EngineError> {
        for chunk in chunks {
            courtesy.give_way();
            for (position, record) in chunk.records().filter(|(position, _)| (from..until).contains(position)) {
                let (event, sealed) = codec::decode_clear(position, chunk.recorded_at(), record)
                    .map_err(|cause| EngineError::Event { position, cause })?;
                self.count(&event, counts);
                if let Some(spill) = spill {
                    spill.add(&event, sealed.len(), record)?;
                }
            }
        }
        Ok(())
    }
}

/// The chunks of a segment, or fewer where the log ends; read in steps, between which others go first.
fn read_segment(feed: &Feed, mut next: Position, courtesy: &Courtesy) -> Result<Vec<Chunk>, LogError> {
    let end = next.plus(SEGMENT_EVENTS as u64);
    let mut segment = Vec::new();
    while next < end {
        courtesy.give_way();
        let some = feed.read(next, STEP_EVENTS)?;
        let Some(last) = some.last() else { break };
        next = last.end();
        segment.extend(some);
    }
    Ok(segment)
}

impl Bench {
    /// Counts the events from `from` on for some analyses that are all there, up to `until` or until enough were counted; where
    /// they are then. A pass that is there as well has its events sorted out by customers meanwhile.
    pub(super) fn count_events(
        &mut self,
        group: &[(Arc<Definition>, Standing)],
        from: u64,
        until: u64,
        mut spill: Option<Spill>,
    ) -> Result<u64, EngineError> {
        let definitions: Vec<Arc<Definition>> = group.iter().map(|(definition, _)| definition.clone()).collect();
        let (wants, pool, mut next) = (Wants::of(&definitions), Pool::new(definitions), from);
        let until = spill.as_ref().map_or(until, |spill| spill.through());
        let courtesy = self.shared.courtesy.clone();
        let read_on = |next: u64| match next < until && next - from < WRITE_EVENTS {
            true => read_segment(&self.shared.feed, Position(next), &courtesy),
            false => Ok(Vec::new()),
        };
        let mut chunks = read_on(next)?;
        while let Some(end) = chunks.last().map(|chunk| chunk.end().0.min(until)) {
            self.stop.check()?;
            let within = (Position(next), Position(end));
            let work = |piece: &[Chunk]| {
                pool.with(|counts| wants.count_chunks(piece, within, counts, spill.as_ref(), &courtesy))
            };
            let pieces = chunks.chunks(chunks.len().div_ceil(PIECES));
            let (counted, read) = self.crew.each_and(pieces, panicked, work, || read_on(end));
            counted?;
            next = end;
            if pool.cells() >= WRITE_CELLS {
                break;
            }
            chunks = read?;
        }
        let standings = group.iter().map(|(_, standing)| Standing { through: next, ..standing.clone() }).collect();
        let mut batch = self.shared.views.batch(1_024)?;
        let tables = batch.serving();
        pool.merged().write(&mut batch.rows(&tables), standings)?;
        if let Some(spill) = &mut spill {
            let index = spill.advance(next)?;
            let mut paged = self.paged()?;
            if let Some(pass) = &mut paged.pass {
                (pass.spilt, pass.index) = (next, Some(index));
            }
            batch.rows(&tables).put_packed(STATES, PAGED, &paged)?;
        }
        batch.commit()?;
        if spill.is_some() {
            self.spill = spill;
        }
        Ok(next)
    }
}
