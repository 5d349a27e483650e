//! A proof that an event was in the log when a checkpoint was signed. Pure.
//!
//! It is JSON: the event's record as it is stored (its personal part sealed), or only its hash; the head of its chunk with the hashes
//! of the records beside it; the path from the chunk to the root of the tree; and the checkpoint with the signed root. Whoever
//! has the public key needs nothing else.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::checkpoint::{Checkpoint, PublicKey, Written};
use super::error::ProofError;
use super::tree::{leaf, root_by_path};
use crate::event::{Hash, Micros, Position};
use crate::log::{Chunk, chunk_hash};

const FORMAT: &str = "novelo proof v1";

/// What the hash of a chunk is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkProof {
    /// The position of its first record.
    pub first: Position,
    /// When it was recorded.
    pub recorded_at: Micros,
    /// The hash of the chunk before.
    pub prev: Hash,
    /// The hashes of its records.
    pub records: Vec<Hash>,
}

/// That an event was in the log when a checkpoint was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Where it stands.
    pub position: Position,
    /// The stored bytes; `None` when only their hash is told.
    pub record: Option<Vec<u8>>,
    /// Their hash.
    pub record_hash: Hash,
    /// The chunk that holds it.
    pub chunk: ChunkProof,
    /// The chunk's number, from 0.
    pub index: u64,
    /// The hashes from the chunk up to the root.
    pub path: Vec<Hash>,
    /// What was signed.
    pub checkpoint: Checkpoint,
}

/// What a proof has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// Where the event stands.
    pub position: Position,
    /// The hash of its record.
    pub record_hash: Hash,
    /// When it was recorded.
    pub recorded_at: Micros,
    /// The log: the hash of its first chunk.
    pub log: Hash,
    /// When the checkpoint was signed.
    pub signed_at: Micros,
    /// Up to where the checkpoint reaches.
    pub through: Position,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenProof {
    format: String,
    position: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<String>,
    record_hash: String,
    chunk: WrittenChunk,
    index: String,
    path: Vec<String>,
    checkpoint: Written,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenChunk {
    first: String,
    recorded_at: String,
    prev: String,
    records: Vec<String>,
}

impl ChunkProof {
    /// What is needed of a chunk.
    pub(super) fn of(chunk: &Chunk) -> Self {
        let records = chunk.records().map(|(_, record)| Hash::of(record)).collect();
        Self { first: chunk.first(), recorded_at: chunk.recorded_at(), prev: chunk.prev(), records }
    }

    fn hash(&self) -> Hash {
        chunk_hash(self.first, self.recorded_at, self.prev, self.records.iter().copied())
    }
}

impl Proof {
    /// Follows the proof from the record to the signed root.
    ///
    /// # Errors
    /// [`ProofError::Refused`] says which step does not hold.
    pub fn verify(&self, key: &PublicKey) -> Result<Proven, ProofError> {
        let refused = |reason: &str| Err(ProofError::refused(reason));
        self.checkpoint.verify(key)?;
        if self.record.as_ref().is_some_and(|record| Hash::of(record) != self.record_hash) {
            return refused("the record does not have the hash that is told");
        }
        let place = self.position.0.checked_sub(self.chunk.first.0).and_then(|at| usize::try_from(at).ok());
        if place.and_then(|at| self.chunk.records.get(at)) != Some(&self.record_hash) {
            return refused("the chunk does not have this record at this position");
        }
        if self.position >= self.checkpoint.end.next {
            return refused("the position lies behind the checkpoint");
        }
        let reached = root_by_path(leaf(self.chunk.hash()), self.index, self.checkpoint.chunks, &self.path);
        if reached != Some(self.checkpoint.root) {
            return refused("the path from the chunk does not lead to the signed root");
        }
        Ok(Proven {
            position: self.position,
            record_hash: self.record_hash,
            recorded_at: self.chunk.recorded_at,
            log: self.checkpoint.log,
            signed_at: self.checkpoint.at,
            through: self.checkpoint.end.next,
        })
    }

    /// As JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let hashes = |hashes: &[Hash]| hashes.iter().map(Hash::to_string).collect();
        let chunk = WrittenChunk {
            first: self.chunk.first.to_string(),
            recorded_at: self.chunk.recorded_at.to_string(),
            prev: self.chunk.prev.to_string(),
            records: hashes(&self.chunk.records),
        };
        let written = WrittenProof {
            format: FORMAT.into(),
            position: self.position.to_string(),
            record: self.record.as_ref().map(|record| STANDARD.encode(record)),
            record_hash: self.record_hash.to_string(),
            chunk,
            index: self.index.to_string(),
            path: hashes(&self.path),
            checkpoint: self.checkpoint.written(),
        };
        serde_json::to_value(written).unwrap_or_default()
    }

    /// Reads what [`Proof::to_json`] gives, in no other way of writing.
    ///
    /// # Errors
    /// [`ProofError::Refused`] says what is wrong with it.
    pub fn from_json(value: &Value) -> Result<Self, ProofError> {
        let written = WrittenProof::deserialize(value).map_err(|cause| ProofError::refused(cause.to_string()))?;
        let read = Self::read(&written).filter(|proof| proof.to_json() == *value);
        read.ok_or_else(|| ProofError::refused("a field of the proof is not written as one"))
    }

    fn read(written: &WrittenProof) -> Option<Self> {
        let hashes = |texts: &[String]| texts.iter().map(|text| Hash::from_hex(text)).collect::<Option<Vec<Hash>>>();
        let chunk = ChunkProof {
            first: written.chunk.first.parse().ok()?,
            recorded_at: Micros::parse(&written.chunk.recorded_at)?,
            prev: Hash::from_hex(&written.chunk.prev)?,
            records: hashes(&written.chunk.records)?,
        };
        Some(Self {
            position: written.position.parse().ok()?,
            record: written.record.as_ref().map(|text| STANDARD.decode(text)).transpose().ok()?,
            record_hash: Hash::from_hex(&written.record_hash)?,
            chunk,
            index: written.index.parse().ok()?,
            path: hashes(&written.path)?,
            checkpoint: Checkpoint::read(&written.checkpoint)?,
        })
    }
}
