//! What the fold makes of stories.

mod conversations;

use proptest::prelude::*;
use serde_json::json;

use super::testing::{Story, fold, hours};
use super::*;
use crate::event::{Channel, ConsentState, EventId, codec};

fn given() -> Story {
    Story::default()
}

fn positions(refs: &[EventRef]) -> Vec<u64> {
    refs.iter().map(|reference| reference.position.0).collect()
}

fn hop() -> Story {
    given()
        .at(0.0, "contact.started", json!({"channel": "chatbot", "contact": "c1", "conversation": "v", "reason": "late"}))
        .at(0.1, "message.sent", json!({"channel": "chatbot", "direction": "inbound", "contact": "c1", "text": "oi"}))
        .at(0.2, "fact.told", json!({"channel": "chatbot", "contact": "c1", "key": "order", "value": "88412"}))
        .at(0.3, "contact.transferred", json!({"channel": "chatbot", "contact": "c1", "to_channel": "voice", "to_department": "logistics"}))
        .at(0.4, "contact.started", json!({"channel": "voice", "contact": "c2", "conversation": "v"}))
        .at(0.5, "contact.answered", json!({"channel": "voice", "contact": "c2", "wait_ms": 60000, "actor": "agent:carla"}))
        .at(0.6, "case.opened", json!({"channel": "voice", "contact": "c2", "case": "k", "protocol": "P1", "demand": "complaint", "title": "t", "due_at": "2026-01-07T00:00:00Z"}))
        .at(0.7, "contact.ended", json!({"channel": "voice", "contact": "c2", "outcome": "unresolved", "talk_ms": 1000, "hold_ms": 200, "wrap_up_ms": 300}))
        .at(2.0, "message.sent", json!({"channel": "email", "direction": "inbound", "contact": "c3", "conversation": "v", "text": "e aí?"}))
}

#[test]
fn the_newest_telling_of_a_fact_counts_until_it_is_withdrawn_or_runs_out() {
    let story = given()
        .at(0.0, "fact.told", json!({"key": "order", "value": "1"}))
        .at(1.0, "fact.told", json!({"key": "order", "value": "2", "confirmed": true}))
        .at(2.0, "fact.told", json!({"key": "time", "value": "noon", "valid_until": "2026-01-06T15:00:00Z"}))
        .at(3.0, "fact.told", json!({"key": "gone", "value": "x"}))
        .at(4.0, "fact.withdrawn", json!({"key": "gone"}));
    let told = |at| -> Vec<(String, u64, bool)> {
        story.context().facts(hours(at)).into_iter().map(|f| (f.key, f.value.position.0, f.confirmed)).collect()
    };
    assert_eq!(told(5.0), [("time".into(), 2, false), ("order".into(), 1, true)]);
    assert_eq!(told(30.0), [("order".into(), 1, true)]);
}

#[test]
fn a_case_is_overdue_while_it_is_open_past_its_date() {
    let case = |story: &Story, at| story.context().cases(hours(at)).remove(0);
    assert!(!case(&hop(), 3.0).overdue);
    assert!(case(&hop(), 60.0).overdue);
    let reopened =
        hop().at(61.0, "case.resolved", json!({"case": "k"})).at(62.0, "case.reopened", json!({"case": "k"}));
    let seen = case(&reopened, 63.0);
    assert_eq!((seen.status, seen.reopened_count, seen.resolved_at), (CaseStatus::Open, 1, None));
    assert_eq!(positions(&seen.events), [6, 9, 10]);
}

#[test]
fn an_answer_stamped_before_its_opening_resolves_all_the_same() {
    let story = given().at(5.0, "case.opened", json!({"case": "k"})).at(1.0, "case.resolved", json!({"case": "k"}));
    let case = story.context().cases(hours(9.0)).remove(0);
    assert_eq!((case.status, case.opened_at, case.resolved_at), (CaseStatus::Resolved, hours(5.0), Some(hours(1.0))));
    assert_eq!(case.demand, "request");
}

