//! Carrying out GraphQL operations, whatever they come over: queries and mutations in their turn and in time, subscriptions
//! beside them, as many as there is room for.

use std::sync::Arc;

use async_graphql::Request;
use futures_util::StreamExt;
use futures_util::stream::{BoxStream, once};

use super::gate::Gate;
use super::refused::Refused;
use crate::graphql::{Operation, RequestPicture, Schema, Shown};

/// Answers as JSON, one after the other.
pub(super) type Answers = BoxStream<'static, String>;

/// Why an operation has no answers.
#[derive(Debug)]
pub(super) enum NotBegun {
    /// It was refused before GraphQL saw it.
    Refused(Refused),
    /// It could not be read, was not valid or went over a limit; the errors as JSON.
    Invalid(String),
}

impl From<Refused> for NotBegun {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl NotBegun {
    /// The errors as JSON.
    pub(super) fn into_json(self) -> String {
        match self {
            Self::Refused(refused) => refused.to_json(),
            Self::Invalid(errors) => errors,
        }
    }
}

/// The one answer of a query or a mutation.
pub(super) struct Answered {
    /// As JSON.
    pub(super) json: String,
    /// Whether it was carried out.
    pub(super) carried_out: bool,
    /// What it holds; to be kept as long as it is.
    pub(super) shown: Shown,
}

/// Carries out a query or a mutation when it is its turn, and gives it up when it takes too long.
pub(super) async fn in_turn(gate: &Gate, schema: &Schema, request: Request) -> Result<Answered, Refused> {
    let Ok(_turn) = gate.turn().await else {
        return Err(Refused::unavailable("too many queries are being carried out"));
    };
    let picture = RequestPicture::default();
    let shown = picture.shown().clone();
    let answer = crate::graphql::carry_out(schema, request.data(picture));
    let answer = tokio::time::timeout(gate.limits.query, answer).await;
    let (json, carried_out) = answer.map_err(|_| Refused::unavailable("the query took too long"))?;
    Ok(Answered { json, carried_out, shown })
}

/// Begins an operation of any kind: its answers, of which a query or a mutation has one.
pub(super) async fn begin(gate: &Gate, schema: &Arc<Schema>, mut request: Request) -> Result<Answers, NotBegun> {
    match crate::graphql::operation(&mut request) {
        Operation::Query | Operation::Mutation => match in_turn(gate, schema, request).await? {
            Answered { json, carried_out: true, .. } => Ok(once(async { json }).boxed()),
            Answered { json, carried_out: false, .. } => Err(NotBegun::Invalid(json)),
        },
        Operation::Subscription => subscribe(gate, schema, request),
    }
}

fn subscribe(gate: &Gate, schema: &Schema, request: Request) -> Result<Answers, NotBegun> {
    let Ok(place) = gate.subscription() else {
        return Err(Refused::unavailable("too many subscriptions are open").into());
    };
    let answers = crate::graphql::subscribe(schema, request).map_err(NotBegun::Invalid)?;
    let answers = answers.map(move |answer| {
        // It is held as long as the answers are.
        let _ = &place;
        answer
    });
    Ok(answers.boxed())
}
