//! Saved views.

use std::collections::BTreeMap;
use std::sync::Mutex;

use axum::body::Body;
use control::ports::Documents;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::house::{Answer, House, send};

/// Documents in memory.
#[derive(Default)]
pub struct Shelf(Mutex<BTreeMap<(String, String), Value>>);

impl Documents for Shelf {
    fn put(&self, kind: &str, id: &str, json: &Value) -> Result<(), String> {
        self.0.lock().unwrap().insert((kind.to_owned(), id.to_owned()), json.clone());
        Ok(())
    }

    fn list(&self, kind: &str) -> Result<Vec<(String, Value)>, String> {
        let shelf = self.0.lock().unwrap();
        let found = shelf.iter().filter(|((of, _), _)| of == kind);
        Ok(found.map(|((_, id), json)| (id.clone(), json.clone())).collect())
    }

    fn delete(&self, kind: &str, id: &str) -> Result<bool, String> {
        Ok(self.0.lock().unwrap().remove(&(kind.to_owned(), id.to_owned())).is_some())
    }
}

async fn put(house: &House, id: &str, body: Value) -> Answer {
    let request = Request::put(format!("/api/v1/views/{id}")).header("content-type", "application/json");
    send(house.inside(), request.body(Body::from(body.to_string())).unwrap()).await
}

async fn delete(house: &House, id: &str) -> Answer {
    send(house.inside(), Request::delete(format!("/api/v1/views/{id}")).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_view_is_kept_changed_and_deleted() {
    let house = House::new();
    assert_eq!(house.json("/api/v1/views").await, json!({"items": []}));
    let kept = put(&house, "errors", json!({"name": "Refused", "query": "status:>=400"})).await;
    assert_eq!((kept.status, kept.json()["name"].clone()), (StatusCode::OK, json!("Refused")));
    put(&house, "ada", json!({"name": "about Ada", "query": "user:ada"})).await;
    put(&house, "errors", json!({"name": "Errors", "query": "status:4xx"})).await;
    let views = json!({"items": [
        {"id": "ada", "name": "about Ada", "query": "user:ada"},
        {"id": "errors", "name": "Errors", "query": "status:4xx"},
    ]});
    assert_eq!(house.json("/api/v1/views").await, views);
    assert_eq!(delete(&house, "ada").await.status, StatusCode::NO_CONTENT);
    assert_eq!(delete(&house, "ada").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_view_without_a_name_or_with_too_much_is_refused() {
    let house = House::new();
    for (id, body, what) in [
        ("x", json!({"name": "  ", "query": ""}), "name"),
        ("x", json!({"name": "n".repeat(81), "query": ""}), "name"),
        ("x", json!({"name": "n", "query": "q".repeat(4097)}), "query"),
        ("no%20blanks", json!({"name": "n", "query": ""}), "id"),
    ] {
        let refused = put(&house, id, body).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert!(refused.json()["error"]["message"].as_str().unwrap().contains(what));
    }
    assert_eq!(house.json("/api/v1/views").await, json!({"items": []}));
}
