//! What goes on: a customer, and their timeline, followed.

use async_graphql::{Context, Error, Result, Subscription};
use futures_util::{Stream, stream};

use super::customer::Customer;
use super::errors::{bad_argument, of_engine};
use super::event::Event;
use super::inputs::CustomerLookup;
use super::query::store;
use super::scalars::PositionScalar;
use crate::engine::EngineError;

/// What goes on.
#[derive(Debug, Default)]
pub struct Subscription;

/// What goes on. A customer whom nobody knows yet is waited for.
#[Subscription(name = "StoreSubscription")]
impl Subscription {
    /// The entries of one customer's timeline, once each, in the order of their positions: history first, then as they are
    /// stored.
    ///
    /// When strands are linked, the entries of those that join come before the event that links them. Go on over a broken
    /// connection with the highest `position` received as `after`: none is missed then, and none comes twice, unless the
    /// connection broke while the entries of a strand that joined were coming; those come again. Nobody being known by the
    /// look-up yet is no error: their entries come once somebody is.
    async fn timeline(
        &self,
        ctx: &Context<'_>,
        by: CustomerLookup,
        #[graphql(desc = "Only what the timeline did not hold with the event at this position.")] after: Option<
            PositionScalar,
        >,
    ) -> Result<impl Stream<Item = Result<Event>> + use<>> {
        let store = store(ctx)?;
        let (by, after) = (by.read("by.id")?, after.map(|position| position.0));
        let head = store.head().next;
        if let Some(position) = after.filter(|position| *position >= head) {
            let reason = format!("is {position}, and the log ends at {head}: nothing was recorded there");
            return Err(bad_argument("after", reason, "send the highest `position` that you have, or leave it out"));
        }
        let live = store.live_timeline(by, after).map_err(of_look_up)?;
        Ok(stream::try_unfold(live, |mut live| async move {
            let next = live.next().await.map_err(of_engine)?;
            Ok(next.map(|(picture, found)| (Event::new(picture, found), live)))
        }))
    }

    /// The customer at once, and again whenever something about them has changed: their events, their links. What happens while
    /// an answer is on its way comes together in the next. Nobody being known by the look-up yet is no error: the customer
    /// comes once somebody is.
    async fn customer(
        &self,
        ctx: &Context<'_>,
        by: CustomerLookup,
    ) -> Result<impl Stream<Item = Result<Customer>> + use<>> {
        let changes = store(ctx)?.changes(by.read("by.id")?).map_err(of_look_up)?;
        Ok(stream::try_unfold(changes, |mut changes| async move {
            let next = changes.next().await.map_err(of_engine)?;
            Ok(next.map(|customer| (Customer::new(customer), changes)))
        }))
    }
}

fn of_look_up(cause: EngineError) -> Error {
    of_engine(cause.under("by.identifier"))
}
