//! Layout 1. Frozen: what is here has been written to disk.
//!
//! bincode's standard configuration: little-endian, variable-length integers. Vocabulary is stored as numbers, and as
//! a number with a name where it is open; clear fields of a kind as tagged scalars, so that a later release can add some.

use std::borrow::Cow;

use bincode::{BorrowDecode, Encode, config};

use super::{CodecError, Parts};
use crate::event::actor::{Actor, Direction};
use crate::event::channel::Channel;
use crate::event::draft::Event;
use crate::event::field::Scalar;
use crate::event::header::{Dimensions, Header};
use crate::event::identifier::{Identifier, IdentifierKind, Strand};
use crate::event::ids::{EventId, Position, Revision, SubjectId};
use crate::event::kind::Kind;
use crate::event::names::{
    ActorId, CampaignId, CaseId, ContactId, ConversationId, Department, NotAName, Source, Stage, Touchpoint, Word,
};
use crate::event::personal::Personal;
use crate::event::time::Micros;

/// A number of a vocabulary, and the name where the vocabulary is open.
type Named<'a> = (u8, Option<&'a str>);

#[derive(Encode, BorrowDecode)]
struct WireEvent<'a> {
    revision: u64,
    id: [u8; 16],
    strand: WireStrand<'a>,
    also: Vec<WireStrand<'a>>,
    occurred_at: i64,
    source: &'a str,
    actor: Named<'a>,
    channel: Named<'a>,
    direction: u8,
    contact: Option<&'a str>,
    conversation: Option<&'a str>,
    case: Option<&'a str>,
    campaign: Option<&'a str>,
    touchpoint: Option<&'a str>,
    department: Option<&'a str>,
    stage: Option<&'a str>,
    dimensions: Vec<(&'a str, &'a str)>,
    kind: u16,
    fields: Vec<(u8, WireScalar<'a>)>,
    sealed: &'a [u8],
}

#[derive(Encode, BorrowDecode)]
struct WireStrand<'a> {
    kind: Named<'a>,
    subject: [u8; 16],
}

#[derive(Encode, BorrowDecode)]
enum WireScalar<'a> {
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(&'a str),
    List(Vec<&'a str>),
}

#[derive(Encode, BorrowDecode)]
struct WirePersonal<'a> {
    identifiers: Vec<(Named<'a>, &'a str)>,
    text: Option<&'a str>,
    headline: Option<&'a str>,
    attachments: Vec<&'a str>,
    value_json: Option<&'a str>,
}

/// The identifier kinds that have a number; 0 stands for any other, by name. Only ever added to.
const IDENTIFIER_KINDS: &[(u8, IdentifierKind)] = &[
    (1, IdentifierKind::PHONE),
    (2, IdentifierKind::WHATSAPP),
    (3, IdentifierKind::EMAIL),
    (4, IdentifierKind::CPF),
    (5, IdentifierKind::CNPJ),
    (6, IdentifierKind::CRM),
    (7, IdentifierKind::ACCOUNT),
    (8, IdentifierKind::ADDRESS),
    (9, IdentifierKind::DEVICE),
    (10, IdentifierKind::COOKIE),
    (11, IdentifierKind::ANONYMOUS),
];

fn wire_kind(kind: &IdentifierKind) -> Named<'_> {
    match IDENTIFIER_KINDS.iter().find(|(_, known)| known == kind) {
        Some((code, _)) => (*code, None),
        None => (0, Some(kind.as_str())),
    }
}

fn identifier_kind(wire: Named<'_>) -> Result<IdentifierKind, CodecError> {
    match wire {
        (0, Some(name)) => text(name, IdentifierKind::new),
        (code, None) => IDENTIFIER_KINDS
            .iter()
            .find(|(known, _)| *known == code)
            .map(|(_, kind)| kind.clone())
            .ok_or(CodecError::Broken("an identifier kind has an unknown number")),
        (_, Some(_)) => Err(CodecError::Broken("an identifier kind has a number and a name")),
    }
}

fn wire_strand(strand: &Strand) -> WireStrand<'_> {
    WireStrand { kind: wire_kind(&strand.kind), subject: strand.subject.0 }
}

fn strand(wire: &WireStrand<'_>) -> Result<Strand, CodecError> {
    Ok(Strand { kind: identifier_kind(wire.kind)?, subject: SubjectId(wire.subject) })
}

fn wire_actor(actor: &Actor) -> Named<'_> {
    match actor {
        Actor::Customer => (0, None),
        Actor::Agent(id) => (1, Some(id.as_str())),
        Actor::Bot(id) => (2, Some(id.as_str())),
        Actor::System(id) => (3, Some(id.as_str())),
    }
}

