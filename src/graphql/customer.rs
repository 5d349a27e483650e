//! A customer: everything that is known of them, from one state of the store.

use std::sync::{Arc, OnceLock};

use async_graphql::{ID, Object, Result};

use super::connections::TimelineConnection;
use super::customer_numbers::{ChannelPreference, CustomerTotals, FeedbackCounts, Satisfaction};
use super::customer_parts::{
    Attribute, Case, Consent, Continuation, Fact, Guidance, Identifier, LinkSuggestion, LinkedSubject, Milestone,
    StageVisit,
};
use super::errors::of_engine;
use super::event::Event;
use super::inputs::{TimelineFilterInput, timeline_page};
use super::node_id::NodeId;
use super::query::page_complexity;
use super::room::{Shown, note_shown};
use super::scalars::{ChannelScalar, DateTime, PositionScalar};
use super::summary::{Language, channel_name};
use super::words::CaseStatus;
use crate::context::{self, Context, EventRef};
use crate::engine::{self, KnownIdentifier};
use crate::event::{IdentifierKind, Micros, Personal, SubjectId};
use crate::playbook::{Playbook, Situation};

/// A customer in a picture. The fold of their events is made once, when something asks for it.
pub struct Customer {
    inner: engine::Customer,
    context: OnceLock<Arc<Context>>,
    shown: OnceLock<Shown>,
}

impl Customer {
    /// What is shown of a customer of the store.
    pub(super) fn new(inner: engine::Customer) -> Self {
        Self { inner, context: OnceLock::new(), shown: OnceLock::new() }
    }

    /// Where a list of customers stands with this one.
    pub(super) fn cursor(&self) -> String {
        NodeId::Customer(self.inner.id()).to_string()
    }

    fn context(&self) -> Result<&Arc<Context>> {
        if let Some(context) = self.context.get() {
            return Ok(context);
        }
        let folded = self.inner.context().map_err(of_engine)?;
        Ok(self.context.get_or_init(|| folded))
    }

    /// The moment for which the answer holds.
    fn now(&self) -> Micros {
        self.inner.as_of().unwrap_or_else(Micros::now)
    }

    /// The events that references point to.
    fn events(&self, refs: &[EventRef]) -> Result<Vec<Arc<Event>>> {
        let found = self.inner.entries(refs).map_err(of_engine)?;
        let event = |pair| Arc::new(Event::new(self.inner.picture().clone(), pair));
        Ok(found.into_iter().flatten().map(event).collect())
    }

    /// A case with its sealed title opened and its events.
    fn case(&self, ctx: &async_graphql::Context<'_>, case: &context::Case) -> Result<Case> {
        let title = match &case.title {
            Some(reference) => self.inner.reveal(reference).map_err(of_engine)?.and_then(|p| p.headline),
            None => None,
        };
        note_shown(ctx, &self.shown, title.as_ref().map_or(0, String::len))?;
        Ok(Case::new(case, title, self.events(&case.events)?))
    }

    fn identifiers_of(&self, subject: &SubjectId) -> Result<Vec<Identifier>> {
        let known = self.inner.identifier(subject).map_err(of_engine)?;
        Ok(known.and_then(Identifier::of).into_iter().collect())
    }
}

/// A customer. Their strands are resolved at the moment of the question; every part is of the same state of the store.
#[Object(serial)]
impl Customer {
    /// The node's id: that of one of their strands. It finds them whatever they are linked with later.
    pub async fn id(&self) -> ID {
        NodeId::Customer(self.inner.id()).into()
    }

    /// The newest name that a profile gives.
    async fn display_name(&self) -> Result<Option<String>> {
        self.context()?;
        self.inner.display_name().map_err(of_engine)
    }

