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
    /// The number of the one that stands for each.
    owner: Vec<u32>,
    /// Where the ids begin that have each prefix, and where the last end.
    starts: Vec<u32>,
}

/// Strands in the order of their ids, and their links.
#[derive(Debug, Default)]
pub struct Links {
    ids: Vec<SubjectId>,
    /// The number of one, and another whose id is less.
    lesser: Vec<(u32, SubjectId)>,
}

/// Strands and who stands for them, while that is found out.
#[derive(Debug, Default)]
struct Gathered {
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
            let number = links.ids.len() as u32;
            links.ids.push(id);
            // A link stands with both of its ends: from the greater one the other is known already.
            links.lesser.extend(node.neighbours(None).filter(|other| *other < id).map(|other| (number, other)));
        }
        Ok(links)
    }

    /// Who stands for whom by links of all strands, those of one first byte after those of another.
    #[must_use]
    pub fn of_links(all: Vec<Links>) -> Self {
        let mut gathered = Gathered::default();
        gathered.ids.reserve_exact(all.iter().map(|links| links.ids.len()).sum());
        gathered.owner.reserve_exact(gathered.ids.capacity());
        // Whoever is less is among those before, or the same.
        all.into_iter().for_each(|links| gathered.add(links));
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
        let at = from + self.ids.get(from..until)?.binary_search(strand).ok()?;
        self.ids.get(*self.owner.get(at)? as usize).copied()
    }
}

impl Gathered {
    /// Adds strands whose ids are greater than those before. Each stands for itself, until it is linked.
    fn add(&mut self, links: Links) {
        let before = self.ids.len();
        self.owner.extend(before as u32..(before + links.ids.len()) as u32);
        self.ids.extend_from_slice(&links.ids);
        for (number, other) in links.lesser {
            let Ok(other) = self.ids.binary_search(&other) else { continue };
            let (one, other) = (self.root(before + number as usize), self.root(other));
            self.stands(one.max(other), one.min(other));
        }
    }

    /// Looks up who stands for each in the end.
    fn settle(mut self) -> Owners {
        let mut starts = vec![0; (1 << PREFIX_BITS) + 1];
        for at in 0..self.ids.len() {
            self.stands(at, self.root(at));
            if let Some(end) = self.ids.get(at).and_then(|id| starts.get_mut(prefix(id) + 1)) {
                *end = at as u32 + 1;
            }
        }
        // What no id begins with ends where it begins.
        let mut before = 0;
        for start in &mut starts {
            before = before.max(*start);
            *start = before;
        }
        Owners { ids: self.ids, owner: self.owner, starts }
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
            // In two pieces, as those of one first byte come after those of another.
            let pieces = list.chunks(list.len().div_ceil(2)).map(|ids| {
                let number = |id: &SubjectId| ids.iter().position(|other| other == id);
                let lesser = links.iter().filter_map(|(a, b)| Some((number(a.max(b))? as u32, *a.min(b)))).collect();
                Links { ids: ids.to_vec(), lesser }
            });
            let owners = Owners::of_links(pieces.collect());
            for one in &ids {
                let all = reached(*one, &links);
                prop_assert_eq!(Some(&owners.of(one)), all.first());
            }
            let unknown = SubjectId(unknown);
            prop_assert!(ids.contains(&unknown) || owners.of(&unknown) == unknown);
        }
    }
}
