//! One line that says what happened, in the viewer's language, from clear fields only.
//!
//! Every language has a table of its own words; the sentences have the same shape in all: what happened, then the detail
//! behind a colon or in brackets. Codes that a company gives (reasons, queues, topics) are shown as they are.

mod en;
mod es;
mod pt;
mod words;

use crate::event::kind::{CaseOpened, ContactEnded, SurveyAnswered};
use crate::event::{Event, Kind, Millis, scale};

use words::Words;

/// A language of summaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    /// English, also for every language that is not here.
    English,
    /// Brazilian Portuguese.
    Portuguese,
    /// Spanish.
    Spanish,
}

impl Language {
    /// The language of a tag (BCP 47): `pt-BR`, `es-MX`, `en`.
    pub(super) fn of(tag: &str) -> Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        match primary.as_str() {
            "pt" => Self::Portuguese,
            "es" => Self::Spanish,
            _ => Self::English,
        }
    }

    fn words(self) -> &'static Words {
        match self {
            Self::English => &en::WORDS,
            Self::Portuguese => &pt::WORDS,
            Self::Spanish => &es::WORDS,
        }
    }
}

/// What a channel is called in a language, by its wire name.
pub(super) fn channel_name(wire_name: &str, language: Language) -> String {
    wire_name.parse().map_or_else(|_| wire_name.to_owned(), |channel| language.words().channel(&channel))
}

/// The line for an event.
pub(super) fn summary(event: &Event, language: Language) -> String {
    let words = language.words();
    let channel = || words.channel(&event.header.channel);
    let by = |sentence: &str| sentence.replace("{}", &channel());
    match &event.kind {
        Kind::ContactStarted(kind) => detail(&by(words.contact_started), kind.reason.as_ref()),
        Kind::ContactQueued(kind) => detail(words.contact_queued, kind.queue.as_ref()),
        Kind::ContactAnswered(kind) => match kind.wait_ms {
            Some(wait) => format!("{} ({} {})", words.contact_answered, words.waited, span(wait)),
            None => words.contact_answered.into(),
        },
        Kind::ContactTransferred(kind) => {
            let to = kind.to_department.as_ref().or(kind.to_agent.as_ref()).map(ToString::to_string);
            let to = to.or_else(|| kind.to_channel.as_ref().map(|channel| words.channel(channel)));
            detail(words.contact_transferred, to)
        }
        Kind::ContactEnded(kind) => ended(words, kind),
        Kind::MessageSent(_) => by(words.message(event.header.direction)),
        Kind::SelfServiceUsed(kind) => detail(&by(words.self_service), kind.path.as_ref()),
        Kind::CaseOpened(kind) => opened(words, kind),
        Kind::CaseUpdated(kind) => detail(words.case_updated, kind.status.as_ref()),
        Kind::CaseResolved(kind) => detail(words.case_resolved, kind.resolution.as_ref()),
        Kind::CaseReopened(kind) => detail(words.case_reopened, kind.status.as_ref()),
        Kind::FeedbackGiven(kind) => detail(words.feedback(kind.feedback), kind.topic.as_ref()),
        Kind::SurveySent(kind) => detail(words.survey_sent, Some(kind.instrument.as_str().to_uppercase())),
        Kind::SurveyAnswered(kind) => answered(words, kind),
        Kind::FactTold(kind) => detail(words.fact_told, Some(&kind.key)),
        Kind::FactWithdrawn(kind) => detail(words.fact_withdrawn, Some(&kind.key)),
        Kind::NoteAdded(kind) => if kind.pinned == Some(true) { words.note_pinned } else { words.note }.into(),
        Kind::NoteUnpinned(_) => words.note_unpinned.into(),
        Kind::StageEntered(_) => detail(words.stage, event.header.stage.as_ref()),
        Kind::MilestoneReached(kind) => detail(words.milestone, Some(&kind.milestone)),
        Kind::ActivityTracked(kind) => {
            let amount = kind.amount.map(|amount| match &kind.currency {
                Some(currency) => format!(" ({currency} {})", amount.units()),
                None => format!(" ({})", amount.units()),
            });
            format!("{}: {}{}", words.activity, kind.name, amount.unwrap_or_default())
        }
        Kind::CampaignTouched(kind) => {
            let step = words.step(kind.step);
            detail(&format!("{} {step}", words.campaign), event.header.campaign.as_ref())
        }
        Kind::ProfileObserved(kind) => detail(words.profile, Some(&kind.namespace)),
        Kind::PreferenceStated(kind) => {
            detail(words.preference, kind.preferred_channel.as_ref().map(|channel| words.channel(channel)))
        }
        Kind::ConsentChanged(kind) => {
            format!("{} {}: {}", words.consent, words.consent_state(kind.state), kind.purpose)
        }
        Kind::IdentityClaimed(_) => words.identity_claimed.into(),
        Kind::IdentityLinked(kind) => detail(words.identity_linked, kind.rule.as_ref()),
        Kind::IdentityUnlinked(kind) => detail(words.identity_unlinked, kind.rule.as_ref()),
        Kind::PrivacyHeld(kind) => detail(words.privacy_held, Some(&kind.reason)),
        Kind::PrivacyReleased(kind) => detail(words.privacy_released, kind.reason.as_ref()),
        Kind::PrivacyShredded(kind) => detail(words.privacy_shredded, kind.request.as_ref()),
        Kind::RecordViewed(kind) => detail(words.record_viewed, kind.purpose.as_ref()),
        Kind::Custom(kind) => kind.name.to_string(),
    }
}

/// The sentence, and the detail when there is one.
fn detail(sentence: &str, detail: Option<impl std::fmt::Display>) -> String {
    match detail {
        Some(detail) => format!("{sentence}: {detail}"),
        None => sentence.to_owned(),
    }
}

fn ended(words: &Words, kind: &ContactEnded) -> String {
    let outcome = kind.outcome.map(|outcome| words.outcome(outcome));
    let handled = [kind.talk_ms, kind.hold_ms, kind.wrap_up_ms];
    let line = detail(words.contact_ended, outcome);
    if handled.iter().all(Option::is_none) {
        return line;
    }
    format!("{line} ({})", span(Millis(handled.iter().flatten().map(|part| part.0).sum())))
}

fn opened(words: &Words, kind: &CaseOpened) -> String {
    let demand = kind.demand.map(|demand| words.demand(demand));
    match &kind.protocol {
        Some(protocol) => detail(&format!("{}, {} {protocol}", words.case_opened, words.protocol), demand),
        None => detail(words.case_opened, demand),
    }
}

fn answered(words: &Words, kind: &SurveyAnswered) -> String {
    let (_, top) = scale(kind);
    let instrument = kind.instrument.as_str().to_uppercase();
    format!("{}: {instrument} {} {} {top}", words.survey_answered, kind.score, words.of)
}

/// A span as people say it: `42 s`, `3 min 20 s`, `2 h 5 min`.
fn span(millis: Millis) -> String {
    let seconds = (millis.0 + 500) / 1000;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, 0) => format!("{m} min"),
        (0, m, s) => format!("{m} min {s} s"),
        (h, 0, _) => format!("{h} h"),
        (h, m, _) => format!("{h} h {m} min"),
    }
}

#[cfg(test)]
mod tests;
