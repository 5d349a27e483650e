//! Expressions over the fields of a row, in the notation of CEL, the Common Expression Language.
//!
//! An expression is checked before anything runs: its names must be there, its types must fit, a text that is compared with a
//! field of few words must be one of them. What is left to go wrong with a row is arithmetic: see [`Trouble`].
//!
//! A field that a row does not say is *absent*. Nothing equals it but `null`; it is neither more nor less than anything; a sum
//! of it is absent; as a condition it does not hold.

mod boundless;
mod check;
mod evaluate;
mod formula;
mod functions;
mod measure;
mod node;

#[cfg(test)]
mod tests;

pub use check::{Fault, compile, compile_figure, compile_group};
pub use evaluate::Trouble;
pub use formula::Formula;
pub use measure::{MEASURES, Measure};
pub use node::Expression;
