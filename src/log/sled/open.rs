//! Opening sled: behind a guard, and so that a new database is durable and can be told from a damaged one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::before;
use super::guard::words;
use crate::log::{LogError, check_free, check_room};

/// Bytes of pages that sled keeps in memory.
const CACHE_BYTES: u64 = 16 << 20;
/// Bytes that must be free before a database is opened, beside what its snapshots take.
const ROOM_BYTES: u64 = 2 << 20;
const PROBE_BYTES: usize = 64 << 10;
/// How often a database that was just made is tried, over five seconds.
const REOPEN_ATTEMPTS: u32 = 500;
const REOPEN_PAUSE: Duration = Duration::from_millis(10);

/// The folder in which a database is made.
const NEW: &str = "new";

/// Opens the database in a folder; makes it where there is none.
pub(super) fn open(folder: &Path) -> Result<sled::Db, LogError> {
    if folder.join("conf").exists() {
        remove_unfinished_snapshots(folder)?;
        check_room_to_open(folder)?;
        before::keep(folder)?;
        let db = open_guarded(folder)?;
        // A process that was killed may have left events that are whole and not on disk yet; they are answered for from now on.
        sync_all(folder)?;
        return Ok(db);
    }
    if !folder.join(NEW).exists() && !files_of(folder)?.is_empty() {
        let reason = format!("{} holds files and no `conf`", folder.display());
        return Err(LogError::Open(reason));
    }
    create(folder)?;
    reopen(folder)
}

/// Makes a database in a folder within, and moves its files out once all of them are durable, `conf` as the last: a start that is
/// cut off at any moment can be made again. sled itself, stopped while it makes a database, leaves one that it does not open.
/// The folder is not renamed: it may be a disk of its own.
fn create(folder: &Path) -> Result<(), LogError> {
    let new = folder.join(NEW);
    let within = |cause: std::io::Error| io(folder, &cause);
    std::fs::create_dir_all(&new).map_err(within)?;
    // What an attempt that was cut off has moved out already; the mark that there was one goes last.
    for path in files_of(folder)?.into_iter().filter(|path| *path != new) {
        remove(&path)?;
    }
    remove(&new)?;
    drop(open_guarded(&new)?);
    drop(reopen(&new)?);
    sync_all(&new)?;
    let mut files = files_of(&new)?;
    files.sort_by_key(|path| path.ends_with("conf"));
    for path in files {
        if path.ends_with("conf") {
            sync(folder)?;
        }
        let name = path.file_name().unwrap_or_default();
        std::fs::rename(&path, folder.join(name)).map_err(within)?;
    }
    sync(folder)?;
    remove(&new)?;
    sync(folder)?;
    sync(&above(folder))
}

/// What lies in a folder, but for what a file system of its own has there.
fn files_of(folder: &Path) -> Result<Vec<PathBuf>, LogError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(cause) => return Err(io(folder, &cause)),
    };
    let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>();
    let mut paths = paths.map_err(|cause| io(folder, &cause))?;
    paths.retain(|path| !path.ends_with("lost+found"));
    Ok(paths)
}

/// sled's snapshots, also those that were not written to their end.
fn snapshots_of(folder: &Path) -> Result<Vec<PathBuf>, LogError> {
    let mut paths = files_of(folder)?;
    paths.retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("snap.")));
    Ok(paths)
}

fn remove(path: &Path) -> Result<(), LogError> {
    let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    removed.map_err(|cause| io(path, &cause))
}

/// While it opens, sled writes a new snapshot under a name of its own, `snap.….generating`, renames it once it is durable, and then
/// removes the one before. A half-written one that a killed process has left it would take for its newest, and not open any
/// more. The one before is still there then; where it is not, the power took the new name away after it, and the oldest that has
/// such a name is whole.
fn remove_unfinished_snapshots(folder: &Path) -> Result<(), LogError> {
    let (mut unfinished, finished): (Vec<_>, Vec<_>) = snapshots_of(folder)?
        .into_iter()
        .partition(|path| path.extension().is_some_and(|extension| extension == "generating"));
    unfinished.sort();
    if finished.is_empty() && !unfinished.is_empty() {
        let whole = unfinished.remove(0);
        std::fs::rename(&whole, whole.with_extension("")).map_err(|cause| io(&whole, &cause))?;
    }
    for path in unfinished {
        tracing::info!(file = %path.display(), "a snapshot that was not written to its end is removed");
        remove(&path)?;
    }
    Ok(())
}

