//! Floor 2. Proof: signed checkpoints, and that an event was in the log when one was signed.
//!
//! The hashes of all chunks are the leaves of a Merkle tree as RFC 9162 has it (section 2.1; with BLAKE3 in the place of
//! SHA-256). A [`Checkpoint`] signs the tree's root and the log's end with ed25519 (RFC 8032). Whoever keeps one, and the public
//! key, notices any later change of what came before; and a [`Proof`] of a few hundred bytes shows that an event was in it,
//! without the rest of the log.
//!
//! | file | what is in it |
//! |---|---|
//! | `checkpoints.ndjson` | every checkpoint that was signed, one a line; only ever added to |
//! | `public-key` | the public key, in hexadecimal |
//! | `subtrees` | derived: the root of every 1024 chunks, so that a proof reads two times as many chunks, however long the log is |

mod checkpoint;
mod error;
mod inclusion;
mod notary;
mod subtrees;
mod tree;

pub use checkpoint::{Checkpoint, PublicKey, read_checkpoints};
pub use error::ProofError;
pub use inclusion::{ChunkProof, Proof, Proven};
pub use notary::{CHECKPOINTS_FILE, Notary, PUBLIC_KEY_FILE};
pub use tree::{Frontier, leaf, node, path, root, root_by_path};
