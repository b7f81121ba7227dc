//! Workspaces opened, made, saved and copied while the app serves.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use app::config::{Config, Workspace};
use app::running::App;
use app::{Opening, WorkspaceErrorKind};
use axum::body::Body;
use control::Cursor;
use futures_util::StreamExt;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::raw::exchange;
use crate::running::{TOKEN, address, app, app_in, config};

async fn call(app: &App, method: &str, path: &str, body: Value) -> (StatusCode, Value) {
    let request = Request::builder().method(method).uri(format!("/api/v1{path}"));
    let request = match body {
        Value::Null => request.body(Body::empty()),
        body => request.header("content-type", "application/json").body(Body::from(body.to_string())),
    };
    let response =
        tower::ServiceExt::oneshot(app.control_router(), request.expect("a request")).await.expect("an answer");
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), 64 << 20).await.expect("a body");
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

async fn get(app: &App, path: &str) -> Value {
    let (status, body) = call(app, "GET", path, Value::Null).await;
    assert_eq!(status, StatusCode::OK, "{path}: {body}");
    body
}

/// The status of a SCIM request on a connection of its own; none if the connection ended without an answer.
async fn scim_as(token: &str, to: SocketAddr, method: &str, path: &str, body: &str) -> Option<(u16, Value)> {
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {to}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/scim+json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let answer = String::from_utf8(exchange(to, request.as_bytes()).await).ok()?;
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    Some((status, serde_json::from_str(body).unwrap_or(Value::Null)))
}

async fn scim(to: SocketAddr, method: &str, path: &str, body: &str) -> (u16, Value) {
    scim_as(TOKEN, to, method, path, body).await.expect("an answer")
}

fn user(name: &str) -> String {
    json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name}).to_string()
}

async fn create(to: SocketAddr, name: &str) -> Value {
    let (status, user) = scim(to, "POST", "/scim/v2/Users", &user(name)).await;
    assert_eq!(status, 201, "{user}");
    user
}

async fn count(to: SocketAddr) -> u64 {
    scim(to, "GET", "/scim/v2/Users", "").await.1["totalResults"].as_u64().expect("a number")
}

fn opens_files(file: &Path, recent: &Path) -> Config {
    Config {
        workspace: Workspace::File(file.to_owned()),
        open_files: true,
        recent: Some(recent.to_owned()),
        ..config()
    }
}

async fn start(config: Config) -> App {
    App::start(config).await.unwrap_or_else(|error| panic!("{error:#}"))
}

#[tokio::test]
async fn another_workspace_is_opened_behind_the_same_addresses() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, other) = (folder.path().join("one.scimscope"), folder.path().join("other.scimscope"));
    let app = start(opens_files(&one, &folder.path().join("recent.json"))).await;
    let at = address(&app);
    create(at, "ada@example.com").await;
    let first = get(&app, "/workspace").await;
    let (status, made) = call(&app, "POST", "/workspace/new", json!({ "path": other })).await;
    assert_eq!(status, StatusCode::OK, "{made}");
    assert_ne!(made["id"], first["id"]);
    assert_eq!((count(at).await, get(&app, "/status").await["head"].as_u64()), (0, Some(1)));
    create(at, "grace@example.com").await;

    let (status, back) = call(&app, "POST", "/workspace/open", json!({ "path": one })).await;
    assert_eq!((status, &back["id"]), (StatusCode::OK, &first["id"]), "{back}");
    assert_eq!((back["kind"].as_str(), back["recovered"].clone()), (Some("file"), Value::Null));
    let users = scim(at, "GET", "/scim/v2/Users", "").await.1;
    assert_eq!(users["Resources"][0]["userName"], "ada@example.com", "{users}");
    assert_eq!(get(&app, "/exchanges").await["items"][0]["method"], "POST", "the record is that of the first one");

    let recent = get(&app, "/workspace/recent").await;
    let names: Vec<_> = recent["items"].as_array().expect("a list").iter().map(|item| &item["path"]).collect();
    assert_eq!(names, [&json!(one.canonicalize().expect("it is there")), &json!(other.canonicalize().expect("too"))]);
    assert_eq!((&recent["items"][0]["open"], &recent["items"][1]["open"]), (&json!(true), &json!(false)));
    std::fs::remove_file(&other).expect("removed");
    assert_eq!(get(&app, "/workspace/recent").await["items"][1]["missing"], true);
    let gone = folder.path().canonicalize().expect("there").join("other.scimscope").display().to_string();
    let (_, left) = call(&app, "DELETE", &format!("/workspace/recent?path={gone}"), Value::Null).await;
    assert_eq!(left["items"].as_array().map(Vec::len), Some(1), "{left}");
    app.stop().await;
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 2, "the file and the list");
}

