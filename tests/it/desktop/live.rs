//! What happens elsewhere appears in the panel by itself.

use serde_json::json;

use crate::browser::Browser;
use crate::program::novelo;
use crate::server::Server;
use crate::story::{event, told};

use super::{NARROW, is_content, texts};

#[test]
fn what_one_agent_records_the_other_sees_and_a_restart_loses_and_repeats_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::at(folder.path());
    let note = |id: &str| event(id, "note.added", "crm:1", "10:00", json!({"text": id}));
    server.records(&[note("first")]);
    let address = server.address().to_owned();
    let browser = Browser::new("en", NARROW);
    browser.open(&server.url("/panel?identifier=crm:1"));
    browser.until("R.querySelector('.live-live')");
    server.records(&[note("second")]);
    browser.until("[...R.querySelectorAll('.timeline .words')].some((each) => each.textContent === 'second')");
    assert!(server.stop().0.success());
    assert_eq!(browser.until("R.querySelector('.live-waiting')?.textContent"), "not live");
    let mut again = novelo(&["serve", "--listen", &address, "--data"]);
    again.arg(folder.path());
    let server = Server::of(again);
    server.records(&[note("third")]);
    browser.until("R.querySelector('.live-live')");
    browser.until("[...R.querySelectorAll('.timeline .words')].some((each) => each.textContent === 'third')");
    let mut seen = texts(&browser, ".timeline .words");
    seen.sort();
    assert_eq!(seen, ["first", "second", "third"]);
}

#[test]
fn two_panels_side_by_side_show_each_others_notes_and_what_comes_from_elsewhere() {
    for (language, one, other) in
        [("pt-BR", "Ligou outra vez.", "Vi, retorno já."), ("en", "Called again.", "Seen, calling back.")]
    {
        let (server, _) = told();
        let long =
            json!({"channel": "chat", "direction": "inbound", "contact": "c-9", "text": "bem longo ".repeat(200)});
        server.records(&[event("long", "message.sent", "crm:8812", "09:30", long)]);
        let browser = Browser::new(language, NARROW);
        let open = |agent: &str| {
            browser.open(&server.url(&format!("/panel?identifier=crm:8812&channel=voice&agent={agent}")));
            browser.until("R.querySelector('.live-live') && R.querySelector('.timeline .entry')");
            // A page that is loaded again would not have this.
            browser.run("window.same = true");
            browser.window()
        };
        let carla = open("carla");
        browser.another_window(NARROW);
        let davi = open("davi");
        let note = |text: &str| {
            browser.run(&format!(
                "R.querySelector('[data-key=do-note]').click(); R.querySelector('dialog textarea').value = '{text}'; R.querySelector('dialog form').requestSubmit()"
            ));
        };
        let appears = |text: &str| {
            browser.until(&format!(
                "[...R.querySelectorAll('.timeline .words')].some((each) => each.textContent === '{text}')"
            ));
            assert_eq!(browser.run("return window.same"), true);
        };
        browser.turn_to(&carla);
        note(one);
        browser.until("!R.querySelector('dialog').open");
        browser.run("R.querySelector('[data-key=do-more]').click()");
        browser.turn_to(&davi);
        appears(one);
        note(other);
        browser.turn_to(&carla);
        appears(other);
        // Whatever comes in, an open menu stays open, and what has the focus keeps it.
        assert_eq!(browser.run("return R.querySelector('.menu').matches(':popover-open')"), true);
        browser.run("R.querySelector('.timeline .long + button').focus()");
        let case = json!({"channel": "email", "case": "k-9", "protocol": "20269990001", "demand": "complaint", "title": "Panela amassada"});
        server.records(&[event("k", "case.opened", "email:ana.moura@example.com", "10:00", case)]);
        for window in [&carla, &davi] {
            browser.turn_to(window);
            browser.until(
                "[...R.querySelectorAll('.cases .protocol')].some((each) => each.textContent === '20269990001')",
            );
            let notes = texts(&browser, ".timeline .k-note .words");
            assert_eq!([one, other].map(|text| notes.iter().filter(|note| *note == text).count()), [1, 1], "{notes:?}");
            assert_eq!(browser.run("return window.same"), true);
        }
        browser.turn_to(&carla);
        browser.until("R.querySelector('.timeline .k-case')");
        assert_eq!(browser.run("return R.activeElement?.matches('.timeline .long + button') ?? null"), true);
        let asked = "{ customer(by: {identifier: {kind: \"crm\", value: \"8812\"}}) { timeline(last: 2, filter: {kinds: [\"note.added\"]}) { nodes { text actor { kind id } } } } }";
        let notes = server.data(asked, json!({}))["customer"]["timeline"]["nodes"].take();
        let by = |text: &str, id: &str| json!({"text": text, "actor": {"kind": "agent", "id": id}});
        assert_eq!(notes, json!([by(one, "carla"), by(other, "davi")]));
        is_content(&browser);
    }
}

