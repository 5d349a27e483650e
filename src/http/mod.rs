//! Floor 6. The server: GraphQL endpoint, ingest, the panel, health, metrics.
//!
//! | path | methods | what it is |
//! |---|---|---|
//! | `/graphql` | GET, POST | GraphQL over HTTP, as its specification says; subscriptions over WebSocket and as event streams |
//! | `/panel` | GET | the agent's panel, and below it its files |
//! | `/tour` | GET | the customers of the demonstration |
//! | `/journey` | GET | the journey of all customers as a picture, and the figures of the day |
//! | `/analyses` | GET | analyses: written, watched while they are built, seen as table and chart |
//! | `/v1/events` | POST | CloudEvents: structured, batched, binary, NDJSON |
//! | `/v1/log` | GET | the log as a stream of stored chunks, for a backup |
//! | `/v1/checkpoint` | GET, POST | the last signed checkpoint; sign one now |
//! | `/v1/proof` | GET | that an event is in the log |
//! | `/healthz` | GET | 200 while the process lives |
//! | `/readyz` | GET | 200 while it takes events and its views follow |
//! | `/metrics` | GET | counts, times and sizes in the text form of Prometheus |
//!
//! It listens on loopback only, and answers only requests that name a loopback host, so that a page from elsewhere that
//! a browser opens on the same machine cannot reach it. Pages of [`Origins`] that are listed may frame the panel and load its
//! element.
//!
//! Whatever comes in is bounded by [`Limits`]: beyond them the answer is 503 with `Retry-After`, and who is too slow is cut off.

mod answer;
mod body;
mod closing;
mod connections;
mod cors;
mod event_stream;
mod exposition;
mod gate;
mod graphql;
mod guard;
mod health;
mod ingest;
mod limits;
mod log;
mod messages;
mod metrics;
mod negotiate;
mod operation;
mod origins;
mod panel;
mod parameters;
mod plain;
mod proof;
mod refused;
mod server;
mod socket;
mod traffic;

pub use limits::Limits;
pub use origins::{NotOrigins, Origins};
pub use server::{ServeError, Server};
