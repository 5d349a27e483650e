//! What can go wrong with keys. No message holds a key or a part of one.

use std::io;

/// The vault cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// A file cannot be used.
    #[error("{path}: {cause}")]
    Io {
        /// Which.
        path: String,
        /// Why.
        cause: io::Error,
    },
    /// The master key's file can be read by others.
    #[error("{path} can be read by others (mode {mode:o}); run `chmod 600 {path}`")]
    TooOpen {
        /// Which.
        path: String,
        /// Its permissions.
        mode: u32,
    },
    /// There is no master key for a vault that has one.
    #[error(
        "{path} is not there, and the store was made with a master key; \
         put the file back from its backup, or name it with master_key_file or NOVELO_MASTER_KEY"
    )]
    NoMasterKey {
        /// Where it was looked for.
        path: String,
    },
    /// The installation's secret is gone, and the keys beside it are not.
    #[error(
        "{path} is not there, and the keys beside it are: the ids of the customers are derived from what is in it, and a new one \
         would not fit. Put the file back from a copy of the folder `vault`, or restore the store with \
         `novelo restore --keys BACKUP`: the backup of the keys has it"
    )]
    NoInstallation {
        /// Where it was looked for.
        path: String,
    },
    /// The master key is not written as one.
    #[error("the master key is not written as one; it is 64 hexadecimal digits, or 32 bytes in base64")]
    NotAKey,
    /// The master key is another one.
    #[error(
        "{path} does not open with this master key: the key is not the one that this store was made with, or the file is \
         damaged; use the right key, its backup if need be, or restore the file from a backup"
    )]
    WrongMasterKey {
        /// The file that it should open.
        path: String,
    },
    /// A file is not of this format.
    #[error("{path} is no file of this format: {reason}; restore it from a backup")]
    Format {
        /// Which.
        path: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// What would be written over is not a backup of the same keys.
    #[error("{path} {reason}; name another file, and nothing is lost")]
    Replaces {
        /// Which.
        path: String,
        /// What it is.
        reason: &'static str,
    },
    /// A slot cannot be read.
    #[error(
        "slot {slot} of the file vault/keys, from byte {} on, cannot be read: {reason}; restore the vault from a backup",
        (slot + 1) * 96
    )]
    Slot {
        /// Which.
        slot: u64,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A sealed part was not sealed with this key for this event.
    #[error("a personal part does not open: it was changed, or belongs to another event or subject")]
    Sealed,
    /// The index of the slots cannot be read.
    #[error("the index of the keys cannot be read: {0}")]
    Index(String),
    /// Keys could not be written.
    #[error("the keys could not be written to {path}: {reason}; see to the disk, what was acknowledged is safe")]
    Write {
        /// To which file.
        path: String,
        /// Why not.
        reason: String,
    },
}

impl VaultError {
    pub(super) fn write(path: &std::path::Path, cause: &io::Error) -> Self {
        Self::Write { path: path.display().to_string(), reason: cause.to_string() }
    }

    pub(super) fn io(path: &std::path::Path, cause: io::Error) -> Self {
        Self::Io { path: path.display().to_string(), cause }
    }
}
