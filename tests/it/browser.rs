//! A real Chromium, driven over WebDriver (W3C) by its own `chromedriver`, on loopback.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How long anything on a page may take; a page that does not come to it by then is wrong.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(15);

/// Keys as WebDriver names them (section 17.4.2).
pub(crate) const TAB: char = '\u{e004}';
pub(crate) const ENTER: char = '\u{e007}';
pub(crate) const SPACE: char = ' ';

/// A window of the browser. It is closed when it goes out of scope.
pub(crate) struct Browser {
    driver: Child,
    agent: ureq::Agent,
    session: String,
}

impl Browser {
    /// A window in a language, such as `pt-BR`, of a width and a height.
    pub(crate) fn new(language: &str, (width, height): (u32, u32)) -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts: install Chromium and its driver (Debian: chromium, chromium-driver)");
        let mut said = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = said.find_map(|line| {
            let line = line.unwrap();
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        // What else it says is read, so that it does not stop at a full pipe.
        std::thread::spawn(move || said.map_while(Result::ok).for_each(drop));
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
        let root = format!("http://127.0.0.1:{}/session", port.expect("chromedriver says its port"));
        let mut browser = Self { driver, agent: config.into(), session: root };
        let arguments = [
            "--headless=new".to_owned(),
            "--no-sandbox".into(),
            "--disable-dev-shm-usage".into(),
            "--hide-scrollbars".into(),
            format!("--lang={language}"),
            format!("--window-size={width},{height}"),
        ];
        let options = json!({"args": arguments, "prefs": {"intl.accept_languages": language}});
        let wanted =
            json!({"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}});
        let opened = browser.call("", &json!({"capabilities": {"alwaysMatch": wanted}}));
        browser.session = format!("{}/{}", browser.session, opened["sessionId"].as_str().expect("a session"));
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        browser.devtools("Emulation.setDeviceMetricsOverride", &size);
        browser
    }

    fn call(&self, command: &str, body: &Value) -> Value {
        let url = format!("{}{command}", self.session);
        let sent = self.agent.post(&url).content_type("application/json").send(body.to_string());
        let text = sent.unwrap().body_mut().with_config().limit(64 << 20).read_to_string().unwrap();
        let mut answer: Value = serde_json::from_str(&text).unwrap();
        assert!(answer["value"].get("error").is_none(), "{command}: {}", answer["value"]["message"]);
        answer["value"].take()
    }

    fn devtools(&self, command: &str, parameters: &Value) {
        self.call("/goog/cdp/execute", &json!({"cmd": command, "params": parameters}));
    }

    /// What the system prefers: `prefers-color-scheme`, `dark` and the like.
    pub(crate) fn prefers(&self, feature: &str, value: &str) {
        self.devtools("Emulation.setEmulatedMedia", &json!({"features": [{"name": feature, "value": value}]}));
    }

    /// Opens an address.
    pub(crate) fn open(&self, url: &str) {
        self.call("/url", &json!({"url": url}));
    }

    /// What a script returns. `R` in it is the inside of the first `<novelo-context>`.
    pub(crate) fn run(&self, script: &str) -> Value {
        let inside = "const R = document.querySelector('novelo-context')?.shadowRoot;";
        self.call("/execute/sync", &json!({"script": format!("{inside} {script}"), "args": []}))
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

    /// Presses keys one after another.
    pub(crate) fn press(&self, keys: &str) {
        let actions: Vec<Value> = keys
            .chars()
            .flat_map(|key| [json!({"type": "keyDown", "value": key}), json!({"type": "keyUp", "value": key})])
            .collect();
        self.call("/actions", &json!({"actions": [{"type": "key", "id": "keyboard", "actions": actions}]}));
    }

    /// Presses the tabulator until what has the focus fits a selector.
    pub(crate) fn tab_to(&self, selector: &str) {
        for _ in 0..300 {
            let there = self.run(&format!("return R.activeElement?.matches({selector:?}) ?? false"));
            if there == true {
                return;
            }
            self.press(&TAB.to_string());
        }
        panic!("the tabulator does not lead to {selector}");
    }

    /// Goes into the frame of a page, or out of all frames.
    pub(crate) fn frame(&self, number: Option<u32>) {
        self.call("/frame", &json!({"id": number}));
    }

    /// What pages complained of: refused loads, errors of scripts.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let said = self.call("/se/log", &json!({"type": "browser"}));
        let severe = said.as_array().unwrap().iter().filter(|line| line["level"] == "SEVERE");
        severe.map(|line| line["message"].as_str().unwrap().to_owned()).collect()
    }

    /// Keeps a picture of the window among what builds leave.
    pub(crate) fn picture(&self, name: &str) {
        use base64::Engine;
        let url = format!("{}/screenshot", self.session);
        let text =
            self.agent.get(&url).call().unwrap().body_mut().with_config().limit(64 << 20).read_to_string().unwrap();
        let answer: Value = serde_json::from_str(&text).unwrap();
        let bytes = base64::engine::general_purpose::STANDARD.decode(answer["value"].as_str().unwrap()).unwrap();
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("desktop");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), bytes).unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        drop(self.agent.delete(&self.session).call());
        drop(self.driver.kill());
        drop(self.driver.wait());
    }
}
