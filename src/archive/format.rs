//! A segment: some chunks of a log that follow each other. Pure.
//!
//! Numbers are little-endian; every check is BLAKE3 over the bytes that it stands behind, from the magic words on.
//!
//! | bytes | header |
//! |---|---|
//! | 16 | `novelo segment 1` |
//! | 32 | the log: the hash of its first chunk; zero while it has none |
//! | 8 | the position of the first record |
//! | 32 | the hash of the chunk before; zero for the first |
//! | 32 | check |
//!
//! Then, for each chunk, four bytes of length and the chunk as the log stores it (see `log/chunk.rs`), which carries its own
//! hash and that of the chunk before. A segment that is complete ends in a seal:
//!
//! | bytes | seal |
//! |---|---|
//! | 4 | zero, where a length would be |
//! | 16 | `novelo sealed 1` and a line feed |
//! | 8 | the position behind the last record |
//! | 32 | the hash of the last chunk |
//! | 8 | how many chunks |
//! | 32 | check |
//!
//! A stream may end in a breach instead (`breach.rs`).

use std::io::{ErrorKind, Read};

use super::breach::{BREACH_MAGIC, Breach};
use crate::event::{Hash, Position};
use crate::log::{Chunk, Head, LogError};

const MAGIC: &[u8; 16] = b"novelo segment 1";
const SEAL_MAGIC: &[u8; 16] = b"novelo sealed 1\n";
pub(super) const LENGTH_BYTES: usize = 4;
pub(super) const CHECK_BYTES: usize = 32;
/// Bytes of a header.
pub const HEADER_BYTES: usize = 16 + 32 + 8 + 32 + CHECK_BYTES;
/// Bytes of a seal without the length before it.
pub(super) const SEAL_BYTES: usize = 16 + 8 + 32 + 8 + CHECK_BYTES;
/// No chunk comes near; a damaged length does.
const MOST_CHUNK_BYTES: u64 = 256 << 20;

/// What a segment says of itself before its chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The log: the hash of its first chunk.
    pub log: Hash,
    /// What the segment continues.
    pub after: Head,
}

/// What a complete segment says behind its chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seal {
    /// Where it ends.
    pub end: Head,
    /// How many chunks it holds.
    pub chunks: u64,
}

impl Header {
    /// Lays it down.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        with_check([MAGIC.as_slice(), &self.log.0, &self.after.next.0.to_le_bytes(), &self.after.hash.0].concat())
    }

    fn read(bytes: &[u8; HEADER_BYTES]) -> Result<Self, &'static str> {
        let mut fields = checked(bytes, MAGIC).ok_or("its header is not that of a segment")?;
        let (log, next, hash) = (take(&mut fields), take(&mut fields), take(&mut fields));
        Ok(Self { log: Hash(log), after: Head { next: Position(u64::from_le_bytes(next)), hash: Hash(hash) } })
    }
}

impl Seal {
    /// Lays it down, with the zero length before it.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let body =
            [SEAL_MAGIC.as_slice(), &self.end.next.0.to_le_bytes(), &self.end.hash.0, &self.chunks.to_le_bytes()];
        [vec![0; LENGTH_BYTES], with_check(body.concat())].concat()
    }

    pub(super) fn read(bytes: &[u8; SEAL_BYTES]) -> Option<Self> {
        let mut fields = checked(bytes, SEAL_MAGIC)?;
        let (next, hash, chunks) = (take(&mut fields), take(&mut fields), take(&mut fields));
        let end = Head { next: Position(u64::from_le_bytes(next)), hash: Hash(hash) };
        Some(Self { end, chunks: u64::from_le_bytes(chunks) })
    }
}

/// Adds a chunk to bytes that are to be written.
pub fn entry(chunk: &Chunk, to: &mut Vec<u8>) {
    let length = u32::try_from(chunk.len_bytes()).unwrap_or(u32::MAX);
    to.extend_from_slice(&length.to_le_bytes());
    to.extend_from_slice(chunk.bytes());
}

pub(super) fn with_check(mut body: Vec<u8>) -> Vec<u8> {
    let check = Hash::of(&body);
    body.extend_from_slice(&check.0);
    body
}

/// What stands between the magic words and the check, when both are right.
pub(super) fn checked<'a>(bytes: &'a [u8], magic: &[u8; 16]) -> Option<&'a [u8]> {
    let (body, check) = bytes.split_last_chunk::<CHECK_BYTES>()?;
    if Hash::of(body).0 == *check { body.strip_prefix(magic) } else { None }
}

