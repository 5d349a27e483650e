//! Before a new store is made for an import: whether there is anything that it would take.
//!
//! A mapping that does not fit its files is found out so, and no empty store is left behind.

use std::path::PathBuf;
use std::sync::Arc;

use super::dead_letter::DeadLetter;
use super::rows::Reading;
use super::{Counts, Group, input};
use crate::cli::config::Config;
use crate::cli::failure::Failure;
use crate::cli::store;
use crate::engine::{EngineError, Folder};
use crate::event::Micros;
use crate::identity::{Filing, IdentityKey};
use crate::ingest::Rejected;

/// What a new store would not take, which is all that there is, if there is anything; `None` when there is a store, or an event for a
/// new one.
pub(super) fn nothing_to_take(
    config: &Config,
    reading: &Reading,
    files: &[PathBuf],
    letters: &mut DeadLetter,
) -> Result<Option<Counts>, Failure> {
    let folder = store::folder(config)?;
    if !matches!(Folder::existing(folder), Err(EngineError::NoStore { .. })) {
        return Ok(None);
    }
    // What is read from a pipe is gone from it: only files can be read twice.
    if files.iter().any(|path| !path.is_file()) {
        return Ok(None);
    }
    let rules = store::options(config, folder)?.identity;
    let filing = Filing::new(Arc::new(rules), IdentityKey::new([0; 32]));
    if each(&filing, reading, files, &mut |_, _, _| Ok(()))?.is_none() {
        return Ok(None);
    }
    each(&filing, reading, files, &mut |name, rejected, raw| letters.add(name, rejected, raw))
}

/// Told of an item that is rejected: the file's name, why, and how it stood there.
type Told<'a> = dyn FnMut(&str, &Rejected, &[u8]) -> Result<(), Failure> + 'a;

/// Reads until there is an event that is taken, and is `None` then; else what there was.
fn each(filing: &Filing, reading: &Reading, files: &[PathBuf], told: &mut Told<'_>) -> Result<Option<Counts>, Failure> {
    let (mut counts, now) = (Counts::default(), Micros::now());
    for path in files {
        let mut input = input::open(path)?;
        let name = input.name.clone();
        let mut found = false;
        let mut deliver = |group: Group| {
            counts.read += group.read;
            for taken in group.taken {
                match taken.file(filing, now) {
                    Ok(_) => {
                        found = true;
                        return Err(Failure::new("enough is known"));
                    }
                    Err((rejected, raw)) => {
                        counts.rejected += 1;
                        told(&name, &rejected, &raw)?;
                    }
                }
            }
            Ok(())
        };
        let read = reading.try_each(&mut input, &mut deliver);
        if found {
            return Ok(None);
        }
        if let Some(broken) = read? {
            return Err(broken.told(&name, &counts));
        }
    }
    Ok(Some(counts))
}
