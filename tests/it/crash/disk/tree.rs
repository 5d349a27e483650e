//! A folder with all that is in it, as it lies in memory: what a cut leaves, and what a disk begins with.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::Path;

use super::content::Content;

/// A file or a folder.
#[derive(Clone, Debug)]
pub(crate) enum Tree {
    File { mode: u16, content: Content },
    Folder { mode: u16, entries: BTreeMap<OsString, Tree> },
}

impl Default for Tree {
    /// An empty folder.
    fn default() -> Self {
        Self::Folder { mode: 0o755, entries: BTreeMap::new() }
    }
}

impl Tree {
    /// Writes it to a real folder, which is made.
    pub(crate) fn write(&self, to: &Path) {
        let mode = match self {
            Self::File { mode, content } => {
                let file = File::create(to).unwrap();
                file.set_len(content.size()).unwrap();
                content.stretches().for_each(|(offset, bytes)| file.write_all_at(bytes, offset).unwrap());
                mode
            }
            Self::Folder { mode, entries } => {
                fs::create_dir_all(to).unwrap();
                entries.iter().for_each(|(name, entry)| entry.write(&to.join(name)));
                mode
            }
        };
        fs::set_permissions(to, Permissions::from_mode(u32::from(*mode))).unwrap();
    }
}
