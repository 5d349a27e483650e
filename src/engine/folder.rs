//! The data folder: what lies where.
//!
//! ```text
//! DATA/
//!   log/           the events; the truth
//!   vault/         the keys of the subjects, wrapped by the master key, and the installation's secret
//!     known        up to where the log and the keys were durable: what falls short of it is not taken for young
//!     destroyed    whose keys were destroyed
//!   views/         derived; can be deleted at any time
//!   analyses/      what somebody wrote to be counted; analyses.part is there while everything is counted anew
//!   checkpoints/   what was signed of the log, and the public key
//!   master.key     the master key, unless it is kept elsewhere (back it up apart from the rest)
//!   lock           held by the process that has the store open
//!   log.damaged-…  a log as it was found, before it was repaired; checkpoints.damaged-… what was signed of it
//!   losses.ndjson  what repairs had to give up
//! ```

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use super::error::EngineError;
use super::lost::lost_log;
use crate::archive::other_thing;
use crate::vault::{MasterKey, require_installation};

/// Where the parts of a store lie.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder at this path; made when it is not there, and then its owner's alone. Its name is durable when this returns: a folder whose name is
    /// lost with the power takes with it all that was synced inside.
    ///
    /// # Errors
    /// [`EngineError::Io`] when it cannot be made.
    pub fn at(path: &Path) -> Result<Self, EngineError> {
        let made: Vec<&Path> = path.ancestors().take_while(|folder| !folder.exists()).collect();
        make(path).map_err(|cause| EngineError::Io { path: path.display().to_string(), cause })?;
        // That of the folder itself in any case: whoever made it may have been stopped before syncing it.
        sync_above(path)?;
        made.into_iter().try_for_each(sync_above)?;
        Ok(Self(path.to_owned()))
    }

    /// The folder at this path, which must hold a store.
    ///
    /// # Errors
    /// [`EngineError::NoStore`] when it does not, [`EngineError::LogLost`] when it once did, [`EngineError::HalfRestored`] when one
    /// was to be restored there.
    pub fn existing(path: &Path) -> Result<Self, EngineError> {
        let folder = Self(path.to_owned());
        match lost_log(&folder) {
            Some(lost) => Err(lost),
            None if folder.log().is_dir() => Ok(folder),
            None if folder.restoring().exists() => Err(EngineError::HalfRestored { path: path.display().to_string() }),
            None => Err(EngineError::NoStore { path: path.display().to_string() }),
        }
    }

    /// The folder at this path, which must hold a store or what is left of one whose log is gone.
    ///
    /// # Errors
    /// As [`Folder::existing`], but for [`EngineError::LogLost`].
    pub fn with_or_without_log(path: &Path) -> Result<Self, EngineError> {
        match Self::existing(path) {
            Err(EngineError::LogLost { .. }) => Ok(Self(path.to_owned())),
            other => other,
        }
    }

    /// Refuses a folder with things in it that are no store's, where there is no store: it was surely another folder that was
    /// meant. What the store has itself may be there, a key and settings that were put there, a disk's own, and what is hidden.
    ///
    /// # Errors
    /// [`EngineError::OtherThings`] names one of them, [`EngineError::Io`] when the folder cannot be read.
    pub(super) fn refuse_other_things(&self, master_key: &KeySource) -> Result<(), EngineError> {
        if self.log().join("conf").exists() {
            return Ok(());
        }
        let is_key = |name: &str| matches!(master_key, KeySource::File(Some(key)) if self.0.join(name) == *key);
        let other = other_thing(&self.0, |name| may_be_there(name) || is_key(name));
        match other.map_err(|cause| EngineError::Io { path: self.0.display().to_string(), cause })? {
            Some(found) => Err(EngineError::OtherThings { path: self.0.display().to_string(), found }),
            None => Ok(()),
        }
    }

    /// Takes the folder for this process, until the lock is dropped.
    ///
    /// # Errors
    /// [`EngineError::InUse`] when another process has it, [`EngineError::Io`] when the lock's file cannot be used.
    pub fn lock(&self) -> Result<FolderLock, EngineError> {
        let path = self.0.join("lock");
        let io = |cause| EngineError::Io { path: path.display().to_string(), cause };
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => Ok(FolderLock(file)),
            Err(TryLockError::WouldBlock) => Err(EngineError::InUse { path: self.0.display().to_string() }),
            Err(TryLockError::Error(cause)) => Err(io(cause)),
        }
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The events.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.0.join("log")
    }

    /// The keys.
    #[must_use]
    pub fn vault(&self) -> PathBuf {
        self.0.join("vault")
    }

    /// The views.
    #[must_use]
    pub fn views(&self) -> PathBuf {
        self.0.join("views")
    }

    /// Where the log lies while it is being restored.
    #[must_use]
    pub(super) fn restoring(&self) -> PathBuf {
        self.0.join("log.restoring")
    }

    /// Where the keys lie while they are being restored.
    #[must_use]
    pub(super) fn vault_restoring(&self) -> PathBuf {
        self.0.join("vault.restoring")
    }

    /// Refuses a folder that a restore began to fill and did not; one whose log is gone; and one that holds a log without its keys.
    pub(super) fn check_whole(&self) -> Result<(), EngineError> {
        let path = self.0.display().to_string();
        if self.restoring().exists() {
            return Err(EngineError::HalfRestored { path });
        }
        if let Some(lost) = lost_log(self) {
            return Err(lost);
        }
        if self.log().join("conf").exists() && !self.vault().join("installation").exists() {
            require_installation(&self.vault())?;
            return Err(EngineError::NoKeys { path });
        }
        Ok(())
    }

    /// The signed checkpoints.
    #[must_use]
    pub fn checkpoints(&self) -> PathBuf {
        self.0.join("checkpoints")
    }

    /// The analyses that somebody defined.
    #[must_use]
    pub fn analyses(&self) -> PathBuf {
        self.0.join("analyses")
    }

    /// The master key's usual place.
    #[must_use]
    pub fn master_key(&self) -> PathBuf {
        self.0.join("master.key")
    }
}

