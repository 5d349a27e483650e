//! What must hold of a store after a kill or a cut, checked through the library in a process of its own.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use novelo::engine::{Expect, Novelo, Options, Outcome, Picture};
use novelo::event::Position;
use novelo::log::verify;
use novelo::timeline::EventFilter;
use serde::{Deserialize, Serialize};

use super::child::Orders;
use super::events;
use crate::digest;

/// How much is checked beside every event of the log, which always is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Depth {
    /// The last events are sent again.
    Quick,
    /// All events are sent again, and the views are compared with a replay.
    Full,
}

/// Events that a quick check sends again.
const AGAIN: usize = 300;
/// Events that are read, or sent again, at once.
const AT_ONCE: usize = 500;

/// What a check found.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Found {
    /// Events in the log; each was compared with what was sent.
    pub(super) events: u64,
    /// Those of them that were acknowledged.
    pub(super) acknowledged: u64,
    /// Events that were sent again and were duplicates.
    pub(super) again: u64,
    /// Events that the views had to catch up with.
    pub(super) caught_up: u64,
}

/// Checks everything; the first promise that was broken, in words.
pub(super) fn all(orders: &Orders, acknowledged: &Path, depth: Depth) -> Result<Found, String> {
    let acknowledged = read(acknowledged);
    let opened = Novelo::open(Options::new(&orders.folder), |_, _| {});
    let (novelo, opened) = opened.map_err(|cause| format!("the store does not open: {cause}"))?;
    let mut found = Found { caught_up: opened.caught_up, ..Found::default() };
    let whole =
        verify(&**novelo.feed().log(), Position::ZERO, |_| {}).map_err(|cause| format!("the chain: {cause}"))?;
    if whole.head != novelo.head() {
        return Err(format!("the chain leads to {:?} and the head is {:?}", whole.head, novelo.head()));
    }
    let numbers = every_event(&novelo, orders.seed)?;
    found.events = numbers.len() as u64;
    if found.events != novelo.head().next.0 {
        return Err(format!("{} events can be read and the head is {}", found.events, novelo.head().next));
    }
    found.acknowledged = every_acknowledged(&acknowledged, &numbers)?;
    let from = if depth == Depth::Full { 0 } else { numbers.len().saturating_sub(AGAIN) };
    found.again = all_again(&novelo, orders.seed, &numbers, from)?;
    if depth == Depth::Full {
        views_equal_a_replay(&novelo)?;
    }
    Ok(found)
}

/// Lines `NUMBER POSITION`.
fn read(acknowledged: &Path) -> BTreeMap<u64, u64> {
    let text = std::fs::read_to_string(acknowledged).unwrap();
    let pair = |line: &str| line.split_once(' ').map(|(number, at)| (number.parse().unwrap(), at.parse().unwrap()));
    text.lines().map(|line| pair(line).unwrap()).collect()
}

/// Reads the log from its beginning and compares each event with what was sent: none is torn, none is there twice, no
/// position is left out. The numbers of the events, by position.
fn every_event(novelo: &Novelo, seed: u64) -> Result<Vec<u64>, String> {
    let picture = Arc::new(novelo.picture().map_err(|cause| cause.to_string())?);
    let (mut numbers, mut seen) = (Vec::new(), HashSet::new());
    loop {
        let next = Position(numbers.len() as u64);
        let page = picture.events(next, AT_ONCE, &EventFilter::default());
        let page = page.map_err(|cause| format!("events from position {next} on cannot be read: {cause}"))?;
        for (_, event) in &page.events {
            let at = Position(numbers.len() as u64);
            if event.position != at {
                return Err(format!("behind position {at} comes position {}", event.position));
            }
            let number = one_event(novelo, &picture, seed, event).map_err(|what| format!("position {at}: {what}"))?;
            if !seen.insert(number) {
                return Err(format!("position {at}: event {number} is there already"));
            }
            numbers.push(number);
        }
        if !page.has_next {
            return Ok(numbers);
        }
    }
}

fn one_event(novelo: &Novelo, picture: &Picture, seed: u64, event: &novelo::event::Event) -> Result<u64, String> {
    let number = events::number_of(event).ok_or("nobody sent this event")?;
    let sent = events::draft(seed, number, novelo.filing());
    let personal = picture.open(event).map_err(|cause| cause.to_string())?;
    match events::difference(&sent, event, personal.as_ref(), novelo.filing()) {
        None => Ok(number),
        Some(what) => Err(format!("event {number} is not as it was sent: {what}")),
    }
}

/// Every acknowledged event stands where its acknowledgement said.
fn every_acknowledged(acknowledged: &BTreeMap<u64, u64>, numbers: &[u64]) -> Result<u64, String> {
    let lost: Vec<_> = acknowledged
        .iter()
        .filter(|(number, position)| numbers.get(usize::try_from(**position).unwrap()) != Some(*number))
        .collect();
    match lost.first() {
        None => Ok(acknowledged.len() as u64),
        Some((number, position)) => Err(format!(
            "{} of {} acknowledged events are lost; the first is event {number}, acknowledged at position {position}; \
             the log has {}",
            lost.len(),
            acknowledged.len(),
            numbers.len()
        )),
    }
}

/// Sends again the events from a position on: each is a duplicate of itself, and the log does not grow.
fn all_again(novelo: &Novelo, seed: u64, numbers: &[u64], from: usize) -> Result<u64, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut position = from as u64;
    for some in numbers[from..].chunks(AT_ONCE) {
        let drafts = some.iter().map(|number| events::draft(seed, *number, novelo.filing())).collect();
        let outcomes = runtime.block_on(novelo.record(drafts, Expect::Each)).map_err(|cause| cause.to_string())?;
        for (number, outcome) in some.iter().zip(outcomes) {
            if outcome != Outcome::Duplicate(Position(position)) {
                return Err(format!("event {number} is at {position} and came to {outcome:?} when sent again"));
            }
            position += 1;
        }
    }
    if novelo.head().next.0 != numbers.len() as u64 {
        return Err("the log grew by what it had already".into());
    }
    Ok((numbers.len() - from) as u64)
}

/// What the views answer is what they answer once they have been rebuilt from the log.
fn views_equal_a_replay(novelo: &Novelo) -> Result<(), String> {
    let before = digest::of(novelo);
    let rebuilt = novelo.rebuild(None).and_then(novelo::engine::Rebuild::wait);
    rebuilt.map_err(|cause| format!("the views cannot be rebuilt: {cause}"))?;
    let after = digest::of(novelo);
    if before != after {
        return Err(format!("the views answer {before}, and after a replay {after}"));
    }
    Ok(())
}
