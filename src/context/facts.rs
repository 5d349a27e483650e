//! What the customer already told us.

use std::collections::BTreeMap;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::EventRef;
use crate::event::kind::{FactTold, FactWithdrawn};
use crate::event::{Channel, Event, Micros};

/// Something the customer told us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is about.
    pub key: String,
    /// The event that has its value sealed.
    pub value: EventRef,
    /// When they told it.
    pub told_at: Micros,
    /// Where they told it.
    pub channel: Channel,
    /// Whether it was read back to them, and they agreed.
    pub confirmed: bool,
    /// Until when it holds.
    pub valid_until: Option<Micros>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Told {
    value: EventRef,
    channel: Channel,
    confirmed: bool,
    valid_until: Option<Micros>,
}

/// The newest telling of each key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Facts(BTreeMap<CompactString, Told>);

impl Facts {
    pub(super) fn told(&mut self, event: &Event, told: &FactTold) {
        let told_now = Told {
            value: EventRef::of(event),
            channel: event.header.channel.clone(),
            confirmed: told.confirmed.unwrap_or(false),
            valid_until: told.valid_until,
        };
        self.0.insert(told.key.as_str().into(), told_now);
    }

    pub(super) fn withdrawn(&mut self, withdrawn: &FactWithdrawn) {
        self.0.remove(withdrawn.key.as_str());
    }

    pub(super) fn at(&self, now: Micros) -> Vec<Fact> {
        let holds = |told: &Told| told.valid_until.is_none_or(|until| until > now);
        let fact = |(key, told): (&CompactString, &Told)| Fact {
            key: key.to_string(),
            value: told.value,
            told_at: told.value.occurred_at,
            channel: told.channel.clone(),
            confirmed: told.confirmed,
            valid_until: told.valid_until,
        };
        let mut facts: Vec<Fact> = self.0.iter().filter(|(_, told)| holds(told)).map(fact).collect();
        facts.sort_by_key(|fact| std::cmp::Reverse((fact.told_at, fact.value.position)));
        facts
    }
}
