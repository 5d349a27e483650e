//! Errors of the server as JSON: a stable code, what happened, and what to do.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An error that a request is answered with.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) help: String,
    pub(super) headers: Vec<(header::HeaderName, HeaderValue)>,
}

impl Problem {
    pub(super) fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self { status, code, message: message.into(), help: help.into(), headers: Vec::new() }
    }

    pub(super) fn with(mut self, name: header::HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The store is busy or cannot be written: come back later.
    pub(super) fn unavailable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message, "send again in a moment")
            .with(header::RETRY_AFTER, HeaderValue::from_static("1"))
    }

    /// The body came too slowly. The connection ends with the answer: nobody waits for the rest.
    pub(super) fn too_slow(help: &'static str) -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "TOO_SLOW", "the body came too slowly", help)
            .with(header::CONNECTION, HeaderValue::from_static("close"))
    }

    /// The body is larger than allowed.
    pub(super) fn too_large(limit_bytes: usize, help: &'static str) -> Self {
        let message = format!("the body is larger than {limit_bytes} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE", message, help)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let error = json!({"code": self.code, "message": self.message, "help": self.help});
        let mut response = (self.status, Json(json!({"error": error}))).into_response();
        response.headers_mut().extend(self.headers);
        response
    }
}
