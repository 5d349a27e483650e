//! What an analysis has come to.

use std::collections::BTreeMap;
use std::sync::Arc;

use compact_str::CompactString;

use super::pages::broken;
use super::shelf::DefineError;
use super::tables::{CELLS, DayCells, STATES, Standing, day_key, day_of_key, standing_key};
use super::work::paged_in;
use crate::engine::error::EngineError;
use crate::event::codec;
use crate::event::{Micros, Position, did_you_mean};
use crate::tally::{Buckets, Cell, Definition, Figure, Group, Over, Span, Spot, day_of};
use crate::views::Reader;

/// What is asked of an analysis.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// Buckets that begin at this moment or later.
    pub from: Option<Micros>,
    /// Buckets that begin before this moment.
    pub until: Option<Micros>,
    /// Groups of which each of these says just this; `None` is nothing said.
    pub only: Vec<(String, Option<String>)>,
    /// The groups that are told apart; all when absent. The cells of the others are brought together.
    pub by: Option<Vec<String>>,
    /// Longer buckets than those of the analysis, which are brought together.
    pub bucket: Option<Span>,
    /// All buckets are brought together.
    pub whole: bool,
}

/// A line of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// When its bucket begins; `None` when all is in one.
    pub bucket: Option<Micros>,
    /// What each of the groups says.
    pub group: Vec<Option<CompactString>>,
    /// The figures, in the order of the definition.
    pub figures: Vec<Figure>,
    /// Whether its bucket, or the window behind it, is not over.
    pub provisional: bool,
}

/// What an analysis has come to.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Of which.
    pub definition: Arc<Definition>,
    /// Events before this position are counted.
    pub through: Position,
    /// How long the buckets are.
    pub bucket: Option<Span>,
    /// The groups that are told apart.
    pub groups: Vec<String>,
    /// The lines, by bucket and then by group.
    pub lines: Vec<Line>,
}

/// Why something cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// There is no such analysis.
    #[error(transparent)]
    Define(#[from] DefineError),
    /// It is not complete yet.
    #[error("`{name}` version {version} is being counted ({percent} % so far); ask again in a moment")]
    Building {
        /// The analysis.
        name: String,
        /// The version.
        version: u32,
        /// How far it is.
        percent: u32,
    },
    /// It is neither the version that serves, nor the one of before, nor the one that is built.
    #[error(
        "`{name}` version {version} is not counted any more; define it again, with `hold` to compare it before it serves, or have it serve"
    )]
    NotKept {
        /// The analysis.
        name: String,
        /// The version.
        version: u32,
    },
    /// It could not be counted.
    #[error("`{name}` version {version} {reason}")]
    Failed {
        /// The analysis.
        name: String,
        /// The version.
        version: u32,
        /// Why.
        reason: String,
    },
    /// It does not group by that.
    #[error("`{name}` does not group by `{given}`; {help}")]
    Group {
        /// The analysis.
        name: String,
        /// What was asked for.
        given: String,
        /// What it groups by.
        help: String,
    },
    /// Its buckets do not make up those.
    #[error("the buckets of `{name}` ({has}) cannot be brought together to `{given}`; {help}")]
    Bucket {
        /// The analysis.
        name: String,
        /// Its own.
        has: &'static str,
        /// What was asked for.
        given: &'static str,
        /// What to do.
        help: &'static str,
    },
    /// The store fails.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Cells by where they stand, brought together as was asked.
#[derive(Debug)]
pub(super) struct Sheet {
    definition: Arc<Definition>,
    kept: Vec<usize>,
    only: Vec<(usize, Option<String>)>,
    ask: Ask,
    /// The analysis's own buckets, or the longer ones that were asked for.
    buckets: Buckets,
    cells: BTreeMap<Spot, Together>,
}

/// Cells that were brought together.
#[derive(Debug)]
struct Together {
    cell: Cell,
    /// When the last of their buckets ends; `None` when the analysis has all in one.
    ends: Option<Micros>,
}

impl Sheet {
    pub(super) fn new(definition: Arc<Definition>, ask: Ask) -> Result<Self, AskError> {
        let names: Vec<&str> = definition.groups().collect();
        let place = |given: &str| {
            names.iter().position(|name| *name == given).ok_or_else(|| AskError::Group {
                name: definition.name().to_owned(),
                given: given.chars().take(64).collect(),
                help: if names.is_empty() {
                    "it groups by nothing".into()
                } else {
                    did_you_mean(given, &names).into_owned()
                },
            })
        };
        let kept = match &ask.by {
            Some(by) => by.iter().map(|name| place(name)).collect::<Result<_, _>>()?,
            None => (0..names.len()).collect(),
        };
        let only =
            ask.only.iter().map(|(name, value)| Ok((place(name)?, value.clone()))).collect::<Result<_, AskError>>()?;
        let buckets = coarser(&definition, ask.bucket)?;
        Ok(Self { definition, kept, only, ask, buckets, cells: BTreeMap::new() })
    }

