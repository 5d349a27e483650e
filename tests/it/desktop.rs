//! The agent's desktop in a real browser: what an agent sees, and does by keyboard alone; the three ways to embed it.
//!
//! Pictures of it are kept in `target/tmp/desktop`.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use serde_json::{Value, json};

use crate::browser::{Browser, ENTER, SPACE, TAB};
use crate::panel::embeddable_by;
use crate::program::novelo;
use crate::server::Server;
use crate::story::{STORY, event, told};

const WIDE: (u32, u32) = (1280, 1000);
const NARROW: (u32, u32) = (360, 1400);
const PHONE: &str = "phone:%2B5511955500142";

fn demo() -> Server {
    Server::of(novelo(&["demo", "--listen", "127.0.0.1:0"]))
}

/// The texts of all that fits a selector.
fn texts(browser: &Browser, selector: &str) -> Vec<String> {
    let found = browser.run(&format!("return [...R.querySelectorAll({selector:?})].map((each) => each.textContent)"));
    found.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// Who is shown, as soon as anybody is.
fn shown(browser: &Browser) -> Value {
    browser.until("R.querySelector('h1:not([aria-hidden])').textContent")
}

/// Nothing was refused and no script failed.
fn is_content(browser: &Browser) {
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{complaints:?}");
}

#[test]
fn a_call_shows_where_the_bot_was_left_in_the_agents_language() {
    let server = demo();
    for (language, heading, promised) in
        [("pt-BR", "Continue daqui", "Prometido:"), ("en", "Continue here", "Promised:")]
    {
        for (size, theme) in [(WIDE, "light"), (NARROW, "dark")] {
            let browser = Browser::new(language, size);
            browser.prefers("prefers-color-scheme", theme);
            browser.open(&server.url(&format!("/panel?identifier={PHONE}&channel=voice&agent=carla")));
            assert_eq!(browser.until("R.querySelector('.continue h2').textContent"), heading);
            assert_eq!(texts(&browser, "h1"), ["Ana Beatriz Moura"]);
            let lines = texts(&browser, ".continue .line .words");
            assert!(lines.iter().any(|line| line == "É o 88412"), "{lines:?}");
            assert!(texts(&browser, ".fact .value").contains(&"88412".to_owned()));
            assert_eq!(texts(&browser, ".cases .protocol"), ["20261042371"]);
            assert_eq!(browser.until("R.querySelector('.promise b').textContent"), promised);
            assert!(!texts(&browser, ".identifiers").concat().contains("955500142"), "identifiers are masked");
            assert_eq!(browser.run("return document.documentElement.lang"), language);
            let fits = browser.run("return document.documentElement.scrollWidth <= innerWidth");
            assert_eq!(fits, true, "nothing is wider than {size:?}");
            is_content(&browser);
            browser.until("[...R.querySelectorAll('.filters .n')].length > 3");
            browser.picture(&format!("{language}-{}-{theme}", size.0));
        }
    }
}

#[test]
fn a_note_is_recorded_once_by_keyboard_alone() {
    let server = demo();
    let browser = Browser::new("pt-BR", NARROW);
    browser.open(&server.url(&format!("/panel?identifier={PHONE}&contact=c-now&channel=voice&agent=carla")));
    browser.until("R.querySelector('.timeline .entry')");
    browser.run("window.recorded = []; addEventListener('novelo-recorded', (event) => recorded.push(event.detail))");
    browser.tab_to("[data-key=do-note]");
    browser.press(&ENTER.to_string());
    browser.until("R.querySelector('dialog').open && R.activeElement.name === 'text'");
    browser.press("Ligou outra vez.");
    browser.press(&format!("{TAB}{SPACE}"));
    browser.tab_to("dialog button[type=submit]");
    // Twice, as impatient people do.
    browser.press(&format!("{ENTER}{ENTER}"));
    browser.until("!R.querySelector('dialog').open");
    browser.until("[...R.querySelectorAll('.notes .words')].some((each) => each.textContent === 'Ligou outra vez.')");
    browser.until(
        "[...R.querySelectorAll('.timeline .entry .words')].some((each) => each.textContent === 'Ligou outra vez.')",
    );
    let recorded = browser.run("return recorded");
    assert_eq!(
        (&recorded[0]["kind"], &recorded[0]["recorded"], recorded.as_array().unwrap().len()),
        (&json!("note.added"), &json!(1), 1)
    );
    let asked = "{ customer(by: {identifier: {kind: \"crm\", value: \"8812\"}}) { timeline(filter: {text: \"ligou outra vez\"}) {
        nodes { kind actor { kind id } channel contact direction } } } }";
    let note = json!({"kind": "note.added", "actor": {"kind": "agent", "id": "carla"}, "channel": "voice", "contact": "c-now", "direction": "INTERNAL"});
    assert_eq!(server.data(asked, json!({}))["customer"]["timeline"]["nodes"], json!([note]));
    is_content(&browser);
}

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
fn whoever_is_not_known_yet_can_be_written_about_and_found() {
    let (server, _) = told();
    let browser = Browser::new("en", NARROW);
    browser.open(&server.url("/panel?identifier=phone:%2B5511955500777&channel=voice&agent=carla"));
    assert_eq!(shown(&browser), "Not identified yet");
    browser.run("const input = R.querySelector('.finder input'); input.value = 'Bruno'; R.querySelector('.finder button').click()");
    assert_eq!(browser.until("R.querySelector('.candidate b').textContent"), "Bruno Lima");
    browser.run("R.querySelector('.candidate').click()");
    browser.until("R.querySelector('dialog').open && R.querySelector('dialog .side')");
    browser.press("He told me his name.");
    browser.press(&ENTER.to_string());
    assert_eq!(
        browser.until("R.querySelector('h1').textContent === 'Bruno Lima' && R.querySelector('h1').textContent"),
        "Bruno Lima"
    );
    is_content(&browser);
}

