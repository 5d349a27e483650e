//! Analyses over events: the log from where they are to its head, in portions, counted by all processors.

use std::collections::HashMap;
use std::sync::Arc;

use super::counts::{Counts, Pool};
use super::tables::Standing;
use super::work::{Bench, panicked};
use crate::engine::error::EngineError;
use crate::event::{Event, Kind, Position, codec};
use crate::log::Chunk;
use crate::tally::Definition;

/// Events that are read at once.
const SEGMENT_EVENTS: usize = 65_536;
/// Events after which what was counted is written, and cells.
const WRITE_EVENTS: u64 = 2_000_000;
const WRITE_CELLS: usize = 100_000;

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
    ) -> Result<(), EngineError> {
        for chunk in chunks {
            for (position, record) in chunk.records().filter(|(position, _)| (from..until).contains(position)) {
                let event = codec::decode(position, chunk.recorded_at(), record)
                    .map_err(|cause| EngineError::Event { position, cause })?;
                self.count(&event, counts);
            }
        }
        Ok(())
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
        let definitions: Vec<Arc<Definition>> = group.iter().map(|(definition, _)| definition.clone()).collect();
        let (wants, pool, mut next) = (Wants::of(&definitions), Pool::new(definitions), from);
        while next < until {
            self.stop.check()?;
            let chunks = self.shared.feed.read(Position(next), SEGMENT_EVENTS)?;
            let Some(end) = chunks.last().map(|chunk| chunk.end().0.min(until)) else { break };
            let within = (Position(next), Position(end));
            let work = |piece: &[Chunk]| {
                pool.with(|counts| wants.count_chunks(piece, within, counts)).map(|()| Vec::<()>::new())
            };
            self.crew.share(&chunks, 64, panicked, work)?;
            next = end;
            if next - from >= WRITE_EVENTS || pool.cells() >= WRITE_CELLS {
                break;
            }
        }
        let standings = group.iter().map(|(_, standing)| Standing { through: next, ..standing.clone() }).collect();
        let mut batch = self.shared.views.batch(1_024)?;
        let tables = batch.serving();
        pool.merged().write(&mut batch.rows(&tables), standings)?;
        batch.commit()?;
        Ok(next)
    }
}
