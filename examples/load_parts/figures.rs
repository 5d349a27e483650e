//! What was measured: every time is kept, so percentiles are exact.

use std::time::{Duration, Instant};

/// How long things took, and how many did not succeed.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    micros: Vec<u32>,
    things: u64,
    failed: u64,
    bytes: u64,
}

impl Figures {
    /// Notes one request: since when its latency counts, how many things it carried, and whether it succeeded.
    pub(crate) fn note(&mut self, since: Instant, things: u64, answer: Option<usize>) {
        match answer {
            Some(bytes) => {
                self.micros.push(u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX));
                self.things += things;
                self.bytes += bytes as u64;
            }
            None => self.failed += 1,
        }
    }

    /// Takes those of another in.
    pub(crate) fn add(&mut self, other: Self) {
        self.micros.extend(other.micros);
        self.things += other.things;
        self.failed += other.failed;
        self.bytes += other.bytes;
    }

    /// Things a second.
    pub(crate) fn rate(&self, took: Duration) -> f64 {
        self.things as f64 / took.as_secs_f64()
    }

    /// How many did not succeed.
    pub(crate) fn failed(&self) -> u64 {
        self.failed
    }

    /// A line of figures.
    pub(crate) fn print(&mut self, name: &str, took: Duration) {
        self.micros.sort_unstable();
        let at = |share: f64| match self.micros.len() {
            0 => f64::NAN,
            many => f64::from(self.micros[((many - 1) as f64 * share) as usize]) / 1_000.0,
        };
        let requests = self.micros.len().max(1) as u64;
        println!(
            "{name:<28} {:>9.0}/s   p50 {:>8.2} ms   p99 {:>8.2} ms   p99.9 {:>8.2} ms   max {:>8.2} ms   failed {}   {} bytes an answer",
            self.rate(took),
            at(0.5),
            at(0.99),
            at(0.999),
            at(1.0),
            self.failed,
            self.bytes / requests,
        );
    }
}
