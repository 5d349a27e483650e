//! The Merkle tree of RFC 9162, section 2.1, with BLAKE3. Pure.
//!
//! A leaf is hashed behind a zero byte, a node behind a one, so that neither can be passed off as the other. A tree of `n` hashes
//! has the first `k` to its left, `k` being the largest power of two below `n`.
//!
//! The functions take hashes of equal subtrees as well as of leaves: a tree over the roots of every 1024 leaves is the upper
//! part of the tree over the leaves.

use crate::event::Hash;

/// The hash of a leaf.
#[must_use]
pub fn leaf(of: Hash) -> Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&[0]).update(&of.0);
    Hash(hasher.finalize().into())
}

/// The hash of a node.
#[must_use]
pub fn node(left: Hash, right: Hash) -> Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&[1]).update(&left.0).update(&right.0);
    Hash(hasher.finalize().into())
}

/// Where a tree of so many hashes, more than one, is parted.
fn split(count: usize) -> usize {
    count.div_ceil(2).next_power_of_two()
}

/// The root over hashes of leaves; the hash of nothing when there are none.
#[must_use]
pub fn root(hashes: &[Hash]) -> Hash {
    match hashes {
        [] => Hash::of(b""),
        [one] => *one,
        _ => {
            let (left, right) = hashes.split_at(split(hashes.len()));
            node(root(left), root(right))
        }
    }
}

/// What is needed beside the hash at an index to come to the root, from the bottom up; `None` beyond the last one.
#[must_use]
pub fn path(hashes: &[Hash], index: usize) -> Option<Vec<Hash>> {
    match hashes {
        [] => None,
        [_] => (index == 0).then(Vec::new),
        _ => {
            let at = split(hashes.len());
            let (left, right) = hashes.split_at(at);
            let (mut below, beside) = match index.checked_sub(at) {
                None => (path(left, index)?, root(right)),
                Some(index) => (path(right, index)?, root(left)),
            };
            below.push(beside);
            Some(below)
        }
    }
}

/// The root to which a path leads from the hash of the leaf at an index of a tree of so many leaves (RFC 9162, section 2.1.3.2);
/// `None` when the path does not fit such a tree.
#[must_use]
pub fn root_by_path(leaf: Hash, index: u64, count: u64, path: &[Hash]) -> Option<Hash> {
    if index >= count {
        return None;
    }
    let (mut at, mut last, mut reached) = (index, count - 1, leaf);
    for beside in path {
        if last == 0 {
            return None;
        }
        if at & 1 == 1 || at == last {
            reached = node(*beside, reached);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            reached = node(reached, *beside);
        }
        at >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(reached)
}

/// A tree that grows, of which only what its root needs is kept: the roots of its full subtrees, the largest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    peaks: Vec<Hash>,
    count: u64,
}

impl Frontier {
    /// How many hashes went in.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Adds the next hash.
    pub fn push(&mut self, mut hash: Hash) {
        for _ in 0..self.count.trailing_ones() {
            hash = self.peaks.pop().map_or(hash, |left| node(left, hash));
        }
        self.peaks.push(hash);
        self.count += 1;
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.root_with(None)
    }

    /// The root with one more, possibly smaller, subtree to the right.
    #[must_use]
    pub fn root_with(&self, last: Option<Hash>) -> Hash {
        let hashes = self.peaks.iter().copied().chain(last).rev();
        hashes.reduce(|right, left| node(left, right)).unwrap_or_else(|| root(&[]))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hashes(count: usize) -> Vec<Hash> {
        (0..count as u64).map(|i| leaf(Hash::of(&i.to_le_bytes()))).collect()
    }

    /// The definition of the standard, written down once more and in another way: level by level, an odd last one moves up.
    fn naive(hashes: &[Hash]) -> Hash {
        let mut level = hashes.to_vec();
        while level.len() > 1 {
            level = level.chunks(2).map(|pair| if let [l, r] = pair { node(*l, *r) } else { pair[0] }).collect();
        }
        level.first().copied().unwrap_or(Hash::of(b""))
    }

    #[test]
    fn roots_are_those_of_the_definition_however_they_are_come_by() {
        let all = hashes(300);
        let mut frontier = Frontier::default();
        for count in 0..300 {
            assert_eq!(root(&all[..count]), naive(&all[..count]), "{count}");
            assert_eq!(frontier.root(), naive(&all[..count]), "{count}");
            frontier.push(all[count]);
        }
    }

    #[test]
    fn a_leaf_is_no_node() {
        assert_ne!(leaf(Hash::of(b"a")), Hash::of(&Hash::of(b"a").0));
        let pair = hashes(2);
        assert_ne!(node(pair[0], pair[1]), node(pair[1], pair[0]));
    }

    proptest! {
        #[test]
        fn every_path_leads_to_the_root_and_no_other_hash_index_size_or_path_does(
            count in 1_usize..400, index in any::<usize>(), other in any::<u64>(), at in any::<usize>(),
        ) {
            let all = hashes(count);
            let index = index % count;
            let way = path(&all, index).unwrap();
            let (from, size) = (index as u64, count as u64);
            prop_assert!(way.len() as u32 <= count.next_power_of_two().trailing_zeros());
            prop_assert_eq!(root_by_path(all[index], from, size, &way), Some(naive(&all)));
            let wrong = |found: Option<Hash>| found != Some(naive(&all));
            prop_assert!(wrong(root_by_path(Hash::of(b"x"), from, size, &way)));
            let elsewhere = other % size;
            prop_assert!(elsewhere == from || wrong(root_by_path(all[index], elsewhere, size, &way)));
            prop_assert!(wrong(root_by_path(all[index], size, size, &way)));
            prop_assert!(wrong(root_by_path(all[index], from, size, &[way.clone(), vec![Hash::ZERO]].concat())));
            if !way.is_empty() {
                prop_assert!(wrong(root_by_path(all[index], from, size, &way[1..])));
                let mut changed = way.clone();
                changed[at % way.len()].0[at % 32] ^= 1;
                prop_assert!(wrong(root_by_path(all[index], from, size, &changed)));
            }
        }

        #[test]
        fn a_tree_over_roots_of_blocks_is_the_upper_part(count in 1_usize..200) {
            const BLOCK: usize = 8;
            let all = hashes(count);
            let blocks: Vec<Hash> = all.chunks(BLOCK).map(root).collect();
            prop_assert_eq!(root(&blocks), root(&all));
            for index in 0..count {
                let block = all.chunks(BLOCK).nth(index / BLOCK).unwrap();
                let way = [path(block, index % BLOCK).unwrap(), path(&blocks, index / BLOCK).unwrap()].concat();
                prop_assert_eq!(way, path(&all, index).unwrap());
            }
        }
    }
}
