//! Sending requests on to the server behind a tenant, and its answers back to the client.
//!
//! A request is read whole before anything of it is sent on: what is broken never reaches the other server. An answer of up to
//! [`WHOLE_BYTES`] is in the log before its first byte leaves, and one that breaks off before is answered as a gateway does. A
//! larger one leaves as it comes; its last piece waits for the record.

use std::fmt;
use std::future::poll_fn;
use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Response, StatusCode, response};
use http_body::Body;
use jiff::Timestamp;
use provider::{Answered, Errand, FollowUp, Passed, Unreached, Upstream};
use tokio::sync::{mpsc, oneshot};
use traffic::entry::Entry;
use traffic::exchange::{Closed, Connection, Ending, Opened, Received, Sent};
use traffic::ids::{ConnectionId, Pos};

use crate::answer::{Answerer, Recorded};
use crate::answer_body::{AnswerBody, BrokenOff};
use crate::decode;
use crate::respond::{Prepared, Respond};

/// Up to so many bytes, an answer is known whole before any of it leaves.
pub const WHOLE_BYTES: usize = 1 << 20;
/// So many bytes of an answer are kept, and looked at.
pub const KEPT_BYTES: usize = 32 << 20;
/// Pieces of an answer that wait for a client who is slow to take them.
const WAITING_PIECES: usize = 4;

/// Work that was begun.
pub type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;
/// The body of an answer as it comes.
pub type Coming = Pin<Box<dyn Body<Data = Bytes, Error = Unreached> + Send>>;

/// Sends requests to servers behind tenants.
pub trait Onward: Send + Sync + 'static {
    /// Sends a request, and gives the head of the answer as soon as it is there. Header fields of the answer are all that came;
    /// its body is without transfer coding, and ends within bounds.
    fn send(&self, outgoing: Outgoing) -> Pending<Result<Response<Coming>, Unreached>>;
}

impl fmt::Debug for dyn Onward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Onward")
    }
}

