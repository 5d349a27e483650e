//! A file, plain or packed, or standard input; with how much of it was read.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;

use crate::cli::failure::Failure;

/// The first bytes of a gzip file (RFC 1952, section 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// An input that was opened.
pub(in crate::cli) struct Input {
    /// Its name, as it was given.
    pub(super) name: String,
    /// Bytes of the file; 0 when that is not known.
    pub(super) length: u64,
    /// Bytes of the file that were read.
    pub(super) read: Arc<AtomicU64>,
    /// What it says, unpacked.
    pub(super) reader: Box<dyn BufRead + Send>,
}

/// Counts what goes through.
struct Counted<R>(R, Arc<AtomicU64>);

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.0.read(buffer)?;
        self.1.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Finds out whether every file can be read, before anything is made or recorded for them; and whether one is a table, for which a
/// mapping is needed.
pub(super) fn check(paths: &[PathBuf], with_mapping: bool) -> Result<(), Failure> {
    for path in paths.iter().filter(|path| path.as_os_str() != "-") {
        // What is read from a pipe is gone from it: only files are looked into.
        if !std::fs::metadata(path).map_err(|cause| Failure::file(path, &cause))?.is_file() {
            continue;
        }
        let mut input = open(path)?;
        if with_mapping || !is_named_as_a_table(path) {
            continue;
        }
        let start = input.reader.fill_buf().map_err(|cause| Failure::file(path, &cause))?;
        if start.trim_ascii_start().first().is_some_and(|byte| *byte != b'{') {
            let message = format!(
                "{}: is a table and not CloudEvents, one a line; say with --mapping FILE how its rows become events \
                 (examples/mappings has some)",
                path.display()
            );
            return Err(Failure::Usage(vec![message]));
        }
    }
    Ok(())
}

fn is_named_as_a_table(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    [".csv", ".tsv"].iter().any(|extension| name.ends_with(extension))
}

/// Opens a file; `-` is standard input. Whether it is packed is told by its first bytes.
pub(super) fn open(path: &Path) -> Result<Input, Failure> {
    let standard = path.as_os_str() == "-";
    let read = Arc::new(AtomicU64::new(0));
    let (length, raw): (u64, Box<dyn Read + Send>) = if standard {
        (0, Box::new(std::io::stdin()))
    } else {
        let file = File::open(path).map_err(|cause| Failure::file(path, &cause))?;
        let length = file.metadata().map_err(|cause| Failure::file(path, &cause))?.len();
        (length, Box::new(file))
    };
    let mut buffered = BufReader::with_capacity(1 << 16, Counted(raw, read.clone()));
    let packed = buffered.fill_buf().map_err(|cause| Failure::file(path, &cause))?.starts_with(&GZIP);
    let reader: Box<dyn BufRead + Send> = match packed {
        true => Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(buffered))),
        false => Box::new(buffered),
    };
    let name = if standard { "standard input".into() } else { path.display().to_string() };
    Ok(Input { name, length, read, reader })
}
