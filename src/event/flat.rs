//! The flat JSON form: envelope, clear and personal fields side by side in one object, as CloudEvents `data` has them.

use serde_json::{Map, Value};

use super::draft::{Draft, Event, Who};
use super::field::Shape;
use super::fields::{Fields, missing};
use super::header::Header;
use super::ids::EventId;
use super::invalid::Invalid;
use super::kind::{Custom, Kind};
use super::limits::IDENTIFIERS;
use super::names::{self, Label, Source};
use super::personal::Personal;
use super::text::is_blank;
use super::time::Micros;

/// An event as it comes in, before anything of it is checked.
#[derive(Clone, Debug)]
pub struct Flat {
    /// The source's own id.
    pub id: String,
    /// The system it came from.
    pub source: String,
    /// The kind: `novelo.` and a wire name, or any other text for a custom kind.
    pub kind: String,
    /// The identifier, `kind:value`.
    pub subject: Option<String>,
    /// When it happened.
    pub time: Option<String>,
    /// Envelope, clear and personal fields.
    pub data: Map<String, Value>,
}

/// A valid event whose identifiers are still as their sender wrote them.
#[derive(Debug)]
pub struct Unfiled {
    header: Header,
    kind: Kind,
    personal: Personal,
    identifiers: Vec<String>,
    has_subject: bool,
}

impl Unfiled {
    /// Checks every field.
    ///
    /// # Errors
    /// [`Invalid`] names the first field that does not fit; fields of `data` by their path, `data.wait_ms`.
    pub fn read(flat: Flat) -> Result<Self, Invalid> {
        let source = names::read(&flat.source, Source::new)
            .map_err(|problem| Invalid::new("source", problem.to_string(), "send the name of the system"))?;
        let id = read_id(&source, &flat.id)?;
        let occurred_at = read_time(flat.time.as_deref())?;
        let mut fields = Fields::new(flat.data);
        let below = |problem: Invalid| if problem.field == "type" { problem } else { problem.under("data") };
        let mut identifiers: Vec<String> = flat.subject.into_iter().collect();
        let has_subject = !identifiers.is_empty();
        identifiers.extend(read_identifiers(&mut fields).map_err(below)?);
        let (header, kind, personal) = read_body(&flat.kind, (id, source, occurred_at), &mut fields).map_err(below)?;
        fields.finish().map_err(below)?;
        Ok(Self { header, kind, personal, identifiers, has_subject })
    }

    /// The identifiers as they were sent, the subject first. Personal.
    #[must_use]
    pub fn identifiers(&self) -> &[String] {
        &self.identifiers
    }

    /// Where its sender wrote one of the identifiers: `subject`, `data.identifiers[1]`.
    #[must_use]
    pub fn identifier_field(&self, index: usize) -> String {
        match index.checked_sub(usize::from(self.has_subject)) {
            Some(index) => format!("data.identifiers[{index}]"),
            None => "subject".into(),
        }
    }

    /// The clear part that does not depend on the kind.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What happened.
    #[must_use]
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// Envelope, clear and personal fields, flat, with the identifiers as they were sent. Personal.
    #[must_use]
    pub fn show(&self) -> Map<String, Value> {
        let mut data = Map::new();
        self.header.show(&mut data);
        self.kind.show(&mut data);
        self.personal.show(self.kind.info().personal, &mut data);
        if !self.identifiers.is_empty() {
            data.insert("identifiers".into(), self.identifiers.clone().into());
        }
        data
    }

    /// Names the schema of a custom kind that has none yet; other kinds keep none.
    ///
    /// # Errors
    /// [`Invalid`] when the name is no label.
    pub fn with_schema(mut self, schema: &str) -> Result<Self, Invalid> {
        if let Kind::Custom(custom) = &mut self.kind
            && custom.schema.is_none()
        {
            let schema = Label::new(schema)
                .map_err(|problem| Invalid::new("schema", problem.to_string(), "send a shorter name, or none"))?;
            custom.schema = Some(schema);
        }
        Ok(self)
    }

    /// Files it.
    ///
    /// # Errors
    /// As [`Draft::new`]; fields of `data` by their path.
    pub fn file(self, who: Who, now: Micros) -> Result<Draft, Invalid> {
        let below = |problem: Invalid| match problem.field.as_str() {
            "time" | "subject" | "data" => problem,
            _ => problem.under("data"),
        };
        Draft::new(self.header, who, self.kind, self.personal, now).map_err(below)
    }
}

