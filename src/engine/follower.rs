//! A thread that follows the log at its own pace, beside the writer, which never waits for it.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::watch;

use super::error::EngineError;
use super::feed::Feed;
use super::priority;
use crate::event::Position;

/// The thread. It is told to stop, and waited for, when this is dropped.
#[derive(Debug)]
pub(super) struct Follower {
    name: &'static str,
    stop: watch::Sender<bool>,
    /// Closed to wake a thread that pauses.
    awake: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// How the thread learns that it is to stop.
#[derive(Debug)]
pub(super) struct Stop {
    stop: watch::Receiver<bool>,
    awake: Receiver<()>,
}

#[cfg(test)]
impl Stop {
    /// One that is never told to stop.
    pub(super) fn never() -> Self {
        Self { stop: watch::channel(false).1, awake: channel().1 }
    }
}

impl Follower {
    pub(super) fn start(name: &'static str, work: impl FnOnce(Stop) + Send + 'static) -> io::Result<Self> {
        let (stop, told) = watch::channel(false);
        let (awake, asleep) = channel();
        let stopping = Stop { stop: told, awake: asleep };
        let thread = std::thread::Builder::new().name(name.into()).spawn(move || {
            priority::give_way();
            work(stopping);
        })?;
        Ok(Self { name, stop, awake: Some(awake), thread: Some(thread) })
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        self.awake = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!(thread = self.name, "a thread that follows the log panicked");
        }
    }
}

impl Stop {
    /// Whether it is to stop once it has done what is there.
    pub(super) fn is_set(&self) -> bool {
        *self.stop.borrow()
    }

    /// Fails once it is to stop: for work that is done again by whoever starts next.
    pub(super) fn check(&self) -> Result<(), EngineError> {
        if self.is_set() { Err(EngineError::Stopped("the store is being closed".into())) } else { Ok(()) }
    }

    /// Waits until something is over, or it is to stop.
    pub(super) fn wait_for(&mut self, something: impl Future<Output = ()>) {
        let something = std::pin::pin!(something);
        let stop = std::pin::pin!(self.stop.wait_for(|stop| *stop));
        // Which of them it was shows when the caller looks again.
        let _ = futures_executor::block_on(futures_util::future::select(something, stop));
    }

    /// Waits until there are events at or behind a position, or it is to stop.
    pub(super) fn wait_past(&mut self, feed: &Feed, position: Position) {
        self.wait_for(async {
            let _ = feed.wait_past(position).await;
        });
    }

    /// Waits for so long, or until it is to stop.
    pub(super) fn pause(&self, at_most: Duration) {
        match self.awake.recv_timeout(at_most) {
            Ok(()) | Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
    }
}
