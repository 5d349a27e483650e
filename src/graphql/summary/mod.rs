//! One line that says what happened, in the viewer's language, from clear fields only.
//!
//! Every language has a table of its own words; the sentences have the same shape in all: what happened, then the detail
//! behind a colon or in brackets. Codes that a company gives (reasons, queues, topics) are called by their names.

mod en;
mod es;
mod pt;
mod words;

use std::borrow::Cow;

use crate::event::kind::{CaseOpened, ContactEnded, SurveyAnswered};
use crate::event::{Event, Kind, Millis, scale};
use crate::playbook::Names;

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

/// The code that the line for an event has, and what is coded.
pub(super) fn code(event: &Event) -> Option<(&'static str, &str)> {
    let header = &event.header;
    let (group, code) = match &event.kind {
        Kind::ContactStarted(kind) => ("reason", kind.reason.as_ref()),
        Kind::ContactQueued(kind) => ("queue", kind.queue.as_ref()),
        Kind::ContactTransferred(kind) => ("department", kind.to_department.as_ref()),
        Kind::SelfServiceUsed(kind) => return kind.path.as_ref().map(|path| ("menu", path.as_str())),
        Kind::CaseUpdated(kind) => ("status", kind.status.as_ref()),
        Kind::CaseResolved(kind) => ("resolution", kind.resolution.as_ref()),
        Kind::CaseReopened(kind) => ("status", kind.status.as_ref()),
        Kind::FeedbackGiven(kind) => ("topic", kind.topic.as_ref()),
        Kind::FactTold(kind) => ("fact", Some(&kind.key)),
        Kind::FactWithdrawn(kind) => ("fact", Some(&kind.key)),
        Kind::StageEntered(_) => return header.stage.as_ref().map(|stage| ("stage", stage.as_str())),
        Kind::MilestoneReached(kind) => ("milestone", Some(&kind.milestone)),
        Kind::ActivityTracked(kind) => ("activity", Some(&kind.name)),
        Kind::CampaignTouched(_) => return header.campaign.as_ref().map(|campaign| ("campaign", campaign.as_str())),
        Kind::ProfileObserved(kind) => ("profile", Some(&kind.namespace)),
        Kind::ConsentChanged(kind) => ("purpose", Some(&kind.purpose)),
        Kind::IdentityLinked(kind) => ("rule", kind.rule.as_ref()),
        Kind::IdentityUnlinked(kind) => ("rule", kind.rule.as_ref()),
        Kind::PrivacyHeld(kind) => ("hold", Some(&kind.reason)),
        Kind::PrivacyReleased(kind) => ("hold", kind.reason.as_ref()),
        Kind::RecordViewed(kind) => ("purpose", kind.purpose.as_ref()),
        Kind::ContactAnswered(_)
        | Kind::ContactEnded(_)
        | Kind::MessageSent(_)
        | Kind::CaseOpened(_)
        | Kind::SurveySent(_)
        | Kind::SurveyAnswered(_)
        | Kind::NoteAdded(_)
        | Kind::NoteUnpinned(_)
        | Kind::PreferenceStated(_)
        | Kind::IdentityClaimed(_)
        | Kind::PrivacyShredded(_)
        | Kind::Custom(_) => return None,
    };
    code.map(|code| (group, code.as_str()))
}

/// What is said in a language of a link that holds no more.
pub(super) fn separated(tag: &str) -> &'static str {
    Language::of(tag).words().separated
}

/// The line for an event, in a language: its tag says which names of codes it has, too.
pub(super) fn summary(event: &Event, tag: &str, names: &Names) -> String {
    let words = Language::of(tag).words();
    let code = code(event).map(|(group, code)| names.word(group, code, tag));
    let channel = || words.channel(&event.header.channel);
    let by = |sentence: &str| sentence.replace("{}", &channel());
    match &event.kind {
        Kind::ContactStarted(_) => detail(&by(words.contact_started), code),
        Kind::ContactQueued(_) => detail(words.contact_queued, code),
        Kind::ContactAnswered(kind) => match kind.wait_ms {
            Some(wait) => format!("{} ({} {})", words.contact_answered, words.waited, span(wait)),
            None => words.contact_answered.into(),
        },
        Kind::ContactTransferred(kind) => {
            let to = code.map(Cow::into_owned).or_else(|| kind.to_agent.as_ref().map(ToString::to_string));
            let to = to.or_else(|| kind.to_channel.as_ref().map(|channel| words.channel(channel)));
            detail(words.contact_transferred, to)
        }
        Kind::ContactEnded(kind) => ended(words, kind),
        Kind::MessageSent(_) => by(words.message(event.header.direction)),
        Kind::SelfServiceUsed(_) => detail(&by(words.self_service), code),
        Kind::CaseOpened(kind) => opened(words, kind),
        Kind::CaseUpdated(_) => detail(words.case_updated, code),
        Kind::CaseResolved(_) => detail(words.case_resolved, code),
        Kind::CaseReopened(_) => detail(words.case_reopened, code),
        Kind::FeedbackGiven(kind) => detail(words.feedback(kind.feedback), code),
        Kind::SurveySent(kind) => detail(words.survey_sent, Some(kind.instrument.as_str().to_uppercase())),
        Kind::SurveyAnswered(kind) => answered(words, kind),
        Kind::FactTold(_) => detail(words.fact_told, code),
        Kind::FactWithdrawn(_) => detail(words.fact_withdrawn, code),
        Kind::NoteAdded(kind) => if kind.pinned == Some(true) { words.note_pinned } else { words.note }.into(),
        Kind::NoteUnpinned(_) => words.note_unpinned.into(),
        Kind::StageEntered(_) => detail(words.stage, code),
        Kind::MilestoneReached(_) => detail(words.milestone, code),
        Kind::ActivityTracked(kind) => {
            let amount = kind.amount.map(|amount| {
                let units = format!("{:.2}", amount.units()).replace('.', words.decimal_mark);
                kind.currency.as_ref().map_or(format!(" ({units})"), |currency| format!(" ({currency} {units})"))
            });
            detail(words.activity, code) + &amount.unwrap_or_default()
        }
        Kind::CampaignTouched(kind) => {
            let step = words.step(kind.step);
            detail(&format!("{} {step}", words.campaign), code)
        }
        Kind::ProfileObserved(_) => detail(words.profile, code),
        Kind::PreferenceStated(kind) => {
            detail(words.preference, kind.preferred_channel.as_ref().map(|channel| words.channel(channel)))
        }
        Kind::ConsentChanged(kind) => detail(&format!("{} {}", words.consent, words.consent_state(kind.state)), code),
        Kind::IdentityClaimed(_) => words.identity_claimed.into(),
        Kind::IdentityLinked(_) => detail(words.identity_linked, code),
        Kind::IdentityUnlinked(_) => detail(words.identity_unlinked, code),
        Kind::PrivacyHeld(_) => detail(words.privacy_held, code),
        Kind::PrivacyReleased(_) => detail(words.privacy_released, code),
        Kind::PrivacyShredded(kind) => detail(words.privacy_shredded, kind.request.as_ref()),
        Kind::RecordViewed(_) => detail(words.record_viewed, code),
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
