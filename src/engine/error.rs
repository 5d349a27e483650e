//! What can go wrong in the store, in the terms of whoever uses it.

use crate::archive::ArchiveError;
use crate::event::codec::CodecError;
use crate::event::{EventId, Invalid, Position, Revision};
use crate::log::LogError;
use crate::proof::ProofError;
use crate::vault::VaultError;
use crate::views::ViewError;

/// The store cannot be opened, written or read.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The log failed.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The vault has fewer keys than the views have seen.
    #[error(
        "the file vault/keys holds {have} keys, and there were {want}; what was sealed with the others cannot be read: \
         restore the vault from a backup"
    )]
    KeysMissing {
        /// How many there are.
        have: u64,
        /// How many there were.
        want: u64,
    },
    /// A repair would give events up.
    #[error(
        "{missing} events would be given up; name an archive or a backup that has them with --archive, or give them up with \
         --accept-loss"
    )]
    WouldLose {
        /// How many.
        missing: u64,
    },
    /// Another process has the folder.
    #[error(
        "another process has the data folder {path} open; stop it first. A store that is served takes `import --to URL` and \
         gives `backup DIR --from URL`, on which `verify --archive DIR` works"
    )]
    InUse {
        /// Which folder.
        path: String,
    },
    /// The folder holds no store.
    #[error("{path} holds no store; check the path, or make one with `novelo serve` or `novelo import`")]
    NoStore {
        /// Which folder.
        path: String,
    },
    /// The folder once held a log.
    #[error(
        "the log of {path} is gone: there is no store in its folder `log`, and {of} tell of one with {events} events or more. Put the \
         folder back; or bring it back from an archive or a backup: `novelo repair --data {path} --archive DIR`, or a new store by \
         `novelo restore --data NEW --from DIR --keys {path}/vault`. Keep the folder `vault`: nothing can be read without it"
    )]
    LogLost {
        /// Which folder.
        path: String,
        /// How many events there were, as far as anything tells.
        events: Position,
        /// What tells of it.
        of: String,
    },
    /// The folder is to be filled, and holds something.
    #[error("{path} is not empty; name a folder that is not there yet, or empty it first")]
    NotEmpty {
        /// Which folder.
        path: String,
    },
    /// The folder of a new store holds something else.
    #[error(
        "{path} holds other things, such as {found}, and no store; name an empty folder or one that is not there yet"
    )]
    OtherThings {
        /// Which folder.
        path: String,
        /// One of them.
        found: String,
    },
    /// A restore into this folder broke off.
    #[error("a restore into {path} did not come to its end; run it again: `novelo restore` begins anew there")]
    HalfRestored {
        /// Which folder.
        path: String,
    },
    /// The backup of the keys is older than some of the events.
    #[error(
        "{strands} strands have events and no key in {keys}: it is older than they are, nobody was erased. What is sealed for them \
         could never be read. Restore with a later backup of the keys, or with the folder `vault` of the store itself \
         (--keys DATA/vault); to give up what is sealed for them, use --accept-missing-keys. Nothing was restored"
    )]
    MissingKeys {
        /// The backup of the keys.
        keys: String,
        /// How many strands.
        strands: u64,
    },
    /// The keys belong to another store.
    #[error(
        "{keys} holds the keys of another store: none of them is for a strand of these events, and nothing that is sealed could be \
         read with them. Name the backup of the keys that belongs to this archive or backup, or the folder `vault` of its store. \
         Nothing was restored"
    )]
    OtherKeys {
        /// The backup of the keys.
        keys: String,
    },
    /// There is a log and no vault.
    #[error(
        "{path} holds a log and no keys: without them nothing that is sealed can be read, and new ones would not fit; \
         restore the folder `vault`, or restore the store with `novelo restore --keys`"
    )]
    NoKeys {
        /// Which folder.
        path: String,
    },
    /// The archive cannot be written or read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A checkpoint or a proof cannot be made.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The views failed.
    #[error(transparent)]
    View(#[from] ViewError),
    /// A stored event cannot be read.
    #[error("event {position} cannot be read: {cause}")]
    Event {
        /// Where it stands.
        position: Position,
        /// What is wrong with it.
        cause: CodecError,
    },
    /// A file or folder cannot be used.
    #[error("{path}: {cause}")]
    Io {
        /// Which.
        path: String,
        /// Why.
        cause: std::io::Error,
    },
    /// Something asked for is not valid.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The views are behind what the question needs.
    #[error(
        "position {wanted} is not in the views yet (they are at {through}); ask again in a moment, or without `atLeast`"
    )]
    Behind {
        /// What the question asked for.
        wanted: Position,
        /// Where the views are.
        through: Position,
    },
    /// The views were damaged and are behind what was read of them before.
    #[error("the views are being rebuilt: they are at position {through} of {until}; ask again in a moment")]
    Rebuilding {
        /// Where they are.
        through: Position,
        /// Where they were.
        until: Position,
    },
    /// A task of the store has stopped.
    #[error("the store has stopped: {0}; restart it, its log says why")]
    Stopped(String),
    /// There is no such projection.
    #[error("there is no projection `{given}`; {help}")]
    NoProjection {
        /// What was asked for.
        given: String,
        /// Which there are.
        help: String,
    },
    /// Somebody is asked for by a value that is a placeholder.
    #[error(transparent)]
    Placeholder(Invalid),
    /// A contact is of several customers.
    #[error(
        "contact `{contact}` is of several customers that are not linked: it named both, or their sources use the same id; ask by an identifier or a protocol"
    )]
    Ambiguous {
        /// As its sources call it.
        contact: String,
    },
    /// The projection is being rebuilt already.
    #[error("projection `{0}` is being rebuilt already; see `projections` for its progress")]
    Building(String),
}

