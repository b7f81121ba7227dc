//! An exchange as files have it: parsed, complete in itself, without what only the program that recorded it can use.

use core::net::IpAddr;

use bytes::Bytes;
use jiff::Timestamp;
use scim::diff::Line;
use scim::finding::Finding;
use scim::json::Json;

mod from_exchange;
mod head;

pub use head::{head_of_request, head_of_response, reason};

/// A header field: name and value, both as sent.
pub type Field = (String, String);

/// One request and its response.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// Its number in the record that it comes from, or its place in a file, from 1.
    pub seq: u64,
    /// When its first byte was read.
    pub at: Timestamp,
    /// Scheme and authority under which the client reached the server: `http://127.0.0.1:8787`.
    pub origin: String,
    /// The client's address.
    pub client: Option<IpAddr>,
    /// The server's address.
    pub server: Option<IpAddr>,
    /// The request.
    pub request: Request,
    /// The response, if there was one.
    pub response: Option<Response>,
    /// How long it took.
    pub timing: Timing,
    /// How it ended, in words, if not with a whole response.
    pub problem: Option<String>,
    /// What Scimscope knows of it. Absent in what other programs recorded.
    pub scim: Option<Scim>,
}

/// A request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// The method as sent; empty if the bytes were not HTTP.
    pub method: String,
    /// The request target as sent: path and query, percent-encoded.
    pub target: String,
    /// The protocol: "HTTP/1.1".
    pub version: String,
    /// Header fields in order.
    pub headers: Vec<Field>,
    /// The body without transfer coding. Of bytes that were not HTTP: all of them.
    pub body: Bytes,
}

/// A response.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Response {
    /// HTTP status code.
    pub status: u16,
    /// What stands behind it: "Created".
    pub reason: String,
    /// The protocol: "HTTP/1.1".
    pub version: String,
    /// Header fields in order.
    pub headers: Vec<Field>,
    /// The body without transfer coding.
    pub body: Bytes,
}

/// Times from the first byte of the request on, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// To the last byte of the request.
    pub request_us: Option<u64>,
    /// To the first byte of the response.
    pub first_byte_us: Option<u64>,
    /// To the last byte of the response.
    pub last_byte_us: Option<u64>,
}

/// What Scimscope knows of an exchange.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scim {
    /// The number of its flow: that of the exchange by which the flow began.
    pub flow: u64,
    /// What happened, in a sentence.
    pub sentence: String,
    /// The dialect recognised: "entra".
    pub dialect: Option<String>,
    /// How sure, from 0 to 100.
    pub confidence: u8,
    /// The tenant, by its id.
    pub tenant: Option<String>,
    /// Whether and how the request was let in: what was looked at last, and what was found.
    pub access: Option<Access>,
    /// What was tolerated, refused or noticed.
    pub findings: Vec<Finding>,
    /// What changed.
    pub changes: Vec<Change>,
    /// Whether it is kept whatever is pruned.
    pub pinned: bool,
    /// What somebody noted.
    pub note: String,
    /// Tags put on it.
    pub tags: Vec<String>,
    /// What a flow file says of it beside the request: an object with `kind`, `expect`, `capture` and the like, as they stand there.
    pub script: Option<Json>,
}

/// The decision about access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// What was looked at: "bearer token".
    pub checked: String,
    /// What was found, with secrets masked.
    pub found: String,
    /// Whether the request was let in.
    pub passed: bool,
}

/// What became of one resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Name of the resource type: "User".
    pub resource_type: String,
    /// The resource's `id`.
    pub id: String,
    /// What people call it.
    pub display: String,
    /// What differs.
    pub lines: Vec<Line>,
}

impl Recorded {
    /// Whether the bytes that came were HTTP.
    pub fn is_http(&self) -> bool {
        !self.request.method.is_empty()
    }

    /// The whole URL as it was asked for; characters that no URL may have are percent-encoded.
    pub fn url(&self) -> String {
        let target = &self.request.target;
        // An absolute target is the URL itself (RFC 9112 section 3.2.2).
        if target.contains("://") && !target.starts_with('/') {
            return encoded(target);
        }
        let slash = if target.starts_with('/') { "" } else { "/" };
        format!("{}{slash}{}", self.origin, encoded(target))
    }

    /// The path, as sent.
    pub fn path(&self) -> &str {
        self.request.target.split(['?', '#']).next().unwrap_or_default()
    }

    /// The query without its question mark, as sent.
    pub fn query(&self) -> &str {
        self.request.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// The parameters of the query, names and values decoded.
    pub fn parameters(&self) -> Vec<Field> {
        parameters(self.query())
    }

    /// The number of its flow; its own if that is not known.
    pub fn flow(&self) -> u64 {
        self.scim.as_ref().map_or(self.seq, |scim| scim.flow)
    }
}

impl Request {
    /// The first header field of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

impl Response {
    /// The first header field of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

fn header<'a>(fields: &'a [Field], name: &str) -> Option<&'a str> {
    fields.iter().find(|(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// The parameters of a query or of a form, decoded; `+` is a blank there.
pub fn parameters(query: &str) -> Vec<Field> {
    let decode = |part: &str| {
        let spaced = part.replace('+', " ");
        percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
    };
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// Endpoints that every SCIM service provider may have (RFC 7644 section 3.2).
const ENDPOINTS: [&str; 9] = [
    "Users",
    "Groups",
    "ServiceProviderConfig",
    "ServiceProviderConfigs",
    "ResourceTypes",
    "Schemas",
    "Bulk",
    "Me",
    ".search",
];

/// The base path of a target and what is behind it, by the first segment that is an endpoint of SCIM or one of `more`. None if
/// there is none.
pub fn split_base<'a>(target: &'a str, more: &[&str]) -> Option<(&'a str, &'a str)> {
    let path = target.split('?').next().unwrap_or_default();
    let mut start = 0;
    for segment in path.split('/') {
        if start > 0 && (ENDPOINTS.contains(&segment) || more.contains(&segment)) {
            return Some(target.split_at(start - 1));
        }
        start += segment.len() + 1;
    }
    None
}

/// Percent-encodes what RFC 3986 allows nowhere in a URL, and leaves everything else as it is.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, byte) in text.bytes().enumerate() {
        let is_escape =
            |at: usize| text.as_bytes().get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit));
        let fits = match byte {
            b'%' => is_escape(at),
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | b'[' | b']' | b'#' => false,
            other => other.is_ascii_graphic(),
        };
        if fits { out.push(char::from(byte)) } else { out.push_str(&format!("%{byte:02X}")) }
    }
    out
}
