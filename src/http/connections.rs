//! Connections: how many, how long, and how they end when the server stops.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Sleep;

use super::gate::Gate;

/// Bytes of a request's head, beyond which no more of it is read: one of twice as many is answered with 431.
const HEAD_BYTES: usize = 64 << 10;
/// Most headers of a request: more are answered with 431.
const HEADERS: usize = 100;
/// How long to wait when no connection can be accepted: no file descriptor, for instance.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How many of those who are turned away are told so at once.
const TOLD: usize = 64;
/// How long whoever is turned away has to read it.
const TELLING: Duration = Duration::from_millis(500);
const FULL: &str = r#"{"error":{"code":"UNAVAILABLE","message":"too many connections are open","help":"send again in a moment; use one connection for many requests"}}"#;

/// Serves connections until `stop` is done; then those that are idle are closed, and the others once their request is
/// answered, or the time for it is over.
pub(super) async fn serve(listener: TcpListener, router: Router, gate: Arc<Gate>, stop: impl Future<Output = ()>) {
    let told = Arc::new(Semaphore::new(TOLD));
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = stop.as_mut() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => match gate.connections.clone().try_acquire_owned() {
                Ok(permit) => {
                    let seat = Seat { _permit: Arc::new(permit) };
                    drop(tokio::spawn(serve_one(stream, router.clone(), gate.clone(), seat)))
                }
                Err(_) => turn_away(stream, &gate, &told),
            },
            Err(cause) => {
                tracing::warn!(%cause, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    gate.stopping.send_replace(true);
    let all = u32::try_from(gate.limits.connections).unwrap_or(u32::MAX);
    if tokio::time::timeout(gate.limits.stop, gate.connections.acquire_many(all)).await.is_err() {
        tracing::warn!(connections = gate.open_connections(), "requests that took too long were given up");
    }
}

/// The place of a connection among those that may be open. Every request has it among its extensions: what takes the connection
/// over keeps it.
#[derive(Clone, Debug)]
pub(super) struct Seat {
    _permit: Arc<OwnedSemaphorePermit>,
}

async fn serve_one(stream: TcpStream, router: Router, gate: Arc<Gate>, seat: Seat) {
    let mut stopped = gate.stopping.subscribe();
    // Answers are written whole: nothing is gained by holding their ends back.
    drop(stream.set_nodelay(true));
    let stream = TokioIo::new(Patient { stream, patience: gate.limits.body, waiting: None });
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(gate.limits.idle)
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEADERS);
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(seat.clone());
        router.call(request)
    });
    let mut connection = pin!(builder.serve_connection(stream, service).with_upgrades());
    let served = tokio::select! {
        served = connection.as_mut() => served,
        // What it answers must not be held over an await: it is a lock.
        () = async { drop(stopped.wait_for(|stopped| *stopped).await) } => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(cause) = served {
        tracing::debug!(%cause, "a connection ended early");
    }
}

/// Tells a client that there is no room for it; if too many are being told, it only sees the connection end.
fn turn_away(mut stream: TcpStream, gate: &Gate, told: &Arc<Semaphore>) {
    gate.traffic.turned_away.add(1);
    let Ok(permit) = told.clone().try_acquire_owned() else { return };
    let tell = async move {
        let length = FULL.len();
        let answer = format!(
            "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nretry-after: 1\r\n\
             connection: close\r\ncontent-length: {length}\r\n\r\n{FULL}"
        );
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await?;
        // What it sends meanwhile must be read, or it would see the connection break before the answer.
        tokio::io::copy(&mut (&mut stream).take(HEAD_BYTES as u64), &mut tokio::io::sink()).await?;
        Ok::<_, io::Error>(())
    };
    drop(tokio::spawn(async move {
        // Whether it was read in time or not, the connection ends here.
        let _ = tokio::time::timeout(TELLING, tell).await;
        drop(permit);
    }));
}

/// A connection that breaks when its client does not read what is written to it.
struct Patient {
    stream: TcpStream,
    patience: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Patient {
    /// The outcome of a write; one that cannot be done yet fails once it has waited too long.
    fn watch<T>(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.waiting = None;
            return outcome;
        }
        let patience = self.patience;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        waiting.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Patient {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.watch(cx, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.watch(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
