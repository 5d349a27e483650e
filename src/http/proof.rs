//! `/v1/checkpoint` and `/v1/proof`: what an auditor asks for.
//!
//! | path | method | what it gives |
//! |---|---|---|
//! | `/v1/checkpoint` | GET | the last signed checkpoint; 404 when there is none yet |
//! | `/v1/checkpoint` | POST | signs the log as it is now, and gives the checkpoint |
//! | `/v1/proof?position=P` | GET | that the event at a position is in the log; `record=false` leaves its sealed record out |

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value;

use super::answer::Problem;
use super::body::discard;
use super::parameters::position;
use crate::engine::Novelo;
use crate::event::Position;
use crate::proof::{Notary, ProofError};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    position: String,
    record: Option<String>,
}

/// Reads which position is asked for, and whether with its record.
fn asked(query: &str) -> Result<(Position, bool), String> {
    let Asked { position: text, record } = serde_urlencoded::from_str(query).map_err(|cause| cause.to_string())?;
    let record = match record.as_deref() {
        None | Some("true") => true,
        Some("false") => false,
        Some(_) => return Err("record: is neither true nor false".into()),
    };
    Ok((position("position", &text)?, record))
}

/// `GET /v1/checkpoint`.
pub(super) async fn last(State(novelo): State<Arc<Novelo>>) -> Response {
    match novelo.notary().last() {
        Some(checkpoint) => Json(checkpoint.to_json()).into_response(),
        None => problem(&ProofError::Empty).into_response(),
    }
}

/// `POST /v1/checkpoint`.
pub(super) async fn sign(State(novelo): State<Arc<Novelo>>, body: Body) -> Response {
    discard(body).await;
    answer(novelo, |notary| notary.checkpoint().map(|checkpoint| checkpoint.to_json())).await
}

/// `GET /v1/proof`.
pub(super) async fn prove(State(novelo): State<Arc<Novelo>>, uri: Uri) -> Response {
    match asked(uri.query().unwrap_or_default()) {
        Ok((position, record)) => {
            let prove = move |notary: &Notary| notary.prove(position, record);
            answer(novelo, move |notary| prove(notary).map(|proof| proof.to_json())).await
        }
        Err(message) => {
            let help = "ask with position=P, and record=false to leave the record out";
            Problem::new(StatusCode::BAD_REQUEST, "INVALID_INPUT", message, help).into_response()
        }
    }
}

/// Asks the notary where it may take its time.
async fn answer(
    novelo: Arc<Novelo>,
    ask: impl FnOnce(&Notary) -> Result<Value, ProofError> + Send + 'static,
) -> Response {
    match tokio::task::spawn_blocking(move || ask(novelo.notary())).await {
        Ok(Ok(value)) => Json(value).into_response(),
        Ok(Err(cause)) => problem(&cause).into_response(),
        Err(_) => {
            let help = "tell the operator: the store's log has the cause";
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", "a task panicked", help).into_response()
        }
    }
}

fn problem(cause: &ProofError) -> Problem {
    match cause {
        ProofError::NotThere { .. } => {
            Problem::new(StatusCode::NOT_FOUND, "NOT_FOUND", cause.to_string(), "ask for an earlier one")
        }
        ProofError::Empty => Problem::new(
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
            "nothing was signed yet",
            "POST signs the log as it is now",
        ),
        ProofError::Io { .. }
        | ProofError::Line { .. }
        | ProofError::Refused(_)
        | ProofError::NotAKey
        | ProofError::NoSuchKey
        | ProofError::Log(_) => {
            tracing::error!(%cause, "a checkpoint or a proof could not be made");
            let help = "tell the operator: the store's log has the cause";
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", "it could not be made", help)
        }
    }
}
