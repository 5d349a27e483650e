//! How fast the panel is: printed, with no limit, since machines differ. What is shown at the end of it is checked.
//!
//! With figures of the release profile: `cargo test --release --test it desktop::figures -- --nocapture --test-threads=1`; or of a
//! binary that is there, with `NOVELO_TEST_PROGRAM=/path/to/novelo`.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::server::Server;
use crate::story::event;

use super::embedding::{desk_at, embeddable};
use super::{WIDE, is_content, shown, texts};

const LOADS: usize = 5;
const POPS: usize = 20;

/// Keeps when the first entry of a timeline had been painted, in milliseconds since the page was asked for.
const FIRST_ENTRY: &str = "
  window.firstEntry = null;
  const look = () => {
    if (!document.querySelector('novelo-context')?.shadowRoot?.querySelector('.timeline .entry')) requestAnimationFrame(look);
    else setTimeout(() => { window.firstEntry = performance.now(); });
  };
  requestAnimationFrame(look);";

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The customers `crm:50` and `crm:10000`, with as many messages each.
fn few_and_many() -> Server {
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
    server
}

/// The ids of everything in a timeline as the server lists it, the newest first.
fn listed(server: &Server, crm: &str) -> Vec<Value> {
    let page = "query($v: String!, $after: String) { customer(by: {identifier: {kind: \"crm\", value: $v}}) {
        timeline(first: 1000, after: $after) { pageInfo { hasNextPage endCursor } nodes { id } } } }";
    let (mut ids, mut after) = (Vec::new(), Value::Null);
    loop {
        let mut timeline = server.data(page, json!({"v": crm, "after": after}))["customer"]["timeline"].take();
        ids.extend(timeline["nodes"].as_array_mut().unwrap().iter_mut().map(|node| node["id"].take()));
        if timeline["pageInfo"]["hasNextPage"] == false {
            ids.reverse();
            return ids;
        }
        after = timeline["pageInfo"]["endCursor"].take();
    }
}

/// How long it takes, in milliseconds: until anything is painted, until the first entry is; and until a pop is painted in a
/// panel that is open, as a softphone has it.
fn paint(browser: &Browser, server: &Server, customer: &str) -> [f64; 3] {
    browser.open(&server.url(&format!("/panel?identifier={customer}")));
    let entry = browser.until("window.firstEntry").as_f64().unwrap();
    let first = browser.until("performance.getEntriesByName('first-contentful-paint')[0]?.startTime");
    // The numbers beside the filters come after the paint, and are no part of it.
    browser.until("R.querySelectorAll('.filters .n').length === 2");
    browser.run("document.querySelector('novelo-context').pop({identifier: 'crm:nobody'})");
    browser.until("R.querySelector('.welcome')");
    browser.run(&format!(
        "window.took = null; const begun = performance.now(); const element = document.querySelector('novelo-context');
         element.addEventListener('novelo-selected', () => requestAnimationFrame(() => setTimeout(() => {{ window.took = performance.now() - begun; }})), {{once: true}});
         element.pop({{identifier: '{customer}'}})"
    ));
    [first.as_f64().unwrap(), entry, browser.until("window.took").as_f64().unwrap()]
}

#[test]
fn ten_thousand_entries_are_all_there_once_and_in_order_at_the_end_of_the_scroll() {
    let server = few_and_many();
    let browser = Browser::new("en", WIDE);
    browser.first_run(FIRST_ENTRY);
    for (customer, entries) in [("crm:50", "50"), ("crm:10000", "10,000")] {
        let times: Vec<[f64; 3]> = (0..LOADS).map(|_| paint(&browser, &server, customer)).collect();
        let [first, entry, pop] = [0, 1, 2].map(|which| median(times.iter().map(|all| all[which]).collect()));
        eprintln!(
            "{entries} entries: first paint {first:.0} ms, first entry {entry:.0} ms, a pop {pop:.0} ms (medians of {LOADS})"
        );
    }
    // As long as more of them come, all of them will.
    let mut there = 0;
    while there >= 0 {
        let state = format!(
            "(R.querySelector('.more').scrollIntoView(), R.querySelector('.more').hidden ? -1
                : Math.max(0, R.querySelectorAll('.timeline .entry').length - {there}))"
        );
        let more = browser.until(&state).as_i64().unwrap();
        there = if more < 0 { more } else { there + more };
    }
    let ids = browser.run("return [...R.querySelectorAll('.timeline .entry')].map((each) => each.dataset.id)");
    let (ids, listed) = (ids.as_array().unwrap(), listed(&server, "10000"));
    assert_eq!((ids.len(), listed.len()), (10_000, 10_000));
    assert!(ids == &listed, "the first that differs: {:?}", ids.iter().zip(&listed).find(|(a, b)| a != b));
    assert_eq!(texts(&browser, ".timeline .aside"), ["10,000 of 10,000"]);
    is_content(&browser);
}

