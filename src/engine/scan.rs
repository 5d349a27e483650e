//! The log itself, in order, filtered and counted.

use super::error::EngineError;
use super::picture::Picture;
use crate::event::{Event, Position, codec};
use crate::log::Chunk;
use crate::timeline::{BLOCK_EVENTS, BlockCount, Entry, EventFilter, block_of, block_rows};

/// Some events of the log.
#[derive(Debug, Default)]
pub struct EventPage {
    /// The events, in order.
    pub events: Vec<(Entry, Event)>,
    /// Whether there are more behind them.
    pub has_next: bool,
}

/// Decodes one record of a chunk.
pub(super) fn decode(chunk: &Chunk, position: Position, record: &[u8]) -> Result<(Entry, Event), EngineError> {
    let event =
        codec::decode(position, chunk.recorded_at(), record).map_err(|cause| EngineError::Event { position, cause })?;
    Ok((Entry::of(&event, record), event))
}

impl Picture {
    /// The first events from `from` on that a filter lets through.
    ///
    /// # Errors
    /// [`EngineError`] when the log or the views cannot be read.
    pub fn events(&self, from: Position, first: usize, filter: &EventFilter) -> Result<EventPage, EngineError> {
        let mut page = EventPage::default();
        for block in block_rows(&self.reader, block_of(from))? {
            let (number, counts) = block?;
            if counts.count(filter) == BlockCount::Exactly(0) {
                continue;
            }
            let complete = self.each_in_block(number, from, |entry, event| {
                if !filter.wants(&event) {
                    return true;
                }
                page.has_next = page.events.len() == first;
                if !page.has_next {
                    page.events.push((entry, event));
                }
                !page.has_next
            })?;
            if !complete {
                break;
            }
        }
        Ok(page)
    }

    /// How many events of the whole log a filter lets through.
    ///
    /// # Errors
    /// As [`Picture::events`].
    pub fn count_events(&self, filter: &EventFilter) -> Result<u64, EngineError> {
        let mut total = 0;
        for block in block_rows(&self.reader, 0)? {
            let (number, counts) = block?;
            match counts.count(filter) {
                BlockCount::Exactly(events) => total += events,
                BlockCount::Straddles => {
                    self.each_in_block(number, Position::ZERO, |_, event| {
                        total += u64::from(filter.wants(&event));
                        true
                    })?;
                }
            }
        }
        Ok(total)
    }

    /// Shows every event of a block, from a position on, until `each` answers false; whether it never did.
    fn each_in_block(
        &self,
        number: u64,
        from: Position,
        mut each: impl FnMut(Entry, Event) -> bool,
    ) -> Result<bool, EngineError> {
        let start = Position(number * BLOCK_EVENTS).max(from);
        let end = Position((number + 1) * BLOCK_EVENTS).min(self.through());
        if start >= end {
            return Ok(true);
        }
        for chunk in self.shared.feed.log().read(start)? {
            let chunk = chunk?;
            if chunk.first() >= end {
                break;
            }
            for (position, record) in chunk.records() {
                if position < start || position >= end {
                    continue;
                }
                let (entry, event) = decode(&chunk, position, record)?;
                if !each(entry, event) {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}
