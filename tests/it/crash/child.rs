//! The process that is killed or whose disk loses power: this test binary, run again with orders in its environment.
//!
//! It says what it does on its standard output, one line each, in one write each:
//!
//! | line | it means |
//! |---|---|
//! | `open N` | the store is open, with so many events |
//! | `ack NUMBER POSITION` | the event of this number was acknowledged at this position |
//! | `stopped WHY` | the store takes nothing more |
//! | `idle` | every sender has sent enough |
//! | `closing`, `closed` | the store is being closed; it is closed |
//! | `rebuilt` | all views were rebuilt while events came in |
//! | `fine …` | a check found everything as it must be |
//! | `wrong WHAT` | the store broke a promise |

use std::fmt::Display;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use novelo::engine::{Expect, Novelo, Options, Outcome, RecordError};
use serde::{Deserialize, Serialize};

use super::check::{self, Depth};
use super::dice::Dice;
use super::events;

/// Where the orders are.
pub(super) const ORDERS: &str = "NOVELO_CRASH_CHILD";
/// What precedes every line, which tells it from what the test binary itself says.
pub(super) const MARK: &str = "crash: ";
/// How the test binary is told to be a child.
pub(super) const ARGUMENTS: [&str; 4] = ["--exact", "--ignored", "--nocapture", "crash::child::the_child"];

/// Events that a sender sends at once.
const SIZES: [u64; 12] = [1, 1, 1, 1, 1, 2, 3, 5, 10, 20, 50, 200];
/// Events after which a sender has sent enough for one run.
const MOST_EVENTS: u64 = 1_200;

/// What a child is to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Orders {
    pub(super) folder: PathBuf,
    /// The seed of the folder's history.
    pub(super) seed: u64,
    pub(super) act: Act,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Act {
    /// Opens the store and sends to it.
    Write(Writing),
    /// Opens the store and compares it with what was acknowledged, a file of lines `NUMBER POSITION`.
    Check { acknowledged: PathBuf, depth: Depth },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Writing {
    /// The number of the run, counted within the history.
    pub(super) run: u64,
    pub(super) senders: u64,
    /// Whether all views are rebuilt meanwhile, again and again.
    pub(super) rebuild: bool,
    /// After how long the store is closed in good order, if it is.
    pub(super) close_after_ms: Option<u64>,
}

#[test]
#[ignore = "it is the process that the crash suite kills, and does nothing without its orders"]
fn the_child() {
    let orders = std::env::var(ORDERS).expect("the crash suite starts this with orders");
    let orders: Orders = serde_json::from_str(&orders).unwrap();
    match orders.act.clone() {
        Act::Write(writing) => write(&orders, &writing),
        Act::Check { acknowledged, depth } => match check::all(&orders, &acknowledged, depth) {
            Ok(found) => say(format_args!("fine {}", serde_json::to_string(&found).unwrap())),
            Err(what) => say(format_args!("wrong {what}")),
        },
    }
}

fn say(what: impl Display) {
    // Whoever listens may have gone away.
    drop(std::io::stdout().lock().write_all(format!("{MARK}{what}\n").as_bytes()));
}

fn write(orders: &Orders, writing: &Writing) {
    let novelo = match Novelo::open(Options::new(&orders.folder), |_, _| {}) {
        Ok((novelo, _)) => Arc::new(novelo),
        Err(cause) => return say(format_args!("stopped it does not open: {cause}")),
    };
    say(format_args!("open {}", novelo.head().next));
    let ended = Arc::new(AtomicBool::new(false));
    let rebuilding = writing.rebuild.then(|| rebuild(novelo.clone(), ended.clone()));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
    let senders: Vec<_> = (0..writing.senders)
        .map(|sender| {
            let dice = Dice::of(&[orders.seed, writing.run, sender]);
            let sender = Sender { seed: orders.seed, run: writing.run, sender, dice, novelo: novelo.clone(), count: 0 };
            runtime.spawn(sender.send(ended.clone()))
        })
        .collect();
    runtime.block_on(async {
        if let Some(after_ms) = writing.close_after_ms {
            tokio::time::sleep(Duration::from_millis(after_ms)).await;
            ended.store(true, Ordering::Relaxed);
            say("closing");
        }
        for sender in senders {
            sender.await.unwrap();
        }
        if writing.close_after_ms.is_none() {
            say("idle");
            // Without an end of its own it stays until it is killed.
            std::future::pending::<()>().await;
        }
    });
    rebuilding.into_iter().for_each(|thread| thread.join().unwrap());
    drop(novelo);
    say("closed");
}

fn rebuild(novelo: Arc<Novelo>, ended: Arc<AtomicBool>) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        while !ended.load(Ordering::Relaxed) {
            match novelo.rebuild(None).and_then(novelo::engine::Rebuild::wait) {
                Ok(()) => say("rebuilt"),
                Err(cause) => return say(format_args!("stopped rebuilding: {cause}")),
            }
        }
    })
}