/// Davi told the bot his order, which opened a case, and dropped off.
fn dropped_off() -> Vec<Value> {
    let of = |id: &str, kind: &str, time: &str, mut data: Value| {
        data["channel"] = json!("chatbot");
        data["contact"] = json!("b-1");
        data["conversation"] = json!("v-1");
        event(id, kind, "phone:+5511955500811", time, data)
    };
    let message =
        |direction: &str, actor: &str, text: &str| json!({"direction": direction, "actor": actor, "text": text});
    let case =
        json!({"case": "k-1", "protocol": "20261055501", "demand": "complaint", "title": "Pedido 90731 não chegou"});
    let name = json!({"namespace": "demographic", "values": {"name": "Davi Prado"}});
    vec![
        of("d-1", "profile.observed", "09:00", name),
        of("d-2", "contact.started", "10:00", json!({"reason": "late_delivery"})),
        of("d-3", "message.sent", "10:01", message("inbound", "customer", "Cadê meu pedido?")),
        of("d-4", "message.sent", "10:02", message("outbound", "bot:sofia", "Qual é o número dele?")),
        of("d-5", "message.sent", "10:03", message("inbound", "customer", "90731")),
        of("d-6", "fact.told", "10:03", json!({"key": "order", "value": "90731"})),
        of("d-7", "case.opened", "10:04", case),
        of("d-8", "contact.ended", "10:05", json!({"outcome": "dropped"})),
    ]
}

#[test]
fn a_pop_by_telephone_shows_what_the_bot_was_told_and_the_open_case() {
    let (server, _folder, listener) = embeddable();
    server.records(&dropped_off());
    let browser = Browser::new("pt-BR", WIDE);
    browser.open(&desk_at(listener, "softphone.html", &server));
    browser.until("!document.querySelector('#call').disabled");
    let pop = |identifier: &str| {
        let message = json!({"type": "novelo.pop", "identifier": identifier, "contact": "c-now", "channel": "voice"});
        let from = format!(
            "document.querySelector('#panel').contentWindow.postMessage({message}, '{}')",
            server.url("").trim_end_matches('/')
        );
        browser.frame(None);
        let begun = browser.run(&format!("const now = performance.timeOrigin + performance.now(); {from}; return now"));
        browser.frame(Some(0));
        begun.as_f64().unwrap()
    };
    let (mut there, mut painted) = (Vec::new(), Vec::new());
    for _ in 0..POPS {
        pop("phone:+5511955500999");
        browser.until("R.querySelector('.welcome')");
        browser.run(
            "window.there = window.painted = null;
             const now = () => performance.timeOrigin + performance.now();
             const texts = (selector) => [...R.querySelectorAll(selector)].map((each) => each.textContent);
             const all = () => texts('.continue .line .words').includes('90731')
               && texts('.fact .value').includes('90731') && texts('.cases .protocol').includes('20261055501');
             const observer = new MutationObserver(() => {
               if (!all()) return;
               observer.disconnect();
               window.there = now();
               requestAnimationFrame(() => setTimeout(() => { window.painted = now(); }));
             });
             observer.observe(R, {childList: true, subtree: true});",
        );
        let begun = pop("phone:(11) 95550-0811");
        painted.push(browser.until("window.painted").as_f64().unwrap() - begun);
        there.push(browser.run("return window.there").as_f64().unwrap() - begun);
        assert_eq!(shown(&browser), "Davi Prado");
    }
    assert_eq!(texts(&browser, ".continue .line .words"), ["Cadê meu pedido?", "Qual é o número dele?", "90731"]);
    assert!(there.iter().all(|took| *took > 0.0), "{there:?}");
    eprintln!(
        "a pop: the conversation, the fact and the case are there in {:.0} ms and painted in {:.0} ms (medians of {POPS})",
        median(there),
        median(painted)
    );
}
