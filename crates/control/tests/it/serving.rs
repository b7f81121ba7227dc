//! The server is paused and resumed.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::json;

use crate::house::{Answer, House, send};

async fn pause(house: &House, paused: bool) -> Answer {
    let body = json!({ "paused": paused }).to_string();
    let request = Request::put("/api/v1/serving").header("Content-Type", "application/json");
    send(house.inside(), request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn the_server_is_paused_and_resumed_and_says_so_once_each() {
    let house = House::new();
    assert_eq!(house.json("/api/v1/status").await["scim"]["paused"], false);
    let before = house.log.head().pos;
    for paused in [true, true, false] {
        assert_eq!(pause(&house, paused).await.status, StatusCode::OK);
        assert_eq!(house.json("/api/v1/status").await["scim"]["paused"], paused);
    }
    let told: Vec<String> = house
        .log
        .read(before, 10)
        .into_iter()
        .filter_map(|(_, entry)| match entry {
            traffic::entry::Entry::State(state) => Some(state.what.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(told, ["paused", "resumed"]);
}

#[tokio::test]
async fn what_is_no_pause_is_refused() {
    let house = House::new();
    let request = Request::put("/api/v1/serving").header("Content-Type", "application/json");
    let answer = send(house.inside(), request.body(Body::from("{}")).unwrap()).await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
    assert_eq!(house.json("/api/v1/status").await["scim"]["paused"], false);
}
