//! Who did it, and which way it went.

use std::fmt;

use super::names::ActorId;
use super::words::words;

/// Who did what the event tells.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// The customer.
    Customer,
    /// A person who works for the company.
    Agent(ActorId),
    /// A machine that converses.
    Bot(ActorId),
    /// Any other machine.
    System(ActorId),
}

impl Actor {
    /// The words that may stand before the colon.
    pub const KINDS: &'static [&'static str] = &["customer", "agent", "bot", "system"];

    /// `customer`, `agent`, `bot` or `system`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Agent(_) => "agent",
            Self::Bot(_) => "bot",
            Self::System(_) => "system",
        }
    }

    /// Which agent, bot or system.
    #[must_use]
    pub fn id(&self) -> Option<&ActorId> {
        match self {
            Self::Customer => None,
            Self::Agent(id) | Self::Bot(id) | Self::System(id) => Some(id),
        }
    }

    /// The actor of a kind and an id; `None` when the kind is unknown, or an id is missing or too many.
    #[must_use]
    pub fn new(kind: &str, id: Option<ActorId>) -> Option<Self> {
        match (kind, id) {
            ("customer", None) => Some(Self::Customer),
            ("agent", Some(id)) => Some(Self::Agent(id)),
            ("bot", Some(id)) => Some(Self::Bot(id)),
            ("system", Some(id)) => Some(Self::System(id)),
            _ => None,
        }
    }
}

/// `customer`, `agent:ana`, `bot:sofia`, `system:billing`.
impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.id() {
            Some(id) => write!(f, "{}:{id}", self.kind()),
            None => f.write_str(self.kind()),
        }
    }
}

words! {
    /// Which way it went, seen from the company.
    Direction {
        /// From the customer.
        Inbound = 0, "inbound";
        /// To the customer.
        Outbound = 1, "outbound";
        /// Neither: something done inside the company.
        Internal = 2, "internal";
    }
}
