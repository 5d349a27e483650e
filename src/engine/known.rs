//! What is remembered of the log and the keys beside the keys: up to where they were durable. A log or a keys' file that lost
//! its tail, or all of it, is not taken for a young one, even if the views are gone as well.
//!
//! File `vault/known`: a line that says what it is, a line with the position that the next event gets, the hash of the last
//! chunk and the number of key slots, and the BLAKE3 hash of both lines. Written every few seconds while events come, and when
//! the store is closed.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use super::durable;
use super::error::EngineError;
use super::feed::Feed;
use super::folder::Folder;
use super::follower::Follower;
use crate::event::{Hash, Position};
use crate::log::{Head, Watermark};
use crate::vault::{Slot, Vault};

const TITLE: &str = "novelo known v1";
const NAME: &str = "known";
/// How often it is written at most.
const EVERY: Duration = Duration::from_secs(5);

/// Up to where the log and the keys were durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) head: Head,
    pub(super) slots: Slot,
}

impl Default for Known {
    fn default() -> Self {
        Self { head: Head::default(), slots: Slot(0) }
    }
}

impl Known {
    /// What was noted; nothing when nothing was. A note that is damaged is as good as none, and told of.
    pub(super) fn of(folder: &Folder) -> Result<Self, EngineError> {
        let path = folder.vault().join(NAME);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(std::str::from_utf8(&bytes).ok().and_then(Self::read).unwrap_or_else(|| {
                tracing::warn!(path = %path.display(), "the file is damaged; it is written anew, the views tell how far the log was");
                Self::default()
            })),
            Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(cause) => Err(durable::io(&path, cause)),
        }
    }

    fn text(&self) -> String {
        let body = format!("{TITLE}\n{} {} {}\n", self.head.next, self.head.hash, self.slots.0);
        format!("{body}{}\n", Hash::of(body.as_bytes()))
    }

    fn read(text: &str) -> Option<Self> {
        let mut words = text.lines().nth(1)?.split(' ');
        let next = Position(words.next()?.parse().ok()?);
        let hash = Hash::from_hex(words.next()?)?;
        let slots = Slot(words.next()?.parse().ok()?);
        let known = Self { head: Head { next, hash }, slots };
        (known.text() == text).then_some(known)
    }

    /// Notes it, durably.
    pub(super) fn write(&self, folder: &Folder) -> Result<(), EngineError> {
        durable::write(&folder.vault().join(NAME), self.text().as_bytes())
    }

    /// Up to where the log must reach.
    pub(super) fn watermark(&self) -> Watermark {
        Watermark { next: self.head.next, hash: self.head.hash, of: "the notes in vault/known".into() }
    }
}

/// Starts the thread that notes it. What it notes last, when it is dropped, is how the store was left.
pub(super) fn start_noting(
    folder: Folder,
    feed: Arc<Feed>,
    vault: Arc<Vault>,
    known: Known,
) -> std::io::Result<Follower> {
    Follower::start("novelo:known", move |stop| {
        let mut noted = known;
        loop {
            stop.pause(EVERY);
            let stopping = stop.is_set();
            // The head first: the keys of everything before it are there already.
            let known = Known { head: feed.head(), slots: vault.next_slot() };
            if known != noted {
                match known.write(&folder) {
                    Ok(()) => noted = known,
                    Err(cause) => {
                        tracing::warn!(%cause, "how far the log reaches could not be noted beside the keys")
                    }
                }
            }
            if stopping {
                return;
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_read_and_a_damaged_note_is_none() {
        let data = tempfile::tempdir().unwrap();
        let folder = Folder::at(data.path()).unwrap();
        std::fs::create_dir(folder.vault()).unwrap();
        assert_eq!(Known::of(&folder).unwrap(), Known::default());
        let known = Known { head: Head { next: Position(7), hash: Hash::of(b"x") }, slots: Slot(3) };
        known.write(&folder).unwrap();
        assert_eq!(Known::of(&folder).unwrap(), known);
        let whole = std::fs::read(folder.vault().join(NAME)).unwrap();
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            std::fs::write(folder.vault().join(NAME), &damaged).unwrap();
            assert_eq!(Known::of(&folder).unwrap(), Known::default());
        }
    }
}