    /// What they are known by. Erased ones and contacts of nobody known are left out.
    async fn identifiers(&self) -> Result<Vec<Identifier>> {
        let mut found: Vec<KnownIdentifier> = Vec::new();
        for member in self.inner.members() {
            let known = self.inner.identifier(&member.subject).map_err(of_engine)?;
            found.extend(known.filter(|known| known.kind != IdentifierKind::ANONYMOUS.as_str()));
        }
        found.sort_by(|a, b| (a.first_seen_at, &a.kind).cmp(&(b.first_seen_at, &b.kind)));
        Ok(found.into_iter().filter_map(Identifier::of).collect())
    }

    /// What was learnt of them: demographic, risk, from other systems. The newest of each name.
    async fn attributes(&self, ctx: &async_graphql::Context<'_>, namespace: Option<String>) -> Result<Vec<Attribute>> {
        let attributes = self.context()?.attributes(namespace.as_deref());
        let open = |attribute: context::Attribute| {
            let personal = self.inner.reveal(&attribute.value).map_err(of_engine)?;
            note_shown(ctx, &self.shown, personal.as_ref().map_or(0, Personal::size_bytes))?;
            let value = personal.and_then(|p| p.value?.get(&attribute.name).cloned());
            Ok(Attribute::new(attribute, value))
        };
        attributes.into_iter().map(open).collect()
    }

    /// Where the last conversation stopped, so that it can go on here.
    async fn continuation(&self, ctx: &async_graphql::Context<'_>) -> Result<Option<Continuation>> {
        let Some(stopped) = self.context()?.continuation(self.now()) else { return Ok(None) };
        let last_messages = self.events(&stopped.last_messages)?;
        let open_case = stopped.open_case.as_ref().map(|case| self.case(ctx, case)).transpose()?;
        Ok(Some(Continuation::new(stopped, last_messages, open_case)))
    }

    /// What they already told us: do not ask again. The newest first.
    async fn facts(&self, ctx: &async_graphql::Context<'_>) -> Result<Vec<Fact>> {
        let facts = self.context()?.facts(self.now());
        let open = |fact: context::Fact| {
            let personal = self.inner.reveal(&fact.value).map_err(of_engine)?;
            note_shown(ctx, &self.shown, personal.as_ref().map_or(0, Personal::size_bytes))?;
            let value = personal.and_then(|personal| personal.value);
            Ok(Fact::new(fact, value))
        };
        facts.into_iter().map(open).collect()
    }

    /// The matters that they raised, the newest first.
    async fn cases(&self, ctx: &async_graphql::Context<'_>, status: Option<CaseStatus>) -> Result<Vec<Case>> {
        let cases = self.context()?.cases(self.now());
        let wanted = |case: &&context::Case| status.is_none_or(|status| status == case.status.into());
        cases.iter().filter(wanted).map(|case| self.case(ctx, case)).collect()
    }

    /// How they like to be reached.
    async fn channel_preference(&self) -> Result<ChannelPreference> {
        Ok(ChannelPreference(self.context()?.preference(self.now())))
    }

    /// How often they complained, suggested, praised, asked and reported, in all and by channel.
    async fn feedback(&self) -> Result<FeedbackCounts> {
        Ok(FeedbackCounts(self.context()?.feedback()))
    }

    /// What they answered in surveys, per instrument: csat, nps, ces.
    async fn satisfaction(&self) -> Result<Vec<Satisfaction>> {
        Ok(self.context()?.satisfaction().into_iter().map(Satisfaction).collect())
    }

    /// The stage of the journey that they are in.
    async fn stage(&self) -> Result<Option<StageVisit>> {
        Ok(self.context()?.stage().map(|visit| StageVisit { stage: visit.stage, since: visit.since.into() }))
    }

    /// The milestones that they reached, in the order in which they did.
    async fn milestones(&self) -> Result<Vec<Milestone>> {
        let milestone =
            |reached: context::Milestone| Milestone { name: reached.name, reached_at: reached.reached_at.into() };
        Ok(self.context()?.milestones().into_iter().map(milestone).collect())
    }

    /// What they allowed and what not, the newest word on each purpose and channel.
    async fn consents(&self) -> Result<Vec<Consent>> {
        Ok(self.context()?.consents().into_iter().map(Consent).collect())
    }

