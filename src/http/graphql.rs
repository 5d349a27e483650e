//! GraphQL over HTTP: <https://graphql.github.io/graphql-over-http/draft/>.
//!
//! POST takes JSON; GET takes the parameters of the same names and no mutation. The media type of the answer is negotiated;
//! with `application/graphql-response+json` the status is 400 when the request could not be carried out, and 200 when it
//! was, even if a field of it failed. With `text/event-stream` the answers go on (`event_stream.rs`), and a GET that asks for a
//! WebSocket has one (`socket.rs`).

use std::sync::Arc;

use async_graphql::Request;
use axum::body::{Body, Bytes};
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Extension, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;

use super::body::discard;
use super::connections::Seat;
use super::gate::{Gate, Held};
use super::negotiate::{Accepted, Media};
use super::operation::{Answered, NotBegun, begin, in_turn};
use super::origins::Origins;
use super::parameters::{read_json, read_query};
use super::plain::is_plain;
use super::refused::{BODY_BYTES, Refused, respond};
use super::{event_stream, guard, socket};
use crate::graphql::{Operation, Schema, Shown};
use crate::ingest::cloudevents::names_another_charset;

/// What carries requests out.
#[derive(Clone)]
pub(super) struct Endpoint {
    pub(super) schema: Arc<Schema>,
    pub(super) gate: Arc<Gate>,
    /// Whose pages may have what stays open, beside the server's own.
    pub(super) origins: Arc<Origins>,
}

/// `GET /graphql`.
pub(super) async fn get(
    State(endpoint): State<Endpoint>,
    Extension(seat): Extension<Seat>,
    method: Method,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    if headers.contains_key(header::UPGRADE) {
        return socket::open(endpoint, seat, &headers, upgrade);
    }
    let accepted = Accepted::by(&headers);
    let Some(media) = accepted.best else { return Refused::not_acceptable().answer(Media::Json) };
    let request = read_query(query.as_deref().unwrap_or_default());
    let mut response = match request.and_then(|request| no_mutation(request, &method)) {
        Ok(request) => endpoint.answer(request, &headers, accepted).await,
        Err(refused) => refused.answer(media),
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// `POST /graphql`.
pub(super) async fn post(State(endpoint): State<Endpoint>, headers: HeaderMap, body: Body) -> Response {
    let accepted = Accepted::by(&headers);
    let Some(media) = accepted.best else {
        discard(body).await;
        return Refused::not_acceptable().answer(Media::Json);
    };
    let (request, _held) = match read_body(&endpoint.gate, &headers, body).await {
        Ok((bytes, held)) => (read_json(&bytes), Some(held)),
        Err(refused) => (Err(refused), None),
    };
    match request {
        Ok(request) => endpoint.answer(request, &headers, accepted).await,
        Err(refused) => refused.answer(media),
    }
}

async fn read_body(gate: &Gate, headers: &HeaderMap, body: Body) -> Result<(Bytes, Held), Refused> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if let Some((what, help)) = other_form(headers, given) {
        discard(body).await;
        return Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, what, help));
    }
    super::body::whole(body, BODY_BYTES, gate).await.map_err(Refused::body)
}

/// Why a body cannot be read as it is, and what to send.
fn other_form(headers: &HeaderMap, content_type: &str) -> Option<(String, &'static str)> {
    let mut parts = content_type.split(';');
    let media = parts.next().unwrap_or_default().trim();
    if !media.eq_ignore_ascii_case("application/json") {
        let what = if media.is_empty() { "there is no Content-Type".into() } else { format!("`{media}` is not taken") };
        return Some((what, "send `Content-Type: application/json` and a JSON object with `query`"));
    }
    if parts.any(names_another_charset) {
        let help = "send the body in UTF-8, with charset=utf-8 or without a charset";
        return Some(("Content-Type names a charset other than utf-8".into(), help));
    }
    let packed =
        || ("Content-Encoding says that the body is packed".into(), "send it without Content-Encoding, as it is");
    (!is_plain(headers)).then(packed)
}

/// Refuses mutations by GET: they must not be repeated by whatever stands between.
fn no_mutation(mut request: Request, method: &Method) -> Result<Request, Refused> {
    if crate::graphql::operation(&mut request) == Operation::Mutation {
        return Err(Refused::new(
            StatusCode::METHOD_NOT_ALLOWED,
            format!("a mutation cannot be sent by {method}"),
            "send it by POST",
        ));
    }
    Ok(request)
}

/// An answer on its way to somebody who may read it slowly.
struct Sent {
    json: String,
    _shown: Shown,
}

impl AsRef<[u8]> for Sent {
    fn as_ref(&self) -> &[u8] {
        self.json.as_bytes()
    }
}

impl Endpoint {
    /// Answers once, or again and again when the client takes that: for a subscription even if it likes something else better.
    async fn answer(&self, mut request: Request, headers: &HeaderMap, accepted: Accepted) -> Response {
        let goes_on = accepted.event_stream && crate::graphql::operation(&mut request) == Operation::Subscription;
        match accepted.best {
            Some(media @ (Media::GraphqlResponse | Media::Json)) if !goes_on => self.once(request, media).await,
            Some(_) | None => self.again_and_again(request, headers).await,
        }
    }

    async fn once(&self, request: Request, media: Media) -> Response {
        match in_turn(&self.gate, &self.schema, request).await {
            Ok(Answered { json, carried_out, shown }) => {
                let status = match (carried_out, media) {
                    (true, _) | (false, Media::Json) => StatusCode::OK,
                    (false, Media::GraphqlResponse | Media::EventStream) => StatusCode::BAD_REQUEST,
                };
                respond(status, media, Bytes::from_owner(Sent { json, _shown: shown }))
            }
            Err(refused) => refused.answer(media),
        }
    }

    /// What is refused is answered as JSON: a stream that began would have said that it was not.
    async fn again_and_again(&self, request: Request, headers: &HeaderMap) -> Response {
        if !guard::may_follow(headers, &self.origins) {
            return Refused::foreign_origin().answer(Media::GraphqlResponse);
        }
        match begin(&self.gate, &self.schema, request).await {
            Ok(answers) => event_stream::respond(self.gate.clone(), answers),
            Err(NotBegun::Refused(refused)) => refused.answer(Media::GraphqlResponse),
            Err(NotBegun::Invalid(errors)) => respond(StatusCode::BAD_REQUEST, Media::GraphqlResponse, errors),
        }
    }
}
