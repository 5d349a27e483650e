//! The graph of strands: a spanning forest, so that there are no cycles, with its history, so that it can be asked as of
//! any position of the log. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::event::{Micros, Position, SubjectId};
use crate::views::ViewError;

/// How a strand came to be linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// By which rule: `same_event`, `claimed`, `agent`, `import`, or as the event says.
    pub rule: String,
    /// When it was stored.
    pub at: Micros,
}

/// A strand of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Which.
    pub subject: SubjectId,
    /// Its oldest link that holds; `None` for one that stands alone.
    pub link: Option<Link>,
}

/// From when to when something held, in positions of the events that began and ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Held {
    since: u64,
    until: Option<u64>,
}

impl Held {
    /// Whether it holds after the events before `as_of`, or after all.
    fn at(self, as_of: Option<Position>) -> bool {
        match as_of {
            None => self.until.is_none(),
            Some(Position(end)) => self.since < end && self.until.is_none_or(|until| until >= end),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Edge {
    to: [u8; 16],
    held: Held,
    at: i64,
    rule: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Apart {
    from: [u8; 16],
    held: Held,
}

/// A strand in the graph: its links and separations, those that ended included.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Node {
    pub(super) kind: String,
    edges: Vec<Edge>,
    apart: Vec<Apart>,
}

impl Node {
    pub(super) fn neighbours(&self, as_of: Option<Position>) -> impl Iterator<Item = SubjectId> {
        self.edges.iter().filter(move |edge| edge.held.at(as_of)).map(|edge| SubjectId(edge.to))
    }

    #[cfg(test)]
    pub(super) fn links(&self) -> usize {
        self.neighbours(None).count()
    }

    fn oldest_link(&self, as_of: Option<Position>) -> Option<Link> {
        let edge = self.edges.iter().filter(|edge| edge.held.at(as_of)).min_by_key(|edge| edge.held.since)?;
        Some(Link { rule: edge.rule.clone(), at: Micros(edge.at) })
    }

    pub(super) fn separated(&self) -> impl Iterator<Item = SubjectId> {
        self.apart.iter().filter(|apart| apart.held.until.is_none()).map(|apart| SubjectId(apart.from))
    }
}

/// Where nodes are read that are not in hand.
pub(super) trait Nodes {
    /// The node of a strand; `None` when it has no links and never had.
    fn node(&self, subject: &SubjectId) -> Result<Option<Node>, ViewError>;
}

/// The strands that are linked with one, with their nodes, in the order of their ids.
pub(super) fn reach(
    start: SubjectId,
    as_of: Option<Position>,
    nodes: &impl Nodes,
) -> Result<BTreeMap<SubjectId, Node>, ViewError> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![start];
    while let Some(subject) = waiting.pop() {
        if found.contains_key(&subject) {
            continue;
        }
        let node = nodes.node(&subject)?.unwrap_or_default();
        waiting.extend(node.neighbours(as_of));
        found.insert(subject, node);
    }
    Ok(found)
}

/// The strands that have been linked with one, without a break, since the events before a position. Links have no circles: who is
/// cut off from one by any link that ended was not linked with it until another was made.
pub(super) fn lasting(start: SubjectId, since: Position, nodes: &impl Nodes) -> Result<BTreeSet<SubjectId>, ViewError> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![start];
    while let Some(subject) = waiting.pop() {
        if found.insert(subject) {
            let node = nodes.node(&subject)?.unwrap_or_default();
            let lasts = |edge: &&Edge| edge.held.at(Some(since)) && edge.held.at(None);
            waiting.extend(node.edges.iter().filter(lasts).map(|edge| SubjectId(edge.to)));
        }
    }
    Ok(found)
}

/// The members of a customer, in the order of their ids.
pub(super) fn members(reached: BTreeMap<SubjectId, Node>, as_of: Option<Position>) -> Vec<Member> {
    reached.into_iter().map(|(subject, node)| Member { subject, link: node.oldest_link(as_of) }).collect()
}

/// Changes to the graph that are not written yet, over the nodes that are.
#[derive(Debug, Default)]
pub(super) struct Graph {
    changed: HashMap<SubjectId, Node>,
}

/// The graph with its changes.
struct Current<'a, N>(&'a Graph, &'a N);

impl<N: Nodes> Nodes for Current<'_, N> {
    fn node(&self, subject: &SubjectId) -> Result<Option<Node>, ViewError> {
        match self.0.changed.get(subject) {
            Some(node) => Ok(Some(node.clone())),
            None => self.1.node(subject),
        }
    }
}

/// The event that changes the graph.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment<'a> {
    pub(super) position: Position,
    pub(super) at: Micros,
    pub(super) rule: &'a str,
}

