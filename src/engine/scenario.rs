//! A projection of your own: how it is written, tried, versioned, replayed and served.
//!
//! A [`Projection`] gets every event once, in the order of the log, and writes rows into tables of its own. Give
//! it to the store in [`Options::projections`](super::Options::projections): rows and checkpoint are one atomic write, so each event
//! counts exactly once, whatever stops the process.
//!
//! - *Write* `apply` as a pure function of the events so far: no clock, no randomness. What is changed several times in a batch is kept
//!   until `finish`; how events are cut into batches must not show in the rows.
//! - *Try* it with a [`Scenario`]: given events, the rows are as expected. It is told the events in one go, one by one, and by a
//!   replay, and fails where those come to different rows.
//! - *Version* it: raise `version` when the rows of the same events look different. A new version is built from the first event on when
//!   the store is opened.
//! - *Replay* it while it serves: [`Novelo::rebuild`](super::Novelo::rebuild) builds it beside the old rows, which answer until the new ones
//!   are complete; [`Novelo::projections`](super::Novelo::projections) tells how far it is.
//! - *Serve* its rows with [`Picture::reader`](super::Picture::reader): one consistent picture with everything else.
//!
//! What only counts need not be a projection in code: see [`crate::tally`].
//!
//! ```
//! use novelo::engine::scenario::Scenario;
//! use novelo::event::Kind;
//! use novelo::views::{Applied, Projection, Rows, TableSpec, Use, ViewError};
//! use serde_json::json;
//!
//! /// How many complaints there were.
//! #[derive(Default)]
//! struct Complaints(u64);
//!
//! impl Projection for Complaints {
//!     fn name(&self) -> &'static str {
//!         "complaints"
//!     }
//!     fn version(&self) -> u32 {
//!         1
//!     }
//!     fn tables(&self) -> &'static [TableSpec] {
//!         &[TableSpec { name: "complaints", used_for: Use::Small }]
//!     }
//!     fn apply(&mut self, applied: Applied<'_>, _: &mut Rows<'_>) -> Result<(), ViewError> {
//!         self.0 += u64::from(applied.event.kind.feedback().is_some_and(|it| it.word() == "complaint"));
//!         Ok(())
//!     }
//!     fn finish(&mut self, rows: &mut Rows<'_>) -> Result<(), ViewError> {
//!         let before: u64 = rows.get_packed("complaints", b"all")?.unwrap_or(0);
//!         rows.put_packed("complaints", b"all", &(before + std::mem::take(&mut self.0)))
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let rows = Scenario::of(|| Box::new(Complaints::default()))
//!     .given("feedback.given", "crm:8812", json!({"channel": "voice", "feedback": "complaint"}))
//!     .given("feedback.given", "crm:8812", json!({"channel": "voice", "feedback": "praise"}))
//!     .given("feedback.given", "crm:9001", json!({"channel": "web", "feedback": "complaint"}))
//!     .rows("complaints")?;
//! assert_eq!(rows.len(), 1);
//! assert_eq!(novelo::event::codec::unpack::<u64>(&rows[0].1)?, 2);
//! # Ok(())
//! # }
//! ```

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::Novelo;
use super::error::{EngineError, RecordError};
use super::options::{Options, ProjectionFactory};
use super::writer::Expect;
use crate::event::{Draft, Flat, Invalid, Micros, Unfiled};
use crate::views::{Projection, ViewError};

/// How long a scenario waits for rows.
const PATIENCE: Duration = Duration::from_secs(60);
/// The moment of the first event; each is a minute behind the one before, unless it says another.
const BEGINS: &str = "2026-01-05T12:00:00Z";

/// A table's rows: keys and values, in the order of the keys.
pub type TableRows = Vec<(Vec<u8>, Vec<u8>)>;

/// What happened, and a projection that is told of it.
pub struct Scenario {
    make: ProjectionFactory,
    events: Vec<Flat>,
}

impl std::fmt::Debug for Scenario {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scenario of {} events", self.events.len())
    }
}

