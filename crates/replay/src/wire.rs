//! Sending one request and reading its answer, with bounds on everything a server could do.

pub(crate) mod way;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::header::HOST;
use http::uri::{Authority, Scheme, Uri};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use scim::json::{self, Json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::rustls::ClientConfig;

pub use way::Way;

/// Where to play.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    /// The SCIM base URL: `http://127.0.0.1:8787/scim/v2`.
    pub base: String,
    /// The bearer token.
    pub token: String,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Target").field("base", &self.base).field("token", &"****").finish()
    }
}

/// How long and how large an answer may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For the connection to be made.
    pub connect: Duration,
    /// For one whole answer, from the first byte sent.
    pub answer: Duration,
    /// Bytes of an answer's body.
    pub body_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { connect: Duration::from_secs(5), answer: Duration::from_secs(30), body_bytes: 32 << 20 }
    }
}

/// An answer, whole.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub elapsed_us: u64,
}

impl Answer {
    pub fn json(&self) -> Result<Json, json::SyntaxError> {
        json::parse(&self.body, json::Limits::default())
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WireError {
    #[error("{0:?} is no URL to play at: it has to be like http://127.0.0.1:8787/scim/v2")]
    Base(String),
    #[error("{0:?} cannot be sent as a request target: {1}")]
    Target(String, String),
    #[error("{0:?} is no HTTP method")]
    Method(String),
    #[error("the header {0:?} cannot be sent")]
    Header(String),
    #[error("{0}")]
    Way(String),
    #[error("no connection to {0}: {1}")]
    Connect(String, std::io::Error),
    #[error("no encrypted connection to {0}: {1}")]
    Tls(String, String),
    #[error("the proxy {0} does not let us through: {1}")]
    Proxy(String, String),
    #[error("no connection to {0} within {1:?}")]
    ConnectTimeout(String, Duration),
    #[error("the connection broke: {}", causes(.0))]
    Broken(hyper::Error),
    #[error("the connection was closed before the request could be sent")]
    Closed,
    #[error("no whole answer within {0:?}")]
    AnswerTimeout(Duration),
    #[error("the answer has more than {0} bytes")]
    TooLarge(usize),
}

/// An error with what caused it: the HTTP library tells by itself only at what it stumbled.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let words = cause.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        next = cause.source();
    }
    text
}

/// A request as it will be sent.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    pub method: String,
    /// Below the base URL, encoded.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Bytes>,
    /// The name of a header field with credentials, beside those that everybody knows.
    pub secret: Option<String>,
}

impl WireError {
    /// Whether nobody was reached at all, so that it makes no sense to send the next request.
    pub fn is_unreachable(&self) -> bool {
        matches!(
            self,
            WireError::Base(_)
                | WireError::Way(_)
                | WireError::Connect(..)
                | WireError::Tls(..)
                | WireError::Proxy(..)
                | WireError::ConnectTimeout(..)
        )
    }
}

/// A client that keeps its connection from request to request, as identity providers do.
///
/// It adds nothing to a request but `Host` and `Content-Length`, and follows no redirects.
pub(crate) struct Wire {
    authority: Authority,
    /// Path of the base URL, without a slash at the end.
    prefix: String,
    /// What encrypts, if the base URL says https.
    tls: Option<Arc<ClientConfig>>,
    proxy: Option<way::Proxy>,
    limits: Limits,
    connection: Option<SendRequest<Full<Bytes>>>,
}

impl Wire {
    /// By a way.
    pub fn by(base: &str, way: &Way, limits: Limits) -> Result<Wire, WireError> {
        let refused = || WireError::Base(base.to_owned());
        let uri: Uri = base.parse().map_err(|_| refused())?;
        let parts = uri.into_parts();
        let secure = match parts.scheme {
            Some(scheme) if scheme == Scheme::HTTP => false,
            Some(scheme) if scheme == Scheme::HTTPS => true,
            _ => return Err(refused()),
        };
        let fits = parts.path_and_query.as_ref().is_none_or(|path| path.query().is_none());
        let authority = parts.authority.filter(|_| fits).ok_or_else(refused)?;
        let prefix = parts.path_and_query.map(|path| path.path().trim_end_matches('/').to_owned()).unwrap_or_default();
        let tls = if secure { Some(way.trust()?) } else { None };
        Ok(Wire { authority, prefix, tls, proxy: way.proxy()?, limits, connection: None })
    }

    /// Another client of the same server, with a connection of its own.
    pub fn another(&self) -> Wire {
        Wire {
            authority: self.authority.clone(),
            prefix: self.prefix.clone(),
            tls: self.tls.clone(),
            proxy: self.proxy.clone(),
            limits: self.limits,
            connection: None,
        }
    }

