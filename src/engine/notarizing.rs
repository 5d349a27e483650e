//! Signing checkpoints while the store is open: by a thread that follows the log, and once more when it is closed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::feed::Feed;
use super::follower::{Follower, Stop};
use super::priority;
use crate::log::LogError;
use crate::proof::{Notary, ProofError};

/// Events that are read at once.
const READ_EVENTS: usize = 10_000;
/// Events that gather before they are looked at: nobody waits for them.
const GATHER_EVENTS: u64 = 2_000;
/// How long the last of it may take once the store is being closed.
const LAST_EFFORT: Duration = Duration::from_secs(10);
/// How long it waits after a failure.
const RETRY: Duration = Duration::from_secs(30);

/// Starts to sign a checkpoint every so many events.
pub(super) fn start(notary: Arc<Notary>, feed: Arc<Feed>, every: u64) -> std::io::Result<Follower> {
    Follower::start("novelo:proof", move |mut stop| {
        priority::give_way();
        follow(&notary, &feed, every, &mut stop);
    })
}

fn follow(notary: &Notary, feed: &Feed, every: u64, stop: &mut Stop) {
    loop {
        let stopping = stop.is_set();
        match catch_up(notary, feed, every, stop) {
            Ok(()) if stopping => return,
            Ok(()) => match notary.end() {
                Ok(end) => stop.wait_past(feed, end.next.plus(GATHER_EVENTS)),
                Err(_) => stop.pause(RETRY),
            },
            Err(cause) => {
                tracing::error!(%cause, "no checkpoint can be signed; the events are safe, it is tried again");
                if stopping {
                    return;
                }
                stop.pause(RETRY);
            }
        }
    }
}

/// Adds what is new, and signs where it is due; when the store is closed, what there is.
fn catch_up(notary: &Notary, feed: &Feed, every: u64, stop: &Stop) -> Result<(), ProofError> {
    let signed = || notary.last().map_or(0, |last| last.end.next.0);
    let mut stopping_since: Option<Instant> = None;
    loop {
        let end = notary.end()?;
        if end.next.0.saturating_sub(signed()) >= every {
            notary.sign()?;
        }
        if stop.is_set() && stopping_since.get_or_insert_with(Instant::now).elapsed() > LAST_EFFORT {
            tracing::warn!(through = %end.next, "the last events are not signed yet; they are at the next start");
            return Ok(());
        }
        if end.next >= feed.head().next {
            break;
        }
        let chunks = feed.read(end.next, READ_EVENTS)?;
        if chunks.is_empty() {
            return Err(LogError::Read { position: end.next, reason: "the log ends before its head".into() }.into());
        }
        notary.add(&chunks)?;
    }
    if stop.is_set() && notary.end()?.next.0 > 0 {
        notary.sign()?;
    }
    Ok(())
}
