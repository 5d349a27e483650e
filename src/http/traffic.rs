//! What the server counts of its requests, and the id that each has in the log.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

use super::body::paced;
use super::gate::Gate;
use crate::engine::{Count, Histogram};

/// The paths that there are; every other one counts under the last.
pub(super) const PATHS: [&str; 6] = ["/graphql", "/v1/events", "/healthz", "/readyz", "/metrics", "other"];
/// The status codes that there are; 0 stands for any other.
pub(super) const STATUSES: [u16; 19] =
    [101, 200, 400, 403, 404, 405, 406, 408, 409, 411, 413, 415, 421, 429, 431, 500, 503, 504, 0];
const SECONDS: &[f64] =
    &[0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The requests to one path.
#[derive(Debug)]
pub(super) struct ToPath {
    /// By [`STATUSES`].
    pub(super) answers: [Count; STATUSES.len()],
    pub(super) seconds: Histogram,
}

/// What has been counted since the process started.
#[derive(Debug)]
pub(super) struct Traffic {
    /// By [`PATHS`].
    pub(super) paths: [ToPath; PATHS.len()],
    /// Connections that were turned away because too many were open.
    pub(super) turned_away: Count,
    /// Bodies that came too slowly.
    pub(super) too_slow: Count,
    /// Subscriptions that were dropped because what was sent was not read.
    pub(super) slow_subscriptions: Count,
    requests: Count,
}

impl Default for Traffic {
    fn default() -> Self {
        let path = |_| ToPath { answers: Default::default(), seconds: Histogram::new(SECONDS) };
        Self {
            paths: std::array::from_fn(path),
            turned_away: Count::default(),
            too_slow: Count::default(),
            slow_subscriptions: Count::default(),
            requests: Count::default(),
        }
    }
}

impl Traffic {
    fn to(&self, path: &str) -> Option<(&'static str, &ToPath)> {
        let at = PATHS.iter().position(|known| *known == path).unwrap_or(PATHS.len() - 1);
        Some((PATHS.get(at)?, self.paths.get(at)?))
    }
}

impl ToPath {
    fn note(&self, status: StatusCode, since: Instant) {
        let at = STATUSES.iter().position(|known| *known == status.as_u16()).unwrap_or(STATUSES.len() - 1);
        if let Some(count) = self.answers.get(at) {
            count.add(1);
        }
        self.seconds.note(since.elapsed().as_secs_f64());
    }
}

/// Gives a request its id and its pace, and counts what became of it. What is logged on the way names the id; the answer
/// has it in `x-request-id`. Neither the log nor the metrics name anything else of the request but its path.
pub(super) async fn counted(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let number = gate.traffic.requests.next();
    let Some((path, counts)) = gate.traffic.to(request.uri().path()) else { return next.run(request).await };
    let span = tracing::error_span!("request", id = number, path);
    let request = request.map(|body: Body| paced(body, gate.clone()));
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    counts.note(status, started);
    tracing::debug!(parent: &span, status = status.as_u16(), micros = started.elapsed().as_micros() as u64, "answered");
    response.headers_mut().insert(REQUEST_ID, HeaderValue::from(number));
    response
}
