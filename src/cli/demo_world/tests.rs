use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::Value;

use super::*;
use crate::event::{Channel, Draft, Identifier, IdentifierKind, Kind, Unfiled, Who};

fn today() -> Micros {
    Micros::parse("2026-03-10T00:00:00Z").unwrap()
}

fn at(flat: &Flat) -> Micros {
    Micros::parse(flat.time.as_deref().unwrap()).unwrap()
}

fn field<'a>(flat: &'a Flat, name: &str) -> &'a str {
    flat.data.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn named(flat: &Flat) -> Vec<String> {
    let others = flat.data.get("identifiers").and_then(Value::as_array).into_iter().flatten();
    flat.subject.iter().cloned().chain(others.map(|other| other.as_str().unwrap().to_owned())).collect()
}

/// Files an event under what it names, in the order in which it names it.
fn draft(flat: Flat) -> Draft {
    let (id, identifiers) = (flat.id.clone(), named(&flat));
    let identifiers = identifiers.iter().map(|text| {
        let (kind, value) = text.split_once(':').unwrap();
        Identifier::from_normal_form(IdentifierKind::new(kind).unwrap(), value).unwrap()
    });
    let who = Who::Known(identifiers.collect());
    let filed = Unfiled::read(flat).and_then(|unfiled| unfiled.file(who, today()));
    filed.unwrap_or_else(|problem| panic!("{id}: {} {}", problem.field, problem.reason))
}

fn of_the_star(flat: &Flat) -> bool {
    named(flat).iter().any(|identifier| {
        ["crm:8812", "email:ana.moura@example.com", "whatsapp:+5511955500142", "phone:+5511955500142"]
            .contains(&identifier.as_str())
    })
}

fn last_conversation() -> Vec<Flat> {
    events(today()).into_iter().filter(|flat| field(flat, "conversation") == "v-88412").collect()
}

#[test]
fn the_same_day_gives_the_same_events() {
    let shown = |flats: Vec<Flat>| flats.iter().map(|flat| format!("{flat:?}")).collect::<Vec<_>>();
    assert_eq!(shown(events(today())), shown(events(today())));
}

#[test]
fn another_day_moves_them_all_and_changes_nothing_else() {
    let later = events(today().plus(Micros::DAY));
    for (now, then) in events(today()).iter().zip(&later) {
        assert_eq!((&now.id, &now.kind, &now.subject), (&then.id, &then.kind, &then.subject));
        assert_eq!(at(then).since(at(now)), Micros::DAY);
    }
}

#[test]
fn it_is_small_and_labelled_as_synthetic() {
    let flats = events(today());
    assert!((400..=900).contains(&flats.len()), "{}", flats.len());
    let drafts: Vec<Draft> = flats.into_iter().map(draft).collect();
    assert!(drafts.iter().all(|draft| draft.header().dimensions.get("synthetic") == Some("true")));
}

#[test]
fn every_event_is_valid_in_order_and_of_the_last_120_days() {
    let flats = events(today());
    let times: Vec<Micros> = flats.iter().map(at).collect();
    assert!(times.is_sorted());
    assert!(times.first().unwrap().since(today()) >= -120 * Micros::DAY);
    assert!(*times.last().unwrap() < today());
    let ids: HashSet<_> = flats.iter().map(|flat| (flat.source.clone(), flat.id.clone())).collect();
    assert_eq!(ids.len(), flats.len());
    flats.into_iter().for_each(|flat| drop(draft(flat)));
}

#[test]
fn every_channel_is_there() {
    let there: BTreeSet<String> = events(today()).into_iter().map(|f| draft(f).header().channel.to_string()).collect();
    for channel in Channel::PLAIN {
        assert!(there.contains(&channel.to_string()), "{channel}");
    }
    assert!(there.contains("social(instagram)") && there.contains("other(fax)"));
}

#[test]
fn every_kind_is_there_but_an_erasure() {
    let there: BTreeSet<&str> = events(today()).into_iter().map(|flat| draft(flat).kind().name()).collect();
    let missing: Vec<&str> = Kind::ALL.iter().map(|info| info.name).filter(|name| !there.contains(name)).collect();
    assert_eq!(missing, ["privacy.shredded"]);
}

#[test]
fn about_forty_customers_have_names() {
    let flats = events(today());
    let profiles = flats.iter().filter(|flat| flat.kind == "novelo.profile.observed");
    let names: BTreeSet<&str> = profiles.filter_map(|flat| flat.data.get("values")?.get("name")?.as_str()).collect();
    assert!((38..=46).contains(&names.len()), "{}", names.len());
    assert!(names.contains("Ana Beatriz Moura"));
}

