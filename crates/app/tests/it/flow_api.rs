//! Flows through the control API: lists, wholes, edits, and what is left of them after a restart.

use app::running::App;
use axum::body::Body;
use futures_util::StreamExt;
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use replay::{Flow, Options, Player, play};
use serde_json::{Value, json};
use tower::ServiceExt;
use traffic::ids::Seq;

use crate::running::{app, app_in, target};

pub(crate) async fn call(app: &App, method: &str, path: &str, body: Option<Value>) -> (StatusCode, Value) {
    let request = Request::builder().method(method).uri(path).header(CONTENT_TYPE, "application/json");
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let answer = app.control_router().oneshot(request.body(body).unwrap()).await.unwrap();
    let status = answer.status();
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap())
}

pub(crate) async fn ok(app: &App, method: &str, path: &str, body: Option<Value>) -> Value {
    let (status, answer) = call(app, method, path, body).await;
    assert_eq!(status, StatusCode::OK, "{method} {path}: {answer}");
    answer
}

pub(crate) async fn played(app: &App, id: &str) {
    let path = format!("{}/../../fixtures/flows/{id}.json", env!("CARGO_MANIFEST_DIR"));
    let flow = Flow::parse(&std::fs::read(path).unwrap()).unwrap();
    let run = play(&flow, &target(app), &Options::demo(), |_| {}).await;
    assert!(run.failed().is_none(), "{:?}", run.failed());
    settled(app).await;
}

/// Waits until every exchange is over, annotated and confirmed.
async fn settled(app: &App) {
    let log = app.log();
    let all = |exchanges: Vec<std::sync::Arc<traffic::exchange::Exchange>>| {
        exchanges.iter().all(|exchange| exchange.annotation.is_some() && exchange.closed.is_some())
    };
    while !all(log.exchanges(Seq(0), log.head().seq.0 as usize)) {
        log.wait(log.head().pos).await;
    }
    log.wait_durable(log.head().pos).await;
}

/// Number, kind and steps of each flow, the newest first.
async fn told(app: &App) -> Vec<(u64, String, u64)> {
    let page = ok(app, "GET", "/api/v1/flows", None).await;
    let items = page["items"].as_array().unwrap().iter();
    items
        .map(|flow| {
            let kind = flow["kind"].as_str().unwrap().to_owned();
            (flow["id"].as_u64().unwrap(), kind, flow["exchanges"].as_u64().unwrap())
        })
        .collect()
}

fn entra() -> Vec<(u64, String, u64)> {
    [(8, "delete", 1), (6, "reactivate", 2), (5, "deactivate", 1), (3, "update", 2), (1, "provision", 2)]
        .map(|(id, kind, steps)| (id, kind.to_owned(), steps))
        .to_vec()
}

#[tokio::test]
async fn flows_are_listed_newest_first_in_pages_and_the_same_after_a_restart() {
    let desk = tempfile::tempdir().unwrap();
    let file = desk.path().join("work.scimscope");
    let app = app_in(&file).await;
    played(&app, "entra-02-user-lifecycle-default").await;
    assert_eq!(told(&app).await, entra());
    let before = ok(&app, "GET", "/api/v1/flows/1", None).await;
    let page = ok(&app, "GET", "/api/v1/flows?limit=2", None).await;
    assert_eq!((page["items"][1]["id"].as_u64(), page["next"].as_u64()), (Some(6), Some(6)));
    let page = ok(&app, "GET", "/api/v1/flows?limit=2&before=6", None).await;
    assert_eq!((page["items"][0]["id"].as_u64(), page["next"].as_u64()), (Some(5), Some(3)));
    let page = ok(&app, "GET", "/api/v1/flows?q=method:delete", None).await;
    assert_eq!((page["items"].as_array().unwrap().len(), page["items"][0]["id"].as_u64()), (1, Some(8)));
    app.stop().await;

    let app = app_in(&file).await;
    assert_eq!(told(&app).await, entra());
    let after = ok(&app, "GET", "/api/v1/flows/1", None).await;
    assert_eq!(after, before);
    assert_eq!(call(&app, "GET", "/api/v1/flows/2", None).await.0, StatusCode::NOT_FOUND);
    app.stop().await;
}

