//! Analyses over contacts, cases, conversations and steps: the rows of each day that changed are counted anew.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::counts::too_many;
use super::pages::broken;
use super::tables::{
    BUNDLES, CELLS, DUE, DayCells, PAGES, STATES, Standing, TROUBLES, customer_of, day_key, day_of_key, day_prefix,
    known_days, standing_key,
};
use super::work::{Bench, MOST_CELLS, panicked};
use crate::engine::courtesy::Courtesy;
use crate::engine::error::EngineError;
use crate::event::codec;
use crate::tally::{Collected, Definition, Page};
use crate::views::Reader;

/// Days that are counted in one go: of those that changed, and of those that are built.
const MOST_DAYS: usize = 16;

/// A day, and the analyses for which it is to be counted.
type Task = (i32, Vec<Arc<Definition>>);

impl Bench {
    /// Counts some of the days that are to be; how many, and how many rows' pages they had.
    pub(super) fn count_days(&mut self, all: &[Arc<Definition>]) -> Result<(usize, u64), EngineError> {
        let reader = self.shared.views.reader()?;
        let (tasks, marks) = tasks(&reader, all)?;
        let days = marks.len();
        if days == 0 {
            return Ok((0, 0));
        }
        let courtesy = &self.shared.courtesy;
        let work =
            |some: &[Task]| some.iter().map(|task| count(&reader, task, courtesy)).collect::<Result<Vec<_>, _>>();
        let counted = self.crew.share(&tasks, 1, panicked, work)?;
        let pages = counted.iter().map(|(pages, _)| pages).sum();
        let mut batch = self.shared.views.batch(4_096)?;
        let tables = batch.serving();
        let mut rows = batch.rows(&tables);
        for ((day, _), (_, collected)) in tasks.iter().zip(counted) {
            for one in collected {
                let id = one.definition().id();
                let (cells, mut troubles) = one.into_parts();
                let troubles = troubles.remove(day).unwrap_or_default();
                let prefix = day_key(id, *day);
                if cells.len() > MOST_CELLS {
                    let standing: Option<Standing> = reader.get_packed(STATES, &standing_key(id))?;
                    let failed = Standing { failed: Some(too_many(*day)), ..standing.unwrap_or_default() };
                    rows.put_packed(STATES, &standing_key(id), &failed)?;
                    continue;
                }
                match cells.is_empty() {
                    true if reader.get(CELLS, &prefix)?.is_some() => rows.delete(CELLS, &prefix)?,
                    true => {}
                    false => rows.put_packed(CELLS, &prefix, &DayCells::of(cells))?,
                }
                match troubles.is_empty() {
                    true if reader.get(TROUBLES, &prefix)?.is_some() => rows.delete(TROUBLES, &prefix)?,
                    true => {}
                    false => rows.put_packed(TROUBLES, &prefix, &troubles)?,
                }
            }
        }
        marks.iter().try_for_each(|key| rows.delete(DUE, key))?;
        batch.commit()?;
        Ok((days, pages))
    }

    /// Has every day counted for an analysis; how many there are.
    pub(super) fn want_all_days(
        &self,
        reader: &Reader,
        rows: &mut crate::views::Rows<'_>,
        id: u64,
    ) -> Result<u64, EngineError> {
        let days = known_days(reader)?;
        days.iter().try_for_each(|day| rows.put(DUE, &day_key(id, *day), &[]))?;
        Ok(days.len() as u64)
    }
}

/// Some days that are to be counted, each with the analyses that want it; and the rows that say so.
fn tasks(reader: &Reader, all: &[Arc<Definition>]) -> Result<(Vec<Task>, Vec<Vec<u8>>), EngineError> {
    let mut days: BTreeMap<i32, BTreeSet<usize>> = BTreeMap::new();
    let mut marks = Vec::new();
    let mut room = [MOST_DAYS; 2];
    for row in reader.range(DUE, Vec::new(), None)? {
        let (key, _) = row?;
        let (id, day) = day_of_key(&key).ok_or_else(|| broken(DUE))?;
        if !days.contains_key(&day) {
            // Neither those that follow nor those that are built wait for all of the others.
            let Some(left) = room.get_mut(usize::from(id != 0)).filter(|left| **left > 0) else { continue };
            *left -= 1;
        }
        let wanting = all.iter().enumerate().filter(|(_, definition)| id == 0 || definition.id() == id);
        days.entry(day).or_default().extend(wanting.map(|(at, _)| at));
        marks.push(key.to_vec());
    }
    let of = |wanting: BTreeSet<usize>| wanting.into_iter().filter_map(|at| all.get(at).cloned()).collect();
    Ok((days.into_iter().map(|(day, wanting)| (day, of(wanting))).collect(), marks))
}

/// Counts the rows of one day; how many pages they were on.
fn count(
    reader: &Reader,
    (day, definitions): &Task,
    courtesy: &Courtesy,
) -> Result<(u64, Vec<Collected>), EngineError> {
    let mut collected: Vec<Collected> = definitions.iter().map(|one| Collected::new(one.clone(), true)).collect();
    let mut pages = 0;
    for bundle in 0..BUNDLES {
        for row in reader.prefix(PAGES, &day_prefix(bundle, *day))? {
            courtesy.give_way();
            let (key, bytes) = row?;
            let customer = customer_of(&key).ok_or_else(|| broken(PAGES))?;
            let customer: Arc<str> = Arc::from(customer.to_string());
            let mut page: Page = codec::unpack(&bytes).map_err(|_| broken(PAGES))?;
            page.belongs_to(&customer);
            collected.iter_mut().for_each(|one| one.page(&customer, &page));
            pages += 1;
        }
    }
    Ok((pages, collected))
}
