//! What was read of a customer's rows: which strands they have, how many events each, and the newest of them. It is kept in
//! memory and holds as long as none of their rows changes; an agent's questions about one customer then read no rows.
//!
//! Only ever an optimisation. What is sealed stays sealed here.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::error::EngineError;
use super::picture::Picture;
use crate::event::{Event, Position, SubjectId};
use crate::identity::{EdgeRows, Member, StrandRow, component};
use crate::timeline::{Cursor, Entry, Merged, Page, PageArgs, Span, Stored, TimelineFilter, page};

/// Entries that are kept of a timeline: a page, as it is asked for when nothing is said of its size.
const NEWEST: usize = 20;
/// Older entries that are kept, and what one takes.
const MOST_OLDER: usize = 8;
const OLDER_BYTES: usize = ENTRY_BYTES + 512;
/// What something seen takes beside its entries and strands, in bytes.
const BYTES: usize = 256;
/// What an entry takes beside its stored bytes, which it holds twice: as they are, and decoded.
const ENTRY_BYTES: usize = size_of::<(Entry, Event)>() + 128;

/// What was seen last of customers, by the strand that they were asked for by.
pub(super) type SeenCache = Cache<SubjectId, Arc<Seen>, Bytes>;

/// A cache that takes about so many bytes.
pub(super) fn cache(bytes: u64) -> SeenCache {
    Cache::with_weighter(usize::try_from(bytes / 16_384).unwrap_or(usize::MAX).max(16), bytes, Bytes)
}

/// Something seen weighs what it takes.
#[derive(Clone, Debug)]
pub(super) struct Bytes;

impl Weighter<SubjectId, Arc<Seen>> for Bytes {
    fn weight(&self, _: &SubjectId, seen: &Arc<Seen>) -> u64 {
        seen.size_bytes as u64
    }
}

/// The last of a sequence of entries: as many as are kept of a timeline.
#[derive(Debug, Default)]
pub(super) struct Tail(VecDeque<(Entry, Event)>);

impl Tail {
    pub(super) fn push(&mut self, entry: Entry, event: Event) {
        if self.0.len() == NEWEST {
            self.0.pop_front();
        }
        self.0.push_back((entry, event));
    }
}

/// The newest entries of a customer when their strands had so many events each.
#[derive(Debug)]
struct Before {
    events: Vec<u64>,
    entries: Vec<Stored>,
}

/// A customer's rows as they were seen in a picture.
#[derive(Debug)]
pub(super) struct Seen {
    /// By which strand it is kept, if it is.
    kept_by: Option<SubjectId>,
    through: Position,
    epoch: u64,
    pub(super) members: Vec<Member>,
    pub(super) strands: Vec<SubjectId>,
    /// How many events each strand has.
    pub(super) events: Vec<u64>,
    /// The strands that have any: the others were only named, and have no rows in the timeline.
    pub(super) with_events: Vec<SubjectId>,
    newest: Option<Page>,
    /// The newest entries before the rows changed, from which the newest are told with those that came since.
    before: Option<Before>,
    /// The same with the newest entries, once they were read: it weighs more, and takes the place of this in the cache.
    filled: OnceLock<Arc<Seen>>,
    /// Older entries that were asked for: a name, the events of a case.
    older: Mutex<Vec<Stored>>,
    size_bytes: usize,
}

impl Seen {
    /// The customer to whom a strand belongs; `None` when nothing is known of it.
    pub(super) fn of(picture: &Picture, subject: SubjectId) -> Result<Option<Arc<Self>>, EngineError> {
        let kept = picture.shared.seen.get(&subject);
        if let Some(seen) = kept.as_ref().filter(|seen| seen.holds(picture)) {
            return Ok(Some(seen.clone()));
        }
        let Some(row) = StrandRow::read(&picture.reader, &subject)? else { return Ok(None) };
        let read = Self::read_beside(picture, subject, Some(&row), None)?;
        let before = kept.and_then(|kept| kept.page_as_it_was(&read));
        let size_bytes = read.size_bytes + before.as_ref().map_or(0, |before| entries_bytes(&before.entries));
        let seen = Arc::new(Self { kept_by: Some(subject), before, size_bytes, ..read });
        picture.shared.seen.insert(subject, seen.clone());
        Ok(Some(seen))
    }

