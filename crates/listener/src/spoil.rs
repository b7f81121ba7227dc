//! Responses that leave otherwise than they should, because a rule wants it so.
//!
//! The HTTP server writes a whole, right response. The tap takes it in, and what really leaves is decided here; the recorder
//! hears of that and of nothing else. A response that is spoiled is the last one of its connection.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::BytesMut;
use provider::rules::Wire;
use tokio::net::TcpStream;

/// How the next response of a connection is to be spoiled: set by who answers, taken by the tap.
#[derive(Clone, Debug, Default)]
pub struct Orders(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// All that a response without an order asks.
    given: AtomicBool,
    wire: Mutex<Option<Wire>>,
}

impl Orders {
    /// Gives an order for the next bytes that the HTTP server writes.
    pub fn give(&self, wire: Wire) {
        *self.0.wire.lock().unwrap_or_else(PoisonError::into_inner) = Some(wire);
        self.0.given.store(true, Ordering::Release);
    }

    /// Takes the order, if one was given.
    pub fn take(&self) -> Option<Wire> {
        if !self.0.given.load(Ordering::Acquire) {
            return None;
        }
        self.0.given.store(false, Ordering::Relaxed);
        self.0.wire.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A connection that can be reset instead of being closed.
pub trait Reset {
    /// Makes the close that follows a reset (TCP RST).
    fn reset_on_close(&self) -> io::Result<()>;
}

impl Reset for TcpStream {
    fn reset_on_close(&self) -> io::Result<()> {
        self.set_zero_linger()
    }
}

/// A response that is being spoiled.
#[derive(Debug)]
pub struct Spoiled {
    /// How.
    pub wire: Wire,
    /// What the HTTP server wrote.
    written: BytesMut,
    /// How many bytes of it have left.
    left: usize,
    /// Whether the next bytes wait for the timer.
    pub pausing: bool,
    is_rewritten: bool,
}

impl Spoiled {
    /// Nothing was written so far.
    pub fn new(wire: Wire) -> Spoiled {
        Spoiled { wire, written: BytesMut::new(), left: 0, pausing: false, is_rewritten: false }
    }

    /// The HTTP server wrote something.
    pub fn take_in(&mut self, bytes: &[u8]) {
        self.written.extend_from_slice(bytes);
    }

    /// The next bytes to leave; none if nothing more does. Only to be asked when the whole response was written.
    pub fn next(&mut self) -> &[u8] {
        self.rewrite();
        let head = self.head_length();
        let all = self.written.len();
        let end = match self.wire {
            Wire::Truncate { bytes } => head.saturating_add(bytes).min(all),
            Wire::Reset { after_bytes } => after_bytes.min(all),
            Wire::Hang { .. } => 0,
            Wire::WrongLength { .. } => all,
            Wire::Drip { bytes, .. } => self.left.saturating_add(bytes).min(all),
        };
        &self.written[self.left.min(end)..end]
    }

    /// So many of them have left.
    pub fn has_left(&mut self, bytes: usize) {
        self.left += bytes;
        self.pausing = self.pause().is_some() && self.left < self.written.len();
    }

    /// How long to wait between two times.
    pub fn pause(&self) -> Option<Duration> {
        match self.wire {
            Wire::Drip { every, .. } => Some(every),
            _ => None,
        }
    }

    /// The length of the head with its empty line.
    fn head_length(&self) -> usize {
        self.written.windows(4).position(|bytes| bytes == b"\r\n\r\n").map_or(self.written.len(), |at| at + 4)
    }

    fn rewrite(&mut self) {
        let Wire::WrongLength { by } = self.wire else { return };
        if std::mem::replace(&mut self.is_rewritten, true) {
            return;
        }
        let head_length = self.head_length();
        let Ok(head) = std::str::from_utf8(&self.written[..head_length]) else { return };
        let lines = head.split_inclusive("\r\n").map(|line| {
            let length = line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("Content-Length"));
            match length.and_then(|(name, value)| Some((name, value.trim().parse::<i64>().ok()?))) {
                Some((name, right)) => format!("{name}: {}\r\n", right.saturating_add(by).max(0)),
                None => line.to_owned(),
            }
        });
        let mut spoiled = BytesMut::from(lines.collect::<String>().as_bytes());
        spoiled.extend_from_slice(&self.written[head_length..]);
        self.written = spoiled;
    }
}

/// Whether a response that is spoiled so never is a whole one.
pub fn breaks_off(wire: Wire) -> bool {
    matches!(wire, Wire::Truncate { .. } | Wire::Reset { .. } | Wire::Hang { .. })
}
