//! An analysis from its first letter to its end.

use serde_json::{Value, json};

use crate::browser::{Browser, ENTER};
use crate::desktop::keyboard::Words;
use crate::desktop::{NARROW, WIDE, is_content};
use crate::server::Server;
use crate::story::event;

use super::{ANALYSES, FIGURES, MAP, NAMES, SAVED, click, column, counted, demo, says_it_in_words, texts};

/// Contacts by channel and month.
const WRITTEN: &str = "name = \"by_channel\"\nversion = 1\nover = \"contacts\"\ngroup_by = [\"channel\"]\nbucket = \"month\"\n\n[measures]\ncontacts = 'count()'\n";

/// The page with the editor open.
fn editor(browser: &Browser, server: &Server, language: &str) {
    browser.open(&server.url(&format!("/analyses?language={language}&write")));
    browser.until("document.querySelector('.editor textarea') && document.querySelector('.entry-of-list')");
}

/// Writes a definition in place of what is there, as if it had been typed.
fn writes(browser: &Browser, definition: &str) {
    browser.run(&format!(
        "const field = document.querySelector('.editor textarea'); field.value = {}; field.dispatchEvent(new Event('input'))",
        json!(definition)
    ));
}

fn figures(server: &Server, name: &str) -> Vec<Value> {
    let asked = json!({"name": name, "by": ["channel"], "bucket": "month", "limit": 1000});
    server.data(FIGURES, asked)["analysis"]["rows"].as_array().unwrap().clone()
}

#[test]
fn every_example_is_right_and_a_mistake_is_shown_where_it_stands() {
    let server = demo();
    for language in ["pt-BR", "en"] {
        let words = Words::of(language);
        let browser = Browser::new(language, NARROW);
        editor(&browser, &server, language);
        let examples =
            browser.run("return [...document.querySelectorAll('.starts [data-key]')].map((each) => each.dataset.key)");
        assert!(examples.as_array().unwrap().len() >= 5);
        for example in examples.as_array().unwrap() {
            writes(&browser, "");
            browser.until("document.querySelector('#check').className === 'check'");
            click(&browser, example.as_str().unwrap());
            browser.until("document.querySelector('#check').className !== 'check'");
            assert_eq!(texts(&browser, ".mistakes li"), Vec::<String>::new(), "{example}");
            assert!(texts(&browser, "#check")[0].len() > 20);
        }

        // A field that there is not: its line and its column, in the list and in the text.
        let wrong = WRITTEN.replace("group_by", "where = 'chanel == \"voice\"'\ngroup_by");
        writes(&browser, &wrong);
        browser.until("document.querySelectorAll('.mistake').length === 1");
        let place = words.say("editor.at", &[("line", "4"), ("column", "10")]);
        assert!(texts(&browser, ".mistake")[0].starts_with(&place), "{:?}", texts(&browser, ".mistake"));
        let mark =
            browser.run("const { line, column } = document.querySelector('.mark-at').dataset; return [line, column]");
        assert_eq!(mark, json!(["4", "10"]));
        assert_eq!(texts(&browser, ".line-numbers .wrong"), ["4"]);
        // The mark lies below the word: as wide as it, and at its height.
        let lies = browser.run(
            "const mark = document.querySelector('.mark-at').getBoundingClientRect(), line = document.querySelector('.line-numbers .wrong').getBoundingClientRect();
             return [Math.abs(mark.top - line.top) < 2, mark.width > 30 && mark.width < 80]",
        );
        assert_eq!(lies, json!([true, true]));
        browser.tab_until("the mistake", |focus| focus.key.as_deref() == Some("mistake-0"));
        browser.press(&ENTER.to_string());
        let selected = browser.run(
            "const field = document.activeElement; return field.value.slice(field.selectionStart, field.selectionEnd)",
        );
        assert_eq!(selected, "chanel");
        assert_eq!(browser.run("return document.querySelector('textarea').ariaInvalid"), "true");
        // What to do is said in the reader's language; what the server says is marked as English.
        let told = texts(&browser, ".mistake [lang=en]").concat();
        assert_eq!(told.contains("`chanel` is no field"), language != "en", "{told}");
        assert_eq!(texts(&browser, ".mistake")[0].contains(&words.say("mistake.where", &[])), language != "en");
        // It is written over, and right.
        browser.press("channel");
        browser.until("document.querySelector('#check.good')");
        assert_eq!(texts(&browser, ".mark-at, .mistakes li"), Vec::<String>::new());
        says_it_in_words(&browser);
        is_content(&browser);
        browser.picture(&format!("editor-{language}"));
    }
}

