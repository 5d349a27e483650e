//! A chunk: a few records, chained to the chunk before. Pure.
//!
//! Layout, numbers little-endian:
//!
//! | bytes | what |
//! |---|---|
//! | 1 | layout: 1 |
//! | 8 | position of the first record |
//! | 8 | when the commit was recorded, microseconds since 1970 |
//! | 32 | hash of the chunk before; zero for the first |
//! | 32 | hash of this chunk |
//! | 4 | how many records |
//! | | for each record four bytes of length, then all records one after the other |
//!
//! The hash is BLAKE3 over `novelo chunk v1`, the first position, the moment, the hash before, the number of records, and the
//! BLAKE3 hash of every record: whoever holds the hashes of the others can prove one record without showing them.

use std::ops::Range;
use std::sync::Arc;

use super::error::LogError;
use crate::event::{Hash, Micros, Position};

/// The layout, a chunk's first byte.
pub(super) const LAYOUT: u8 = 1;
const DOMAIN: &[u8] = b"novelo chunk v1";
/// Bytes before the lengths of the records.
pub(super) const HEAD_BYTES: usize = 1 + 8 + 8 + 32 + 32 + 4;
const LENGTH_BYTES: usize = 4;

/// The bytes of an event on their way into a chunk, and their hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    bytes: Vec<u8>,
    hash: Hash,
}

impl Record {
    /// BLAKE3 of the bytes.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// How many bytes.
    #[must_use]
    pub fn len_bytes(&self) -> usize {
        self.bytes.len()
    }
}

impl From<Vec<u8>> for Record {
    fn from(bytes: Vec<u8>) -> Self {
        Self { hash: Hash::of(&bytes), bytes }
    }
}

/// A few records, chained to the chunk before. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    first: Position,
    recorded_at: Micros,
    prev: Hash,
    hash: Hash,
    bytes: Arc<[u8]>,
    records: Arc<[Range<usize>]>,
}

impl Chunk {
    /// Lays records down behind the chunk whose hash is `prev`. There must be at least one.
    ///
    /// # Errors
    /// [`LogError::Empty`].
    pub fn build(first: Position, recorded_at: Micros, prev: Hash, records: &[Record]) -> Result<Self, LogError> {
        if records.is_empty() {
            return Err(LogError::Empty);
        }
        let hash = hash_of(first, recorded_at, prev, records.iter().map(|record| record.hash));
        let size: usize = records.iter().map(|record| LENGTH_BYTES + record.bytes.len()).sum();
        let mut bytes = Vec::with_capacity(HEAD_BYTES + size);
        bytes.push(LAYOUT);
        bytes.extend_from_slice(&first.0.to_le_bytes());
        bytes.extend_from_slice(&recorded_at.0.to_le_bytes());
        bytes.extend_from_slice(&prev.0);
        bytes.extend_from_slice(&hash.0);
        bytes.extend_from_slice(&length(records.len()));
        for Record { bytes: record, .. } in records {
            bytes.extend_from_slice(&length(record.len()));
        }
        let mut ranges = Vec::with_capacity(records.len());
        for Record { bytes: record, .. } in records {
            ranges.push(bytes.len()..bytes.len() + record.len());
            bytes.extend_from_slice(record);
        }
        Ok(Self { first, recorded_at, prev, hash, bytes: bytes.into(), records: ranges.into() })
    }

    /// Reads a stored chunk that should begin at `position`, and recomputes its hash.
    ///
    /// # Errors
    /// [`LogError::Damaged`] names the position and says what does not fit.
    pub fn read(position: Position, bytes: Arc<[u8]>) -> Result<Self, LogError> {
        let damaged = |reason: &str| LogError::Damaged { position, reason: reason.into() };
        let mut cursor = Cursor { bytes: &bytes, at: 0 };
        if cursor.take::<1>().ok_or(damaged("it is empty"))? != [LAYOUT] {
            return Err(damaged("its layout is unknown; it may come from a later release"));
        }
        let short = || damaged("it ends early");
        let first = Position(u64::from_le_bytes(cursor.take().ok_or_else(short)?));
        let recorded_at = Micros(i64::from_le_bytes(cursor.take().ok_or_else(short)?));
        let prev = Hash(cursor.take().ok_or_else(short)?);
        let hash = Hash(cursor.take().ok_or_else(short)?);
        let count = u32::from_le_bytes(cursor.take().ok_or_else(short)?) as usize;
        if first != position {
            return Err(damaged("it says that it begins elsewhere"));
        }
        if count == 0 || count > bytes.len() / LENGTH_BYTES {
            return Err(damaged("its number of records is impossible"));
        }
        let mut start = HEAD_BYTES + count * LENGTH_BYTES;
        let mut records = Vec::with_capacity(count);
        for _ in 0..count {
            let length = u32::from_le_bytes(cursor.take().ok_or_else(short)?) as usize;
            let end = start.checked_add(length).ok_or_else(short)?;
            records.push(start..end);
            start = end;
        }
        if start != bytes.len() {
            return Err(damaged("its records do not fill it"));
        }
        let chunk = Self { first, recorded_at, prev, hash, records: records.into(), bytes };
        let found = hash_of(first, recorded_at, prev, chunk.records().map(|(_, record)| Hash::of(record)));
        if found != hash {
            return Err(damaged("its hash does not fit its contents"));
        }
        Ok(chunk)
    }

