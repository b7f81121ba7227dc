//! HTTP messages on the wire, taken apart for those who look at the record. The bytes themselves stay as they are.

use std::borrow::Cow;

use crate::exchange::{Received, Sent};

impl Received {
    /// Header fields in order, names as sent, values without the blanks around them. Bytes that are not UTF-8 are replaced.
    pub fn headers(&self) -> Vec<(String, String)> {
        headers(&self.head)
    }

    /// The first header field of that name (in any case).
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers().into_iter().find(|(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The body without its chunk framing, as far as it came.
    pub fn content(&self) -> Cow<'_, [u8]> {
        if self.chunked { Cow::Owned(without_chunks(&self.body)) } else { Cow::Borrowed(&self.body) }
    }
}

impl Sent {
    /// Header fields in order, as in [`Received::headers`]; those of interim responses come first.
    pub fn headers(&self) -> Vec<(String, String)> {
        headers(&self.head)
    }
}

/// The header fields of a message head; start lines and lines without a colon are passed over.
fn headers(head: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(head);
    let mut first = true;
    let mut fields = Vec::new();
    for line in text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)) {
        if std::mem::replace(&mut first, false) {
            continue;
        }
        if line.is_empty() {
            // The next line, if there is one, starts another message: the response after an interim one.
            first = true;
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push((name.to_owned(), value.trim_matches([' ', '\t']).to_owned()));
        }
    }
    fields
}

/// Takes away the framing of RFC 9112 section 7.1. Stops, with what it has, where the framing breaks or ends.
fn without_chunks(mut body: &[u8]) -> Vec<u8> {
    let mut content = Vec::with_capacity(body.len());
    while let Some(end) = body.iter().position(|byte| *byte == b'\n') {
        let line = String::from_utf8_lossy(&body[..end]);
        let size = line.trim_end_matches('\r').split(';').next().unwrap_or_default().trim();
        let Ok(size @ 1..) = usize::from_str_radix(size, 16) else { break };
        let rest = &body[end + 1..];
        content.extend_from_slice(&rest[..size.min(rest.len())]);
        let Some(after) = rest.get(size..) else { break };
        body = after.strip_prefix(b"\r\n").or_else(|| after.strip_prefix(b"\n")).unwrap_or(after);
    }
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(head: &'static str, body: &'static str, chunked: bool) -> Received {
        Received { head: head.into(), body: body.into(), chunked, ..Received::default() }
    }

    #[test]
    fn header_names_stay_as_sent_and_repeated_ones_stay_apart() {
        let request = received("GET / HTTP/1.1\r\nX-fOo:   a\r\nx-foo:b\r\n\r\n", "", false);
        assert_eq!(request.headers(), [("X-fOo".into(), "a".into()), ("x-foo".into(), "b".into())]);
        assert_eq!(request.header("X-FOO").as_deref(), Some("a"));
    }

    #[test]
    fn the_start_line_after_an_interim_response_is_no_header() {
        let head = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nA: 1\r\n\r\n";
        let sent = Sent { head: head.into(), ..Sent::default() };
        assert_eq!(sent.headers(), [("A".into(), "1".into())]);
    }

    #[test]
    fn chunks_are_joined_and_extensions_and_trailers_left_out() {
        let request = received("", "4;x=1\r\nWiki\r\n5\r\npedia\r\n0\r\nT: 1\r\n\r\n", true);
        assert_eq!(request.content().as_ref(), b"Wikipedia");
    }

    #[test]
    fn a_chunk_cut_short_and_broken_framing_give_what_came() {
        assert_eq!(received("", "9\r\nWiki", true).content().as_ref(), b"Wiki");
        assert_eq!(received("", "4\r\nWiki\r\nzz\r\nx", true).content().as_ref(), b"Wiki");
        assert_eq!(received("", "ffffffffffffffff\r\nWi", true).content().as_ref(), b"Wi");
        assert_eq!(received("", "5\r\nplain", false).content().as_ref(), b"5\r\nplain");
    }
}
