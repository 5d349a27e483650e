//! The versions of analyses: which is built, which serves, which is given up.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::shelf::Wanted;
use super::status::waiting;
use super::tables::{CELLS, DUE, POSTS, Posts, STATES, Standing, TROUBLES, posts_key, standing_key};
use super::work::{Bench, REMOVED_AT_ONCE};
use crate::engine::error::EngineError;
use crate::event::Position;
use crate::tally::{Definition, Over};
use crate::views::{Reader, RowBytes};

/// Every analysis that is kept, as a round finds it.
pub(super) struct Kept {
    pub(super) definition: Arc<Definition>,
    pub(super) standing: Standing,
}

impl Bench {
    /// Puts what is wanted to work: begins the builds of new versions, forgets what is not wanted.
    pub(super) fn settle(&mut self) -> Result<(), EngineError> {
        let reader = self.shared.views.reader()?;
        let wanted = self.shelf.wanted();
        let mut batch = self.shared.views.batch(16)?;
        let tables = batch.serving();
        let mut rows = batch.rows(&tables);
        let mut changed = false;
        for wanted in &wanted {
            let Some(name) = wanted.first().map(|definition| definition.name()) else { continue };
            let stored: Option<Posts> = reader.get_packed(STATES, &posts_key(name))?;
            let before = stored.clone().unwrap_or_default();
            let mut posts = before.clone();
            posts.serving = posts.serving.filter(|id| self.shelf.known(*id).is_some());
            posts.previous = posts.previous.filter(|id| self.shelf.known(*id).is_some());
            let Some((definition, held)) = next_of(wanted, &posts) else { continue };
            let id = definition.id();
            let waits = |building: &u64| wanted.waits.as_ref().is_some_and(|waits| waits.id() == *building);
            let is_there = posts.previous == Some(id);
            if posts.serving == Some(id) {
                posts.building = None;
            } else if is_there && !held {
                let building = posts.building.filter(waits);
                (posts.serving, posts.previous, posts.building) = (Some(id), posts.serving, building);
            } else if is_there {
                (posts.previous, posts.building) = (None, Some(id));
            } else if posts.building != Some(id) {
                posts.building = Some(id);
                let days = match definition.over() {
                    Over::Events => 0,
                    Over::Contacts | Over::Cases | Over::Conversations | Over::Transitions | Over::Visits => {
                        self.want_all_days(&reader, &mut rows, id)?
                    }
                };
                rows.put_packed(STATES, &standing_key(id), &Standing { days, ..Standing::default() })?;
            }
            posts.held = posts.building.as_ref().is_some_and(waits);
            if posts != before || stored.is_none() {
                rows.put_packed(STATES, &posts_key(name), &posts)?;
                changed = true;
            }
        }
        for (name, _) in self.all_posts(&reader)? {
            if !wanted.iter().filter_map(Wanted::first).any(|definition| definition.name() == name) {
                rows.delete(STATES, &posts_key(&name))?;
                changed = true;
            }
        }
        if changed {
            batch.commit()?;
        }
        Ok(())
    }

    /// Which analyses there are by each name.
    fn all_posts(&self, reader: &Reader) -> Result<BTreeMap<String, Posts>, EngineError> {
        let mut all = BTreeMap::new();
        for row in reader.prefix(STATES, POSTS)? {
            let (key, _) = row?;
            let name = String::from_utf8_lossy(key.get(POSTS.len()..).unwrap_or_default()).into_owned();
            let posts = reader.get_packed(STATES, &key)?.unwrap_or_default();
            all.insert(name, posts);
        }
        Ok(all)
    }

