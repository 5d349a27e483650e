//! The dead-letter file: every item that was not taken, why, and how it stood in the input.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::cli::failure::Failure;
use crate::ingest::Rejected;

const USUAL_NAME: &str = "rejected.ndjson";

/// A file of one JSON object a line: `file`, the place, `code`, `field`, `reason`, `help`, and `raw`. Made with mode 0600
/// when the first item is rejected; one of an earlier import is replaced.
pub(super) struct DeadLetter {
    path: PathBuf,
    out: Option<BufWriter<File>>,
}

impl DeadLetter {
    /// A file at this path, or at the usual one.
    pub(super) fn new(path: Option<&Path>) -> Self {
        Self { path: path.map_or_else(|| USUAL_NAME.into(), Path::to_owned), out: None }
    }

    /// Writes one item down.
    pub(super) fn add(&mut self, file: &str, rejected: &Rejected, raw: &[u8]) -> Result<(), Failure> {
        let mut line = serde_json::to_value(rejected).unwrap_or(Value::Null);
        if let Some(map) = line.as_object_mut() {
            map.insert("file".into(), json!(file));
            map.insert("raw".into(), json!(String::from_utf8_lossy(raw)));
        }
        let path = self.path.clone();
        let out = match &mut self.out {
            Some(out) => out,
            None => self.out.insert(create(&path)?),
        };
        writeln!(out, "{line}").map_err(|cause| Failure::file(&path, &cause))
    }

    /// Where it is, when anything was rejected.
    pub(super) fn finish(self) -> Result<Option<PathBuf>, Failure> {
        let Some(mut out) = self.out else { return Ok(None) };
        out.flush().map_err(|cause| Failure::file(&self.path, &cause))?;
        Ok(Some(self.path))
    }
}

fn create(path: &Path) -> Result<BufWriter<File>, Failure> {
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(path);
    file.map(BufWriter::new).map_err(|cause| Failure::file(path, &cause))
}