impl Graph {
    /// The strands that are linked with one now.
    pub(super) fn reach(&self, start: SubjectId, rest: &impl Nodes) -> Result<BTreeMap<SubjectId, Node>, ViewError> {
        reach(start, None, &Current(self, rest))
    }

    /// The strands that are linked with one now, side by side.
    pub(super) fn neighbours(&self, subject: SubjectId, rest: &impl Nodes) -> Result<Vec<SubjectId>, ViewError> {
        let node = Current(self, rest).node(&subject)?;
        Ok(node.map(|node| node.neighbours(None).collect()).unwrap_or_default())
    }

    /// Links two strands of different components.
    pub(super) fn link(
        &mut self,
        (a, b): (&(SubjectId, String), &(SubjectId, String)),
        moment: Moment<'_>,
        rest: &impl Nodes,
    ) -> Result<(), ViewError> {
        for (one, other) in [(a, b), (b, a)] {
            let node = self.node_mut(&one.0, rest)?;
            node.kind.clone_from(&one.1);
            node.edges.push(Edge {
                to: other.0.0,
                held: Held { since: moment.position.0, until: None },
                at: moment.at.0,
                rule: moment.rule.to_owned(),
            });
        }
        Ok(())
    }

    /// Cuts the link next to `subject` on the way to `other`, when there is a way.
    pub(super) fn cut(
        &mut self,
        subject: SubjectId,
        other: SubjectId,
        position: Position,
        rest: &impl Nodes,
    ) -> Result<(), ViewError> {
        let Some(next) = self.next_on_the_way(subject, other, rest)? else { return Ok(()) };
        for (one, two) in [(subject, next), (next, subject)] {
            let node = self.node_mut(&one, rest)?;
            for edge in node.edges.iter_mut().filter(|edge| edge.to == two.0 && edge.held.until.is_none()) {
                edge.held.until = Some(position.0);
            }
        }
        Ok(())
    }

    /// The neighbour of `from` that lies on the way to `to`.
    fn next_on_the_way(
        &self,
        from: SubjectId,
        to: SubjectId,
        rest: &impl Nodes,
    ) -> Result<Option<SubjectId>, ViewError> {
        let reached = self.reach(from, rest)?;
        let neighbours =
            |subject: &SubjectId| reached.get(subject).map(|node| node.neighbours(None)).into_iter().flatten();
        let mut seen = HashSet::from([from]);
        for first in neighbours(&from) {
            let mut waiting = vec![first];
            while let Some(subject) = waiting.pop() {
                if subject == to {
                    return Ok(Some(first));
                }
                if seen.insert(subject) {
                    waiting.extend(neighbours(&subject));
                }
            }
        }
        Ok(None)
    }

    /// Notes that two strands are not one customer.
    pub(super) fn separate(
        &mut self,
        (a, b): (&(SubjectId, String), &(SubjectId, String)),
        position: Position,
        rest: &impl Nodes,
    ) -> Result<(), ViewError> {
        for (one, other) in [(a, b), (b, a)] {
            let node = self.node_mut(&one.0, rest)?;
            node.kind.clone_from(&one.1);
            if !node.separated().any(|from| from == other.0) {
                node.apart.push(Apart { from: other.0.0, held: Held { since: position.0, until: None } });
            }
        }
        Ok(())
    }

    /// Ends every separation between two components.
    pub(super) fn reconcile(
        &mut self,
        (a, b): (&BTreeMap<SubjectId, Node>, &BTreeMap<SubjectId, Node>),
        position: Position,
        rest: &impl Nodes,
    ) -> Result<(), ViewError> {
        for (ours, theirs) in [(a, b), (b, a)] {
            for subject in
                ours.iter().filter(|(_, node)| node.separated().any(|s| theirs.contains_key(&s))).map(|(s, _)| s)
            {
                let node = self.node_mut(subject, rest)?;
                let open =
                    |apart: &&mut Apart| apart.held.until.is_none() && theirs.contains_key(&SubjectId(apart.from));
                node.apart.iter_mut().filter(open).for_each(|apart| apart.held.until = Some(position.0));
            }
        }
        Ok(())
    }

    /// The nodes that were changed; the graph forgets them.
    pub(super) fn take_changed(&mut self) -> impl Iterator<Item = (SubjectId, Node)> + '_ {
        self.changed.drain()
    }

    fn node_mut(&mut self, subject: &SubjectId, rest: &impl Nodes) -> Result<&mut Node, ViewError> {
        use std::collections::hash_map::Entry;
        Ok(match self.changed.entry(*subject) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(rest.node(subject)?.unwrap_or_default()),
        })
    }
}

/// Whether somebody has separated any strand of the one component from any of the other.
pub(super) fn are_separated(a: &BTreeMap<SubjectId, Node>, b: &BTreeMap<SubjectId, Node>) -> bool {
    a.values().any(|node| node.separated().any(|subject| b.contains_key(&subject)))
}
