//! A client that does as little as possible, so that what is measured is the server: one request at a time on a connection
//! that stays open.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection to a server.
pub(crate) struct Client {
    stream: TcpStream,
    host: String,
    answer: Vec<u8>,
}

impl Client {
    /// Connects to `host:port`.
    pub(crate) async fn connect(host: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(host).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, host: host.to_owned(), answer: Vec::with_capacity(16 << 10) })
    }

    /// Sends a POST and waits for all of its answer: the status and the body.
    pub(crate) async fn post(&mut self, path: &str, content_type: &str, body: &[u8]) -> io::Result<(u16, &[u8])> {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n",
            self.host,
            body.len()
        );
        let request = [head.as_bytes(), body].concat();
        self.stream.write_all(&request).await?;
        self.answer.clear();
        loop {
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some((status, head)) = read_head(&self.answer)? {
                while self.answer.len() < head.end {
                    if self.stream.read_buf(&mut self.answer).await? == 0 {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                return Ok((status, &self.answer[head]));
            }
        }
    }
}

/// The status, and where the body lies, once the head is whole.
fn read_head(bytes: &[u8]) -> io::Result<Option<(u16, std::ops::Range<usize>)>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let broken = || io::Error::new(io::ErrorKind::InvalidData, "no answer over HTTP with a length");
    let head = std::str::from_utf8(&bytes[..end]).map_err(|_| broken())?.to_ascii_lowercase();
    let status = head.get(9..12).and_then(|status| status.parse().ok()).ok_or_else(broken)?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    Ok(Some((status, end + 4..end + 4 + length.ok_or_else(broken)?)))
}
