//! An event, as an entry of a timeline or of the log.

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use serde_json::Value as Json;
use tokio::sync::OnceCell;

use super::errors::of_engine;
use super::node_id::NodeId;
use super::room::{Shown, note_shown};
use super::scalars::{ChannelScalar, DateTime, PositionScalar};
use super::summary::{code, separated, summary};
use super::words::{Direction, Redaction};
use crate::engine::{Customer, Picture};
use crate::event::{self, Kind, Personal, flat};
use crate::playbook::Playbook;
use crate::timeline::{Entry, Stored};

/// An event and the picture that it is shown in. Its personal part is opened once, when something asks for it.
pub struct Event {
    picture: Arc<Picture>,
    stored: Stored,
    opened: OnceCell<Option<Personal>>,
    parted: bool,
    shown: OnceLock<Shown>,
    /// Bytes of it that are noted as shown already.
    counted: AtomicUsize,
}

/// Who did it.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct Actor {
    /// `customer`, `agent`, `bot` or `system`.
    kind: &'static str,
    /// Which agent, bot or system.
    id: Option<String>,
}

impl Event {
    /// An entry of a picture.
    #[must_use]
    pub fn new(picture: Arc<Picture>, stored: impl Into<Stored>) -> Self {
        Self {
            picture,
            stored: stored.into(),
            opened: OnceCell::new(),
            parted: false,
            shown: OnceLock::new(),
            counted: AtomicUsize::new(0),
        }
    }

    /// The same, its record noted as a part of the answer: entries of pages are many.
    pub(super) fn counted(self, ctx: &Context<'_>) -> Result<Self> {
        let bytes = self.stored.0.record().len();
        note_shown(ctx, &self.shown, bytes)?;
        Ok(Self { counted: AtomicUsize::new(bytes), ..self })
    }

    /// Notes that so many bytes of it are shown. Once they are in its record.
    fn note(&self, ctx: &Context<'_>, bytes: usize) -> Result<()> {
        note_shown(ctx, &self.shown, bytes.saturating_sub(self.counted.swap(0, Ordering::Relaxed)))
    }

    /// An entry of a customer's timeline. A separation is filed under the strand that left: on the side that stays it is told by the
    /// link, which holds no more.
    pub(super) fn of(customer: &Customer, stored: Stored) -> Self {
        let parted = customer.has_parted(&stored.1);
        Self { parted, ..Self::new(customer.picture().clone(), stored) }
    }

    /// The entry's place in its timeline.
    #[must_use]
    pub fn entry(&self) -> &Entry {
        &self.stored.0
    }

    fn event(&self) -> &event::Event {
        &self.stored.1
    }

    async fn personal(&self) -> Result<Option<&Personal>> {
        let open = || async { self.picture.open(self.event()) };
        Ok(self.opened.get_or_try_init(open).await.map_err(of_engine)?.as_ref())
    }
}

/// An entry of the timeline. `summary` is one line in the viewer's language; `text` is null when there is none, or when it
/// was erased or masked, and then `redaction` says which.
#[Object(serial)]
impl Event {
    /// The node's id.
    pub async fn id(&self) -> ID {
        NodeId::Event(self.event().position).into()
    }

    /// The id by which other events name it, as `note.unpinned` does: the same in every store that has it.
    async fn event_id(&self) -> String {
        self.event().header.id.to_string()
    }

    /// Where it stands in the log.
    async fn position(&self) -> PositionScalar {
        self.event().position.into()
    }

