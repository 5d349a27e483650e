//! What an agent says of two strands: that they are one customer, or that they are not.

use serde_json::{Map, Value, json};

use super::customer::Customer;
use super::error::EngineError;
use super::novelo::Novelo;
use super::picture::Lookup;
use crate::event::{Draft, Flat, IdentifierKind, Invalid, Micros, Strand, SubjectId, Unfiled, Who};
use crate::identity::StrandRow;

/// The source of events that the store's own users make.
const SOURCE: &str = "novelo";

impl Novelo {
    /// Whether two lookups name the same, identifiers in whichever way they are written.
    #[must_use]
    pub fn is_same(&self, a: &Lookup, b: &Lookup) -> bool {
        let normal = |by: &Lookup| match by {
            Lookup::Identifier { kind, value } => self.filing().lookup(kind, value).ok(),
            Lookup::Subject(_) | Lookup::Protocol(_) | Lookup::Contact(_) => None,
        };
        a == b || normal(a).is_some_and(|identifier| normal(b) == Some(identifier))
    }

    /// The event that says that two customers are one; `None` when they are already.
    ///
    /// # Errors
    /// [`EngineError`] when the reason is too long or the store fails.
    pub fn link(
        &self,
        a: &Customer,
        b: &Customer,
        because: &str,
        agent: Option<&str>,
    ) -> Result<Option<Draft>, EngineError> {
        if a.id() == b.id() {
            return Ok(None);
        }
        self.about("identity.linked", (a.id(), "a"), (b.id(), "b"), (because, agent)).map(Some)
    }

    /// The event that says that a strand is not the same customer as another one.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] when a strand is unknown, both are the same, or the reason is too long.
    pub fn unlink(
        &self,
        subject: &SubjectId,
        from: &SubjectId,
        because: &str,
        agent: Option<&str>,
    ) -> Result<Draft, EngineError> {
        if subject == from {
            let help = "name another strand of the same customer in `from`; `linked` lists them";
            return Err(EngineError::Invalid(Invalid::new("subject", "is the strand that it should leave", help)));
        }
        self.about("identity.unlinked", (*subject, "subject"), (*from, "from"), (because, agent))
    }

    fn about(
        &self,
        kind: &str,
        a: (SubjectId, &str),
        b: (SubjectId, &str),
        (because, agent): (&str, Option<&str>),
    ) -> Result<Draft, EngineError> {
        let (strand, other) = (self.known_strand(a)?, self.known_strand(b)?);
        if because.trim().is_empty() {
            let problem = Invalid::new("because", "is empty", "say why, for whoever asks later");
            return Err(EngineError::Invalid(problem));
        }
        let now = Micros::now();
        let actor = agent.map(|agent| format!("agent:{agent}"));
        let data = json!({"evidence": "agent", "because": because, "direction": "internal", "actor": actor});
        let flat = Flat {
            id: format!("{:032x}", rand::random::<u128>()),
            source: SOURCE.into(),
            kind: format!("novelo.{kind}"),
            subject: None,
            time: Some(now.to_string()),
            data: match data {
                Value::Object(map) => map,
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
            },
        };
        let unfiled = Unfiled::read(flat).map_err(EngineError::Invalid)?;
        unfiled.file(Who::Strands(strand, vec![other]), now).map_err(EngineError::Invalid)
    }

    fn known_strand(&self, (subject, field): (SubjectId, &str)) -> Result<Strand, EngineError> {
        let unknown = || EngineError::Invalid(Invalid::new(field, "is known by nobody", "look the customer up first"));
        let row = StrandRow::latest(&self.shared.views, &subject)?.ok_or_else(unknown)?;
        let kind = IdentifierKind::new(&row.kind).map_err(|_| unknown())?;
        Ok(Strand { kind, subject })
    }
}
