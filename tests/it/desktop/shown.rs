//! What an agent sees: of a customer who calls, of somebody unknown, and on the tour.

use serde_json::json;

use crate::browser::{Browser, ENTER};
use crate::server::Server;
use crate::story::{event, told};

use super::{NARROW, PHONE, WIDE, is_content, shown, texts};

#[test]
fn a_call_shows_where_the_bot_was_left_in_the_agents_language() {
    let server = Server::demo();
    for (language, heading, promised) in
        [("pt-BR", "Continue daqui", "Prometido:"), ("en", "Continue here", "Promised:")]
    {
        for (size, theme) in [(WIDE, "light"), (NARROW, "dark"), (WIDE, "dark"), (NARROW, "light")] {
            let browser = Browser::new(language, size);
            browser.prefers(&[("prefers-color-scheme", theme)]);
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
fn the_tour_opens_everybody_and_says_so_where_nobody_of_it_is() {
    let server = Server::demo();
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

#[test]
fn counts_days_and_names_read_as_people_say_them() {
    let server = Server::new();
    let said = |id: &str, time: &str| {
        let data =
            json!({"channel": "chat", "direction": "inbound", "contact": "c-1", "conversation": "k", "text": id});
        event(id, "message.sent", "email:ana.moura@example.com", time, data)
    };
    let mut later = said("later", "10:00");
    later["time"] = json!("2025-03-04T10:00:00Z");
    server.records(&[said("one", "10:00"), said("two", "10:01"), later]);
    let browser = Browser::new("pt-BR", NARROW);
    browser.open(&server.url("/panel?agent=carla"));
    browser.until("R.querySelector('.finder')");
    browser.run("R.querySelector('.finder input').value = 'ana.moura@example.com'; R.querySelector('form.finder').requestSubmit()");
    browser.until("R.querySelector('.candidate')");
    let found = texts(&browser, ".candidate").concat();
    assert_eq!(found.matches("@example.com").count(), 1, "who has no name is told by their address, once: {found}");
    browser.run("R.querySelector('.candidate').click()");
    browser.until("R.querySelector('.voice')");
    assert_eq!(texts(&browser, ".voice .complaints"), ["0reclamações"]);
    let days = texts(&browser, ".continue .of-day");
    assert_eq!(days, ["segunda-feira, 3 de março de 2025", "terça-feira, 4 de março de 2025"]);
    let order = browser
        .run("return [...R.querySelectorAll('.continue .lines > li')].map((each) => each.className.split(' ')[0])");
    assert_eq!(order, json!(["of-day", "line", "line", "of-day", "line"]));
    browser.run("R.querySelector('[data-key=do-case]').click(); R.querySelector('dialog [name=title]').value = 'x'; R.querySelector('dialog form').requestSubmit()");
    assert_eq!(browser.until("R.querySelector('.cases .due')?.textContent"), "faltam 7 dias");
    is_content(&browser);
}

#[test]
fn complaints_that_came_as_cases_are_told_apart_from_those_that_were_given() {
    let server = Server::new();
    let opened = |number: usize| {
        let data = json!({"channel": "voice", "case": format!("k-{number}"), "demand": "complaint", "title": "A pan"});
        event(&format!("opened-{number}"), "case.opened", "crm:1", "10:00", data)
    };
    let given = |number: usize| {
        let data = json!({"channel": "voice", "contact": "c-1", "feedback": "complaint", "topic": "delivery"});
        event(&format!("given-{number}"), "feedback.given", "crm:1", "10:00", data)
    };
    server.records(&[opened(1), opened(2)]);
    let panels = |said: [&str; 3], guidance: [&str; 3]| {
        for ((language, said), guidance) in ["pt-BR", "en", "es"].into_iter().zip(said).zip(guidance) {
            let browser = Browser::new(language, NARROW);
            browser.open(&server.url(&format!("/panel?identifier=crm:1&agent=carla&language={language}")));
            browser.until("R.querySelector('.voice .counts[title]') && R.querySelector('.guidance li')");
            let told = texts(&browser, ".voice .as-cases");
            assert_eq!(told, if said.is_empty() { Vec::new() } else { vec![said.to_owned()] });
            let told = texts(&browser, ".guidance").concat();
            assert!(told.contains(guidance), "{told}");
            browser.picture(&format!("voice-{language}-{}", said.is_empty()));
            is_content(&browser);
        }
    };
    let cases = ["casos de reclamação em aberto: 2", "open cases of complaint: 2", "casos de queja abiertos: 2"];
    panels(
        [
            "2 reclamações estão abertas como casos: aparecem entre os casos e não são manifestações.",
            "2 complaints are open as cases: they stand among the cases and are no feedback.",
            "2 quejas están abiertas como casos: aparecen entre los casos y no son opiniones.",
        ],
        cases,
    );
    // Where as many were given, no count is less than there are cases.
    server.records(&[given(1), given(2)]);
    panels(["", "", ""], cases);
}

#[test]
fn the_menu_opens_beside_its_button_at_every_width() {
    let (server, _) = told();
    let browser = Browser::new("pt-BR", WIDE);
    for width in [320, 480, 768, 1024, 1280, 1920] {
        browser.size((width, 800));
        browser.open(&server.url("/panel?identifier=crm:8812&agent=carla"));
        browser.until("R.querySelector('[data-key=do-more]') && !R.querySelector('.actions').hidden");
        browser.run("R.querySelector('[data-key=do-more]').click()");
        browser.until("R.querySelector('#more:popover-open')");
        let is_beside = "(() => {
            const [menu, button] = ['#more', '[data-key=do-more]'].map((each) => R.querySelector(each).getBoundingClientRect());
            const isInSight = menu.left >= 0 && menu.top >= 0 && menu.right <= innerWidth && menu.bottom <= innerHeight;
            return isInSight && menu.left < button.right && menu.right > button.left && Math.abs(button.top - menu.bottom - 6) < 1;
        })()";
        browser.until(is_beside);
        // What comes in below the conversation moves the button, and the menu goes with it.
        browser.run("const more = document.createElement('p'); more.style.blockSize = '90px'; R.querySelector('.actions').before(more)");
        browser.until(is_beside);
        if width == 1920 {
            browser.picture("menu");
            browser.size((700, 600));
            browser.until(is_beside);
        }
    }
}

#[test]
fn the_menu_stays_open_when_the_customer_comes_to_be_known() {
    let server = Server::new();
    let browser = Browser::new("en", NARROW);
    browser.open(&server.url("/panel?identifier=email:ana.moura@example.com&agent=carla"));
    browser.until("R.querySelector('[data-key=do-more]') && !R.querySelector('.actions').hidden");
    browser.run("R.querySelector('[data-key=do-more]').click(); R.querySelector('#more button').focus()");
    let focused = "R.querySelector('#more:popover-open') && R.activeElement.dataset.key";
    let had = browser.until(focused);
    assert_eq!(browser.run("return Boolean(R.querySelector('#more [data-key=do-past]'))"), false);
    let data = json!({"channel": "chat", "direction": "inbound", "contact": "c-1", "text": "x"});
    server.records(&[event("1", "message.sent", "email:ana.moura@example.com", "10:00", data)]);
    browser.until("R.querySelector('#more [data-key=do-past]')");
    assert_eq!(browser.run(&format!("return {focused}")), had);
}

#[test]
fn all_is_on_only_while_no_filter_is() {
    let (server, _) = told();
    let browser = Browser::new("en", NARROW);
    browser.open(&server.url("/panel?identifier=crm:8812&agent=carla"));
    let on = |expected: &str| {
        browser.until(&format!(
            "[...R.querySelectorAll('.filters [aria-pressed=true]')].map((each) => each.dataset.key).join() === '{expected}' && !R.querySelector('.days.waiting')"
        ));
    };
    let click = |key: &str| drop(browser.run(&format!("R.querySelector('[data-key={key}]').click()")));
    on("filter-channel-all");
    click("count-complaints");
    on("filter-feedback-all");
    click("filter-channel-voice");
    on("filter-channel-voice,filter-feedback-all");
    click("filter-feedback-all");
    on("filter-channel-voice");
    click("filter-channel-voice");
    on("filter-channel-all");
    click("filter-group-notes");
    on("filter-group-notes");
    click("filter-channel-all");
    on("filter-channel-all");
    is_content(&browser);
}

#[test]
fn a_third_in_each_channel_is_no_preference() {
    let contact = |id: &str, crm: &str, channel: &str| {
        let data = json!({"channel": channel, "direction": "inbound", "contact": id});
        event(id, "contact.started", crm, "10:00", data)
    };
    let server = Server::new();
    server.records(&[
        contact("a", "crm:1", "voice"),
        contact("b", "crm:1", "chat"),
        contact("c", "crm:1", "email"),
        contact("d", "crm:2", "voice"),
        contact("e", "crm:2", "voice"),
        contact("f", "crm:2", "email"),
    ]);
    let browser = Browser::new("pt-BR", NARROW);
    for (crm, told, preferred) in [
        ("1", ["Canais", "3 contatos, ainda sem preferência clara"], 0),
        ("2", ["Prefere telefone", "de 3 contatos, 17% de certeza"], 1),
    ] {
        browser.open(&server.url(&format!("/panel?identifier=crm:{crm}&agent=carla")));
        browser.until("R.querySelector('.channels')");
        assert_eq!(texts(&browser, ".channels .heading > *"), told);
        assert_eq!(texts(&browser, ".channels .bar.preferred").len(), preferred);
        assert!(texts(&browser, ".channels .bar").len() > 1, "the bars stay");
    }
    is_content(&browser);
}

#[test]
fn moments_are_told_in_the_time_zone_of_the_store_as_the_best_hours_are() {
    let server = Server::new();
    let contact = |id: &str| {
        let data = json!({"channel": "chat", "direction": "inbound", "contact": id});
        event(id, "contact.started", "crm:1", "01:30", data)
    };
    server.records(&[contact("a"), contact("b")]);
    // The browser is in another zone than the store: there it is the day after.
    let browser = Browser::new("pt-BR", NARROW);
    browser.open(&server.url("/panel?identifier=crm:1&agent=carla"));
    browser.until("R.querySelector('.timeline .entry')");
    assert_eq!(browser.run("return new Date('2025-03-03T01:30:00Z').getDate()"), 3);
    assert_eq!(texts(&browser, ".hours figcaption"), ["Procura mais às 22 h"]);
    assert_eq!(texts(&browser, ".timeline .entry time"), ["22:30", "22:30"]);
    let day = browser.run("return R.querySelector('.timeline .day').dataset.day");
    assert_eq!(
        (day, texts(&browser, ".timeline .day h3")),
        (json!("2025-03-02"), vec!["domingo, 2 de março de 2025".to_owned()])
    );
    // What is written in a form is in that zone as well.
    browser.run("R.querySelector('[data-key=do-past]').click()");
    browser.until("R.querySelector('dialog').open");
    assert!(texts(&browser, "dialog").concat().contains("Fuso horário: America/Sao_Paulo."));
    let written = browser.run(
        "return import('/panel/clock.js').then(({ fieldOf, momentOf }) => ['America/Sao_Paulo', 'Europe/Lisbon', undefined].map((zone) =>
            [fieldOf(new Date('2025-03-03T01:30:00Z'), zone), momentOf('2025-07-02T22:30', zone).toISOString()]))",
    );
    assert_eq!(
        written,
        json!([
            ["2025-03-02T22:30", "2025-07-03T01:30:00.000Z"],
            ["2025-03-03T01:30", "2025-07-02T21:30:00.000Z"],
            ["2025-03-03T01:30", "2025-07-02T22:30:00.000Z"],
        ])
    );
    is_content(&browser);
}

