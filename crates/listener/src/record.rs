//! One exchange while it goes on: what has come in and gone out so far.

use std::sync::Arc;
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use jiff::Timestamp;
use provider::rules::Wire;
use traffic::entry::Entry;
use traffic::exchange::{Closed, Connection, Ending, Opened, Received, Sent};
use traffic::handled::Handled;
use traffic::ids::{Pos, Seq};
use traffic::log::Log;

use crate::fault::Fault;
use crate::framing::BodyLength;
use crate::framing::request::Head;
use crate::spoil::breaks_off;

/// So many bytes of a response that is not as decided are kept: another server's may have no end.
const KEPT_SENT_BYTES: usize = 64 << 20;
/// How much room a body gets before it comes.
const BODY_ROOM_BYTES: u64 = 1024 * 1024;

/// An exchange under way.
#[derive(Debug)]
pub struct Record {
    at: Timestamp,
    first_byte: Instant,
    seq: Option<Seq>,
    head: Bytes,
    body: BytesMut,
    /// The body once it is complete.
    whole_body: Bytes,
    chunked: bool,
    dropped_bytes: u64,
    head_read_us: Option<u64>,
    body_read_us: Option<u64>,
    handled_us: Option<u64>,
    /// Whether the request is complete.
    pub complete: bool,
    /// Whether bytes of the request came after it was handled.
    came_later: bool,
    /// Whether this answers a HEAD request.
    pub to_head_request: bool,
    /// What is wrong with the request.
    pub fault: Option<Fault>,
    handled: Option<Arc<Handled>>,
    sent_head: Vec<u8>,
    sent_body: SentBody,
    first_byte_us: Option<u64>,
    last_byte_us: Option<u64>,
    /// Whether the whole response has left.
    pub answered: bool,
    closed: bool,
    /// How a rule wants the response to leave, and who that is.
    spoiled: Option<(Wire, String)>,
}

/// The bytes of a response body on the wire.
#[derive(Debug)]
enum SentBody {
    /// So many bytes, the same as the provider decided.
    AsDecided(usize),
    /// Other bytes.
    Other(Vec<u8>),
}

impl Record {
    /// An exchange whose first byte came now.
    pub fn begin(now: Instant) -> Record {
        Record {
            at: Timestamp::now(),
            first_byte: now,
            seq: None,
            head: Bytes::new(),
            body: BytesMut::new(),
            whole_body: Bytes::new(),
            chunked: false,
            dropped_bytes: 0,
            head_read_us: None,
            body_read_us: None,
            handled_us: None,
            complete: false,
            came_later: false,
            to_head_request: false,
            fault: None,
            handled: None,
            sent_head: Vec::new(),
            sent_body: SentBody::AsDecided(0),
            first_byte_us: None,
            last_byte_us: None,
            answered: false,
            closed: false,
            spoiled: None,
        }
    }

    /// Its number in the record, if it has one.
    pub fn seq(&self) -> Option<Seq> {
        self.seq
    }

    /// When its first byte came.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Appends the *opened* entry, unless there is one.
    pub fn open(&mut self, log: &Log, connection: &Connection, method: &str, target: &str) -> Seq {
        *self.seq.get_or_insert_with(|| {
            self.to_head_request = method == "HEAD";
            log.open(Opened {
                connection: connection.clone(),
                at: self.at,
                method: method.to_owned(),
                target: target.to_owned(),
            })
        })
    }

    /// The head is complete.
    pub fn head(&mut self, head: &Head, now: Instant) {
        self.head = head.raw.clone();
        self.head_read_us = Some(self.us(now));
        match head.body {
            BodyLength::Exact(length) => self.body.reserve(length.min(BODY_ROOM_BYTES) as usize),
            BodyLength::Chunked => self.chunked = true,
            BodyLength::UntilClose => {}
        }
    }

    /// Bytes of the body came.
    pub fn body(&mut self, bytes: &[u8]) {
        self.body.extend_from_slice(bytes);
    }

    /// The request is complete.
    pub fn complete(&mut self, now: Instant) {
        self.complete = true;
        self.body_read_us = Some(self.us(now));
        // The record lives long: it should not hold room that was kept for growing.
        let wasted = self.body.capacity() - self.body.len();
        self.whole_body = match wasted > self.body.len() / 8 {
            true => Bytes::copy_from_slice(&self.body),
            false => std::mem::take(&mut self.body).freeze(),
        };
        self.body = BytesMut::new();
    }

    /// The body, if the request is complete.
    pub fn whole_body(&self) -> Bytes {
        self.whole_body.clone()
    }

    /// Bytes of a head that will never be complete; kept up to a limit.
    pub fn broken_head(&mut self, bytes: &[u8], limit_bytes: usize) {
        let kept = bytes.len().min(limit_bytes.saturating_sub(self.head.len()));
        self.head = if self.head.is_empty() {
            Bytes::copy_from_slice(&bytes[..kept])
        } else {
            Bytes::from([&self.head[..], &bytes[..kept]].concat())
        };
        self.dropped_bytes += (bytes.len() - kept) as u64;
        self.came_later |= self.handled.is_some();
    }

    /// Bytes of a body after something was wrong with it; kept up to a limit.
    pub fn broken_body(&mut self, bytes: &[u8], limit_bytes: usize) {
        let room = if self.complete { 0 } else { limit_bytes.saturating_sub(self.body.len()) };
        let kept = bytes.len().min(room);
        self.body.extend_from_slice(&bytes[..kept]);
        self.dropped_bytes += (bytes.len() - kept) as u64;
        self.came_later |= self.handled.is_some();
    }

