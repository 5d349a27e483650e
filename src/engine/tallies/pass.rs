//! Going through all customers: the rows of each are made of all their events. Where nothing was counted before, as in a store that is
//! new or whose views were thrown away, everything is counted on the way.

use std::sync::Arc;

use super::counts::Pool;
use super::pages::{Changes, each_event, strands_of_part, strands_with};
use super::segment::{WRITE_CELLS, Wants};
use super::tables::{PAGED, PAGES, PARTS, Paged, Pass, STATES, Standing, standing_key};
use super::work::{Bench, panicked};
use crate::engine::error::EngineError;
use crate::event::{Position, SubjectId};
use crate::tally::{Definition, History, Over, RowRules};
use crate::views::Reader;

/// Rows of pages that are written at once.
const WRITE_ROWS: usize = 120_000;

impl Bench {
    /// Begins a pass; none when there is nothing to go through.
    pub(super) fn begin_pass(&self, paged: &Paged) -> Result<Option<Pass>, EngineError> {
        let reader = self.shared.views.reader()?;
        let through = reader.checkpoint()?.next().0;
        if through == 0 {
            return Ok(None);
        }
        let (kept, _) = self.kept()?;
        let no_pages = paged.through == 0 && reader.range(PAGES, Vec::new(), None)?.next().transpose()?.is_none();
        let nothing = no_pages && kept.iter().all(|one| !one.standing.built && one.standing.through == 0);
        let counts = if nothing { kept.iter().map(|one| one.definition.id()).collect() } else { Vec::new() };
        Ok(Some(Pass { through, next: 0, counts }))
    }

    /// Goes through some parts of all customers; how many events they have.
    pub(super) fn go_on(&mut self, mut paged: Paged) -> Result<u64, EngineError> {
        let Some(mut pass) = paged.pass.take() else { return Ok(0) };
        let counted: Vec<Arc<Definition>> = pass.counts.iter().filter_map(|id| self.shelf.known(*id)).collect();
        let (wants, pool) = (Wants::of(&counted), Pool::new(counted.clone()));
        let (mut changes, begun) = (Changes::default(), pass.next);
        let (counts, through) = (!pass.counts.is_empty(), Position(pass.through));
        while pass.next < PARTS && changes.len() < WRITE_ROWS && pool.cells() < WRITE_CELLS {
            self.stop.check()?;
            let reader = self.shared.views.reader()?;
            let strands = strands_of_part(&reader, pass.next)?;
            let rules = self.rules;
            let work = |piece: &[SubjectId]| match counts {
                true => count_some(&reader, piece, (rules, through), &wants, &pool).map(|changes| vec![changes]),
                false => renew_some(&reader, piece, rules).map(|changes| vec![changes]),
            };
            self.crew.share(&strands, 64, panicked, work)?.into_iter().for_each(|some| changes.append(some));
            pass.next += 1;
        }
        let events = changes.events;
        let is_last = pass.next == PARTS;
        (paged.pass, paged.through) = if is_last { (None, through.0) } else { (Some(pass), paged.through) };
        let mut batch = self.shared.views.batch(changes.len())?;
        let tables = batch.serving();
        let standings = self.standings(&counted, is_last.then_some(through.0))?;
        if counts {
            // They come before it: should the process end in between, the parts are gone through again and the same rows written.
            changes.write_pages(&mut batch.rows(&tables))?;
            std::mem::replace(&mut batch, self.shared.views.batch(1_024)?).commit_bulk()?;
            pool.merged().write(&mut batch.rows(&tables), standings, begun > 0)?;
        } else {
            changes.write(&mut batch.rows(&tables))?;
        }
        batch.rows(&tables).put_packed(STATES, PAGED, &paged)?;
        batch.commit()?;
        Ok(events)
    }

    /// Where analyses stand; those over events up to `through`, when there is one.
    fn standings(&self, counted: &[Arc<Definition>], through: Option<u64>) -> Result<Vec<Standing>, EngineError> {
        let reader = self.shared.views.reader()?;
        let mut standings = Vec::with_capacity(counted.len());
        for definition in counted {
            let mut standing: Standing = reader.get_packed(STATES, &standing_key(definition.id()))?.unwrap_or_default();
            if let (Some(through), Over::Events) = (through, definition.over()) {
                standing.through = through;
            }
            standings.push(standing);
        }
        Ok(standings)
    }
}

/// Makes the rows of some customers for the first time, those for whom one of these strands stands, and counts them.
fn count_some(
    reader: &Reader,
    strands: &[SubjectId],
    (rules, through): (RowRules, Position),
    wants: &Wants,
    pool: &Pool,
) -> Result<Changes, EngineError> {
    pool.with(|counts| {
        let mut changes = Changes::default();
        for owner in strands {
            let strands = strands_with(reader, owner)?;
            if strands.first() != Some(owner) {
                continue;
            }
            let mut history = History::new(rules);
            changes.events += each_event(reader, &strands, |event| {
                history.see(event);
                // What came since is counted when the log is followed from there.
                if event.position < through {
                    wants.count(event, counts);
                }
            })?;
            let (customer, pages) = (Arc::from(owner.to_string()), history.finish(*owner));
            pages.iter().for_each(|(_, page)| counts.page(&customer, page));
            changes.add_new(owner, pages);
        }
        Ok(changes)
    })
}

/// Makes the rows of some customers anew, those for whom one of these strands stands.
fn renew_some(reader: &Reader, strands: &[SubjectId], rules: RowRules) -> Result<Changes, EngineError> {
    let mut changes = Changes::default();
    for owner in strands {
        let strands = strands_with(reader, owner)?;
        if strands.first() == Some(owner) {
            changes.renew(reader, &strands, rules)?;
        }
    }
    Ok(changes)
}
