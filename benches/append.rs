//! `append/commit=N`: durable append of events of known subjects through the writer, `N` events a commit, beside raw sled with
//! chunks of the same size and the same true fsync, in the same run.
//!
//! Two senders keep the writer busy at 100 and 1000 a commit, one waits for each answer at 1; so does the yardstick, which
//! writes the records of the store's own log: no sealing, no admission, no views, and no second thread.
//! Left out: parsing and filing of what comes in.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark that fails stops")]

mod common;

use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{Store, each, percentiles, rate, report, wanted};
use novelo::engine::{Expect, Novelo};
use novelo::event::{Draft, Position};

const CUSTOMERS: u64 = 1_000;

fn main() {
    for (commit, commits) in [(1, 1_500), (100, 600), (1_000, 150)] {
        let name = format!("append/commit={commit}");
        if !wanted(&name) {
            continue;
        }
        let store = Store::new();
        // Every subject has its key before the clock starts.
        store.record((0..CUSTOMERS).map(|customer| store.message(customer, 0)).collect());
        let drafts = drafts(&store, commit * commits);
        if commit == 1 {
            let times = each(commits, |number| {
                let draft = vec![drafts[number].clone()];
                store.runtime.block_on(store.novelo.record(draft, Expect::Each)).expect("recorded");
            });
            let (ours, figures) = percentiles(times);
            report(&name, "novelo", &figures);
            let (raw, figures) = percentiles(raw_sled(&store, commit, commits));
            report(&name, "raw sled, true fsync", &figures);
            report(
                &name,
                "novelo / raw sled, at the median",
                &format!("{:.2}", ours.as_secs_f64() / raw.as_secs_f64()),
            );
        } else {
            let taken = through_the_writer(&store, drafts, commit);
            report(&name, "novelo", &rate(commit * commits, taken));
            let raw: Duration = raw_sled(&store, commit, commits).into_iter().sum();
            report(&name, "raw sled, true fsync", &rate(commit * commits, raw));
            report(&name, "novelo / raw sled", &format!("{:.2}", raw.as_secs_f64() / taken.as_secs_f64()));
        }
    }
}

fn drafts(store: &Store, count: usize) -> Vec<Draft> {
    let draft = |number: usize| store.message(number as u64 % CUSTOMERS, 1 + number as u64 / CUSTOMERS);
    (0..count).map(draft).collect()
}

/// Two senders, each waiting for its answer before it sends again.
fn through_the_writer(store: &Store, drafts: Vec<Draft>, commit: usize) -> Duration {
    let mut groups: Vec<Vec<Draft>> = drafts.chunks(commit).map(<[Draft]>::to_vec).collect();
    let second = groups.split_off(groups.len() / 2);
    let started = Instant::now();
    store.runtime.block_on(async {
        let send = |novelo: Arc<Novelo>, groups: Vec<Vec<Draft>>| async move {
            for group in groups {
                novelo.record(group, Expect::Each).await.expect("recorded");
            }
        };
        tokio::join!(send(store.novelo.clone(), groups), send(store.novelo.clone(), second));
    });
    started.elapsed()
}

/// The store's own chunks, written again into a sled of their own: as many events a commit, one flush each.
fn raw_sled(store: &Store, commit: usize, commits: usize) -> Vec<Duration> {
    let skip = CUSTOMERS;
    let mut records: Vec<(u64, Vec<u8>)> = Vec::new();
    for chunk in store.novelo.feed().log().read(Position(skip)).expect("read") {
        let chunk = chunk.expect("whole");
        records.extend(chunk.records().map(|(position, record)| (position.0, record.to_vec())));
    }
    records.retain(|(position, _)| *position >= skip);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let db =
        sled::Config::new().path(folder.path()).flush_every_ms(None).cache_capacity(32 << 20).open().expect("sled");
    let tree = db.open_tree("chunks").expect("a tree");
    // The same chunks: records up to 2 KB together.
    each(commits, |number| {
        let mut batch = sled::Batch::default();
        let (mut first, mut chunk) = (None, Vec::new());
        for (position, record) in &records[number * commit..(number + 1) * commit] {
            if !chunk.is_empty() && chunk.len() + record.len() > 2_048 {
                let key: u64 = first.take().expect("a first position");
                batch.insert(&key.to_be_bytes(), std::mem::take(&mut chunk));
            }
            first.get_or_insert(*position);
            chunk.extend_from_slice(record);
        }
        if let Some(key) = first {
            batch.insert(&u64::to_be_bytes(key), chunk);
        }
        tree.apply_batch(batch).expect("applied");
        tree.flush().expect("flushed");
    })
}
