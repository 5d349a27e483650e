//! An archive or a backup as a source of chunks for a repair.

use std::path::PathBuf;

use crate::archive::chunks;
use crate::log::{ChunkSource, InOrder};

/// The chunks of an archive or a backup in a folder.
#[must_use]
pub fn archive_source(folder: PathBuf) -> impl ChunkSource {
    let name = format!("the archive in {}", folder.display());
    InOrder::new(name, move |from| chunks(&folder, from).ok())
}
