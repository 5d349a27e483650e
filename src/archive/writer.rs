//! Writing an archive: chunks are added at its end, and are safe once they are synced.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::behind::Behind;
use super::error::ArchiveError;
use super::folder::{LOCK, Segment, is_own, other_thing, path_of, segments, sync_folder};
use super::format::{Fault, FaultKind, HEADER_BYTES, Header, Item, Seal, entry};
use super::mend::bytes_from;
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
    cut: Option<Cut>,
}

/// The end of a segment that was never finished, and was cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Which segment.
    pub file: PathBuf,
    /// The position at which the archive ends now.
    pub position: Position,
    /// How many bytes were cut off.
    pub bytes: u64,
    /// Where they are kept, if they are more than a piece of a chunk.
    pub kept_in: Option<PathBuf>,
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
    /// the middle of being written is taken away ([`ArchiveWriter::cut`]).
    ///
    /// # Errors
    /// [`ArchiveError::InUse`] when another process has it, [`ArchiveError::OtherThings`] when it is a folder of something else,
    /// [`ArchiveError::DamagedInside`] when the last segment is damaged otherwise, which changes nothing; others when it cannot be read or written.
    pub fn open(folder: &Path) -> Result<Self, ArchiveError> {
        Self::with_segments_of(folder, SEGMENT_BYTES)
    }

    /// The same with segments of another size.
    ///
    /// # Errors
    /// As [`ArchiveWriter::open`].
    pub fn with_segments_of(folder: &Path, segment_bytes: u64) -> Result<Self, ArchiveError> {
        if !folder.is_dir() {
            let above = folder.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
            if !above.exists() {
                let (folder, above) = (folder.display().to_string(), above.display().to_string());
                return Err(ArchiveError::NoFolderAbove { folder, above });
            }
            std::fs::create_dir(folder).map_err(|cause| ArchiveError::io(folder, cause))?;
            sync_folder(above)?;
        }
        refuse_other_things(folder)?;
        let _lock = lock(folder)?;
        let (log, end, segment, buffer, cut) = (None, Head::default(), None, Vec::new(), None);
        let mut writer = Self { folder: folder.to_owned(), _lock, log, end, segment, segment_bytes, buffer, cut };
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

    /// What was cut off its end when it was opened.
    #[must_use]
    pub fn cut(&self) -> Option<&Cut> {
        self.cut.as_ref()
    }

    /// Reads the last segment, which alone may be torn. One that holds nothing is begun anew, if all that comes before it is there: it
    /// is no copy of anything.
    fn find_end(&mut self) -> Result<(), ArchiveError> {
        let mut all = segments(&self.folder)?;
        if let Some(last) = all.last()
            && last.is_blank()?
            && ends_at(all.iter().nth_back(1), last.first)?
        {
            self.cut = Some(take_away(last)?);
            all.pop();
        }
        let Some(last) = all.pop() else { return Ok(()) };
        let mut reader = match reader::open(&last) {
            Err(ArchiveError::Damaged { file, position, reason }) => {
                let until = Behind::of(&bytes_from(&last.path, 0)?, position).reach();
                return Err(ArchiveError::DamagedInside { file, position, reason, until });
            }
            opened => opened?,
        };
        self.log = Some(reader.header().log);
        let sealed = loop {
            match reader.read_next() {
                Ok(Some(Item::Chunk(_))) => {}
                Ok(Some(Item::Seal(_))) => break true,
                Ok(None) => break false,
                Err(fault) => match fault.kind {
                    FaultKind::Io(cause) => return Err(ArchiveError::io(&last.path, cause)),
                    FaultKind::Torn | FaultKind::Broken(_) | FaultKind::Source(_) => {
                        self.cut = Some(cut(&last.path, &fault)?);
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

/// Refuses a folder with things in it that are no archive.
fn refuse_other_things(folder: &Path) -> Result<(), ArchiveError> {
    if !segments(folder)?.is_empty() {
        return Ok(());
    }
    match other_thing(folder, is_own).map_err(|cause| ArchiveError::io(folder, cause))? {
        Some(found) => Err(ArchiveError::OtherThings { folder: folder.display().to_string(), found }),
        None => Ok(()),
    }
}

fn lock(folder: &Path) -> Result<File, ArchiveError> {
    let path = folder.join(LOCK);
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
    let file = file.map_err(|cause| ArchiveError::io(&path, cause))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ArchiveError::InUse { folder: folder.display().to_string() }),
        Err(TryLockError::Error(cause)) => Err(ArchiveError::io(&path, cause)),
    }
}

/// Whether what comes before a position is there: nothing before the first, or a segment that is sealed where it begins.
fn ends_at(before: Option<&Segment>, position: Position) -> Result<bool, ArchiveError> {
    let Some(before) = before else { return Ok(position == Position::ZERO) };
    let mut reader = match reader::open(before) {
        Err(ArchiveError::Damaged { .. }) => return Ok(false),
        opened => opened?,
    };
    loop {
        match reader.read_next() {
            Ok(Some(Item::Chunk(_))) => {}
            Ok(Some(Item::Seal(seal))) => return Ok(seal.end.next == position),
            Ok(None) | Err(_) => return Ok(false),
        }
    }
}

/// Takes a segment away that holds nothing. Bytes that are there all the same are kept in a file beside it.
fn take_away(segment: &Segment) -> Result<Cut, ArchiveError> {
    let path = &segment.path;
    let io = |cause| ArchiveError::io(path, cause);
    let bytes = std::fs::metadata(path).map_err(io)?.len();
    let kept = bytes < HEADER_BYTES as u64 && bytes_from(path, 0)?.iter().any(|byte| *byte != 0);
    let kept_in = kept.then(|| path.with_extension("0.cut"));
    match &kept_in {
        Some(aside) => std::fs::rename(path, aside).map_err(io)?,
        None => std::fs::remove_file(path).map_err(io)?,
    }
    sync_folder(path.parent().unwrap_or(Path::new("")))?;
    Ok(Cut { file: path.clone(), position: segment.first, bytes, kept_in })
}

/// Cuts a segment's end off that was never finished. Where that is more than a piece of a chunk it is kept in a file beside it.
/// A segment that was damaged otherwise is left as it is.
fn cut(path: &Path, fault: &Fault) -> Result<Cut, ArchiveError> {
    let io = |cause| ArchiveError::io(path, cause);
    let broken = bytes_from(path, fault.offset)?;
    let behind = Behind::of(&broken, fault.position);
    if !behind.is_empty() {
        let (file, position, reason) = (path.display().to_string(), fault.position, fault.to_string());
        return Err(ArchiveError::DamagedInside { file, position, reason, until: behind.reach() });
    }
    let mut kept_in = None;
    if !matches!(fault.kind, FaultKind::Torn) && broken.iter().any(|byte| *byte != 0) {
        let aside = path.with_extension(format!("{}.cut", fault.offset));
        let kept = File::create(&aside).and_then(|mut aside| aside.write_all(&broken).and_then(|()| aside.sync_all()));
        kept.map_err(|cause| ArchiveError::io(&aside, cause))?;
        kept_in = Some(aside);
    }
    let cut = Cut { file: path.to_owned(), position: fault.position, bytes: broken.len() as u64, kept_in };
    let file = OpenOptions::new().write(true).open(path).map_err(io)?;
    file.set_len(fault.offset).and_then(|()| file.sync_all()).map_err(io)?;
    Ok(cut)
}

#[cfg(test)]
mod tests;
