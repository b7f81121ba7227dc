//! Reading recorded bytes for display; never refuses, and never changes what is recorded.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// A message head, taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    /// The request line or status line.
    pub start_line: String,
    /// Name and value of each header field; blanks around the value are left out.
    pub fields: Vec<[String; 2]>,
}

impl Head {
    /// Takes a head apart as far as it goes; a line without a colon is a field without a name.
    pub fn parse(head: &[u8]) -> Head {
        let mut lines = head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        let start_line = lines.next().map(text).unwrap_or_default();
        let fields =
            lines.take_while(|line| !line.is_empty()).map(|line| match line.iter().position(|byte| *byte == b':') {
                Some(colon) => [text(&line[..colon]), text(line[colon + 1..].trim_ascii())],
                None => [String::new(), text(line)],
            });
        Head { start_line, fields: fields.collect() }
    }
}

/// The last head of several: interim responses (RFC 9110 section 15.2) come before the final one.
pub(crate) fn last_block(head: &[u8]) -> &[u8] {
    let body = head.strip_suffix(b"\r\n\r\n").unwrap_or(head);
    match body.windows(4).rposition(|window| window == b"\r\n\r\n") {
        Some(end) => &head[end + 4..],
        None => head,
    }
}

/// The content of a chunked body (RFC 9112 section 7.1), as far as it is well formed.
pub(crate) fn dechunk(mut body: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    while let Some(end) = body.iter().position(|byte| *byte == b'\n') {
        let size = body[..end].split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        let size = std::str::from_utf8(size).ok().and_then(|size| usize::from_str_radix(size, 16).ok());
        let Some(size) = size.filter(|size| *size > 0) else { break };
        let rest = &body[end + 1..];
        let chunk = &rest[..size.min(rest.len())];
        content.extend_from_slice(chunk);
        body = &rest[chunk.len()..];
        body = body.strip_prefix(b"\r\n").or_else(|| body.strip_prefix(b"\n")).unwrap_or(body);
    }
    content
}

/// A request target for people: percent-decoded, and `+` in the query as a blank, as form encoding means it.
pub(crate) fn readable_target(target: &str) -> String {
    let decode = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
    match target.split_once('?') {
        Some((path, query)) => format!("{}?{}", decode(path), decode(&query.replace('+', " "))),
        None => decode(target),
    }
}

fn text(bytes: &[u8]) -> String {
    match String::from_utf8_lossy(bytes) {
        Cow::Borrowed(text) => text.to_owned(),
        // Not UTF-8: the old meaning of header bytes is Latin-1 (RFC 9110 section 5.5).
        Cow::Owned(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_case_order_and_repetition() {
        let head = Head::parse(b"GET / HTTP/1.1\r\nX-fOo:   a\r\nb: 1\r\nB: 2\r\nlatin: \xe9\r\n\r\n");
        assert_eq!(head.start_line, "GET / HTTP/1.1");
        let fields: Vec<_> = head.fields.iter().map(|[name, value]| (name.as_str(), value.as_str())).collect();
        assert_eq!(fields, [("X-fOo", "a"), ("b", "1"), ("B", "2"), ("latin", "é")]);
    }

    #[test]
    fn the_final_response_is_found_after_interim_ones() {
        let head = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nA: b\r\n\r\n";
        assert_eq!(last_block(head), b"HTTP/1.1 201 Created\r\nA: b\r\n\r\n");
        assert_eq!(last_block(b"HTTP/1.1 204 No Content\r\n\r\n"), b"HTTP/1.1 204 No Content\r\n\r\n");
    }

    #[test]
    fn chunks_are_joined_as_far_as_they_are_well_formed() {
        assert_eq!(dechunk(b"4;x=y\r\nWiki\r\n5\r\npedia\r\n0\r\n\r\n"), b"Wikipedia");
        assert_eq!(dechunk(b"A\r\nshort"), b"short");
        assert_eq!(dechunk(b"zz\r\nno"), b"");
        assert_eq!(dechunk(b"ffffffffffffffffffff\r\nno"), b"");
    }

    #[test]
    fn a_target_is_readable() {
        assert_eq!(
            readable_target("/scim/v2/Users?filter=userName+eq+%22a%40b%22"),
            "/scim/v2/Users?filter=userName eq \"a@b\""
        );
        assert_eq!(readable_target("/a+b%20c"), "/a+b c");
    }
}
