//! The journey's page shows what the server has: in both languages, wide and narrow, light and dark.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::desktop::keyboard::Words;
use crate::desktop::{NARROW, WIDE, is_content};
use crate::server::Server;
use crate::story::event;

use super::{MAP, SAVED, click, column, counted, demo, journey, says_it_in_words, texts};

/// The map over all that ever happened.
fn map(server: &Server, conditions: Value) -> Value {
    server.data(MAP, json!({"range": null, "where": conditions}))["journeyMap"].take()
}

fn cells(map: &Value) -> &[Value] {
    map["cells"].as_array().unwrap()
}

fn sum<'v>(cells: impl IntoIterator<Item = &'v Value>, figure: &str) -> u64 {
    cells.into_iter().map(|cell| cell[figure].as_u64().unwrap()).sum()
}

/// The places of the map: one for each pair of a stage and a touchpoint, or a department, where something happened.
fn places(map: &Value, band: &str) -> usize {
    let there = cells(map).iter().filter(|cell| cell["events"] != 0);
    there.map(|cell| (cell["stage"].to_string(), cell[band].to_string())).collect::<BTreeSet<_>>().len()
}

#[test]
fn the_map_has_every_place_where_something_happened() {
    let server = demo();
    let told = map(&server, json!([]));
    let expected = places(&told, "touchpoint") + places(&told, "department");
    assert!(expected > 10, "{told}");
    for (language, heading) in [("pt-BR", "A jornada dos clientes"), ("en", "The customers' journey")] {
        for (size, theme) in [(WIDE, "light"), (NARROW, "dark"), (WIDE, "dark"), (NARROW, "light")] {
            let browser = Browser::new(language, size);
            browser.prefers(&[("prefers-color-scheme", theme), ("prefers-reduced-motion", "reduce")]);
            journey(&browser, &server, &format!("language={language}&across=stage"));
            assert_eq!(texts(&browser, "h1"), [heading]);
            assert_eq!(browser.run("return document.documentElement.lang"), language);
            browser.until(
                "(document.querySelectorAll('[data-key^=unfold]').forEach((each) => each.click()), !document.querySelector('[data-key^=unfold]'))",
            );
            assert_eq!(texts(&browser, ".cell").len(), expected, "{language} {size:?}");
            let fits = browser.run("return document.documentElement.scrollWidth <= innerWidth");
            assert_eq!(fits, true, "nothing is wider than {size:?}");
            says_it_in_words(&browser);
            is_content(&browser);
            browser.picture(&format!("journey-{language}-{}-{theme}", size.0));
        }
    }
}

#[test]
fn tables_and_files_have_the_figures_of_the_server_and_a_filter_takes_its_part() {
    let server = demo();
    let browser = Browser::new("en", WIDE);
    browser.first_run(SAVED);
    journey(&browser, &server, "language=en&across=stage");
    let told = map(&server, json!([]));
    click(&browser, "table-map");
    browser.until("document.querySelector('.journey-map table.figures')");
    let kinds = texts(&browser, ".journey-map tbody tr > :nth-child(1)");
    let drawn = |number: usize, kind: &str| -> f64 {
        let figures = column(&browser, ".journey-map", number);
        figures.iter().zip(&kinds).filter(|(_, each)| *each == kind).map(|(figure, _)| figure).sum()
    };
    for (number, figure) in [(4, "events"), (5, "contacts"), (8, "complaints"), (10, "praises"), (14, "imposed")] {
        let expected = sum(cells(&told), figure) as f64;
        assert_eq!((drawn(number, "Touchpoint"), drawn(number, "Department")), (expected, expected), "{figure}");
    }
    click(&browser, "csv-map");
    let file = browser.until("window.saved").as_str().unwrap().to_owned();
    let lines: Vec<&str> = file.trim_end().split("\r\n").collect();
    assert_eq!(lines.len(), kinds.len() + 1);
    assert!(lines[0].ends_with("Channel chosen,Channel imposed"), "{}", lines[0]);

    // A department alone: the server is asked, and nothing else is left.
    let department = cells(&told).iter().find_map(|cell| cell["department"].as_str()).unwrap();
    journey(&browser, &server, &format!("language=en&across=stage&department={department}"));
    click(&browser, "table-map");
    let part = sum(cells(&map(&server, json!([{"name": "department", "value": department}]))), "events");
    let shown = || -> f64 {
        let kinds = texts(&browser, ".journey-map tbody tr > :nth-child(1)");
        let events = column(&browser, ".journey-map", 4);
        events.iter().zip(&kinds).filter(|(_, kind)| *kind == "Department").map(|(figure, _)| figure).sum()
    };
    assert_eq!(shown(), part as f64);
    assert!(part < sum(cells(&told), "events"));
    click(&browser, "filters-off");
    browser.until("!document.querySelector('[data-key=filters-off]') && !document.querySelector('main').hasAttribute('aria-busy')");
    assert_eq!(shown(), sum(cells(&told), "events") as f64);
    assert_eq!(browser.run("return new URLSearchParams(location.search).get('department')"), Value::Null);
    is_content(&browser);
}

