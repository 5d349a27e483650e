//! What the engine counts of its own work, for whoever watches it. Counting never waits and never fails.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::error::{RecordError, Refusal};
use super::writer::Outcome;

/// A number that only grows, from 0 at the start of the process.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// Adds to it.
    pub fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    /// One more; what it was before.
    pub fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }

    /// What it has come to.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How often values lay up to which bound, and their sum.
#[derive(Debug)]
pub struct Histogram {
    bounds: &'static [f64],
    /// One for each bound, and one for what lies beyond the last.
    buckets: Box<[AtomicU64]>,
    /// The bits of a number.
    sum: AtomicU64,
}

/// What a histogram has come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    /// Each bound with how many values were not above it; the last is infinity, and counts all.
    pub up_to: Vec<(f64, u64)>,
    /// The sum of all values.
    pub sum: f64,
}

impl Histogram {
    /// An empty one; the bounds must ascend.
    #[must_use]
    pub fn new(bounds: &'static [f64]) -> Self {
        let buckets = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self { bounds, buckets, sum: AtomicU64::new(0.0_f64.to_bits()) }
    }

    /// Notes a value.
    pub fn note(&self, value: f64) {
        let at = self.bounds.partition_point(|bound| *bound < value);
        if let Some(bucket) = self.buckets.get(at) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        let add = |sum: u64| Some((f64::from_bits(sum) + value).to_bits());
        // It is tried until it succeeds: `add` never gives up.
        let _ = self.sum.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }

    /// What it has come to.
    #[must_use]
    pub fn distribution(&self) -> Distribution {
        let bounds = self.bounds.iter().copied().chain([f64::INFINITY]);
        let mut below = 0;
        let up_to = bounds.zip(&self.buckets).map(|(bound, bucket)| {
            below += bucket.load(Ordering::Relaxed);
            (bound, below)
        });
        Distribution { up_to: up_to.collect(), sum: f64::from_bits(self.sum.load(Ordering::Relaxed)) }
    }
}

/// Events of a commit.
const COMMIT_EVENTS: &[f64] = &[1.0, 4.0, 16.0, 64.0, 256.0, 1_024.0, 4_096.0, 16_384.0];
/// Seconds that storing and syncing takes on a disk.
const SYNC_SECONDS: &[f64] =
    &[0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];

/// What the engine has done since the process started.
#[derive(Debug)]
pub struct Metrics {
    /// Events that were recorded: new, and durable.
    pub recorded: Count,
    /// Events that were there before.
    pub duplicates: Count,
    /// Events that were refused, by [`Metrics::REFUSALS`].
    refused: [Count; Self::REFUSALS.len()],
    /// Requests that were turned away because the queue was full.
    pub busy: Count,
    /// Requests that failed because the log could not be written or the store was closing.
    pub unavailable: Count,
    /// Events of each commit.
    pub commit_events: Histogram,
    /// Seconds that each commit took to be stored and synced.
    pub commit_seconds: Histogram,
    /// Contexts that were answered from memory as they were.
    pub contexts_cached: Count,
    /// Contexts to which events were added: from memory, or from a snapshot on disk.
    pub contexts_continued: Count,
    /// Contexts that were folded from the customer's first event on.
    pub contexts_folded: Count,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            recorded: Count::default(),
            duplicates: Count::default(),
            refused: Default::default(),
            busy: Count::default(),
            unavailable: Count::default(),
            commit_events: Histogram::new(COMMIT_EVENTS),
            commit_seconds: Histogram::new(SYNC_SECONDS),
            contexts_cached: Count::default(),
            contexts_continued: Count::default(),
            contexts_folded: Count::default(),
        }
    }
}

impl Metrics {
    /// Why an event may be refused, in the words of the metric.
    pub const REFUSALS: [&'static str; 5] = ["conflict", "stale", "several_subjects", "erased", "together"];

    /// Refused events, by reason.
    pub fn refused(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Self::REFUSALS.into_iter().zip(self.refused.iter().map(Count::get))
    }

    /// Notes what became of a request's events.
    pub(super) fn note_answer(&self, answer: &Result<Vec<Outcome>, RecordError>) {
        match answer {
            Ok(outcomes) => self.note_outcomes(outcomes),
            Err(RecordError::Busy) => self.busy.add(1),
            Err(RecordError::Unavailable(_)) => self.unavailable.add(1),
        }
    }

    fn note_outcomes(&self, outcomes: &[Outcome]) {
        let (mut recorded, mut duplicates) = (0, 0);
        for outcome in outcomes {
            match outcome {
                Outcome::Recorded(_) => recorded += 1,
                Outcome::Duplicate(_) => duplicates += 1,
                Outcome::Refused(refusal) => {
                    let [conflict, stale, several, erased, together] = &self.refused;
                    let count = match refusal {
                        Refusal::Conflict { .. } | Refusal::Twice { .. } => conflict,
                        Refusal::Stale { .. } => stale,
                        Refusal::SeveralSubjects => several,
                        Refusal::Erased => erased,
                        Refusal::Together => together,
                    };
                    count.add(1);
                }
            }
        }
        self.recorded.add(recorded);
        self.duplicates.add(duplicates);
    }

    /// Notes a commit that was stored.
    pub(super) fn note_commit(&self, events: usize, took: Duration) {
        self.commit_events.note(events as f64);
        self.commit_seconds.note(took.as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_counts_up_to_its_own_bound_and_every_greater_one() {
        let histogram = Histogram::new(&[1.0, 2.0]);
        [0.5, 1.0, 1.5, 7.0].into_iter().for_each(|value| histogram.note(value));
        let expected = Distribution { up_to: vec![(1.0, 2), (2.0, 3), (f64::INFINITY, 4)], sum: 10.0 };
        assert_eq!(histogram.distribution(), expected);
    }
}
