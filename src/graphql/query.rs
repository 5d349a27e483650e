//! Questions.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Context, ID, Interface, Object, Result, SimpleObject};

use super::connections::EventConnection;
use super::customer::Customer;
use super::errors::{bad_argument, of_engine};
use super::event::Event;
use super::inputs::{CustomerLookup, EventFilterInput, page_size, short};
use super::node_id::NodeId;
use super::room::Shown;
use super::scalars::{DateTime, PositionScalar};
use super::search::CustomerConnection;
use super::status::{LogStatus, ProjectionStatus};
use crate::engine::{Lookup, Novelo, Picture};
use crate::event::Position;
use crate::playbook::Playbook;

/// How long `atLeast` waits for the views.
const WAIT_AT_MOST: Duration = Duration::from_secs(5);

/// Anything with an id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The node's id."))]
pub enum Node {
    /// A customer.
    Customer(Arc<Customer>),
    /// An event.
    Event(Arc<Event>),
}

/// The store, from a request's context.
pub(super) fn store<'a>(ctx: &Context<'a>) -> Result<&'a Arc<Novelo>> {
    ctx.data::<Arc<Novelo>>()
}

/// The picture of a request: taken at its first question, the same for all of them. And what its answer holds.
#[derive(Debug, Default)]
pub struct RequestPicture(tokio::sync::OnceCell<Arc<Picture>>, Shown);

impl RequestPicture {
    /// What the answer holds; to be kept as long as the answer is.
    #[must_use]
    pub fn shown(&self) -> &Shown {
        &self.1
    }
}

/// The picture that a question is answered from; at least as new as `at_least`.
pub(super) async fn picture(ctx: &Context<'_>, at_least: Option<Position>) -> Result<Arc<Picture>> {
    let store = store(ctx)?;
    if let Some(position) = at_least {
        let head = store.head().next;
        if position > head {
            let reason = format!("is {position}, and the log ends at {head}: nothing was recorded there");
            return Err(bad_argument("atLeast", reason, "ask with `through` of the answer that recorded the events"));
        }
        store.wait_for(position, WAIT_AT_MOST).await.map_err(of_engine)?;
    }
    let take = || async { store.picture().map(Arc::new) };
    let shared = match ctx.data_opt::<RequestPicture>() {
        Some(request) => request.0.get_or_try_init(take).await.map_err(of_engine)?.clone(),
        None => take().await.map_err(of_engine)?,
    };
    if at_least.is_some_and(|position| shared.through() < position) {
        return take().await.map_err(of_engine);
    }
    Ok(shared)
}

/// What a code is called.
#[derive(Debug, SimpleObject)]
pub struct CodeName {
    /// What is coded: `reason`, `topic`, `department`, `fact` and the like.
    group: String,
    /// The code, as it stands in events.
    code: String,
    /// What it is called.
    name: String,
}

/// Questions.
#[derive(Debug, Default)]
pub struct Query;

/// Questions. All parts of one request are answered from the same state of the store.
#[Object(name = "StoreQuery")]
impl Query {
    /// The customer known by this id, identifier, protocol number or contact; null when nobody is.
    async fn customer(
        &self,
        ctx: &Context<'_>,
        by: CustomerLookup,
        #[graphql(desc = "A moment of recording: answers as the store would have then.")] as_of: Option<DateTime>,
        #[graphql(desc = "Waits until the answer includes all events before this position (`through` of a mutation).")]
        at_least: Option<PositionScalar>,
    ) -> Result<Option<Customer>> {
        let by = by.read("by.id")?;
        let picture = picture(ctx, at_least.map(|position| position.0)).await?;
        let found = picture.customer(&by, as_of.map(|at| at.0));
        let found = found.map_err(|cause| of_engine(cause.under("by.identifier")))?;
        Ok(found.map(Customer::new))
    }

    /// Find customers by name, identifier or protocol (prefixes of names and protocols work).
    #[graphql(complexity = "page_complexity(first, child_complexity)")]
    async fn customers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What an agent would type.")] search: String,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
    ) -> Result<CustomerConnection> {
        let first = page_size("first", Some(first))?;
        let search = short("search", search)?;
        CustomerConnection::find(&picture(ctx, None).await?, &search, first, after.as_deref())
    }

    /// The event at a position; null when the log does not reach it.
    async fn event(&self, ctx: &Context<'_>, position: PositionScalar) -> Result<Option<Arc<Event>>> {
        let picture = picture(ctx, None).await?;
        let found = picture.event(position.0).map_err(of_engine)?;
        Ok(found.map(|found| Arc::new(Event::new(picture, found))))
    }

    /// The log itself, in order: for analysts and integrators.
    #[graphql(complexity = "page_complexity(first, child_complexity)")]
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Behind this position.")] after: Option<PositionScalar>,
        #[graphql(default = 100)] first: i32,
        filter: Option<EventFilterInput>,
    ) -> Result<EventConnection> {
        let first = page_size("first", Some(first))?;
        let filter = filter.unwrap_or_default().read()?;
        let from = after.map_or(Position::ZERO, |position| position.0.next());
        let picture = picture(ctx, None).await?;
        let page = picture.events(from, first, &filter).map_err(of_engine)?;
        let event = |found| Event::new(picture.clone(), found).counted(ctx).map(Arc::new);
        let nodes = page.events.into_iter().map(event).collect::<Result<_>>()?;
        Ok(EventConnection { picture, filter, nodes, has_previous: after.is_some(), has_next: page.has_next })
    }

    /// Where every projection stands.
    async fn projections(&self, ctx: &Context<'_>) -> Result<Vec<ProjectionStatus>> {
        Ok(store(ctx)?.projections().into_iter().map(ProjectionStatus).collect())
    }

    /// Where the log stands.
    async fn log(&self, ctx: &Context<'_>) -> Result<LogStatus> {
        LogStatus::of(store(ctx)?)
    }

    /// What codes are called in a language, or the one that is nearest to it: `pt-BR`, `en`, `es`. They stand in the playbook.
    async fn names(&self, ctx: &Context<'_>, #[graphql(default = "en")] language: String) -> Result<Vec<CodeName>> {
        let owned = |(group, code, name): (&str, &str, &str)| CodeName {
            group: group.into(),
            code: code.into(),
            name: name.into(),
        };
        Ok(ctx.data::<Arc<Playbook>>()?.names().all(&language).map(owned).collect())
    }

    /// The customers' time zone, such as `America/Sao_Paulo`: whose days and hours are meant.
    async fn timezone(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(store(ctx)?.time_zone().to_owned())
    }

    /// Anything with an id.
    async fn node(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Node>> {
        let picture = picture(ctx, None).await?;
        match id.parse() {
            Ok(NodeId::Customer(subject)) => {
                let found = picture.customer(&Lookup::Subject(subject), None).map_err(of_engine)?;
                Ok(found.map(|customer| Node::Customer(Arc::new(Customer::new(customer)))))
            }
            Ok(NodeId::Event(position)) => {
                let found = picture.event(position).map_err(of_engine)?;
                Ok(found.map(|found| Node::Event(Arc::new(Event::new(picture, found)))))
            }
            Err(()) => Err(bad_argument("id", "is no id of this store", "send an id as it was given")),
        }
    }
}

/// What a page costs: its size times what each entry costs.
pub(super) fn page_complexity(size: i32, child: usize) -> usize {
    usize::try_from(size).unwrap_or(0).max(1).saturating_mul(child.max(1)) / 10 + 1
}
