//! Chunks as keys and values of sled: packed where that saves space, and split where they are large. Pure.
//!
//! A stored chunk is the chunk's own bytes, or, told apart by its first byte, packed:
//!
//! | bytes | what |
//! |---|---|
//! | 1 | 128 |
//! | 84 | the chunk's head without its first byte, as it is: it does not shrink, and a search of the file finds it |
//! | 4 | how many bytes the rest takes unpacked, little-endian |
//! | 4 | how many bytes follow |
//! | | the rest, as an [LZ4 block](https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md) |
//!
//! What is sealed does not shrink, but the clear fields of neighbours have much in common.

use std::borrow::Cow;
use std::sync::Arc;

use crate::event::Position;
use crate::log::chunk::{HEAD_BYTES, LAYOUT};
use crate::log::{Chunk, LogError};

/// Most bytes of a value. sled keeps values of 7 KB and more in files that it does not sync.
pub(super) const PART_BYTES: usize = 6 * 1024;
const KEY_BYTES: usize = 10;

/// The first byte of a packed chunk. A chunk's own first byte is its layout, a small number.
pub(super) const PACKED: u8 = 128;
/// Bytes before the LZ4 block.
const PACKED_HEAD_BYTES: usize = HEAD_BYTES + 4 + 4;
/// Most bytes of a chunk; it holds one event of a megabyte at most.
const MOST_CHUNK_BYTES: usize = 16 << 20;

/// The bytes that sled is given of a chunk: packed, where that saves space, else as it is.
#[must_use]
pub fn stored_form(chunk: &Chunk) -> Cow<'_, [u8]> {
    pack(chunk.bytes()).map_or(Cow::Borrowed(chunk.bytes()), Cow::Owned)
}

/// The packed form of a chunk, where it is smaller by a sixteenth or more.
fn pack(bytes: &[u8]) -> Option<Vec<u8>> {
    let (head, rest) = bytes.split_at_checked(HEAD_BYTES)?;
    let mut packed = vec![0; PACKED_HEAD_BYTES + lz4_flex::block::get_maximum_output_size(rest.len())];
    let size = lz4_flex::block::compress_into(rest, packed.get_mut(PACKED_HEAD_BYTES..)?).ok()?;
    let lengths = [u32::try_from(rest.len()).ok()?.to_le_bytes(), u32::try_from(size).ok()?.to_le_bytes()];
    let before = head.iter().chain(lengths.as_flattened());
    packed.iter_mut().zip(before).for_each(|(to, from)| *to = *from);
    *packed.first_mut()? = PACKED;
    packed.truncate(PACKED_HEAD_BYTES + size);
    (packed.len() <= bytes.len() - bytes.len() / 16).then_some(packed)
}

/// The chunk's own bytes, however it is stored.
pub(super) fn unpack(first: Position, stored: &[u8]) -> Result<Arc<[u8]>, LogError> {
    if stored.first() != Some(&PACKED) {
        return Ok(stored.into());
    }
    let damaged = |reason: &str| LogError::Damaged { position: first, reason: reason.into() };
    let length = length_at(stored, HEAD_BYTES).ok_or_else(|| damaged("it ends early"))?;
    if length > MOST_CHUNK_BYTES {
        return Err(damaged("its length is impossible"));
    }
    if packed_bytes(stored) != Some(stored.len()) {
        return Err(damaged("it is not as long as it says"));
    }
    let mut bytes = vec![0; HEAD_BYTES + length];
    let (head, rest) = bytes.split_at_mut(HEAD_BYTES);
    head.copy_from_slice(stored.get(..HEAD_BYTES).ok_or_else(|| damaged("it ends early"))?);
    head.iter_mut().take(1).for_each(|layout| *layout = LAYOUT);
    let block = stored.get(PACKED_HEAD_BYTES..).unwrap_or_default();
    match lz4_flex::block::decompress_into(block, rest) {
        Ok(size) if size == length => Ok(bytes.into()),
        Ok(_) => Err(damaged("it is shorter than it says")),
        Err(_) => Err(damaged("it cannot be unpacked")),
    }
}

/// How long a packed chunk is, behind which something else may follow.
pub(super) fn packed_bytes(stored: &[u8]) -> Option<usize> {
    length_at(stored, HEAD_BYTES + 4)?.checked_add(PACKED_HEAD_BYTES)
}

fn length_at(bytes: &[u8], at: usize) -> Option<usize> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?) as usize)
}

/// A part's key and its bytes.
pub(super) type Part<'a> = ([u8; KEY_BYTES], &'a [u8]);

/// The key of a chunk's part.
pub(super) fn key(first: Position, part: u16) -> [u8; KEY_BYTES] {
    let mut key = [0; KEY_BYTES];
    let bytes = first.0.to_be_bytes().into_iter().chain(part.to_be_bytes());
    key.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
    key
}

