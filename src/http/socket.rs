//! GraphQL over a WebSocket, by the protocol `graphql-transport-ws`:
//! <https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>.
//!
//! One task has a socket. It takes the next answer of an operation once the one before was taken by the client, so nothing
//! gathers here; who does not take it in time is dropped. Every end has a code (`closing.rs`).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_graphql::Request;
use axum::body::Bytes;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::response::Response;
use futures_util::stream::{AbortHandle, BoxStream, SelectAll, abortable, iter, once};
use futures_util::{StreamExt, future};
use tokio::time::{Interval, MissedTickBehavior, interval_at};

use super::closing::{Ending, close};
use super::connections::Seat;
use super::gate::Gate;
use super::graphql::Endpoint;
use super::guard;
use super::messages::{self, ClientMessage};
use super::negotiate::Media;
use super::operation::begin;
use super::refused::Refused;
use crate::graphql::Operation;

const PROTOCOL: &str = "graphql-transport-ws";
/// Most bytes of a message: a request. Many events go by POST.
const MESSAGE_BYTES: usize = 256 << 10;
/// What is read and written at once; a message may be larger.
const BUFFER_BYTES: usize = 8 << 10;
/// Most operations that a connection has open at once.
const OPERATIONS: usize = 64;
/// How long a client may take to say `connection_init`.
const INIT_WAIT: Duration = Duration::from_secs(10);

/// Opens a socket.
pub(super) fn open(
    endpoint: Endpoint,
    seat: Seat,
    headers: &HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    if !guard::may_follow(headers, &endpoint.origins) {
        return Refused::foreign_origin().answer(Media::Json);
    }
    match upgrade {
        Ok(upgrade) => upgrade
            .protocols([PROTOCOL])
            .max_message_size(MESSAGE_BYTES)
            .max_frame_size(MESSAGE_BYTES)
            .read_buffer_size(BUFFER_BYTES)
            .write_buffer_size(BUFFER_BYTES)
            .on_upgrade(|socket| async move {
                Conversation::new(endpoint, socket).hold().await;
                drop(seat);
            }),
        Err(rejected) => {
            let help =
                "ask for a WebSocket of version 13 with the protocol graphql-transport-ws, or leave `Upgrade` out";
            Refused::bad(rejected.body_text(), help).answer(Media::Json)
        }
    }
}

/// What comes of an operation.
enum Step {
    Next(String),
    Error(String),
    Complete,
}

/// An operation that is being carried out.
struct Open {
    abort: AbortHandle,
    goes_on: bool,
}

/// A client at its socket.
struct Conversation {
    endpoint: Endpoint,
    socket: WebSocket,
    /// Since when the socket is open.
    begun: Instant,
    /// When anything came last, and when a message did.
    heard: Instant,
    spoke: Instant,
    acknowledged: bool,
    open: HashMap<String, Open>,
    steps: SelectAll<BoxStream<'static, (String, Step)>>,
}

impl Conversation {
    fn new(endpoint: Endpoint, socket: WebSocket) -> Self {
        let now = Instant::now();
        let (open, steps) = (HashMap::new(), SelectAll::new());
        Self { endpoint, socket, begun: now, heard: now, spoke: now, acknowledged: false, open, steps }
    }

    fn gate(&self) -> &Arc<Gate> {
        &self.endpoint.gate
    }

    /// Talks until it ends, and says why it does.
    async fn hold(mut self) {
        let ending = match self.socket.protocol() {
            Some(_) => self.talk().await,
            None => Ending::NoProtocol,
        };
        if let Ending::TooSlow = ending {
            let dropped = self.open.values().filter(|open| open.goes_on).count();
            self.gate().traffic.slow_subscriptions.add(dropped as u64);
        }
        let patience = self.gate().limits.body;
        let Self { socket, steps, .. } = self;
        // What it held goes before the client is waited for.
        drop(steps);
        close(socket, &ending, patience).await;
    }

    async fn talk(&mut self) -> Ending {
        let mut stopping = self.gate().stopping.subscribe();
        let mut ticks = ticks(self.gate().limits.idle);
        let mut stops = false;
        loop {
            let waits = self.init_wait();
            let went_well = tokio::select! {
                () = async { drop(stopping.wait_for(|stopping| *stopping).await) }, if !stops => {
                    stops = true;
                    self.end_subscriptions();
                    Ok(())
                }
                message = self.socket.recv() => self.hear(message, stops).await,
                Some((id, step)) = self.steps.next(), if !self.steps.is_empty() => self.pass_on(&id, step).await,
                () = tokio::time::sleep(waits.unwrap_or_default()), if waits.is_some() => Err(Ending::InitTimeout),
                _ = ticks.tick() => self.look_after().await,
            };
            if let Err(ending) = went_well {
                return ending;
            }
            if stops && self.open.is_empty() {
                return Ending::Stopping;
            }
        }
    }

