//! The folder of an export: recognisable as unfinished until all of it is on the disk.

use std::ffi::OsString;
use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::error::TableError;
use super::table::{Written, make_folder, sync_folder};
use crate::event::Position;

/// The manifest's name.
const MANIFEST: &str = "manifest.json";

/// What an export says of itself, in `manifest.json`.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
pub struct Manifest {
    /// The version of the program that wrote it.
    novelo: String,
    /// Whether all of it is there.
    complete: bool,
    /// The first position that was asked for.
    from: Position,
    /// All events before this position are in it.
    through: Position,
    /// Whether it has personal data in the clear.
    personal: bool,
    /// The tables by name.
    tables: Map<String, Value>,
}

impl Manifest {
    /// That of an export of the events from a position on up to another.
    #[must_use]
    pub fn new(from: Position, through: Position, personal: bool) -> Self {
        let novelo = env!("CARGO_PKG_VERSION").to_owned();
        Self { novelo, complete: false, from, through, personal, tables: Map::new() }
    }

    /// Adds a table that was written.
    pub fn add(&mut self, name: &str, written: &Written) {
        let about = json!({
            "rows": written.rows,
            "files": written.files,
            "size_bytes": written.size_bytes,
            "months": written.months,
        });
        self.tables.insert(name.to_owned(), about);
    }

    /// Up to where it goes, where that is less than was meant.
    pub fn ends_at(&mut self, through: Position) {
        self.through = through;
    }

    /// The manifest as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// An export that is being made, beside where it will be.
#[derive(Debug)]
pub struct Unfinished {
    out: PathBuf,
    partial: PathBuf,
}

impl Unfinished {
    /// Begins an export that will be `out`, in the folder `out` with `.partial` behind its name. One that broke off there
    /// before goes away.
    ///
    /// # Errors
    /// [`TableError::Occupied`] when `out` is there and is no empty folder, [`TableError::InTheWay`] when what lies beside it is
    /// no export that broke off.
    pub fn begin(out: &Path, manifest: &Manifest) -> Result<Self, TableError> {
        match fs::read_dir(out).map(|mut entries| entries.next().is_none()) {
            Ok(true) => {}
            Ok(false) => return Err(TableError::Occupied(out.to_owned())),
            Err(cause) if cause.kind() == ErrorKind::NotFound => {}
            Err(cause) if cause.kind() == ErrorKind::NotADirectory => return Err(TableError::Occupied(out.to_owned())),
            Err(cause) => return Err(TableError::file(out)(cause)),
        }
        // Absolute, so that it has a name and a parent however it was written.
        let out = std::path::absolute(out).map_err(TableError::file(out))?;
        let out: PathBuf = out.components().collect();
        let mut partial = OsString::from(&out);
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        remove_broken(&partial)?;
        make_folder(&partial)?;
        write_manifest(&partial, manifest)?;
        Ok(Self { out, partial })
    }

    /// Where the tables are made.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.partial
    }

    /// Gives the export its name, once all tables are on the disk; the manifest as it is then.
    ///
    /// # Errors
    /// [`TableError`] when it cannot be renamed. It stays what it is then, unfinished.
    pub fn finish(self, manifest: Manifest) -> Result<Manifest, TableError> {
        let manifest = Manifest { complete: true, ..manifest };
        write_manifest(&self.partial, &manifest)?;
        fs::rename(&self.partial, &self.out).map_err(TableError::file(&self.out))?;
        sync_folder(self.out.parent().unwrap_or(Path::new("/")))?;
        Ok(manifest)
    }
}

/// Takes away what an export that broke off has left.
fn remove_broken(partial: &Path) -> Result<(), TableError> {
    match fs::symlink_metadata(partial) {
        Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(()),
        Err(cause) => return Err(TableError::file(partial)(cause)),
        Ok(_) => {}
    }
    let is_ours = |text: String| serde_json::from_str::<Manifest>(&text).is_ok();
    if !fs::read_to_string(partial.join(MANIFEST)).is_ok_and(is_ours) {
        return Err(TableError::InTheWay(partial.to_owned()));
    }
    fs::remove_dir_all(partial).map_err(TableError::file(partial))
}

/// Writes the manifest in place of the one that is there, and brings it to the disk.
fn write_manifest(folder: &Path, manifest: &Manifest) -> Result<(), TableError> {
    let (path, new) = (folder.join(MANIFEST), folder.join(format!("{MANIFEST}.new")));
    let write = || {
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        writeln!(file, "{:#}", manifest.to_json())?;
        file.sync_all()?;
        fs::rename(&new, &path)
    };
    write().map_err(TableError::file(&path))?;
    sync_folder(folder)
}