/// The next bytes of fields whose lengths are known to suffice.
pub(super) fn take<const N: usize>(fields: &mut &[u8]) -> [u8; N] {
    let (taken, rest) = fields.split_first_chunk::<N>().map_or(([0; N], [].as_slice()), |(taken, rest)| (*taken, rest));
    *fields = rest;
    taken
}

/// What kind of fault.
#[derive(Debug)]
pub enum FaultKind {
    /// The bytes end in the middle of something, as they do where writing was cut off.
    Torn,
    /// The bytes are not what was written.
    Broken(String),
    /// The bytes cannot be read.
    Io(std::io::Error),
    /// The log that they come from could not be read any further.
    Source(Breach),
}

/// Where a segment cannot be read any further.
#[derive(Debug)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// The first position that cannot be read.
    pub position: Position,
    /// The byte of the segment at which the unreadable entry begins.
    pub offset: u64,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.kind {
            FaultKind::Torn => write!(f, "it ends in the middle of a chunk (byte {})", self.offset),
            FaultKind::Broken(reason) => write!(f, "{reason} (byte {})", self.offset),
            FaultKind::Io(cause) => write!(f, "{cause} (byte {})", self.offset),
            FaultKind::Source(Breach { position, reason }) => {
                write!(f, "the log that it was taken from could not be read at position {position}: {reason}")
            }
        }
    }
}

/// What comes next in a segment.
#[derive(Debug)]
pub enum Item {
    /// A chunk that continues the one before.
    Chunk(Chunk),
    /// The seal: nothing comes behind it.
    Seal(Seal),
}

/// Reads a segment from its front and checks it as it goes.
#[derive(Debug)]
pub struct SegmentReader<R> {
    input: R,
    header: Header,
    end: Head,
    offset: u64,
    chunks: u64,
}

impl<R: Read> SegmentReader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`Fault`] when there is none.
    pub fn open(mut input: R) -> Result<Self, Fault> {
        let mut bytes = [0; HEADER_BYTES];
        let fault = |kind| Fault { kind, position: Position::ZERO, offset: 0 };
        input.read_exact(&mut bytes).map_err(|cause| fault(ended(cause)))?;
        let header = Header::read(&bytes).map_err(|reason| fault(FaultKind::Broken(reason.into())))?;
        Ok(Self { input, header, end: header.after, offset: HEADER_BYTES as u64, chunks: 0 })
    }

    /// What the segment says of itself.
    pub fn header(&self) -> Header {
        self.header
    }

    /// Up to where it was read.
    pub fn end(&self) -> Head {
        self.end
    }

    /// How many bytes were read and found whole.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// How many chunks were read.
    pub fn chunks(&self) -> u64 {
        self.chunks
    }

    /// What comes next; `None` where the segment ends without a seal.
    ///
    /// # Errors
    /// [`Fault`] says where it cannot be read any further, and why.
    pub fn read_next(&mut self) -> Result<Option<Item>, Fault> {
        let (position, offset) = (self.end.next, self.offset);
        self.read_item().map_err(|kind| Fault { kind, position, offset })
    }

    fn read_item(&mut self) -> Result<Option<Item>, FaultKind> {
        let mut length = Vec::with_capacity(LENGTH_BYTES);
        (&mut self.input).take(LENGTH_BYTES as u64).read_to_end(&mut length).map_err(FaultKind::Io)?;
        if length.is_empty() {
            return Ok(None);
        }
        let length = u32::from_le_bytes(length.try_into().map_err(|_| FaultKind::Torn)?);
        if length == 0 { self.read_seal().map(Some) } else { self.read_chunk(u64::from(length)).map(Some) }
    }

    fn read_chunk(&mut self, length: u64) -> Result<Item, FaultKind> {
        let broken = |reason: &str| FaultKind::Broken(reason.into());
        if length > MOST_CHUNK_BYTES {
            return Err(broken("a chunk's length is impossible"));
        }
        let mut bytes = Vec::new();
        (&mut self.input).take(length).read_to_end(&mut bytes).map_err(FaultKind::Io)?;
        if bytes.len() as u64 != length {
            return Err(FaultKind::Torn);
        }
        let chunk = Chunk::read(self.end.next, bytes.into()).map_err(|cause| {
            let reason = if let LogError::Damaged { reason, .. } = cause { reason } else { cause.to_string() };
            FaultKind::Broken(format!("a chunk is damaged: {reason}"))
        })?;
        if chunk.prev() != self.end.hash {
            return Err(broken("a chunk does not continue the one before it"));
        }
        if chunk.first() == Position::ZERO && chunk.hash() != self.header.log {
            return Err(broken("its first chunk is not the one that its header names"));
        }
        self.end = Head::after(&chunk);
        self.offset += LENGTH_BYTES as u64 + length;
        self.chunks += 1;
        Ok(Item::Chunk(chunk))
    }

    fn read_seal(&mut self) -> Result<Item, FaultKind> {
        let mut bytes = [0; SEAL_BYTES];
        let (magic, rest) = bytes.split_at_mut(SEAL_MAGIC.len());
        self.input.read_exact(magic).map_err(ended)?;
        if magic == BREACH_MAGIC {
            return Err(FaultKind::Source(Breach::read(&mut self.input)?));
        }
        self.input.read_exact(rest).map_err(ended)?;
        let seal = Seal::read(&bytes).ok_or(FaultKind::Broken("its seal is damaged".into()))?;
        if seal != (Seal { end: self.end, chunks: self.chunks }) {
            return Err(FaultKind::Broken("its seal does not fit what lies before it".into()));
        }
        let mut behind = [0];
        match self.input.read(&mut behind).map_err(FaultKind::Io)? {
            0 => {}
            _ => return Err(FaultKind::Broken("there is something behind its seal".into())),
        }
        self.offset += (LENGTH_BYTES + SEAL_BYTES) as u64;
        Ok(Item::Seal(seal))
    }
}