#[tokio::test]
async fn a_server_that_is_paused_stays_so_in_the_workspace_that_is_opened() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, other) = (folder.path().join("one.scimscope"), folder.path().join("other.scimscope"));
    let app = start(opens_files(&one, &folder.path().join("recent.json"))).await;
    let at = address(&app);
    call(&app, "PUT", "/serving", json!({"paused": true})).await;
    let (status, made) = call(&app, "POST", "/workspace/new", json!({ "path": other })).await;
    assert_eq!(status, StatusCode::OK, "{made}");
    assert_eq!(get(&app, "/status").await["scim"]["paused"], true);
    assert_eq!(scim(at, "POST", "/scim/v2/Users", &user("ada")).await.0, 503);
    call(&app, "PUT", "/serving", json!({"paused": false})).await;
    create(at, "ada").await;
    app.stop().await;
}

#[tokio::test]
async fn what_cannot_be_opened_is_refused_politely_and_the_open_workspace_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let app = start(opens_files(&path("one.scimscope"), &path("recent.json"))).await;
    let held = app_in(&path("held.scimscope")).await;
    std::fs::write(path("letter.txt"), "Dear Ada,").expect("written");
    let fresh = start(Config { workspace: Workspace::File(path("newer.scimscope")), ..config() }).await;
    fresh.stop().await;
    // The version of the format, in the header of an SQLite file (section 1.3 of its description).
    let mut newer = std::fs::read(path("newer.scimscope")).expect("read");
    newer[60..64].copy_from_slice(&9_999_u32.to_be_bytes());
    std::fs::write(path("newer.scimscope"), &newer).expect("written");
    let mut damaged = newer.clone();
    damaged[60..64].copy_from_slice(&1_u32.to_be_bytes());
    damaged[100..].fill(0xaa);
    std::fs::write(path("damaged.scimscope"), &damaged).expect("written");
    for (name, code) in [
        ("held.scimscope", "in_use"),
        ("one.scimscope", "in_use"),
        ("letter.txt", "not_a_workspace"),
        ("newer.scimscope", "newer"),
        ("missing.scimscope", "not_found"),
        ("damaged.scimscope", "not_opened"),
    ] {
        let (status, error) = call(&app, "POST", "/workspace/open", json!({ "path": path(name) })).await;
        assert_eq!(error["error"]["code"], code, "{name}: {status} {error}");
        assert!(error["error"]["message"].as_str().is_some_and(|message| message.contains(name)), "{error}");
    }
    let (_, error) = call(&app, "POST", "/workspace/new", json!({ "path": path("letter.txt") })).await;
    assert_eq!(error["error"]["code"], "exists");
    let (_, error) = call(&app, "POST", "/workspace/open", json!({ "path": "letter.txt" })).await;
    assert_eq!(error["error"]["code"], "bad_path");
    create(address(&app), "ada@example.com").await;
    assert_eq!(get(&app, "/status").await["head"], 1);
    assert_eq!(std::fs::read_to_string(path("letter.txt")).expect("read"), "Dear Ada,");
    held.stop().await;
    app.stop().await;
}

#[tokio::test]
async fn without_leave_no_call_names_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = app("tolerant").await;
    assert_eq!(get(&app, "/workspace").await["may_name_files"], false);
    for path in ["/workspace/open", "/workspace/new", "/workspace/save-as"] {
        let (status, error) = call(&app, "POST", path, json!({ "path": folder.path().join("x.scimscope") })).await;
        assert_eq!((status, &error["error"]["code"]), (StatusCode::FORBIDDEN, &json!("files_not_allowed")), "{error}");
        assert!(error["error"]["message"].as_str().is_some_and(|message| message.contains("--allow-open")));
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
    app.stop().await;
}

