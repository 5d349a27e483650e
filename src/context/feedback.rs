//! How the customer feels: feedback by channel, and answers to surveys.

use std::collections::BTreeMap;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::event::kind::{FeedbackGiven, SurveyAnswered};
use crate::event::{Channel, Event, Feedback, Micros};

/// Feedback by type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Reclamações.
    pub complaints: u64,
    /// Sugestões.
    pub suggestions: u64,
    /// Elogios.
    pub praises: u64,
    /// Dúvidas.
    pub questions: u64,
    /// Denúncias.
    pub reports: u64,
}

/// Feedback in all and by channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedbackCounts {
    /// In all.
    pub total: Tally,
    /// By channel, in the order of the vocabulary.
    pub by_channel: Vec<(Channel, Tally)>,
}

/// Answers to one instrument.
#[derive(Clone, Debug, PartialEq)]
pub struct Satisfaction {
    /// `csat`, `nps`, `ces` or another.
    pub instrument: String,
    /// How many.
    pub responses: u64,
    /// Their mean, raw.
    pub mean: f64,
    /// The last, raw.
    pub last: f64,
    /// When it was given.
    pub last_at: Micros,
}

impl Tally {
    fn add(&mut self, feedback: Feedback) {
        let count = match feedback {
            Feedback::Complaint => &mut self.complaints,
            Feedback::Suggestion => &mut self.suggestions,
            Feedback::Praise => &mut self.praises,
            Feedback::Question => &mut self.questions,
            Feedback::Report => &mut self.reports,
        };
        *count += 1;
    }
}

/// Feedback by channel.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Feedbacks {
    total: Tally,
    by_channel: BTreeMap<Channel, Tally>,
}

impl Feedbacks {
    pub(super) fn given(&mut self, event: &Event, given: &FeedbackGiven) {
        self.total.add(given.feedback);
        self.by_channel.entry(event.header.channel.clone()).or_default().add(given.feedback);
    }

    pub(super) fn counts(&self) -> FeedbackCounts {
        let by_channel = self.by_channel.iter().map(|(channel, tally)| (channel.clone(), *tally)).collect();
        FeedbackCounts { total: self.total, by_channel }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Answered {
    responses: u64,
    sum: f64,
    last: f64,
    last_at: Micros,
}

/// Answers by instrument.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Answers(BTreeMap<CompactString, Answered>);

impl Answers {
    pub(super) fn answered(&mut self, event: &Event, answered: &SurveyAnswered) {
        let state = self.0.entry(answered.instrument.as_str().into()).or_default();
        state.responses += 1;
        state.sum += answered.score;
        state.last = answered.score;
        state.last_at = event.header.occurred_at;
    }

    pub(super) fn per_instrument(&self) -> Vec<Satisfaction> {
        let show = |(instrument, state): (&CompactString, &Answered)| Satisfaction {
            instrument: instrument.to_string(),
            responses: state.responses,
            mean: state.sum / state.responses.max(1) as f64,
            last: state.last,
            last_at: state.last_at,
        };
        self.0.iter().map(show).collect()
    }
}
