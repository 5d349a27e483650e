//! `POST /v1/events`: CloudEvents in, in whichever mode the content type says; answered with counts and with every item that
//! was not taken.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use serde::Serialize;

use super::answer::Problem;
use super::body::{NotWhole, discard, drain};
use super::gate::{Gate, Held};
use super::plain::{TAKEN, is_plain};
use crate::engine::{Expect, Novelo, Outcome, RecordError};
use crate::event::limits::{BATCH_BYTES, BATCH_EVENTS};
use crate::event::{Draft, Invalid, Micros, Position};
use crate::ingest::cloudevents::{ContentMode, Item, NdJson, read_batch, read_binary, read_structured};
use crate::ingest::{Code, Place, Rejected};

/// Events that are handed to the writer at once.
const GROUP_EVENTS: usize = 500;
/// Bytes that are handed to the writer at once, or a little more.
const GROUP_BYTES: usize = 1 << 20;
/// Bytes that an event takes beside its personal part.
const EVENT_BYTES: usize = 512;
/// What to do when a request was not carried out to its end.
const SEND_AGAIN: &str = "send all of it again: events that are stored are not stored twice";

/// The answer: how many of which, and why not for every one that was not taken.
#[derive(Debug, Default, Serialize)]
struct Receipt {
    recorded: u64,
    duplicates: u64,
    /// Of both, those that are filed under no customer.
    anonymous: u64,
    /// Ask with `atLeast` this position to see them.
    through: String,
    rejected: Vec<Rejected>,
    #[serde(skip)]
    last: Position,
}

/// Takes items as they are read, and hands them to the writer in groups.
struct Intake {
    novelo: Arc<Novelo>,
    now: Micros,
    items: usize,
    group: Vec<(Draft, (Place, String))>,
    /// The memory of the group.
    held: Held,
    receipt: Receipt,
}

/// `POST /v1/events`.
pub(super) async fn post(
    State(novelo): State<Arc<Novelo>>,
    State(gate): State<Arc<Gate>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match take(novelo, &gate, &headers, body).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn take(novelo: Arc<Novelo>, gate: &Gate, headers: &HeaderMap, body: Body) -> Result<Response, Problem> {
    let mode = match mode_of(headers) {
        Ok(mode) => mode,
        Err(problem) => {
            discard(body).await;
            return Err(problem);
        }
    };
    let (group, held, receipt) = (Vec::new(), gate.hold(), Receipt::default());
    let mut intake = Intake { novelo, now: Micros::now(), items: 0, group, held, receipt };
    let single = match mode {
        ContentMode::NdJson => {
            intake.stream(body).await?;
            false
        }
        ContentMode::Batched => {
            let (bytes, _held) = whole(body, gate).await?;
            match read_batch(&bytes) {
                Ok(items) => intake.all(items).await?,
                Err(rejected) => return Ok(whole_body_rejected(rejected)),
            }
            false
        }
        ContentMode::Structured => {
            let (bytes, _held) = whole(body, gate).await?;
            intake.all([read_structured(&bytes)].into_iter()).await?;
            true
        }
        ContentMode::Binary => {
            let pairs =
                headers.iter().map(|(name, value): (&HeaderName, &HeaderValue)| (name.as_str(), value.as_bytes()));
            let (bytes, _held) = whole(body, gate).await?;
            intake.all([read_binary(pairs, &bytes)].into_iter()).await?;
            true
        }
    };
    intake.flush().await?;
    Ok(intake.answer(single))
}

/// The form that a request has, when its body can be read as it comes.
fn mode_of(headers: &HeaderMap) -> Result<ContentMode, Problem> {
    if !is_plain(headers) {
        let help = "send it without content-encoding, as it is; `novelo import` reads gzip files";
        let problem = Invalid::new("content-encoding", "says that the body is packed; only plain ones are read", help);
        let (name, value) = TAKEN;
        return Err(unsupported(problem).with(name, value));
    }
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let ce = |name: &HeaderName| name.as_str().starts_with("ce-");
    ContentMode::detect(content_type, headers.keys().any(ce)).map_err(unsupported)
}

fn unsupported(problem: Invalid) -> Problem {
    let message = format!("{}: {}", problem.field, problem.reason);
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "INVALID_INPUT", message, problem.help)
}

fn whole_body_rejected(rejected: Rejected) -> Response {
    let receipt = Receipt { rejected: vec![rejected], through: "0".into(), ..Receipt::default() };
    (StatusCode::BAD_REQUEST, Json(receipt)).into_response()
}

async fn whole(body: Body, gate: &Gate) -> Result<(axum::body::Bytes, Held), Problem> {
    super::body::whole(body, BATCH_BYTES, gate).await.map_err(not_whole)
}

fn not_whole(problem: NotWhole) -> Problem {
    match problem {
        NotWhole::TooLarge => too_large(),
        NotWhole::BrokenOff => {
            let message = "the request broke off; what came before is recorded";
            Problem::new(StatusCode::BAD_REQUEST, "INVALID_INPUT", message, SEND_AGAIN)
        }
        NotWhole::TooSlow => Problem::too_slow(SEND_AGAIN),
        NotWhole::NoRoom => {
            Problem { help: SEND_AGAIN.into(), ..Problem::unavailable("too many requests are being read") }
        }
    }
}

