//! Impatient people press twice: what they do is recorded once.

use serde_json::{Value, json};

use crate::browser::{Browser, ENTER};
use crate::server::Server;
use crate::story::{STORY, event};

use super::{NARROW, is_content, shown};

/// How many events of a kind came from the panel.
fn recorded(server: &Server, kind: &str) -> Value {
    let asked =
        "query($k: [String!]) { events(first: 1000, filter: {kinds: $k, sources: [\"panel\"]}) { totalCount } }";
    server.data(asked, json!({"k": [kind]}))["events"]["totalCount"].take()
}

/// How each form is filled in, and what is recorded of it.
const FORMS: [(&str, &str, &str); 7] = [
    ("do-note", "text: 'Ligou outra vez.'", "note.added"),
    ("do-fact", "key: 'x', value: 'y'", "fact.told"),
    ("do-case", "title: 'Panela amassada'", "case.opened"),
    ("do-feedback", "topic: 'entrega'", "feedback.given"),
    ("do-preference", "channel: 'email'", "preference.stated"),
    ("resolve-case-2", "resolution: 'trocado'", "case.resolved"),
    ("withdraw-order", "", "fact.withdrawn"),
];

#[test]
fn whatever_is_pressed_twice_is_recorded_once() {
    let server = Server::new();
    server.sees(server.record(STORY)["through"].as_str().unwrap());
    let fact = json!({"channel": "chatbot", "key": "address", "value": "Rua das Flores, 10"});
    server.records(&[event("f", "fact.told", "crm:8812", "10:00", fact)]);
    let browser = Browser::new("en", NARROW);
    browser.open(&server.url("/panel?identifier=crm:8812&channel=voice&agent=carla"));
    shown(&browser);
    browser.run("window.told = []; addEventListener('novelo-recorded', ({detail}) => told.push(detail.kind))");
    let mut expected = Vec::new();
    for (number, (opener, fields, kind)) in FORMS.into_iter().enumerate() {
        browser.run(&format!("R.querySelector('[data-key={opener}]').click()"));
        browser.until("R.querySelector('dialog').open");
        browser.run(&format!(
            "for (const [name, value] of Object.entries({{{fields}}})) R.querySelector(`dialog [name=${{name}}]`).value = value;
             R.querySelector('dialog [type=radio]')?.click()"
        ));
        let button = "R.querySelector('dialog button[type=submit]')";
        if number % 2 == 0 {
            browser.double_click(button);
        } else {
            browser.run(&format!("{button}.focus()"));
            browser.press(&format!("{ENTER}{ENTER}"));
        }
        browser.until("!R.querySelector('dialog').open");
        expected.push(kind);
        browser.until(&format!("window.told.length === {}", expected.len()));
        assert_eq!(recorded(&server, kind), 1, "{kind}");
    }
    // A deed without a form.
    browser.run("R.querySelector('[data-key=confirm-address]').scrollIntoView({block: 'center'})");
    browser.double_click("R.querySelector('[data-key=confirm-address]')");
    browser.until("!R.querySelector('[data-key=confirm-address]')");
    assert_eq!(recorded(&server, "fact.told"), 2);
    assert_eq!(browser.run("return window.told.slice(0, 7)"), json!(expected));
    is_content(&browser);
}

#[test]
fn a_link_that_is_pressed_twice_is_made_once_and_so_is_the_separation() {
    let server = Server::new();
    server.sees(server.record(STORY)["through"].as_str().unwrap());
    let browser = Browser::new("en", NARROW);
    browser.open(&server.url("/panel?identifier=crm:7001&channel=voice&agent=carla"));
    shown(&browser);
    let count = |kind: &str| {
        let asked = "query($k: [String!]) { events(first: 1000, filter: {kinds: $k}) { nodes { actor { id } } } }";
        let found = server.data(asked, json!({"k": [kind]}));
        found["events"]["nodes"].as_array().unwrap().iter().filter(|event| event["actor"]["id"] == "carla").count()
    };
    browser.run("R.querySelector('[data-key=do-link]').click(); R.querySelector('dialog input').value = 'Bruno'; R.querySelector('dialog form').requestSubmit()");
    browser.until("R.querySelector('dialog .candidate')");
    browser.run("R.querySelector('dialog .candidate').click()");
    browser.until("R.querySelector('dialog .sides')");
    browser.run("R.querySelector('dialog input').value = 'The same.'");
    browser.double_click("R.querySelector('dialog button[type=submit]')");
    browser.until("!R.querySelector('dialog').open && R.querySelector('[data-key=links-all]')");
    assert_eq!(count("identity.linked"), 1);
    browser.run("R.querySelector('[data-key=links-all]').click(); R.querySelector('[data-key^=unlink-]').click()");
    browser.until("R.querySelector('dialog').open");
    browser.run("R.querySelector('dialog input').value = 'A mistake.'");
    browser.double_click("R.querySelector('dialog button[type=submit]')");
    browser.until("!R.querySelector('dialog').open && !R.querySelector('.strands')");
    assert_eq!(count("identity.unlinked"), 1);
    is_content(&browser);
}
