//! Strands that may be a customer's and are not linked: those that evidence connects with theirs, and those of nobody under which
//! their contacts began.

use super::customer::Customer;
use super::error::EngineError;
use super::living::living;
use super::slots::Slots;
use crate::event::{ContactId, Event, SubjectId};
use crate::identity::{EdgeRows, StrandRow, Suggestion, are_apart, suggestions};
use crate::timeline::{PageArgs, TimelineFilter};

/// Newest entries whose contacts are looked at.
const NEWEST: PageArgs = PageArgs { size: 20, from_end: true, after: None, before: None };

impl Customer {
    /// Strands that may belong to the customer and are not linked, the strongest suggestion first.
    ///
    /// # Errors
    /// [`EngineError`] when the store fails.
    pub fn suggestions(&self) -> Result<Vec<Suggestion>, EngineError> {
        let mut found = suggestions(self.strands(), self.position(), &EdgeRows(&self.picture().reader))?;
        if self.as_of().is_none() {
            found.extend(self.of_nobody()?);
        }
        Ok(found)
    }

    /// The strands of nobody that have events of the newest contacts: those in which the customer was named only later. They are
    /// not linked by themselves, since whoever shares a contact with the customer would be taken for them.
    fn of_nobody(&self) -> Result<Vec<Suggestion>, EngineError> {
        let mut found: Vec<Suggestion> = Vec::new();
        let newest = self.timeline(NEWEST, &TimelineFilter::default())?;
        let mut looked_at: Vec<&ContactId> = Vec::new();
        for event in newest.entries.iter().rev().map(|entry| &entry.1) {
            let Some(contact) = event.header.contact.as_ref().filter(|contact| !looked_at.contains(contact)) else {
                continue;
            };
            looked_at.push(contact);
            if let Some(subject) = self.nobody_of(event)? {
                let named = |entry: &&Event| entry.header.contact.as_ref() == Some(contact);
                let evidence = newest.entries.iter().map(|entry| &entry.1).filter(named).count() as u64;
                let apart = are_apart(&subject, self.strands(), &EdgeRows(&self.picture().reader))?;
                let because = if apart { "separated" } else { "same_contact" };
                found.push(Suggestion { subject, because: because.into(), evidence });
            }
        }
        Ok(found)
    }

    /// The strand of nobody under which an event's contact has events, unless it is one of the customer's.
    fn nobody_of(&self, event: &Event) -> Result<Option<SubjectId>, EngineError> {
        let (picture, shared) = (self.picture(), &self.picture().shared);
        let Ok(nobody) = shared.filing.nobody(&event.header) else { return Ok(None) };
        let (strand, _) = living(&shared.identity_key, &shared.vault, &Slots(&shared.views), &nobody)?;
        if self.strands().contains(&strand.subject) {
            return Ok(None);
        }
        let row = StrandRow::read(&picture.reader, &strand.subject)?;
        Ok(row.filter(|row| row.events > 0).map(|_| strand.subject))
    }
}
