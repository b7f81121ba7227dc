//! Cutting what a client sends into requests.

use std::mem::MaybeUninit;
use std::ops::Range;

use bytes::{Bytes, BytesMut};

use super::chunked::Chunked;
use super::{BodyLength, MAX_FIELDS, content_length};
use crate::fault::Fault;

/// The head of a request: request line and header fields (RFC 9112 sections 3 and 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// All its bytes, empty lines before it included, up to and including the empty line.
    pub raw: Bytes,
    /// The method as sent.
    pub method: String,
    /// The request target as sent.
    pub target: String,
    /// Where in `raw` the target is.
    pub target_at: Range<usize>,
    /// The header fields in order, names as sent. Bytes that are not UTF-8 are taken as ISO 8859-1.
    pub fields: Vec<(String, String)>,
    /// How long the body is.
    pub body: BodyLength,
}

/// Method and target of a request line.
pub type Line = (String, String);

/// The next thing that a stream of requests consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cut<'a> {
    /// A head has begun or grown, and is not complete. The first time that its request line is complete: method and
    /// target.
    Growing(Option<Line>),
    /// A head is complete.
    Head(Box<Head>),
    /// Bytes of the body as they came, chunk framing included.
    Body(&'a [u8]),
    /// The request is complete.
    End,
    /// The bytes from here on cannot be cut. Nothing comes after this. With method and target if the fault is in a head
    /// whose request line is complete.
    Fault(Fault, Option<Line>),
}

/// Cuts a stream of bytes into requests.
#[derive(Debug)]
pub struct RequestFramer {
    limit: Limit,
    at: At,
    /// The bytes of a head that is not complete.
    partial: BytesMut,
    /// How long `partial` was when it was last parsed.
    parsed: usize,
    line_told: bool,
    /// How many bytes of a chunked body have come.
    body_bytes: usize,
}

#[derive(Clone, Copy, Debug)]
struct Limit {
    head_bytes: usize,
    body_bytes: usize,
}

#[derive(Debug)]
enum At {
    Head,
    Exact(u64),
    Chunked(Chunked),
    Fault,
}

enum Parsed {
    Complete(Box<Head>),
    Partial(Option<Line>),
    Wrong(Fault, Option<Line>),
}

impl RequestFramer {
    /// A framer at the beginning of a connection. Both limits are for the bytes as they come.
    pub fn new(head_limit_bytes: usize, body_limit_bytes: usize) -> RequestFramer {
        RequestFramer {
            limit: Limit { head_bytes: head_limit_bytes, body_bytes: body_limit_bytes },
            at: At::Head,
            partial: BytesMut::new(),
            parsed: 0,
            line_told: false,
            body_bytes: 0,
        }
    }

