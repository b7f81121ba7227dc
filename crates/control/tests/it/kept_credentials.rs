//! Credentials of replay targets in a keychain.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use control::ports::{Keychain, Pending};
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::house::{Answer, House, send};

/// A keychain in memory, or a broken one.
#[derive(Debug, Default)]
struct Kept {
    items: Mutex<HashMap<String, (String, String)>>,
    broken: bool,
}

impl Kept {
    fn with<T: Send + 'static>(
        &self,
        doing: impl FnOnce(&mut HashMap<String, (String, String)>) -> T,
    ) -> Pending<Result<T, String>> {
        let done = if self.broken {
            Err("the keychain stayed locked".to_owned())
        } else {
            Ok(doing(&mut self.items.lock().unwrap()))
        };
        Box::pin(std::future::ready(done))
    }
}

impl Keychain for Kept {
    fn find(&self, name: &str) -> Pending<Result<Option<String>, String>> {
        self.with(|items| items.get(name).map(|(kind, _)| kind.clone()))
    }

    fn get(&self, name: &str) -> Pending<Result<Option<String>, String>> {
        self.with(|items| items.get(name).map(|(_, secret)| secret.clone()))
    }

    fn put(&self, name: &str, kind: &str, _: &str, secret: &str) -> Pending<Result<(), String>> {
        self.with(|items| drop(items.insert(name.to_owned(), (kind.to_owned(), secret.to_owned()))))
    }

    fn delete(&self, name: &str) -> Pending<Result<bool, String>> {
        self.with(|items| items.remove(name).is_some())
    }
}

async fn call(house: &House, method: &str, path: &str, body: Value) -> Answer {
    let call = Request::builder().method(method).uri(path).header(CONTENT_TYPE, "application/json");
    send(house.inside(), call.body(Body::from(body.to_string())).unwrap()).await
}

/// A server that hears one request and says 204 to it.
async fn hearing() -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/scim/v2", listener.local_addr().unwrap());
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut heard = Vec::new();
        while !heard.ends_with(b"\r\n\r\n") {
            heard.push(stream.read_u8().await.unwrap());
        }
        stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").await.unwrap();
        String::from_utf8(heard).unwrap()
    });
    (url, heard)
}

#[tokio::test]
async fn credentials_that_are_kept_are_sent_and_never_told() {
    let house = House::with_keychain(Some(Arc::new(Kept::default())));
    house.whole("/scim/v2/Users?filter=a");
    let (url, heard) = hearing().await;
    let asked = format!("/api/v1/replays/credentials?url={url}/");
    assert_eq!(house.json(&asked).await, json!({"place": "keychain", "problem": null, "kind": null}));
    let keep = json!({"url": url, "credentials": {"kind": "bearer", "token": "s3cret"}});
    let kept = call(&house, "PUT", "/api/v1/replays/credentials", keep).await;
    assert_eq!((kept.status, kept.body.len()), (StatusCode::NO_CONTENT, 0));
    assert_eq!(house.json(&asked).await["kind"], "bearer", "the same target, however its URL ends");
    let run = json!({
        "source": {"kind": "query", "q": ""},
        "target": {"kind": "url", "url": url, "credentials": {"kind": "kept"}},
    });
    assert_eq!(call(&house, "POST", "/api/v1/replays", run.clone()).await.status, StatusCode::ACCEPTED);
    assert!(heard.await.unwrap().contains("Authorization: Bearer s3cret\r\n"));
    let run_of = loop {
        let run = house.json("/api/v1/replays/1").await;
        if !run["run"]["ended_at"].is_null() {
            break run;
        }
        tokio::task::yield_now().await;
    };
    let told = run_of.to_string() + &house.json("/api/v1/replays/1/steps/0").await.to_string();
    assert!(!told.contains("s3cret"), "{told}");

    assert_eq!(call(&house, "DELETE", &asked, Value::Null).await.status, StatusCode::NO_CONTENT);
    assert_eq!(call(&house, "DELETE", &asked, Value::Null).await.status, StatusCode::NOT_FOUND);
    let missing = call(&house, "POST", "/api/v1/replays", run).await;
    assert_eq!(missing.status, StatusCode::BAD_REQUEST);
    assert!(String::from_utf8_lossy(&missing.body).contains("no credentials are kept"));
}

#[tokio::test]
async fn without_a_keychain_it_is_said_that_nothing_is_kept() {
    let url = "http://127.0.0.1:9/scim/v2";
    let keep = json!({"url": url, "credentials": {"kind": "bearer", "token": "s3cret"}});
    for (keychain, why) in [
        (None, "desktop app only"),
        (Some(Arc::new(Kept { broken: true, ..Kept::default() }) as Arc<dyn Keychain>), "stayed locked"),
    ] {
        let house = House::with_keychain(keychain);
        let told = house.json(&format!("/api/v1/replays/credentials?url={url}")).await;
        assert_eq!(told["place"], "memory");
        assert!(told["problem"].as_str().unwrap().contains(why), "{told}");
        let refused = call(&house, "PUT", "/api/v1/replays/credentials", keep.clone()).await;
        assert_eq!((refused.status, refused.code().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "no_keychain"));
        assert!(!String::from_utf8_lossy(&refused.body).contains("s3cret"));
    }
    let house = House::with_keychain(Some(Arc::new(Kept::default())));
    for wrong in [
        json!({"url": url, "credentials": {"kind": "kept"}}),
        json!({"url": "x", "credentials": {"kind": "bearer", "token": "t"}}),
    ] {
        assert_eq!(call(&house, "PUT", "/api/v1/replays/credentials", wrong).await.status, StatusCode::BAD_REQUEST);
    }
}
