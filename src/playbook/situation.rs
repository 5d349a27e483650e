//! A customer's situation: what conditions and texts of a playbook may name.

use std::collections::BTreeMap;

use cel::Value;

use crate::context::{CaseStatus, Context};
use crate::event::{ConsentState, Demand, Micros};

/// Days until something is due that never is.
const NEVER_DAYS: i64 = 9_999;
/// Minutes since a conversation that there never was.
const NEVER_MINUTES: i64 = 999_999_999;

/// A value of a situation.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Is {
    Truth(bool),
    Whole(i64),
    Fraction(f64),
    Text(String),
    /// By its wire name; in a text by its name in the reader's language.
    Channel(String),
    List(Vec<String>),
}

/// Gives the name of a channel in the reader's language for its wire name.
pub(super) type ChannelNames<'a> = &'a dyn Fn(&str) -> String;

impl Is {
    pub(super) fn to_value(&self) -> Value {
        match self {
            Self::Truth(truth) => (*truth).into(),
            Self::Whole(number) => (*number).into(),
            Self::Fraction(number) => (*number).into(),
            Self::Text(text) | Self::Channel(text) => text.clone().into(),
            Self::List(items) => items.clone().into(),
        }
    }

    /// As it stands in a text.
    pub(super) fn show(&self, channel_names: ChannelNames<'_>) -> String {
        match self {
            Self::Truth(truth) => truth.to_string(),
            Self::Whole(number) => number.to_string(),
            Self::Fraction(number) => number.to_string(),
            Self::Text(text) => text.clone(),
            Self::Channel(name) => channel_names(name),
            Self::List(items) => items.join(", "),
        }
    }
}

/// The values of a situation by group and name.
pub(super) type Values = BTreeMap<&'static str, BTreeMap<&'static str, Is>>;

/// What is known of a customer at a moment, and the channel of the contact that is going on.
#[derive(Debug)]
pub struct Situation<'a> {
    /// The customer.
    pub context: &'a Context,
    /// The moment.
    pub now: Micros,
    /// The channel of the contact that is going on, by its wire name, if it is known.
    pub channel: Option<&'a str>,
}

