//! What signs checkpoints of a log and makes proofs.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ed25519_dalek::SigningKey;

use super::checkpoint::{Checkpoint, PublicKey, last_readable, read_checkpoints};
use super::error::ProofError;
use super::inclusion::{ChunkProof, Proof};
use super::subtrees::Subtrees;
use crate::event::{Hash, Micros, Position};
use crate::log::{Chunk, EventLog, Head};

/// The file of the checkpoints.
pub const CHECKPOINTS_FILE: &str = "checkpoints.ndjson";
/// The file of the public key.
pub const PUBLIC_KEY_FILE: &str = "public-key";
const SUBTREES_FILE: &str = "subtrees";

/// Signs checkpoints of one log, and proves what was in it.
pub struct Notary {
    folder: PathBuf,
    log: Arc<dyn EventLog>,
    key: SigningKey,
    state: Mutex<State>,
    /// Apart from the rest, so that whoever only asks for it never waits.
    last: Mutex<Option<Checkpoint>>,
}

/// What grows with the log.
#[derive(Default)]
struct State {
    /// Opened when it is needed, so that a start does not wait for it.
    tree: Option<Subtrees>,
}

impl std::fmt::Debug for Notary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Notary").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Notary {
    /// Opens the folder of the checkpoints, and makes it where there is none. `seed` is the private key.
    ///
    /// # Errors
    /// [`ProofError`] when the files cannot be used.
    pub fn open(folder: &Path, log: Arc<dyn EventLog>, seed: &[u8; 32]) -> Result<Self, ProofError> {
        if !folder.is_dir() {
            std::fs::create_dir_all(folder).map_err(|cause| ProofError::io(folder, cause))?;
            sync_folder(folder.parent().unwrap_or(Path::new(".")))?;
        }
        let key = SigningKey::from_bytes(seed);
        let public = PublicKey::of(&key);
        publish(&folder.join(PUBLIC_KEY_FILE), &public)?;
        let path = folder.join(CHECKPOINTS_FILE);
        cut_torn_line(&path)?;
        if let Err(cause) = read_checkpoints(&path) {
            tracing::error!(%cause, "the checkpoints are damaged; those that can be read still count");
        }
        let last = last_readable(&path, &public);
        Ok(Self { folder: folder.to_owned(), log, key, state: Mutex::default(), last: Mutex::new(last) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key that checks what is signed here.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        PublicKey::of(&self.key)
    }

    /// The last checkpoint.
    #[must_use]
    pub fn last(&self) -> Option<Checkpoint> {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Up to where the tree has the log.
    ///
    /// # Errors
    /// [`ProofError`] when it cannot be opened.
    pub fn end(&self) -> Result<Head, ProofError> {
        Ok(self.tree(&mut self.state())?.end())
    }

    /// Adds chunks to the tree, in order; those that it has are passed over.
    ///
    /// # Errors
    /// [`ProofError`] when they do not continue it, or it cannot be written.
    pub fn add(&self, chunks: &[Chunk]) -> Result<(), ProofError> {
        let mut state = self.state();
        let tree = self.tree(&mut state)?;
        chunks.iter().try_for_each(|chunk| tree.add(chunk))
    }

    /// Signs what the tree has, unless that was signed before.
    ///
    /// # Errors
    /// [`ProofError::Empty`] when that is nothing; others when it cannot be stored.
    pub fn sign(&self) -> Result<Checkpoint, ProofError> {
        self.sign_in(&mut self.state())
    }

    /// Brings the tree to the log's end and signs that.
    ///
    /// # Errors
    /// As [`Notary::sign`]; and when the log cannot be read.
    pub fn checkpoint(&self) -> Result<Checkpoint, ProofError> {
        let mut state = self.state();
        self.catch_up(&mut state)?;
        self.sign_in(&mut state)
    }

    fn tree<'a>(&self, state: &'a mut State) -> Result<&'a mut Subtrees, ProofError> {
        match &mut state.tree {
            Some(tree) => Ok(tree),
            slot => Ok(slot.insert(Subtrees::open(&self.folder.join(SUBTREES_FILE), &*self.log)?)),
        }
    }

    fn catch_up(&self, state: &mut State) -> Result<(), ProofError> {
        let tree = self.tree(state)?;
        for chunk in self.log.read(tree.end().next)? {
            tree.add(&chunk?)?;
        }
        Ok(())
    }

    fn sign_in(&self, state: &mut State) -> Result<Checkpoint, ProofError> {
        let tree = self.tree(state)?;
        let (end, log, (chunks, root)) = (tree.end(), tree.log(), tree.root());
        if end.next == Position::ZERO {
            return Err(ProofError::Empty);
        }
        if let Some(last) = self.last().filter(|last| last.end == end) {
            return Ok(last);
        }
        let checkpoint = Checkpoint::sign(&self.key, (log, end), (chunks, root), Micros::now());
        append(&self.folder.join(CHECKPOINTS_FILE), &checkpoint)?;
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(checkpoint);
        Ok(checkpoint)
    }

    /// Proves that an event is in the log, by the last checkpoint, or by one that is signed for it. Without its record only the
    /// record's hash is told.
    ///
    /// # Errors
    /// [`ProofError::NotThere`] when the log does not reach it; others when it cannot be read.
    pub fn prove(&self, position: Position, with_record: bool) -> Result<Proof, ProofError> {
        let mut state = self.state();
        let head = self.log.head().next;
        let there = self.log.chunk_at(position)?.ok_or(ProofError::NotThere { position, head })?;
        let checkpoint = match self.last().filter(|last| last.end.next > position) {
            Some(last) => last,
            None => {
                self.catch_up(&mut state)?;
                self.sign_in(&mut state)?
            }
        };
        let tree = self.tree(&mut state)?;
        if tree.end().next < checkpoint.end.next {
            for chunk in self.log.read(tree.end().next)? {
                tree.add(&chunk?)?;
            }
        }
        let found = tree.prove(&*self.log, position, checkpoint.chunks)?;
        let (index, path) = found.ok_or(ProofError::NotThere { position, head })?;
        let record = there.record(position).unwrap_or_default();
        let record_hash = Hash::of(record);
        let record = with_record.then(|| record.to_vec());
        Ok(Proof { position, record, record_hash, chunk: ChunkProof::of(&there), index, path, checkpoint })
    }
}

