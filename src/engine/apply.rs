//! Applying chunks to a set of projections: the work of a live projector and of a build beside it alike.

use super::priority::threads;
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

/// Decodes chunks, in several threads.
pub(super) fn decode_all(chunks: Vec<Chunk>) -> Result<Vec<Decoded>, ViewError> {
    let share = chunks.len().div_ceil(threads()).max(1);
    let mut shares = Vec::with_capacity(threads());
    let mut chunks = chunks.into_iter().peekable();
    while chunks.peek().is_some() {
        shares.push(chunks.by_ref().take(share).collect::<Vec<_>>());
    }
    std::thread::scope(|scope| {
        let decode = |share: Vec<Chunk>| share.into_iter().map(Decoded::of).collect::<Result<Vec<_>, _>>();
        let threads: Vec<_> = shares.into_iter().map(|share| scope.spawn(move || decode(share))).collect();
        let mut decoded = Vec::new();
        for thread in threads {
            decoded.extend(thread.join().unwrap_or(Err(ViewError::Panicked))?);
        }
        Ok(decoded)
    })
}

/// Applies chunks that begin at `next` and fills the batch.
pub(super) fn apply_all(
    projections: &mut [Box<dyn Projection>],
    chunks: &[Decoded],
    next: Position,
    tables: &Tables,
    batch: &mut Batch,
) -> Result<(), ViewError> {
    for projection in projections {
        let mut rows = batch.rows(tables);
        for decoded in chunks {
            for (event, (_, record)) in decoded.events.iter().zip(decoded.chunk.records()) {
                if event.position >= next {
                    projection.apply(Applied { event, record }, &mut rows)?;
                }
            }
        }
        projection.finish(&mut rows)?;
    }
    Ok(())
}
