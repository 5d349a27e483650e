//! The tree over a log's chunks, kept so that neither memory nor start-up grows with the log.
//!
//! In memory are the leaves of the last 1024 chunks at most, and a few peaks. On disk is the root of every full block of 1024
//! chunks: 48 bytes for some 5,000 events. The file is derived: what is missing or does not fit is made again from the log.
//!
//! File `subtrees`: sixteen bytes `novelo subtrees1`, then for every block, numbers little-endian: the position behind its last
//! event (8 bytes), its root (32), and the first 8 bytes of the BLAKE3 hash of the block's number and both.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::error::ProofError;
use super::tree::{Frontier, leaf, path, root};
use crate::event::{Hash, Position};
use crate::log::{Chunk, EventLog, Head};

const MAGIC: &[u8; 16] = b"novelo subtrees1";
/// Chunks of a block. A power of two, so that blocks are subtrees.
pub(super) const BLOCK_CHUNKS: usize = 1024;
const ENTRY_BYTES: usize = 48;

/// A full block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Block {
    end: Position,
    root: Hash,
}

impl Block {
    fn to_bytes(self, number: u64) -> Vec<u8> {
        let mut bytes = [self.end.0.to_le_bytes().as_slice(), &self.root.0].concat();
        bytes.extend_from_slice(&check(number, &bytes));
        bytes
    }

    fn read(number: u64, bytes: &[u8; ENTRY_BYTES]) -> Option<Self> {
        let (body, found) = bytes.split_last_chunk::<8>()?;
        let (end, root) = body.split_first_chunk::<8>()?;
        let block = Self { end: Position(u64::from_le_bytes(*end)), root: Hash::from_slice(root)? };
        (check(number, body) == *found).then_some(block)
    }
}

fn check(number: u64, body: &[u8]) -> [u8; 8] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&number.to_le_bytes()).update(body);
    let mut check = [0; 8];
    hasher.finalize_xof().fill(&mut check);
    check
}

/// The tree, up to some chunk of the log.
#[derive(Debug)]
pub(super) struct Subtrees {
    path: PathBuf,
    file: File,
    /// The full blocks.
    blocks: Frontier,
    /// Where the last full block ends.
    blocks_end: Position,
    /// The leaves behind them.
    open: Vec<Hash>,
    end: Head,
    log: Hash,
}

impl Subtrees {
    /// Opens the file and goes on behind its last block; from the beginning when it does not fit the log.
    pub(super) fn open(path: &Path, log: &dyn EventLog) -> Result<Self, ProofError> {
        let io = |cause| ProofError::io(path, cause);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(io)?;
        let mut kept = read_blocks(&file).map_err(io)?;
        let end = match end_of(&kept, log) {
            Some(end) => end,
            None => {
                kept.clear();
                Head::default()
            }
        };
        let mut blocks = Frontier::default();
        kept.iter().for_each(|block| blocks.push(block.root));
        let mut subtrees =
            Self { path: path.to_owned(), file, blocks, blocks_end: end.next, open: Vec::new(), end, log: Hash::ZERO };
        if end.next > Position::ZERO {
            subtrees.log = log.chunk_at(Position::ZERO)?.map_or(Hash::ZERO, |first| first.hash());
        }
        subtrees.cut().map_err(io)?;
        Ok(subtrees)
    }