/// sled writes its snapshot anew while it opens. Where that finds no room, its files are left so that it never opens again.
fn check_room_to_open(folder: &Path) -> Result<(), LogError> {
    let mut snapshots = 0;
    for path in snapshots_of(folder)? {
        snapshots += path.metadata().map_err(|cause| io(folder, &cause))?.len();
    }
    check_free(folder, ROOM_BYTES + 2 * snapshots)?;
    check_room(folder, PROBE_BYTES)
}

/// Opens what was just made and closed. A database has a snapshot only once it has been opened again; without one a
/// truncated file opens silently empty.
///
/// Closed or not, sled's own threads may hold its lock for a moment longer; nothing tells when they let go.
fn reopen(folder: &Path) -> Result<sled::Db, LogError> {
    for _ in 0..REOPEN_ATTEMPTS {
        match open_guarded(folder) {
            Err(LogError::InUse(_)) => std::thread::sleep(REOPEN_PAUSE),
            opened => return opened,
        }
    }
    open_guarded(folder)
}

/// Opens sled; a panic of it becomes an error.
fn open_guarded(folder: &Path) -> Result<sled::Db, LogError> {
    let config = sled::Config::new()
        .path(folder)
        .cache_capacity(CACHE_BYTES)
        .mode(sled::Mode::HighThroughput)
        .use_compression(false)
        .flush_every_ms(None);
    match catch_unwind(AssertUnwindSafe(|| config.open())) {
        Ok(Ok(db)) => Ok(db),
        Ok(Err(cause)) if is_lock(&cause) => Err(LogError::InUse(folder.display().to_string())),
        Ok(Err(cause)) => Err(LogError::Open(format!("{}: {}", folder.display(), words(&cause)))),
        Err(_) => Err(LogError::Open(format!("{}: its files are not as they were written", folder.display()))),
    }
}

/// sled tells of a lock that another process holds only in words.
fn is_lock(cause: &sled::Error) -> bool {
    matches!(cause, sled::Error::Io(io) if io.to_string().contains("could not acquire lock"))
}

/// Makes a new database's files and their names durable.
fn sync_all(folder: &Path) -> Result<(), LogError> {
    for entry in std::fs::read_dir(folder).map_err(|cause| io(folder, &cause))? {
        let path = entry.map_err(|cause| io(folder, &cause))?.path();
        sync(&path)?;
    }
    sync(folder)
}

/// The folder that a folder is in.
fn above(folder: &Path) -> PathBuf {
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new(".")).to_owned()
}

fn sync(path: &Path) -> Result<(), LogError> {
    std::fs::File::open(path).and_then(|file| file.sync_all()).map_err(|cause| io(path, &cause))
}

pub(super) fn io(path: &Path, cause: &std::io::Error) -> LogError {
    LogError::Io { path: path.display().to_string(), reason: cause.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Micros, Position};
    use crate::log::{EventLog, SledLog, prepare};

    #[test]
    fn a_snapshot_that_a_killed_process_left_half_written_keeps_nobody_from_opening() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let snapshot = || {
            let mut names = snapshots_of(&path).unwrap();
            assert_eq!(names.len(), 1, "{names:?}");
            names.remove(0)
        };
        for (run, cut) in [0, 5, 12, 40, usize::MAX].into_iter().enumerate() {
            let log = reopened(&path);
            let record = format!("event {run}").into_bytes();
            log.append(&prepare(log.head(), Micros(1), vec![record.into()]).unwrap()).unwrap();
            drop(log);
            let whole = std::fs::read(snapshot()).unwrap();
            let unfinished = path.join(format!("snap.{:016X}.generating", i64::MAX));
            std::fs::write(&unfinished, &whole[..cut.min(whole.len())]).unwrap();
            let log = reopened(&path);
            assert_eq!(log.head().next, Position(run as u64 + 1), "cut at {cut}");
            let records = log.read(Position::ZERO).unwrap().map(|chunk| chunk.unwrap().count()).sum::<usize>();
            assert_eq!(records, run + 1);
            assert!(!unfinished.exists());
            drop(log);
        }
        // The power took away the new name, and the snapshot before: the one with the old name is whole.
        let last = snapshot();
        std::fs::rename(&last, last.with_extension(format!("{}.generating", last.extension().unwrap().display())))
            .unwrap();
        assert_eq!(reopened(&path).head().next, Position(5));
        assert!(snapshot().extension().is_some_and(|extension| extension != "generating"));
    }

    /// sled's own threads may hold its lock for a moment after it was closed.
    fn reopened(path: &Path) -> SledLog {
        for _ in 0..REOPEN_ATTEMPTS {
            match SledLog::open(path) {
                Err(LogError::InUse(_)) => std::thread::sleep(REOPEN_PAUSE),
                opened => return opened.unwrap(),
            }
        }
        panic!("{} stays in use", path.display())
    }
}
