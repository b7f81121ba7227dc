//! Runs that can be repeated, and beginning anew between two tests.

use app::config::Config;
use app::running::App;
use serde_json::{Value, json};

use crate::flow_api::{call, ok};
use crate::raw::exchange;
use crate::running::{TOKEN, address, app, config};

async fn started(config: Config) -> App {
    App::start(config).await.unwrap_or_else(|error| panic!("{error:#}"))
}

async fn sent(app: &App, method: &str, path: &str, body: &str) -> String {
    let request = format!(
        "{method} /scim/v2{path} HTTP/1.1\r\nHost: mock.example.com\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: \
         application/scim+json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    String::from_utf8(exchange(address(app), request.as_bytes()).await).unwrap()
}

fn user(name: &str) -> String {
    json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name}).to_string()
}

/// Requests that show ids, times, versions, entity tags and signed cursors.
async fn run(app: &App) -> Vec<String> {
    let mut answers = Vec::new();
    for name in ["ada", "grace", "alan"] {
        answers.push(sent(app, "POST", "/Users", &user(name)).await);
    }
    answers.push(sent(app, "GET", "/Users?cursor&count=1", "").await);
    let bulk = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{"method": "POST", "path": "/Users", "bulkId": "a", "data": serde_json::from_str::<Value>(&user("edsger")).unwrap()}],
    });
    answers.push(sent(app, "POST", "/Bulk", &bulk.to_string()).await);
    answers.push(sent(app, "GET", "/Nothing", "").await);
    answers
}

#[tokio::test]
async fn the_same_requests_with_the_same_clock_and_ids_give_the_same_bytes() {
    let repeatable = || Config { clock: Some("2026-01-31T09:30:00Z".parse().unwrap()), ids: Some(7), ..config() };
    let (first, second) = (started(repeatable()).await, started(repeatable()).await);
    let (one, other) = (run(&first).await, run(&second).await);
    // The port is the only thing that is otherwise.
    let ports = [address(&first).port().to_string(), address(&second).port().to_string()];
    for (one, other) in one.iter().zip(&other) {
        assert_eq!(one.replace(&ports[0], "PORT"), other.replace(&ports[1], "PORT"));
    }
    assert!(one[0].contains("201 Created") && one[0].contains("2026-01-31T09:30:00"), "{}", one[0]);
    assert_eq!(one[0].to_ascii_lowercase().matches("date: sat, 31 jan 2026 09:30:00 gmt").count(), 1, "{}", one[0]);
    assert!(one[3].contains("nextCursor"), "{}", one[3]);
    let another = started(Config { ids: Some(8), ..repeatable() }).await;
    assert_ne!(run(&another).await[0], one[0]);
    for app in [first, second, another] {
        app.stop().await;
    }
}

#[tokio::test]
async fn a_clock_is_stopped_and_moved_and_ids_begin_again_while_the_server_runs() {
    let app = app("tolerant").await;
    assert_eq!(ok(&app, "GET", "/api/v1/clock", None).await, json!({"fixed_at": null}));
    assert_eq!(call(&app, "POST", "/api/v1/clock/advance", Some(json!({"by_ms": 1}))).await.0, 409);
    ok(&app, "PUT", "/api/v1/clock", Some(json!({"fixed_at": "2030-02-03T04:05:06Z"}))).await;
    ok(&app, "PUT", "/api/v1/ids", Some(json!({"seed": 5}))).await;
    let first = sent(&app, "POST", "/Users", &user("ada")).await;
    assert!(first.contains("2030-02-03T04:05:06"), "{first}");
    let moved = ok(&app, "POST", "/api/v1/clock/advance", Some(json!({"by_ms": 90_000}))).await;
    assert_eq!(moved["fixed_at"], "2030-02-03T04:06:36Z");
    assert!(sent(&app, "POST", "/Users", &user("grace")).await.contains("2030-02-03T04:06:36"));
    // Ids that are taken are passed over.
    ok(&app, "PUT", "/api/v1/ids", Some(json!({"seed": 5}))).await;
    assert!(sent(&app, "POST", "/Users", &user("alan")).await.contains("201 Created"));
    // The record tells when things really happened.
    let recent = ok(&app, "GET", "/api/v1/exchanges?q=since:10m", None).await;
    assert_eq!(recent["items"].as_array().unwrap().len(), 3);
    let done = ok(&app, "POST", "/api/v1/reset", Some(json!({"ids": true}))).await;
    assert_eq!((&done["resources"], &done["removed"]), (&json!(3), &json!(3)));
    ok(&app, "PUT", "/api/v1/clock", Some(json!({"fixed_at": "2030-02-03T04:05:06Z"}))).await;
    assert_eq!(sent(&app, "POST", "/Users", &user("ada")).await, first, "the same bytes from the beginning");
    ok(&app, "PUT", "/api/v1/clock", Some(json!({"fixed_at": null}))).await;
    assert!(!sent(&app, "POST", "/Users", &user("barbara")).await.contains("2030-02"));
    app.stop().await;
}

#[tokio::test]
async fn a_reset_takes_away_what_it_is_told_to_and_says_how_much() {
    let app = app("tolerant").await;
    assert_eq!(call(&app, "POST", "/api/v1/tenants/default/clone", Some(json!({"name": "other"}))).await.0, 201);
    for name in ["ada", "grace"] {
        sent(&app, "POST", "/Users", &user(name)).await;
    }
    let done = ok(&app, "POST", "/api/v1/reset", Some(json!({"record": false, "tenants": ["other"]}))).await;
    assert_eq!((&done["resources"], &done["removed"], &done["head"]), (&json!(0), &json!(0), &json!(2)));
    let done = ok(&app, "POST", "/api/v1/reset", Some(json!({"directories": false}))).await;
    assert_eq!((&done["resources"], &done["removed"], &done["head"]), (&json!(0), &json!(2), &json!(2)));
    let checks =
        json!([{"kind": "count", "q": "", "exactly": 0}, {"kind": "state", "resource_type": "User", "exactly": 2}]);
    assert_eq!(ok(&app, "POST", "/api/v1/assert", Some(json!({"checks": checks}))).await["passed"], true);
    let done = ok(&app, "POST", "/api/v1/reset", Some(json!({}))).await;
    assert_eq!(done["resources"], 2);
    assert!(sent(&app, "POST", "/Users", &user("ada")).await.contains("201 Created"), "the name is free again");
    // What came after a reset is counted from its head.
    let checks = json!([{"kind": "count", "q": "method:post status:201", "exactly": 1}]);
    let asserted = ok(&app, "POST", "/api/v1/assert", Some(json!({"after": done["head"], "checks": checks}))).await;
    assert_eq!(asserted["passed"], true, "{asserted:#}");
    let (status, _) = call(&app, "POST", "/api/v1/reset", Some(json!({"tenants": ["nobody"]}))).await;
    assert_eq!(status, 404);
    app.stop().await;
}