pub(super) fn ended(cause: std::io::Error) -> FaultKind {
    if cause.kind() == ErrorKind::UnexpectedEof { FaultKind::Torn } else { FaultKind::Io(cause) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::event::Micros;
    use crate::log::prepare;

    fn segment(sealed: bool) -> (Vec<u8>, Head) {
        let records = (0..30_u8).map(|i| vec![i; 100 + usize::from(i) * 40].into()).collect();
        let commit = prepare(Head::default(), Micros(5), records).unwrap();
        let chunks = commit.chunks();
        let mut bytes = Header { log: chunks[0].hash(), after: Head::default() }.to_bytes();
        chunks.iter().for_each(|chunk| entry(chunk, &mut bytes));
        if sealed {
            bytes.extend(Seal { end: commit.head(), chunks: chunks.len() as u64 }.to_bytes());
        }
        (bytes, commit.head())
    }

    /// Up to where it reads, whether it is sealed, and why it ends.
    fn read(bytes: &[u8]) -> (Head, bool, Option<Fault>) {
        let mut reader = match SegmentReader::open(bytes) {
            Ok(reader) => reader,
            Err(fault) => return (Head::default(), false, Some(fault)),
        };
        loop {
            match reader.read_next() {
                Ok(Some(Item::Chunk(_))) => {}
                Ok(Some(Item::Seal(_))) => return (reader.end(), true, None),
                Ok(None) => return (reader.end(), false, None),
                Err(fault) => return (reader.end(), false, Some(fault)),
            }
        }
    }

    #[test]
    fn what_was_laid_down_is_read() {
        for sealed in [false, true] {
            let (bytes, head) = segment(sealed);
            let (end, found, fault) = read(&bytes);
            assert_eq!((end, found), (head, sealed));
            assert!(fault.is_none());
        }
    }

    #[test]
    fn the_layout_is_that_of_the_first_release() {
        // What stands between is the log's own, and frozen there.
        let head = |number: u8| Head { next: Position(u64::from(number)), hash: Hash([number; 32]) };
        let header = Header { log: Hash([1; 32]), after: head(2) }.to_bytes();
        let seal = Seal { end: head(3), chunks: 4 }.to_bytes();
        assert_eq!(
            Hash::of(&[header, seal].concat()).to_string(),
            "a618163d6810326e937af770206b73aba811b6c22638d2fd5d5f563127d6d1c3"
        );
    }

    #[test]
    fn wherever_it_is_cut_off_what_lies_before_is_read_and_nothing_else() {
        let (bytes, head) = segment(true);
        for length in 0..bytes.len() {
            let (end, sealed, fault) = read(&bytes[..length]);
            assert!(!sealed && end.next <= head.next);
            if let Some(fault) = fault {
                assert!(matches!(fault.kind, FaultKind::Torn), "{length}: {fault}");
                assert_eq!(fault.position, end.next);
            }
        }
    }

    proptest! {
        #[test]
        fn a_flipped_bit_anywhere_is_noticed(at in any::<usize>(), bit in 0_u8..8) {
            let (mut bytes, _) = segment(true);
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
            let (_, sealed, fault) = read(&bytes);
            prop_assert!(!sealed && fault.is_some());
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400), from in 0_usize..300) {
            read(&bytes);
            let (mut whole, _) = segment(false);
            let from = from.min(whole.len());
            whole.truncate(from + 120);
            whole.extend(bytes);
            read(&whole);
        }
    }
}
