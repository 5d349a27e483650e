//! What sled may write over while it opens: kept until the log is found to be whole.
//!
//! While it opens, sled takes the first message that is not whole for the end of its log, and writes over everything behind
//! it: with one bit flipped, good events behind it are gone for ever, by opening alone. It does so in segments that it has
//! written since its last snapshot, which is since it was last opened. So those are copied first, the newest half
//! gigabyte of them, each into a file named by where it lies, in the folder `before` beside sled's files. They go when the
//! log was found to reach what is remembered of it; a repair looks into them.
//!
//! Layout, of sled 0.34.7: the file `db` is a row of segments of 512 KiB; bytes 4 to 12 of each are its log sequence number,
//! XORed with `0x7fff_ffff_ffff_ffff`, little-endian. The names of the files `snap.…` end in that of the snapshot, hexadecimal.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::open::io;
use crate::log::{LogError, check_free};

const SEGMENT_BYTES: u64 = 512 << 10;
const MASK: i64 = i64::MAX;
/// Most segments that are kept: half a gigabyte. After a longer session the oldest of it are not, so that a start stays short.
const MOST_SEGMENTS: usize = 1024;

/// The folder of the copies.
pub(super) fn folder_of(log: &Path) -> PathBuf {
    log.join("before")
}

/// Keeps what sled may write over when it opens the log. What was kept before and not given up is left as it is.
pub(super) fn keep(log: &Path) -> Result<(), LogError> {
    let (path, before) = (log.join("db"), folder_of(log));
    if before.exists() || !path.exists() {
        return Ok(());
    }
    let file = File::open(&path).map_err(|cause| io(&path, &cause))?;
    let length = file.metadata().map_err(|cause| io(&path, &cause))?.len();
    let since = last_snapshot(log)? / SEGMENT_BYTES as i64 * SEGMENT_BYTES as i64;
    let mut wanted = Vec::new();
    for offset in (0..length).step_by(SEGMENT_BYTES as usize) {
        if let Some(number) = written_since(&file, offset, since).map_err(|cause| io(&path, &cause))? {
            wanted.push((number, offset));
        }
    }
    wanted.sort_unstable_by(|a, b| b.cmp(a));
    if wanted.len() > MOST_SEGMENTS {
        tracing::info!(
            segments = wanted.len(),
            kept = MOST_SEGMENTS,
            "of a long session only the newest part is kept while it is opened"
        );
        wanted.truncate(MOST_SEGMENTS);
    }
    check_free(log, wanted.len() as u64 * SEGMENT_BYTES)?;
    // Whole under its own name, or not there.
    let new = log.join("before.new");
    remove(&new)?;
    fs::create_dir(&new).map_err(|cause| io(&new, &cause))?;
    for (_, offset) in wanted {
        let mut bytes = vec![0; usize::try_from(SEGMENT_BYTES.min(length - offset)).unwrap_or(0)];
        let copied = file.read_exact_at(&mut bytes, offset);
        copied.and_then(|()| fs::write(new.join(offset.to_string()), &bytes)).map_err(|cause| io(&new, &cause))?;
    }
    fs::rename(&new, &before).map_err(|cause| io(&before, &cause))
}

/// Gives up what was kept.
pub(super) fn give_up(log: &Path) -> Result<(), LogError> {
    remove(&folder_of(log))
}

fn remove(folder: &Path) -> Result<(), LogError> {
    match fs::remove_dir_all(folder) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => Err(io(folder, &cause)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The number of a segment that was written since, the greatest when it cannot be told; none of one that was not.
fn written_since(file: &File, offset: u64, since: i64) -> std::io::Result<Option<i64>> {
    let mut head = [0; 12];
    match file.read_exact_at(&mut head, offset) {
        Err(cause) if cause.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(Some(i64::MAX)),
        read => read?,
    }
    let number = head.last_chunk::<8>().map_or(i64::MAX, |bytes| i64::from_le_bytes(*bytes) ^ MASK);
    let right = number >= 0 && number % SEGMENT_BYTES as i64 == 0;
    Ok(match right {
        _ if head == [0; 12] => None,
        true if number < since => None,
        true => Some(number),
        false => Some(i64::MAX),
    })
}

/// The log sequence number of the last snapshot; zero when there is none.
fn last_snapshot(log: &Path) -> Result<i64, LogError> {
    let mut last = 0;
    for entry in fs::read_dir(log).map_err(|cause| io(log, &cause))? {
        let name = entry.map_err(|cause| io(log, &cause))?.file_name();
        let number = name.to_string_lossy().strip_prefix("snap.").and_then(|hex| i64::from_str_radix(hex, 16).ok());
        last = last.max(number.unwrap_or(0));
    }
    Ok(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Micros;
    use crate::log::{EventLog, SledLog, prepare};

    /// Bytes that do not pack.
    fn noise(seed: u64) -> Vec<u8> {
        let mut bytes = vec![0; 720];
        blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut bytes);
        bytes
    }

    #[test]
    fn what_was_written_since_the_last_start_is_kept_until_it_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        for session in 0..3_u64 {
            let log = SledLog::open(&path).unwrap();
            for at in 0..400_u64 {
                let records = (0..7).map(|i: u64| noise(session * 31 + at + i).into()).collect();
                log.append(&prepare(log.head(), Micros(1), records).unwrap()).unwrap();
            }
            log.found_whole().unwrap();
            assert!(!folder_of(&path).exists());
        }
        let segments = fs::metadata(path.join("db")).unwrap().len().div_ceil(SEGMENT_BYTES);
        drop(SledLog::open(&path).unwrap());
        let kept = fs::read_dir(folder_of(&path)).unwrap().count();
        // Those of the last of three sessions of the same length.
        assert!(segments > 8 && kept > 0 && (kept as u64) * 2 < segments, "{kept} of {segments}");
        keep(&path).unwrap();
        assert_eq!(fs::read_dir(folder_of(&path)).unwrap().count(), kept);
    }
}
