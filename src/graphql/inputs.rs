//! What callers send: look-ups, filters, pages, events.

use async_graphql::{Error, ID, InputObject, OneofObject, Result};
use serde_json::{Map, Value as Json};

use super::errors::{bad_argument, invalid, unknown_word};
use super::node_id::NodeId;
use super::scalars::{ChannelScalar, DateTime};
use super::words::{Direction, Feedback};
use crate::engine::Lookup;
use crate::event::text::folded;
use crate::event::{Flat, Kind, SubjectId, nearest};
use crate::timeline::{Cursor, EventFilter, PageArgs, TimelineFilter};

/// Entries of a page when the caller says nothing.
const USUAL_PAGE: usize = 20;
/// Most entries of one page.
pub(super) const LARGEST_PAGE: usize = 1000;

/// By what a customer is asked for: exactly one of these.
#[derive(Clone, Debug, OneofObject)]
pub enum CustomerLookup {
    /// The id of a customer, or of any of their strands.
    Id(ID),
    /// An identifier, as a person would write it.
    Identifier(IdentifierInput),
    /// The protocol number of one of their cases.
    Protocol(String),
    /// One of their contacts, as its source calls it. When sources use the same id for several customers the answer is the error
    /// `CONFLICT`.
    Contact(ID),
}

/// An identifier.
#[derive(Clone, InputObject)]
pub struct IdentifierInput {
    /// `phone`, `email`, `cpf`, `crm`, or any other kind.
    pub kind: String,
    /// Its value in any usual way of writing: `(11) 98765-4321` finds `+5511987654321`.
    pub value: String,
}

impl std::fmt::Debug for IdentifierInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IdentifierInput({})", self.kind)
    }
}

impl CustomerLookup {
    /// The look-up in the terms of the store.
    pub(super) fn read(self, field: &str) -> Result<Lookup> {
        Ok(match self {
            Self::Id(id) => Lookup::Subject(subject(&id, field)?),
            Self::Identifier(IdentifierInput { kind, value }) => Lookup::Identifier { kind, value },
            Self::Protocol(protocol) => Lookup::Protocol(short("by.protocol", protocol)?),
            Self::Contact(ID(contact)) => Lookup::Contact(short("by.contact", contact)?),
        })
    }
}

/// Bytes of the longest text that anything is looked for by.
const LONGEST_ASKED: usize = 1_024;

/// A text to look for something by.
pub(super) fn short(field: &str, text: String) -> Result<String> {
    if text.len() > LONGEST_ASKED {
        let reason = format!("has {} bytes, the limit is {LONGEST_ASKED}", text.len());
        return Err(bad_argument(field, reason, "send what an agent would type"));
    }
    Ok(text)
}

/// The strand that an id of a customer stands for.
pub(super) fn subject(id: &ID, field: &str) -> Result<SubjectId> {
    match id.parse() {
        Ok(NodeId::Customer(subject)) => Ok(subject),
        Ok(NodeId::Event(_)) | Err(()) => {
            Err(bad_argument(field, "is no id of a customer", "send an id as it was given, `customer_…`"))
        }
    }
}

/// Which entries of a timeline. What is left out lets everything through.
#[derive(Clone, Debug, Default, InputObject)]
pub struct TimelineFilterInput {
    /// In one of these channels.
    channels: Option<Vec<ChannelScalar>>,
    /// Of one of these kinds: `message.sent`.
    kinds: Option<Vec<String>>,
    /// That give one of these feedbacks.
    feedback: Option<Vec<Feedback>>,
    /// This way.
    direction: Option<Direction>,
    /// From this moment on.
    from: Option<DateTime>,
    /// Before this moment.
    to: Option<DateTime>,
    /// With these words in a personal field; case and accents do not count.
    text: Option<String>,
    /// Of this case.
    case: Option<ID>,
    /// Of this conversation.
    conversation: Option<ID>,
}

impl TimelineFilterInput {
    pub(super) fn read(self) -> Result<TimelineFilter> {
        Ok(TimelineFilter {
            channels: self.channels.into_iter().flatten().map(|channel| channel.0).collect(),
            kinds: kinds(self.kinds)?,
            feedback: self.feedback.into_iter().flatten().map(Into::into).collect(),
            direction: self.direction.map(Into::into),
            from: self.from.map(|at| at.0),
            to: self.to.map(|at| at.0),
            text: self.text.filter(|text| !text.trim().is_empty()).map(|text| folded(text.trim())),
            case: self.case.map(|id| id.0),
            conversation: self.conversation.map(|id| id.0),
        })
    }
}

/// Which events of the log. What is left out lets everything through.
#[derive(Clone, Debug, Default, InputObject)]
pub struct EventFilterInput {
    /// Of one of these kinds: `feedback.given`.
    kinds: Option<Vec<String>>,
    /// In one of these channels.
    channels: Option<Vec<ChannelScalar>>,
    /// That give one of these feedbacks.
    feedback: Option<Vec<Feedback>>,
    /// From one of these systems.
    sources: Option<Vec<String>>,
    /// From this moment on.
    from: Option<DateTime>,
    /// Before this moment.
    to: Option<DateTime>,
}

