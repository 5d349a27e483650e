//! What the disk knows: of every file what is written and what is synced, of every folder the same, and what lies between.
//!
//! The model is that of POSIX with what Linux file systems are known to do, as strict as it can be and still be true of one:
//!
//! | call | makes durable | source |
//! |---|---|---|
//! | `fsync`, `fdatasync` of a file | its bytes and its size | fsync(2): "all modified in-core data of the file"; fdatasync(2): metadata that is needed to read it, the size among it |
//! | the same | *not* its name, not even of a new file | fsync(2): "does not necessarily ensure that the entry in the directory containing the file has also reached disk" |
//! | `fsync` of a folder | the names in it: made, removed, renamed to or from it | fsync(2), the same sentence: "For that an explicit fsync() on a file descriptor for the directory is also needed" |
//! | `close`, `rename`, anything else | nothing | close(2): "A successful close does not guarantee that the data has been successfully saved to disk" |
//!
//! A rename is there as a whole or not at all (rename(2)). `sync_file_range` never reaches a file system; that the store
//! does not rest on it is checked in `durability.rs`. No file is mapped for writing by sled, fjall or the vault (strace shows
//! `write` and `pwrite64` alone); if one were, its bytes would come here as writes when the kernel writes them back.

use std::collections::{BTreeMap, HashMap};
use std::ffi::{OsStr, OsString};

use super::content::Content;
use super::cut::{Cut, cut};
use super::tree::Tree;

/// The number of the root folder.
pub(super) const ROOT: u64 = 1;

/// Something done to a file since its last sync.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Write(u64, Vec<u8>),
    Resize(u64),
}

impl Change {
    pub(super) fn apply(&self, content: &mut Content) {
        match self {
            Self::Write(offset, bytes) => content.write(*offset, bytes),
            Self::Resize(size) => content.resize(*size),
        }
    }
}

/// Names in a folder.
pub(super) type Names = BTreeMap<OsString, u64>;

/// A file or a folder.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) mode: u16,
    pub(super) kind: NodeKind,
}

#[derive(Clone, Debug)]
pub(super) enum NodeKind {
    File { now: Content, synced: Content, changes: Vec<Change> },
    Folder { now: Names, synced: Names },
}

/// A change of names since the last sync of a folder that it touches: each of the entries becomes this, all at once.
#[derive(Clone, Debug)]
pub(super) struct Renaming(pub(super) Vec<(u64, OsString, Option<u64>)>);

/// A disk.
#[derive(Debug)]
pub(super) struct State {
    pub(super) nodes: HashMap<u64, Node>,
    next: u64,
    pub(super) renamings: Vec<Renaming>,
    /// Operations that changed or synced something.
    operations: u64,
    syncs: u64,
    /// The power goes before the operation of this number, counted from 1.
    goes_before: Option<u64>,
    /// Whether a sync does what it says.
    honest: bool,
    /// What is left, once the power is gone.
    left: Option<Tree>,
    how: Cut,
}

/// The power is gone.
#[derive(Debug)]
pub(super) struct Dead;

impl State {
    /// A disk that holds a tree, all of it synced.
    pub(super) fn new(tree: &Tree, goes_before: Option<u64>, how: Cut, honest: bool) -> Self {
        let mut state = Self {
            nodes: HashMap::new(),
            next: ROOT,
            renamings: Vec::new(),
            operations: 0,
            syncs: 0,
            goes_before,
            honest,
            left: None,
            how,
        };
        state.take_in(tree);
        state
    }

    fn take_in(&mut self, tree: &Tree) -> u64 {
        let number = self.next;
        self.next += 1;
        let node = match tree {
            Tree::File { mode, content } => Node {
                mode: *mode,
                kind: NodeKind::File { now: content.clone(), synced: content.clone(), changes: Vec::new() },
            },
            Tree::Folder { mode, entries } => {
                let names: Names = entries.iter().map(|(name, entry)| (name.clone(), self.take_in(entry))).collect();
                Node { mode: *mode, kind: NodeKind::Folder { now: names.clone(), synced: names } }
            }
        };
        self.nodes.insert(number, node);
        number
    }