/// Derives the event's id; an id that is a stored event's own (32 hexadecimal digits after `novelo:`) is taken as it is,
/// so that an export comes in again as the same events.
fn read_id(source: &Source, id: &str) -> Result<EventId, Invalid> {
    if is_blank(id) {
        return Err(Invalid::new("id", "is missing", "send the source's own id of this event"));
    }
    if id.len() > 512 {
        return Err(Invalid::new("id", format!("has {} bytes, the limit is 512", id.len()), "send a shorter id"));
    }
    match id.strip_prefix("novelo:") {
        Some(hex) => EventId::from_hex(hex).ok_or_else(|| {
            Invalid::new(
                "id",
                "begins with `novelo:` and is no exported id",
                "send the id as it was exported, or another",
            )
        }),
        None => Ok(EventId::derive(source.as_str(), id)),
    }
}

/// Reads `time`.
fn read_time(time: Option<&str>) -> Result<Micros, Invalid> {
    let text = time.ok_or_else(|| missing("time", &Shape::Moment.describe()))?;
    Micros::parse(text).ok_or_else(|| {
        let shown: String = text.chars().take(40).collect();
        Invalid::new("time", format!("`{shown}` is no moment in RFC 3339"), "send one such as 2026-01-05T13:07:41Z")
    })
}

/// Takes `identifiers`.
fn read_identifiers(fields: &mut Fields) -> Result<Vec<String>, Invalid> {
    let wrong = |reason: String| Invalid::new("identifiers", reason, "send a list such as [\"email:ana@example.com\"]");
    let items = match fields.take_raw("identifiers") {
        None => return Ok(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(wrong("is no list".into())),
    };
    if items.len() > IDENTIFIERS {
        let reason = format!("has {} entries, the limit is {IDENTIFIERS}", items.len());
        return Err(Invalid::new("identifiers", reason, "keep those that tell the customer apart"));
    }
    let each = |item: Value| match item {
        Value::String(text) => Ok(text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Err(wrong("holds something that is no text".into()))
        }
    };
    items.into_iter().map(each).collect()
}

/// Reads envelope, kind and personal part.
fn read_body(
    kind: &str,
    ids: (EventId, Source, Micros),
    fields: &mut Fields,
) -> Result<(Header, Kind, Personal), Invalid> {
    if is_blank(kind) {
        return Err(Invalid::new("type", "is missing", "send `novelo.` and a kind, or a type of your own"));
    }
    let Some(name) = kind.strip_prefix("novelo.") else {
        return read_custom(kind, ids, fields);
    };
    let info = Kind::named(name);
    let header = Header::read(ids, name, fields)?;
    let kind = Kind::read(name, fields)?;
    let personal = Personal::read(info.map_or(&[], |info| info.personal), fields)?;
    Ok((header, kind, personal))
}

/// A type that is not of this vocabulary: its fields beside the envelope's are kept as they are, sealed.
fn read_custom(
    name: &str,
    ids: (EventId, Source, Micros),
    fields: &mut Fields,
) -> Result<(Header, Kind, Personal), Invalid> {
    let header = Header::read(ids, "custom", fields)?;
    let name = Label::new(name).map_err(|problem| Invalid::new("type", problem.to_string(), "send a shorter type"))?;
    let rest = fields.take_rest();
    let personal = Personal { value: (!rest.is_empty()).then_some(Value::Object(rest)), ..Personal::default() };
    Ok((header, Kind::Custom(Custom { name, schema: None }), personal))
}

/// The flat `data` of a stored event: envelope and clear fields, and the personal ones when they could be opened.
#[must_use]
pub fn show(event: &Event, personal: Option<&Personal>) -> Map<String, Value> {
    let mut data = Map::new();
    event.header.show(&mut data);
    event.kind.show(&mut data);
    if let Some(personal) = personal {
        personal.show(event.kind.info().personal, &mut data);
        let others: Vec<Value> = personal.identifiers.iter().skip(1).map(|i| i.to_wire().into()).collect();
        if !others.is_empty() {
            data.insert("identifiers".into(), others.into());
        }
    }
    data
}
