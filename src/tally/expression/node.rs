//! An expression that was checked, as a tree that is evaluated directly.

use compact_str::CompactString;
use jiff::tz::TimeZone;

use super::functions::Function;
use crate::event::Micros;
use crate::tally::value::Type;

/// An expression and what it gives.
#[derive(Clone, Debug)]
pub struct Expression {
    pub(super) root: Node,
    pub(super) gives: Option<Type>,
    /// Where the days and hours of moments are taken.
    pub(super) zone: TimeZone,
    can_fail: bool,
}

impl Expression {
    pub(super) fn new(root: Node, gives: Option<Type>, zone: TimeZone) -> Self {
        Self { can_fail: root.can_fail(), root, gives, zone }
    }

    /// What it gives; `None` when it is `null`.
    #[must_use]
    pub fn gives(&self) -> Option<Type> {
        self.gives
    }

    /// Whether a row can give [`Trouble`](super::Trouble).
    pub(in crate::tally) fn can_fail(&self) -> bool {
        self.can_fail
    }

    /// The texts to one of which a field must be equal wherever this holds; `None` when it may be another.
    pub(in crate::tally) fn only(&self, field: usize) -> Option<Vec<&str>> {
        self.root.only(field)
    }
}

/// One step.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Null,
    Truth(bool),
    Number(f64),
    Text(CompactString),
    Moment(Micros),
    Field(usize),
    Open {
        group: CompactString,
        name: CompactString,
    },
    Not(Box<Node>),
    Negated(Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Compared(Comparison, Box<Node>, Box<Node>),
    Counted(Arithmetic, Box<Node>, Box<Node>),
    /// Whether a text or a number is among some.
    Among(Box<Node>, Vec<Node>),
    /// Whether a list has a text.
    Within(Box<Node>, Box<Node>),
    Chosen(Box<Node>, Box<Node>, Box<Node>),
    Called(Function, Vec<Node>),
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Different,
    Less,
    AtMost,
    More,
    AtLeast,
}

/// An operation on two numbers; moments may be taken from one another, which gives milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Plus,
    Minus,
    Times,
    Over,
    Rest,
}

impl Node {
    fn can_fail(&self) -> bool {
        match self {
            Self::Null
            | Self::Truth(_)
            | Self::Number(_)
            | Self::Text(_)
            | Self::Moment(_)
            | Self::Field(_)
            | Self::Open { .. } => false,
            Self::Counted(..) => true,
            Self::Not(inner) | Self::Negated(inner) => inner.can_fail(),
            Self::And(a, b) | Self::Or(a, b) | Self::Compared(_, a, b) | Self::Within(a, b) => {
                a.can_fail() || b.can_fail()
            }
            Self::Chosen(a, b, c) => a.can_fail() || b.can_fail() || c.can_fail(),
            Self::Among(one, some) => one.can_fail() || some.iter().any(Self::can_fail),
            Self::Called(_, parts) => parts.iter().any(Self::can_fail),
        }
    }

    fn only(&self, field: usize) -> Option<Vec<&str>> {
        if let Self::And(a, b) = self {
            return a.only(field).or_else(|| b.only(field));
        }
        if let Self::Or(a, b) = self {
            let mut both = a.only(field)?;
            both.extend(b.only(field)?);
            return Some(both);
        }
        if let Self::Among(one, some) = self {
            return some.iter().map(|text| one.equal(text, field)).collect();
        }
        let Self::Compared(Comparison::Equal, a, b) = self else { return None };
        a.equal(b, field).or_else(|| b.equal(a, field)).map(|text| vec![text])
    }

    /// The text, when this is a field and the other a text.
    fn equal<'n>(&self, other: &'n Self, field: usize) -> Option<&'n str> {
        match (self, other) {
            (Self::Field(at), Self::Text(text)) if *at == field => Some(text),
            _ => None,
        }
    }
}
