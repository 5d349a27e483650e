//! What is left when the power goes: all that was synced, and of the rest what chance picks.

use super::content::{Content, SECTOR};
use super::state::{Change, Names, Node, NodeKind, ROOT, State, set};
use super::tree::Tree;
use crate::crash::dice::Dice;

/// How much of what was not synced reached the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reached {
    /// Nothing: all was in memory.
    Nothing,
    /// The first writes, in their order, the last of them torn.
    First,
    /// Any writes, each as a whole: the disk wrote in another order.
    Some,
    /// Any sectors of any writes.
    Torn,
    /// Everything.
    Everything,
}

/// Which changes of names reached the disk, of those that were not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum NamesReached {
    /// None.
    Nothing,
    /// The first ones, over the whole disk: what a journal does (ext4, XFS).
    First,
    /// The first ones of each folder, however far the other folders are.
    FirstOfEach,
    /// Any: stricter than any file system with a journal, and what POSIX allows.
    Some,
    /// Everything, although the bytes may be missing (delayed allocation).
    Everything,
}

/// How a cut is made.
#[derive(Clone, Debug)]
pub(crate) struct Cut {
    pub(crate) bytes: Reached,
    pub(crate) names: NamesReached,
    pub(crate) dice: Dice,
}

impl Cut {
    /// Any kind of cut.
    pub(crate) fn any(mut dice: Dice) -> Self {
        use NamesReached as N;
        use Reached as R;
        let bytes = dice.pick(&[R::Nothing, R::First, R::Some, R::Torn, R::Torn, R::Everything]);
        let names = dice.pick(&[N::Nothing, N::First, N::FirstOfEach, N::Some, N::Everything]);
        Self { bytes, names, dice }
    }
}

/// The tree that is left.
pub(super) fn cut(state: &State, how: &Cut) -> Tree {
    let mut dice = how.dice.clone();
    let names = names_left(state, how.names, &mut dice);
    tree_left(state, &names, ROOT, how.bytes, &mut dice)
}

/// The names of every folder.
fn names_left(state: &State, reached: NamesReached, dice: &mut Dice) -> Vec<(u64, Names)> {
    let synced = |(number, node): (&u64, &Node)| match &node.kind {
        NodeKind::Folder { synced, .. } => Some((*number, synced.clone())),
        NodeKind::File { .. } => None,
    };
    let mut left: Vec<(u64, Names)> = state.nodes.iter().filter_map(synced).collect();
    left.sort_by_key(|(number, _)| *number);
    let count = state.renamings.len() as u64;
    let through = match reached {
        NamesReached::Nothing => 0,
        NamesReached::First => dice.below(count + 1),
        NamesReached::FirstOfEach | NamesReached::Some | NamesReached::Everything => count,
    };
    let mut ends: Vec<(u64, u64)> = left.iter().map(|(number, _)| (*number, through)).collect();
    if reached == NamesReached::FirstOfEach {
        ends.iter_mut().for_each(|(_, end)| *end = dice.below(count + 1));
    }
    for (renaming, at) in state.renamings.iter().zip(0..) {
        if reached == NamesReached::Some && dice.one_in(2) {
            continue;
        }
        let in_time = |folder: u64| ends.iter().any(|(number, end)| *number == folder && at < *end);
        if !renaming.0.iter().all(|(folder, ..)| in_time(*folder)) {
            // Later changes of the same folders may rest on this one.
            ends.iter_mut()
                .filter(|(number, _)| renaming.0.iter().any(|(folder, ..)| folder == number))
                .for_each(|(_, end)| *end = (*end).min(at));
            continue;
        }
        for (folder, name, to) in &renaming.0 {
            let names = left.iter_mut().find(|(number, _)| number == folder);
            names.into_iter().for_each(|(_, names)| set(names, name, *to));
        }
    }
    left
}

fn tree_left(state: &State, names: &[(u64, Names)], number: u64, reached: Reached, dice: &mut Dice) -> Tree {
    let node = &state.nodes[&number];
    match &node.kind {
        NodeKind::File { synced, changes, .. } => {
            Tree::File { mode: node.mode, content: file_left(synced, changes, reached, dice) }
        }
        NodeKind::Folder { .. } => {
            let entries = names.iter().find(|(folder, _)| *folder == number).map(|(_, names)| names).unwrap();
            let entries = entries.iter().map(|(name, entry)| {
                let tree = tree_left(state, names, *entry, reached, dice);
                (name.clone(), tree)
            });
            Tree::Folder { mode: node.mode, entries: entries.collect() }
        }
    }
}

/// What is left of a file. Where its size reached the disk and bytes before it did not, there are zeros.
fn file_left(synced: &Content, changes: &[Change], reached: Reached, dice: &mut Dice) -> Content {
    let mut left = synced.clone();
    let count = changes.len() as u64;
    let through = if reached == Reached::First { dice.below(count + 1) } else { count };
    let largest = changes.iter().fold(synced.size(), |size, change| match change {
        Change::Write(offset, bytes) => size.max(offset + bytes.len() as u64),
        Change::Resize(size) => *size,
    });
    for (change, at) in changes.iter().zip(1..=through) {
        let whole = match reached {
            Reached::Nothing => continue,
            Reached::Everything => true,
            Reached::First => at < through,
            Reached::Some if dice.one_in(2) => true,
            Reached::Some => continue,
            Reached::Torn => false,
        };
        match change {
            Change::Resize(_) if !whole && dice.one_in(2) => {}
            Change::Write(offset, bytes) if !whole => some_sectors(&mut left, *offset, bytes, reached, dice),
            Change::Write(..) | Change::Resize(_) => change.apply(&mut left),
        }
    }
    let size_alone = !matches!(reached, Reached::Nothing | Reached::Everything) && dice.one_in(4);
    if size_alone && largest > left.size() {
        left.resize(largest);
    }
    left
}

/// Some sectors of a write; of one that was cut off, the first ones.
fn some_sectors(left: &mut Content, offset: u64, bytes: &[u8], reached: Reached, dice: &mut Dice) {
    let sector = SECTOR as u64;
    let (first, last) = (offset / sector, (offset + bytes.len() as u64).div_ceil(sector));
    let end = if reached == Reached::First { first + dice.below(last - first + 1) } else { last };
    for number in first..end {
        if reached != Reached::First && dice.one_in(2) {
            continue;
        }
        let from = (number * sector).max(offset);
        let to = ((number + 1) * sector).min(offset + bytes.len() as u64);
        let within = |at: u64| usize::try_from(at - offset).unwrap();
        left.write(from, &bytes[within(from)..within(to)]);
    }
}
