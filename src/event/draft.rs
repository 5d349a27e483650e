//! An event on its way to the log, and an event that is in it.

use super::header::Header;
use super::identifier::{Identifier, IdentifierKind, Strand};
use super::ids::{Position, Revision};
use super::invalid::Invalid;
use super::kind::{Kind, SurveyAnswered};
use super::limits::{AHEAD_MICROS, EVENT_BYTES, IDENTIFIERS};
use super::names::Label;
use super::personal::Personal;
use super::time::Micros;

/// Under whom an event is filed.
#[derive(Clone, Debug, PartialEq)]
pub enum Who {
    /// Identifiers in the plain, the strongest first: it is filed under that one, the others are link evidence.
    Known(Vec<Identifier>),
    /// Strands that are in the store already: filed under the first, the others in `also`.
    Strands(Strand, Vec<Strand>),
}

/// A valid event that is not in the log yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    header: Header,
    who: Who,
    kind: Kind,
    personal: Personal,
}

impl Draft {
    /// Checks the parts against each other and against the limits; `now` bounds `occurred_at`.
    ///
    /// # Errors
    /// [`Invalid`] names the field: a moment out of bounds, a missing contact, case, stage or campaign,
    /// too many identifiers, a score off its scale, an event too large.
    pub fn new(header: Header, who: Who, mut kind: Kind, mut personal: Personal, now: Micros) -> Result<Self, Invalid> {
        check_time(header.occurred_at, now)?;
        header.check(&kind)?;
        check_who(&who, &kind)?;
        derive_names(&mut kind, &personal)?;
        check_score(&kind)?;
        if let Who::Known(identifiers) = &who {
            personal.identifiers = identifiers.clone();
        }
        let size = personal.size_bytes();
        if size > EVENT_BYTES {
            return Err(Invalid::new(
                "data",
                format!("has about {size} bytes, the limit of one event is {EVENT_BYTES}"),
                "split it, or keep the large part elsewhere and send its name",
            ));
        }
        Ok(Self { header, who, kind, personal })
    }

    /// The clear part that does not depend on the kind.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Under whom it is filed.
    #[must_use]
    pub fn who(&self) -> &Who {
        &self.who
    }

    /// Whether it is filed under no customer: it names nobody, or only by values that nobody is known by.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        match &self.who {
            Who::Known(identifiers) => identifiers.iter().all(|each| *each.kind() == IdentifierKind::ANONYMOUS),
            Who::Strands(strand, _) => strand.kind == IdentifierKind::ANONYMOUS,
        }
    }

    /// What happened.
    #[must_use]
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// What will be sealed.
    #[must_use]
    pub fn personal(&self) -> &Personal {
        &self.personal
    }
}

/// An event in the log: what was drafted, where it stands, and the personal part as ciphertext.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Where it stands in the log.
    pub position: Position,
    /// How many events its strand had before it.
    pub revision: Revision,
    /// When it was stored.
    pub recorded_at: Micros,
    /// The strand that it is filed under.
    pub strand: Strand,
    /// The other strands that it names: link evidence.
    pub also: Vec<Strand>,
    /// The clear part that does not depend on the kind.
    pub header: Header,
    /// What happened.
    pub kind: Kind,
    /// The personal part, sealed with the key of the strand.
    pub sealed: Vec<u8>,
}

/// Refuses a moment before 1970 or more than a day ahead.
fn check_time(occurred_at: Micros, now: Micros) -> Result<(), Invalid> {
    if occurred_at.0 < 0 {
        return Err(Invalid::new("time", format!("{occurred_at} lies before 1970"), "send when it happened"));
    }
    if occurred_at > now.plus(AHEAD_MICROS) {
        return Err(Invalid::new(
            "time",
            format!("{occurred_at} lies more than 24 h ahead of this clock ({now})"),
            "check the sender's clock and its time zone",
        ));
    }
    Ok(())
}

/// Refuses nobody, too many, and a link that names fewer than two.
fn check_who(who: &Who, kind: &Kind) -> Result<(), Invalid> {
    let named = match who {
        Who::Known(identifiers) => identifiers.len(),
        Who::Strands(_, also) => 1 + also.len(),
    };
    if named == 0 {
        return Err(Invalid::new("subject", "is missing", "send `subject` or `data.identifiers`"));
    }
    if named > IDENTIFIERS {
        return Err(Invalid::new(
            "identifiers",
            format!("has {named} entries with the subject, the limit is {IDENTIFIERS}"),
            "keep those that tell the customer apart",
        ));
    }
    let link = matches!(kind, Kind::IdentityLinked(_) | Kind::IdentityUnlinked(_));
    if link && named != 2 {
        return Err(Invalid::new(
            "identifiers",
            format!("{} names {named} strands", kind.name()),
            "send the one in `subject` and the other in `data.identifiers`",
        ));
    }
    Ok(())
}

/// Fills the names of a profile's values from the values; refuses names that say something else.
fn derive_names(kind: &mut Kind, personal: &Personal) -> Result<(), Invalid> {
    let Kind::ProfileObserved(observed) = kind else { return Ok(()) };
    let keys = personal.value.as_ref().and_then(|value| value.as_object()).map(|map| map.keys());
    let mut names = Vec::new();
    for key in keys.into_iter().flatten() {
        let name = Label::new(key)
            .map_err(|problem| Invalid::new("values", format!("has a name that {problem}"), "use short names"))?;
        names.push(name);
    }
    names.sort();
    if observed.names.as_ref().is_some_and(|given| {
        let mut given = given.clone();
        given.sort();
        given != names
    }) {
        return Err(Invalid::new(
            "names",
            "differs from the names in `values`",
            "leave it out: it is taken from `values`",
        ));
    }
    observed.names = Some(names);
    Ok(())
}

/// Refuses a score that lies off its scale.
fn check_score(kind: &Kind) -> Result<(), Invalid> {
    let Kind::SurveyAnswered(answer) = kind else { return Ok(()) };
    let (low, high) = scale(answer);
    if low < high && (low..=high).contains(&answer.score) {
        return Ok(());
    }
    Err(Invalid::new(
        "score",
        format!("{} is not on the scale from {low} to {high}", answer.score),
        "send the raw score, with `scale_min` and `scale_max` when the scale is not the usual one",
    ))
}

/// The scale of an answer: what it says, else the usual one of its instrument (CSAT 1 to 5, NPS 0 to 10, CES 1 to 7).
#[must_use]
pub fn scale(answer: &SurveyAnswered) -> (f64, f64) {
    let (low, high) = match answer.instrument.as_str() {
        "csat" => (1.0, 5.0),
        "nps" => (0.0, 10.0),
        "ces" => (1.0, 7.0),
        _ => (answer.score.min(0.0), answer.score.max(1.0)),
    };
    (answer.scale_min.unwrap_or(low), answer.scale_max.unwrap_or(high))
}
