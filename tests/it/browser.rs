//! A real Chromium, driven over WebDriver (W3C) by its own `chromedriver`, on loopback.

mod axe;
mod driver;
mod keyboard;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

pub(crate) use axe::Audit;
use driver::Driver;
pub(crate) use keyboard::{DOWN, ENTER, ESCAPE, Focus, RIGHT, SPACE, TAB};

/// How long anything on a page may take; a page that does not come to it by then is wrong.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(15);

/// A browser with a window. When it goes out of scope the next test gets it, with another window; where a test has failed it is
/// closed.
pub(crate) struct Browser {
    driver: Option<Driver>,
    language: String,
}

/// What is asked of a browser that speaks a language, such as `pt-BR`.
fn capabilities(language: &str) -> Value {
    let arguments = [
        "--headless=new".to_owned(),
        "--no-sandbox".into(),
        "--disable-dev-shm-usage".into(),
        "--hide-scrollbars".into(),
        format!("--lang={language}"),
    ];
    let options = json!({"args": arguments, "prefs": {"intl.accept_languages": language}});
    json!({"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}})
}

impl Browser {
    /// A window in a language, such as `pt-BR`, of a width and a height.
    pub(crate) fn new(language: &str, size: (u32, u32)) -> Self {
        let browser = Self { driver: Some(Driver::speaking(language)), language: language.to_owned() };
        browser.size(size);
        browser
    }

    fn driver(&self) -> &Driver {
        self.driver.as_ref().unwrap()
    }

    /// Gives the window another width and height.
    pub(crate) fn size(&self, (width, height): (u32, u32)) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
    }

    fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.driver().post("/goog/cdp/execute", &json!({"cmd": command, "params": parameters}))
    }

    /// What the system prefers: `prefers-color-scheme`, `dark` and the like.
    pub(crate) fn prefers(&self, features: &[(&str, &str)]) {
        let features: Vec<Value> = features.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        self.devtools("Emulation.setEmulatedMedia", &json!({"features": features}));
    }

    /// Runs a script in every page from now on, before anything of the page runs.
    pub(crate) fn first_run(&self, script: &str) {
        self.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({"source": script}));
    }

    /// Opens an address.
    pub(crate) fn open(&self, url: &str) {
        self.driver().post("/url", &json!({"url": url}));
    }

    /// What a script returns. `R` in it is the inside of the first `<novelo-context>`.
    pub(crate) fn run(&self, script: &str) -> Value {
        let inside = "const R = document.querySelector('novelo-context')?.shadowRoot;";
        self.driver().post("/execute/sync", &json!({"script": format!("{inside} {script}"), "args": []}))
    }

    /// Waits until an expression is neither false nor null, nor nothing in another way; what it is then.
    pub(crate) fn until(&self, expression: &str) -> Value {
        let begun = Instant::now();
        // What is not there yet cannot be asked: that is told only when it never comes.
        let script =
            format!("try {{ return [{expression}, null]; }} catch (cause) {{ return [null, String(cause)]; }}");
        loop {
            let mut value = self.run(&script);
            let (found, cause) = (value[0].take(), value[1].take());
            if !matches!(&found, Value::Null | Value::Bool(false)) && found != "" && found != 0 {
                return found;
            }
            if begun.elapsed() > PATIENCE {
                self.picture(&format!("failed-{}", std::process::id()));
            }
            assert!(begun.elapsed() < PATIENCE, "the page did not come to: {expression} {cause}\n{}", self.text());
            std::thread::sleep(PAUSE);
        }
    }

    /// What can be read of the page, for a test that fails.
    fn text(&self) -> String {
        self.run("return (R ?? document.body)?.textContent ?? ''")
            .as_str()
            .unwrap_or_default()
            .chars()
            .take(4_000)
            .collect()
    }

    /// The window that is driven.
    pub(crate) fn window(&self) -> String {
        self.driver().get("/window").as_str().unwrap().to_owned()
    }

    /// Opens another window of a width and a height, and drives it from now on.
    pub(crate) fn another_window(&self, size: (u32, u32)) {
        let opened = self.driver().post("/window/new", &json!({"type": "window"}));
        self.turn_to(opened["handle"].as_str().unwrap());
        self.size(size);
    }

    /// Drives another window.
    pub(crate) fn turn_to(&self, window: &str) {
        self.driver().post("/window", &json!({"handle": window}));
    }

    /// Goes into the frame of a page, or out of all frames.
    pub(crate) fn frame(&self, number: Option<u32>) {
        self.driver().post("/frame", &json!({"id": number}));
    }

    /// Clicks twice at once on what an expression gives, as impatient people do.
    pub(crate) fn double_click(&self, expression: &str) {
        let place = self.run(&format!(
            "const box = ({expression}).getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2].map(Math.round)"
        ));
        let moved = json!({"type": "pointerMove", "x": place[0], "y": place[1], "origin": "viewport"});
        let (down, up) = (json!({"type": "pointerDown", "button": 0}), json!({"type": "pointerUp", "button": 0}));
        let mouse = json!({"type": "pointer", "id": "mouse", "actions": [moved, down, up, down, up]});
        self.driver().post("/actions", &json!({"actions": [mouse]}));
    }

    /// What pages complained of: refused loads, errors of scripts.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let said = self.driver().post("/se/log", &json!({"type": "browser"}));
        let severe = said.as_array().unwrap().iter().filter(|line| line["level"] == "SEVERE");
        severe.map(|line| line["message"].as_str().unwrap().to_owned()).collect()
    }

    /// Keeps a picture of the window among what builds leave.
    pub(crate) fn picture(&self, name: &str) {
        use base64::Engine;
        let shot = self.driver().get("/screenshot");
        let bytes = base64::engine::general_purpose::STANDARD.decode(shot.as_str().unwrap()).unwrap();
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("desktop");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), bytes).unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.driver.take().unwrap().leave(&self.language);
        }
    }
}
