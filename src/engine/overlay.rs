//! What was prepared and has not reached the views: admission asks here first, and then the views.

use std::collections::VecDeque;

use foldhash::HashMap;
use foldhash::fast::RandomState;
use quick_cache::unsync::Cache;

use super::admission::stored_revision;
use crate::event::{EventId, Hash, Position, Revision, SubjectId};
use crate::views::{ViewError, Views};

/// An event that was prepared and may not be in the views yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prepared {
    pub(super) position: Position,
    pub(super) revision: Revision,
    /// Of its record, once the commit is settled.
    pub(super) hash: Hash,
    subject: SubjectId,
}

/// The revision that a strand's next event gets, and where its last one is.
type Next = (Revision, Position);

/// Strands whose next revision is remembered though the views hold all their events: asking those costs more than sealing.
const REMEMBERED_STRANDS: usize = 64 * 1024;

/// What was prepared and has not reached the views.
#[derive(Debug)]
pub(super) struct Overlay {
    /// The newest last.
    ids: VecDeque<Generation>,
    next_revisions: HashMap<SubjectId, Next>,
    /// Next revisions of strands that are not among those. Events are admitted here alone, so they stay right.
    remembered: Cache<SubjectId, Revision>,
    /// Without gaps, the newest last.
    events: VecDeque<Prepared>,
    /// What the commit that is being prepared has added, and which next revisions it took the place of.
    unsettled: Vec<(EventId, SubjectId, Option<Next>)>,
}

/// Events that follow each other. They are forgotten together: one large table would be moved over and over while it grows.
#[derive(Debug)]
struct Generation {
    ids: HashMap<EventId, Position>,
    last: Position,
}

/// Events of one generation.
const GENERATION_EVENTS: usize = 7 << 10;

impl Default for Overlay {
    fn default() -> Self {
        Self {
            ids: VecDeque::new(),
            next_revisions: HashMap::default(),
            remembered: Cache::new(REMEMBERED_STRANDS),
            events: VecDeque::new(),
            unsettled: Vec::new(),
        }
    }
}

impl Overlay {
    /// Forgets what the views hold by now: everything before `projected`, or somewhat less.
    pub(super) fn forget(&mut self, projected: Position) {
        while self.ids.front().is_some_and(|oldest| oldest.last < projected) {
            self.ids.pop_front();
        }
        while let Some(Prepared { position, subject, .. }) = self.events.front() {
            if *position >= projected {
                break;
            }
            if let Some((next, last)) = self.next_revisions.get(subject).copied()
                && last < projected
            {
                self.next_revisions.remove(subject);
                self.remembered.insert(*subject, next);
            }
            self.events.pop_front();
        }
    }

    /// How many events are not in the views.
    pub(super) fn len(&self) -> usize {
        self.events.len()
    }

    /// An event with this id that may not be in the views yet.
    pub(super) fn find(&self, id: &EventId) -> Option<Prepared> {
        let position = self.ids.iter().rev().find_map(|generation| generation.ids.get(id).copied())?;
        // What was forgotten may still be in its generation.
        let index = position.0.checked_sub(self.events.front()?.position.0)?;
        self.events.get(usize::try_from(index).ok()?).copied()
    }

    /// The revision that the next event of a strand gets.
    pub(super) fn next_revision(&mut self, views: &Views, subject: &SubjectId) -> Result<Revision, ViewError> {
        if let Some((revision, _)) = self.next_revisions.get(subject) {
            return Ok(*revision);
        }
        if let Some(revision) = self.remembered.get(subject) {
            return Ok(*revision);
        }
        let revision = stored_revision(views, subject)?;
        self.remembered.insert(*subject, revision);
        Ok(revision)
    }

    /// The same for a strand of which the views have no event.
    pub(super) fn next_revision_of_new(&self, subject: &SubjectId) -> Revision {
        self.next_revisions.get(subject).map_or(Revision(0), |(revision, _)| *revision)
    }

