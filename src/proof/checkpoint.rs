//! A signed checkpoint: what the whole log was at a moment.
//!
//! It is written as one line of JSON. The signature is ed25519 (RFC 8032) over `novelo checkpoint v1` and a line feed, and then,
//! numbers little-endian: the log (32 bytes), the position (8), the number of chunks (8), the hash of the last chunk (32), the
//! root (32), the moment in microseconds since 1970 (8) and the key's id (8). The key's id is the first eight bytes of the BLAKE3
//! hash of the public key.

use std::path::Path;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::ProofError;
use crate::event::{Hash, Micros, Position};
use crate::log::Head;

const FORMAT: &str = "novelo checkpoint v1";

/// What is signed of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log: the hash of its first chunk.
    pub log: Hash,
    /// Where it ended.
    pub end: Head,
    /// How many chunks it had.
    pub chunks: u64,
    /// The root of the tree over their hashes.
    pub root: Hash,
    /// When it was signed.
    pub at: Micros,
    key: [u8; 8],
    signature: [u8; 64],
}

/// As it is written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    format: String,
    log: String,
    position: String,
    chunks: String,
    hash: String,
    root: String,
    at: String,
    key: String,
    signature: String,
}

/// A key that checks signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    pub(super) fn of(key: &SigningKey) -> Self {
        Self(key.verifying_key())
    }

    /// Reads 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`ProofError::NotAKey`]; [`ProofError::NoSuchKey`] when they are no point of the curve.
    pub fn from_text(text: &str) -> Result<Self, ProofError> {
        let bytes = Hash::from_hex(text.trim()).ok_or(ProofError::NotAKey)?;
        VerifyingKey::from_bytes(&bytes.0).map(Self).map_err(|_| ProofError::NoSuchKey)
    }

    fn id(&self) -> [u8; 8] {
        let hash = Hash::of(self.0.as_bytes());
        hash.0.first_chunk().copied().unwrap_or_default()
    }
}

impl std::fmt::Display for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Hash(self.0.to_bytes()).fmt(f)
    }
}

impl Checkpoint {
    /// Signs what a log is.
    pub(super) fn sign(key: &SigningKey, (log, end): (Hash, Head), (chunks, root): (u64, Hash), at: Micros) -> Self {
        let id = PublicKey::of(key).id();
        let mut checkpoint = Self { log, end, chunks, root, at, key: id, signature: [0; 64] };
        checkpoint.signature = key.sign(&checkpoint.message()).to_bytes();
        checkpoint
    }

    fn message(&self) -> Vec<u8> {
        let (position, chunks) = (self.end.next.0.to_le_bytes(), self.chunks.to_le_bytes());
        let at = self.at.0.to_le_bytes();
        let fields = [&self.log.0[..], &position, &chunks, &self.end.hash.0, &self.root.0, &at, &self.key];
        [FORMAT.as_bytes(), b"\n", &fields.concat()].concat()
    }

    /// Checks the signature.
    ///
    /// # Errors
    /// [`ProofError::Refused`] when it is not that of this key over this checkpoint.
    pub fn verify(&self, key: &PublicKey) -> Result<(), ProofError> {
        let position = self.end.next;
        if self.key != key.id() {
            let reason = format!("the checkpoint at position {position} was signed with another key");
            return Err(ProofError::refused(reason));
        }
        let signature = Signature::from_bytes(&self.signature);
        key.0.verify_strict(&self.message(), &signature).map_err(|_| {
            ProofError::refused(format!("the signature of the checkpoint at position {position} does not fit it"))
        })
    }

    /// As JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self.written()).unwrap_or_default()
    }

    /// Reads what [`Checkpoint::to_json`] gives, in no other way of writing.
    ///
    /// # Errors
    /// [`ProofError::Refused`] says what is wrong with it.
    pub fn from_json(value: &Value) -> Result<Self, ProofError> {
        let written = Written::deserialize(value).map_err(|cause| ProofError::refused(cause.to_string()))?;
        let checkpoint = Self::read(&written)
            .ok_or_else(|| ProofError::refused("a field of the checkpoint is not written as one"))?;
        if checkpoint.to_json() == *value {
            Ok(checkpoint)
        } else {
            Err(ProofError::refused("a field of the checkpoint is not written as one"))
        }
    }

    pub(super) fn written(&self) -> Written {
        Written {
            format: FORMAT.into(),
            log: self.log.to_string(),
            position: self.end.next.to_string(),
            chunks: self.chunks.to_string(),
            hash: self.end.hash.to_string(),
            root: self.root.to_string(),
            at: self.at.to_string(),
            key: hex(&self.key),
            signature: hex(&self.signature),
        }
    }

    pub(super) fn read(written: &Written) -> Option<Self> {
        let end = Head { next: written.position.parse().ok()?, hash: Hash::from_hex(&written.hash)? };
        Some(Self {
            log: Hash::from_hex(&written.log)?,
            end,
            chunks: written.chunks.parse().ok()?,
            root: Hash::from_hex(&written.root)?,
            at: Micros::parse(&written.at)?,
            key: from_hex(&written.key)?,
            signature: from_hex(&written.signature)?,
        })
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != N * 2 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(bytes)
}

