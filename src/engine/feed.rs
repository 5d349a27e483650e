//! The log as those who follow it see it: from any position on, history first and then what is committed, in one sequence.
//!
//! Followers keep their own position and ask from there, so nobody can miss an event or see one twice, however slow they
//! are. What was committed last is kept in memory, so that following live does not read the disk.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::event::Position;
use crate::log::{Chunk, EventLog, Head, LogError};

/// How many bytes of the newest chunks are kept in memory.
const RECENT_BYTES: usize = 8 << 20;

/// Durable chunks, in order.
pub struct Feed {
    log: Arc<dyn EventLog>,
    recent: Mutex<Recent>,
    head: watch::Sender<Head>,
}

#[derive(Default)]
struct Recent {
    chunks: VecDeque<Chunk>,
    bytes: usize,
}

impl std::fmt::Debug for Feed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Feed").field("head", &self.head()).finish_non_exhaustive()
    }
}

impl Feed {
    pub(super) fn new(log: Arc<dyn EventLog>) -> Self {
        let head = watch::Sender::new(log.head());
        Self { log, recent: Mutex::default(), head }
    }

    /// The log below.
    #[must_use]
    pub fn log(&self) -> &Arc<dyn EventLog> {
        &self.log
    }

    /// Up to where events are durable.
    #[must_use]
    pub fn head(&self) -> Head {
        *self.head.borrow()
    }

    /// Tells followers of chunks that are durable.
    pub(super) fn publish(&self, chunks: Vec<Chunk>, head: Head) {
        {
            let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            for chunk in chunks {
                recent.bytes += chunk.len_bytes();
                recent.chunks.push_back(chunk);
            }
            while recent.bytes > RECENT_BYTES {
                let Some(oldest) = recent.chunks.pop_front() else { break };
                recent.bytes = recent.bytes.saturating_sub(oldest.len_bytes());
            }
        }
        self.head.send_replace(head);
    }

    /// Opens the log anew after a failed write, and tells followers of what it holds that they were not told of: a commit that
    /// failed may be there all the same.
    pub(super) fn reopen(&self) -> Result<(), LogError> {
        let before = self.head().next;
        let head = self.log.reopen()?;
        let new = self.log.read(before)?.collect::<Result<Vec<_>, _>>()?;
        if head != self.head() {
            self.publish(new, head);
        }
        Ok(())
    }

    /// Waits until there are events at or behind `position`; the head then.
    ///
    /// # Errors
    /// [`Closed`] when the store is being closed.
    pub async fn wait_past(&self, position: Position) -> Result<Head, Closed> {
        let mut head = self.head.subscribe();
        head.wait_for(|head| head.next > position).await.map(|head| *head).map_err(|_| Closed)
    }

    /// Some chunks, in order, the first of which holds `from`; at least one when there is any, and no more than needed to
    /// reach `max_events`. What lies before damage is given; asking from there on meets it.
    ///
    /// # Errors
    /// [`LogError`] names the position of what cannot be read, when nothing before it can.
    pub fn read(&self, from: Position, max_events: usize) -> Result<Vec<Chunk>, LogError> {
        if let Some(chunks) = self.recent_from(from, max_events) {
            return Ok(chunks);
        }
        let mut chunks = Vec::new();
        let mut events = 0;
        for chunk in self.log.read(from)? {
            let chunk = match chunk {
                Ok(chunk) => chunk,
                Err(_) if !chunks.is_empty() => break,
                Err(cause) => return Err(cause),
            };
            events += chunk.count();
            chunks.push(chunk);
            if events >= max_events {
                break;
            }
        }
        Ok(chunks)
    }

    /// The same out of what is kept in memory, if it goes back that far.
    fn recent_from(&self, from: Position, max_events: usize) -> Option<Vec<Chunk>> {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.chunks.front()?.first() > from {
            return None;
        }
        let start = recent.chunks.partition_point(|chunk| chunk.end() <= from);
        let mut events = 0;
        let enough = |chunk: &&Chunk| {
            let take = events < max_events;
            events += chunk.count();
            take
        };
        Some(recent.chunks.iter().skip(start).take_while(enough).cloned().collect())
    }
}

/// The store is being closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the store is being closed")]
pub struct Closed;
