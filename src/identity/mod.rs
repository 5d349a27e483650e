//! Floor 2. Identifiers: normal forms, rules, and the graph of strands.
//!
//! Every identifier is a strand: a kind and a normalised value, of which the [`IdentityKey`] makes a subject. A customer is
//! the set of strands that are linked. Links come from events: one that names several identifiers is evidence, and an
//! agent or an import may say so outright. [`IdentityRules`] decide which evidence links on its own and which only
//! suggests; an unlink separates for good, as far as evidence goes.
//!
//! | file | what it is for |
//! |---|---|
//! | [`IdentityRules`] | which kinds there are, how strong, how many, shared, what is junk |
//! | `normal/` | normal forms: telephone numbers, e-mail, CPF and CNPJ, texts |
//! | [`Filing`] | from identifiers as sent to a filed draft |
//! | [`IdentityKey`] | from an identifier to its subject |
//! | `graph` | the spanning forest of strands, with its history (pure) |
//! | `linking` | what one event does to the graph (pure) |
//! | [`Edges`] | the graph as rows |
//! | [`Strands`], [`Lookups`], [`Names`] | rows to find strands by |

mod edges;
mod filing;
mod graph;
mod key;
mod linking;
mod lookup;
mod names;
mod normal;
mod owners;
mod rules;
mod strands;

pub use edges::{EdgeRows, Edges, Suggestion, are_apart, component, lasting, suggestions};
pub use filing::Filing;
pub use graph::{Link, Member};
pub use key::IdentityKey;
pub use lookup::{Lookups, strands_of_contact, strands_of_protocol, strands_of_protocol_prefix};
pub use names::{BlindKey, NAME, NameSearch, Names, Opener};
pub use owners::{Links, Owners};
pub use rules::IdentityRules;
pub use strands::{StrandRow, Strands};

/// The tables whose keys are strands: their rows change whenever a strand, its events or its links do.
pub const TABLES_BY_STRAND: [&str; 2] = [strands::TABLE, edges::NODES];
