//! Floor 2. The archive: every committed chunk a second time, in plain files on another disk.
//!
//! A folder of append-only segments holds the chunks of one log exactly as they are stored there, ciphertext and chain of
//! hashes included, so that it needs nothing else to be checked or read. The same files are written by a store that keeps an
//! archive while it is served, by `novelo backup`, and over HTTP; a store is restored from them.
//!
//! | file | what is in it |
//! |---|---|
//! | `00000000000000000000.segment` | chunks from the position on that the name says; the layout stands in [`format`](self) |
//! | `lock` | held by whoever writes |
//! | `….cut` | what was cut off a segment's end because it was never finished, where it was more than a piece of a chunk |
//! | `….damaged` | a segment as it was found damaged inside, before what follows was taken from the log again |
//!
//! One archive has one log: the one whose first chunk has the hash that every segment names.

mod behind;
mod breach;
mod check;
mod error;
mod folder;
mod format;
mod mend;
mod reader;
mod writer;

pub use breach::Breach;
pub use check::check;
pub use error::ArchiveError;
pub use folder::{SEGMENT_EXTENSION, holds_anything, holds_segments, is_begun, other_thing};
pub use format::{Fault, FaultKind, HEADER_BYTES, Header, Item, Seal, SegmentReader, entry};
pub use mend::{SetAside, open_for};
pub use reader::{Reading, Torn, chunks, log_of};
pub use writer::{ArchiveWriter, Cut, SEGMENT_BYTES};
