//! Items to a server that runs: NDJSON to `POST /v1/events`, a few thousand at a time.

use std::cell::RefCell;
use std::time::Duration;

use serde_json::Value;

use super::dead_letter::DeadLetter;
use super::input::Input;
use super::rows::Reading;
use super::{Broken, Counts, Group, Taken};
use crate::cli::asking::reason_of;
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::cli::progress::Progress;
use crate::event::Invalid;
use crate::ingest::cloudevents::unfiled_to_cloudevent;
use crate::ingest::{Code, Rejected};

/// How often a busy server is asked again.
const MOST_ATTEMPTS: u32 = 60;
/// Bytes of one request.
const REQUEST_BYTES: usize = 8 << 20;
/// Events of one request.
const REQUEST_EVENTS: usize = 5_000;

/// A server that is imported into.
pub(super) struct Server {
    agent: ureq::Agent,
    url: String,
    /// Why it did not take what was sent, as was told last.
    told: RefCell<String>,
}

/// What the server said of a request.
struct Receipt {
    recorded: u64,
    duplicates: u64,
    anonymous: u64,
    rejected: Vec<Value>,
}

impl Server {
    /// The server at an address such as `http://127.0.0.1:8080`.
    pub(super) fn new(url: &str) -> Result<Self, Failure> {
        if !url.starts_with("http://") {
            let message = format!("--to {url}: is no http address; write one such as http://127.0.0.1:8080");
            return Err(Failure::Usage(vec![message]));
        }
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
        let url = format!("{}/v1/events", url.trim_end_matches('/'));
        Ok(Self { agent: config.into(), url, told: RefCell::default() })
    }

    /// Sends one input; also where it broke off.
    pub(super) fn take(
        &mut self,
        reading: &Reading,
        mut input: Input,
        letters: &mut DeadLetter,
        bar: &Progress,
    ) -> Result<(Counts, Option<Broken>), Failure> {
        let mut counts = Counts::default();
        let name = input.name.clone();
        let mut deliver = |group: Group| {
            counts.read += group.read;
            let bytes = group.bytes;
            self.send_group(group, &name, &mut counts, letters)?;
            bar.reached(bytes);
            Ok(())
        };
        let broken = reading.each(&mut input, &mut deliver)?;
        Ok((counts, broken))
    }

    /// Sends a group in as many requests as it needs.
    fn send_group(
        &self,
        group: Group,
        name: &str,
        counts: &mut Counts,
        letters: &mut DeadLetter,
    ) -> Result<(), Failure> {
        let (mut body, mut sent) = (String::new(), Vec::new());
        for Taken { place, id, event, raw } in group.taken {
            let line = match event {
                Ok(event) => unfiled_to_cloudevent(&event).to_string(),
                Err(rejected) => {
                    counts.rejected += 1;
                    letters.add(name, &rejected, &raw)?;
                    continue;
                }
            };
            if sent.len() >= REQUEST_EVENTS || body.len() + line.len() > REQUEST_BYTES {
                self.send(&std::mem::take(&mut body), &std::mem::take(&mut sent), name, counts, letters)?;
            }
            body.push_str(&line);
            body.push('\n');
            sent.push((place, id, raw));
        }
        if sent.is_empty() { Ok(()) } else { self.send(&body, &sent, name, counts, letters) }
    }

    fn send(
        &self,
        body: &str,
        sent: &[(crate::ingest::Place, String, std::sync::Arc<[u8]>)],
        name: &str,
        counts: &mut Counts,
        letters: &mut DeadLetter,
    ) -> Result<(), Failure> {
        let receipt = self.post(body)?;
        counts.recorded += receipt.recorded;
        counts.duplicates += receipt.duplicates;
        counts.anonymous += receipt.anonymous;
        for rejected in &receipt.rejected {
            counts.rejected += 1;
            let text = |field: &str| rejected.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
            let index = rejected.get("index").and_then(Value::as_u64).and_then(|index| usize::try_from(index).ok());
            let Some((place, id, raw)) = index.and_then(|index| sent.get(index)) else {
                return Err(self.odd("it rejects an event that was not sent"));
            };
            let code = if text("code") == Code::Conflict.word() { Code::Conflict } else { Code::InvalidField };
            let problem = Invalid::new(text("field"), text("reason"), text("help"));
            letters.add(name, &Rejected::new(*place, Some(id), code, problem), raw)?;
        }
        Ok(())
    }

    /// Sends a request, again while the server is busy. What was stored before is not stored twice.
    fn post(&self, body: &str) -> Result<Receipt, Failure> {
        let mut reason = String::new();
        for attempt in 0..MOST_ATTEMPTS {
            let request = self.agent.post(&self.url).header("content-type", "application/x-ndjson");
            let mut response = request
                .send(body)
                .map_err(|cause| Failure::new(format!("{}: {cause}; is the server running?", self.url)))?;
            let status = response.status().as_u16();
            let wait = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
            let text = response.body_mut().read_to_string().map_err(|cause| self.odd(&cause.to_string()))?;
            match status {
                200 => return self.receipt(&text),
                429 | 503 => {
                    reason = reason_of(&text);
                    // Whoever is busy for a moment is not talked of.
                    if attempt > 0 {
                        self.tell(&reason);
                    }
                    std::thread::sleep(Duration::from_secs(wait.unwrap_or(1).clamp(1, 30)));
                }
                _ => return Err(self.odd(&format!("status {status}: {}", reason_of(&text)))),
            }
        }
        Err(Failure::new(format!(
            "{}: the server takes nothing for too long: {reason}; run the import again later, what is stored is not stored twice",
            self.url
        )))
    }

    /// Says once why it takes nothing.
    fn tell(&self, reason: &str) {
        let mut told = self.told.borrow_mut();
        if *told != reason {
            output::note(&format!("the server takes nothing for now: {reason}; it is asked again"));
            reason.clone_into(&mut told);
        }
    }

    fn receipt(&self, text: &str) -> Result<Receipt, Failure> {
        let value: Value = serde_json::from_str(text).map_err(|_| self.odd("it is no JSON"))?;
        let number = |field: &str| value.get(field).and_then(Value::as_u64);
        match (number("recorded"), number("duplicates"), value.get("rejected").and_then(Value::as_array)) {
            (Some(recorded), Some(duplicates), Some(rejected)) => {
                let anonymous = number("anonymous").unwrap_or_default();
                Ok(Receipt { recorded, duplicates, anonymous, rejected: rejected.clone() })
            }
            _ => Err(self.odd("it has no counts")),
        }
    }

    fn odd(&self, what: &str) -> Failure {
        Failure::new(format!("{}: an answer that Novelo does not give: {what}", self.url))
    }
}
