//! One connection to try a URL over, encrypted or not, that says precisely what went wrong.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, AUTHORIZATION, HOST, HeaderValue, USER_AGENT};
use http::uri::{Scheme, Uri};
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{CertificateError, ClientConfig, Error as TlsError, RootCertStore};

/// Most bytes of an answer that are read.
const BODY_BYTES: usize = 64 << 10;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LineError {
    #[error("the name {0:?} is not known: {1}")]
    Unknown(String, io::Error),
    #[error("nobody answers at {0}: {1}")]
    Refused(String, io::Error),
    #[error("nothing came from {0} within {1:?}")]
    Slow(String, Duration),
    #[error("the certificate is not good: {0}")]
    Certificate(TlsError),
    #[error("no encrypted connection: {0}")]
    Tls(io::Error),
    #[error("the connection broke: {0}")]
    Broken(String),
}

impl LineError {
    /// What to do about it.
    pub fn advice(&self) -> String {
        let text = match self {
            LineError::Unknown(..) => {
                "Check the host for a slip of the pen. The host of a tunnel without an account changes at every start: use the \
                 one that it prints now."
            }
            LineError::Refused(..) => {
                "Start the tunnel or proxy, and check that the port in the URL is the one it listens on."
            }
            LineError::Slow(..) => {
                "Check that the tunnel is connected and that no firewall drops the packets. From inside a company, the way out \
                 may lead through a proxy."
            }
            LineError::Certificate(TlsError::InvalidCertificate(CertificateError::Expired)) => "Renew the certificate.",
            LineError::Certificate(TlsError::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => "The certificate is for another host. Use the host that it names, or get one for this host.",
            LineError::Certificate(_) => {
                "Entra and Okta trust public authorities only. Use a certificate of one, or a tunnel, which brings its own."
            }
            LineError::Tls(_) => {
                "Check that this port speaks https; the URL may have to begin with http, or name another port."
            }
            LineError::Broken(_) => {
                "Look at the output of the tunnel or proxy: it closed the connection without an answer."
            }
        };
        text.to_owned()
    }
}

/// An answer, as far as it matters.
#[derive(Debug)]
pub(crate) struct Heard {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Heard {
    /// A header field's value, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// A connection without encryption so far.
pub(crate) struct Plain {
    stream: TcpStream,
    peer: SocketAddr,
}

/// A connection over which requests go.
pub(crate) struct Line {
    sender: SendRequest<Empty<Bytes>>,
    protocol: Option<&'static str>,
}

/// Connects to the host of a URL.
pub(crate) async fn connect(uri: &Uri, limit: Duration) -> Result<Plain, LineError> {
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let port = uri.port_u16().unwrap_or(if uri.scheme() == Some(&Scheme::HTTPS) { 443 } else { 80 });
    let name = format!("{host}:{port}");
    let connecting = async {
        let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), port))
            .await
            .map_err(|error| LineError::Unknown(host.clone(), error))?
            .collect();
        let stream = TcpStream::connect(&found[..]).await.map_err(|error| LineError::Refused(name.clone(), error))?;
        let peer = stream.peer_addr().map_err(|error| LineError::Refused(name.clone(), error))?;
        Ok(Plain { stream, peer })
    };
    timeout(limit, connecting).await.unwrap_or_else(|_| Err(LineError::Slow(name.clone(), limit)))
}

impl Plain {
    pub fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// Encrypts if the URL says so, and makes ready for requests.
    pub async fn secure(self, uri: &Uri, limit: Duration) -> Result<Line, LineError> {
        let peer = self.peer.to_string();
        let securing = async {
            if uri.scheme() != Some(&Scheme::HTTPS) {
                return Ok(Line { sender: speak(self.stream).await?, protocol: None });
            }
            let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
            let name = ServerName::try_from(host).map_err(|error| LineError::Tls(io::Error::other(error)))?;
            let stream = TlsConnector::from(trust()?).connect(name, self.stream).await.map_err(tls)?;
            let protocol = match stream.get_ref().1.protocol_version() {
                Some(tokio_rustls::rustls::ProtocolVersion::TLSv1_3) => "TLS 1.3",
                _ => "TLS 1.2",
            };
            Ok(Line { sender: speak(stream).await?, protocol: Some(protocol) })
        };
        timeout(limit, securing).await.unwrap_or(Err(LineError::Slow(peer, limit)))
    }
}

impl Line {
    /// The version of TLS, if there is one.
    pub fn protocol(&self) -> Option<&'static str> {
        self.protocol
    }

    /// Asks for something below the base URL.
    pub async fn get(
        &mut self,
        base: &Uri,
        below: &str,
        agent: &str,
        token: Option<&str>,
        limit: Duration,
    ) -> Result<Heard, LineError> {
        let asking = async {
            let mut request = Request::new(Empty::new());
            let broken = |error: &dyn std::fmt::Display| LineError::Broken(error.to_string());
            let path = format!("{}{below}", base.path().trim_end_matches('/'));
            *request.uri_mut() = path.parse().map_err(|error| broken(&error as &http::uri::InvalidUri))?;
            let authority = base.authority().map(|authority| authority.as_str()).unwrap_or_default();
            let value = |text: &str| HeaderValue::from_str(text).map_err(|error| broken(&error));
            let headers = request.headers_mut();
            headers.insert(HOST, value(authority)?);
            headers.insert(USER_AGENT, value(agent)?);
            headers.insert(ACCEPT, HeaderValue::from_static("application/scim+json"));
            if let Some(token) = token {
                headers.insert(AUTHORIZATION, value(&format!("Bearer {token}"))?);
            }
            self.sender.ready().await.map_err(|error| broken(&error))?;
            let (head, mut incoming) =
                self.sender.send_request(request).await.map_err(|error| broken(&error))?.into_parts();
            let mut body = BytesMut::new();
            while let Some(frame) = incoming.frame().await {
                let frame = frame.map_err(|error| broken(&error))?;
                let Some(data) = frame.data_ref() else { continue };
                body.extend_from_slice(&data[..data.len().min(BODY_BYTES - body.len())]);
                if body.len() == BODY_BYTES {
                    break;
                }
            }
            Ok(Heard { status: head.status.as_u16(), headers: head.headers, body: body.freeze() })
        };
        let slow = || LineError::Slow(base.host().unwrap_or_default().to_owned(), limit);
        timeout(limit, asking).await.unwrap_or_else(|_| Err(slow()))
    }
}

async fn speak<S>(stream: S) -> Result<SendRequest<Empty<Bytes>>, LineError>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| LineError::Broken(error.to_string()))?;
    // It ends with the sender; its errors also reach the sender.
    tokio::spawn(connection);
    Ok(sender)
}

/// The public authorities, and nobody else: what this machine trusts beside them, an identity provider in the cloud does not.
fn trust() -> Result<Arc<ClientConfig>, LineError> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| LineError::Tls(io::Error::other(error)))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn tls(error: io::Error) -> LineError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>()) {
        Some(inner @ TlsError::InvalidCertificate(_)) => LineError::Certificate(inner.clone()),
        _ => LineError::Tls(error),
    }
}
