//! Starting on a port, and stopping in good order.

use std::io::ErrorKind;
use std::time::Duration;

use listener::{Config, Limits, Listener};

use crate::server::Server;

#[tokio::test]
async fn idle_connections_are_closed_and_nothing_more_is_accepted() {
    let mut server = Server::start(Limits::default()).await;
    // Connections are accepted in order: once the second is answered, the first has been accepted.
    let (mut unused, mut used) = (server.client().await, server.client().await);
    used.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert_eq!(used.answer().await.status, 200);
    server.stop();
    server.stopped().await;
    used.ended().await;
    unused.ended().await;
    assert!(tokio::net::TcpStream::connect(server.address).await.is_err());
    server.over(1).await.complete();
}

#[tokio::test]
async fn a_request_in_flight_is_answered() {
    let mut server = Server::start(Limits { drain_timeout: Duration::from_secs(20), ..Limits::default() }).await;
    let (mut idle, mut client) = (server.client().await, server.client().await);
    client.send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n").await;
    server.exchange(1, |_| true).await;
    server.stop();
    idle.ended().await;
    server.provider.release();
    let answer = client.answer().await;
    assert_eq!(answer.status, 200);
    client.ended().await;
    server.stopped().await;
    server.over(1).await.complete();
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_aborted_and_recorded() {
    let mut server = Server::start(Limits { drain_timeout: Duration::from_millis(60), ..Limits::default() }).await;
    let mut client = server.client().await;
    client.send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n").await;
    server.exchange(1, |_| true).await;
    let mut half = server.client().await;
    half.send("POST /half HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n{").await;
    server.exchange(2, |_| true).await;
    server.stop();
    server.stopped().await;
    server.over(1).await.aborted("before the request was handled: the server stopped");
    server.over(2).await.aborted("before the request was complete: the server stopped");
    // What it does in the end is recorded all the same.
    server.provider.release();
    server.exchange(1, |exchange| exchange.handled.is_some()).await;
}

#[tokio::test]
async fn a_port_in_use_is_said_so_or_avoided() {
    let taken = Listener::bind("127.0.0.1:0".parse().unwrap(), Config::default()).await.unwrap();
    let address = taken.local_addr();
    let error = Listener::bind(address, Config::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    let error = Listener::bind_or_next(address, 0, Config::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    let next = Listener::bind_or_next(address, 100, Config::default()).await.unwrap();
    assert_eq!(next.asked_addr(), address);
    assert!((1..=100).contains(&(next.local_addr().port() - address.port())));
}
