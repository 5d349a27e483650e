//! # Novelo
//!
//! The event-sourced unified customer-timeline store: every contact that a customer has with a company, whatever the
//! channel, goes into one append-only log; everything else is derived from it and can be thrown away.
//!
//! ## The map of the house
//!
//! A file imports only from floors below its own (a test checks it).
//!
//! | floor | room | what it is for | what it must not know |
//! |---|---|---|---|
//! | 0 | [`event`] | what can happen: ids, kinds, envelope, codec | any I/O, any clock |
//! | 1 | [`log`] | the truth: chunks, hash chain, sled | what is in an event |
//! | 1 | [`vault`] | keys of subjects: seal, open, shred | what is sealed |
//! | 1 | [`views`] | derived rows with their checkpoint | what the rows mean |
//! | 1 | [`written`] | TOML that people write, with the place of everything and all mistakes at once | what it says |
//! | 2 | [`archive`] | the log a second time, in segment files elsewhere | what is in an event, whose keys they are |
//! | 2 | [`proof`] | signed checkpoints, and that an event was in the log | what is in an event |
//! | 2 | [`identity`] | normal forms of identifiers, rules, the graph of strands | timelines |
//! | 2 | [`timeline`] | rows in time order, paging, filters | who a customer is |
//! | 2 | [`context`] | the fold of a customer | where events come from |
//! | 2 | [`tally`] | analyses: expressions, groups, measures | where events come from |
//! | 3 | [`engine`] | writer, projector, broadcast; the façade `Novelo` | formats and protocols |
//! | 3 | [`playbook`] | how to treat a customer now: conditions over the context, texts | where the context comes from |
//! | 4 | [`ingest`] | CloudEvents, CSV by a mapping, export; tables in Parquet files | HTTP |
//! | 5 | [`graphql`] | types, queries, mutations, subscriptions, limits | HTTP |
//! | 5 | [`panel`] | the pages of an agent's desktop, as bytes | HTTP |
//! | 6 | [`http`] | the server | the command line |
//! | 7 | [`cli`] | commands and configuration | |

pub mod archive;
pub mod cli;
pub mod context;
pub mod engine;
pub mod event;
pub mod graphql;
pub mod http;
pub mod identity;
pub mod ingest;
pub mod log;
pub mod panel;
pub mod playbook;
pub mod proof;
pub mod tally;
pub mod timeline;
pub mod vault;
pub mod views;
pub mod written;
