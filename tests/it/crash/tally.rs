//! How often each fault was tried and what was found, shown at the end.

use std::collections::BTreeMap;

use super::check::Found;

/// What one kind of fault came to.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    tried: u64,
    with_work: u64,
    acknowledged: u64,
}

/// After so many checks the tally says how far it is.
const TELL_EVERY: u64 = 20;

/// The numbers of each fault.
#[derive(Debug, Default)]
pub(super) struct Tally {
    rows: BTreeMap<String, Row>,
    totals: BTreeMap<&'static str, u64>,
}

impl Tally {
    /// A fault was tried; so many events had been acknowledged in the run that it ended.
    pub(super) fn tried(&mut self, fault: &str, acknowledged: usize) {
        let row = self.rows.entry(fault.to_owned()).or_default();
        row.tried += 1;
        row.with_work += u64::from(acknowledged > 0);
        row.acknowledged += acknowledged as u64;
    }

    pub(super) fn add(&mut self, what: &'static str, count: u64) {
        *self.totals.entry(what).or_default() += count;
    }

    /// A check found all as it must be.
    pub(super) fn found(&mut self, full: bool, found: &Found) {
        self.add("checks", 1);
        if self.total("checks").is_multiple_of(TELL_EVERY) {
            println!("{} faults tried, nothing acknowledged lost", self.total("checks"));
        }
        self.add("checks of the views against a replay", u64::from(full));
        self.add("events compared byte for byte", found.events);
        self.add("acknowledged events looked for", found.acknowledged);
        self.add("events beyond the acknowledged ones", found.events - found.acknowledged);
        self.add("events sent again, all duplicates", found.again);
        self.add("events that the views caught up with", found.caught_up);
    }

    pub(super) fn total(&self, what: &str) -> u64 {
        self.totals.get(what).copied().unwrap_or(0)
    }

    pub(super) fn show(&self, title: &str) {
        println!("\n{title:<52} {:>8} {:>12} {:>14}", "tried", "while acking", "acknowledged");
        for (fault, row) in &self.rows {
            println!("{fault:<52} {:>8} {:>12} {:>14}", row.tried, row.with_work, row.acknowledged);
        }
        for (what, count) in &self.totals {
            println!("{what:<52} {count:>8}");
        }
    }
}
