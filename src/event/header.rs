//! What every event says in the clear, whatever its kind.

use compact_str::CompactString;
use serde_json::{Map, Value};

use super::actor::{Actor, Direction};
use super::channel::Channel;
use super::field::{FieldType, Shape, wrong_type};
use super::fields::Fields;
use super::ids::EventId;
use super::invalid::{Invalid, did_you_mean};
use super::kind::Kind;
use super::limits::{DIMENSION_BYTES, DIMENSIONS};
use super::names::{
    self, ActorId, CampaignId, CaseId, ContactId, ConversationId, Department, NotAName, Source, Stage, Touchpoint, Word,
};
use super::text::is_blank;
use super::time::Micros;

/// What a sender says of an event beside its kind; clear, and the same before and after it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// What makes it the same event when it comes again.
    pub id: EventId,
    /// When it happened at its source.
    pub occurred_at: Micros,
    /// The system it came from.
    pub source: Source,
    /// Who did it.
    pub actor: Actor,
    /// In which channel; `other(none)` when in none.
    pub channel: Channel,
    /// Which way it went.
    pub direction: Direction,
    /// One handling in one channel.
    pub contact: Option<ContactId>,
    /// Contacts that belong together.
    pub conversation: Option<ConversationId>,
    /// The matter raised.
    pub case: Option<CaseId>,
    /// The campaign.
    pub campaign: Option<CampaignId>,
    /// Where in the journey.
    pub touchpoint: Option<Touchpoint>,
    /// Which area owns it.
    pub department: Option<Department>,
    /// The stage of the journey.
    pub stage: Option<Stage>,
    /// Clear, low-cardinality values for analyses.
    pub dimensions: Dimensions,
}

/// A small map of clear strings, sorted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dimensions(Vec<(CompactString, CompactString)>);

impl Dimensions {
    /// Sorts by name; refuses too many, too long, empty or repeated ones.
    ///
    /// # Errors
    /// [`Invalid`] names the dimension.
    pub fn new(mut pairs: Vec<(CompactString, CompactString)>) -> Result<Self, Invalid> {
        if pairs.len() > DIMENSIONS {
            return Err(Invalid::new(
                "dimensions",
                format!("has {} entries, the limit is {DIMENSIONS}", pairs.len()),
                "keep those that analyses group by",
            ));
        }
        pairs.sort();
        for (name, value) in &pairs {
            if name.is_empty() || name.len() > DIMENSION_BYTES || value.len() > DIMENSION_BYTES {
                return Err(Invalid::new(
                    "dimensions",
                    format!(
                        "has an entry of {} and {} bytes, the limit is {DIMENSION_BYTES} each",
                        name.len(),
                        value.len()
                    ),
                    "shorten it; a long text belongs in a personal field",
                ));
            }
        }
        if pairs.windows(2).any(|pair| matches!(pair, [(a, _), (b, _)] if a == b)) {
            return Err(Invalid::new("dimensions", "has a name twice", "send each name once"));
        }
        Ok(Self(pairs))
    }

    /// The value of one dimension.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Names and values, by name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// The channel of what happens in none.
pub const NO_CHANNEL: Channel = Channel::Other(Word::known("none"));

impl Header {
    /// Reads the envelope's fields of `data`, with the defaults that a kind gives for direction, actor and channel.
    pub(crate) fn read(
        (id, source, occurred_at): (EventId, Source, Micros),
        kind: &str,
        fields: &mut Fields,
    ) -> Result<Self, Invalid> {
        let channel = match fields.take("channel")? {
            Some(channel) => channel,
            None if needs_channel(kind) => {
                return Err(super::fields::missing("channel", &Shape::Channel.describe()));
            }
            None => NO_CHANNEL,
        };
        let direction = match fields.take("direction")? {
            Some(direction) => direction,
            None if kind == "message.sent" => {
                return Err(super::fields::missing("direction", &Shape::OneOf(Direction::WORDS).describe()));
            }
            None => usual_direction(kind),
        };
        let actor = match fields.take_raw("actor") {
            Some(value) => read_actor(&value)?,
            None => usual_actor(direction, &source),
        };
        Ok(Self {
            id,
            occurred_at,
            actor,
            channel,
            direction,
            contact: name(fields, "contact", ContactId::new)?,
            conversation: name(fields, "conversation", ConversationId::new)?,
            case: name(fields, "case", CaseId::new)?,
            campaign: name(fields, "campaign", CampaignId::new)?,
            touchpoint: name(fields, "touchpoint", Touchpoint::new)?,
            department: name(fields, "department", Department::new)?,
            stage: name(fields, "stage", Stage::new)?,
            dimensions: read_dimensions(fields)?,
            source,
        })
    }

