//! What several analyses have come to over some rows, before it is written.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::pages::broken;
use super::tables::{CELLS, DayCells, STATES, Standing, TROUBLES, day_key, standing_key};
use super::work::MOST_CELLS;
use crate::engine::error::EngineError;
use crate::event::Event;
use crate::tally::{Cell, Collected, Definition, Spot, Troubles};
use crate::views::Rows;

/// Cells of several analyses.
#[derive(Debug)]
pub(super) struct Counts(Vec<Collected>);

impl Counts {
    pub(super) fn new(definitions: &[Arc<Definition>]) -> Self {
        Self(definitions.iter().map(|definition| Collected::new(definition.clone(), true)).collect())
    }

    /// Counts an event for the analysis with this number.
    pub(super) fn event(&mut self, at: usize, event: &Event) {
        if let Some(collected) = self.0.get_mut(at) {
            collected.event(event);
        }
    }

    fn merge(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(one, other)| one.merge(other));
    }

    /// Adds the cells to those that are there, and notes where each analysis stands.
    pub(super) fn write(self, rows: &mut Rows<'_>, standings: Vec<Standing>) -> Result<(), EngineError> {
        for (one, mut standing) in self.0.into_iter().zip(standings) {
            let id = one.definition().id();
            let (cells, troubles) = one.into_parts();
            let mut days: HashMap<i32, HashMap<Spot, Cell>> = HashMap::new();
            for (spot, cell) in cells {
                days.entry(spot.day).or_default().insert(spot, cell);
            }
            for (day, mut cells) in days {
                let key = day_key(id, day);
                if let Some(known) = rows.get_packed::<DayCells>(CELLS, &key)? {
                    for (spot, known) in known.spots(day).ok_or_else(|| broken(CELLS))? {
                        match cells.get_mut(&spot) {
                            Some(cell) => cell.merge(known),
                            None => {
                                cells.insert(spot, known);
                            }
                        }
                    }
                }
                if cells.len() > MOST_CELLS {
                    standing.failed.get_or_insert_with(|| too_many(day));
                }
                rows.put_packed(CELLS, &key, &DayCells::of(cells))?;
            }
            for (day, some) in troubles {
                add_troubles(rows, id, day, some)?;
            }
            rows.put_packed(STATES, &standing_key(id), &standing)?;
        }
        Ok(())
    }
}

fn add_troubles(rows: &mut Rows<'_>, id: u64, day: i32, mut troubles: Troubles) -> Result<(), EngineError> {
    let key = day_key(id, day);
    if let Some(known) = rows.get_packed::<Troubles>(TROUBLES, &key)? {
        troubles.merge(known);
    }
    Ok(rows.put_packed(TROUBLES, &key, &troubles)?)
}

/// Why an analysis is given up.
pub(super) fn too_many(day: i32) -> String {
    let date = jiff::Timestamp::from_second(i64::from(day) * 86_400).map(|at| at.to_string());
    let date = date.unwrap_or_default().chars().take(10).collect::<String>();
    format!(
        "has more than {MOST_CELLS} groups on {date}: group by something with fewer values, or count it with distinct(…)"
    )
}

/// Counts that several threads fill: each takes one that is free, and there are never more than threads.
#[derive(Debug)]
pub(super) struct Pool {
    definitions: Vec<Arc<Definition>>,
    free: Mutex<Vec<Counts>>,
}

impl Pool {
    pub(super) fn new(definitions: Vec<Arc<Definition>>) -> Self {
        Self { definitions, free: Mutex::default() }
    }

    /// Has something counted into one of them.
    pub(super) fn with<T>(&self, count: impl FnOnce(&mut Counts) -> T) -> T {
        let taken = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut counts = taken.unwrap_or_else(|| Counts::new(&self.definitions));
        let result = count(&mut counts);
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(counts);
        result
    }

    /// How many cells there are in all of them.
    pub(super) fn cells(&self) -> usize {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        free.iter().flat_map(|counts| &counts.0).map(Collected::len).sum()
    }

    /// All of them, brought together; they begin anew.
    pub(super) fn merged(&self) -> Counts {
        let mut free = std::mem::take(&mut *self.free.lock().unwrap_or_else(PoisonError::into_inner)).into_iter();
        let mut all = free.next().unwrap_or_else(|| Counts::new(&self.definitions));
        free.for_each(|counts| all.merge(counts));
        all
    }
}