#[test]
fn what_customers_write_is_text_whatever_it_is() {
    let server = Server::new();
    let texts_sent = [
        "<script>window.hit = 1</script><img src=x onerror='window.hit = 1'>".to_owned(),
        "Valor \u{202e}001 $R\u{202c} combinado".to_owned(),
        "á".repeat(100 * 1024),
    ];
    let message = |(number, text): (usize, &String)| {
        let data = json!({"channel": "chat", "direction": "inbound", "contact": "c-1", "text": text});
        event(&format!("m-{number}"), "message.sent", "crm:1", &format!("10:0{number}"), data)
    };
    server.records(&texts_sent.iter().enumerate().map(message).collect::<Vec<Value>>());
    server.records(&[event(
        "p",
        "profile.observed",
        "crm:1",
        "09:00",
        json!({"namespace": "demographic", "values": {"name": "<b>Zé</b>"}}),
    )]);
    let browser = Browser::new("en", NARROW);
    browser.open(&server.url("/panel?identifier=crm:1"));
    browser.until("R.querySelectorAll('.timeline .entry').length === 4");
    assert_eq!(texts(&browser, "h1"), ["<b>Zé</b>"]);
    assert_eq!(browser.run("return [window.hit ?? null, R.querySelectorAll('script, img').length]"), json!([null, 0]));
    let shown = texts(&browser, ".timeline .entry .words");
    assert_eq!(shown.last(), Some(&texts_sent[0]));
    assert!(!shown.concat().contains('\u{202e}'), "the mark that turns the direction is shown, not obeyed");
    let long = "[...R.querySelectorAll('.timeline .entry')].find((each) => each.querySelector('.long'))";
    assert!(browser.run(&format!("return {long}.querySelector('.long').textContent.length")).as_u64().unwrap() < 1_000);
    browser.run(&format!("{long}.querySelector('button').click()"));
    assert_eq!(browser.run(&format!("return {long}.querySelector('.long').textContent.length")), 100 * 1024);
    assert_eq!(browser.run("return document.documentElement.scrollWidth <= innerWidth"), true);
    is_content(&browser);
}

#[test]
fn ten_thousand_entries_paint_as_soon_as_fifty_and_are_all_there_once() {
    let server = Server::new();
    for (customer, count) in [("crm:50", 50), ("crm:10000", 10_000)] {
        let entry = |number: usize| {
            let data = json!({"channel": "chat", "direction": "inbound", "contact": format!("{customer}-{}", number / 9), "text": format!("linha {number}")});
            let mut event = event(&format!("{customer}-{number}"), "message.sent", customer, "10:00", data);
            event["time"] = json!(format!(
                "2025-03-{:02}T{:02}:{:02}:{:02}Z",
                1 + number / 1000,
                number / 60 % 17,
                number % 60,
                number % 59
            ));
            event
        };
        let events: Vec<Value> = (0..count).map(entry).collect();
        events.chunks(5_000).for_each(|some| server.records(some));
    }
    let browser = Browser::new("en", WIDE);
    let paint = |customer: &str| {
        browser.open(&server.url(&format!("/panel?identifier={customer}")));
        browser.until("R.querySelectorAll('.timeline .entry').length >= 40");
        // The numbers beside the filters come after the paint, and are no part of it.
        browser.until("R.querySelectorAll('.filters .n').length === 2");
        // Popped in a panel that is open, as a softphone does.
        browser.run("document.querySelector('novelo-context').pop({identifier: 'crm:nobody'})");
        browser.until("R.querySelector('.welcome')");
        let pop = format!(
            "window.took = null; const begun = performance.now(); const element = document.querySelector('novelo-context');
             element.addEventListener('novelo-selected', () => requestAnimationFrame(() => setTimeout(() => {{ window.took = performance.now() - begun; }})), {{once: true}});
             element.pop({{identifier: '{customer}'}})"
        );
        browser.run(&pop);
        browser.until("window.took").as_f64().unwrap()
    };
    let median = |customer: &str| {
        let mut times: Vec<f64> = (0..9).map(|_| paint(customer)).collect();
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    let (few, many) = (median("crm:50"), median("crm:10000"));
    eprintln!("a pop paints in {few:.0} ms with 50 entries, in {many:.0} ms with 10,000");
    assert!(many <= 1.5 * few + 20.0, "{few} ms with 50 entries, {many} ms with 10,000");
    browser.until("(R.querySelector('.more').scrollIntoView(), R.querySelector('.more').hidden)");
    let ids = browser.run("const ids = [...R.querySelectorAll('.timeline .entry')].map((each) => each.dataset.id); return [ids.length, new Set(ids).size]");
    assert_eq!(ids, json!([10_000, 10_000]));
    assert_eq!(texts(&browser, ".timeline .aside"), ["10,000 of 10,000"]);
    is_content(&browser);
}

/// Serves a page of `examples/desktop` at an origin of its own, with the server's address in it; its address.
fn desk(listener: TcpListener, page: &str, server: &Server) -> String {
    let file = format!("{}/examples/desktop/{page}", env!("CARGO_MANIFEST_DIR"));
    let html = std::fs::read_to_string(file).unwrap().replace("http://127.0.0.1:8080", &server.url(""));
    let address = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                html.len()
            );
            drop(stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(html.as_bytes())));
        }
    });
    address
}