#[test]
fn the_past_begins_where_something_was_known() {
    let server = Server::new();
    let browser = Browser::new("en", NARROW);
    server.records(&[event(
        "old",
        "note.added",
        "crm:1",
        "10:00",
        json!({"channel": "voice", "text": "of last year"}),
    )]);
    browser.open(&server.url("/panel?identifier=crm:1&agent=carla"));
    browser.until("R.querySelector('.timeline .entry')");
    let opens = || {
        browser.run("R.querySelector('[data-key=do-past]').click()");
        browser.until("R.querySelector('dialog').open");
        assert!(
            texts(&browser, "dialog .soft")[0].contains("when things were recorded here, not by when they happened")
        );
    };
    opens();
    // Whatever was recorded a moment ago: as it stands there it is seen.
    browser.run("R.querySelector('dialog form').requestSubmit()");
    browser.until(
        "!R.querySelector('dialog').open && R.querySelector('.banner.past') && R.querySelector('.timeline .entry')",
    );
    browser.run("R.querySelector('[data-key=now]').click()");
    browser.until("!R.querySelector('.banner.past') && !R.querySelector('.actions').hidden");
    opens();
    browser.run(
        "R.querySelector('dialog input').value = '2025-03-10T10:00'; R.querySelector('dialog form').requestSubmit()",
    );
    let told = browser.until("R.querySelector('dialog .problem').textContent");
    assert!(told.as_str().unwrap().starts_with("Nothing of this customer had been recorded by then"), "{told}");
}

