//! Facts, notes, feedback and preferences.

use serde_json::{Value, json};

use super::{Agent, LANGUAGES, down, told_and_unconfirmed};
use crate::browser::{SPACE, TAB};

#[test]
fn facts_are_confirmed_corrected_withdrawn_and_told_by_keyboard() {
    for language in LANGUAGES {
        let server = told_and_unconfirmed();
        let agent = Agent::new(&server, language);
        agent.look_up("Ana Beatriz", "Ana Beatriz Moura");
        // What facts are called is the store's to say.
        let names =
            server.data(include_str!("../../../../graphql/operations/names.graphql"), json!({"language": language}));
        let fact = |key: &str| {
            let named = |each: &&Value| each["group"] == "fact" && each["code"] == key;
            names["names"].as_array().unwrap().iter().find(named).unwrap()["name"].as_str().unwrap().to_owned()
        };
        let about = |what: &str, key: &str| agent.words.say(&format!("facts.{what}"), &[("key", &fact(key))]);

        agent.browser.tab_to(&about("confirm", "address"));
        agent.enter();
        // Once it is confirmed the button is gone, and the one that took its place has the focus.
        agent.browser.until("!R.querySelector('[data-key=confirm-address]')");
        assert_eq!(agent.focus().name, about("correct", "address"));
        agent.recorded_once("fact.told", &json!({"key": "address", "value": "Rua das Flores, 10", "confirmed": true}));

        let correct = about("correct", "order");
        assert_eq!(agent.opens(&correct).field.as_deref(), Some("value"));
        // The whole value is taken away by the keyboard as well.
        agent.browser.select_all();
        agent.types("value", "88413");
        assert_eq!(agent.sends(&agent.say("form.save")).name, correct);
        assert_eq!(agent.recorded("fact.told")[1]["value"], "88413");

        let withdraw = about("withdraw", "address");
        agent.opens(&withdraw);
        let after = agent.sends(&agent.say("withdraw.action"));
        assert!(after.key.is_some_and(|key| key.contains("-order") || key.contains("-best_time")), "{:?}", after.name);
        agent.recorded_once("fact.withdrawn", &json!({"key": "address"}));

        let new = agent.say("do.fact");
        assert_eq!(agent.opens(&new).field.as_deref(), Some("key"));
        agent.types("key", &fact("occupation"));
        agent.types("value", "Dentista");
        // Nobody has read it back before it is said that they have.
        assert_eq!(agent.browser.run("return R.activeElement.checked"), false);
        agent.browser.press(&SPACE.to_string());
        assert_eq!(agent.sends(&agent.say("form.save")).name, new);
        let told = agent.recorded("fact.told");
        assert_eq!(told.len(), 3);
        assert_eq!(
            (&told[2]["key"], &told[2]["value"], &told[2]["confirmed"]),
            (&json!("occupation"), &json!("Dentista"), &json!(true))
        );
        agent.browser.until("[...R.querySelectorAll('.fact .value')].some((each) => each.textContent === 'Dentista')");
    }
}

#[test]
fn a_pinned_note_feedback_and_a_preference_are_recorded_by_keyboard() {
    for language in LANGUAGES {
        let server = told_and_unconfirmed();
        let agent = Agent::new(&server, language);
        agent.look_up("Ana Beatriz", "Ana Beatriz Moura");
        let save = agent.say("form.save");

        let note = agent.say("do.note");
        agent.opens(&note);
        agent.types("text", "Ligou outra vez.");
        agent.browser.press(&SPACE.to_string());
        assert_eq!(agent.sends(&save).name, note);
        agent.recorded_once("note.added", &json!({"text": "Ligou outra vez.", "pinned": true}));
        agent
            .browser
            .until("[...R.querySelectorAll('.notes .words')].some((each) => each.textContent === 'Ligou outra vez.')");

        let more = agent.say("do.more");
        assert_eq!(agent.opens_by_menu(&agent.say("do.feedback")).field.as_deref(), Some("feedback"));
        // The arrows choose among the kinds.
        agent.browser.press(&format!("{}{TAB}", down(2)));
        agent.types("topic", "entrega");
        agent.types("text", "O entregador foi gentil.");
        // No contact is going on: which channel it was is asked.
        assert_eq!(agent.focus().field.as_deref(), Some("channel"));
        assert_eq!(agent.sends(&save).name, more);
        agent.recorded_once(
            "feedback.given",
            &json!({"feedback": "praise", "topic": "entrega", "text": "O entregador foi gentil.", "channel": "voice"}),
        );

        assert_eq!(agent.opens_by_menu(&agent.say("do.preference")).field.as_deref(), Some("channel"));
        agent.browser.press(&format!("{}{TAB}{}", down(2), down(3)));
        assert_eq!(agent.sends(&save).name, more);
        agent.recorded_once(
            "preference.stated",
            &json!({"preferred_channel": "email", "hours": "18-21", "purpose": "service"}),
        );
    }
}
