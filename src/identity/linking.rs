//! What one event does to the graph of strands. Pure: events in log order decide, and nothing else.

use std::collections::{BTreeMap, HashMap};

use super::graph::{Graph, Moment, Node, Nodes, are_separated};
use super::rules::IdentityRules;
use crate::event::{Event, Evidence, Kind, Position, Strand, SubjectId};
use crate::views::ViewError;

/// Why evidence did not link by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Because {
    /// The identifier may belong to several customers.
    Shared(String),
    /// Somebody has separated the two.
    Separated,
    /// The customer would have more strands of this kind than one customer has.
    Limit(String),
    /// The customer would have more strands than any customer has.
    TooMany,
}

impl Because {
    /// The stable word.
    pub(super) fn word(&self) -> String {
        match self {
            Self::Shared(kind) => format!("shared:{kind}"),
            Self::Separated => "separated".into(),
            Self::Limit(kind) => format!("limit:{kind}"),
            Self::TooMany => "too_many".into(),
        }
    }
}

/// Evidence that only suggests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hint {
    pub(super) a: SubjectId,
    pub(super) b: SubjectId,
    pub(super) because: Because,
    pub(super) position: Position,
}

/// Whether an event can change the graph at all.
pub(super) fn concerns(event: &Event) -> bool {
    !event.also.is_empty()
}

/// Takes an event into account; what it only suggests is answered.
pub(super) fn observe(
    graph: &mut Graph,
    event: &Event,
    rules: &IdentityRules,
    rest: &impl Nodes,
) -> Result<Vec<Hint>, ViewError> {
    match &event.kind {
        Kind::IdentityUnlinked(_) => unlink(graph, event, rest).map(|()| Vec::new()),
        Kind::IdentityLinked(linked) => {
            let said = linked.rule.as_ref().map(|rule| rule.as_str());
            match linked.evidence.unwrap_or(Evidence::Agent) {
                Evidence::SameEvent => evidence(graph, event, said.unwrap_or("same_event"), rules, rest),
                Evidence::Agent => link(graph, event, said.unwrap_or("agent"), rest).map(|()| Vec::new()),
                Evidence::Import => link(graph, event, said.unwrap_or("import"), rest).map(|()| Vec::new()),
            }
        }
        Kind::IdentityClaimed(_) => evidence(graph, event, "claimed", rules, rest),
        Kind::ContactStarted(_)
        | Kind::ContactQueued(_)
        | Kind::ContactAnswered(_)
        | Kind::ContactTransferred(_)
        | Kind::ContactEnded(_)
        | Kind::MessageSent(_)
        | Kind::SelfServiceUsed(_)
        | Kind::CaseOpened(_)
        | Kind::CaseUpdated(_)
        | Kind::CaseResolved(_)
        | Kind::CaseReopened(_)
        | Kind::FeedbackGiven(_)
        | Kind::SurveySent(_)
        | Kind::SurveyAnswered(_)
        | Kind::FactTold(_)
        | Kind::FactWithdrawn(_)
        | Kind::NoteAdded(_)
        | Kind::NoteUnpinned(_)
        | Kind::StageEntered(_)
        | Kind::MilestoneReached(_)
        | Kind::ActivityTracked(_)
        | Kind::CampaignTouched(_)
        | Kind::ProfileObserved(_)
        | Kind::PreferenceStated(_)
        | Kind::ConsentChanged(_)
        | Kind::PrivacyHeld(_)
        | Kind::PrivacyReleased(_)
        | Kind::PrivacyShredded(_)
        | Kind::RecordViewed(_)
        | Kind::Custom(_) => evidence(graph, event, "same_event", rules, rest),
    }
}

/// Somebody separates two strands.
fn unlink(graph: &mut Graph, event: &Event, rest: &impl Nodes) -> Result<(), ViewError> {
    let Some(other) = event.also.first() else { return Ok(()) };
    graph.cut(event.strand.subject, other.subject, event.position, rest)?;
    graph.separate((&pair(&event.strand), &pair(other)), event.position, rest)
}

/// Somebody says that two strands are one customer: that ends separations, and no limit holds.
fn link(graph: &mut Graph, event: &Event, rule: &str, rest: &impl Nodes) -> Result<(), ViewError> {
    let Some(other) = event.also.first() else { return Ok(()) };
    let ours = graph.reach(event.strand.subject, rest)?;
    if ours.contains_key(&other.subject) {
        return Ok(());
    }
    let theirs = graph.reach(other.subject, rest)?;
    graph.reconcile((&ours, &theirs), event.position, rest)?;
    graph.link((&pair(&event.strand), &pair(other)), moment(event, rule), rest)
}

/// An event names several identifiers: each link that the rules allow, else a hint.
fn evidence(
    graph: &mut Graph,
    event: &Event,
    rule: &str,
    rules: &IdentityRules,
    rest: &impl Nodes,
) -> Result<Vec<Hint>, ViewError> {
    let (mut hints, subject) = (Vec::new(), event.strand.subject);
    let others: Vec<&Strand> = event.also.iter().filter(|other| other.subject != subject).collect();
    if others.is_empty() {
        return Ok(hints);
    }
    // Most events name again what is linked already, side by side: one row tells it. The rest of the component is read for
    // what is left, and again after a link.
    let near = graph.neighbours(subject, rest)?;
    let mut reached = None;
    for other in others.into_iter().filter(|other| !near.contains(&other.subject)) {
        let ours = match reached.take() {
            Some(ours) => ours,
            None => graph.reach(subject, rest)?,
        };
        if !ours.contains_key(&other.subject) {
            let theirs = graph.reach(other.subject, rest)?;
            let Some(because) = objection((&event.strand, &ours), (other, &theirs), rules) else {
                graph.link((&pair(&event.strand), &pair(other)), moment(event, rule), rest)?;
                continue;
            };
            hints.push(Hint { a: subject, b: other.subject, because, position: event.position });
        }
        reached = Some(ours);
    }
    Ok(hints)
}

/// What speaks against linking two components by evidence alone.
fn objection(
    (strand, ours): (&Strand, &BTreeMap<SubjectId, Node>),
    (other, theirs): (&Strand, &BTreeMap<SubjectId, Node>),
    rules: &IdentityRules,
) -> Option<Because> {
    if let Some(shared) = [strand, other].into_iter().find(|strand| rules.kind(strand.kind.as_str()).shared) {
        return Some(Because::Shared(shared.kind.as_str().to_owned()));
    }
    if are_separated(ours, theirs) {
        return Some(Because::Separated);
    }
    if ours.len() + theirs.len() > rules.max_strands {
        return Some(Because::TooMany);
    }
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for (strand, component) in [(strand, ours), (other, theirs)] {
        for (subject, node) in component {
            let kind = if *subject == strand.subject { strand.kind.as_str() } else { node.kind.as_str() };
            *counts.entry(kind).or_default() += 1;
        }
    }
    let over = counts.iter().filter(|(kind, count)| **count > rules.kind(kind).limit).map(|(kind, _)| *kind).min()?;
    Some(Because::Limit(over.to_owned()))
}

fn pair(strand: &Strand) -> (SubjectId, String) {
    (strand.subject, strand.kind.as_str().to_owned())
}

fn moment<'a>(event: &Event, rule: &'a str) -> Moment<'a> {
    Moment { position: event.position, at: event.recorded_at, rule }
}
