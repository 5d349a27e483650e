//! The real program: commands run to their end, and servers that are stopped when the test is over.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

/// The program with arguments, in an environment without settings of its own.
pub(crate) fn novelo(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_novelo"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("NOVELO_")) {
        command.env_remove(name);
    }
    command.args(args);
    command
}

/// What a command came to.
pub(crate) struct Done {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Done {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Runs a command to its end, with something on its standard input.
pub(crate) fn run(args: &[&str], stdin: &[u8]) -> Done {
    let mut command = novelo(args);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut input = child.stdin.take().unwrap();
    let bytes = stdin.to_vec();
    // A command that refuses its arguments does not read.
    let writer = std::thread::spawn(move || drop(input.write_all(&bytes)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output.into()
}

/// The same for a command that must succeed; what it said.
pub(crate) fn succeeds(args: &[&str], stdin: &[u8]) -> String {
    let done = run(args, stdin);
    assert_eq!(done.code, 0, "{args:?}\n{}{}", done.stdout, done.stderr);
    done.stdout
}

/// A server on a port of its own; killed when it goes out of scope.
pub(crate) struct Serving {
    child: Child,
    address: String,
}

impl Serving {
    /// Serves a data folder.
    pub(crate) fn start(data: &Path) -> Self {
        let data = data.to_str().unwrap();
        Self::of(novelo(&["serve", "--data", data, "--listen", "127.0.0.1:0"]))
    }

    /// Starts a command that says on one of its outputs where it listens.
    pub(crate) fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let (found, address) = std::sync::mpsc::channel();
        let outputs: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        for output in outputs {
            let found = found.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    if let Some((_, address)) = line.to_lowercase().split_once("listening on http://") {
                        drop(found.send(address.trim().to_owned()));
                    }
                }
            });
        }
        drop(found);
        let address = address.recv().expect("it says where it listens");
        Self { child, address }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The answer to a query; an error in it fails the test.
    pub(crate) fn ask(&self, query: &str, variables: Value) -> Value {
        let answer = self.ask_anyhow(query, variables);
        assert!(answer.get("errors").is_none(), "{answer:#}");
        answer["data"].clone()
    }

    /// The answer to a query, errors and all.
    pub(crate) fn ask_anyhow(&self, query: &str, variables: Value) -> Value {
        let body = json!({"query": query, "variables": variables}).to_string();
        serde_json::from_str(&self.post("/graphql", "application/json", body.as_bytes()).1).unwrap()
    }

    /// Status and body of a POST.
    pub(crate) fn post(&self, path: &str, content_type: &str, body: &[u8]) -> (u16, String) {
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        let request = ureq::Agent::from(config).post(self.url(path)).header("content-type", content_type);
        let mut response = request.send(body).expect("an answer");
        (response.status().as_u16(), response.body_mut().read_to_string().unwrap())
    }

    /// Sends events, all of which must be taken, and waits until they can be read.
    pub(crate) fn send(&self, events: &[Value]) {
        let lines: String = events.iter().map(|event| format!("{event}\n")).collect();
        let (status, body) = self.post("/v1/events", "application/x-ndjson", lines.as_bytes());
        let receipt: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((status, &receipt["rejected"]), (200, &json!([])), "{body}");
        let asked = "query($p: Position) { customer(by: {protocol: \"none\"}, atLeast: $p) { id } }";
        self.ask(asked, json!({"p": receipt["through"]}));
    }

    /// Asks it to stop and waits until it has.
    pub(crate) fn stop(mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap();
    }

    /// Waits until it has stopped by itself.
    pub(crate) fn wait(mut self) {
        self.child.wait().unwrap();
    }

    /// Its process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
