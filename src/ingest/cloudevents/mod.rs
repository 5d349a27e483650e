//! CloudEvents 1.0 in JSON.
//!
//! | what comes | how it is read |
//! |---|---|
//! | one event, `application/cloudevents+json` | [`read_structured`] |
//! | a JSON array, `application/cloudevents-batch+json` | [`read_batch`] |
//! | one event a line, `application/x-ndjson` | [`NdJson`], fed as the bytes come |
//! | attributes in `ce-` headers, data in the body | [`read_binary`] |
//!
//! Which of them a request is, [`ContentMode`] says. [`to_cloudevent`] writes a stored event.
//!
//! # What is taken of an event
//! `specversion` (`1.0`), `id`, `source`, `type`, `time` and `data` (a JSON object) are needed, `subject` is optional; how
//! they are understood says [`Unfiled`]. `datacontenttype` must be JSON when it is there; `data_base64` is refused.
//! `dataschema` becomes the schema of a type that is not of the vocabulary, and is not kept for others. Other extension
//! attributes (`traceparent`, `partitionkey`, …) are tolerated and **not stored**, with one exception: an attribute that is
//! named like a field of the vocabulary (`channel`, `text`) is refused, because it was surely meant to stand in `data`
//! and would be lost without a word. Attributes that are `null` count as absent. In an object with a name twice the last
//! one counts.
//!
//! Source: CloudEvents 1.0.2, JSON event format and HTTP protocol binding.

mod attributes;
mod binary;
mod header_value;
mod modes;
mod ndjson;
mod sealed;
#[cfg(test)]
mod tests;
mod write;

use crate::event::{Invalid, Unfiled};

use super::rejected::{Code, Place, Rejected};

pub use binary::read_binary;
pub use header_value::write_binary_value;
pub use modes::{ContentMode, names_another_charset, read_batch, read_structured};
pub use ndjson::{LINE_BYTES, NdJson};
pub use sealed::{Sealed, SealedError};
pub use write::{to_cloudevent, to_line, unfiled_to_cloudevent};

/// An event that was taken, and where it stood.
#[derive(Debug)]
pub struct Item {
    /// Where it stood.
    pub place: Place,
    /// The id as its source wrote it.
    pub id: String,
    /// The event.
    pub event: Unfiled,
}

impl Item {
    /// The rejection of this item for what came out later, when it was filed or recorded.
    #[must_use]
    pub fn reject(&self, code: Code, problem: Invalid) -> Rejected {
        Rejected::new(self.place, Some(&self.id), code, problem)
    }
}