    /// The next cut, taking its bytes off the front of the input. Call until there is none, then with more input.
    pub fn next<'a>(&mut self, input: &mut &'a [u8]) -> Option<Cut<'a>> {
        match &mut self.at {
            At::Fault => None,
            At::Head => self.head(input),
            At::Exact(0) => Some(self.end()),
            // Known before a byte of it has come, so that a client that waits to be asked for the body is not asked.
            At::Exact(left) if *left > self.limit.body_bytes as u64 => Some(self.body_too_large()),
            At::Exact(left) => {
                let here = (*left).min(input.len() as u64) as usize;
                *left -= here as u64;
                (here > 0).then(|| Cut::Body(split_to(input, here)))
            }
            At::Chunked(chunked) if chunked.ended() => Some(self.end()),
            At::Chunked(chunked) => {
                if input.is_empty() {
                    return None;
                }
                let room = self.limit.body_bytes - self.body_bytes;
                if room == 0 {
                    return Some(self.body_too_large());
                }
                let (taken, result) = chunked.take(&input[..input.len().min(room)]);
                self.body_bytes += taken;
                match result {
                    _ if taken > 0 => Some(Cut::Body(split_to(input, taken))),
                    Err(wrong) => {
                        Some(self.fault(Fault::NotHttp(format!("the chunked body is malformed: {wrong}")), None))
                    }
                    Ok(()) => None,
                }
            }
        }
    }

    /// The bytes of a head that is not complete.
    pub fn partial(&self) -> &[u8] {
        &self.partial
    }

    /// Takes out the bytes of a head that will not be completed.
    pub fn take_partial(&mut self) -> BytesMut {
        std::mem::take(&mut self.partial)
    }

    /// Whether the bytes so far end between two requests; line ends after a request count as nothing.
    pub fn is_between_requests(&self) -> bool {
        matches!(self.at, At::Head) && self.partial.iter().all(|byte| matches!(byte, b'\r' | b'\n'))
    }

    /// Whether the bytes so far end in a body.
    pub fn is_in_body(&self) -> bool {
        matches!(self.at, At::Exact(_) | At::Chunked(_))
    }

    /// Looks once more at a head that will not be completed: what is wrong with it, beside that it is not complete?
    pub fn wrong(&self) -> Option<Fault> {
        match parse(&self.partial, self.limit) {
            Parsed::Wrong(fault, _) if matches!(self.at, At::Head) => Some(fault),
            _ => None,
        }
    }

    fn head<'a>(&mut self, input: &mut &'a [u8]) -> Option<Cut<'a>> {
        if input.is_empty() {
            return None;
        }
        let before = self.partial.len();
        let parsed = if before == 0 {
            parse(input, self.limit)
        } else {
            self.partial.extend_from_slice(input);
            let grown = self.partial.len();
            // A head that comes byte by byte must not be parsed for every byte: only when a line may have ended, or
            // when it grew by an eighth.
            if grown > self.parsed + self.parsed / 8 || input.contains(&b'\n') || grown >= self.limit.head_bytes {
                self.parsed = grown;
                parse(&self.partial, self.limit)
            } else {
                Parsed::Partial(None)
            }
        };
        match parsed {
            Parsed::Complete(head) => {
                split_to(input, head.raw.len() - before);
                self.partial.clear();
                (self.parsed, self.line_told) = (0, false);
                self.at = match head.body {
                    BodyLength::Chunked => At::Chunked(Chunked::default()),
                    BodyLength::Exact(length) => At::Exact(length),
                    BodyLength::UntilClose => At::Exact(0),
                };
                Some(Cut::Head(head))
            }
            Parsed::Partial(line) => {
                if before == 0 {
                    self.partial.extend_from_slice(input);
                    self.parsed = input.len();
                }
                *input = &[];
                let line = line.filter(|_| !self.line_told);
                self.line_told |= line.is_some();
                Some(Cut::Growing(line))
            }
            Parsed::Wrong(fault, line) => {
                if before > 0 {
                    *input = &[];
                }
                Some(self.fault(fault, line))
            }
        }
    }

    fn end<'a>(&mut self) -> Cut<'a> {
        self.at = At::Head;
        self.body_bytes = 0;
        Cut::End
    }

    fn body_too_large<'a>(&mut self) -> Cut<'a> {
        self.fault(Fault::BodyTooLarge { limit_bytes: self.limit.body_bytes }, None)
    }

    fn fault<'a>(&mut self, fault: Fault, line: Option<Line>) -> Cut<'a> {
        self.at = At::Fault;
        Cut::Fault(fault, line)
    }
}

fn split_to<'a>(input: &mut &'a [u8], at: usize) -> &'a [u8] {
    let (taken, rest) = input.split_at(at);
    *input = rest;
    taken
}

fn parse(bytes: &[u8], limit: Limit) -> Parsed {
    // A head that is longer than the limit is refused wherever the reads happened to end.
    let seen = &bytes[..bytes.len().min(limit.head_bytes)];
    let mut fields = [const { MaybeUninit::uninit() }; MAX_FIELDS];
    let mut request = httparse::Request::new(&mut []);
    let result = request.parse_with_uninit_headers(seen, &mut fields);
    match result {
        Ok(httparse::Status::Complete(length)) => complete(&seen[..length], &request),
        Ok(httparse::Status::Partial) if bytes.len() >= limit.head_bytes => {
            Parsed::Wrong(Fault::HeadTooLarge { limit_bytes: limit.head_bytes }, line(&request))
        }
        Ok(httparse::Status::Partial) => Parsed::Partial(line(&request)),
        Err(httparse::Error::TooManyHeaders) => {
            Parsed::Wrong(Fault::TooManyFields { limit: MAX_FIELDS }, line(&request))
        }
        Err(error) => Parsed::Wrong(Fault::NotHttp(explain(seen, &request, error)), line(&request)),
    }
}

