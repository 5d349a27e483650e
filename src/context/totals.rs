//! The customer in numbers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::cases::Cases;
use super::usage::ChannelScore;
use crate::event::kind::{ContactAnswered, ContactEnded};
use crate::event::{Channel, Direction, Event, EventId, Kind, Micros, NO_CHANNEL};

/// The customer in numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Totals {
    /// Events.
    pub events: u64,
    /// Contacts, each counted once, whichever of its events came.
    pub contacts: u64,
    /// Contacts by channel, the most used first; the score is the share of all.
    pub by_channel: Vec<ChannelScore>,
    /// Mean wait of the contacts that say it, in milliseconds.
    pub mean_wait_ms: Option<f64>,
    /// Mean of talk, hold and wrap-up together of the contacts that say it, in milliseconds.
    pub mean_handle_ms: Option<f64>,
    /// How often a contact was handed on.
    pub transfers: u64,
    /// Cases that are settled.
    pub resolved_cases: u64,
    /// Cases that are not.
    pub open_cases: u64,
    /// When the first event happened.
    pub first_seen_at: Option<Micros>,
    /// When the last event happened.
    pub last_seen_at: Option<Micros>,
}

/// A sum and over how many it was taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Mean {
    sum: u64,
    count: u64,
}

impl Mean {
    fn add(&mut self, value: u64) {
        self.sum = self.sum.saturating_add(value);
        self.count += 1;
    }

    fn get(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }
}

/// What is known of a contact. Something noted inside the company may name it before the customer came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Known {
    /// It is counted in a channel.
    in_channel: bool,
    /// Somebody came, or was reached, in a channel.
    begun: bool,
}

/// What the numbers are made of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Running {
    events: u64,
    /// By the first eight bytes of a hash of source and contact.
    contacts: BTreeMap<u64, Known>,
    by_channel: BTreeMap<Channel, (u64, Micros)>,
    wait: Mean,
    handle: Mean,
    transfers: u64,
    seen: Option<(Micros, Micros)>,
}

impl Running {
    /// Takes an event into account; whether its contact begins with it: the first of its events that is not internal and
    /// that says in which channel.
    ///
    /// An inbound message that names no contact is one of its own.
    pub(super) fn see(&mut self, event: &Event) -> bool {
        let header = &event.header;
        let at = header.occurred_at;
        self.events += 1;
        self.seen = Some(self.seen.map_or((at, at), |(first, last)| (first.min(at), last.max(at))));
        let key = match &header.contact {
            Some(contact) => short(&EventId::derive(header.source.as_str(), contact.as_str())),
            None if matches!(event.kind, Kind::MessageSent(_)) && header.direction == Direction::Inbound => {
                short(&header.id)
            }
            None => return false,
        };
        let known = self.contacts.entry(key).or_default();
        if header.channel == NO_CHANNEL {
            return false;
        }
        let new = !std::mem::replace(&mut known.in_channel, true);
        let begins = header.direction != Direction::Internal && !std::mem::replace(&mut known.begun, true);
        if let Some((contacts, last)) = self.by_channel.get_mut(&header.channel) {
            *contacts += u64::from(new);
            *last = at;
        } else if new {
            self.by_channel.insert(header.channel.clone(), (1, at));
        }
        begins
    }

    pub(super) fn answered(&mut self, answered: &ContactAnswered) {
        if let Some(wait) = answered.wait_ms {
            self.wait.add(wait.0);
        }
    }

    pub(super) fn transferred(&mut self) {
        self.transfers += 1;
    }

    pub(super) fn ended(&mut self, ended: &ContactEnded) {
        let parts = [ended.talk_ms, ended.hold_ms, ended.wrap_up_ms];
        if parts.iter().any(Option::is_some) {
            self.handle.add(parts.iter().flatten().fold(0, |sum: u64, part| sum.saturating_add(part.0)));
        }
    }

    pub(super) fn totals(&self, cases: &Cases) -> Totals {
        let (resolved_cases, open_cases) = cases.resolved_and_open();
        let contacts = self.contacts.len() as u64;
        let score = |(channel, (count, last)): (&Channel, &(u64, Micros))| ChannelScore {
            channel: channel.clone(),
            score: *count as f64 / contacts.max(1) as f64,
            contacts: *count,
            last_used_at: Some(*last),
        };
        let mut by_channel: Vec<ChannelScore> = self.by_channel.iter().map(score).collect();
        by_channel.sort_by(|a, b| b.contacts.cmp(&a.contacts).then_with(|| a.channel.cmp(&b.channel)));
        Totals {
            events: self.events,
            contacts,
            by_channel,
            mean_wait_ms: self.wait.get(),
            mean_handle_ms: self.handle.get(),
            transfers: self.transfers,
            resolved_cases,
            open_cases,
            first_seen_at: self.seen.map(|(first, _)| first),
            last_seen_at: self.seen.map(|(_, last)| last),
        }
    }
}

fn short(id: &EventId) -> u64 {
    u64::from_be_bytes(*id.as_bytes().first_chunk().unwrap_or(&[0; 8]))
}
