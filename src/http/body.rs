//! Reading bodies that may be too large.

use axum::body::{Body, BodyDataStream, Bytes};
use futures_util::StreamExt;

/// How much of a body that is too large is read and thrown away. A client that has not sent all of it would not read the
/// answer, but see the connection break.
const DRAINED_BYTES: usize = 64 << 20;

/// A body that is larger than allowed, or broke off.
#[derive(Debug)]
pub(super) struct NotWhole;

/// The whole of a body.
pub(super) async fn whole(body: Body, limit_bytes: usize) -> Result<Bytes, NotWhole> {
    let mut frames = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(frame) = frames.next().await {
        let frame = frame.map_err(|_| NotWhole)?;
        if bytes.len() + frame.len() > limit_bytes {
            drain(&mut frames).await;
            return Err(NotWhole);
        }
        bytes.extend_from_slice(&frame);
    }
    Ok(bytes.into())
}

/// Throws a body away that is not wanted, so that the client gets to read why.
pub(super) async fn discard(body: Body) {
    drain(&mut body.into_data_stream()).await;
}

/// Throws away what is left of a body, up to a bound.
pub(super) async fn drain(frames: &mut BodyDataStream) {
    let mut drained = 0;
    while let Some(Ok(frame)) = frames.next().await {
        drained += frame.len();
        if drained > DRAINED_BYTES {
            return;
        }
    }
}
