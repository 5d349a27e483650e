//! The program as it is used: a server that answers over HTTP.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::http::{HeaderMap, Request, header};

use crate::program::novelo;

/// An answer over HTTP.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|problem| panic!("{problem}: {self:?}"))
    }

    /// A header; empty when there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// A server on a port of its own. It is killed when it goes out of scope.
pub(crate) struct Server {
    child: Child,
    url: String,
    agent: ureq::Agent,
    said: Option<JoinHandle<String>>,
    /// Goes with the server, when it was made for it.
    _folder: Option<TempDir>,
}

impl Server {
    /// Serves a new store.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut server = Self::at(folder.path());
        server._folder = Some(folder);
        server
    }

    /// Serves the store of a folder.
    pub(crate) fn at(data: &Path) -> Self {
        let mut command = novelo(&["serve", "--listen", "127.0.0.1:0", "--data"]);
        command.arg(data);
        Self::of(command)
    }

    /// Serves the demonstration, whose folder goes with it even where it is killed.
    pub(crate) fn demo() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = novelo(&["demo", "--listen", "127.0.0.1:0"]);
        command.env("TMPDIR", folder.path());
        let mut server = Self::of(command);
        server._folder = Some(folder);
        server
    }

    /// Starts a command that says where it listens.
    pub(crate) fn of(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let (found, address) = channel();
        let listen = |output: Box<dyn Read + Send>| {
            let found = found.clone();
            std::thread::spawn(move || listen_to(BufReader::new(output), &found))
        };
        // The standard output is read as well, so that it does not fill up.
        let _printed = listen(Box::new(child.stdout.take().unwrap()));
        let said = listen(Box::new(child.stderr.take().unwrap()));
        drop(found);
        // When it ends without saying it, its outputs end, and this with them.
        let Ok(url) = address.recv() else {
            panic!("it does not say where it listens: {:?} {}", child.wait(), said.join().unwrap());
        };
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
        Self { child, url, agent: config.into(), said: Some(said), _folder: None }
    }

    /// Where it listens: `127.0.0.1:4711`.
    pub(crate) fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// The address of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// Sends a request.
    pub(crate) fn send(&self, request: Request<Vec<u8>>) -> Answer {
        let mut response = self.agent.run(request).expect("an answer");
        let body = response.body_mut().with_config().limit(64 << 20).read_to_string().expect("a text");
        Answer { status: response.status().as_u16(), headers: response.headers().clone(), body }
    }

    /// Sends a GET.
    pub(crate) fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.method("GET", path, headers, b"")
    }

    /// Sends a POST.
    pub(crate) fn post(&self, path: &str, content_type: &str, body: &[u8]) -> Answer {
        self.method("POST", path, &[(header::CONTENT_TYPE.as_str(), content_type)], body)
    }

    /// Sends a request with any method and any headers.
    pub(crate) fn method(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut request = Request::builder().method(method).uri(self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.to_vec()).unwrap())
    }

    /// The whole answer to a question, errors and all.
    pub(crate) fn graphql(&self, query: &str, variables: Value) -> Value {
        let body = json!({"query": query, "variables": variables}).to_string();
        self.post("/graphql", "application/json", body.as_bytes()).json()
    }

    /// The `data` of the answer to a question, which must have no errors.
    pub(crate) fn data(&self, query: &str, variables: Value) -> Value {
        let mut answer = self.graphql(query, variables);
        assert_eq!(answer.get("errors"), None, "{query}");
        answer["data"].take()
    }

    /// The one error of the answer to a question: its message and its extensions.
    pub(crate) fn error(&self, query: &str, variables: Value) -> (String, Value) {
        let mut answer = self.graphql(query, variables);
        let errors = answer["errors"].as_array_mut().unwrap_or_else(|| panic!("errors to {query}"));
        assert_eq!(errors.len(), 1, "{errors:?}");
        (errors[0]["message"].as_str().unwrap().to_owned(), errors[0]["extensions"].take())
    }

    /// Sends events, one a line; what became of them.
    pub(crate) fn record(&self, lines: impl AsRef<[u8]>) -> Value {
        let answer = self.post("/v1/events", "application/x-ndjson", lines.as_ref());
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    /// Sends events, all of which must be new; up to where the log reaches with them.
    pub(crate) fn record_all(&self, events: &[Value]) -> String {
        let lines: String = events.iter().map(|event| format!("{event}\n")).collect();
        let receipt = self.record(lines);
        assert_eq!(receipt["rejected"], json!([]));
        assert_eq!(receipt["recorded"], events.len());
        receipt["through"].as_str().unwrap().to_owned()
    }

    /// Sends events, all of which must be new, and waits until questions are answered with them.
    pub(crate) fn records(&self, events: &[Value]) {
        self.sees(&self.record_all(events));
    }

    /// Waits until questions are answered with everything before a position, as long as the views come nearer to it.
    pub(crate) fn sees(&self, through: &str) {
        let mut said = Value::Null;
        loop {
            let query = "query($p: Position) { customer(by: {protocol: \"\"}, atLeast: $p) { id } }";
            let mut answer = self.graphql(query, json!({"p": through}));
            let Some(error) = answer.pointer_mut("/errors/0") else { return };
            assert_eq!(error["extensions"]["code"], "UNAVAILABLE", "{error}");
            let before = std::mem::replace(&mut said, error["message"].take());
            assert_ne!(before, said, "the views stand still");
        }
    }

    /// Its process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Tells it to stop, and waits until it has; what it came to and what it said.
    pub(crate) fn stop(self) -> (ExitStatus, String) {
        let told = Command::new("kill").args(["-TERM", &self.process().to_string()]).status().unwrap();
        assert!(told.success());
        self.wait()
    }

    /// Waits until it has stopped by itself; what it came to and what it said.
    pub(crate) fn wait(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().unwrap();
        (status, self.said.take().unwrap().join().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Reads what the server says until it ends, and passes its address on.
fn listen_to(output: impl BufRead, found: &Sender<String>) -> String {
    let mut said = String::new();
    for line in output.lines().map_while(Result::ok) {
        if let Some((_, url)) = line.to_lowercase().split_once("listening on ") {
            drop(found.send(url.trim().to_owned()));
        }
        said.push_str(&line);
        said.push('\n');
    }
    said
}

#[test]
fn a_server_that_is_told_to_stop_stops_in_good_order_and_serves_the_same_again() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("new");
    let server = Server::at(&data);
    let through = server.record_all(&[crate::story::event("1", "note.added", "crm:1", "10:00", json!({"text": "um"}))]);
    let (status, said) = server.stop();
    assert!(status.success());
    assert!(said.starts_with(&format!("A new store was made: {}\nA master key was made", data.display())), "{said}");
    assert!(said.ends_with("stopped\n"), "{said}");
    let mode = |path: &std::path::Path| {
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(path).unwrap().permissions())
    };
    assert_eq!(mode(&data) & 0o777, 0o700, "nobody but its owner looks into it");
    let again = Server::at(&data);
    let asked = "query($p: Position) { customer(by: {identifier: {kind: \"crm\", value: \"1\"}}, atLeast: $p) { timeline { nodes { text } } } }";
    let data = again.data(asked, json!({"p": through}));
    assert_eq!(data["customer"]["timeline"]["nodes"], json!([{"text": "um"}]));
    assert!(!again.stop().1.contains("was made"));
}
