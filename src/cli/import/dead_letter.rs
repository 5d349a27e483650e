//! The dead-letter file: every item that was not taken, why, and how it stood in the input.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::cli::failure::Failure;
use crate::ingest::Rejected;

const USUAL_NAME: &str = "rejected.ndjson";

/// A file of one JSON object a line: `file`, the place, `code`, `field`, `reason`, `help`, and `raw`. Made with mode 0600
/// when the first item is rejected; one of an earlier import stays, and this one gets a number.
pub(super) struct DeadLetter {
    path: PathBuf,
    out: Option<BufWriter<File>>,
}

impl DeadLetter {
    /// A file at this path, or at the usual one. Whether it can be made is tried now, and not at the first item that is rejected.
    pub(super) fn new(path: Option<&Path>) -> Result<Self, Failure> {
        let path = path.map_or_else(|| USUAL_NAME.into(), Path::to_owned);
        let (made, file) = create(&path)?;
        drop(file);
        if is_kept(&made) {
            std::fs::remove_file(&made).map_err(|cause| Failure::file(&made, &cause))?;
        }
        Ok(Self { path, out: None })
    }

    /// Writes one item down.
    pub(super) fn add(&mut self, file: &str, rejected: &Rejected, raw: &[u8]) -> Result<(), Failure> {
        let mut line = serde_json::to_value(rejected).unwrap_or(Value::Null);
        if let Some(map) = line.as_object_mut() {
            map.insert("file".into(), json!(file));
            map.insert("raw".into(), json!(String::from_utf8_lossy(raw)));
        }
        let out = match &mut self.out {
            Some(out) => out,
            None => {
                let (path, file) = create(&self.path)?;
                self.path = path;
                self.out.insert(file)
            }
        };
        writeln!(out, "{line}").map_err(|cause| Failure::file(&self.path, &cause))
    }

    /// Where it is, when anything was rejected.
    pub(super) fn finish(self) -> Result<Option<PathBuf>, Failure> {
        let Some(mut out) = self.out else { return Ok(None) };
        out.flush().map_err(|cause| Failure::file(&self.path, &cause))?;
        Ok(Some(self.path))
    }
}

/// A new file at this path, or at the first one with a number that is free: `rejected-2.ndjson`.
fn create(path: &Path) -> Result<(PathBuf, BufWriter<File>), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let mut free = path.to_owned();
    for number in 2.. {
        match options.open(&free) {
            Err(cause) if cause.kind() == ErrorKind::AlreadyExists && is_kept(&free) => free = numbered(path, number),
            Err(cause) if cause.kind() == ErrorKind::AlreadyExists => {
                let file = OpenOptions::new().write(true).open(&free).map_err(|cause| Failure::file(&free, &cause))?;
                return Ok((free, BufWriter::new(file)));
            }
            opened => {
                let file = opened.map_err(|cause| Failure::file(&free, &cause))?;
                return Ok((free, BufWriter::new(file)));
            }
        }
    }
    Err(Failure::new(format!("every number behind {} is taken; name another file with --rejected", path.display())))
}

/// Whether what is there would be lost: a device such as `/dev/null` keeps nothing.
fn is_kept(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.is_file() || found.is_dir())
}

fn numbered(path: &Path, number: u32) -> PathBuf {
    let part = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let (stem, ending) = (part(path.file_stem()), part(path.extension()));
    let dot = if ending.is_empty() { "" } else { "." };
    path.with_file_name(format!("{stem}-{number}{dot}{ending}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_earlier_import_rejected_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rejected.ndjson");
        let made: Vec<PathBuf> = (0..3).map(|_| create(&path).unwrap().0).collect();
        assert_eq!(
            made,
            ["rejected.ndjson", "rejected-2.ndjson", "rejected-3.ndjson"].map(|name| folder.path().join(name))
        );
        assert_eq!(create(Path::new("/dev/null")).unwrap().0, Path::new("/dev/null"));
    }
}
