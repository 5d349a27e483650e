//! Floor 0. What can happen: ids, channels, kinds, the envelope, the personal part, and how they are stored.
//!
//! Pure data: no I/O, no clock (but [`Micros::now`]), nothing async. Everything above imports from here; this imports
//! from nobody.
//!
//! An event goes through three types. [`Unfiled`] is valid, but its identifiers are as their sender wrote them;
//! [`Draft`] is filed under its strands; [`Event`] is in the log, its personal part sealed.

mod actor;
mod channel;
pub mod codec;
mod draft;
mod field;
mod fields;
pub mod flat;
mod header;
mod identifier;
mod ids;
mod invalid;
pub mod kind;
pub mod limits;
mod names;
mod personal;
#[cfg(test)]
pub(crate) mod testing;
pub mod text;
mod time;
mod words;

pub use actor::{Actor, Direction};
pub use channel::Channel;
pub use draft::{Draft, Event, Who, scale};
pub use field::{Amount, Scalar, Shape, View, channel_text};
pub use flat::{Flat, Unfiled};
pub use header::{Dimensions, Header, NO_CHANNEL};
pub use identifier::{Identifier, IdentifierKind, Strand};
pub use ids::{EventId, Hash, Position, Revision, SubjectId};
pub use invalid::{Invalid, did_you_mean, line_and_column, nearest};
pub use kind::Kind;
pub use names::{
    ActorId, CampaignId, CaseId, ContactId, ConversationId, Department, Label, MenuPath, NotAName, Source, Stage,
    Touchpoint, Word,
};
pub use personal::{Personal, Slot};
pub use time::{Micros, Millis};
pub use words::{CampaignStep, ChannelChoice, ConsentState, Demand, Evidence, Feedback, Outcome};
