//! Going through all customers: the rows of each are made of all their events.

use super::pages::{Changes, each_event, strands_of_part, strands_with};
use super::tables::{PAGED, PAGES, PARTS, Paged, Pass, STATES};
use super::work::{Bench, panicked};
use crate::engine::error::EngineError;
use crate::event::SubjectId;
use crate::tally::{History, RowRules};
use crate::views::Reader;

/// Rows of pages that are written at once.
const WRITE_ROWS: usize = 200_000;

impl Bench {
    /// Begins a pass; none when there is nothing to go through.
    pub(super) fn begin_pass(&self, paged: &Paged) -> Result<Option<Pass>, EngineError> {
        let reader = self.shared.views.reader()?;
        let through = reader.checkpoint()?.next().0;
        if through == 0 {
            return Ok(None);
        }
        let is_first = paged.through == 0 && reader.range(PAGES, Vec::new(), None)?.next().transpose()?.is_none();
        Ok(Some(Pass { through, next: 0, is_first }))
    }

    /// Goes through some parts of all customers; how many events they have.
    pub(super) fn go_on(&mut self, mut paged: Paged) -> Result<u64, EngineError> {
        let Some(mut pass) = paged.pass.take() else { return Ok(0) };
        let mut changes = Changes::default();
        while pass.next < PARTS && changes.len() < WRITE_ROWS {
            self.stop.check()?;
            let reader = self.shared.views.reader()?;
            let strands = strands_of_part(&reader, pass.next)?;
            let rules = self.rules;
            let work =
                |piece: &[SubjectId]| make_some(&reader, piece, rules, pass.is_first).map(|changes| vec![changes]);
            self.crew.share(&strands, 64, panicked, work)?.into_iter().for_each(|some| changes.append(some));
            pass.next += 1;
        }
        let events = changes.events;
        let is_last = pass.next == PARTS;
        (paged.pass, paged.through) = if is_last { (None, pass.through) } else { (Some(pass), paged.through) };
        let mut batch = self.shared.views.batch(changes.len())?;
        let tables = batch.serving();
        changes.write_days(&mut batch.rows(&tables))?;
        if pass.is_first {
            // Should the process end before they are said to be there, the parts are gone through again and the same rows written.
            let mut pages = self.shared.views.batch(changes.len())?;
            changes.write_pages(&mut pages.rows(&tables))?;
            pages.commit_bulk()?;
        } else {
            changes.write_pages(&mut batch.rows(&tables))?;
        }
        batch.rows(&tables).put_packed(STATES, PAGED, &paged)?;
        batch.commit()?;
        Ok(events)
    }
}

/// Makes the rows of some customers, those for whom one of these strands stands: for the first time, or anew.
fn make_some(reader: &Reader, strands: &[SubjectId], rules: RowRules, first: bool) -> Result<Changes, EngineError> {
    let mut changes = Changes::default();
    for owner in strands {
        let strands = strands_with(reader, owner)?;
        if strands.first() != Some(owner) {
            continue;
        }
        if first {
            let mut history = History::new(rules);
            changes.events += each_event(reader, &strands, |event| history.see(event))?;
            changes.add_new(owner, history.finish(*owner));
        } else {
            changes.renew(reader, &strands, rules)?;
        }
    }
    Ok(changes)
}
