//! The disk budget: kept in the workspace, changed while it serves, and what went for it is told.

use app::config::{Config, Workspace};
use app::running::App;
use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::raw::response;
use crate::running::{TOKEN, address, app, app_in, config};

async fn call(app: &App, request: http::request::Builder, body: Option<Value>) -> (StatusCode, Value) {
    let body = body.map_or(Body::empty(), |body| Body::from(body.to_string()));
    let request = request.header("content-type", "application/json").body(body).expect("a request");
    let response = tower::ServiceExt::oneshot(app.control_router(), request).await.expect("an answer");
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.expect("a body");
    (status, serde_json::from_slice(&bytes).expect("JSON"))
}

async fn disk(app: &App) -> Value {
    call(app, Request::get("/api/v1/status"), None).await.1["disk"].clone()
}

async fn set(app: &App, bytes: u64) -> (StatusCode, Value) {
    call(app, Request::put("/api/v1/disk-budget"), Some(json!({ "bytes": bytes }))).await
}

#[tokio::test]
async fn the_budget_is_kept_in_the_workspace_and_an_option_comes_before_it() {
    let temporary = app("tolerant").await;
    assert_eq!(disk(&temporary).await["budget_bytes"], 1_u64 << 30);
    temporary.stop().await;

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("work.scimscope");
    let first = app_in(&file).await;
    assert_eq!(disk(&first).await["budget_bytes"], 2_u64 << 30);
    let (status, error) = set(&first, 1_000).await;
    assert_eq!(
        (status, &error["error"]["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("budget_too_small")),
        "{error}"
    );
    let (status, now) = set(&first, 64 << 20).await;
    assert_eq!((status, &now["budget_bytes"]), (StatusCode::OK, &json!(64 << 20)));
    first.stop().await;

    let second = app_in(&file).await;
    assert_eq!(disk(&second).await["budget_bytes"], 64 << 20);
    second.stop().await;
    let with_option = Config { workspace: Workspace::File(file), disk_budget_bytes: Some(32 << 20), ..config() };
    let third = App::start(with_option).await.expect("it starts");
    assert_eq!(disk(&third).await["budget_bytes"], 32 << 20);
    third.stop().await;
    let Err(error) = App::start(Config { disk_budget_bytes: Some(9), ..config() }).await else {
        panic!("9 bytes are no budget");
    };
    assert!(error.to_string().contains("give at least"), "{error}");
}

#[tokio::test]
async fn what_was_pruned_is_counted_in_the_status_and_said_in_the_record() {
    let app = App::start(Config { disk_budget_bytes: Some(4 << 20), ..config() }).await.expect("it starts");
    let mut stream = TcpStream::connect(address(&app)).await.expect("a connection");
    let name = "x".repeat(4_000);
    let mut pruned = 0;
    for number in 0..4_000 {
        let filter = format!("userName+eq+%22{name}{number}%22");
        let head = format!(
            "GET /scim/v2/Users?filter={filter} HTTP/1.1\r\nHost: scim\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.expect("sent");
        let (head, _) = response(&mut stream).await;
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        pruned = disk(&app).await["exchanges_pruned"].as_u64().expect("a number");
        if pruned > 100 {
            break;
        }
    }
    assert!(pruned > 100, "4 MB do not hold 4,000 of these");
    let now = disk(&app).await;
    assert!(now["flows_pruned"].as_u64() > Some(0) && now["horizons"] == json!([]), "{now}");
    let (status, gone) = call(&app, Request::get("/api/v1/exchanges/1"), None).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "{gone}");
    let (_, list) = call(&app, Request::get("/api/v1/exchanges?limit=5"), None).await;
    assert!(list["items"][0]["seq"].as_u64() > Some(1), "{list}");
    app.stop().await;
}
