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
            let above = folder.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
            if !above.exists() {
                let (folder, above) = (folder.display().to_string(), above.display().to_string());
                return Err(ArchiveError::NoFolderAbove { folder, above });
            }
            std::fs::create_dir(folder).map_err(|cause| ArchiveError::io(folder, cause))?;
            sync_folder(above)?;
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
                    FaultKind::Torn | FaultKind::Broken(_) | FaultKind::Source(_) => {
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
mod tests;
