//! `context/events=N`: a customer's context with N events, folded anew from the views and from the cache, beside the fold
//! alone over events in memory.
//!
//! Left out: GraphQL and HTTP, and opening what is sealed.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark that fails stops")]

mod common;

use std::sync::Arc;

use common::{Store, each, percentiles, report, wanted};
use novelo::context::{Context, ContextRules};
use novelo::engine::{Customer, Lookup};
use novelo::event::Event;
use novelo::timeline::{PageArgs, TimelineFilter};

fn main() {
    let store = Store::new();
    let sizes = [10_u64, 50, 100, 1_000, 10_000];
    // Many customers of each size, so that a first look at one is never the second.
    let mut drafts = Vec::new();
    let mut customers = Vec::new();
    for (index, size) in sizes.iter().enumerate() {
        let count = (20_000 / size).clamp(4, 200);
        for number in 0..count {
            let customer = index as u64 * 1_000_000 + number;
            drafts.extend((0..*size).map(|event| store.message(customer, event)));
            customers.push((*size, customer));
        }
    }
    store.record(drafts);
    for size in sizes {
        if !wanted(&format!("context/events={size}")) {
            continue;
        }
        let of_size: Vec<u64> = customers.iter().filter(|(s, _)| *s == size).map(|(_, customer)| *customer).collect();
        let name = format!("context/events={size}");
        let uncached = each(of_size.len(), |number| drop(find(&store, of_size[number]).context().expect("a context")));
        report(&name, "novelo, uncached", &percentiles(uncached).1);
        let cached = each(2_000, |number| {
            drop(find(&store, of_size[number % of_size.len()]).context().expect("a context"));
        });
        report(&name, "novelo, cached", &percentiles(cached).1);
        let events = events(&find(&store, of_size[0]), size);
        let rules = ContextRules::default();
        let alone = each(200, |_| {
            let mut context = Context::default();
            events.iter().for_each(|event| context.fold(event, &rules));
            std::hint::black_box(&context);
        });
        report(&name, "the fold alone", &percentiles(alone).1);
    }
}

fn find(store: &Store, customer: u64) -> Customer {
    let picture = Arc::new(store.novelo.picture().expect("a picture"));
    let by = Lookup::Identifier { kind: "crm".into(), value: customer.to_string() };
    picture.customer(&by, None).expect("found").expect("known")
}

fn events(customer: &Customer, size: u64) -> Vec<Event> {
    let args = PageArgs { size: size as usize, from_end: false, after: None, before: None };
    let page = customer.timeline(args, &TimelineFilter::default()).expect("a page");
    page.entries.into_iter().map(|stored| stored.1.clone()).collect()
}
