//! A customer's timeline for those who follow it: every entry once, in the order of the log; history first, then what comes.
//!
//! For each strand it is kept up to where its entries were given. A strand that is linked while somebody follows was never
//! given, so its entries are: before the event that links it, since they stand before it in the log. Whoever goes on `after`
//! the highest position that they have is therefore given the whole of it unless they had that event: what a timeline holds
//! now and did not hold then.
//!
//! Of what is to be given only the places are kept, and only so many; each entry is read when it is its turn.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::changes::Changes;
use super::customer::Customer;
use super::error::EngineError;
use super::novelo::Novelo;
use super::picture::{Lookup, Picture};
use crate::context::EventRef;
use crate::event::{Kind, Position, SubjectId};
use crate::identity::{EdgeRows, lasting};
use crate::timeline::{Earliest, Place, Stored};
use crate::views::ViewError;

/// Places that are kept: 40 bytes each. A timeline of 50,000 entries is looked through 25 times while it is given.
const PLACES: usize = 2_048;
/// More entries than this are looked through beside the tasks that answer.
const FEW: u64 = 512;

/// A customer's timeline, followed.
#[derive(Debug)]
pub struct LiveTimeline {
    changes: Changes,
    after: Option<Position>,
    found: bool,
    given: Given,
    waiting: VecDeque<Place>,
    /// Whether there is more than what waits.
    more: bool,
}

/// An entry, and a picture that holds it.
type Found = (Arc<Picture>, Stored);

/// What following a timeline came to.
enum Step {
    Found(Found),
    Looked,
    Closed,
}

/// Up to where the entries of each strand were given.
type Given = HashMap<SubjectId, Through>;

#[derive(Clone, Copy, Debug, Default)]
struct Through {
    position: Position,
    /// How many entries lie before it, when that is known.
    entries: Option<u64>,
}

impl Novelo {
    /// Follows the timeline of the customer whom a look-up finds, now or once somebody is known by it: the entries that it did
    /// not hold with the event at `after`, or all.
    ///
    /// # Errors
    /// As [`Novelo::changes`].
    pub fn live_timeline(&self, by: Lookup, after: Option<Position>) -> Result<LiveTimeline, EngineError> {
        Ok(LiveTimeline {
            changes: self.changes(by)?,
            after,
            found: false,
            given: Given::new(),
            waiting: VecDeque::new(),
            more: false,
        })
    }
}

impl LiveTimeline {
    /// The next entry, once there is one, and a picture that holds it; `None` when the store is being closed. Waiting may be
    /// given up and begun again.
    ///
    /// # Errors
    /// [`EngineError`] when the views cannot be read.
    pub async fn next(&mut self) -> Result<Option<Found>, EngineError> {
        loop {
            match self.step().await {
                Err(cause) if cause.passes() => match self.changes.recover().await {
                    true => {}
                    false => return Ok(None),
                },
                Ok(Step::Found(found)) => return Ok(Some(found)),
                Ok(Step::Looked) => {}
                Ok(Step::Closed) => return Ok(None),
                Err(cause) => return Err(cause),
            }
        }
    }

    /// Reads the entry whose turn it is, or looks for more.
    async fn step(&mut self) -> Result<Step, EngineError> {
        if let Some(place) = self.waiting.front().copied() {
            let found = self.read(place)?;
            self.waiting.pop_front();
            return Ok(Step::Found(found));
        }
        let customer = match self.more {
            true => self.changes.now()?,
            false => None,
        };
        let customer = match customer {
            Some(customer) => customer,
            None => match self.changed().await? {
                Some(customer) => customer,
                None => return Ok(Step::Closed),
            },
        };
        // Until it is known what there is, there may be something.
        self.more = true;
        self.look(customer).await?;
        Ok(Step::Looked)
    }

    /// The customer, once there is something new.
    async fn changed(&mut self) -> Result<Option<Customer>, EngineError> {
        // What was linked with the event at `after` is known only once the views hold it.
        if let (false, Some(after)) = (self.found, self.after)
            && !self.changes.reach(after).await
        {
            return Ok(None);
        }
        self.changes.next().await
    }

