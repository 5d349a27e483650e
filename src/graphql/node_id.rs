//! Ids of nodes: what they are, and of what.

use std::fmt;
use std::str::FromStr;

use crate::event::{Position, SubjectId};

/// What an id stands for. Opaque to clients; `customer_` and a strand, or `event_` and a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NodeId {
    /// A customer, by any of their strands.
    Customer(SubjectId),
    /// An event.
    Event(Position),
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Customer(subject) => write!(f, "customer_{subject}"),
            Self::Event(position) => write!(f, "event_{position}"),
        }
    }
}

impl FromStr for NodeId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.split_once('_') {
            Some(("customer", hex)) => SubjectId::from_hex(hex).map(Self::Customer).ok_or(()),
            Some(("event", number)) => number.parse().map(Self::Event).map_err(|_| ()),
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_goes_there_and_back() {
        for id in [NodeId::Customer(SubjectId([7; 16])), NodeId::Event(Position(12))] {
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        assert_eq!("customer_12".parse::<NodeId>(), Err(()));
        assert_eq!("order_12".parse::<NodeId>(), Err(()));
    }
}
