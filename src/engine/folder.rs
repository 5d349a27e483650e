//! The data folder: what lies where.
//!
//! ```text
//! DATA/
//!   log/         the events; the truth
//!   vault/       the keys of the subjects, wrapped by the master key, and the installation's secret
//!   views/       derived; can be deleted at any time
//!   checkpoints/ what was signed of the log, and the public key
//!   master.key   the master key, unless it is kept elsewhere (back it up apart from the rest)
//! ```

use std::path::{Path, PathBuf};

use super::error::EngineError;
use crate::vault::MasterKey;

/// Where the parts of a store lie.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder at this path; made when it is not there.
    ///
    /// # Errors
    /// [`EngineError::Io`] when it cannot be made.
    pub fn at(path: &Path) -> Result<Self, EngineError> {
        std::fs::create_dir_all(path).map_err(|cause| EngineError::Io { path: path.display().to_string(), cause })?;
        Ok(Self(path.to_owned()))
    }

    /// The folder at this path, which must hold a store.
    ///
    /// # Errors
    /// [`EngineError::NoStore`] when it does not.
    pub fn existing(path: &Path) -> Result<Self, EngineError> {
        let folder = Self(path.to_owned());
        if folder.log().is_dir() { Ok(folder) } else { Err(EngineError::NoStore { path: path.display().to_string() }) }
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

    /// Refuses a folder that a restore began to fill and did not; and one that holds a log without its keys.
    pub(super) fn check_whole(&self) -> Result<(), EngineError> {
        let path = self.0.display().to_string();
        if self.restoring().exists() {
            return Err(EngineError::HalfRestored { path });
        }
        if self.log().is_dir() && !self.vault().join("installation").exists() {
            return Err(EngineError::NoKeys { path });
        }
        Ok(())
    }

    /// The signed checkpoints.
    #[must_use]
    pub fn checkpoints(&self) -> PathBuf {
        self.0.join("checkpoints")
    }

    /// The master key's usual place.
    #[must_use]
    pub fn master_key(&self) -> PathBuf {
        self.0.join("master.key")
    }
}

/// Where the master key comes from.
#[derive(Debug)]
pub enum KeySource {
    /// From a file, made at the first start when the store is new; `DATA/master.key` when `None`.
    File(Option<PathBuf>),
    /// The key itself, from the environment.
    Given(MasterKey),
}
