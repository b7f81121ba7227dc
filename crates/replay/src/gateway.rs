//! Sending requests of others to one server, and its answers back as they come: the client side of a gateway.
//!
//! Nothing is added to a request but `Host` and `Content-Length`, nothing is taken from an answer but its transfer coding, and
//! no redirect is followed. Connections are kept and used again.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST, HeaderMap, HeaderValue};
use http::uri::{Authority, Scheme, Uri};
use http::{Method, Request, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Sleep;
use tokio_rustls::rustls::ClientConfig;

use crate::wire::{Way, WireError, way};

/// Connections that are kept between requests.
const KEPT: usize = 32;
/// A connection that was not used for so long is not used again for a write: the server may be about to close it, and a write
/// must not be sent twice (RFC 9110 section 9.2.2).
const FRESH: Duration = Duration::from_secs(1);
/// The same for anything.
const STALE: Duration = Duration::from_secs(30);

/// Why there is no answer, or not all of it.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The server's URL, or the way to it, is no good.
    #[error("{0}")]
    Setting(String),
    /// The server's name is not known.
    #[error("the name of {0} is not known: {1}")]
    Unknown(String, String),
    /// Nobody listens there.
    #[error("no connection to {0}: {1}")]
    Refused(String, String),
    /// There was no connection in time.
    #[error("no connection to {0} within {1:?}")]
    ConnectTimeout(String, Duration),
    /// The connection cannot be encrypted.
    #[error("no encrypted connection to {0}: {1}")]
    Tls(String, String),
    /// The connection ended, or was reset, before there was a whole answer.
    #[error("{0} ended the connection before its answer was whole: {1}")]
    Ended(String, String),
    /// What came is no HTTP.
    #[error("what {0} answers is no HTTP: {1}")]
    NotHttp(String, String),
    /// The answer, or its next piece, did not come in time.
    #[error("{0} gave no answer, or no more of it, within {1:?}")]
    AnswerTimeout(String, Duration),
}

/// A client of one server.
pub struct Gateway {
    shared: Arc<Shared>,
}

struct Shared {
    authority: Authority,
    host: HeaderValue,
    /// Path of the base URL, without a slash at the end.
    prefix: String,
    tls: Option<Arc<ClientConfig>>,
    connect: Duration,
    answer: Duration,
    kept: Mutex<Vec<(Line, Instant)>>,
}

type Line = SendRequest<Full<Bytes>>;

/// The body of an answer as it comes. The connection is used again when it is read to its end.
pub struct Coming {
    incoming: Incoming,
    line: Option<Line>,
    shared: Arc<Shared>,
    pause: Pin<Box<Sleep>>,
    waiting: bool,
}

impl Gateway {
    /// A client of the server at this base URL. `connect` bounds the time for a connection, `answer` that for the head of an
    /// answer and for each pause in its body.
    pub fn new(base: &str, way: &Way, connect: Duration, answer: Duration) -> Result<Gateway, GatewayError> {
        let refused = || {
            GatewayError::Setting(format!("{base:?} is no base URL: it has to be like https://app.example.com/scim/v2"))
        };
        let parts = base.parse::<Uri>().map_err(|_| refused())?.into_parts();
        let is_secure = match parts.scheme {
            Some(scheme) if scheme == Scheme::HTTP => false,
            Some(scheme) if scheme == Scheme::HTTPS => true,
            _ => return Err(refused()),
        };
        let authority = parts.authority.ok_or_else(refused)?;
        let host = HeaderValue::from_str(authority.as_str()).map_err(|_| refused())?;
        let prefix = parts.path_and_query.map(|path| path.path().trim_end_matches('/').to_owned()).unwrap_or_default();
        let setting = |error: WireError| GatewayError::Setting(error.to_string());
        let tls = if is_secure { Some(way.trust().map_err(setting)?) } else { None };
        let kept = Mutex::default();
        Ok(Gateway { shared: Arc::new(Shared { authority, host, prefix, tls, connect, answer, kept }) })
    }