/// Why a scenario does not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// An event is none.
    #[error("event {number}: {cause}")]
    Event {
        /// Which, from 1.
        number: usize,
        /// What is wrong with it.
        cause: Invalid,
    },
    /// The rows depend on how the events come.
    #[error(
        "the rows of `{table}` differ {how}: is something kept that is not written in `finish`, or read that another replay answers otherwise?"
    )]
    Differs {
        /// Which table.
        table: &'static str,
        /// How the events came.
        how: &'static str,
    },
    /// There is no folder for a store.
    #[error("no temporary folder can be made: {0}")]
    Folder(std::io::Error),
    /// The store fails, or the projection does.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The events are not taken.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl Scenario {
    /// Nothing happened yet. The projection is made anew for every way in which it is told.
    #[must_use]
    pub fn of(make: impl Fn() -> Box<dyn Projection> + Send + Sync + 'static) -> Self {
        Self { make: Arc::new(make), events: Vec::new() }
    }

    /// An event happened next: its kind, its subject (`kind:value`), and its fields as in CloudEvents `data`; a field `time` is its
    /// moment.
    #[must_use]
    pub fn given(mut self, kind: &str, subject: &str, data: Value) -> Self {
        let Value::Object(mut data) = data else { return self.given(kind, subject, serde_json::json!({})) };
        let minute = 60 * Micros::SECOND * self.events.len() as i64;
        let usual = Micros::parse(BEGINS).unwrap_or_default().plus(minute).to_string();
        let time = data.remove("time").and_then(|time| time.as_str().map(str::to_owned)).unwrap_or(usual);
        self.events.push(Flat {
            id: format!("e-{}", self.events.len()),
            source: "scenario".into(),
            kind: format!("novelo.{kind}"),
            subject: Some(subject.into()),
            time: Some(time),
            data,
        });
        self
    }

    /// The rows of a table then: the same whether the events come in one go, one by one, or in a replay.
    ///
    /// # Errors
    /// [`ScenarioError::Differs`] when they are not the same; others when an event is none or the store fails.
    pub fn rows(&self, table: &'static str) -> Result<TableRows, ScenarioError> {
        let (together, replayed) = self.told(table, usize::MAX)?;
        let (one_by_one, again) = self.told(table, 1)?;
        let differs = |how| Err(ScenarioError::Differs { table, how });
        match () {
            () if one_by_one != together => differs("when events come one by one"),
            () if replayed != together || again != together => differs("in a replay"),
            () => Ok(together),
        }
    }

    /// The rows when so many events come at once, and those of a replay.
    fn told(&self, table: &'static str, at_once: usize) -> Result<(TableRows, TableRows), ScenarioError> {
        let folder = tempfile::tempdir().map_err(ScenarioError::Folder)?;
        let options = Options { projections: vec![self.make.clone()], analyses: false, ..Options::new(folder.path()) };
        let (novelo, _) = Novelo::open(options, |_, _| {})?;
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ScenarioError::Folder)?;
        let drafts = self.drafts(&novelo)?;
        for some in drafts.chunks(at_once.min(drafts.len()).max(1)) {
            runtime.block_on(novelo.record(some.to_vec(), Expect::Each))?;
            runtime.block_on(novelo.wait_for(novelo.head().next, PATIENCE))?;
        }
        let live = rows(&novelo, table)?;
        let name = (self.make)().name();
        novelo.rebuild(Some(name))?.wait()?;
        Ok((live, rows(&novelo, table)?))
    }

    fn drafts(&self, novelo: &Novelo) -> Result<Vec<Draft>, ScenarioError> {
        let now = Micros::now();
        let draft = |(index, flat): (usize, &Flat)| {
            let filed = Unfiled::read(flat.clone()).and_then(|unfiled| novelo.filing().file(unfiled, now));
            filed.map_err(|cause| ScenarioError::Event { number: index + 1, cause })
        };
        self.events.iter().enumerate().map(draft).collect()
    }
}

fn rows(novelo: &Novelo, table: &'static str) -> Result<TableRows, EngineError> {
    let picture = novelo.picture()?;
    let rows = picture.reader().prefix(table, &[])?;
    Ok(rows.map(|row| row.map(|(key, value)| (key.to_vec(), value.to_vec()))).collect::<Result<_, ViewError>>()?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::views::{Applied, Rows, TableSpec, Use};

    /// Counts batches rather than events: what a projection must not do.
    struct Batches;

    impl Projection for Batches {
        fn name(&self) -> &'static str {
            "batches"
        }
        fn version(&self) -> u32 {
            1
        }
        fn tables(&self) -> &'static [TableSpec] {
            &[TableSpec { name: "batches", used_for: Use::Small }]
        }
        fn apply(&mut self, _: Applied<'_>, _: &mut Rows<'_>) -> Result<(), ViewError> {
            Ok(())
        }
        fn finish(&mut self, rows: &mut Rows<'_>) -> Result<(), ViewError> {
            let before: u64 = rows.get_packed("batches", b"n")?.unwrap_or(0);
            rows.put_packed("batches", b"n", &(before + 1))
        }
    }

    #[test]
    fn rows_that_tell_how_events_were_cut_are_refused() {
        let scenario = Scenario::of(|| Box::new(Batches))
            .given("note.added", "crm:1", json!({"text": "a"}))
            .given("note.added", "crm:1", json!({"text": "b"}))
            .given("note.added", "crm:1", json!({"text": "c"}));
        assert!(matches!(scenario.rows("batches"), Err(ScenarioError::Differs { table: "batches", .. })));
    }

    #[test]
    fn an_event_that_is_none_is_told_by_its_number() {
        let scenario = Scenario::of(|| Box::new(Batches)).given("note.added", "crm:1", json!({"text": "a"})).given(
            "note.added",
            "crm:1",
            json!({}),
        );
        let wrong = scenario.rows("batches").unwrap_err().to_string();
        assert!(wrong.starts_with("event 2: data.text"), "{wrong}");
    }
}
