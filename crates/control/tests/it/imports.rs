//! Users and groups from files.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::house::{Answer, House, send};
use crate::seeds::{post, worked};

async fn hand_in(house: &House, name: &str, text: impl Into<Vec<u8>>) -> Answer {
    let call = Request::post(format!("/api/v1/resource-files?name={name}"));
    send(house.inside(), call.body(Body::from(text.into())).unwrap()).await
}

async fn take_over(house: &House, file: &Value, replace: bool) -> Value {
    worked(house, json!({"kind": "resources", "file": file["id"], "replace": replace})).await
}

#[tokio::test]
async fn a_table_is_mapped_looked_at_mapped_otherwise_and_taken_over() {
    let house = House::new();
    let text = "Login,First Name,Surname,Boss\nada,Ada,Lovelace,x\nbob,Bob,Brook,y\n";
    let file = hand_in(&house, "people.csv", text).await.json();
    assert_eq!((file["kind"].as_str(), file["resource_type"].as_str()), (Some("csv"), Some("User")), "{file}");
    assert_eq!(file["columns"][0], json!({"column": "Login", "target": "userName"}));
    assert_eq!(file["columns"][3], json!({"column": "Boss", "target": ""}));
    assert_eq!((file["resources"].as_u64(), file["items"][0]["display"].as_str()), (Some(2), Some("ada")));
    let mut columns = file["columns"].clone();
    columns[3]["target"] = "title".into();
    let reading = json!({"columns": columns});
    let again = post(&house, &format!("/api/v1/resource-files/{}/preview", file["id"]), reading.clone()).await.json();
    assert_eq!(again["items"][1]["document"]["title"], "y");
    let job = worked(&house, json!({"kind": "resources", "file": file["id"], "reading": reading})).await;
    assert_eq!(job["facts"]["created"], json!([{"type": "User", "count": 2}]), "{job}");
    let page = house.json("/api/v1/tenants/default/resources/User").await;
    assert_eq!(page["total"], 2);
}

#[tokio::test]
async fn nothing_is_taken_over_of_a_file_with_a_wrong_line_and_every_one_is_named() {
    let house = House::new();
    let wrong = "userName,active\nada,true\nada,false\nbob,perhaps\n";
    let file = hand_in(&house, "people.csv", wrong).await.json();
    assert_eq!((file["wrong"].as_u64(), file["problems"][0]["at"].as_u64()), (Some(1), Some(4)), "{file}");
    let failed = take_over(&house, &file, false).await;
    assert_eq!(failed["state"], "failed");
    assert!(failed["problem"].as_str().unwrap().contains("4: column \"active\""), "{failed}");

    let twice = hand_in(&house, "people.csv", "userName\nada\nbob\nADA\n").await.json();
    let look = worked(&house, json!({"kind": "resources", "file": twice["id"], "check": true})).await;
    assert_eq!(look["state"], "done", "{look}");
    assert_eq!((look["facts"]["wrong"].as_u64(), look["facts"]["problems"][0]["at"].as_u64()), (Some(1), Some(4)));
    let failed = take_over(&house, &twice, false).await;
    assert!(failed["problem"].as_str().unwrap().contains("already used"), "{failed}");
    assert_eq!(house.json("/api/v1/tenants/default/resources/User").await["total"], 0);
}

#[tokio::test]
async fn what_was_exported_comes_back_with_its_ids() {
    let house = House::new();
    worked(&house, json!({"kind": "seed", "dataset": "edge-cases"})).await;
    let before = house.get("/api/v1/tenants/default/export").await.body;
    post(&house, "/api/v1/tenants/default/snapshots", json!({"name": "before"})).await;
    worked(&house, json!({"kind": "seed", "recipe": {"seed": 9, "users": 3, "groups": 0}, "replace": true})).await;
    let file = hand_in(&house, "before.ndjson", before.to_vec()).await.json();
    assert_eq!(
        (file["kind"].as_str(), file["resources"].as_u64(), file["wrong"].as_u64()),
        (Some("ndjson"), Some(72), Some(0))
    );
    let job = take_over(&house, &file, true).await;
    assert_eq!((job["state"].as_str(), job["facts"]["gone"].as_u64()), (Some("done"), Some(3)), "{job}");
    let different = house.json("/api/v1/tenants/default/differences?from=snapshot:before&count=200").await;
    let lines = different["items"].as_array().unwrap().iter().flat_map(|item| item["lines"].as_array().unwrap());
    assert_eq!((different["created"].as_u64(), different["deleted"].as_u64(), lines.count()), (Some(0), Some(0), 0));
    let id = house.json("/api/v1/tenants/default/resources/User?count=1").await["items"][0]["id"].clone();
    let history = house.json(&format!("/api/v1/tenants/default/resources/User/{}/history", id.as_str().unwrap())).await;
    assert_eq!(history["items"][0]["cause"]["kind"], "import");
}

#[tokio::test]
async fn a_file_that_is_none_is_refused_in_words() {
    let house = House::new();
    for (name, text, words) in [
        ("a.json", "{\"Resources\": 7}", "has to be an array"),
        ("a.json", "[{]", "cannot be read"),
        ("a.csv", "", "no header"),
        ("a.csv", "\u{1}", "no column is mapped"),
    ] {
        let answer = hand_in(&house, name, text).await;
        let told = answer.json().to_string();
        assert!(told.contains(words), "{name} {text:?}: {told}");
        assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    }
    let gone = post(&house, "/api/v1/jobs", json!({"kind": "resources", "file": 99})).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    for name in ["1", "2", "3", "4", "5"] {
        hand_in(&house, name, "[]").await;
    }
    let first = post(&house, "/api/v1/resource-files/5/preview", json!({})).await;
    assert_eq!(first.status, StatusCode::NOT_FOUND, "only the last four are kept: {:?}", first.json());
}
