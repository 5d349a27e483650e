//! The laws of the store, tried with random histories through the façade `Novelo`, each in a folder of its own.
//!
//! | file | what it holds |
//! |---|---|
//! | `sameness` | the same event twice is one event, wherever it comes again; another body under its id is refused |
//! | `admission` | the same requests in the same order leave the same log, however they fell into commits |
//! | `replay` | views that followed are those that are made anew, however the events were cut into requests |
//! | `merging` | the order of links and of arrival changes nothing; an unlink gives back what was before the link |
//! | `past` | as of any commit the store says what it said then |
//! | `pages` | pages of any size, from either end and with any filter hold exactly what is meant; "n of N" is right |
//! | `following` | who follows a timeline, and goes on after a break, has all of it, once |
//! | `erasure` | no plaintext and no key is left, the chain is whole, no total has changed |
//! | `deed`, `history` | what may happen to a few customers, as plain values; how it is cut into requests |
//! | `store`, `portrait`, `settings` | a store of a test; everything it says of a customer; how many histories are tried |
//!
//! The laws of the parts stand beside them: of the fold in `context`, of the graph in `identity`, of the log in its contract.
//!
//! A law is tried with 5 to 11 histories, all of them in some 20 seconds; `PROPTEST_CASES=500` tries each with 500. A history
//! that breaks one is made smaller and printed, a line for each deed. No file of such histories is kept: what was found
//! belongs into a test of its own, by name.

mod admission;
mod deed;
mod erasure;
mod following;
mod history;
mod merging;
mod pages;
mod past;
mod portrait;
mod replay;
mod sameness;
mod settings;
mod store;
