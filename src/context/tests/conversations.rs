//! Where conversations stand.

use serde_json::json;

use super::super::testing::hours;
use super::{given, hop, positions};
use crate::event::Channel;

#[test]
fn a_conversation_goes_on_over_channels() {
    let stopped = hop().context().continuation(hours(3.0)).unwrap();
    assert_eq!((stopped.conversation.as_str(), stopped.last_contact.as_str()), ("v", "c3"));
    assert_eq!((stopped.channel, stopped.stopped_at), (Channel::Email, hours(2.0)));
    assert_eq!((stopped.outcome.as_deref(), stopped.reason.as_deref()), (Some("unresolved"), Some("late")));
    assert_eq!((stopped.agent.as_deref(), stopped.department.as_deref()), (Some("carla"), Some("logistics")));
    assert_eq!(stopped.contacts_so_far, 3);
    assert_eq!(stopped.channels_so_far, [Channel::Chatbot, Channel::Voice, Channel::Email]);
    assert_eq!(positions(&stopped.last_messages), [1, 8]);
    assert_eq!(stopped.open_case.unwrap().protocol.as_deref(), Some("P1"));
}

#[test]
fn a_campaigns_message_begins_no_conversation_and_a_case_shuts_with_its_resolution() {
    let story = hop()
        .at(
            30.0,
            "message.sent",
            json!({"channel": "sms", "direction": "outbound", "contact": "m", "campaign": "black", "text": "x"}),
        )
        .at(31.0, "case.resolved", json!({"case": "k"}));
    let stopped = story.context().continuation(hours(32.0)).unwrap();
    assert_eq!(stopped.conversation, "v");
    assert_eq!(stopped.open_case, None);
}

#[test]
fn a_new_contact_leaves_the_outcome_of_the_last_that_ended() {
    let story = hop().at(3.0, "contact.started", json!({"channel": "voice", "contact": "c4", "conversation": "v"}));
    assert_eq!(story.context().continuation(hours(4.0)).unwrap().outcome.as_deref(), Some("unresolved"));
}

#[test]
fn what_happens_inside_the_company_moves_no_conversation() {
    let story = hop()
        .at(5.0, "contact.started", json!({"channel": "voice", "contact": "w"}))
        .at(
            6.0,
            "record.viewed",
            json!({"channel": "voice", "contact": "c3", "conversation": "v", "actor": "agent:joao"}),
        )
        .at(7.0, "note.added", json!({"contact": "w", "text": "x", "actor": "agent:joao"}));
    let stopped = story.context().continuation(hours(8.0)).unwrap();
    assert_eq!((stopped.conversation.as_str(), stopped.stopped_at), ("w", hours(5.0)));
    assert_eq!((stopped.channel, stopped.agent), (Channel::Voice, None));
}

#[test]
fn a_campaigns_message_moves_no_conversation_that_is_there() {
    let campaign = json!({"channel": "sms", "direction": "outbound", "contact": "m", "conversation": "v", "campaign": "black", "text": "x"});
    let stopped = hop().at(30.0, "message.sent", campaign).context().continuation(hours(32.0)).unwrap();
    assert_eq!((stopped.channel, stopped.stopped_at, stopped.contacts_so_far), (Channel::Email, hours(2.0), 3));
}

#[test]
fn the_last_contact_of_a_very_long_conversation_is_the_last() {
    let mut story = given();
    for number in 0..510_u32 {
        let data = json!({"channel": "voice", "contact": format!("c{number}"), "conversation": "v"});
        story = story.at(f64::from(number), "contact.started", data);
    }
    let stopped = story.context().continuation(hours(600.0)).unwrap();
    assert_eq!((stopped.last_contact.as_str(), stopped.contacts_so_far), ("c509", 510));
}

#[test]
fn a_contact_that_gets_its_conversation_late_keeps_what_was_said() {
    let story = given()
        .at(0.0, "message.sent", json!({"channel": "chat", "direction": "inbound", "contact": "c", "text": "x"}))
        .at(
            1.0,
            "message.sent",
            json!({"channel": "chat", "direction": "inbound", "contact": "c", "conversation": "v", "text": "y"}),
        );
    let stopped = story.context().continuation(hours(2.0)).unwrap();
    assert_eq!((stopped.conversation.as_str(), stopped.contacts_so_far), ("v", 1));
    assert_eq!(positions(&stopped.last_messages), [0, 1]);
}

#[test]
fn a_contact_that_joins_a_conversation_late_is_taken_over_in_time_order() {
    let message = |contact: &str| json!({"channel": "chat", "direction": "inbound", "contact": contact, "text": "x"});
    let mut joined = message("b");
    joined["conversation"] = json!("v");
    let mut first = message("a");
    first["conversation"] = json!("v");
    let mut started = message("b");
    started["channel"] = json!("email");
    let story = given()
        .at(0.0, "message.sent", first.clone())
        .at(1.0, "message.sent", started)
        .at(2.0, "message.sent", first)
        .at(3.0, "message.sent", joined);
    let stopped = story.context().continuation(hours(4.0)).unwrap();
    assert_eq!((stopped.conversation.as_str(), stopped.contacts_so_far), ("v", 2));
    assert_eq!(positions(&stopped.last_messages), [0, 1, 2, 3]);
    assert_eq!(stopped.channels_so_far, [Channel::Chat, Channel::Email]);
}

#[test]
fn an_agent_who_hands_on_to_an_area_is_still_the_last_who_had_it() {
    let handed = json!({"channel": "voice", "contact": "c2", "conversation": "v", "actor": "agent:carla", "to_department": "billing"});
    let stopped = hop().at(2.5, "contact.transferred", handed).context().continuation(hours(3.0)).unwrap();
    assert_eq!((stopped.agent.as_deref(), stopped.department.as_deref()), (Some("carla"), Some("billing")));
}

#[test]
fn a_case_opened_inside_the_company_is_what_the_conversation_is_about() {
    let story = given()
        .at(0.0, "case.opened", json!({"case": "other", "protocol": "P0"}))
        .at(1.0, "contact.started", json!({"channel": "voice", "contact": "c"}))
        .at(2.0, "case.opened", json!({"case": "k", "contact": "c", "direction": "internal", "protocol": "P1"}))
        .at(3.0, "case.opened", json!({"case": "later", "protocol": "P2"}));
    let stopped = story.context().continuation(hours(4.0)).unwrap();
    assert_eq!(stopped.open_case.unwrap().protocol.as_deref(), Some("P1"));
    assert_eq!(stopped.stopped_at, hours(1.0));
}
