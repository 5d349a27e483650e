//! Counting rows into cells: by bucket and group.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::bucket::Buckets;
use super::cell::{Cell, Place};
use super::definition::{Definition, Over};
use super::entity::Entity;
use super::events::EventRow;
use super::expression::Trouble;
use super::group::Group;
use super::page::{Page, day_of};
use super::row::Row;
use crate::event::{Event, Micros};

/// Troubles that are told one by one.
const MOST_TOLD: usize = 20;

/// Where a cell stands: the day of its rows, the beginning of their bucket, and their group.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot {
    /// The day on which its rows begin; 0 where days are not told apart.
    pub day: i32,
    /// When its bucket begins; the least moment when all is in one.
    pub bucket: Micros,
    /// Its group.
    pub group: Group,
}

impl Spot {
    /// The bucket of rows that are in one.
    pub const ALL: Micros = Micros(i64::MIN);

    /// When its bucket begins; `None` when all is in one.
    #[must_use]
    pub fn begins(&self) -> Option<Micros> {
        (self.bucket != Self::ALL).then_some(self.bucket)
    }
}

/// Rows that could not be counted: how many, and the first of them by their positions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Troubles {
    /// How many.
    pub count: u64,
    /// The first, with the positions of the events.
    pub first: Vec<(u64, Trouble)>,
}

impl Troubles {
    fn note(&mut self, position: u64, trouble: Trouble) {
        self.count += 1;
        self.keep((position, trouble));
    }

    fn keep(&mut self, one: (u64, Trouble)) {
        let at = self.first.partition_point(|known| *known <= one);
        if at < MOST_TOLD {
            self.first.insert(at, one);
            self.first.truncate(MOST_TOLD);
        }
    }

    /// Takes in what another part found.
    pub fn merge(&mut self, other: Self) {
        self.count += other.count;
        other.first.into_iter().for_each(|one| self.keep(one));
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// The cells of an analysis over some rows. Those of two parts of the rows come together to those of both.
#[derive(Clone, Debug)]
pub struct Collected {
    definition: Arc<Definition>,
    buckets: Buckets,
    by_day: bool,
    cells: FxHashMap<Spot, Cell>,
    troubles: BTreeMap<i32, Troubles>,
    /// Where the row at hand belongs: made once, so that most rows take no room of their own.
    spot: Spot,
    sums: Vec<Option<i128>>,
}

impl Collected {
    /// No rows yet. Cells are told apart by the day on which their rows begin, or are not.
    #[must_use]
    pub fn new(definition: Arc<Definition>, by_day: bool) -> Self {
        let buckets = Buckets::new(definition.bucket, definition.zone.1.clone());
        let (cells, troubles) = (FxHashMap::default(), BTreeMap::new());
        Self { definition, buckets, by_day, cells, troubles, spot: Spot::default(), sums: Vec::new() }
    }

    /// Which analysis they are of.
    #[must_use]
    pub fn definition(&self) -> &Arc<Definition> {
        &self.definition
    }

    /// Counts an event, when the analysis goes over events.
    pub fn event(&mut self, event: &Event) {
        if self.definition.over == Over::Events {
            self.row(&EventRow(event), (event.header.occurred_at, event.position));
        }
    }

    /// Counts the rows of a page that the analysis goes over.
    pub fn page(&mut self, customer: &Arc<str>, page: &Page) {
        match self.definition.over {
            Over::Events => {}
            Over::Contacts => self.entities(&page.contacts),
            Over::Cases => self.entities(&page.cases),
            Over::Conversations => self.entities(&page.conversations),
            Over::Visits => self.entities(&page.visits),
            Over::Transitions => {
                self.entities(&page.steps);
                if self.definition.wants_kind_steps() {
                    page.kind_steps(customer).for_each(|step| self.row(&step, step.place()));
                }
            }
        }
    }

    fn entities<R: Entity>(&mut self, rows: &[R]) {
        rows.iter().for_each(|row| self.row(row, row.place()));
    }

    fn row(&mut self, row: &impl Row, place: Place) {
        self.spot.day = if self.by_day { day_of(place.0) } else { 0 };
        if let Err(trouble) = self.count(row, place) {
            self.troubles.entry(self.spot.day).or_default().note(place.1.0, trouble);
        }
    }

    fn count(&mut self, row: &impl Row, place: Place) -> Result<(), Trouble> {
        let Self { definition, buckets, cells, spot, sums, .. } = self;
        if let Some(condition) = &definition.condition
            && !condition.holds(row)?
        {
            return Ok(());
        }
        // A row that says nothing there has no place in time: a case that is not resolved, by the moment of its resolution.
        let super::Value::Moment(at) = definition.at.of(row)? else { return Ok(()) };
        spot.bucket = buckets.of(at).map_or(Spot::ALL, |(from, _)| from);
        spot.group.clear();
        for (_, by) in &definition.groups {
            spot.group.push(&by.of(row)?);
        }
        match cells.get_mut(spot) {
            Some(cell) => cell.add(&definition.measures, row, place, sums),
            None => {
                let mut cell = Cell::new(&definition.measures);
                cell.add(&definition.measures, row, place, sums)?;
                cells.insert(spot.clone(), cell);
                Ok(())
            }
        }
    }

    /// How many cells there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty() && self.troubles.is_empty()
    }

    /// Takes in what was counted of other rows.
    pub fn merge(&mut self, other: Self) {
        other.cells.into_iter().for_each(|(spot, cell)| self.merge_cell(spot, cell));
        other.troubles.into_iter().for_each(|(day, some)| self.troubles.entry(day).or_default().merge(some));
    }

    /// Takes in a cell of other rows.
    pub fn merge_cell(&mut self, spot: Spot, cell: Cell) {
        match self.cells.get_mut(&spot) {
            Some(known) => known.merge(cell),
            None => {
                self.cells.insert(spot, cell);
            }
        }
    }

    /// The cells, and by day what could not be counted.
    #[must_use]
    pub fn into_parts(self) -> (FxHashMap<Spot, Cell>, BTreeMap<i32, Troubles>) {
        (self.cells, self.troubles)
    }
}
