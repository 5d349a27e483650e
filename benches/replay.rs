//! `replay`: every view of the store built anew from the log, beside reading the log alone (every chunk read, its hash
//! checked, its records told apart).

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark that fails stops")]

mod common;

use std::time::Instant;

use common::{Store, rate, report};
use novelo::event::Position;
use novelo::log::verify;

const CUSTOMERS: u64 = 20_000;
const EVENTS: u64 = 20;

fn main() {
    let store = Store::new();
    store.record(
        (0..EVENTS).flat_map(|n| (0..CUSTOMERS).map(move |c| (c, n))).map(|(c, n)| store.message(c, n)).collect(),
    );
    let events = (CUSTOMERS * EVENTS) as usize;
    let started = Instant::now();
    store.novelo.rebuild(None).expect("begun").wait().expect("rebuilt");
    report("replay", "novelo, all views", &rate(events, started.elapsed()));
    let started = Instant::now();
    verify(&**store.novelo.feed().log(), Position::ZERO, |_| {}).expect("whole");
    report("replay", "the log alone, verified", &rate(events, started.elapsed()));
}
