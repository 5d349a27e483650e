//! What an agent does in the panel while calls come in, in a real browser.

use serde_json::{Value, json};

use crate::browser::{Browser, ENTER};
use crate::server::Server;
use crate::story::told;

const NARROW: (u32, u32) = (360, 1400);

/// Says that somebody calls, as a softphone does.
fn calls(browser: &Browser, identifier: &str) {
    browser.run(&format!(
        "window.dispatchEvent(new MessageEvent('message', {{origin: location.origin, data: {{type: 'novelo.pop', identifier: '{identifier}', channel: 'voice'}}}}))"
    ));
}

fn shows(browser: &Browser, name: &str) {
    browser.until(&format!("R.querySelector('h1').textContent === '{name}'"));
}

/// Opens the form of a note and writes into it.
fn writes(browser: &Browser, text: &str) {
    browser.until("R.querySelector('[data-key=do-note]')");
    browser.run("R.querySelector('[data-key=do-note]').click()");
    browser.until("R.querySelector('dialog').open && R.activeElement.name === 'text'");
    browser.press(text);
}

fn clicks(browser: &Browser, selector: &str) {
    browser.until(&format!("R.querySelector({selector:?})"));
    browser.run(&format!("R.querySelector({selector:?}).click()"));
}

/// What an agent noted of a customer since this test began.
fn notes(server: &Server, crm: &str) -> Value {
    let asked = "query($crm: String!) { customer(by: {identifier: {kind: \"crm\", value: $crm}}) {
        timeline(filter: {kinds: [\"note.added\"], from: \"2026-01-01T00:00:00Z\"}) { nodes { text actor { id } channel } } } }";
    server.data(asked, json!({"crm": crm}))["customer"]["timeline"]["nodes"].take()
}

#[test]
fn a_call_that_comes_in_while_an_agent_writes_waits_and_takes_nothing_away() {
    let (server, _) = told();
    let browser = Browser::new("en", NARROW);
    browser.open(&server.url("/panel?identifier=crm:8812&channel=chat&agent=carla"));
    shows(&browser, "Ana Beatriz Moura");
    writes(&browser, "Prefers the afternoon.");
    calls(&browser, "crm:7002");
    browser.until("R.querySelector('dialog [aria-live] .pop')?.textContent.includes('Call: Bruno Lima, CRM')");
    browser.picture("pop-waits");
    shows(&browser, "Ana Beatriz Moura");
    assert_eq!(browser.run("return R.querySelector('dialog textarea').value"), "Prefers the afternoon.");
    // She saves first: it is a note about Ana, and Bruno is still waiting.
    clicks(&browser, "dialog button[type=submit]");
    browser.until("!R.querySelector('dialog').open && R.querySelector('[role=status] .pop')");
    shows(&browser, "Ana Beatriz Moura");
    let note = json!([{"text": "Prefers the afternoon.", "actor": {"id": "carla"}, "channel": "chat"}]);
    assert_eq!(notes(&server, "8812"), note);
    browser.run("document.dispatchEvent(new KeyboardEvent('keydown', {altKey: true, code: 'KeyG', bubbles: true}))");
    shows(&browser, "Bruno Lima");
    assert_eq!(browser.run("return R.querySelector('.pop')"), Value::Null);
    assert_eq!(notes(&server, "7002"), json!([]));
}

#[test]
fn what_was_begun_when_the_agent_went_to_a_call_is_a_draft_of_the_customer_before() {
    let (server, _) = told();
    let browser = Browser::new("en", NARROW);
    browser.open(&server.url("/panel?identifier=crm:7002&channel=letter&agent=carla"));
    shows(&browser, "Bruno Lima");
    writes(&browser, "Half a thought");
    calls(&browser, "crm:8812");
    clicks(&browser, "dialog [data-key=pop-go]");
    shows(&browser, "Ana Beatriz Moura");
    assert!(!browser.run("return R.querySelector('dialog').open").as_bool().unwrap());
    let draft = browser.until("R.querySelector('.draft')?.textContent");
    assert!(draft.as_str().unwrap().contains("Bruno Lima"), "{draft}");
    clicks(&browser, "[data-key=draft-take]");
    browser.until("R.querySelector('dialog').open && R.activeElement.name === 'text'");
    // It says whose it is, also to those who do not see it: the panel shows somebody else.
    let told = browser.run(
        "return R.getElementById(R.querySelector('dialog').getAttribute('aria-describedby')).innerText.trim().split(/\\n+/)",
    );
    assert_eq!(told, json!(["This draft is about: Bruno Lima", "The panel now shows: Ana Beatriz Moura"]));
    browser.picture("draft-of-another");
    browser.run(
        "const text = R.querySelector('dialog textarea'); text.setSelectionRange(text.value.length, text.value.length)",
    );
    browser.press(", finished.");
    clicks(&browser, "dialog button[type=submit]");
    browser.until("!R.querySelector('dialog').open");
    shows(&browser, "Ana Beatriz Moura");
    assert_eq!(browser.run("return R.querySelector('.draft')"), Value::Null);
    let note = json!([{"text": "Half a thought, finished.", "actor": {"id": "carla"}, "channel": "letter"}]);
    assert_eq!((notes(&server, "7002"), notes(&server, "8812")), (note, json!([])));
}

#[test]
fn a_draft_that_is_taken_up_where_it_was_begun_needs_no_warning() {
    let (server, _) = told();
    let browser = Browser::new("pt-BR", NARROW);
    browser.open(&server.url("/panel?identifier=crm:7002&agent=carla"));
    shows(&browser, "Bruno Lima");
    writes(&browser, "Meia frase");
    for (identifier, name, other) in [
        ("crm:8812", "Ana Beatriz Moura", true),
        ("crm:7002", "Bruno Lima", false),
        ("crm:8812", "Ana Beatriz Moura", true),
    ] {
        calls(&browser, identifier);
        clicks(&browser, "dialog [data-key=pop-go]");
        shows(&browser, name);
        clicks(&browser, "[data-key=draft-take]");
        browser.until("R.querySelector('dialog').open && R.querySelector('dialog textarea').value === 'Meia frase'");
        let warned = browser.run(
            "return [R.querySelector('dialog .whose')?.innerText.includes('Bruno Lima') ?? false, R.querySelector('dialog').hasAttribute('aria-describedby')]",
        );
        assert_eq!(warned, json!([other, other]), "{name}");
    }
}

#[test]
fn an_agent_who_stays_can_be_called_again_and_without_a_form_nothing_waits() {
    let (server, _) = told();
    let browser = Browser::new("en", NARROW);
    browser.open(&server.url("/panel?identifier=crm:8812&agent=carla"));
    shows(&browser, "Ana Beatriz Moura");
    writes(&browser, "x");
    calls(&browser, "crm:7002");
    clicks(&browser, "dialog [data-key=pop-later]");
    browser.until("!R.querySelector('dialog .pop') && R.activeElement.name === 'text'");
    // Another language waits for the form too.
    browser.run("document.querySelector('novelo-context').setAttribute('language', 'es')");
    assert_eq!(browser.run("return R.querySelector('dialog').open"), true);
    clicks(&browser, "dialog .buttons button[type=button]");
    clicks(&browser, "dialog .leaving .danger");
    browser.until("R.querySelector('[data-key=pop-stay]')?.textContent === 'Quedarse aquí'");
    clicks(&browser, "[data-key=pop-stay]");
    browser.until("!R.querySelector('.pop')");
    shows(&browser, "Ana Beatriz Moura");
    calls(&browser, "crm:7002");
    shows(&browser, "Bruno Lima");
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{complaints:?}");
}

#[test]
fn a_note_is_unpinned_once_and_the_timeline_keeps_it() {
    let (server, _) = told();
    let browser = Browser::new("en", NARROW);
    browser.open(&server.url("/panel?identifier=crm:8812&agent=carla"));
    shows(&browser, "Ana Beatriz Moura");
    let text = "A ligação caiu. Prometi retorno até amanhã ao meio-dia.";
    clicks(&browser, "[data-key^=unpin]");
    assert_eq!(browser.until("R.querySelector('dialog .quote').textContent"), text);
    // Twice, as impatient people do.
    browser.press(&format!("{ENTER}{ENTER}"));
    browser.until("!R.querySelector('dialog').open && !R.querySelector('.notes')");
    browser.until(
        "[...R.querySelectorAll('.timeline .summary')].some((each) => each.textContent.startsWith('Note unpinned'))",
    );
    let asked = "{ customer(by: {identifier: {kind: \"crm\", value: \"8812\"}}) { pinnedNotes { text }
        timeline(filter: {kinds: [\"note.added\", \"note.unpinned\"]}) { nodes { kind text actor { id } } } } }";
    let expected = json!({"pinnedNotes": [], "timeline": {"nodes": [
        {"kind": "note.added", "text": text, "actor": {"id": "carla"}},
        {"kind": "note.unpinned", "text": null, "actor": {"id": "carla"}},
    ]}});
    assert_eq!(server.data(asked, json!({}))["customer"], expected);
    let wrong = json!([{"id": "x", "source": "desk", "kind": "note.unpinned", "subject": {"kind": "crm", "value": "8812"},
        "time": "2026-01-05T12:00:00Z", "data": {"note": "event_7"}}]);
    let record = include_str!("../../graphql/operations/record.graphql");
    let (message, extensions) = server.error(record, json!({"events": wrong}));
    assert_eq!(message, "events[0].data.note: is no id of an event");
    assert!(extensions["help"].as_str().unwrap().contains("`eventId`"), "{extensions}");
}

#[test]
fn a_call_that_comes_before_the_panel_can_speak_is_shown_as_soon_as_it_can() {
    let (server, _) = told();
    let browser = Browser::new("pt-BR", NARROW);
    browser.open(&server.url("/panel"));
    browser.until("R.querySelector('.finder')");
    browser.run(
        "const fresh = document.createElement('novelo-context'); document.body.replaceChildren(fresh);
         setTimeout(() => fresh.pop({identifier: 'crm:7002', channel: 'voice'}))",
    );
    shows(&browser, "Bruno Lima");
    browser.until("R.querySelector('.timeline .entry')");
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{complaints:?}");
}
