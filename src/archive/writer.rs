//! Writing an archive: chunks are added at its end, and are safe once they are synced.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::error::ArchiveError;
use super::folder::{Segment, path_of, segments, sync_folder};
use super::format::{FaultKind, HEADER_BYTES, Header, Item, Seal, entry};
use super::reader;
use crate::event::{Hash, Position};
use crate::log::{Chunk, Head};

/// Bytes from which on a segment is sealed and the next begun.
pub const SEGMENT_BYTES: u64 = 64 << 20;

/// The end of an archive, to which chunks are added. One process at a time has it.
///
/// After an error it must be dropped and opened again: what is torn then is cut off, and written anew.
#[derive(Debug)]
pub struct ArchiveWriter {
    folder: PathBuf,
    /// Locked while this lives.
    _lock: File,
    log: Option<Hash>,
    end: Head,
    segment: Option<Growing>,
    segment_bytes: u64,
    buffer: Vec<u8>,
}

/// The last segment, while it is not sealed.
#[derive(Debug)]
struct Growing {
    path: PathBuf,
    file: File,
    bytes: u64,
    chunks: u64,
}

impl ArchiveWriter {
    /// Opens the archive in a folder, and makes it where there is none; the folder above must be there. What was cut off in
    /// the middle of being written is taken away.
    ///
    /// # Errors
    /// [`ArchiveError::InUse`] when another process has it; others when it cannot be read or written.
    pub fn open(folder: &Path) -> Result<Self, ArchiveError> {
        Self::with_segments_of(folder, SEGMENT_BYTES)
    }

    /// The same with segments of another size.
    ///
    /// # Errors
    /// As [`ArchiveWriter::open`].
    pub fn with_segments_of(folder: &Path, segment_bytes: u64) -> Result<Self, ArchiveError> {
        if !folder.is_dir() {
            std::fs::create_dir(folder).map_err(|cause| ArchiveError::io(folder, cause))?;
            sync_folder(folder.parent().unwrap_or(Path::new(".")))?;
        }
        let _lock = lock(folder)?;
        let (log, end, segment, buffer) = (None, Head::default(), None, Vec::new());
        let mut writer = Self { folder: folder.to_owned(), _lock, log, end, segment, segment_bytes, buffer };
        writer.find_end()?;
        Ok(writer)
    }

    /// Where it ends.
    #[must_use]
    pub fn end(&self) -> Head {
        self.end
    }