/// What a key says.
pub(super) fn read_key(key: &[u8]) -> Option<(Position, u16)> {
    let (first, part) = key.split_first_chunk::<8>()?;
    Some((Position(u64::from_be_bytes(*first)), u16::from_be_bytes(part.try_into().ok()?)))
}

/// The parts of a chunk with their keys.
pub(super) fn split(first: Position, bytes: &[u8]) -> Result<Vec<Part<'_>>, LogError> {
    let count = bytes.len().div_ceil(PART_BYTES);
    if count > usize::from(u16::MAX) {
        return Err(LogError::Write(format!("a chunk of {} bytes is too large", bytes.len())));
    }
    let parts = bytes.chunks(PART_BYTES).zip(0_u16..);
    Ok(parts.map(|(part, number)| (key(first, number), part)).collect())
}

/// The parts of one chunk, put together as they are read in order.
#[derive(Debug, Default)]
pub(super) struct Join {
    open: Option<(Position, u16, Vec<u8>)>,
}

impl Join {
    /// Takes the next part; the chunk before, when this begins another.
    pub(super) fn add(&mut self, raw_key: &[u8], value: &[u8]) -> Result<Option<(Position, Vec<u8>)>, LogError> {
        let damaged = |position, reason: &str| LogError::Damaged { position, reason: reason.into() };
        let at = self.open.as_ref().map_or(Position::ZERO, |(first, ..)| *first);
        let (first, part) = read_key(raw_key).ok_or_else(|| damaged(at, "a key has another length"))?;
        match &mut self.open {
            Some((open, last, bytes)) if *open == first => {
                if part != *last + 1 {
                    return Err(damaged(first, "a part of it is missing"));
                }
                *last = part;
                bytes.extend_from_slice(value);
                Ok(None)
            }
            open => {
                if part != 0 {
                    return Err(damaged(first, "its first part is missing"));
                }
                let done = open.replace((first, 0, value.to_vec()));
                Ok(done.map(|(first, _, bytes)| (first, bytes)))
            }
        }
    }

    /// The last chunk.
    pub(super) fn finish(&mut self) -> Option<(Position, Vec<u8>)> {
        self.open.take().map(|(first, _, bytes)| (first, bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_chunk_is_split_and_joined() {
        let bytes: Vec<u8> = (0..PART_BYTES * 2 + 1).map(|i| i as u8).collect();
        let parts = split(Position(5), &bytes).unwrap();
        assert_eq!(parts.len(), 3);
        let mut join = Join::default();
        for (key, part) in &parts {
            assert!(part.len() < 7 * 1024);
            assert_eq!(join.add(key, part).unwrap(), None);
        }
        assert_eq!(join.finish(), Some((Position(5), bytes)));
    }

    #[test]
    fn what_packs_is_packed_and_comes_back_and_what_does_not_stays_as_it_is() {
        let alike: Vec<u8> = std::iter::once(LAYOUT).chain((0..4_096).map(|i| (i % 40) as u8)).collect();
        let packed = pack(&alike).unwrap();
        assert!(packed.len() < 300);
        assert_eq!(packed[1..HEAD_BYTES], alike[1..HEAD_BYTES]);
        assert_eq!(packed_bytes(&packed), Some(packed.len()));
        assert_eq!(*unpack(Position(5), &packed).unwrap(), *alike);
        let mut noise = [0; 4_096];
        blake3::Hasher::new().update(b"noise").finalize_xof().fill(&mut noise);
        assert_eq!(pack(&noise), None);
        for stored in [&[1][..], &[1, 2, 3, 4, 5, 6], &[]] {
            assert_eq!(*unpack(Position(5), stored).unwrap(), *stored);
        }
    }

    #[test]
    fn a_damaged_packed_chunk_is_an_error_or_bytes_that_its_hash_will_refuse() {
        let packed = pack(&[7; 2_000]).unwrap();
        for at in 0..packed.len() {
            for bit in 0..8 {
                let mut damaged = packed.clone();
                damaged[at] ^= 1 << bit;
                if let Ok(bytes) = unpack(Position(5), &damaged) {
                    assert!(bytes.len() <= MOST_CHUNK_BYTES);
                }
            }
        }
        assert!(unpack(Position(5), &packed[..packed.len() - 1]).is_err());
        assert!(unpack(Position(5), &[&packed[..], &[0]].concat()).is_err());
        assert!(unpack(Position(5), &packed[..20]).is_err());
    }

    #[test]
    fn a_missing_part_is_noticed() {
        let bytes = vec![1; PART_BYTES * 3];
        let parts = split(Position(5), &bytes).unwrap();
        let mut join = Join::default();
        join.add(&parts[0].0, parts[0].1).unwrap();
        assert!(join.add(&parts[2].0, parts[2].1).is_err());
        assert!(Join::default().add(&parts[1].0, parts[1].1).is_err());
    }
}