/// The checkpoints of a file, in order; none where there is no file. A last line that was cut off is none yet.
///
/// # Errors
/// [`ProofError::Line`] names a line that is not what was written.
pub fn read_checkpoints(path: &Path) -> Result<Vec<Checkpoint>, ProofError> {
    let text = match std::fs::read(path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(cause) => return Err(ProofError::io(path, cause)),
    };
    let mut checkpoints: Vec<Checkpoint> = Vec::new();
    for (index, line) in text.split_inclusive('\n').enumerate().filter(|(_, line)| line.ends_with('\n')) {
        let wrong = |reason: String| ProofError::Line { path: path.display().to_string(), line: index + 1, reason };
        let value: Value = serde_json::from_str(line).map_err(|cause| wrong(cause.to_string()))?;
        let checkpoint = Checkpoint::from_json(&value).map_err(|cause| wrong(cause.to_string()))?;
        if checkpoints.last().is_some_and(|last| last.end.next > checkpoint.end.next) {
            return Err(wrong("it lies before the line above".into()));
        }
        checkpoints.push(checkpoint);
    }
    Ok(checkpoints)
}

/// The position up to which a file's last readable checkpoint reaches, whatever else is wrong with the file.
pub(super) fn last_readable(path: &Path, key: &PublicKey) -> Option<Checkpoint> {
    let text = String::from_utf8_lossy(&std::fs::read(path).ok()?).into_owned();
    let checkpoints =
        text.lines().rev().filter_map(|line| Checkpoint::from_json(&serde_json::from_str(line).ok()?).ok());
    checkpoints.filter(|checkpoint| checkpoint.verify(key).is_ok()).max_by_key(|checkpoint| checkpoint.end.next)
}

impl Checkpoint {
    /// Up to where it reaches.
    #[must_use]
    pub fn position(&self) -> Position {
        self.end.next
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    fn checkpoint() -> Checkpoint {
        let end = Head { next: Position(1234), hash: Hash([2; 32]) };
        Checkpoint::sign(&key(1), (Hash([1; 32]), end), (200, Hash([3; 32])), Micros(1_700_000_000_123_456))
    }

    #[test]
    fn what_was_signed_is_verified_and_read_again() {
        let checkpoint = checkpoint();
        checkpoint.verify(&PublicKey::of(&key(1))).unwrap();
        assert_eq!(Checkpoint::from_json(&checkpoint.to_json()).unwrap(), checkpoint);
        assert!(matches!(checkpoint.verify(&PublicKey::of(&key(2))), Err(ProofError::Refused(_))));
        let shown = PublicKey::of(&key(1)).to_string();
        assert_eq!(PublicKey::from_text(&shown).unwrap(), PublicKey::of(&key(1)));
        assert!(matches!(PublicKey::from_text("short"), Err(ProofError::NotAKey)));
    }

    #[test]
    fn the_layout_is_that_of_the_first_release() {
        let checkpoint = checkpoint();
        let signed = [checkpoint.message(), checkpoint.signature.to_vec()].concat();
        assert_eq!(Hash::of(&signed).to_string(), "f0e90d7a663c9762841db90d7587d8ea8c0082bf7baece80593cf3b0f31d6f59");
    }

    #[test]
    fn the_signature_is_that_of_the_standard() {
        // RFC 8032, section 7.1, test 2.
        let seed = Hash::from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb").unwrap();
        let key = SigningKey::from_bytes(&seed.0);
        let expected = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
        assert_eq!(PublicKey::of(&key).to_string(), expected);
        let signature = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                         085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
        assert_eq!(hex(&key.sign(&[0x72]).to_bytes()), signature);
    }

    proptest! {
        #[test]
        fn a_flipped_bit_anywhere_is_refused(at in any::<usize>(), bit in 0_u8..8) {
            let mut line = checkpoint().to_json().to_string().into_bytes();
            let at = at % line.len();
            line[at] ^= 1 << bit;
            let read = serde_json::from_slice(&line).ok().and_then(|value| Checkpoint::from_json(&value).ok());
            prop_assert!(read.is_none_or(|read| read.verify(&PublicKey::of(&key(1))).is_err()));
        }
    }
}