/// A server that lets a desktop embed it, with Ana's story in it, and that desktop's page.
fn embedded(page: &str) -> (Server, tempfile::TempDir, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (server, folder) = embeddable_by(&format!("http://{}", listener.local_addr().unwrap()));
    let through = server.record(STORY)["through"].as_str().unwrap().to_owned();
    server.sees(&through);
    let address = desk(listener, page, &server);
    (server, folder, address)
}

#[test]
fn the_panel_is_a_frame_of_a_desktop_that_is_listed() {
    let (_server, _folder, address) = embedded("frame.html");
    let browser = Browser::new("pt-BR", WIDE);
    browser.open(&address);
    browser.until("document.querySelector('#said').textContent.includes('novelo.selected Ana Beatriz Moura')");
    browser.frame(Some(0));
    assert_eq!(shown(&browser), "Ana Beatriz Moura");
}

#[test]
fn a_desktop_that_is_not_listed_frames_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (server, _) = told();
    let address = desk(listener, "frame.html", &server);
    let browser = Browser::new("pt-BR", WIDE);
    browser.open(&address);
    let refused = browser.complaints();
    assert!(refused.iter().any(|line| line.contains("frame-ancestors")), "{refused:?}");
}

#[test]
fn the_element_stands_in_a_page_of_a_desktop_and_tells_what_happens() {
    let (_server, _folder, address) = embedded("element.html");
    let browser = Browser::new("pt-BR", WIDE);
    browser.open(&address);
    assert_eq!(shown(&browser), "Ana Beatriz Moura");
    browser.run("R.querySelector('[data-key^=withdraw-order]').click()");
    browser.until("R.querySelector('dialog').open");
    browser.run("R.querySelector('dialog button[type=submit]').click()");
    browser.until("document.querySelector('#said').textContent.includes('novelo-recorded fact.withdrawn 1')");
    browser.until("!R.querySelector('[data-key^=withdraw-order]')");
    browser.until("R.querySelector('.live-live')");
    // Its style sheets came too.
    assert_eq!(browser.run("return getComputedStyle(R.querySelector('.panel')).display"), "grid");
}

#[test]
fn a_softphone_pops_the_panel_when_a_call_comes_in() {
    let (_server, _folder, address) = embedded("softphone.html");
    let browser = Browser::new("pt-BR", WIDE);
    browser.open(&address);
    browser.until("!document.querySelector('#call').disabled");
    browser.run("document.querySelector('#call').click()");
    assert_eq!(browser.until("document.querySelector('#shown').value"), "Ana Beatriz Moura");
    browser.frame(Some(0));
    browser.until("R.querySelector('.route .here')");
    // A message from a page that is not listed is not heard.
    browser.run("window.dispatchEvent(new MessageEvent('message', {origin: 'https://evil.example', data: {type: 'novelo.pop', identifier: 'crm:7001'}}))");
    browser.run("window.dispatchEvent(new MessageEvent('message', {origin: location.origin, data: {type: 'novelo.pop', identifier: 'crm:7002'}}))");
    assert_eq!(browser.until("R.querySelector('h1').textContent === 'Bruno Lima' && 'Bruno Lima'"), "Bruno Lima");
}

#[test]
fn the_tour_opens_everybody_and_says_so_where_nobody_of_it_is() {
    let server = demo();
    let browser = Browser::new("en", WIDE);
    browser.open(&server.url("/tour"));
    browser.until("document.querySelectorAll('a.person').length === 16");
    browser.frame(Some(0));
    assert_eq!(shown(&browser), "Ana Beatriz Moura");
    browser.frame(None);
    is_content(&browser);
    browser.picture("tour");
    let other = Server::new();
    browser.open(&other.url("/tour"));
    let said = browser.until("document.querySelector('#list .note')?.textContent");
    assert!(said.as_str().unwrap().starts_with("This server holds data of its own"), "{said}");
}
