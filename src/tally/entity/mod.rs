//! Rows that stand for more than one event: contacts, cases, conversations, the steps from one to the next, and visits.
//!
//! They are made by [`History`](super::History) of all events of one customer, and are a pure function of them.

mod case;
mod column;
mod contact;
mod conversation;
mod step;
mod visit;

pub use case::Case;
pub use column::{Columns, Entity, EntityFields};
pub use contact::Contact;
pub use conversation::Conversation;
pub use step::{Step, Way};
pub use visit::Visit;

pub(super) use column::{boundless, column, list, moment, number, text};
pub(super) use contact::is_person;
pub(super) use step::OF as STEP_OF;
