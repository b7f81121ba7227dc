//! How much the listener takes, and how long it waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::encryption::Tls;
use crate::onward::Onward;

/// Limits of a listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at the same time; more wait in the system's queue.
    pub max_connections: usize,
    /// Request line and header fields of one request, in bytes as they come. Never more than [`Limits::MAX_HEAD_BYTES`].
    pub head_bytes: usize,
    /// The body of one request, in bytes as they come, chunk framing included.
    pub body_bytes: usize,
    /// From the first byte of a head to its end.
    pub head_timeout: Duration,
    /// From the end of a head to the end of the body.
    pub body_timeout: Duration,
    /// From one request on a connection to the next, and from its beginning to the first.
    pub idle_timeout: Duration,
    /// How long a client may take no byte of a response.
    pub send_timeout: Duration,
    /// How long requests in flight may go on when the server stops.
    pub drain_timeout: Duration,
    /// What is read and thrown away after a refused request, so that the client comes to reading the answer: bytes.
    pub linger_bytes: u64,
    /// The same: how long at most.
    pub linger_timeout: Duration,
    /// The same: how long without a byte.
    pub linger_idle_timeout: Duration,
}

impl Limits {
    /// The greatest head limit, in bytes.
    pub const MAX_HEAD_BYTES: usize = 64 * 1024;
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_connections: 1024,
            head_bytes: Limits::MAX_HEAD_BYTES,
            body_bytes: 10_000_000,
            head_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(75),
            send_timeout: Duration::from_secs(30),
            drain_timeout: Duration::from_secs(2),
            linger_bytes: 64_000_000,
            linger_timeout: Duration::from_secs(5),
            linger_idle_timeout: Duration::from_secs(1),
        }
    }
}

/// How a listener behaves.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// How much it takes, and how long it waits.
    pub limits: Limits,
    /// Whether an answer waits until its record is in durable storage.
    pub acknowledged: Acknowledged,
    /// Sends requests on for tenants that are proxies; without it they answer 502.
    pub onward: Option<Arc<dyn Onward>>,
    /// With what connections are encrypted; without it they are plain.
    pub tls: Option<Tls>,
}

/// Whether answers wait until their records are in durable storage. Clones are the same switch, so that it can be turned
/// while a listener serves; it holds for answers from then on.
#[derive(Clone, Debug, Default)]
pub struct Acknowledged(Arc<AtomicBool>);

impl Acknowledged {
    /// Turns the switch.
    pub fn set(&self, waits: bool) {
        self.0.store(waits, Ordering::Release);
    }

    /// Whether answers wait now.
    pub fn get(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl From<bool> for Acknowledged {
    fn from(waits: bool) -> Self {
        Acknowledged(Arc::new(AtomicBool::new(waits)))
    }
}