    /// Leaves in the file what is in memory, and nothing else.
    fn cut(&mut self) -> std::io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(MAGIC)?;
        let length = MAGIC.len() as u64 + self.blocks.count() * ENTRY_BYTES as u64;
        self.file.set_len(length)?;
        self.file.seek(SeekFrom::Start(length)).map(drop)
    }

    /// The end of the log that it has.
    pub(super) fn end(&self) -> Head {
        self.end
    }

    /// The log: the hash of its first chunk.
    pub(super) fn log(&self) -> Hash {
        self.log
    }

    /// How many chunks, and their root.
    pub(super) fn root(&self) -> (u64, Hash) {
        let last = (!self.open.is_empty()).then(|| root(&self.open));
        (self.blocks.count() * BLOCK_CHUNKS as u64 + self.open.len() as u64, self.blocks.root_with(last))
    }

    /// Adds the next chunk; one that it has already is passed over.
    pub(super) fn add(&mut self, chunk: &Chunk) -> Result<(), ProofError> {
        if chunk.first() < self.end.next {
            return Ok(());
        }
        if chunk.first() != self.end.next || chunk.prev() != self.end.hash {
            let reason = "it does not continue the chunk before it".into();
            return Err(crate::log::LogError::Damaged { position: self.end.next, reason }.into());
        }
        if chunk.first() == Position::ZERO {
            self.log = chunk.hash();
        }
        self.open.push(leaf(chunk.hash()));
        self.end = Head::after(chunk);
        if self.open.len() == BLOCK_CHUNKS {
            let block = Block { end: chunk.end(), root: root(&self.open) };
            // Not synced: what a crash takes is made again.
            let written = self.file.write_all(&block.to_bytes(self.blocks.count()));
            written.map_err(|cause| ProofError::io(&self.path, cause))?;
            self.blocks.push(block.root);
            self.blocks_end = block.end;
            self.open.clear();
        }
        Ok(())
    }

    /// The index of the chunk that holds a position among the first `count` chunks, and the path from there to their root.
    pub(super) fn prove(
        &self,
        log: &dyn EventLog,
        position: Position,
        count: u64,
    ) -> Result<Option<(u64, Vec<Hash>)>, ProofError> {
        let blocks = read_blocks(&self.file).map_err(|cause| ProofError::io(&self.path, cause))?;
        let number = blocks.partition_point(|block| block.end <= position);
        let begin = |number: usize| number.checked_sub(1).and_then(|before| blocks.get(before)).map(|block| block.end);
        let chunks = leaves(log, begin(number).unwrap_or_default())?;
        let Some(inside) = chunks.iter().position(|(end, _)| *end > position) else { return Ok(None) };
        let index = (number * BLOCK_CHUNKS + inside) as u64;
        let (full, rest) = (count / BLOCK_CHUNKS as u64, count % BLOCK_CHUNKS as u64);
        let (full, rest) = (usize::try_from(full).unwrap_or(usize::MAX), usize::try_from(rest).unwrap_or(0));
        let mut roots: Vec<Hash> = blocks.iter().take(full).map(|block| block.root).collect();
        let mut block: Vec<Hash> = chunks.iter().map(|(_, leaf)| *leaf).collect();
        if rest > 0 {
            let mut last = match full == number {
                true => block.clone(),
                false => leaves(log, begin(full).unwrap_or_default())?.into_iter().map(|(_, leaf)| leaf).collect(),
            };
            last.truncate(rest);
            roots.push(root(&last));
            if full == number {
                block = last;
            }
        }
        let below = path(&block, inside);
        let above = path(&roots, number);
        Ok(below.zip(above).map(|(below, above)| (index, [below, above].concat())))
    }
}

/// The leaves of the block that begins at a position, each with the position behind its chunk.
fn leaves(log: &dyn EventLog, begin: Position) -> Result<Vec<(Position, Hash)>, ProofError> {
    let mut leaves = Vec::with_capacity(BLOCK_CHUNKS);
    for chunk in log.read(begin)?.take(BLOCK_CHUNKS) {
        let chunk = chunk?;
        leaves.push((chunk.end(), leaf(chunk.hash())));
    }
    Ok(leaves)
}

/// The blocks of a file up to the first that is not what was written.
fn read_blocks(mut file: &File) -> std::io::Result<Vec<Block>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut bytes)?;
    let Some(body) = bytes.strip_prefix(MAGIC) else { return Ok(Vec::new()) };
    let (pieces, _) = body.as_chunks::<ENTRY_BYTES>();
    Ok((0..).zip(pieces).map_while(|(number, piece)| Block::read(number, piece)).collect())
}

/// Where the last block ends in this log; `None` when the log does not have it.
fn end_of(blocks: &[Block], log: &dyn EventLog) -> Option<Head> {
    let (last, before) = match blocks.split_last() {
        None => return Some(Head::default()),
        Some((last, before)) => (last, before.last()),
    };
    let chunks = leaves(log, before.map_or(Position::ZERO, |block| block.end)).ok()?;
    let hashes: Vec<Hash> = chunks.iter().map(|(_, leaf)| *leaf).collect();
    if chunks.len() != BLOCK_CHUNKS || chunks.last()?.0 != last.end || root(&hashes) != last.root {
        return None;
    }
    let chunk = log.chunk_at(Position(last.end.0.checked_sub(1)?)).ok()??;
    Some(Head::after(&chunk))
}
