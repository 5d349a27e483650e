//! The rows of customers, made anew of all their events whenever one of them came, or links changed.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::tables::{PAGED, PAGES, PARTS, Paged, Pass, ROSTERS, STATES, TODO, day_key, page_key};
use super::work::{Bench, panicked};
use crate::engine::error::EngineError;
use crate::event::codec::{self, CodecError};
use crate::event::{Event, Hash, Position, SubjectId};
use crate::identity::{EdgeRows, StrandRow, component};
use crate::tally::{History, RowRules};
use crate::timeline::{Merged, Span};
use crate::views::{Reader, ViewError};

/// Which pages a customer has: the day, and what the page was.
type Roster = BTreeMap<i32, u64>;

/// Customers that are made anew in one write.
const BATCH_CUSTOMERS: usize = 2_000;
/// Events whose strands are gathered at once.
const GATHERED_EVENTS: usize = 65_536;
/// With more strands than this touched, all customers are gone through instead: it takes less.
const MOST_TOUCHED: usize = 500_000;

/// What becomes of the pages of some customers.
#[derive(Debug, Default)]
struct Changes {
    /// Pages by key; gone when there is nothing.
    pages: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    rosters: Vec<(SubjectId, Option<Vec<u8>>)>,
    days: BTreeSet<i32>,
    events: u64,
}

impl Bench {
    /// Brings the pages as far as the views are, a part at a time; how many events of the log they came on, or were gone through.
    pub(super) fn turn_pages(&mut self) -> Result<u64, EngineError> {
        let mut paged = self.paged()?;
        let form = form(self.rules);
        let epoch = self.shared.touched.epoch();
        let all_anew = paged.form != form || self.epoch != epoch;
        if all_anew && paged.pass.is_none_or(|_| self.epoch != epoch) {
            let through = self.shared.views.checkpoint()?.next().0;
            paged.pass = Some(Pass { through, next: 0 });
            (paged.form, self.epoch) = (form, epoch);
            if paged.through == 0 && through == 0 {
                paged.pass = None;
            }
            self.save(&paged)?;
        }
        match paged.pass {
            Some(pass) => self.go_on(paged, pass),
            None => self.touch(paged),
        }
    }

    /// How far the pages are.
    pub(super) fn paged(&self) -> Result<Paged, EngineError> {
        Ok(self.shared.views.reader()?.get_packed(STATES, PAGED)?.unwrap_or_default())
    }

    fn save(&self, paged: &Paged) -> Result<(), EngineError> {
        let mut batch = self.shared.views.batch(1)?;
        let tables = batch.serving();
        batch.rows(&tables).put_packed(STATES, PAGED, paged)?;
        Ok(batch.commit()?)
    }

    /// Goes through some parts of all customers.
    fn go_on(&mut self, mut paged: Paged, pass: Pass) -> Result<u64, EngineError> {
        let mut events = 0;
        let until = (pass.next + self.parts_at_once()).min(PARTS);
        for part in pass.next..until {
            let reader = self.shared.views.reader()?;
            let strands = strands_of_part(&reader, part)?;
            events += self.renew(&reader, &strands, None)?;
        }
        if until == PARTS {
            (paged.pass, paged.through) = (None, pass.through);
        } else {
            paged.pass = Some(Pass { next: until, ..pass });
        }
        self.save(&paged)?;
        Ok(events)
    }

    /// A pass is saved after some thousand customers, not after each few of a small store.
    fn parts_at_once(&self) -> u16 {
        let head = self.shared.feed.head().next.0;
        u16::try_from(2_000_000 / head.max(1)).unwrap_or(PARTS).clamp(1, PARTS)
    }

    /// Makes the customers anew that events since the last time named.
    fn touch(&mut self, mut paged: Paged) -> Result<u64, EngineError> {
        let reader = self.shared.views.reader()?;
        let (from, until) = (paged.through, reader.checkpoint()?.next().0);
        if from >= until {
            return Ok(0);
        }
        let mut strands = HashSet::new();
        let mut next = Position(from);
        while next.0 < until {
            for chunk in self.shared.feed.read(next, GATHERED_EVENTS)? {
                for (position, record) in chunk.records() {
                    if (from..until).contains(&position.0) {
                        let event = codec::decode(position, chunk.recorded_at(), record)
                            .map_err(|cause| EngineError::Event { position, cause })?;
                        strands.extend(event.also.iter().map(|strand| strand.subject));
                        strands.insert(event.strand.subject);
                    }
                }
                next = chunk.end();
            }
            if strands.len() > MOST_TOUCHED {
                paged.pass = Some(Pass { through: until, next: 0 });
                self.save(&paged)?;
                return self.go_on(paged.clone(), Pass { through: until, next: 0 });
            }
        }
        paged.through = until;
        let strands: Vec<SubjectId> = strands.into_iter().collect();
        self.renew(&reader, &strands, Some(&paged))?;
        Ok(until - from)
    }

