//! Everything that an agent does, by keyboard alone: from a panel that is empty to what the server has recorded of it.
//!
//! Wherever the tabulator leads, the focus must be seen and nothing may lie over it (`browser::keyboard`).

mod cases;
mod deeds;
mod links;
mod reading;

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::browser::{Browser, DOWN, ENTER, ESCAPE, Focus, TAB};
use crate::server::Server;
use crate::story::{STORY, event};

use super::{NARROW, is_content};

/// The languages in which it is done.
const LANGUAGES: [&str; 2] = ["pt-BR", "en"];

/// The words of the pages in a language, by their keys.
pub(crate) struct Words(HashMap<String, String>);

impl Words {
    pub(crate) fn of(language: &str) -> Self {
        let read = |folder: &str| -> HashMap<String, String> {
            let file = format!("{}/src/panel/web/{folder}/{language}.json", env!("CARGO_MANIFEST_DIR"));
            serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
        };
        Self(["messages", "messages/figures"].into_iter().flat_map(read).collect())
    }

    /// The words of a key, with what stands in for its parts: `{key}`.
    pub(crate) fn say(&self, key: &str, parts: &[(&str, &str)]) -> String {
        let words = self.0.get(key).unwrap_or_else(|| panic!("no words for {key}")).clone();
        parts.iter().fold(words, |words, (name, value)| words.replace(&format!("{{{name}}}"), value))
    }
}

/// Ana's story, with a fact that nobody has confirmed yet.
fn told_and_unconfirmed() -> Server {
    let server = Server::new();
    server.sees(server.record(STORY)["through"].as_str().unwrap());
    let fact = json!({"channel": "chatbot", "key": "address", "value": "Rua das Flores, 10"});
    server.records(&[event("f", "fact.told", "crm:8812", "10:00", fact)]);
    server
}

/// The agent Carla at a panel, with a keyboard.
struct Agent<'a> {
    browser: Browser,
    server: &'a Server,
    words: Words,
}

impl<'a> Agent<'a> {
    /// At a panel that shows nobody.
    fn new(server: &'a Server, language: &str) -> Self {
        let browser = Browser::new(language, NARROW);
        browser.open(&server.url("/panel?agent=carla"));
        browser.until("R.querySelector('.welcome')");
        Self { browser, server, words: Words::of(language) }
    }

    /// Looks a customer up by the beginning of a name, and waits until they are shown.
    fn look_up(&self, search: &str, name: &str) {
        self.browser.tab_to(&self.say("link.search"));
        self.browser.press(&format!("{search}{ENTER}"));
        self.browser.until("R.querySelector('.candidate')");
        self.browser.tab_until(name, |focus| focus.name.starts_with(name));
        self.enter();
        self.browser.until(&format!("R.querySelector('h1').textContent === '{name}'"));
        self.browser.until("R.querySelector('.live-live') && R.querySelectorAll('.filters .n').length > 1");
        // Reading goes on at the name.
        assert_eq!(self.focus().name, name);
    }

    fn say(&self, key: &str) -> String {
        self.words.say(key, &[])
    }

    fn enter(&self) {
        self.browser.press(&ENTER.to_string());
    }

    /// What has the focus; something must, in sight.
    fn focus(&self) -> Focus {
        // A dialog gives it back a moment after it was closed.
        self.browser.until("R.activeElement !== null");
        self.browser.seen().expect("something has the focus")
    }

    /// Opens a form by a button of this name; what has the focus in it.
    fn opens(&self, button: &str) -> Focus {
        self.browser.tab_to(button);
        self.opens_here(button)
    }

    /// Opens a form by what has the focus. It is given up once with Escape, which leads back to where it came from.
    fn opens_here(&self, button: &str) -> Focus {
        for given_up in [true, false] {
            self.enter();
            self.browser.until("R.querySelector('dialog').open");
            if given_up {
                self.browser.press(&ESCAPE.to_string());
                self.browser.until("!R.querySelector('dialog').open");
                assert_eq!(self.focus().name, button, "the focus is back where it was");
            }
        }
        self.focus()
    }

    /// Opens a form by an entry of the menu.
    fn opens_by_menu(&self, entry: &str) -> Focus {
        let more = self.say("do.more");
        self.browser.tab_to(&more);
        self.enter();
        self.browser.tab_to(entry);
        // Escape leads out of the menu as well.
        self.browser.press(&ESCAPE.to_string());
        assert_eq!(self.focus().name, more);
        self.enter();
        self.browser.tab_to(entry);
        self.enter();
        self.browser.until("R.querySelector('dialog').open");
        self.focus()
    }

    /// Types into what has the focus, which must be the field of this name, and goes on.
    fn types(&self, field: &str, text: &str) {
        assert_eq!(self.focus().field.as_deref(), Some(field));
        self.browser.press(&format!("{text}{TAB}"));
    }

    /// Presses the button of this name, waits until the form is closed, and says what has the focus then.
    fn sends(&self, button: &str) -> Focus {
        self.browser.tab_until(button, |focus| focus.tag == "button" && focus.name == button);
        self.enter();
        self.browser.until("!R.querySelector('dialog').open && R.querySelector('.live-live')");
        self.focus()
    }

    /// What the server has recorded of a kind by Carla, the newest last.
    fn recorded(&self, kind: &str) -> Vec<Value> {
        let asked = "query($k: [String!]) { events(first: 1000, filter: {kinds: $k}) { nodes { actor { kind id } text data } } }";
        let mut found = self.server.data(asked, json!({"k": [kind]}));
        let all = found["events"]["nodes"].as_array_mut().unwrap();
        all.retain(|event| {
            event["actor"] == json!({"kind": "agent", "id": "carla"}) && event["data"]["contact"].is_null()
        });
        all.iter_mut().map(|event| event["data"].take()).collect()
    }

    /// The one event of a kind that Carla recorded has these fields.
    fn recorded_once(&self, kind: &str, fields: &Value) {
        let all = self.recorded(kind);
        assert_eq!(all.len(), 1, "{kind}: {all:?}");
        for (name, value) in fields.as_object().unwrap() {
            assert_eq!(&all[0][name], value, "{kind}: {name}");
        }
    }
}

impl Drop for Agent<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            is_content(&self.browser);
        }
    }
}

/// Goes down a list of choices.
fn down(times: usize) -> String {
    DOWN.to_string().repeat(times)
}
