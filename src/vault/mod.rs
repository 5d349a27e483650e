//! Floor 1. Keys of subjects: seal, open, shred.
//!
//! Every subject has a key of its own, 256 bits, random. The personal part of an event is sealed with it before it reaches
//! the log; whoever destroys the key has erased the person, in every copy. Keys lie outside log and views, in a file of fixed
//! slots that are overwritten in place, each wrapped by the master key. The cipher is AES-256-GCM-SIV (RFC 8452), which
//! stays safe if a nonce should ever repeat.
//!
//! | file | what is in it |
//! |---|---|
//! | `installation` | the installation's secret, wrapped: subject ids and blind indexes are derived from it |
//! | `keys` | a slot per subject: its key, wrapped, or the mark that it was destroyed |
//! | `destroyed` | whose keys were destroyed, in order: an old backup of the keys does not bring them back |

mod backup;
mod check;
mod cipher;
mod destroyed;
mod error;
mod installation;
mod master;
mod new_file;
mod slot;
mod store;

pub use backup::{KeysBackup, KeysCount, backup_keys, is_keys_backup};
pub use check::{CheckedKeys, check_installation, check_keys, require_installation};
pub use cipher::SubjectKey;
pub use destroyed::{Destroyed, read_destroyed};
pub use error::VaultError;
pub use installation::{DerivedKey, Secret};
pub use master::MasterKey;
pub use slot::{Found, Slot, SlotState};
pub use store::{KeyState, SlotIndex, Vault, count_slots};
