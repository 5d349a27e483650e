//! Which form a request has, and the two forms in which the whole body is one JSON text.

use serde_json::Value;

use crate::event::Invalid;
use crate::event::limits::{BATCH_BYTES, BATCH_EVENTS, EVENT_BYTES};
use crate::ingest::rejected::{Code, Place, Rejected};

use super::Item;
use super::attributes::{read_item, type_name};

/// The form in which events are sent over HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentMode {
    /// `application/cloudevents+json`: one event.
    Structured,
    /// `application/cloudevents-batch+json`: a list of events.
    Batched,
    /// `application/x-ndjson`: one event a line.
    NdJson,
    /// Attributes in `ce-` headers, JSON data in the body.
    Binary,
}

impl ContentMode {
    /// The form that a request has, by its `Content-Type` and whether it has a header `ce-specversion`.
    ///
    /// # Errors
    /// [`Invalid`] when it is none of the four, or in another character set than UTF-8.
    pub fn detect(content_type: Option<&str>, has_ce_headers: bool) -> Result<Self, Invalid> {
        let mut parts = content_type.unwrap_or_default().split(';');
        let essence = parts.next().unwrap_or_default().trim();
        let mode = match essence.to_ascii_lowercase().as_str() {
            "application/cloudevents+json" => Self::Structured,
            "application/cloudevents-batch+json" => Self::Batched,
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Self::NdJson,
            _ if has_ce_headers => Self::Binary,
            _ => {
                return Err(Invalid::new(
                    "content-type",
                    "is none of the forms that are taken",
                    "send application/cloudevents+json, application/cloudevents-batch+json, application/x-ndjson, or `ce-` headers",
                ));
            }
        };
        if parts.any(names_another_charset) {
            let help = "send the body in UTF-8, with charset=utf-8 or without a charset";
            return Err(Invalid::new("content-type", "names a charset other than utf-8", help));
        }
        Ok(mode)
    }
}

/// Whether a parameter of a media type is a charset that cannot be read as UTF-8. `utf8` is no registered name, but is meant so
/// (WHATWG Encoding, section 4.2); US-ASCII is a part of UTF-8.
#[must_use]
pub fn names_another_charset(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return false };
    let charset = value.trim().trim_matches('"');
    name.trim().eq_ignore_ascii_case("charset")
        && !["utf-8", "utf8", "us-ascii"].iter().any(|known| charset.eq_ignore_ascii_case(known))
}

/// Reads one event: a JSON object.
///
/// # Errors
/// [`Rejected`] says what is wrong with it.
pub fn read_structured(body: &[u8]) -> Result<Item, Rejected> {
    let place = Place::default();
    if body.len() > EVENT_BYTES {
        let reason = format!("has {} bytes, the limit of one event is {EVENT_BYTES}", body.len());
        let problem = Invalid::new("event", reason, "split it, or keep the large part elsewhere and send its name");
        return Err(Rejected::new(place, None, Code::TooLarge, problem));
    }
    let value = parse(body, "event").map_err(|(code, problem)| Rejected::new(place, None, code, problem))?;
    read_item(place, value)
}

/// Reads a list of events. Each is taken or refused by itself.
///
/// # Errors
/// [`Rejected`] when the body as a whole is no list of events, or over the limits: 10,000 events or 32 MB.
pub fn read_batch(body: &[u8]) -> Result<impl Iterator<Item = Result<Item, Rejected>>, Rejected> {
    let refuse = |code, problem| Rejected::new(Place::default(), None, code, problem);
    let too_large = |reason: String| {
        refuse(Code::TooLarge, Invalid::new("batch", reason, "send several batches, or application/x-ndjson"))
    };
    if body.len() > BATCH_BYTES {
        return Err(too_large(format!("has {} bytes, the limit is {BATCH_BYTES}", body.len())));
    }
    let items = match parse(body, "batch") {
        Ok(Value::Array(items)) => items,
        Ok(other) => {
            let help = "send a JSON array of events; one event goes as application/cloudevents+json";
            let problem = Invalid::new("batch", format!("is {}", type_name(&other)), help);
            return Err(refuse(Code::InvalidJson, problem));
        }
        Err((code, problem)) => return Err(refuse(code, problem)),
    };
    if items.len() > BATCH_EVENTS {
        return Err(too_large(format!("has {} events, the limit is {BATCH_EVENTS}", items.len())));
    }
    Ok((0..).zip(items).map(|(index, item)| read_item(Place { line: None, index }, item)))
}

/// What to do about JSON that is not well-formed.
const CHECK_IT: &str = "check quotes, commas and brackets there";
/// The same where a line ends before its JSON does: most often it goes on in the next one.
const ONE_LINE: &str = "an event has to stand on one line, and whole: put it there, such as with jq -c .";

/// Parses JSON; `what` names the text in the error, which shows a position and never the text.
pub(super) fn parse(text: &[u8], what: &str) -> Result<Value, (Code, Invalid)> {
    parse_or(text, what, CHECK_IT)
}

/// Parses the JSON of one line among others.
pub(super) fn parse_line(line: &[u8]) -> Result<Value, (Code, Invalid)> {
    parse_or(line, "line", ONE_LINE)
}

/// Parses JSON; `cut_short` is the help for one that ends too early.
fn parse_or(text: &[u8], what: &str, cut_short: &'static str) -> Result<Value, (Code, Invalid)> {
    let text = std::str::from_utf8(text).map_err(|error| {
        let reason = format!("is not UTF-8 at byte {}", error.valid_up_to());
        (Code::InvalidEncoding, Invalid::new(what, reason, "send UTF-8"))
    })?;
    serde_json::from_str(text).map_err(|error| {
        let reason = format!("is no JSON: {error}");
        let help = if error.is_eof() { cut_short } else { help_for(&reason) };
        (Code::InvalidJson, Invalid::new(what, reason, help))
    })
}

/// What to do about JSON that cannot be read. The library tells its errors apart by their words alone.
fn help_for(reason: &str) -> &'static str {
    let is_said = |words: &[&str]| words.iter().any(|word| reason.contains(word));
    if is_said(&["recursion limit"]) {
        "it is nested too deep; send lists and objects that lie at most 32 deep in one another"
    } else if is_said(&["surrogate", "hex escape", "unicode code point"]) {
        "a character beyond U+FFFF is written as two escapes, \\ud83d\\ude00; send it as UTF-8, or both halves"
    } else if is_said(&["number out of range"]) {
        "no number can be as large as that; send it as a text, in quotes"
    } else {
        CHECK_IT
    }
}
