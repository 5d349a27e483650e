//! What an agent could do wrong without meaning to: the panel keeps them from it, or says so.

use serde_json::{Value, json};

use crate::browser::{Browser, ENTER, ESCAPE};
use crate::server::Server;
use crate::story::event;

use super::{NARROW, is_content, shown, texts};

/// A panel of `crm:1`, of whom these events are stored.
fn panel_of(events: &[Value]) -> (Server, Browser) {
    let server = Server::new();
    server.records(events);
    let browser = Browser::new("en", NARROW);
    browser.open(&server.url("/panel?identifier=crm:1&channel=voice&agent=carla"));
    shown(&browser);
    (server, browser)
}

/// Opens a form by the button with a key.
fn opens(browser: &Browser, key: &str) {
    browser.until(&format!("R.querySelector('[data-key={key}]')"));
    browser.run(&format!("R.querySelector('[data-key={key}]').click()"));
    browser.until("R.querySelector('dialog').open");
}

/// Fills a field of the form in.
fn fills(browser: &Browser, name: &str, value: &str) {
    browser.run(&format!("R.querySelector('dialog [name={name}]').value = {value:?}"));
}

fn presses(browser: &Browser) {
    browser.run("R.querySelector('dialog button[type=submit]').click()");
}

fn is_closed(browser: &Browser) {
    browser.until("!R.querySelector('dialog').open");
}

/// What the form says of why it was not sent.
fn refused(browser: &Browser) -> String {
    browser.until("R.querySelector('dialog .problem').textContent").as_str().unwrap().to_owned()
}

/// What was recorded from the panel of a kind, the newest last.
fn recorded(server: &Server, kind: &str) -> Vec<Value> {
    let asked =
        "query($k: [String!]) { events(first: 100, filter: {kinds: $k, sources: [\"panel\"]}) { nodes { data } } }";
    let mut found = server.data(asked, json!({"k": [kind]}));
    found["events"]["nodes"].as_array_mut().unwrap().iter_mut().map(|event| event["data"].take()).collect()
}

fn fact(id: &str, key: &str, value: Value) -> Value {
    let data = json!({"channel": "chat", "key": key, "value": value, "valid_until": "2999-01-01T00:00:00Z"});
    event(id, "fact.told", "crm:1", "10:00", data)
}

#[test]
fn a_fact_that_is_corrected_or_confirmed_keeps_its_type_and_until_when_it_holds() {
    let address = json!({"street": "Rua das Flores", "number": 10});
    let (server, browser) =
        panel_of(&[fact("a", "address", address), fact("b", "insured", json!(true)), fact("c", "seats", json!(4))]);
    let until = "2999-01-01T00:00:00Z";
    browser.run("R.querySelector('[data-key=confirm-address]').click()");
    browser.until("!R.querySelector('[data-key=confirm-address]')");
    let told = &recorded(&server, "fact.told")[0];
    assert_eq!((&told["value"]["number"], &told["valid_until"]), (&json!(10), &json!(until)));
    opens(&browser, "correct-address");
    assert_eq!(
        browser.run("return JSON.parse(R.querySelector('dialog [name=value]').value)"),
        json!({"street": "Rua das Flores", "number": 10})
    );
    fills(&browser, "value", "{\"street\": \"Rua das Flores\", \"number\": 12");
    presses(&browser);
    assert!(refused(&browser).contains("Keep the brackets"));
    fills(&browser, "value", "{\"street\": \"Rua das Flores\", \"number\": 12}");
    presses(&browser);
    is_closed(&browser);
    for (key, value) in [("insured", "false"), ("seats", "12345678901234567890")] {
        opens(&browser, &format!("correct-{key}"));
        fills(&browser, "value", value);
        presses(&browser);
        is_closed(&browser);
    }
    let told = recorded(&server, "fact.told");
    let values: Vec<&Value> = told.iter().map(|told| &told["value"]).collect();
    let address = json!({"street": "Rua das Flores", "number": 12});
    assert_eq!(values[1..], [&address, &json!(false), &json!("12345678901234567890")]);
    assert!(told.iter().all(|told| told["valid_until"] == until), "{told:?}");
    is_content(&browser);
}

