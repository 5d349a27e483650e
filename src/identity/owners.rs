//! For whom the strands of all customers stand, in memory: for going through everything, where asking for each strand by itself
//! would take most of the time.

use super::edges::NODES;
use super::graph::Node;
use crate::event::SubjectId;
use crate::event::codec;
use crate::views::{Reader, ViewError};

/// The first bytes of ids, by which they are found: so many bits.
const PREFIX_BITS: u32 = 18;

/// Which strand stands for the customer to whom a strand belongs: of the linked ones that with the least id. 32 bytes for each
/// strand that is or was linked; the others stand for themselves and take none.
#[derive(Debug)]
pub struct Owners {
    /// Strands in the order of their ids, and who stands for each: side by side, as most of the time of looking goes into memory
    /// that no cache holds.
    pairs: Vec<(SubjectId, SubjectId)>,
    /// Where the ids begin that have each prefix, and where the last end.
    starts: Vec<u32>,
}

/// Strands in the order of their ids, and their links.
#[derive(Debug, Default)]
pub struct Links {
    ids: Vec<SubjectId>,
    /// Each with one whose id is less.
    lesser: Vec<(SubjectId, SubjectId)>,
}

/// Strands and who stands for them, while that is found out.
#[derive(Debug, Default)]
struct Gathered {
    /// Sorted.
    ids: Vec<SubjectId>,
    /// The number of one that stands for each, directly or through others.
    owner: Vec<u32>,
}

impl Owners {
    /// The links of a reader's picture, all of them.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails.
    pub fn read(reader: &Reader) -> Result<Self, ViewError> {
        Ok(Self::of_links((0..=u8::MAX).map(|first| Self::links(reader, first)).collect::<Result<_, _>>()?))
    }

    /// The links of the strands whose id begins with a byte, in the order of their ids.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails.
    pub fn links(reader: &Reader, first: u8) -> Result<Links, ViewError> {
        let mut links = Links::default();
        for row in reader.prefix(NODES, &[first])? {
            let (key, value) = row?;
            let Some(id) = SubjectId::from_slice(&key) else { continue };
            let node: Node = codec::unpack(&value).map_err(|cause| ViewError::Row { table: NODES, cause })?;
            links.ids.push(id);
            // A link stands with both of its ends: from the greater one the other is known already.
            links.lesser.extend(node.neighbours(None).filter(|other| *other < id).map(|other| (id, other)));
        }
        Ok(links)
    }

    /// Who stands for whom by links of all strands, those of one first byte after those of another.
    #[must_use]
    pub fn of_links(all: Vec<Links>) -> Self {
        let mut gathered = Gathered::default();
        all.iter().for_each(|links| gathered.add(&links.ids));
        all.iter().flat_map(|links| &links.lesser).for_each(|(one, other)| gathered.link(one, other));
        gathered.settle()
    }

    /// The strand that stands for the customer of this one.
    #[must_use]
    pub fn of(&self, strand: &SubjectId) -> SubjectId {
        self.find(strand).unwrap_or(*strand)
    }

    fn find(&self, strand: &SubjectId) -> Option<SubjectId> {
        let prefix = prefix(strand);
        let (from, until) = (*self.starts.get(prefix)? as usize, *self.starts.get(prefix + 1)? as usize);
        let near = self.pairs.get(from..until)?;
        let at = near.binary_search_by(|(id, _)| id.cmp(strand)).ok()?;
        near.get(at).map(|(_, owner)| *owner)
    }
}

impl Gathered {
    /// Adds ids that are greater than those before. Each stands for itself.
    fn add(&mut self, ids: &[SubjectId]) {
        self.owner.extend(self.ids.len() as u32..(self.ids.len() + ids.len()) as u32);
        self.ids.extend_from_slice(ids);
    }

    fn link(&mut self, one: &SubjectId, other: &SubjectId) {
        if let (Ok(one), Ok(other)) = (self.ids.binary_search(one), self.ids.binary_search(other)) {
            let (one, other) = (self.root(one), self.root(other));
            self.stands(one.max(other), one.min(other));
        }
    }

    /// Looks up who stands for each in the end.
    fn settle(self) -> Owners {
        let mut starts = vec![0; (1 << PREFIX_BITS) + 1];
        let mut pairs = Vec::with_capacity(self.ids.len());
        for (at, id) in self.ids.iter().enumerate() {
            pairs.push((*id, self.ids.get(self.root(at)).copied().unwrap_or(*id)));
            if let Some(end) = starts.get_mut(prefix(id) + 1) {
                *end = pairs.len() as u32;
            }
        }
        // What no id begins with ends where it begins.
        let mut before = 0;
        for start in &mut starts {
            before = before.max(*start);
            *start = before;
        }
        Owners { pairs, starts }
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
            let lesser = links.iter().map(|(a, b)| (*a.max(b), *a.min(b))).collect();
            let owners = Owners::of_links(vec![Links { ids: list, lesser }]);
            for one in &ids {
                let all = reached(*one, &links);
                prop_assert_eq!(Some(&owners.of(one)), all.first());
            }
            let unknown = SubjectId(unknown);
            prop_assert!(ids.contains(&unknown) || owners.of(&unknown) == unknown);
        }
    }
}