#[test]
fn telephones_and_addresses_belong_to_nobody() {
    for identifier in events(today()).iter().flat_map(named) {
        let (kind, value) = identifier.split_once(':').unwrap();
        match kind {
            "email" => assert!(value.ends_with("@example.com") || value.ends_with("@example.com.br"), "{value}"),
            "whatsapp" => assert!(value.contains("95550"), "{value}"),
            "phone" => assert!(value.contains("95550") || value == "+551135550190", "{value}"),
            "cpf" => assert!(value.starts_with("999000") && value.len() == 11, "{value}"),
            _ => {}
        }
    }
}

#[test]
fn the_star_hops_over_three_channels_in_one_conversation_of_the_last_two_days() {
    let talk = last_conversation();
    let mut channels: Vec<&str> = talk.iter().map(|flat| field(flat, "channel")).collect();
    channels.dedup();
    assert_eq!(channels, ["chatbot", "voice", "email"]);
    assert!(today().since(at(talk.first().unwrap())) <= 2 * Micros::DAY);
    let outcomes: Vec<&str> = talk.iter().map(|flat| field(flat, "outcome")).filter(|word| !word.is_empty()).collect();
    assert_eq!(outcomes, ["forwarded", "dropped"]);
    let last_message = talk.iter().rfind(|flat| flat.kind == "novelo.message.sent").unwrap();
    assert_eq!((field(last_message, "channel"), field(last_message, "direction")), ("email", "inbound"));
}

#[test]
fn the_star_has_told_the_order_was_promised_an_answer_and_has_an_open_case() {
    let talk = last_conversation();
    let one = |kind: &str| talk.iter().find(|flat| flat.kind == kind).unwrap();
    assert_eq!((field(one("novelo.fact.told"), "key"), field(one("novelo.fact.told"), "value")), ("order", "88412"));
    let promise = one("novelo.activity.tracked");
    assert_eq!((field(promise, "name"), field(promise, "actor")), ("promise.made", "agent:carla"));
    let opened = one("novelo.case.opened");
    assert_eq!(field(opened, "protocol"), "20261042371");
    let due = Micros::parse(field(opened, "due_at")).unwrap();
    assert!((1..=5).contains(&(due.since(today()) / Micros::DAY)));
    let case = field(opened, "case");
    let settled = |flat: &Flat| flat.kind == "novelo.case.resolved" && field(flat, "case") == case;
    assert!(!events(today()).iter().any(settled));
}

#[test]
fn the_star_complained_and_praised_before_and_said_how_she_likes_it() {
    let flats = events(today());
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for flat in flats.iter().filter(|flat| of_the_star(flat)) {
        *counts.entry(format!("{} {}", flat.kind, field(flat, "feedback")).trim().to_owned()).or_default() += 1;
    }
    let count = |name: &str| counts.get(name).copied().unwrap_or(0);
    assert_eq!((count("novelo.feedback.given complaint"), count("novelo.feedback.given praise")), (3, 1));
    assert_eq!((count("novelo.profile.observed"), count("novelo.preference.stated")), (3, 1));
    assert_eq!((count("novelo.consent.changed"), count("novelo.survey.answered")), (1, 2));
}

#[test]
fn the_star_is_known_by_what_the_demonstration_prints() {
    let flats = events(today());
    let known: HashSet<String> = flats.iter().filter(|flat| of_the_star(flat)).flat_map(named).collect();
    let printed = [
        format!("whatsapp:{}", STAR.whatsapp),
        format!("email:{}", STAR.email),
        format!("crm:{}", STAR.crm),
        format!("cpf:{}", STAR.cpf),
    ];
    assert!(printed.iter().all(|identifier| known.contains(identifier)));
    let texts: Vec<String> = last_conversation().iter().map(|flat| format!("{:?}", flat.data)).collect();
    assert!([STAR.order, STAR.protocol].iter().all(|text| texts.iter().any(|data| data.contains(text))));
}

#[test]
fn a_couple_shares_a_landline_and_an_address_and_nothing_else() {
    let flats = events(today());
    let with = |crm: &str| -> BTreeSet<String> {
        flats.iter().map(named).filter(|named| named.iter().any(|n| n == crm)).flatten().collect()
    };
    let (one, other) = (with("crm:9160"), with("crm:9161"));
    let both: Vec<&String> = one.intersection(&other).collect();
    assert_eq!(both, ["address:Rua Inventada 77|São Paulo|SP", "phone:+551135550190"]);
    let has_tax_number = |known: &BTreeSet<String>| known.iter().any(|identifier| identifier.starts_with("cpf:"));
    assert!(has_tax_number(&one) && has_tax_number(&other));
}

#[test]
fn nothing_links_the_halves_of_the_one_who_writes_and_calls() {
    let flats = events(today());
    let halves = ["email:roberto.vasques@example.com.br", "phone:+5511955500262"];
    for half in halves {
        let events: Vec<Vec<String>> = flats.iter().map(named).filter(|n| n.iter().any(|i| i == half)).collect();
        assert!(!events.is_empty() && events.iter().all(|named| named.len() == 1), "{half}");
    }
}