    /// Shows the envelope's fields as they stand in `data`.
    pub(crate) fn show(&self, into: &mut Map<String, Value>) {
        into.insert("channel".into(), self.channel.show());
        into.insert("direction".into(), self.direction.show());
        into.insert("actor".into(), self.actor.to_string().into());
        let names = [
            ("contact", self.contact.as_ref().map(ContactId::as_str)),
            ("conversation", self.conversation.as_ref().map(ConversationId::as_str)),
            ("case", self.case.as_ref().map(CaseId::as_str)),
            ("campaign", self.campaign.as_ref().map(CampaignId::as_str)),
            ("touchpoint", self.touchpoint.as_ref().map(Touchpoint::as_str)),
            ("department", self.department.as_ref().map(Department::as_str)),
            ("stage", self.stage.as_ref().map(Stage::as_str)),
        ];
        for (field, value) in names {
            if let Some(value) = value {
                into.insert(field.into(), value.into());
            }
        }
        if self.dimensions.iter().len() > 0 {
            let map = self.dimensions.iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
            into.insert("dimensions".into(), Value::Object(map));
        }
    }

    /// What the kind asks of the envelope: a case for a case's events, a stage for a stage, a contact for a contact's.
    pub(crate) fn check(&self, kind: &Kind) -> Result<(), Invalid> {
        let (field, present) = match kind {
            Kind::ContactStarted(_)
            | Kind::ContactQueued(_)
            | Kind::ContactAnswered(_)
            | Kind::ContactTransferred(_)
            | Kind::ContactEnded(_) => ("contact", self.contact.is_some()),
            Kind::CaseOpened(_) | Kind::CaseUpdated(_) | Kind::CaseResolved(_) | Kind::CaseReopened(_) => {
                ("case", self.case.is_some())
            }
            Kind::StageEntered(_) => ("stage", self.stage.is_some()),
            Kind::CampaignTouched(_) => ("campaign", self.campaign.is_some()),
            Kind::MessageSent(_)
            | Kind::SelfServiceUsed(_)
            | Kind::FeedbackGiven(_)
            | Kind::SurveySent(_)
            | Kind::SurveyAnswered(_)
            | Kind::FactTold(_)
            | Kind::FactWithdrawn(_)
            | Kind::NoteAdded(_)
            | Kind::NoteUnpinned(_)
            | Kind::MilestoneReached(_)
            | Kind::ActivityTracked(_)
            | Kind::ProfileObserved(_)
            | Kind::PreferenceStated(_)
            | Kind::ConsentChanged(_)
            | Kind::IdentityClaimed(_)
            | Kind::IdentityLinked(_)
            | Kind::IdentityUnlinked(_)
            | Kind::PrivacyHeld(_)
            | Kind::PrivacyReleased(_)
            | Kind::PrivacyShredded(_)
            | Kind::RecordViewed(_)
            | Kind::Custom(_) => return Ok(()),
        };
        if present {
            return Ok(());
        }
        Err(Invalid::new(field, format!("is missing, {} needs it", kind.name()), "send the source's own id or name"))
    }
}

/// Reads an optional short string of the envelope.
fn name<T>(
    fields: &mut Fields,
    field: &'static str,
    parse: impl Fn(&str) -> Result<T, NotAName>,
) -> Result<Option<T>, Invalid> {
    let Some(value) = fields.take_raw(field) else { return Ok(None) };
    let text = match &value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            let (reason, help) = wrong_type(&value, Shape::Text);
            return Err(Invalid::new(field, reason, help));
        }
    };
    let read = names::read(&text, parse);
    read.map(Some).map_err(|problem| Invalid::new(field, problem.to_string(), "send a short text"))
}