#[test]
fn feedback_is_counted_in_all_and_by_channel() {
    let mut story = given();
    for (channel, feedback) in [("voice", "complaint"), ("voice", "praise"), ("email", "complaint")] {
        story = story.at(0.0, "feedback.given", json!({"channel": channel, "feedback": feedback}));
    }
    let counts = story.context().feedback();
    assert_eq!((counts.total.complaints, counts.total.praises, counts.total.reports), (2, 1, 0));
    let voice = Tally { complaints: 1, praises: 1, ..Tally::default() };
    let email = Tally { complaints: 1, ..Tally::default() };
    assert_eq!(counts.by_channel, [(Channel::Voice, voice), (Channel::Email, email)]);
}

#[test]
fn surveys_give_count_mean_and_last() {
    let story = given().at(0.0, "survey.answered", json!({"instrument": "csat", "score": 5})).at(
        1.0,
        "survey.answered",
        json!({"instrument": "csat", "score": 2}),
    );
    let told = story.context().satisfaction();
    assert_eq!((told[0].responses, told[0].mean, told[0].last, told[0].last_at), (2, 3.5, 2.0, hours(1.0)));
}

#[test]
fn totals_count_a_contact_once_and_add_its_times() {
    let totals = hop().context().totals();
    assert_eq!((totals.events, totals.contacts, totals.transfers, totals.open_cases), (9, 3, 1, 1));
    assert_eq!((totals.mean_wait_ms, totals.mean_handle_ms), (Some(60000.0), Some(1500.0)));
    assert_eq!((totals.first_seen_at, totals.last_seen_at), (Some(hours(0.0)), Some(hours(2.0))));
    assert_eq!(totals.by_channel.iter().map(|used| used.contacts).collect::<Vec<_>>(), [1, 1, 1]);
}

#[test]
fn stages_milestones_and_consents_keep_what_counts() {
    let story = given()
        .at(0.0, "stage.entered", json!({"stage": "activation"}))
        .at(1.0, "stage.entered", json!({"stage": "retention"}))
        .at(2.0, "stage.entered", json!({"stage": "retention"}))
        .at(3.0, "milestone.reached", json!({"milestone": "first_order"}))
        .at(4.0, "milestone.reached", json!({"milestone": "first_order"}))
        .at(5.0, "consent.changed", json!({"purpose": "marketing", "state": "granted"}))
        .at(6.0, "consent.changed", json!({"purpose": "marketing", "state": "revoked"}));
    let context = story.context();
    assert_eq!(context.stage(), Some(StageVisit { stage: "retention".into(), since: hours(1.0) }));
    assert_eq!(context.milestones(), [Milestone { name: "first_order".into(), reached_at: hours(3.0) }]);
    assert_eq!((context.consents()[0].state, context.consents().len()), (ConsentState::Revoked, 1));
}

#[test]
fn the_newest_value_of_each_name_and_the_newest_name_are_shown() {
    let story = given()
        .at(0.0, "profile.observed", json!({"namespace": "crm", "values": {"name": "Ana", "city": "Recife"}}))
        .at(1.0, "profile.observed", json!({"namespace": "crm", "values": {"city": "Olinda"}}))
        .at(2.0, "note.added", json!({"text": "x", "pinned": true}))
        .at(3.0, "note.added", json!({"text": "y"}));
    let context = story.context();
    assert_eq!(context.display_name().unwrap().position.0, 0);
    let shown: Vec<_> = context.attributes(Some("crm")).into_iter().map(|a| (a.name, a.value.position.0)).collect();
    assert_eq!(shown, [("city".into(), 1), ("name".into(), 0)]);
    assert!(context.attributes(Some("risk")).is_empty());
    assert_eq!(positions(&context.pinned_notes()), [2]);
}

