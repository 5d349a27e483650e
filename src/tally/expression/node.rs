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
}

impl Expression {
    /// What it gives; `None` when it is `null`.
    #[must_use]
    pub fn gives(&self) -> Option<Type> {
        self.gives
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
