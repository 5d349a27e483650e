//! One text that stands for everything a store answers of its customers.

use std::path::Path;
use std::sync::Arc;

use novelo::engine::{EngineError, Novelo, Options};
use novelo::event::codec;
use novelo::timeline::{PageArgs, TimelineFilter};

/// All customers' contexts and first timeline pages, of a store that nobody serves.
pub(crate) fn of_folder(data: &Path) -> String {
    let (novelo, _) = Novelo::open(Options::new(data), |_, _| {}).unwrap();
    of(&novelo)
}

/// The same of an open store.
pub(crate) fn of(novelo: &Novelo) -> String {
    try_of(novelo).unwrap()
}

/// The same of a store that may fail to answer.
pub(crate) fn try_of(novelo: &Novelo) -> Result<String, EngineError> {
    let picture = Arc::new(novelo.picture()?);
    assert_eq!(picture.through(), novelo.head().next, "the views have caught up");
    let mut hasher = blake3::Hasher::new();
    let mut customers = 0;
    for customer in picture.customers()? {
        let customer = customer?;
        customers += 1;
        hasher.update(customer.id().as_bytes());
        hasher.update(&codec::pack(&*customer.context()?));
        let first = PageArgs { size: 20, from_end: false, after: None, before: None };
        for stored in customer.timeline(first, &TimelineFilter::default())?.entries {
            let (entry, event) = &*stored;
            hasher.update(&entry.position.0.to_le_bytes());
            hasher.update(event.header.id.as_bytes());
        }
    }
    Ok(format!("{customers} customers, {} events, {}", novelo.head().next, hasher.finalize()))
}