#[test]
fn a_place_tells_of_itself_and_leads_to_its_table() {
    let server = demo();
    let browser = Browser::new("en", WIDE);
    journey(&browser, &server, "language=en&across=stage");
    click(&browser, "highlight-busiest");
    browser.until("document.querySelector('.place [data-key=place-analysis]')");
    let [place, events] = ["h2", "dd"].map(|what| texts(&browser, &format!(".place {what}"))[0].clone());
    let told = texts(&browser, "[data-key=highlight-busiest] .why");
    assert_eq!(told, [format!("{events} records")], "{place}");
    click(&browser, "place-analysis");
    browser.until("location.pathname === '/analyses' && document.querySelector('.result table')");
    let all: f64 = events.replace(',', "").parse().unwrap();
    let records = texts(&browser, ".result thead th").iter().position(|name| name == "Records").unwrap();
    assert_eq!(column(&browser, ".result", records + 1).iter().sum::<f64>(), all);
    is_content(&browser);
}

#[test]
fn a_line_of_the_heads_has_one_unit() {
    let server = demo();
    let browser = Browser::new("en", WIDE);
    journey(&browser, &server, "language=en&across=stage");
    let heads = texts(&browser, ".map thead th").len();
    let all = |selector: &str, units: [&str; 2]| {
        let told = texts(&browser, selector);
        assert!(told.iter().all(|each| units.iter().any(|unit| each.ends_with(unit))), "{told:?}");
        told.len()
    };
    assert!(heads > 3);
    assert_eq!(all(".map thead .of-size", [" record", " records"]), heads);
    assert!(all(".map thead .of-customers", [" customer", " customers"]) > 0);
    browser.size(NARROW);
    browser.until("document.querySelector('.stack')");
    let told = texts(&browser, ".stack h3 + p");
    assert!(told.iter().all(|each| each.contains(" record")), "{told:?}");
    is_content(&browser);
}

#[test]
fn where_a_step_leads_is_read_also_where_there_is_little_room() {
    let server = demo();
    let browser = Browser::new("pt-BR", NARROW);
    journey(&browser, &server, "language=pt-BR");
    browser.until("document.querySelector('.steps .hbar.step')");
    for kind in ["stage", "touchpoint", "channel"] {
        browser.run(&format!("document.querySelector('[data-key=steps-{kind}]')?.click()"));
        browser.until("document.querySelector('.steps .hbar.step')");
        let cut = browser.run(
            "return [...document.querySelectorAll('.steps .hbar.step bdi')].filter((each) => each.scrollHeight > each.clientHeight + 1).map((each) => each.textContent)",
        );
        assert_eq!(cut, json!([]), "{kind}");
        let ends = texts(&browser, ".steps .hbar.step .then");
        assert!(!ends.is_empty() && ends.iter().all(|end| end.starts_with("→ ") && end.len() > 5), "{ends:?}");
    }
    browser.run("document.querySelector('.steps').scrollIntoView()");
    browser.picture("steps-320");
    is_content(&browser);
}

