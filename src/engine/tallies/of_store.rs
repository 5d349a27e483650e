//! The analyses that every store has, and what another takes the place of one of them with.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::tally::{BUILT_IN, Definition};
use crate::written::Mistakes;

/// Reads a definition as a store takes it: one that takes the place of one of the store keeps what pages read of that.
///
/// # Errors
/// [`Mistakes`] lists all of them.
pub fn read_definition(text: &str, zone: &str) -> Result<Definition, Mistakes> {
    let definition = read(&built_in(zone), text, zone)?;
    definition.check_columns()?;
    Ok(definition)
}

pub(super) fn read(built_in: &[Arc<Definition>], text: &str, zone: &str) -> Result<Definition, Mistakes> {
    let definition = Definition::read(text, zone)?;
    if let Some(replaced) = built_in.iter().find(|it| it.name() == definition.name()) {
        definition.can_replace(replaced)?;
    }
    Ok(definition)
}

/// Those of the store. They are read once in a process for each zone.
pub(super) fn built_in(zone: &str) -> Vec<Arc<Definition>> {
    static READ: Mutex<BTreeMap<String, Vec<Arc<Definition>>>> = Mutex::new(BTreeMap::new());
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    let read_all = || {
        // A test reads each: none is wrong.
        BUILT_IN.iter().filter_map(|text| Definition::read(text, zone).ok()).map(Arc::new).collect()
    };
    read.entry(zone.to_owned()).or_insert_with(read_all).clone()
}