#[test]
fn where_nobody_can_be_filed_nothing_is_recorded_and_somebody_can_be_found() {
    let (server, browser) = panel_of(&[event(
        "n",
        "profile.observed",
        "crm:1",
        "10:00",
        json!({"namespace": "demographic", "values": {"name": "Ana"}}),
    )]);
    browser.open(&server.url("/panel?protocol=nope&agent=carla"));
    assert_eq!(shown(&browser), "Not identified yet");
    assert_eq!(browser.run("return R.querySelector('.actions').hidden"), true);
    browser.run(
        "R.querySelector('.finder input').value = 'Ana'; R.querySelector('.finder form, form.finder').requestSubmit()",
    );
    browser.until("R.querySelector('.candidate')");
    browser.run("R.querySelector('.candidate').click()");
    browser.until("R.querySelector('h1').textContent === 'Ana' && !R.querySelector('.actions').hidden");
    is_content(&browser);
}

#[test]
fn what_nobody_has_is_said_and_shown_as_it_was_asked_for() {
    let (server, browser) = panel_of(&[fact("a", "order", json!("1"))]);
    let long = "9".repeat(500);
    let cut = format!("No case has the protocol {}…", "9".repeat(80));
    let cases = [
        ("protocol=NOPE", vec!["No case has the protocol NOPE"]),
        (
            "protocol=%3Cimg%20src=x%20onerror=alert(1)%3E",
            vec!["No case has the protocol <img src=x onerror=alert(1)>"],
        ),
        ("protocol=1%E2%80%AE2", vec!["No case has the protocol 1·2"]),
        (&format!("protocol={long}"), vec![cut.as_str()]),
        ("contact=c-77&channel=chat", vec!["Nothing is known of the contact c-77"]),
        ("contact=c-77&protocol=NOPE", vec!["No case has the protocol NOPE", "Nothing is known of the contact c-77"]),
        ("identifier=crm:99&contact=c-77", vec![]),
        ("", vec![]),
    ];
    for (query, told) in cases {
        browser.open(&server.url(&format!("/panel?{query}&agent=carla")));
        browser.until("R.querySelector('h1').textContent === 'Not identified yet' && R.querySelector('.finder')");
        assert_eq!(texts(&browser, ".missing"), told, "{query}");
        assert_eq!(browser.run("return R.querySelectorAll('.missing img').length"), 0);
    }
    // A softphone that asks for it: it is told to those who do not see it, too.
    browser.open(&server.url("/panel?identifier=crm:1&agent=carla"));
    browser.until("R.querySelector('.facts')");
    browser.run("document.querySelector('novelo-context').pop({protocol: 'NOPE'})");
    browser.until("R.querySelector('.missing b')?.textContent === 'NOPE' && R.querySelector('.finder')");
    browser.until(
        "R.querySelector('.unseen[role=status]').textContent === 'Not identified yet. No case has the protocol NOPE.'",
    );
    browser.picture("nobody-has-it");
    is_content(&browser);
}

