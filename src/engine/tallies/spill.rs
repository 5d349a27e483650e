//! The clear parts of all events, sorted out by the customers to whom they belong: a file beside the views, for as long as the rows
//! of everybody are made.
//!
//! The log is in the order of arrival, the rows of a customer are made of all their events. To fetch the events of each customer
//! by themselves out of the timeline takes three times as long as to go through the log once and put every event where the others
//! of its customer are: into one piece of one of [`PARTS`] parts, each of which fits into memory. The file is written from front to
//! end, a block of one piece after a block of another, and ends with where they are; without that end it is of no use and is made
//! anew.

use std::fs::File;
use std::io::{Error, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::tables::PARTS;
use crate::engine::error::EngineError;
use crate::event::codec;
use crate::event::{Event, Micros, Position, SubjectId};
use crate::identity::Owners;

/// So many pieces a part has. The strand that stands for a customer has the least id of all of theirs: the first parts have several
/// times as many events as the last.
pub(super) const PIECES: u16 = 4;
/// Bytes of a piece that are gathered before they are written.
const BLOCK_BYTES: usize = 16 << 10;
/// Bytes of a row before the record: whose, when it happened, where it stands, when it was stored, how long the record is.
const HEAD_BYTES: usize = 16 + 8 + 8 + 8 + 4;
/// Bytes at the end of the file: the hash of what is before them, and how long that is.
const END_BYTES: u64 = 16;

/// A file that is being written, or is complete.
#[derive(Debug)]
pub(super) struct Spill {
    path: PathBuf,
    file: File,
    /// Events before this position are in it once it is complete.
    through: u64,
    /// Events before this position are in it.
    next: u64,
    pieces: Vec<Piece>,
    /// Where the next block goes.
    end: AtomicU64,
    /// Needed until it is complete.
    owners: Option<Owners>,
}

/// What there is of one piece.
#[derive(Debug)]
struct Piece {
    gathered: Mutex<Vec<u8>>,
    blocks: Mutex<Vec<Block>>,
}

impl Default for Piece {
    fn default() -> Self {
        let gathered = Vec::with_capacity(BLOCK_BYTES + BLOCK_BYTES / 8);
        Self { gathered: gathered.into(), blocks: Mutex::default() }
    }
}

/// Where a block is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Block {
    at: u64,
    packed_bytes: u32,
    bytes: u32,
    hash: u64,
}

/// What stands at the end of the file.
#[derive(Debug, Serialize, Deserialize)]
struct Contents {
    through: u64,
    pieces: Vec<Vec<Block>>,
}

/// An event of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spilt<'a> {
    /// The strand that stands for the customer.
    pub(super) owner: SubjectId,
    occurred_at: Micros,
    position: Position,
    recorded_at: Micros,
    record: &'a [u8],
}

impl Spill {
    /// Begins a file for the events before a position; what was there is gone.
    pub(super) fn create(path: &Path, through: u64, owners: Owners) -> Result<Self, EngineError> {
        let file = File::options().read(true).write(true).create(true).truncate(true).open(path);
        let file = file.map_err(|cause| failed(path, cause))?;
        Ok(Self { next: 0, owners: Some(owners), ..Self::of(path, file, through) })
    }

    fn of(path: &Path, file: File, through: u64) -> Self {
        let pieces = (0..PARTS * PIECES).map(|_| Piece::default()).collect();
        Self { path: path.to_owned(), file, through, next: through, pieces, end: AtomicU64::new(0), owners: None }
    }

    /// The file that an earlier process completed for the events before this position; `None` when there is none that can be used.
    pub(super) fn open(path: &Path, through: u64) -> Option<Self> {
        let file = File::open(path).ok()?;
        let end = file.metadata().ok()?.len().checked_sub(END_BYTES)?;
        let mut tail = [0; END_BYTES as usize];
        file.read_exact_at(&mut tail, end).ok()?;
        let (hash, length) = (u64::from_be_bytes(*tail.first_chunk()?), u64::from_be_bytes(*tail.last_chunk()?));
        let mut bytes = vec![0; usize::try_from(length).ok().filter(|_| length <= end)?];
        file.read_exact_at(&mut bytes, end.checked_sub(length)?).ok()?;
        let contents: Contents = codec::unpack(&bytes).ok().filter(|_| hash_of(&bytes) == hash)?;
        if contents.through != through || contents.pieces.len() != usize::from(PARTS * PIECES) {
            return None;
        }
        let opened = Self::of(path, file, through);
        for (piece, blocks) in opened.pieces.iter().zip(contents.pieces) {
            *piece.blocks.lock().unwrap_or_else(PoisonError::into_inner) = blocks;
        }
        Some(opened)
    }

    /// Whether all events are in it.
    pub(super) fn is_complete(&self) -> bool {
        self.owners.is_none()
    }

    /// Events before this position are in it.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// Events before this position are to be.
    pub(super) fn through(&self) -> u64 {
        self.through
    }