#[test]
fn an_analysis_is_defined_watched_read_changed_compared_brought_back_and_removed() {
    let server = demo();
    let browser = Browser::new("en", WIDE);
    browser.first_run(SAVED);
    editor(&browser, &server, "en");
    writes(&browser, WRITTEN);
    browser.until("document.querySelector('#check.good')");
    browser.tab_to("Define and count");
    browser.press(&ENTER.to_string());
    browser.until("document.querySelector('.about h2')?.textContent === 'by_channel'");
    browser.until("document.querySelector('.about .standing.good') && document.querySelector('.result .line')");

    // As a chart and as a table, with the server's figures; and all of them in the file.
    let told = figures(&server, "by_channel");
    assert!(told.len() > 3);
    click(&browser, "table-result");
    browser.until("document.querySelector('.result table')");
    let expected: f64 = told.iter().map(|row| row["figures"][0]["value"].as_f64().unwrap()).sum();
    assert_eq!(column(&browser, ".result", 3).iter().sum::<f64>(), expected);
    click(&browser, "csv-result");
    let file = browser.until("window.saved").as_str().unwrap().to_owned();
    // The file is the one that the command line writes: with the names of the definition, and months as numbers.
    assert_eq!(file.trim_end().split('\n').count(), told.len() + 1);
    assert!(file.starts_with("month,channel,contacts,contacts_over,provisional\n20"), "{file}");
    let written =
        "query($by: [String!]) { analysis(name: \"by_channel\", by: $by, bucket: \"month\", limit: 10000) { csv } }";
    assert_eq!(server.data(written, json!({"by": ["channel"]}))["analysis"]["csv"], file);
    click(&browser, "bucket-all");
    browser.until("document.querySelector('.result thead th')?.textContent === 'Channel'");
    assert_eq!(column(&browser, ".result", 2).iter().sum::<f64>(), expected);
    click(&browser, "table-result");
    browser.until("document.querySelector('.result .hbar')");

    // Another version takes over when it is complete, and can be compared.
    click(&browser, "as-start");
    let begun = browser.until("document.querySelector('.editor textarea').value").as_str().unwrap().to_owned();
    assert_eq!(begun, WRITTEN.replace("version = 1", "version = 2"));
    writes(&browser, &begun.replace("over = \"contacts\"", "over = \"contacts\"\nwhere = 'direction == \"inbound\"'"));
    browser.until("document.querySelector('#check.good')");
    click(&browser, "define");
    browser.until("document.querySelector('.about .heading')?.textContent.includes('version 2') && document.querySelector('.about .standing.good')");
    click(&browser, "compare");
    browser.until("document.querySelector('.versions table')");
    let all = server.data(
        include_str!("../../../graphql/operations/analysis_diff.graphql"),
        json!({"name": "by_channel", "from": 1, "to": 2}),
    );
    let cells = all["analysisDiff"]["cells"].as_array().unwrap().len();
    assert_eq!(texts(&browser, ".versions tbody tr").len(), cells);
    assert!(cells > 0);
    click(&browser, "serve");
    browser.until("document.querySelector('.about .heading')?.textContent.includes('version 1')");
    is_content(&browser);

    // It is gone only when it is meant.
    click(&browser, "remove");
    browser.until("document.querySelector('dialog').open");
    browser.run("document.querySelector('dialog .buttons [type=button]').click()");
    assert!(texts(&browser, ".entry-of-list small").contains(&"by_channel".to_owned()));
    click(&browser, "remove");
    browser.until("document.querySelector('dialog').open");
    browser.run("document.querySelector('dialog form').requestSubmit()");
    browser.until(
        "![...document.querySelectorAll('.entry-of-list small')].some((each) => each.textContent === 'by_channel')",
    );
    says_it_in_words(&browser);
    is_content(&browser);
}

