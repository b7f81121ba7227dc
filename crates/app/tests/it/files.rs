//! Files with exchanges, opened as workspaces; snapshots over a restart.

use std::net::SocketAddr;

use app::Opening;
use app::config::{Config, Workspace};
use app::running::App;
use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::raw::exchange;
use crate::running::{TOKEN, address, app, config};

async fn send(app: &App, method: &str, path: &str, body: Vec<u8>) -> (StatusCode, Vec<u8>) {
    let request = Request::builder().method(method).uri(format!("/api/v1{path}"));
    let request = request.header("content-type", "application/json").body(Body::from(body)).expect("a request");
    let response = tower::ServiceExt::oneshot(app.control_router(), request).await.expect("an answer");
    let status = response.status();
    (status, axum::body::to_bytes(response.into_body(), 64 << 20).await.expect("a body").to_vec())
}

async fn call(app: &App, method: &str, path: &str, body: Value) -> Value {
    let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let (status, answer) = send(app, method, path, bytes).await;
    assert!(status.is_success(), "{method} {path}: {status} {}", String::from_utf8_lossy(&answer));
    serde_json::from_slice(&answer).unwrap_or(Value::Null)
}

async fn scim(to: SocketAddr, method: &str, path: &str, body: &str) -> Value {
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {to}\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/scim+json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let answer = String::from_utf8(exchange(to, request.as_bytes()).await).expect("text");
    serde_json::from_str(answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)).unwrap_or(Value::Null)
}

fn user(name: &str) -> String {
    json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name, "active": true}).to_string()
}

/// The fixture of three exchanges: a user is made, one that was there before is renamed, both are listed.
async fn recorded() -> Value {
    let app = app("tolerant").await;
    let to = address(&app);
    let there = scim(to, "POST", "/scim/v2/Users", &user("before@example.com")).await;
    scim(to, "POST", "/scim/v2/Users", &user("new@example.com")).await;
    let patch = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "Replace", "path": "displayName", "value": "Somebody"}]});
    let id = there["id"].as_str().expect("an id");
    scim(to, "PATCH", &format!("/scim/v2/Users/{id}"), &patch.to_string()).await;
    scim(to, "GET", "/scim/v2/Users", "").await;
    let export = json!({"kind": "export", "scope": {"by": "seqs", "seqs": [2, 3, 4]}, "format": "fixture"});
    let job = ended(&app, call(&app, "POST", "/jobs", export).await).await;
    assert_eq!(job["facts"]["states"], json!({"initial": 1, "expected": 2}), "{job}");
    let (_, file) = send(&app, "GET", &format!("/jobs/{}/result", job["id"]), Vec::new()).await;
    app.stop().await;
    serde_json::from_slice(&file).expect("JSON")
}

async fn ended(app: &App, started: Value) -> Value {
    loop {
        let job = call(app, "GET", &format!("/jobs/{}", started["id"]), Value::Null).await;
        match job["state"].as_str() {
            Some("running") => tokio::task::yield_now().await,
            Some("done") => return job,
            _ => panic!("{job}"),
        }
    }
}

async fn opened(fixture: &Value) -> App {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.fixture.json");
    std::fs::write(&path, fixture.to_string()).expect("a file");
    let config = Config { workspace: Workspace::File(path), ..config() };
    App::start(config).await.unwrap_or_else(|error| panic!("{error:#}"))
}