    /// Notes an event that gets a position. Its hash is said when the commit is settled.
    pub(super) fn add(&mut self, id: EventId, subject: SubjectId, position: Position, revision: Revision) {
        match self.ids.back_mut() {
            Some(newest) if newest.ids.len() < GENERATION_EVENTS => {
                newest.ids.insert(id, position);
                newest.last = position;
            }
            _ => {
                let mut ids = HashMap::with_capacity_and_hasher(GENERATION_EVENTS, RandomState::default());
                ids.insert(id, position);
                self.ids.push_back(Generation { ids, last: position });
            }
        }
        let before = self.next_revisions.insert(subject, (revision.next(), position));
        self.events.push_back(Prepared { position, revision, hash: Hash::ZERO, subject });
        self.unsettled.push((id, subject, before));
    }

    /// The commit that was being prepared is whole: its records have these hashes.
    pub(super) fn settle(&mut self, hashes: impl DoubleEndedIterator<Item = Hash>) {
        for (event, hash) in self.events.iter_mut().rev().zip(hashes.rev()) {
            event.hash = hash;
        }
        self.unsettled.clear();
    }

    /// The commit that was being prepared will never be: nothing of it was ever here.
    pub(super) fn undo(&mut self) {
        while let Some((id, subject, before)) = self.unsettled.pop() {
            self.ids.iter_mut().rev().find_map(|generation| generation.ids.remove(&id));
            self.events.pop_back();
            match before {
                Some(before) => drop(self.next_revisions.insert(subject, before)),
                None => drop(self.next_revisions.remove(&subject)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(overlay: &mut Overlay, subject: u8, position: u64, revision: u64) -> EventId {
        let id = EventId::derive("test", &position.to_string());
        overlay.add(id, SubjectId([subject; 16]), Position(position), Revision(revision));
        id
    }

    fn hash_at(position: u64) -> Hash {
        Hash::of(&position.to_le_bytes())
    }

    #[test]
    fn a_commit_that_could_not_be_prepared_leaves_nothing_behind() {
        let (one, two) = (SubjectId([1; 16]), SubjectId([2; 16]));
        let mut overlay = Overlay::default();
        let kept = add(&mut overlay, 1, 0, 0);
        overlay.settle([hash_at(0)].into_iter());
        let gone = [add(&mut overlay, 1, 1, 1), add(&mut overlay, 1, 2, 2), add(&mut overlay, 2, 3, 0)];
        assert_eq!(overlay.next_revision_of_new(&one), Revision(3));
        overlay.undo();
        assert_eq!(overlay.len(), 1);
        assert!(overlay.find(&kept).is_some());
        assert!(gone.iter().all(|id| overlay.find(id).is_none()));
        assert_eq!(overlay.next_revision_of_new(&one), Revision(1));
        assert_eq!(overlay.next_revision_of_new(&two), Revision(0));
        // Its positions are given again.
        let again = add(&mut overlay, 2, 1, 0);
        overlay.settle([hash_at(1)].into_iter());
        overlay.undo();
        assert_eq!(overlay.find(&again).map(|event| event.hash), Some(hash_at(1)));
        assert_eq!(overlay.find(&kept).map(|event| event.hash), Some(hash_at(0)));
    }

    #[test]
    fn what_the_views_hold_is_forgotten_and_no_more() {
        let mut overlay = Overlay::default();
        let events = 3 * GENERATION_EVENTS as u64;
        let ids: Vec<_> = (0..events).map(|position| add(&mut overlay, 1, position, position)).collect();
        overlay.settle((0..events).map(hash_at));
        let projected = Position(events / 2);
        overlay.forget(projected);
        assert_eq!(overlay.len() as u64, events - projected.0);
        let found = |position: usize| overlay.find(&ids[position]).map(|event| (event.position.0, event.hash));
        for position in 0..events {
            let expected = (position >= projected.0).then(|| (position, hash_at(position)));
            assert_eq!(found(position as usize), expected);
        }
        assert_eq!(overlay.next_revision_of_new(&SubjectId([1; 16])), Revision(events));
        overlay.forget(Position(events));
        assert_eq!(overlay.len(), 0);
        assert!(ids.iter().all(|id| overlay.find(id).is_none()));
        assert_eq!(overlay.next_revision_of_new(&SubjectId([1; 16])), Revision(0));
    }
}
