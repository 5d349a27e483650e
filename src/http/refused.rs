//! GraphQL requests that are refused before GraphQL sees them.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::body::NotWhole;
use super::negotiate::Media;

/// Most bytes of a request.
pub(super) const BODY_BYTES: usize = 2 << 20;

/// A request that could not be carried out, before or while it was read as GraphQL.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) help: String,
    /// Whether the same may succeed in a moment.
    again: bool,
}

impl Refused {
    pub(super) fn new(status: StatusCode, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { status, code: "INVALID_INPUT", message: message.into(), help: help.into(), again: false }
    }

    pub(super) fn bad(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message, help)
    }

    /// The store has too much to do.
    pub(super) fn unavailable(message: impl Into<String>) -> Self {
        let new = Self::new(StatusCode::SERVICE_UNAVAILABLE, message, "send again in a moment");
        Self { code: "UNAVAILABLE", again: true, ..new }
    }

    /// Why a body could not be had.
    pub(super) fn body(problem: NotWhole) -> Self {
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

    /// A page of another origin asks for something that stays open.
    pub(super) fn foreign_origin() -> Self {
        let help = "open it from a page that this server itself gives, list the page's origin in panel_origins, or ask from a program, which sends no `Origin`";
        let message = "a page of another origin may not subscribe";
        Self { code: "FORBIDDEN", ..Self::new(StatusCode::FORBIDDEN, message, help) }
    }

    /// None of the types that the client accepts can be given.
    pub(super) fn not_acceptable() -> Self {
        Self::new(
            StatusCode::NOT_ACCEPTABLE,
            "none of the types in `Accept` can be given",
            "accept application/graphql-response+json or application/json, or text/event-stream to subscribe",
        )
    }

    /// The answer as JSON.
    pub(super) fn to_json(&self) -> String {
        crate::graphql::failure(self.code, &self.message, &self.help)
    }

    /// The answer. What is refused before GraphQL sees it has its status in any media type, and is told once.
    pub(super) fn answer(self, media: Media) -> Response {
        let media = if media == Media::EventStream { Media::GraphqlResponse } else { media };
        let mut response = respond(self.status, media, self.to_json());
        let headers = response.headers_mut();
        if self.status == StatusCode::REQUEST_TIMEOUT {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        if self.again {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// An answer of this media type.
pub(super) fn respond(status: StatusCode, media: Media, body: impl Into<Body>) -> Response {
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(media.content_type()))];
    (status, headers, body.into()).into_response()
}