    /// Adds an event as it was stored. Several threads may at once.
    pub(super) fn add(&self, event: &Event, record: &[u8]) -> Result<(), EngineError> {
        let strand = event.strand.subject;
        let owner = self.owners.as_ref().map_or(strand, |owners| owners.of(&strand));
        let [first, second, ..] = owner.0;
        let number = u16::from(first) * PIECES + u16::from(second) * PIECES / 256;
        let Some(piece) = self.pieces.get(usize::from(number)) else { return Ok(()) };
        let mut gathered = piece.gathered.lock().unwrap_or_else(PoisonError::into_inner);
        gathered.extend_from_slice(owner.as_bytes());
        gathered.extend_from_slice(&event.header.occurred_at.0.to_be_bytes());
        gathered.extend_from_slice(&event.position.0.to_be_bytes());
        gathered.extend_from_slice(&event.recorded_at.0.to_be_bytes());
        let length_at = gathered.len();
        gathered.extend_from_slice(&[0; 4]);
        codec::push_clear(event, record, &mut gathered);
        let length = (gathered.len() - length_at - 4) as u32;
        if let Some(place) = gathered.get_mut(length_at..length_at + 4) {
            place.copy_from_slice(&length.to_be_bytes());
        }
        if gathered.len() < BLOCK_BYTES {
            return Ok(());
        }
        self.write(piece, &gathered)?;
        gathered.clear();
        Ok(())
    }

    fn write(&self, piece: &Piece, bytes: &[u8]) -> Result<(), EngineError> {
        let packed = lz4_flex::block::compress(bytes);
        let at = self.end.fetch_add(packed.len() as u64, Ordering::Relaxed);
        self.file.write_all_at(&packed, at).map_err(|cause| failed(&self.path, cause))?;
        let (packed_bytes, bytes) = (packed.len() as u32, bytes.len() as u32);
        let block = Block { at, packed_bytes, bytes, hash: hash_of(&packed) };
        piece.blocks.lock().unwrap_or_else(PoisonError::into_inner).push(block);
        Ok(())
    }

    /// Says up to where events were added; with the last of them the file is complete.
    pub(super) fn advance(&mut self, next: u64) -> Result<(), EngineError> {
        self.next = next;
        if next < self.through {
            return Ok(());
        }
        for piece in &self.pieces {
            let gathered = std::mem::take(&mut *piece.gathered.lock().unwrap_or_else(PoisonError::into_inner));
            if !gathered.is_empty() {
                self.write(piece, &gathered)?;
            }
        }
        let blocks = |piece: &Piece| piece.blocks.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let contents = Contents { through: self.through, pieces: self.pieces.iter().map(blocks).collect() };
        let mut bytes = codec::pack(&contents);
        let (hash, length) = (hash_of(&bytes), bytes.len() as u64);
        bytes.extend_from_slice(&hash.to_be_bytes());
        bytes.extend_from_slice(&length.to_be_bytes());
        let end = self.end.load(Ordering::Relaxed);
        self.file.write_all_at(&bytes, end).map_err(|cause| failed(&self.path, cause))?;
        self.owners = None;
        Ok(())
    }

    /// The bytes of a piece of a part, for [`events`].
    pub(super) fn piece(&self, part: u16, piece: u16) -> Result<Vec<u8>, EngineError> {
        let Some(piece) = self.pieces.get(usize::from(part * PIECES + piece)) else { return Ok(Vec::new()) };
        let blocks = piece.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut all, mut packed) = (vec![0; blocks.iter().map(|block| block.bytes as usize).sum()], Vec::new());
        let mut rest = all.as_mut_slice();
        for block in &*blocks {
            packed.resize(block.packed_bytes as usize, 0);
            self.file.read_exact_at(&mut packed, block.at).map_err(|cause| failed(&self.path, cause))?;
            if hash_of(&packed) != block.hash {
                return Err(self.broken("a block is not what was written"));
            }
            let bytes = block.bytes as usize;
            if lz4_flex::block::decompress_into(&packed, rest).ok() != Some(bytes) {
                return Err(self.broken("a block cannot be unpacked"));
            }
            rest = rest.get_mut(bytes..).unwrap_or_default();
        }
        Ok(all)
    }

    /// It is of no use, and is made anew.
    pub(super) fn broken(&self, reason: &'static str) -> EngineError {
        remove(&self.path);
        failed(&self.path, Error::new(ErrorKind::InvalidData, reason))
    }
}

/// Removes what an earlier process left behind.
pub(super) fn remove(path: &Path) {
    match std::fs::remove_file(path) {
        Err(cause) if cause.kind() != ErrorKind::NotFound => {
            tracing::warn!(%cause, path = %path.display(), "a file that is not needed any more cannot be removed");
        }
        Ok(()) | Err(_) => {}
    }
}

/// The events of a piece: customer by customer, each in the order of time.
pub(super) fn events(bytes: &[u8]) -> Option<Vec<Spilt<'_>>> {
    let (mut rest, mut all) = (bytes, Vec::with_capacity(bytes.len() / 160));
    while !rest.is_empty() {
        let (head, behind) = rest.split_at_checked(HEAD_BYTES)?;
        let number = |at: usize| head.get(at..at + 8)?.try_into().ok().map(i64::from_be_bytes);
        let length = u32::from_be_bytes(*head.last_chunk()?);
        let (record, behind) = behind.split_at_checked(length as usize)?;
        all.push(Spilt {
            owner: SubjectId(*head.first_chunk()?),
            occurred_at: Micros(number(16)?),
            position: Position(number(24)? as u64),
            recorded_at: Micros(number(32)?),
            record,
        });
        rest = behind;
    }
    all.sort_unstable_by_key(|event| (event.owner, event.occurred_at, event.position));
    Some(all)
}

impl Spilt<'_> {
    /// The event, with nothing sealed.
    pub(super) fn event(&self) -> Result<Event, EngineError> {
        codec::decode(self.position, self.recorded_at, self.record)
            .map_err(|cause| EngineError::Event { position: self.position, cause })
    }
}

fn hash_of(bytes: &[u8]) -> u64 {
    xxhash_rust::xxh3::xxh3_64_with_seed(bytes, 0)
}

fn failed(path: &Path, cause: Error) -> EngineError {
    EngineError::Io { path: path.display().to_string(), cause }
}
