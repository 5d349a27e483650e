//! A customer in numbers: preference, feedback, satisfaction, totals.

use async_graphql::{Object, SimpleObject};

use super::scalars::{ChannelScalar, DateTime};
use crate::context;
use crate::event::Channel;

/// How the customer likes to be reached.
pub struct ChannelPreference(pub(super) context::ChannelPreference);

/// How the customer likes to be reached.
#[Object(serial)]
impl ChannelPreference {
    /// Stated by the customer, else inferred; null when there is not enough to say.
    async fn preferred(&self) -> Option<ChannelScalar> {
        self.0.preferred.as_ref().map(Into::into)
    }

    /// Whether they said so themselves.
    async fn stated(&self) -> bool {
        self.0.stated
    }

    /// From 0 to 1: 1 − 1/(1 + n/3) times the margin over the second channel, n the contacts counted.
    async fn confidence(&self) -> f64 {
        self.0.confidence
    }

    /// The channels by score.
    async fn ranking(&self) -> Vec<ChannelScore> {
        self.0.ranking.iter().cloned().map(ChannelScore).collect()
    }

    /// The hours of the day at which they come to us most, in their zone.
    async fn best_hours(&self) -> Vec<u8> {
        self.0.best_hours.clone()
    }
}

/// A channel and how much the customer uses it.
pub struct ChannelScore(context::ChannelScore);

/// A channel and how much the customer uses it.
#[Object(serial)]
impl ChannelScore {
    /// Which.
    async fn channel(&self) -> ChannelScalar {
        (&self.0.channel).into()
    }

    /// Its share, from 0 to 1: each contact of theirs counts half as much for every 90 days of its age, and half of that for
    /// every message of ours that they answered.
    async fn score(&self) -> f64 {
        self.0.score
    }

    /// How many contacts.
    async fn contacts(&self) -> u64 {
        self.0.contacts
    }

    /// The last of them.
    async fn last_used_at(&self) -> Option<DateTime> {
        self.0.last_used_at.map(Into::into)
    }
}

/// How often a customer complained, suggested, praised, asked and reported.
pub struct FeedbackCounts(pub(super) context::FeedbackCounts);

/// How often a customer complained, suggested, praised, asked and reported.
#[Object(serial)]
impl FeedbackCounts {
    /// Reclamações.
    async fn complaints(&self) -> u64 {
        self.0.total.complaints
    }

    /// Sugestões.
    async fn suggestions(&self) -> u64 {
        self.0.total.suggestions
    }

    /// Elogios.
    async fn praises(&self) -> u64 {
        self.0.total.praises
    }

    /// Dúvidas.
    async fn questions(&self) -> u64 {
        self.0.total.questions
    }

    /// Denúncias.
    async fn reports(&self) -> u64 {
        self.0.total.reports
    }

    /// The same by channel.
    async fn by_channel(&self) -> Vec<FeedbackByChannel> {
        let row = |(channel, tally): &(Channel, context::Tally)| FeedbackByChannel {
            channel: channel.into(),
            complaints: tally.complaints,
            suggestions: tally.suggestions,
            praises: tally.praises,
            questions: tally.questions,
            reports: tally.reports,
        };
        self.0.by_channel.iter().map(row).collect()
    }
}

/// Feedback in one channel.
#[derive(SimpleObject)]
#[graphql(serial)]
pub struct FeedbackByChannel {
    /// Which.
    channel: ChannelScalar,
    /// Reclamações.
    complaints: u64,
    /// Sugestões.
    suggestions: u64,
    /// Elogios.
    praises: u64,
    /// Dúvidas.
    questions: u64,
    /// Denúncias.
    reports: u64,
}

/// What a customer answered in surveys with one instrument.
pub struct Satisfaction(pub(super) context::Satisfaction);

/// What a customer answered in surveys with one instrument.
#[Object(serial)]
impl Satisfaction {
    /// `csat`, `nps`, `ces` or another.
    async fn instrument(&self) -> &str {
        &self.0.instrument
    }

    /// How many answers.
    async fn responses(&self) -> u64 {
        self.0.responses
    }

    /// Their mean, raw.
    async fn mean(&self) -> f64 {
        self.0.mean
    }

    /// The last answer, raw.
    async fn last(&self) -> f64 {
        self.0.last
    }

    /// When it was given.
    async fn last_at(&self) -> DateTime {
        self.0.last_at.into()
    }
}

/// A customer in numbers.
pub struct CustomerTotals(pub(super) context::Totals);

/// A customer in numbers.
#[Object(serial)]
impl CustomerTotals {
    /// Entries of the timeline.
    async fn events(&self) -> u64 {
        self.0.events
    }

    /// Contacts, each counted once.
    async fn contacts(&self) -> u64 {
        self.0.contacts
    }

    /// Contacts by channel.
    async fn by_channel(&self) -> Vec<ChannelScore> {
        self.0.by_channel.iter().cloned().map(ChannelScore).collect()
    }

    /// Mean time until somebody answered, over the contacts that say it.
    async fn mean_wait_ms(&self) -> Option<f64> {
        self.0.mean_wait_ms
    }

    /// Mean of talk, hold and wrap-up together, over the contacts that say it.
    async fn mean_handle_ms(&self) -> Option<f64> {
        self.0.mean_handle_ms
    }

    /// How often a contact was handed on.
    async fn transfers(&self) -> u64 {
        self.0.transfers
    }

    /// Cases that are settled.
    async fn resolved_cases(&self) -> u64 {
        self.0.resolved_cases
    }

    /// Cases that are not.
    async fn open_cases(&self) -> u64 {
        self.0.open_cases
    }

    /// The first entry.
    async fn first_seen_at(&self) -> Option<DateTime> {
        self.0.first_seen_at.map(Into::into)
    }

    /// The last entry.
    async fn last_seen_at(&self) -> Option<DateTime> {
        self.0.last_seen_at.map(Into::into)
    }
}
