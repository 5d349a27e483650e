//! What stands in a stream of chunks in place of a seal where the log that they come from cannot be read any further, so that
//! whoever receives it learns why it ends. Pure.
//!
//! | bytes | breach |
//! |---|---|
//! | 4 | zero, where a length would be |
//! | 16 | `novelo breach 1` and a line feed |
//! | 8 | the first position that cannot be read |
//! | 4, then so many bytes | what is wrong, UTF-8 |
//! | 32 | check |

use std::io::Read;

use super::format::{CHECK_BYTES, FaultKind, LENGTH_BYTES, checked, ended, take, with_check};
use crate::event::Position;

pub(super) const BREACH_MAGIC: &[u8; 16] = b"novelo breach 1\n";
/// No reason comes near.
const MOST_REASON_BYTES: usize = 16 << 10;

/// Where a log cannot be read any further, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The first position that cannot be read.
    pub position: Position,
    /// What is wrong there.
    pub reason: String,
}

impl Breach {
    /// Lays it down, with the zero length before it.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let reason = self.reason.as_bytes();
        let reason = reason.get(..MOST_REASON_BYTES).unwrap_or(reason);
        let length = u32::try_from(reason.len()).unwrap_or(u32::MAX);
        let body = [BREACH_MAGIC.as_slice(), &self.position.0.to_le_bytes(), &length.to_le_bytes(), reason].concat();
        [vec![0; LENGTH_BYTES], with_check(body)].concat()
    }

    /// Reads what follows the magic words.
    pub(super) fn read(mut input: impl Read) -> Result<Self, FaultKind> {
        let mut head = [0; 12];
        input.read_exact(&mut head).map_err(ended)?;
        let mut fields = head.as_slice();
        let (position, length) = (take::<8>(&mut fields), take::<4>(&mut fields));
        let damaged = || FaultKind::Broken("what says why it ends is damaged".into());
        let length = usize::try_from(u32::from_le_bytes(length)).map_err(|_| damaged())?;
        if length > MOST_REASON_BYTES {
            return Err(damaged());
        }
        let mut rest = vec![0; length + CHECK_BYTES];
        input.read_exact(&mut rest).map_err(ended)?;
        let whole = [BREACH_MAGIC.as_slice(), &head, &rest].concat();
        let body = checked(&whole, BREACH_MAGIC).ok_or_else(damaged)?;
        let reason = String::from_utf8_lossy(body.get(head.len()..).unwrap_or_default()).into_owned();
        Ok(Self { position: Position(u64::from_le_bytes(position)), reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::{Header, SegmentReader};
    use crate::event::Hash;
    use crate::log::Head;

    #[test]
    fn why_a_stream_ends_is_read_as_it_was_laid_down_and_a_changed_one_is_refused() {
        let breach = Breach { position: Position(77), reason: "its file is damaged at byte 5".into() };
        let header = Header { log: Hash([1; 32]), after: Head::default() };
        let bytes = [header.to_bytes(), breach.to_bytes()].concat();
        let read = |bytes: &[u8]| SegmentReader::open(bytes).unwrap().read_next().unwrap_err().kind;
        assert!(matches!(read(&bytes), FaultKind::Source(found) if found == breach));
        for at in header.to_bytes().len() + LENGTH_BYTES + BREACH_MAGIC.len()..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(matches!(read(&changed), FaultKind::Broken(_) | FaultKind::Torn), "byte {at}");
        }
    }
}
