//! A store of a test: filled, followed, closed and opened again.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use novelo::engine::{Customer, Expect, Lookup, Novelo, Options, Outcome, Picture};
use novelo::event::{Draft, Event, Position};
use novelo::timeline::EventFilter;
use tokio::runtime::Runtime;

use super::deed::Deed;
use super::history::{Cut, History};

/// A store in a folder of its own.
///
/// All stores have the same installation's secret: the same identifier is the same strand in each of them.
pub(super) struct Store {
    folder: tempfile::TempDir,
    novelo: Option<Novelo>,
    runtime: Runtime,
}

/// The files of a store without events: a copy is opened sooner than a new one is made.
fn empty() -> &'static [EmptyFile] {
    static EMPTY: OnceLock<Vec<EmptyFile>> = OnceLock::new();
    EMPTY.get_or_init(|| {
        let folder = folder();
        drop(open(folder.path()));
        let file = |path: PathBuf| EmptyFile {
            name: path.strip_prefix(folder.path()).unwrap().to_owned(),
            bytes: std::fs::read(&path).unwrap(),
            permissions: std::fs::metadata(&path).unwrap().permissions(),
        };
        files(folder.path()).into_iter().map(file).collect()
    })
}

/// A file of a store without events.
struct EmptyFile {
    name: PathBuf,
    bytes: Vec<u8>,
    permissions: std::fs::Permissions,
}

/// A folder in memory where there is one, else on the disk: the laws are not about the disk, and syncing it takes six times as
/// long as all the rest.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// All files below a folder.
pub(super) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn open(folder: &Path) -> Novelo {
    Novelo::open(Options::new(folder), |_, _| {}).unwrap().0
}

impl Store {
    pub(super) fn new() -> Self {
        let folder = folder();
        for file in empty() {
            let path = folder.path().join(&file.name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &file.bytes).unwrap();
            std::fs::set_permissions(path, file.permissions.clone()).unwrap();
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        Self { novelo: Some(open(folder.path())), folder, runtime }
    }

    /// A store to which a history was told, with its views caught up.
    pub(super) fn told(history: &History, cut: &Cut) -> Self {
        let store = Self::new();
        store.tell(history, cut);
        store
    }

    pub(super) fn novelo(&self) -> &Novelo {
        self.novelo.as_ref().unwrap()
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Closes it, lets something happen to its folder, and opens it again.
    pub(super) fn reopen(&mut self, meanwhile: impl FnOnce(&Path)) {
        self.novelo = None;
        meanwhile(self.folder.path());
        self.novelo = Some(open(self.folder.path()));
    }

    /// Deletes the views; they are made anew when it is opened again.
    pub(super) fn delete_views(&mut self) {
        self.reopen(|folder| std::fs::remove_dir_all(folder.join("views")).unwrap());
    }

    /// Rebuilds the views beside those that serve.
    pub(super) fn rebuild(&self) {
        self.novelo().rebuild(None).unwrap().wait().unwrap();
    }

    /// The drafts of deeds with their numbers.
    pub(super) fn drafts<'a>(&self, deeds: impl IntoIterator<Item = (usize, &'a Deed)>) -> Vec<Draft> {
        deeds.into_iter().map(|(number, deed)| deed.draft(number, self.novelo().filing())).collect()
    }

    /// Sends one request; what became of each.
    pub(super) fn send(&self, drafts: Vec<Draft>, expect: Expect) -> Vec<Outcome> {
        self.runtime.block_on(self.novelo().record(drafts, expect)).unwrap()
    }

    /// Sends requests, none of which waits for the answer of the one before.
    pub(super) fn send_at_once(&self, requests: Vec<(Vec<Draft>, Expect)>) -> Vec<Vec<Outcome>> {
        let answers = requests.into_iter().map(|(drafts, expect)| self.novelo().record(drafts, expect));
        let answers = self.runtime.block_on(futures_util::future::join_all(answers));
        answers.into_iter().map(Result::unwrap).collect()
    }

    /// Tells a history; every deed of it is new.
    pub(super) fn tell(&self, history: &History, cut: &Cut) {
        let deeds: Vec<(usize, &Deed)> = history.numbered().collect();
        self.tell_some(&deeds, cut);
    }

    /// Tells deeds, each new and with the number that it has in its history.
    pub(super) fn tell_some(&self, deeds: &[(usize, &Deed)], cut: &Cut) {
        for piece in cut.pieces(deeds) {
            let outcomes = self.send(self.drafts(piece.iter().copied()), Expect::Each);
            assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Recorded(_))), "{outcomes:?}");
        }
        self.follow();
    }

    /// Waits for something that the store does.
    pub(super) fn wait<T>(&self, something: impl Future<Output = T>) -> T {
        self.runtime.block_on(something)
    }

    /// Waits until the views hold everything.
    pub(super) fn follow(&self) {
        let (novelo, head) = (self.novelo(), self.novelo().head().next);
        self.runtime.block_on(novelo.wait_for(head, Duration::from_secs(60))).unwrap();
    }

    pub(super) fn picture(&self) -> Arc<Picture> {
        Arc::new(self.novelo().picture().unwrap())
    }

    /// Every event, in the order of the log.
    pub(super) fn events(&self) -> Vec<Event> {
        let page = self.picture().events(Position::ZERO, usize::MAX, &EventFilter::default()).unwrap();
        page.events.into_iter().map(|(_, event)| event).collect()
    }

    /// Every customer, in the order of their ids.
    pub(super) fn customers(&self) -> Vec<Customer> {
        self.picture().customers().unwrap().map(Result::unwrap).collect()
    }
}

/// The customer who is known by an identifier, written `kind:value`; `None` when nobody is.
pub(super) fn known_by(picture: &Arc<Picture>, identifier: &str) -> Option<Customer> {
    let (kind, value) = identifier.split_once(':').unwrap();
    picture.customer(&Lookup::Identifier { kind: kind.into(), value: value.into() }, None).unwrap()
}
