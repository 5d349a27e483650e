//! What callers change. Every change is an event.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Context, ID, Object, Result, SimpleObject};

use super::customer::Customer;
use super::errors::{Code, bad_argument, error, of_engine, of_record, of_refusal};
use super::inputs::{CustomerLookup, EventInput, invalid_event, subject};
use super::query::store;
use super::scalars::PositionScalar;
use super::status::ProjectionStatus;
use crate::engine::{self, Expect, Lookup, Novelo, Outcome, Refusal, Said};
use crate::event::limits::BATCH_EVENTS;
use crate::event::{Draft, Micros, Position, Revision, Unfiled};

/// How long a mutation waits for the views to hold what it recorded.
const WAIT_AT_MOST: Duration = Duration::from_secs(5);

/// What became of recorded events.
#[derive(Debug, SimpleObject)]
pub struct RecordPayload {
    /// How many are new.
    recorded: usize,
    /// How many were stored before.
    duplicates: usize,
    /// How many of both are filed under no customer: they name nobody, or only by placeholders such as 00000000000.
    anonymous: usize,
    /// Where each stands in the log, in the order sent.
    positions: Vec<PositionScalar>,
    /// Ask with `atLeast` this position to see them.
    through: PositionScalar,
}

/// What callers change.
#[derive(Debug, Default)]
pub struct Mutation;

/// What callers change. Every change is an event, and durable when it is answered.
#[Object(name = "StoreMutation")]
impl Mutation {
    /// Append events, all or nothing. The answer says which were new; the same id again is no error.
    async fn record(
        &self,
        ctx: &Context<'_>,
        events: Vec<EventInput>,
        #[graphql(
            desc = "How many events the one subject of all of them has so far; refused with CONFLICT otherwise."
        )]
        expected_revision: Option<i32>,
    ) -> Result<RecordPayload> {
        let store = store(ctx)?;
        let drafts = read_events(store, events)?;
        let expected = match expected_revision.map(u64::try_from) {
            None => None,
            Some(Ok(revision)) => Some(Revision(revision)),
            Some(Err(_)) => return Err(bad_argument("expectedRevision", "is negative", "send a number from 0")),
        };
        record_all(store, drafts, expected).await
    }

    /// Say that two customers are one. Both sides' events stay where they are; `unlinkCustomers` undoes it.
    async fn link_customers(
        &self,
        ctx: &Context<'_>,
        a: CustomerLookup,
        b: CustomerLookup,
        #[graphql(desc = "Why, for whoever asks later.")] because: String,
        #[graphql(desc = "Which agent says it: the actor of the event.")] agent: Option<String>,
        #[graphql(
            desc = "Your own id of it: the same again records nothing more and is answered alike, with other content it is refused."
        )]
        id: Option<String>,
    ) -> Result<Customer> {
        let store = store(ctx)?;
        let (a, b) = (a.read("a")?, b.read("b")?);
        if store.is_same(&a, &b) {
            return Err(bad_argument(
                "b",
                "is the same as `a`",
                "name the other customer, by any of their identifiers",
            ));
        }
        let said = Said { because: &because, agent: agent.as_deref(), id: id.as_deref() };
        record_said(store, "a", || {
            let (a, b) = (find(store, &a, "a")?, find(store, &b, "b")?);
            store.link(&a, &b, said).map_err(of_engine)
        })
        .await?;
        again(store, &a, "a").await
    }

    /// Say that a strand is not this customer's, for good: no automatic rule links them again.
    async fn unlink_customers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The strand that leaves: a `linked[].subject`.")] subject: ID,
        #[graphql(desc = "The customer that it leaves, or another of their strands.")] from: ID,
        #[graphql(desc = "Why, for whoever asks later.")] because: String,
        #[graphql(desc = "Which agent says it: the actor of the event.")] agent: Option<String>,
        #[graphql(
            desc = "Your own id of it: the same again records nothing more and is answered alike, with other content it is refused."
        )]
        id: Option<String>,
    ) -> Result<Vec<Customer>> {
        let store = store(ctx)?;
        let (leaving, staying) = (self::subject(&subject, "subject")?, self::subject(&from, "from")?);
        let said = Said { because: &because, agent: agent.as_deref(), id: id.as_deref() };
        record_said(store, "subject", || store.unlink(&leaving, &staying, said).map(Some).map_err(of_engine)).await?;
        let (leaving, staying) = (Lookup::Subject(leaving), Lookup::Subject(staying));
        Ok(vec![again(store, &staying, "from").await?, again(store, &leaving, "subject").await?])
    }

    /// Build a projection anew beside the one that serves, from the first event on; it takes over when it has caught up.
    async fn rebuild_projection(&self, ctx: &Context<'_>, name: String) -> Result<ProjectionStatus> {
        let store = store(ctx)?;
        store.rebuild(Some(&name)).map_err(of_engine)?;
        let mut all = store.projections().into_iter();
        let status = all.find(|status| status.name == name);
        status
            .map(ProjectionStatus)
            .ok_or_else(|| error(Code::NotFound, "there is no such projection", "see `projections`"))
    }
}

