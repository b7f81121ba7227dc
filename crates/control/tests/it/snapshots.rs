//! Named states of directories.

use axum::body::Body;
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use traffic::ids::Seq;

use crate::house::{Answer, House, noon, send};
use crate::seeds::{post, worked};

const SNAPSHOTS: &str = "/api/v1/tenants/default/snapshots";

async fn call(house: &House, method: &str, path: &str, body: Value) -> Answer {
    let call = Request::builder().method(method).uri(path).header(CONTENT_TYPE, "application/json");
    send(house.inside(), call.body(Body::from(body.to_string())).unwrap()).await
}

/// What a client asks for.
fn ask(house: &House, method: &str, path: &str, body: &str) {
    let request = provider::Request {
        seq: Seq(1),
        at: noon(),
        method: method.into(),
        target: format!("/scim/v2{path}"),
        headers: vec![("Authorization".into(), format!("Bearer {}", house.control.scim_token()))],
        body: body.to_owned().into(),
        base_url: "http://127.0.0.1:8787".into(),
        peer: [127, 0, 0, 1].into(),
    };
    let status = house.control.provider().prepare(request).execute().response.status;
    assert!((200..300).contains(&status), "{method} {path}: {status}");
}

async fn seed(house: &House, number: u64, users: u32, replace: bool) {
    let recipe = json!({"seed": number, "users": users, "groups": 2});
    let job = worked(house, json!({"kind": "seed", "recipe": recipe, "replace": replace})).await;
    assert_eq!(job["state"], "done", "{job}");
}

#[tokio::test]
async fn what_a_run_changed_is_told_resource_by_resource_and_taken_back() {
    let house = House::new();
    seed(&house, 1, 10, false).await;
    let taken = post(&house, SNAPSHOTS, json!({"name": "before"})).await;
    assert_eq!((taken.status, taken.json()["differs"].as_u64()), (StatusCode::OK, Some(0)), "{:?}", taken.json());
    assert_eq!(taken.json()["chosen"], true, "the first one is the one to go back to");
    assert_eq!(taken.json()["resources"][0], json!({"resource_type": "User", "count": 10}));
    let ids: Vec<String> = house.json("/api/v1/tenants/default/resources/User?count=10").await["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect();
    seed(&house, 2, 3, false).await;
    ask(&house, "DELETE", &format!("/Users/{}", ids[9]), "");
    let patch = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations":[{"op":"replace","path":"title","value":"Countess"}]}"#;
    ask(&house, "PATCH", &format!("/Users/{}", ids[0]), patch);

    let different = house.json("/api/v1/tenants/default/differences?from=snapshot:before&count=200").await;
    assert_eq!(different["created"], 5, "{different}");
    assert_eq!(different["deleted"], 1, "{different}");
    let changed = different["items"].as_array().unwrap().iter().find(|item| item["resource_id"] == ids[0].as_str());
    let line = changed.unwrap()["lines"].as_array().unwrap().iter().find(|line| line["path"] == "title").unwrap();
    assert_eq!(line["after"], "Countess");
    let page = house.json("/api/v1/tenants/default/differences?from=snapshot:before&start_index=2&count=1").await;
    assert_eq!(page["items"][0], different["items"][1]);
    let back = house.json("/api/v1/tenants/default/differences?from=now&to=snapshot:before").await;
    assert_eq!((back["created"].as_u64(), back["deleted"].as_u64()), (Some(1), Some(5)));

    let would = post(&house, &format!("{SNAPSHOTS}/before/restore?dry_run=true"), json!({})).await.json();
    let listed = house.json(SNAPSHOTS).await;
    assert_eq!(listed["items"][0]["differs"], would["count"], "{listed}");
    let done = post(&house, &format!("{SNAPSHOTS}/before/restore"), json!({})).await;
    assert_eq!((done.status, &done.json()["count"]), (StatusCode::OK, &would["count"]));
    // Versions and times of what came back are new; what it says is not.
    let after = house.json("/api/v1/tenants/default/differences?from=snapshot:before").await;
    let paths = after["items"].as_array().unwrap().iter().flat_map(|item| item["lines"].as_array().unwrap());
    assert_eq!((after["created"].as_u64(), after["deleted"].as_u64(), paths.count()), (Some(0), Some(0), 0), "{after}");
}

#[tokio::test]
async fn snapshots_get_names_are_renamed_chosen_and_deleted() {
    let house = House::new();
    assert_eq!(house.json(SNAPSHOTS).await["items"], json!([]));
    for name in ["Snapshot 1", "Snapshot 2"] {
        assert_eq!(post(&house, SNAPSHOTS, json!({})).await.json()["name"], name);
    }
    let taken = post(&house, SNAPSHOTS, json!({"name": "Snapshot 1"})).await;
    assert_eq!((taken.status, taken.code().as_str()), (StatusCode::CONFLICT, "taken"));
    seed(&house, 1, 5, false).await;
    let replaced = post(&house, SNAPSHOTS, json!({"name": "Snapshot 1", "replace": true})).await.json();
    assert_eq!((replaced["revision"].as_u64(), replaced["chosen"].as_bool()), (Some(1), Some(true)));
    let change = json!({"name": " empty é ", "chosen": true});
    let renamed = call(&house, "PATCH", &format!("{SNAPSHOTS}/Snapshot%202"), change).await.json();
    assert_eq!((renamed["name"].as_str(), renamed["chosen"].as_bool()), (Some("empty é"), Some(true)), "{renamed}");
    let listed = house.json(SNAPSHOTS).await;
    let chosen: Vec<&Value> =
        listed["items"].as_array().unwrap().iter().filter(|item| item["chosen"] == true).collect();
    assert_eq!((chosen.len(), chosen[0]["name"].as_str()), (1, Some("empty é")), "{listed}");
    assert_eq!(listed["items"][1]["differs"], 7, "the root was kept under its new name: {listed}");
    let deleted = call(&house, "DELETE", &format!("{SNAPSHOTS}/Snapshot%201"), json!({})).await;
    assert_eq!(deleted.status, StatusCode::NO_CONTENT);
    let again = call(&house, "DELETE", &format!("{SNAPSHOTS}/Snapshot%201"), json!({})).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    for name in ["", "   ", "a\nb", &"x".repeat(81)] {
        assert_eq!(post(&house, SNAPSHOTS, json!({"name": name})).await.status, StatusCode::BAD_REQUEST, "{name:?}");
    }
    let missing = house.get("/api/v1/tenants/default/differences?from=snapshot:gone").await;
    assert!(missing.json()["error"]["message"].as_str().unwrap().contains("no snapshot \"gone\""));
}

#[tokio::test]
async fn a_state_is_exported_as_a_resource_a_line() {
    let house = House::new();
    seed(&house, 1, 1_200, false).await;
    post(&house, SNAPSHOTS, json!({"name": "full"})).await;
    seed(&house, 2, 1, true).await;
    let exported = house.get("/api/v1/tenants/default/export?at=snapshot:full").await;
    assert_eq!(exported.headers["content-type"], "application/x-ndjson");
    let text = String::from_utf8(exported.body.to_vec()).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 1_202);
    assert!(lines.iter().all(|line| line["id"].is_string() && line["meta"]["resourceType"].is_string()));
    let now = house.get("/api/v1/tenants/default/export").await;
    assert_eq!(String::from_utf8(now.body.to_vec()).unwrap().lines().count(), 3);
}