#[tokio::test]
async fn the_event_stream_goes_on_in_the_workspace_that_was_opened() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = start(opens_files(&folder.path().join("one.scimscope"), &folder.path().join("recent.json"))).await;
    let at = address(&app);
    create(at, "ada@example.com").await;
    let mut events = std::pin::pin!(app.desk().events(Cursor::default()));
    let first = events.next().await.expect("a batch");
    let opening = Opening::NewFile(folder.path().join("other.scimscope"));
    app.open(opening).await.expect("it is opened");
    let other = loop {
        let batch = events.next().await.expect("the stream goes on");
        if batch.workspace != first.workspace {
            break batch;
        }
    };
    assert!(other.pos.0 > 0 && other.states.iter().any(|state| state.what == "listening"), "{other:?}");
    // A reader that comes back with a place in the first one begins at the beginning of the second.
    create(at, "grace@example.com").await;
    let place = Cursor { workspace: Some(first.workspace.clone()), pos: first.pos.0 };
    let again = std::pin::pin!(app.desk().events(place)).next().await.expect("a batch");
    assert_eq!((&again.workspace, again.items.first().map(|item| item.seq)), (&other.workspace, Some(1)));
    app.stop().await;
}

/// Clients that create users, each request on a connection of its own, until they are told to stop. Every request has to be
/// answered. Tells the names that were answered with 201.
fn clients(at: SocketAddr, stop: &Arc<AtomicBool>, answered: &Arc<AtomicU64>) -> tokio::task::JoinHandle<Vec<String>> {
    let (stop, answered) = (Arc::clone(stop), Arc::clone(answered));
    tokio::spawn(async move {
        let mut names = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            let name = format!("user-{}@example.com", names.len());
            create(at, &name).await;
            answered.fetch_add(1, Ordering::Relaxed);
            names.push(name);
        }
        names
    })
}

