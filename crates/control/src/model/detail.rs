//! A whole exchange.

use jiff::Timestamp;
use serde::Serialize;
use traffic::exchange::{self, Exchange, Received};
use utoipa::ToSchema;

use super::blob::Blob;
use super::marks::Marks;
use super::outcome::{Action, AuthStep, Change, Finding, Line, Operation, Subject};
use super::rule::RuleHit;
use super::summary::Summary;
use super::upstream::Forwarded;
use crate::wire;

/// Where a request came in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Connection {
    /// Names the connection; several exchanges may share it.
    pub id: u64,
    /// The client's address and port.
    pub peer: String,
    /// Our address and port.
    pub local: String,
    /// When the connection was accepted.
    #[schema(value_type = String, format = DateTime)]
    pub accepted_at: Timestamp,
}

/// How long things took, all from the first byte of the request, in microseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Times {
    /// To the end of the request's head.
    pub head_read_us: Option<u64>,
    /// To the end of the request's body.
    pub body_read_us: Option<u64>,
    /// To the decision.
    pub handled_us: Option<u64>,
    /// To the first byte of the response.
    pub first_byte_us: Option<u64>,
    /// To the last byte of the response.
    pub last_byte_us: Option<u64>,
}

/// A request as it arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RequestView {
    /// The method as sent; empty if the bytes were not HTTP.
    pub method: String,
    /// The request target as sent.
    pub target: String,
    /// The target for people: percent-decoded, `+` in the query as a blank. Absent if that is the same text.
    pub target_decoded: Option<String>,
    /// The version as sent: "HTTP/1.1".
    pub version: Option<String>,
    /// Header fields as sent: name and value, in order, repeated ones each.
    pub headers: Vec<[String; 2]>,
    /// Request line and header fields as they were on the wire.
    pub head: Blob,
    /// What followed the head, as it was on the wire.
    pub body: Blob,
    /// The body without its chunk framing, if it was chunked.
    pub decoded_body: Option<Blob>,
    /// How many more bytes came than were kept.
    pub dropped_bytes: u64,
}

/// A response: as it was on the wire once it has left, before that as it was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ResponseView {
    /// HTTP status.
    pub status: Option<u16>,
    /// The reason phrase of the status line.
    pub reason: Option<String>,
    /// Header fields: name and value, in order.
    pub headers: Vec<[String; 2]>,
    /// Status line and header fields as they were on the wire; empty until then.
    pub head: Blob,
    /// The body.
    pub body: Blob,
    /// The body without chunks and content coding, if it came from another server and is not the same.
    pub decoded_body: Option<Blob>,
}

/// How an exchange ended, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndingKind {
    /// The whole response left.
    Complete,
    /// The connection ended first.
    Aborted,
    /// The client took longer than the server waits.
    TimedOut,
    /// What came was not HTTP, or more than the server takes.
    Refused,
}

/// How an exchange ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Ending {
    /// In a word.
    pub kind: EndingKind,
    /// More of it, for everything but a complete one.
    pub detail: Option<String>,
}

/// The way the client speaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Dialect {
    /// Its name: "entra".
    pub name: String,
    /// How sure, from 0 to 100.
    pub confidence: u8,
    /// Why: one short clause each.
    pub reasons: Vec<String>,
}

/// A whole exchange.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Exchange)]
pub struct Detail {
    /// Its line in the list.
    pub summary: Summary,
    /// Where it came in.
    pub connection: Connection,
    /// How long things took.
    pub times: Times,
    /// The request.
    pub request: RequestView,
    /// The response, if there is one.
    pub response: Option<ResponseView>,
    /// How it ended; absent while it goes on.
    pub ending: Option<Ending>,
    /// What can be said about it.
    pub findings: Vec<Finding>,
    /// For a PATCH: its operations.
    pub operations: Vec<Operation>,
    /// What it changed.
    pub changes: Vec<Change>,
    /// For a refused write: what it would have changed.
    pub would_have_changed: Vec<Line>,
    /// The rules that touched it, in their order.
    pub rules: Vec<RuleHit>,
    /// How it was sent on, if its tenant is a proxy.
    pub forwarded: Option<Forwarded>,
    /// The way to the decision about access.
    pub auth: Vec<AuthStep>,
    /// What it was about; absent until it is decided.
    pub subject: Option<Subject>,
    /// The kind of request; absent until it is decided.
    pub action: Option<Action>,
    /// The dialect recognised.
    pub dialect: Option<Dialect>,
    /// What people put on it.
    pub marks: Marks,
    /// Whether all of it is in durable storage.
    pub durable: bool,
}