/// Reads `customer`, `agent:ana`, or `{"kind": "agent", "id": "ana"}`.
fn read_actor(value: &Value) -> Result<Actor, Invalid> {
    let text = |part: Option<&Value>| part.and_then(Value::as_str).map(str::to_owned);
    let (kind, id) = match value {
        Value::String(word) => match word.split_once(':') {
            Some((kind, id)) => (Some(kind.to_owned()), Some(id.to_owned())),
            None => (Some(word.clone()), None),
        },
        Value::Object(map) => (text(map.get("kind")), text(map.get("id"))),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => (None, None),
    };
    let help = "send `customer`, or `agent:`, `bot:` or `system:` and an id";
    let id = id
        .map(|id| names::read(&id, ActorId::new))
        .transpose()
        .map_err(|problem| Invalid::new("actor", format!("has an id that {problem}"), help))?;
    let kind = kind.unwrap_or_default().to_lowercase();
    Actor::new(&kind, id).ok_or_else(|| {
        let help = if Actor::KINDS.contains(&kind.as_str()) { help.into() } else { did_you_mean(&kind, Actor::KINDS) };
        Invalid::new("actor", "is no actor", help)
    })
}

/// Reads the map of dimensions; numbers and truth values are taken as texts.
fn read_dimensions(fields: &mut Fields) -> Result<Dimensions, Invalid> {
    let wrong = |reason: &str| Invalid::new("dimensions", reason, "send an object of short texts");
    let map = match fields.take_raw("dimensions") {
        None => return Ok(Dimensions::default()),
        Some(Value::Object(map)) => map,
        Some(_) => return Err(wrong("is no object")),
    };
    let mut pairs = Vec::with_capacity(map.len());
    for (name, value) in map {
        if is_blank(&name) {
            return Err(wrong("has an entry whose name is empty"));
        }
        let value = match value {
            Value::String(text) => text.into(),
            Value::Number(number) => number.to_string().into(),
            Value::Bool(flag) => if flag { "true" } else { "false" }.into(),
            Value::Null => continue,
            Value::Array(_) | Value::Object(_) => return Err(wrong("holds a list or an object")),
        };
        pairs.push((CompactString::from(name), value));
    }
    Dimensions::new(pairs)
}

/// Whether an event of this kind is meaningless without a channel.
fn needs_channel(kind: &str) -> bool {
    kind.starts_with("contact.") || matches!(kind, "message.sent" | "self_service.used" | "feedback.given")
}

/// The way that a kind goes when its sender says nothing.
fn usual_direction(kind: &str) -> Direction {
    match kind {
        "survey.sent" | "campaign.touched" => Direction::Outbound,
        "self_service.used" | "feedback.given" | "survey.answered" | "fact.told" | "fact.withdrawn"
        | "preference.stated" | "consent.changed" | "case.opened" | "case.reopened" => Direction::Inbound,
        _ if kind.starts_with("contact.") => Direction::Inbound,
        _ => Direction::Internal,
    }
}

/// Who acts when the sender says nothing: the customer on what comes in, else the source.
fn usual_actor(direction: Direction, source: &Source) -> Actor {
    match direction {
        Direction::Inbound => Actor::Customer,
        Direction::Outbound | Direction::Internal => match ActorId::new(source.as_str()) {
            Ok(id) => Actor::System(id),
            Err(_) => Actor::Customer,
        },
    }
}