/// A request for a server behind a tenant.
#[derive(Debug)]
pub struct Outgoing {
    /// The server.
    pub upstream: Arc<Upstream>,
    /// The method.
    pub method: Method,
    /// Path and query below the server's base URL, as the client sent them.
    pub below: String,
    /// The client's header fields, without those of its connection and without `Host`; `Via` is added. Credentials of the
    /// tenant are taken out, and its own for that server are not put in.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// What the client gets.
pub(crate) enum Leaving {
    /// A response of our own, or one that was edited; it is recorded.
    Ours(Recorded),
    /// The answer as it came. If it is recorded, its position.
    Theirs(Box<Response<AnswerBody>>, Option<Pos>),
}

/// What came of an answer.
enum Came {
    Whole(Bytes),
    /// More than is waited for: what came so far.
    Begun(BytesMut),
}

impl<P: Respond> Answerer<P> {
    /// Sends a request on. It goes on if the client leaves meanwhile: what the other server did is recorded.
    pub(crate) async fn forward(
        &self,
        index: u64,
        prepared: P::Prepared,
        errand: Errand,
        method: &str,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Option<Leaving> {
        let onward = Arc::clone(self.config.onward.as_ref()?);
        let begun = Instant::now();
        let Some(outgoing) = outgoing(&errand, method, headers, body) else {
            let unreached =
                unreached("proxy_loop_detected", "the request came from here: the server is behind itself", begun);
            return Some(Leaving::Ours(self.record(index, prepared.unreached(unreached))));
        };
        let (leave, left) = oneshot::channel();
        let answerer = self.clone();
        tokio::spawn(async move { answerer.carry(index, prepared, errand, outgoing, onward, leave).await });
        left.await.ok()
    }

    async fn carry(
        self,
        index: u64,
        prepared: P::Prepared,
        errand: Errand,
        outgoing: Outgoing,
        onward: Arc<dyn Onward>,
        leave: oneshot::Sender<Leaving>,
    ) {
        let begun = Instant::now();
        let request_headers = outgoing.headers.clone();
        let to_head_request = outgoing.method == Method::HEAD;
        let came = match onward.send(outgoing).await {
            Err(unreached) => Err(unreached),
            Ok(response) => {
                let (head, mut coming) = response.into_parts();
                let limit = if errand.whole { KEPT_BYTES } else { WHOLE_BYTES };
                gather(&mut coming, limit).await.map(|came| (head, coming, came))
            }
        };
        let (head, coming, came) = match came {
            Ok(came) => came,
            Err(why) => {
                let recorded = self.record(index, prepared.unreached(Unreached { elapsed_us: us(begun), ..why }));
                let _ = leave.send(Leaving::Ours(recorded));
                return;
            }
        };
        let body = match came {
            Came::Whole(body) => body,
            Came::Begun(_) if errand.whole => {
                let detail = format!("the answer has more than {KEPT_BYTES} bytes, too many to edit it");
                let unreached = unreached("http_response_body_size", &detail, begun);
                let _ = leave.send(Leaving::Ours(self.record(index, prepared.unreached(unreached))));
                return;
            }
            Came::Begun(first) => return self.stream(index, prepared, head, first, coming, begun, leave).await,
        };
        let is_chunked = head.headers.contains_key(header::TRANSFER_ENCODING);
        let answered = answered(&head, &body, None, begun);
        let Some((passed, pos)) = self.put_down(index, prepared, answered).await else { return };
        let (handled, edited, follow_up) = passed;
        let leaving = match edited {
            true => Leaving::Ours((handled, pos)),
            false => {
                let body = AnswerBody::whole(body, is_chunked);
                Leaving::Theirs(Box::new(as_it_came(head, body, to_head_request)), pos)
            }
        };
        let _ = leave.send(leaving);
        if let Some(follow_up) = follow_up {
            self.follow_up(*follow_up, request_headers, onward).await;
        }
    }

    /// Lets a large answer leave as it comes.
    #[allow(clippy::too_many_arguments, reason = "the parts of one exchange under way")]
    async fn stream(
        self,
        index: u64,
        prepared: P::Prepared,
        head: response::Parts,
        first: BytesMut,
        mut coming: Coming,
        begun: Instant,
        leave: oneshot::Sender<Leaving>,
    ) {
        let (pieces, taken) = mpsc::channel(WAITING_PIECES);
        let length =
            head.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let kept_head = {
            let mut parts = Response::new(()).into_parts().0;
            (parts.status, parts.headers) = (head.status, head.headers.clone());
            parts
        };
        let body = AnswerBody::coming(taken, length);
        let _ = leave.send(Leaving::Theirs(Box::new(as_it_came(head, body, false)), None));
        let mut kept = first.clone();
        let mut held = first.freeze();
        let mut missing = 0usize;
        let broken = loop {
            match piece(&mut coming).await {
                Ok(Some(next)) => {
                    // Whoever has gone takes nothing more; the rest is read for the record.
                    let _ = pieces.send(Ok(std::mem::replace(&mut held, next.clone()))).await;
                    let here = next.len().min(KEPT_BYTES.saturating_sub(kept.len()));
                    kept.extend_from_slice(&next[..here]);
                    missing += next.len() - here;
                }
                Ok(None) => break None,
                Err(why) => break Some(why),
            }
        };
        let note = match (&broken, missing) {
            (Some(why), _) => Some(format!("the answer broke off after {} bytes: {why}", kept.len() + missing)),
            (None, 0) => None,
            (None, missing) => Some(format!("the last {missing} bytes of the answer are not kept")),
        };
        let answered = answered(&kept_head, &kept.freeze(), note, begun);
        if let Some((_, pos)) = self.put_down(index, prepared, answered).await {
            self.until_durable(pos).await;
        }
        let last = match broken {
            None => Ok(held),
            Some(_) => Err(BrokenOff),
        };
        let _ = pieces.send(last).await;
    }

    /// Records an answer. Large ones are read outside of the async workers.
    async fn put_down(
        &self,
        index: u64,
        prepared: P::Prepared,
        answered: Answered,
    ) -> Option<((Arc<traffic::handled::Handled>, bool, Option<Box<FollowUp>>), Option<Pos>)> {
        let large = answered.body.len() > WHOLE_BYTES / 4;
        let answerer = self.clone();
        let work = move || {
            let Passed { handled, edited, follow_up } = prepared.answered(answered);
            let (handled, pos) = answerer.record(index, handled);
            ((handled, edited, follow_up), pos)
        };
        match large {
            true => tokio::task::spawn_blocking(work).await.ok(),
            false => Some(work()),
        }
    }

    /// Reads what a write did not show, as an exchange of its own.
    async fn follow_up(&self, follow_up: FollowUp, mut headers: HeaderMap, onward: Arc<dyn Onward>) {
        for name in [header::CONTENT_TYPE, header::IF_MATCH, header::IF_NONE_MATCH, header::CONTENT_ENCODING] {
            headers.remove(name);
        }
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/scim+json"));
        let Errand { upstream, below, .. } = follow_up.errand();
        let (at, begun, target) = (Timestamp::now(), Instant::now(), follow_up.target());
        let here = self.recorder.lock().connection().local;
        let connection = Connection { id: ConnectionId::OURS, peer: here, local: here, accepted_at: at };
        let seq = self.log.open(Opened { connection, at, method: "GET".to_owned(), target: target.clone() });
        let head = format!("GET {target} HTTP/1.1\r\nHost: {here}\r\nAccept: application/scim+json\r\n\r\n");
        let outgoing = Outgoing { upstream, method: Method::GET, below, headers, body: Bytes::new() };
        let outcome = match onward.send(outgoing).await {
            Err(why) => Err(why),
            Ok(response) => {
                let (head, mut coming) = response.into_parts();
                match gather(&mut coming, KEPT_BYTES).await {
                    Err(why) => Err(why),
                    Ok(Came::Whole(body)) => Ok(answered(&head, &body, None, begun)),
                    Ok(Came::Begun(_)) => Err(unreached("http_response_body_size", "the answer is too large", begun)),
                }
            }
        };
        let handled = Arc::new(follow_up.answered(outcome));
        let elapsed = Some(us(begun));
        let received = Received { head: head.into(), handled_us: elapsed, ..Received::default() };
        let response = &handled.response;
        let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::BAD_GATEWAY);
        let mut sent = format!("HTTP/1.1 {status}\r\n");
        for (name, value) in &response.headers {
            sent.push_str(&format!("{name}: {value}\r\n"));
        }
        sent.push_str("\r\n");
        let body = response.body.clone();
        let sent = Sent { head: sent.into(), body, first_byte_us: elapsed, last_byte_us: elapsed };
        self.log.append(Entry::Handled(seq, Arc::new(received), handled));
        self.log.append(Entry::Closed(seq, Arc::new(Closed { ending: Ending::Complete, received: None, sent })));
    }
}

/// Names this process in `Via` (RFC 9110 section 7.6.3).
static PSEUDONYM: LazyLock<String> =
    LazyLock::new(|| format!("scimscope-{:08x}", RandomState::new().hash_one(0) as u32));

/// A request as it is sent on; nothing if it came from here.
fn outgoing(errand: &Errand, method: &str, from: &HeaderMap, body: Bytes) -> Option<Outgoing> {
    let has_passed = |value: &HeaderValue| value.to_str().is_ok_and(|value| value.contains(PSEUDONYM.as_str()));
    if from.get_all(header::VIA).iter().any(has_passed) {
        return None;
    }
    let mut headers = end_to_end(from, |name| {
        matches!(*name, header::HOST | header::CONTENT_LENGTH | header::EXPECT)
            || errand.withheld.iter().any(|withheld| withheld == name.as_str())
    });
    if let Ok(via) = HeaderValue::try_from(format!("1.1 {}", PSEUDONYM.as_str())) {
        headers.append(header::VIA, via);
    }
    let method = Method::from_bytes(method.as_bytes()).ok()?;
    Some(Outgoing { upstream: Arc::clone(&errand.upstream), method, below: errand.below.clone(), headers, body })
}

/// Header fields without those that belong to one connection (RFC 9110 section 7.6.1), in their order.
fn end_to_end(from: &HeaderMap, stays: impl Fn(&HeaderName) -> bool) -> HeaderMap {
    let named: Vec<String> = from
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(',').map(|name| name.trim().to_ascii_lowercase()))
        .collect();
    let of_connection =
        ["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"];
    let mut headers = HeaderMap::with_capacity(from.keys_len());
    for (name, value) in from {
        let is_hop = of_connection.contains(&name.as_str()) || named.iter().any(|hop| hop == name.as_str());
        if !is_hop && !stays(name) {
            headers.append(name.clone(), value.clone());
        }
    }
    headers
}

