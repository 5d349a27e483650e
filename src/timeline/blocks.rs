//! What all events together amount to: counts for every 4,096 positions of the log, by kind, feedback, channel and source.
//!
//! They answer "how many" over the whole log from a few rows, and let a search for rare events pass over the blocks that
//! hold none.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::{Deserialize, Serialize};

use super::filter::EventFilter;
use crate::event::{Channel, Event, Feedback, Kind, Micros, Position};
use crate::views::{Applied, Key, Projection, Reader, Rows, TableSpec, Use, ViewError};

const TABLE: &str = "blocks";

/// Positions in one block.
pub const BLOCK_EVENTS: u64 = 4096;

/// The block that a position lies in.
#[must_use]
pub fn block_of(position: Position) -> u64 {
    position.0 / BLOCK_EVENTS
}

/// What one block holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocks {
    cells: BTreeMap<Group, Cell>,
}

/// Events that are counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Group {
    kind: u16,
    feedback: Option<u8>,
    channel: String,
    source: String,
}

/// How many, and between which moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Cell {
    events: u32,
    first_at: i64,
    last_at: i64,
}

/// How many events of a block a filter lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockCount {
    /// So many.
    Exactly(u64),
    /// At least one may be, and the block must be read to know: it straddles the filter's moments.
    Straddles,
}

impl Blocks {
    fn add(&mut self, event: &Event) {
        let at = event.header.occurred_at.0;
        let group = Group {
            kind: event.kind.info().code,
            feedback: event.kind.feedback().map(Feedback::code),
            channel: event.header.channel.to_string(),
            source: event.header.source.as_str().to_owned(),
        };
        let cell = self.cells.entry(group).or_insert(Cell { events: 0, first_at: at, last_at: at });
        cell.events += 1;
        cell.first_at = cell.first_at.min(at);
        cell.last_at = cell.last_at.max(at);
    }

    /// How many events of this block the filter lets through.
    #[must_use]
    pub fn count(&self, filter: &EventFilter) -> BlockCount {
        let mut events = 0;
        for (group, cell) in &self.cells {
            if !group.wanted(filter) {
                continue;
            }
            let (first, last) = (Micros(cell.first_at), Micros(cell.last_at));
            let none = filter.from.is_some_and(|from| last < from) || filter.to.is_some_and(|to| first >= to);
            let all = filter.from.is_none_or(|from| first >= from) && filter.to.is_none_or(|to| last < to);
            match (none, all) {
                (true, _) => {}
                (false, true) => events += u64::from(cell.events),
                (false, false) => return BlockCount::Straddles,
            }
        }
        BlockCount::Exactly(events)
    }
}

impl Group {
    fn wanted(&self, filter: &EventFilter) -> bool {
        let kind = Kind::ALL.iter().find(|info| info.code == self.kind).map_or("", |info| info.name);
        let Ok(channel) = self.channel.parse::<Channel>() else { return false };
        filter.wants_group(kind, self.feedback.and_then(Feedback::from_code), &channel, &self.source)
    }
}

/// The projection that counts.
#[derive(Debug, Default)]
pub struct Totals {
    open: BTreeMap<u64, Blocks>,
}

impl Projection for Totals {
    fn name(&self) -> &'static str {
        "totals"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [TableSpec] {
        &[TableSpec { name: TABLE, used_for: Use::Small }]
    }

    fn apply(&mut self, applied: Applied<'_>, rows: &mut Rows<'_>) -> Result<(), ViewError> {
        let number = block_of(applied.event.position);
        let block = match self.open.entry(number) {
            Entry::Occupied(open) => open.into_mut(),
            Entry::Vacant(closed) => {
                let stored = rows.get_packed(TABLE, &Key::new().number(number).done())?;
                closed.insert(stored.unwrap_or_default())
            }
        };
        block.add(applied.event);
        Ok(())
    }

    fn finish(&mut self, rows: &mut Rows<'_>) -> Result<(), ViewError> {
        for (number, block) in std::mem::take(&mut self.open) {
            rows.put_packed(TABLE, &Key::new().number(number).done(), &block)?;
        }
        Ok(())
    }
}

/// The blocks from a number on, in order.
///
/// # Errors
/// [`ViewError`] when the store fails.
pub fn block_rows(
    reader: &Reader,
    from: u64,
) -> Result<impl Iterator<Item = Result<(u64, Blocks), ViewError>> + use<>, ViewError> {
    let rows = reader.range(TABLE, Key::new().number(from).done(), None)?;
    let broken = |cause| ViewError::Row { table: TABLE, cause };
    Ok(rows.map(move |row| {
        let (key, value) = row?;
        let number = Key::position_at(&key, 0)
            .ok_or(broken(crate::event::codec::CodecError::Broken("a block's key is too short")))?;
        Ok((number.0, crate::event::codec::unpack(&value).map_err(broken)?))
    }))
}
