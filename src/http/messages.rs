//! The messages of `graphql-transport-ws`: <https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>. Pure.

use async_graphql::Request;
use serde_json::{Map, Value, json};

use super::parameters::build;

/// What a client says.
#[derive(Debug)]
pub(super) enum ClientMessage {
    /// It wants to begin.
    Init,
    /// It wants a pong, with the same payload.
    Ping(Option<Map<String, Value>>),
    /// It answers a ping.
    Pong,
    /// It wants an operation carried out.
    Subscribe {
        /// The operation's, of the client's choice.
        id: String,
        /// What is asked for.
        request: Box<Request>,
    },
    /// It wants no more of an operation.
    Complete {
        /// The operation's.
        id: String,
    },
}

impl ClientMessage {
    /// Reads a message; what is wrong with it otherwise.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let Ok(Value::Object(mut message)) = serde_json::from_str(text) else {
            return Err("the message is no JSON object".into());
        };
        let Some(Value::String(kind)) = message.remove("type") else {
            return Err("`type` is no string".into());
        };
        match kind.as_str() {
            "connection_init" => payload(&mut message).map(|_| Self::Init),
            "ping" => payload(&mut message).map(Self::Ping),
            "pong" => payload(&mut message).map(|_| Self::Pong),
            "complete" => id(&mut message).map(|id| Self::Complete { id }),
            "subscribe" => {
                let id = id(&mut message)?;
                let parameters = payload(&mut message)?.ok_or("`payload` is missing")?;
                let request = build(parameters).map_err(|refused| refused.message)?;
                Ok(Self::Subscribe { id, request: Box::new(request) })
            }
            _ => Err("`type` is none that a client may send".into()),
        }
    }
}

fn id(message: &mut Map<String, Value>) -> Result<String, String> {
    match message.remove("id") {
        Some(Value::String(id)) if !id.is_empty() => Ok(id),
        Some(_) | None => Err("`id` is no string, or empty".into()),
    }
}

fn payload(message: &mut Map<String, Value>) -> Result<Option<Map<String, Value>>, String> {
    match message.remove("payload") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(payload)) => Ok(Some(payload)),
        Some(_) => Err("`payload` is no object".into()),
    }
}

/// `connection_ack`.
pub(super) fn ack() -> String {
    json!({"type": "connection_ack"}).to_string()
}

/// `pong`.
pub(super) fn pong(payload: Option<Map<String, Value>>) -> String {
    match payload {
        Some(payload) => json!({"type": "pong", "payload": payload}).to_string(),
        None => json!({"type": "pong"}).to_string(),
    }
}

/// `next`, with an answer as JSON.
pub(super) fn next(id: &str, answer: &str) -> String {
    let id = Value::from(id);
    format!(r#"{{"id":{id},"type":"next","payload":{answer}}}"#)
}

/// `error`, with the errors of an answer as JSON.
pub(super) fn error(id: &str, answer: &str) -> String {
    let errors = serde_json::from_str(answer).ok().and_then(|mut answer: Value| Some(answer.get_mut("errors")?.take()));
    json!({"id": id, "type": "error", "payload": errors.unwrap_or_default()}).to_string()
}

/// `complete`.
pub(super) fn complete(id: &str) -> String {
    json!({"id": id, "type": "complete"}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_may_say_is_read() {
        assert!(matches!(ClientMessage::read(r#"{"type":"connection_init"}"#), Ok(ClientMessage::Init)));
        let init = r#"{"type":"connection_init","payload":{"token":"x"}}"#;
        assert!(matches!(ClientMessage::read(init), Ok(ClientMessage::Init)));
        let Ok(ClientMessage::Ping(Some(payload))) = ClientMessage::read(r#"{"type":"ping","payload":{"a":1}}"#) else {
            panic!()
        };
        assert_eq!(pong(Some(payload)), r#"{"payload":{"a":1},"type":"pong"}"#);
        assert!(matches!(ClientMessage::read(r#"{"type":"pong","payload":null}"#), Ok(ClientMessage::Pong)));
        let subscribe = r#"{"id":"a","type":"subscribe","payload":{"query":"{ log { head } }","operationName":null}}"#;
        let Ok(ClientMessage::Subscribe { id, request }) = ClientMessage::read(subscribe) else { panic!() };
        assert_eq!((id.as_str(), request.query.as_str()), ("a", "{ log { head } }"));
        assert!(matches!(ClientMessage::read(r#"{"id":"a","type":"complete"}"#), Ok(ClientMessage::Complete { .. })));
    }

    #[test]
    fn what_a_client_may_not_say_is_told() {
        for (text, reason) in [
            ("", "the message is no JSON object"),
            ("[]", "the message is no JSON object"),
            ("{}", "`type` is no string"),
            (r#"{"type":"start"}"#, "`type` is none that a client may send"),
            (r#"{"type":"ping","payload":1}"#, "`payload` is no object"),
            (r#"{"type":"complete"}"#, "`id` is no string, or empty"),
            (r#"{"type":"subscribe","id":""}"#, "`id` is no string, or empty"),
            (r#"{"type":"subscribe","id":"a"}"#, "`payload` is missing"),
            (r#"{"type":"subscribe","id":"a","payload":{}}"#, "`query` is missing"),
            (r#"{"type":"subscribe","id":"a","payload":{"query":"{a}","variables":[]}}"#, "`variables` is no object"),
        ] {
            assert_eq!(ClientMessage::read(text).unwrap_err(), reason, "{text}");
        }
    }

    #[test]
    fn what_the_server_says_has_the_form_of_the_protocol() {
        assert_eq!(next("a\"", r#"{"data":{}}"#), r#"{"id":"a\"","type":"next","payload":{"data":{}}}"#);
        assert_eq!(
            error("a", r#"{"errors":[{"message":"m"}]}"#),
            r#"{"id":"a","payload":[{"message":"m"}],"type":"error"}"#
        );
        assert_eq!(complete("a"), r#"{"id":"a","type":"complete"}"#);
        assert_eq!((ack().as_str(), pong(None).as_str()), (r#"{"type":"connection_ack"}"#, r#"{"type":"pong"}"#));
    }
}
