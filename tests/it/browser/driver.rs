//! `chromedriver` and its Chromium as processes: with a temporary folder of their own, and gone with the tests however those end.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

/// Runs the driver until the standard input ends, as it does when the process of the tests is gone. Then it ends the driver and
/// the browser, whose process it is told by a line, and removes their folder.
const KEEPER: &str = r#"
chromedriver --port=0 &
driver=$!
browser=
while read -r process; do browser=$process; done
kill $driver $browser 2>/dev/null
wait $driver
tries=0
while [ -n "$browser" ] && kill -0 "$browser" 2>/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || kill -KILL "$browser"
    sleep 0.05
done
until rm -rf "$TMPDIR" 2>/dev/null || [ $((tries += 1)) -gt 200 ]; do sleep 0.05; done
"#;

/// A running driver with one session. Both end when it goes out of scope.
pub(super) struct Driver {
    keeper: Child,
    /// What keeps the keeper waiting.
    held: Option<ChildStdin>,
    agent: ureq::Agent,
    /// The address of the session.
    session: String,
    folder: PathBuf,
    /// The process of the browser.
    browser: u64,
}

/// Browsers that wait for the next test, with the language that each speaks: to start one takes seconds.
static WAITING: Mutex<Vec<(String, Driver)>> = Mutex::new(Vec::new());

impl Driver {
    /// A browser that speaks a language: one that another test has left, or a new one.
    pub(super) fn speaking(language: &str) -> Self {
        let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
        let found = waiting.iter().position(|(spoken, _)| spoken == language).map(|at| waiting.swap_remove(at).1);
        drop(waiting);
        found.unwrap_or_else(|| Self::new(&super::capabilities(language)))
    }

    /// Leaves it to the next test, with one window that is new and without what pages have complained of.
    pub(super) fn leave(self, language: &str) {
        let old = self.get("/window/handles");
        let new = self.post("/window/new", &json!({"type": "window"}));
        for handle in old.as_array().unwrap() {
            self.post("/window", &json!({"handle": handle}));
            self.delete("/window");
        }
        self.post("/window", &json!({"handle": new["handle"]}));
        self.post("/se/log", &json!({"type": "browser"}));
        WAITING.lock().unwrap_or_else(PoisonError::into_inner).push((language.to_owned(), self));
    }

    /// Starts a driver, and a browser with what is asked of it.
    pub(super) fn new(capabilities: &Value) -> Self {
        // The keeper removes it, which works as well when this process is killed.
        let folder = tempfile::Builder::new().prefix("novelo-browser-").tempdir().unwrap().keep();
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER])
            .envs([("TMPDIR", &folder), ("HOME", &folder)])
            .env_remove("XDG_CONFIG_HOME")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let held = keeper.stdin.take();
        let mut said = BufReader::new(keeper.stdout.take().unwrap()).lines();
        let port = said.find_map(|line| {
            let line = line.unwrap();
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        let port =
            port.expect("chromedriver starts: install Chromium and its driver (Debian: chromium, chromium-driver)");
        // What else it says is read, so that it does not stop at a full pipe.
        std::thread::spawn(move || said.map_while(Result::ok).for_each(drop));
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
        let root = format!("http://127.0.0.1:{port}/session");
        let mut driver = Self { keeper, held, agent: config.into(), session: root, folder, browser: 0 };
        let opened = driver.post("", &json!({"capabilities": {"alwaysMatch": capabilities}}));
        driver.session = format!("{}/{}", driver.session, opened["sessionId"].as_str().expect("a session"));
        driver.browser = opened["capabilities"]["goog:processID"].as_u64().expect("the process of the browser");
        let line = format!("{}\n", driver.browser);
        driver.held.as_mut().unwrap().write_all(line.as_bytes()).unwrap();
        driver
    }

    /// Gives a command; what it comes to.
    pub(super) fn post(&self, command: &str, body: &Value) -> Value {
        let request = self.agent.post(format!("{}{command}", self.session)).content_type("application/json");
        Self::value(command, request.send(body.to_string()))
    }

    /// Asks for something.
    pub(super) fn get(&self, what: &str) -> Value {
        Self::value(what, self.agent.get(format!("{}{what}", self.session)).call())
    }

    /// Closes something.
    fn delete(&self, what: &str) -> Value {
        Self::value(what, self.agent.delete(format!("{}{what}", self.session)).call())
    }

    fn value(command: &str, answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Value {
        let text = answer.unwrap().body_mut().with_config().limit(64 << 20).read_to_string().unwrap();
        let mut answer: Value = serde_json::from_str(&text).unwrap();
        assert!(answer["value"].get("error").is_none(), "{command}: {}", answer["value"]["message"]);
        answer["value"].take()
    }

    fn end(&mut self) {
        drop(self.held.take());
        drop(self.keeper.wait());
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // In good order first.
        drop(self.agent.delete(&self.session).call());
        self.end();
    }
}

#[test]
fn a_browser_leaves_no_process_and_no_file_even_when_its_test_is_killed() {
    let gone = |folder: &Path, browser: u64| !folder.exists() && !Path::new(&format!("/proc/{browser}")).exists();
    let new = || Driver::new(&super::capabilities("en"));
    let driver = new();
    let (folder, browser) = (driver.folder.clone(), driver.browser);
    assert!(folder.read_dir().unwrap().next().is_some(), "the browser keeps its files in the folder");
    drop(driver);
    assert!(gone(&folder, browser));
    // All that a killed process leaves is the end of a pipe.
    let mut driver = new();
    driver.end();
    assert!(gone(&driver.folder, driver.browser));
}
