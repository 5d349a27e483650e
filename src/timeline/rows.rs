//! The projection that files every event under its strand.

use super::entry::Entry;
use crate::views::{Applied, Projection, Rows, TableSpec, Use, ViewError};

pub(super) const TABLE: &str = "timeline";

/// Files every event under its strand, in time order.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timeline;

impl Projection for Timeline {
    fn name(&self) -> &'static str {
        "timeline"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [TableSpec] {
        &[TableSpec { name: TABLE, used_for: Use::Ranges }]
    }

    fn apply(&mut self, applied: Applied<'_>, rows: &mut Rows<'_>) -> Result<(), ViewError> {
        let event = applied.event;
        let key = Entry::key(&event.strand.subject, event.header.occurred_at, event.position);
        rows.put(TABLE, &key, &Entry::value(event.recorded_at, applied.record))
    }

    fn finish(&mut self, _: &mut Rows<'_>) -> Result<(), ViewError> {
        Ok(())
    }
}
