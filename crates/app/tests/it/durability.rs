//! When an answer may leave: a setting of the workspace, changed while it serves.

use app::config::{Config, Durability, Workspace};
use app::running::App;
use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use traffic::entry::Entry;
use traffic::ids::Pos;

use crate::running::{app, app_in, config};

async fn call(app: &App, request: http::request::Builder, body: Option<Value>) -> (StatusCode, Value) {
    let body = body.map_or(Body::empty(), |body| Body::from(body.to_string()));
    let request = request.header("content-type", "application/json").body(body).expect("a request");
    let response = tower::ServiceExt::oneshot(app.control_router(), request).await.expect("an answer");
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.expect("a body");
    (status, serde_json::from_slice(&bytes).expect("JSON"))
}

async fn workspace(app: &App) -> Value {
    call(app, Request::get("/api/v1/workspace"), None).await.1
}

async fn set(app: &App, settings: Value) -> (StatusCode, Value) {
    call(app, Request::put("/api/v1/workspace"), Some(settings)).await
}

#[tokio::test]
async fn the_durability_is_changed_at_once_and_kept_in_the_workspace() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("work.scimscope");
    let first = app_in(&file).await;
    assert_eq!(workspace(&first).await["durability"], "acknowledged");
    let (status, now) = set(&first, json!({ "durability": "power_safe" })).await;
    assert_eq!((status, &now["durability"]), (StatusCode::OK, &json!("power_safe")), "{now}");
    let id = now["id"].as_str().expect("an id").to_owned();
    assert!(!id.is_empty());
    let said = first.log().read(Pos(0), usize::MAX).into_iter().any(|(_, entry)| match entry {
        Entry::State(state) => state.what == "durability" && state.detail.starts_with("power-safe from now on"),
        _ => false,
    });
    assert!(said, "the record says so");
    first.stop().await;

    let second = app_in(&file).await;
    let now = workspace(&second).await;
    assert_eq!((&now["durability"], now["id"].as_str()), (&json!("power_safe"), Some(&*id)), "{now}");
    second.stop().await;
    let with_option =
        Config { workspace: Workspace::File(file.clone()), durability: Some(Durability::Relaxed), ..config() };
    let third = App::start(with_option).await.expect("it starts");
    assert_eq!(workspace(&third).await["durability"], "relaxed");
    third.stop().await;
    let fourth = app_in(&file).await;
    assert_eq!(workspace(&fourth).await["durability"], "power_safe", "an option holds for one run");
    fourth.stop().await;
}

#[tokio::test]
async fn each_durability_is_offered_with_what_it_promises_and_costs() {
    let app = app("tolerant").await;
    let now = workspace(&app).await;
    assert_eq!((&now["kind"], &now["durability"]), (&json!("temporary"), &json!("relaxed")));
    assert_eq!((&now["state"], &now["recovered"]), (&json!("working"), &Value::Null));
    let offered = now["durabilities"].as_array().expect("a list");
    let names: Vec<_> = offered.iter().filter_map(|choice| choice["name"].as_str()).collect();
    assert_eq!(names, ["relaxed", "acknowledged", "power_safe"]);
    assert!(offered.iter().all(|choice| choice["promise"].is_string() && choice["cost"].is_string()));
    app.stop().await;
}

#[tokio::test]
async fn settings_that_make_no_sense_change_nothing() {
    let app = app("tolerant").await;
    let (status, error) = set(&app, json!({ "durability": "forever" })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{error}");
    let (status, error) = set(&app, json!({ "disk_budget_bytes": 5, "durability": "acknowledged" })).await;
    assert_eq!((status, &error["error"]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("budget_too_small")));
    let now = workspace(&app).await;
    assert_eq!((&now["durability"], &now["disk"]["budget_bytes"]), (&json!("relaxed"), &json!(1_u64 << 30)));
    app.stop().await;
}