fn too_large() -> Problem {
    Problem::too_large(
        BATCH_BYTES,
        "send several requests; what was answered before is recorded, sending it again does no harm",
    )
}

impl Intake {
    /// Reads lines as they arrive.
    async fn stream(&mut self, body: Body) -> Result<(), Problem> {
        let mut lines = NdJson::new();
        let mut frames = body.into_data_stream();
        let mut bytes = 0;
        while let Some(frame) = frames.next().await {
            let frame = match frame {
                Ok(frame) => frame,
                Err(cause) => {
                    self.flush().await?;
                    return Err(not_whole(NotWhole::of(&cause)));
                }
            };
            bytes += frame.len();
            if bytes > BATCH_BYTES {
                self.flush().await?;
                drain(&mut frames).await;
                return Err(too_large());
            }
            if let Err(problem) = self.all(lines.feed(&frame).into_iter()).await {
                drain(&mut frames).await;
                return Err(problem);
            }
        }
        self.all(lines.finish().into_iter()).await
    }

    async fn all(&mut self, items: impl Iterator<Item = Result<Item, Rejected>>) -> Result<(), Problem> {
        for item in items {
            self.items += 1;
            if self.items > BATCH_EVENTS {
                self.flush().await?;
                let Receipt { recorded, duplicates, rejected, .. } = &self.receipt;
                let message = format!(
                    "more than {BATCH_EVENTS} events in one request; of the first {BATCH_EVENTS}, {recorded} were recorded, \
                     {duplicates} were there before and {} were rejected",
                    rejected.len()
                );
                return Err(Problem::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "TOO_LARGE",
                    message,
                    "send it again in smaller requests: they say what was rejected, and what is stored is not stored twice",
                ));
            }
            self.one(item)?;
            if self.group.len() >= GROUP_EVENTS || self.held.bytes() >= GROUP_BYTES {
                self.flush().await?;
            }
        }
        Ok(())
    }

    fn one(&mut self, item: Result<Item, Rejected>) -> Result<(), Problem> {
        let filed = item.and_then(|Item { place, id, event }| match self.novelo.filing().file(event, self.now) {
            Ok(draft) => Ok((draft, (place, id))),
            Err(problem) => Err(Rejected::new(place, Some(&id), Code::InvalidField, problem)),
        });
        match filed {
            Ok(pair) => {
                let bytes = EVENT_BYTES + pair.0.personal().size_bytes();
                self.held.add(bytes).map_err(|_| not_whole(NotWhole::NoRoom))?;
                self.group.push(pair);
            }
            Err(rejected) => self.receipt.rejected.push(rejected),
        }
        Ok(())
    }

    /// Hands the group over and waits until it is durable.
    async fn flush(&mut self) -> Result<(), Problem> {
        let (drafts, origins): (Vec<_>, Vec<_>) = std::mem::take(&mut self.group).into_iter().unzip();
        let anonymous: Vec<bool> = drafts.iter().map(Draft::is_anonymous).collect();
        let outcomes = self.novelo.try_record(drafts, Expect::Each).await.map_err(|cause| match cause {
            RecordError::Busy | RecordError::Unavailable(_) => {
                Problem { help: SEND_AGAIN.into(), ..Problem::unavailable(cause.to_string()) }
            }
        })?;
        self.held.give_back();
        for ((outcome, (place, id)), anonymous) in outcomes.into_iter().zip(origins).zip(anonymous) {
            self.receipt.anonymous += u64::from(anonymous && !matches!(outcome, Outcome::Refused(_)));
            match outcome {
                Outcome::Recorded(position) => {
                    self.receipt.recorded += 1;
                    self.receipt.last = self.receipt.last.max(position.next());
                }
                Outcome::Duplicate(position) => {
                    self.receipt.duplicates += 1;
                    self.receipt.last = self.receipt.last.max(position.next());
                }
                Outcome::Refused(refusal) => {
                    let text = refusal.to_string();
                    let (what, help) = text.split_once("; ").unwrap_or((&text, "send it again"));
                    let problem = Invalid::new("id", what, help.to_owned());
                    self.receipt.rejected.push(Rejected::new(place, Some(&id), Code::Conflict, problem));
                }
            }
        }
        Ok(())
    }

    /// 200; for a request of one event that was not taken, 400, or 409 when it is in conflict with what is stored.
    fn answer(mut self, single: bool) -> Response {
        self.receipt.rejected.sort_by_key(|rejected| rejected.place.index);
        self.receipt.through = self.receipt.last.to_string();
        let status = match (single, self.receipt.rejected.first()) {
            (true, Some(rejected)) if rejected.code == Code::Conflict => StatusCode::CONFLICT,
            (true, Some(_)) => StatusCode::BAD_REQUEST,
            _ => StatusCode::OK,
        };
        (status, Json(self.receipt)).into_response()
    }
}
