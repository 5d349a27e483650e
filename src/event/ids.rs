//! Typed ids and numbers. A bare `u64` in a signature says nothing; these say what they count.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where an event stands in the log: 0, 1, 2, …, without gaps, over the whole store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position(pub u64);

impl Position {
    /// The position of the first event.
    pub const ZERO: Self = Self(0);

    /// The position after this one.
    #[must_use]
    pub fn next(self) -> Self {
        self.plus(1)
    }

    /// The position `count` events further on.
    #[must_use]
    pub fn plus(self, count: u64) -> Self {
        Self(self.0.saturating_add(count))
    }

    /// How many events lie from `earlier` up to this position; 0 when it lies behind.
    #[must_use]
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for Position {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// How many events a subject had before this one: a strand's own gapless count, for optimistic concurrency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub u64);

impl Revision {
    /// The revision after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Writes bytes as lower-case hexadecimal.
fn write_hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let digit = |half: u8| char::from(if half < 10 { b'0' + half } else { b'a' + half - 10 });
    let mut text = String::with_capacity(bytes.len() * 2);
    bytes.iter().for_each(|byte| text.extend([digit(byte >> 4), digit(byte & 15)]));
    f.write_str(&text)
}

/// Reads exactly `N` bytes of hexadecimal.
fn read_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != N * 2 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(bytes)
}

macro_rules! byte_id {
    ($(#[$doc:meta])* $name:ident, $size:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub [u8; $size]);

        impl $name {
            /// The raw bytes.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8; $size] {
                &self.0
            }

            #[doc = concat!("Takes exactly ", $size, " bytes; another length gives `None`.")]
            #[must_use]
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }

            /// Reads lower- or upper-case hexadecimal of exactly the right length.
            #[must_use]
            pub fn from_hex(text: &str) -> Option<Self> {
                read_hex(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    };
}

byte_id! {
    /// What makes an event the same event when it comes a second time: 128 bits, derived from its source
    /// and the source's own id.
    EventId, 16
}

byte_id! {
    /// One strand: the keyed hash of an identifier and its generation, 128 bits. It says nothing about the identifier
    /// to somebody who does not hold the installation's secret.
    SubjectId, 16
}

byte_id! {
    /// A BLAKE3 hash, 256 bits.
    Hash, 32
}

impl EventId {
    /// The id of the event that `source` calls `id`.
    ///
    /// BLAKE3 in its key-derivation mode, context `novelo 2026 event id v1`, over the length of the source (eight bytes,
    /// little-endian), the source and the id; the first 16 bytes.
    #[must_use]
    pub fn derive(source: &str, id: &str) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("novelo 2026 event id v1");
        hasher.update(&(source.len() as u64).to_le_bytes());
        hasher.update(source.as_bytes());
        hasher.update(id.as_bytes());
        let mut bytes = [0; 16];
        hasher.finalize_xof().fill(&mut bytes);
        Self(bytes)
    }
}

impl Default for Hash {
    fn default() -> Self {
        Self::ZERO
    }
}

impl Hash {
    /// The hash before the first chunk of a log.
    pub const ZERO: Self = Self([0; 32]);

    /// BLAKE3 of the bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(blake3::hash(bytes).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_goes_there_and_back() {
        let id = EventId([0xab; 16]);
        assert_eq!(EventId::from_hex(&id.to_string()), Some(id));
        assert_eq!(EventId::from_hex("abc"), None);
        assert_eq!(EventId::from_hex(&"é".repeat(16)), None);
    }

    #[test]
    fn a_border_between_source_and_id_cannot_be_moved() {
        assert_ne!(EventId::derive("ab", "c"), EventId::derive("a", "bc"));
        assert_eq!(EventId::derive("ab", "c"), EventId::derive("ab", "c"));
    }
}
