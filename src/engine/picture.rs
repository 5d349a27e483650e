//! One consistent picture of everything, for answering one question.

use std::sync::Arc;

use super::courtesy::Guest;
use super::customer::Customer;
use super::error::EngineError;
use super::living::living;
use super::novelo::Shared;
use super::slots::Slots;
use crate::event::{Event, EventId, IdentifierKind, Invalid, Micros, Personal, Position, SubjectId};
use crate::identity::{EdgeRows, StrandRow, component, strands_of_contact, strands_of_protocol};
use crate::timeline::{Entry, Merged, Span};
use crate::vault::KeyState;
use crate::views::Reader;

/// By what a customer is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// One of their strands.
    Subject(SubjectId),
    /// An identifier, as a person would write it.
    Identifier {
        /// Its kind.
        kind: String,
        /// Its value. Personal.
        value: String,
    },
    /// A case's protocol number.
    Protocol(String),
    /// A contact. When sources use its id for several customers nobody is found: [`EngineError::Ambiguous`].
    Contact(String),
}

/// The store at one moment: every answer that is made of it includes the same events.
#[derive(Debug)]
pub struct Picture {
    // The reader goes before what it reads from.
    pub(super) reader: Reader,
    pub(super) shared: Arc<Shared>,
    through: Position,
    /// Which rows serve.
    pub(super) epoch: u64,
    /// Whoever asks for it is being answered.
    _guest: Guest,
}

impl Picture {
    pub(super) fn new(shared: Arc<Shared>) -> Result<Self, EngineError> {
        let _guest = shared.courtesy.guest();
        let epoch = shared.touched.epoch();
        let reader = shared.views.reader()?;
        let through = reader.checkpoint()?.next();
        shared.condition.check_seen(through)?;
        Ok(Self { reader, shared, through, epoch, _guest })
    }

    /// All events before this position are in.
    #[must_use]
    pub fn through(&self) -> Position {
        self.through
    }

    /// The rows themselves, for projections of your own.
    #[must_use]
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The customer whom a lookup finds; `None` when nobody is known by it.
    ///
    /// `as_of` is a moment of recording: the answer is what the store would have said then.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] when the identifier is none, [`EngineError::Placeholder`] when it is nobody's,
    /// [`EngineError::Ambiguous`] when a contact is of several customers; others when the store fails.
    pub fn customer(self: &Arc<Self>, by: &Lookup, as_of: Option<Micros>) -> Result<Option<Customer>, EngineError> {
        let as_of = as_of.map(|at| Ok::<_, EngineError>((at, self.position_at(at)?))).transpose()?;
        let Some(subject) = self.subject(by, as_of.map(|(_, position)| position))? else { return Ok(None) };
        Customer::of(self.clone(), subject, as_of)
    }

    /// Every customer, each once, in the order of their ids.
    ///
    /// # Errors
    /// [`EngineError`] when the views cannot be read.
    pub fn customers(
        self: &Arc<Self>,
    ) -> Result<impl Iterator<Item = Result<Customer, EngineError>> + use<>, EngineError> {
        let picture = self.clone();
        let strands = StrandRow::all(&self.reader)?;
        Ok(strands.filter_map(move |subject| {
            let customer = subject.map_err(EngineError::from).and_then(|subject| {
                let found = Customer::of_many(picture.clone(), subject)?;
                Ok((found.id() == subject).then_some(found))
            });
            customer.transpose()
        }))
    }

    /// The strand that a lookup means, or meant after the events before a position; nothing need be known of it.
    pub(super) fn subject(&self, by: &Lookup, as_of: Option<Position>) -> Result<Option<SubjectId>, EngineError> {
        match by {
            Lookup::Subject(subject) => Ok(Some(*subject)),
            Lookup::Protocol(protocol) => self.of_protocol(protocol.trim(), as_of),
            Lookup::Contact(contact) => self.of_contact(contact.trim(), as_of),
            Lookup::Identifier { kind, value } => {
                let identifier = self.shared.filing.lookup(kind, value)?.ok_or_else(|| placeholder(kind))?;
                let shared = &self.shared;
                let (strand, _) = living(&shared.identity_key, &shared.vault, &Slots(&shared.views), &identifier)?;
                Ok(Some(strand.subject))
            }
        }
    }

    /// The strand to which a protocol number was given first, of those that were not erased when there are such.
    fn of_protocol(&self, protocol: &str, as_of: Option<Position>) -> Result<Option<SubjectId>, EngineError> {
        let strands = strands_of_protocol(&self.reader, protocol, as_of)?;
        let strands = those_or_all(strands, |strand| self.is_there_still(strand))?;
        Ok(strands.first().copied())
    }

