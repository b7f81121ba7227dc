//! From the record into what files have.

use bytes::Bytes;
use traffic::exchange::{Closed, Ending, Exchange, Received};
use traffic::handled::Handled;

use super::{Access, Change, Field, Recorded, Request, Response, Scim, Timing};

impl From<&Exchange> for Recorded {
    fn from(exchange: &Exchange) -> Self {
        let received = exchange.received();
        let request = request(exchange, received);
        let host = request.header("host").filter(|host| is_authority(host)).map(str::to_owned);
        let connection = &exchange.opened.connection;
        let closed = exchange.closed.as_deref();
        Recorded {
            seq: exchange.seq.0,
            at: exchange.opened.at,
            origin: format!("http://{}", host.unwrap_or_else(|| connection.local.to_string())),
            client: Some(connection.peer.ip()),
            server: Some(connection.local.ip()),
            response: response(exchange.outcome(), closed),
            timing: Timing {
                request_us: received.and_then(|received| received.body_read_us.or(received.head_read_us)),
                first_byte_us: closed.and_then(|closed| closed.sent.first_byte_us),
                last_byte_us: closed.and_then(|closed| closed.sent.last_byte_us),
            },
            problem: problem(closed),
            scim: Some(known(exchange)),
            request,
        }
    }
}

fn request(exchange: &Exchange, received: Option<&Received>) -> Request {
    let (method, target) = (exchange.opened.method.clone(), exchange.opened.target.clone());
    let Some(received) = received else { return Request { method, target, ..Request::default() } };
    if method.is_empty() {
        return Request { body: received.head.clone(), ..Request::default() };
    }
    let line = start_line(&received.head);
    let version = line.rsplit(' ').next().filter(|word| word.starts_with("HTTP/")).unwrap_or("HTTP/1.1").to_owned();
    // Of what is not chunked this is the same allocation.
    let body = if received.chunked { Bytes::from(received.content().into_owned()) } else { received.body.clone() };
    Request { method, target, version, headers: received.headers(), body }
}

fn response(handled: Option<&Handled>, closed: Option<&Closed>) -> Option<Response> {
    let head = closed.map(|closed| last_head(&closed.sent.head)).unwrap_or_default();
    let line = start_line(head);
    let mut words = line.splitn(3, ' ');
    let version = words.next().filter(|word| word.starts_with("HTTP/")).unwrap_or("HTTP/1.1").to_owned();
    let status = words.next().and_then(|word| word.parse().ok());
    let wire_reason = words.next().map(str::to_owned);
    let status = status.or(handled.map(|handled| handled.response.status))?;
    let headers: Vec<Field> = match (head.is_empty(), handled) {
        (true, Some(handled)) => handled.response.headers.clone(),
        _ => fields(head),
    };
    // What the provider decided is the response without the framing of the wire.
    let body = match (handled, closed) {
        (Some(handled), _) => handled.response.body.clone(),
        (None, Some(closed)) => closed.sent.body.clone(),
        (None, None) => Bytes::new(),
    };
    let reason = wire_reason.unwrap_or_else(|| super::reason(status).to_owned());
    Some(Response { status, reason, version, headers, body })
}

fn problem(closed: Option<&Closed>) -> Option<String> {
    match closed.map(|closed| &closed.ending) {
        None => Some("it was not over when this was written".to_owned()),
        Some(Ending::Complete) => None,
        Some(Ending::Aborted(why)) => Some(format!("aborted {why}")),
        Some(Ending::TimedOut(why)) => Some(format!("timed out: {why}")),
        Some(Ending::Refused(why)) => Some(format!("refused: {why}")),
    }
}

fn known(exchange: &Exchange) -> Scim {
    let handled = exchange.outcome();
    let annotation = exchange.annotation.as_deref();
    let marks = exchange.marks.as_deref();
    let last = handled.and_then(|handled| handled.auth.last());
    let changes = exchange.committed.iter().flat_map(|committed| &committed.changes);
    Scim {
        flow: exchange.flow().0,
        sentence: annotation.map(|annotation| annotation.sentence.clone()).unwrap_or_default(),
        dialect: annotation.and_then(|annotation| annotation.dialect.clone()),
        confidence: annotation.map_or(0, |annotation| annotation.confidence),
        tenant: handled.and_then(|handled| handled.tenant.clone()),
        access: last.map(|step| Access {
            checked: step.checked.clone(),
            found: step.found.clone(),
            passed: step.passed,
        }),
        findings: handled.map(|handled| handled.findings.clone()).unwrap_or_default(),
        changes: changes
            .map(|change| Change {
                resource_type: change.resource_type.clone(),
                id: change.resource_id.clone(),
                display: change.display.clone(),
                lines: change.lines.clone(),
            })
            .collect(),
        pinned: exchange.is_pinned(),
        note: marks.map(|marks| marks.note.clone()).unwrap_or_default(),
        tags: marks.map(|marks| marks.tags.clone()).unwrap_or_default(),
        script: None,
    }
}

fn start_line(head: &[u8]) -> String {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    String::from_utf8_lossy(line).trim_end_matches('\r').to_owned()
}

/// The last head of several: interim responses come before the final one (RFC 9110 section 15.2).
fn last_head(head: &[u8]) -> &[u8] {
    let body = head.strip_suffix(b"\r\n\r\n").unwrap_or(head);
    match body.windows(4).rposition(|window| window == b"\r\n\r\n") {
        Some(end) => &head[end + 4..],
        None => head,
    }
}

fn fields(head: &[u8]) -> Vec<Field> {
    let text = String::from_utf8_lossy(head);
    let lines = text.split('\n').skip(1).map(|line| line.trim_end_matches('\r')).take_while(|line| !line.is_empty());
    lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim_matches([' ', '\t']).to_owned()))
        .collect()
}

/// Whether a text can stand behind `http://` without changing what the URL means.
fn is_authority(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']'))
}
