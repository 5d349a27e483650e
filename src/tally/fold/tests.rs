use serde_json::{Value as Json, json};

use super::*;
use crate::event::testing::event;
use crate::tally::entity::Way;

/// What happened: a moment in minutes from a beginning, the kind, and what the event says.
type Told = (i64, &'static str, Json);

fn given(told: &[Told]) -> Vec<(i32, Page)> {
    let begin = Micros::parse("2026-01-05T12:00:00Z").unwrap();
    let mut events: Vec<Event> = (told.iter().enumerate())
        .map(|(number, (minutes, kind, data))| {
            let Json::Object(data) = data.clone() else { panic!("data is an object") };
            event(number as u64, begin.plus(minutes * 60 * Micros::SECOND), kind, data)
        })
        .collect();
    events.sort_by_key(|event| (event.header.occurred_at, event.position));
    let mut history = History::new(RowRules::default());
    events.iter().for_each(|event| history.see(event));
    history.finish(SubjectId([7; 16]))
}

/// All rows on one page.
fn rows(told: &[Told]) -> Page {
    let mut all = Page::default();
    for (_, page) in given(told) {
        all.contacts.extend(page.contacts);
        all.cases.extend(page.cases);
        all.conversations.extend(page.conversations);
        all.steps.extend(page.steps);
    }
    all
}

const DAY: i64 = 24 * 60;

#[test]
fn a_call_that_waits_is_answered_and_ends_has_its_times() {
    let call = |more: Json| {
        let mut data = json!({"channel": "voice", "contact": "c1", "department": "billing"});
        data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        data
    };
    let page = rows(&[
        (0, "contact.started", call(json!({"reason": "invoice", "channel_choice": "chosen", "direction": "inbound"}))),
        (1, "contact.queued", call(json!({"queue": "q1"}))),
        (3, "contact.answered", call(json!({"actor": "agent:ana", "direction": "inbound"}))),
        (4, "contact.transferred", call(json!({"to_department": "claims"}))),
        (9, "contact.ended", call(json!({"outcome": "resolved", "talk_ms": 300_000, "wrap_up_ms": 20_000}))),
    ]);
    let [contact] = page.contacts.as_slice() else { panic!("{:?}", page.contacts) };
    assert_eq!((contact.wait_ms, contact.first_response_ms), (Some(120_000.0), Some(180_000.0)));
    assert_eq!((contact.talk_ms, contact.hold_ms, contact.wrap_up_ms), (Some(300_000.0), None, Some(20_000.0)));
    assert_eq!((contact.queued, contact.answered, contact.handled, contact.abandoned), (true, true, true, false));
    assert_eq!(
        (contact.transfers, contact.agent.as_deref(), contact.outcome.as_deref()),
        (1, Some("ana"), Some("resolved"))
    );
    assert_eq!((contact.reason.as_deref(), contact.queue.as_deref()), (Some("invoice"), Some("q1")));
    assert_eq!(contact.contained, None);
}

#[test]
fn who_gives_up_in_the_queue_is_abandoned_and_waited_until_then() {
    let page = rows(&[
        (0, "contact.started", json!({"channel": "voice", "contact": "c", "direction": "inbound"})),
        (1, "contact.queued", json!({"channel": "voice", "contact": "c"})),
        (2, "contact.ended", json!({"channel": "voice", "contact": "c", "outcome": "abandoned"})),
    ]);
    let contact = &page.contacts[0];
    assert_eq!((contact.abandoned, contact.handled, contact.wait_ms), (true, false, Some(60_000.0)));
}

#[test]
fn self_service_contains_what_no_person_had_to_deal_with() {
    let bot = |contact: &str, outcome: &str, at: i64| {
        [
            (at, "contact.started", json!({"channel": "chatbot", "contact": contact, "direction": "inbound"})),
            (at + 1, "self_service.used", json!({"channel": "chatbot", "contact": contact, "path": "bill"})),
            (at + 2, "contact.ended", json!({"channel": "chatbot", "contact": contact, "outcome": outcome})),
        ]
    };
    let page = rows(&[bot("a", "resolved", 0), bot("b", "forwarded", 10)].concat());
    let contained: Vec<_> = page.contacts.iter().map(|contact| contact.contained).collect();
    assert_eq!(contained, [Some(true), Some(false)]);
}

#[test]
fn repeats_are_counted_forward_from_the_first_of_them() {
    let call = |day: i64, reason: &str| {
        (
            day * DAY,
            "contact.started",
            json!({"channel": "voice", "contact": format!("c{day}{reason}"), "direction": "inbound", "reason": reason}),
        )
    };
    let page = rows(&[call(0, "x"), call(5, "x"), call(6, "y"), call(10, "x"), call(12, "x")]);
    let repeats: Vec<_> = page.contacts.iter().map(|contact| (contact.contact.as_str(), contact.repeat)).collect();
    assert_eq!(repeats, [("c0x", false), ("c5x", true), ("c6y", false), ("c10x", false), ("c12x", true)]);
    let day = 86_400_000.0;
    assert_eq!(page.contacts[3].previous_same_reason_ms, Some(5.0 * day));
    assert_eq!(page.contacts[3].previous_ms, Some(4.0 * day));
    assert_eq!((page.contacts[1].next_ms, page.contacts[1].next_same_reason_ms), (Some(day), Some(5.0 * day)));
    assert_eq!(page.contacts[4].next_ms, None);
}

#[test]
fn a_case_knows_when_the_customer_complained_again() {
    let of = |case: &str, more: Json| {
        let mut data = json!({"channel": "web", "case": case, "contact": case, "direction": "inbound"});
        data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        data
    };
    let page = rows(&[
        (0, "contact.started", of("a", json!({"reason": "hole"}))),
        (0, "case.opened", of("a", json!({"demand": "complaint", "due_at": "2026-01-06T00:00:00Z"}))),
        (0, "feedback.given", of("a", json!({"feedback": "complaint"}))),
        (2 * DAY, "case.resolved", of("a", json!({"direction": "internal"}))),
        (3 * DAY, "contact.started", of("b", json!({"reason": "tree"}))),
        (3 * DAY, "case.opened", of("b", json!({"demand": "request"}))),
        (5 * DAY, "contact.started", of("c", json!({"reason": "hole"}))),
        (5 * DAY, "case.opened", of("c", json!({"demand": "complaint"}))),
    ]);
    let [a, b, c] = page.cases.as_slice() else { panic!("{:?}", page.cases) };
    let day = 86_400_000.0;
    assert_eq!(a.resolved_at.map(|at| ms(at, a.opened_at)), Some(2.0 * day));
    assert_eq!(
        (a.next_contact_ms, a.next_same_reason_ms, a.next_complaint_ms),
        (Some(day), Some(3.0 * day), Some(3.0 * day))
    );
    assert_eq!((a.contacts, a.reason.as_deref(), a.demand.as_str()), (1, Some("hole"), "complaint"));
    assert_eq!((b.resolved_at, b.next_complaint_ms, c.reopened), (None, None, 0));
}

#[test]
fn an_answer_that_is_stamped_before_the_opening_settles_the_case() {
    let page = rows(&[
        (0, "case.resolved", json!({"channel": "web", "case": "a"})),
        (10, "case.opened", json!({"channel": "app", "case": "a", "demand": "request"})),
    ]);
    let case = &page.cases[0];
    assert_eq!(case.resolved_at.map(|at| ms(at, case.opened_at)), Some(-600_000.0));
    assert_eq!(case.channel, "app");
}

#[test]
fn a_conversation_goes_over_channels_and_what_belongs_to_none_is_one_by_itself() {
    let contact = |at: i64, id: &str, channel: &str, conversation: Option<&str>| {
        (
            at,
            "contact.started",
            json!({"channel": channel, "contact": id, "conversation": conversation, "direction": "inbound"}),
        )
    };
    let page = rows(&[
        contact(0, "a", "chatbot", Some("v")),
        contact(5, "x", "email", None),
        contact(9, "b", "voice", Some("v")),
    ]);
    let told: Vec<_> =
        page.conversations.iter().map(|it| (it.conversation.as_str(), it.channels.join(" "), it.switches)).collect();
    assert_eq!(told, [("v", "chatbot voice".to_owned(), 1), ("x", "email".to_owned(), 0)]);
}

#[test]
fn steps_go_from_stage_to_stage_and_from_contact_to_contact() {
    let page = rows(&[
        (0, "stage.entered", json!({"channel": "web", "stage": "discovery"})),
        (
            1,
            "contact.started",
            json!({"channel": "chat", "contact": "a", "direction": "inbound", "stage": "discovery"}),
        ),
        (2, "stage.entered", json!({"channel": "web", "stage": "purchase"})),
        (3, "contact.started", json!({"channel": "chat", "contact": "b", "direction": "inbound"})),
    ]);
    let told: Vec<_> = (page.steps.iter())
        .map(|step| (step.of, step.from.as_deref(), step.to.as_str(), step.next.as_deref(), step.elapsed_ms))
        .collect();
    assert_eq!(
        told,
        [
            (Way::Stage, None, "discovery", Some("purchase"), None),
            (Way::Channel, None, "chat", Some("chat"), None),
            (Way::Stage, Some("discovery"), "purchase", None, Some(120_000.0)),
            (Way::Channel, Some("chat"), "chat", None, Some(120_000.0)),
        ]
    );
}

#[test]
fn rows_lie_on_the_day_on_which_they_begin_and_kinds_go_on_from_the_day_before() {
    let pages = given(&[
        (0, "note.added", json!({"text": "x"})),
        (1, "message.sent", json!({"channel": "chat", "direction": "inbound", "text": "x"})),
        (3 * DAY, "note.added", json!({"text": "x"})),
    ]);
    let customer: Arc<str> = Arc::from("c");
    let told: Vec<_> = (pages.iter())
        .map(|(day, page)| {
            let steps = page.kind_steps(&customer).map(|step| (step.from, step.to, step.next, step.elapsed_ms));
            (*day, page.contacts.len(), steps.collect::<Vec<_>>())
        })
        .collect();
    let (note, message) = (CompactString::from("note.added"), CompactString::from("message.sent"));
    let first = Micros::parse("2026-01-05T12:00:00Z").unwrap().0.div_euclid(Micros::DAY) as i32;
    assert_eq!(
        told,
        [
            (
                first,
                1,
                vec![
                    (None, note.clone(), Some(message.clone()), None),
                    (Some(note.clone()), message.clone(), Some(note.clone()), Some(60_000.0)),
                ]
            ),
            (first + 3, 0, vec![(Some(message), note, None, Some((3 * DAY - 1) as f64 * 60_000.0))]),
        ]
    );
    for (_, page) in pages {
        let stored: Page = crate::event::codec::unpack(&crate::event::codec::pack(&page)).unwrap();
        let mut stored = stored;
        stored.belongs_to(&Arc::from(SubjectId([7; 16]).to_string()));
        assert_eq!(stored, page);
    }
}

#[test]
fn an_event_takes_place_where_its_contact_does_and_in_the_stage_that_the_customer_is_in() {
    let page = given(&[
        (0, "stage.entered", json!({"channel": "web", "stage": "purchase"})),
        (
            1,
            "contact.started",
            json!({"channel": "chat", "contact": "a", "direction": "inbound", "touchpoint": "checkout", "channel_choice": "chosen"}),
        ),
        (2, "feedback.given", json!({"channel": "chat", "contact": "a", "feedback": "complaint"})),
        (3, "note.added", json!({"text": "x", "contact": "a", "direction": "internal"})),
        (4, "survey.answered", json!({"channel": "survey", "instrument": "csat", "score": 4})),
    ]);
    let visits: Vec<_> = page.into_iter().flat_map(|(_, page)| page.visits).collect();
    let told: Vec<_> = (visits.iter())
        .map(|it| {
            (
                it.stage.as_deref(),
                it.touchpoint.as_deref(),
                it.channel.as_deref(),
                it.events,
                it.contacts,
                it.chosen,
                it.complaints,
                it.responses,
            )
        })
        .collect();
    let stage = Some("purchase");
    assert_eq!(
        told,
        [
            (stage, None, Some("survey"), 1, 0, 0, 0, 1),
            (stage, None, Some("web"), 1, 0, 0, 0, 0),
            (stage, Some("checkout"), Some("chat"), 2, 1, 1, 1, 0),
        ]
    );
    assert_eq!(visits[0].satisfaction, 0.75);
}
