//! A client that sends and reads bytes.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::server::within;

pub struct Client {
    pub stream: TcpStream,
    read: Vec<u8>,
}

/// A response as it came.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
    pub raw: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Client {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Client { stream, read: Vec::new() }
    }

    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        within(self.stream.write_all(bytes.as_ref())).await.unwrap();
    }

    /// Ends our side.
    pub async fn end(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// Ends the connection with a reset.
    pub fn reset(self) {
        self.stream.set_zero_linger().unwrap();
    }

    /// Reads one final response to a request that is not HEAD.
    pub async fn answer(&mut self) -> Answer {
        self.answer_to("GET").await
    }

    /// Reads one final response to a request with this method.
    pub async fn answer_to(&mut self, method: &str) -> Answer {
        loop {
            if let Some(end) = self.read.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                let head = String::from_utf8(self.read[..end + 4].to_vec()).unwrap();
                let status = head[9..12].parse().unwrap();
                let length = head
                    .lines()
                    .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
                let length = if method == "HEAD" { 0 } else { length.unwrap_or(0) };
                if self.read.len() >= end + 4 + length {
                    let raw: Vec<u8> = self.read.drain(..end + 4 + length).collect();
                    if status >= 200 {
                        return Answer { status, head, body: raw[end + 4..].to_vec(), raw };
                    }
                    continue;
                }
            }
            assert!(self.more().await > 0, "the connection ended: {:?}", String::from_utf8_lossy(&self.read));
        }
    }

    /// Reads until something of an answer is there.
    pub async fn some_bytes(&mut self) -> &[u8] {
        self.more().await;
        &self.read
    }

    /// Asserts that the server has nothing more to say.
    pub async fn ended(&mut self) {
        while self.more().await > 0 {}
        assert!(self.read.is_empty(), "{:?}", String::from_utf8_lossy(&self.read));
    }

    /// Reads all that comes, and tells whether the connection was ended in good order; otherwise it was reset.
    pub async fn rest(&mut self) -> (Vec<u8>, bool) {
        loop {
            match within(self.stream.read_buf(&mut self.read)).await {
                Ok(0) => return (std::mem::take(&mut self.read), true),
                Ok(_) => {}
                Err(_) => return (std::mem::take(&mut self.read), false),
            }
        }
    }

    async fn more(&mut self) -> usize {
        within(self.stream.read_buf(&mut self.read)).await.unwrap()
    }
}
