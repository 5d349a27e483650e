//! Whether the process lives, and whether it can do its work.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::engine::{self, Novelo, Stops, Trouble};

/// 200 while the process lives.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// 200 while it takes events and its views follow; 503 otherwise. Whatever is the matter is told in any case.
pub(super) async fn readyz(State(novelo): State<Arc<Novelo>>) -> Response {
    let projections = novelo.projections();
    let failed: Vec<&str> =
        projections.iter().filter(|status| status.state == engine::State::Failed).map(|status| status.name).collect();
    let lag = projections.iter().map(|status| status.lag).max().unwrap_or(0);
    let troubles = novelo.troubles();
    let ready = failed.is_empty() && troubles.iter().all(|trouble| trouble.stops == Stops::Nothing);
    let body = json!({
        "ready": ready,
        "head": novelo.head().next.to_string(),
        "lag": lag,
        "failed": failed,
        "troubles": troubles.iter().map(trouble).collect::<Vec<_>>(),
    });
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(body)).into_response()
}

fn trouble(trouble: &Trouble) -> Value {
    json!({
        "part": trouble.part.word(),
        "reason": trouble.reason,
        "since": trouble.since.to_string(),
        "stops_events": trouble.stops != Stops::Nothing,
    })
}
