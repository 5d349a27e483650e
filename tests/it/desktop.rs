//! The agent's desktop in a real browser.
//!
//! | file | what it holds |
//! |---|---|
//! | `shown` | what an agent sees: of a caller, of somebody unknown, on the tour |
//! | `keyboard` | everything that an agent does, by keyboard alone, and what the server has recorded of it |
//! | `once` | what is pressed twice is recorded once |
//! | `careful` | what an agent could do wrong without meaning to |
//! | `live` | what happens elsewhere appears by itself |
//! | `accessibility` | the rules of axe-core over every view and form |
//! | `harm` | texts by customers that would do harm are texts |
//! | `figures` | ten thousand entries, and a pop by a softphone, with how long they take |
//! | `embedding` | the three ways to embed it |
//!
//! Pictures of it are kept in `target/tmp/desktop`.

pub(crate) mod accessibility;
mod careful;
mod embedding;
mod figures;
mod harm;
pub(crate) mod keyboard;
mod live;
mod once;
mod shown;

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::fixtures::store::kept;
use crate::place::Place;
use crate::server::Server;
use crate::story::event;

pub(crate) const WIDE: (u32, u32) = (1280, 1000);
pub(crate) const NARROW: (u32, u32) = (320, 1400);
const PHONE: &str = "phone:%2B5511955500142";

/// A store that was filled some time ago, to which a fact of Luiz Silva, `crm:1000000`, came just now; and when it was filled.
fn with_a_past() -> (Server, Place, String) {
    let place = kept();
    let server = Server::at(&place.path("data"));
    let now = json!({"channel": "chat", "key": "order", "value": "today", "confirmed": true});
    server.records(&[event("today", "fact.told", "crm:1000000", "10:00", now)]);
    let asked = "{ events(first: 1) { nodes { recordedAt } } }";
    let filled = server.data(asked, json!({}))["events"]["nodes"][0]["recordedAt"].as_str().unwrap().to_owned();
    (server, place, filled)
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
pub(crate) fn is_content(browser: &Browser) {
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{complaints:?}");
}