#[test]
fn a_version_that_waits_says_so_and_answers_when_it_is_let() {
    let server = demo();
    let define = |definition: &str, hold: bool| {
        let define = "mutation($d: String!, $h: Boolean!) { defineAnalysis(definition: $d, hold: $h) { name } }";
        server.data(define, json!({"d": definition, "h": hold}));
    };
    define(WRITTEN, false);
    counted(&server);
    for (version, language) in [(2, "en"), (3, "pt-BR"), (4, "es")] {
        define(&WRITTEN.replace("version = 1", &format!("version = {version}")), true);
        let words = Words::of(language);
        let browser = Browser::new(language, WIDE);
        browser.open(&server.url(&format!("/analyses?language={language}&analysis=by_channel")));
        browser.until("document.querySelector('.state-ready') && document.querySelector('.about .standing.ready')");
        assert_eq!(texts(&browser, ".state-ready"), [words.say("state.ready", &[])]);
        let version = version.to_string();
        let told = words.say("state.ready_why", &[("version", &version)]);
        assert_eq!(texts(&browser, ".standing.ready"), [told]);
        says_it_in_words(&browser);
        is_content(&browser);
        browser.picture(&format!("waiting-{language}"));
        click(&browser, "serve-waiting");
        let serving = words.say("versions.version", &[("version", &version)]);
        browser.until(&format!(
            "document.querySelector('.about .heading').textContent.includes({}) && document.querySelector('.about .standing.good') && !document.querySelector('.standing.ready')",
            json!(serving)
        ));
        is_content(&browser);
    }
}

#[test]
fn what_the_server_refuses_is_said_and_what_was_written_stays() {
    let server = demo();
    let browser = Browser::new("en", WIDE);
    editor(&browser, &server, "en");
    writes(&browser, WRITTEN);
    browser.until("document.querySelector('#check.good')");
    click(&browser, "define");
    browser.until("document.querySelector('.about .standing.good')");
    click(&browser, "write");
    browser.until("document.activeElement.dataset.key === 'editor'");
    // The same version, with something else in it.
    let other = WRITTEN.replace("month", "year");
    writes(&browser, &other);
    browser.until("document.querySelector('#check.good')");
    click(&browser, "define");
    browser.until("document.querySelector('.editor .problem b')?.textContent.length > 10");
    assert_eq!(browser.run("return document.querySelector('.editor textarea').value"), other);
    is_content(&browser);
    // What is changed and which version comes next is said in the reader's language, what the server says as English.
    for (language, head, title, told) in [
        ("pt-BR", "Alterar by_channel", "Já existe a versão 1, com outro texto", "Escreva version = 2 na definição"),
        ("es", "Cambiar by_channel", "Ya existe la versión 1, con otro texto", "Escriba version = 2 en la definición"),
        ("en", "Change by_channel", "There is a version 1 with another text", "Write version = 2 in the definition"),
    ] {
        editor(&browser, &server, language);
        writes(&browser, &other.replace("version = 1\n", ""));
        browser.until("document.querySelector('#check.good')");
        click(&browser, "define");
        browser.until("document.querySelector('.editor .problem b')");
        assert_eq!(texts(&browser, ".editor .heading h2, .editor .problem b"), [head, title]);
        assert!(texts(&browser, ".editor .problem p")[0].starts_with(told));
        assert_eq!(texts(&browser, ".editor .problem [lang=en]").len(), usize::from(language != "en"));
        browser.picture(&format!("taken-{language}"));
        is_content(&browser);
    }
    writes(&browser, &other);
    browser.until("document.querySelector('#check.good')");
    // So it does when the page is loaded anew, until it is defined.
    editor(&browser, &server, "en");
    browser.until("document.querySelector('#check.good')");
    assert_eq!(browser.run("return document.querySelector('.editor textarea').value"), other);
    writes(&browser, &other.replace("version = 1", "version = 2"));
    browser.until("document.querySelector('#check.good')");
    click(&browser, "define");
    browser.until("document.querySelector('.about .heading')?.textContent.includes('version 2')");
    editor(&browser, &server, "en");
    assert_eq!(browser.run("return document.querySelector('.editor textarea').value"), "");
}

