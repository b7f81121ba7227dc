//! Exchanges that somebody wants gone: for a while it can be undone, then they are gone from everywhere.

use app::running::App;
use http::StatusCode;
use serde_json::{Value, json};
use traffic::entry::Entry;
use traffic::ids::Pos;

use crate::flow_api::{call, ok, played};
use crate::running::app;

/// Waits for the word of the server how a removal went.
async fn told(app: &App, after: Pos) -> (String, String) {
    let (log, mut at) = (app.log(), after);
    loop {
        log.wait(at).await;
        for (pos, entry) in log.read(at, 1_000) {
            at = pos;
            match entry {
                Entry::State(state) if state.what.starts_with("remov") => {
                    return (state.what.clone(), state.detail.clone());
                }
                _ => {}
            }
        }
    }
}

async fn numbers(app: &App, query: &str) -> Vec<u64> {
    let page = ok(app, "GET", &format!("/api/v1/exchanges?limit=1000&q={query}"), None).await;
    page["items"].as_array().unwrap().iter().map(|item| item["seq"].as_u64().unwrap()).collect()
}

async fn users(app: &App) -> Value {
    let types = ok(app, "GET", "/api/v1/status", None).await["resources"].clone();
    types.as_array().unwrap().iter().find(|it| it["resource_type"] == "User").cloned().unwrap()["count"].clone()
}

#[tokio::test]
async fn a_cleared_record_is_gone_but_for_what_is_pinned_and_the_directory_stays() {
    let app = app("tolerant").await;
    played(&app, "entra-02-user-lifecycle-default").await;
    let all = numbers(&app, "").await;
    let kept = all[2];
    ok(&app, "POST", "/api/v1/marks", Some(json!({"seqs": [kept], "pinned": true}))).await;
    let (before, pos) = (users(&app).await, app.log().head().pos);
    let (status, removal) = call(&app, "POST", "/api/v1/removals", Some(json!({"undo_s": 0}))).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{removal}");
    assert_eq!((removal["through"].as_u64(), &removal["seqs"]), (all.last().copied(), &json!([])));
    let said = format!("removed {} exchanges by hand", all.len() - 1);
    assert_eq!(told(&app, pos).await, ("removed".to_owned(), said));

    assert_eq!(numbers(&app, "").await, [kept]);
    assert_eq!(numbers(&app, "method:post").await.iter().filter(|seq| **seq != kept).count(), 0);
    let (status, _) = call(&app, "GET", &format!("/api/v1/exchanges/{}", all[0]), None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let flows = ok(&app, "GET", "/api/v1/flows", None).await;
    let left: u64 = flows["items"].as_array().unwrap().iter().map(|flow| flow["exchanges"].as_u64().unwrap()).sum();
    assert_eq!(left, 1, "{flows}");
    assert_eq!(users(&app).await, before);

    // The record goes on with new numbers.
    played(&app, "entra-02-user-lifecycle-default").await;
    let now = numbers(&app, "").await;
    assert!(now.len() > 1 && now[1] > *all.last().unwrap(), "{now:?}");
    app.stop().await;
}

#[tokio::test]
async fn what_is_named_goes_and_its_flow_goes_on_without_it() {
    let app = app("tolerant").await;
    played(&app, "entra-02-user-lifecycle-default").await;
    let all = numbers(&app, "").await;
    ok(&app, "POST", "/api/v1/marks", Some(json!({"seqs": [all[1]], "pinned": true, "add_tags": ["sample"]}))).await;
    ok(&app, "POST", "/api/v1/marks", Some(json!({"seqs": [all[3]], "add_tags": ["Sample"]}))).await;
    let pos = app.log().head().pos;
    let (_, _) = call(&app, "POST", "/api/v1/removals", Some(json!({"undo_s": 0, "tag": "sample"}))).await;
    assert_eq!(told(&app, pos).await.1, "removed 1 exchanges by hand");
    let pos = app.log().head().pos;
    let (_, _) = call(&app, "POST", "/api/v1/removals", Some(json!({"undo_s": 0, "seqs": [all[1], all[1]]}))).await;
    assert_eq!(told(&app, pos).await.1, "removed 1 exchanges by hand");
    let left: Vec<u64> = all.iter().copied().filter(|seq| *seq != all[1] && *seq != all[3]).collect();
    assert_eq!(numbers(&app, "").await, left);
    app.stop().await;
}

#[tokio::test]
async fn a_removal_that_is_called_off_in_time_removes_nothing() {
    let app = app("tolerant").await;
    played(&app, "entra-02-user-lifecycle-default").await;
    let all = numbers(&app, "").await;
    let (_, removal) = call(&app, "POST", "/api/v1/removals", Some(json!({"undo_s": 60}))).await;
    let waiting = ok(&app, "GET", "/api/v1/removals", None).await;
    assert_eq!(waiting["items"], json!([removal]));
    let path = format!("/api/v1/removals/{}", removal["id"]);
    assert_eq!(status_of(&app, "DELETE", &path).await, StatusCode::NO_CONTENT);
    assert_eq!(status_of(&app, "DELETE", &path).await, StatusCode::NOT_FOUND);
    assert_eq!(ok(&app, "GET", "/api/v1/removals", None).await["items"], json!([]));
    // One more that nobody calls off: it ends with the server, which removes nothing then.
    call(&app, "POST", "/api/v1/removals", Some(json!({"undo_s": 60}))).await;
    assert_eq!(numbers(&app, "").await, all);
    app.stop().await;
}

async fn status_of(app: &App, method: &str, path: &str) -> StatusCode {
    let request = http::Request::builder().method(method).uri(path).body(axum::body::Body::empty()).unwrap();
    tower::ServiceExt::oneshot(app.control_router(), request).await.unwrap().status()
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused() {
    let app = app("tolerant").await;
    for (body, why) in [
        (json!({"seqs": [1], "tag": "sample"}), "not by both"),
        (json!({"undo_s": 61}), "it may be 60"),
        (json!({"seqs": vec![1; 100_001]}), "it may have 100000"),
    ] {
        let (status, error) = call(&app, "POST", "/api/v1/removals", Some(body)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{error}");
        assert!(error["error"]["message"].as_str().unwrap().contains(why), "{error}");
    }
    app.stop().await;
}
