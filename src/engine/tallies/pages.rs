//! The rows of customers, made anew of all their events whenever one of them came, or links changed.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::tables::{DUE, PAGED, PAGES, Paged, ROSTERS, STATES, day_key, known_day_key, page_key};
use super::work::{Bench, panicked};
use crate::engine::error::EngineError;
use crate::event::codec::{self, CodecError};
use crate::event::{Event, Hash, Position, SubjectId};
use crate::identity::{EdgeRows, StrandRow, TABLES_BY_STRAND, component};
use crate::tally::{History, Page, RowRules};
use crate::timeline::{Merged, Span};
use crate::views::{Reader, Rows, ViewError};

/// Which pages a customer has: the day, and what the page was.
pub(super) type Roster = BTreeMap<i32, u64>;

/// Strands whose customers are made anew in one write.
const BATCH_STRANDS: usize = 2_000;
/// Events whose strands are gathered at once.
const GATHERED_EVENTS: usize = 65_536;
/// When more than so many events are not in, and more than one part of so many of all events, everything is gone through instead:
/// it takes less than to make most customers anew one by one.
const FEWEST_BEHIND: u64 = 200_000;
const MOST_BEHIND: u64 = 4;

/// What becomes of the pages of some customers.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// Pages by key; gone when there is nothing.
    pages: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    rosters: Vec<(SubjectId, Option<Vec<u8>>)>,
    days: BTreeSet<i32>,
    pub(super) events: u64,
}

impl Bench {
    /// Brings the pages as far as the views are, a part at a time; how many events of the log they came on, or were gone through.
    pub(super) fn turn_pages(&mut self) -> Result<u64, EngineError> {
        let mut paged = self.paged()?;
        let form = form(&self.shared.views.reader()?, self.rules)?;
        if paged.form != form {
            paged.form = form;
            paged.pass = self.begin_pass(&paged)?;
            self.save(&paged)?;
        }
        match paged.pass.take() {
            Some(pass) => self.go_on(paged, pass),
            None => self.touch(paged),
        }
    }

    /// How far the pages are.
    pub(super) fn paged(&self) -> Result<Paged, EngineError> {
        Ok(self.shared.views.reader()?.get_packed(STATES, PAGED)?.unwrap_or_default())
    }

    pub(super) fn save(&self, paged: &Paged) -> Result<(), EngineError> {
        let mut batch = self.shared.views.batch(1)?;
        let tables = batch.serving();
        batch.rows(&tables).put_packed(STATES, PAGED, paged)?;
        Ok(batch.commit()?)
    }

    /// Makes the customers anew that events since the last time named.
    fn touch(&mut self, mut paged: Paged) -> Result<u64, EngineError> {
        let (from, until) = (paged.through, self.shared.views.checkpoint()?.next().0);
        if from >= until {
            return Ok(0);
        }
        if until - from > FEWEST_BEHIND.max(until / MOST_BEHIND) {
            paged.pass = self.begin_pass(&paged)?;
            return self.save(&paged).map(|()| 0);
        }
        let mut strands = HashSet::new();
        let mut next = Position(from);
        while next.0 < until {
            for chunk in self.shared.feed.read(next, GATHERED_EVENTS)? {
                for (position, record) in chunk.records() {
                    if (from..until).contains(&position.0) {
                        let (event, _) = codec::decode_clear(position, chunk.recorded_at(), record)
                            .map_err(|cause| EngineError::Event { position, cause })?;
                        strands.extend(event.also.iter().map(|strand| strand.subject));
                        strands.insert(event.strand.subject);
                    }
                }
                next = chunk.end();
            }
        }
        paged.through = until;
        let strands: Vec<SubjectId> = strands.into_iter().collect();
        self.renew(&strands, &paged)?;
        Ok(until - from)
    }

    /// Makes the pages of the customers anew to whom some strands belong, and notes with the last of them how far the pages are.
    fn renew(&mut self, strands: &[SubjectId], paged: &Paged) -> Result<(), EngineError> {
        let mut owners = HashSet::new();
        let mut batches = strands.chunks(BATCH_STRANDS).peekable();
        if batches.peek().is_none() {
            self.save(paged)?;
        }
        while let Some(some) = batches.next() {
            self.stop.check()?;
            let rules = self.rules;
            // A new picture for each batch: what an old one sees cannot be cleared away, and takes room.
            let reader = self.shared.views.reader()?;
            let some = customers(&reader, some, &mut owners)?;
            let work = |piece: &[Vec<SubjectId>]| {
                let mut changes = Changes::default();
                piece.iter().try_for_each(|strands| changes.renew(&reader, strands, rules))?;
                Ok(vec![changes])
            };
            let changed = self.crew.share(&some, 16, panicked, work)?;
            let mut batch = self.shared.views.batch(some.len() * 4)?;
            let tables = batch.serving();
            let mut rows = batch.rows(&tables);
            for changes in changed {
                changes.write_days(&mut rows)?;
                changes.write_pages(&mut rows)?;
            }
            if batches.peek().is_none() {
                rows.put_packed(STATES, PAGED, paged)?;
            }
            batch.commit()?;
        }
        Ok(())
    }
}

