//! Visits of events: where each of them took place.

use std::collections::BTreeMap;

use compact_str::CompactString;
use rustc_hash::FxHashMap;

use super::name;
use crate::event::{ChannelChoice, Direction, Event, Feedback, Kind, NO_CHANNEL, channel_text, scale};
use crate::tally::entity::Visit;
use crate::tally::page::day_of;

/// Stage, touchpoint, department and channel.
type Spot = [Option<CompactString>; 4];

/// The visits of a customer.
#[derive(Debug, Default)]
pub(super) struct Visits {
    /// The stage that the customer is in.
    stage: Option<CompactString>,
    /// Where contacts are: touchpoint and department, as their events said last.
    contacts: FxHashMap<CompactString, (Option<CompactString>, Option<CompactString>)>,
    visits: BTreeMap<(i32, Spot), Visit>,
}

impl Visits {
    /// Takes an event in; whether a contact begins with it.
    pub(super) fn see(&mut self, event: &Event, begins: bool) {
        let header = &event.header;
        if let Some(stage) = name(header.stage.as_ref()) {
            self.stage = Some(stage);
        }
        let (mut touchpoint, mut department) = (name(header.touchpoint.as_ref()), name(header.department.as_ref()));
        if let Some(contact) = name(header.contact.as_ref()) {
            let known = self.contacts.entry(contact).or_default();
            known.0 = touchpoint.take().or_else(|| known.0.take());
            known.1 = department.take().or_else(|| known.1.take());
            (touchpoint, department) = known.clone();
        }
        if !is_of_the_customer(event) {
            return;
        }
        let channel = (header.channel != NO_CHANNEL).then(|| channel_text(&header.channel).as_ref().into());
        let spot = [self.stage.clone(), touchpoint, department, channel];
        let visit = self.visits.entry((day_of(header.occurred_at), spot)).or_insert_with_key(|(_, spot)| {
            let [stage, touchpoint, department, channel] = spot.clone();
            let (at, position) = (header.occurred_at, event.position.0);
            Visit { stage, touchpoint, department, channel, at, position, ..Visit::default() }
        });
        visit.events = visit.events.saturating_add(1);
        visit.contacts = visit.contacts.saturating_add(u32::from(begins));
        count(visit, &event.kind);
    }

    /// The rows, in the order of the days.
    pub(super) fn finish(self) -> Vec<Visit> {
        self.visits.into_values().collect()
    }
}

/// Whether the customer took part in it, or it tells of them. What happens inside the company does not.
fn is_of_the_customer(event: &Event) -> bool {
    let tells = matches!(
        event.kind,
        Kind::StageEntered(_) | Kind::MilestoneReached(_) | Kind::FeedbackGiven(_) | Kind::SurveyAnswered(_)
    );
    tells || event.header.direction != Direction::Internal
}

fn count(visit: &mut Visit, kind: &Kind) {
    if let Kind::ContactStarted(started) = kind {
        match started.channel_choice {
            Some(ChannelChoice::Chosen) => visit.chosen = visit.chosen.saturating_add(1),
            Some(ChannelChoice::Imposed) => visit.imposed = visit.imposed.saturating_add(1),
            Some(ChannelChoice::Unknown) | None => {}
        }
    }
    if let Kind::SurveyAnswered(answer) = kind {
        let (low, high) = scale(answer);
        if high > low {
            visit.responses = visit.responses.saturating_add(1);
            visit.satisfaction += (answer.score - low) / (high - low);
        }
    }
    let counted = match kind.feedback() {
        Some(Feedback::Complaint) => &mut visit.complaints,
        Some(Feedback::Suggestion) => &mut visit.suggestions,
        Some(Feedback::Praise) => &mut visit.praises,
        Some(Feedback::Question) => &mut visit.questions,
        Some(Feedback::Report) => &mut visit.reports,
        None => return,
    };
    *counted = counted.saturating_add(1);
}
