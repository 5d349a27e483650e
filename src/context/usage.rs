//! Which channels the customer uses, and which they like.
//!
//! A stated preference wins. Else each channel's score is the sum over the customer's own contacts of 0.5^(age / 90 days),
//! plus half of that for every message of ours that they answered in the channel, over the sum of all channels. A message is
//! answered when the customer comes back in the same channel within [`ContextRules`]' span; of several in a row the last
//! is. `confidence` is (1 − 1/(1 + n/3)) times the margin over the second channel, n the contacts counted.
//!
//! Each channel keeps its sum as it was at its last change; from then on it only fades. All fade alike, so the moment of
//! the question cancels in the shares: they are taken at the newest change, where nothing has faded to zero, and are the
//! same at any moment.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::rules::ContextRules;
use crate::event::kind::PreferenceStated;
use crate::event::{Channel, Direction, Event, Kind, Micros};

/// After so many days a contact counts half.
const HALF_LIFE_DAYS: f64 = 90.0;
/// Under so many contacts nothing is said.
const FEWEST_CONTACTS: u64 = 2;
/// Best hours that are told.
const MOST_HOURS: usize = 3;

/// How the customer likes to be reached.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChannelPreference {
    /// Stated, else inferred; `None` under two contacts.
    pub preferred: Option<Channel>,
    /// Whether they said so themselves.
    pub stated: bool,
    /// From 0 to 1.
    pub confidence: f64,
    /// The channels by score, highest first.
    pub ranking: Vec<ChannelScore>,
    /// The hours of the day at which they come most, in the rules' zone; at most three, the most frequent first.
    pub best_hours: Vec<u8>,
}

/// A channel and how much the customer uses it.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelScore {
    /// Which.
    pub channel: Channel,
    /// Its share, from 0 to 1.
    pub score: f64,
    /// How many contacts.
    pub contacts: u64,
    /// The last of them.
    pub last_used_at: Option<Micros>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Use {
    /// The sum of weights as it was at `at`.
    sum: f64,
    at: Micros,
    contacts: u64,
    last_used_at: Option<Micros>,
    /// A message of ours that waits for an answer.
    unanswered: Option<Micros>,
}

/// What the preference is made of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Usage {
    channels: BTreeMap<Channel, Use>,
    hours: [u32; 24],
    stated: Option<Channel>,
}

/// What is left of a weight of 1 after so many microseconds.
fn faded(micros: i64) -> f64 {
    (-(micros as f64) / (Micros::DAY as f64 * HALF_LIFE_DAYS)).exp2()
}

impl Use {
    fn at(&self, now: Micros) -> f64 {
        self.sum * faded(now.since(self.at))
    }

    fn add(&mut self, weight: f64, now: Micros) {
        self.sum = self.at(now) + weight;
        self.at = now;
    }
}

impl Usage {
    /// Takes an event into account; `new_contact` says that its contact begins with it.
    pub(super) fn see(&mut self, event: &Event, new_contact: bool, rules: &ContextRules) {
        let header = &event.header;
        let at = header.occurred_at;
        match header.direction {
            Direction::Internal => {}
            Direction::Outbound => {
                if matches!(event.kind, Kind::MessageSent(_)) {
                    self.channel(&header.channel).unanswered = Some(at);
                }
            }
            Direction::Inbound => {
                let own = new_contact || is_the_customers_word(&event.kind);
                if !own {
                    return;
                }
                let channel = self.channel(&header.channel);
                if let Some(sent) = channel.unanswered.take()
                    && at.since(sent) <= rules.answer_micros()
                {
                    channel.add(0.5 * faded(at.since(sent)), at);
                }
                if new_contact {
                    channel.add(1.0, at);
                    channel.contacts += 1;
                    channel.last_used_at = Some(at);
                    if let Some(hour) = self.hours.get_mut(rules.hour(at)) {
                        *hour += 1;
                    }
                }
            }
        }
    }

