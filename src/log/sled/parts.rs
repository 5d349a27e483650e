//! Chunks as keys and values of sled: split where they are large. Pure.

use crate::event::Position;
use crate::log::LogError;

/// Most bytes of a value. sled keeps values of 7 KB and more in files that it does not sync.
pub(super) const PART_BYTES: usize = 6 * 1024;
const KEY_BYTES: usize = 10;

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
    fn a_missing_part_is_noticed() {
        let bytes = vec![1; PART_BYTES * 3];
        let parts = split(Position(5), &bytes).unwrap();
        let mut join = Join::default();
        join.add(&parts[0].0, parts[0].1).unwrap();
        assert!(join.add(&parts[2].0, parts[2].1).is_err());
        assert!(Join::default().add(&parts[1].0, parts[1].1).is_err());
    }
}
