//! A disk that forgets what was not synced when the power goes: a file system in memory, served over FUSE.
//!
//! | file | what it holds |
//! |---|---|
//! | `content` | the bytes of a file |
//! | `tree` | a folder and all that is in it |
//! | `state` | what is written and what is synced; the rules of syncing and their sources |
//! | `cut` | what is left when the power goes |
//! | `serve` | the calls of the kernel, each turned into one of `state` |
//!
//! Mounting needs Linux with `/dev/fuse` and the right to mount (root); nothing is installed for it.

mod content;
mod cut;
mod serve;
mod state;
mod tests;
mod tree;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fuser::{BackgroundSession, MountOption};

pub(crate) use cut::{Cut, NamesReached, Reached};
pub(crate) use tree::Tree;

use state::State;

/// How a disk behaves.
#[derive(Clone, Debug)]
pub(crate) struct Nature {
    /// The power goes before the operation of this number that changes or syncs something, counted from 1; otherwise when
    /// it is asked to go.
    pub(crate) goes_before: Option<u64>,
    pub(crate) how: Cut,
    /// Whether a sync does what it says. One that does not answers all the same: that is the control.
    pub(crate) honest: bool,
}

/// A disk in use.
pub(crate) struct Disk {
    state: Arc<Mutex<State>>,
    session: Option<BackgroundSession>,
    folder: tempfile::TempDir,
}

/// What a cut left, and what came before it.
#[derive(Clone, Debug)]
pub(crate) struct Left {
    pub(crate) tree: Tree,
    pub(crate) operations: u64,
    pub(crate) syncs: u64,
}

impl Disk {
    /// Mounts a disk that holds a tree, all of it synced.
    pub(crate) fn mount(tree: &Tree, nature: &Nature) -> Self {
        let state = State::new(tree, nature.goes_before, nature.how.clone(), nature.honest);
        let state = Arc::new(Mutex::new(state));
        let folder = tempfile::tempdir().unwrap();
        let mut config = fuser::Config::default();
        config.mount_options = vec![MountOption::FSName("novelo-crash".into()), MountOption::RW];
        config.n_threads = Some(2);
        let session =
            fuser::spawn_mount(serve::Server(state.clone()), folder.path(), &config).unwrap_or_else(|cause| {
                panic!(
                    "the power loss tests mount a file system and cannot ({cause}): they need Linux with /dev/fuse \
                 (modprobe fuse; in a container, --device /dev/fuse --cap-add SYS_ADMIN) and root"
                )
            });
        Self { state, session: Some(session), folder }
    }

    /// Where it is mounted. The process that serves it must not look there itself.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Whether the power has gone.
    pub(crate) fn is_dead(&self) -> bool {
        self.state().alive().is_err()
    }

    /// Lets the power go, if it has not gone yet. What is left is what there was at that moment.
    pub(crate) fn lose_power(&self) {
        self.state().lose_power();
    }

    /// Unmounts it, once nobody uses it any more.
    pub(crate) fn left(mut self) -> Left {
        self.unmount();
        let (tree, operations, syncs) = self.state().left();
        Left { tree, operations, syncs }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unmount(&mut self) {
        if let Some(session) = self.session.take() {
            match session.umount_and_join() {
                // The kernel has given the connection up by itself: nobody serves it any more.
                Err(cause) if cause.kind() == std::io::ErrorKind::ConnectionAborted => {}
                done => done.unwrap(),
            }
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            // A test is failing already.
            drop(session.umount_and_join());
        }
    }
}
