//! Which event ids may be stored. It is asked before the views, for nearly every id that comes in is new, and a view that
//! is being written to is slow to say so: it has to be searched to the bottom.
//!
//! Bloom filters: what they say is missing is missing, and of what is missing they let one in a hundred through to be looked
//! for. Ids that are recorded go into a filter at once. Those that were there before the store was opened are read from the
//! views in the background, once enough events have come in that it is worth it; until then all are looked for.
//! Memory: 1.2 bytes an event.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

use fastbloom::BloomFilter;

use super::admission::stored_ids;
use super::priority;
use crate::event::EventId;
use crate::views::{ViewError, Views};

/// The share of missing ids that are looked for all the same.
const FALSE_POSITIVES: f64 = 0.01;
/// How many ids the first filter of new ones is made for; each further one is made for four times as many.
const FIRST_IDS: usize = 1 << 16;
/// Events that come in before the ids in the views are read.
const WORTH_READING: usize = 4_096;

/// The filters.
pub(super) struct KnownIds {
    views: Arc<Views>,
    /// Ids that were in the views when the store was opened, once they have been read.
    before: Arc<OnceLock<BloomFilter>>,
    /// How many there were.
    events_before: usize,
    /// Ids that were recorded since.
    since: Vec<Growing>,
    /// Events that came in since.
    asked: usize,
    reading: Option<JoinHandle<()>>,
    closed: Arc<AtomicBool>,
}

/// A filter, and for how many more ids it has room.
struct Growing {
    filter: BloomFilter,
    room: usize,
}

impl KnownIds {
    /// For views that have caught up with a log of so many events.
    pub(super) fn new(views: Arc<Views>, events: u64) -> Self {
        let before = OnceLock::new();
        if events == 0 {
            drop(before.set(filter(1)));
        }
        Self {
            views,
            before: Arc::new(before),
            events_before: usize::try_from(events).unwrap_or(usize::MAX),
            since: Vec::new(),
            asked: 0,
            reading: None,
            closed: Arc::default(),
        }
    }

    /// Whether an id may be stored or on its way there; when not, it is new.
    pub(super) fn may_have(&self, id: &EventId) -> bool {
        self.may_have_since(id) || self.before.get().is_none_or(|before| before.contains_hash(hash(id)))
    }

    /// Whether an id may have been recorded since the store was opened.
    pub(super) fn may_have_since(&self, id: &EventId) -> bool {
        self.since.iter().any(|growing| growing.filter.contains_hash(hash(id)))
    }

    /// Notes an id that is recorded.
    pub(super) fn add(&mut self, id: &EventId) {
        if self.since.last().is_none_or(|last| last.room == 0) {
            let room = FIRST_IDS << (2 * self.since.len()).min(32);
            self.since.push(Growing { filter: filter(room), room });
        }
        if let Some(last) = self.since.last_mut() {
            last.filter.insert_hash(hash(id));
            last.room -= 1;
        }
    }

    /// Says that so many events have come in; has the ids in the views read when it is time to.
    pub(super) fn count(&mut self, events: usize) {
        self.asked = self.asked.saturating_add(events);
        if self.asked < WORTH_READING || self.reading.is_some() || self.before.get().is_some() {
            return;
        }
        let (views, before, closed) = (self.views.clone(), self.before.clone(), self.closed.clone());
        let expected = self.events_before;
        let read = move || {
            priority::give_way();
            match read_ids(&views, expected, &closed) {
                Ok(Some(read)) => drop(before.set(read)),
                Ok(None) => {}
                Err(cause) => tracing::warn!(%cause, "the stored event ids could not be read; each is looked for"),
            }
        };
        match std::thread::Builder::new().name("novelo:ids".into()).spawn(read) {
            Ok(reading) => self.reading = Some(reading),
            Err(cause) => tracing::warn!(%cause, "no thread to read the stored event ids; each is looked for"),
        }
    }
}

/// The reading thread has ended before the views are closed.
impl Drop for KnownIds {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::Relaxed);
        if self.reading.take().is_some_and(|reading| reading.join().is_err()) {
            tracing::error!("reading the stored event ids panicked");
        }
    }
}

/// A filter of all ids in the views; none when the store is closed meanwhile.
fn read_ids(views: &Views, expected: usize, closed: &AtomicBool) -> Result<Option<BloomFilter>, ViewError> {
    let mut read = filter(expected);
    let reader = views.reader()?;
    if reader.checkpoint()?.next().0 < expected as u64 {
        // They are being rebuilt: some ids would be missing.
        return Ok(None);
    }
    for id in stored_ids(&reader)? {
        if closed.load(Ordering::Relaxed) {
            return Ok(None);
        }
        priority::offer();
        read.insert_hash(hash(&id?));
    }
    Ok(Some(read))
}

fn filter(ids: usize) -> BloomFilter {
    BloomFilter::with_false_pos(FALSE_POSITIVES).expected_items(ids)
}

/// An id is a hash already; half of it is enough.
fn hash(id: &EventId) -> u64 {
    let (half, _) = id.as_bytes().as_chunks::<8>();
    half.first().map_or(0, |half| u64::from_le_bytes(*half))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::Options;

    fn ids(numbers: std::ops::Range<u32>) -> impl Iterator<Item = EventId> {
        numbers.map(|number| EventId::derive("test", &number.to_string()))
    }

    #[test]
    fn what_was_recorded_is_never_missed_and_little_else_is_let_through() {
        let folder = tempfile::tempdir().unwrap();
        let views = Arc::new(Views::open(folder.path(), Options::default()).unwrap());
        let mut known = KnownIds::new(views, 0);
        // More than one filter has room for.
        for id in ids(0..400_000) {
            known.add(&id);
        }
        assert_eq!(known.since.len(), 3);
        assert!(ids(0..400_000).all(|id| known.may_have(&id)));
        let let_through = ids(400_000..500_000).filter(|id| known.may_have(id)).count();
        assert!((1..4_000).contains(&let_through), "{let_through} of 100,000");
    }

    #[test]
    fn an_id_may_be_there_until_those_in_the_views_were_read() {
        let folder = tempfile::tempdir().unwrap();
        let views = Arc::new(Views::open(folder.path(), Options::default()).unwrap());
        let known = KnownIds::new(views, 10);
        assert!(ids(0..1_000).all(|id| known.may_have(&id)));
        assert!(!ids(0..1_000).any(|id| known.may_have_since(&id)));
    }
}