/// The customers to whom some strands belong, each once, and none of `owners` again: their strands, the one first that stands for
/// them.
fn customers(
    reader: &Reader,
    strands: &[SubjectId],
    owners: &mut HashSet<SubjectId>,
) -> Result<Vec<Vec<SubjectId>>, EngineError> {
    let mut customers = Vec::new();
    for strand in strands {
        let members = strands_with(reader, strand)?;
        if members.first().is_some_and(|owner| owners.insert(*owner)) {
            customers.push(members);
        }
    }
    Ok(customers)
}

/// The strands of the customer to whom one belongs, in the order of their ids.
pub(super) fn strands_with(reader: &Reader, strand: &SubjectId) -> Result<Vec<SubjectId>, EngineError> {
    Ok(component(strand, None, &EdgeRows(reader))?.iter().map(|member| member.subject).collect())
}

impl Changes {
    /// Writes that the days that changed are to be counted, and that they are known.
    pub(super) fn write_days(&self, rows: &mut Rows<'_>) -> Result<(), EngineError> {
        Ok(self.days.iter().try_for_each(|day| {
            rows.put(DUE, &day_key(0, *day), &[])?;
            rows.put(STATES, &known_day_key(*day), &[])
        })?)
    }

    /// Writes pages and rosters alone.
    pub(super) fn write_pages(self, rows: &mut Rows<'_>) -> Result<(), EngineError> {
        for (key, page) in self.pages {
            match page {
                Some(page) => rows.put(PAGES, &key, &page)?,
                None => rows.delete(PAGES, &key)?,
            }
        }
        for (owner, roster) in self.rosters {
            match roster {
                Some(roster) => rows.put(ROSTERS, owner.as_bytes(), &roster)?,
                None => rows.delete(ROSTERS, owner.as_bytes())?,
            }
        }
        Ok(())
    }

    /// How many rows are to be written.
    pub(super) fn len(&self) -> usize {
        self.pages.len() + self.rosters.len()
    }

    /// Takes in what is to be written of other customers.
    pub(super) fn append(&mut self, mut other: Self) {
        self.pages.append(&mut other.pages);
        self.rosters.append(&mut other.rosters);
        self.days.append(&mut other.days);
        self.events += other.events;
    }

    /// Puts the pages of a customer in the place of those that there were.
    pub(super) fn replace(&mut self, owner: &SubjectId, before: &Roster, pages: Vec<(i32, Page)>) {
        let mut after = Roster::new();
        for (day, page) in pages {
            let bytes = codec::pack(&page);
            let mark = mark(&bytes);
            after.insert(day, mark);
            if before.get(&day) != Some(&mark) {
                self.pages.push((page_key(day, owner), Some(bytes)));
                self.days.insert(day);
            }
        }
        before.keys().filter(|day| !after.contains_key(day)).for_each(|day| self.remove(*day, owner));
        if after != *before {
            self.rosters.push((*owner, (!after.is_empty()).then(|| codec::pack(&after))));
        }
    }

    /// Makes the pages of one customer, the first of whose strands stands for them.
    pub(super) fn renew(&mut self, reader: &Reader, strands: &[SubjectId], rules: RowRules) -> Result<(), EngineError> {
        let Some((owner, others)) = strands.split_first() else { return Ok(()) };
        for other in others {
            // It stood for itself, or for some of them, before it was linked.
            if let Some(roster) = roster(reader, other)? {
                roster.keys().for_each(|day| self.remove(*day, other));
                self.rosters.push((*other, None));
            }
        }
        let before = roster(reader, owner)?.unwrap_or_default();
        let mut history = History::new(rules);
        self.events += each_event(reader, strands, |event| history.see(event))?;
        self.replace(owner, &before, history.finish(*owner));
        Ok(())
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
    xxhash_rust::xxh3::xxh3_64_with_seed(bytes, 0)
}

/// What tells rows of one form, and made of one generation of strands and links, from others; never 0, which is none.
fn form(reader: &Reader, rules: RowRules) -> Result<u64, ViewError> {
    let mut text = format!("{} {}", crate::tally::ROWS_VERSION, rules.repeat_window);
    for table in TABLES_BY_STRAND {
        text.push_str(reader.generation(table)?);
    }
    Ok(Hash::of(text.as_bytes()).0.first_chunk().map_or(1, |bytes| u64::from_be_bytes(*bytes).max(1)))
}

/// A row that has not its layout.
pub(super) fn broken(table: &'static str) -> EngineError {
    EngineError::View(ViewError::Row { table, cause: CodecError::Broken("a key does not follow its layout") })
}
