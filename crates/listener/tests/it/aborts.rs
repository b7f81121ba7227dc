//! Clients that go away in the middle of something.

use std::time::Duration;

use listener::Limits;
use traffic::exchange::Ending;

use crate::server::Server;

#[tokio::test]
async fn a_connection_without_a_byte_leaves_nothing() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.client().await;
    client.end().await;
    client.ended().await;
    assert_eq!(server.log.head().pos.0, 0);
}

#[tokio::test]
async fn half_a_head_leaves_a_record() {
    let server = Server::start(Limits::default()).await;
    for (seq, (bytes, line)) in
        (1..).zip([("GE", " "), ("GET /x HTTP/1.1\r\nHos", "GET /x"), ("GET /x HTTP/1.1\r\n", "GET /x"), ("\r\n", " ")])
    {
        let mut client = server.client().await;
        client.send(bytes).await;
        client.end().await;
        client.ended().await;
        let over = server.over(seq).await;
        over.aborted("before the request was complete");
        assert_eq!((over.line().as_str(), over.request()), (line, bytes.as_bytes().to_vec()));
    }
}

#[tokio::test]
async fn a_hung_request_is_visible() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.client().await;
    client.send("POST /x HTTP/1.1\r\n").await;
    let exchange = server.exchange(1, |_| true).await;
    assert_eq!((exchange.opened.method.as_str(), exchange.opened.target.as_str()), ("POST", "/x"));
    assert!(exchange.closed.is_none());
}

#[tokio::test]
async fn a_client_that_ends_its_side_still_gets_its_answer() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.client().await;
    client.send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n").await;
    client.end().await;
    server.exchange(1, |_| true).await;
    server.provider.release();
    assert_eq!(client.answer().await.status, 200);
    client.ended().await;
    server.over(1).await.complete();
}

#[tokio::test]
async fn a_body_that_is_cut_off_leaves_what_came() {
    let server = Server::start(Limits::default()).await;
    for (seq, framing) in [(1, "Content-Length: 10"), (2, "Transfer-Encoding: chunked")] {
        let mut client = server.client().await;
        client.send(format!("POST /x HTTP/1.1\r\nHost: h\r\n{framing}\r\n\r\n5\r\nab")).await;
        client.end().await;
        client.ended().await;
        let over = server.over(seq).await;
        over.aborted("before the request was complete");
        assert_eq!((&over.received().body[..], over.status()), (&b"5\r\nab"[..], None));
    }
}

#[tokio::test]
async fn a_reset_in_the_body_is_recorded() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.client().await;
    client.send("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nab").await;
    server.exchange(1, |_| true).await;
    client.reset();
    server.over(1).await.aborted("before the request was complete");
}

#[tokio::test]
async fn a_client_that_goes_away_before_the_answer_leaves_the_decision() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.client().await;
    client.send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n").await;
    server.exchange(1, |_| true).await;
    client.reset();
    server.provider.release();
    let over = server.over(1).await;
    over.aborted("before the response was sent");
    assert_eq!(over.status(), Some(200));
    assert!(over.response().is_empty());
}

#[tokio::test]
async fn a_client_that_goes_away_in_the_answer_leaves_how_far_it_came() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.client().await;
    client.send("GET /bytes/50000000 HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert!(!client.some_bytes().await.is_empty());
    client.reset();
    let over = server.over(1).await;
    over.aborted("in the middle of the response");
    assert!((1..50_000_000).contains(&over.closed.sent.body.len()), "{}", over.closed.sent.body.len());
}

#[tokio::test]
async fn a_client_that_does_not_read_is_given_up() {
    let server = Server::start(Limits { send_timeout: Duration::from_millis(60), ..Limits::default() }).await;
    let mut client = server.client().await;
    client.send("GET /bytes/50000000 HTTP/1.1\r\nHost: h\r\n\r\n").await;
    let over = server.over(1).await;
    let reason = "the client stopped reading in the middle of the response";
    assert_eq!(over.closed.ending, Ending::TimedOut(reason.to_owned()));
}

#[tokio::test]
async fn requests_behind_the_last_one_are_recorded_as_not_handled() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.client().await;
    client.send("GET /a HTTP/1.1\r\nConnection: close\r\n\r\nGET /b HTTP/1.1\r\n\r\n").await;
    assert_eq!(client.answer().await.status, 200);
    client.end().await;
    client.ended().await;
    server.over(1).await.complete();
    let over = server.over(2).await;
    over.aborted("before the request was handled");
    assert_eq!((over.line().as_str(), over.request()), ("GET /b", b"GET /b HTTP/1.1\r\n\r\n".to_vec()));
}

#[tokio::test]
async fn nothing_is_said_after_an_answer_that_ends_the_connection() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.client().await;
    client.send("GET /a HTTP/1.1\r\nConnection: close\r\n\r\ngarbage\r\n").await;
    assert_eq!(client.answer().await.status, 200);
    client.end().await;
    client.ended().await;
    let over = server.over(2).await;
    assert!(matches!(over.closed.ending, Ending::Refused(_)));
    assert_eq!((over.request(), over.status()), (b"garbage\r\n".to_vec(), None));
}
