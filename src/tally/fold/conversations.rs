//! Conversations of their contacts.

use rustc_hash::FxHashMap;

use crate::tally::entity::{Contact, Conversation};

/// The conversations that some contacts make, which are in the order in which they began.
pub(super) fn of(contacts: &[Contact]) -> Vec<Conversation> {
    let mut found: Vec<Conversation> = Vec::new();
    let mut named = FxHashMap::default();
    for contact in contacts {
        let at = match &contact.conversation {
            Some(id) => *named.entry(id.clone()).or_insert(found.len()),
            None => found.len(),
        };
        match found.get_mut(at) {
            Some(conversation) => add(conversation, contact),
            None => found.push(begun_with(contact)),
        }
    }
    found
}

fn begun_with(contact: &Contact) -> Conversation {
    let mut conversation = Conversation {
        conversation: contact.conversation.clone().unwrap_or_else(|| contact.contact.clone()),
        source: contact.source.clone(),
        touchpoint: contact.touchpoint.clone(),
        stage: contact.stage.clone(),
        started_at: contact.started_at,
        ended_at: contact.ended_at,
        dimensions: contact.dimensions.clone(),
        position: contact.position,
        ..Conversation::default()
    };
    take_in(&mut conversation, contact);
    conversation
}

fn add(conversation: &mut Conversation, contact: &Contact) {
    // While any contact goes on, the conversation does.
    conversation.ended_at = conversation.ended_at.zip(contact.ended_at).map(|(one, other)| one.max(other));
    for (name, value) in &contact.dimensions {
        if let Err(at) = conversation.dimensions.binary_search_by(|(known, _)| known.cmp(name)) {
            conversation.dimensions.insert(at, (name.clone(), value.clone()));
        }
    }
    take_in(conversation, contact);
}

fn take_in(conversation: &mut Conversation, contact: &Contact) {
    // The last channel used stands at the end only if it is new: a switch is told by the count.
    if conversation.contacts > 0 && conversation.last_channel != contact.channel {
        conversation.switches = conversation.switches.saturating_add(1);
    }
    conversation.last_channel = contact.channel.clone();
    if !conversation.channels.contains(&contact.channel) {
        conversation.channels.push(contact.channel.clone());
    }
    if contact.department.is_some() {
        conversation.department.clone_from(&contact.department);
    }
    if conversation.reason.is_none() {
        conversation.reason.clone_from(&contact.reason);
    }
    if contact.outcome.is_some() {
        conversation.outcome.clone_from(&contact.outcome);
    }
    conversation.contacts = conversation.contacts.saturating_add(1);
    conversation.messages = conversation.messages.saturating_add(contact.messages);
    conversation.transfers = conversation.transfers.saturating_add(contact.transfers);
    conversation.complaints = conversation.complaints.saturating_add(contact.complaints);
    conversation.answered |= contact.answered;
    conversation.self_service |= contact.self_service;
}
