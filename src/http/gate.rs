//! What is let in at once: connections, queries, subscriptions, and memory for bodies. All of it is bounded; nobody waits for long.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::limits::Limits;
use super::traffic::Traffic;

/// How long a query waits for its turn.
const TURN_WAIT: Duration = Duration::from_secs(1);
/// Memory is handed out in pieces of so many bytes.
const PIECE_BYTES: usize = 64 << 10;

/// What is let in, and what has been counted of it.
#[derive(Debug)]
pub(super) struct Gate {
    pub(super) limits: Limits,
    pub(super) connections: Arc<Semaphore>,
    pub(super) traffic: Traffic,
    /// Whether the server was told to stop.
    pub(super) stopping: watch::Sender<bool>,
    turns: Semaphore,
    subscriptions: Arc<Semaphore>,
    memory: Arc<Semaphore>,
}

/// There is no room for it now.
#[derive(Debug)]
pub(super) struct NoRoom;

/// Memory that somebody holds; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Held {
    memory: Arc<Semaphore>,
    pieces: Option<OwnedSemaphorePermit>,
    bytes: usize,
}

impl Gate {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            connections: Arc::new(Semaphore::new(limits.connections)),
            traffic: Traffic::default(),
            stopping: watch::Sender::new(false),
            turns: Semaphore::new(limits.queries),
            subscriptions: Arc::new(Semaphore::new(limits.subscriptions)),
            memory: Arc::new(Semaphore::new(limits.body_memory_bytes.div_ceil(PIECE_BYTES))),
        }
    }

    /// Connections that are open.
    pub(super) fn open_connections(&self) -> usize {
        self.limits.connections.saturating_sub(self.connections.available_permits())
    }

    /// Bytes of bodies that are held.
    pub(super) fn body_bytes(&self) -> usize {
        let all = self.limits.body_memory_bytes.div_ceil(PIECE_BYTES);
        all.saturating_sub(self.memory.available_permits()) * PIECE_BYTES
    }

    /// Queries that are being carried out.
    pub(super) fn running_queries(&self) -> usize {
        self.limits.queries.saturating_sub(self.turns.available_permits())
    }

    /// Subscriptions that are open.
    pub(super) fn open_subscriptions(&self) -> usize {
        self.limits.subscriptions.saturating_sub(self.subscriptions.available_permits())
    }

    /// A subscription's place; it is open until this is dropped.
    pub(super) fn subscription(&self) -> Result<OwnedSemaphorePermit, NoRoom> {
        self.subscriptions.clone().try_acquire_owned().map_err(|_| NoRoom)
    }

    /// How long a subscriber may leave what was sent to them unread.
    pub(super) fn subscriber_patience(&self) -> Duration {
        self.limits.subscriber.min(self.limits.body / 2)
    }

    /// The turn of a query, for which it waits a little; it is over when this is dropped.
    pub(super) async fn turn(&self) -> Result<tokio::sync::SemaphorePermit<'_>, NoRoom> {
        match tokio::time::timeout(TURN_WAIT, self.turns.acquire()).await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(_)) | Err(_) => Err(NoRoom),
        }
    }

    /// Nothing held yet.
    pub(super) fn hold(&self) -> Held {
        Held { memory: self.memory.clone(), pieces: None, bytes: 0 }
    }
}

impl Held {
    /// Holds more bytes.
    pub(super) fn add(&mut self, bytes: usize) -> Result<(), NoRoom> {
        self.bytes += bytes;
        let held = self.pieces.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let missing = self.bytes.div_ceil(PIECE_BYTES).saturating_sub(held);
        if missing == 0 {
            return Ok(());
        }
        let missing = u32::try_from(missing).map_err(|_| NoRoom)?;
        let more = self.memory.clone().try_acquire_many_owned(missing).map_err(|_| NoRoom)?;
        match &mut self.pieces {
            Some(pieces) => pieces.merge(more),
            None => self.pieces = Some(more),
        }
        Ok(())
    }

    /// How many bytes are held.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Gives all of it back.
    pub(super) fn give_back(&mut self) {
        self.pieces = None;
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_handed_out_until_there_is_none_and_comes_back() {
        let gate = Gate::new(Limits { body_memory_bytes: 3 * PIECE_BYTES, ..Limits::default() });
        let (mut one, mut other) = (gate.hold(), gate.hold());
        assert!(one.add(1).is_ok() && one.add(PIECE_BYTES).is_ok());
        assert_eq!((one.bytes(), gate.body_bytes()), (PIECE_BYTES + 1, 2 * PIECE_BYTES));
        assert!(other.add(PIECE_BYTES).is_ok());
        assert!(other.add(1).is_err());
        drop(one);
        assert!(other.add(1).is_ok());
        other.give_back();
        assert_eq!(gate.body_bytes(), 0);
    }
}
