//! Pins, notes and tags.

use axum::body::Body;
use futures_util::StreamExt;
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::house::{Answer, House, send};

async fn call(house: &House, method: &str, path: &str, body: &Value) -> Answer {
    let request = Request::builder().method(method).uri(path).header(CONTENT_TYPE, "application/json");
    send(house.inside(), request.body(Body::from(body.to_string())).unwrap()).await
}

#[tokio::test]
async fn marks_are_set_and_told_in_the_line_in_the_whole_and_in_the_stream() {
    let house = House::new();
    let seq = house.whole("/scim/v2/Users");
    let mut events = Box::pin(house.control.events(house.log.head().pos.0));
    let marks = json!({"pinned": true, "note": "ask why", "tags": [" to ask", "To Ask", "later"]});
    let answer = call(&house, "PUT", "/api/v1/exchanges/1/marks", &marks).await;
    assert_eq!(answer.status, StatusCode::OK);
    let line = answer.json();
    assert_eq!(
        (&line["pinned"], &line["tags"], &line["has_note"]),
        (&json!(true), &json!(["to ask", "later"]), &json!(true))
    );
    let whole = house.json("/api/v1/exchanges/1").await;
    assert_eq!(whole["summary"], line);
    assert_eq!(whole["marks"], json!({"pinned": true, "note": "ask why", "tags": ["to ask", "later"]}));
    let batch = events.next().await.unwrap();
    assert_eq!(batch.items.len(), 1);
    assert_eq!((batch.items[0].seq, batch.items[0].pinned), (seq.0, true));

    // What is left out is nothing: a PUT says all.
    let line = call(&house, "PUT", "/api/v1/exchanges/1/marks", &json!({})).await.json();
    assert_eq!((&line["pinned"], &line["tags"], &line["has_note"]), (&json!(false), &json!([]), &json!(false)));
}

#[tokio::test]
async fn many_are_marked_at_once_and_what_is_left_out_stays() {
    let house = House::new();
    for target in ["/a", "/b", "/c"] {
        house.whole(target);
    }
    call(&house, "PUT", "/api/v1/exchanges/2/marks", &json!({"note": "mine", "tags": ["old", "kept"]})).await;
    let change = json!({"seqs": [2, 1, 2], "pinned": true, "add_tags": ["new"], "remove_tags": ["OLD"]});
    let lines = call(&house, "POST", "/api/v1/marks", &change).await.json();
    let told: Vec<_> = lines["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["seq"].as_u64().unwrap(), line["tags"].clone()))
        .collect();
    assert_eq!(told, [(2, json!(["kept", "new"])), (1, json!(["new"]))]);
    assert_eq!(house.json("/api/v1/exchanges/2").await["marks"]["note"], "mine");
    assert_eq!(house.json("/api/v1/exchanges/3").await["summary"]["pinned"], false);
}

#[tokio::test]
async fn the_same_marks_again_are_no_entry() {
    let house = House::new();
    house.whole("/");
    let before = house.log.head().pos;
    call(&house, "PUT", "/api/v1/exchanges/1/marks", &json!({})).await;
    assert_eq!(house.log.head().pos, before);
    for _ in 0..2 {
        call(&house, "PUT", "/api/v1/exchanges/1/marks", &json!({"pinned": true})).await;
    }
    assert_eq!(house.log.head().pos.0, before.0 + 1);
}

#[tokio::test]
async fn wrong_marks_are_refused_and_leave_nothing() {
    let house = House::new();
    house.whole("/");
    let before = house.log.head().pos;
    for (method, path, body, status, code) in [
        ("PUT", "/api/v1/exchanges/2/marks", json!({}), StatusCode::NOT_FOUND, "not_found"),
        ("PUT", "/api/v1/exchanges/1/marks", json!({"tags": [""]}), StatusCode::UNPROCESSABLE_ENTITY, "unfit_marks"),
        ("PUT", "/api/v1/exchanges/1/marks", json!({"pin": true}), StatusCode::UNPROCESSABLE_ENTITY, "bad_body"),
        ("POST", "/api/v1/marks", json!({"seqs": []}), StatusCode::BAD_REQUEST, "bad_request"),
        ("POST", "/api/v1/marks", json!({"seqs": [1, 2], "pinned": true}), StatusCode::NOT_FOUND, "not_found"),
        (
            "POST",
            "/api/v1/marks",
            json!({"seqs": [1], "add_tags": ["a\nb"]}),
            StatusCode::UNPROCESSABLE_ENTITY,
            "unfit_marks",
        ),
    ] {
        let answer = call(&house, method, path, &body).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{method} {path} {body}");
    }
    assert_eq!(house.log.head().pos, before);
}
