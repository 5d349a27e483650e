//! Whether a folder can be written to, found out by doing it.

use std::fs::{File, remove_file};
use std::io::Write;
use std::path::Path;

use super::LogError;

/// The name of the file that is written and removed again.
const PROBE: &str = "probe.tmp";

/// Writes so many bytes into a folder, syncs them and takes them away again.
///
/// # Errors
/// [`LogError::Write`] says why they could not be written: there is no room, or the disk fails.
pub fn check_room(folder: &Path, bytes: usize) -> Result<(), LogError> {
    let path = folder.join(PROBE);
    let written = File::create(&path).and_then(|mut file| {
        // What is all zeroes may take no room.
        file.write_all(&vec![0xa5; bytes])?;
        file.sync_all()
    });
    let removed = remove_file(&path);
    written.and(removed).map_err(|cause| LogError::Write(format!("{}: {cause}", folder.display())))
}

/// Makes sure that so many bytes are free for a folder.
///
/// # Errors
/// [`LogError::Write`] says how many are.
pub fn check_free(folder: &Path, bytes: u64) -> Result<(), LogError> {
    #[cfg(unix)]
    {
        let failed = |reason: String| LogError::Write(format!("{}: {reason}", folder.display()));
        let disk = rustix::fs::statvfs(folder).map_err(|cause| failed(cause.to_string()))?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free < bytes {
            return Err(failed(format!("no space left: {free} bytes are free and {bytes} are needed")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_leaves_nothing_behind_and_tells_of_a_folder_that_cannot_be_written() {
        let folder = tempfile::tempdir().unwrap();
        check_room(folder.path(), 1 << 16).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(matches!(check_room(&folder.path().join("gone"), 1), Err(LogError::Write(_))));
        check_free(folder.path(), 1).unwrap();
        assert!(matches!(check_free(folder.path(), u64::MAX), Err(LogError::Write(_))));
    }
}
