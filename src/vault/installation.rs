//! The installation's secret: what subject ids and blind indexes are derived from.
//!
//! File `installation`: eight bytes `NOVELOv1`, a nonce of 12 bytes, and the secret wrapped by the master key (48 bytes), bound
//! to the first eight bytes.

use std::fmt;
use std::io::ErrorKind;
use std::path::Path;

use zeroize::Zeroizing;

use super::cipher::{Bits, Cipher, NONCE_BYTES, WRAPPED_BYTES, random_bits, random_nonce, unwrap, wrap};
use super::error::VaultError;
use super::new_file;

const MAGIC: &[u8; 8] = b"NOVELOv1";

/// 256 random bits, made once per store.
pub struct Secret(Bits);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// A key derived from the secret for one purpose. Wiped when dropped; never shown.
pub struct DerivedKey(Bits);

impl fmt::Debug for DerivedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DerivedKey")
    }
}

impl DerivedKey {
    /// The bits.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Secret {
    /// The key for a purpose: BLAKE3 in its key-derivation mode, with the purpose as context.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> DerivedKey {
        DerivedKey(Zeroizing::new(blake3::derive_key(purpose, self.0.as_slice())))
    }

    /// Reads the secret; makes it where there is none.
    pub(super) fn load_or_create(path: &Path, master: &Cipher) -> Result<Self, VaultError> {
        match Self::load(path, master)? {
            Some(secret) => Ok(secret),
            None => Self::create(path, master),
        }
    }

    /// Reads the secret; nothing where there is none.
    pub(super) fn load(path: &Path, master: &Cipher) -> Result<Option<Self>, VaultError> {
        match std::fs::read(path) {
            Ok(bytes) => Self::read(path, &bytes, master).map(Some),
            Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(VaultError::io(path, cause)),
        }
    }

    fn read(path: &Path, bytes: &[u8], master: &Cipher) -> Result<Self, VaultError> {
        let format = |reason| VaultError::Format { path: path.display().to_string(), reason };
        let rest = bytes.strip_prefix(MAGIC).ok_or(format("it does not begin as one"))?;
        let (nonce, wrapped) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(format("it is too short"))?;
        let wrapped: &[u8; WRAPPED_BYTES] = wrapped.try_into().map_err(|_| format("it has another length"))?;
        unwrap(master, nonce, wrapped, MAGIC)
            .map(Self)
            .ok_or_else(|| VaultError::WrongMasterKey { path: path.display().to_string() })
    }

    /// Makes the file.
    fn create(path: &Path, master: &Cipher) -> Result<Self, VaultError> {
        let secret = random_bits();
        let nonce = random_nonce();
        let wrapped = wrap(master, &nonce, &secret, MAGIC)?;
        let bytes = [MAGIC.as_slice(), &nonce, &wrapped].concat();
        new_file::create(path, &bytes).map_err(|cause| VaultError::io(path, cause))?;
        Ok(Self(secret))
    }
}
