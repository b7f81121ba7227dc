//! Tenants of a saved workspace, and listeners of their own.

use std::net::SocketAddr;

use app::config::{Config, Workspace};
use app::running::App;
use axum::body::Body;
use http::Request;
use serde_json::{Value, json};

use crate::raw::exchange;
use crate::running::{TOKEN, address, app, app_in, config};

async fn api(app: &App, method: &str, path: &str, body: Value) -> Value {
    let request = Request::builder().method(method).uri(format!("/api/v1{path}"));
    let request = match body {
        Value::Null => request.body(Body::empty()),
        body => request.header("content-type", "application/json").body(Body::from(body.to_string())),
    };
    let response =
        tower::ServiceExt::oneshot(app.control_router(), request.expect("a request")).await.expect("an answer");
    let status = response.status();
    let body = http_body_util::BodyExt::collect(response.into_body()).await.expect("a body").to_bytes();
    assert!(status.is_success(), "{method} {path}: {status} {}", String::from_utf8_lossy(&body));
    serde_json::from_slice(&body).unwrap_or(Value::Null)
}

/// Status and body of a SCIM request over a real socket.
async fn scim(to: SocketAddr, token: &str, method: &str, path: &str, body: &str) -> (u16, Value) {
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {to}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/scim+json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let answer = String::from_utf8(exchange(to, request.as_bytes()).await).expect("text");
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{answer}"));
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    (status, serde_json::from_str(body).unwrap_or(Value::Null))
}

fn user(name: &str) -> String {
    json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name}).to_string()
}

async fn names(to: SocketAddr, token: &str, base: &str) -> Vec<String> {
    let (status, list) = scim(to, token, "GET", &format!("{base}/Users"), "").await;
    assert_eq!(status, 200, "{list}");
    let users = list["Resources"].as_array().cloned().unwrap_or_default();
    users.iter().map(|user| user["userName"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn tenants_come_back_with_directories_credentials_profiles_and_settings() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("work.scimscope");
    let first = app_in(&file).await;
    let at = address(&first);
    let mut tokens = Vec::new();
    for name in ["acme", "globex", "gone"] {
        let made = api(&first, "POST", "/tenants", json!({"name": name, "schema_presets": ["devices"]})).await;
        let token = made["token"].as_str().expect("a token").to_owned();
        let base = format!("/t/{name}/scim/v2");
        assert_eq!(
            scim(at, &token, "POST", &format!("{base}/Users"), &user(&format!("ada@{name}.example.com"))).await.0,
            201
        );
        tokens.push(token);
    }
    assert_eq!(scim(at, TOKEN, "POST", "/scim/v2/Users", &user("root@example.com")).await.0, 201);
    api(&first, "POST", "/tenants/acme/clone", json!({"name": "copy"})).await;
    api(&first, "PATCH", "/tenants/globex", json!({"name": "initech", "public_url": "https://scim.example.com"})).await;
    api(&first, "PUT", "/tenants/initech/profile", json!({"name": "mine", "max_results": 7})).await;
    api(&first, "PUT", "/tenants/acme/profile", json!({"name": "rfc-strict"})).await;
    let key = json!({"name": "key", "secret": {"kind": "bearer", "token": "a-token-that-someone-chose"}});
    api(&first, "POST", "/tenants/acme/credentials", key).await;
    api(&first, "DELETE", "/tenants/acme/credentials/primary", Value::Null).await;
    api(&first, "DELETE", "/tenants/gone", Value::Null).await;
    api(&first, "POST", "/tenants/copy/reset", Value::Null).await;
    let before = without_urls(api(&first, "GET", "/tenants", Value::Null).await);
    first.stop().await;

    let second = app_in(&file).await;
    let at = address(&second);
    assert_eq!(without_urls(api(&second, "GET", "/tenants", Value::Null).await), before);
    assert_eq!(names(at, "a-token-that-someone-chose", "/t/acme/scim/v2").await, ["ada@acme.example.com"]);
    assert_eq!(scim(at, &tokens[0], "GET", "/t/acme/scim/v2/Users", "").await.0, 401, "its first token was deleted");
    assert_eq!(names(at, &tokens[1], "/t/initech/scim/v2").await, ["ada@globex.example.com"]);
    assert_eq!(names(at, TOKEN, "/scim/v2").await, ["root@example.com"]);
    assert_eq!(names(at, &tokens[0], "/t/copy/scim/v2").await, [""; 0]);
    assert_eq!(scim(at, &tokens[0], "GET", "/t/copy/scim/v2/Devices", "").await.0, 200);
    assert_eq!(scim(at, &tokens[2], "GET", "/t/gone/scim/v2/Users", "").await.0, 404);
    let (_, list) = scim(at, &tokens[1], "GET", "/t/initech/scim/v2/Users", "").await;
    let location = list["Resources"][0]["meta"]["location"].as_str().expect("a location");
    assert!(location.starts_with("https://scim.example.com/t/initech/scim/v2/Users/"), "{location}");
    // Names are free again; what is written under them is not mixed with what was written before.
    for (name, id) in [("gone", "gone-2"), ("globex", "globex-2")] {
        let made = api(&second, "POST", "/tenants", json!({"name": name})).await;
        assert_eq!(made["tenant"]["id"], id);
        let token = made["token"].as_str().expect("a token");
        assert_eq!(names(at, token, &format!("/t/{name}/scim/v2")).await, [""; 0]);
    }
    second.stop().await;
    let third = app_in(&file).await;
    assert_eq!(names(address(&third), &tokens[1], "/t/initech/scim/v2").await, ["ada@globex.example.com"]);
    third.stop().await;
}

/// What does not depend on the port.
fn without_urls(mut list: Value) -> Value {
    for tenant in list["items"].as_array_mut().expect("tenants") {
        for url in ["scim_url", "local_url", "token_url"] {
            tenant.as_object_mut().expect("a tenant").remove(url);
        }
    }
    list
}

#[tokio::test]
async fn a_token_of_the_configuration_comes_before_that_of_the_workspace() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("work.scimscope");
    let with = |token: Option<&str>| Config {
        token: token.map(str::to_owned),
        workspace: Workspace::File(file.clone()),
        public_url: Some("https://scim.example.com".into()),
        ..config()
    };
    let first = App::start(with(None)).await.expect("it starts");
    let own = first.token().to_owned();
    api(&first, "PATCH", "/tenants/default", json!({"token_lifetime_s": 60})).await;
    first.stop().await;
    let second = App::start(with(Some("a-token-for-this-run"))).await.expect("it starts");
    assert_eq!(second.token(), "a-token-for-this-run");
    assert_eq!(scim(address(&second), &own, "GET", "/scim/v2/Users", "").await.0, 401);
    let (status, user) = scim(address(&second), "a-token-for-this-run", "POST", "/scim/v2/Users", &user("ada")).await;
    assert_eq!(status, 201);
    assert!(
        user["meta"]["location"].as_str().expect("a location").starts_with("https://scim.example.com/scim/v2/Users/")
    );
    second.stop().await;
    let third = App::start(with(None)).await.expect("it starts");
    assert_eq!(third.token(), own, "it was for that run");
    third.stop().await;
    let Err(error) = App::start(Config { public_url: Some("scim.example.com".into()), ..config() }).await else {
        panic!("a public URL without a scheme was taken")
    };
    assert!(error.to_string().contains("https://"), "{error:#}");
}

#[tokio::test]
async fn a_tenant_can_listen_alone_and_stops_when_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("work.scimscope");
    let first = app_in(&file).await;
    let made = api(&first, "POST", "/tenants", json!({"name": "acme"})).await;
    let token = made["token"].as_str().expect("a token").to_owned();
    let changed = api(&first, "PATCH", "/tenants/acme", json!({"listen": "127.0.0.1:0"})).await;
    assert_eq!(changed["exposure"], "local");
    let own: SocketAddr = changed["listening"].as_str().and_then(|at| at.parse().ok()).expect("an address");
    assert_ne!(own, address(&first));
    let (status, created) = scim(own, &token, "POST", "/scim/v2/Users", &user("ada")).await;
    assert_eq!(status, 201);
    let location = created["meta"]["location"].as_str().expect("a location");
    assert!(location.starts_with(&format!("http://{own}/scim/v2/Users/")), "{location}");
    assert_eq!(names(address(&first), &token, "/t/acme/scim/v2").await, ["ada"]);
    assert_eq!(scim(own, TOKEN, "GET", "/scim/v2/Users", "").await.0, 401, "the default tenant is not here");
    let recorded = first.log().exchange(first.log().head().seq).expect("the last exchange");
    assert_eq!(recorded.outcome().and_then(|handled| handled.tenant.as_deref()), Some("acme"));
    first.stop().await;

    let second = app_in(&file).await;
    let shown = api(&second, "GET", "/tenants/acme", Value::Null).await;
    let own: SocketAddr = shown["listening"].as_str().and_then(|at| at.parse().ok()).expect("it listens again");
    assert_eq!(names(own, &token, "/scim/v2").await, ["ada"]);
    let changed = api(&second, "PATCH", "/tenants/acme", json!({"listen": null})).await;
    assert_eq!(changed["listening"], Value::Null);
    assert!(tokio::net::TcpStream::connect(own).await.is_err(), "nobody listens there any more");
    assert_eq!(names(address(&second), &token, "/t/acme/scim/v2").await, ["ada"]);
    second.stop().await;
}

