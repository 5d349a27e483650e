//! Making a file that is there whole or not at all.

use std::fs::OpenOptions;
use std::io::{Result, Write};
use std::path::Path;

use super::error::VaultError;

/// Makes a file that only its owner can read, durable with its name when this returns. It gets its name once its bytes are
/// on disk, so that a process that is killed meanwhile, or a power cut, leaves no part of it behind; and it never takes the
/// place of a file that is there already.
///
/// # Errors
/// `AlreadyExists` when there is one; others when it cannot be written.
pub(super) fn create(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = folder_of(path);
    let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map_err(|failed| failed.error)?;
    sync_folder(folder)
}

/// The folder that a file or a folder is in.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes the names in a folder durable.
pub(super) fn sync_folder(folder: &Path) -> Result<()> {
    std::fs::File::open(folder)?.sync_all()
}

/// Makes the name of a file or a folder durable.
pub(super) fn sync_folder_of(path: &Path) -> std::result::Result<(), VaultError> {
    let folder = folder_of(path);
    sync_folder(folder).map_err(|cause| VaultError::io(folder, cause))
}

/// Options that make a file which only its owner can read.
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    #[test]
    fn a_file_is_made_once_and_nothing_else_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        create(&path, b"first").unwrap();
        assert_eq!(create(&path, b"second").unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(&path).unwrap(), b"first");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