    pub(super) fn stated(&mut self, stated: &PreferenceStated) {
        if let Some(channel) = &stated.preferred_channel {
            self.stated = Some(channel.clone());
        }
    }

    fn channel(&mut self, channel: &Channel) -> &mut Use {
        self.channels.entry(channel.clone()).or_default()
    }

    pub(super) fn preference(&self) -> ChannelPreference {
        let newest = self.channels.values().filter(|used| used.sum > 0.0).map(|used| used.at).max().unwrap_or_default();
        let total: f64 = self.channels.values().map(|used| used.at(newest)).sum();
        let score = |(channel, used): (&Channel, &Use)| ChannelScore {
            channel: channel.clone(),
            score: if total > 0.0 { used.at(newest) / total } else { 0.0 },
            contacts: used.contacts,
            last_used_at: used.last_used_at,
        };
        let used = self.channels.iter().filter(|(_, used)| used.sum > 0.0);
        let mut ranking: Vec<ChannelScore> = used.map(score).collect();
        ranking.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.channel.cmp(&b.channel)));
        let (preferred, stated, confidence) = match &self.stated {
            Some(channel) => (Some(channel.clone()), true, 1.0),
            None => self.inferred(&ranking),
        };
        ChannelPreference { preferred, stated, confidence, ranking, best_hours: self.best_hours() }
    }

    fn inferred(&self, ranking: &[ChannelScore]) -> (Option<Channel>, bool, f64) {
        let contacts: u64 = self.channels.values().map(|used| used.contacts).sum();
        let Some(first) = ranking.first().filter(|_| contacts >= FEWEST_CONTACTS) else { return (None, false, 0.0) };
        let margin = first.score - ranking.get(1).map_or(0.0, |second| second.score);
        let enough = 1.0 - 1.0 / (1.0 + contacts as f64 / 3.0);
        (Some(first.channel.clone()), false, enough * margin)
    }

    fn best_hours(&self) -> Vec<u8> {
        let mut hours: Vec<(u32, u8)> = self.hours.iter().copied().zip(0..24).filter(|(count, _)| *count > 0).collect();
        hours.sort_by_key(|(count, hour)| (std::cmp::Reverse(*count), *hour));
        hours.into_iter().take(MOST_HOURS).map(|(_, hour)| hour).collect()
    }
}

/// Whether the customer themselves said or did something in a channel.
fn is_the_customers_word(kind: &Kind) -> bool {
    match kind {
        Kind::ContactStarted(_) | Kind::MessageSent(_) | Kind::SelfServiceUsed(_) => true,
        Kind::ContactQueued(_)
        | Kind::ContactAnswered(_)
        | Kind::ContactTransferred(_)
        | Kind::ContactEnded(_)
        | Kind::CaseOpened(_)
        | Kind::CaseUpdated(_)
        | Kind::CaseResolved(_)
        | Kind::CaseReopened(_)
        | Kind::FeedbackGiven(_)
        | Kind::SurveySent(_)
        | Kind::SurveyAnswered(_)
        | Kind::FactTold(_)
        | Kind::FactWithdrawn(_)
        | Kind::NoteAdded(_)
        | Kind::NoteUnpinned(_)
        | Kind::StageEntered(_)
        | Kind::MilestoneReached(_)
        | Kind::ActivityTracked(_)
        | Kind::CampaignTouched(_)
        | Kind::ProfileObserved(_)
        | Kind::PreferenceStated(_)
        | Kind::ConsentChanged(_)
        | Kind::IdentityClaimed(_)
        | Kind::IdentityLinked(_)
        | Kind::IdentityUnlinked(_)
        | Kind::PrivacyHeld(_)
        | Kind::PrivacyReleased(_)
        | Kind::PrivacyShredded(_)
        | Kind::RecordViewed(_)
        | Kind::Custom(_) => false,
    }
}