    /// What happened, by wire name: `message.sent`.
    async fn kind(&self) -> &'static str {
        self.event().kind.name()
    }

    /// When it happened at its source.
    async fn occurred_at(&self) -> DateTime {
        self.event().header.occurred_at.into()
    }

    /// When it was stored.
    async fn recorded_at(&self) -> DateTime {
        self.event().recorded_at.into()
    }

    /// In which channel; `other(none)` when in none.
    async fn channel(&self) -> ChannelScalar {
        (&self.event().header.channel).into()
    }

    /// Which way it went.
    async fn direction(&self) -> Direction {
        self.event().header.direction.into()
    }

    /// Who did it.
    async fn actor(&self) -> Actor {
        let actor = &self.event().header.actor;
        Actor { kind: actor.kind(), id: actor.id().map(ToString::to_string) }
    }

    /// The system it came from.
    async fn source(&self) -> &str {
        self.event().header.source.as_str()
    }

    /// The customer, by the strand that it is filed under.
    async fn customer_id(&self) -> ID {
        NodeId::Customer(self.event().strand.subject).into()
    }

    /// One handling in one channel, as its source calls it.
    async fn contact(&self) -> Option<ID> {
        self.event().header.contact.as_ref().map(|id| ID(id.to_string()))
    }

    /// Contacts that belong together.
    async fn conversation(&self) -> Option<ID> {
        self.event().header.conversation.as_ref().map(|id| ID(id.to_string()))
    }

    /// The matter raised.
    async fn case(&self) -> Option<ID> {
        self.event().header.case.as_ref().map(|id| ID(id.to_string()))
    }

    /// The campaign.
    async fn campaign(&self) -> Option<ID> {
        self.event().header.campaign.as_ref().map(|id| ID(id.to_string()))
    }

    /// Where in the journey.
    async fn touchpoint(&self) -> Option<&str> {
        self.event().header.touchpoint.as_ref().map(AsRef::as_ref)
    }

    /// Which area owns it.
    async fn department(&self) -> Option<&str> {
        self.event().header.department.as_ref().map(AsRef::as_ref)
    }

    /// The stage of the journey.
    async fn stage(&self) -> Option<&str> {
        self.event().header.stage.as_ref().map(AsRef::as_ref)
    }

    /// One line in the viewer's language: `pt-BR`, `en` or `es`. Codes have the names that the playbook gives them.
    async fn summary(&self, ctx: &Context<'_>, #[graphql(default = "en")] language: String) -> Result<String> {
        let line = summary(self.event(), &language, ctx.data::<Arc<Playbook>>()?.names());
        Ok(if self.parted { format!("{line} ({})", separated(&language)) } else { line })
    }

    /// The code in the summary as its source gave it; null when there is none.
    async fn code(&self) -> Option<&str> {
        code(self.event()).map(|(_, code)| code)
    }

    /// The words: a message, a note, a comment, a description; what was told, when it is a text or a number.
    async fn text(&self, ctx: &Context<'_>) -> Result<Option<Cow<'_, str>>> {
        let Some(personal) = self.personal().await? else { return Ok(None) };
        if let (Kind::FactTold(_), Some(told)) = (&self.event().kind, &personal.value) {
            self.note(ctx, personal.size_bytes())?;
            return Ok(told
                .as_str()
                .map(Cow::Borrowed)
                .or_else(|| told.as_number().map(|told| told.to_string().into())));
        }
        self.note(ctx, personal.text.as_ref().map_or(0, String::len))?;
        Ok(personal.text.as_deref().map(Cow::Borrowed))
    }

    /// Envelope, clear and personal fields, as in CloudEvents `data`.
    async fn data(&self, ctx: &Context<'_>) -> Result<Json> {
        let personal = self.personal().await?;
        self.note(ctx, personal.map_or(0, Personal::size_bytes))?;
        let mut data = flat::show(self.event(), personal);
        if let Kind::IdentityLinked(_) | Kind::IdentityUnlinked(_) = self.event().kind
            && let Some(other) = self.event().also.first()
        {
            data.insert("other".into(), NodeId::Customer(other.subject).to_string().into());
        }
        Ok(Json::Object(data))
    }

    /// Why the personal fields are missing, when they are.
    async fn redaction(&self) -> Result<Option<Redaction>> {
        Ok(self.personal().await?.is_none().then_some(Redaction::Erased))
    }

    /// BLAKE3 of the stored record, in hexadecimal: what the log's chain of hashes is made of.
    async fn hash(&self) -> String {
        self.stored.0.hash().to_string()
    }
}