    /// Makes the pages of the customers anew to whom some strands belong, and notes how far they are with the last of them; how
    /// many events those have.
    fn renew(&mut self, reader: &Reader, strands: &[SubjectId], paged: Option<&Paged>) -> Result<u64, EngineError> {
        let mut owners = HashSet::new();
        let mut customers: Vec<Vec<SubjectId>> = Vec::new();
        for strand in strands {
            let members = component(strand, None, &EdgeRows(reader))?;
            let Some(owner) = members.first().map(|member| member.subject) else { continue };
            if owners.insert(owner) {
                customers.push(members.iter().map(|member| member.subject).collect());
            }
        }
        let mut events = 0;
        let mut batches = customers.chunks(BATCH_CUSTOMERS).peekable();
        if batches.peek().is_none()
            && let Some(paged) = paged
        {
            self.save(paged)?;
        }
        while let Some(some) = batches.next() {
            self.stop.check()?;
            let rules = self.rules;
            let work = |piece: &[Vec<SubjectId>]| {
                let mut changes = Changes::default();
                piece.iter().try_for_each(|strands| changes.renew(reader, strands, rules))?;
                Ok(vec![changes])
            };
            let changed = self.crew.share(some, 16, panicked, work)?;
            events += changed.iter().map(|changes| changes.events).sum::<u64>();
            let last = paged.filter(|_| batches.peek().is_none());
            self.write(changed, last)?;
        }
        Ok(events)
    }

    fn write(&mut self, changed: Vec<Changes>, paged: Option<&Paged>) -> Result<(), EngineError> {
        let rows = changed.iter().map(|changes| changes.pages.len() + changes.rosters.len()).sum::<usize>();
        let mut batch = self.shared.views.batch(rows)?;
        let tables = batch.serving();
        let mut rows = batch.rows(&tables);
        for changes in changed {
            for (key, page) in changes.pages {
                match page {
                    Some(page) => rows.put(PAGES, &key, &page)?,
                    None => rows.delete(PAGES, &key)?,
                }
            }
            for (owner, roster) in changes.rosters {
                match roster {
                    Some(roster) => rows.put(ROSTERS, owner.as_bytes(), &roster)?,
                    None => rows.delete(ROSTERS, owner.as_bytes())?,
                }
            }
            for day in changes.days {
                rows.put(TODO, &day_key(0, day), &[])?;
            }
        }
        if let Some(paged) = paged {
            rows.put_packed(STATES, PAGED, paged)?;
        }
        Ok(batch.commit()?)
    }
}

impl Changes {
    /// Makes the pages of one customer, the first of whose strands stands for them.
    fn renew(&mut self, reader: &Reader, strands: &[SubjectId], rules: RowRules) -> Result<(), EngineError> {
        let Some((owner, others)) = strands.split_first() else { return Ok(()) };
        for other in others {
            // It stood for itself, or for some of them, before it was linked.
            if let Some(roster) = roster(reader, other)? {
                roster.keys().for_each(|day| self.remove(*day, other));
                self.rosters.push((*other, None));
            }
        }
        let before = roster(reader, owner)?.unwrap_or_default();
        let mut after = Roster::new();
        for (day, page) in self.fold(reader, strands, rules)? {
            let bytes = codec::pack(&page);
            let mark = mark(&bytes);
            after.insert(day, mark);
            if before.get(&day) != Some(&mark) {
                self.pages.push((page_key(day, owner), Some(bytes)));
                self.days.insert(day);
            }
        }
        before.keys().filter(|day| !after.contains_key(day)).for_each(|day| self.remove(*day, owner));
        if after != before {
            self.rosters.push((*owner, (!after.is_empty()).then(|| codec::pack(&after))));
        }
        Ok(())
    }

    fn fold(
        &mut self,
        reader: &Reader,
        strands: &[SubjectId],
        rules: RowRules,
    ) -> Result<Vec<(i32, crate::tally::Page)>, EngineError> {
        let mut history = History::new(rules);
        let owner = strands.first().copied().unwrap_or(SubjectId([0; 16]));
        self.events += each_event(reader, strands, |event| history.see(event))?;
        Ok(history.finish(owner))
    }

    fn remove(&mut self, day: i32, customer: &SubjectId) {
        self.pages.push((page_key(day, customer), None));
        self.days.insert(day);
    }
}

/// Shows the events of a customer, the earliest first; how many there are.
pub(super) fn each_event(
    reader: &Reader,
    strands: &[SubjectId],
    mut each: impl FnMut(&Event),
) -> Result<u64, EngineError> {
    let mut filled = Vec::with_capacity(strands.len());
    for strand in strands {
        if strands.len() == 1 || StrandRow::read(reader, strand)?.is_some_and(|row| row.events > 0) {
            filled.push(*strand);
        }
    }
    let mut events = 0;
    for entry in Merged::forwards(reader, &filled, Span::default())? {
        each(&entry?.event()?);
        events += 1;
    }
    Ok(events)
}

/// The strands whose id begins with a byte.
pub(super) fn strands_of_part(reader: &Reader, part: u16) -> Result<Vec<SubjectId>, EngineError> {
    let Ok(byte) = u8::try_from(part) else { return Ok(Vec::new()) };
    Ok(StrandRow::beginning_with(reader, &[byte])?.collect::<Result<_, ViewError>>()?)
}

fn roster(reader: &Reader, owner: &SubjectId) -> Result<Option<Roster>, ViewError> {
    reader.get_packed(ROSTERS, owner.as_bytes())
}

/// What tells a page from another.
fn mark(bytes: &[u8]) -> u64 {
    Hash::of(bytes).0.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

/// What tells rows of one form from those of another; never 0, which is none.
fn form(rules: RowRules) -> u64 {
    let text = format!("{} {}", crate::tally::ROWS_VERSION, rules.repeat_window);
    Hash::of(text.as_bytes()).0.first_chunk().map_or(1, |bytes| u64::from_be_bytes(*bytes).max(1))
}

/// A row that has not its layout.
pub(super) fn broken(table: &'static str) -> EngineError {
    EngineError::View(ViewError::Row { table, cause: CodecError::Broken("a key does not follow its layout") })
}
