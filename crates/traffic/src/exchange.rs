//! One request and its response as they were on the wire.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::blob;
use crate::change::Committed;
use crate::entry::{Annotation, Entry};
use crate::handled::Handled;
use crate::ids::{ConnectionId, FlowId, Pos, Seq};
use crate::marks::Marks;

/// Where a request came in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Names the connection; several exchanges may share it.
    pub id: ConnectionId,
    /// The client's address.
    pub peer: SocketAddr,
    /// Our address.
    pub local: SocketAddr,
    /// When the connection was accepted.
    pub accepted_at: Timestamp,
}

/// The beginning of an exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// The connection it came on.
    pub connection: Connection,
    /// When its first byte was read.
    pub at: Timestamp,
    /// The method as sent; empty if the bytes are not HTTP.
    pub method: String,
    /// The request target as sent; empty if the bytes are not HTTP.
    pub target: String,
}

/// A request as it arrived, whole or as far as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// The bytes of the request line and the header fields, up to and including the empty line. For bytes that are not
    /// HTTP: all of them.
    #[serde(with = "blob::as_base64")]
    pub head: Bytes,
    /// The bytes after the head as they came, chunk framing included.
    #[serde(with = "blob::as_base64")]
    pub body: Bytes,
    /// Whether `body` is chunked (RFC 9112 section 7.1).
    pub chunked: bool,
    /// How many bytes came beyond what was kept.
    pub dropped_bytes: u64,
    /// From the first byte to the end of the head, in microseconds.
    pub head_read_us: Option<u64>,
    /// From the first byte to the end of the body, in microseconds.
    pub body_read_us: Option<u64>,
    /// From the first byte to the provider's decision, in microseconds.
    pub handled_us: Option<u64>,
}

/// How an exchange ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The whole response left.
    Complete,
    /// The connection ended first; the text says at which point.
    Aborted(String),
    /// The client took longer than the server waits; the text says with what.
    TimedOut(String),
    /// What came was not HTTP, or more than the server takes; the text says why.
    Refused(String),
}

/// A response as it left, whole or as far as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The bytes of the status line and the header fields, up to and including the empty line; interim responses first.
    #[serde(with = "blob::as_base64")]
    pub head: Bytes,
    /// The bytes after the head.
    #[serde(with = "blob::as_base64")]
    pub body: Bytes,
    /// From the first byte of the request to the first byte of the response, in microseconds.
    pub first_byte_us: Option<u64>,
    /// From the first byte of the request to the last byte of the response, in microseconds.
    pub last_byte_us: Option<u64>,
}

/// The end of an exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// How it ended.
    pub ending: Ending,
    /// The request, if it was never handled, or if more of it came after it was.
    pub received: Option<Received>,
    /// The response on the wire.
    pub sent: Sent,
}

/// The fold of all entries of one exchange so far.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Its number.
    pub seq: Seq,
    /// The position of the last entry folded in.
    pub pos: Pos,
    /// How it began.
    pub opened: Arc<Opened>,
    /// The request and what the provider made of it.
    pub handled: Option<(Arc<Received>, Arc<Handled>)>,
    /// How it ended.
    pub closed: Option<Arc<Closed>>,
    /// What it changed.
    pub committed: Option<Arc<Committed>>,
    /// What dialects say of it.
    pub annotation: Option<Arc<Annotation>>,
    /// What people put on it; absent if nobody ever put anything on.
    pub marks: Option<Arc<Marks>>,
}

impl Exchange {
    /// An exchange of which only the beginning is known.
    pub fn begin(seq: Seq, pos: Pos, opened: Arc<Opened>) -> Exchange {
        let (handled, closed, committed, annotation, marks) = (None, None, None, None, None);
        Exchange { seq, pos, opened, handled, closed, committed, annotation, marks }
    }

    /// Takes in one more entry that carries this exchange's number.
    pub fn fold(&mut self, pos: Pos, entry: &Entry) {
        self.pos = pos;
        match entry {
            Entry::Opened(_, opened) => self.opened = Arc::clone(opened),
            Entry::Handled(_, received, handled) => self.handled = Some((Arc::clone(received), Arc::clone(handled))),
            Entry::Closed(_, closed) => self.closed = Some(Arc::clone(closed)),
            Entry::Annotated(_, annotation) => self.annotation = Some(Arc::clone(annotation)),
            Entry::Marked(_, marks) => self.marks = Some(Arc::clone(marks)),
            Entry::Committed(committed) => self.committed = Some(Arc::clone(committed)),
            Entry::State(_) | Entry::Pruned { .. } => {}
        }
    }

    /// The request as far as it is known.
    pub fn received(&self) -> Option<&Received> {
        let at_the_end = self.closed.as_ref().and_then(|closed| closed.received.as_ref());
        at_the_end.or_else(|| self.handled.as_ref().map(|(received, _)| received.as_ref()))
    }

    /// The flow that it belongs to: its own, if it has not been put into one.
    pub fn flow(&self) -> FlowId {
        self.annotation.as_ref().and_then(|annotation| annotation.flow).unwrap_or(FlowId::from(self.seq))
    }

    /// Whether this program sent the request to itself.
    pub fn is_ours(&self) -> bool {
        self.opened.connection.id == ConnectionId::OURS
    }

    /// Whether it is to be kept whatever is pruned.
    pub fn is_pinned(&self) -> bool {
        self.marks.as_ref().is_some_and(|marks| marks.pinned)
    }

    /// The provider's part.
    pub fn outcome(&self) -> Option<&Handled> {
        self.handled.as_ref().map(|(_, handled)| handled.as_ref())
    }
}