/// Contacts of `crm:N`, each with its stage and its touchpoint, where it has them.
fn contacts(customer: usize, places: &[(Option<&str>, Option<&str>)]) -> Vec<Value> {
    let contact = |(number, (stage, touchpoint)): (usize, &(Option<&str>, Option<&str>))| {
        let id = format!("c-{customer}-{number}");
        let mut data = json!({"channel": "chat", "direction": "inbound", "contact": id});
        for (name, value) in [("stage", stage), ("touchpoint", touchpoint)] {
            if let Some(value) = value {
                data[name] = json!(value);
            }
        }
        event(&id, "contact.started", &format!("crm:{customer}"), &format!("10:{number:02}"), data)
    };
    places.iter().enumerate().map(contact).collect()
}

#[test]
fn what_stands_out_has_a_name_and_the_rest_is_told_and_so_is_of_what_a_share_went_on() {
    let server = Server::new();
    let (look, buy) = (Some("look"), Some("buy"));
    server.records(
        &[
            contacts(1, &[(look, Some("site")), (look, Some("app")), (buy, Some("site")), (buy, Some("site"))]),
            contacts(2, &[(look, Some("site")); 1]),
            contacts(3, &[(look, None); 7]),
            contacts(4, &[(None, Some("site")); 5]),
            contacts(5, &[(buy, Some("shop")); 1]),
        ]
        .concat(),
    );
    counted(&server);
    for (language, busiest, unsaid, went_on) in [
        (
            "en",
            "site · buy",
            "12 of 18 records (67%) do not say their touchpoint or stage: they are not counted among these highlights; the map shows them as “not said”.",
            ["33% of 3 entries went on to buy", "nobody went on to another stage"],
        ),
        (
            "pt-BR",
            "site · buy",
            "12 de 18 registros (67%) não informam ponto de contato ou etapa: não contam nestes destaques; o mapa os mostra em “não informado”.",
            ["33% de 3 entradas seguiram para buy", "ninguém seguiu para outra etapa"],
        ),
    ] {
        let browser = Browser::new(language, WIDE);
        journey(&browser, &server, &format!("language={language}&across=stage"));
        assert_eq!(texts(&browser, "[data-key=highlight-busiest] .what"), [busiest]);
        assert_eq!(texts(&browser, ".unsaid-places"), [unsaid]);
        browser.until("document.querySelector('.went-on')");
        assert_eq!(texts(&browser, ".map thead .went-on"), went_on);
        browser.picture(&format!("highlights-{language}"));
        browser.size(NARROW);
        browser.until("document.querySelector('.stack')");
        let heads = texts(&browser, ".stack h3 + p");
        assert!(heads.iter().zip(went_on).all(|(head, told)| head.ends_with(told)), "{heads:?}");
        is_content(&browser);
    }
}

#[test]
fn where_nothing_was_said_stands_below_the_first_rows() {
    let server = Server::new();
    let names: Vec<String> = (0..12).map(|number| format!("point {number}")).collect();
    let mut places: Vec<_> = names.iter().map(|name| (Some("look"), Some(name.as_str()))).collect();
    places.extend([(Some("look"), None); 30]);
    server.records(&contacts(1, &places));
    counted(&server);
    let browser = Browser::new("en", WIDE);
    journey(&browser, &server, "language=en&across=stage");
    let rows = texts(&browser, ".map tbody:first-of-type .row-name");
    assert_eq!((rows.len(), rows.last().map(String::as_str)), (9, Some("not said")), "{rows:?}");
    click(&browser, "unfold-touchpoint");
    browser.until("document.querySelectorAll('.map tbody:first-of-type .row-name').length === 13");
}

