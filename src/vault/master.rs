//! The master key: what wraps all others. It comes from a file that nobody else can read, or from the environment.

use std::fmt;
use std::io::ErrorKind;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::cipher::{Bits, Cipher, cipher, random_bits};
use super::error::VaultError;
use super::new_file;

/// The key that wraps the others. Wiped when dropped; never shown.
pub struct MasterKey(Bits);

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey")
    }
}

impl MasterKey {
    /// Reads 64 hexadecimal digits, or 32 bytes in base64.
    ///
    /// # Errors
    /// [`VaultError::NotAKey`].
    pub fn from_text(text: &str) -> Result<Self, VaultError> {
        let text = text.trim();
        if let Some(hash) = crate::event::Hash::from_hex(text) {
            return Ok(Self(Zeroizing::new(hash.0)));
        }
        let bytes = Zeroizing::new(STANDARD.decode(text).map_err(|_| VaultError::NotAKey)?);
        let bits: [u8; 32] = bytes.as_slice().try_into().map_err(|_| VaultError::NotAKey)?;
        Ok(Self(Zeroizing::new(bits)))
    }

    /// Reads the key from a file; makes it where there is none and `may_make` says so. The answer's second part says whether
    /// it was made: then its owner must back it up.
    ///
    /// # Errors
    /// [`VaultError`] when the file is not there, can be read by others, or holds no key.
    pub fn load_or_create(path: &Path, may_make: bool) -> Result<(Self, bool), VaultError> {
        match std::fs::read_to_string(path) {
            Ok(text) => {
                check_mode(path)?;
                let key = Self::from_text(&Zeroizing::new(text));
                let none =
                    |_| VaultError::Format { path: path.display().to_string(), reason: "it holds no master key" };
                Ok((key.map_err(none)?, false))
            }
            Err(cause) if cause.kind() == ErrorKind::NotFound && may_make => Ok((Self::create(path)?, true)),
            Err(cause) if cause.kind() == ErrorKind::NotFound => {
                Err(VaultError::NoMasterKey { path: path.display().to_string() })
            }
            Err(cause) => Err(VaultError::io(path, cause)),
        }
    }

    /// Makes a key and its file, durable before this returns.
    fn create(path: &Path) -> Result<Self, VaultError> {
        let key = Self(random_bits());
        let text = Zeroizing::new(format!("{}\n", crate::event::Hash(*key.0)));
        new_file::create(path, text.as_bytes()).map_err(|cause| VaultError::io(path, cause))?;
        Ok(key)
    }

    pub(super) fn cipher(&self) -> Cipher {
        cipher(&self.0)
    }
}

/// Refuses a file that others can read.
fn check_mode(path: &Path) -> Result<(), VaultError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path).map_err(|cause| VaultError::io(path, cause))?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(VaultError::TooOpen { path: path.display().to_string(), mode });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_read_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let (made, new) = MasterKey::load_or_create(&path, true).unwrap();
        assert!(new);
        let (read, new) = MasterKey::load_or_create(&path, true).unwrap();
        assert!(!new);
        assert_eq!(*made.0, *read.0);
    }

    #[test]
    fn a_key_that_is_missing_is_not_made_for_a_store_that_had_one() {
        let folder = tempfile::tempdir().unwrap();
        let missing = MasterKey::load_or_create(&folder.path().join("master.key"), false);
        assert!(matches!(missing, Err(VaultError::NoMasterKey { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        drop(MasterKey::load_or_create(&path, true).unwrap());
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(MasterKey::load_or_create(&path, true), Err(VaultError::TooOpen { mode: 0o640, .. })));
    }

    #[test]
    fn a_key_is_read_in_both_ways_of_writing() {
        let hex = MasterKey::from_text(&"0f".repeat(32)).unwrap();
        let base64 = MasterKey::from_text("Dw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8=").unwrap();
        assert_eq!(*hex.0, *base64.0);
        assert!(matches!(MasterKey::from_text("short"), Err(VaultError::NotAKey)));
    }
}
