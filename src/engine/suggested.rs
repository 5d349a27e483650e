//! Strands that may be a customer's and are not linked: those that evidence connects with theirs, and those of nobody under which
//! their contacts began.

use super::customer::Customer;
use super::error::EngineError;
use super::living::living;
use super::slots::Slots;
use crate::event::{Event, SubjectId};
use crate::identity::{EdgeRows, StrandRow, Suggestion, are_apart, component, suggestions};
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
            let known = |one: &Suggestion| found.iter().any(|other| other.subject == one.subject);
            let of_nobody: Vec<_> = self.of_nobody()?.into_iter().filter(|one| !known(one)).collect();
            found.extend(of_nobody);
            found.sort_by_key(|suggestion| std::cmp::Reverse(suggestion.evidence));
        }
        Ok(found)
    }

    /// The strands of nobody that have events of the newest contacts: those in which the customer was named only later. They are
    /// not linked by themselves, since whoever shares a contact with the customer would be taken for them.
    fn of_nobody(&self) -> Result<Vec<Suggestion>, EngineError> {
        let newest = self.timeline(NEWEST, &TimelineFilter::default())?;
        let mut contacts: Vec<(&Event, u64)> = Vec::new();
        for event in newest.entries.iter().rev().map(|entry| &entry.1) {
            if event.header.contact.is_none() {
                continue;
            }
            match contacts.iter_mut().find(|(seen, _)| is_of_the_same_contact(seen, event)) {
                Some((_, evidence)) => *evidence += 1,
                None => contacts.push((event, 1)),
            }
        }
        let mut found = Vec::new();
        for (event, evidence) in contacts {
            if let Some(subject) = self.nobody_of(event)? {
                let apart = are_apart(&subject, self.strands(), &EdgeRows(&self.picture().reader))?;
                let because = if apart { "separated" } else { "same_contact" };
                found.push(Suggestion { subject, because: because.into(), evidence });
            }
        }
        Ok(found)
    }

    /// The strand of nobody under which an event's contact has events, unless somebody has said whose it is.
    fn nobody_of(&self, event: &Event) -> Result<Option<SubjectId>, EngineError> {
        let (picture, shared) = (self.picture(), &self.picture().shared);
        let Ok(nobody) = shared.filing.nobody(&event.header) else { return Ok(None) };
        let (strand, _) = living(&shared.identity_key, &shared.vault, &Slots(&shared.views), &nobody)?;
        if StrandRow::read(&picture.reader, &strand.subject)?.is_none_or(|row| row.events == 0) {
            return Ok(None);
        }
        for member in component(&strand.subject, None, &EdgeRows(&picture.reader))? {
            if self.strands().contains(&member.subject) || picture.is_somebody(&member.subject)? {
                return Ok(None);
            }
        }
        Ok(Some(strand.subject))
    }
}

/// A contact's id is its source's: another source may give the same to another contact.
fn is_of_the_same_contact(one: &Event, other: &Event) -> bool {
    one.header.source == other.header.source && one.header.contact == other.header.contact
}