impl EngineError {
    /// The same; when a field is at fault, with its path put below `parent`.
    #[must_use]
    #[expect(clippy::wildcard_enum_match_arm, reason = "no other is about a field")]
    pub fn under(self, parent: &str) -> Self {
        match self {
            Self::Invalid(problem) => Self::Invalid(problem.under(parent)),
            Self::Placeholder(problem) => Self::Placeholder(problem.under(parent)),
            other => other,
        }
    }

    /// Whether it is over by itself in a while: the views are being opened anew or rebuilt.
    pub(super) fn passes(&self) -> bool {
        matches!(self, Self::Rebuilding { .. } | Self::View(ViewError::Reopening) | Self::Log(LogError::Reopening(_)))
    }
}

/// Why one event was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The same id was stored before, with another body.
    #[error(
        "an event with this id is stored at position {position} with another body; \
         send the same body again, or give the new event an id of its own"
    )]
    Conflict {
        /// The event's id.
        id: EventId,
        /// Where the stored one stands.
        position: Position,
    },
    /// An all-or-nothing request has two events under one id.
    #[error(
        "the request holds another event with this id and another body; send one of them, or give each an id of its own"
    )]
    Twice {
        /// The events' id.
        id: EventId,
    },
    /// The subject has moved on.
    #[error("the subject is at revision {actual}, not {expected}; read it again and decide anew")]
    Stale {
        /// What the sender expected.
        expected: Revision,
        /// Where the subject is.
        actual: Revision,
    },
    /// `expectedRevision` was given for events of several subjects.
    #[error("`expectedRevision` needs all events to be of one subject; send them apart")]
    SeveralSubjects,
    /// The strand's key was destroyed.
    #[error("the subject was erased, nothing can be filed under it any more; look the customer up again")]
    Erased,
    /// Another event of the same all-or-nothing request was refused.
    #[error("another event of the request was refused, so none was recorded; mend that one and send all again")]
    Together,
}

/// Why a request to record was not carried out at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// More is waiting than the queue holds.
    #[error("the store is busy: its queue is full; send again in a moment")]
    Busy,
    /// The log cannot be written.
    #[error("the store takes no events now: {0}")]
    Unavailable(String),
}