    /// Each entry has a picture of its own: one that is kept while a follower takes their time would hold rows back.
    fn read(&self, place: Place) -> Result<Found, EngineError> {
        let picture = self.changes.picture()?;
        let Place { subject, occurred_at, position } = place;
        let found = picture.entry(&EventRef { subject, occurred_at, position })?;
        let missing = || ViewError::NotWhole(format!("the timeline has no event {position} any more"));
        Ok((picture, Arc::new(found.ok_or_else(missing)?)))
    }

    /// Looks for what was not given yet.
    async fn look(&mut self, customer: Customer) -> Result<(), EngineError> {
        if !self.found {
            self.skip_what_is_known(&customer)?;
            self.found = true;
        }
        let mut given = self.given.clone();
        let parted = parted(&customer, &mut given)?;
        let entries: u64 = customer.strands_with_events().map(|(_, entries)| entries).sum();
        let (given, places, all) = if entries <= FEW {
            let (places, all) = not_given(&customer, &mut given)?;
            (given, places, all)
        } else {
            let looking = move || not_given(&customer, &mut given).map(|(places, all)| (given, places, all));
            let looked = tokio::task::spawn_blocking(looking).await;
            looked.map_err(|_| EngineError::Stopped("a timeline could not be looked through".into()))??
        };
        let mut waiting: Vec<Place> = parted.into_iter().chain(places).collect();
        waiting.sort();
        (self.given, self.waiting, self.more) = (given, waiting.into(), !all);
        Ok(())
    }

    /// Takes for given what the timeline held with the event at `after`: of the strands that have been linked without a break
    /// since. One that was taken away and came again may have been away when it was its turn.
    fn skip_what_is_known(&mut self, customer: &Customer) -> Result<(), EngineError> {
        let Some(position) = self.after.map(Position::next) else { return Ok(()) };
        let picture = customer.picture();
        let Some(subject) = self.changes.subject(picture)? else { return Ok(()) };
        let known = lasting(&subject, position, &EdgeRows(&picture.reader))?;
        self.given.extend(known.into_iter().map(|strand| (strand, Through { position, entries: None })));
        Ok(())
    }
}

/// The events that took strands away whose entries were given. Each is filed under the strand that left: whoever follows the customer
/// that stays would not hear of it.
fn parted(customer: &Customer, given: &mut Given) -> Result<Vec<Place>, EngineError> {
    let (picture, strands) = (customer.picture(), customer.strands());
    let gone: Vec<(SubjectId, Through)> = given
        .iter()
        .filter(|(strand, _)| !strands.contains(strand))
        .map(|(strand, through)| (*strand, *through))
        .collect();
    let mut found = Vec::new();
    for (strand, through) in gone {
        let mut earliest = Earliest::new(PLACES);
        earliest.look(&picture.reader, &strand, through.position, None)?;
        for place in earliest.in_order().0 {
            let event = EventRef { subject: place.subject, occurred_at: place.occurred_at, position: place.position };
            let Some((_, event)) = picture.entry(&event)? else { continue };
            let from_us = event.also.iter().any(|other| strands.contains(&other.subject));
            if matches!(event.kind, Kind::IdentityUnlinked(_)) && from_us {
                // Should it come again, what came until then was given.
                given.insert(strand, Through { position: place.position.next(), entries: None });
                found.push(place);
                break;
            }
        }
    }
    Ok(found)
}

/// The earliest entries that were not given, and whether these are all; from now on they are given.
fn not_given(customer: &Customer, given: &mut Given) -> Result<(Vec<Place>, bool), EngineError> {
    let picture = customer.picture();
    let mut earliest = Earliest::new(PLACES);
    let mut looked_at = Vec::new();
    for (strand, entries) in customer.strands_with_events() {
        let through = given.get(&strand).copied().unwrap_or_default();
        let new = through.entries.map(|before| entries.saturating_sub(before));
        if new != Some(0) {
            earliest.look(&picture.reader, &strand, through.position, new)?;
            looked_at.push((strand, entries));
        }
    }
    let (places, all) = earliest.in_order();
    let end = match places.last() {
        Some(last) if !all => last.position.next(),
        Some(_) | None => picture.through(),
    };
    for (strand, entries) in looked_at {
        let through = given.entry(strand).or_default();
        *through = Through { position: through.position.max(end), entries: all.then_some(entries) };
    }
    Ok((places, all))
}
