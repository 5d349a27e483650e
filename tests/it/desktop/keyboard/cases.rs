//! A case: opened with a protocol, resolved, and opened again.

use serde_json::json;

use super::{Agent, LANGUAGES, down, told_and_unconfirmed};
use crate::browser::TAB;

const CASE: &str = "query($p: String!) { customer(by: {protocol: $p}) { displayName cases { protocol title demand status dueAt openedAt reopenedCount } } }";

#[test]
fn a_case_is_opened_resolved_and_opened_again_by_keyboard() {
    for language in LANGUAGES {
        let server = told_and_unconfirmed();
        let agent = Agent::new(&server, language);
        agent.look_up("Ana Beatriz", "Ana Beatriz Moura");

        let open = agent.say("do.case");
        agent.opens(&open);
        agent.types("title", "Panela amassada");
        agent.browser.press(&format!("{}{TAB}", down(1)));
        assert_eq!(agent.focus().field.as_deref(), Some("protocol"));
        let protocol = agent.browser.run("return R.activeElement.value").as_str().unwrap().to_owned();
        assert_eq!(protocol.len(), 14, "the day and six digits: {protocol}");
        assert_eq!(agent.sends(&agent.say("case.action")).name, open);
        agent.recorded_once(
            "case.opened",
            &json!({"protocol": protocol, "title": "Panela amassada", "demand": "request"}),
        );
        let case = || {
            let found = server.data(CASE, json!({"p": protocol}))["customer"].take();
            assert_eq!(found["displayName"], "Ana Beatriz Moura");
            found["cases"].as_array().unwrap().iter().find(|case| case["protocol"] == *protocol).unwrap().clone()
        };
        let now = case();
        assert_eq!((&now["status"], &now["reopenedCount"]), (&json!("OPEN"), &json!(0)));
        let day = |name: &str| now[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        let hours = day("dueAt").duration_since(day("openedAt")).as_hours();
        assert!((7 * 24 - 1..=7 * 24).contains(&hours), "seven days to answer: {hours} h");

        let resolve = format!("{} {protocol}", agent.say("cases.resolve"));
        agent.opens(&resolve);
        agent.types("resolution", "trocado");
        agent.types("note", "Trocada na loja.");
        // It is not among the open ones any more: the focus stays among the cases.
        let after = agent.sends(&agent.say("cases.resolve"));
        assert!(
            after.name.starts_with(&agent.say("cases.resolve")) || after.key.as_deref() == Some("cases-all"),
            "{after:?}"
        );
        agent.recorded_once("case.resolved", &json!({"resolution": "trocado", "note": "Trocada na loja."}));
        assert_eq!(case()["status"], "RESOLVED");

        agent.browser.tab_until("the closed cases", |focus| focus.key.as_deref() == Some("cases-all"));
        agent.enter();
        // The button is gone: the focus is on the first that came in its place.
        agent.browser.until("!R.querySelector('[data-key=cases-all]')");
        assert!(agent.focus().name.starts_with(&agent.say("cases.reopen")));
        let reopen = format!("{} {protocol}", agent.say("cases.reopen"));
        if agent.focus().name != reopen {
            agent.browser.tab_to(&reopen);
        }
        agent.opens_here(&reopen);
        agent.browser.tab_until("why", |focus| focus.field.as_deref() == Some("note"));
        agent.types("note", "Veio amassada outra vez.");
        agent.sends(&agent.say("cases.reopen"));
        agent.recorded_once("case.reopened", &json!({"note": "Veio amassada outra vez."}));
        let now = case();
        assert_eq!((&now["status"], &now["reopenedCount"]), (&json!("OPEN"), &json!(1)));
    }
}