async fn until(answered: &AtomicU64, more: u64) {
    let from = answered.load(Ordering::Relaxed);
    while answered.load(Ordering::Relaxed) < from + more {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_request_is_answered_while_workspaces_change_and_each_is_in_one_of_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let files: Vec<PathBuf> = (0..3).map(|number| folder.path().join(format!("{number}.scimscope"))).collect();
    let app = start(opens_files(&files[0], &folder.path().join("recent.json"))).await;
    let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let busy = clients(address(&app), &stop, &answered);
    until(&answered, 20).await;
    for file in &files[1..] {
        app.open(Opening::NewFile(file.clone())).await.expect("it is opened");
        until(&answered, 20).await;
    }
    app.open(Opening::File(files[0].clone())).await.expect("it is opened again");
    until(&answered, 5).await;
    stop.store(true, Ordering::Relaxed);
    let names = busy.await.expect("every request was answered");
    app.stop().await;
    let mut found: Vec<String> = Vec::new();
    for file in &files {
        let one = app_in(file).await;
        for exchange in one.control().record().exchanges(traffic::ids::Seq(0), 100_000).expect("read") {
            let changes = exchange.committed.iter().flat_map(|committed| committed.changes.iter());
            let users = changes.filter_map(|change| change.after.as_ref());
            found.extend(users.map(|user| {
                let user: Value = serde_json::from_str(&user.value().to_text()).expect("JSON");
                user["userName"].as_str().expect("a name").to_owned()
            }));
        }
        one.stop().await;
    }
    found.sort();
    let mut expected = names;
    expected.sort();
    assert_eq!(found, expected);
}

async fn job(app: &App, id: &Value) -> Value {
    loop {
        let job = get(app, &format!("/jobs/{id}")).await;
        if job["state"] != "running" {
            return job;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_temporary_workspace_that_is_saved_goes_on_in_its_file_and_loses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("kept.scimscope");
    let app = start(Config { open_files: true, ..config() }).await;
    let before = get(&app, "/workspace").await;
    let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let busy = clients(address(&app), &stop, &answered);
    until(&answered, 30).await;
    let (status, started) = call(&app, "POST", "/workspace/save-as", json!({ "path": file })).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{started}");
    let done = job(&app, &started["id"]).await;
    assert_eq!((&done["state"], &done["kind"]), (&json!("done"), &json!("save_workspace")), "{done}");
    assert_eq!(done["facts"]["path"], json!(file.canonicalize().expect("it is there")));
    until(&answered, 30).await;
    stop.store(true, Ordering::Relaxed);
    let names = busy.await.expect("every request was answered");
    let after = get(&app, "/workspace").await;
    assert_eq!((&after["kind"], &after["durability"]), (&json!("file"), &json!("acknowledged")), "{after}");
    assert_eq!(after["id"], before["id"], "it is the same workspace");
    assert!(!Path::new(before["path"].as_str().expect("a path")).exists(), "the temporary file is gone");
    assert_eq!(after["disk"]["budget_bytes"], 2_u64 << 30);
    app.stop().await;
    let again = app_in(&file).await;
    assert_eq!(count(address(&again)).await, names.len() as u64);
    again.stop().await;
}

#[tokio::test]
async fn saving_never_overwrites_what_is_not_to_be_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, other) = (folder.path().join("one.scimscope"), folder.path().join("other.scimscope"));
    let app = start(opens_files(&one, &folder.path().join("recent.json"))).await;
    let held = app_in(&other).await;
    let save = |replace| call(&app, "POST", "/workspace/save-as", json!({ "path": other, "replace": replace }));
    let (status, error) = save(false).await;
    assert_eq!((status, &error["error"]["code"]), (StatusCode::CONFLICT, &json!("exists")));
    let failed = job(&app, &save(true).await.1["id"]).await;
    assert_eq!(failed["state"], "failed");
    assert!(failed["problem"].as_str().is_some_and(|why| why.contains("already open")), "{failed}");
    let error = app.save_as(one.clone(), true, |_, _| true).await.expect_err("it is open");
    assert_eq!(error.kind, WorkspaceErrorKind::InUse);
    held.stop().await;
    create(address(&app), "ada@example.com").await;
    assert_eq!(job(&app, &save(true).await.1["id"]).await["state"], "done");
    app.stop().await;
    let copy = app_in(&other).await;
    assert_eq!(count(address(&copy)).await, 1);
    copy.stop().await;
}

/// Everything that a workspace is to a person who uses the API, but for what names it and its file.
async fn all(app: &App, first: SocketAddr) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for path in [
        "/exchanges?limit=1000",
        "/flows?limit=100",
        "/views",
        "/tenants",
        "/tenants/acme/profile",
        "/tenants/acme/credentials",
        "/tenants/default/credentials",
        "/tenants/default/resources/User?count=100",
        "/tenants/default/resources/Group?count=100",
        "/tenants/acme/resources/User?count=100",
        "/findings?q=",
        "/workspace/layout",
        "/connection",
    ] {
        all.push((path.to_owned(), get(app, path).await));
    }
    let users = get(app, "/tenants/default/resources/User?count=100").await;
    for user in users["items"].as_array().expect("users") {
        let path = format!("/tenants/default/resources/User/{}/history", user["id"].as_str().expect("an id"));
        all.push((path.clone(), get(app, &path).await));
    }
    let head = get(app, "/status").await["head"].as_u64().expect("a number");
    for seq in 1..=head {
        let mut whole = get(app, &format!("/exchanges/{seq}")).await;
        // Whether it was confirmed yet when somebody asked.
        whole.as_object_mut().expect("an object").remove("durable");
        all.push((format!("exchange {seq}"), whole));
    }
    let workspace = get(app, "/workspace").await;
    all.push(("settings".to_owned(), json!([workspace["durability"], workspace["disk"]["budget_bytes"]])));
    let mut text = serde_json::to_string(&all).expect("JSON");
    // The listener has another port each time.
    for at in [first, address(app)] {
        text = text.replace(&at.to_string(), "AT");
    }
    serde_json::from_str(&text).expect("JSON")
}

