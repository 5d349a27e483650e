//! The one integration binary: what can be said of the crate as a whole, from outside.
//!
//! | file | what it holds |
//! |---|---|
//! | `floors` | a room imports from below alone; outside crates stay in their rooms; nothing speaks of other hosts |
//! | `demo` | the demonstration answers as the README says |
//! | `durability` | kills, views that are gone, a log that is gone, true fsync |
//! | `linking` | customers are linked, separated and seen as they were |
//! | `privacy` | no plain personal text on disk |
//! | `real_data` | real exports against the counts of another program |
//! | `fixtures` | records that an earlier release wrote are still read, and the numbers of the vocabulary still mean the same |
//! | `fuzz_smoke` | no bytes make a decoder panic, and what it takes goes there and back |

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests stop the test, as the tests themselves do"
)]

mod demo;
mod digest;
mod durability;
mod fixtures;
mod floors;
mod fuzz_smoke;
mod linking;
mod privacy;
mod program;
mod real_data;