/// Somebody who sends events, batch by batch, and again what was acknowledged already.
struct Sender {
    novelo: Arc<Novelo>,
    seed: u64,
    run: u64,
    sender: u64,
    dice: Dice,
    /// Events sent so far.
    count: u64,
}

impl Sender {
    async fn send(mut self, ended: Arc<AtomicBool>) {
        let mut before = Vec::new();
        while !ended.load(Ordering::Relaxed) && self.count < MOST_EVENTS {
            let size = self.dice.pick(&SIZES);
            let first = self.count;
            self.count += size;
            let numbers = (first..first + size).map(|count| events::number(self.run, self.sender, count)).collect();
            let recorded = match self.record(numbers).await {
                Ok(recorded) => recorded,
                Err(cause) => return say(format_args!("stopped {cause}")),
            };
            if self.dice.one_in(8)
                && let Err(cause) = self.again(&before).await
            {
                return say(format_args!("stopped {cause}"));
            }
            before = recorded;
        }
    }

    async fn hand_over(&mut self, numbers: &[u64]) -> Result<Vec<Outcome>, RecordError> {
        let filing = self.novelo.filing().clone();
        let drafts = numbers.iter().map(|number| events::draft(self.seed, *number, &filing)).collect();
        let expect = if self.dice.one_in(4) { Expect::All(None) } else { Expect::Each };
        self.novelo.record(drafts, expect).await
    }

    /// Sends new events, and says which were acknowledged.
    async fn record(&mut self, numbers: Vec<u64>) -> Result<Vec<(u64, u64)>, RecordError> {
        let mut recorded = Vec::with_capacity(numbers.len());
        let mut lines = String::new();
        for (number, outcome) in numbers.iter().zip(self.hand_over(&numbers).await?) {
            match outcome {
                Outcome::Recorded(position) => {
                    recorded.push((*number, position.0));
                    lines.push_str(&format!("ack {number} {}\n{MARK}", position.0));
                }
                other @ (Outcome::Duplicate(_) | Outcome::Refused(_)) => {
                    say(format_args!("wrong event {number} is new and came to {other:?}"));
                }
            }
        }
        if let Some(lines) = lines.strip_suffix(&format!("\n{MARK}")) {
            say(lines);
        }
        Ok(recorded)
    }

    /// Sends events that were acknowledged: each must be a duplicate of itself.
    async fn again(&mut self, before: &[(u64, u64)]) -> Result<(), RecordError> {
        let numbers: Vec<u64> = before.iter().map(|(number, _)| *number).collect();
        for ((number, position), outcome) in before.iter().zip(self.hand_over(&numbers).await?) {
            if outcome != Outcome::Duplicate(novelo::event::Position(*position)) {
                say(format_args!("wrong event {number} is at {position} and came to {outcome:?} when sent again"));
            }
        }
        Ok(())
    }
}