    /// Counts an operation; the power may go before it.
    pub(super) fn operate(&mut self) -> Result<(), Dead> {
        self.alive()?;
        self.operations += 1;
        if self.goes_before.is_some_and(|number| self.operations >= number) {
            self.lose_power();
        }
        self.alive()
    }

    pub(super) fn alive(&self) -> Result<(), Dead> {
        if self.left.is_some() { Err(Dead) } else { Ok(()) }
    }

    /// The power goes now, if it has not gone before.
    pub(super) fn lose_power(&mut self) {
        if self.left.is_none() {
            self.left = Some(cut(self, &self.how));
        }
    }

    /// What is left after the cut; the operations and syncs before it.
    pub(super) fn left(&mut self) -> (Tree, u64, u64) {
        self.lose_power();
        (self.left.clone().unwrap(), self.operations, self.syncs)
    }

    pub(super) fn names(&self, folder: u64) -> Option<&Names> {
        match &self.nodes.get(&folder)?.kind {
            NodeKind::Folder { now, .. } => Some(now),
            NodeKind::File { .. } => None,
        }
    }

    pub(super) fn find(&self, folder: u64, name: &OsStr) -> Option<u64> {
        self.names(folder)?.get(name).copied()
    }

    /// A new file or folder under a name that is free.
    pub(super) fn make(&mut self, folder: u64, name: &OsStr, mode: u16, is_folder: bool) -> u64 {
        let kind = match is_folder {
            true => NodeKind::Folder { now: Names::new(), synced: Names::new() },
            false => NodeKind::File { now: Content::default(), synced: Content::default(), changes: Vec::new() },
        };
        let number = self.next;
        self.next += 1;
        self.nodes.insert(number, Node { mode, kind });
        self.rename(Renaming(vec![(folder, name.to_owned(), Some(number))]));
        number
    }

    pub(super) fn rename(&mut self, renaming: Renaming) {
        for (folder, name, to) in &renaming.0 {
            if let Some(Node { kind: NodeKind::Folder { now, .. }, .. }) = self.nodes.get_mut(folder) {
                set(now, name, *to);
            }
        }
        self.renamings.push(renaming);
    }

    pub(super) fn change(&mut self, file: u64, change: Change) {
        if let Some(Node { kind: NodeKind::File { now, changes, .. }, .. }) = self.nodes.get_mut(&file) {
            change.apply(now);
            changes.push(change);
        }
    }

    /// Syncs a file or a folder.
    pub(super) fn sync(&mut self, number: u64) {
        self.syncs += 1;
        if !self.honest {
            return;
        }
        match self.nodes.get_mut(&number).map(|node| &mut node.kind) {
            Some(NodeKind::File { synced, changes, .. }) => changes.drain(..).for_each(|change| change.apply(synced)),
            Some(NodeKind::Folder { .. }) => self.sync_folder(number),
            None => {}
        }
    }

    fn sync_folder(&mut self, folder: u64) {
        let touches = |renaming: &Renaming| renaming.0.iter().any(|(touched, ..)| *touched == folder);
        let (durable, rest): (Vec<_>, Vec<_>) = self.renamings.drain(..).partition(touches);
        self.renamings = rest;
        for (folder, name, to) in durable.into_iter().flat_map(|renaming| renaming.0) {
            if let Some(Node { kind: NodeKind::Folder { synced, .. }, .. }) = self.nodes.get_mut(&folder) {
                set(synced, &name, to);
            }
        }
    }
}

pub(super) fn set(names: &mut Names, name: &OsStr, to: Option<u64>) {
    match to {
        Some(number) => drop(names.insert(name.to_owned(), number)),
        None => drop(names.remove(name)),
    }
}