    /// Every analysis that is kept; and the ids of those that have a standing and are not.
    pub(super) fn kept(&self) -> Result<(Vec<Kept>, Vec<u64>), EngineError> {
        let reader = self.shared.views.reader()?;
        let ids: Vec<u64> = self.all_posts(&reader)?.values().flat_map(Posts::all).collect();
        let mut kept = Vec::with_capacity(ids.len());
        for id in &ids {
            if let Some(definition) = self.shelf.known(*id) {
                let standing = reader.get_packed(STATES, &standing_key(*id))?.unwrap_or_default();
                kept.push(Kept { definition, standing });
            }
        }
        let mut dropped = Vec::new();
        for row in reader.prefix(STATES, b"is/")? {
            let key = row?.0;
            let id = key.get(3..11).and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes);
            dropped.extend(id.filter(|id| !ids.contains(id)));
        }
        Ok((kept, dropped))
    }

    /// Has every build that is complete serve, each at once.
    pub(super) fn take_over(&mut self, paging: bool, head: Position) -> Result<(), EngineError> {
        let reader = self.shared.views.reader()?;
        let waiting_for_all = paging || waiting(&reader, 0)? > 0;
        let mut batch = self.shared.views.batch(16)?;
        let tables = batch.serving();
        let mut rows = batch.rows(&tables);
        let mut changed = false;
        for (name, mut posts) in self.all_posts(&reader)? {
            let Some(id) = posts.building else { continue };
            let Some(definition) = self.shelf.known(id) else { continue };
            let standing: Standing = reader.get_packed(STATES, &standing_key(id))?.unwrap_or_default();
            let complete = match definition.over() {
                // What came in this very moment it follows together with the others.
                Over::Events => standing.through >= self.serving_through(&reader, &posts)?.unwrap_or(head.0),
                Over::Contacts | Over::Cases | Over::Conversations | Over::Transitions | Over::Visits => {
                    !waiting_for_all && waiting(&reader, id)? == 0
                }
            };
            if complete && standing.failed.is_none() && !posts.held {
                posts = Posts {
                    serving: Some(id),
                    previous: posts.serving.or(posts.previous),
                    building: None,
                    held: false,
                };
                rows.put_packed(STATES, &posts_key(&name), &posts)?;
                changed = true;
            }
            if complete && !standing.built {
                rows.put_packed(STATES, &standing_key(id), &Standing { built: true, ..standing })?;
                changed = true;
            }
        }
        if changed {
            batch.commit()?;
        }
        Ok(())
    }

    /// How far the one that serves is, when it goes over events.
    fn serving_through(&self, reader: &Reader, posts: &Posts) -> Result<Option<u64>, EngineError> {
        let Some(definition) = posts.serving.and_then(|id| self.shelf.known(id)) else { return Ok(None) };
        if definition.over() != Over::Events {
            return Ok(None);
        }
        let standing: Option<Standing> = reader.get_packed(STATES, &standing_key(definition.id()))?;
        Ok(standing.map(|standing| standing.through))
    }

    /// Removes some cells of analyses that are not kept any more; whether there are more.
    pub(super) fn remove_some(&mut self, dropped: &[u64]) -> Result<bool, EngineError> {
        let Some(id) = dropped.first() else { return Ok(false) };
        let reader = self.shared.views.reader()?;
        let prefix = id.to_be_bytes();
        let some = |table| -> Result<Vec<RowBytes>, EngineError> {
            Ok(reader
                .prefix(table, &prefix)?
                .take(REMOVED_AT_ONCE)
                .map(|row| row.map(|(key, _)| key))
                .collect::<Result<_, _>>()?)
        };
        let (cells, troubles, due) = (some(CELLS)?, some(TROUBLES)?, some(DUE)?);
        let mut batch = self.shared.views.batch(cells.len())?;
        let tables = batch.serving();
        let mut rows = batch.rows(&tables);
        cells.iter().try_for_each(|key| rows.delete(CELLS, key))?;
        troubles.iter().try_for_each(|key| rows.delete(TROUBLES, key))?;
        due.iter().try_for_each(|key| rows.delete(DUE, key))?;
        if cells.len() < REMOVED_AT_ONCE {
            rows.delete(STATES, &standing_key(*id))?;
        }
        batch.commit()?;
        Ok(cells.len() == REMOVED_AT_ONCE || dropped.len() > 1)
    }
}

/// What is to be built next of an analysis, if it does not serve already, and whether it waits then: first what is to serve, then what
/// waits.
fn next_of<'a>(wanted: &'a Wanted, posts: &Posts) -> Option<(&'a Arc<Definition>, bool)> {
    let waits = wanted.waits.as_ref().map(|waits| (waits, true));
    match &wanted.serves {
        Some(serves) if posts.serving != Some(serves.id()) => Some((serves, false)),
        Some(serves) => waits.or(Some((serves, false))),
        None => waits,
    }
}
