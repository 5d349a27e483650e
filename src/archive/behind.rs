//! What lies behind the place where a segment cannot be read any further. A write that was cut off leaves nothing whole behind it;
//! where whole entries follow, the segment was damaged after it had been written. Pure.

use super::format::{LENGTH_BYTES, SEAL_BYTES, Seal};
use crate::event::Position;
use crate::log::{Chunk, Head};

/// The layout, the position and the least that a chunk has besides; see `log/chunk.rs`.
const LEAST_CHUNK_BYTES: usize = 85;
/// Events that no segment holds as many of: a position beyond is none.
const MOST_EVENTS: u64 = 1 << 32;

/// Whole entries behind a fault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Behind {
    /// Where each chunk begins, and the head after it.
    pub(super) chunks: Vec<(Position, Head)>,
    /// The seal, if there is one.
    pub(super) seal: Option<Seal>,
}

impl Behind {
    /// What is whole in the bytes behind a fault, whose first position that cannot be read is `from`.
    pub(super) fn of(bytes: &[u8], from: Position) -> Self {
        let (mut behind, mut at) = (Self::default(), 0);
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            if let Some((chunk, length)) = chunk_at(rest, from) {
                behind.chunks.push((chunk.first(), Head::after(&chunk)));
                at += length;
                continue;
            }
            behind.seal = behind.seal.or_else(|| seal_at(rest));
            at += 1;
        }
        behind
    }

    /// Whether a write that was cut off is all that is there.
    pub(super) fn is_empty(&self) -> bool {
        self.chunks.is_empty() && self.seal.is_none()
    }

    /// Up to where it shows that there were events.
    pub(super) fn reach(&self) -> Position {
        let seal = self.seal.map(|seal| seal.end.next);
        self.chunks.iter().map(|(_, after)| after.next).chain(seal).max().unwrap_or_default()
    }
}

/// A whole chunk with its length before it, and how many bytes both have.
fn chunk_at(bytes: &[u8], from: Position) -> Option<(Chunk, usize)> {
    let (length, rest) = bytes.split_first_chunk::<LENGTH_BYTES>()?;
    let length = u32::from_le_bytes(*length) as usize;
    if length < LEAST_CHUNK_BYTES || rest.first() != Some(&1) {
        return None;
    }
    let first = u64::from_le_bytes(rest.get(1..9)?.try_into().ok()?);
    if first < from.0 || first - from.0 > MOST_EVENTS {
        return None;
    }
    let chunk = Chunk::read(Position(first), rest.get(..length)?.into()).ok()?;
    Some((chunk, LENGTH_BYTES + length))
}

fn seal_at(bytes: &[u8]) -> Option<Seal> {
    let (length, rest) = bytes.split_first_chunk::<LENGTH_BYTES>()?;
    if *length == [0; LENGTH_BYTES] { Seal::read(rest.first_chunk::<SEAL_BYTES>()?) } else { None }
}
