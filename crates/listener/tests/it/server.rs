//! A listener with a provider whose answers are easy to foresee.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use bytes::Bytes;
use listener::respond::{Prepared, Respond};
use listener::{Config, Limits, Listener};
use provider::{Refusal, Request};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use traffic::exchange::{Closed, Ending, Exchange, Received};
use traffic::handled::{Handled, Response};
use traffic::ids::{Pos, Seq};
use traffic::log::Log;

use crate::client::Client;

/// A test that waits this long has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// Echoes what came, or does what the path says: `/panic`, `/panic-early`, `/bytes/N`, `/hold` and `/slow-scan`.
#[derive(Debug, Default)]
pub struct Echo {
    /// Requests for `/hold` wait until this is true.
    pub released: Arc<(Mutex<bool>, Condvar)>,
}

/// See [`Echo`].
#[derive(Debug)]
pub struct Prepare {
    request: Request,
    released: Arc<(Mutex<bool>, Condvar)>,
}

pub fn handled(status: u16, headers: Vec<(String, String)>, body: impl Into<Bytes>) -> Handled {
    Handled {
        response: Response { status, headers, body: body.into() },
        tenant: None,
        action: Default::default(),
        subject: Default::default(),
        auth: Vec::new(),
        findings: Vec::new(),
        operations: Vec::new(),
        would_have_changed: Vec::new(),
        rules: Vec::new(),
        forwarded: None,
    }
}

impl Echo {
    pub fn release(&self) {
        *self.released.0.lock().unwrap() = true;
        self.released.1.notify_all();
    }
}

impl Respond for Echo {
    type Prepared = Prepare;

    fn prepare(&self, request: Request) -> Prepare {
        assert!(request.target != "/panic-early", "a panic on purpose");
        Prepare { request, released: Arc::clone(&self.released) }
    }

    fn refuse(&self, refusal: Refusal) -> Handled {
        let status = match &refusal {
            Refusal::NotHttp(_) => 400,
            Refusal::Timeout { .. } => 408,
            Refusal::BodyTooLarge { .. } => 413,
            Refusal::HeadTooLarge { .. } | Refusal::TooManyHeaders { .. } => 431,
            Refusal::Unsupported(_) => 501,
            Refusal::Panicked => 500,
        };
        let body = serde_json::json!({"status": status.to_string(), "detail": format!("{refusal:?}")});
        handled(status, vec![("Content-Type".into(), "application/scim+json".into())], body.to_string())
    }
}

impl Prepared for Prepare {
    fn is_expensive(&self) -> bool {
        matches!(self.request.target.as_str(), "/hold" | "/slow-scan")
    }

    fn execute(self) -> Handled {
        let Request { method, target, headers, body, base_url, .. } = self.request;
        assert!(target != "/panic", "a panic on purpose");
        if target == "/hold" {
            let (released, changed) = &*self.released;
            let held = changed.wait_timeout_while(released.lock().unwrap(), PATIENCE, |released| !*released);
            drop(held.unwrap());
        }
        if let Some(length) = target.strip_prefix("/bytes/") {
            return handled(200, Vec::new(), vec![b'x'; length.parse().unwrap()]);
        }
        if target == "/nothing" {
            return handled(204, Vec::new(), "");
        }
        let echo = serde_json::json!({
            "method": method, "target": target, "headers": headers, "body": String::from_utf8_lossy(&body), "base": base_url,
        });
        let headers = vec![("Content-Type".into(), "application/scim+json".into()), ("ETag".into(), "W/\"1\"".into())];
        handled(200, headers, echo.to_string())
    }
}

pub struct Server<P = Echo> {
    pub address: std::net::SocketAddr,
    pub log: Arc<Log>,
    pub provider: Arc<P>,
    stop: Option<oneshot::Sender<()>>,
    running: Option<JoinHandle<()>>,
}

impl Server {
    pub async fn start(limits: Limits) -> Server {
        Server::start_with(Config { limits, ..Config::default() }).await
    }

    pub async fn start_with(config: Config) -> Server {
        Server::start_for(Echo::default(), Arc::new(Log::new()), config).await
    }
}

impl<P: Respond> Server<P> {
    pub async fn start_for(provider: P, log: Arc<Log>, config: Config) -> Server<P> {
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), config).await.unwrap();
        let (address, provider) = (listener.local_addr(), Arc::new(provider));
        let (stop, stopped) = oneshot::channel();
        let running = listener.run(Arc::clone(&provider), Arc::clone(&log), async {
            let _ = stopped.await;
        });
        Server { address, log, provider, stop: Some(stop), running: Some(tokio::spawn(running)) }
    }

    pub async fn client(&self) -> Client {
        Client::connect(self.address).await
    }

    /// Tells the server to stop.
    pub fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// Waits until the server has stopped.
    pub async fn stopped(&mut self) {
        within(self.running.take().unwrap()).await.unwrap();
    }

    /// Waits for an exchange to be what is asked for.
    pub async fn exchange(&self, seq: u64, is_so: impl Fn(&Exchange) -> bool) -> Arc<Exchange> {
        within(async {
            let mut pos = Pos(0);
            loop {
                pos = self.log.wait(pos).await.pos;
                if let Some(exchange) = self.log.exchange(Seq(seq)).filter(|exchange| is_so(exchange)) {
                    return exchange;
                }
            }
        })
        .await
    }

    /// Waits for an exchange to be over.
    pub async fn over(&self, seq: u64) -> Over {
        let exchange = self.exchange(seq, |exchange| exchange.closed.is_some()).await;
        Over { closed: exchange.closed.clone().unwrap(), exchange }
    }
}

/// An exchange that is over.
pub struct Over {
    pub exchange: Arc<Exchange>,
    pub closed: Arc<Closed>,
}

impl Over {
    pub fn received(&self) -> &Received {
        self.exchange.received().unwrap()
    }

    /// All bytes that came.
    pub fn request(&self) -> Vec<u8> {
        [&self.received().head[..], &self.received().body].concat()
    }

    /// All bytes that left.
    pub fn response(&self) -> Vec<u8> {
        [&self.closed.sent.head[..], &self.closed.sent.body].concat()
    }

    pub fn status(&self) -> Option<u16> {
        self.exchange.outcome().map(|handled| handled.response.status)
    }

    pub fn line(&self) -> String {
        format!("{} {}", self.exchange.opened.method, self.exchange.opened.target)
    }

    /// Asserts that the whole exchange went well.
    pub fn complete(&self) -> &Over {
        assert_eq!(self.closed.ending, Ending::Complete);
        self
    }

    /// Asserts how the exchange was aborted.
    pub fn aborted(&self, point: &str) -> &Over {
        assert_eq!(self.closed.ending, Ending::Aborted(point.to_owned()));
        self
    }
}

/// Makes a test fail that would hang.
pub async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it hangs")
}
