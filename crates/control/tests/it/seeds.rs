//! Directories that are made up.

use axum::body::Body;
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use traffic::change::Cause;
use traffic::entry::Entry;
use traffic::ids::Pos;

use crate::house::{Answer, House, send};

pub async fn post(house: &House, path: &str, body: Value) -> Answer {
    let call = Request::post(path).header(CONTENT_TYPE, "application/json");
    send(house.inside(), call.body(Body::from(body.to_string())).unwrap()).await
}

/// Starts a job and waits for its end.
pub async fn worked(house: &House, body: Value) -> Value {
    let started = post(house, "/api/v1/jobs", body).await;
    assert_eq!(started.status, StatusCode::ACCEPTED, "{:?}", started.json());
    let id = started.json()["id"].as_u64().unwrap();
    loop {
        let job = house.json(&format!("/api/v1/jobs/{id}")).await;
        if job["state"] != "running" {
            return job;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_dataset_comes_in_one_revision_without_exchanges() {
    let house = House::new();
    let job = worked(&house, json!({"kind": "seed", "dataset": "small-company"})).await;
    assert_eq!((job["state"].as_str(), job["kind"].as_str()), (Some("done"), Some("seed")), "{job}");
    assert_eq!(job["title"], "25 users and 14 groups from seed 25");
    assert_eq!(job["progress"], json!({"done": 39, "total": 39}));
    assert_eq!(
        job["facts"]["created"],
        json!([{"type": "User", "count": 25}, {"type": "Group", "count": 14}]),
        "{job}"
    );
    let entries = house.control.log().read(Pos(0), 100);
    let commits = entries.iter().filter_map(|(_, entry)| match entry {
        Entry::Committed(commit) => Some(commit.cause),
        _ => None,
    });
    assert_eq!(commits.collect::<Vec<_>>(), [Cause::Seed(25)]);
    assert_eq!(house.control.log().head().seq.0, 0);
    let told = entries.iter().any(|(_, entry)| {
        matches!(entry, Entry::State(state) if state.what == "directory" && state.detail.contains("made up (revision 1)"))
    });
    assert!(told);
    let page = house.json("/api/v1/tenants/default/resources/User?count=1").await;
    let id = page["items"][0]["id"].as_str().unwrap();
    let history = house.json(&format!("/api/v1/tenants/default/resources/User/{id}/history")).await;
    let version = &history["items"][0];
    assert_eq!((version["cause"]["kind"].as_str(), version["kind"].as_str()), (Some("seed"), Some("created")));
    assert_eq!(version["cause"]["sentence"], "made up from seed 25");
    assert!(version["lines"].as_array().unwrap().len() > 10, "{version}");
}

#[tokio::test]
async fn the_same_seed_twice_is_refused_in_words_unless_it_replaces() {
    let house = House::new();
    let recipe = json!({"seed": 3, "users": 20, "groups": 2});
    worked(&house, json!({"kind": "seed", "recipe": recipe})).await;
    let again = worked(&house, json!({"kind": "seed", "recipe": recipe})).await;
    assert_eq!(again["state"], "failed");
    let problem = again["problem"].as_str().unwrap();
    assert!(problem.contains("22 of them are refused") && problem.contains("take another seed"), "{problem}");
    let replaced = worked(&house, json!({"kind": "seed", "recipe": recipe, "replace": true})).await;
    assert_eq!(
        (replaced["state"].as_str(), replaced["facts"]["gone"].as_u64()),
        (Some("done"), Some(22)),
        "{replaced}"
    );
    let other = json!({"seed": 4, "users": 30, "groups": 2});
    worked(&house, json!({"kind": "seed", "recipe": other, "replace": true})).await;
    let undone = post(&house, "/api/v1/tenants/default/revisions/3/undo", json!({})).await;
    assert_eq!((undone.status, undone.json()["count"].as_u64()), (StatusCode::OK, Some(54)), "{:?}", undone.json());
    let users = house.json("/api/v1/tenants/default/resources/User?count=1").await;
    assert_eq!(users["total"], 20, "{users}");
}

#[tokio::test]
async fn a_preview_shows_the_first_users_and_groups_that_would_come() {
    let house = House::new();
    let preview =
        post(&house, "/api/v1/seed/preview", json!({"seed": 3, "users": 1_000_000, "groups": 30})).await.json();
    assert_eq!((preview["users"].as_array().unwrap().len(), preview["groups"].as_array().unwrap().len()), (25, 25));
    assert_eq!(preview["users"][0]["title"], "Director");
    assert_eq!(preview["groups"][0]["display_name"], "Engineering");
    assert_eq!(house.control.provider().tenant().directory().root().len(), 0);
    worked(&house, json!({"kind": "seed", "recipe": {"seed": 3, "users": 30, "groups": 3}})).await;
    let id = preview["users"][7]["id"].as_str().unwrap();
    let there = house.json(&format!("/api/v1/tenants/default/resources/User/{id}")).await;
    assert!(there.to_string().contains(preview["users"][7]["user_name"].as_str().unwrap()), "{there}");
}

#[tokio::test]
async fn what_cannot_be_made_up_is_refused_in_words() {
    let house = House::new();
    for (body, status, words) in [
        (json!({"kind": "seed"}), StatusCode::BAD_REQUEST, "either a recipe or the name"),
        (json!({"kind": "seed", "dataset": "moon-base"}), StatusCode::NOT_FOUND, "no dataset \"moon-base\""),
        (json!({"kind": "seed", "recipe": {"users": 2_000_000}}), StatusCode::BAD_REQUEST, "users: 2000000 is more"),
        (json!({"kind": "seed", "recipe": {}, "tenant": "gone"}), StatusCode::NOT_FOUND, "gone"),
        (json!({"kind": "seed", "recipe": {"robots": 1}}), StatusCode::UNPROCESSABLE_ENTITY, "robots"),
    ] {
        let refused = post(&house, "/api/v1/jobs", body).await;
        let message = refused.json()["error"]["message"].as_str().unwrap_or_default().to_owned();
        assert_eq!(refused.status, status, "{message}");
        assert!(message.contains(words), "{message}");
    }
    let list = house.json("/api/v1/datasets").await;
    assert_eq!(list["items"].as_array().unwrap().len(), 4);
    assert_eq!(list["default"]["users"], 100);
}
