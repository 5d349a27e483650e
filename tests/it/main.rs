//! The one integration binary: what can be said of the crate as a whole, from outside.
//!
//! | file | what it holds |
//! |---|---|
//! | `floors` | a room imports from below alone; outside crates stay in their rooms; nothing speaks of other hosts |
//! | `demo` | the demonstration answers as the README says |
//! | `analyses` | analyses agree with another program's counts; they are defined, compared, changed and taken back |
//! | `desktop` | the agent's panel in a real browser: shown, used by keyboard alone, accessible, fast, embedded |
//! | `supervision` | the pages of supervisors and analysts in a real browser: the journey map, the day, and analyses |
//! | `desktop_actions` | what an agent does in it while calls come in |
//! | `durability` | kills, views that are gone, a log that is gone, true fsync |
//! | `crash` | kills and power cuts at any moment lose nothing that was acknowledged |
//! | `faults` | a full disk, damaged files, two processes at once |
//! | `backup` | archive, backup and restore: all of it, up to a position or a moment, damaged, and after an erasure |
//! | `laws` | what must always hold, tried with random histories: duplicates, replay, merging, the past, pages, erasure, admission |
//! | `messages` | a command that cannot be carried out says what to do, never a bare error of the system |
//! | `round_trip` | an export comes in again as the same customers, totals and contexts |
//! | `tables` | DuckDB and Polars read the tables of an export: the same rows and totals as the store says, personal data on request only |
//! | `linking` | customers are linked, separated and seen as they were |
//! | `privacy` | no plain personal text on disk |
//! | `proof` | checkpoints are signed and met again, events are proven with the public key alone, what was changed is refused |
//! | `real_data` | real exports against the counts of another program |
//! | `real_desktop` | the panel's operations over them |
//! | `live` | what is sent to those who follow a customer: every entry once, whatever breaks in between |
//! | `live_socket` | the protocol over WebSocket and event streams: what is refused, and with which code |
//! | `live_clients` | independent clients talk to the server, and an audit of GraphQL over HTTP passes |
//! | `graphql_http` | GraphQL over HTTP, as its specification says |
//! | `schema_file` | the schema that is kept is the one that is served; every operation that is kept is carried out |
//! | `bad_input` | each kind of bad input has a clear answer of its own, and the good part is taken |
//! | `metrics` | `/metrics` is well-formed and counts what happened |
//! | `paging` | pages and counts stay right while events arrive |
//! | `panel` | the pages as they are served: types, policies, who may embed them |
//! | `pressure` | who is too many, too slow or too large is told so or cut off; the others are answered, and nothing is lost |
//! | `fixtures` | records that an earlier release wrote are still read, and the numbers of the vocabulary still mean the same |
//! | `generate` | the synthetic events of the examples are taken whole, and are the same every time |
//! | `fuzz_targets` | the same for cursors, chunks, mappings, rows, expressions and requests, in time; what was found is tried again |
//! | `fuzz_smoke` | no bytes make a decoder panic, and what it takes goes there and back |

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests stop the test, as the tests themselves do"
)]

mod analyses;
mod backup;
mod bad_input;
mod browser;
#[cfg(target_os = "linux")]
mod crash;
mod demo;
mod desktop;
mod desktop_actions;
mod digest;
mod durability;
mod faults;
mod fixtures;
mod floors;
mod fuzz_smoke;
mod fuzz_targets;
mod generate;
mod graphql_http;
mod laws;
mod linking;
mod listener;
mod live;
mod live_clients;
mod live_socket;
mod messages;
mod metrics;
mod nobody;
mod paging;
mod panel;
mod place;
mod playbook;
mod pressure;
mod privacy;
mod program;
mod proof;
mod real_data;
mod real_desktop;
mod round_trip;
mod schema_file;
mod server;
mod story;
mod supervision;
mod tables;
