//! What was learnt of a customer, and what was noted.

use std::collections::BTreeMap;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::EventRef;
use crate::event::kind::{NoteAdded, NoteUnpinned, ProfileObserved};
use crate::event::{Event, EventId, Micros};

/// Pinned notes that are kept.
const MOST_PINNED: usize = 50;
/// The name under which a display name is observed.
const NAME: &str = "name";

/// Something learnt of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Where it belongs: `demographic`, `risk`, `crm`.
    pub namespace: String,
    /// What it is.
    pub name: String,
    /// The event whose sealed values have it under its name.
    pub value: EventRef,
    /// When it was observed.
    pub observed_at: Micros,
    /// By which system.
    pub source: String,
}

/// The newest of each name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Profile {
    newest: BTreeMap<(CompactString, CompactString), (EventRef, CompactString)>,
    named_in: Option<EventRef>,
    pinned: Vec<(EventId, EventRef)>,
    /// Notes that were unpinned at a moment before their own: clocks differ.
    unpinned_before: Vec<EventId>,
}

impl Profile {
    pub(super) fn observed(&mut self, event: &Event, observed: &ProfileObserved) {
        let reference = EventRef::of(event);
        for name in observed.names.iter().flatten() {
            let key = (observed.namespace.as_str().into(), name.as_str().into());
            self.newest.insert(key, (reference, event.header.source.as_str().into()));
            if name.as_str() == NAME {
                self.named_in = Some(reference);
            }
        }
    }

    pub(super) fn noted(&mut self, event: &Event, note: &NoteAdded) {
        let id = event.header.id;
        if note.pinned == Some(true) && !self.unpinned_before.contains(&id) {
            keep(&mut self.pinned, (id, EventRef::of(event)));
        }
    }

    pub(super) fn unpinned(&mut self, unpinned: &NoteUnpinned) {
        let is_there = self.pinned.iter().any(|(id, _)| *id == unpinned.note);
        self.pinned.retain(|(id, _)| *id != unpinned.note);
        if !is_there {
            keep(&mut self.unpinned_before, unpinned.note);
        }
    }

    pub(super) fn display_name(&self) -> Option<EventRef> {
        self.named_in
    }

    pub(super) fn pinned_notes(&self) -> Vec<EventRef> {
        self.pinned.iter().rev().map(|(_, note)| *note).collect()
    }

    pub(super) fn attributes(&self, namespace: Option<&str>) -> Vec<Attribute> {
        let wanted = |key: &CompactString| namespace.is_none_or(|namespace| key == namespace);
        let newest = self.newest.iter().filter(|((namespace, _), _)| wanted(namespace));
        newest
            .map(|((namespace, name), (value, source))| Attribute {
                namespace: namespace.to_string(),
                name: name.to_string(),
                value: *value,
                observed_at: value.occurred_at,
                source: source.to_string(),
            })
            .collect()
    }
}

/// Adds to a list that keeps the newest.
fn keep<T>(list: &mut Vec<T>, newest: T) {
    if list.len() == MOST_PINNED {
        list.remove(0);
    }
    list.push(newest);
}