#[test]
fn what_was_written_makes_room_only_after_a_question_and_nothing_is_left_of_what_was_defined() {
    let server = demo();
    let browser = Browser::new("en", WIDE);
    editor(&browser, &server, "en");
    let text = || browser.run("return document.querySelector('.editor textarea').value");
    let example = browser
        .run("const chip = document.querySelector('[data-key^=example-]'); chip.click(); return chip.dataset.key");
    let begun = text();
    assert!(begun.as_str().unwrap().contains("[measures]"), "{example}: {begun}");
    // Of an example that is as it was nothing is lost.
    browser.run("document.querySelectorAll('[data-key^=example-]')[1].click()");
    assert_ne!(text(), begun);
    let own = WRITTEN.replace("version = 1\n", "");
    writes(&browser, &own);
    browser.run("document.querySelector('[data-key^=example-]').click()");
    browser.until("document.querySelector('dialog').open");
    browser.run("document.querySelector('dialog .buttons [type=button]').click()");
    assert_eq!(text(), own);
    browser.run("document.querySelector('[data-key^=example-]').click()");
    browser.until("document.querySelector('dialog').open");
    browser.run("document.querySelector('dialog form').requestSubmit()");
    // The dialog gives the focus back before the page hears that it is closed.
    browser.until(&format!("document.querySelector('.editor textarea').value === {begun}"));
    assert_eq!(browser.run("return document.activeElement === document.querySelector('.editor textarea')"), true);

    // Once it is defined the editor is empty, and says so. A version that was not said is the first.
    writes(&browser, &own);
    browser.until("document.querySelector('#check.good')");
    click(&browser, "define");
    browser.until("document.querySelector('.about h2')?.textContent === 'by_channel'");
    click(&browser, "write");
    browser.until("document.querySelector('.editor textarea').value === '' && !document.querySelector('#check.good')");
    assert_eq!(browser.run("return document.querySelector('[data-key=define]').getAttribute('aria-disabled')"), "true");
    editor(&browser, &server, "en");
    browser.until("document.querySelector('[data-key=analysis-by_channel]')");
    click(&browser, "analysis-by_channel");
    browser.until("document.querySelector('.about h2')?.textContent === 'by_channel' && document.querySelector('[data-key=as-start]')");
    click(&browser, "as-start");
    browser.until("document.querySelector('.editor textarea').value");
    assert!(text().as_str().unwrap().contains("version = 2"), "{}", text());
    is_content(&browser);
}

#[test]
fn what_is_not_all_is_not_written_as_all_and_a_month_stands_in_one_line() {
    let server = Server::new();
    let of_case = |number: usize, kind: &str| {
        let data = json!({"channel": "voice", "case": format!("k-{number}")});
        event(&format!("{kind}-{number}"), kind, "crm:1", "10:00", data)
    };
    let opened = (0..250).map(|number| {
        let mut opened = of_case(number, "case.opened");
        opened["data"]["demand"] = json!("request");
        opened
    });
    server.records(&opened.chain((1..250).map(|number| of_case(number, "case.resolved"))).collect::<Vec<_>>());
    counted(&server);
    for (language, share) in [("en", "99.6%"), ("pt-BR", "99,6%"), ("es", "99,6\u{a0}%")] {
        let browser = Browser::new(language, NARROW);
        browser.open(
            &server
                .url(&format!("/analyses?language={language}&analysis=resolution&show=table&range=all&bucket=month")),
        );
        browser.until("document.querySelector('.result tbody tr')");
        assert!(texts(&browser, ".result td").contains(&share.to_owned()), "{:?}", texts(&browser, ".result td"));
        let lines = browser.run(
            "return [...document.querySelectorAll('.result .when bdi')].map((each) => each.getClientRects().length)",
        );
        assert_eq!(lines, json!([1, 1]), "the head, and the month of all");
        is_content(&browser);
        browser.picture(&format!("shares-{language}"));
        let shares = "return import('/panel/i18n.js').then(async ({ load }) => {
            const t = await load('', document.documentElement.lang);
            return [0, 0.0004, 0.004, 0.2, 0.996, 0.9996, 1].map((share) => t.percent(share).replace('\u{a0}', ' ').replace(',', '.'));
        })";
        let space = if language == "es" { " " } else { "" };
        let written = ["0%", "<0.1%", "0.4%", "20%", "99.6%", ">99.9%", "100%"]
            .map(|each| each.replace('%', &format!("{space}%")));
        assert_eq!(browser.run(shares), json!(written), "{language}");
    }
}

