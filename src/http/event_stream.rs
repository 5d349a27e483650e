//! GraphQL over server-sent events, in distinct connections mode:
//! <https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md>.
//!
//! Each answer is an event `next`, and behind the last comes `complete`. A stream that ends without it was broken off: the server
//! stops, or the subscriber left what was sent unread for too long, and then the last `next` has an error that says so.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use tokio::sync::{mpsc, oneshot};

use super::gate::Gate;
use super::negotiate::Media;
use super::operation::Answers;

/// While nothing happens a comment is sent so often, so that nobody on the way takes the connection for dead.
const BEAT: Duration = Duration::from_secs(12);
/// A comment: a colon and nothing behind it.
const COMMENT: &str = ":\n\n";

/// Tells proxies not to hold events back.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// An answer that goes on.
pub(super) fn respond(gate: Arc<Gate>, answers: Answers) -> Response {
    let (taken, mut events) = mpsc::channel::<String>(1);
    let (last, mut end) = oneshot::channel::<String>();
    drop(tokio::spawn(feed(gate, answers, Subscriber { taken, last })));
    let body = stream::poll_fn(move |context| events.poll_recv(context));
    // It is known by then: whoever sends events has gone.
    let end = stream::iter(std::iter::from_fn(move || end.try_recv().ok()));
    let body = body.chain(end).map(|text| Ok::<_, Infallible>(Bytes::from(text)));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(Media::EventStream.content_type())),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (X_ACCEL_BUFFERING, HeaderValue::from_static("no")),
    ];
    (headers, Body::from_stream(body)).into_response()
}

/// Where events go.
struct Subscriber {
    taken: mpsc::Sender<String>,
    last: oneshot::Sender<String>,
}

/// How a stream ends.
enum End {
    /// There are no more answers.
    Complete,
    /// The subscriber did not take what was sent.
    TooSlow,
    /// Nobody is there any more, or the server stops.
    BrokenOff,
}

/// Gives events as fast as they are taken.
async fn feed(gate: Arc<Gate>, mut answers: Answers, subscriber: Subscriber) {
    let (mut stopping, patience) = (gate.stopping.subscribe(), gate.subscriber_patience());
    let feeding = async {
        let mut event = COMMENT.to_owned();
        loop {
            match tokio::time::timeout(patience, subscriber.taken.send(event)).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return End::BrokenOff,
                Err(_) => return End::TooSlow,
            }
            event = match tokio::time::timeout(BEAT, answers.next()).await {
                Ok(Some(answer)) => format!("event: next\ndata: {answer}\n\n"),
                Ok(None) => return End::Complete,
                Err(_) => COMMENT.to_owned(),
            };
        }
    };
    let end = tokio::select! {
        end = feeding => end,
        () = subscriber.taken.closed() => End::BrokenOff,
        () = async { drop(stopping.wait_for(|stopping| *stopping).await) } => End::BrokenOff,
    };
    let last = match end {
        End::Complete => "event: complete\ndata:\n\n".to_owned(),
        End::TooSlow => {
            gate.traffic.slow_subscriptions.add(1);
            too_slow(patience)
        }
        End::BrokenOff => return,
    };
    // Who has gone does not need it.
    drop(subscriber.last.send(last));
}

fn too_slow(patience: Duration) -> String {
    let message = format!("what was sent was not read for {} seconds", patience.as_secs_f64());
    let help = "read faster, or ask for less; subscribe again, with `after` the highest position received";
    format!("event: next\ndata: {}\n\n", crate::graphql::failure("TOO_SLOW", &message, help))
}
