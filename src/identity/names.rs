//! Finding customers by name without names on disk: a blind index.
//!
//! For every word of a display name, each of its prefixes of two to twelve letters is hashed with a key that is derived
//! from the installation's secret; a row joins the first eight bytes of the hash with the strand. Whoever has the disk but
//! not the master key sees only how many strands share a hash. A row may be out of date (the name has changed) or a
//! coincidence, so whoever searches compares with the name itself, opened.

use std::collections::HashSet;
use std::sync::Arc;

use crate::event::text::folded_words;
use crate::event::{Event, Kind, Personal, SubjectId};
use crate::views::{Applied, Key, Projection, Reader, RowBytes, Rows, TableSpec, Use, ViewError};

const TABLE: &str = "names";
/// Letters of the shortest prefix that can be searched.
const SHORTEST_PREFIX: usize = 2;
/// Letters of the longest prefix that is indexed; a longer word is searched by its beginning.
const LONGEST_PREFIX: usize = 12;
/// Words of a name that are indexed.
const MOST_WORDS: usize = 12;

/// The name under which a profile's display name is observed.
pub const NAME: &str = "name";

/// The key of the blind index.
pub struct BlindKey([u8; 32]);

impl BlindKey {
    /// A key derived from the installation's secret for this purpose alone.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// What stands for a prefix in the index.
    fn blind(&self, prefix: &str) -> [u8; 8] {
        let hash = blake3::keyed_hash(&self.0, prefix.as_bytes());
        let mut short = [0; 8];
        short.copy_from_slice(hash.as_bytes().first_chunk::<8>().unwrap_or(&[0; 8]));
        short
    }
}

impl std::fmt::Debug for BlindKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BlindKey")
    }
}

impl Drop for BlindKey {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

/// Opens the personal part of an event; `None` when its key was destroyed.
pub type Opener = dyn Fn(&Event) -> Result<Option<Personal>, ViewError> + Send + Sync;

/// The projection that keeps the blind index. It opens observed profiles that have a name, and nothing else.
pub struct Names {
    key: Arc<BlindKey>,
    open: Arc<Opener>,
    pending: HashSet<([u8; 8], SubjectId)>,
}

impl std::fmt::Debug for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Names")
    }
}

impl Names {
    /// An index under this key.
    #[must_use]
    pub fn new(key: Arc<BlindKey>, open: Arc<Opener>) -> Self {
        Self { key, open, pending: HashSet::new() }
    }
}

impl Projection for Names {
    fn name(&self) -> &'static str {
        "names"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [TableSpec] {
        &[TableSpec { name: TABLE, used_for: Use::Index }]
    }

    fn apply(&mut self, applied: Applied<'_>, _: &mut Rows<'_>) -> Result<(), ViewError> {
        let Kind::ProfileObserved(observed) = &applied.event.kind else { return Ok(()) };
        if !observed.names.iter().flatten().any(|name| name.as_str() == NAME) {
            return Ok(());
        }
        let Some(personal) = (self.open)(applied.event)? else { return Ok(()) };
        let name = personal.value.as_ref().and_then(|values| values.get(NAME)).and_then(|name| name.as_str());
        for word in folded_words(name.unwrap_or_default()).into_iter().take(MOST_WORDS) {
            for prefix in prefixes(&word) {
                self.pending.insert((self.key.blind(prefix), applied.event.strand.subject));
            }
        }
        Ok(())
    }

    fn finish(&mut self, rows: &mut Rows<'_>) -> Result<(), ViewError> {
        self.pending
            .drain()
            .try_for_each(|(blind, subject)| rows.put(TABLE, &Key::new().bytes(&blind).subject(&subject).done(), &[]))
    }
}

/// The prefixes of a word that are indexed.
fn prefixes(word: &str) -> impl Iterator<Item = &str> {
    let ends = word.char_indices().map(|(at, c)| at + c.len_utf8());
    ends.skip(SHORTEST_PREFIX - 1).take(LONGEST_PREFIX + 1 - SHORTEST_PREFIX).filter_map(|end| word.get(..end))
}

/// A search for names of which every searched word is the beginning of a word.
///
/// Its answers are candidates: compare with the name itself.
#[derive(Debug)]
pub struct NameSearch {
    reader: Reader,
    leading: [u8; 8],
    others: Vec<[u8; 8]>,
}

impl NameSearch {
    /// A search for folded words; `None` when no word has the shortest prefix that is searched for.
    #[must_use]
    pub fn new(reader: &Reader, key: &BlindKey, words: &[String]) -> Option<Self> {
        let mut longest_first: Vec<&str> = words.iter().filter_map(|word| prefixes(word).last()).collect();
        longest_first.sort_by_key(|prefix| std::cmp::Reverse(prefix.len()));
        let mut blinds = longest_first.into_iter().map(|prefix| key.blind(prefix));
        let leading = blinds.next()?;
        Some(Self { reader: reader.clone(), leading, others: blinds.collect() })
    }

    /// The strands that fit, in the order of their ids, behind `after`.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails.
    pub fn strands(
        &self,
        after: Option<SubjectId>,
    ) -> Result<impl Iterator<Item = Result<SubjectId, ViewError>> + '_, ViewError> {
        let start = Key::new().bytes(&self.leading);
        let start = after.map_or(start.clone(), |after| start.subject(&after).bytes(&[0])).done();
        let rows = self.reader.range(TABLE, start, Key::behind(&self.leading))?;
        Ok(rows.filter_map(|row| self.fitting(row).transpose()))
    }

    fn fitting(&self, row: Result<(RowBytes, RowBytes), ViewError>) -> Result<Option<SubjectId>, ViewError> {
        let (key, _) = row?;
        let Some(subject) = Key::subject_at(&key, 8) else { return Ok(None) };
        for blind in &self.others {
            if self.reader.get(TABLE, &Key::new().bytes(blind).subject(&subject).done())?.is_none() {
                return Ok(None);
            }
        }
        Ok(Some(subject))
    }

    /// Whether a strand fits.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails.
    pub fn fits(&self, subject: &SubjectId) -> Result<bool, ViewError> {
        for blind in self.others.iter().chain([&self.leading]) {
            if self.reader.get(TABLE, &Key::new().bytes(blind).subject(subject).done())?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