#[test]
fn a_file_says_its_units_and_has_the_punctuation_of_the_readers_spreadsheet() {
    let server = Server::new();
    server.records(&["2025-01", "2025-02"].map(case_of).concat());
    counted(&server);
    for (language, head, line) in [
        ("en", "month,cases,resolved,pending,resolved_share,mean_ms,", "2025-01,1,1,0,1,172800000,"),
        ("pt-BR", "month;cases;resolved;pending;resolved_share;mean_ms;", "2025-01;1;1;0;1;172800000;"),
    ] {
        let browser = Browser::new(language, WIDE);
        browser.first_run(SAVED);
        cases_by_month(&browser, &server, &format!("language={language}&range=all&by="));
        click(&browser, "csv-result");
        let file = browser.until("window.saved").as_str().unwrap().to_owned();
        let lines: Vec<&str> = file.lines().collect();
        assert!(lines[0].starts_with(head) && lines[1].starts_with(line) && lines.len() == 3, "{file}");
        // Tables that only the page has say it beside their words, and name days as numbers.
        let written = browser.run(
            "return Promise.all([import('/panel/figures/csv.js'), import('/panel/figures/zone.js'), import('/panel/i18n.js')]).then(async ([{ csv }, { bucketCell }, { load }]) => {
                const t = await load('', document.documentElement.lang, () => [], ['figures']);
                const when = ['hour', 'day', 'week', 'month', 'quarter', 'year'].map((bucket) => bucketCell(t, '2025-04-07T03:00:00Z', bucket, 'America/Sao_Paulo').value);
                const spans = csv(t, { columns: [{ name: 'From', kind: 'text' }, { name: 'Mean', kind: 'span' }], rows: [['a', 1500]] });
                const mixed = csv(t, { columns: [{ name: 'Figure', kind: 'text' }, { name: 'Value', kind: 'number' }], rows: [['a', { kind: 'span', value: 1500 }], ['b', { kind: 'count', value: 2 }]] });
                return [when, spans.replaceAll(';', ','), mixed.replaceAll(';', ',')];
            })",
        );
        let unit = if language == "en" { "Unit" } else { "Unidade" };
        assert_eq!(
            written,
            json!([
                ["2025-04-07 00:00", "2025-04-07", "2025-04-07", "2025-04", "2025-04", "2025"],
                "From,Mean (ms)\r\na,1500\r\n",
                format!("Figure,Value,{unit}\r\na,1500,ms\r\nb,2,\r\n"),
            ])
        );
        is_content(&browser);
    }
}

/// A case that is opened in a month, such as `2025-03`, and resolved two days later.
fn case_of(month: &str) -> [Value; 2] {
    [("case.opened", "03"), ("case.resolved", "05")].map(|(kind, day)| {
        let data = json!({"channel": "voice", "case": format!("k-{month}")});
        let mut event = event(&format!("{kind}-{month}"), kind, "crm:1", "10:00", data);
        event["time"] = json!(format!("{month}-{day}T13:00:00Z"));
        if kind == "case.opened" {
            event["data"]["demand"] = json!("request");
        }
        event
    })
}

/// The chart of the cases by month, once it shows a measure.
fn cases_by_month(browser: &Browser, server: &Server, query: &str) {
    browser.open(&server.url(&format!("/analyses?analysis=resolution&bucket=month&{query}")));
    browser.until("document.querySelector('.result .line')");
}

