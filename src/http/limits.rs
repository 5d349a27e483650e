//! How much the server takes on at once, and how long it waits for anybody.

use std::time::Duration;

/// How much the server takes on at once, and how long it waits. Whoever comes beyond it is told to come back, with
/// `Retry-After`; whoever is too slow is cut off, and the others go on.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections that are open at once, idle ones among them.
    pub connections: usize,
    /// Queries that are carried out at once; more wait for their turn, a second at most.
    pub queries: usize,
    /// Subscriptions that are open at once, over all connections.
    pub subscriptions: usize,
    /// Bytes of request bodies that are held in memory at once, all together.
    pub body_memory_bytes: usize,
    /// How long a connection may be idle, and how long the head of a request may take to come.
    pub idle: Duration,
    /// How long is waited for a body in all, beside a second for every 16 KB of it; and how long for a client that does not
    /// read its answer.
    pub body: Duration,
    /// How long a query may take.
    pub query: Duration,
    /// How long a subscriber may leave what was sent to them unread. At most half of the time for which a client that does not
    /// read is waited for counts, so that they can still be told.
    pub subscriber: Duration,
    /// How long requests that were begun may take once the server is told to stop.
    pub stop: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 2_048,
            queries: 256,
            subscriptions: 4_096,
            body_memory_bytes: 128 << 20,
            idle: Duration::from_secs(60),
            body: Duration::from_secs(30),
            query: Duration::from_secs(30),
            subscriber: Duration::from_secs(10),
            stop: Duration::from_secs(20),
        }
    }
}
