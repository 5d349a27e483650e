//! Floor 5. The API: types, queries, mutations, subscriptions, limits, errors.
//!
//! The schema is generated from this code; `graphql/schema.graphql` at the top of the repository is its text, and a test
//! keeps it true. Nothing here knows HTTP: [`carry_out`] takes a request and gives the answer as JSON,
//! [`subscribe`] gives one answer after the other.
//!
//! One file for each idea: [`Query`](query::Query), [`Mutation`](mutation::Mutation) and
//! [`Subscription`](subscription::Subscription) are the ways in, `customer` and
//! `event` what is shown, `inputs` what callers send, `errors` what they get when it does not fit.

mod admit;
pub mod analyses;
mod answer;
pub mod connections;
pub mod customer;
pub mod customer_numbers;
pub mod customer_parts;
mod errors;
pub mod event;
mod form;
pub mod inputs;
pub mod mutation;
mod node_id;
mod prepared;
pub mod query;
mod room;
pub mod scalars;
pub mod search;
mod shape;
pub mod status;
pub mod subscription;
mod summary;
pub mod words;

use std::sync::Arc;

use async_graphql::{MergedObject, MergedSubscription, SchemaBuilder, ValidationMode};

use crate::engine::Novelo;
use crate::playbook::Playbook;

pub use answer::{Operation, carry_out, failure, operation, subscribe};
pub use query::RequestPicture;
pub use room::Shown;

/// Questions. All parts of one request are answered from the same state of the store; analyses from theirs, which `through` tells.
#[derive(Debug, Default, MergedObject)]
#[graphql(name = "Query")]
pub struct Questions(query::Query, analyses::AnalysisQuery);

/// What callers change. Every change of a customer is an event; all are durable when they are answered.
#[derive(Debug, Default, MergedObject)]
#[graphql(name = "Mutation")]
pub struct Changes(mutation::Mutation, analyses::AnalysisMutation);

/// What goes on. A customer whom nobody knows yet is waited for.
#[derive(Debug, Default, MergedSubscription)]
#[graphql(name = "Subscription")]
pub struct Goings(subscription::Subscription, analyses::AnalysisSubscription);

/// The API as the library has it.
type Served = async_graphql::Schema<Questions, Changes, Goings>;

/// The API over a store.
#[derive(Clone)]
pub struct Schema {
    /// Checks a document by all rules of the specification before it is carried out.
    checking: Served,
    /// For what was valid before: checks only how deep it is and what it costs.
    trusting: Served,
}

/// How deep a query may be nested.
pub const MOST_DEPTH: usize = 12;
/// What a query may cost: every field costs 1, and a page as much as its entries, by tens.
pub const MOST_COMPLEXITY: usize = 5_000;

/// The API over this store, with its limits. `guidance` comes from the playbook.
#[must_use]
pub fn schema(novelo: Arc<Novelo>, playbook: Arc<Playbook>) -> Schema {
    let room = Arc::new(room::Room::default());
    let served = |mode| {
        let builder = builder().data(novelo.clone()).data(playbook.clone()).data(room.clone());
        builder.limit_depth(MOST_DEPTH).limit_complexity(MOST_COMPLEXITY).validation_mode(mode).finish()
    };
    Schema { checking: served(ValidationMode::Strict), trusting: served(ValidationMode::Fast) }
}

/// The schema's text, as it stands in `graphql/schema.graphql`.
#[must_use]
pub fn sdl() -> String {
    let options = async_graphql::SDLExportOptions::new().sorted_enum_items();
    builder().finish().sdl_with_options(options)
}

fn builder() -> SchemaBuilder<Questions, Changes, Goings> {
    async_graphql::Schema::build(Questions::default(), Changes::default(), Goings::default())
}
