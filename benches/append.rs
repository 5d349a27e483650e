//! `append/commit=N`: durable append of events of known subjects through the writer, `N` events a commit, beside raw sled with
//! the same chunks and the same true fsync, in the same run.
//!
//! Three senders keep the writer busy at 100 and 1000 a commit, one waits for each answer at 1. The yardstick writes the
//! chunks of the store's own log as that stores them, packed: no sealing, no admission, no packing, no views, and no second
//! thread. Views follow while events are acknowledged and may be behind by what they follow in a second and a half; what is sustained
//! is the second line.
//! Left out: parsing and filing of what comes in.
//!
//! `append/writers=64`: 64 senders of one event each, every one of which waits for its answer before it sends the next, beside
//! one such sender.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark that fails stops")]

mod common;

use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{Store, each, percentiles, rate, report, wanted};
use novelo::engine::{Expect, Novelo};
use novelo::event::{Draft, Position};
use novelo::log::{Chunk, stored_form};

const CUSTOMERS: u64 = 1_000;
/// How often a rate is measured.
const ROUNDS: usize = 7;

fn main() {
    for (commit, commits) in [(1, 1_500), (100, 600), (1_000, 100)] {
        let name = format!("append/commit={commit}");
        if !wanted(&name) {
            continue;
        }
        let store = Store::new();
        // Every subject has its key before the clock starts.
        store.record((0..CUSTOMERS).map(|customer| store.message(customer, 0)).collect());
        if commit == 1 { one_by_one(&store, &name, commits) } else { many(&store, &name, commit, commits) }
    }
    if wanted("append/writers=64") {
        writers("append/writers=64", 64);
    }
}

/// Senders of one event at a time, each of which waits for its answer: many beside one, in turn.
fn writers(name: &str, many: usize) {
    let store = Store::new();
    store.record((0..CUSTOMERS).map(|customer| store.message(customer, 0)).collect());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let (mut alone, mut together, mut ratios, mut commits) = (Vec::new(), Vec::new(), Vec::new(), 0);
    let stored = || store.novelo.metrics().commit_events.distribution().up_to.last().map_or(0, |(_, count)| *count);
    for _ in 0..ROUNDS {
        let rates = [(1, 2_000), (many, 1_000)].map(|(senders, each)| {
            let (drafts, before) = (drafts(&store, senders * each), stored());
            let started = Instant::now();
            let tasks: Vec<_> = drafts
                .chunks(each)
                .map(|own| {
                    let (novelo, own) = (store.novelo.clone(), own.to_vec());
                    runtime.spawn(async move {
                        for draft in own {
                            novelo.record(vec![draft], Expect::Each).await.expect("recorded");
                        }
                    })
                })
                .collect();
            runtime.block_on(async {
                for task in tasks {
                    task.await.expect("a sender");
                }
            });
            let rate = drafts.len() as f64 / started.elapsed().as_secs_f64();
            commits += if senders > 1 { stored() - before } else { 0 };
            store.follow();
            rate
        });
        alone.push(rates[0]);
        together.push(rates[1]);
        ratios.push(rates[1] / rates[0]);
    }
    let median = |mut figures: Vec<f64>| {
        figures.sort_by(f64::total_cmp);
        figures[ROUNDS / 2]
    };
    report(name, "one sender", &format!("{:>9.0} events/s", median(alone)));
    report(name, &format!("{many} senders"), &format!("{:>9.0} events/s", median(together)));
    let a_commit = (ROUNDS * many * 1_000) as f64 / commits as f64;
    report(name, "events a commit", &format!("{a_commit:>9.1}"));
    report(name, "many / one", &format!("{:.1}", median(ratios)));
}

/// One sender that waits for each answer, then the yardstick.
fn one_by_one(store: &Store, name: &str, commits: usize) {
    let from = store.novelo.head().next;
    let drafts = drafts(store, commits);
    let times = each(commits, |number| {
        let draft = vec![drafts[number].clone()];
        store.runtime.block_on(store.novelo.record(draft, Expect::Each)).expect("recorded");
    });
    let (ours, figures) = percentiles(times);
    report(name, "novelo", &figures);
    let (raw, figures) = percentiles(raw_sled(store, from, 1, commits));
    report(name, "raw sled, true fsync", &figures);
    report(name, "novelo / raw sled, at the median", &format!("{:.2}", ours.as_secs_f64() / raw.as_secs_f64()));
}

