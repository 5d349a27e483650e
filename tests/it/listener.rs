//! Those who subscribe: over a WebSocket by `graphql-transport-ws`, and over server-sent events.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest;
use tungstenite::{Error, HandshakeError, Message, WebSocket};
use ureq::http::Request;

use crate::program::novelo;
use crate::server::Server;

/// Long enough for anything that is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Entries of a timeline, by what they are told apart by.
pub(crate) const TIMELINE: &str =
    "subscription($by: CustomerLookup!, $after: Position) { timeline(by: $by, after: $after) { position kind text } }";

/// A server with settings.
pub(crate) fn serve_with(settings: &[(&str, &str)], data: &Path) -> Server {
    let mut command = novelo(&["serve", "--listen", "127.0.0.1:0", "--data"]);
    command.arg(data).envs(settings.iter().copied());
    Server::of(command)
}

/// An identifier, as a look-up.
pub(crate) fn by(kind: &str, value: &str) -> Value {
    json!({"identifier": {"kind": kind, "value": value}})
}

/// The position of an entry.
pub(crate) fn position(entry: &Value) -> u64 {
    entry["position"].as_str().unwrap().parse().unwrap()
}

/// A client at a WebSocket.
pub(crate) struct Socket(WebSocket<TcpStream>);

impl Socket {
    /// Opens a socket with other headers than the usual ones; the status when it is refused.
    pub(crate) fn with(server: &Server, headers: &[(&'static str, &str)]) -> Result<Self, u16> {
        let mut request = format!("ws://{}/graphql", server.address()).into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        match tungstenite::client(request, stream) {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(HandshakeError::Failure(Error::Http(answer))) => Err(answer.status().as_u16()),
            Err(problem) => panic!("{problem}"),
        }
    }

    /// Opens a socket, on which nothing was said yet.
    pub(crate) fn silent(server: &Server) -> Self {
        Self::with(server, &[("sec-websocket-protocol", "graphql-transport-ws")]).expect("a socket")
    }

    /// Opens a socket, and begins.
    pub(crate) fn open(server: &Server) -> Self {
        let mut socket = Self::silent(server);
        socket.say(&json!({"type": "connection_init"}));
        assert_eq!(socket.hear(), json!({"type": "connection_ack"}));
        socket
    }

    pub(crate) fn say(&mut self, message: &Value) {
        self.send(Message::text(message.to_string()));
    }

    pub(crate) fn send(&mut self, message: Message) {
        self.0.send(message).unwrap();
    }

    /// Asks for an operation.
    pub(crate) fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        self.say(&json!({"id": id, "type": "subscribe", "payload": {"query": query, "variables": variables}}));
    }

    /// What comes next; the code and the reason when the socket ends.
    pub(crate) fn read(&mut self) -> Result<Value, (u16, String)> {
        loop {
            match self.0.read() {
                Ok(Message::Text(text)) => return Ok(serde_json::from_str(&text).unwrap()),
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                Ok(Message::Close(Some(frame))) => return Err((frame.code.into(), frame.reason.to_string())),
                other => panic!("{other:?}"),
            }
        }
    }

    /// The next message.
    pub(crate) fn hear(&mut self) -> Value {
        self.read().expect("a message")
    }

    /// The next message, which must be an answer to an operation: its `data`.
    pub(crate) fn next(&mut self, id: &str) -> Value {
        let mut message = self.hear();
        assert_eq!((&message["type"], &message["id"]), (&json!("next"), &json!(id)), "{message}");
        assert_eq!(message["payload"].get("errors"), None, "{message}");
        message["payload"]["data"].take()
    }

    /// The next entry of a timeline.
    pub(crate) fn entry(&mut self, id: &str) -> Value {
        self.next(id)["timeline"].take()
    }

    /// So many entries of a timeline.
    pub(crate) fn entries(&mut self, id: &str, count: usize) -> Vec<Value> {
        (0..count).map(|_| self.entry(id)).collect()
    }

    /// The code and the reason with which the socket ends, whatever comes before.
    pub(crate) fn end(&mut self) -> (u16, String) {
        loop {
            if let Err(end) = self.read() {
                return end;
            }
        }
    }

    /// Everything that comes until the connection ends, as it comes, to which nothing is answered.
    pub(crate) fn unanswered(mut self) -> String {
        let mut bytes = Vec::new();
        self.0.get_mut().read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Ends it as a client does, and waits for the server's answer.
    pub(crate) fn close(mut self) {
        self.0.close(None).unwrap();
        assert!(matches!(self.0.read(), Ok(Message::Close(_))));
    }
}

/// A client that reads an event stream.
pub(crate) struct Events(Box<dyn BufRead + Send>);

impl Events {
    /// Subscribes by POST.
    pub(crate) fn open(server: &Server, query: &str, variables: Value) -> Self {
        let body = json!({"query": query, "variables": variables}).to_string();
        let request = Request::post(server.url("/graphql"))
            .header("content-type", "application/json")
            .header("accept", "text/event-stream")
            .body(body)
            .unwrap();
        let agent: ureq::Agent =
            ureq::Agent::config_builder().proxy(None).timeout_global(Some(PATIENCE)).build().into();
        let answer = agent.run(request).expect("an event stream");
        assert_eq!(answer.headers()["content-type"], "text/event-stream; charset=utf-8");
        Self(Box::new(BufReader::new(answer.into_body().into_reader())))
    }

    /// The name of the next event and what it says; `None` when the stream ends. Comments are passed over.
    pub(crate) fn read(&mut self) -> Option<(String, String)> {
        let (mut name, mut data) = (String::new(), None);
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            match line.trim_end_matches('\n').split_once(':') {
                Some(("event", value)) => name = value.trim_start().to_owned(),
                Some(("data", value)) => data = Some(value.strip_prefix(' ').unwrap_or(value).to_owned()),
                Some((_, _)) => {}
                None => {
                    if let Some(data) = data {
                        return Some((name, data));
                    }
                }
            }
        }
    }

    /// The next event, which must be an answer: the answer.
    pub(crate) fn next(&mut self) -> Value {
        let (name, data) = self.read().expect("an event");
        assert_eq!(name, "next", "{data}");
        serde_json::from_str(&data).unwrap()
    }

    /// The next entry of a timeline.
    pub(crate) fn entry(&mut self) -> Value {
        let mut answer = self.next();
        assert_eq!(answer.get("errors"), None, "{answer}");
        answer["data"]["timeline"].take()
    }
}
