//! The definitions: those that every store has, and those that somebody wrote, kept as files.
//!
//! ```text
//! DATA/analyses/
//!   again.toml       the version that is to serve
//!   again@1.toml     every version there was: it can be brought back
//!   again.held       the number of a version that is counted, and waits for somebody to have it serve
//! ```
//!
//! They are what people wrote, so they do not lie with the views, which can be thrown away.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::of_store::{built_in, read};
use crate::engine::durable;
use crate::engine::error::EngineError;
use crate::tally::Definition;
use crate::written::Mistakes;

/// Most versions of one analysis that are kept.
const MOST_VERSIONS: usize = 50;
/// Most analyses that somebody wrote.
const MOST_OWN: usize = 200;

/// The definitions of a store.
#[derive(Debug)]
pub(super) struct Shelf {
    folder: PathBuf,
    zone: String,
    held: Mutex<Held>,
}

#[derive(Clone, Debug, Default)]
struct Held {
    built_in: Vec<Arc<Definition>>,
    /// The version of each that is to serve.
    own: BTreeMap<String, Arc<Definition>>,
    /// Those that wait, complete, until somebody has them serve.
    waiting: BTreeMap<String, Arc<Definition>>,
    /// All versions, by what tells them apart.
    known: HashMap<u64, Arc<Definition>>,
}

/// Which versions of an analysis are wanted.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// The one that is to serve; none of an analysis of which the first version waits.
    pub(super) serves: Option<Arc<Definition>>,
    /// The one that waits.
    pub(super) waits: Option<Arc<Definition>>,
    /// Whether nobody has defined it: it comes with the store.
    pub(super) built_in: bool,
}

impl Wanted {
    /// Those that there are, the one that is to serve first.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Definition>> {
        self.serves.iter().chain(&self.waits)
    }

    /// What it is spoken of by: the one that is to serve, else the one that waits.
    pub(super) fn first(&self) -> Option<&Arc<Definition>> {
        self.all().next()
    }

    fn is_named(&self, name: &str) -> bool {
        self.first().is_some_and(|definition| definition.name() == name)
    }
}

/// Why a definition is not taken.
#[derive(Debug, thiserror::Error)]
pub enum DefineError {
    /// It is wrong.
    #[error("{0}")]
    Wrong(Mistakes),
    /// Another text has this name and version.
    #[error("`{name}` has a version {version} with another text; write version = {next}")]
    Version {
        /// The analysis.
        name: String,
        /// The version that is there.
        version: u32,
        /// The next that is free.
        next: u32,
    },
    /// There are as many as there may be.
    #[error("there are {0} analyses; remove one that nobody needs")]
    TooMany(usize),
    /// There is none of this name.
    #[error("there is no analysis `{given}`; {help}")]
    Unknown {
        /// What was asked for.
        given: String,
        /// The nearest name.
        help: String,
    },
    /// There is none of this version.
    #[error("`{name}` has no version {version}; there are: {known}")]
    NoVersion {
        /// The analysis.
        name: String,
        /// What was asked for.
        version: u32,
        /// Those that there are.
        known: String,
    },
    /// It comes with the store.
    #[error("`{0}` comes with the store; define an analysis of that name to have it otherwise")]
    BuiltIn(String),
    /// It cannot be kept or read.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl Shelf {
    /// The definitions of a store. Files that are wrong, by hand or by a change of what there is, are named in the log and left
    /// alone.
    pub(super) fn open(folder: PathBuf, zone: String) -> Result<Self, EngineError> {
        let mut held = Held { built_in: built_in(&zone), ..Held::default() };
        held.known.extend(held.built_in.iter().map(|definition| (definition.id(), definition.clone())));
        for (stem, text) in durable::texts(&folder, "toml")? {
            match read(&held.built_in, &text, &zone) {
                Ok(definition) => {
                    let definition = Arc::new(definition);
                    held.known.insert(definition.id(), definition.clone());
                    if stem == definition.name() {
                        held.own.insert(stem, definition);
                    }
                }
                Err(wrong) => {
                    tracing::warn!(file = %format!("analyses/{stem}.toml"), %wrong, "an analysis is left out")
                }
            }
        }
        for (name, number) in durable::texts(&folder, "held")? {
            let of_number =
                |known: &&Arc<Definition>| known.name() == name && known.version().to_string() == number.trim();
            match held.known.values().find(of_number).cloned() {
                // It was cut off while it was had to serve.
                Some(waits) if held.own.get(&name).is_some_and(|own| own.id() == waits.id()) => {}
                Some(waits) => drop(held.waiting.insert(name, waits)),
                None => {
                    tracing::warn!(file = %format!("analyses/{name}.held"), version = number.trim(), "there is no such version; nothing waits")
                }
            }
        }
        Ok(Self { folder, zone, held: Mutex::new(held) })
    }