#[test]
fn a_note_that_is_unpinned_leaves_the_top_whenever_the_clocks_say_it_did() {
    let note = |story: Story, at: f64| story.at(at, "note.added", json!({"text": "x", "pinned": true}));
    let unpin = |story: Story, at: f64, number: u64| {
        let id = EventId::derive("test", &number.to_string()).to_string();
        story.at(at, "note.unpinned", json!({"note": id}))
    };
    let both = note(note(given(), 0.0), 1.0);
    assert_eq!(positions(&both.context().pinned_notes()), [1, 0]);
    let one = unpin(both.clone(), 2.0, 0);
    assert_eq!(positions(&one.context().pinned_notes()), [1]);
    // Twice, and of a note that nobody pinned, it changes nothing; at a moment before the note's own it counts all the same.
    assert_eq!(positions(&unpin(unpin(one, 3.0, 0), 4.0, 77).context().pinned_notes()), [1]);
    assert_eq!(positions(&unpin(both, 0.5, 1).context().pinned_notes()), [0]);
}

#[test]
fn a_stated_preference_wins_and_one_contact_says_nothing() {
    let one = given().at(0.0, "contact.started", json!({"channel": "voice", "contact": "1"}));
    assert_eq!(one.context().preference(hours(1.0)).preferred, None);
    let two = one.at(1.0, "contact.started", json!({"channel": "voice", "contact": "2"}));
    let inferred = two.context().preference(hours(2.0));
    assert_eq!((inferred.preferred, inferred.stated), (Some(Channel::Voice), false));
    assert!((inferred.confidence - (1.0 - 1.0 / (1.0 + 2.0 / 3.0))).abs() < 1e-12);
    assert_eq!(inferred.best_hours, [12, 13]);
    let stated =
        two.at(2.0, "preference.stated", json!({"preferred_channel": "email"})).context().preference(hours(3.0));
    assert_eq!((stated.preferred, stated.stated, stated.confidence), (Some(Channel::Email), true, 1.0));
}

#[test]
fn a_contact_first_named_inside_the_company_counts_where_the_customer_came() {
    let story = given()
        .at(0.0, "identity.claimed", json!({"contact": "1"}))
        .at(0.0, "contact.started", json!({"channel": "voice", "contact": "1"}))
        .at(1.0, "contact.started", json!({"channel": "voice", "contact": "2"}));
    let context = story.context();
    assert_eq!(context.preference(hours(2.0)).preferred, Some(Channel::Voice));
    assert_eq!(context.preference(hours(2.0)).best_hours, [12, 13]);
    let used: Vec<_> = context.totals().by_channel.into_iter().map(|used| (used.channel, used.contacts)).collect();
    assert_eq!((used, context.totals().contacts), (vec![(Channel::Voice, 2)], 2));
}

#[test]
fn times_beyond_all_bounds_are_added_without_harm() {
    let ended = json!({"channel": "voice", "contact": "1", "talk_ms": u64::MAX, "hold_ms": u64::MAX});
    let totals = given().at(0.0, "contact.ended", ended).context().totals();
    assert_eq!(totals.mean_handle_ms, Some(u64::MAX as f64));
}

#[test]
fn a_preference_is_the_same_after_centuries() {
    let story = given()
        .at(0.0, "contact.started", json!({"channel": "voice", "contact": "1"}))
        .at(1.0, "contact.started", json!({"channel": "voice", "contact": "2"}))
        .at(1.0, "contact.started", json!({"channel": "email", "contact": "3"}));
    let scores = |at| -> Vec<f64> { story.context().preference(at).ranking.iter().map(|s| s.score).collect() };
    let now = scores(hours(2.0));
    assert!((now[0] - 2.0 / 3.0).abs() < 1e-3 && (now[1] - 1.0 / 3.0).abs() < 1e-3, "{now:?}");
    assert_eq!(scores(Micros::parse("9000-01-01T00:00:00Z").unwrap()), now);
    assert_eq!(scores(Micros::default()), now);
}

#[test]
fn a_case_that_nobody_dated_is_due_seven_days_after_it_was_raised() {
    let story = given().at(1.0, "case.opened", json!({"case": "k"}));
    let case = |at| story.context().cases(hours(at)).remove(0);
    assert_eq!((case(2.0).due_at, case(2.0).deadline), (None, hours(1.0 + 7.0 * 24.0)));
    assert_eq!((case(168.9).overdue, case(169.1).overdue), (false, true));
    let dated = story.at(2.0, "case.updated", json!({"case": "k", "due_at": "2026-03-01T00:00:00Z"}));
    let case = dated.context().cases(hours(400.0)).remove(0);
    assert_eq!((Some(case.deadline), case.overdue), (case.due_at, false));
}

