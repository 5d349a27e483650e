//! From an identifier to its subject: a keyed hash, the same on every node of an installation.

use crate::event::{Identifier, SubjectId};

/// Generations that are tried when a subject is to be told from its identifier.
const MOST_GENERATIONS: u32 = 64;

/// The key of the subjects of an installation.
#[derive(Clone)]
pub struct IdentityKey([u8; 32]);

impl IdentityKey {
    /// A key derived from the installation's secret for this purpose alone.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// The subject of an identifier in a generation. Generations begin with 0; each erasure begins the next.
    ///
    /// BLAKE3, keyed, over the length of the kind (one byte), the kind, the generation (four bytes, little-endian) and the
    /// normalised value; the first 16 bytes.
    #[must_use]
    pub fn subject(&self, identifier: &Identifier, generation: u32) -> SubjectId {
        let kind = identifier.kind().as_str();
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(&[u8::try_from(kind.len()).unwrap_or(u8::MAX)]);
        hasher.update(kind.as_bytes());
        hasher.update(&generation.to_le_bytes());
        hasher.update(identifier.value().as_bytes());
        let mut bytes = [0; 16];
        hasher.finalize_xof().fill(&mut bytes);
        SubjectId(bytes)
    }

    /// Whether a subject is that of an identifier, in whichever generation.
    #[must_use]
    pub fn names(&self, identifier: &Identifier, subject: &SubjectId) -> bool {
        (0..MOST_GENERATIONS).any(|generation| self.subject(identifier, generation) == *subject)
    }
}

impl std::fmt::Debug for IdentityKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdentityKey")
    }
}

impl Drop for IdentityKey {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::IdentifierKind;

    fn identifier(kind: IdentifierKind, value: &str) -> Identifier {
        Identifier::from_normal_form(kind, value).unwrap()
    }

    #[test]
    fn kind_value_generation_and_key_all_count() {
        let key = IdentityKey::new([1; 32]);
        let crm = identifier(IdentifierKind::CRM, "8812");
        let subject = key.subject(&crm, 0);
        assert_eq!(subject, key.subject(&crm, 0));
        assert_ne!(subject, key.subject(&crm, 1));
        assert_ne!(subject, key.subject(&identifier(IdentifierKind::ACCOUNT, "8812"), 0));
        assert_ne!(subject, key.subject(&identifier(IdentifierKind::CRM, "8813"), 0));
        assert_ne!(subject, IdentityKey::new([2; 32]).subject(&crm, 0));
    }

    #[test]
    fn a_subject_is_recognised_in_every_generation() {
        let key = IdentityKey::new([1; 32]);
        let crm = identifier(IdentifierKind::CRM, "8812");
        assert!(key.names(&crm, &key.subject(&crm, 3)));
        assert!(!key.names(&identifier(IdentifierKind::CRM, "1"), &key.subject(&crm, 0)));
    }
}