    /// Sends a request, and gives the answer as soon as its head is there. `below` is path and query below the base URL, as a
    /// client sent them: bytes that a URL cannot have are percent-encoded.
    pub async fn send(
        &self,
        method: Method,
        below: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Response<Coming>, GatewayError> {
        let shared = &self.shared;
        let may_repeat = matches!(method, Method::GET | Method::HEAD | Method::PUT | Method::DELETE | Method::OPTIONS);
        let request = shared.request(&method, below, &headers, &body)?;
        let (mut line, mut is_used) = match shared.take(may_repeat) {
            Some(line) => (line, true),
            None => (shared.connect().await?, false),
        };
        let mut request = request;
        loop {
            let asked = tokio::time::timeout(shared.answer, line.try_send_request(request)).await;
            let mut failed = match asked {
                Err(_) => return Err(GatewayError::AnswerTimeout(shared.name(), shared.answer)),
                Ok(Ok(response)) => {
                    let (shared, pause) = (Arc::clone(shared), Box::pin(tokio::time::sleep(shared.answer)));
                    return Ok(response.map(|incoming| Coming {
                        incoming,
                        line: Some(line),
                        shared,
                        pause,
                        waiting: false,
                    }));
                }
                Ok(Err(failed)) => failed,
            };
            // A connection that the server had closed already: nothing of the request has left, or it can be sent again.
            let unsent = failed.take_message();
            let error = failed.into_error();
            if !is_used || unsent.is_none() && !(may_repeat && error.is_incomplete_message()) {
                return Err(shared.lost(&error));
            }
            request = match unsent {
                Some(unsent) => unsent,
                None => shared.request(&method, below, &headers, &body)?,
            };
            (line, is_used) = (shared.connect().await?, false);
        }
    }
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway").field("authority", &self.shared.authority).finish_non_exhaustive()
    }
}

impl Shared {
    fn name(&self) -> String {
        self.authority.as_str().to_owned()
    }

