//! What is no request, or too much of one, is answered, recorded and harmless.

use std::time::Duration;

use listener::Limits;
use traffic::exchange::Ending;

use crate::server::{Over, Server};

const SHORT: Duration = Duration::from_millis(60);

fn refused(over: &Over, reason: &str) {
    match &over.closed.ending {
        Ending::Refused(why) => assert!(why.contains(reason), "{why}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn bytes_that_are_not_http_are_answered_with_400_and_recorded() {
    let server = Server::start(Limits::default()).await;
    for (seq, (bytes, reason)) in (1..).zip([
        (&b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03"[..], "TLS"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x12\x04", "HTTP/2"),
        (b"hello there\r\n", "request line"),
        (b"GET /Users?filter=userName eq HTTP/1.1\r\n\r\n", "space"),
        (b"\x00\xff\xfe", "request line"),
    ]) {
        let mut client = server.client().await;
        client.send(bytes).await;
        let answer = client.answer().await;
        assert_eq!(answer.status, 400);
        assert!(answer.head.contains("\r\nConnection: close\r\n"), "{}", answer.head);
        assert!(answer.json()["detail"].as_str().unwrap().contains(reason), "{}", answer.json());
        client.end().await;
        client.ended().await;
        let over = server.over(seq).await;
        refused(&over, reason);
        assert_eq!((over.line().as_str(), over.status()), (" ", Some(400)));
        assert_eq!(over.request(), bytes);
        assert_eq!(over.response(), answer.raw);
    }
    let mut client = server.client().await;
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert_eq!(client.answer().await.status, 200);
}

#[tokio::test]
async fn a_malformed_head_is_refused_under_its_method_and_target() {
    let server = Server::start(Limits::default()).await;
    for (seq, (head, status, reason)) in (1..).zip([
        ("POST /x HTTP/1.1\r\nNo colon\r\n\r\n", 400, "header field"),
        ("POST /x HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400, "contradict"),
        ("POST /x HTTP/1.1\r\nContent-Length: two\r\n\r\n", 400, "Content-Length"),
        ("POST /x HTTP/1.1\r\nTransfer-Encoding: br\r\n\r\n", 501, "Transfer-Encoding"),
    ]) {
        let mut client = server.client().await;
        client.send(&head[..20]).await;
        server.exchange(seq, |exchange| exchange.opened.target == "/x").await;
        client.send(&head[20..]).await;
        assert_eq!(client.answer().await.status, status);
        client.end().await;
        client.ended().await;
        let over = server.over(seq).await;
        refused(&over, reason);
        assert_eq!(over.line(), "POST /x");
        assert_eq!(String::from_utf8_lossy(&over.request()), head);
    }
}

#[tokio::test]
async fn answers_to_good_requests_leave_before_the_garbage_behind_them_is_refused() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.client().await;
    client.send("GET /first HTTP/1.1\r\n\r\nPOST /second HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}}garbage\r\n").await;
    assert_eq!(client.answer().await.json()["target"], "/first");
    assert_eq!(client.answer().await.json()["target"], "/second");
    assert_eq!(client.answer().await.status, 400);
    client.end().await;
    client.ended().await;
    server.over(1).await.complete();
    server.over(2).await.complete();
    assert_eq!(server.over(3).await.request(), b"}garbage\r\n");
}

#[tokio::test]
async fn a_head_that_comes_too_slowly_is_answered_with_408() {
    let server = Server::start(Limits { head_timeout: SHORT, ..Limits::default() }).await;
    let mut client = server.client().await;
    client.send("GET /slow HTTP/1.1\r\nHost: h\r\nX:").await;
    let answer = client.answer().await;
    assert_eq!(answer.status, 408);
    client.end().await;
    client.ended().await;
    let over = server.over(1).await;
    assert_eq!(
        over.closed.ending,
        Ending::TimedOut("the request line and header fields were not complete after 60 ms".into())
    );
    assert_eq!((over.line().as_str(), over.request()), ("GET /slow", b"GET /slow HTTP/1.1\r\nHost: h\r\nX:".to_vec()));
    assert_eq!(over.response(), answer.raw);
}

#[tokio::test]
async fn drops_of_a_head_do_not_stretch_its_time() {
    let server = Server::start(Limits { head_timeout: SHORT, ..Limits::default() }).await;
    let mut client = server.client().await;
    // Every byte comes well in time; the head as a whole does not.
    let mut ticks = tokio::time::interval(SHORT / 4);
    client.send("GET /").await;
    let answer = loop {
        tokio::select! {
            answer = client.answer() => break answer,
            _ = ticks.tick() => {}
        }
        client.send("x").await;
    };
    assert_eq!(answer.status, 408);
}

#[tokio::test]
async fn a_body_that_comes_too_slowly_is_answered_with_408() {
    let server = Server::start(Limits { body_timeout: SHORT, ..Limits::default() }).await;
    let mut client = server.client().await;
    client.send("POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n{\"a\":").await;
    let answer = client.answer().await;
    assert_eq!(answer.status, 408);
    client.end().await;
    client.ended().await;
    let over = server.over(1).await;
    assert_eq!(over.closed.ending, Ending::TimedOut("the body was not complete after 60 ms".into()));
    assert_eq!((&over.received().body[..], over.response()), (&b"{\"a\":"[..], answer.raw));
}

#[tokio::test]
async fn an_idle_connection_is_ended_without_a_word() {
    let server = Server::start(Limits { idle_timeout: SHORT, ..Limits::default() }).await;
    server.client().await.ended().await;
    let mut client = server.client().await;
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert_eq!(client.answer().await.status, 200);
    client.send("\r\n").await;
    client.ended().await;
    server.over(1).await.complete();
    assert_eq!(server.log.head().seq.0, 1);
}

#[tokio::test]
async fn a_head_that_is_too_large_is_answered_with_431() {
    let server = Server::start(Limits { head_bytes: 1000, ..Limits::default() }).await;
    let long = format!("GET /x HTTP/1.1\r\nA: {}\r\n\r\n", "x".repeat(5000));
    let many = format!("GET /y HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(101));
    for (seq, head) in [(1, long), (2, many)] {
        let mut client = server.client().await;
        client.send(&head).await;
        assert_eq!(client.answer().await.status, 431);
        client.end().await;
        client.ended().await;
        let over = server.over(seq).await;
        refused(&over, "header fields");
        assert!(over.line().starts_with("GET /"));
        let kept = over.request().len();
        assert_eq!(kept as u64 + over.received().dropped_bytes, head.len() as u64);
        assert_eq!(over.request(), head.as_bytes()[..kept]);
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_answered_before_it_has_come_and_counted() {
    let server = Server::start(Limits { body_bytes: 1000, ..Limits::default() }).await;
    let mut client = server.client().await;
    client.send("POST /large HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n").await;
    client.send([b'x'; 2000]).await;
    let answer = client.answer().await;
    assert_eq!(answer.status, 413);
    assert!(answer.head.contains("\r\nConnection: close\r\n"), "{}", answer.head);
    client.send(vec![b'x'; 2_998_000]).await;
    client.end().await;
    client.ended().await;
    let over = server.over(1).await;
    refused(&over, "longer than 1000 bytes");
    assert_eq!((over.line().as_str(), over.status()), ("POST /large", Some(413)));
    assert_eq!((over.received().body.len(), over.received().dropped_bytes), (1000, 2_999_000));
    assert_eq!(over.response(), answer.raw);
}

#[tokio::test]
async fn a_client_that_sends_all_of_a_large_body_before_it_reads_gets_its_answer() {
    let server = Server::start(Limits { body_bytes: 100_000, ..Limits::default() }).await;
    let chunk = format!("{:x}\r\n{}\r\n", 50_000, "x".repeat(50_000));
    for (seq, (head, body)) in (1..).zip([
        ("Content-Length: 20000000".to_owned(), vec![b'x'; 20_000_000]),
        ("Transfer-Encoding: chunked".to_owned(), format!("{}0\r\n\r\n", chunk.repeat(400)).into_bytes()),
    ]) {
        let mut client = server.client().await;
        client.send(format!("POST / HTTP/1.1\r\nHost: h\r\n{head}\r\n\r\n")).await;
        client.send(&body).await;
        assert_eq!(client.answer().await.status, 413);
        client.end().await;
        client.ended().await;
        let over = server.over(seq).await;
        assert_eq!(over.received().body, body[..100_000]);
        assert_eq!(over.received().dropped_bytes, body.len() as u64 - 100_000);
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_not_asked_for() {
    let server = Server::start(Limits { body_bytes: 10, ..Limits::default() }).await;
    let mut client = server.client().await;
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n").await;
    let answer = client.answer().await;
    assert_eq!(answer.status, 413);
    client.end().await;
    client.ended().await;
    assert_eq!(server.over(1).await.response(), answer.raw, "no interim response");
}

#[tokio::test]
async fn broken_chunks_are_answered_with_400() {
    let server = Server::start(Limits::default()).await;
    for (seq, body) in (1..).zip(["2\r\nabcd\r\n", "xyz\r\n", "1\r\na\r\n0\r\nno colon\r\n\r\n"]) {
        let mut client = server.client().await;
        let request = format!("POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
        client.send(&request).await;
        assert_eq!(client.answer().await.status, 400, "{body}");
        client.end().await;
        client.ended().await;
        let over = server.over(seq).await;
        refused(&over, "");
        assert_eq!(String::from_utf8_lossy(&over.request()), request);
    }
}

#[tokio::test]
async fn a_length_that_is_too_small_makes_the_rest_garbage() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.client().await;
    client.send("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{\"a\": 1}\r\n").await;
    assert_eq!(client.answer().await.json()["body"], "{\"");
    assert_eq!(client.answer().await.status, 400);
    client.end().await;
    client.ended().await;
    server.over(1).await.complete();
    assert_eq!(server.over(2).await.request(), b"a\": 1}\r\n");
}

#[tokio::test]
async fn a_panic_is_a_recorded_500_and_the_connection_goes_on() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.client().await;
    for (seq, target) in [(1, "/panic"), (2, "/panic-early")] {
        client.send(format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n")).await;
        assert_eq!(client.answer().await.status, 500);
        assert_eq!(server.over(seq).await.complete().status(), Some(500));
    }
    client.send("GET /slow-scan HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert_eq!(client.answer().await.status, 200);
}
