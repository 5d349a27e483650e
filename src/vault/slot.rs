//! A slot of the keys' file: 96 bytes, overwritten in place.
//!
//! | bytes | what |
//! |---|---|
//! | 0 | state: 0 free, 1 live, 2 destroyed |
//! | 1 | layout: 1 |
//! | 2..8 | zero |
//! | 8..24 | the subject |
//! | 24..36 | nonce |
//! | 36..84 | the key, wrapped by the master key, bound to the subject and the slot's number; zero when destroyed |
//! | 84..96 | the first bytes of the BLAKE3 hash of the slot's number and all before |

use super::cipher::{Bits, Cipher, NONCE_BYTES, WRAPPED_BYTES, random_nonce, unwrap, wrap};
use super::error::VaultError;
use crate::event::SubjectId;

/// Bytes of a slot.
pub(super) const SLOT_BYTES: usize = 96;
const CHECK_AT: usize = 84;
const LAYOUT: u8 = 1;

/// The number of a slot, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u64);

/// What a slot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotState {
    /// A key.
    Live,
    /// The mark that the key was destroyed.
    Destroyed,
}

/// A slot that was found in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its number.
    pub slot: Slot,
    /// Whose it is.
    pub subject: SubjectId,
    /// What it holds.
    pub state: SlotState,
}

/// The bytes of a slot.
pub(super) struct SlotBytes(pub(super) [u8; SLOT_BYTES]);

/// What a key is bound to: whose it is, and where it lies.
fn bound_to(slot: Slot, subject: &SubjectId) -> [u8; 24] {
    let mut bound = [0; 24];
    let parts = subject.as_bytes().iter().chain(&slot.0.to_le_bytes()).copied().collect::<Vec<u8>>();
    bound.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
    bound
}

impl SlotBytes {
    /// A slot with a key.
    pub(super) fn live(slot: Slot, subject: &SubjectId, key: &Bits, master: &Cipher) -> Result<Self, VaultError> {
        let nonce = random_nonce();
        let wrapped = wrap(master, &nonce, key, &bound_to(slot, subject))?;
        Ok(Self::build(slot, 1, subject, &nonce, &wrapped))
    }

    /// A slot whose key was destroyed.
    pub(super) fn destroyed(slot: Slot, subject: &SubjectId) -> Self {
        Self::build(slot, 2, subject, &[0; NONCE_BYTES], &[0; WRAPPED_BYTES])
    }

    fn build(slot: Slot, state: u8, subject: &SubjectId, nonce: &[u8], wrapped: &[u8]) -> Self {
        let body = [&[state, LAYOUT, 0, 0, 0, 0, 0, 0], subject.as_bytes().as_slice(), nonce, wrapped].concat();
        let mut bytes = [0; SLOT_BYTES];
        let check = check(slot, &body);
        bytes.iter_mut().zip(body.iter().chain(&check)).for_each(|(to, from)| *to = *from);
        Self(bytes)
    }

    /// Whether nothing was ever written here.
    pub(super) fn is_free(&self) -> bool {
        self.0.iter().all(|byte| *byte == 0)
    }

    /// Whose it is and what it holds.
    pub(super) fn read(&self, slot: Slot) -> Result<Found, VaultError> {
        let broken = |reason| VaultError::Slot { slot: slot.0, reason };
        let (body, found) = self.0.split_at(CHECK_AT);
        if check(slot, body) != found {
            return Err(broken("its check does not fit"));
        }
        let state = match self.0.first() {
            Some(1) => SlotState::Live,
            Some(2) => SlotState::Destroyed,
            _ => return Err(broken("its state is unknown")),
        };
        let subject = body.get(8..24).and_then(SubjectId::from_slice).ok_or(broken("it is too short"))?;
        Ok(Found { slot, subject, state })
    }

    /// The key.
    pub(super) fn key(&self, slot: Slot, master: &Cipher) -> Result<Bits, VaultError> {
        let broken = |reason| VaultError::Slot { slot: slot.0, reason };
        let found = self.read(slot)?;
        let nonce = self.0.get(24..36).and_then(|bytes| bytes.try_into().ok()).ok_or(broken("it is too short"))?;
        let wrapped = self.0.get(36..84).and_then(|bytes| bytes.try_into().ok()).ok_or(broken("it is too short"))?;
        unwrap(master, nonce, wrapped, &bound_to(slot, &found.subject)).ok_or(broken("its key does not unwrap"))
    }
}

fn check(slot: Slot, body: &[u8]) -> [u8; SLOT_BYTES - CHECK_AT] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&slot.0.to_le_bytes()).update(body);
    let mut check = [0; SLOT_BYTES - CHECK_AT];
    hasher.finalize_xof().fill(&mut check);
    check
}
