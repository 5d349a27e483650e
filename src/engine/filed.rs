//! A draft as far as it can be prepared by itself, whatever comes before it.

use crate::event::codec::{self, Parts};
use crate::event::{Draft, Position, Revision, Strand};
use crate::vault::KeyState;

/// A draft with its strands resolved, sealed, and looked for in the views: all that does not depend on the drafts before it.
pub(super) struct Filed<'a> {
    pub(super) draft: &'a Draft,
    pub(super) strand: Strand,
    pub(super) also: Vec<Strand>,
    pub(super) sealed: Sealed,
    /// Whether the strand had no key, so that no event before this commit is of it.
    pub(super) new: bool,
    /// Where the views have an event of this id.
    pub(super) stored: Option<Position>,
}

/// The personal part of a draft.
pub(super) enum Sealed {
    /// Under the strand's key.
    Under(Vec<u8>),
    /// Not yet: the strand is new and has no key.
    Waits,
    /// Never: the strand's key was destroyed.
    Never,
}

/// Seals the personal part of a draft, if there is a key.
pub(super) fn seal(draft: &Draft, strand: &Strand, key: KeyState) -> Sealed {
    match key {
        KeyState::Live(key) => {
            Sealed::Under(key.seal(&draft.header().id, &strand.subject, codec::encode_personal(draft.personal())))
        }
        KeyState::Unknown => Sealed::Waits,
        KeyState::Destroyed => Sealed::Never,
    }
}

impl Sealed {
    pub(super) fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Under(bytes) => Some(bytes),
            Self::Waits | Self::Never => None,
        }
    }
}

impl Filed<'_> {
    /// The bytes that are stored of it. Sealing is deterministic, so the same draft gives the same bytes.
    pub(super) fn record(&self, sealed: &[u8], revision: Revision) -> Vec<u8> {
        self.record_naming(&self.also, sealed, revision)
    }

    /// The same, naming these other strands.
    pub(super) fn record_naming(&self, also: &[Strand], sealed: &[u8], revision: Revision) -> Vec<u8> {
        codec::encode(&Parts {
            revision,
            strand: &self.strand,
            also,
            header: self.draft.header(),
            kind: self.draft.kind(),
            sealed,
        })
    }
}
