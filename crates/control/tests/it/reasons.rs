//! Why an exchange went as it did, and what it changed as a patch.

use serde_json::{Value, json};
use traffic::handled::Handled;
use traffic::ids::Seq;

use crate::house::{House, noon, received};

/// A SCIM request that leaves its whole record.
fn scim(house: &House, method: &str, target: &str, body: Value) -> (Seq, Value) {
    let target = format!("/scim/v2{target}");
    let seq = house.open(&target);
    let headers = [("Content-Type", "application/scim+json"), ("Authorization", "Bearer scim-t0ken")];
    let request = provider::Request {
        seq,
        at: noon(),
        method: method.to_owned(),
        target,
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        body: if body.is_null() { Default::default() } else { body.to_string().into() },
        base_url: "http://127.0.0.1:8787".to_owned(),
        peer: [127, 0, 0, 1].into(),
    };
    let handled: Handled = house.control.provider().prepare(request).execute();
    let answer = serde_json::from_slice(&handled.response.body).unwrap_or(Value::Null);
    house.handle(seq, received(), handled);
    house.close(seq);
    (seq, answer)
}

fn user(house: &House) -> (Seq, String) {
    let body =
        json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada", "title": "Countess"});
    let (seq, answer) = scim(house, "POST", "/Users", body);
    (seq, answer["id"].as_str().unwrap().to_owned())
}

fn patch(operation: Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]})
}

#[tokio::test]
async fn a_change_is_written_as_both_kinds_of_patch() {
    let house = House::new();
    let (created, id) = user(&house);
    let operation = patch(json!({"op": "Replace", "path": "title", "value": "Queen"}));
    let (changed, _) = scim(&house, "PATCH", &format!("/Users/{id}"), operation);
    let made = house.json(&format!("/api/v1/exchanges/{changed}/patches")).await;
    let item = &made["items"][0];
    assert_eq!((&item["resource_type"], &item["resource_id"]), (&json!("User"), &json!(id)));
    assert_eq!(item["scim"]["Operations"], json!([{"op": "replace", "path": "title", "value": "Queen"}]));
    assert!(
        item["json"].as_array().unwrap().contains(&json!({"op": "replace", "path": "/title", "value": "Queen"})),
        "{item}"
    );
    // There is no PATCH that makes a resource.
    let made = house.json(&format!("/api/v1/exchanges/{created}/patches")).await;
    assert_eq!(made["items"][0]["scim"], Value::Null);
    let (read, _) = scim(&house, "GET", &format!("/Users/{id}"), Value::Null);
    assert_eq!(house.json(&format!("/api/v1/exchanges/{read}/patches")).await, json!({"items": []}));
}

#[tokio::test]
async fn reasons_tell_the_route_the_switches_and_the_filter() {
    let house = House::new();
    let (_, id) = user(&house);
    let (seq, _) = scim(&house, "GET", "/Users?filter=userName%20eq%20%22ada%22", Value::Null);
    let why = house.json(&format!("/api/v1/exchanges/{seq}/why")).await;
    assert_eq!(
        (&why["tenant"], &why["profile"], &why["switches"]),
        (&json!("default"), &json!("tolerant"), &json!([]))
    );
    let filter = &why["route"]["filters"][0];
    assert_eq!((&why["route"]["route"], &filter["index"]), (&json!("/Users"), &json!("userName")));
    assert_eq!((&filter["nearest"]["id"], &filter["clause"]["values"]), (&json!(id), &json!(["ada"])));
    let operation = patch(json!({"op": "replace", "path": "active", "value": "False"}));
    let (seq, _) = scim(&house, "PATCH", &format!("/Users/{id}"), operation);
    let why = house.json(&format!("/api/v1/exchanges/{seq}/why")).await;
    assert_eq!(why["route"]["route"], "/Users/{id}");
    assert_eq!(why["switches"][0]["findings"], json!(["T3"]));
}
