//! What an event says when it leaves the store: one that names strands which were in the store already names them by their
//! identifiers, for the strands' own ids mean something here alone.

use super::error::EngineError;
use super::picture::Picture;
use crate::context::EventRef;
use crate::event::{Event, Identifier, Personal, Position, SubjectId};
use crate::identity::StrandRow;
use crate::timeline::{Entry, Merged, Span};

impl Picture {
    /// The personal part of an event as another store can take it in: what an agent said of two strands is told of their
    /// identifiers. `None` when its key was destroyed; without identifiers when one of them was.
    ///
    /// # Errors
    /// [`EngineError`] when the store fails.
    pub fn open_portable(&self, event: &Event) -> Result<Option<Personal>, EngineError> {
        let Some(mut personal) = self.open(event)? else { return Ok(None) };
        if personal.identifiers.is_empty() && !event.also.is_empty() {
            let strands = [&event.strand].into_iter().chain(&event.also);
            let named: Result<Option<Vec<_>>, _> = strands.map(|strand| self.identifier(&strand.subject)).collect();
            personal.identifiers = named?.unwrap_or_default();
        }
        Ok(Some(personal))
    }

    /// The identifier of a strand, read from an event that names it; `None` when there is none or it was erased.
    fn identifier(&self, subject: &SubjectId) -> Result<Option<Identifier>, EngineError> {
        let Some(row) = StrandRow::read(&self.reader, subject)? else { return Ok(None) };
        self.identifier_of(&row, subject, None)
    }

    /// The same, of a strand whose row was read; of what was known after the events before a position.
    pub(super) fn identifier_of(
        &self,
        row: &StrandRow,
        subject: &SubjectId,
        as_of: Option<Position>,
    ) -> Result<Option<Identifier>, EngineError> {
        let (subject_named_under, occurred_at, position) = row.named_by();
        let personal = self.reveal(&EventRef { subject: subject_named_under, occurred_at, position })?;
        let is_it = |identifier: &&Identifier| self.shared.identity_key.names(identifier, subject);
        let named_in = |personal: Personal| personal.identifiers.iter().find(is_it).cloned();
        match personal.and_then(named_in) {
            Some(identifier) => Ok(Some(identifier)),
            None => self.own_events_name(subject, as_of, named_in),
        }
    }

    /// What the strand's own events call it, for when the event that named it first was another's, who was erased.
    fn own_events_name(
        &self,
        subject: &SubjectId,
        as_of: Option<Position>,
        named_in: impl Fn(Personal) -> Option<Identifier>,
    ) -> Result<Option<Identifier>, EngineError> {
        for entry in Merged::forwards(&self.reader, &[*subject], Span { as_of, ..Span::default() })? {
            // What an agent says of a strand does not name it; without a key nothing does.
            let Some(personal) = self.open(&entry?.event()?)? else { return Ok(None) };
            if let Some(identifier) = named_in(personal) {
                return Ok(Some(identifier));
            }
        }
        Ok(None)
    }

    /// The entry that a reference points to, and its event.
    pub(super) fn entry(&self, reference: &EventRef) -> Result<Option<(Entry, Event)>, EngineError> {
        let key = Entry::key(&reference.subject, reference.occurred_at, reference.position);
        let Some(row) = self.reader.get("timeline", &key)? else { return Ok(None) };
        let Some(entry) = Entry::read(&key, row) else { return Ok(None) };
        let event = entry.event()?;
        Ok(Some((entry, event)))
    }

    /// The personal part that a reference points to; `None` when it was erased.
    pub(super) fn reveal(&self, reference: &EventRef) -> Result<Option<Personal>, EngineError> {
        match self.entry(reference)? {
            Some((_, event)) => self.open(&event),
            None => Ok(None),
        }
    }
}