impl Situation<'_> {
    pub(super) fn values(&self) -> Values {
        BTreeMap::from([
            ("cases", self.cases()),
            ("consents", self.consents()),
            ("contact", BTreeMap::from([("channel", Is::Channel(self.channel.unwrap_or_default().to_owned()))])),
            ("continuation", self.continuation()),
            ("facts", self.facts()),
            ("feedback", self.feedback()),
            ("journey", self.journey()),
            ("preference", self.preference()),
            ("satisfaction", self.satisfaction()),
            ("totals", self.totals()),
        ])
    }

    fn days_since(&self, at: Micros) -> i64 {
        (self.now.0 - at.0).div_euclid(Micros::DAY)
    }

    /// How long ago something was, in the largest whole unit; the signs are those of the International System.
    fn ago(&self, at: Option<Micros>) -> Is {
        let Some(at) = at else { return Is::Text(String::new()) };
        let minutes = (self.now.0 - at.0).div_euclid(60 * Micros::SECOND).max(0);
        Is::Text(match (minutes / 1_440, minutes / 60) {
            (0, 0) => format!("{minutes} min"),
            (0, hours) => format!("{hours} h"),
            (days, _) => format!("{days} d"),
        })
    }

    fn cases(&self) -> BTreeMap<&'static str, Is> {
        let all = self.context.cases(self.now);
        let open: Vec<_> = all.iter().filter(|case| case.status == CaseStatus::Open).collect();
        let count = |n: usize| Is::Whole(n as i64);
        let days_left = open.iter().map(|case| -self.days_since(case.deadline)).min();
        BTreeMap::from([
            ("open", count(open.len())),
            ("overdue", count(open.iter().filter(|case| case.overdue).count())),
            ("complaints", count(open.iter().filter(|case| case.demand == Demand::Complaint.word()).count())),
            ("reopened", Is::Whole(open.iter().map(|case| i64::from(case.reopened_count)).sum())),
            ("oldest_days", Is::Whole(open.iter().map(|case| self.days_since(case.opened_at)).max().unwrap_or(0))),
            ("oldest_ago", self.ago(open.iter().map(|case| case.opened_at).min())),
            ("days_left", Is::Whole(days_left.unwrap_or(NEVER_DAYS))),
            ("resolved", count(all.len() - open.len())),
        ])
    }

    fn consents(&self) -> BTreeMap<&'static str, Is> {
        let (mut granted, mut refused) = (Vec::new(), Vec::new());
        for consent in self.context.consents().into_iter().filter(|consent| consent.channel.is_none()) {
            let expired = consent.expires_at.is_some_and(|at| at <= self.now);
            let list = if consent.state == ConsentState::Granted && !expired { &mut granted } else { &mut refused };
            list.push(consent.purpose);
        }
        BTreeMap::from([("granted", Is::List(granted)), ("refused", Is::List(refused))])
    }

    fn continuation(&self) -> BTreeMap<&'static str, Is> {
        let last = self.context.continuation(self.now);
        let last = last.as_ref();
        let text = |text: Option<String>| Is::Text(text.unwrap_or_default());
        let minutes = last.map(|last| (self.now.0 - last.stopped_at.0).div_euclid(60 * Micros::SECOND));
        BTreeMap::from([
            ("channel", Is::Channel(last.map(|last| last.channel.to_string()).unwrap_or_default())),
            ("reason", text(last.and_then(|last| last.reason.clone()))),
            ("outcome", text(last.and_then(|last| last.outcome.clone()))),
            ("department", text(last.and_then(|last| last.department.clone()))),
            ("minutes_ago", Is::Whole(minutes.unwrap_or(NEVER_MINUTES))),
            ("ago", self.ago(last.map(|last| last.stopped_at))),
            ("contacts", Is::Whole(last.map_or(0, |last| whole(last.contacts_so_far)))),
            ("channels", Is::Whole(last.map_or(0, |last| last.channels_so_far.len() as i64))),
        ])
    }

    fn facts(&self) -> BTreeMap<&'static str, Is> {
        let keys = self.context.facts(self.now).into_iter().map(|fact| fact.key).collect();
        BTreeMap::from([("known", Is::List(keys))])
    }

    fn feedback(&self) -> BTreeMap<&'static str, Is> {
        let total = self.context.feedback().total;
        BTreeMap::from([
            ("complaints", Is::Whole(whole(total.complaints))),
            ("suggestions", Is::Whole(whole(total.suggestions))),
            ("praises", Is::Whole(whole(total.praises))),
            ("questions", Is::Whole(whole(total.questions))),
            ("reports", Is::Whole(whole(total.reports))),
        ])
    }

    fn journey(&self) -> BTreeMap<&'static str, Is> {
        let stage = self.context.stage();
        let since = stage.as_ref().map(|stage| stage.since);
        let days = stage.as_ref().map_or(0, |stage| self.days_since(stage.since));
        let milestones = self.context.milestones().into_iter().map(|milestone| milestone.name).collect();
        BTreeMap::from([
            ("stage", Is::Text(stage.map(|stage| stage.stage).unwrap_or_default())),
            ("stage_days", Is::Whole(days)),
            ("stage_ago", self.ago(since)),
            ("milestones", Is::List(milestones)),
        ])
    }

    fn preference(&self) -> BTreeMap<&'static str, Is> {
        let preference = self.context.preference(self.now);
        let channel = preference.preferred.map(|channel| channel.to_string());
        BTreeMap::from([
            ("channel", Is::Channel(channel.unwrap_or_default())),
            ("stated", Is::Truth(preference.stated)),
            ("confidence", Is::Fraction(preference.confidence)),
        ])
    }

    fn satisfaction(&self) -> BTreeMap<&'static str, Is> {
        let all = self.context.satisfaction();
        let last = |instrument: &str| {
            let found = all.iter().find(|answers| answers.instrument == instrument);
            Is::Fraction(found.map_or(-1.0, |answers| answers.last))
        };
        let known = all.iter().map(|answers| answers.instrument.clone()).collect();
        BTreeMap::from([("known", Is::List(known)), ("csat", last("csat")), ("nps", last("nps")), ("ces", last("ces"))])
    }

    fn totals(&self) -> BTreeMap<&'static str, Is> {
        let totals = self.context.totals();
        BTreeMap::from([
            ("contacts", Is::Whole(whole(totals.contacts))),
            ("transfers", Is::Whole(whole(totals.transfers))),
            ("days_known", Is::Whole(totals.first_seen_at.map_or(0, |at| self.days_since(at)))),
        ])
    }
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The values of a customer of whom nothing is known, and of one of whom everything is: conditions are tried on both.
pub(super) fn samples() -> [Values; 2] {
    let context = Context::default();
    let nothing = Situation { context: &context, now: Micros(0), channel: None }.values();
    let mut everything = nothing.clone();
    for value in everything.values_mut().flat_map(BTreeMap::values_mut) {
        *value = match value {
            Is::Truth(_) => Is::Truth(true),
            Is::Whole(_) => Is::Whole(3),
            Is::Fraction(_) => Is::Fraction(0.5),
            Is::Text(_) => Is::Text("voice".into()),
            Is::Channel(_) => Is::Channel("voice".into()),
            Is::List(_) => Is::List(vec!["voice".into(), "order".into()]),
        };
    }
    [nothing, everything]
}
