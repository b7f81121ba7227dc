//! The cut of whole streams, split in every way.

use proptest::prelude::*;

use super::request::{Cut, RequestFramer};
use super::response::{Cut as Sent, ResponseFramer};
use crate::fault::Fault;

const HEAD_LIMIT: usize = 600;
const BODY_LIMIT: usize = 100;

/// What became of a stream of requests.
#[derive(Debug, Default, PartialEq, Eq)]
struct Stream {
    requests: Vec<Request>,
    fault: Option<Fault>,
    /// The bytes of a head that was not completed.
    partial: Vec<u8>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Request {
    line: String,
    head: Vec<u8>,
    fields: Vec<(String, String)>,
    body: Vec<u8>,
    complete: bool,
}

fn cut_requests<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Stream {
    let mut framer = RequestFramer::new(HEAD_LIMIT, BODY_LIMIT);
    let mut stream = Stream::default();
    let mut announced = None;
    for mut piece in pieces {
        while let Some(cut) = framer.next(&mut piece) {
            match cut {
                Cut::Growing(None) => {}
                Cut::Growing(Some((method, target))) => announced = Some(format!("{method} {target}")),
                Cut::Head(head) => {
                    let line = format!("{} {}", head.method, head.target);
                    assert_eq!(&head.raw[head.target_at], head.target.as_bytes());
                    assert!(announced.take().is_none_or(|announced| announced == line));
                    let request = Request { line, head: head.raw.to_vec(), fields: head.fields, ..Request::default() };
                    stream.requests.push(request);
                }
                Cut::Body(bytes) => stream.requests.last_mut().unwrap().body.extend_from_slice(bytes),
                Cut::End => stream.requests.last_mut().unwrap().complete = true,
                Cut::Fault(fault, _) => stream.fault = Some(fault),
            }
        }
    }
    stream.fault = stream.fault.or_else(|| framer.wrong());
    if stream.fault.is_none() {
        stream.partial = framer.partial().to_vec();
    }
    stream
}

fn whole(bytes: &[u8]) -> Stream {
    cut_requests([bytes])
}

fn refusal(bytes: &[u8]) -> String {
    whole(bytes).fault.unwrap_or_else(|| panic!("not refused: {}", String::from_utf8_lossy(bytes))).to_string()
}

#[test]
fn requests_are_cut_where_they_end() {
    for (request, body) in [
        (&b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"[..], &b""[..]),
        (b"\r\n\r\nGET / HTTP/1.0\r\n\r\n", b""),
        (b"GET /Users?filter=userName+eq+\"a\" HTTP/1.1\nHost: a\n\n", b""),
        (b"POST / HTTP/1.1\r\nX-fOo:   a\r\nx-foo: b\r\nContent-Length: 5\r\n\r\nab\r\nc", b"ab\r\nc"),
        (b"POST / HTTP/1.1\r\ncontent-length: 2\r\nContent-Length: 2\r\n\r\n{}", b"{}"),
        (
            b"POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n2;x=y\r\n{}\r\n0\r\nA: b\r\n\r\n",
            b"2;x=y\r\n{}\r\n0\r\nA: b\r\n\r\n",
        ),
    ] {
        let twice = [request, request].concat();
        let stream = whole(&twice);
        assert_eq!(stream.requests.len(), 2, "{}", String::from_utf8_lossy(request));
        assert_eq!((stream.fault, stream.partial), (None, Vec::new()));
        for cut in stream.requests {
            assert!(cut.complete);
            assert_eq!([&cut.head[..], &cut.body].concat(), request);
            assert_eq!(cut.body, body);
        }
    }
}

#[test]
fn names_order_and_repetitions_of_fields_are_kept() {
    let stream = whole(b"GET / HTTP/1.1\r\nX-fOo:   a\r\nHost: h\r\nx-foo: b\t\r\nEmpty:\r\nLatin: \xe9\r\n\r\n");
    let fields: Vec<_> =
        stream.requests[0].fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(fields, [("X-fOo", "a"), ("Host", "h"), ("x-foo", "b"), ("Empty", ""), ("Latin", "\u{e9}")]);
}

#[test]
fn what_is_no_request_is_refused_with_a_reason() {
    for (bytes, reason) in [
        (&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], "TLS"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/2"),
        (b"GET /Users?filter=userName eq 1 HTTP/1.1\r\n", "space"),
        (b"GET / HTTP/3.0\r\n", "HTTP/1.1"),
        (b"hello\r\n", "request line"),
        (b"\x00\x00", "request line"),
        (b"GET / HTTP/1.1\r\nNo colon\r\n", "header field"),
        (b"GET / HTTP/1.1\r\nA: b\r\n folded\r\n", "header field"),
        (b"GET / HTTP/1.1\r\nContent-Length: 5, 5\r\n\r\n", "Content-Length"),
        (b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "Content-Length"),
        (b"GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", "Content-Length"),
        (b"GET / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", "contradict"),
        (b"GET / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "exclude"),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "not supported"),
        (b"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.0"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "chunk"),
    ] {
        let refusal = refusal(bytes);
        assert!(refusal.contains(reason), "{} gives: {refusal}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn limits_are_exact() {
    let head = |bytes: usize| {
        let frame = "GET / HTTP/1.1\r\nA: \r\n\r\n";
        frame.replace("A: ", &format!("A: {}", "x".repeat(bytes - frame.len()))).into_bytes()
    };
    assert!(whole(&head(HEAD_LIMIT)).requests[0].complete);
    let too_large = Some(Fault::HeadTooLarge { limit_bytes: HEAD_LIMIT });
    assert_eq!(whole(&head(HEAD_LIMIT + 1)).fault, too_large);
    assert_eq!(whole(&head(HEAD_LIMIT + 1)[..HEAD_LIMIT]).fault, too_large, "as soon as it cannot fit");

    let fields = |count: usize| format!("GET / HTTP/1.1\r\n{}\r\n", "A:\r\n".repeat(count)).into_bytes();
    assert!(whole(&fields(100)).requests[0].complete);
    assert_eq!(whole(&fields(101)).fault, Some(Fault::TooManyFields { limit: 100 }));

    let body = |bytes: usize| {
        [format!("POST / HTTP/1.1\r\nContent-Length: {bytes}\r\n\r\n").into_bytes(), vec![b'x'; bytes]].concat()
    };
    assert!(whole(&body(BODY_LIMIT)).requests[0].complete);
    let stream = whole(&body(BODY_LIMIT + 1));
    assert_eq!(stream.fault, Some(Fault::BodyTooLarge { limit_bytes: BODY_LIMIT }));
}

#[test]
fn a_head_that_comes_byte_by_byte_is_announced_with_its_request_line() {
    let mut framer = RequestFramer::new(HEAD_LIMIT, BODY_LIMIT);
    let mut lines = Vec::new();
    for byte in b"PUT /x HTTP/1.1\r\nHost: a\r\n" {
        let mut piece = std::slice::from_ref(byte);
        while let Some(cut) = framer.next(&mut piece) {
            if let Cut::Growing(Some(line)) = cut {
                lines.push(line);
            }
        }
    }
    assert_eq!(lines, [("PUT".to_owned(), "/x".to_owned())]);
    assert!(!framer.is_between_requests());
}

/// What became of a stream of responses: head, body, whether it is complete.
fn cut_responses<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, to_head: bool) -> Vec<(Vec<u8>, Vec<u8>, bool)> {
    let mut framer = ResponseFramer::default();
    let mut responses = vec![(Vec::new(), Vec::new(), false)];
    for mut piece in pieces {
        while let Some(cut) = framer.next(&mut piece, to_head) {
            if responses.last().unwrap().2 {
                responses.push((Vec::new(), Vec::new(), false));
            }
            let last = responses.last_mut().unwrap();
            match cut {
                Sent::Head(bytes) => last.0.extend_from_slice(bytes),
                Sent::Body(bytes) => last.1.extend_from_slice(bytes),
                Sent::End => last.2 = true,
            }
        }
        assert!(piece.is_empty(), "every byte belongs to a response");
    }
    responses
}

#[test]
fn responses_are_cut_by_the_rules_for_their_status() {
    for (head, body, to_head) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", "abc", false),
        ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", "", true),
        ("HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n", "", false),
        ("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", "", false),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n", "{}", false),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "1\r\na\r\n0\r\n\r\n", false),
    ] {
        let stream = format!("{head}{body}{head}{body}");
        let expected = (head.as_bytes().to_vec(), body.as_bytes().to_vec(), true);
        assert_eq!(cut_responses([stream.as_bytes()], to_head), [expected.clone(), expected], "{head}");
    }
    let endless = "HTTP/1.1 200 OK\r\n\r\n";
    assert_eq!(cut_responses([endless.as_bytes(), b"abc"], false), [(endless.into(), b"abc".into(), false)]);
}

fn request() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        "(\r\n)?GET /[a-z\"?=]{0,20} HTTP/1[.][01]\r\n(X-[a-zA-Z]{1,5}: {0,3}[a-z]{0,9}\r\n){0,5}\r\n",
        "[a-z]{0,90}".prop_map(|body| format!("POST /x HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}", body.len())),
        "([1-9];a=b\r\n)?".prop_map(|line| format!("POST /x HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n{line}")),
        proptest::collection::vec("[a-z\r\n]{1,15}", 0..5).prop_map(|chunks| {
            let chunks: String = chunks.iter().map(|chunk| format!("{:x}\r\n{chunk}\r\n", chunk.len())).collect();
            format!("PUT /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n")
        }),
    ]
    .prop_map(String::into_bytes)
}

fn stream() -> impl Strategy<Value = Vec<u8>> {
    let junk = prop_oneof![
        4 => Just(Vec::new()),
        1 => proptest::collection::vec(any::<u8>(), 1..40),
        1 => "[a-zA-Z /:.\r\n]{1,60}".prop_map(String::into_bytes),
    ];
    let requests = proptest::collection::vec(request(), 0..5).prop_map(|requests| requests.concat());
    (requests, junk, any::<prop::sample::Index>()).prop_map(|(mut bytes, junk, at)| {
        // Broken at the end, or anywhere.
        let at = if at.index(2) == 0 { bytes.len() } else { at.index(bytes.len() + 1) };
        bytes.splice(at..at, junk);
        bytes
    })
}

fn split<'a>(bytes: &'a [u8], cuts: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    cuts.extend([0, bytes.len()]);
    cuts.sort_unstable();
    cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).filter(|piece| !piece.is_empty()).collect()
}

proptest! {
    #[test]
    fn requests_are_cut_the_same_however_they_are_split(
        bytes in stream(),
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let expected = whole(&bytes);
        prop_assert_eq!(cut_requests(split(&bytes, &cuts)), whole(&bytes));
        prop_assert_eq!(cut_requests(bytes.chunks(1)), expected);
    }

    #[test]
    fn responses_are_cut_the_same_however_they_are_split(
        bodies in proptest::collection::vec("[a-z\r\n]{0,30}", 0..4),
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..12),
        to_head in any::<bool>(),
    ) {
        let bytes: Vec<u8> = bodies.iter().flat_map(|body| {
            let sent = if to_head { "" } else { body.as_str() };
            format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{sent}", body.len()).into_bytes()
        }).collect();
        let expected = cut_responses([&bytes[..]], to_head);
        prop_assert_eq!(cut_responses(split(&bytes, &cuts), to_head), expected);
    }

    #[test]
    fn no_bytes_make_a_framer_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        whole(&bytes);
        let mut framer = ResponseFramer::default();
        let mut piece = &bytes[..];
        while framer.next(&mut piece, false).is_some() {}
    }
}