/// Writes the public key where it is not yet, or another.
fn publish(path: &Path, key: &PublicKey) -> Result<(), ProofError> {
    let text = format!("{key}\n");
    if std::fs::read_to_string(path).is_ok_and(|found| found == text) {
        return Ok(());
    }
    std::fs::write(path, text).map_err(|cause| ProofError::io(path, cause))
}

/// Adds a line; durable when this returns.
fn append(path: &Path, checkpoint: &Checkpoint) -> Result<(), ProofError> {
    let io = |cause| ProofError::io(path, cause);
    let new = !path.exists();
    let mut file = OpenOptions::new().append(true).create(true).open(path).map_err(io)?;
    let line = format!("{}\n", checkpoint.to_json());
    file.write_all(line.as_bytes()).and_then(|()| file.sync_all()).map_err(io)?;
    if new { sync_folder(path.parent().unwrap_or(Path::new("."))) } else { Ok(()) }
}

/// Takes a last line away that was not written to its end: it was never told to anybody.
fn cut_torn_line(path: &Path) -> Result<(), ProofError> {
    let io = |cause| ProofError::io(path, cause);
    let mut file = match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => file,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(cause) => return Err(io(cause)),
    };
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0)).and_then(|_| file.read_to_end(&mut bytes)).map_err(io)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    if whole < bytes.len() {
        file.set_len(whole as u64).and_then(|()| file.sync_all()).map_err(io)?;
    }
    Ok(())
}

fn sync_folder(folder: &Path) -> Result<(), ProofError> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|cause| ProofError::io(folder, cause))
}

#[cfg(test)]
mod tests;
