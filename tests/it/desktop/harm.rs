//! Texts by customers that would do harm where they are not taken as texts: wherever one of them can stand in the panel.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::server::Server;
use crate::story::event;

use super::{NARROW, WIDE, is_content, shown, texts};

/// Markup that would run, marks that turn the direction, marks that cannot be seen, and marks over marks.
const MARKUP: &str = "<script>window.hit = 1</script><img src=x onerror='window.hit = 1'>";
const TURNED: &str = "Valor \u{202e}001 $R\u{202c} \u{2067}combinado\u{2069}";
const UNSEEN: &str = "a\u{200b}b\u{200d}c\u{2060}d\u{feff}ef";
const UNBROKEN: usize = 100 * 1024;

/// A letter under fifty accents.
fn heaped() -> String {
    format!("Z{}algo", "\u{0301}\u{0316}".repeat(25))
}

/// Everything of a customer that is a text by somebody else.
fn everywhere(text: &str) -> Vec<Value> {
    let channel = |mut data: Value| {
        for (name, value) in [("channel", "chat"), ("contact", "c-1"), ("conversation", "v-1"), ("department", text)] {
            data[name] = json!(value);
        }
        data
    };
    let said = |direction: &str| json!({"direction": direction, "actor": format!("bot:{text}"), "text": text});
    let case = json!({"case": "k-1", "protocol": text, "demand": "complaint", "title": text});
    let promise = json!({"name": "promise.made", "properties": {"promise": text}});
    [
        (
            "profile.observed",
            json!({"namespace": "demographic", "values": {"name": text, "city": text, "segment": text}}),
        ),
        ("contact.started", json!({"reason": text})),
        ("message.sent", said("inbound")),
        ("message.sent", said("outbound")),
        ("fact.told", json!({"key": text, "value": text})),
        ("case.opened", case),
        ("feedback.given", json!({"feedback": "complaint", "topic": text, "text": text})),
        ("note.added", json!({"text": text, "pinned": true, "actor": format!("agent:{text}")})),
        ("stage.entered", json!({"stage": text})),
        ("milestone.reached", json!({"milestone": text})),
        ("survey.answered", json!({"instrument": "csat", "score": 1, "comment": text})),
        ("activity.tracked", promise),
    ]
    .into_iter()
    .enumerate()
    .map(|(number, (kind, data))| {
        event(&format!("e-{number}"), kind, "crm:1", &format!("10:{number:02}"), channel(data))
    })
    .collect()
}

/// What must hold whatever the texts are.
fn nothing_happened(browser: &Browser, what: &str) {
    assert_eq!(
        browser.run("return [window.hit ?? null, R.querySelectorAll('script, img').length]"),
        json!([null, 0]),
        "{what}"
    );
    let marks = "[\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060-\\u2069\\ufeff]";
    // Those that turn the direction are shown as marks, not obeyed; in names for screen readers and hints as well.
    let left = browser.run(&format!(
        "const bad = /{marks}/u; return [...R.querySelectorAll('*')].flatMap((each) => [each.ariaLabel, each.title,
           ...[...each.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data)])
           .filter((text) => text && bad.test(text)).map((text) => escape(text).slice(0, 200))"
    ));
    assert_eq!(left, json!([]), "{what}");
    let wide = browser.run(
        "const scrolls = (each) => each.closest('.chips, .unseen') !== null;
         const over = [...R.querySelectorAll('*')].filter((each) => !scrolls(each) && each.getBoundingClientRect().right > innerWidth + 0.5);
         const inner = over.filter((each) => !over.some((other) => other !== each && each.contains(other)));
         return [document.documentElement.scrollWidth <= innerWidth, inner.map((each) => `${each.parentNode.className} > ${each.outerHTML.slice(0, 120)}`)]",
    );
    assert_eq!(wide, json!([true, []]), "nothing is wider than the window: {what}");
    is_content(browser);
}

#[test]
fn what_others_wrote_is_text_wherever_it_stands() {
    for (what, text) in
        [("markup", MARKUP.to_owned()), ("turned", TURNED.into()), ("unseen", UNSEEN.into()), ("heaped", heaped())]
    {
        let server = Server::new();
        server.records(&everywhere(&text));
        server.records(&[event(
            "other",
            "profile.observed",
            "crm:2",
            "09:00",
            json!({"namespace": "demographic", "values": {"name": format!("Outra {text}")}}),
        )]);
        let browser = Browser::new("en", NARROW);
        browser.open(&server.url("/panel?identifier=crm:1"));
        browser.until(
            "R.querySelectorAll('.timeline .entry').length === 12 && R.querySelectorAll('.filters .n').length > 3",
        );
        browser.until("R.querySelector('.promise')");
        nothing_happened(&browser, what);
        browser.picture(&format!("harm-{what}"));
        // A text that begins or ends with such marks does not turn what stands around it.
        let isolated = browser.run(
            "return [...R.querySelectorAll('bdi')].every((each) => getComputedStyle(each).unicodeBidi === 'isolate')",
        );
        assert_eq!(isolated, true, "{what}");
        for key in ["correct-", "withdraw-", "resolve-"] {
            browser.run(&format!("R.querySelector('[data-key^={key}]').click()"));
            browser.until("R.querySelector('dialog').open");
            nothing_happened(&browser, &format!("{what}, {key}"));
            browser.run("R.querySelector('dialog').close()");
        }
        browser.run("R.querySelector('[data-key=do-link]').click(); R.querySelector('dialog input').value = 'Outra'; R.querySelector('dialog form').requestSubmit()");
        browser.until("R.querySelector('dialog .candidate')");
        nothing_happened(&browser, &format!("{what}, who is found"));
        browser.run("R.querySelector('dialog .candidate').click()");
        browser.until("R.querySelector('dialog .sides')");
        nothing_happened(&browser, &format!("{what}, both before they are linked"));
    }
}

#[test]
fn a_hundred_kilobytes_are_cut_and_shown_whole_when_asked() {
    let server = Server::new();
    let name = json!({"namespace": "demographic", "values": {"name": "<b>Zé</b>"}});
    let long = ["á".repeat(UNBROKEN), format!("{MARKUP} ").repeat(UNBROKEN / MARKUP.len()), "1\n".repeat(UNBROKEN / 2)];
    let message = |(number, text): (usize, &String)| {
        let data = json!({"channel": "chat", "direction": "inbound", "contact": "c-1", "text": text});
        event(&format!("m-{number}"), "message.sent", "crm:1", &format!("10:0{number}"), data)
    };
    server.records(&[event("p", "profile.observed", "crm:1", "09:00", name)]);
    server.records(&long.iter().enumerate().map(message).collect::<Vec<Value>>());
    for size in [NARROW, WIDE] {
        let browser = Browser::new("en", size);
        browser.open(&server.url("/panel?identifier=crm:1"));
        browser.until("R.querySelectorAll('.timeline .long').length === 3");
        assert_eq!(shown(&browser), "<b>Zé</b>");
        let shown = texts(&browser, ".timeline .long");
        assert!(
            shown.iter().all(|text| text.chars().count() < 500),
            "{:?}",
            shown.iter().map(String::len).collect::<Vec<_>>()
        );
        nothing_happened(&browser, "cut");
        browser.run("R.querySelectorAll('.timeline .long + button').forEach((each) => each.click())");
        let mut all = texts(&browser, ".timeline .long");
        all.reverse();
        assert!(all == long, "{:?}", all.iter().map(String::len).collect::<Vec<_>>());
        nothing_happened(&browser, "whole");
    }
}