#[test]
fn a_month_without_rows_counts_nothing_and_breaks_the_line_of_what_is_measured() {
    let server = Server::new();
    server.records(&["2025-01", "2025-02", "2025-05", "2025-06"].map(case_of).concat());
    counted(&server);
    let browser = Browser::new("en", WIDE);
    // How often the line begins, over how many months it goes, and how many of them lie on the axis of nothing.
    let drawn = || {
        browser.run(
            "const steps = document.querySelector('.result .line').getAttribute('d').match(/[ML][^ML]+/g);
             const axis = Number(document.querySelector('.result .axis').getAttribute('y1'));
             const isNothing = (step) => Math.abs(Number(step.split(' ')[1]) - axis) < 0.1;
             return [steps.filter((step) => step.startsWith('M')).length, steps.length, steps.filter(isNothing).length]",
        )
    };
    let broken = "Where a line is broken nothing was there to be measured.";
    for (measure, range, expected, is_broken) in [
        ("cases", "range=all", [1, 6, 2], false),
        ("cases", "range=custom&from=2024-12-01&to=2025-07-31", [1, 8, 4], false),
        ("cases", "range=custom&from=2025-02-01&to=2025-03-31", [1, 2, 1], false),
        ("mean_ms", "range=all", [2, 4, 0], true),
        ("resolved_share", "range=custom&from=2024-12-01", [2, 4, 0], true),
        ("p90_ms", "range=all", [2, 4, 0], true),
    ] {
        cases_by_month(&browser, &server, &format!("language=en&measure={measure}&{range}"));
        assert_eq!(drawn(), json!(expected), "{measure} {range}");
        // Between no case and one there is nothing, and spans have round lengths.
        let ticks: &[&str] = match measure {
            "cases" => &["0", "1"],
            "resolved_share" => &["0%", "25%", "50%", "75%", "100%"],
            _ => &["0 sec", "12 hr", "1 day", "1.5 days", "2 days"],
        };
        let told = texts(&browser, ".tick:not(.when)");
        assert!(told == ticks || measure == "p90_ms", "{measure}: {told:?}");
        assert_eq!(texts(&browser, ".chart-body > p").contains(&broken.to_owned()), is_broken, "{measure}");
        browser.picture(&format!("gaps-{measure}"));
    }
    // What is measured of counts is none of them.
    let kinds = browser.run(
        "return import('/panel/figures/measures.js').then(({ kindsOf, nothingOf }) => {
            const definition = `[measures]\\na = 'count()'\\nb = \"count(x == \\\\\")\\\\\") - count()\" # less\\nc = 'count(a) / count()'\\nd = 'sum(talk_ms)'\\ne = 'percentile(wait_ms, 90)'\\nf = '1 + count()'`;
            const analysis = { measures: ['a', 'b', 'c', 'd', 'e', 'f'], definition };
            return [Object.values(kindsOf(analysis)), Object.values(nothingOf(analysis))];
        })",
    );
    assert_eq!(
        kinds,
        json!([["count", "number", "number", "number", "number", "number"], [0, 0, null, 0, null, null]])
    );
    is_content(&browser);
}

#[test]
fn the_names_of_months_have_room_beside_each_other() {
    let server = Server::new();
    let months: Vec<String> =
        (2016..2019).flat_map(|year| (1..=12).map(move |month| format!("{year}-{month:02}"))).collect();
    // Some years are left out: what is named goes by time, not by rows.
    let cases: Vec<Value> =
        months.iter().filter(|month| !month.starts_with("2017")).flat_map(|month| case_of(month)).collect();
    server.records(&cases);
    counted(&server);
    for (language, first, last) in
        [("pt-BR", "jan. de 2016", "dez. de 2018"), ("en", "Jan 2016", "Dec 2018"), ("es", "ene 2016", "dic 2018")]
    {
        let browser = Browser::new(language, WIDE);
        for size in [WIDE, NARROW] {
            browser.size(size);
            for bucket in ["month", "week"] {
                browser.open(
                    &server
                        .url(&format!("/analyses?analysis=resolution&language={language}&range=all&bucket={bucket}")),
                );
                browser.until("document.querySelector('.result .tick.when')");
                let names = texts(&browser, ".tick.when");
                assert!(names.len() >= if size == WIDE { 5 } else { 2 }, "{names:?}");
                if bucket == "month" {
                    assert_eq!((names[0].as_str(), names[names.len() - 1].as_str()), (first, last), "{names:?}");
                }
                let lie = browser.run(
                    "const boxes = [...document.querySelectorAll('.tick.when')].map((each) => each.getBoundingClientRect());
                     const frame = document.querySelector('.result').getBoundingClientRect();
                     return [boxes.every((box, at) => at === 0 || boxes[at - 1].right + 4 < box.left), boxes[0].left >= frame.left, boxes.at(-1).right <= frame.right]",
                );
                assert_eq!(lie, json!([true, true, true]), "{language} {size:?} {names:?}");
                browser.picture(&format!("months-{language}-{bucket}-{}", size.0));
            }
        }
        is_content(&browser);
    }
}

