//! A small disk that can be filled and freed. Mounting it needs to be root.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A file system in memory, mounted on a folder until it goes out of scope.
pub(crate) struct SmallDisk {
    folder: PathBuf,
}

impl SmallDisk {
    /// Mounts one; the folder is made when it is not there.
    pub(crate) fn at(folder: &Path, megabytes: u32) -> Self {
        fs::create_dir_all(folder).unwrap();
        let size = format!("size={megabytes}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "novelo-test"]).arg(folder).status();
        assert!(mounted.expect("mount starts").success(), "mounting a small disk needs root");
        Self { folder: folder.to_owned() }
    }

    fn filler(&self) -> PathBuf {
        self.folder.join("filler")
    }

    /// Fills it until so many kilobytes are left.
    pub(crate) fn fill(&self, left_kilobytes: u64) {
        let mut filler = File::create(self.filler()).unwrap();
        let piece = [0xff; 1024];
        let mut written = 0;
        loop {
            match filler.write_all(&piece) {
                Ok(()) => written += piece.len() as u64,
                Err(cause) if cause.kind() == ErrorKind::StorageFull => break,
                Err(cause) => panic!("{cause}"),
            }
        }
        filler.set_len(written.saturating_sub(left_kilobytes * 1024)).unwrap();
    }

    /// Makes room again.
    pub(crate) fn free(&self) {
        fs::remove_file(self.filler()).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a process that still has it open must not keep it for ever.
        drop(Command::new("umount").arg("-l").arg(&self.folder).status());
    }
}
