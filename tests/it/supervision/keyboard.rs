//! The journey by keyboard alone: from the range to a place on the map, to its table, its file, and the timeline of a customer.

use serde_json::json;

use crate::browser::{Browser, DOWN, ENTER, ESCAPE, Focus, RIGHT};
use crate::desktop::keyboard::Words;
use crate::desktop::{WIDE, is_content};

use super::{SAVED, demo, texts};

/// The cell to the right of another, and the nearest one in the next row that has any.
const BESIDE: &str = "const cells = [...document.querySelectorAll('.map .cell')];
    const row = (cell) => cell.closest('tr').rowIndex, column = (cell) => cell.closest('td').cellIndex;
    const right = (here) => cells.find((cell) => row(cell) === row(here) && column(cell) > column(here)) ?? here;
    const below = (here) => {
        const next = Math.min(...cells.map(row).filter((each) => each > row(here)));
        const far = (cell) => Math.abs(column(cell) - column(here));
        return cells.filter((cell) => row(cell) === next).sort((a, b) => far(a) - far(b))[0];
    };";

fn key(focus: &Focus) -> String {
    focus.key.clone().unwrap_or_default()
}

/// Presses a key; what has the focus then, which must be in sight.
fn pressed(browser: &Browser, stroke: char) -> Focus {
    browser.press(&stroke.to_string());
    browser.seen().expect("something has the focus")
}

#[test]
fn the_map_is_walked_read_filtered_and_left_by_keyboard() {
    let server = demo();
    for (language, other, tag) in [("pt-BR", "English", "en"), ("en", "Português", "pt-BR")] {
        let words = Words::of(language);
        let say = |key: &str| words.say(key, &[]);
        let browser = Browser::new(language, WIDE);
        browser.first_run(SAVED);
        browser.open(&server.url("/journey?across=stage"));
        browser.until("document.querySelector('.journey-map .chart-body > *') && document.querySelector('.live-live')");
        browser.tab_to(&say("range.all"));
        pressed(&browser, ENTER);
        browser.until(
            "document.querySelector('[data-key=range-all]').ariaPressed === 'true' && document.querySelector('.cell')",
        );
        browser.until("!document.querySelector('main').hasAttribute('aria-busy')");
        assert_eq!(browser.focus().map(|focus| key(&focus)).as_deref(), Some("range-all"), "the focus stays");

        // One stop of the tabulator, and the arrows from there.
        let first = browser.tab_until("the map", |focus| key(focus).starts_with("cell-"));
        for (arrow, name) in [(RIGHT, "right"), (DOWN, "below")] {
            let expected = browser.run(&format!("{BESIDE} return {name}(document.activeElement).dataset.key"));
            assert_eq!(json!(key(&pressed(&browser, arrow))), expected, "{name} of {first:?}");
        }
        let below = browser.seen().unwrap();
        assert_ne!(key(&first), key(&below));
        let beyond = browser.tab();
        assert!(beyond.is_none_or(|focus| !key(&focus).starts_with("cell-")), "the map is one stop");
        browser.tab_back();
        assert_eq!(key(&browser.seen().unwrap()), key(&below), "it is come back to where it was left");

        // Into a place and out of it again.
        browser.press(&ENTER.to_string());
        browser
            .until("!document.querySelector('.place').hidden && document.querySelector('[data-key=place-analysis]')");
        assert_eq!(browser.seen().unwrap().tag, "h2", "reading begins at the name of the place");
        assert_eq!(texts(&browser, ".place h3")[0], say("place.voice"));
        browser.press(&ESCAPE.to_string());
        browser.until("document.querySelector('.place').hidden");
        assert_eq!(key(&browser.seen().unwrap()), key(&below), "the focus is back where it was");

        // The same as a table, and as a file.
        browser.tab_until("the table of the map", |focus| key(focus) == "table-map");
        pressed(&browser, ENTER);
        browser.until("document.querySelector('.journey-map table.figures')");
        assert_eq!(key(&browser.seen().unwrap()), "table-map");
        browser.tab_until("the file of the map", |focus| key(focus) == "csv-map");
        pressed(&browser, ENTER);
        let file = browser.until("window.saved").as_str().unwrap().to_owned();
        let between = if language == "en" { ',' } else { ';' };
        assert!(file.contains(&format!("{}{between}{}", say("measure.events"), say("measure.contacts"))), "{file}");

        // A filter: the first value below all.
        browser.tab_until("the filter by channel", |focus| key(focus) == "filter-channel");
        pressed(&browser, DOWN);
        browser.until("new URLSearchParams(location.search).has('channel') && !document.querySelector('main').hasAttribute('aria-busy')");
        assert_eq!(key(&browser.seen().unwrap()), "filter-channel");

        // Another language: everything is said in it, and what is looked at stays.
        browser.tab_to(other);
        browser.press(&ENTER.to_string());
        let title = Words::of(tag).say("map.title", &[]);
        browser.until(&format!("document.querySelector('.journey-map h2')?.textContent === '{title}'"));
        browser.until("!document.querySelector('main').hasAttribute('aria-busy')");
        assert_eq!(browser.run("return document.documentElement.lang"), tag);
        assert_eq!(browser.seen().unwrap().name, other);
        assert_eq!(browser.run("return new URLSearchParams(location.search).has('channel')"), true);
        is_content(&browser);
    }
}

#[test]
fn an_example_leads_to_the_timeline_of_a_customer_who_was_there() {
    let server = demo();
    let browser = Browser::new("en", WIDE);
    super::journey(&browser, &server, "language=en&across=stage");
    super::click(&browser, "highlight-busiest");
    browser.until("document.querySelector('[data-key=example-0]')");
    browser.tab_until("an example", |focus| focus.key.as_deref() == Some("example-0"));
    browser.press(&ENTER.to_string());
    browser.until("location.pathname === '/panel' && R.querySelector('.timeline .entry')");
    assert_eq!(browser.run("return document.documentElement.lang"), "en");
    is_content(&browser);
}