impl Detail {
    /// An exchange as it stands, with whether storage has confirmed it.
    pub fn new(exchange: &Exchange, durable: bool) -> Detail {
        let handled = exchange.outcome();
        let received = exchange.received();
        let closed = exchange.closed.as_deref();
        let decoded = received.filter(|received| received.chunked).map(|received| wire::dechunk(&received.body));
        let json = decoded.as_deref().or(received.map(|received| &received.body[..])).unwrap_or_default();
        let annotation = exchange.annotation.as_deref();
        let commit = exchange.committed.as_deref();
        Detail {
            summary: Summary::from(exchange),
            connection: Connection::from(&exchange.opened.connection),
            times: Times {
                head_read_us: received.and_then(|received| received.head_read_us),
                body_read_us: received.and_then(|received| received.body_read_us),
                handled_us: received.and_then(|received| received.handled_us),
                first_byte_us: closed.and_then(|closed| closed.sent.first_byte_us),
                last_byte_us: closed.and_then(|closed| closed.sent.last_byte_us),
            },
            request: request(exchange, received, decoded.as_deref()),
            response: response(exchange),
            ending: closed.map(|closed| Ending::from(&closed.ending)),
            findings: handled
                .map(|handled| handled.findings.iter().map(|finding| Finding::new(finding, json)).collect())
                .unwrap_or_default(),
            operations: handled
                .map(|handled| handled.operations.iter().map(Operation::from).collect())
                .unwrap_or_default(),
            changes: commit
                .map(|commit| commit.changes.iter().map(|change| Change::new(change, commit.revision.0)).collect())
                .unwrap_or_default(),
            would_have_changed: handled
                .map(|handled| handled.would_have_changed.iter().map(Line::from).collect())
                .unwrap_or_default(),
            rules: handled.map(|handled| handled.rules.iter().map(RuleHit::from).collect()).unwrap_or_default(),
            forwarded: handled.and_then(|handled| handled.forwarded.as_deref()).map(Forwarded::from),
            auth: handled.map(|handled| handled.auth.iter().map(AuthStep::from).collect()).unwrap_or_default(),
            subject: handled.map(|handled| Subject::from(&handled.subject)),
            action: handled.map(|handled| handled.action.into()),
            dialect: annotation.and_then(|annotation| {
                let name = annotation.dialect.clone()?;
                Some(Dialect { name, confidence: annotation.confidence, reasons: annotation.reasons.clone() })
            }),
            marks: exchange.marks.as_deref().map(Marks::from).unwrap_or_default(),
            durable,
        }
    }
}

fn request(exchange: &Exchange, received: Option<&Received>, decoded: Option<&[u8]>) -> RequestView {
    let opened = &exchange.opened;
    let head = received.map(|received| &received.head[..]).unwrap_or_default();
    // Bytes that are not HTTP have no method; whatever looks like header fields in them is none.
    let parsed = if opened.method.is_empty() { wire::Head::default() } else { wire::Head::parse(head) };
    let readable = wire::readable_target(&opened.target);
    RequestView {
        method: opened.method.clone(),
        target: opened.target.clone(),
        target_decoded: (readable != opened.target).then_some(readable),
        version: parsed.start_line.rsplit_once(' ').map(|(_, version)| version.to_owned()),
        headers: parsed.fields,
        head: Blob::new(head),
        body: Blob::new(received.map(|received| &received.body[..]).unwrap_or_default()),
        decoded_body: decoded.map(Blob::new),
        dropped_bytes: received.map_or(0, |received| received.dropped_bytes),
    }
}

fn response(exchange: &Exchange) -> Option<ResponseView> {
    if let Some(closed) = exchange.closed.as_deref().filter(|closed| !closed.sent.head.is_empty()) {
        let parsed = wire::Head::parse(wire::last_block(&closed.sent.head));
        let mut words = parsed.start_line.splitn(3, ' ').skip(1);
        return Some(ResponseView {
            status: words.next().and_then(|status| status.parse().ok()),
            reason: words.next().map(str::to_owned),
            headers: parsed.fields,
            head: Blob::new(&closed.sent.head),
            body: Blob::new(&closed.sent.body),
            decoded_body: exchange
                .outcome()
                .filter(|handled| handled.forwarded.is_some() && handled.response.body != closed.sent.body)
                .map(|handled| Blob::new(&handled.response.body)),
        });
    }
    let decided = &exchange.outcome()?.response;
    Some(ResponseView {
        status: Some(decided.status),
        reason: None,
        headers: decided.headers.iter().map(|(name, value)| [name.clone(), value.clone()]).collect(),
        head: Blob::new(&[]),
        body: Blob::new(&decided.body),
        decoded_body: None,
    })
}

impl From<&exchange::Connection> for Connection {
    fn from(connection: &exchange::Connection) -> Self {
        Connection {
            id: connection.id.0,
            peer: connection.peer.to_string(),
            local: connection.local.to_string(),
            accepted_at: connection.accepted_at,
        }
    }
}

impl From<&exchange::Ending> for Ending {
    fn from(ending: &exchange::Ending) -> Self {
        let (kind, detail) = match ending {
            exchange::Ending::Complete => (EndingKind::Complete, None),
            exchange::Ending::Aborted(point) => (EndingKind::Aborted, Some(point.clone())),
            exchange::Ending::TimedOut(what) => (EndingKind::TimedOut, Some(what.clone())),
            exchange::Ending::Refused(why) => (EndingKind::Refused, Some(why.clone())),
        };
        Ending { kind, detail }
    }
}
