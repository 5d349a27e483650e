//! For whom the strands of all customers stand, in memory: for going through everything, where asking for each strand by itself
//! would take most of the time.

use super::edges::NODES;
use super::graph::Node;
use crate::event::SubjectId;
use crate::event::codec;
use crate::views::{Reader, ViewError};

/// The first bytes of ids, by which they are found: so many bits.
const PREFIX_BITS: u32 = 18;

/// Which strand stands for the customer to whom a strand belongs: of the linked ones that with the least id. 20 bytes for each
/// strand that is or was linked; the others stand for themselves and take none.
#[derive(Debug)]
pub struct Owners {
    /// Sorted.
    ids: Vec<SubjectId>,
    /// The number of the strand that stands for each.
    owner: Vec<u32>,
    /// Where the ids begin that have each prefix, and where the last end.
    starts: Vec<u32>,
}

impl Owners {
    /// The links of a reader's picture, all of them.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails.
    pub fn read(reader: &Reader) -> Result<Self, ViewError> {
        let mut owners = Self { ids: Vec::new(), owner: Vec::new(), starts: vec![0; (1 << PREFIX_BITS) + 1] };
        for row in reader.prefix(NODES, &[])? {
            let (key, value) = row?;
            let Some(id) = SubjectId::from_slice(&key) else { continue };
            let node: Node = codec::unpack(&value).map_err(|cause| ViewError::Row { table: NODES, cause })?;
            owners.add(id, node.neighbours(None));
        }
        owners.settle();
        Ok(owners)
    }

    /// The strand that stands for the customer of this one.
    #[must_use]
    pub fn of(&self, strand: &SubjectId) -> SubjectId {
        let owner = self.find(strand).and_then(|at| self.ids.get(*self.owner.get(at)? as usize));
        owner.copied().unwrap_or(*strand)
    }

    /// Adds the next id, which is greater than those before, and its links with those.
    fn add(&mut self, id: SubjectId, neighbours: impl Iterator<Item = SubjectId>) {
        let at = self.ids.len();
        let Ok(number) = u32::try_from(at) else { return };
        self.ids.push(id);
        self.owner.push(number);
        if let Some(end) = self.starts.get_mut(prefix(&id) + 1) {
            *end = number + 1;
        }
        // A link stands with both of its ends: with the greater one the other is known already.
        for other in neighbours.filter(|other| *other < id) {
            if let Ok(found) = self.ids.binary_search(&other) {
                let (one, two) = (self.root(at), self.root(found));
                self.stands(one.max(two), one.min(two));
            }
        }
    }

    /// Shortens every way to who stands for it, and fills what no id begins with.
    fn settle(&mut self) {
        for at in 0..self.owner.len() {
            let root = self.root(at);
            self.stands(at, root);
        }
        let mut before = 0;
        for start in &mut self.starts {
            before = before.max(*start);
            *start = before;
        }
    }

    fn stands(&mut self, at: usize, root: usize) {
        if let (Some(owner), Ok(root)) = (self.owner.get_mut(at), u32::try_from(root)) {
            *owner = root;
        }
    }

    fn root(&self, mut at: usize) -> usize {
        // The least stands for itself: the way goes down only.
        while let Some(next) = self.owner.get(at).map(|next| *next as usize).filter(|next| *next < at) {
            at = next;
        }
        at
    }

    fn find(&self, strand: &SubjectId) -> Option<usize> {
        let prefix = prefix(strand);
        let (from, until) = (*self.starts.get(prefix)? as usize, *self.starts.get(prefix + 1)? as usize);
        self.ids.get(from..until)?.binary_search(strand).ok().map(|at| from + at)
    }
}

fn prefix(id: &SubjectId) -> usize {
    let [a, b, c, d, ..] = id.0;
    (u32::from_be_bytes([a, b, c, d]) >> (u32::BITS - PREFIX_BITS)) as usize
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// Who is reached from one over links, by going along them.
    fn reached(start: SubjectId, links: &[(SubjectId, SubjectId)]) -> BTreeSet<SubjectId> {
        let mut found = BTreeSet::from([start]);
        loop {
            let before = found.len();
            for (a, b) in links {
                if found.contains(a) || found.contains(b) {
                    found.extend([*a, *b]);
                }
            }
            if found.len() == before {
                return found;
            }
        }
    }

    proptest! {
        #[test]
        fn the_least_of_those_that_are_linked_stands_for_each(
            ids in prop::collection::btree_set(any::<[u8; 2]>(), 1..40),
            links in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..40),
            unknown in any::<[u8; 16]>(),
        ) {
            let id = |[a, b]: [u8; 2]| SubjectId([a % 3, b % 2, a, b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            let ids: BTreeSet<SubjectId> = ids.into_iter().map(id).collect();
            let list: Vec<SubjectId> = ids.iter().copied().collect();
            let links: Vec<(SubjectId, SubjectId)> =
                links.iter().map(|(a, b)| (*a.get(&list), *b.get(&list))).filter(|(a, b)| a != b).collect();
            let mut owners = Owners { ids: Vec::new(), owner: Vec::new(), starts: vec![0; (1 << PREFIX_BITS) + 1] };
            for one in &ids {
                let near = links.iter().filter_map(|(a, b)| match (a == one, b == one) {
                    (true, _) => Some(*b),
                    (_, true) => Some(*a),
                    _ => None,
                });
                owners.add(*one, near);
            }
            owners.settle();
            for one in &ids {
                let all = reached(*one, &links);
                prop_assert_eq!(Some(&owners.of(one)), all.first());
            }
            let unknown = SubjectId(unknown);
            prop_assert!(ids.contains(&unknown) || owners.of(&unknown) == unknown);
        }
    }
}
