//! The listener with the real provider behind it.

use std::sync::Arc;

use listener::{Config, Limits};
use provider::{Ids, Profile, Provider, ProviderConfig};
use scim::schema::Registry;
use testkit::{CountingEntropy, CountingIds, FixedClock};
use traffic::log::Log;

use crate::server::Server;

#[derive(Debug)]
struct NoIds;

impl Ids for NoIds {
    fn next(&self) -> String {
        panic!("there are no more ids");
    }
}

async fn start(ids: Arc<dyn Ids>, limits: Limits) -> Server<Provider> {
    let log = Arc::new(Log::new());
    let provider = Provider::new(ProviderConfig {
        registry: Arc::new(Registry::builtin()),
        profile: Profile::preset("tolerant").unwrap(),
        token: "secret".to_owned(),
        clock: Arc::new(FixedClock::default()),
        ids,
        entropy: Arc::new(CountingEntropy::default()),
        log: Arc::clone(&log),
    });
    Server::start_for(provider, log, Config { limits, ..Config::default() }).await
}

fn post(user_name: &str) -> String {
    let body = format!(r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{user_name}"}}"#);
    let length = body.len();
    format!(
        "POST /scim/v2/Users HTTP/1.1\r\nHost: scim.example.com\r\nAuthorization: Bearer secret\r\n\
         Content-Type: application/scim+json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn a_user_is_created_where_the_client_thinks_we_are() {
    let server = start(Arc::new(CountingIds::default()), Limits::default()).await;
    let mut client = server.client().await;
    client.send(post("ada@example.com")).await;
    let answer = client.answer().await;
    assert_eq!(answer.status, 201, "{}", answer.json());
    let location = answer.json()["meta"]["location"].as_str().unwrap().to_owned();
    assert!(location.starts_with("http://scim.example.com/scim/v2/Users/"), "{location}");
    assert!(answer.head.contains(&format!("\r\nLocation: {location}\r\n")), "{}", answer.head);
    let over = server.over(1).await;
    assert_eq!(over.complete().response(), answer.raw);
    assert_eq!(over.exchange.committed.as_ref().unwrap().changes.len(), 1);
}

#[tokio::test]
async fn faults_are_answered_with_scim_errors() {
    let limits = Limits { body_bytes: 50, head_bytes: 300, ..Limits::default() };
    let server = start(Arc::new(CountingIds::default()), limits).await;
    for (bytes, status) in [
        ("garbage\r\n".to_owned(), 400),
        (post("a user name that makes the body longer than fifty bytes"), 413),
        (format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(400)), 431),
        (format!("GET / HTTP/1.1\r\n{}\r\n", "A:\r\n".repeat(101)), 431),
        ("GET / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n".to_owned(), 501),
    ] {
        let mut client = server.client().await;
        client.send(bytes).await;
        let answer = client.answer().await;
        let error = answer.json();
        assert_eq!((answer.status, &error["status"]), (status, &status.to_string().into()), "{error}");
        assert_eq!(error["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error");
        assert!(answer.head.contains("\r\nContent-Type: application/scim+json"), "{}", answer.head);
    }
}

#[tokio::test]
async fn a_panic_in_the_provider_is_a_scim_error_and_harmless() {
    let server = start(Arc::new(NoIds), Limits::default()).await;
    let mut client = server.client().await;
    for seq in [1, 2] {
        client.send(post("ada@example.com")).await;
        let answer = client.answer().await;
        assert_eq!((answer.status, &answer.json()["status"]), (500, &"500".into()));
        server.over(seq).await.complete();
    }
    client.send("GET /scim/v2/Users HTTP/1.1\r\nAuthorization: Bearer secret\r\n\r\n").await;
    let answer = client.answer().await;
    assert_eq!((answer.status, &answer.json()["totalResults"]), (200, &0.into()));
}

#[tokio::test]
async fn a_tunnel_is_not_opened() {
    let server = start(Arc::new(CountingIds::default()), Limits::default()).await;
    let mut client = server.client().await;
    client.send("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n").await;
    let answer = client.answer().await;
    assert!((400..500).contains(&answer.status), "{}", answer.head);
    assert_eq!(server.over(1).await.complete().line(), "CONNECT example.com:443");
}
