//! The log in sled 0.34.7: one tree that is only ever appended to.
//!
//! Key: the position of a chunk's first record and the number of the part, big-endian. Value: the chunk, or a part of it where
//! it is large. A commit is one atomic batch and one flush.
//!
//! What was measured of this release of sled, and is met here:
//! * its flush is not durable as shipped; see [`true_fsync`];
//! * values of 7 KB and more go to files that it does not sync: larger chunks are split ([`parts`]);
//! * a new database has no snapshot, without which a truncated file opens silently empty: it is reopened once ([`open`]);
//! * while it opens damaged files it writes over good events behind the damage: what it may write over is kept first
//!   ([`before`]);
//! * opening or reading damaged files may panic: all of it is behind a guard ([`guard`]);
//! * after a failed write the handle stays in error and reads may show a part of the failed batch: the failure is final for
//!   the handle, and nothing behind the last good head is read.

mod before;
mod fsync;
mod guard;
mod log;
mod open;
mod parts;
mod scavenge;

pub use fsync::true_fsync;
pub use log::SledLog;
pub use parts::stored_form;
pub use scavenge::FileSource;
