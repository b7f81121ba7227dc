//! One socket, served by one after the other.

use std::net::SocketAddr;
use std::sync::Arc;

use listener::{Config, Listener, Socket};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use traffic::ids::Seq;
use traffic::log::Log;

use crate::client::Client;
use crate::server::Echo;

struct Turn {
    log: Arc<Log>,
    stop: oneshot::Sender<Socket>,
    serving: JoinHandle<Option<Listener>>,
}

fn serve(listener: Listener) -> Turn {
    let log = Arc::new(Log::new());
    let (stop, stopped) = oneshot::channel();
    let stopped = async move { stopped.await.unwrap_or(Socket::Close) };
    let serving = tokio::spawn(listener.serve(Arc::new(Echo::default()), Arc::clone(&log), stopped));
    Turn { log, stop, serving }
}

async fn bind() -> (Listener, SocketAddr) {
    let listener = Listener::bind(SocketAddr::from(([127, 0, 0, 1], 0)), Config::default()).await.unwrap();
    let address = listener.local_addr();
    (listener, address)
}

const REQUEST: &str = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_waits_between_two_requests_goes_on_with_the_next_and_nobody_loses_an_answer() {
    let (listener, address) = bind().await;
    let first = serve(listener);
    let mut used = Client::connect(address).await;
    used.send(REQUEST).await;
    assert_eq!(used.answer().await.status, 200);
    let mut begun = Client::connect(address).await;
    begun.send("GET /b HTTP/1.1\r\nHost").await;
    // The record has the head as soon as its line is there.
    while first.log.head().seq < Seq(2) {
        tokio::task::yield_now().await;
    }
    let mut fresh = Client::connect(address).await;
    let Turn { log, stop, serving } = first;
    stop.send(Socket::Keep).unwrap();
    begun.send(": h\r\n\r\n").await;
    let answer = begun.answer().await;
    assert_eq!(answer.status, 200, "what had begun is finished");
    let mut late = Client::connect(address).await;
    late.send(REQUEST).await;
    let listener = serving.await.unwrap().expect("the socket comes back");
    assert_eq!(log.head().seq, Seq(2));

    let second = serve(listener);
    for client in [&mut used, &mut fresh] {
        client.send(REQUEST).await;
        assert_eq!(client.answer().await.status, 200);
    }
    assert_eq!(late.answer().await.status, 200);
    assert_eq!(second.log.head().seq, Seq(3), "in the record of the second");
    second.stop.send(Socket::Close).unwrap();
    assert!(second.serving.await.unwrap().is_none());
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