/// What a store has in its folder.
const OWN: &[&str] = &["log", "vault", "views", "analyses", "checkpoints", "master.key", "lock", "losses.ndjson"];

/// Whether a thing may be where a store is made: one of a store's own, or made of one (`log.damaged-…`, `analyses.part`), or settings.
fn may_be_there(name: &str) -> bool {
    let base = name.split_once('.').map_or(name, |(base, _)| base);
    OWN.contains(&name) || OWN.contains(&base) || name.ends_with(".toml")
}

/// Makes a folder that nobody but its owner may look into, and the folders above it as they usually are.
fn make(path: &Path) -> std::io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let made = match (builder.create(path), path.parent()) {
        (Err(cause), Some(above)) if cause.kind() == std::io::ErrorKind::NotFound => {
            std::fs::create_dir_all(above).and_then(|()| builder.create(path))
        }
        (made, _) => made,
    };
    match made {
        // Somebody else made it this moment.
        Err(cause) if cause.kind() == std::io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        other => other,
    }
}

/// Makes a folder's name durable.
fn sync_above(folder: &Path) -> Result<(), EngineError> {
    let above = match folder.parent() {
        Some(above) if !above.as_os_str().is_empty() => above,
        Some(_) => Path::new("."),
        None => return Ok(()),
    };
    let synced = std::fs::File::open(above).and_then(|above| above.sync_all());
    synced.map_err(|cause| EngineError::Io { path: above.display().to_string(), cause })
}

/// A data folder that this process has.
#[derive(Debug)]
pub struct FolderLock(#[expect(dead_code, reason = "the lock goes when the file is closed")] File);

/// Where the master key comes from.
#[derive(Debug)]
pub enum KeySource {
    /// From a file, made at the first start when the store is new; `DATA/master.key` when `None`.
    File(Option<PathBuf>),
    /// The key itself, from the environment.
    Given(MasterKey),
}
