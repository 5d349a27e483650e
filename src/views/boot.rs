//! Whether the views can be relied on after the machine went down.
//!
//! fjall does not sync its journal with every batch, and a table that it has written out may be ahead of others whose rows
//! were in the journal alone. After a kill nothing is missing: the system still has all that was written. After a power cut
//! the tables may stand at different events, and nothing in them tells. So a file `boot` in the views' folder says in which
//! run of the machine they were last open, or that they were closed in good order, with everything synced. Views that were open
//! when the machine went down are thrown away; they are rebuilt from the log.

use std::fs::{self, File};
use std::io::{Result, Write};
use std::path::{Path, PathBuf};

const FILE: &str = "boot";
const CLOSED: &str = "closed";
/// The lock that fjall holds while its database is open.
const LOCK: &str = "lock";

/// What tells one run of the machine from another: <https://docs.kernel.org/admin-guide/sysctl/kernel.html#random>.
/// Elsewhere nothing does, and views are relied on only when they were closed.
fn this_boot() -> Option<String> {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned()).filter(|id| !id.is_empty())
}

/// Whether the folder's views were closed in good order, or were open in this run of the machine.
pub(super) fn is_reliable(folder: &Path) -> bool {
    let noted = fs::read_to_string(folder.join(FILE)).unwrap_or_default();
    noted == CLOSED || this_boot().is_some_and(|boot| noted == boot)
}

/// Notes that the views are open in this run of the machine; durable before anything of them is touched.
pub(super) fn opened(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    note(folder, &this_boot().unwrap_or_default())
}

fn note(folder: &Path, text: &str) -> Result<()> {
    let path = folder.join(FILE);
    if fs::read_to_string(&path).is_ok_and(|noted| noted == text) {
        return Ok(());
    }
    let mut file = tempfile::Builder::new().prefix(".boot-").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|failed| failed.error)?;
    File::open(folder)?.sync_all()
}

/// Notes, once it is dropped, that the views were closed: behind the database, of which everything is synced then.
#[derive(Debug)]
pub(super) struct Closing(pub(super) PathBuf);

impl Drop for Closing {
    fn drop(&mut self) {
        match self.close() {
            Ok(true) => {}
            Ok(false) => tracing::debug!("the views are still being read; they are not noted as closed"),
            Err(cause) => {
                tracing::warn!(%cause, "the views could not be noted as closed; after a reboot they are rebuilt")
            }
        }
    }
}

impl Closing {
    /// Whether the database was closed.
    fn close(&self) -> Result<bool> {
        let lock = File::open(self.0.join(LOCK))?;
        if lock.try_lock().is_err() {
            return Ok(false);
        }
        sync_all(&self.0)?;
        note(&self.0, CLOSED)?;
        Ok(true)
    }
}

/// Syncs every file and every name below a folder.
fn sync_all(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => sync_all(&entry.path())?,
            false => File::open(entry.path())?.sync_all()?,
        }
    }
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_that_were_open_in_another_run_of_the_machine_are_not_relied_on() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!is_reliable(folder.path()), "nothing is noted");
        opened(folder.path()).unwrap();
        assert!(is_reliable(folder.path()) || this_boot().is_none());
        fs::write(folder.path().join(FILE), "another").unwrap();
        assert!(!is_reliable(folder.path()));
        fs::write(folder.path().join(LOCK), "").unwrap();
        drop(Closing(folder.path().to_owned()));
        assert!(is_reliable(folder.path()));
        opened(folder.path()).unwrap();
        let lock = File::open(folder.path().join(LOCK)).unwrap();
        lock.lock().unwrap();
        drop(Closing(folder.path().to_owned()));
        assert_ne!(fs::read_to_string(folder.path().join(FILE)).unwrap(), CLOSED, "somebody has them open");
    }
}