    fn request(
        &self,
        method: &Method,
        below: &str,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Result<Request<Full<Bytes>>, GatewayError> {
        let target = format!("{}{}", self.prefix, sendable(below));
        let target = if target.starts_with('/') { target } else { format!("/{target}") };
        let uri: Uri =
            target.parse().map_err(|error| GatewayError::Setting(format!("{target:?} cannot be sent: {error}")))?;
        let mut request = Request::new(Full::new(body.clone()));
        *request.method_mut() = method.clone();
        *request.uri_mut() = uri;
        let into = request.headers_mut();
        into.reserve(headers.len() + 2);
        into.insert(HOST, self.host.clone());
        for (name, value) in headers {
            into.append(name.clone(), value.clone());
        }
        // Methods whose body has no meaning are sent without a length if there is none.
        if body.is_empty() && matches!(*method, Method::POST | Method::PUT | Method::PATCH) {
            into.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        Ok(request)
    }

    /// A connection that can be used again.
    fn take(&self, may_repeat: bool) -> Option<Line> {
        let oldest = if may_repeat { STALE } else { FRESH };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((line, since)) = kept.pop() {
            if since.elapsed() > STALE {
                kept.clear();
                return None;
            }
            if line.is_ready() {
                if since.elapsed() <= oldest {
                    return Some(line);
                }
                kept.push((line, since));
                return None;
            }
        }
        None
    }

    fn keep(&self, line: Line) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT {
            kept.push((line, Instant::now()));
        }
    }

    async fn connect(&self) -> Result<Line, GatewayError> {
        let host = self.authority.host();
        let port = self.authority.port_u16().unwrap_or(if self.tls.is_some() { 443 } else { 80 });
        let name = format!("{host}:{port}");
        let connecting = async {
            let stream = way::connect(&name).await.map_err(|error| match error {
                WireError::Connect(name, error) if is_unknown_name(&error) => {
                    GatewayError::Unknown(name, error.to_string())
                }
                WireError::Connect(name, error) => GatewayError::Refused(name, error.to_string()),
                other => GatewayError::Setting(other.to_string()),
            })?;
            match &self.tls {
                None => speak(stream, &name).await,
                Some(tls) => {
                    let secure = way::encrypt(tls, host, stream).await;
                    let secure = secure.map_err(|error| match error {
                        WireError::Tls(host, why) => GatewayError::Tls(host, why),
                        other => GatewayError::Setting(other.to_string()),
                    });
                    speak(secure?, &name).await
                }
            }
        };
        let connected = tokio::time::timeout(self.connect, connecting).await;
        connected.unwrap_or_else(|_| Err(GatewayError::ConnectTimeout(name, self.connect)))
    }

    fn lost(&self, error: &hyper::Error) -> GatewayError {
        let why =
            std::error::Error::source(error).map_or_else(|| error.to_string(), |source| format!("{error}: {source}"));
        match error.is_parse() || error.is_parse_status() || error.is_parse_too_large() {
            true => GatewayError::NotHttp(self.name(), why),
            false => GatewayError::Ended(self.name(), why),
        }
    }
}

/// Whether a name could not be resolved, as far as the system says so.
fn is_unknown_name(error: &std::io::Error) -> bool {
    error.raw_os_error().is_none() && error.to_string().contains("lookup")
}

/// A request target with percent-encoding for what a URL cannot have.
fn sendable(below: &str) -> String {
    let is_fit = |byte: u8| byte.is_ascii_graphic() && !b"<>`{}|\\^#".contains(&byte);
    let mut target = String::with_capacity(below.len());
    for byte in below.bytes() {
        match is_fit(byte) && byte != b'"' {
            true => target.push(char::from(byte)),
            false => target.push_str(&format!("%{byte:02X}")),
        }
    }
    target
}

async fn speak<S>(stream: S, name: &str) -> Result<Line, GatewayError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    // Names of header fields come back as the server wrote them.
    let handshake =
        http1::Builder::new().title_case_headers(true).preserve_header_case(true).handshake(TokioIo::new(stream)).await;
    let (line, connection) = handshake.map_err(|error| GatewayError::Ended(name.to_owned(), error.to_string()))?;
    // It ends with the sender; its errors also reach the sender.
    tokio::spawn(connection);
    Ok(line)
}

impl Body for Coming {
    type Data = Bytes;
    type Error = GatewayError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, GatewayError>>> {
        let coming = self.get_mut();
        match Pin::new(&mut coming.incoming).poll_frame(cx) {
            Poll::Ready(frame) => {
                coming.waiting = false;
                if frame.is_none()
                    && let Some(line) = coming.line.take()
                {
                    coming.shared.keep(line);
                }
                Poll::Ready(frame.map(|frame| frame.map_err(|error| coming.shared.lost(&error))))
            }
            Poll::Pending => {
                if !std::mem::replace(&mut coming.waiting, true) {
                    coming.pause.as_mut().reset(tokio::time::Instant::now() + coming.shared.answer);
                }
                match coming.pause.as_mut().poll(cx) {
                    Poll::Pending => Poll::Pending,
                    Poll::Ready(()) => {
                        let error = GatewayError::AnswerTimeout(coming.shared.name(), coming.shared.answer);
                        Poll::Ready(Some(Err(error)))
                    }
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

impl std::fmt::Debug for Coming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Coming")
    }
}

#[cfg(test)]
mod tests {
    use super::sendable;

    #[test]
    fn what_a_url_cannot_have_is_encoded_and_the_rest_stays_as_it_was_sent() {
        assert_eq!(sendable("/Users?filter=a eq \"b\""), "/Users?filter=a%20eq%20%22b%22");
        assert_eq!(sendable("/Users/a%2Fb?x=%zz&filter=a[b%20eq%201]"), "/Users/a%2Fb?x=%zz&filter=a[b%20eq%201]");
        assert_eq!(sendable("/Users/ä#"), "/Users/%C3%A4%23");
    }
}