/// How many flows the status tells of; waits until they were counted.
async fn counted(app: &App) -> u64 {
    loop {
        if let Some(count) = ok(app, "GET", "/api/v1/status", None).await["flows"].as_u64() {
            return count;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_status_tells_how_many_flows_there_are() {
    let desk = tempfile::tempdir().unwrap();
    let file = desk.path().join("work.scimscope");
    let app = app_in(&file).await;
    assert_eq!(counted(&app).await, 0);
    played(&app, "entra-02-user-lifecycle-default").await;
    assert_eq!(counted(&app).await, 5, "what came after they were counted");
    ok(&app, "POST", "/api/v1/flows/merge", Some(json!({"flows": [6, 5, 8]}))).await;
    assert_eq!(counted(&app).await, 3);
    ok(&app, "POST", "/api/v1/flows/1/split", Some(json!({"at": 2}))).await;
    assert_eq!(counted(&app).await, 4);
    app.stop().await;

    let app = app_in(&file).await;
    assert_eq!(counted(&app).await, 4, "read from the file");
    app.stop().await;
}

#[tokio::test]
async fn a_flow_tells_what_was_answered_in_one_step_and_used_in_another() {
    let app = app("tolerant").await;
    played(&app, "entra-02-user-lifecycle-default").await;
    let flow = ok(&app, "GET", "/api/v1/flows/6", None).await;
    assert_eq!(flow["summary"]["name"], "Entra: enable Lena Ortiz-Moss");
    assert_eq!(flow["steps"].as_array().unwrap().len(), 2);
    let link = &flow["links"][0];
    assert_eq!((link["from"].as_u64(), link["to"].as_u64(), link["kind"].as_str()), (Some(6), Some(7), Some("id")));
    assert_eq!((&link["answered_at"], &link["used_at"]), (&json!("/Resources/0/id"), &json!("path")));
    app.stop().await;
}

#[tokio::test]
async fn a_person_splits_merges_renames_and_locks_and_it_stays_so() {
    let desk = tempfile::tempdir().unwrap();
    let file = desk.path().join("work.scimscope");
    let app = app_in(&file).await;
    played(&app, "entra-02-user-lifecycle-default").await;
    let mut events = Box::pin(app.control().events(app.log().head().pos.0));

    let parts = ok(&app, "POST", "/api/v1/flows/1/split", Some(json!({"at": 2}))).await;
    assert_eq!(
        parts["flows"].as_array().unwrap().iter().map(|flow| flow["id"].as_u64()).collect::<Vec<_>>(),
        [Some(1), Some(2)]
    );
    let batch = events.next().await.unwrap();
    assert_eq!(batch.flows.iter().map(|flow| (flow.id, flow.by_hand)).collect::<Vec<_>>(), [(1, true), (2, true)]);

    let one = ok(&app, "POST", "/api/v1/flows/merge", Some(json!({"flows": [6, 5, 8]}))).await;
    assert_eq!(
        (&one["flows"][0]["id"], &one["flows"][0]["exchanges"], &one["gone"]),
        (&json!(5), &json!(4), &json!([6, 8]))
    );
    let mut gone = Vec::new();
    while gone.len() < 2 {
        gone.extend(events.next().await.unwrap().gone_flows);
    }
    assert_eq!(gone, [6, 8]);

    let named = ok(&app, "PATCH", "/api/v1/flows/5", Some(json!({"name": " on and off ", "locked": true}))).await;
    assert_eq!(
        (&named["name"], &named["renamed"], &named["locked"]),
        (&json!("on and off"), &json!(true), &json!(true))
    );
    for (path, body) in [("/api/v1/flows/5/split", json!({"at": 7})), ("/api/v1/flows/merge", json!({"flows": [5, 3]}))]
    {
        assert_eq!(call(&app, "POST", path, Some(body)).await.0, StatusCode::CONFLICT, "{path}");
    }
    for (path, body) in [
        ("/api/v1/flows/3/split", json!({"at": 3})),
        ("/api/v1/flows/3/split", json!({"at": 9})),
        ("/api/v1/flows/merge", json!({"flows": [3, 3]})),
    ] {
        assert_eq!(call(&app, "POST", path, Some(body)).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
    }
    let expected = [(5, "deactivate", 4), (3, "update", 2), (2, "provision", 1), (1, "lookup", 1)]
        .map(|(id, kind, steps)| (id, kind.to_owned(), steps));
    assert_eq!(told(&app).await, expected);
    app.stop().await;

    let app = app_in(&file).await;
    assert_eq!(told(&app).await, expected);
    assert_eq!(ok(&app, "GET", "/api/v1/flows/5", None).await["summary"], named);
    // Taken back, everything is as it was.
    for id in [1, 2, 5] {
        ok(&app, "POST", &format!("/api/v1/flows/{id}/regroup"), None).await;
    }
    assert_eq!(told(&app).await, entra());
    assert_eq!(ok(&app, "GET", "/api/v1/flows/5", None).await["summary"]["renamed"], false);
    app.stop().await;
}

#[tokio::test]
async fn a_locked_flow_takes_no_more_exchanges() {
    let app = app("tolerant").await;
    let path = format!("{}/../../fixtures/flows/entra-02-user-lifecycle-default.json", env!("CARGO_MANIFEST_DIR"));
    let flow = Flow::parse(&std::fs::read(path).unwrap()).unwrap();
    let mut player = Player::new(&target(&app), &Options::demo());
    player.step(0, &flow.steps[0], &flow.steps[0].expect).await;
    settled(&app).await;
    ok(&app, "PATCH", "/api/v1/flows/1", Some(json!({"locked": true}))).await;
    player.step(1, &flow.steps[1], &flow.steps[1].expect).await;
    settled(&app).await;
    let expected = [(2, "provision", 1), (1, "lookup", 1)].map(|(id, kind, steps)| (id, kind.to_owned(), steps));
    assert_eq!(told(&app).await, expected);
    // A query looks at what a flow is called, too.
    ok(&app, "PATCH", "/api/v1/flows/1", Some(json!({"name": "first look"}))).await;
    for (query, found) in [("flow:%22first+look%22", 1), ("flow:lookup", 1), ("flow:provision", 2), ("flow:2", 2)] {
        let page = ok(&app, "GET", &format!("/api/v1/flows?q={query}"), None).await;
        let ids: Vec<_> = page["items"].as_array().unwrap().iter().map(|flow| flow["id"].as_u64().unwrap()).collect();
        assert_eq!(ids, [found], "{query}");
    }
    app.stop().await;
}
