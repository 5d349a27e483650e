//! GraphQL over HTTP: <https://graphql.github.io/graphql-over-http/draft/>.
//!
//! POST takes JSON; GET takes the parameters of the same names and no mutation. The media type of the answer is negotiated;
//! with `application/graphql-response+json` the status is 400 when the request could not be carried out, and 200 when it
//! was, even if a field of it failed.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Request, Variables};
use axum::body::{Body, Bytes};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::body::{NotWhole, discard};
use super::gate::{Gate, Held};
use super::negotiate::Media;
use crate::graphql::{RequestPicture, Schema};

/// Most bytes of a request.
pub(super) const BODY_BYTES: usize = 2 << 20;

/// A request that could not be carried out, before or while it was read as GraphQL.
struct Refused {
    status: StatusCode,
    code: &'static str,
    message: String,
    help: String,
    /// Whether the same may succeed in a moment.
    again: bool,
}

impl Refused {
    fn new(status: StatusCode, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { status, code: "INVALID_INPUT", message: message.into(), help: help.into(), again: false }
    }

    fn bad(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message, help)
    }

    /// The store has too much to do.
    fn unavailable(message: impl Into<String>) -> Self {
        let new = Self::new(StatusCode::SERVICE_UNAVAILABLE, message, "send again in a moment");
        Self { code: "UNAVAILABLE", again: true, ..new }
    }

    /// Why a body could not be had.
    fn body(problem: NotWhole) -> Self {
        match problem {
            NotWhole::TooLarge => Self {
                code: "TOO_COMPLEX",
                ..Self::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    format!("the request is larger than {BODY_BYTES} bytes"),
                    "send smaller requests; many events go to /v1/events",
                )
            },
            NotWhole::BrokenOff => Self::bad("the request broke off", "send all of it"),
            NotWhole::TooSlow => Self {
                code: "TOO_SLOW",
                ..Self::new(StatusCode::REQUEST_TIMEOUT, "the request came too slowly", "send it in one go")
            },
            NotWhole::NoRoom => Self::unavailable("too many requests are being read"),
        }
    }

    /// The answer. What is refused before GraphQL sees it has its status in either media type.
    fn answer(self, media: Media) -> Response {
        let extensions = json!({"code": self.code, "help": self.help});
        let body = json!({"errors": [{"message": self.message, "extensions": extensions}]});
        let mut response = respond(self.status, media, body.to_string());
        let (slow, headers) = (self.status == StatusCode::REQUEST_TIMEOUT, response.headers_mut());
        if slow {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if self.again {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// `GET /graphql`.
pub(super) async fn get(
    State(schema): State<Arc<Schema>>,
    State(gate): State<Arc<Gate>>,
    method: Method,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let Some(media) = Media::negotiate(&headers) else { return not_acceptable() };
    let request = read_parameters(query.as_deref().unwrap_or_default());
    let mut response = match request.and_then(|request| only_queries(request, &method)) {
        Ok(request) => in_turn(&gate, &schema, request, media).await,
        Err(refused) => {
            let not_allowed = refused.status == StatusCode::METHOD_NOT_ALLOWED;
            let mut response = refused.answer(media);
            if not_allowed {
                response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
            }
            response
        }
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// `POST /graphql`.
pub(super) async fn post(
    State(schema): State<Arc<Schema>>,
    State(gate): State<Arc<Gate>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(media) = Media::negotiate(&headers) else {
        discard(body).await;
        return not_acceptable();
    };
    let (request, _held) = match read_body(&gate, &headers, body).await {
        Ok((bytes, held)) => (read_json(&bytes), Some(held)),
        Err(refused) => (Err(refused), None),
    };
    match request {
        Ok(request) => in_turn(&gate, &schema, request, media).await,
        Err(refused) => refused.answer(media),
    }
}

async fn read_body(gate: &Gate, headers: &HeaderMap, body: Body) -> Result<(Bytes, Held), Refused> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = given.split(';').next().unwrap_or_default().trim();
    if !media.eq_ignore_ascii_case("application/json") {
        let what = if media.is_empty() { "there is no Content-Type".into() } else { format!("`{media}` is not taken") };
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        discard(body).await;
        return Err(Refused::new(status, what, "send `Content-Type: application/json` and a JSON object with `query`"));
    }
    super::body::whole(body, BODY_BYTES, gate).await.map_err(Refused::body)
}

/// Reads the JSON body of a POST.
fn read_json(bytes: &[u8]) -> Result<Request, Refused> {
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
fn read_parameters(query: &str) -> Result<Request, Refused> {
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

/// The request of the four parameters; each must have its type.
fn build(mut map: Map<String, Value>) -> Result<Request, Refused> {
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

/// Refuses mutations by GET: they must not be repeated by whatever stands between.
fn only_queries(mut request: Request, method: &Method) -> Result<Request, Refused> {
    if !crate::graphql::is_only_query(&mut request) {
        return Err(Refused::new(
            StatusCode::METHOD_NOT_ALLOWED,
            format!("a mutation cannot be sent by {method}"),
            "send it by POST",
        ));
    }
    Ok(request)
}

/// Carries a request out when it is its turn, and gives it up when it takes too long.
async fn in_turn(gate: &Gate, schema: &Schema, request: Request, media: Media) -> Response {
    let Ok(_turn) = gate.turn().await else {
        return Refused::unavailable("too many queries are being carried out").answer(media);
    };
    match tokio::time::timeout(gate.limits.query, execute(schema, request, media)).await {
        Ok(response) => response,
        Err(_) => Refused::unavailable("the query took too long").answer(media),
    }
}

async fn execute(schema: &Schema, request: Request, media: Media) -> Response {
    let (body, carried_out) = crate::graphql::carry_out(schema, request.data(RequestPicture::default())).await;
    let status = match (carried_out, media) {
        (true, _) | (false, Media::Json) => StatusCode::OK,
        (false, Media::GraphqlResponse) => StatusCode::BAD_REQUEST,
    };
    respond(status, media, body)
}

fn respond(status: StatusCode, media: Media, body: String) -> Response {
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(media.content_type()))];
    (status, headers, body).into_response()
}

fn not_acceptable() -> Response {
    let refused = Refused::new(
        StatusCode::NOT_ACCEPTABLE,
        "none of the types in `Accept` can be given",
        "accept application/graphql-response+json or application/json",
    );
    refused.answer(Media::Json)
}