#[test]
fn a_case_that_was_raised_after_a_conversation_is_not_what_that_was_about() {
    let raised = |at| {
        let story = given()
            .at(1.0, "contact.started", json!({"channel": "voice", "contact": "c", "reason": "invoice"}))
            .at(2.0, "contact.ended", json!({"channel": "voice", "contact": "c"}));
        story.at(at, "case.opened", json!({"case": "fridge"})).context().continuation(hours(9.0)).unwrap()
    };
    assert_eq!(raised(5.0).open_case, None);
    assert_eq!(raised(0.5).open_case.map(|case| case.id).as_deref(), Some("fridge"));
}

#[test]
fn an_opening_that_comes_again_takes_nothing_away() {
    let story = given()
        .at(0.0, "case.opened", json!({"case": "k", "channel": "voice", "protocol": "P1", "demand": "complaint"}))
        .at(1.0, "case.opened", json!({"case": "k", "channel": "email", "due_at": "2026-01-07T00:00:00Z"}));
    let case = story.context().cases(hours(2.0)).remove(0);
    assert_eq!((case.protocol.as_deref(), case.demand.as_str()), (Some("P1"), "complaint"));
    assert_eq!((case.opened_at, case.channel), (hours(0.0), Channel::Voice));
    assert_eq!((case.title.unwrap().position.0, case.due_at.is_some()), (0, true));
}

#[test]
fn an_update_of_a_case_never_opened_makes_a_case() {
    let case = given().at(1.0, "case.updated", json!({"case": "k"})).context().cases(hours(2.0)).remove(0);
    assert_eq!((case.id.as_str(), case.status, case.opened_at), ("k", CaseStatus::Open, hours(1.0)));
    assert_eq!((case.title, case.demand.as_str()), (None, "request"));
}

/// A contact or a message of ours, at an hour, in a channel.
fn uses() -> impl Strategy<Value = Vec<(u32, bool, bool)>> {
    prop::collection::vec((0_u32..9_000, any::<bool>(), any::<bool>()), 1..20)
}

proptest! {
    #[test]
    fn the_scores_are_those_of_the_formula(mut uses in uses(), later in 0_u32..5_000) {
        uses.sort();
        uses.dedup_by_key(|(at, ..)| *at);
        let mut story = given();
        // The formula, over the bare list: (weight at `now`) per channel.
        let now = 9_000.0 + f64::from(later);
        let fade = |at: f64| 0.5_f64.powf((now - at) / 24.0 / 90.0);
        let mut expected = [0.0, 0.0];
        let mut waiting: [Option<f64>; 2] = [None, None];
        for (index, (at, email, ours)) in uses.iter().enumerate() {
            let (at, which) = (f64::from(*at), usize::from(*email));
            let channel = ["voice", "email"][which];
            if *ours {
                story = story.at(at, "message.sent", json!({"channel": channel, "direction": "outbound", "text": "x"}));
                waiting[which] = Some(at);
            } else {
                story = story.at(at, "contact.started", json!({"channel": channel, "contact": index.to_string()}));
                expected[which] += fade(at);
                if let Some(sent) = waiting[which].take().filter(|sent| at - sent <= 7.0 * 24.0) {
                    expected[which] += 0.5 * fade(sent);
                }
            }
        }
        let total = expected[0] + expected[1];
        for score in story.context().preference(hours(now)).ranking {
            let which = usize::from(score.channel == Channel::Email);
            prop_assert!((score.score - expected[which] / total).abs() < 1e-9);
        }
    }

    #[test]
    fn folding_on_from_a_stored_context_is_folding_the_whole(cut in 0_usize..10) {
        let events = hop().in_order();
        let (before, after) = events.split_at(cut.min(events.len()));
        let stored = codec::pack(&fold(Context::default(), before));
        let reread: Context = codec::unpack(&stored).unwrap();
        prop_assert_eq!(fold(reread, after), fold(Context::default(), &events));
    }
}
