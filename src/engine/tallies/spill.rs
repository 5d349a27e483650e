//! The clear parts of all events, sorted out by the customers to whom they belong: a file beside the views, for as long as the rows
//! of everybody are made.
//!
//! The log is in the order of arrival, the rows of a customer are made of all their events. To fetch the events of each customer
//! by themselves out of the timeline takes three times as long as to go through the log once and put every event where the others
//! of its customer are: into one piece of one of [`PARTS`] parts, each of which fits into memory. The file is written from front to
//! end, a block of one piece after a block of another, and after some millions of events where all of them are. A process that
//! comes later goes on behind the last such index.

use std::fs::File;
use std::io::{Error, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::tables::{PARTS, Pass};
use crate::engine::error::EngineError;
use crate::event::codec;
use crate::event::{Event, Micros, Position, SubjectId};
use crate::identity::Owners;

/// So many pieces a part has. The strand that stands for a customer has the least id of all of theirs: the first parts have several
/// times as many events as the last.
pub(super) const PIECES: u16 = 4;
/// So many shares a piece is sorted in: each takes a moment.
const SHARES: usize = 16;
/// Bytes of a piece that are gathered before they are written.
const BLOCK_BYTES: usize = 16 << 10;
/// Bytes of a row before the record: whose, when it happened, where it stands, when it was stored, how long the record is.
const HEAD_BYTES: usize = 16 + 8 + 8 + 8 + 4;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Block {
    at: u64,
    packed_bytes: u32,
    bytes: u32,
    hash: u64,
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
    pub(super) fn create(path: &Path, through: u64) -> Result<Self, EngineError> {
        let file = File::options().read(true).write(true).create(true).truncate(true).open(path);
        let file = file.map_err(|cause| failed(path, cause))?;
        let pieces = (0..PARTS * PIECES).map(|_| Piece::default()).collect();
        Ok(Self { path: path.to_owned(), file, through, next: 0, pieces, end: AtomicU64::new(0), owners: None })
    }

    /// The file of an earlier process as far as it had told; `None` when there is none that can be used.
    pub(super) fn open(path: &Path, pass: &Pass) -> Option<Self> {
        let index = pass.index?;
        let file = File::options().read(true).write(true).open(path).ok()?;
        let end = AtomicU64::new(index.at + u64::from(index.packed_bytes));
        let (path, through, next) = (path.to_owned(), pass.through, pass.spilt);
        let mut opened = Self { path, file, through, next, pieces: Vec::new(), end, owners: None };
        let pieces: Vec<Vec<Block>> = codec::unpack(&opened.read(&index).ok()?).ok()?;
        let piece = |blocks: Vec<Block>| Piece { blocks: blocks.into(), ..Piece::default() };
        opened.pieces = pieces.into_iter().map(piece).collect();
        (opened.pieces.len() == usize::from(PARTS * PIECES)).then_some(opened)
    }

    /// Whose the strands are of the events that are added from now on.
    pub(super) fn owned_by(self, owners: Owners) -> Self {
        Self { owners: Some(owners), ..self }
    }

    /// Whether all events are in it.
    pub(super) fn is_complete(&self) -> bool {
        self.next >= self.through
    }

    /// Events before this position are in it.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// Events before this position are to be.
    pub(super) fn through(&self) -> u64 {
        self.through
    }

    /// Adds an event as it was stored, of which so many bytes are sealed. Several threads may at once.
    pub(super) fn add(&self, event: &Event, sealed_bytes: usize, record: &[u8]) -> Result<(), EngineError> {
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
        codec::push_clear(event, sealed_bytes, record, &mut gathered);
        let length = (gathered.len() - length_at - 4) as u32;
        if let Some(place) = gathered.get_mut(length_at..length_at + 4) {
            place.copy_from_slice(&length.to_be_bytes());
        }
        if gathered.len() < BLOCK_BYTES {
            return Ok(());
        }
        let block = self.write(&gathered)?;
        piece.blocks.lock().unwrap_or_else(PoisonError::into_inner).push(block);
        gathered.clear();
        Ok(())
    }

    fn write(&self, bytes: &[u8]) -> Result<Block, EngineError> {
        let packed = lz4_flex::block::compress(bytes);
        let at = self.end.fetch_add(packed.len() as u64, Ordering::Relaxed);
        self.file.write_all_at(&packed, at).map_err(|cause| failed(&self.path, cause))?;
        let (packed_bytes, bytes) = (packed.len() as u32, bytes.len() as u32);
        Ok(Block { at, packed_bytes, bytes, hash: hash_of(&packed) })
    }

    /// Lays down all that was added, which are the events before a position, and where it is. Should the process end, another
    /// goes on from there.
    pub(super) fn advance(&mut self, next: u64) -> Result<Block, EngineError> {
        let mut all = Vec::with_capacity(self.pieces.len());
        for piece in &self.pieces {
            let mut gathered = piece.gathered.lock().unwrap_or_else(PoisonError::into_inner);
            let mut blocks = piece.blocks.lock().unwrap_or_else(PoisonError::into_inner);
            if !gathered.is_empty() {
                blocks.push(self.write(&gathered)?);
                gathered.clear();
            }
            if next >= self.through {
                *gathered = Vec::new();
            }
            all.push(blocks.clone());
        }
        let index = self.write(&codec::pack(&all))?;
        self.next = next;
        if self.is_complete() {
            self.owners = None;
        }
        Ok(index)
    }

    /// The bytes of a piece of a part, for [`events`]. `between` is called between blocks.
    pub(super) fn piece(&self, part: u16, piece: u16, between: impl Fn()) -> Result<Vec<u8>, EngineError> {
        let Some(piece) = self.pieces.get(usize::from(part * PIECES + piece)) else { return Ok(Vec::new()) };
        let blocks = piece.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = vec![0; blocks.iter().map(|block| block.bytes as usize).sum()];
        let (mut packed, mut rest) = (Vec::new(), all.as_mut_slice());
        for block in &*blocks {
            between();
            self.read_into(block, &mut packed, rest)?;
            rest = rest.get_mut(block.bytes as usize..).unwrap_or_default();
        }
        Ok(all)
    }

    fn read(&self, block: &Block) -> Result<Vec<u8>, EngineError> {
        let mut bytes = vec![0; block.bytes as usize];
        self.read_into(block, &mut Vec::new(), &mut bytes)?;
        Ok(bytes)
    }

    fn read_into(&self, block: &Block, packed: &mut Vec<u8>, into: &mut [u8]) -> Result<(), EngineError> {
        packed.resize(block.packed_bytes as usize, 0);
        self.file.read_exact_at(packed, block.at).map_err(|cause| failed(&self.path, cause))?;
        if hash_of(packed) != block.hash {
            return Err(self.broken("a block is not what was written"));
        }
        if lz4_flex::block::decompress_into(packed, into).ok() != Some(block.bytes as usize) {
            return Err(self.broken("a block cannot be unpacked"));
        }
        Ok(())
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

/// The events of a piece: customer by customer, each in the order of time. `between` is called between shares, before each is sorted.
pub(super) fn events(bytes: &[u8], between: impl Fn()) -> Option<Vec<Spilt<'_>>> {
    let (mut rest, mut shares) = (bytes, [const { Vec::new() }; SHARES]);
    while !rest.is_empty() {
        let (head, behind) = rest.split_at_checked(HEAD_BYTES)?;
        let number = |at: usize| head.get(at..at + 8)?.try_into().ok().map(i64::from_be_bytes);
        let length = u32::from_be_bytes(*head.last_chunk()?);
        let (record, behind) = behind.split_at_checked(length as usize)?;
        let owner = SubjectId(*head.first_chunk()?);
        shares.get_mut(share_of(&owner))?.push(Spilt {
            owner,
            occurred_at: Micros(number(16)?),
            position: Position(number(24)? as u64),
            recorded_at: Micros(number(32)?),
            record,
        });
        rest = behind;
    }
    let mut all = Vec::with_capacity(shares.iter().map(Vec::len).sum());
    for mut share in shares {
        between();
        share.sort_unstable();
        all.append(&mut share);
    }
    Some(all)
}

/// In which share of its piece a customer is: those of one piece have the first byte in common, and the upper bits of the second.
fn share_of(owner: &SubjectId) -> usize {
    let [_, second, ..] = owner.0;
    usize::from(second) * usize::from(PIECES) % 256 * SHARES / 256
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_of_a_piece_are_in_the_order_of_customers() {
        for piece in 0..PIECES {
            let seconds = (0..=u8::MAX).filter(|second| u16::from(*second) * PIECES / 256 == piece);
            let shares: Vec<usize> = seconds.map(|second| share_of(&SubjectId([second; 16]))).collect();
            assert!(shares.is_sorted(), "{shares:?}");
            assert_eq!((shares.first(), shares.last()), (Some(&0), Some(&(SHARES - 1))));
        }
    }
}