fn line(request: &httparse::Request<'_, '_>) -> Option<Line> {
    request.version?;
    Some((request.method?.to_owned(), request.path?.to_owned()))
}

fn complete(raw: &[u8], request: &httparse::Request<'_, '_>) -> Parsed {
    let method = request.method.unwrap_or_default();
    let target = request.path.unwrap_or_default();
    let target_at = target.as_ptr() as usize - raw.as_ptr() as usize;
    let body = match body_length(request) {
        Ok(body) => body,
        Err(fault) => return Parsed::Wrong(fault, line(request)),
    };
    Parsed::Complete(Box::new(Head {
        raw: Bytes::copy_from_slice(raw),
        method: method.to_owned(),
        target: target.to_owned(),
        target_at: target_at..target_at + target.len(),
        fields: request.headers.iter().map(|field| (field.name.to_owned(), text(field.value))).collect(),
        body,
    }))
}

/// RFC 9112 section 6.3, for requests. What two readers could understand differently is refused.
fn body_length(request: &httparse::Request<'_, '_>) -> Result<BodyLength, Fault> {
    let wrong = |why: String| Err(Fault::NotHttp(why));
    let mut length: Option<u64> = None;
    let mut chunked = false;
    for field in request.headers.iter() {
        if field.name.eq_ignore_ascii_case("content-length") {
            let Some(this) = content_length(field.value) else {
                return wrong(format!("Content-Length \"{}\" is not a number of bytes", text(field.value)));
            };
            if let Some(other) = length.filter(|other| *other != this) {
                return wrong(format!("two Content-Length fields contradict each other: {other} and {this}"));
            }
            length = Some(this);
        } else if field.name.eq_ignore_ascii_case("transfer-encoding") {
            if request.version == Some(0) {
                return wrong("HTTP/1.0 has no Transfer-Encoding".to_owned());
            }
            if chunked || !field.value.eq_ignore_ascii_case(b"chunked") {
                let coding = text(field.value);
                return Err(Fault::Unsupported(format!("Transfer-Encoding \"{coding}\" other than one \"chunked\"")));
            }
            chunked = true;
        }
    }
    match (chunked, length) {
        (true, Some(_)) => wrong("Content-Length and Transfer-Encoding exclude each other".to_owned()),
        (true, None) => Ok(BodyLength::Chunked),
        (false, length) => Ok(BodyLength::Exact(length.unwrap_or(0))),
    }
}

fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// Says what is wrong, with a guess at what the client meant.
fn explain(bytes: &[u8], request: &httparse::Request<'_, '_>, error: httparse::Error) -> String {
    if bytes.starts_with(&[0x16, 0x03]) {
        return "this is the beginning of a TLS handshake, but the server speaks plain HTTP here: use http://, not https://"
            .to_owned();
    }
    if bytes.starts_with(b"PRI * HTTP/2") {
        return "HTTP/2 is not spoken here: use HTTP/1.1".to_owned();
    }
    let first_line =
        bytes.split(|byte| matches!(byte, b'\r' | b'\n')).find(|line| !line.is_empty()).unwrap_or_default();
    if error == httparse::Error::Version && request.path.is_some() {
        if first_line.ends_with(b" HTTP/1.1") || first_line.ends_with(b" HTTP/1.0") {
            return "the request target contains a space, which must be sent as %20".to_owned();
        }
        return "the request line does not end with HTTP/1.1 or HTTP/1.0".to_owned();
    }
    if request.version.is_none() {
        return format!("the request line is not METHOD TARGET HTTP/1.1 ({error})");
    }
    format!("a header field is malformed ({error})")
}