#[test]
fn complaints_are_a_share_of_what_size_shows_and_a_key_is_shown_by_its_beginning() {
    const KEY: &str = "4a3ca9315b744ce9f8e9374361493884";
    let server = Server::new();
    let quiet = [(Some("look"), Some("app")), (Some("buy"), Some("site"))];
    let mut events = contacts(1, &[[(Some("look"), Some(KEY)); 20].as_slice(), &quiet].concat());
    events.extend((0..10).map(|number| {
        let complaint = json!({"channel": "chat", "contact": format!("c-1-{number}"), "feedback": "complaint", "topic": "delay", "stage": "look", "touchpoint": KEY});
        event(&format!("f-{number}"), "feedback.given", "crm:1", &format!("11:{number:02}"), complaint)
    }));
    server.records(&events);
    counted(&server);
    let browser = Browser::new("pt-BR", WIDE);
    journey(&browser, &server, "language=pt-BR&across=stage");
    click(&browser, "look-feel-voice");
    let told = |size: &str| {
        click(&browser, &format!("look-size-{size}"));
        browser.until(&format!("document.querySelector('[data-key=look-size-{size}]').ariaPressed === 'true'"));
        let shown =
            ["[data-key=highlight-complaints] .why", ".cell-figures small + .unseen", ".legend li:nth-child(2)"];
        browser.picture(&format!("complaints-of-{size}"));
        is_content(&browser);
        (texts(&browser, ".cell-figures small")[0].clone(), shown.map(|each| texts(&browser, each)[0].clone()))
    };
    let (share, [why, of, legend]) = told("events");
    assert_eq!((share.as_str(), why.as_str()), ("33%", "10 reclamações em 30 registros"));
    assert!(of.ends_with("sobre 30 registros") && legend.ends_with("a parcela de todos os registros"), "{of} {legend}");
    let (share, [why, of, legend]) = told("contacts");
    assert_eq!((share.as_str(), why.as_str()), ("50%", "10 reclamações, onde houve 20 contatos"));
    assert!(of.ends_with("sobre 20 contatos") && legend.ends_with("a parcela dos contatos"), "{of} {legend}");
    let what = "[...document.querySelectorAll('[data-key=highlight-busiest] bdi, .row-name bdi')].filter((each) => each.title).map((each) => [each.textContent, each.title])";
    assert_eq!(browser.run(&format!("return {what}")), json!([["4a3ca931…", KEY], ["4a3ca931…", KEY]]));
}

#[test]
fn a_range_that_ends_before_it_begins_is_said_at_its_fields_and_no_figures_stand_under_it() {
    let server = demo();
    for language in ["pt-BR", "en", "es"] {
        let words = Words::of(language);
        let browser = Browser::new(language, WIDE);
        let told = [words.say("range.backwards", &[])];
        journey(&browser, &server, &format!("language={language}"));
        let days = |from: &str, to: &str| {
            for (name, day) in [("from", from), ("to", to)] {
                browser.run(&format!(
                    "const field = document.querySelector('[data-key=day-{name}]'); field.value = '{day}'; field.dispatchEvent(new Event('change'))"
                ));
            }
        };
        click(&browser, "range-custom");
        browser.until("document.querySelector('[data-key=day-to]')");
        days("2025-05-12", "2025-04-01");
        browser.until("document.querySelectorAll('[aria-invalid=true]').length === 2");
        browser.until("!document.querySelector('main').hasAttribute('aria-busy')");
        assert_eq!(texts(&browser, ".range-problem"), told);
        assert_eq!(texts(&browser, ".cell, .steps .hbar, main > .problem > *"), Vec::<String>::new());
        browser.picture(&format!("backwards-{language}"));
        says_it_in_words(&browser);
        is_content(&browser);
        days("2000-04-01", "2100-05-12");
        browser.until("document.querySelector('.cell') && !document.querySelector('[aria-invalid=true]')");
        assert_eq!(texts(&browser, ".range-problem"), [""]);

        // So it is when the address says so, and on the page of the analyses.
        let query = format!("language={language}&range=custom&from=2025-05-12&to=2025-04-01");
        browser.open(&server.url(&format!("/journey?{query}")));
        browser.until("document.querySelector('.card .value:not(.soft)') && document.querySelector('.range-problem')?.textContent");
        assert_eq!(texts(&browser, ".cell, main > .problem > *"), Vec::<String>::new());
        browser.open(&server.url(&format!("/analyses?analysis=contacts&{query}")));
        browser.until("document.querySelector('.result .empty')");
        assert_eq!(texts(&browser, ".range-problem"), told);
        is_content(&browser);
    }
}

