//! Cross-origin requests (Fetch standard, section 3.2): let in from the [`Origins`] that are listed, and from nobody else.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::body::discard;
use super::origins::Origins;

/// Asked by browsers before a page of a public address may reach this machine.
const PRIVATE_NETWORK: (HeaderName, HeaderName) = (
    HeaderName::from_static("access-control-request-private-network"),
    HeaderName::from_static("access-control-allow-private-network"),
);
/// Seconds for which a browser may keep the answer to a preflight.
const PREFLIGHT_S: &str = "600";

/// What others may reach: what the element needs.
fn is_shared(path: &str) -> bool {
    path == "/graphql" || path.starts_with("/panel/")
}

/// Answers preflights of listed origins, and lets their pages read the answers.
pub(super) async fn listed(State(origins): State<Arc<Origins>>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let origin = origin.filter(|origin| origin.to_str().is_ok_and(|origin| origins.allow(origin)));
    let Some(origin) = origin.filter(|_| is_shared(request.uri().path())) else { return next.run(request).await };
    let preflight =
        request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if preflight {
        let private = request.headers().contains_key(PRIVATE_NETWORK.0);
        discard(request.into_body()).await;
        allowed(private)
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    response
}

fn allowed(private: bool) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type, accept"));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(PREFLIGHT_S));
    if private {
        headers.insert(PRIVATE_NETWORK.1, HeaderValue::from_static("true"));
    }
    (StatusCode::NO_CONTENT, headers).into_response()
}