    /// The position of its first record.
    #[must_use]
    pub fn first(&self) -> Position {
        self.first
    }

    /// The position behind its last record.
    #[must_use]
    pub fn end(&self) -> Position {
        self.first.plus(self.records.len() as u64)
    }

    /// How many records it holds.
    #[must_use]
    pub fn count(&self) -> usize {
        self.records.len()
    }

    /// When its commit was recorded.
    #[must_use]
    pub fn recorded_at(&self) -> Micros {
        self.recorded_at
    }

    /// The hash of the chunk before.
    #[must_use]
    pub fn prev(&self) -> Hash {
        self.prev
    }

    /// Its own hash, which stands for everything up to its end.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// The stored bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many bytes it takes.
    #[must_use]
    pub fn len_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The records with their positions.
    pub fn records(&self) -> impl ExactSizeIterator<Item = (Position, &[u8])> {
        let first = self.first;
        let each = move |(index, range): (usize, &Range<usize>)| {
            (first.plus(index as u64), self.bytes.get(range.clone()).unwrap_or_default())
        };
        self.records.iter().enumerate().map(each)
    }

    /// The record at a position; `None` when it is not in this chunk.
    #[must_use]
    pub fn record(&self, position: Position) -> Option<&[u8]> {
        if position < self.first {
            return None;
        }
        let index = usize::try_from(position.since(self.first)).ok()?;
        self.bytes.get(self.records.get(index)?.clone())
    }
}

/// Bytes that are read from the front.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let taken = self.bytes.get(self.at..)?.first_chunk::<N>().copied()?;
        self.at += N;
        Some(taken)
    }
}

fn length(count: usize) -> [u8; LENGTH_BYTES] {
    u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes()
}

/// The hash of a chunk, from the hashes of its records.
#[must_use]
pub fn hash_of(first: Position, recorded_at: Micros, prev: Hash, records: impl ExactSizeIterator<Item = Hash>) -> Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(DOMAIN);
    hasher.update(&first.0.to_le_bytes());
    hasher.update(&recorded_at.0.to_le_bytes());
    hasher.update(&prev.0);
    hasher.update(&length(records.len()));
    for record in records {
        hasher.update(&record.0);
    }
    Hash(hasher.finalize().into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn chunk(records: &[Vec<u8>]) -> Chunk {
        let records: Vec<Record> = records.iter().cloned().map(Record::from).collect();
        Chunk::build(Position(7), Micros(99), Hash([3; 32]), &records).unwrap()
    }

    #[test]
    fn a_chunk_without_records_cannot_be() {
        assert_eq!(Chunk::build(Position(0), Micros(0), Hash::ZERO, &[]), Err(LogError::Empty));
    }

    #[test]
    fn a_chunk_at_another_place_is_refused() {
        let chunk = chunk(&[b"a".to_vec()]);
        assert!(Chunk::read(Position(8), chunk.bytes().into()).is_err());
    }

    proptest! {
        #[test]
        fn what_was_laid_down_is_read(records in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..80), 1..12)) {
            let chunk = chunk(&records);
            let read = Chunk::read(Position(7), chunk.bytes().into()).unwrap();
            prop_assert_eq!(&read, &chunk);
            let found: Vec<_> = read.records().map(|(_, record)| record.to_vec()).collect();
            prop_assert_eq!(found, records);
        }

        #[test]
        fn a_flipped_bit_anywhere_is_noticed(at in any::<usize>(), bit in 0_u8..8) {
            let chunk = chunk(&[b"one".to_vec(), b"two".to_vec(), vec![]]);
            let mut bytes = chunk.bytes().to_vec();
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
            prop_assert!(Chunk::read(Position(7), bytes.into()).is_err());
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            drop(Chunk::read(Position(0), bytes.into()));
        }
    }
}
