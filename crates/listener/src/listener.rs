//! Accepting connections, and stopping in good order.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use traffic::exchange::Connection;
use traffic::ids::ConnectionId;
use traffic::log::Log;

use crate::connection;
use crate::encryption::{self, Begun, Stream};
use crate::fault::Fault;
use crate::limits::Config;
use crate::respond::Respond;

/// How long to wait after the system refused to accept, which it does when it is out of descriptors or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How many connections all listeners of this process have accepted: two listeners give no number twice.
static CONNECTIONS: AtomicU64 = AtomicU64::new(0);

/// What becomes of a socket when nobody serves it any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Socket {
    /// It is closed before requests in flight are finished: nobody can connect.
    Close,
    /// It stays bound.
    Keep,
}

/// A bound socket that is ready to serve.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    local: SocketAddr,
    asked: SocketAddr,
    config: Arc<Config>,
    /// Connections between two requests that are to be served further.
    idle: Vec<(Stream, Connection)>,
}

impl Listener {
    /// Binds an address; port 0 means any free port. The error is the system's: `AddrInUse` if the port is taken.
    pub async fn bind(address: SocketAddr, config: Config) -> io::Result<Listener> {
        let socket = TcpListener::bind(address).await?;
        let local = socket.local_addr()?;
        Ok(Listener { socket, local, asked: address, config: Arc::new(config), idle: Vec::new() })
    }

    /// Binds an address, or the next of `tries` ports that follow if ports are taken. Compare [`Listener::local_addr`]
    /// with [`Listener::asked_addr`] to see whether it moved. The error is that of the first port.
    pub async fn bind_or_next(address: SocketAddr, tries: u16, config: Config) -> io::Result<Listener> {
        let taken = match Listener::bind(address, config.clone()).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => error,
            other => return other,
        };
        for port in (1..=tries).map_while(|step| address.port().checked_add(step)) {
            let next = SocketAddr::new(address.ip(), port);
            match Listener::bind(next, config.clone()).await {
                Ok(listener) => {
                    tracing::warn!(asked = %address, bound = %next, "the port is taken; listening on another one");
                    return Ok(Listener { asked: address, ..listener });
                }
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                Err(error) => return Err(error),
            }
        }
        Err(taken)
    }

    /// The address that it listens on.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// The address that was asked for; another one than [`Listener::local_addr`] if that was taken, or had port 0.
    pub fn asked_addr(&self) -> SocketAddr {
        self.asked
    }

    /// Serves until `stop` is ready; then accepts nothing more, closes idle connections, gives requests in flight
    /// [`crate::limits::Limits::drain_timeout`] to be answered, and aborts and records the others.
    pub async fn run<P: Respond>(self, provider: Arc<P>, log: Arc<Log>, stop: impl Future<Output = ()> + Send) {
        let stop = async {
            stop.await;
            Socket::Close
        };
        self.serve(provider, log, stop).await;
    }

    /// Serves as [`Listener::run`] does, until `stop` says what becomes of the socket. One that is kept comes back to be served
    /// again, with the connections on which nobody waits for an answer; those that come meanwhile wait in the system's queue.
    pub async fn serve<P: Respond>(
        mut self,
        provider: Arc<P>,
        log: Arc<Log>,
        stop: impl Future<Output = Socket> + Send,
    ) -> Option<Listener> {
        let (stopping, is_stopping) = watch::channel(None);
        let mut connections: JoinSet<Option<(Stream, Connection)>> = JoinSet::new();
        let mut idle = std::mem::take(&mut self.idle).into_iter();
        let places = Arc::new(Semaphore::new(self.config.limits.max_connections));
        let mut stop = std::pin::pin!(stop);
        let socket = loop {
            let accepting = async {
                // The semaphore is never closed.
                let place = Arc::clone(&places).acquire_owned().await;
                (
                    place,
                    match idle.next() {
                        Some((stream, connection)) => (Begun::Ready(stream), connection),
                        None => self.accept().await,
                    },
                )
            };
            let (place, (begun, connection)) = tokio::select! {
                socket = &mut stop => break socket,
                accepted = accepting => accepted,
            };
            while connections.try_join_next().is_some() {}
            let (provider, log, config) = (Arc::clone(&provider), Arc::clone(&log), Arc::clone(&self.config));
            let is_stopping = is_stopping.clone();
            connections.spawn(async move {
                let begun = match begun {
                    Begun::New(stream) => encryption::begin(stream, &connection, &log, &config, &is_stopping).await,
                    begun => begun,
                };
                let (stream, refused) = match begun {
                    Begun::Ready(stream) => (stream, None),
                    Begun::Plain(stream) => (stream, Some(Fault::NotEncrypted)),
                    Begun::New(_) | Begun::Over => return None,
                };
                let left =
                    connection::serve(stream, connection.clone(), provider, log, config, is_stopping, refused).await;
                drop(place);
                left.map(|stream| (stream, connection))
            });
        };
        let drain_timeout = self.config.limits.drain_timeout;
        let mut kept = match socket {
            Socket::Keep => Some(self),
            Socket::Close => None,
        };
        stopping.send_replace(Some(socket));
        let drained = async {
            while let Some(ended) = connections.join_next().await {
                if let (Some(kept), Ok(Some(idle))) = (&mut kept, ended) {
                    kept.idle.push(idle);
                }
            }
        };
        if tokio::time::timeout(drain_timeout, drained).await.is_err() {
            tracing::warn!(connections = connections.len(), "requests in flight are aborted");
            connections.shutdown().await;
        }
        kept
    }

    async fn accept(&self) -> (Begun, Connection) {
        loop {
            match self.socket.accept().await {
                Ok((stream, peer)) => {
                    // Answers are written whole: waiting for more to send only delays them.
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "the system does not send at once");
                    }
                    let connection = Connection {
                        id: ConnectionId(CONNECTIONS.fetch_add(1, Ordering::Relaxed) + 1),
                        peer,
                        local: stream.local_addr().unwrap_or(self.local),
                        accepted_at: Timestamp::now(),
                    };
                    return (Begun::New(stream), connection);
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
}
