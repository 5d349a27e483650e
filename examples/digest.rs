//! One number for everything that a store knows of its customers: to see that two stores, or one store before and after its
//! views were rebuilt, answer alike.
//!
//! ```sh
//! cargo run --release --example digest -- DATA
//! ```
//!
//! It folds every customer's context and takes the first page of every timeline, and hashes them together. The store must
//! not be served meanwhile. Without a folder it makes a small store, and shows that a rebuild changes nothing.

use std::sync::Arc;

use novelo::engine::{Expect, Novelo, Options};
use novelo::event::{Flat, Micros, Unfiled, codec};
use novelo::timeline::{PageArgs, TimelineFilter};

type Error = Box<dyn std::error::Error>;

fn main() -> Result<(), Error> {
    if let Some(folder) = std::env::args().nth(1) {
        if !std::path::Path::new(&folder).join("log").is_dir() {
            return Err(
                format!("{folder}: there is no store; give the data folder, and nothing else: digest DATA").into()
            );
        }
        let (novelo, _) = Novelo::open(Options::new(folder), |_, _| {})?;
        let (customers, digest) = digest(&novelo)?;
        println!("{customers} customers, {} events: {digest}", novelo.head().next);
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let before = {
        let (novelo, _) = Novelo::open(Options::new(folder.path()), |_, _| {})?;
        fill(&novelo)?;
        digest(&novelo)?
    };
    std::fs::remove_dir_all(folder.path().join("views"))?;
    let (novelo, opened) = Novelo::open(Options::new(folder.path()), |_, _| {})?;
    let after = digest(&novelo)?;
    println!("{} customers: {}", before.0, before.1);
    println!("the views were thrown away and rebuilt from {} events", opened.caught_up);
    println!("{} customers: {}", after.0, after.1);
    if before == after { Ok(()) } else { Err("a rebuild changed the answers".into()) }
}

/// How many customers there are, and what stands for everything known of them.
fn digest(novelo: &Novelo) -> Result<(u64, String), Error> {
    let picture = Arc::new(novelo.picture()?);
    let mut hasher = blake3::Hasher::new();
    let mut customers = 0;
    for customer in picture.customers()? {
        let customer = customer?;
        customers += 1;
        hasher.update(customer.id().as_bytes());
        hasher.update(&codec::pack(&*customer.context()?));
        let first = PageArgs { size: 20, from_end: false, after: None, before: None };
        // Not the records' hashes: the same event is sealed with another key in another store.
        for stored in customer.timeline(first, &TimelineFilter::default())?.entries {
            let (entry, event) = &*stored;
            hasher.update(&entry.position.0.to_le_bytes());
            hasher.update(event.header.id.as_bytes());
        }
    }
    Ok((customers, hasher.finalize().to_string()))
}

/// A few hundred made-up notes of twenty customers.
fn fill(novelo: &Novelo) -> Result<(), Error> {
    let now = Micros::now();
    let mut drafts = Vec::new();
    for number in 0..400 {
        let flat = Flat {
            id: format!("note-{number}"),
            source: "example".into(),
            kind: "novelo.note.added".into(),
            subject: Some(format!("crm:{}", number % 20)),
            time: Some(now.plus(-number * Micros::HOUR).to_string()),
            data: serde_json::Map::from_iter([("text".to_owned(), format!("a note, number {number}").into())]),
        };
        drafts.push(novelo.filing().file(Unfiled::read(flat)?, now)?);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        novelo.record(drafts, Expect::Each).await?;
        novelo.wait_for(novelo.head().next, std::time::Duration::from_secs(60)).await?;
        Ok::<_, Error>(())
    })
}