#[test]
fn a_fact_is_the_same_however_its_name_is_written() {
    let (server, browser) = panel_of(&[fact("a", "order", json!("1")), fact("b", "loyalty_card", json!("2"))]);
    browser.open(&server.url("/panel?identifier=crm:1&channel=voice&agent=carla&language=pt-BR"));
    for name in ["  pedído ", "Pedido", "ORDER", "Loyalty  card"] {
        opens(&browser, "do-fact");
        fills(&browser, "key", name);
        fills(&browser, "value", "3");
        presses(&browser);
        is_closed(&browser);
    }
    let told = recorded(&server, "fact.told");
    let keys: Vec<&str> = told.iter().map(|told| told["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["order", "order", "order", "loyalty_card"]);
    browser.until("[...R.querySelectorAll('.fact .value')].filter((each) => each.textContent === '3').length === 2");
    assert_eq!(texts(&browser, ".fact .value"), ["3", "3"]);
    is_content(&browser);
}

#[test]
fn a_caller_who_withholds_the_number_is_not_identified_and_can_be_found() {
    let name = json!({"namespace": "demographic", "values": {"name": "Ana"}});
    let (server, browser) = panel_of(&[event("n", "profile.observed", "crm:1", "10:00", name)]);
    let is_open = |hint: &str| {
        browser.until("R.querySelector('h1').textContent === 'Not identified yet' && R.querySelector('.finder')");
        assert!(texts(&browser, ".who .hint").concat().starts_with(hint), "{:?}", texts(&browser, ".who .hint"));
        assert_eq!(texts(&browser, ".problem, .identifiers").concat(), "", "nothing is wrong, and nothing known");
    };
    for (identifier, hint) in [
        ("phone:", "The number is withheld"),
        ("phone:anonymous", "The number is withheld"),
        ("anonymous", "The number is withheld"),
        ("cpf:000.000.000-00", "This is a filler and nobody's identifier"),
        // What is mistyped is said to be so.
        ("cpf:123", "This is no valid CPF"),
        ("cpf:123.456.789-00", "This is no valid CPF"),
        ("cnpj:123", "This is no valid CNPJ"),
        ("email:ana", "This is no valid e-mail address"),
        ("1234567890123456789", "The identifier does not say of which kind it is"),
    ] {
        browser.open(&server.url(&format!("/panel?identifier={identifier}&channel=voice&agent=carla")));
        is_open(hint);
        assert_eq!(browser.run("return R.querySelector('.actions').hidden"), true);
    }
    // A softphone says so while somebody else is shown; in a contact of its own a note finds its place.
    browser.open(&server.url("/panel?identifier=crm:1&channel=voice&agent=carla"));
    assert_eq!(shown(&browser), "Ana");
    browser.run("document.querySelector('novelo-context').pop({identifier: 'phone:anonymous', contact: 'call-7', channel: 'voice'})");
    is_open("The number is withheld");
    opens(&browser, "do-note");
    fills(&browser, "text", "Did not say who it is.");
    presses(&browser);
    is_closed(&browser);
    browser.until("R.querySelector('.timeline .k-note')");
    assert_eq!(recorded(&server, "note.added")[0]["contact"], "call-7");
    browser.run("document.querySelector('novelo-context').pop({identifier: 'crm:1', channel: 'voice'})");
    browser.until("R.querySelector('h1').textContent === 'Ana'");
    is_content(&browser);
}

#[test]
fn spaces_are_no_note_and_no_case() {
    let (server, browser) = panel_of(&[fact("a", "order", json!("1"))]);
    for (key, name) in [("do-note", "text"), ("do-case", "title"), ("correct-order", "value")] {
        opens(&browser, key);
        fills(&browser, name, "  ");
        presses(&browser);
        let told = format!("R.querySelector('dialog [name={name}]').value === '' && R.activeElement.name === '{name}'");
        browser.until(&told);
        assert_eq!(browser.run("return R.querySelector('dialog').open"), true);
        // By the keys that send it, too.
        fills(&browser, name, "  ");
        browser.run(
            "R.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', ctrlKey: true, bubbles: true}))",
        );
        browser.until(&told);
        browser.run("R.querySelector('dialog .icon-button').click()");
        // The fact's value is not what it was.
        browser.run("R.querySelector('dialog .leaving:not([hidden]) .danger')?.click()");
        is_closed(&browser);
    }
    for kind in ["note.added", "case.opened", "fact.told"] {
        assert_eq!(recorded(&server, kind), Vec::<Value>::new());
    }
    is_content(&browser);
}

#[test]
fn what_was_written_is_thrown_away_only_after_a_question() {
    let (server, browser) = panel_of(&[fact("a", "order", json!("1"))]);
    let asked = "!R.querySelector('dialog .leaving').hidden && R.activeElement.closest('.leaving')";
    opens(&browser, "do-note");
    browser.press(&format!("half a note{ESCAPE}"));
    browser.until(asked);
    browser.press(&ENTER.to_string());
    browser.until("R.querySelector('dialog .leaving').hidden && R.activeElement.name === 'text'");
    assert_eq!(browser.run("return R.activeElement.value"), "half a note");
    browser.run("R.querySelector('dialog .buttons button').click()");
    browser.until(asked);
    browser.run("R.querySelector('dialog .leaving .danger').click()");
    is_closed(&browser);
    opens(&browser, "do-note");
    assert_eq!(browser.run("return R.querySelector('dialog [name=text]').value"), "", "what is closed is gone");
    browser.press(&ESCAPE.to_string());
    is_closed(&browser);
    assert_eq!(recorded(&server, "note.added"), Vec::<Value>::new());
    is_content(&browser);
}

#[test]
fn a_page_that_goes_away_asks_first_only_while_something_is_written() {
    let (_server, browser) = panel_of(&[fact("a", "order", json!("1"))]);
    let asked = "(() => { const leaves = new Event('beforeunload', {cancelable: true}); dispatchEvent(leaves); return leaves.defaultPrevented; })()";
    let asks = || browser.run(&format!("return {asked}")) == true;
    // A form says that it was closed only after it was.
    let goes = || drop(browser.until(&format!("!{asked}")));
    let cancels = || {
        browser.run("R.querySelector('dialog .buttons button').click(); R.querySelector('dialog .leaving:not([hidden]) .danger')?.click()");
        is_closed(&browser);
    };
    assert!(!asks());
    opens(&browser, "do-note");
    assert!(!asks(), "a form in which nothing is written");
    browser.press("half a note");
    assert!(asks());
    cancels();
    goes();
    opens(&browser, "do-note");
    browser.press("x");
    presses(&browser);
    is_closed(&browser);
    goes();
    // What is put aside would be lost as well, and so would what is taken up again.
    opens(&browser, "do-note");
    browser.press("half a note");
    browser.run("document.querySelector('novelo-context').pop({identifier: 'crm:2', channel: 'voice'})");
    browser.until("R.querySelector('dialog [data-key=pop-go]')");
    browser.run("R.querySelector('dialog [data-key=pop-go]').click()");
    browser.until("R.querySelector('[data-key=draft-take]')");
    assert!(asks(), "it was put aside");
    browser.run("R.querySelector('[data-key=draft-take]').click()");
    assert!(asks(), "it was taken up again");
    cancels();
    goes();
    opens(&browser, "do-note");
    browser.press("x");
    browser.run("window.gone = document.querySelector('novelo-context'); window.gone.remove()");
    assert!(!asks(), "the element is not in the page any more");
}

#[test]
fn what_the_server_refuses_is_told_in_the_words_of_whoever_looks() {
    let (server, browser) = panel_of(&[fact("a", "order", json!("1"))]);
    for (language, comes_to) in [("pt-BR", "Não foi aceito"), ("es", "No se aceptó"), ("en", "Not accepted")] {
        browser.open(&server.url(&format!("/panel?identifier=crm:1&channel=voice&agent=carla&language={language}")));
        opens(&browser, "do-note");
        // Longer than a text of an event may be.
        browser.run("R.querySelector('dialog [name=text]').value = 'x'.repeat(300_000)");
        presses(&browser);
        let told = refused(&browser);
        assert!(told.starts_with(comes_to) && told.contains("text"), "{told}");
        assert_eq!(texts(&browser, "dialog .problem p[lang=en]").len(), 1);
    }
    assert_eq!(recorded(&server, "note.added"), Vec::<Value>::new());
}

#[test]
fn what_another_agent_did_meanwhile_is_told_and_not_recorded_over_unseen() {
    let case = |id: &str, protocol: &str| {
        let data = json!({"channel": "voice", "case": id, "protocol": protocol, "demand": "request", "title": id});
        event(id, "case.opened", "crm:1", "10:00", data)
    };
    let facts = ["order", "occupation", "address", "name"].map(|key| fact(key, key, json!("before")));
    let (server, browser) = panel_of(&[facts.as_slice(), &[case("k", "2026001")]].concat());
    // As where nothing is heard: what the panel shows is what it was opened with.
    browser.first_run("window.WebSocket = class { close() {} send() {} }");
    browser.open(&server.url("/panel?identifier=crm:1&channel=voice&agent=carla"));
    shown(&browser);
    let others = |key: &str, kind: &str, data: Value| {
        let mut event = event(&format!("other-{key}-{kind}"), kind, "crm:1", "11:00", data);
        event["source"] = json!("elsewhere");
        server.records(&[event]);
    };
    let told = |key: &str| others(key, "fact.told", json!({"channel": "chat", "key": key, "value": "after"}));
    let withdrawn = |key: &str| others(key, "fact.withdrawn", json!({"channel": "chat", "key": key}));

    opens(&browser, "correct-order");
    told("order");
    fills(&browser, "value", "mine");
    presses(&browser);
    assert!(refused(&browser).contains("It says now: after"));
    assert_eq!(recorded(&server, "fact.told").len(), 0);
    presses(&browser);
    is_closed(&browser);
    assert_eq!(recorded(&server, "fact.told")[0]["value"], "mine");

    opens(&browser, "withdraw-occupation");
    withdrawn("occupation");
    for _ in 0..2 {
        presses(&browser);
        assert!(refused(&browser).contains("It was withdrawn meanwhile"));
    }
    browser.run("R.querySelector('dialog .icon-button').click()");
    is_closed(&browser);

    told("address");
    browser.run("R.querySelector('[data-key=confirm-address]').click()");
    browser.until("R.querySelector('.banner.problem')?.textContent.includes('It says now: after')");
    browser.until("[...R.querySelectorAll('.fact .value')].some((each) => each.textContent === 'after')");

    opens(&browser, "resolve-k");
    others("k", "case.resolved", json!({"channel": "voice", "case": "k"}));
    presses(&browser);
    assert!(refused(&browser).contains("Somebody has resolved it meanwhile"));
    assert_eq!((recorded(&server, "fact.told").len(), recorded(&server, "fact.withdrawn").len()), (1, 0));
    assert_eq!(recorded(&server, "case.resolved").len(), 0);
}

#[test]
fn a_protocol_that_somebody_has_is_given_to_nobody_else_and_an_answer_is_not_due_before_now() {
    let opened = |id: &str, subject: &str| {
        let data = json!({"channel": "voice", "case": id, "protocol": "2026001", "demand": "request", "title": id});
        event(id, "case.opened", subject, "10:00", data)
    };
    let (server, browser) = panel_of(&[opened("first", "crm:2"), fact("a", "order", json!("1"))]);
    opens(&browser, "do-case");
    fills(&browser, "title", "A pan");
    fills(&browser, "due", "2020-01-01T10:00");
    presses(&browser);
    assert_eq!(browser.run("return R.querySelector('dialog [name=due]').validity.rangeUnderflow"), true);
    fills(&browser, "due", "2999-01-01T10:00");
    fills(&browser, "protocol", "2026001");
    presses(&browser);
    assert!(refused(&browser).contains("A case has the protocol 2026001 already"));
    assert_eq!(recorded(&server, "case.opened"), Vec::<Value>::new());
    fills(&browser, "protocol", "2026002");
    presses(&browser);
    is_closed(&browser);
    assert_eq!(recorded(&server, "case.opened").len(), 1);
    // Whatever comes from elsewhere: a number finds whom it was given to.
    server.records(&[opened("second", "crm:1")]);
    let asked = "{ customer(by: {protocol: \"2026001\"}) { identifiers { value } } }";
    assert_eq!(server.data(asked, json!({}))["customer"]["identifiers"][0]["value"], "2");
    is_content(&browser);
}