#[tokio::test]
async fn a_tenant_that_is_deleted_under_load_answers_properly_to_the_end() {
    const CLIENTS: usize = 8;
    let app = app("tolerant").await;
    let at = address(&app);
    let made = api(&app, "POST", "/tenants", json!({"name": "acme"})).await;
    let token = made["token"].as_str().expect("a token").to_owned();
    let (begun, mut beginning) = tokio::sync::mpsc::channel(CLIENTS);
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (token, begun) = (token.clone(), begun.clone());
            tokio::spawn(async move {
                // Until the tenant is gone: every answer is a proper one.
                for number in 0.. {
                    let name = user(&format!("{client}-{number}"));
                    let (status, body) = scim(at, &token, "POST", "/t/acme/scim/v2/Users", &name).await;
                    if number == 0 {
                        begun.send(()).await.expect("someone waits");
                    }
                    match status {
                        201 => {}
                        404 => return assert_eq!(body["status"], "404"),
                        other => panic!("{other}: {body}"),
                    }
                }
            })
        })
        .collect();
    for _ in 0..CLIENTS {
        beginning.recv().await.expect("a client begins");
    }
    api(&app, "DELETE", "/tenants/acme", Value::Null).await;
    for client in clients {
        client.await.expect("no client saw anything else");
    }
    assert_eq!(scim(at, TOKEN, "GET", "/scim/v2/Users", "").await.0, 200);
    assert_eq!(scim(at, "wrong", "GET", "/scim/v2/Users", "").await.0, 401);
    app.stop().await;
}
