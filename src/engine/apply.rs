//! Applying chunks to projections: the work of a live projector and of a build beside it alike.

use super::priority;
use crate::event::{Event, Position, codec};
use crate::log::Chunk;
use crate::views::{Applied, Batch, Checkpoint, Projection, Tables, ViewError};

/// Most events that go into one atomic write.
pub(super) const BATCH_EVENTS: usize = 8_192;

/// Most events that a build writes at once.
pub(super) const BULK_EVENTS: usize = 65_536;

/// A chunk with its events decoded.
pub(super) struct Decoded {
    chunk: Chunk,
    events: Vec<Event>,
}

impl Decoded {
    /// Decodes every event of a chunk.
    pub(super) fn of(chunk: Chunk) -> Result<Self, ViewError> {
        priority::offer();
        let mut events = Vec::with_capacity(chunk.count());
        for (position, record) in chunk.records() {
            let event = codec::decode(position, chunk.recorded_at(), record)
                .map_err(|cause| ViewError::Event { position: position.0, cause })?;
            events.push(event);
        }
        Ok(Self { chunk, events })
    }

    /// How many events it holds.
    pub(super) fn count(&self) -> usize {
        self.events.len()
    }

    /// Up to where the log is with this chunk.
    pub(super) fn checkpoint(&self) -> Checkpoint {
        Checkpoint::new(self.chunk.end(), self.chunk.hash())
    }
}

/// Applies the events from `next` on to a projection, and fills the batch.
pub(super) fn apply_to(
    projection: &mut dyn Projection,
    chunks: &[Decoded],
    next: Position,
    tables: &Tables,
    batch: &mut Batch,
) -> Result<(), ViewError> {
    let mut rows = batch.rows(tables);
    for decoded in chunks {
        priority::offer();
        for (event, (_, record)) in decoded.events.iter().zip(decoded.chunk.records()) {
            if event.position >= next {
                projection.apply(Applied { event, record }, &mut rows)?;
            }
        }
    }
    projection.finish(&mut rows)
}