/// The response for the HTTP server: the answer of the other server, with its status and reason, its header fields as they were
/// written, and its body.
fn as_it_came(head: response::Parts, body: AnswerBody, to_head_request: bool) -> Response<AnswerBody> {
    let no_body = matches!(head.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) && !to_head_request;
    let headers = end_to_end(&head.headers, |name| no_body && *name == header::CONTENT_LENGTH);
    let mut response = Response::new(body);
    *response.status_mut() = head.status;
    *response.headers_mut() = headers;
    // They have the reason phrase and the case of header names.
    *response.extensions_mut() = head.extensions;
    response
}

/// An answer for the provider: without content coding, as far as that can be undone.
fn answered(head: &response::Parts, body: &Bytes, note: Option<String>, begun: Instant) -> Answered {
    let decoded = decode::decode(&head.headers, body, KEPT_BYTES);
    let is_decoded = matches!(decoded, Ok(Some(_)));
    let (body, problem) = match decoded {
        Ok(Some(decoded)) => (decoded, None),
        Ok(None) => (body.clone(), None),
        Err(why) => (body.clone(), Some(why)),
    };
    let shown = end_to_end(&head.headers, |name| {
        *name == header::CONTENT_LENGTH || *name == header::DATE || is_decoded && *name == header::CONTENT_ENCODING
    });
    let headers = shown.iter().map(|(name, value)| (written(name), text(value))).collect();
    let note = match (note, problem) {
        (Some(note), Some(problem)) => Some(format!("{note}; {problem}")),
        (note, problem) => note.or(problem),
    };
    Answered { status: head.status.as_u16(), headers, body, note, elapsed_us: us(begun) }
}

