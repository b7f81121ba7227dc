//! Two flows beside each other: what is different in them, and what only one of them has.

use app::running::App;
use http::StatusCode;
use serde_json::{Value, json};

use crate::flow_api::{call, ok, played};
use crate::running::app;

const ALL: &str = "ids,timestamps,etags,order";

async fn flows(app: &App) -> Vec<Value> {
    ok(app, "GET", "/api/v1/flows?limit=500", None).await["items"].as_array().unwrap().clone()
}

/// Flows of one kind by the same client, the oldest first.
async fn alike(app: &App, kind: &str) -> Vec<u64> {
    let mut found: Vec<u64> =
        flows(app).await.iter().filter(|flow| flow["kind"] == kind).map(|flow| flow["id"].as_u64().unwrap()).collect();
    found.sort_unstable();
    found
}

async fn compared(app: &App, left: u64, right: u64, leave_out: &str) -> Value {
    ok(app, "GET", &format!("/api/v1/compare/flows?left={left}&right={right}&leave_out={leave_out}"), None).await
}

fn differing(comparison: &Value) -> Vec<Value> {
    let steps = comparison["steps"].as_array().unwrap().iter();
    steps.filter(|step| step["differs"] != json!([])).cloned().collect()
}

/// Where the bodies of a step differ.
fn paths(step: &Value) -> Vec<String> {
    let lines = ["request", "response"].into_iter().filter_map(|part| step[part]["lines"].as_array());
    lines.flatten().map(|line| line["path"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_flow_that_is_played_again_is_the_same_but_for_what_is_left_out_and_new_names() {
    let app = app("tolerant").await;
    played(&app, "entra-02-user-lifecycle-default").await;
    played(&app, "entra-02-user-lifecycle-default").await;
    let all = flows(&app).await;
    let (first, again) = all.split_at(all.len() / 2);
    assert_eq!(first.len(), again.len());
    for (right, left) in first.iter().zip(again) {
        let (left, right) = (left["id"].as_u64().unwrap(), right["id"].as_u64().unwrap());
        let same = compared(&app, left, right, ALL).await;
        assert!(!same["steps"].as_array().unwrap().is_empty());
        // Each run gives its people names of their own; what a server makes is not told.
        let made = ["id", "created", "lastModified", "version", "location"];
        for path in differing(&same).iter().flat_map(paths) {
            assert!(!made.contains(&path.rsplit(['.', '/']).next().unwrap()), "{path}: {left} and {right}");
        }
        let alone = |step: &&Value| step["left"].is_null() || step["right"].is_null();
        assert_eq!(same["steps"].as_array().unwrap().iter().filter(alone).count(), 0);
    }
    // With nothing left out, ids in paths are others.
    let others = |comparison: &Value| {
        let of_id = |step: &&Value| step["left"]["method"] == "PATCH" && step["differs"][0] == "target";
        differing(comparison).iter().filter(of_id).count()
    };
    let (mut raw, mut reduced) = (0, 0);
    for (right, left) in first.iter().zip(again) {
        let (left, right) = (left["id"].as_u64().unwrap(), right["id"].as_u64().unwrap());
        raw += others(&compared(&app, left, right, "").await);
        reduced += others(&compared(&app, left, right, "ids").await);
    }
    assert!(raw > 0 && reduced == 0, "{raw} and {reduced}");
    app.stop().await;
}

#[tokio::test]
async fn a_step_without_a_counterpart_stands_alone_and_the_others_are_paired() {
    let app = app("tolerant").await;
    played(&app, "entra-02-user-lifecycle-default").await;
    played(&app, "entra-02-user-lifecycle-default").await;
    let provisions = alike(&app, "provision").await;
    let (left, right) = (provisions[0], *provisions.last().unwrap());
    let whole = compared(&app, left, right, ALL).await;
    let steps = whole["steps"].as_array().unwrap();
    let gone = steps[0]["right"]["seq"].as_u64().unwrap();
    assert!(steps.len() > 1);
    let pos = app.log().head().pos;
    call(&app, "POST", "/api/v1/removals", Some(json!({"undo_s": 0, "seqs": [gone]}))).await;
    app.log().wait(pos).await;
    let part = compared(&app, left, right, ALL).await;
    let rest = part["steps"].as_array().unwrap();
    assert_eq!((&rest[0]["left"]["seq"], &rest[0]["right"]), (&steps[0]["left"]["seq"], &Value::Null));
    assert_eq!(rest[1..].iter().filter(|step| step["right"].is_null()).count(), 0);
    app.stop().await;
}

#[tokio::test]
async fn flows_that_are_not_there_and_words_that_mean_nothing_are_refused() {
    let app = app("tolerant").await;
    played(&app, "entra-02-user-lifecycle-default").await;
    let flow = flows(&app).await[0]["id"].as_u64().unwrap();
    let path = format!("/api/v1/compare/flows?left={flow}&right=99999");
    assert_eq!(call(&app, "GET", &path, None).await.0, StatusCode::NOT_FOUND);
    let path = format!("/api/v1/compare/flows?left={flow}&right={flow}&leave_out=ids,names");
    let (status, error) = call(&app, "GET", &path, None).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(error["error"]["message"].as_str().unwrap().contains("\"names\""), "{error}");
    app.stop().await;
}