#[test]
fn an_analysis_that_is_not_there_is_said_and_those_that_are_there_are_shown() {
    let server = demo();
    let there = server.data(ANALYSES, json!({}))["analyses"].as_array().unwrap().len();
    for (language, told) in [("en", "There is no analysis nope."), ("pt-BR", "Não existe a análise nope.")] {
        for size in [WIDE, NARROW] {
            let browser = Browser::new(language, size);
            browser.open(
                &server.url(&format!("/analyses?language={language}&analysis=nope&bucket=quarter&by=stage&colour=red")),
            );
            browser.until("document.querySelector('.not-there')");
            assert_eq!(texts(&browser, ".not-there b"), [told]);
            assert_eq!(texts(&browser, ".not-there li").len(), there);
            // Nothing else is shown in its place, also when the page has looked again.
            std::thread::sleep(std::time::Duration::from_millis(1500));
            let shown = texts(&browser, ".detail, .entry-of-list[aria-current]");
            assert_eq!((shown, texts(&browser, ".not-there").len()), (Vec::new(), 1));
            browser.picture(&format!("not-there-{language}-{}", size.0));
            click(&browser, "there-contacts");
            browser.until("document.querySelector('[data-key=analysis-contacts][aria-current]') && document.querySelector('.result .line')");

            browser.open(&server.url(&format!("/journey?range=all&language={language}&analysis=nope")));
            browser.until("document.querySelector('.cell') && document.querySelector('.said .there a')");
            assert_eq!(texts(&browser, ".said b"), [told]);
            assert_eq!(texts(&browser, ".said li").len(), there);
            browser.picture(&format!("not-there-journey-{language}-{}", size.0));
            browser.open(&server.url(&format!("/journey?range=all&language={language}&analysis=contacts")));
            click(&browser, "elsewhere");
            browser.until("document.querySelector('[data-key=analysis-contacts][aria-current]')");
            is_content(&browser);
        }
    }
}

#[test]
fn stages_stand_in_the_order_of_the_journey() {
    let server = demo();
    let map = server.data(MAP, json!({"range": null, "where": []}))["journeyMap"].take();
    let stages: Vec<&str> = map["stages"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let browser = Browser::new("en", WIDE);
    let mut ordered = Vec::new();
    for (bucket, names) in [("month", ".result .series li"), ("all", ".result .hbar .name")] {
        browser.open(&server.url(&format!("/analyses?language=en&analysis=funnel&range=all&bucket={bucket}")));
        browser.until(&format!("document.querySelector({names:?})"));
        let words = server.data(NAMES, json!({"language": "en"}))["names"].take();
        let name = |code: &&str| {
            let found =
                words.as_array().unwrap().iter().find(|each| each["group"] == "stage" && each["code"] == **code);
            found.map_or_else(|| code.replace('_', " "), |each| each["name"].as_str().unwrap().to_owned())
        };
        let told = texts(&browser, names);
        let expected: Vec<String> = stages.iter().map(name).filter(|each| told.contains(each)).collect();
        assert!(expected.len() > 2);
        assert_eq!(told, expected, "{bucket}");
        ordered = told;
    }
    click(&browser, "table-result");
    browser.until("document.querySelector('.result tbody')");
    assert_eq!(texts(&browser, ".result tbody tr > :first-child"), ordered);
    // What the map counts has words as well.
    browser.open(&server.url("/analyses?language=en&analysis=journey&range=all"));
    browser.until("document.querySelector('.result .line')");
    says_it_in_words(&browser);
    is_content(&browser);
}

#[test]
fn of_every_part_of_a_definition_is_said_what_to_do_in_the_readers_language() {
    let server = Server::new();
    let browser = Browser::new("es", NARROW);
    let words = Words::of("es");
    editor(&browser, &server, "es");
    for (wrong, key, part) in [
        ("name = ", "", "file"),
        ("nmae = \"x\"\n", "", "definition"),
        ("version = 0\n", "version: ", "version"),
        ("over = \"contatcs\"\n", "over: ", "over"),
        ("over = 7\n", "over: ", "over"),
        ("over = \"contacts\"\nwhere = 'channel = 1'\n", "where: ", "where"),
        ("over = \"contacts\"\ngroup_by = [\"contact\"]\n", "group_by contact: ", "group_by"),
        ("bucket = \"mes\"\n", "bucket: ", "bucket"),
        ("timezone = \"Brasilia\"\n", "timezone: ", "timezone"),
        ("window = \"7\"\n", "window: ", "window"),
        ("over = \"contacts\"\n[measures]\nn = 'cuenta()'\n", "[measures] n: ", "measures"),
    ] {
        writes(&browser, wrong);
        let said = format!("{key}{}", words.say(&format!("mistake.{part}"), &[]));
        browser.until(&format!(
            "[...document.querySelectorAll('.mistake > span')].some((each) => each.textContent === {})",
            json!(said)
        ));
        let english = texts(&browser, ".mistake [lang=en]");
        assert_eq!(english.len(), texts(&browser, ".mistake").len());
        says_it_in_words(&browser);
    }
    browser.picture("mistakes-es");
    is_content(&browser);
}
