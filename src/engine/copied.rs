//! Folders that are copied, emptied and renamed, durably where it counts.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::error::EngineError;
use crate::log::check_free;

/// A copy of a folder, for as long as it is needed.
pub(super) struct Copy {
    from: PathBuf,
    pub(super) to: PathBuf,
}

impl Copy {
    /// Makes it.
    pub(super) fn of(from: &Path, to: PathBuf) -> Result<Self, EngineError> {
        let copy = Self { from: from.to_owned(), to };
        copy.again()?;
        Ok(copy)
    }

    /// Makes it again, as it was.
    pub(super) fn again(&self) -> Result<(), EngineError> {
        empty(&self.to)?;
        check_free(&self.from, size_of(&self.from)?)?;
        copy_folder(&self.from, &self.to)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        if let Err(cause) = empty(&self.to) {
            tracing::warn!(%cause, "a copy of the log could not be removed");
        }
    }
}

fn size_of(folder: &Path) -> Result<u64, EngineError> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder).map_err(|cause| io(folder, cause))? {
        let entry = entry.map_err(|cause| io(folder, cause))?;
        let found = entry.metadata().map_err(|cause| io(&entry.path(), cause))?;
        bytes += if found.is_dir() { size_of(&entry.path())? } else { found.len() };
    }
    Ok(bytes)
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), EngineError> {
    fs::create_dir_all(to).map_err(|cause| io(to, cause))?;
    for entry in fs::read_dir(from).map_err(|cause| io(from, cause))? {
        let entry = entry.map_err(|cause| io(from, cause))?;
        let target = to.join(entry.file_name());
        if entry.file_type().map_err(|cause| io(&entry.path(), cause))?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target).map_err(|cause| io(&entry.path(), cause))?;
        }
    }
    Ok(())
}

/// Removes a folder, if it is there.
pub(super) fn empty(folder: &Path) -> Result<(), EngineError> {
    match fs::remove_dir_all(folder) {
        Err(cause) if cause.kind() != ErrorKind::NotFound => Err(io(folder, cause)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Renames a folder beside another, durably.
pub(super) fn rename(from: &Path, to: &Path) -> Result<(), EngineError> {
    fs::rename(from, to).map_err(|cause| io(from, cause))?;
    let above = to.parent().unwrap_or(Path::new("."));
    File::open(above).and_then(|folder| folder.sync_all()).map_err(|cause| io(above, cause))
}

/// An error with a file or folder.
pub(super) fn io(path: &Path, cause: std::io::Error) -> EngineError {
    EngineError::Io { path: path.display().to_string(), cause }
}