impl EventFilterInput {
    pub(super) fn read(self) -> Result<EventFilter> {
        Ok(EventFilter {
            kinds: kinds(self.kinds)?,
            channels: self.channels.into_iter().flatten().map(|channel| channel.0).collect(),
            feedback: self.feedback.into_iter().flatten().map(Into::into).collect(),
            sources: self.sources.unwrap_or_default(),
            from: self.from.map(|at| at.0),
            to: self.to.map(|at| at.0),
        })
    }
}

/// Kinds by wire name, with or without the `novelo.` of CloudEvents.
fn kinds(given: Option<Vec<String>>) -> Result<Vec<String>> {
    let known: Vec<&str> = Kind::ALL.iter().map(|info| info.name).collect();
    let each = |kind: String| {
        let name = kind.strip_prefix("novelo.").unwrap_or(&kind);
        match Kind::named(name) {
            Some(info) => Ok(info.name.to_owned()),
            None => Err(unknown_word("filter.kinds", name, &known)),
        }
    };
    given.into_iter().flatten().map(each).collect()
}

/// A page's size from `first`, `last` or neither.
pub(super) fn page_size(field: &str, size: Option<i32>) -> Result<usize> {
    let Some(size) = size else { return Ok(USUAL_PAGE) };
    match usize::try_from(size) {
        Ok(size) if size <= LARGEST_PAGE => Ok(size),
        Ok(_) => Err(bad_argument(
            field,
            format!("is {size}, the limit is {LARGEST_PAGE}"),
            "ask for smaller pages and go on with `pageInfo`",
        )),
        Err(_) => Err(bad_argument(field, format!("is {size}"), "send a number from 0")),
    }
}

/// A timeline page's arguments: `first` counts from the oldest end, `last` from the newest; with neither, the newest 20.
pub(super) fn timeline_page(
    first: Option<i32>,
    after: Option<&str>,
    last: Option<i32>,
    before: Option<&str>,
) -> Result<PageArgs> {
    if first.is_some() && last.is_some() {
        return Err(bad_argument("first", "stands beside `last`", "send one of them"));
    }
    let from_end = first.is_none() && (last.is_some() || after.is_none());
    let size = page_size(if from_end { "last" } else { "first" }, first.or(last))?;
    Ok(PageArgs { size, from_end, after: cursor("after", after)?, before: cursor("before", before)? })
}

fn cursor(field: &str, text: Option<&str>) -> Result<Option<Cursor>> {
    let parse = |text: &str| {
        text.parse::<Cursor>().map_err(|problem| {
            let text = problem.to_string();
            let (what, help) = text.split_once("; ").unwrap_or((&text, ""));
            bad_argument(field, what, help)
        })
    };
    text.map(parse).transpose()
}

/// An event to record: as in CloudEvents, with the envelope's, the clear and the personal fields in `data`.
#[derive(Clone, InputObject)]
pub struct EventInput {
    /// The source's own id; the same id again is no new event.
    id: String,
    /// The system it comes from.
    source: String,
    /// What happened: `message.sent`, or a type of your own.
    kind: String,
    /// The strongest identifier; others go into `data.identifiers` as `kind:value`.
    subject: Option<IdentifierInput>,
    /// When it happened.
    time: DateTime,
    /// Envelope, clear and personal fields, flat.
    data: Option<Json>,
}

impl EventInput {
    /// The event in the flat form that every way in shares.
    pub(super) fn read(self, index: usize) -> Result<Flat> {
        let data = match self.data {
            None | Some(Json::Null) => Map::new(),
            Some(Json::Object(map)) => map,
            Some(_) => return Err(bad_argument(&format!("events[{index}].data"), "is no object", "send an object")),
        };
        let known = self.kind.strip_prefix("novelo.").unwrap_or(&self.kind);
        let kind = match Kind::named(known) {
            Some(info) => format!("novelo.{}", info.name),
            None => match nearest(known, Kind::ALL.iter().map(|info| info.name)) {
                // A slip would be recorded as a type of one's own, and what belongs to the kind not be sealed as what it is.
                Some(meant) if is_a_slip(known, meant) => {
                    let shown: String = known.chars().take(64).collect();
                    let help =
                        format!("did you mean `{meant}`? a type of your own begins with a name of yours: acme.{shown}");
                    return Err(bad_argument(
                        &format!("events[{index}].kind"),
                        format!("`{shown}` is not in the vocabulary"),
                        help,
                    ));
                }
                _ => self.kind,
            },
        };
        let subject = self.subject.map(|identifier| format!("{}:{}", identifier.kind, identifier.value));
        Ok(Flat { id: self.id, source: self.source, kind, subject, time: Some(self.time.0.to_string()), data })
    }
}

/// Whether a kind was most likely meant to be another: as many words, and no more than two letters apart from it in length.
fn is_a_slip(given: &str, meant: &str) -> bool {
    given.matches('.').count() == meant.matches('.').count() && given.len().abs_diff(meant.len()) <= 2
}

/// The error of one event of a request.
pub(super) fn invalid_event(index: usize, problem: crate::event::Invalid) -> Error {
    invalid(&problem.under(&format!("events[{index}]")))
}
