//! What an agent says of two strands: that they are one customer, or that they are not.

use serde_json::{Map, Value, json};

use super::customer::Customer;
use super::error::EngineError;
use super::novelo::Novelo;
use super::picture::Lookup;
use crate::event::text::is_blank;
use crate::event::{Draft, Flat, IdentifierKind, Invalid, Micros, Strand, SubjectId, Unfiled, Who};
use crate::identity::StrandRow;

/// The source of events that the store's own users make.
const SOURCE: &str = "novelo";

/// What somebody says of two strands, beside whether they are one customer.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// Why, for whoever asks later.
    pub because: &'a str,
    /// Which agent says it.
    pub agent: Option<&'a str>,
    /// Their own id of it: the same again is the same event. Without one, every time is a time of its own.
    pub id: Option<&'a str>,
}

impl Novelo {
    /// Whether two lookups name the same, identifiers in whichever way they are written.
    #[must_use]
    pub fn is_same(&self, a: &Lookup, b: &Lookup) -> bool {
        let normal = |by: &Lookup| match by {
            Lookup::Identifier { kind, value } => self.filing().lookup(kind, value).ok().flatten(),
            Lookup::Subject(_) | Lookup::Protocol(_) | Lookup::Contact(_) => None,
        };
        a == b || normal(a).is_some_and(|identifier| normal(b) == Some(identifier))
    }

    /// The event that says that two customers are one: the strands by which they were asked for. `None` when they are
    /// already, and not by this event.
    ///
    /// # Errors
    /// [`EngineError`] when the reason or the id does not fit, or the store fails.
    pub fn link(&self, a: &Customer, b: &Customer, said: Said<'_>) -> Result<Option<Draft>, EngineError> {
        let (draft, is_stored) = self.about("identity.linked", (a.asked(), "a"), (b.asked(), "b"), said)?;
        Ok((a.id() != b.id() || is_stored).then_some(draft))
    }

    /// The event that says that a strand is not the same customer as another one.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] when a strand is unknown, both are the same, or the reason or the id does not fit.
    pub fn unlink(&self, subject: &SubjectId, from: &SubjectId, said: Said<'_>) -> Result<Draft, EngineError> {
        if subject == from {
            let help = "name another strand of the same customer in `from`; `linked` lists them";
            return Err(EngineError::Invalid(Invalid::new("subject", "is the strand that it should leave", help)));
        }
        Ok(self.about("identity.unlinked", (*subject, "subject"), (*from, "from"), said)?.0)
    }

    /// The event, and whether its id is stored already. What is said again was said when it was said first: nobody knows
    /// that moment but the store.
    fn about(
        &self,
        kind: &str,
        a: (SubjectId, &str),
        b: (SubjectId, &str),
        said: Said<'_>,
    ) -> Result<(Draft, bool), EngineError> {
        let (strand, other) = (self.known_strand(a)?, self.known_strand(b)?);
        if is_blank(said.because) {
            let problem = Invalid::new("because", "is empty", "say why, for whoever asks later");
            return Err(EngineError::Invalid(problem));
        }
        let id = said.id.map_or_else(|| format!("{:032x}", rand::random::<u128>()), str::to_owned);
        let now = Micros::now();
        let unfiled = unfiled(kind, &id, now, said)?;
        let stored = self.picture()?.occurrence(&unfiled.header().id)?;
        let unfiled = match stored {
            Some(first) => self::unfiled(kind, &id, first, said)?,
            None => unfiled,
        };
        let draft = unfiled.file(Who::Strands(strand, vec![other]), now).map_err(EngineError::Invalid)?;
        Ok((draft, stored.is_some()))
    }

    fn known_strand(&self, (subject, field): (SubjectId, &str)) -> Result<Strand, EngineError> {
        let unknown = || EngineError::Invalid(Invalid::new(field, "is known by nobody", "look the customer up first"));
        let row = StrandRow::latest(&self.shared.views, &subject)?.ok_or_else(unknown)?;
        let kind = IdentifierKind::new(&row.kind).map_err(|_| unknown())?;
        Ok(Strand { kind, subject })
    }
}

/// What is said, before it is known of whom.
fn unfiled(kind: &str, id: &str, at: Micros, said: Said<'_>) -> Result<Unfiled, EngineError> {
    let actor = said.agent.map(|agent| format!("agent:{agent}"));
    let data = json!({"evidence": "agent", "because": said.because, "direction": "internal", "actor": actor});
    let flat = Flat {
        id: id.into(),
        source: SOURCE.into(),
        kind: format!("novelo.{kind}"),
        subject: None,
        time: Some(at.to_string()),
        data: match data {
            Value::Object(map) => map,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
        },
    };
    Unfiled::read(flat).map_err(EngineError::Invalid)
}
