//! Bad input over a socket: a SCIM error within bounded time and memory, a place in the record, and nothing changed.

use std::time::{Duration, Instant};

use app::running::App;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use traffic::exchange::Exchange;
use traffic::ids::{Pos, Seq};

use crate::raw::exchange;
use crate::running::{TOKEN, address, app};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// Stands in the cases for the id of the one user that there is.
const ADA: &str = "the-id-of-ada";
/// Far more than any of these takes, and far less than what would be a hang.
const SOON: Duration = Duration::from_secs(20);
const MEGABYTE: usize = 1024 * 1024;

/// A request with the token, its true length, and the end of the connection.
fn request(method: &str, target: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "{method} {target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\
         Content-Type: application/scim+json\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn post(body: impl AsRef<[u8]>) -> Vec<u8> {
    request("POST", "/scim/v2/Users", "", body.as_ref())
}

fn get(query: &str) -> Vec<u8> {
    request("GET", &format!("/scim/v2/Users?{query}"), "", b"")
}

/// A user's body whose members after `schemas` are these.
fn user(members: &str) -> Vec<u8> {
    post(format!(r#"{{"schemas":["{USER}"],{members}}}"#))
}

/// A PATCH of the one user that there is.
fn patch(operation: &str) -> Vec<u8> {
    let body = format!(r#"{{"schemas":["{PATCH}"],"Operations":[{operation}]}}"#);
    request("PATCH", &format!("/scim/v2/Users/{ADA}"), "", body.as_bytes())
}

/// The head and the SCIM error of an answer, which is checked to be one.
fn scim_error(what: &str, answer: &[u8]) -> (String, Value) {
    let text = String::from_utf8(answer.to_vec()).unwrap_or_else(|error| panic!("{what}: {error}"));
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{what}: no answer but {text:?}"));
    let status = head.split(' ').nth(1).unwrap_or_default();
    assert!(head.to_ascii_lowercase().contains("\r\ncontent-type: application/scim+json\r\n"), "{what}: {head}");
    let body: Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{what}: {error}: {text}"));
    assert_eq!(body["schemas"], serde_json::json!(["urn:ietf:params:scim:api:messages:2.0:Error"]), "{what}");
    assert_eq!(body["status"], status, "{what}");
    let detail = body["detail"].as_str().unwrap_or_else(|| panic!("{what}: no detail in {body}"));
    assert!(detail.len() > 10 && detail.len() < 2_000, "{what}: {} bytes of detail", detail.len());
    (head.to_owned(), body)
}

async fn recorded(app: &App, seq: u64) -> std::sync::Arc<Exchange> {
    let log = app.log();
    let mut head = Pos(0);
    loop {
        if let Some(exchange) = log.exchange(Seq(seq)).filter(|exchange| exchange.closed.is_some()) {
            return exchange;
        }
        head = log.wait(head).await.pos;
    }
}

/// Sends each, and expects the status and, unless it is empty, the keyword.
async fn refused(cases: Vec<(&str, Vec<u8>, u16, &str)>) {
    for profile in ["tolerant", "rfc-strict"] {
        let app = app(profile).await;
        let mut wrong = Vec::new();
        let id = only_user(&app).await;
        for (at, (what, bytes, status, keyword)) in cases.iter().enumerate() {
            let bytes = with_id(bytes, &id);
            let began = Instant::now();
            let answer = exchange(address(&app), &bytes).await;
            assert!(began.elapsed() < SOON, "{profile}, {what}: {:?}", began.elapsed());
            let (head, body) = scim_error(what, &answer);
            let keyword_is_right = keyword.is_empty() || body["scimType"] == *keyword;
            if !head.starts_with(&format!("HTTP/1.1 {status} ")) || !keyword_is_right {
                wrong.push(format!("{what}: {body}"));
            }
            let exchange = recorded(&app, at as u64 + 2).await;
            let handled = exchange.outcome().unwrap_or_else(|| panic!("{profile}, {what} was not handled"));
            assert_eq!(handled.response.status.to_string(), body["status"], "{profile}, {what}");
            assert!(!handled.findings.is_empty(), "{profile}, {what}: the record says why");
            assert!(handled.findings.iter().all(|finding| finding.message.len() < 2_000), "{profile}, {what}");
            assert!(exchange.committed.is_none(), "{profile}, {what} changed something");
        }
        assert!(wrong.is_empty(), "{profile}:\n{}", wrong.join("\n"));
        assert_eq!(app.log().head().seq, Seq(cases.len() as u64 + 1), "{profile}: one exchange for each");
        let answer = exchange(address(&app), &request("GET", &format!("/scim/v2/Users/{id}"), "", b"")).await;
        assert!(
            String::from_utf8_lossy(&answer).to_ascii_lowercase().contains("etag: w/\"1\"\r\n"),
            "{profile}: ada has changed"
        );
        count(&app, 1).await;
        app.stop().await;
    }
}

/// Creates the one user that there is.
async fn only_user(app: &App) -> String {
    let answer = exchange(address(app), &user(r#""userName":"the only one""#)).await;
    let text = String::from_utf8_lossy(&answer);
    let body = text.split("\r\n\r\n").nth(1).and_then(|body| serde_json::from_str::<Value>(body).ok());
    body.and_then(|body| body["id"].as_str().map(str::to_owned)).unwrap_or_else(|| panic!("no user but {text}"))
}

fn with_id(bytes: &[u8], id: &str) -> Vec<u8> {
    match bytes.windows(ADA.len()).position(|window| window == ADA.as_bytes()) {
        Some(at) => [&bytes[..at], id.as_bytes(), &bytes[at + ADA.len()..]].concat(),
        None => bytes.to_vec(),
    }
}

/// The server still answers, and has this many users.
async fn count(app: &App, users: usize) {
    let answer = exchange(address(app), &get("count=0")).await;
    let text = String::from_utf8_lossy(&answer);
    assert!(text.starts_with("HTTP/1.1 200 ") && text.contains(&format!("\"totalResults\":{users}")), "{text}");
}

#[tokio::test]
async fn broken_json_of_every_kind_is_refused() {
    let deep = |open: &str, close: &str| [open.repeat(10_000), close.repeat(10_000)].concat();
    let key = r#""userName":"ada""#;
    refused(vec![
        ("10,000 arrays", post(deep("[", "]")), 400, "invalidSyntax"),
        ("10,000 arrays without an end", post("[".repeat(10_000)), 400, "invalidSyntax"),
        ("10,000 objects", post(deep("{\"a\":", "}")), 400, "invalidSyntax"),
        ("10,000 levels inside a user", user(&format!("{key},\"x\":{}", deep("[", "]"))), 400, "invalidSyntax"),
        (
            "10,000 levels inside a PATCH",
            patch(&format!(r#"{{"op":"add","path":"title","value":{}}}"#, deep("[", "]"))),
            400,
            "invalidSyntax",
        ),
        ("a name twice", user(&format!("{key},{key}")), 400, "invalidSyntax"),
        ("a name twice, once by an escape", user(&format!(r#"{key},"user\u004eame":"x""#)), 400, "invalidSyntax"),
        ("a name twice in another case", user(&format!(r#"{key},"USERNAME":"x""#)), 400, "invalidSyntax"),
        ("op twice", patch(r#"{"op":"add","op":"remove","path":"title"}"#), 400, "invalidSyntax"),
        ("invalid UTF-8", post(b"{\"userName\":\"\xff\xfe\"}"), 400, "invalidSyntax"),
        ("an overlong NUL", post(b"{\"userName\":\"\xc0\x80\"}"), 400, "invalidSyntax"),
        ("a surrogate in UTF-8", post(b"{\"userName\":\"\xed\xa0\x80\"}"), 400, "invalidSyntax"),
        ("half of a surrogate pair", user(r#""userName":"\ud83d""#), 400, "invalidSyntax"),
        ("the other half", user(r#""userName":"x\ude00y""#), 400, "invalidSyntax"),
        ("a NUL in a string", post(b"{\"userName\":\"a\0b\"}"), 400, "invalidSyntax"),
        ("only NULs", post([0; 4096]), 400, "invalidSyntax"),
        ("UTF-16", post(b"\xff\xfe{\0}\0"), 400, "invalidSyntax"),
        ("nothing", post(""), 400, "invalidSyntax"),
        ("a number for a name", user(&format!(r#"{key},"name":{}"#, "9".repeat(400))), 400, "invalidValue"),
        ("a huge number for a boolean", user(&format!(r#"{key},"active":1e999999999999"#)), 400, "invalidValue"),
        ("a million values", post(format!("[{}0]", "0,".repeat(1_500_000))), 400, "invalidSyntax"),
    ])
    .await;
}

#[tokio::test]
async fn filters_and_paths_without_measure_are_refused() {
    let nested = format!("{}userName%20pr{}", "(".repeat(10_000), ")".repeat(10_000));
    let not = format!("{}userName%20pr{}", "not(".repeat(5_000), ")".repeat(5_000));
    let value_paths = format!("emails{}", "[emails".repeat(5_000));
    let path = |path: &str| patch(&format!(r#"{{"op":"add","path":"{path}","value":"x"}}"#));
    refused(vec![
        ("10,000 parentheses", get(&format!("filter={nested}")), 400, "invalidFilter"),
        ("10,000 parentheses without an end", get(&format!("filter={}", "(".repeat(10_000))), 400, "invalidFilter"),
        ("5,000 times not", get(&format!("filter={not}")), 400, "invalidFilter"),
        ("5,000 value filters", get(&format!("filter={value_paths}")), 400, "invalidFilter"),
        ("1 MB of filter", get(&format!("filter=userName+eq+%22{}%22", "x".repeat(MEGABYTE))), 431, ""),
        ("a NUL in a filter", get("filter=userName+eq+%00"), 400, "invalidFilter"),
        ("invalid UTF-8 in a filter", get("filter=userName+eq+%22%ff%22"), 400, ""),
        ("half an escape", get("filter=userName+eq+%2"), 400, ""),
        ("a number beyond 64 bits for a date", get("filter=meta.created+gt+1e99999"), 400, "invalidFilter"),
        ("not a number", get("startIndex=1e3"), 400, "invalidValue"),
        ("a path with 5,000 filters", path(&"emails[type eq \\\"x\\\"]".repeat(5_000)), 400, ""),
        ("a path of 10,000 parentheses", path(&format!("emails[{}", "(".repeat(10_000))), 400, ""),
        ("a path of 1 MB", path(&"a".repeat(MEGABYTE)), 400, ""),
        ("a path with a NUL", path("user\\u0000Name"), 400, ""),
        ("a path in the air", request("GET", "/scim/v2/Users/%ff", "", b""), 400, ""),
        ("a NUL in the path", request("GET", "/scim/v2/Users/%00", "", b""), 404, ""),
        ("dots in the path", request("GET", "/scim/v2/Users/../../../etc/passwd", "", b""), 404, ""),
    ])
    .await;
}

/// What the head limit keeps out of a URL can come in the body of `.search` and `/Bulk`.
#[tokio::test]
async fn searches_and_bulk_requests_without_measure_are_refused() {
    let search = |members: &str| {
        let schema = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
        let body = format!(r#"{{"schemas":["{schema}"],{members}}}"#);
        request("POST", "/scim/v2/Users/.search", "", body.as_bytes())
    };
    let filter = |filter: &str| search(&format!(r#""filter":"{filter}""#));
    let bulk = |operations: &str| {
        let schema = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
        let body = format!(r#"{{"schemas":["{schema}"],"Operations":{operations}}}"#);
        request("POST", "/scim/v2/Bulk", "", body.as_bytes())
    };
    refused(vec![
        ("1 MB of filter", filter(&format!("userName eq \\\"{}\\\"", "x".repeat(MEGABYTE))), 400, "invalidFilter"),
        ("100,000 conditions", filter(&vec!["title pr"; 100_000].join(" or ")), 400, "invalidFilter"),
        ("2,000 conditions", filter(&vec!["title pr"; 2_000].join(" or ")), 400, "invalidFilter"),
        ("a million parentheses", filter(&"(".repeat(1_000_000)), 400, "invalidFilter"),
        ("a filter that is no text", search(r#""filter":7"#), 400, ""),
        ("a count that is no number", search(r#""count":"many""#), 400, ""),
        (
            "a cursor of 1 MB",
            search(&format!(r#""cursor":"{}","count":1"#, "a".repeat(MEGABYTE))),
            400,
            "invalidCursor",
        ),
        ("a cursor in the air", search(r#""cursor":"\u0000","count":1"#), 400, "invalidCursor"),
        ("deep in a search", search(&format!(r#""filter":{}"#, "[".repeat(10_000))), 400, "invalidSyntax"),
        ("operations that are none", bulk("7"), 400, "invalidSyntax"),
        ("deep in a bulk", bulk(&"[".repeat(10_000)), 400, "invalidSyntax"),
        ("100,000 operations", bulk(&format!("[{}7]", "{},".repeat(100_000))), 413, ""),
    ])
    .await;
}

#[tokio::test]
async fn http_that_lies_or_is_none_is_refused() {
    let raw = |head: &str, body: &[u8]| {
        let head = format!("POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n{head}\r\n");
        [head.as_bytes(), body].concat()
    };
    let json = format!(r#"{{"schemas":["{USER}"],"userName":"ada"}}"#);
    let json = json.as_bytes();
    refused(vec![
        ("two lengths", raw("Content-Length: 5\r\nContent-Length: 60\r\n", json), 400, ""),
        ("a negative length", raw("Content-Length: -1\r\n", json), 400, ""),
        ("a length that is no number", raw("Content-Length: many\r\n", json), 400, ""),
        ("a length with a sign", raw("Content-Length: +70\r\n", json), 400, ""),
        ("a length beyond 64 bits", raw("Content-Length: 18446744073709551616\r\n", json), 400, ""),
        ("the greatest length", raw("Content-Length: 9223372036854775807\r\n", json), 413, ""),
        ("a length and chunks", raw("Content-Length: 70\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"), 400, ""),
        ("a chunk size that is none", raw("Transfer-Encoding: chunked\r\n", b"zz\r\n{}\r\n0\r\n\r\n"), 400, ""),
        ("a chunk beyond 64 bits", raw("Transfer-Encoding: chunked\r\n", b"fffffffffffffffff\r\n"), 400, ""),
        ("a chunk that is longer", raw("Transfer-Encoding: chunked\r\n", b"2\r\n{}{}\r\n0\r\n\r\n"), 400, ""),
        ("an unknown coding", raw("Transfer-Encoding: gzip\r\n", json), 501, ""),
        ("a NUL in a header", raw("X: a\0b\r\nContent-Length: 0\r\n", b""), 400, ""),
        ("a header of 1 MB", raw(&format!("X: {}\r\n", "x".repeat(MEGABYTE)), b""), 431, ""),
        ("10,000 headers", raw(&"X: x\r\n".repeat(10_000), b""), 431, ""),
        ("a NUL in the request line", b"GET /scim/v2/\0 HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(), 400, ""),
        (
            "a byte that is no UTF-8 in the request line",
            b"GET /scim/v2/\xff HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
            400,
            "",
        ),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(), 400, ""),
        ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), 400, ""),
        ("a method of 64 KB", format!("{} / HTTP/1.1\r\n\r\n", "A".repeat(65_536)).into_bytes(), 431, ""),
        ("nothing but line ends", b"\r\n\r\n\r\n\r\nx\r\n\r\n".to_vec(), 400, ""),
    ])
    .await;
}

/// A body that is longer than its length is two messages: what follows is no request.
#[tokio::test]
async fn what_follows_a_body_is_a_request_of_its_own() {
    let app = app("tolerant").await;
    let json = format!(r#"{{"schemas":["{USER}"],"userName":"ada"}}"#);
    let bytes = format!(
        "POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/scim+json\r\n\
         Content-Length: {}\r\n\r\n{json}",
        json.len() - 1
    );
    let answer = exchange(address(&app), bytes.as_bytes()).await;
    let text = String::from_utf8(answer).expect("text");
    assert_eq!(text.matches("HTTP/1.1 400 ").count(), 2, "{text}");
    for seq in [1, 2] {
        assert!(recorded(&app, seq).await.committed.is_none());
    }
    count(&app, 0).await;
    app.stop().await;
}

#[tokio::test]
async fn a_body_that_ends_before_its_length_changes_nothing() {
    let app = app("tolerant").await;
    let json = format!(r#"{{"schemas":["{USER}"],"userName":"ada"}}"#);
    let bytes = format!(
        "POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/scim+json\r\n\
         Content-Length: {}\r\n\r\n{json}",
        json.len() + 1
    );
    exchange(address(&app), bytes.as_bytes()).await;
    let exchange = recorded(&app, 1).await;
    assert!(exchange.committed.is_none());
    assert_eq!(exchange.received().expect("bytes").body.as_ref(), json.as_bytes(), "what came is in the record");
    count(&app, 0).await;
    app.stop().await;
}

/// The most memory that this process ever had, in bytes. Only where each test is a process of its own.
fn peak_memory() -> Option<usize> {
    std::env::var_os("NEXTEST")?;
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.trim().parse::<usize>().ok()? * 1024)
}

/// Sends a head and 100 MB in pieces, as far as the server takes them, and gives back the answer.
async fn flood(app: &App, head: &str, piece: &[u8]) -> Vec<u8> {
    let (mut reader, mut writer) = TcpStream::connect(address(app)).await.expect("a connection").into_split();
    writer.write_all(head.as_bytes()).await.expect("the head is taken");
    let piece = piece.to_vec();
    let sending = tokio::spawn(async move {
        for _ in 0..100 {
            // A server may have enough of it.
            if writer.write_all(&piece).await.is_err() {
                break;
            }
        }
        writer
    });
    let mut answer = Vec::new();
    let read = tokio::time::timeout(SOON, reader.read_to_end(&mut answer)).await;
    read.expect("the server closes").ok();
    drop(sending.await.expect("the sender"));
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_100_megabytes_is_refused_without_being_held() {
    let app = app("tolerant").await;
    let piece = vec![b' '; MEGABYTE];
    let chunk = [format!("{MEGABYTE:x}\r\n").as_bytes(), &piece, b"\r\n"].concat();
    exchange(address(&app), &get("count=0")).await;
    let before = peak_memory();
    for (at, (framing, piece)) in
        [(format!("Content-Length: {}", 100 * MEGABYTE), &piece), ("Transfer-Encoding: chunked".to_owned(), &chunk)]
            .into_iter()
            .enumerate()
    {
        let head = format!(
            "POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/scim+json\r\n\
             {framing}\r\n\r\n"
        );
        let began = Instant::now();
        let answer = flood(&app, &head, piece).await;
        assert!(began.elapsed() < SOON, "{framing}: {:?}", began.elapsed());
        let (head, body) = scim_error(&framing, &answer);
        assert!(head.starts_with("HTTP/1.1 413 "), "{framing}: {head}");
        assert!(
            body["detail"].as_str().is_some_and(|detail| detail.contains("10000000")),
            "it names the limit: {body}"
        );
        let exchange = recorded(&app, at as u64 + 2).await;
        assert!(exchange.committed.is_none());
        let kept = exchange.received().map_or(0, |received| received.body.len());
        assert!(kept <= 11 * MEGABYTE, "{framing}: {kept} bytes are kept");
    }
    if let (Some(before), Some(after)) = (before, peak_memory()) {
        assert!(after - before < 150 * MEGABYTE, "{} MB more than before", (after - before) / MEGABYTE);
    }
    count(&app, 0).await;
    app.stop().await;
}

/// 100 clients at a time send what is broken, and others are answered all the while.
#[tokio::test(flavor = "multi_thread")]
async fn broken_requests_do_not_keep_others_from_being_answered() {
    let app = app("tolerant").await;
    let address = address(&app);
    let bad: Vec<_> = (0..100)
        .map(|number| {
            let body = match number % 4 {
                0 => "[".repeat(10_000),
                1 => "{\"a\":".repeat(10_000),
                2 => format!("[{}0]", "0,".repeat(400_000)),
                _ => "x".repeat(MEGABYTE),
            };
            tokio::spawn(async move { exchange(address, &post(body)).await })
        })
        .collect();
    let began = Instant::now();
    let answer = exchange(address, &get("count=0")).await;
    assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer));
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    for answer in bad {
        scim_error("one of a hundred", &answer.await.expect("a client"));
    }
    count(&app, 0).await;
    app.stop().await;
}