    fn held<T>(&self, read: impl FnOnce(&Held) -> T) -> T {
        read(&self.held.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The versions that are wanted of each, those of the store first.
    pub(super) fn wanted(&self) -> Vec<Wanted> {
        self.held(|held| {
            let built_in = held.built_in.iter().filter(|it| !held.own.contains_key(it.name()));
            let of_store = built_in.map(|definition| {
                let waits = held.waiting.get(definition.name()).cloned();
                Wanted { serves: Some(definition.clone()), built_in: waits.is_none(), waits }
            });
            let own = held.own.iter().map(|(name, definition)| {
                let waits = held.waiting.get(name).cloned();
                Wanted { serves: Some(definition.clone()), waits, built_in: false }
            });
            let is_known = |name: &str| held.own.contains_key(name) || held.built_in.iter().any(|it| it.name() == name);
            let first = held.waiting.iter().filter(|(name, _)| !is_known(name));
            let first = first.map(|(_, waits)| Wanted { serves: None, waits: Some(waits.clone()), built_in: false });
            of_store.chain(own).chain(first).collect()
        })
    }

    /// The versions that are wanted of one.
    pub(super) fn wanted_of(&self, name: &str) -> Option<Wanted> {
        self.wanted().into_iter().find(|wanted| wanted.is_named(name))
    }

    /// The definition with an id.
    pub(super) fn known(&self, id: u64) -> Option<Arc<Definition>> {
        self.held(|held| held.known.get(&id).cloned())
    }

    /// Reads a definition that comes in. One that takes the place of one of the store keeps what pages read of that. The text of
    /// one that is kept was taken before its columns were looked at, and is nothing new.
    pub(super) fn read(&self, text: &str) -> Result<Definition, Mistakes> {
        let definition = self.held(|held| read(&held.built_in, text, &self.zone))?;
        if self.known(definition.id()).is_none() {
            definition.check_columns()?;
        }
        Ok(definition)
    }

    /// A version of an analysis.
    pub(super) fn version(&self, name: &str, version: u32) -> Result<Arc<Definition>, DefineError> {
        let versions = self.versions(name);
        if versions.is_empty() {
            return Err(self.unknown(name));
        }
        let found = versions.iter().find(|definition| definition.version() == version).cloned();
        found.ok_or_else(|| {
            let known: Vec<String> = versions.iter().map(|it| it.version().to_string()).collect();
            DefineError::NoVersion { name: name.to_owned(), version, known: known.join(", ") }
        })
    }

    /// The refusal of a name that there is not.
    pub(super) fn unknown(&self, name: &str) -> DefineError {
        let wanted = self.wanted();
        let names: Vec<&str> = wanted.iter().filter_map(Wanted::first).map(|definition| definition.name()).collect();
        let given = name.chars().take(64).collect();
        DefineError::Unknown { given, help: crate::event::did_you_mean(name, &names).into_owned() }
    }

    /// All versions of an analysis, the oldest first.
    fn versions(&self, name: &str) -> Vec<Arc<Definition>> {
        let mut versions: Vec<_> =
            self.held(|held| held.known.values().filter(|definition| definition.name() == name).cloned().collect());
        versions.sort_by_key(|definition| definition.version());
        versions
    }

    /// Keeps a definition, to serve or, when it is `held`, to wait for that; durable when this returns.
    pub(super) fn define(&self, text: &str, held: bool) -> Result<Arc<Definition>, DefineError> {
        let definition = Arc::new(self.read(text).map_err(DefineError::Wrong)?);
        let (name, versions) = (definition.name().to_owned(), self.versions(definition.name()));
        let others = versions.iter().filter(|known| known.id() != definition.id());
        if others.clone().any(|known| known.version() == definition.version()) {
            let next = versions.iter().map(|known| known.version()).max().unwrap_or_default().saturating_add(1);
            return Err(DefineError::Version { name, version: definition.version(), next });
        }
        let too_many = self.held(|all| {
            let is_known = all.own.contains_key(&name) || all.waiting.contains_key(&name);
            let first = all.waiting.keys().filter(|name| !all.own.contains_key(*name)).count();
            !is_known && all.own.len() + first >= MOST_OWN
        });
        if too_many {
            return Err(DefineError::TooMany(MOST_OWN));
        }
        let serves = self.held(|all| all.own.get(&name).is_some_and(|own| own.id() == definition.id()));
        match (serves, held) {
            (true, _) => {}
            (false, true) => self.keep_waiting(&definition)?,
            (false, false) => {
                self.keep(&definition)?;
                self.end_waiting(&name)?;
            }
        }
        Ok(definition)
    }

    /// Has a version that there is serve. Another that waits goes on waiting.
    pub(super) fn want(&self, name: &str, version: u32) -> Result<Arc<Definition>, DefineError> {
        let definition = self.version(name, version)?;
        match self.held(|held| held.built_in.iter().any(|it| it.id() == definition.id())) {
            true => self.give_way(name)?,
            false => self.keep(&definition)?,
        }
        if self.held(|held| held.waiting.get(name).is_some_and(|waits| waits.id() == definition.id())) {
            self.end_waiting(name)?;
        }
        Ok(definition)
    }

    /// Keeps what is to serve.
    fn keep(&self, definition: &Arc<Definition>) -> Result<(), EngineError> {
        let name = definition.name();
        self.keep_version(definition)?;
        durable::write(&self.file(name, "toml"), definition.text().as_bytes())?;
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.own.insert(name.to_owned(), definition.clone());
        drop(held);
        self.forget_oldest(name)
    }

    /// What the store comes with serves again, and whatever later stores come with; the versions of one's own are kept.
    fn give_way(&self, name: &str) -> Result<(), EngineError> {
        durable::remove(&self.file(name, "toml"))?;
        self.held.lock().unwrap_or_else(PoisonError::into_inner).own.remove(name);
        Ok(())
    }

    /// Nothing waits any more.
    fn end_waiting(&self, name: &str) -> Result<(), EngineError> {
        durable::remove(&self.file(name, "held"))?;
        self.held.lock().unwrap_or_else(PoisonError::into_inner).waiting.remove(name);
        Ok(())
    }

    /// Keeps what waits until somebody has it serve.
    fn keep_waiting(&self, definition: &Arc<Definition>) -> Result<(), EngineError> {
        let name = definition.name();
        self.keep_version(definition)?;
        durable::write(&self.file(name, "held"), definition.version().to_string().as_bytes())?;
        self.held.lock().unwrap_or_else(PoisonError::into_inner).waiting.insert(name.to_owned(), definition.clone());
        self.forget_oldest(name)
    }

    fn keep_version(&self, definition: &Arc<Definition>) -> Result<(), EngineError> {
        std::fs::create_dir_all(&self.folder).map_err(|cause| durable::io(&self.folder, cause))?;
        durable::write(&self.version_file(definition), definition.text().as_bytes())?;
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.known.insert(definition.id(), definition.clone());
        Ok(())
    }

    fn file(&self, name: &str, ending: &str) -> PathBuf {
        self.folder.join(format!("{name}.{ending}"))
    }

    fn version_file(&self, definition: &Definition) -> PathBuf {
        self.file(&format!("{}@{}", definition.name(), definition.version()), "toml")
    }

    /// Gives up versions beyond those that are kept.
    fn forget_oldest(&self, name: &str) -> Result<(), EngineError> {
        let versions = self.versions(name);
        let wanted: Vec<u64> = self.wanted_of(name).iter().flat_map(Wanted::all).map(|wanted| wanted.id()).collect();
        let spare = versions.len().saturating_sub(MOST_VERSIONS);
        for old in versions.iter().filter(|old| !wanted.contains(&old.id())).take(spare) {
            durable::remove(&self.version_file(old))?;
            self.held.lock().unwrap_or_else(PoisonError::into_inner).known.remove(&old.id());
        }
        Ok(())
    }

    /// Gives an analysis up, with all its versions; one that replaced one of the store gives way to that again.
    pub(super) fn remove(&self, name: &str) -> Result<(), DefineError> {
        let of_store = |id: u64| self.held(|held| held.built_in.iter().any(|it| it.id() == id));
        let versions = self.versions(name);
        if versions.iter().all(|version| of_store(version.id())) {
            let is_there = !versions.is_empty();
            return Err(if is_there { DefineError::BuiltIn(name.to_owned()) } else { self.unknown(name) });
        }
        for ending in ["held", "toml"] {
            durable::remove(&self.file(name, ending))?;
        }
        for version in versions {
            durable::remove(&self.version_file(&version))?;
        }
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.own.remove(name);
        held.waiting.remove(name);
        let of_store: Vec<u64> = held.built_in.iter().map(|definition| definition.id()).collect();
        held.known.retain(|id, definition| definition.name() != name || of_store.contains(id));
        Ok(())
    }
}

/// An analysis that has a name.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The version that is to serve, or else the one that is held.
    pub definition: Arc<Definition>,
    /// Whether it comes with the store.
    pub built_in: bool,
    /// The version that is held: it waits until somebody has it serve.
    pub held: Option<u32>,
}

/// The analyses that have names in a data folder's `analyses`; without a folder those that come with the store.
///
/// # Errors
/// [`EngineError::Io`] when the folder cannot be read.
pub fn definitions(folder: Option<PathBuf>, zone: &str) -> Result<Vec<Listed>, EngineError> {
    let of_store = |definition| Listed { definition, built_in: true, held: None };
    let Some(folder) = folder else { return Ok(built_in(zone).into_iter().map(of_store).collect()) };
    let wanted = Shelf::open(folder, zone.to_owned())?.wanted();
    let listed = |each: &Wanted| {
        let held = each.waits.as_ref().map(|waits| waits.version());
        Some(Listed { definition: each.first()?.clone(), built_in: each.built_in, held })
    };
    Ok(wanted.iter().filter_map(listed).collect())
}