    /// Sends a request and reads the whole answer.
    pub async fn send(&mut self, outgoing: &Outgoing) -> Result<Answer, WireError> {
        let mut request = self.request(outgoing)?;
        let limits = self.limits;
        if let Some(mut sender) = self.connection.take() {
            match tokio::time::timeout(limits.answer, exchange(&mut sender, request, limits)).await {
                Ok(Err(Failure::NotSent(unsent))) => request = *unsent,
                Ok(Err(Failure::Lost(error))) => return Err(error),
                Ok(Ok(answer)) => {
                    self.connection = Some(sender);
                    return Ok(answer);
                }
                Err(_) => return Err(WireError::AnswerTimeout(limits.answer)),
            }
        }
        let mut sender = self.connect().await?;
        let answer = tokio::time::timeout(limits.answer, exchange(&mut sender, request, limits)).await;
        match answer.map_err(|_| WireError::AnswerTimeout(limits.answer))? {
            Ok(answer) => {
                self.connection = Some(sender);
                Ok(answer)
            }
            Err(Failure::NotSent(_)) => Err(WireError::Closed),
            Err(Failure::Lost(error)) => Err(error),
        }
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, WireError> {
        let port = self.authority.port_u16().unwrap_or(if self.tls.is_some() { 443 } else { 80 });
        let host = self.authority.host();
        let name = format!("{host}:{port}");
        let connecting = async {
            match (&self.tls, &self.proxy) {
                (None, None) => speak(way::connect(&name).await?).await,
                (None, Some(proxy)) => speak(way::connect(&proxy.address).await?).await,
                (Some(tls), None) => speak(way::encrypt(tls, host, way::connect(&name).await?).await?).await,
                (Some(tls), Some(proxy)) => {
                    let through = proxy.tunnel(&name).await?;
                    speak(way::encrypt(tls, host, through).await?).await
                }
            }
        };
        let limit = self.limits.connect;
        let connected = tokio::time::timeout(limit, connecting).await;
        connected.unwrap_or_else(|_| Err(WireError::ConnectTimeout(name, limit)))
    }

    fn request(&self, outgoing: &Outgoing) -> Result<Request<Full<Bytes>>, WireError> {
        let method = Method::from_bytes(outgoing.method.as_bytes());
        let method = method.map_err(|_| WireError::Method(outgoing.method.clone()))?;
        // A proxy for plain http has to be told the whole URL (RFC 9112 section 3.2.2).
        let by_proxy = self.proxy.as_ref().filter(|_| self.tls.is_none());
        let target = match by_proxy {
            Some(_) => format!("http://{}{}{}", self.authority, self.prefix, outgoing.path),
            None => format!("{}{}", self.prefix, outgoing.path),
        };
        let uri: Uri = target
            .parse()
            .map_err(|error: http::uri::InvalidUri| WireError::Target(target.clone(), error.to_string()))?;
        let mut request = Request::new(Full::new(outgoing.body.clone().unwrap_or_default()));
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        let headers = request.headers_mut();
        for (name, value) in [("Host", self.authority.as_str())]
            .into_iter()
            .chain(outgoing.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())))
            .chain(by_proxy.and_then(|proxy| Some(("Proxy-Authorization", proxy.authorization.as_deref()?))))
        {
            let bad = || WireError::Header(name.to_owned());
            let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?;
            let value = HeaderValue::from_str(value).map_err(|_| bad())?;
            if key == HOST {
                headers.insert(key, value);
            } else {
                headers.append(key, value);
            }
        }
        Ok(request)
    }
}

/// Makes a connection ready for requests.
async fn speak<S>(stream: S) -> Result<SendRequest<Full<Bytes>>, WireError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    // Real clients write `User-Agent`, not `user-agent`.
    let handshake = http1::Builder::new().title_case_headers(true).handshake(TokioIo::new(stream)).await;
    let (sender, connection) = handshake.map_err(WireError::Broken)?;
    // It ends with the sender; its errors also reach the sender.
    tokio::spawn(connection);
    Ok(sender)
}

enum Failure {
    /// The server had closed the connection; nothing of the request has left.
    NotSent(Box<Request<Full<Bytes>>>),
    /// The server may have seen the request.
    Lost(WireError),
}

async fn exchange(
    sender: &mut SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
    limits: Limits,
) -> Result<Answer, Failure> {
    let begun = Instant::now();
    let response = sender.try_send_request(request).await.map_err(|mut error| match error.take_message() {
        Some(request) => Failure::NotSent(Box::new(request)),
        None => Failure::Lost(WireError::Broken(error.into_error())),
    })?;
    let (head, mut incoming) = response.into_parts();
    let mut body = BytesMut::new();
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(|error| Failure::Lost(WireError::Broken(error)))?;
        if let Some(data) = frame.data_ref() {
            if body.len() + data.len() > limits.body_bytes {
                return Err(Failure::Lost(WireError::TooLarge(limits.body_bytes)));
            }
            body.extend_from_slice(data);
        }
    }
    let elapsed_us = begun.elapsed().as_micros() as u64;
    Ok(Answer { status: head.status.as_u16(), headers: head.headers, body: body.freeze(), elapsed_us })
}
