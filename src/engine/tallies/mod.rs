//! Analyses of a store: counted as events come, built anew beside those that serve, asked.
//!
//! Those over events follow the log. For the others the events of each customer are made rows of (see [`crate::tally::History`])
//! whenever one comes or links change; rows lie by the day on which they begin, and the days that changed are counted anew. So what
//! an analysis says is always what a count of everything would say, whatever came late, was linked or unlinked.
//!
//! Everything here is derived, lies with the views and is thrown away with them; only the [definitions](shelf) are kept apart.

mod adhoc;
mod answer;
mod compare;
mod counts;
mod days;
mod examples;
mod of_store;
mod pages;
mod pass;
mod pour;
mod progress;
mod segment;
mod shelf;
mod spill;
mod status;
mod tables;
#[cfg(test)]
mod tests;
mod versions;
mod work;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

pub use adhoc::Counted;
pub use answer::{Answer, Ask, AskError, Line};
pub use compare::{Comparison, Difference, compare, shared_groups};
pub use examples::{Example, Somewhere};
pub use of_store::read_definition;
pub use shelf::{DefineError, Listed, definitions};
pub use status::{AnalysisStatus, Phase};

pub(super) use tables::TABLES;

use super::error::EngineError;
use super::follower::Follower;
use super::novelo::Shared;
use crate::event::{Micros, Position};
use crate::tally::Definition;
use crate::written::Mistakes;
use progress::Pulse;
use shelf::{Shelf, Wanted};
use tables::{Posts, STATES, Standing, posts_key, standing_key};

/// The analyses of a store.
#[derive(Debug)]
pub struct Tallies {
    /// None where they are not kept: then nothing is counted.
    _work: Option<Follower>,
    shared: Arc<Shared>,
    shelf: Arc<Shelf>,
    pulse: Arc<Pulse>,
}

impl Tallies {
    pub(super) fn start(shared: Arc<Shared>, folder: std::path::PathBuf, kept: bool) -> Result<Self, EngineError> {
        let zone = shared.context_rules.time_zone().to_owned();
        let spill_path = folder.with_extension("part");
        let (shelf, pulse) = (Arc::new(Shelf::open(folder, zone)?), Arc::new(Pulse::default()));
        let begin = || work::start(shared.clone(), shelf.clone(), pulse.clone(), spill_path);
        let thread = |cause| EngineError::Io { path: "a thread".into(), cause };
        let _work = kept.then(begin).transpose().map_err(thread)?;
        Ok(Self { _work, shared, shelf, pulse })
    }

    /// Reads a definition without keeping it.
    ///
    /// # Errors
    /// [`Mistakes`] lists all of them.
    pub fn read(&self, text: &str) -> Result<Definition, Mistakes> {
        self.shelf.read(text)
    }

    /// Defines an analysis, or a new version of one: it is counted beside the one that serves and takes its place once it is
    /// complete; when it is `held`, once [`Tallies::serve`] says so. Durable when this returns.
    ///
    /// # Errors
    /// [`DefineError`] says what is wrong with it.
    pub fn define(&self, text: &str, held: bool) -> Result<Arc<Definition>, DefineError> {
        let definition = self.shelf.define(text, held)?;
        self.pulse.ask();
        Ok(definition)
    }

    /// Has a version serve: one that served before at once, any other as soon as it is complete.
    ///
    /// # Errors
    /// [`DefineError`] when there is no such version.
    pub fn serve(&self, name: &str, version: u32) -> Result<Arc<Definition>, DefineError> {
        let definition = self.shelf.want(name, version)?;
        self.pulse.ask();
        Ok(definition)
    }

    /// Waits until a version that is to serve does, or is counted for it; at most so long, since a count of everything goes first.
    ///
    /// # Errors
    /// [`EngineError`] when the views cannot be read.
    pub async fn taken_up(&self, definition: &Definition, at_most: Duration) -> Result<(), EngineError> {
        let mut beats = self.changes();
        let taken_up = async {
            while !self.is_taken_up(definition)? && beats.changed().await.is_ok() {}
            Ok(())
        };
        // How it stands is what is told then.
        tokio::time::timeout(at_most, taken_up).await.unwrap_or(Ok(()))
    }