    /// The log that it belongs to; `None` while it is empty.
    #[must_use]
    pub fn log(&self) -> Option<Hash> {
        self.log
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Reads the last segment, which alone may be torn.
    fn find_end(&mut self) -> Result<(), ArchiveError> {
        let Some(last) = segments(&self.folder)?.pop() else { return Ok(()) };
        let mut reader = reader::open(&last)?;
        self.log = Some(reader.header().log);
        let sealed = loop {
            match reader.read_next() {
                Ok(Some(Item::Chunk(_))) => {}
                Ok(Some(Item::Seal(_))) => break true,
                Ok(None) => break false,
                Err(fault) => match fault.kind {
                    FaultKind::Io(cause) => return Err(ArchiveError::io(&last.path, cause)),
                    FaultKind::Torn | FaultKind::Broken(_) => {
                        cut(&last, fault.offset, fault.position)?;
                        break false;
                    }
                },
            }
        };
        self.end = reader.end();
        if !sealed {
            let path = last.path;
            let io = |cause| ArchiveError::io(&path, cause);
            let mut file = OpenOptions::new().write(true).open(&path).map_err(io)?;
            file.seek(SeekFrom::Start(reader.offset())).map_err(io)?;
            self.segment = Some(Growing { file, bytes: reader.offset(), chunks: reader.chunks(), path });
        }
        Ok(())
    }

    /// Adds chunks that continue the end. They are safe once [`ArchiveWriter::sync`] has answered.
    ///
    /// # Errors
    /// [`ArchiveError::NotNext`] when they do not continue it; others when they cannot be written.
    pub fn append(&mut self, chunks: &[Chunk]) -> Result<(), ArchiveError> {
        let mut rest = chunks;
        while let Some(first) = rest.first() {
            let mut segment = match self.segment.take() {
                Some(segment) => segment,
                None => self.begin(first)?,
            };
            rest = self.fill(&mut segment, rest)?;
            if segment.bytes >= self.segment_bytes { self.seal(segment)? } else { self.segment = Some(segment) }
        }
        Ok(())
    }

    /// Writes as many chunks as fit into a segment; those that are left.
    fn fill<'a>(&mut self, segment: &mut Growing, chunks: &'a [Chunk]) -> Result<&'a [Chunk], ArchiveError> {
        self.buffer.clear();
        let (mut end, mut taken) = (self.end, 0);
        for chunk in chunks {
            if chunk.first() != end.next || chunk.prev() != end.hash {
                return Err(ArchiveError::NotNext { begins: chunk.first(), end: end.next });
            }
            entry(chunk, &mut self.buffer);
            end = Head::after(chunk);
            taken += 1;
            if segment.bytes + self.buffer.len() as u64 >= self.segment_bytes {
                break;
            }
        }
        segment.file.write_all(&self.buffer).map_err(|cause| ArchiveError::io(&segment.path, cause))?;
        segment.bytes += self.buffer.len() as u64;
        segment.chunks += taken as u64;
        self.end = end;
        Ok(chunks.get(taken..).unwrap_or_default())
    }

    /// Makes what was added safe; up to where the archive reaches now.
    ///
    /// # Errors
    /// [`ArchiveError::Io`] when it cannot be synced.
    pub fn sync(&mut self) -> Result<Head, ArchiveError> {
        if let Some(segment) = &self.segment {
            let synced = segment.file.sync_all().and_then(|()| still_there(&segment.file, &segment.path));
            synced.map_err(|cause| ArchiveError::io(&segment.path, cause))?;
        }
        Ok(self.end)
    }

    /// Begins a segment, under another name first, so that it is there with a whole header or not at all.
    fn begin(&mut self, first: &Chunk) -> Result<Growing, ArchiveError> {
        let log = *self.log.get_or_insert(first.hash());
        let path = path_of(&self.folder, self.end.next);
        let new = path.with_extension("new");
        let io = |cause| ArchiveError::io(&new, cause);
        let mut file = File::create(&new).map_err(io)?;
        file.write_all(&Header { log, after: self.end }.to_bytes()).and_then(|()| file.sync_all()).map_err(io)?;
        std::fs::rename(&new, &path).map_err(io)?;
        sync_folder(&self.folder)?;
        Ok(Growing { path, file, bytes: HEADER_BYTES as u64, chunks: 0 })
    }

    /// Ends a segment; it is safe when this returns.
    fn seal(&mut self, mut segment: Growing) -> Result<(), ArchiveError> {
        let seal = Seal { end: self.end, chunks: segment.chunks };
        let written = segment.file.write_all(&seal.to_bytes()).and_then(|()| segment.file.sync_all());
        written.map_err(|cause| ArchiveError::io(&segment.path, cause))
    }
}

/// A file that was moved or deleted can still be written: what goes there is in no archive.
fn still_there(file: &File, path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let (open, named) = (file.metadata()?, std::fs::metadata(path)?);
        if (open.dev(), open.ino()) != (named.dev(), named.ino()) {
            return Err(std::io::Error::other("another file has taken its place"));
        }
    }
    Ok(())
}

fn lock(folder: &Path) -> Result<File, ArchiveError> {
    let path = folder.join("lock");
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
    let file = file.map_err(|cause| ArchiveError::io(&path, cause))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ArchiveError::InUse { folder: folder.display().to_string() }),
        Err(TryLockError::Error(cause)) => Err(ArchiveError::io(&path, cause)),
    }
}

