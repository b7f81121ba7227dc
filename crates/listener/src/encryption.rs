//! Encrypted connections (TLS): what a server shows, and the way from an accepted connection to one that speaks HTTP.
//!
//! Everything behind the handshake sees plain HTTP, so the record holds the same bytes as without encryption. A handshake that fails is
//! an exchange without a method: what the client sent, and why it came to nothing.

use std::fmt;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::BytesMut;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{self, ServerConfig, crypto::ring};
use tokio_rustls::server::TlsStream;
use traffic::exchange::Connection;
use traffic::log::Log;

use crate::fault::Fault;
use crate::limits::Config;
use crate::listener::Socket;
use crate::record::Record;
use crate::spoil::Reset;

/// The type of a TLS record that begins a handshake (RFC 8446 section 5.1): the first byte that a client sends.
const HANDSHAKE: u8 = 22;
/// How many bytes of a handshake are kept for the record of one that fails.
const KEPT_BYTES: usize = 16 * 1024;
/// How long a handshake that has begun may go on when the server stops.
const LAST_HANDSHAKE: Duration = Duration::from_secs(1);

/// With what a listener encrypts. Clones are the same.
#[derive(Clone)]
pub struct Tls(Arc<ServerConfig>);

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

impl Tls {
    /// The certificate of the server with those that vouch for it, the server's first, and its private key, both as PEM. TLS 1.2 and 1.3,
    /// HTTP/1.1.
    ///
    /// # Errors
    /// Which of them cannot be used, and why.
    pub fn from_pem(certificates: &str, key: &str) -> Result<Tls, String> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(certificates.as_bytes())
            .collect::<Result<_, _>>()
            .map_err(|error| format!("the certificate is no PEM: {error}"))?;
        if chain.is_empty() {
            return Err("there is no BEGIN CERTIFICATE in the file of the certificate".to_owned());
        }
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes())
            .map_err(|error| format!("there is no private key as PEM in the file of the key: {error}"))?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|error| format!("certificate and key do not fit together: {error}"))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Tls(Arc::new(config)))
    }
}

/// A connection that speaks HTTP: as it came, or what is inside of its encryption.
#[derive(Debug)]
pub enum Stream {
    /// As it came.
    Plain(TcpStream),
    /// What is inside of its encryption.
    Encrypted(Box<TlsStream<Witness>>),
}

/// How far a connection is.
pub enum Begun {
    /// It was accepted.
    New(TcpStream),
    /// It speaks HTTP from here on.
    Ready(Stream),
    /// It is not encrypted, and should be.
    Plain(Stream),
    /// It is over; if it had sent anything, that is recorded.
    Over,
}

/// Does the handshake, if there is one to be done. It may take as long as a head may.
pub async fn begin(
    stream: TcpStream,
    connection: &Connection,
    log: &Log,
    config: &Config,
    stopping: &watch::Receiver<Option<Socket>>,
) -> Begun {
    let Some(Tls(tls)) = &config.tls else { return Begun::Ready(Stream::Plain(stream)) };
    let mut first = [0];
    let peeked = tokio::select! {
        peeked = tokio::time::timeout(config.limits.idle_timeout, stream.peek(&mut first)) => peeked,
        () = stopped(stopping) => return Begun::Over,
    };
    if !matches!(peeked, Ok(Ok(1))) {
        return Begun::Over;
    }
    if first[0] != HANDSHAKE {
        return Begun::Plain(Stream::Plain(stream));
    }
    let mut record = Record::begin(Instant::now());
    let (mut seen, timeout) = (Seen::default(), config.limits.head_timeout);
    let witness = Witness { stream, seen: Some(seen.clone()) };
    let accepting = TlsAcceptor::from(Arc::clone(tls)).accept(witness);
    let stopped = async {
        stopped(stopping).await;
        tokio::time::sleep(LAST_HANDSHAKE).await;
    };
    let fault = tokio::select! {
        accepted = tokio::time::timeout(timeout, accepting) => match accepted {
            Ok(Ok(mut stream)) => {
                stream.get_mut().0.seen = None;
                return Begun::Ready(Stream::Encrypted(Box::new(stream)));
            }
            Ok(Err(error)) => Fault::Handshake(in_words(&error)),
            Err(_) => Fault::HandshakeTimeout(timeout),
        },
        () = stopped => Fault::Handshake("the server stopped".to_owned()),
    };
    record.open(log, connection, "", "");
    record.broken_head(&seen.take(), KEPT_BYTES);
    record.fault = Some(fault);
    record.close(log, false, false);
    Begun::Over
}

async fn stopped(stopping: &watch::Receiver<Option<Socket>>) {
    // An error means that nobody can say stop any more, which is stopping too.
    let _ = stopping.clone().wait_for(Option::is_some).await;
}

/// Why a handshake failed, and what may be done about it.
fn in_words(error: &io::Error) -> String {
    use rustls::AlertDescription::{BadCertificate, CertificateUnknown, UnknownCA};
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
    match cause {
        Some(rustls::Error::AlertReceived(alert @ (UnknownCA | BadCertificate | CertificateUnknown))) => {
            format!("the client does not trust the certificate ({alert:?}): give it that of the authority")
        }
        Some(rustls::Error::AlertReceived(alert)) => format!("the client broke it off: {alert:?}"),
        Some(other) => other.to_string(),
        None if error.kind() == io::ErrorKind::UnexpectedEof => "the client left before it was done".to_owned(),
        None => error.to_string(),
    }
}

/// What came during a handshake.
#[derive(Clone, Debug, Default)]
struct Seen(Arc<Mutex<BytesMut>>);

impl Seen {
    fn came(&self, bytes: &[u8]) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = KEPT_BYTES.saturating_sub(seen.len());
        seen.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn take(&mut self) -> BytesMut {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A connection that keeps what comes during the handshake.
#[derive(Debug)]
pub struct Witness {
    stream: TcpStream,
    seen: Option<Seen>,
}

impl AsyncRead for Witness {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        std::task::ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        if let Some(seen) = &self.seen {
            seen.came(&buffer.filled()[before..]);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Witness {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl Reset for Stream {
    fn reset_on_close(&self) -> io::Result<()> {
        match self {
            Stream::Plain(stream) => stream.reset_on_close(),
            Stream::Encrypted(stream) => stream.get_ref().0.stream.reset_on_close(),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Stream::Encrypted(stream) => match Pin::new(stream).poll_read(cx, buffer) {
                // A client that closes without a word of the protocol has ended all the same (RFC 9112 section 9.8).
                Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => Poll::Ready(Ok(())),
                other => other,
            },
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Stream::Encrypted(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, pieces),
            Stream::Encrypted(stream) => Pin::new(stream).poll_write_vectored(cx, pieces),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Stream::Plain(stream) => stream.is_write_vectored(),
            Stream::Encrypted(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Encrypted(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Encrypted(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