    /// The days whose rows can be in the range, when only those can be.
    fn days(&self) -> (Option<i32>, Option<i32>) {
        if !self.definition.is_at_its_usual_moment() {
            return (None, None);
        }
        // A bucket begins before its rows do, and the next one behind them.
        (self.ask.from.map(day_of), self.ask.until.map(|until| day_of(until).saturating_add(366)))
    }

    /// Takes a cell in.
    pub(super) fn add(&mut self, spot: Spot, cell: Cell) {
        let begins = spot.begins();
        if let Some(at) = begins
            && (self.ask.from.is_some_and(|from| at < from) || self.ask.until.is_some_and(|until| at >= until))
        {
            return;
        }
        let values = spot.group.values();
        let says = |at: usize| values.get(at).and_then(Option::as_deref);
        if self.only.iter().any(|(at, wanted)| says(*at) != wanted.as_deref()) {
            return;
        }
        let mut group = Group::none();
        self.kept.iter().for_each(|at| group.push_kept(says(*at)));
        let (from, ends) = begins.and_then(|at| self.buckets.of(at)).unzip();
        let bucket = if self.ask.whole { Spot::ALL } else { from.unwrap_or(spot.bucket) };
        match self.cells.entry(Spot { day: 0, bucket, group }) {
            std::collections::btree_map::Entry::Occupied(mut known) => {
                let known = known.get_mut();
                known.cell.merge(cell);
                known.ends = known.ends.max(ends);
            }
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(Together { cell, ends });
            }
        }
    }

    /// The answer as of a moment of the clock.
    pub(super) fn answer(self, through: Position, now: Micros) -> Answer {
        let definition = self.definition;
        let span = self.ask.bucket.or(definition.bucket()).filter(|_| !self.ask.whole);
        let names: Vec<&str> = definition.groups().collect();
        let groups = self.kept.iter().filter_map(|at| names.get(*at)).map(|name| (*name).to_owned()).collect();
        let lines = (self.cells.into_iter())
            .map(|(spot, Together { cell, ends })| Line {
                bucket: spot.begins(),
                group: spot.group.values(),
                figures: definition.figures_of(&cell),
                provisional: ends.map_or(definition.window() > 0, |ends| ends.plus(definition.window()) > now),
            })
            .collect();
        Answer { through, bucket: span, groups, lines, definition }
    }
}

/// An analysis's own buckets, or the longer ones that are asked for.
fn coarser(definition: &Definition, asked: Option<Span>) -> Result<Buckets, AskError> {
    let buckets = |span| Ok(Buckets::new(span, definition.zone().clone()));
    let Some(span) = asked else { return buckets(definition.bucket()) };
    match definition.bucket() {
        Some(has) if span.holds(has) => buckets(Some(span)),
        has => Err(AskError::Bucket {
            name: definition.name().to_owned(),
            has: has.map_or("none", Span::word),
            given: span.word(),
            help: "ask for a longer one that its own make up, or define another analysis",
        }),
    }
}

/// What is stored of an analysis.
pub(super) fn stored(reader: &Reader, definition: Arc<Definition>, ask: Ask, now: Micros) -> Result<Answer, AskError> {
    let id = definition.id();
    let standing: Standing =
        reader.get_packed(STATES, &standing_key(id)).map_err(EngineError::from)?.unwrap_or_default();
    let through = match definition.over() {
        Over::Events => Position(standing.through),
        Over::Contacts | Over::Cases | Over::Conversations | Over::Transitions | Over::Visits => {
            Position(paged_in(reader)?.counted)
        }
    };
    let mut sheet = Sheet::new(definition, ask)?;
    let (first, last) = sheet.days();
    let from = day_key(id, first.unwrap_or(i32::MIN));
    let behind = last
        .map_or_else(|| crate::views::Key::behind(&id.to_be_bytes()), |day| Some(day_key(id, day.saturating_add(1))));
    for row in reader.range(CELLS, from, behind).map_err(EngineError::from)? {
        let (key, bytes) = row.map_err(EngineError::from)?;
        let day = day_of_key(&key).filter(|(of, _)| *of == id).map(|(_, day)| day).ok_or_else(|| broken(CELLS))?;
        let cells: DayCells = codec::unpack(&bytes).map_err(|_| broken(CELLS))?;
        let spots = cells.spots(day).ok_or_else(|| broken(CELLS))?;
        spots.into_iter().for_each(|(spot, cell)| sheet.add(spot, cell));
    }
    Ok(sheet.answer(through, now))
}
