//! Chunks that are found in sled's file without sled: where it can no longer open the file, or not reach a chunk any more,
//! most chunks still lie there whole. Each is found by its own head, and is taken only if its hash is right.
//!
//! Besides the file itself, what was kept of it before sled opened it is searched ([`before`]). sled stores values as they are
//! (its compression is off), and the head of a [packed](super::parts) chunk is as it was. Chunks that are split over several
//! values are not found so.

use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::before;
use super::open::io;
use super::parts::{PACKED, packed_bytes, unpack};
use crate::event::Position;
use crate::log::chunk::{HEAD_BYTES, LAYOUT};
use crate::log::{Chunk, ChunkSource, Head, LogError, continues};

/// Bytes that are searched at once.
const PIECE_BYTES: usize = 1 << 20;
/// Where a chunk's head says how many records it has.
const COUNT_AT: usize = HEAD_BYTES - 4;
/// More than a value ever has.
const MOST_BYTES: usize = 8 << 10;

/// Chunks in sled's file, by where they begin.
#[derive(Debug)]
pub struct FileSource {
    files: Vec<File>,
    /// In which of the files, and at which byte of it, something looks like a chunk that begins at a position.
    found: HashMap<u64, Vec<Place>>,
}

type Place = (usize, u64);

impl FileSource {
    /// Searches the file of the log in a folder, which is only read.
    ///
    /// # Errors
    /// [`LogError::Io`] when it cannot be read.
    pub fn of(folder: &Path) -> Result<Self, LogError> {
        let mut source = Self { files: Vec::new(), found: HashMap::new() };
        let before = before::folder_of(folder);
        let kept = match std::fs::read_dir(&before) {
            Ok(entries) => entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>(),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(cause) => Err(cause),
        };
        let mut paths = kept.map_err(|cause| io(&before, &cause))?;
        paths.push(folder.join("db"));
        for path in paths {
            source.search(&path).map_err(|cause| io(&path, &cause))?;
        }
        Ok(source)
    }

    fn search(&mut self, path: &Path) -> std::io::Result<()> {
        let file = File::open(path)?;
        let number = self.files.len();
        let (mut piece, mut offset) = (vec![0; PIECE_BYTES], 0);
        loop {
            let length = read_at(&file, &mut piece, offset)?;
            let bytes = piece.get(..length).unwrap_or_default();
            for (at, head) in bytes.windows(HEAD_BYTES).enumerate() {
                if let Some(position) = looks_like_a_chunk(head) {
                    self.found.entry(position).or_default().push((number, offset + at as u64));
                }
            }
            if length < PIECE_BYTES {
                self.files.push(file);
                return Ok(());
            }
            // The last heads of a piece may go on in the next.
            offset += (PIECE_BYTES - HEAD_BYTES + 1) as u64;
        }
    }

    /// The position behind the last event of which there is any trace. A commit that failed leaves traces as well.
    #[must_use]
    pub fn traces(&self) -> Position {
        let mut firsts: Vec<u64> = self.found.keys().copied().collect();
        firsts.sort_unstable_by(|a, b| b.cmp(a));
        let end_of = |first: &u64| {
            let offsets = self.found.get(first)?;
            offsets.iter().filter_map(|offset| self.read(Position(*first), *offset)).map(|chunk| chunk.end()).max()
        };
        firsts.iter().find_map(end_of).unwrap_or_default()
    }

    /// Where whole chunks begin and end that lie between two positions, in no order; some may lie over each other.
    #[must_use]
    pub fn spans(&self, from: Position, until: Position) -> Vec<(Position, Position)> {
        let within = self.found.iter().filter(|(first, _)| (from.0..until.0).contains(*first));
        let span = |first: u64, place: &Place| {
            let end = self.read(Position(first), *place)?.end();
            Some((Position(first), end.min(until)))
        };
        within.filter_map(|(first, places)| places.iter().find_map(|place| span(*first, place))).collect()
    }

    /// The chunk at a place, if it is whole.
    fn read(&self, first: Position, (file, offset): Place) -> Option<Chunk> {
        let mut bytes = vec![0; MOST_BYTES];
        let length = read_at(self.files.get(file)?, &mut bytes, offset).ok()?;
        let bytes = bytes.get(..length)?;
        if bytes.first() == Some(&PACKED) {
            let packed = bytes.get(..packed_bytes(bytes)?)?;
            return Chunk::read(first, unpack(first, packed).ok()?).ok();
        }
        let count = number(bytes.get(COUNT_AT..HEAD_BYTES)?)?;
        let lengths = bytes.get(HEAD_BYTES..HEAD_BYTES.checked_add(count.checked_mul(4)?)?)?;
        let (lengths, _) = lengths.as_chunks::<4>();
        let records: usize = lengths.iter().map(|length| u32::from_le_bytes(*length) as usize).sum();
        let whole = bytes.get(..HEAD_BYTES + count * 4 + records)?;
        Chunk::read(first, whole.into()).ok()
    }
}

impl ChunkSource for FileSource {
    fn name(&self) -> &str {
        "its file"
    }

    fn after(&mut self, head: Head) -> Option<Chunk> {
        let offsets = self.found.get(&head.next.0)?;
        let mut chunks = offsets.iter().filter_map(|offset| self.read(head.next, *offset));
        chunks.find(|chunk| continues(head, chunk))
    }
}

/// Where the chunk would begin whose head this is. What is in it is checked when it is read.
fn looks_like_a_chunk(head: &[u8]) -> Option<u64> {
    if !matches!(head.first(), Some(&(LAYOUT | PACKED))) {
        return None;
    }
    let position = u64::from_le_bytes(head.get(1..9)?.try_into().ok()?);
    let recorded_at = i64::from_le_bytes(head.get(9..17)?.try_into().ok()?);
    let count = number(head.get(COUNT_AT..HEAD_BYTES)?)?;
    (position < 1 << 48 && recorded_at >= 0 && (1..MOST_BYTES / 4).contains(&count)).then_some(position)
}

fn number(bytes: &[u8]) -> Option<usize> {
    Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize)
}

/// Reads as much as there is, up to what there is room for.
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> std::io::Result<usize> {
    let mut length = 0;
    while let Some(rest) = bytes.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, offset + length as u64)? {
            0 => break,
            read => length += read,
        }
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Micros;
    use crate::log::{EventLog, SledLog, prepare};

    #[test]
    fn chunks_are_found_without_sled() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let log = SledLog::open(&path).unwrap();
        for at in 0..200_u64 {
            let records = (0..7).map(|i: u64| (at * 31 + i).to_le_bytes().repeat(60).into()).collect();
            log.append(&prepare(log.head(), Micros(1), records).unwrap()).unwrap();
        }
        let head = log.head();
        drop(log);
        let mut source = FileSource::of(&path).unwrap();
        assert_eq!(source.traces(), head.next);
        let mut reached = Head::default();
        while let Some(chunk) = source.after(reached) {
            reached = Head::after(&chunk);
        }
        assert_eq!(reached, head);
        let mut spans = source.spans(Position(500), head.next);
        spans.sort_unstable();
        assert!(spans.first().is_some_and(|(first, _)| (500..520).contains(&first.0)));
        assert!(spans.windows(2).all(|two| two[0].1 == two[1].0) && spans.last().unwrap().1 == head.next);
    }
}
