//! Events as they are stored, for the tests of the rooms above.

use serde_json::{Map, Value};

use super::{Event, Flat, IdentifierKind, Micros, Position, Revision, Strand, SubjectId, Unfiled, Who};

/// A stored event of a kind, of one and the same strand.
pub(crate) fn event(position: u64, at: Micros, kind: &str, data: Map<String, Value>) -> Event {
    let flat = Flat {
        id: position.to_string(),
        source: "test".into(),
        kind: format!("novelo.{kind}"),
        subject: None,
        time: Some(at.to_string()),
        data,
    };
    let strand = Strand { kind: IdentifierKind::CRM, subject: SubjectId([1; 16]) };
    let unfiled = Unfiled::read(flat).unwrap_or_else(|problem| panic!("{kind}: {problem}"));
    let draft = unfiled.file(Who::Strands(strand.clone(), Vec::new()), at).unwrap();
    Event {
        position: Position(position),
        revision: Revision(position),
        recorded_at: at,
        strand,
        also: Vec::new(),
        header: draft.header().clone(),
        kind: draft.kind().clone(),
        sealed: Vec::new(),
    }
}