    /// The same, read from the rows, and possibly as they were after the events before a position; it is not kept.
    pub(super) fn read(picture: &Picture, subject: SubjectId, as_of: Option<Position>) -> Result<Self, EngineError> {
        Self::read_beside(picture, subject, None, as_of)
    }

    /// The same, beside the row of the strand where that was read already.
    fn read_beside(
        picture: &Picture,
        subject: SubjectId,
        row: Option<&StrandRow>,
        as_of: Option<Position>,
    ) -> Result<Self, EngineError> {
        let members = component(&subject, as_of, &EdgeRows(&picture.reader))?;
        let strands: Vec<SubjectId> = members.iter().map(|member| member.subject).collect();
        let count = |strand: &SubjectId| match row.filter(|_| *strand == subject) {
            Some(row) => Ok(row.events),
            None => Ok(StrandRow::read(&picture.reader, strand)?.map_or(0, |row| row.events)),
        };
        let events = strands.iter().map(count).collect::<Result<Vec<_>, EngineError>>()?;
        let has_events = |(strand, events): (&SubjectId, &u64)| (*events > 0).then_some(*strand);
        let with_events = strands.iter().zip(&events).filter_map(has_events).collect();
        let size_bytes = strands_bytes(&strands);
        let (through, epoch) = (picture.through(), picture.epoch);
        Ok(Self {
            kept_by: None,
            through,
            epoch,
            members,
            strands,
            events,
            with_events,
            newest: None,
            before: None,
            filled: OnceLock::new(),
            older: Mutex::default(),
            size_bytes,
        })
    }

    /// Whether the rows are the same in a picture.
    fn holds(&self, picture: &Picture) -> bool {
        let same = |strand| picture.shared.touched.is_the_same(strand, self.through, picture.through());
        self.epoch == picture.epoch && self.strands.iter().all(same)
    }

    /// A page that ends with the newest entry, when it is small enough to be kept.
    pub(super) fn newest(&self, picture: &Picture, args: PageArgs) -> Result<Option<Page>, EngineError> {
        if args.size > NEWEST || !args.from_end || args.before.is_some() || args.after.is_some() {
            return Ok(None);
        }
        let read;
        let kept = match self.filled().and_then(|filled| filled.newest.as_ref()) {
            Some(kept) => kept,
            None => {
                read = self.read_newest(picture)?;
                self.keep(picture, read.clone());
                &read
            }
        };
        let skipped = kept.entries.len().saturating_sub(args.size);
        let entries = kept.entries.get(skipped..).unwrap_or_default().to_vec();
        Ok(Some(Page { entries, has_previous: kept.has_previous || skipped > 0, has_next: false }))
    }

    fn read_newest(&self, picture: &Picture) -> Result<Page, EngineError> {
        if let Some(page) = self.read_added(picture)? {
            return Ok(page);
        }
        let (args, open) = (PageArgs { size: NEWEST, from_end: true, after: None, before: None }, |_: &Event| None);
        let mut read = page(&picture.reader, &self.with_events, args, &TimelineFilter::default(), None, &open)?;
        read.entries = read.entries.into_iter().map(detached).collect();
        Ok(read)
    }

    /// The newest entries from those before the rows changed and those that were added; `None` when an added one lies before them.
    fn read_added(&self, picture: &Picture) -> Result<Option<Page>, EngineError> {
        let Some(before) = &self.before else { return Ok(None) };
        let added = self.events.iter().sum::<u64>() - before.events.iter().sum::<u64>();
        if added > NEWEST as u64 {
            return Ok(None);
        }
        let after = before.entries.last().map(|stored| Cursor::from(stored.0.place()));
        let (mut passed, mut found) = (Tail::default(), 0);
        for entry in Merged::forwards(&picture.reader, &self.with_events, Span { after, ..Span::default() })? {
            let entry = entry?;
            let event = entry.event()?;
            passed.push(entry, event);
            found += 1;
        }
        Ok(if found == added { self.page_of(Some(before), passed) } else { None })
    }

