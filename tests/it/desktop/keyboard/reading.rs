//! Reading: who it is, all sections, the timeline, and what was known in the past; in another language as well.

use serde_json::json;

use super::{Agent, LANGUAGES, Words, told_and_unconfirmed};
use crate::browser::Focus;
use crate::desktop::{texts, with_a_past};
use crate::story::event;

/// The names of all that the tabulator leads to, one way, until it comes out of the page.
fn passed(step: impl Fn() -> Option<Focus>) -> Vec<String> {
    let stops: Vec<String> = std::iter::from_fn(step).take(200).map(|focus| focus.name).collect();
    assert!(stops.len() < 200, "the tabulator does not come out of the page: {stops:?}");
    stops
}

#[test]
fn all_of_a_customer_is_read_by_keyboard_and_nothing_holds_the_focus() {
    for language in LANGUAGES {
        let server = told_and_unconfirmed();
        let long =
            json!({"channel": "chat", "direction": "inbound", "contact": "c-9", "text": "bem longo ".repeat(200)});
        server.records(&[event("long", "message.sent", "crm:8812", "11:00", long)]);
        let agent = Agent::new(&server, language);
        agent.look_up("Ana Beatriz", "Ana Beatriz Moura");

        let hidden = texts(&agent.browser, ".identifiers .value");
        assert!(hidden.iter().all(|value| value.contains('•')), "{hidden:?}");
        agent.browser.tab_to(&agent.say("who.reveal"));
        agent.enter();
        assert!(texts(&agent.browser, ".identifiers .value").contains(&"ana.moura@example.com".to_owned()));
        assert_eq!(agent.focus().name, agent.say("who.hide"));
        agent.enter();
        assert_eq!(texts(&agent.browser, ".identifiers .value"), hidden);

        // There and back over the same places, through every section and out of the page at both ends.
        passed(|| agent.browser.tab());
        let there = passed(|| agent.browser.tab());
        let mut back = passed(|| agent.browser.tab_back());
        back.reverse();
        assert_eq!(there, back);
        let can = agent.browser.run(
            "return [...R.querySelectorAll('button, input, select, textarea, a[href], [tabindex=\"0\"]')].filter((each) => each.checkVisibility({visibilityProperty: true})).length",
        );
        assert_eq!(there.len() as u64, can.as_u64().unwrap(), "all that can be used is led to: {there:?}");

        // The timeline: an entry is opened, by words and by kind it is filtered.
        let open = agent.browser.tab_until("a long entry", |focus| focus.name.contains('('));
        agent.enter();
        agent.browser.until("R.querySelector('.timeline .long.open')");
        assert_eq!(agent.focus().name, agent.say("text.less"));
        agent.enter();
        assert_eq!(agent.focus().name, open.name);
        agent.browser.tab_to(&agent.say("filter.text"));
        agent.browser.press("entregador");
        agent.browser.until("R.querySelectorAll('.timeline .entry').length === 1");
        assert_eq!(texts(&agent.browser, ".timeline .entry .words"), ["O entregador foi um amor!"]);
        assert!(texts(&agent.browser, ".timeline .aside")[0].starts_with("1 "));
        agent.browser.select_all();
        agent.browser.press("\u{e017}");
        agent.browser.until("R.querySelectorAll('.timeline .entry').length > 1");
        let all = texts(&agent.browser, ".timeline .entry").len();
        agent.browser.tab_until("notes", |focus| focus.key.as_deref() == Some("filter-group-notes"));
        agent.enter();
        agent
            .browser
            .until("R.querySelectorAll('.timeline .entry').length === 1 && R.querySelector('.timeline .k-note')");
        assert!(agent.focus().name.starts_with(&agent.say("group.notes")));
        agent.enter();
        agent.browser.until(&format!("R.querySelectorAll('.timeline .entry').length === {all}"));
        assert_eq!(
            agent.browser.run("return R.querySelector('.days').className"),
            "days",
            "nothing is dimmed any more"
        );

        // Another language, and the focus stays on its name.
        let (other, tag) = if language == "en" { ("Português", "pt-BR") } else { ("English", "en") };
        agent.browser.tab_to(other);
        agent.enter();
        let title = Words::of(tag).say("facts.title", &[]);
        agent.browser.until(&format!("R.querySelector('.facts h2').textContent === '{title}'"));
        assert_eq!(agent.browser.run("return document.documentElement.lang"), tag);
        assert_eq!(agent.focus().name, other);
    }
}

#[test]
fn a_customer_is_seen_as_of_a_past_moment_and_as_of_now_again_by_keyboard() {
    for language in LANGUAGES {
        let (server, _place, filled) = with_a_past();
        let agent = Agent::new(&server, language);
        agent.look_up("Luiz", "Luiz Silva");
        let orders = || texts(&agent.browser, ".fact .value");
        let now = orders();
        assert!(now.contains(&"today".to_owned()), "{now:?}");
        assert_eq!(agent.opens_by_menu(&agent.say("do.past")).field.as_deref(), Some("at"));
        // When the newest was recorded stands there. The moment after the store was filled is typed over it, in the order in which this browser has it.
        let keys = agent.browser.run(&format!(
            "const at = new Date(Date.parse('{filled}') + 60000), two = {{month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit'}};
             const key = ({{type, value}}) => type === 'dayPeriod' ? value[0] : type === 'literal' ? '' : value;
             return new Intl.DateTimeFormat(undefined, {{year: 'numeric', ...two}}).formatToParts(at).map(key).join('')"
        ));
        agent.browser.press(keys.as_str().unwrap());
        let typed = agent.browser.run(&format!(
            "return [Math.floor(Date.parse('{filled}') / 60000) + 1, Date.parse(R.activeElement.value) / 60000]"
        ));
        assert_eq!(typed[0], typed[1], "the moment after the store was filled: {keys}");
        agent.browser.tab_until("see", |focus| focus.tag == "button" && focus.name == agent.say("past.action"));
        agent.enter();
        agent.browser.until("!R.querySelector('dialog').open && R.querySelector('.banner.past')");
        // What opened it is not there in the past: reading begins at the name.
        assert_eq!(agent.focus().name, "Luiz Silva");
        let then = orders();
        assert!(!then.contains(&"today".to_owned()) && !then.is_empty(), "{then:?}");
        assert_eq!(
            agent.browser.run("return [R.querySelector('.actions').hidden, R.querySelectorAll('.fact button').length]"),
            json!([true, 0])
        );
        agent.browser.tab_to(&agent.say("past.back"));
        agent.enter();
        agent.browser.until("!R.querySelector('.banner.past') && R.querySelector('.live-live')");
        assert_eq!(agent.focus().name, "Luiz Silva");
        assert_eq!(orders(), now);
        // Looking records nothing.
        let recorded = server.data("{ events(first: 1000, filter: {sources: [\"panel\"]}) { totalCount } }", json!({}));
        assert_eq!(recorded["events"]["totalCount"], 0);
    }
}
