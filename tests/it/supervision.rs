//! The pages of supervisors and analysts in a real browser: `/journey` and `/analyses`. What they show is compared with what the
//! server answers to the same questions.
//!
//! | file | what it holds |
//! |---|---|
//! | `journey` | the map, the day, filters, tables and files: shown as the server has them |
//! | `keyboard` | the journey by keyboard alone, from the map to the timeline of a customer |
//! | `analyses` | an analysis is written, watched, read, changed, compared, brought back and removed |
//! | `accessibility` | the rules of axe-core over every view of both pages |
//! | `harm` | names that would do harm are names, also in a file for a spreadsheet |
//!
//! Pictures of them are kept in `target/tmp/desktop`.

mod accessibility;
mod analyses;
mod harm;
mod journey;
mod keyboard;

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::server::Server;

const ANALYSES: &str = include_str!("../../graphql/operations/analyses.graphql");
const MAP: &str = include_str!("../../graphql/operations/journey_map.graphql");
const FIGURES: &str = include_str!("../../graphql/operations/analysis.graphql");
const NAMES: &str = include_str!("../../graphql/operations/names.graphql");
const LOG: &str = include_str!("../../graphql/operations/log.graphql");

/// How long all that there is may take to be counted.
const COUNTED: Duration = Duration::from_secs(30);

/// Keeps what a page saves as a file, in `window.saved`.
const SAVED: &str = "const make = URL.createObjectURL; URL.createObjectURL = (blob) => {
    blob.text().then((text) => { window.saved = text; }); return make.call(URL, blob); };";

/// The demonstration, once every analysis has counted all of it.
fn demo() -> Server {
    let server = Server::demo();
    counted(&server);
    server
}

/// Waits until every analysis has counted all that there is.
fn counted(server: &Server) {
    let begun = Instant::now();
    let position = |value: &Value| value.as_str().unwrap().parse::<u64>().unwrap();
    let head = position(&server.data(LOG, json!({}))["log"]["head"]);
    loop {
        let analyses = server.data(ANALYSES, json!({}))["analyses"].take();
        let all = analyses.as_array().unwrap();
        let is_done = |each: &Value| each["state"] == "live" && position(&each["through"]) >= head;
        if !all.is_empty() && all.iter().all(is_done) {
            return;
        }
        assert!(begun.elapsed() < COUNTED, "not all is counted up to {head}: {analyses}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The journey over all that ever happened, once the map is drawn.
fn journey(browser: &Browser, server: &Server, query: &str) {
    browser.open(&server.url(&format!("/journey?range=all&{query}")));
    browser.until("document.querySelector('.cell') && !document.querySelector('main').hasAttribute('aria-busy')");
    browser.until("[...document.querySelectorAll('.card')].every((each) => each.querySelector('.value:not(.soft)'))");
}

/// The texts of all that fits a selector.
fn texts(browser: &Browser, selector: &str) -> Vec<String> {
    let found =
        browser.run(&format!("return [...document.querySelectorAll({selector:?})].map((each) => each.textContent)"));
    found.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// Clicks on the one thing that has this key.
fn click(browser: &Browser, key: &str) {
    let found = format!("document.querySelector('[data-key=\"' + CSS.escape({key:?}) + '\"]')");
    browser.until(&found);
    browser.run(&format!("{found}.click()"));
}

/// The numbers of a column of a table, from 1, as they are written in English.
fn column(browser: &Browser, table: &str, number: usize) -> Vec<f64> {
    let cells = texts(browser, &format!("{table} tbody tr > :nth-child({number})"));
    cells.iter().map(|text| text.replace([',', '%'], "").parse().unwrap_or(f64::NAN)).collect()
}

/// No key of a message stands where its words should.
fn says_it_in_words(browser: &Browser) {
    let groups = "about|bucket|card|cell|editor|example|figure|filters|flow|group_by|highlight|journey|legend|list|look|map|\
                  measure|mistake|over|page|place|range|remove|result|state|steps|table|today|troubles|value|versions|voice|live";
    let found =
        browser.run(&format!("return document.body.textContent.match(/\\b({groups})\\.[a-z][a-z_0-9]*\\b/g) ?? []"));
    assert_eq!(found, json!([]));
}
