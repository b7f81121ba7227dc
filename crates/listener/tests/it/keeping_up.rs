//! Many requests at once, and answers that wait for their records.

use std::collections::HashSet;

use listener::{Acknowledged, Config, Limits};
use traffic::entry::Entry;
use traffic::ids::Pos;
use traffic::log::Durable;

use crate::server::Server;

const CONNECTIONS: u64 = 16;
const REQUESTS: u64 = 125;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_one_of_2000_requests_on_16_connections_is_recorded() {
    let server = Server::start(Limits::default()).await;
    let mut clients = Vec::new();
    for connection in 0..CONNECTIONS {
        let mut client = server.client().await;
        clients.push(tokio::spawn(async move {
            for request in 0..REQUESTS {
                let body = format!("{connection}/{request}");
                let length = body.len();
                client
                    .send(format!("POST /{body} HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n\r\n{body}"))
                    .await;
                assert_eq!(client.answer().await.json()["body"], body);
            }
        }));
    }
    for client in clients {
        client.await.unwrap();
    }
    let mut seen = HashSet::new();
    for seq in 1..=CONNECTIONS * REQUESTS {
        let over = server.over(seq).await;
        let target = &over.complete().exchange.opened.target;
        assert_eq!(over.received().body, target.as_bytes()[1..]);
        assert!(seen.insert(target.clone()), "{target} twice");
    }
    assert_eq!(server.log.head().seq.0, CONNECTIONS * REQUESTS);
    let entries = server.log.read(Pos(0), usize::MAX);
    assert_eq!(entries.len() as u64, 3 * CONNECTIONS * REQUESTS, "opened, handled and closed once each");
}

#[tokio::test]
async fn an_acknowledged_answer_waits_for_its_record() {
    let server = Server::start_with(Config { acknowledged: true.into(), ..Config::default() }).await;
    server.log.confirm(Durable::Through(Pos(0)));
    let mut client = server.client().await;
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
    let exchange = server.exchange(1, |exchange| exchange.handled.is_some()).await;
    // Nothing of the answer has left, although everything else had its turn.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let mut one = [0];
    assert!(client.stream.try_read(&mut one).is_err());
    server.log.confirm(Durable::Through(exchange.pos));
    assert_eq!(client.answer().await.status, 200);
    server.over(1).await.complete();
}

#[tokio::test]
async fn whether_answers_wait_can_be_changed_while_it_serves() {
    let acknowledged = Acknowledged::from(true);
    let server = Server::start_with(Config { acknowledged: acknowledged.clone(), ..Config::default() }).await;
    server.log.confirm(Durable::Through(Pos(0)));
    let mut client = server.client().await;
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
    let exchange = server.exchange(1, |exchange| exchange.handled.is_some()).await;
    assert!(client.stream.try_read(&mut [0]).is_err());
    // The one that waits goes on waiting; those that come do not.
    acknowledged.set(false);
    let mut other = server.client().await;
    other.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert_eq!(other.answer().await.status, 200);
    assert!(client.stream.try_read(&mut [0]).is_err());
    server.log.confirm(Durable::Through(exchange.pos));
    assert_eq!(client.answer().await.status, 200);
}

#[tokio::test]
async fn an_acknowledged_refusal_waits_for_its_record() {
    let server = Server::start_with(Config { acknowledged: true.into(), ..Config::default() }).await;
    server.log.confirm(Durable::Through(Pos(0)));
    let mut client = server.client().await;
    client.send("garbage\r\n").await;
    let exchange = server.exchange(1, |exchange| exchange.handled.is_some()).await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(client.stream.try_read(&mut [0]).is_err());
    server.log.confirm(Durable::Through(exchange.pos));
    assert_eq!(client.answer().await.status, 400);
}

#[tokio::test]
async fn the_decision_is_recorded_before_the_exchange_ends() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.client().await;
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
    client.answer().await;
    server.over(1).await;
    let entries: Vec<_> = server.log.read(Pos(0), 10).into_iter().map(|(_, entry)| entry).collect();
    assert!(
        matches!(&entries[..], [Entry::Opened(..), Entry::Handled(..), Entry::Closed(_, closed)] if closed.received.is_none())
    );
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_their_turn() {
    let server = Server::start(Limits { max_connections: 1, ..Limits::default() }).await;
    let mut first = server.client().await;
    first.send("GET /first HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert_eq!(first.answer().await.status, 200);
    let mut second = server.client().await;
    second.send("GET /second HTTP/1.1\r\nHost: h\r\n\r\n").await;
    first.send("GET /first HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert_eq!(first.answer().await.status, 200);
    assert_eq!(server.log.head().seq.0, 2);
    first.end().await;
    first.ended().await;
    drop(first);
    assert_eq!(second.answer().await.json()["target"], "/second");
}
