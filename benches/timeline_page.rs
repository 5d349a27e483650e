//! `timeline_page`: the newest 20 entries of a customer with 1,000, decoded, beside the same range of rows read from raw
//! fjall.
//!
//! Left out: GraphQL and HTTP, and opening what is sealed.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark that fails stops")]

mod common;

use std::sync::Arc;

use common::{Store, each, percentiles, report};
use novelo::engine::Lookup;
use novelo::timeline::{PageArgs, TimelineFilter};

const CUSTOMERS: u64 = 50;
const EVENTS: u64 = 1_000;
const PAGES: usize = 5_000;

fn main() {
    let store = Store::new();
    store.record(
        (0..CUSTOMERS).flat_map(|c| (0..EVENTS).map(move |n| (c, n))).map(|(c, n)| store.message(c, n)).collect(),
    );
    let picture = Arc::new(store.novelo.picture().expect("a picture"));
    let customers: Vec<_> = (0..CUSTOMERS)
        .map(|customer| {
            let by = Lookup::Identifier { kind: "crm".into(), value: customer.to_string() };
            picture.customer(&by, None).expect("found").expect("known")
        })
        .collect();
    let args = PageArgs { size: 20, from_end: true, after: None, before: None };
    let ours = each(PAGES, |number| {
        let page = customers[number % customers.len()].timeline(args, &TimelineFilter::default()).expect("a page");
        assert_eq!(page.entries.len(), 20);
    });
    report("timeline_page", "novelo", &percentiles(ours).1);
    let raw = raw_fjall(&picture);
    let keyspace = &raw.1;
    let subjects: Vec<_> = customers.iter().map(|customer| customer.id()).collect();
    let yardstick = each(PAGES, |number| {
        let rows = keyspace.prefix(subjects[number % subjects.len()].as_bytes()).rev().take(20);
        let bytes: usize = rows.map(|row| row.into_inner().expect("a row").1.len()).sum();
        assert!(bytes > 0);
    });
    report("timeline_page", "raw fjall, the same rows", &percentiles(yardstick).1);
}

/// The rows of the timeline in a fjall of their own.
fn raw_fjall(picture: &novelo::engine::Picture) -> (fjall::Database, fjall::Keyspace, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let db = fjall::Database::builder(folder.path()).open().expect("fjall");
    let keyspace = db.keyspace("rows", fjall::KeyspaceCreateOptions::default).expect("a keyspace");
    for row in picture.reader().prefix("timeline", &[]).expect("rows") {
        let (key, value) = row.expect("a row");
        keyspace.insert(&*key, &*value).expect("inserted");
    }
    (db, keyspace, folder)
}
