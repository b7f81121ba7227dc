//! With no memory for the record at all, everything is there all the same.

use app::config::{Config, Workspace};
use app::running::App;
use futures_util::StreamExt;
use http_body_util::BodyExt;
use replay::{Options, Verdict, play};
use serde_json::Value;
use tower::ServiceExt;

use crate::running::{config, target};

async fn get(app: &App, path: &str) -> Vec<u8> {
    let request = http::Request::get(path).body(axum::body::Body::empty()).expect("a request");
    let response = app.control_router().oneshot(request).await.expect("an answer");
    let status = response.status();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&body));
    body.to_vec()
}

async fn json(app: &App, path: &str) -> Value {
    serde_json::from_slice(&get(app, path).await).expect("JSON")
}

/// Waits until the file has everything, annotations included, and nothing is in memory.
async fn settled(app: &App, exchanges: u64) -> Value {
    let log = app.log();
    loop {
        assert!(log.wait_durable(log.head().pos).await);
        let page = json(app, "/api/v1/exchanges?limit=1000").await;
        let items = page["items"].as_array().expect("items");
        let done = items.iter().filter(|item| item["closed"] == true && item["sentence"] != "").count();
        if done as u64 == exchanges && log.usage().held_bytes == 0 {
            return page;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_record_that_is_only_in_the_workspace_is_shown_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = Workspace::File(folder.path().join("work.scimscope"));
    let started = |file: Workspace| App::start(Config { memory_budget_bytes: 0, workspace: file, ..config() });
    let app = started(file.clone()).await.expect("it starts");
    let sample = &replay::scenarios()[0];
    assert_eq!(play(sample, &target(&app), &Options::demo(), |_| {}).await.verdict(), Verdict::Same);
    let count = app.log().head().seq.0;

    let page = settled(&app, count).await;
    let memory = &json(&app, "/api/v1/status").await["memory"];
    assert_eq!(memory["evicted"], count);
    assert_eq!((&memory["held_bytes"], &memory["budget_bytes"], &memory["dropped"]), (&0.into(), &0.into(), &0.into()));
    let posts = json(&app, "/api/v1/exchanges?q=method:post&newest=true").await;
    assert!(!posts["items"].as_array().expect("items").is_empty());
    let detail = json(&app, &format!("/api/v1/exchanges/{}", posts["items"][0]["seq"])).await;
    assert_eq!(detail["summary"]["method"], "POST");
    let bytes = get(&app, &format!("/api/v1/exchanges/{}/request", posts["items"][0]["seq"])).await;
    assert!(bytes.starts_with(b"POST /scim/v2/"), "{}", String::from_utf8_lossy(&bytes));
    // A page that comes late is told of all of them.
    let mut events = std::pin::pin!(app.control().events(0));
    let batch = events.next().await.expect("a batch");
    assert_eq!(batch.items.len() as u64, count);
    app.stop().await;

    let app = started(file).await.expect("it starts again");
    assert_eq!(json(&app, "/api/v1/exchanges?limit=1000").await["items"], page["items"]);
    assert_eq!(app.log().head().seq.0, count);
    app.stop().await;
}