    fn is_taken_up(&self, definition: &Definition) -> Result<bool, EngineError> {
        let reader = self.shared.views.reader()?;
        let posts: Option<Posts> = reader.get_packed(STATES, &posts_key(definition.name()))?;
        let Some(posts) = posts else { return Ok(false) };
        if posts.building == Some(definition.id()) {
            // One that is complete serves in a moment.
            let standing: Option<Standing> = reader.get_packed(STATES, &standing_key(definition.id()))?;
            return Ok(standing.is_none_or(|standing| !standing.built));
        }
        Ok(posts.serving == Some(definition.id()))
    }

    /// Gives an analysis up, with all its versions.
    ///
    /// # Errors
    /// [`DefineError`] when there is none, or it comes with the store.
    pub fn remove(&self, name: &str) -> Result<(), DefineError> {
        self.shelf.remove(name)?;
        self.pulse.ask();
        Ok(())
    }

    /// A version of an analysis.
    ///
    /// # Errors
    /// [`DefineError`] when there is none.
    pub fn version(&self, name: &str, version: u32) -> Result<Arc<Definition>, DefineError> {
        self.shelf.version(name, version)
    }

    /// What an analysis has come to: the version that serves, or another that is kept.
    ///
    /// # Errors
    /// [`AskError`] says why there is no answer.
    pub fn ask(&self, name: &str, version: Option<u32>, ask: Ask, now: Micros) -> Result<Answer, AskError> {
        let reader = self.shared.views.reader().map_err(EngineError::from)?;
        let posts: Posts = reader.get_packed(STATES, &posts_key(name)).map_err(EngineError::from)?.unwrap_or_default();
        let id = match version {
            None => match posts.serving {
                Some(id) => id,
                None => self.wanted_id(name)?,
            },
            Some(version) => self.shelf.version(name, version)?.id(),
        };
        let definition = self.shelf.known(id).ok_or_else(|| self.shelf.unknown(name))?;
        let is_kept = posts.all().any(|kept| kept == id);
        let is_wanted = || self.shelf.wanted_of(name).iter().flat_map(Wanted::all).any(|wanted| wanted.id() == id);
        if version.is_some() && !is_kept && !is_wanted() {
            return Err(AskError::NotKept { name: name.to_owned(), version: definition.version() });
        }
        let status = self.status_of(&reader, &definition, is_kept)?;
        match status.phase {
            Phase::Live | Phase::CatchingUp | Phase::Ready => answer::stored(&reader, definition, ask, now),
            Phase::Failed => {
                let reason = status.failed.unwrap_or_default();
                Err(AskError::Failed { name: name.to_owned(), version: definition.version(), reason })
            }
            Phase::Building => {
                let percent = (status.progress * 100.0) as u32;
                Err(AskError::Building { name: name.to_owned(), version: definition.version(), percent })
            }
        }
    }

    fn wanted_id(&self, name: &str) -> Result<u64, AskError> {
        let wanted = self.shelf.wanted_of(name);
        Ok(wanted.as_ref().and_then(Wanted::first).map(|first| first.id()).ok_or_else(|| self.shelf.unknown(name))?)
    }

    /// Counts rounds of counting: whenever it changes, answers may have.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.pulse.watch_beats()
    }

    /// Waits until everything before `position` is counted, at most so long.
    ///
    /// # Errors
    /// [`EngineError::Behind`] when it is not by then.
    pub async fn wait_for(&self, position: Position, at_most: Duration) -> Result<(), EngineError> {
        let mut followed = self.pulse.watch_followed();
        let waited = tokio::time::timeout(at_most, followed.wait_for(|through| *through >= position)).await;
        match waited {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(EngineError::Behind { wanted: position, through: self.pulse.followed() }),
        }
    }
}
