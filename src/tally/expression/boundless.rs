//! Whether an expression gives about as many values as there are rows: an id, a moment, a number as it was said.

use super::functions::Function;
use super::node::{Arithmetic, Node};
use crate::tally::row::Fields;

pub(super) fn is_boundless(node: &Node, fields: &impl Fields) -> bool {
    let of = |node: &Node| is_boundless(node, fields);
    match node {
        Node::Field(field) => fields.is_boundless(*field),
        Node::Negated(inner) => of(inner),
        Node::Counted(Arithmetic::Rest, _, by) => of(by),
        Node::Counted(_, a, b) => of(a) || of(b),
        Node::Chosen(_, a, b) => of(a) || of(b),
        Node::Called(Function::Lower, parts) => parts.iter().any(of),
        Node::Null
        | Node::Truth(_)
        | Node::Number(_)
        | Node::Text(_)
        | Node::Moment(_)
        | Node::Open { .. }
        | Node::Not(_)
        | Node::And(..)
        | Node::Or(..)
        | Node::Compared(..)
        | Node::Among(..)
        | Node::Within(..)
        | Node::Called(..) => false,
    }
}