/// Cuts a segment's broken end off. Where more lies behind the broken entry than one that was cut off in the middle, what is
/// taken away is kept in a file beside it: it may be all that is left of something.
fn cut(segment: &Segment, offset: u64, position: Position) -> Result<(), ArchiveError> {
    let io = |cause| ArchiveError::io(&segment.path, cause);
    let mut file = OpenOptions::new().read(true).write(true).open(&segment.path).map_err(io)?;
    file.seek(SeekFrom::Start(offset)).map_err(io)?;
    let mut broken = Vec::new();
    file.read_to_end(&mut broken).map_err(io)?;
    let length = broken.first_chunk().map_or(u64::MAX, |length| u64::from(u32::from_le_bytes(*length)) + 4);
    if (length..u64::MAX).contains(&(broken.len() as u64 - 1)) && broken.iter().any(|byte| *byte != 0) {
        let aside = segment.path.with_extension(format!("{offset}.cut"));
        let kept = File::create(&aside).and_then(|mut aside| aside.write_all(&broken).and_then(|()| aside.sync_all()));
        kept.map_err(|cause| ArchiveError::io(&aside, cause))?;
    }
    tracing::warn!(
        segment = %segment.path.display(), %position, bytes = broken.len(),
        "the end of the archive is not whole, as after a crash; it is cut off and written again"
    );
    file.set_len(offset).and_then(|()| file.sync_all()).map_err(io)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::archive::{check, chunks, log_of};
    use crate::event::Micros;
    use crate::log::{EventLog, MemoryLog, prepare};

    const SMALL: u64 = 20_000;

    fn log(commits: i64) -> MemoryLog {
        let log = MemoryLog::new();
        for at in 0..commits {
            let records = (0..9_u8).map(|i| vec![i; 150 + usize::from(i) * 60].into()).collect();
            log.append(&prepare(log.head(), Micros(at), records).unwrap()).unwrap();
        }
        log
    }

    fn all(log: &dyn EventLog, from: Position) -> Vec<Chunk> {
        log.read(from).unwrap().map(Result::unwrap).collect()
    }

    fn archived(folder: &Path, from: u64) -> Vec<Chunk> {
        chunks(folder, Position(from)).unwrap().map(Result::unwrap).collect()
    }

    /// Brings an archive up to the log's end.
    fn follow(folder: &Path, log: &dyn EventLog) {
        let mut writer = ArchiveWriter::with_segments_of(folder, SMALL).unwrap();
        check(folder, writer.log(), writer.end(), log).unwrap();
        let from = writer.end().next;
        for chunk in all(log, from).chunks(7).filter(|_| from < log.head().next) {
            writer.append(chunk).unwrap();
        }
        assert_eq!(writer.sync().unwrap(), log.head());
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        segments(folder).unwrap().into_iter().map(|segment| segment.path).collect()
    }

    #[test]
    fn the_archive_is_the_log_chunk_by_chunk_from_any_position() {
        let (folder, log) = (tempfile::tempdir().unwrap(), log(60));
        follow(folder.path(), &log);
        assert!(files(folder.path()).len() > 5);
        for from in [0, 1, 77, 300, 539] {
            assert_eq!(archived(folder.path(), from), all(&log, Position(from)), "{from}");
        }
        assert_eq!(archived(folder.path(), 540), []);
        assert_eq!(log_of(folder.path()).unwrap(), all(&log, Position(0))[0].hash());
    }

    #[test]
    fn an_archive_without_a_log_yet_and_a_folder_that_is_none() {
        let folder = tempfile::tempdir().unwrap();
        follow(folder.path(), &MemoryLog::new());
        assert!(matches!(chunks(folder.path(), Position(0)), Err(ArchiveError::Nothing { .. })));
        let nowhere = folder.path().join("not/there");
        assert!(matches!(ArchiveWriter::open(&nowhere), Err(ArchiveError::Io { .. })));
    }

    #[test]
    fn two_writers_are_not_let_in_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let _first = ArchiveWriter::open(folder.path()).unwrap();
        assert!(matches!(ArchiveWriter::open(folder.path()), Err(ArchiveError::InUse { .. })));
    }

    #[test]
    fn another_logs_archive_and_one_that_is_ahead_are_refused() {
        let (folder, mine) = (tempfile::tempdir().unwrap(), log(8));
        follow(folder.path(), &mine);
        let writer = ArchiveWriter::open(folder.path()).unwrap();
        let refused = |log: &MemoryLog| check(folder.path(), writer.log(), writer.end(), log).unwrap_err();
        assert!(matches!(refused(&log(7)), ArchiveError::Ahead { have: Position(72), head: Position(63), .. }));
        assert!(matches!(refused(&MemoryLog::new()), ArchiveError::Ahead { head: Position(0), .. }));
        let other = MemoryLog::new();
        other.append(&prepare(Head::default(), Micros(0), vec![vec![1; 90].into(); 100]).unwrap()).unwrap();
        assert!(matches!(refused(&other), ArchiveError::Another { .. }));
        // The same beginning, and then another history.
        let forked = log(7);
        forked.append(&prepare(forked.head(), Micros(9), vec![vec![1; 90].into(); 100]).unwrap()).unwrap();
        assert!(matches!(refused(&forked), ArchiveError::Another { .. }));
        check(folder.path(), writer.log(), writer.end(), &mine).unwrap();
    }

    #[test]
    fn chunks_that_do_not_come_next_are_refused() {
        let (folder, log) = (tempfile::tempdir().unwrap(), log(8));
        let mut writer = ArchiveWriter::open(folder.path()).unwrap();
        let all = all(&log, Position(0));
        assert!(matches!(writer.append(&all[1..]), Err(ArchiveError::NotNext { .. })));
    }

    #[test]
    fn damage_in_any_segment_is_named_with_file_and_position_and_what_lies_before_is_read() {
        let (folder, log) = (tempfile::tempdir().unwrap(), log(60));
        follow(folder.path(), &log);
        for path in files(folder.path()) {
            let whole = std::fs::read(&path).unwrap();
            let mut bytes = whole.clone();
            let at = bytes.len() / 2;
            bytes[at] ^= 4;
            std::fs::write(&path, &bytes).unwrap();
            let read: Vec<_> = chunks(folder.path(), Position(0)).unwrap().collect();
            let Some((Err(ArchiveError::Damaged { file, position, .. }), before)) = read.split_last() else {
                panic!("the damage is not noticed")
            };
            assert_eq!(*file, path.display().to_string());
            assert_eq!(before.last().map_or(Position(0), |chunk| chunk.as_ref().unwrap().end()), *position);
            std::fs::write(&path, whole).unwrap();
        }
        let second = &files(folder.path())[1];
        std::fs::remove_file(second).unwrap();
        let read: Vec<_> = chunks(folder.path(), Position(0)).unwrap().collect();
        assert!(matches!(read.last(), Some(Err(ArchiveError::Damaged { .. }))));
        std::fs::remove_file(&files(folder.path())[0]).unwrap();
        assert!(matches!(chunks(folder.path(), Position(0)), Err(ArchiveError::Damaged { .. })));
    }

    #[test]
    fn a_sealed_segment_that_is_cut_short_is_damage_and_not_an_end() {
        let (folder, log) = (tempfile::tempdir().unwrap(), log(60));
        follow(folder.path(), &log);
        let first = &files(folder.path())[0];
        let file = OpenOptions::new().write(true).open(first).unwrap();
        file.set_len(file.metadata().unwrap().len() - 3000).unwrap();
        let read: Vec<_> = chunks(folder.path(), Position(0)).unwrap().collect();
        assert!(matches!(read.last(), Some(Err(ArchiveError::Damaged { .. }))));
    }

    #[test]
    fn what_lies_behind_a_broken_entry_is_kept_beside_when_it_is_cut_off() {
        let (folder, log) = (tempfile::tempdir().unwrap(), log(3));
        follow(folder.path(), &log);
        let path = &files(folder.path())[0];
        let mut bytes = std::fs::read(path).unwrap();
        bytes[HEADER_BYTES + 200] ^= 1;
        std::fs::write(path, &bytes).unwrap();
        follow(folder.path(), &log);
        assert_eq!(archived(folder.path(), 0), all(&log, Position(0)));
        let aside: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().path()).collect();
        let aside = aside.iter().find(|path| path.extension().is_some_and(|e| e == "cut")).unwrap();
        assert_eq!(std::fs::read(aside).unwrap(), bytes[HEADER_BYTES..]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn wherever_writing_is_cut_off_it_goes_on_from_what_is_whole(cut in any::<u64>(), zeros in 0_usize..500) {
            let (folder, log) = (tempfile::tempdir().unwrap(), log(20));
            follow(folder.path(), &log);
            let path = files(folder.path()).pop().unwrap();
            let mut bytes = std::fs::read(&path).unwrap();
            let cut = HEADER_BYTES + cut as usize % (bytes.len() - HEADER_BYTES + 1);
            bytes.truncate(cut);
            bytes.extend(vec![0; zeros]);
            std::fs::write(&path, &bytes).unwrap();
            follow(folder.path(), &log);
            prop_assert_eq!(archived(folder.path(), 0), all(&log, Position(0)));
        }
    }
}