#[test]
fn where_nothing_happened_it_is_said() {
    let server = Server::new();
    counted(&server);
    let browser = Browser::new("en", NARROW);
    browser.open(&server.url("/journey?language=en"));
    browser.until(
        "document.querySelector('.journey-map .empty')?.textContent.startsWith('Nothing has been recorded yet.')",
    );
    assert_eq!(texts(&browser, ".steps .empty"), ["No customer has gone from one step to another yet."]);
    // The day has no figures either, which is not the same as figures of nothing.
    browser.until("document.querySelectorAll('.card .value:not(.soft)').length === 10");
    assert_eq!(texts(&browser, ".card.service_level .value, .card.csat .value"), ["–", "–"]);
    assert_eq!(texts(&browser, ".card.contacts .value, .card.complaints .value"), ["0", "0"]);
    is_content(&browser);
}

#[test]
fn the_day_follows_by_itself() {
    let server = Server::new();
    counted(&server);
    let browser = Browser::new("en", WIDE);
    browser.open(&server.url("/journey?language=en"));
    browser.until("document.querySelector('.live-live')");
    assert_eq!(browser.until("document.querySelector('.card.contacts .value:not(.soft)')?.textContent"), "0");
    let now = jiff::Timestamp::now().to_string();
    let event = |id: &str, kind: &str, data: Value| json!({"specversion": "1.0", "id": id, "source": "test", "type": format!("novelo.{kind}"), "subject": "crm:1", "time": now, "data": data});
    let contact = |contact: &str| json!({"channel": "voice", "direction": "inbound", "contact": contact});
    server.records(&[event("1", "contact.started", contact("c-1")), event("2", "contact.started", contact("c-2"))]);
    browser.until("document.querySelector('.card.contacts .value').textContent === '2'");
    let complaint = json!({"channel": "voice", "contact": "c-1", "feedback": "complaint", "topic": "delivery"});
    server.records(&[event("3", "feedback.given", complaint)]);
    browser.until("document.querySelector('.card.complaints .value').textContent === '1'");
    is_content(&browser);
}

/// Has the server say that the journey is being counted, until `window.counted`.
const COUNTING: &str = r#"const ask = window.fetch; window.fetch = async (url, options) => {
    const answer = await ask(url, options);
    if (window.counted || !String(url).endsWith('/graphql')) return answer;
    const { query } = JSON.parse(options.body);
    if (query.includes('journeyMap')) return Response.json({ data: null, errors: [{ message: 'not yet', extensions: { code: 'UNAVAILABLE' } }] });
    const body = await answer.json();
    for (const each of body.data?.analyses ?? []) if (each.name === 'journey') Object.assign(each, { state: 'building', progress: 0.42 });
    return Response.json(body);
};"#;

#[test]
fn what_is_still_being_counted_comes_by_itself() {
    let server = demo();
    let browser = Browser::new("pt-BR", WIDE);
    browser.first_run(COUNTING);
    browser.open(&server.url("/journey?range=all&language=pt-BR"));
    let told = browser.until("document.querySelector('.said:not([hidden])')?.textContent");
    assert_eq!(told, "Os números ainda estão sendo montados: 42% dos eventos já foram contados.");
    assert_eq!(texts(&browser, "div.problem"), [""], "nothing is wrong");
    browser.run("window.counted = true");
    browser.until("document.querySelector('.cell') && !document.querySelector('main').hasAttribute('aria-busy')");
    browser.until("document.querySelector('.said').hidden");
    is_content(&browser);
}
