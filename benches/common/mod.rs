//! What the benchmarks share: a store with made-up customers, and figures that can be read beside each other.

#![allow(dead_code, reason = "each benchmark uses a part of it")]

#[path = "../../examples/world/dice.rs"]
mod dice;
#[path = "../../examples/world/texts.rs"]
mod texts;

use std::sync::Arc;
use std::time::{Duration, Instant};

use dice::Dice;
use novelo::engine::{Expect, Novelo, Options};
use novelo::event::{Draft, Flat, Micros, Unfiled};
use serde_json::{Map, Value};

/// The allocator of the program, so that what is measured is what runs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Whether a benchmark is asked for: `cargo bench --bench append -- commit=1000`.
pub(crate) fn wanted(name: &str) -> bool {
    let mut filters = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).peekable();
    filters.peek().is_none() || filters.any(|filter| name.ends_with(&filter))
}

/// A store in a temporary folder.
pub(crate) struct Store {
    pub(crate) novelo: Arc<Novelo>,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) runtime: tokio::runtime::Runtime,
}

impl Store {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (novelo, _) = Novelo::open(Options::new(folder.path()), |_, _| {}).expect("a new store");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { novelo: Arc::new(novelo), folder, runtime }
    }

    /// Records drafts, all of which must be new.
    pub(crate) fn record(&self, drafts: Vec<Draft>) {
        self.runtime.block_on(async {
            for group in drafts.chunks(5_000) {
                self.novelo.record(group.to_vec(), Expect::Each).await.expect("recorded");
            }
        });
        self.follow();
    }

    /// Waits until the views have everything.
    pub(crate) fn follow(&self) {
        let head = self.novelo.head().next;
        self.runtime.block_on(self.novelo.wait_for(head, Duration::from_secs(600))).expect("followed");
    }

    /// The draft of a message, number `number`, of a customer.
    pub(crate) fn message(&self, customer: u64, number: u64) -> Draft {
        let now = Micros::now();
        let channel = ["whatsapp", "voice", "email", "web"][(number % 4) as usize];
        let mut data = Map::new();
        let mut put = |name: &str, value: &str| drop(data.insert(name.to_owned(), Value::from(value)));
        put("channel", channel);
        put("direction", if number.is_multiple_of(3) { "outbound" } else { "inbound" });
        put("contact", &format!("c-{customer}-{}", number / 4));
        put("conversation", &format!("v-{customer}-{}", number / 16));
        put("text", &texts::customer(&mut Dice::new(customer, number)));
        let flat = Flat {
            id: format!("m-{customer}-{number}"),
            source: "bench".into(),
            kind: "novelo.message.sent".into(),
            subject: Some(format!("crm:{customer}")),
            time: Some(now.plus(-(number as i64) * 60 * Micros::SECOND).to_string()),
            data,
        };
        self.novelo.filing().file(Unfiled::read(flat).expect("valid"), now).expect("filed")
    }
}

/// Times one thing many times.
pub(crate) fn each(times: usize, mut work: impl FnMut(usize)) -> Vec<Duration> {
    (0..times)
        .map(|number| {
            let started = Instant::now();
            work(number);
            started.elapsed()
        })
        .collect()
}

/// A line of figures: rate or percentiles.
pub(crate) fn report(name: &str, what: &str, figures: &str) {
    println!("{name:<34} {what:<34} {figures}");
}

/// Events per second.
pub(crate) fn rate(events: usize, taken: Duration) -> String {
    format!("{:>9.0} events/s", events as f64 / taken.as_secs_f64())
}

/// Median, 99th percentile.
pub(crate) fn percentiles(mut times: Vec<Duration>) -> (Duration, String) {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    let (p50, p99) = (at(0.5), at(0.99));
    (p50, format!("p50 {:>9.1} µs   p99 {:>9.1} µs", p50.as_secs_f64() * 1e6, p99.as_secs_f64() * 1e6))
}
