//! The parameters of a GraphQL request, from whatever they come in: `query`, `variables`, `operationName`, `extensions`.

use std::collections::HashMap;

use async_graphql::{Request, Variables};
use serde_json::{Map, Value};

use super::refused::Refused;
use crate::event::Position;

/// Reads the JSON body of a POST.
pub(super) fn read_json(bytes: &[u8]) -> Result<Request, Refused> {
    let help = "send a JSON object with `query`, and `variables`, `operationName` and `extensions` if needed";
    let value: Value = serde_json::from_slice(bytes).map_err(|problem| {
        Refused::bad(format!("the body is no JSON (line {}, column {})", problem.line(), problem.column()), help)
    })?;
    match value {
        Value::Object(map) => build(map),
        Value::Array(_) => Err(Refused::bad("several requests at once are not taken", "send them one by one")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            Err(Refused::bad("the body is no JSON object", help))
        }
    }
}

/// Reads the parameters of a GET.
pub(super) fn read_query(query: &str) -> Result<Request, Refused> {
    let mut map = Map::new();
    for (name, value) in form_pairs(query) {
        let value = match name.as_str() {
            "variables" | "extensions" => serde_json::from_str(&value)
                .map_err(|_| Refused::bad(format!("`{name}` is no JSON"), "send a JSON object, percent-encoded"))?,
            _ => Value::String(value),
        };
        map.insert(name, value);
    }
    build(map)
}

/// Names and values of a query string.
fn form_pairs(query: &str) -> HashMap<String, String> {
    serde_urlencoded::from_str(query).unwrap_or_default()
}

/// A position that a query string gives under a name; the reason names it, and does not repeat what was given.
pub(super) fn position(name: &str, text: &str) -> Result<Position, String> {
    let wrong = |_| format!("{name}: is no position: a whole number from 0 on, without a sign");
    text.parse().map(Position).map_err(wrong)
}

/// The request of the four parameters; each must have its type.
pub(super) fn build(mut map: Map<String, Value>) -> Result<Request, Refused> {
    let query = match map.remove("query") {
        Some(Value::String(query)) => query,
        None | Some(Value::Null) => {
            return Err(Refused::bad("`query` is missing", "send the GraphQL document in `query`"));
        }
        Some(_) => return Err(Refused::bad("`query` is no string", "send the GraphQL document in `query`")),
    };
    let mut request = Request::new(query);
    match map.remove("operationName") {
        None | Some(Value::Null) => {}
        Some(Value::String(name)) => request = request.operation_name(name),
        Some(_) => {
            return Err(Refused::bad("`operationName` is no string", "send the operation's name, or leave it out"));
        }
    }
    match map.remove("variables") {
        None | Some(Value::Null) => {}
        Some(variables @ Value::Object(_)) => request = request.variables(Variables::from_json(variables)),
        Some(_) => return Err(Refused::bad("`variables` is no object", "send an object of the variables by name")),
    }
    match map.remove("extensions") {
        None | Some(Value::Null | Value::Object(_)) => Ok(request),
        Some(_) => Err(Refused::bad("`extensions` is no object", "leave it out")),
    }
}