    /// Whether the head is complete.
    pub fn has_head(&self) -> bool {
        self.head_read_us.is_some()
    }

    /// The provider has decided: appends the *handled* entry.
    pub fn handled(&mut self, log: &Log, handled: Arc<Handled>) -> Pos {
        self.handled_us = Some(self.us(Instant::now()));
        self.handled = Some(Arc::clone(&handled));
        let seq = self.seq.unwrap_or_default();
        log.append(Entry::Handled(seq, Arc::new(self.received()), handled))
    }

    /// Whether the provider has decided.
    pub fn is_handled(&self) -> bool {
        self.handled.is_some()
    }

    /// Bytes of a response's head left.
    pub fn sent_head(&mut self, bytes: &[u8], now: Instant) {
        self.first_byte_us.get_or_insert(micros(self.first_byte, now));
        if self.sent_head.is_empty() {
            self.sent_head.reserve_exact(bytes.len());
        }
        self.sent_head.extend_from_slice(bytes);
    }

    /// Bytes of a response's body left.
    pub fn sent_body(&mut self, bytes: &[u8], now: Instant) {
        self.last_byte_us = Some(self.us(now));
        let decided = self.handled.as_ref().map(|handled| &handled.response.body[..]).unwrap_or_default();
        match &mut self.sent_body {
            SentBody::AsDecided(length) if decided[*length..].starts_with(bytes) => *length += bytes.len(),
            SentBody::AsDecided(length) => self.sent_body = SentBody::Other([&decided[..*length], bytes].concat()),
            SentBody::Other(sent) => {
                let here = bytes.len().min(KEPT_SENT_BYTES.saturating_sub(sent.len()));
                sent.extend_from_slice(&bytes[..here]);
            }
        }
    }

    /// The response will not leave as it should; `by` says who wants it so.
    pub fn spoil(&mut self, wire: Wire, by: String) {
        self.spoiled = Some((wire, by));
    }

    /// Whether what the response says of its own length is not to be believed.
    pub fn is_unframed(&self) -> bool {
        matches!(self.spoiled, Some((Wire::WrongLength { .. }, _)))
    }

    /// Bytes of a response left whose length is not to be believed: all up to the first empty line is its head.
    pub fn sent_unframed(&mut self, bytes: &[u8], now: Instant) {
        let before = self.sent_head.len();
        if self.sent_head.ends_with(b"\r\n\r\n") {
            return self.sent_body(bytes, now);
        }
        self.sent_head(bytes, now);
        let from = before.saturating_sub(3);
        let end = self.sent_head[from..].windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = end {
            let body = self.sent_head.split_off(from + end + 4);
            if !body.is_empty() {
                self.sent_body(&body, now);
            }
        }
    }

    /// The whole response has left.
    pub fn answered(&mut self, now: Instant) {
        self.answered = true;
        self.last_byte_us = Some(self.us(now));
    }

    /// Appends the *closed* entry, unless there is one. `stopping`: the connection ends because the server stops.
    pub fn close(&mut self, log: &Log, send_timed_out: bool, stopping: bool) {
        let (false, Some(seq)) = (std::mem::replace(&mut self.closed, true), self.seq) else { return };
        let ending = match &self.fault {
            Some(fault) => fault.ending(),
            None if self.complete && self.answered => Ending::Complete,
            None if send_timed_out && self.is_handled() => {
                Ending::TimedOut(format!("the client stopped reading {}", self.point()))
            }
            None if let Some((wire, by)) = self.spoiled.as_ref().filter(|(wire, _)| breaks_off(*wire) && !stopping) => {
                let how = match wire {
                    Wire::Hang { .. } => "let it hang",
                    Wire::Reset { .. } => "reset the connection",
                    _ => "broke it off",
                };
                Ending::Aborted(format!("{}: {by} {how}", self.point()))
            }
            None if stopping => Ending::Aborted(format!("{}: the server stopped", self.point())),
            None => Ending::Aborted(self.point().to_owned()),
        };
        let received = (!self.is_handled() || self.came_later).then(|| self.received());
        let body = match std::mem::replace(&mut self.sent_body, SentBody::AsDecided(0)) {
            SentBody::AsDecided(length) => {
                self.handled.as_ref().map(|handled| handled.response.body.slice(..length)).unwrap_or_default()
            }
            SentBody::Other(sent) => Bytes::from(sent),
        };
        let sent = Sent {
            head: Bytes::from(std::mem::take(&mut self.sent_head)),
            body,
            first_byte_us: self.first_byte_us,
            last_byte_us: self.last_byte_us.or(self.first_byte_us),
        };
        log.append(Entry::Closed(seq, Arc::new(Closed { ending, received, sent })));
    }

    fn point(&self) -> &'static str {
        match self {
            Record { complete: false, .. } => "before the request was complete",
            Record { handled: None, .. } => "before the request was handled",
            Record { first_byte_us: None, .. } => "before the response was sent",
            _ => "in the middle of the response",
        }
    }

    fn received(&self) -> Received {
        let body = match self.complete {
            true => self.whole_body.clone(),
            false => Bytes::copy_from_slice(&self.body),
        };
        Received {
            head: self.head.clone(),
            body,
            chunked: self.chunked,
            dropped_bytes: self.dropped_bytes,
            head_read_us: self.head_read_us,
            body_read_us: self.body_read_us,
            handled_us: self.handled_us,
        }
    }

    fn us(&self, now: Instant) -> u64 {
        micros(self.first_byte, now)
    }
}

fn micros(from: Instant, to: Instant) -> u64 {
    to.saturating_duration_since(from).as_micros() as u64
}
