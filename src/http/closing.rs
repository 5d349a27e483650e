//! How a WebSocket ends. Codes below 4000 are those of RFC 6455, section 7.4.1, the others those of `graphql-transport-ws`,
//! and two of our own.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};

/// How long the client has to answer that the socket ends.
const FAREWELL: Duration = Duration::from_secs(2);
/// Most bytes of a reason: RFC 6455, section 5.5.
const REASON_BYTES: usize = 123;

/// Why a socket ends.
#[derive(Debug)]
pub(super) enum Ending {
    /// The client closed it, or is not there any more.
    Gone,
    /// The server stops.
    Stopping,
    /// What came is no WebSocket.
    Broken,
    /// A message is too large.
    TooLarge,
    /// A message is none of the protocol.
    Invalid(String),
    /// An operation came before `connection_ack`.
    Unauthorized,
    /// The client does not speak the protocol.
    NoProtocol,
    /// `connection_init` did not come in time.
    InitTimeout,
    /// There is an operation of this id.
    Exists(String),
    /// What was sent was not read in time.
    TooSlow,
    /// The client gave no sign of life, or wanted nothing.
    Idle,
    /// `connection_init` came again.
    InitAgain,
}

impl Ending {
    /// The end by what could not be read.
    pub(super) fn of_error(cause: &axum::Error) -> Self {
        let cause = cause.to_string();
        match () {
            () if cause.contains("too long") => Self::TooLarge,
            () if cause.contains("protocol") || cause.contains("UTF-8") => Self::Broken,
            () => Self::Gone,
        }
    }

    /// The code and the reason; `None` when nobody is there to read them.
    fn frame(&self) -> Option<(u16, String)> {
        let (code, reason) = match self {
            Self::Gone => return None,
            Self::Stopping => (1001, "The server stops".into()),
            Self::Broken => (1002, "Protocol error".into()),
            Self::TooLarge => (1009, "The message is too large; many events go to /v1/events".into()),
            Self::Invalid(reason) => (4400, format!("Invalid message: {reason}")),
            Self::Unauthorized => (4401, "Unauthorized".into()),
            Self::NoProtocol => (4406, "Subprotocol not acceptable".into()),
            Self::InitTimeout => (4408, "Connection initialisation timeout".into()),
            Self::Exists(id) => (4409, format!("Subscriber for {id} already exists")),
            Self::TooSlow => (4420, "Too slow: what was sent was not read in time".into()),
            Self::Idle => (4421, "Idle: no operation, or no sign of life".into()),
            Self::InitAgain => (4429, "Too many initialisation requests".into()),
        };
        Some((code, reason))
    }
}

/// Ends a socket, and lets the client read why.
pub(super) async fn close(mut socket: WebSocket, ending: &Ending, patience: Duration) {
    let frame = ending.frame().map(|(code, mut reason)| {
        while reason.len() > REASON_BYTES {
            reason.pop();
        }
        CloseFrame { code, reason: reason.into() }
    });
    let farewell = async {
        if frame.is_none() || socket.send(Message::Close(frame)).await.is_ok() {
            // A client that closed is answered by this; and what one sends until it knows must be read, or it would see the
            // connection break before it reads why.
            let _ = tokio::time::timeout(FAREWELL, async { while let Some(Ok(_)) = socket.recv().await {} }).await;
        }
    };
    // A client that does not read what was sent before does not get to this.
    let _ = tokio::time::timeout(patience + FAREWELL, farewell).await;
}
