//! Kills and power cuts: what was acknowledged is there, byte for byte, whatever happened to the process and to its disk.
//!
//! | file | what it holds |
//! |---|---|
//! | `kills` | a process that appends is killed, over and over |
//! | `power` | the disk under it loses power, over and over; and the control, a disk whose syncs do nothing |
//! | `disk` | that disk: a file system in memory that forgets what was not synced |
//! | `child` | the process: this test binary, run again with orders |
//! | `process` | starting it, hearing what it acknowledges, ending it; what a history ever acknowledged |
//! | `events` | the events: each a pure function of a seed and its number, so that they can be compared |
//! | `check` | what must hold afterwards |
//! | `settings` | how many faults are tried, and the seed |
//! | `tally` | the table of what was tried |
//!
//! After every fault, in a process of its own: the store opens; the chain of hashes verifies and leads to the head; the
//! positions have no gap; every event of the log is one that was sent, as it was sent, once; every acknowledged event stands
//! where its acknowledgement said; what is sent again is a duplicate of itself; and, after every few faults and at the end of
//! each history, the views answer what they answer after a replay.
//!
//! # What it has found
//!
//! * *The data folder itself was lost.* Every file and folder inside was synced, and nobody had synced the folder above, which
//!   holds its name: with the power cut in a young store, 614 of 614 acknowledged events were gone, keys and all. `Folder::at` syncs it now.
//! * *A start that was stopped early could never be made again.* `master.key` was made first and written then; stopped in
//!   between (the fifth operation of the first start), the store said forever after that the master key is not written as
//!   one. The same with the head of the vault's `keys`. Both get their names now once they are written and synced.
//! * *So with sled's own files*, stopped before its `conf` was there, or with a `conf` that was not synced. The log is
//!   made under another name now, which becomes `log` once all of it is durable.
//!
//! * *A torn key kept the store from opening.* Of the keys that were written last and not synced yet, the power cut left some
//!   whole behind others that were torn; only torn ones at the very end had been thought of. No event was sealed with them.
//! * *The views were ahead of themselves after a kill.* fjall keeps the end of its journal in the process, and drops and writes
//!   out tables at once: killed behind a rebuild, the store took tables that had been dropped for empty ones and answered
//!   that there are no events. Every batch is handed to the system now before it counts, and a table that is not there means a
//!   rebuild.
//! * *The views said something else after a power cut than after a replay* (295 customers and 289): tables were at different
//!   events, and nothing told. Views that were open when the machine went down are rebuilt now.
//!
//! The first-start ones do not come up by killing at random: the moments are a few of some hundred operations. They came up
//! when the power was cut before each operation of a first start in turn.

mod check;
mod child;
mod dice;
mod disk;
mod events;
mod kills;
mod power;
mod process;
mod settings;
mod tally;