/// Reads and files events; the first that does not fit refuses all.
fn read_events(store: &Novelo, events: Vec<EventInput>) -> Result<Vec<Draft>> {
    if events.len() > BATCH_EVENTS {
        let reason = format!("has {} entries, the limit is {BATCH_EVENTS}", events.len());
        return Err(bad_argument("events", reason, "send several requests, or import a file"));
    }
    let now = Micros::now();
    let read = |(index, event): (usize, EventInput)| {
        let unfiled = Unfiled::read(event.read(index)?).map_err(|problem| invalid_event(index, problem))?;
        store.filing().file(unfiled, now).map_err(|problem| invalid_event(index, problem))
    };
    events.into_iter().enumerate().map(read).collect()
}

/// Records all or none, and waits until they can be read.
async fn record_all(store: &Novelo, drafts: Vec<Draft>, expected: Option<Revision>) -> Result<RecordPayload> {
    let anonymous = drafts.iter().filter(|draft| draft.is_anonymous()).count();
    let outcomes = store.try_record(drafts, Expect::All(expected)).await.map_err(|cause| of_record(&cause))?;
    let mut payload =
        RecordPayload { recorded: 0, duplicates: 0, anonymous, positions: Vec::new(), through: Position::ZERO.into() };
    let refused =
        |outcome: &(usize, &Outcome)| matches!(outcome.1, Outcome::Refused(r) if *r != engine::Refusal::Together);
    if let Some((index, Outcome::Refused(refusal))) = outcomes.iter().enumerate().find(refused) {
        return Err(of_refusal(&format!("events[{index}]"), refusal));
    }
    for outcome in &outcomes {
        match outcome {
            Outcome::Recorded(position) => {
                payload.recorded += 1;
                payload.positions.push((*position).into());
            }
            Outcome::Duplicate(position) => {
                payload.duplicates += 1;
                payload.positions.push((*position).into());
            }
            Outcome::Refused(refusal) => return Err(of_refusal("events[0]", refusal)),
        }
    }
    let last = payload.positions.iter().map(|position| position.0).max();
    payload.through = last.map_or(Position::ZERO, Position::next).into();
    Ok(payload)
}

/// The customer that an argument names; none is an error here.
fn find(store: &Novelo, by: &Lookup, field: &str) -> Result<engine::Customer> {
    let picture = Arc::new(store.picture().map_err(of_engine)?);
    let found = picture.customer(by, None).map_err(|cause| of_engine(cause.under(&format!("{field}.identifier"))))?;
    found.ok_or_else(|| error(Code::NotFound, format!("{field}: nobody is known by it"), "look the customer up first"))
}

/// Records what is said of two customers, when there is anything to record. One that was sent twice at once may find its twin
/// stored after it was looked for: then it is said anew, as what it is, a repeat. `filed` is the argument that it is filed under.
async fn record_said(
    store: &Novelo,
    filed: &str,
    draft: impl Fn() -> Result<Option<Draft>> + Send + Sync,
) -> Result<()> {
    for is_last in [false, true] {
        let Some(draft) = draft()? else { break };
        let outcomes = store.try_record(vec![draft], Expect::All(None)).await.map_err(|cause| of_record(&cause))?;
        match outcomes.first() {
            Some(Outcome::Refused(Refusal::Conflict { position, .. })) if !is_last => {
                store.wait_for(position.next(), WAIT_AT_MOST).await.map_err(of_engine)?;
            }
            Some(Outcome::Refused(refusal @ Refusal::Conflict { .. })) => return Err(of_refusal("id", refusal)),
            Some(Outcome::Refused(refusal)) => return Err(of_refusal(filed, refusal)),
            Some(Outcome::Recorded(_) | Outcome::Duplicate(_)) | None => break,
        }
    }
    Ok(())
}

/// A customer with everything that is recorded by now.
async fn again(store: &Novelo, by: &Lookup, field: &str) -> Result<Customer> {
    store.wait_for(store.head().next, WAIT_AT_MOST).await.map_err(of_engine)?;
    Ok(Customer::new(find(store, by, field)?))
}