/// A name as people write it.
fn written(name: &HeaderName) -> String {
    match name.as_str() {
        "etag" => "ETag".to_owned(),
        "www-authenticate" => "WWW-Authenticate".to_owned(),
        name => crate::connection::title_case(name),
    }
}

/// A value; bytes that are not ASCII are taken as ISO 8859-1.
fn text(value: &HeaderValue) -> String {
    value.as_bytes().iter().map(|byte| char::from(*byte)).collect()
}

async fn piece(coming: &mut Coming) -> Result<Option<Bytes>, Unreached> {
    loop {
        match poll_fn(|cx| coming.as_mut().poll_frame(cx)).await.transpose()? {
            None => return Ok(None),
            // Trailers go no further (RFC 9110 section 6.5.1 lets them be left out).
            Some(frame) => match frame.into_data() {
                Ok(data) if data.is_empty() => {}
                Ok(data) => return Ok(Some(data)),
                Err(_) => {}
            },
        }
    }
}

/// Reads a body to its end, or until it has more than so many bytes.
async fn gather(coming: &mut Coming, limit: usize) -> Result<Came, Unreached> {
    let Some(first) = piece(coming).await? else { return Ok(Came::Whole(Bytes::new())) };
    if first.len() > limit {
        return Ok(Came::Begun(BytesMut::from(&first[..])));
    }
    let Some(second) = piece(coming).await? else { return Ok(Came::Whole(first)) };
    let mut all = BytesMut::from(&first[..]);
    let mut next = second;
    loop {
        all.extend_from_slice(&next);
        if all.len() > limit {
            return Ok(Came::Begun(all));
        }
        match piece(coming).await? {
            Some(more) => next = more,
            None => return Ok(Came::Whole(all.freeze())),
        }
    }
}

fn unreached(kind: &'static str, detail: &str, begun: Instant) -> Unreached {
    Unreached { status: 502, kind, detail: detail.to_owned(), elapsed_us: us(begun) }
}

fn us(begun: Instant) -> u64 {
    begun.elapsed().as_micros() as u64
}