    /// The newest entries as they were when these were seen, for one that sees the same strands now.
    fn page_as_it_was(&self, now: &Self) -> Option<Before> {
        let page = self.filled()?.newest.as_ref()?;
        let same = self.strands == now.strands && self.epoch == now.epoch;
        // An older picture may be asked after a newer one.
        let grew = self.events.iter().zip(&now.events).all(|(then, now)| then <= now);
        (same && grew).then(|| Before { events: self.events.clone(), entries: page.entries.clone() })
    }

    /// Keeps what passed by when the entries were read, all of them or those that were added to so many of each strand, so that
    /// the newest need not be read once more.
    pub(super) fn keep_newest(&self, picture: &Picture, since: Option<&[u64]>, passed: Tail) {
        if self.kept_by.is_none() || self.filled().is_some() {
            return;
        }
        let before = self.before.as_ref().filter(|before| since.is_some_and(|since| before.events == since));
        if let Some(page) = self.page_of(before, passed) {
            self.keep(picture, page);
        }
    }

    /// The page that what passed by makes, with the newest entries before it; `None` when some are missing.
    fn page_of(&self, before: Option<&Before>, passed: Tail) -> Option<Page> {
        let passed = passed.0.into_iter().map(|(entry, event)| Stored::new((entry.detached(), event)));
        let mut entries: Vec<Stored> = before.map_or_else(Vec::new, |before| before.entries.clone());
        entries.extend(passed);
        entries.drain(..entries.len().saturating_sub(NEWEST));
        let all: u64 = self.events.iter().sum();
        let whole = entries.len() as u64 == all.min(NEWEST as u64);
        whole.then(|| Page { has_previous: all > entries.len() as u64, has_next: false, entries })
    }

    fn filled(&self) -> Option<&Self> {
        self.newest.is_some().then_some(self).or_else(|| self.filled.get().map(|filled| &**filled))
    }

    /// Keeps the newest entries as well.
    fn keep(&self, picture: &Picture, newest: Page) {
        let kept = Arc::new(Self {
            kept_by: self.kept_by,
            through: self.through,
            epoch: self.epoch,
            members: self.members.clone(),
            strands: self.strands.clone(),
            events: self.events.clone(),
            with_events: self.with_events.clone(),
            size_bytes: strands_bytes(&self.strands) + entries_bytes(&newest.entries) + MOST_OLDER * OLDER_BYTES,
            newest: Some(newest),
            before: None,
            filled: OnceLock::new(),
            older: Mutex::default(),
        });
        if let Some(subject) = self.kept_by {
            picture.shared.seen.insert(subject, kept.clone());
        }
        self.filled.get_or_init(|| kept);
    }

    /// An entry, if it is kept.
    pub(super) fn entry(&self, position: Position) -> Option<Stored> {
        let among = |kept: &[Stored]| kept.iter().find(|stored| stored.0.position == position).cloned();
        let filled = self.filled()?;
        among(&filled.newest.as_ref()?.entries).or_else(|| among(&filled.older()))
    }

    /// Keeps an older entry as well, while there are few.
    pub(super) fn keep_older(&self, stored: &Stored) {
        let Some(filled) = self.filled() else { return };
        let mut older = filled.older();
        if older.len() < MOST_OLDER {
            older.push(detached(stored.clone()));
        }
    }

    fn older(&self) -> std::sync::MutexGuard<'_, Vec<Stored>> {
        self.older.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What something seen takes without its entries, in bytes.
fn strands_bytes(strands: &[SubjectId]) -> usize {
    BYTES + strands.len() * (size_of::<Member>() + 64)
}

/// What entries take.
fn entries_bytes(entries: &[Stored]) -> usize {
    entries.iter().map(|stored| ENTRY_BYTES + 2 * stored.0.record().len()).sum()
}

/// An entry that holds no more than its own bytes.
fn detached(stored: Stored) -> Stored {
    let (entry, event) = Stored::unwrap_or_clone(stored);
    Stored::new((entry.detached(), event))
}