    /// How long the client may still take to say `connection_init`.
    fn init_wait(&self) -> Option<Duration> {
        let all = INIT_WAIT.min(self.gate().limits.body);
        (!self.acknowledged).then(|| all.saturating_sub(self.begun.elapsed()))
    }

    async fn hear(&mut self, message: Option<Result<Message, axum::Error>>, stops: bool) -> Result<(), Ending> {
        self.heard = Instant::now();
        match message {
            None | Some(Ok(Message::Close(_))) => Err(Ending::Gone),
            Some(Err(cause)) => Err(Ending::of_error(&cause)),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            Some(Ok(Message::Binary(_))) => Err(Ending::Invalid("a message is text, not binary".into())),
            Some(Ok(Message::Text(text))) => {
                self.spoke = Instant::now();
                match ClientMessage::read(&text) {
                    // Nothing is begun any more.
                    Ok(ClientMessage::Subscribe { .. }) if stops => Ok(()),
                    Ok(message) => self.obey(message).await,
                    Err(reason) => Err(Ending::Invalid(reason)),
                }
            }
        }
    }

    async fn obey(&mut self, message: ClientMessage) -> Result<(), Ending> {
        match message {
            ClientMessage::Init if self.acknowledged => Err(Ending::InitAgain),
            ClientMessage::Init => {
                self.acknowledged = true;
                self.say(messages::ack()).await
            }
            ClientMessage::Ping(payload) => self.say(messages::pong(payload)).await,
            ClientMessage::Pong => Ok(()),
            ClientMessage::Complete { id } => {
                if let Some(open) = self.open.remove(&id) {
                    open.abort.abort();
                }
                Ok(())
            }
            ClientMessage::Subscribe { .. } if !self.acknowledged => Err(Ending::Unauthorized),
            ClientMessage::Subscribe { id, .. } if self.open.contains_key(&id) => Err(Ending::Exists(id)),
            ClientMessage::Subscribe { id, .. } if self.open.len() >= OPERATIONS => {
                let refused = Refused::unavailable(format!("{OPERATIONS} operations are open on this connection"));
                self.say(messages::error(&id, &refused.to_json())).await
            }
            ClientMessage::Subscribe { id, request } => {
                self.begin(id, *request);
                Ok(())
            }
        }
    }

    /// Begins an operation.
    fn begin(&mut self, id: String, mut request: Request) {
        let goes_on = crate::graphql::operation(&mut request) == Operation::Subscription;
        let Endpoint { gate, schema, .. } = self.endpoint.clone();
        let begun = async move { begin(&gate, &schema, request).await };
        let steps = once(begun).flat_map(|begun| match begun {
            Ok(answers) => answers.map(Step::Next).chain(once(future::ready(Step::Complete))).boxed(),
            Err(not_begun) => iter([Step::Error(not_begun.into_json())]).boxed(),
        });
        let (steps, abort) = abortable(steps);
        self.open.insert(id.clone(), Open { abort, goes_on });
        self.steps.push(steps.map(move |step| (id.clone(), step)).boxed());
    }

    /// Passes on what comes of an operation.
    async fn pass_on(&mut self, id: &str, step: Step) -> Result<(), Ending> {
        let message = match &step {
            Step::Next(answer) => messages::next(id, answer),
            Step::Error(answer) => messages::error(id, answer),
            Step::Complete => messages::complete(id),
        };
        self.say(message).await?;
        if let Step::Error(_) | Step::Complete = step {
            self.open.remove(id);
        }
        self.spoke = Instant::now();
        Ok(())
    }

    async fn say(&mut self, text: String) -> Result<(), Ending> {
        self.send(Message::text(text)).await
    }

    async fn send(&mut self, message: Message) -> Result<(), Ending> {
        match tokio::time::timeout(self.gate().subscriber_patience(), self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Ending::Gone),
            Err(_) => Err(Ending::TooSlow),
        }
    }

    /// Lets a client go that is not there any more, or wants nothing; asks the others for a sign of life.
    async fn look_after(&mut self) -> Result<(), Ending> {
        let idle = self.gate().limits.idle;
        let wants_nothing = self.open.is_empty() && self.spoke.elapsed() >= idle;
        if wants_nothing || self.heard.elapsed() >= idle {
            return Err(Ending::Idle);
        }
        self.send(Message::Ping(Bytes::new())).await
    }

    /// The server stops: what goes on ends now, and what will be done soon is waited for.
    fn end_subscriptions(&mut self) {
        self.open.retain(|_, open| {
            if open.goes_on {
                open.abort.abort();
            }
            !open.goes_on
        });
    }
}

/// Three times within the time that a connection may be idle.
fn ticks(idle: Duration) -> Interval {
    let mut ticks = interval_at((Instant::now() + idle / 3).into(), idle / 3);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
