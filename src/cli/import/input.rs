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

/// How a zip archive begins, and so a workbook (APPNOTE.TXT of PKWARE, section 4.3.7).
const ZIP: [u8; 4] = *b"PK\x03\x04";
/// How a text in UTF-16 begins, whichever of its bytes comes first (Unicode, section 23.8).
const UTF_16: [[u8; 2]; 2] = [[0xff, 0xfe], [0xfe, 0xff]];

/// Finds out whether every file can be read, before anything is made or recorded for them; and whether one is of a form that cannot
/// be taken as it is.
pub(super) fn check(paths: &[PathBuf], with_mapping: bool) -> Result<(), Failure> {
    for path in paths.iter().filter(|path| path.as_os_str() != "-") {
        let found = std::fs::metadata(path).map_err(|cause| Failure::file(path, &cause))?;
        if found.is_dir() {
            let its_files = path.join("*");
            let problem = format!("is a folder and not a file; name its files, such as {}", its_files.display());
            return Err(Failure::Usage(vec![format!("{}: {problem}", path.display())]));
        }
        // What is read from a pipe is gone from it: only files are looked into.
        if !found.is_file() {
            continue;
        }
        let mut input = open(path)?;
        let start = input.reader.fill_buf().map_err(|cause| Failure::file(path, &cause))?;
        if let Some(problem) = other_form(start, with_mapping, is_named_as_a_table(path)) {
            return Err(Failure::Usage(vec![format!("{}: {problem}", path.display())]));
        }
    }
    Ok(())
}

/// What a file is instead of what is read, by how it begins, and what to do.
fn other_form(start: &[u8], with_mapping: bool, named_as_a_table: bool) -> Option<&'static str> {
    if start.starts_with(&ZIP) {
        return Some("is a zip archive, or a workbook; unpack it, and save the sheets of a workbook as CSV in UTF-8");
    }
    if UTF_16.iter().any(|mark| start.starts_with(mark)) {
        return Some("is in UTF-16; save it in UTF-8, such as with iconv -f UTF-16 -t UTF-8");
    }
    // No text has a byte of zero; a PDF may begin without one.
    if start.contains(&0) || start.starts_with(b"%PDF-") {
        return Some("is no text; give CloudEvents, one a line, or a table as CSV, both in UTF-8");
    }
    match start.trim_ascii_start().first() {
        Some(b'{') | None => None,
        Some(_) if with_mapping => None,
        Some(_) if named_as_a_table => Some(
            "is a table and not CloudEvents, one a line; say with --mapping FILE how its rows become events \
             (examples/mappings has some)",
        ),
        Some(b'[') => {
            Some("is a JSON array and not CloudEvents, one a line; make lines of it, such as with jq -c '.[]'")
        }
        Some(_) => None,
    }
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