#[tokio::test]
async fn a_restart_and_a_copy_bring_everything_back_exactly() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, copied) = (folder.path().join("one.scimscope"), folder.path().join("copied.scimscope"));
    // No token is given, so that it is the workspace that keeps it.
    let config = || Config { token: None, ..opens_files(&one, &folder.path().join("recent.json")) };
    let app = start(config()).await;
    let sample = &replay::scenarios()[0];
    let run = replay::play(sample, &crate::running::target(&app), &replay::Options::demo(), |_| {}).await;
    assert_eq!(run.verdict(), replay::Verdict::Same);
    let (token, at) = (app.token(), address(&app));
    let made = scim_as(&token, at, "POST", "/scim/v2/Users", &user("ada@example.com")).await.expect("an answer");
    let path = format!("/scim/v2/Users/{}", made.1["id"].as_str().expect("an id"));
    let patch = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "Replace", "path": "active", "value": "False"}]});
    let patched = scim_as(&token, at, "PATCH", &path, &patch.to_string()).await.expect("an answer");
    assert_eq!(patched.0, 200, "{}", patched.1);
    for (method, path, body) in [
        ("POST", "/tenants", json!({"name": "acme", "profile": "okta-oin", "schema_presets": ["devices"]})),
        ("PATCH", "/tenants/acme", json!({"public_url": "https://scim.example.com"})),
        (
            "POST",
            "/tenants/acme/credentials",
            json!({"name": "hr", "secret": {"kind": "bearer", "token": "abc-def-ghi"}}),
        ),
        ("PUT", "/views/errors", json!({"name": "Errors", "query": "status:>=400"})),
        ("PUT", "/exchanges/2/marks", json!({"pinned": true, "note": "look here", "tags": ["a"]})),
        ("PATCH", "/flows/1", json!({"name": "First", "locked": true})),
        ("PUT", "/workspace/layout", json!({"panes": {"live": 0.4}, "columns": ["method", "status"]})),
        ("PUT", "/workspace", json!({"durability": "power_safe", "disk_budget_bytes": 64 << 20})),
    ] {
        let (status, answer) = call(&app, method, path, body).await;
        assert!(status.is_success(), "{method} {path}: {status} {answer}");
    }
    // Annotations follow; they have to be there before anybody compares.
    let log = app.log();
    let last = log.head().seq;
    while log.exchange(last).is_none_or(|exchange| exchange.annotation.is_none() || exchange.closed.is_none()) {
        tokio::task::yield_now().await;
    }
    let before = all(&app, at).await;
    app.save_as(copied.clone(), false, |_, _| true).await.expect("it is saved");
    assert_same(&before, &all(&app, at).await, "saving changed something");
    app.stop().await;

    let again = start(config()).await;
    assert_same(&before, &all(&again, at).await, "a restart changed something");
    let id = get(&again, "/workspace").await["id"].clone();
    again.open(Opening::File(copied)).await.expect("the copy is opened");
    assert_same(&before, &all(&again, at).await, "the copy is something else");
    assert_ne!(get(&again, "/workspace").await["id"], id, "a copy is another workspace");
    again.stop().await;
}

fn assert_same(before: &[(String, Value)], after: &[(String, Value)], what: &str) {
    for ((path, before), (_, after)) in before.iter().zip(after) {
        assert_eq!(before, after, "{what}: {path}");
    }
    assert_eq!(before.len(), after.len(), "{what}");
}

#[tokio::test]
async fn a_download_is_a_workspace_that_opens() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = app("tolerant").await;
    create(address(&app), "ada@example.com").await;
    let request = Request::get("/api/v1/workspace/copy").body(Body::empty()).expect("a request");
    let response = tower::ServiceExt::oneshot(app.control_router(), request).await.expect("an answer");
    assert_eq!(response.headers()["content-type"], "application/vnd.sqlite3");
    let name = response.headers()["content-disposition"].to_str().expect("text").to_owned();
    assert!(name.starts_with("attachment") && name.contains(".scimscope"), "{name}");
    let length: usize = response.headers()["content-length"].to_str().expect("text").parse().expect("a number");
    let bytes = axum::body::to_bytes(response.into_body(), 64 << 20).await.expect("a body");
    assert_eq!(bytes.len(), length);
    app.stop().await;
    let file = folder.path().join("downloaded.scimscope");
    std::fs::write(&file, bytes).expect("written");
    let opened = app_in(&file).await;
    assert_eq!(count(address(&opened)).await, 1);
    opened.stop().await;
}
