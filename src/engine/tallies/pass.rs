//! Going through all customers: the rows of each are made of all their events.
//!
//! The log is gone through once, together with the analyses over events that begin there, and its events are [sorted out by
//! customers](super::spill); then the rows of one part of the customers after the other are made. A process that ends meanwhile
//! goes on at the part that it was at, or where it last laid down what it had sorted out.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::pages::{Changes, Roster, broken};
use super::spill::{self, PIECES, Spill};
use super::tables::{BUNDLED_PARTS, PAGED, PAGES, PARTS, Paged, Pass, ROSTERS, STATES};
use super::work::{Bench, panicked};
use crate::engine::courtesy::Courtesy;
use crate::engine::error::EngineError;
use crate::event::SubjectId;
use crate::event::codec;
use crate::identity::Owners;
use crate::tally::{History, RowRules};
use crate::views::Reader;

/// Events of the bundles that are gone through, and then written, at once; of large stores one bundle.
const EVENTS_AT_ONCE: u64 = 80_000;
/// Portions of parts in a row. The last one only writes what the one before it made.
const PORTIONS: u16 = 17;

impl Bench {
    /// Begins a pass; none when there is nothing to go through.
    pub(super) fn begin_pass(&mut self, paged: &Paged) -> Result<Option<Pass>, EngineError> {
        self.end_pass();
        let reader = self.shared.views.reader()?;
        let through = reader.checkpoint()?.next().0;
        if through == 0 {
            return Ok(None);
        }
        let is_first = paged.through == 0 && reader.range(PAGES, Vec::new(), None)?.next().transpose()?.is_none();
        Ok(Some(Pass { through, spilt: 0, index: None, next: 0, is_first }))
    }

    /// Throws away what a pass, maybe one of an earlier process, was made with.
    pub(super) fn end_pass(&mut self) {
        self.spill = None;
        spill::remove(&self.spill_path);
    }

    /// Goes on with a pass, once the log has been gone through; of how many events rows were made.
    pub(super) fn go_on(&mut self, paged: Paged, pass: Pass) -> Result<u64, EngineError> {
        if self.spill.is_none() {
            let spill = match Spill::open(&self.spill_path, &pass) {
                Some(begun) => begun,
                None => Spill::create(&self.spill_path, pass.through)?,
            };
            self.spill = Some(if spill.is_complete() { spill } else { spill.owned_by(self.owners()?) });
        }
        match self.spill.take_if(|spill| spill.is_complete()) {
            // Should it fail it is made anew.
            Some(spill) => self.make_parts(paged, pass, spill),
            None => Ok(0),
        }
    }

    /// Whose the strands are now. Of those that are linked or separated later the rows are made anew after the pass.
    fn owners(&self) -> Result<Owners, EngineError> {
        let reader = self.shared.views.reader()?;
        let bytes: Vec<u8> = (0..=u8::MAX).collect();
        let links = |some: &[u8]| some.iter().map(|first| Ok(Owners::links(&reader, *first)?)).collect();
        Ok(Owners::of_links(self.crew.share(&bytes, 1, panicked, links)?))
    }

    /// Makes the rows of some parts of all customers; while those of some are made, those of the ones before are written.
    fn make_parts(&mut self, mut paged: Paged, mut pass: Pass, spill: Spill) -> Result<u64, EngineError> {
        let (rules, courtesy) = (self.rules, self.shared.courtesy.clone());
        let (mut made, mut events) = (Changes::default(), 0);
        let at_once = u64::from(PARTS) * EVENTS_AT_ONCE / pass.through.max(1);
        let at_once = (at_once.clamp(1, u64::from(PARTS)) as u16).next_multiple_of(BUNDLED_PARTS.into());
        for portion in 1..=PORTIONS {
            self.stop.check()?;
            let parts = pass.next..if portion < PORTIONS { PARTS.min(pass.next + at_once) } else { pass.next };
            // A new picture for each: what an old one sees cannot be cleared away.
            let (reader, new) = (self.shared.views.reader()?, Mutex::new(Changes::default()));
            let make = |part: u16| {
                let changes = make_part(&reader, &spill, part, rules, pass.is_first, &courtesy)?;
                new.lock().unwrap_or_else(PoisonError::into_inner).append(changes);
                Ok(())
            };
            events += made.events;
            (paged.pass, paged.through) = match pass.next < PARTS {
                true => (Some(pass), paged.through),
                false => (None, pass.through),
            };
            let write = || self.write_parts(made, &paged, pass.is_first);
            let (done, written) = self.crew.each_and(parts.clone(), panicked, make, write);
            written?;
            if paged.pass.is_none() {
                self.end_pass();
                return Ok(events);
            }
            done?;
            made = new.into_inner().unwrap_or_else(PoisonError::into_inner);
            pass.next = parts.end;
        }
        self.spill = Some(spill);
        Ok(events)
    }

    /// Writes the rows of some parts, and how far the pass is with them.
    fn write_parts(&self, changes: Changes, paged: &Paged, is_first: bool) -> Result<(), EngineError> {
        let mut batch = self.shared.views.batch(changes.len())?;
        let tables = batch.serving();
        changes.write_days(&mut batch.rows(&tables))?;
        if is_first {
            // Should the process end before they are said to be there, the parts are gone through again and the same rows written.
            let mut pages = self.shared.views.batch(changes.len())?;
            changes.write_pages(&mut pages.rows(&tables))?;
            pages.commit_bulk(|| self.shared.courtesy.give_way())?;
        } else {
            changes.write_pages(&mut batch.rows(&tables))?;
        }
        batch.rows(&tables).put_packed(STATES, PAGED, paged)?;
        Ok(batch.commit()?)
    }
}

/// Makes the rows of the customers of one part: for the first time, or anew.
fn make_part(
    reader: &Reader,
    spill: &Spill,
    part: u16,
    rules: RowRules,
    is_first: bool,
    courtesy: &Courtesy,
) -> Result<Changes, EngineError> {
    let mut changes = Changes::default();
    let mut before = if is_first { BTreeMap::new() } else { rosters_of_part(reader, part)? };
    for piece in 0..PIECES {
        let bytes = spill.piece(part, piece, || courtesy.give_way())?;
        let events = spill::events(&bytes, || courtesy.give_way());
        let events = events.ok_or_else(|| spill.broken("a part has not its layout"))?;
        for events in events.chunk_by(|one, other| one.owner == other.owner) {
            courtesy.give_way();
            let Some(owner) = events.first().map(|event| event.owner) else { continue };
            let mut history = History::new(rules);
            events.iter().try_for_each(|event| event.event().map(|event| history.see(&event)))?;
            changes.events += events.len() as u64;
            changes.replace(&owner, &before.remove(&owner).unwrap_or_default(), history.finish(owner));
        }
    }
    // Those that do not stand for a customer any more.
    before.iter().for_each(|(owner, roster)| changes.replace(owner, roster, Vec::new()));
    Ok(changes)
}

/// Which pages there are of the customers of a part.
fn rosters_of_part(reader: &Reader, part: u16) -> Result<BTreeMap<SubjectId, Roster>, EngineError> {
    let mut rosters = BTreeMap::new();
    let Ok(byte) = u8::try_from(part) else { return Ok(rosters) };
    for row in reader.prefix(ROSTERS, &[byte])? {
        let (key, value) = row?;
        let owner = SubjectId::from_slice(&key).ok_or_else(|| broken(ROSTERS))?;
        rosters.insert(owner, codec::unpack(&value).map_err(|_| broken(ROSTERS))?);
    }
    Ok(rosters)
}