    /// Contacts, times and cases in numbers.
    async fn totals(&self) -> Result<CustomerTotals> {
        let context = self.context()?;
        Ok(CustomerTotals(context.totals()))
    }

    /// Notes that were pinned and still are, the newest first.
    async fn pinned_notes(&self) -> Result<Vec<Arc<Event>>> {
        self.events(&self.context()?.pinned_notes())
    }

    /// How to treat this customer now: the playbook's advice whose condition holds, in its order, with the reason.
    async fn guidance(
        &self,
        graphql: &async_graphql::Context<'_>,
        #[graphql(desc = "In this language, or the one that is nearest to it: `pt-BR`, `en`, `es`.", default = "en")]
        language: String,
        #[graphql(desc = "The channel of the contact that is going on.")] channel: Option<ChannelScalar>,
    ) -> Result<Vec<Guidance>> {
        let channel = channel.map(|channel| channel.0.to_string());
        let situation = Situation { context: self.context()?, now: self.now(), channel: channel.as_deref() };
        let playbook = graphql.data::<Arc<Playbook>>()?;
        Ok(playbook
            .advise(&situation, &language, &|channel| channel_name(channel, Language::of(&language)))
            .into_iter()
            .map(Into::into)
            .collect())
    }

    /// Everything that happened, oldest first. `first` pages from the oldest entry on, `last` from the newest back; with
    /// neither, the newest 20. Pages stay right while events arrive.
    #[graphql(complexity = "page_complexity(first.or(last).unwrap_or(20), child_complexity)")]
    async fn timeline(
        &self,
        ctx: &async_graphql::Context<'_>,
        #[graphql(desc = "So many from the oldest, or behind `after`.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the newest, or before `before`.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        filter: Option<TimelineFilterInput>,
    ) -> Result<TimelineConnection> {
        let args = timeline_page(first, after.as_deref(), last, before.as_deref())?;
        let filter = filter.unwrap_or_default().read()?;
        let page = self.inner.timeline(args, &filter).map_err(of_engine)?;
        let event = |pair| Event::of(&self.inner, pair).counted(ctx).map(Arc::new);
        let nodes = page.entries.into_iter().map(event).collect::<Result<_>>()?;
        Ok(TimelineConnection {
            customer: self.inner.clone(),
            filter,
            nodes,
            has_previous: page.has_previous,
            has_next: page.has_next,
        })
    }

    /// The strands that make this customer, when there is more than one, and how each was linked.
    async fn linked(&self) -> Result<Vec<LinkedSubject>> {
        let mut linked = Vec::new();
        for member in self.inner.members() {
            let Some(link) = &member.link else { continue };
            linked.push(LinkedSubject {
                subject: NodeId::Customer(member.subject).into(),
                identifiers: self.identifiers_of(&member.subject)?,
                rule: link.rule.clone(),
                linked_at: link.at.into(),
                events: self.inner.strand(&member.subject).map_err(of_engine)?.map_or(0, |row| row.events),
            });
        }
        Ok(linked)
    }

    /// Strands that may be this customer's and are not linked, the strongest evidence first.
    async fn link_suggestions(&self) -> Result<Vec<LinkSuggestion>> {
        let suggestion = |found: crate::identity::Suggestion| {
            Ok(LinkSuggestion {
                subject: NodeId::Customer(found.subject).into(),
                identifiers: self.identifiers_of(&found.subject)?,
                because: found.because,
                evidence: found.evidence,
            })
        };
        self.inner.suggestions().map_err(of_engine)?.into_iter().map(suggestion).collect()
    }

    /// Set when this is a view of the past.
    async fn as_of(&self) -> Option<DateTime> {
        self.inner.as_of().map(Into::into)
    }

    /// The log position that this answer includes: all events before it.
    async fn through(&self) -> PositionScalar {
        self.inner.through().into()
    }
}
