//! A small story to ask about: Ana hops from a chatbot to the telephone and to e-mail; three others are there beside her.
//!
//! The events stand in `story.ndjson`, one a line. What the tests expect of them was counted by hand.

use serde_json::{Value, json};

use crate::server::Server;

/// What is imported.
pub(crate) const STORY: &str = include_str!("story.ndjson");

/// An event as a CloudEvent, at a time of day of 3 March 2025.
pub(crate) fn event(id: &str, kind: &str, subject: &str, time: &str, data: Value) -> Value {
    json!({"specversion": "1.0", "id": id, "source": "test", "type": format!("novelo.{kind}"), "subject": subject,
        "time": format!("2025-03-03T{time}:00Z"), "data": data})
}

/// A server with the story in its store, and up to where the log reaches.
pub(crate) fn told() -> (Server, String) {
    let server = Server::new();
    let receipt = server.record(STORY);
    assert_eq!(receipt["rejected"], json!([]));
    assert_eq!(receipt["recorded"], STORY.lines().count());
    let through = receipt["through"].as_str().unwrap().to_owned();
    server.sees(&through);
    (server, through)
}
