//! Putting together what is left of a log: the chain is followed from its beginning, and each next chunk taken from the first
//! source that has it whole. As every chunk names the hash of the one before, none can be taken that does not belong there.

use super::{Chunk, EventLog, Head, LogError};
use crate::event::Position;

/// Where chunks may be found: the log as far as it can be read, its file, an archive.
pub trait ChunkSource {
    /// What it is, for whoever is told where chunks came from.
    fn name(&self) -> &str;

    /// The chunk that continues a head, if it is here and whole.
    fn after(&mut self, head: Head) -> Option<Chunk>;
}

/// Something that is read in order, from any position on, as far as it can be: it is read on while that gives the next chunk,
/// and opened again where it does not.
pub struct InOrder<O, I> {
    name: String,
    open: O,
    reading: Option<I>,
}

impl<O, I> std::fmt::Debug for InOrder<O, I> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "InOrder({})", self.name)
    }
}

impl<O, I, E> InOrder<O, I>
where
    O: FnMut(Position) -> Option<I>,
    I: Iterator<Item = Result<Chunk, E>>,
{
    /// `open` gives the chunks from a position on, if they can be had.
    pub fn new(name: impl Into<String>, open: O) -> Self {
        Self { name: name.into(), open, reading: None }
    }

    fn next(&mut self, head: Head) -> Option<Chunk> {
        if let Some(reading) = &mut self.reading
            && let Some(Ok(chunk)) = reading.next()
            && continues(head, &chunk)
        {
            return Some(chunk);
        }
        let mut reading = (self.open)(head.next)?;
        let chunk = reading.next()?.ok().filter(|chunk| continues(head, chunk))?;
        self.reading = Some(reading);
        Some(chunk)
    }
}

impl<O, I, E> ChunkSource for InOrder<O, I>
where
    O: FnMut(Position) -> Option<I>,
    I: Iterator<Item = Result<Chunk, E>>,
{
    fn name(&self) -> &str {
        &self.name
    }

    fn after(&mut self, head: Head) -> Option<Chunk> {
        let found = self.next(head);
        if found.is_none() {
            self.reading = None;
        }
        found
    }
}

/// A log, as far as it can be read.
pub fn log_source(log: &dyn EventLog) -> impl ChunkSource + '_ {
    InOrder::new("the log", |from| log.read(from).ok())
}

/// Whether a chunk is the one that follows a head.
#[must_use]
pub fn continues(head: Head, chunk: &Chunk) -> bool {
    chunk.first() == head.next && chunk.prev() == head.hash
}

/// The longest chain from the beginning that the sources have together, and how many chunks each gave.
pub struct Salvage<'a> {
    sources: Vec<(Box<dyn ChunkSource + 'a>, u64)>,
    head: Head,
}

impl std::fmt::Debug for Salvage<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Salvage").field("head", &self.head).finish_non_exhaustive()
    }
}

impl<'a> Salvage<'a> {
    /// From sources, the one that is asked first in front.
    #[must_use]
    pub fn from(sources: Vec<Box<dyn ChunkSource + 'a>>) -> Self {
        Self { sources: sources.into_iter().map(|source| (source, 0)).collect(), head: Head::default() }
    }

    /// Up to where the chain has been followed.
    #[must_use]
    pub fn head(&self) -> Head {
        self.head
    }

    /// How many chunks each source gave.
    #[must_use]
    pub fn given(&self) -> Vec<(String, u64)> {
        self.sources.iter().map(|(source, count)| (source.name().to_owned(), *count)).collect()
    }
}

impl Iterator for Salvage<'_> {
    type Item = Chunk;

    fn next(&mut self) -> Option<Chunk> {
        let head = self.head;
        let (chunk, count) =
            self.sources.iter_mut().find_map(|(source, count)| source.after(head).map(|chunk| (chunk, count)))?;
        *count += 1;
        self.head = Head::after(&chunk);
        Some(chunk)
    }
}

/// Chunks of one commit while a chain is stored again.
const COMMIT_CHUNKS: usize = 512;

/// Stores a chain in an empty log, as it is.
///
/// # Errors
/// [`LogError`] when it cannot be written.
pub fn store_again(chain: &mut dyn Iterator<Item = Chunk>, log: &dyn EventLog) -> Result<Head, LogError> {
    loop {
        let chunks: Vec<Chunk> = chain.take(COMMIT_CHUNKS).collect();
        if chunks.is_empty() {
            return Ok(log.head());
        }
        log.append(&super::Commit::of_chunks(log.head(), chunks)?)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Micros, Position};
    use crate::log::{MemoryLog, prepare};

    /// Some chunks of a log.
    struct Some(Vec<Chunk>);

    impl ChunkSource for Some {
        fn name(&self) -> &str {
            "some"
        }
        fn after(&mut self, head: Head) -> Option<Chunk> {
            self.0.iter().find(|chunk| continues(head, chunk)).cloned()
        }
    }

    fn log(mark: u8) -> MemoryLog {
        let log = MemoryLog::new();
        for at in 0..20 {
            let records = vec![vec![mark, at as u8].into(), vec![at as u8].into()];
            log.append(&prepare(log.head(), Micros(at), records).unwrap()).unwrap();
        }
        log
    }

    #[test]
    fn sources_that_lack_chunks_give_the_whole_chain_together_and_stop_where_none_has_the_next() {
        let whole = log(1);
        let chunks: Vec<Chunk> = whole.read(Position(0)).unwrap().map(Result::unwrap).collect();
        let (even, odd): (Vec<_>, Vec<_>) = chunks.iter().cloned().partition(|chunk| chunk.first().0 % 4 == 0);
        let mut salvage = Salvage::from(vec![Box::new(Some(even.clone())), Box::new(Some(odd))]);
        let again = MemoryLog::new();
        assert_eq!(store_again(&mut salvage, &again).unwrap(), whole.head());
        assert_eq!(salvage.given(), [("some".into(), 10), ("some".into(), 10)]);
        let mut alone = Salvage::from(vec![Box::new(Some(even))]);
        assert_eq!(alone.by_ref().count(), 1);
        assert_eq!(alone.head().next, Position(2));
    }

    #[test]
    fn a_chunk_of_another_log_is_not_taken() {
        let (mine, other) = (log(1), log(2));
        let first = mine.chunk_at(Position(0)).unwrap().unwrap();
        let mut salvage = Salvage::from(vec![Box::new(Some(vec![first])), Box::new(log_source(&other))]);
        let _first = salvage.next().unwrap();
        assert!(salvage.next().is_none());
    }

    #[test]
    fn a_log_is_followed_to_its_end() {
        let log = log(3);
        let mut salvage = Salvage::from(vec![Box::new(log_source(&log))]);
        assert_eq!(salvage.by_ref().count(), 20);
        assert_eq!(salvage.head(), log.head());
    }
}
