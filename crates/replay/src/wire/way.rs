//! The way to a server: whom to trust, and by which proxy.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::uri::Uri;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::WireError;

/// Most bytes of what a proxy says before it lets through.
const PROXY_HEAD_BYTES: usize = 16 << 10;

/// The way to a server.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Way {
    /// Certificates of authorities to trust beside the public ones, as PEM.
    pub authorities_pem: Option<String>,
    /// The proxy, as `http://host:port` or `http://user:password@host:port`; without one, straight.
    pub proxy: Option<String>,
}

impl std::fmt::Debug for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The URL of a proxy may hold a password.
        let proxy = self.proxy.as_ref().map(|_| "****");
        f.debug_struct("Way").field("authorities_pem", &self.authorities_pem.is_some()).field("proxy", &proxy).finish()
    }
}

/// A proxy, taken apart.
#[derive(Clone)]
pub(crate) struct Proxy {
    /// Host and port.
    pub address: String,
    /// What it wants to see as `Proxy-Authorization`.
    pub authorization: Option<String>,
}

impl Way {
    /// Whom to trust.
    pub(crate) fn trust(&self) -> Result<Arc<ClientConfig>, WireError> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        if let Some(pem) = &self.authorities_pem {
            let wrong = |why: &dyn std::fmt::Display| {
                WireError::Way(format!("the certificates to trust are no PEM with certificates: {why}"))
            };
            let mut count = 0;
            for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
                let certificate = certificate.map_err(|error| wrong(&error))?;
                roots.add(certificate).map_err(|error| wrong(&error))?;
                count += 1;
            }
            if count == 0 {
                return Err(wrong(&"there is no BEGIN CERTIFICATE in it"));
            }
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| WireError::Way(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Arc::new(config))
    }

    pub(super) fn proxy(&self) -> Result<Option<Proxy>, WireError> {
        let Some(text) = self.proxy.as_deref().map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
        // The text itself is not told: it may hold a password.
        let refused = || WireError::Way("the proxy has to be like http://proxy.example.com:3128".to_owned());
        let uri: Uri = text.parse().map_err(|_| refused())?;
        let authority = uri.authority().filter(|_| uri.scheme_str() == Some("http")).ok_or_else(refused)?;
        let address = format!("{}:{}", authority.host(), authority.port_u16().unwrap_or(80));
        let authorization = authority.as_str().rsplit_once('@').map(|(user, _)| {
            let plain = percent_encoding::percent_decode_str(user).decode_utf8_lossy().into_owned();
            format!("Basic {}", STANDARD.encode(plain))
        });
        Ok(Some(Proxy { address, authorization }))
    }
}

impl Proxy {
    /// A connection through the proxy to this host and port (RFC 9110 section 9.3.6).
    pub async fn tunnel(&self, to: &str) -> Result<TcpStream, WireError> {
        let failed = |why: String| WireError::Proxy(self.address.clone(), why);
        let mut stream = connect(&self.address).await?;
        let authorization = self.authorization.as_ref().map(|value| format!("Proxy-Authorization: {value}\r\n"));
        let ask = format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n{}\r\n", authorization.unwrap_or_default());
        stream.write_all(ask.as_bytes()).await.map_err(|error| failed(error.to_string()))?;
        // Byte by byte: what comes after the head belongs to the server.
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if head.len() == PROXY_HEAD_BYTES {
                return Err(failed("its answer has no end".to_owned()));
            }
            head.push(stream.read_u8().await.map_err(|error| failed(error.to_string()))?);
        }
        let line = String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned();
        let accepted = line.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..3)) == Some("2");
        if accepted { Ok(stream) } else { Err(failed(format!("it answers {line:?}"))) }
    }
}

/// Connects to a host and port.
pub(crate) async fn connect(name: &str) -> Result<TcpStream, WireError> {
    let stream = TcpStream::connect(name).await.map_err(|error| WireError::Connect(name.to_owned(), error))?;
    // Failing to switch off Nagle's algorithm only makes it slower.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

/// Encrypts a connection to this host.
pub(crate) async fn encrypt(
    tls: &Arc<ClientConfig>,
    host: &str,
    stream: TcpStream,
) -> Result<TlsStream<TcpStream>, WireError> {
    let failed = |why: String| WireError::Tls(host.to_owned(), why);
    let name = host.trim_matches(['[', ']']).to_owned();
    let name = ServerName::try_from(name).map_err(|error| failed(error.to_string()))?;
    TlsConnector::from(Arc::clone(tls)).connect(name, stream).await.map_err(|error| failed(error.to_string()))
}