    /// The strand that had a contact last, when all that have it are of one customer. Somebody who was nobody when the contact
    /// began is whom it named later.
    fn of_contact(&self, contact: &str, as_of: Option<Position>) -> Result<Option<SubjectId>, EngineError> {
        let mut strands = strands_of_contact(&self.reader, contact)?;
        if let Some(as_of) = as_of {
            strands = self.had_contact(&strands, contact, as_of)?;
        }
        strands = those_or_all(strands, |strand| self.is_there_still(strand))?;
        strands = those_or_all(strands, |strand| self.is_somebody(strand))?;
        let Some((newest, others)) = strands.split_first() else { return Ok(None) };
        let customer = if others.is_empty() { Vec::new() } else { component(newest, as_of, &EdgeRows(&self.reader))? };
        match others.iter().all(|other| customer.iter().any(|member| member.subject == *other)) {
            true => Ok(Some(*newest)),
            false => Err(EngineError::Ambiguous { contact: contact.to_owned() }),
        }
    }

    /// Those of some strands that had a contact after the events before a position, the one that had it last first. Which have it is
    /// known as of now alone: what was before stands in their timelines.
    fn had_contact(
        &self,
        strands: &[SubjectId],
        contact: &str,
        as_of: Position,
    ) -> Result<Vec<SubjectId>, EngineError> {
        let mut had = Vec::new();
        for strand in strands {
            let span = Span { as_of: Some(as_of), ..Span::default() };
            let mut last = None;
            for entry in Merged::forwards(&self.reader, &[*strand], span)? {
                let entry = entry?;
                if entry.event()?.header.contact.is_some_and(|id| id.as_str() == contact) {
                    last = last.max(Some(entry.position));
                }
            }
            had.extend(last.map(|last| (last, *strand)));
        }
        had.sort_unstable_by(|a, b| b.cmp(a));
        Ok(had.into_iter().map(|(_, strand)| strand).collect())
    }

    /// Whether a strand was not erased.
    fn is_there_still(&self, strand: &SubjectId) -> Result<bool, EngineError> {
        let state = self.shared.vault.key(strand, &Slots(&self.shared.views))?;
        Ok(!matches!(state, KeyState::Destroyed))
    }

    /// Whether a strand is somebody's, and not that of a contact which named nobody.
    pub(super) fn is_somebody(&self, strand: &SubjectId) -> Result<bool, EngineError> {
        let row = StrandRow::read(&self.reader, strand)?;
        Ok(row.is_none_or(|row| row.kind != IdentifierKind::ANONYMOUS.as_str()))
    }

    /// The first position that was recorded after a moment.
    ///
    /// # Errors
    /// [`EngineError`] when the log cannot be read.
    pub fn position_at(&self, at: Micros) -> Result<Position, EngineError> {
        let (mut low, mut high) = (Position::ZERO, self.through);
        while low < high {
            let middle = Position(low.0 + (high.0 - low.0) / 2);
            match self.shared.feed.log().chunk_at(middle)? {
                Some(chunk) if chunk.recorded_at() <= at => low = chunk.end().min(high),
                Some(chunk) => high = chunk.first().max(low),
                None => high = middle,
            }
        }
        Ok(low)
    }

    /// One event of the log.
    ///
    /// # Errors
    /// [`EngineError`] when the log cannot be read.
    pub fn event(&self, position: Position) -> Result<Option<(Entry, Event)>, EngineError> {
        if position >= self.through {
            return Ok(None);
        }
        let Some(chunk) = self.shared.feed.log().chunk_at(position)? else { return Ok(None) };
        let Some(record) = chunk.record(position) else { return Ok(None) };
        super::scan::decode(&chunk, position, record).map(Some)
    }

    /// The personal part of an event; `None` when its key was destroyed.
    ///
    /// # Errors
    /// [`EngineError`] when it cannot be opened for another reason.
    pub fn open(&self, event: &Event) -> Result<Option<Personal>, EngineError> {
        self.shared.open(event)
    }

    /// When the event with an id happened; `None` when it is not stored.
    ///
    /// # Errors
    /// [`EngineError`] when the store fails.
    pub(super) fn occurrence(&self, id: &EventId) -> Result<Option<Micros>, EngineError> {
        let Some(position) = self.position_of(id)? else { return Ok(None) };
        Ok(self.event(position)?.map(|(_, event)| event.header.occurred_at))
    }

    /// Where the event with an id is stored.
    ///
    /// # Errors
    /// [`EngineError`] when the store fails.
    pub fn position_of(&self, id: &EventId) -> Result<Option<Position>, EngineError> {
        Ok(super::admission::stored_in(&self.reader, id)?.filter(|position| *position < self.through))
    }
}

/// The strands that a test holds for; all of them when it holds for none. Of one there is nothing to choose, and it is not tested.
fn those_or_all(
    strands: Vec<SubjectId>,
    test: impl Fn(&SubjectId) -> Result<bool, EngineError>,
) -> Result<Vec<SubjectId>, EngineError> {
    if strands.len() < 2 {
        return Ok(strands);
    }
    let mut those = Vec::new();
    for strand in &strands {
        if test(strand)? {
            those.push(*strand);
        }
    }
    Ok(if those.is_empty() { strands } else { those })
}

/// Nobody is known by a value of a kind.
fn placeholder(kind: &str) -> EngineError {
    let reason =
        format!("is a placeholder and not the `{kind}` of anybody: events that name it are filed under nobody");
    EngineError::Placeholder(Invalid::new("value", reason, "ask by another identifier of the customer"))
}
