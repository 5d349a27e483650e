//! `GET /v1/log`: the log as it is stored, from a position up to where it ends when the request comes, in the form of one
//! sealed segment (`archive/format.rs`). Personal data stays sealed. Where the log cannot be read any further it ends in a breach
//! that says so (`archive/breach.rs`), and what lies before is sent.
//!
//! | parameter | what it is |
//! |---|---|
//! | `from` | the position to begin at, where a chunk begins; 0 when it is left out |
//! | `hash` | the hash of the chunk before, as the asker has it; 409 when the log has another |

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::try_unfold;
use serde::Deserialize;

use super::answer::Problem;
use super::parameters::position;
use crate::archive::{Breach, Header, Seal, entry};
use crate::engine::{Feed, Novelo};
use crate::event::{Hash, Position};
use crate::log::{Chunk, Head, LogError};

/// Events that are read and sent at once.
const GROUP_EVENTS: usize = 4_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    from: Option<String>,
    hash: Option<String>,
}

/// `GET /v1/log`.
pub(super) async fn get(State(novelo): State<Arc<Novelo>>, uri: Uri) -> Response {
    let feed = novelo.feed().clone();
    let answer = tokio::task::spawn_blocking(move || begin(feed, uri.query().unwrap_or_default())).await;
    match answer {
        Ok(Ok(sending)) => {
            let body = Body::from_stream(try_unfold(sending, |sending| sending.step()));
            ([(header::CONTENT_TYPE, "application/octet-stream")], body).into_response()
        }
        Ok(Err(problem)) => problem.into_response(),
        Err(_) => {
            tracing::error!("the log could not be read for a backup: a task panicked");
            let help = "tell the operator: the process's log has the cause";
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", "the log could not be read", help)
                .into_response()
        }
    }
}

/// The log cannot be read even where the answer would begin.
fn unreadable(cause: &LogError) -> Problem {
    tracing::error!(%cause, "the log could not be read for a backup");
    let help =
        "look at /readyz; stop the server and see what `novelo repair` can keep, with --archive what a backup has";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "LOG_UNREADABLE", cause.to_string(), help)
}

/// What is told of a log that cannot be read from a position on.
fn breach(from: Position, cause: &LogError) -> Breach {
    if let LogError::Damaged { position, reason } | LogError::Read { position, reason } = cause {
        return Breach { position: *position, reason: reason.clone() };
    }
    Breach { position: from, reason: cause.to_string() }
}

/// Checks what is asked for against the log.
fn begin(feed: Arc<Feed>, query: &str) -> Result<Sending, Problem> {
    let bad = |message: String| {
        let help = "ask with from=POSITION and hash=HASH, as the end of the backup has them, or with neither";
        Problem::new(StatusCode::BAD_REQUEST, "INVALID_INPUT", message, help)
    };
    let asked: Asked = serde_urlencoded::from_str(query).map_err(|cause| bad(cause.to_string()))?;
    let hash = match &asked.hash {
        None => None,
        Some(text) => Some(Hash::from_hex(text).ok_or_else(|| bad("hash: is no hash in hexadecimal".into()))?),
    };
    let from = asked.from.as_deref().map_or(Ok(Position::ZERO), |text| position("from", text)).map_err(bad)?;
    let until = feed.head();
    let read = |position| feed.log().chunk_at(position).map_err(|cause| unreadable(&cause));
    let other = |message: String| {
        let help = "back this store up to another folder, or see which of both is the right one";
        Problem::new(StatusCode::CONFLICT, "CONFLICT", message, help)
    };
    if from > until.next {
        return Err(other(format!("the log ends at position {}, before {from}", until.next)));
    }
    let after = match from.0.checked_sub(1) {
        None => Some(Head::default()),
        Some(last) => read(Position(last))?.as_ref().map(Head::after).filter(|after| after.next == from),
    };
    let after = after.ok_or_else(|| other(format!("no chunk begins at position {from}")))?;
    if hash.is_some_and(|hash| hash != after.hash) {
        return Err(other(format!("before position {from} the log has another hash")));
    }
    let log = read(Position::ZERO)?.map_or(Hash::ZERO, |first| first.hash());
    Ok(Sending { feed, end: after, until, chunks: 0, part: Part::Header(Header { log, after }) })
}

/// A stream on its way.
struct Sending {
    feed: Arc<Feed>,
    end: Head,
    until: Head,
    chunks: u64,
    part: Part,
}

/// What is sent next.
enum Part {
    Header(Header),
    Chunks,
    Nothing,
}

impl Sending {
    /// The next bytes. An error breaks the answer off, so that what was received is not taken for the whole; where it is the log's,
    /// a breach says so first.
    async fn step(mut self) -> Result<Option<(Vec<u8>, Self)>, LogError> {
        match self.part {
            Part::Header(header) => {
                self.part = Part::Chunks;
                Ok(Some((header.to_bytes(), self)))
            }
            Part::Chunks if self.end == self.until => {
                self.part = Part::Nothing;
                let seal = Seal { end: self.end, chunks: self.chunks };
                Ok(Some((seal.to_bytes(), self)))
            }
            Part::Chunks => {
                let position = self.end.next;
                let read = tokio::task::spawn_blocking(move || (self.read(), self)).await;
                let panicked = |_| LogError::Read { position, reason: "the reader panicked".into() };
                let (read, mut sending) = read.map_err(panicked)?;
                let bytes = read.unwrap_or_else(|cause| {
                    tracing::error!(%cause, "the log could not be read for a backup");
                    sending.part = Part::Nothing;
                    breach(position, &cause).to_bytes()
                });
                Ok(Some((bytes, sending)))
            }
            Part::Nothing => Ok(None),
        }
    }

    fn read(&mut self) -> Result<Vec<u8>, LogError> {
        let chunks = self.feed.read(self.end.next, GROUP_EVENTS)?;
        let wanted = chunks.partition_point(|chunk: &Chunk| chunk.end() <= self.until.next);
        let mut bytes = Vec::new();
        for chunk in chunks.iter().take(wanted) {
            entry(chunk, &mut bytes);
            self.end = Head::after(chunk);
            self.chunks += 1;
        }
        let reason = || "the log ends earlier than it did".into();
        if wanted == 0 { Err(LogError::Damaged { position: self.end.next, reason: reason() }) } else { Ok(bytes) }
    }
}