/// Rounds of the store and of the yardstick in turn, for machines change their speed while one looks; the median of each.
fn many(store: &Store, name: &str, commit: usize, commits: usize) {
    let (mut acknowledged, mut viewed, mut raw, mut ratios) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let from = store.novelo.head().next;
        let drafts = drafts(store, commit * commits);
        let taken = through_the_writer(store, drafts, commit);
        let yardstick: Duration = raw_sled(store, from, commit, commits).into_iter().sum();
        acknowledged.push(taken.0);
        viewed.push(taken.1);
        raw.push(yardstick);
        ratios.push(yardstick.as_secs_f64() / taken.0.as_secs_f64());
    }
    let median = |mut times: Vec<Duration>| {
        times.sort();
        rate(commit * commits, times[ROUNDS / 2])
    };
    report(name, "novelo, acknowledged", &median(acknowledged));
    report(name, "novelo, in all views as well", &median(viewed));
    report(name, "raw sled, true fsync", &median(raw));
    ratios.sort_by(f64::total_cmp);
    let (least, middle, most) = (ratios[0], ratios[ROUNDS / 2], ratios[ROUNDS - 1]);
    report(name, "novelo / raw sled", &format!("{middle:.2} (of {ROUNDS} rounds {least:.2} to {most:.2})"));
}

/// The next messages of every customer in turn.
fn drafts(store: &Store, count: usize) -> Vec<Draft> {
    let recorded = store.novelo.head().next.0;
    (recorded..).take(count).map(|number| store.message(number % CUSTOMERS, number / CUSTOMERS)).collect()
}

/// Three senders, each waiting for its answer before it sends again: until the last answer, and until the views have it all.
fn through_the_writer(store: &Store, drafts: Vec<Draft>, commit: usize) -> (Duration, Duration) {
    let mut first: Vec<Vec<Draft>> = drafts.chunks(commit).map(<[Draft]>::to_vec).collect();
    let mut second = first.split_off(first.len() / 3);
    let third = second.split_off(second.len() / 2);
    let started = Instant::now();
    store.runtime.block_on(async {
        let send = |novelo: Arc<Novelo>, groups: Vec<Vec<Draft>>| async move {
            for group in groups {
                novelo.record(group, Expect::Each).await.expect("recorded");
            }
        };
        let novelo = || store.novelo.clone();
        tokio::join!(send(novelo(), first), send(novelo(), second), send(novelo(), third));
    });
    let acknowledged = started.elapsed();
    store.follow();
    (acknowledged, started.elapsed())
}

/// The store's own chunks, byte for byte, written again into a sled of their own: as many events a commit, one flush each.
fn raw_sled(store: &Store, from: Position, commit: usize, commits: usize) -> Vec<Duration> {
    let mut chunks = store.novelo.feed().log().read(from).expect("read").map(|chunk| chunk.expect("whole"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let db =
        sled::Config::new().path(folder.path()).flush_every_ms(None).cache_capacity(32 << 20).open().expect("sled");
    let tree = db.open_tree("chunks").expect("a tree");
    let mut written = 0;
    let groups: Vec<Vec<Chunk>> = (1..=commits)
        .map(|number| {
            let mut group = Vec::new();
            while written < number * commit {
                let chunk = chunks.next().expect("as many events as were recorded");
                written += chunk.count();
                group.push(chunk);
            }
            group
        })
        .collect();
    each(commits, |number| {
        let mut batch = sled::Batch::default();
        for chunk in &groups[number] {
            batch.insert(&chunk.first().0.to_be_bytes(), &*stored_form(chunk));
        }
        tree.apply_batch(batch).expect("applied");
        tree.flush().expect("flushed");
    })
}
