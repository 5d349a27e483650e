//! How the journal was left when the views were closed in good order.
//!
//! fjall takes the first journal record that is not whole for the end of its journal, as after a crash. After an orderly end it
//! is damage: tables that were written out in the meantime would be ahead of the others, and events be counted twice.
//! File `closed`: a line per journal with its BLAKE3 hash, its length in bytes and its name. It is gone while the views are open.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use super::error::ViewError;

const NAME: &str = "closed";

/// Notes how the journal was left.
pub(super) fn note(folder: &Path) -> std::io::Result<()> {
    let text = journals(folder)?;
    let new = folder.join("closed.new");
    let mut file = File::create(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&new, folder.join(NAME))
}

/// Checks that the journal is as it was left, if it was left in good order; what was noted is gone then.
pub(super) fn check(folder: &Path) -> Result<(), ViewError> {
    let path = folder.join(NAME);
    let noted = match std::fs::read(&path) {
        Ok(noted) => noted,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(cause) => return Err(cause.into()),
    };
    if noted != journals(folder)?.as_bytes() {
        return Err(ViewError::NotWhole("the journal is not as it was left".into()));
    }
    std::fs::remove_file(&path)?;
    // Or it would be back after a power cut, and not fit what was written since.
    Ok(File::open(folder)?.sync_all()?)
}

fn journals(folder: &Path) -> std::io::Result<String> {
    let mut lines = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".jnl") {
            let mut hasher = blake3::Hasher::new();
            hasher.update_reader(File::open(entry.path())?)?;
            lines.push(format!("{} {} {name}\n", hasher.finalize(), entry.metadata()?.len()));
        }
    }
    lines.sort();
    Ok(lines.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_that_was_changed_or_lost_after_an_orderly_end_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join("3.jnl");
        check(folder.path()).unwrap();
        std::fs::write(&journal, b"rows").unwrap();
        note(folder.path()).unwrap();
        check(folder.path()).unwrap();
        std::fs::write(&journal, b"more rows").unwrap();
        check(folder.path()).unwrap();
        note(folder.path()).unwrap();
        std::fs::write(&journal, b"more").unwrap();
        assert!(matches!(check(folder.path()), Err(ViewError::NotWhole(_))));
        std::fs::remove_file(&journal).unwrap();
        assert!(matches!(check(folder.path()), Err(ViewError::NotWhole(_))));
    }
}
