//! The rules of accessibility over every view of both pages: in both themes, wide and narrow. Nothing breaks one.

use crate::browser::Browser;
use crate::desktop::accessibility::{Tally, all_in_sight};
use crate::desktop::{NARROW, WIDE};
use crate::server::Server;

use super::{click, counted, demo, journey};

/// A window in which the widest table has room.
const WIDEST: u32 = 2_600;

/// Opens what can be scrolled to its full size: what is not in sight cannot be measured.
fn unfold(browser: &Browser) {
    browser.run(
        "for (const each of document.querySelectorAll('main, .scroll, .list, .place, .definition pre')) Object.assign(each.style, { maxBlockSize: 'none', maxInlineSize: 'none', position: 'static' })",
    );
}

fn try_out(tally: &mut Tally, browser: &Browser, view: &str, width: u32) {
    // Another width may bring another picture, which is unfolded then.
    browser.size((width, 600));
    browser.run("return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))");
    unfold(browser);
    all_in_sight(browser, width);
    tally.try_out(browser, &format!("{view} {width}"), None);
}

#[test]
fn every_view_of_the_journey_keeps_the_rules() {
    let (server, empty) = (demo(), Server::new());
    counted(&empty);
    let mut tally = Tally::default();
    for (language, (width, height)) in [("pt-BR", WIDE), ("en", NARROW)] {
        let browser = Browser::new(language, (width, height));
        browser.prefers(&[("prefers-reduced-motion", "reduce")]);
        // Where there are many channels the map is scrolled, unless there is room for all.
        let roomy = if width == WIDE.0 { WIDEST } else { width };
        journey(&browser, &server, "across=stage");
        try_out(&mut tally, &browser, "the journey", roomy);
        browser.run("document.querySelector('.cell').click()");
        browser.until("document.querySelector('[data-key=place-analysis]')");
        try_out(&mut tally, &browser, "a place", roomy);
        browser.size((width, height));
        click(&browser, "place-close");
        click(&browser, "look-across-channel");
        click(&browser, "range-custom");
        browser.until("document.querySelector('[data-key=day-from]') && !document.querySelector('main').hasAttribute('aria-busy')");
        try_out(&mut tally, &browser, "channels, any days", roomy);
        browser.size((width, height));
        for chart in ["today", "map", "steps"] {
            click(&browser, &format!("table-{chart}"));
        }
        browser.until("document.querySelectorAll('table.figures').length === 3");
        try_out(&mut tally, &browser, "tables", WIDEST);
        browser.size((width, height));
        browser.open(&empty.url("/journey"));
        browser.until("document.querySelector('.journey-map .empty')");
        browser.until("document.querySelectorAll('.card .value:not(.soft)').length === 10");
        try_out(&mut tally, &browser, "nothing at all", width);
    }
    tally.is_clean("the journey");
}

#[test]
fn every_view_of_the_analyses_keeps_the_rules() {
    let server = demo();
    let mut tally = Tally::default();
    for (language, (width, height)) in [("pt-BR", NARROW), ("en", WIDE)] {
        let browser = Browser::new(language, (width, height));
        browser.prefers(&[("prefers-reduced-motion", "reduce")]);
        browser.open(&server.url("/analyses?analysis=contacts"));
        browser.until("document.querySelector('.result .line')");
        browser.run("document.querySelectorAll('details').forEach((each) => { each.open = true; })");
        try_out(&mut tally, &browser, "lines", width);
        click(&browser, "bucket-all");
        browser.until("document.querySelector('.result .hbar')");
        try_out(&mut tally, &browser, "bars", width);
        click(&browser, "table-result");
        browser.until("document.querySelector('.result table')");
        try_out(&mut tally, &browser, "a table", WIDEST);
        browser.size((width, height));
        click(&browser, "write");
        browser.until("document.querySelector('.editor')");
        try_out(&mut tally, &browser, "the editor", width);
        click(&browser, "example-again");
        browser.until("document.querySelector('#check.good')");
        try_out(&mut tally, &browser, "an example", width);
        browser.run(
            "const field = document.querySelector('textarea'); field.value = field.value.replace('resolved', 'resolvd'); field.dispatchEvent(new Event('input'))",
        );
        browser.until("document.querySelector('.mistake')");
        try_out(&mut tally, &browser, "a mistake", width);
    }
    tally.is_clean("analyses");
}
