//! Replays through the control API: planned, run, read, compared, accepted, and never sent to a stranger unasked.

use std::time::Duration;

use app::running::App;
use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use replay::{Options, play};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::running::{app, app_in, target};

async fn call(app: &App, method: &str, path: &str, body: Option<Value>) -> (StatusCode, Value) {
    let request = Request::builder().method(method).uri(format!("/api/v1{path}"));
    let request = match body {
        Some(body) => request.header("content-type", "application/json").body(Body::from(body.to_string())),
        None => request.body(Body::empty()),
    };
    let answer = app.control_router().oneshot(request.expect("a request")).await.expect("an answer");
    let status = answer.status();
    let bytes = answer.into_body().collect().await.expect("a body").to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

/// Plays the sample, so that there is something to replay.
async fn record(app: &App) {
    let sample = replay::scenarios().iter().find(|flow| flow.id == "entra-sample").expect("the sample");
    play(sample, &target(app), &Options::demo(), |_| {}).await;
}

async fn tenant(app: &App, name: &str) {
    let (status, body) = call(app, "POST", "/tenants", Some(json!({ "name": name }))).await;
    assert_eq!(status, StatusCode::CREATED, "{body}");
}

/// Starts a replay and waits until it is over.
async fn run(app: &App, replay: Value) -> Value {
    let (status, started) = call(app, "POST", "/replays", Some(replay)).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{started}");
    over(app, started["id"].as_u64().expect("a number")).await
}

async fn over(app: &App, id: u64) -> Value {
    loop {
        let (status, found) = call(app, "GET", &format!("/replays/{id}"), None).await;
        assert_eq!(status, StatusCode::OK, "{found}");
        if !found["run"]["ended_at"].is_null() {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_plan_shows_every_request_and_where_its_values_come_from_and_sends_nothing() {
    let app = app("tolerant").await;
    record(&app).await;
    tenant(&app, "other").await;
    let before = app.log().head().seq;
    let replay = json!({ "source": { "kind": "query", "q": "" }, "target": { "kind": "tenant", "name": "other" } });
    let (status, plan) = call(&app, "POST", "/replays/plan?limit=5", Some(replay)).await;
    assert_eq!(status, StatusCode::OK, "{plan}");
    assert_eq!((&plan["counts"]["steps"], &plan["counts"]["writes"], &plan["next"]), (&json!(9), &json!(7), &json!(5)));
    assert!(plan["counts"]["bindings"].as_u64() > Some(3), "{plan}");
    let member = &plan["items"][4]["bindings"];
    assert!(member.as_array().is_some_and(|all| all.iter().any(|one| one["from_place"] == "/id")), "{member}");
    let text = plan.to_string();
    assert!(!text.contains(&app.token()), "credentials are masked");
    assert_eq!(app.log().head().seq, before, "nothing was sent");
    app.stop().await;
}

#[tokio::test]
async fn a_run_is_kept_with_its_steps_and_does_not_change_what_was_recorded() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("w.scimscope");
    let app = app_in(&file).await;
    record(&app).await;
    tenant(&app, "other").await;
    let (_, first) = call(&app, "GET", "/exchanges/2", None).await;
    let found = run(
        &app,
        json!({ "source": { "kind": "exchanges", "seqs": [1, 2, 3, 4, 5, 6, 7, 8, 9] },
            "target": { "kind": "tenant", "name": "other" }, "check_state": true }),
    )
    .await;
    assert_eq!(found["run"]["state"], "complete", "{found}");
    assert_eq!(found["run"]["verdict"], "same", "{found}");
    assert!(found["items"].as_array().is_some_and(|steps| steps.len() > 9), "the state is checked");
    let everything = json!({ "source": { "kind": "query", "q": "" }, "target": { "kind": "tenant", "name": "other" } });
    let (_, plan) = call(&app, "POST", "/replays/plan", Some(everything)).await;
    assert_eq!(plan["counts"]["steps"], 9, "what the replay itself sent is nothing that clients sent");
    let (_, step) = call(&app, "GET", "/replays/1/steps/4", None).await;
    assert!(step["bound"].as_array().is_some_and(|bound| !bound.is_empty()), "{step}");
    let (_, ids) = call(&app, "GET", "/replays/1?ignores=%7B%22ids%22%3Afalse%7D", None).await;
    assert!(ids["verdicts"]["different"].as_u64() > Some(0), "judged again, ids count: {ids}");
    let (_, again) = call(&app, "GET", "/exchanges/2", None).await;
    assert_eq!(first, again, "what was recorded stays as it is");
    app.stop().await;
    let app = app_in(&file).await;
    let (_, runs) = call(&app, "GET", "/replays", None).await;
    assert_eq!((&runs["items"][0]["id"], &runs["items"][0]["verdict"]), (&json!(1), &json!("same")));
    let (_, kept) = call(&app, "GET", "/replays/1", None).await;
    assert_eq!(kept["items"], found["items"]);
    assert_eq!(call(&app, "DELETE", "/replays/1", None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(call(&app, "GET", "/replays/1", None).await.0, StatusCode::NOT_FOUND);
    app.stop().await;
}

#[tokio::test]
async fn two_runs_are_compared_and_an_answer_can_be_accepted_as_what_is_expected() {
    let app = app("tolerant").await;
    record(&app).await;
    tenant(&app, "other").await;
    let replay =
        json!({ "source": { "kind": "exchanges", "seqs": [2] }, "target": { "kind": "tenant", "name": "other" } });
    let first = run(&app, replay.clone()).await;
    let second = run(&app, replay.clone()).await;
    assert_eq!((&first["run"]["verdict"], &second["run"]["verdict"]), (&json!("same"), &json!("different")));
    let (_, both) = call(&app, "GET", "/replays/compare?left=1&right=2", None).await;
    assert_eq!((&both["alike"], &both["unlike"]), (&json!(0), &json!(1)), "{both}");
    assert_eq!(both["items"][0]["right"]["replayed_status"], 409);
    assert_eq!(call(&app, "POST", "/replays/2/steps/0/accept", None).await.0, StatusCode::NO_CONTENT);
    let third = run(&app, replay.clone()).await;
    assert_eq!(third["run"]["verdict"], "same", "409 is what is expected now: {third}");
    assert_eq!(call(&app, "DELETE", "/replays/answers/2", None).await.0, StatusCode::NO_CONTENT);
    let fourth = run(&app, replay).await;
    assert_eq!(fourth["run"]["verdict"], "different");
    app.stop().await;
}

#[tokio::test]
async fn nothing_is_sent_to_another_machine_before_somebody_agreed() {
    let app = app("tolerant").await;
    record(&app).await;
    // TEST-NET-1 (RFC 5737): nobody answers there.
    let replay = json!({
        "source": { "kind": "query", "q": "" },
        "target": { "kind": "url", "url": "http://192.0.2.1:9/scim/v2",
            "credentials": { "kind": "bearer", "token": "very-secret-token" } },
        "answer_ms": 100,
    });
    let (status, refused) = call(&app, "POST", "/replays", Some(replay.clone())).await;
    assert_eq!((status, &refused["error"]["code"]), (StatusCode::CONFLICT, &json!("consent_needed")));
    let message = refused["error"]["message"].as_str().unwrap_or_default();
    assert!(message.contains("192.0.2.1:9") && message.contains("7 requests"), "{message}");
    assert_eq!(call(&app, "PUT", "/replays/consents/192.0.2.1:9", None).await.0, StatusCode::OK);
    let (_, plan) = call(&app, "POST", "/replays/plan", Some(replay.clone())).await;
    assert_eq!((&plan["target"]["consented"], &plan["target"]["loopback"]), (&json!(true), &json!(false)));
    let (status, started) = call(&app, "POST", "/replays", Some(replay)).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{started}");
    assert_eq!(
        call(&app, "POST", "/replays/1/steer", Some(json!({ "order": "stop" }))).await.0,
        StatusCode::NO_CONTENT
    );
    let found = over(&app, 1).await;
    assert!(["stopped", "unreachable"].contains(&found["run"]["state"].as_str().unwrap_or_default()), "{found}");
    assert!(!found.to_string().contains("very-secret-token"));
    assert_eq!(call(&app, "DELETE", "/replays/consents/192.0.2.1:9", None).await.0, StatusCode::NO_CONTENT);
    app.stop().await;
}

#[tokio::test]
async fn step_by_step_a_run_waits_and_a_wrong_call_says_what_is_wrong() {
    let app = app("tolerant").await;
    record(&app).await;
    tenant(&app, "other").await;
    let target = json!({ "kind": "tenant", "name": "other" });
    let replay =
        json!({ "source": { "kind": "flow", "flow": 1 }, "target": target, "pace": { "kind": "step_by_step" } });
    let (status, _) = call(&app, "POST", "/replays", Some(replay)).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let order = |order: &str| Some(json!({ "order": order }));
    assert_eq!(call(&app, "POST", "/replays/1/steer", order("step")).await.0, StatusCode::NO_CONTENT);
    loop {
        let (_, found) = call(&app, "GET", "/replays/1", None).await;
        assert!(found["run"]["done"].as_u64() <= Some(1), "{found}");
        if found["run"]["done"] == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(call(&app, "DELETE", "/replays/1", None).await.0, StatusCode::CONFLICT);
    assert_eq!(call(&app, "POST", "/replays/1/steer", order("go_on")).await.0, StatusCode::NO_CONTENT);
    assert_eq!(over(&app, 1).await["run"]["state"], "complete");
    for (wrong, words) in [
        (json!({ "source": { "kind": "query", "q": "status:599" }, "target": target }), "nothing to replay"),
        (json!({ "source": { "kind": "query", "q": "" }, "target": target, "workers": 0 }), "from 1 to 64"),
        (json!({ "source": { "kind": "query", "q": "" }, "target": { "kind": "url", "url": "x" } }), "is no URL"),
        (json!({ "source": { "kind": "file", "text": "{}" }, "target": target }), "the form"),
    ] {
        let (status, answer) = call(&app, "POST", "/replays", Some(wrong)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{answer}");
        assert!(answer["error"]["message"].as_str().is_some_and(|message| message.contains(words)), "{answer}");
    }
    app.stop().await;
}
