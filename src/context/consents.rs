//! What the customer allowed, and what not.

use std::collections::BTreeMap;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::event::kind::ConsentChanged;
use crate::event::{Channel, ConsentState, Event, Micros};

/// The newest word on a purpose and a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// For what.
    pub purpose: String,
    /// In which channel; in all when `None`.
    pub channel: Option<Channel>,
    /// Which way.
    pub state: ConsentState,
    /// Since when.
    pub since: Micros,
    /// Until when.
    pub expires_at: Option<Micros>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Said {
    state: ConsentState,
    since: Micros,
    expires_at: Option<Micros>,
}

/// The newest word by purpose and channel.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Consents(BTreeMap<(CompactString, Option<Channel>), Said>);

impl Consents {
    pub(super) fn changed(&mut self, event: &Event, changed: &ConsentChanged) {
        let key = (changed.purpose.as_str().into(), changed.consent_channel.clone());
        let said = Said { state: changed.state, since: event.header.occurred_at, expires_at: changed.expires_at };
        self.0.insert(key, said);
    }

    pub(super) fn newest(&self) -> Vec<Consent> {
        let show = |((purpose, channel), said): (&(CompactString, Option<Channel>), &Said)| Consent {
            purpose: purpose.to_string(),
            channel: channel.clone(),
            state: said.state,
            since: said.since,
            expires_at: said.expires_at,
        };
        self.0.iter().map(show).collect()
    }
}