#[test]
fn a_case_is_as_old_in_its_row_as_in_the_guidance() {
    let server = Server::new();
    let hours_ago = |hours: i64| (jiff::Timestamp::now() - jiff::SignedDuration::from_hours(hours)).to_string();
    for (crm, hours) in [("crm:1", 47), ("crm:2", 25), ("crm:3", 23), ("crm:4", 73)] {
        let data = json!({"channel": "voice", "case": crm, "protocol": crm, "demand": "complaint", "title": "A pan"});
        let mut opened = event(crm, "case.opened", crm, "10:00", data);
        opened["time"] = json!(hours_ago(hours));
        server.records(&[opened]);
    }
    for (language, crm, row, guidance) in [
        ("en", 1, "opened 1 day ago", "opened 1 d ago"),
        ("pt-BR", 1, "aberto há 1 dia", "aberto há 1 d"),
        ("es", 1, "abierto hace 1 día", "abrió hace 1 d"),
        ("en", 2, "opened 1 day ago", "opened 1 d ago"),
        ("en", 3, "opened 23 hours ago", "opened 23 h ago"),
        ("pt-BR", 4, "aberto há 3 dias", "aberto há 3 d"),
    ] {
        let browser = Browser::new(language, NARROW);
        browser.open(&server.url(&format!("/panel?identifier=crm:{crm}&agent=carla&language={language}")));
        browser.until("R.querySelector('.cases .opened') && R.querySelector('.guidance li')");
        assert_eq!(texts(&browser, ".cases .opened"), [row]);
        let told = texts(&browser, ".guidance").concat();
        assert!(told.contains(guidance), "{told}");
    }
}
