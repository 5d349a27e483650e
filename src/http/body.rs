//! Reading bodies that may be too large, too slow, or too many.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, BodyDataStream, Bytes};
use futures_util::{StreamExt, stream};

use super::gate::{Gate, Held};

/// How much of a body that is too large is read and thrown away. A client that has not sent all of it would not read the
/// answer, but see the connection break.
const DRAINED_BYTES: usize = 64 << 20;
/// A body that comes more slowly than this is waited for only as long as the limit says.
const SLOWEST_BYTES_PER_SECOND: f64 = 16_384.0;

/// Why there is not the whole of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotWhole {
    /// It is larger than allowed.
    TooLarge,
    /// It ended before its end.
    BrokenOff,
    /// It came too slowly.
    TooSlow,
    /// Too many others are held in memory.
    NoRoom,
}

/// A body that came too slowly.
#[derive(Debug, thiserror::Error)]
#[error("the body came too slowly")]
struct TooSlow;

impl NotWhole {
    /// Why a body could not be read on.
    pub(super) fn of(cause: &axum::Error) -> Self {
        let mut cause: Option<&(dyn Error + 'static)> = Some(cause);
        while let Some(error) = cause {
            if error.is::<TooSlow>() {
                return Self::TooSlow;
            }
            cause = error.source();
        }
        Self::BrokenOff
    }
}

/// The same body, which breaks off with [`NotWhole::TooSlow`] when its client lets the server wait for it too long. Only the
/// time that the server waits counts.
pub(super) fn paced(body: Body, gate: Arc<Gate>) -> Body {
    let begin = (Some(body.into_data_stream()), gate.limits.body, gate);
    let frames = stream::unfold(begin, |(frames, patience, gate)| async move {
        let mut frames = frames?;
        let started = Instant::now();
        let Ok(frame) = tokio::time::timeout(patience, frames.next()).await else {
            gate.traffic.too_slow.add(1);
            return Some((Err(Box::from(TooSlow)), (None, patience, gate)));
        };
        let frame: Result<Bytes, Box<dyn Error + Send + Sync>> = frame?.map_err(Box::from);
        let earned = frame.as_ref().map_or(0.0, |bytes| bytes.len() as f64 / SLOWEST_BYTES_PER_SECOND);
        let left = patience.saturating_sub(started.elapsed()) + Duration::from_secs_f64(earned);
        Some((frame, (Some(frames), left, gate)))
    });
    Body::from_stream(frames)
}

/// The whole of a body, and the memory that it holds.
pub(super) async fn whole(body: Body, limit_bytes: usize, gate: &Gate) -> Result<(Bytes, Held), NotWhole> {
    let mut frames = body.into_data_stream();
    let (mut bytes, mut held) = (Vec::new(), gate.hold());
    while let Some(frame) = frames.next().await {
        let frame = frame.map_err(|cause| NotWhole::of(&cause))?;
        let refused = match bytes.len() + frame.len() > limit_bytes {
            true => Some(NotWhole::TooLarge),
            false => held.add(frame.len()).err().map(|_| NotWhole::NoRoom),
        };
        if let Some(refused) = refused {
            drop((bytes, held));
            drain(&mut frames).await;
            return Err(refused);
        }
        bytes.extend_from_slice(&frame);
    }
    Ok((bytes.into(), held))
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
