//! The graph of strands as rows: who is linked with whom, since when, and what only suggests it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::graph::{self, Graph, Member, Node, Nodes, members, reach};
use super::linking::{Hint, concerns, observe};
use super::rules::IdentityRules;
use crate::event::{Position, SubjectId};
use crate::views::{Applied, Key, Projection, Reader, Rows, TableSpec, Use, ViewError};

pub(super) const NODES: &str = "nodes";
const HINTS: &str = "hints";
/// Pieces of evidence that are kept of a suggestion: as many or more.
const MOST_EVIDENCE: usize = 50;
/// Suggestions that are answered of a customer.
const MOST_SUGGESTIONS: usize = 100;

/// A strand that may belong to the customer and is not linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// Which.
    pub subject: SubjectId,
    /// Why the evidence did not link by itself: `shared:` and the kind, `separated`, `limit:` and the kind, `too_many`; `same_contact`
    /// for the strand of nobody under which a contact began.
    pub because: String,
    /// How many events speak for it; 50 means 50 or more.
    pub evidence: u64,
}

/// The evidence that two strands belong together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct HintRow {
    /// Positions of the first events that speak for it, each with why it did not link.
    seen: Vec<(u64, String)>,
}

/// The projection that keeps the graph.
#[derive(Debug)]
pub struct Edges {
    rules: Arc<IdentityRules>,
    graph: Graph,
    hints: HashMap<Vec<u8>, HintRow>,
}

impl Edges {
    /// The graph by these rules.
    #[must_use]
    pub fn new(rules: Arc<IdentityRules>) -> Self {
        Self { rules, graph: Graph::default(), hints: HashMap::new() }
    }

    fn note(&mut self, hint: &Hint, rows: &Rows<'_>) -> Result<(), ViewError> {
        for (one, other) in [(hint.a, hint.b), (hint.b, hint.a)] {
            let key = Key::new().subject(&one).subject(&other).done();
            if !self.hints.contains_key(&key) {
                let stored: Option<HintRow> = rows.get_packed(HINTS, &key)?;
                self.hints.insert(key.clone(), stored.unwrap_or_default());
            }
            if let Some(row) = self.hints.get_mut(&key).filter(|row| row.seen.len() < MOST_EVIDENCE) {
                row.seen.push((hint.position.0, hint.because.word()));
            }
        }
        Ok(())
    }
}

impl Nodes for Rows<'_> {
    fn node(&self, subject: &SubjectId) -> Result<Option<Node>, ViewError> {
        self.get_packed(NODES, subject.as_bytes())
    }
}

impl Projection for Edges {
    fn name(&self) -> &'static str {
        "edges"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [TableSpec] {
        &[TableSpec { name: NODES, used_for: Use::Lookups }, TableSpec { name: HINTS, used_for: Use::Index }]
    }

    fn apply(&mut self, applied: Applied<'_>, rows: &mut Rows<'_>) -> Result<(), ViewError> {
        if !concerns(applied.event) {
            return Ok(());
        }
        let hints = observe(&mut self.graph, applied.event, &self.rules, rows)?;
        hints.iter().try_for_each(|hint| self.note(hint, rows))
    }

    fn finish(&mut self, rows: &mut Rows<'_>) -> Result<(), ViewError> {
        for (subject, node) in self.graph.take_changed() {
            rows.put_packed(NODES, subject.as_bytes(), &node)?;
        }
        self.hints.drain().try_for_each(|(key, row)| rows.put_packed(HINTS, &key, &row))
    }
}

/// The graph in a reader's picture.
#[derive(Debug)]
pub struct EdgeRows<'a>(pub &'a Reader);

impl Nodes for EdgeRows<'_> {
    fn node(&self, subject: &SubjectId) -> Result<Option<Node>, ViewError> {
        self.0.get_packed(NODES, subject.as_bytes())
    }
}

/// The strands that are linked with one, itself among them, in the order of their ids; as of the events before a position,
/// or of all.
///
/// # Errors
/// [`ViewError`] when the store fails.
pub fn component(subject: &SubjectId, as_of: Option<Position>, rows: &EdgeRows<'_>) -> Result<Vec<Member>, ViewError> {
    Ok(members(reach(*subject, as_of, rows)?, as_of))
}

/// The strands that have been linked with one, itself among them, without a break since the events before a position.
///
/// # Errors
/// [`ViewError`] when the store fails.
pub fn lasting(subject: &SubjectId, since: Position, rows: &EdgeRows<'_>) -> Result<BTreeSet<SubjectId>, ViewError> {
    graph::lasting(*subject, since, rows)
}

/// Whether somebody has said that a strand is not the same customer as some others.
///
/// # Errors
/// [`ViewError`] when the store fails.
pub fn are_apart(one: &SubjectId, others: &[SubjectId], rows: &EdgeRows<'_>) -> Result<bool, ViewError> {
    let node = rows.node(one)?.unwrap_or_default();
    Ok(node.separated().any(|subject| others.contains(&subject)))
}

/// The strands that evidence connects with those of a customer and that are not linked, the strongest suggestion first;
/// at most a hundred.
///
/// # Errors
/// [`ViewError`] when the store fails.
pub fn suggestions(
    strands: &[SubjectId],
    as_of: Option<Position>,
    rows: &EdgeRows<'_>,
) -> Result<Vec<Suggestion>, ViewError> {
    let own: BTreeSet<&SubjectId> = strands.iter().collect();
    let mut found: BTreeMap<SubjectId, Suggestion> = BTreeMap::new();
    for subject in strands {
        for row in rows.0.prefix(HINTS, subject.as_bytes())? {
            let (key, value) = row?;
            let Some(other) = Key::subject_at(&key, 16).filter(|other| !own.contains(other)) else { continue };
            let row: HintRow =
                crate::event::codec::unpack(&value).map_err(|cause| ViewError::Row { table: HINTS, cause })?;
            let mut seen = row.seen.iter().filter(|(position, _)| as_of.is_none_or(|end| *position < end.0)).peekable();
            if seen.peek().is_none() {
                continue;
            }
            let suggestion = found.entry(other).or_insert_with(|| Suggestion {
                subject: other,
                because: String::new(),
                evidence: 0,
            });
            for (_, because) in seen {
                suggestion.evidence += 1;
                suggestion.because.clone_from(because);
            }
            if found.len() >= MOST_SUGGESTIONS {
                break;
            }
        }
    }
    let mut found: Vec<Suggestion> = found.into_values().collect();
    found.sort_by_key(|suggestion| std::cmp::Reverse(suggestion.evidence));
    Ok(found)
}

#[cfg(test)]
mod tests;
