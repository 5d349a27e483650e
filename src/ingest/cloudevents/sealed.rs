//! The sealed export: stored records as they are, for an auditor or an archive.
//!
//! One JSON object a line:
//! ```json
//! {"novelosealed": 1, "position": "41", "recordedat": "2026-01-05T13:07:42Z", "chunk": "40", "record": "AQ…="}
//! ```
//! `novelosealed` is the version of this form. `position` is where the event stands in the log, `chunk` the first position
//! of the chunk that holds it (both as texts, since they have 64 bits), `recordedat` when it was stored, `record` the
//! stored bytes in base64 (RFC 4648, with padding): the version byte, the clear part and the sealed personal part. To
//! read it needs the layouts of [`codec`](crate::event::codec), and for the personal part the vault.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::event::{Micros, Position};

/// A stored record on its way out, or back.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Where the event stands in the log.
    pub position: Position,
    /// When it was stored.
    pub recorded_at: Micros,
    /// The first position of the chunk that holds it.
    pub chunk: Position,
    /// The stored bytes.
    pub record: Vec<u8>,
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealed({}, {} bytes)", self.position, self.record.len())
    }
}

/// Why a line is no sealed record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealedError {
    /// Not an object with `novelosealed`.
    #[error("the line is no sealed record; export it with --sealed")]
    NoRecord,
    /// A later version of the form.
    #[error("the line has version {0} of the sealed form, this release reads version 1; use a later release")]
    Version(u64),
    /// A field is missing or no such value.
    #[error("{0}: is missing or broken; export it again")]
    Field(&'static str),
}

impl Sealed {
    /// The JSON form.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "novelosealed": 1,
            "position": self.position.to_string(),
            "recordedat": self.recorded_at.to_string(),
            "chunk": self.chunk.to_string(),
            "record": STANDARD.encode(&self.record),
        })
    }

    /// Reads the JSON form.
    ///
    /// # Errors
    /// [`SealedError`] says what is missing.
    pub fn from_json(value: &Value) -> Result<Self, SealedError> {
        match value.get("novelosealed").and_then(Value::as_u64) {
            Some(1) => {}
            Some(version) => return Err(SealedError::Version(version)),
            None => return Err(SealedError::NoRecord),
        }
        let text = |name: &'static str| value.get(name).and_then(Value::as_str).ok_or(SealedError::Field(name));
        let position = |name| text(name)?.parse().map_err(|_| SealedError::Field(name));
        Ok(Self {
            position: position("position")?,
            recorded_at: Micros::parse(text("recordedat")?).ok_or(SealedError::Field("recordedat"))?,
            chunk: position("chunk")?,
            record: STANDARD.decode(text("record")?).map_err(|_| SealedError::Field("record"))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_goes_out_and_back() {
        let sealed = Sealed {
            position: Position(41),
            recorded_at: Micros(1_500_000),
            chunk: Position(40),
            record: vec![1, 0xfe, 0],
        };
        let line = sealed.to_json();
        let expected = json!({"novelosealed": 1, "position": "41", "recordedat": "1970-01-01T00:00:01.5Z",
            "chunk": "40", "record": "Af4A"});
        assert_eq!(line, expected);
        assert_eq!(Sealed::from_json(&line).unwrap(), sealed);
    }

    #[test]
    fn what_is_no_record_is_named() {
        assert_eq!(Sealed::from_json(&json!({"id": "1"})), Err(SealedError::NoRecord));
        assert_eq!(Sealed::from_json(&json!({"novelosealed": 2})), Err(SealedError::Version(2)));
        let broken = json!({"novelosealed": 1, "position": "4", "recordedat": "1970-01-01T00:00:00Z", "chunk": "x"});
        assert_eq!(Sealed::from_json(&broken), Err(SealedError::Field("chunk")));
    }
}
