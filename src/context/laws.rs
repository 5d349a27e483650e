//! What holds for whatever happens: stories of random events.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::testing::{Story, fold};
use super::*;
use crate::event::{EventId, codec};

/// One random event: its kind and its data, in one of few contacts, conversations and cases, so that they meet.
fn happening() -> impl Strategy<Value = (&'static str, Value)> {
    let channels = prop::sample::select(vec!["voice", "email", "chatbot", "social(instagram)"]);
    let directions = prop::sample::select(vec!["inbound", "outbound", "internal"]);
    (0_usize..20, channels, directions, 0_u8..4, 0_u8..3, any::<bool>()).prop_map(
        |(which, channel, direction, contact, name, flag)| {
            let mut data = json!({"channel": channel, "direction": direction, "contact": format!("c{contact}"), "case": format!("k{name}")});
            if flag {
                data["conversation"] = json!(format!("v{name}"));
            }
            let (kind, own) = own_fields(which, name, flag);
            for (field, value) in own.as_object().into_iter().flatten() {
                data[field] = value.clone();
            }
            (kind, data)
        },
    )
}

/// A kind that the fold looks at, and the fields of its own.
fn own_fields(which: usize, name: u8, flag: bool) -> (&'static str, Value) {
    match which {
        0 => ("contact.started", json!({"reason": format!("r{name}")})),
        1 => ("contact.answered", json!({"wait_ms": name, "actor": "agent:carla"})),
        2 => ("contact.transferred", json!({"to_department": "logistics"})),
        3 => ("contact.ended", json!({"outcome": "resolved", "talk_ms": u64::MAX, "hold_ms": u64::MAX})),
        4 => ("case.opened", json!({"protocol": format!("P{name}"), "title": "t"})),
        5 => ("case.updated", json!({"due_at": "2026-02-01T00:00:00Z"})),
        6 => ("case.resolved", json!({})),
        7 => ("case.reopened", json!({})),
        8 => ("feedback.given", json!({"feedback": if flag { "praise" } else { "complaint" }})),
        9 => ("survey.answered", json!({"instrument": "nps", "score": name})),
        10 => ("fact.told", json!({"key": format!("f{name}"), "value": 1, "confirmed": flag})),
        11 => ("fact.withdrawn", json!({"key": format!("f{name}")})),
        12 => ("note.added", json!({"text": "x", "pinned": flag})),
        13 => ("stage.entered", json!({"stage": format!("s{name}")})),
        14 => ("milestone.reached", json!({"milestone": format!("m{name}")})),
        15 => ("profile.observed", json!({"namespace": "crm", "values": {"name": "x", "city": "y"}})),
        16 => ("preference.stated", json!({"preferred_channel": "email"})),
        17 => ("consent.changed", json!({"purpose": "marketing", "state": if flag { "granted" } else { "revoked" }})),
        18 => ("note.unpinned", json!({"note": EventId::derive("test", &name.to_string()).to_string()})),
        _ => ("message.sent", json!({"text": "x"})),
    }
}

/// Random events, at random hours, in the order in which they came in.
fn stories() -> impl Strategy<Value = Story> {
    prop::collection::vec((0_u16..2_000, happening()), 0..40).prop_map(|happenings| {
        happenings.into_iter().fold(Story::default(), |story, (at, (kind, data))| story.at(f64::from(at), kind, data))
    })
}

proptest! {
    #[test]
    fn a_prefix_and_then_the_rest_is_the_whole(story in stories(), cut in 0_usize..40) {
        let events = story.in_order();
        let (before, after) = events.split_at(cut.min(events.len()));
        prop_assert_eq!(fold(fold(Context::default(), before), after), story.context());
    }

    #[test]
    fn a_context_comes_back_from_its_packed_form(story in stories()) {
        let context = story.context();
        let reread: Context = codec::unpack(&codec::pack(&context)).unwrap();
        prop_assert_eq!(reread, context);
    }

    #[test]
    fn every_contact_is_counted_once_in_all_and_in_one_channel(story in stories()) {
        let mut ids: Vec<String> = Vec::new();
        for event in story.in_order() {
            let id = event.header.contact.as_ref().map(ToString::to_string);
            ids.extend(id);
        }
        ids.sort();
        ids.dedup();
        let totals = story.context().totals();
        prop_assert_eq!(totals.contacts, ids.len() as u64);
        prop_assert_eq!(totals.by_channel.iter().map(|used| used.contacts).sum::<u64>(), ids.len() as u64);
    }
}
