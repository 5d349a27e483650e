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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_leaves_nothing_behind_and_tells_of_a_folder_that_cannot_be_written() {
        let folder = tempfile::tempdir().unwrap();
        check_room(folder.path(), 1 << 16).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(matches!(check_room(&folder.path().join("gone"), 1), Err(LogError::Write(_))));
    }
}
