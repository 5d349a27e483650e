//! The pages: `/panel`, `/tour`, `/journey`, `/analyses`, and the files below `/panel/`.
//!
//! A page may load scripts, styles and answers from this server alone, and nothing that stands inside a text. It is framed by
//! pages of this server, and of the [`Origins`] that are listed.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

use super::answer::Problem;
use super::origins::Origins;
use crate::panel::{Asset, MediaType, asset};

/// `GET /panel`.
pub(super) async fn panel(State(origins): State<Arc<Origins>>, headers: HeaderMap) -> Response {
    file("panel.html", &origins, &headers)
}

/// `GET /`: to the page that leads to the others.
pub(super) async fn pages() -> Redirect {
    Redirect::to("/tour")
}

/// `GET /tour`.
pub(super) async fn tour(State(origins): State<Arc<Origins>>, headers: HeaderMap) -> Response {
    file("tour.html", &origins, &headers)
}

/// `GET /journey`.
pub(super) async fn journey(State(origins): State<Arc<Origins>>, headers: HeaderMap) -> Response {
    file("journey.html", &origins, &headers)
}

/// `GET /analyses`.
pub(super) async fn analyses(State(origins): State<Arc<Origins>>, headers: HeaderMap) -> Response {
    file("analyses.html", &origins, &headers)
}

/// `GET /panel/…`.
pub(super) async fn below(
    State(origins): State<Arc<Origins>>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Response {
    file(&path, &origins, &headers)
}

/// `GET /panel/settings.json`: who may talk to the page by `postMessage`.
pub(super) async fn settings(State(origins): State<Arc<Origins>>) -> Response {
    let listed: Vec<&str> = origins.iter().collect();
    let headers = [(header::CACHE_CONTROL, "no-store"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (headers, Json(json!({"origins": listed}))).into_response()
}

fn file(path: &str, origins: &Origins, asked: &HeaderMap) -> Response {
    let Some(asset) = asset(path) else {
        let help = "the pages are /panel, /journey, /analyses and /tour";
        return Problem::new(StatusCode::NOT_FOUND, "NOT_FOUND", "there is no such file of the panel", help)
            .into_response();
    };
    let mut response = if has_it(asked, &asset.etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, asset.media.content_type())], asset.bytes).into_response()
    };
    add_headers(response.headers_mut(), asset, origins);
    response
}

/// Whether the browser has these bytes already (RFC 9110, section 13.1.2).
fn has_it(asked: &HeaderMap, etag: &str) -> bool {
    let values = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|tag| {
        let tag = tag.trim();
        tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag
    })
}

fn add_headers(headers: &mut HeaderMap, asset: &Asset, origins: &Origins) {
    // What is kept is asked for again, so that a new version of the program is seen at once.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // The address of the panel names a customer: nobody else is told.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let mut insert = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    insert(header::ETAG, &asset.etag);
    insert(header::CONTENT_SECURITY_POLICY, &policy(asset.media, origins));
}

/// Content Security Policy, level 3.
fn policy(media: MediaType, origins: &Origins) -> String {
    if media != MediaType::Html {
        return "default-src 'none'; frame-ancestors 'none'".into();
    }
    let framed_by = if origins.iter().next().is_some() { format!("'self' {origins}") } else { "'self'".into() };
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
         frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {framed_by}"
    )
}