#[test]
fn a_separation_made_elsewhere_appears_on_both_sides() {
    let server = Server::new();
    let note = |id: &str, crm: &str| event(id, "note.added", crm, "10:00", json!({"text": id}));
    server.records(&[note("staying", "crm:1"), note("leaving", "crm:2")]);
    let by = |value: &str| json!({"identifier": {"kind": "crm", "value": value}});
    let link = include_str!("../../../graphql/operations/link.graphql");
    let linked = server.data(link, json!({"a": by("1"), "b": by("2"), "because": "a slip"}));
    let strands = linked["linkCustomers"]["linked"].as_array().unwrap();
    let strand =
        |value: &str| strands.iter().find(|each| each["identifiers"][0]["value"] == value).unwrap()["subject"].clone();
    let browser = Browser::new("en", NARROW);
    let both = "R.querySelector('.live-live') && R.querySelectorAll('.timeline .k-note').length === 2";
    browser.open(&server.url("/panel?identifier=crm:1&agent=carla"));
    browser.until(both);
    let staying = browser.window();
    browser.another_window(NARROW);
    browser.open(&server.url("/panel?identifier=crm:2&agent=carla"));
    browser.until(both);
    let leaving = browser.window();
    let unlink = include_str!("../../../graphql/operations/unlink.graphql");
    server.data(unlink, json!({"subject": strand("2"), "from": strand("1"), "because": "two people"}));
    for (window, own) in [(&staying, "staying"), (&leaving, "leaving")] {
        browser.turn_to(window);
        browser.until("R.querySelectorAll('.timeline .k-note').length === 1 && !R.querySelector('.links')");
        assert_eq!(texts(&browser, ".timeline .k-note .words"), [own]);
        assert_eq!(texts(&browser, ".identifiers li").len(), 1);
    }
    is_content(&browser);
}

#[test]
fn the_numbers_beside_the_filters_are_of_all_entries_whenever_they_came() {
    let server = Server::new();
    let note = |id: u32| {
        event(&format!("n{id}"), "note.added", "crm:1", &format!("11:{id:02}"), json!({"channel": "chat", "text": "x"}))
    };
    // So old that no page at first shows it, and no contact is counted of it.
    let old = event("old", "note.added", "crm:1", "09:00", json!({"channel": "letter", "text": "x"}));
    let all: Vec<_> = std::iter::once(old).chain((0..45).map(note)).collect();
    server.records(&all);
    let browser = Browser::new("en", NARROW);
    browser.open(&server.url("/panel?identifier=crm:1&agent=carla"));
    let chip = |key: &str, count: u32| {
        browser.until(&format!("R.querySelector('[data-key=\"filter-{key}\"] .n')?.textContent === '{count}'"));
    };
    chip("channel-chat", 45);
    chip("channel-letter", 1);
    chip("group-notes", 46);
    browser.until("R.querySelector('.live-live')");
    server.records(&[note(50)]);
    chip("channel-chat", 46);
    chip("group-notes", 47);
    chip("channel-letter", 1);
    // And while a filter is on.
    browser.run("R.querySelector('[data-key=\"filter-channel-letter\"]').click()");
    browser.until("R.querySelectorAll('.timeline .entry').length === 1");
    server.records(&[note(51)]);
    chip("channel-chat", 47);
    is_content(&browser);
}
