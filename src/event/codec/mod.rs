//! How an event is laid down: bincode, behind a version byte.
//!
//! The wire structs of a version ([`v1`]) are apart from the domain types and never change once a release has
//! written them; a newer version gets structs of its own and an upcast when read. `tests/fixtures/events-v*`
//! hold what every version wrote.
//!
//! This folder alone names bincode (2.0.1, whose maintenance has ended), so that it can be replaced.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::draft::Event;
use super::header::Header;
use super::identifier::Strand;
use super::ids::{Position, Revision};
use super::kind::{Kind, UnknownKind};
use super::personal::Personal;
use super::time::Micros;

mod symbols;
pub mod v1;

/// The layout that new records get.
pub const VERSION: u8 = 1;
/// The layout of a personal part that is [packed](symbols): layout 1 behind the byte, packed.
const PACKED: u8 = 2;
/// Most bytes of a personal part: an event of 1 MB whose every character takes six in JSON.
const PERSONAL_BYTES: usize = 16 << 20;

/// Stored bytes that cannot be read. Never shows what they hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// The bytes are empty.
    #[error("the record is empty")]
    Empty,
    /// Written by a later release.
    #[error("the record has layout {0}, this release reads up to {VERSION}; use a later release")]
    Version(u8),
    /// Not what this layout says.
    #[error("the record does not follow its layout: {0}")]
    Broken(&'static str),
    /// A kind, or a field of it, that this release does not know.
    #[error("the record has kind {} (field {:?}), which this release does not know; use a later release", .0.code, .0.tag)]
    Kind(UnknownKind),
}

/// An event before it is laid down: everything but what the log itself gives it.
#[derive(Debug)]
pub struct Parts<'a> {
    /// How many events its strand had before it.
    pub revision: Revision,
    /// The strand that it is filed under.
    pub strand: &'a Strand,
    /// The other strands that it names.
    pub also: &'a [Strand],
    /// The clear part that does not depend on the kind.
    pub header: &'a Header,
    /// What happened.
    pub kind: &'a Kind,
    /// The sealed personal part.
    pub sealed: &'a [u8],
}

/// Lays an event down.
#[must_use]
pub fn encode(parts: &Parts<'_>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(160 + parts.sealed.len());
    bytes.push(VERSION);
    v1::encode_into(parts, &mut bytes);
    bytes
}

/// Reads an event that was laid down by this or an earlier release.
///
/// # Errors
/// [`CodecError`] says what is wrong with the bytes.
pub fn decode(position: Position, recorded_at: Micros, record: &[u8]) -> Result<Event, CodecError> {
    let (event, sealed) = decode_clear(position, recorded_at, record)?;
    Ok(Event { sealed: sealed.to_vec(), ..event })
}

/// Reads an event without what is sealed of it, which is given apart: who counts has no use for it.
///
/// # Errors
/// As [`decode`].
pub fn decode_clear(position: Position, recorded_at: Micros, record: &[u8]) -> Result<(Event, &[u8]), CodecError> {
    match record.split_first() {
        None => Err(CodecError::Empty),
        Some((1, body)) => v1::decode(position, recorded_at, body),
        Some((version, _)) => Err(CodecError::Version(*version)),
    }
}

/// Adds the record of an event without what is sealed, and with the ids of its strands blank: it reads as the same event of nobody
/// with nothing in it. `sealed_bytes` is how long that part is.
pub fn push_clear(event: &Event, sealed_bytes: usize, record: &[u8], into: &mut Vec<u8>) {
    match record.split_first() {
        Some((1, body)) => {
            into.push(1);
            let from = into.len();
            into.extend_from_slice(v1::clear_part(body, sealed_bytes));
            v1::blank_strands(into.get_mut(from..).unwrap_or_default(), event);
            into.push(0);
        }
        _ => into.extend_from_slice(record),
    }
}

/// Lays a personal part down, ready to be sealed: packed, where that makes it shorter.
#[must_use]
pub fn encode_personal(personal: &Personal) -> Vec<u8> {
    // Room for the tag that sealing adds, as well.
    let mut bytes = Vec::with_capacity(48 + personal.size_bytes());
    bytes.push(VERSION);
    v1::encode_personal_into(personal, &mut bytes);
    let packed = symbols::pack(bytes.get(1..).unwrap_or_default());
    if packed.len() + 1 < bytes.len() {
        bytes.clear();
        bytes.push(PACKED);
        bytes.extend_from_slice(&packed);
    }
    bytes
}

/// Reads an opened personal part.
///
/// # Errors
/// [`CodecError`] says what is wrong with the bytes.
pub fn decode_personal(bytes: &[u8]) -> Result<Personal, CodecError> {
    match bytes.split_first() {
        None => Err(CodecError::Empty),
        Some((1, body)) => v1::decode_personal(body),
        Some((&PACKED, body)) => v1::decode_personal(&symbols::unpack(body, PERSONAL_BYTES)?),
        Some((version, _)) => Err(CodecError::Version(*version)),
    }
}

/// Lays down a row of a view. Views are rebuilt when their layout changes, so rows carry no version.
#[must_use]
pub fn pack<T: Serialize>(row: &T) -> Vec<u8> {
    // Writing to memory fails only for types that serde cannot describe, which a row is not.
    bincode::serde::encode_to_vec(row, bincode::config::standard()).unwrap_or_default()
}

/// How much room a row may ask for. No row comes near; a damaged length does.
const ROW_ROOM_BYTES: usize = 256 * 1024 * 1024;

/// Reads a row of a view.
///
/// # Errors
/// [`CodecError::Broken`] when the bytes are not such a row.
pub fn unpack<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CodecError> {
    match bincode::serde::decode_from_slice(bytes, bincode::config::standard().with_limit::<ROW_ROOM_BYTES>()) {
        Ok((row, used)) if used == bytes.len() => Ok(row),
        Ok(_) => Err(CodecError::Broken("a row is longer than its layout")),
        Err(_) => Err(CodecError::Broken("a row does not follow its layout")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2^40 as bincode writes it.
    const HUGE: [u8; 9] = [253, 0, 0, 0, 0, 0, 1, 0, 0];

    #[test]
    fn a_length_that_nothing_has_is_refused_before_room_is_made() {
        let personal = [&[VERSION], &HUGE[..]].concat();
        assert!(matches!(decode_personal(&personal), Err(CodecError::Broken(_))));
        assert!(matches!(unpack::<String>(&HUGE), Err(CodecError::Broken(_))));
        assert!(matches!(unpack::<Vec<u64>>(&HUGE), Err(CodecError::Broken(_))));
    }

    #[test]
    fn a_personal_part_is_packed_where_that_makes_it_shorter() {
        let text = |text: &str| Personal { text: Some(text.into()), ..Personal::default() };
        for (personal, layout) in [(text("boa tarde, o pedido atrasou"), PACKED), (text("ÿ×Ø"), VERSION)] {
            let bytes = encode_personal(&personal);
            assert_eq!((bytes[0], decode_personal(&bytes).unwrap()), (layout, personal));
        }
    }

    #[test]
    fn the_largest_personal_part_can_be_read() {
        // A control character takes six in JSON.
        let value = serde_json::Value::String("\u{1}".repeat(crate::event::limits::EVENT_BYTES));
        let personal = Personal { value: Some(value), ..Personal::default() };
        assert!(decode_personal(&encode_personal(&personal)).is_ok_and(|read| read == personal));
    }
}