async fn names(app: &App, at: &str) -> Vec<String> {
    let page = call(app, "GET", &format!("/tenants/default/resources/User?count=50{at}"), Value::Null).await;
    let items = page["items"].as_array().cloned().unwrap_or_default();
    let mut names: Vec<String> =
        items.iter().map(|item| item["display"].as_str().expect("a name").to_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_fixture_opens_as_a_workspace_with_its_directory_behind_it() {
    let fixture = recorded().await;
    let app = opened(&fixture).await;
    let page = call(&app, "GET", "/exchanges?limit=50", Value::Null).await;
    let rows = page["items"].as_array().expect("rows");
    let calls: Vec<_> =
        rows.iter().map(|row| (row["method"].as_str().unwrap(), row["status"].as_u64().unwrap())).collect();
    assert_eq!(calls, [("POST", 201), ("PATCH", 200), ("GET", 200)]);
    assert_eq!(rows.iter().map(|row| row["changes"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 1, 0]);
    let detail = call(&app, "GET", "/exchanges/2", Value::Null).await;
    assert_eq!(detail["changes"][0]["lines"][0]["path"], "displayName", "{detail}");
    let codes = |detail: &Value| {
        let found = detail["findings"].as_array().cloned().unwrap_or_default();
        found.iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(codes(&detail), ["T2"], "as recorded: the capitalised operation");
    assert_eq!(codes(&call(&app, "GET", "/exchanges/3", Value::Null).await), [""; 0], "the end is the one expected");
    // The directory before the first step, after it and in the end.
    assert_eq!(names(&app, "&at=1").await, ["before@example.com"]);
    assert_eq!(names(&app, "&at=seq:1").await, ["before@example.com", "new@example.com"]);
    assert_eq!(names(&app, "").await, ["Somebody", "new@example.com"]);
    // It serves like any other.
    let to = address(&app);
    let listed = scim(to, "GET", "/scim/v2/Users", "").await;
    assert_eq!(listed["totalResults"], 2);
    let id = fixture["initialState"][0]["id"].as_str().expect("an id");
    assert!(
        listed["Resources"].as_array().unwrap().iter().any(|resource| resource["id"] == id),
        "ids are the recorded ones"
    );
    app.stop().await;
}

#[tokio::test]
async fn a_fixture_that_ends_otherwise_than_it_says_has_a_finding() {
    let mut fixture = recorded().await;
    fixture["expectedState"][0]["displayName"] = json!("Somebody Else");
    let app = opened(&fixture).await;
    let last = call(&app, "GET", "/exchanges/3", Value::Null).await;
    assert_eq!(last["findings"][0]["code"], "state-differs", "{last}");
    let message = last["findings"][0]["message"].as_str().unwrap();
    assert!(message.contains("User \"Somebody Else\" is otherwise"), "{message}");
    app.stop().await;
}

#[tokio::test]
async fn a_running_app_opens_a_fixture_and_leaves_what_was_open_if_it_cannot() {
    let fixture = recorded().await;
    let app = App::start(Config { open_files: true, ..config() }).await.expect("an app");
    scim(address(&app), "POST", "/scim/v2/Users", &user("own@example.com")).await;
    let mut damaged = fixture.clone();
    damaged["flows"][0]["steps"][0]["response"] = json!({"status": 1});
    let (status, answer) = send(&app, "POST", "/workspace/open-file", damaged.to_string().into_bytes()).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{}", String::from_utf8_lossy(&answer));
    assert_eq!(names(&app, "").await, ["own@example.com"]);
    let (status, answer) = send(&app, "POST", "/workspace/open-file", b"nothing of the kind".to_vec()).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{}", String::from_utf8_lossy(&answer));
    let (status, _) = send(&app, "POST", "/workspace/open-file", fixture.to_string().into_bytes()).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(names(&app, "").await, ["Somebody", "new@example.com"]);
    // The same by its place.
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("again.fixture.json");
    std::fs::write(&path, fixture.to_string()).expect("a file");
    app.open(Opening::File(path)).await.expect("it opens");
    assert_eq!(names(&app, "").await, ["Somebody", "new@example.com"]);
    app.stop().await;
}

#[tokio::test]
async fn a_snapshot_is_there_after_a_restart_and_can_be_restored() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = || Config { workspace: Workspace::File(folder.path().join("kept.scimscope")), ..config() };
    let app = App::start(config()).await.expect("an app");
    scim(address(&app), "POST", "/scim/v2/Users", &user("first@example.com")).await;
    call(&app, "POST", "/tenants/default/snapshots", json!({"name": "clean"})).await;
    scim(address(&app), "POST", "/scim/v2/Users", &user("second@example.com")).await;
    app.stop().await;
    let app = App::start(config()).await.expect("an app");
    let snapshots = call(&app, "GET", "/tenants/default/snapshots", Value::Null).await;
    assert_eq!(snapshots["items"][0]["name"], "clean", "{snapshots}");
    assert_eq!(names(&app, "").await, ["first@example.com", "second@example.com"]);
    let compared = call(&app, "GET", "/tenants/default/differences?from=snapshot:clean", Value::Null).await;
    assert_eq!(compared["created"], 1, "{compared}");
    call(&app, "POST", "/tenants/default/snapshots/clean/restore", Value::Null).await;
    assert_eq!(names(&app, "").await, ["first@example.com"]);
    app.stop().await;
}
