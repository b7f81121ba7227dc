//! A control API over a record made by hand.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use control::facts::{Durability, Exposure, StorageState, Workspace, WorkspaceKind};
use control::ports::{Documents, Keychain, Nowhere};
use control::{Control, Facts, Parts};
use http::header::HOST;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use jiff::Timestamp;
use provider::{Profile, Provider, ProviderConfig};
use scim::schema::Registry;
use serde_json::Value;
use testkit::{CountingEntropy, CountingIds, FixedClock};
use tower::ServiceExt;
use traffic::entry::Entry;
use traffic::exchange::{Closed, Connection, Ending, Opened, Received, Sent};
use traffic::handled::{Handled, Response};
use traffic::ids::{ConnectionId, Seq};
use traffic::log::Log;

use crate::views::Shelf;

pub const TOKEN: &str = "control-t0ken";
pub const BOUND: &str = "127.0.0.1:8788";

pub fn noon() -> Timestamp {
    "2026-01-01T12:00:00Z".parse().unwrap()
}

/// A control API, with the record that it reads.
pub struct House {
    pub log: Arc<Log>,
    pub control: Control,
    pub documents: Arc<Shelf>,
}

impl House {
    pub fn new() -> House {
        House::with(true)
    }

    pub fn with(page: bool) -> House {
        House::over(Arc::new(Log::new()), page)
    }

    /// A control API over this record.
    pub fn over(log: Arc<Log>, page: bool) -> House {
        House::build(log, page, None)
    }

    /// A control API at a desktop with this keychain.
    pub fn with_keychain(keychain: Option<Arc<dyn Keychain>>) -> House {
        House::build(Arc::new(Log::new()), true, keychain)
    }

    fn build(log: Arc<Log>, page: bool, keychain: Option<Arc<dyn Keychain>>) -> House {
        let provider = Provider::new(ProviderConfig {
            registry: Arc::new(Registry::builtin()),
            profile: Profile::preset("tolerant").unwrap(),
            token: "scim-t0ken".to_owned(),
            clock: Arc::new(FixedClock::at(noon())),
            ids: Arc::new(CountingIds::default()),
            entropy: Arc::new(CountingEntropy::default()),
            log: log.clone(),
        });
        let facts = Facts {
            file_ends_at: None,
            version: "0.1.0".to_owned(),
            workspace: Workspace {
                id: "a-workspace".to_owned(),
                kind: WorkspaceKind::Temporary,
                path: None,
                durability: Durability::Relaxed,
                state: StorageState::Working,
                problem: None,
                recovered: None,
            },
            scim_url: "http://127.0.0.1:8787/scim/v2".to_owned(),
            encryption: None,
            requested_port: 8787,
            actual_port: 8787,
            exposure: Exposure::Local,
            demo: None,
        };
        let documents = Arc::new(Shelf::default());
        let control = Control::new(Parts {
            log: log.clone(),
            provider,
            facts,
            page,
            documents: Arc::clone(&documents) as Arc<dyn Documents>,
            sockets: Arc::new(Nowhere),
            storage: Arc::new(Nowhere),
            repeatable: Arc::new(Nowhere),
            flows: Vec::new(),
            changes: None,
            keychain,
        });
        House { log, control, documents }
    }

    /// The router of the window.
    pub fn inside(&self) -> Router {
        control::router(self.control.clone())
    }

    /// The router of a listener.
    pub fn outside(&self) -> Router {
        control::guarded(self.control.clone(), TOKEN, BOUND.parse().unwrap())
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.inside(), Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub async fn json(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }

    /// A request with the token, for the provider.
    pub fn scim(&self, method: &str, target: &str) -> provider::Request {
        provider::Request {
            seq: Seq(1),
            at: noon(),
            method: method.to_owned(),
            target: target.to_owned(),
            headers: vec![("Authorization".to_owned(), "Bearer scim-t0ken".to_owned())],
            body: Bytes::new(),
            base_url: "http://127.0.0.1:8787".to_owned(),
            peer: [127, 0, 0, 1].into(),
        }
    }

    pub fn open(&self, target: &str) -> Seq {
        self.open_as("GET", target)
    }

    pub fn open_as(&self, method: &str, target: &str) -> Seq {
        let address: SocketAddr = "127.0.0.1:40000".parse().unwrap();
        self.log.open(Opened {
            connection: Connection {
                id: ConnectionId(1),
                peer: address,
                local: BOUND.parse().unwrap(),
                accepted_at: noon(),
            },
            at: noon(),
            method: method.to_owned(),
            target: target.to_owned(),
        })
    }

    pub fn handle(&self, seq: Seq, received: Received, handled: Handled) {
        self.log.append(Entry::Handled(seq, Arc::new(received), Arc::new(handled)));
    }

    pub fn close(&self, seq: Seq) {
        let sent = Sent {
            head: Bytes::from_static(b"HTTP/1.1 200 OK\r\nx-A: 1\r\nX-a: 2\r\n\r\n"),
            body: Bytes::from_static(b"{\"totalResults\": 0}"),
            first_byte_us: Some(900),
            last_byte_us: Some(1000),
        };
        self.log.append(Entry::Closed(seq, Arc::new(Closed { ending: Ending::Complete, received: None, sent })));
    }

    /// A whole exchange.
    pub fn whole(&self, target: &str) -> Seq {
        let seq = self.open(target);
        self.handle(seq, received(), handled());
        self.close(seq);
        seq
    }
}

pub fn received() -> Received {
    Received {
        head: Bytes::from_static(b"GET /scim/v2/Users?filter=userName+eq+%22a%22 HTTP/1.1\r\nX-fOo:   a\r\n\r\n"),
        handled_us: Some(700),
        ..Received::default()
    }
}

pub fn handled() -> Handled {
    Handled {
        response: Response { status: 200, headers: Vec::new(), body: Bytes::new() },
        tenant: Some("default".to_owned()),
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

/// An answer, whole.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The code of an error.
    pub fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
}

pub async fn send(router: Router, request: Request<Body>) -> Answer {
    let (head, body) = router.oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer { status: head.status, headers: head.headers, body }
}

/// A request as a program sends it to the listener, without a token.
pub fn request(method: &str, path: &str) -> http::request::Builder {
    Request::builder().method(method).uri(path).header(HOST, BOUND)
}