fn actor(wire: Named<'_>) -> Result<Actor, CodecError> {
    match wire {
        (0, None) => Ok(Actor::Customer),
        (1, Some(id)) => text(id, ActorId::new).map(Actor::Agent),
        (2, Some(id)) => text(id, ActorId::new).map(Actor::Bot),
        (3, Some(id)) => text(id, ActorId::new).map(Actor::System),
        _ => Err(CodecError::Broken("an actor has an unknown number")),
    }
}

fn channel((code, name): Named<'_>) -> Result<Channel, CodecError> {
    let name = name.map(|name| text(name, Word::new)).transpose()?;
    Channel::from_code(code, name).ok_or(CodecError::Broken("a channel has an unknown number"))
}

fn wire_scalar<'a>(scalar: &'a Scalar<'a>) -> WireScalar<'a> {
    match scalar {
        Scalar::Bool(value) => WireScalar::Bool(*value),
        Scalar::Unsigned(value) => WireScalar::Unsigned(*value),
        Scalar::Signed(value) => WireScalar::Signed(*value),
        Scalar::Float(value) => WireScalar::Float(*value),
        Scalar::Text(value) => WireScalar::Text(value),
        Scalar::List(items) => WireScalar::List(items.clone()),
    }
}

fn scalar(wire: WireScalar<'_>) -> Scalar<'_> {
    match wire {
        WireScalar::Bool(value) => Scalar::Bool(value),
        WireScalar::Unsigned(value) => Scalar::Unsigned(value),
        WireScalar::Signed(value) => Scalar::Signed(value),
        WireScalar::Float(value) => Scalar::Float(value),
        WireScalar::Text(value) => Scalar::Text(Cow::Borrowed(value)),
        WireScalar::List(items) => Scalar::List(items),
    }
}

/// A short string that was valid when it was written.
fn text<T>(text: &str, parse: impl Fn(&str) -> Result<T, NotAName>) -> Result<T, CodecError> {
    parse(text).map_err(|_| CodecError::Broken("a short string is not valid"))
}

fn opt<T>(name: Option<&str>, parse: impl Fn(&str) -> Result<T, NotAName>) -> Result<Option<T>, CodecError> {
    name.map(|name| text(name, parse)).transpose()
}

/// Appends what bincode makes of `value`.
fn append<T: Encode>(value: &T, bytes: &mut Vec<u8>) {
    // Writing to memory cannot fail for the types above: lengths are known and nothing is locked.
    if let Err(problem) = bincode::encode_into_std_write(value, bytes, config::standard()) {
        tracing::error!(%problem, "a wire struct could not be laid down");
    }
}

/// How much room a record may ask for: an event of 1 MB whose every character takes six in JSON, and its clear part.
const ROOM_BYTES: usize = 16 * 1024 * 1024;

/// Reads a whole value; bytes left over are a mistake. A damaged length must not make room for what never comes.
fn read<'a, T: BorrowDecode<'a, ()>>(bytes: &'a [u8]) -> Result<T, CodecError> {
    match bincode::borrow_decode_from_slice(bytes, config::standard().with_limit::<ROOM_BYTES>()) {
        Ok((value, used)) if used == bytes.len() => Ok(value),
        Ok(_) => Err(CodecError::Broken("there are bytes left over")),
        Err(_) => Err(CodecError::Broken("it ends early or holds an impossible value")),
    }
}

pub(super) fn encode_into(parts: &Parts<'_>, bytes: &mut Vec<u8>) {
    let header = parts.header;
    let scalars = parts.kind.scalars();
    let (channel, channel_name) = header.channel.code();
    let wire = WireEvent {
        revision: parts.revision.0,
        id: header.id.0,
        strand: wire_strand(parts.strand),
        also: parts.also.iter().map(wire_strand).collect(),
        occurred_at: header.occurred_at.0,
        source: header.source.as_str(),
        actor: wire_actor(&header.actor),
        channel: (channel, channel_name.map(Word::as_str)),
        direction: header.direction.code(),
        contact: header.contact.as_ref().map(ContactId::as_str),
        conversation: header.conversation.as_ref().map(ConversationId::as_str),
        case: header.case.as_ref().map(CaseId::as_str),
        campaign: header.campaign.as_ref().map(CampaignId::as_str),
        touchpoint: header.touchpoint.as_ref().map(Touchpoint::as_str),
        department: header.department.as_ref().map(Department::as_str),
        stage: header.stage.as_ref().map(Stage::as_str),
        dimensions: header.dimensions.iter().collect(),
        kind: parts.kind.info().code,
        fields: scalars.iter().map(|(tag, value)| (*tag, wire_scalar(value))).collect(),
        sealed: parts.sealed,
    };
    append(&wire, bytes);
}

/// What lies before the sealed part, which comes last, and its length.
pub(super) fn clear_part(body: &[u8], sealed_bytes: usize) -> &[u8] {
    let length_bytes = number_bytes(sealed_bytes as u64);
    body.get(..body.len().saturating_sub(sealed_bytes + length_bytes)).unwrap_or_default()
}

/// Puts zeros in the place of the subjects of an event's strands.
pub(super) fn blank_strands(body: &mut [u8], event: &Event) {
    let mut at = number_bytes(event.revision.0) + event.header.id.0.len();
    let mut blank = |strand: &Strand, at: &mut usize| {
        let name_bytes = match wire_kind(&strand.kind) {
            (_, None) => 0,
            (_, Some(name)) => number_bytes(name.len() as u64) + name.len(),
        };
        // The number of the kind, and whether it has a name.
        *at += 2 + name_bytes;
        if let Some(subject) = body.get_mut(*at..*at + strand.subject.0.len()) {
            subject.fill(0);
        }
        *at += strand.subject.0.len();
    };
    blank(&event.strand, &mut at);
    at += number_bytes(event.also.len() as u64);
    event.also.iter().for_each(|strand| blank(strand, &mut at));
}

/// How many bytes bincode's integers of variable length take.
fn number_bytes(number: u64) -> usize {
    match number {
        0..=250 => 1,
        251..=0xffff => 3,
        0x1_0000..=0xffff_ffff => 5,
        _ => 9,
    }
}

/// The event without what is sealed of it, and that.
pub(super) fn decode(position: Position, recorded_at: Micros, body: &[u8]) -> Result<(Event, &[u8]), CodecError> {
    let wire: WireEvent<'_> = read(body)?;
    let pairs = wire.dimensions.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let header = Header {
        id: EventId(wire.id),
        occurred_at: Micros(wire.occurred_at),
        source: text(wire.source, Source::new)?,
        actor: actor(wire.actor)?,
        channel: channel(wire.channel)?,
        direction: Direction::from_code(wire.direction)
            .ok_or(CodecError::Broken("a direction has an unknown number"))?,
        contact: opt(wire.contact, ContactId::new)?,
        conversation: opt(wire.conversation, ConversationId::new)?,
        case: opt(wire.case, CaseId::new)?,
        campaign: opt(wire.campaign, CampaignId::new)?,
        touchpoint: opt(wire.touchpoint, Touchpoint::new)?,
        department: opt(wire.department, Department::new)?,
        stage: opt(wire.stage, Stage::new)?,
        dimensions: Dimensions::new(pairs).map_err(|_| CodecError::Broken("the dimensions are not valid"))?,
    };
    let scalars: Vec<(u8, Scalar<'_>)> = wire.fields.into_iter().map(|(tag, value)| (tag, scalar(value))).collect();
    let event = Event {
        position,
        revision: Revision(wire.revision),
        recorded_at,
        strand: strand(&wire.strand)?,
        also: wire.also.iter().map(strand).collect::<Result<_, _>>()?,
        header,
        kind: Kind::from_scalars(wire.kind, &scalars).map_err(CodecError::Kind)?,
        sealed: Vec::new(),
    };
    Ok((event, wire.sealed))
}

pub(super) fn encode_personal_into(personal: &Personal, bytes: &mut Vec<u8>) {
    let value_json = personal.value.as_ref().map(ToString::to_string);
    let wire = WirePersonal {
        identifiers: personal.identifiers.iter().map(|i| (wire_kind(i.kind()), i.value())).collect(),
        text: personal.text.as_deref(),
        headline: personal.headline.as_deref(),
        attachments: personal.attachments.iter().map(String::as_str).collect(),
        value_json: value_json.as_deref(),
    };
    append(&wire, bytes);
}

pub(super) fn decode_personal(body: &[u8]) -> Result<Personal, CodecError> {
    let wire: WirePersonal<'_> = read(body)?;
    let identifier = |(kind, value): &(Named<'_>, &str)| {
        Identifier::from_normal_form(identifier_kind(*kind)?, *value)
            .map_err(|_| CodecError::Broken("an identifier is not valid"))
    };
    let value = wire.value_json.map(serde_json::from_str).transpose();
    Ok(Personal {
        identifiers: wire.identifiers.iter().map(identifier).collect::<Result<_, _>>()?,
        text: wire.text.map(str::to_owned),
        headline: wire.headline.map(str::to_owned),
        attachments: wire.attachments.into_iter().map(str::to_owned).collect(),
        value: value.map_err(|_| CodecError::Broken("a JSON value is not valid"))?,
    })
}
