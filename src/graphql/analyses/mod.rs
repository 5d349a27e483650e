//! Analyses: what was counted, what is being counted, and what somebody wants to be.

pub mod answers;
pub mod ask;
mod changes;
pub mod journey;
mod questions;
pub mod statuses;

pub use changes::{AnalysisMutation, AnalysisSubscription};
pub use questions::AnalysisQuery;
