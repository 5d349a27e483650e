//! Floor 2. The fold of a customer: everything that is known of them, from their events in time order.
//!
//! [`Context::fold`] is the whole of it: a pure function of the context so far and the next event, the same for the live
//! panel, for a view of the past, for a late arrival, a merge and an unmerge. It sees clear fields only; whatever is
//! personal is kept as an [`EventRef`] to the event that has it sealed, so that a context can be stored and an erased
//! customer leaves nothing in it.
//!
//! One file for each part, each with its state and with what is shown of it.

mod cases;
mod consents;
mod conversations;
mod facts;
mod feedback;
mod journey;
#[cfg(test)]
mod laws;
mod profile;
mod rules;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod totals;
mod usage;

use serde::{Deserialize, Serialize};

use crate::event::{Event, Kind, Micros, Position, SubjectId};

pub use cases::{ANSWER_DAYS, Case, CaseStatus};
pub use consents::Consent;
pub use conversations::Continuation;
pub use facts::Fact;
pub use feedback::{FeedbackCounts, Satisfaction, Tally};
pub use journey::{Milestone, StageVisit};
pub use profile::Attribute;
pub use rules::ContextRules;
pub use totals::Totals;
pub use usage::{ChannelPreference, ChannelScore};

/// An event that has something sealed: its strand, when it happened and where it stands in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EventRef {
    /// The strand that it is filed under.
    pub subject: SubjectId,
    /// When it happened.
    pub occurred_at: Micros,
    /// Where it stands in the log.
    pub position: Position,
}

impl EventRef {
    /// The reference to an event.
    #[must_use]
    pub fn of(event: &Event) -> Self {
        Self { subject: event.strand.subject, occurred_at: event.header.occurred_at, position: event.position }
    }
}

/// Everything that is known of a customer, but for what is sealed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Context {
    profile: profile::Profile,
    facts: facts::Facts,
    cases: cases::Cases,
    conversations: conversations::Conversations,
    usage: usage::Usage,
    feedback: feedback::Feedbacks,
    satisfaction: feedback::Answers,
    journey: journey::Journey,
    consents: consents::Consents,
    totals: totals::Running,
}

impl Context {
    /// Takes the next event in time order into account.
    pub fn fold(&mut self, event: &Event, rules: &ContextRules) {
        let new_contact = self.totals.see(event);
        self.usage.see(event, new_contact, rules);
        self.cases.see(event);
        self.conversations.see(event);
        match &event.kind {
            Kind::ContactAnswered(answered) => self.totals.answered(answered),
            Kind::ContactTransferred(_) => self.totals.transferred(),
            Kind::ContactEnded(ended) => self.totals.ended(ended),
            Kind::CaseOpened(opened) => self.cases.opened(event, opened),
            Kind::CaseUpdated(updated) => self.cases.updated(event, updated),
            Kind::CaseResolved(_) => self.cases.resolved(event),
            Kind::CaseReopened(reopened) => self.cases.reopened(event, reopened),
            Kind::FeedbackGiven(given) => self.feedback.given(event, given),
            Kind::SurveyAnswered(answered) => self.satisfaction.answered(event, answered),
            Kind::FactTold(told) => self.facts.told(event, told),
            Kind::FactWithdrawn(withdrawn) => self.facts.withdrawn(withdrawn),
            Kind::NoteAdded(note) => self.profile.noted(event, note),
            Kind::NoteUnpinned(unpinned) => self.profile.unpinned(unpinned),
            Kind::StageEntered(_) => self.journey.entered(event),
            Kind::MilestoneReached(reached) => self.journey.reached(event, reached),
            Kind::ProfileObserved(observed) => self.profile.observed(event, observed),
            Kind::PreferenceStated(stated) => self.usage.stated(stated),
            Kind::ConsentChanged(changed) => self.consents.changed(event, changed),
            Kind::ContactStarted(_)
            | Kind::ContactQueued(_)
            | Kind::MessageSent(_)
            | Kind::SelfServiceUsed(_)
            | Kind::SurveySent(_)
            | Kind::ActivityTracked(_)
            | Kind::CampaignTouched(_)
            | Kind::IdentityClaimed(_)
            | Kind::IdentityLinked(_)
            | Kind::IdentityUnlinked(_)
            | Kind::PrivacyHeld(_)
            | Kind::PrivacyReleased(_)
            | Kind::PrivacyShredded(_)
            | Kind::RecordViewed(_)
            | Kind::Custom(_) => {}
        }
    }

    /// The newest profile that has a display name.
    #[must_use]
    pub fn display_name(&self) -> Option<EventRef> {
        self.profile.display_name()
    }

    /// What was learnt of them, the newest of each name; of one namespace or of all.
    #[must_use]
    pub fn attributes(&self, namespace: Option<&str>) -> Vec<Attribute> {
        self.profile.attributes(namespace)
    }

    /// Notes that were pinned and still are, the newest first.
    #[must_use]
    pub fn pinned_notes(&self) -> Vec<EventRef> {
        self.profile.pinned_notes()
    }

    /// What they told us and did not withdraw and what holds at `now`, the newest first.
    #[must_use]
    pub fn facts(&self, now: Micros) -> Vec<Fact> {
        self.facts.at(now)
    }

    /// The matters that they raised, the newest first.
    #[must_use]
    pub fn cases(&self, now: Micros) -> Vec<Case> {
        self.cases.at(now)
    }

    /// Where the last conversation stopped; `None` when there was none.
    #[must_use]
    pub fn continuation(&self, now: Micros) -> Option<Continuation> {
        self.conversations.last(&self.cases, now)
    }

    /// How they like to be reached at `now`. What they did counts the less the older it is, in every channel alike, so that
    /// the shares do not depend on the moment.
    #[must_use]
    pub fn preference(&self, _now: Micros) -> ChannelPreference {
        self.usage.preference()
    }

    /// How often they complained, suggested, praised, asked and reported.
    #[must_use]
    pub fn feedback(&self) -> FeedbackCounts {
        self.feedback.counts()
    }

    /// What they answered in surveys, per instrument.
    #[must_use]
    pub fn satisfaction(&self) -> Vec<Satisfaction> {
        self.satisfaction.per_instrument()
    }

    /// The stage of the journey that they are in.
    #[must_use]
    pub fn stage(&self) -> Option<StageVisit> {
        self.journey.stage()
    }

    /// The milestones that they reached, in the order in which they did.
    #[must_use]
    pub fn milestones(&self) -> Vec<Milestone> {
        self.journey.milestones()
    }

    /// The newest word on each purpose and channel.
    #[must_use]
    pub fn consents(&self) -> Vec<Consent> {
        self.consents.newest()
    }

    /// The customer in numbers.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.totals.totals(&self.cases)
    }
}
