//! Directories read through the API.

use serde_json::{Value, json};
use traffic::ids::Seq;

use crate::house::{House, noon};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A SCIM request, and the body of its answer.
fn scim(house: &House, method: &str, target: &str, body: &Value) -> Value {
    let headers = [("Content-Type", "application/scim+json"), ("Authorization", "Bearer scim-t0ken")];
    let request = provider::Request {
        seq: Seq(1),
        at: noon(),
        method: method.to_owned(),
        target: format!("/scim/v2{target}"),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        body: if body.is_null() { Default::default() } else { body.to_string().into() },
        base_url: "http://127.0.0.1:8787".to_owned(),
        peer: [127, 0, 0, 1].into(),
    };
    let response = house.control.provider().prepare(request).execute().response;
    assert!(response.status < 300, "{method} {target}: {}", String::from_utf8_lossy(&response.body));
    serde_json::from_slice(&response.body).unwrap_or(Value::Null)
}

/// Makes a user and gives its `id`.
fn user(house: &House, name: &str, more: Value) -> String {
    let mut body = json!({"schemas": [USER, ENTERPRISE], "userName": name, "active": true, "password": "s3cret-w0rd"});
    body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    scim(house, "POST", "/Users", &body)["id"].as_str().unwrap().to_owned()
}

fn names(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|item| item["display"].as_str().unwrap()).collect()
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test]
async fn types_are_listed_with_counts_and_attributes() {
    let house = House::new();
    user(&house, "ada", json!({}));
    let types = house.json("/api/v1/tenants/default/types").await;
    assert_eq!((&types["items"][0]["name"], &types["items"][0]["count"]), (&json!("User"), &json!(1)));
    let attributes = types["items"][0]["attributes"].as_array().unwrap();
    assert!(attributes.iter().any(|attribute| attribute["path"] == json!(format!("{ENTERPRISE}:department"))));
}

#[tokio::test]
async fn a_list_comes_in_pages_in_the_order_that_was_asked_for() {
    let house = House::new();
    for name in ["cleo", "ada", "bob", "dora"] {
        user(&house, name, json!({}));
    }
    let list = async |query: &str| house.json(&format!("/api/v1/tenants/default/resources/User{query}")).await;
    assert_eq!(names(&list("").await), ["cleo", "ada", "bob", "dora"]);
    let page = list("?start_index=2&count=2").await;
    assert_eq!((names(&page), &page["total"]), (vec!["ada", "bob"], &json!(4)));
    assert_eq!(names(&list("?sort_by=userName").await), ["ada", "bob", "cleo", "dora"]);
    let page = list("?sort_by=userName&sort_order=descending&start_index=2&count=2").await;
    assert_eq!((names(&page), &page["total"]), (vec!["cleo", "bob"], &json!(4)));
    assert_eq!(names(&list("?count=0").await), Vec::<&str>::new());
}

#[tokio::test]
async fn a_filter_is_explained_with_its_answer() {
    let house = House::new();
    user(&house, "ada", json!({"title": "Countess"}));
    user(&house, "bob", json!({}));
    let filter = encoded(r#"userName eq "ADA" and title pr"#);
    let page = house.json(&format!("/api/v1/tenants/default/resources/User?filter={filter}")).await;
    assert_eq!(names(&page), ["ada"]);
    assert_eq!(page["plan"]["index"], "userName");
    assert_eq!(page["plan"]["scanned"], 1);
    assert_eq!(page["filter"]["sentence"], r#"userName is "ADA" and title has a value"#);
    assert_eq!(page["filter"]["tree"]["kind"], "all");
    assert_eq!(page["filter"]["tree"]["parts"][1]["span"], json!({"start": 22, "end": 27}));
}

#[tokio::test]
async fn what_is_computed_can_be_asked_for_too() {
    let house = House::new();
    let ada = user(&house, "ada", json!({}));
    user(&house, "bob", json!({}));
    scim(&house, "POST", "/Groups", &json!({"schemas": [GROUP], "displayName": "Staff", "members": [{"value": ada}]}));
    let filter = encoded(r#"groups.display eq "Staff""#);
    let page = house.json(&format!("/api/v1/tenants/default/resources/User?filter={filter}")).await;
    assert_eq!(names(&page), ["ada"]);
}

#[tokio::test]
async fn a_text_that_is_no_filter_is_refused_with_its_place() {
    let house = House::new();
    let filter = encoded("userName eqq \"ä\"");
    let answer = house.get(&format!("/api/v1/tenants/default/resources/User?filter={filter}")).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "bad_filter"));
    assert_eq!(answer.json()["error"]["span"], json!({"start": 9, "end": 12}));
}

#[tokio::test]
async fn a_resource_comes_with_references_both_ways_and_without_secrets() {
    let house = House::new();
    let boss = user(&house, "boss", json!({}));
    let ada = user(&house, "ada", json!({ENTERPRISE: {"manager": {"value": boss}}}));
    let inner = scim(
        &house,
        "POST",
        "/Groups",
        &json!({"schemas": [GROUP], "displayName": "Inner", "members": [{"value": ada}]}),
    );
    let outer =
        json!({"schemas": [GROUP], "displayName": "Outer", "members": [{"value": inner["id"]}, {"value": "gone"}]});
    let outer = scim(&house, "POST", "/Groups", &outer);
    let ada = house.json(&format!("/api/v1/tenants/default/resources/User/{ada}")).await;
    assert_eq!(ada["resource"]["document"]["userName"], "ada");
    assert_eq!(ada["resource"]["document"].get("password"), None);
    assert_eq!(ada["refers_to"]["items"][0]["attribute"], json!(format!("{ENTERPRISE}:manager")));
    assert_eq!(ada["refers_to"]["items"][0]["display"], "boss");
    let groups: Vec<_> = ada["referred_by"]["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (&item["display"], &item["direct"]))
        .collect();
    assert_eq!(groups, [(&json!("Inner"), &json!(true)), (&json!("Outer"), &json!(false))]);
    let boss = house.json(&format!("/api/v1/tenants/default/resources/User/{boss}/references?direction=from")).await;
    assert_eq!((&boss["total"], &boss["items"][0]["display"]), (&json!(1), &json!("ada")));
    let id = outer["id"].as_str().unwrap();
    let members = house.json(&format!("/api/v1/tenants/default/resources/Group/{id}/references?start_index=2")).await;
    assert_eq!((&members["total"], &members["items"][0]["id"]), (&json!(2), &json!("gone")));
    assert_eq!(members["items"][0]["display"], Value::Null);
    for (text, total) in [("INN", 1), ("gon", 1), ("one", 0), ("%20", 2)] {
        let found = format!("/api/v1/tenants/default/resources/Group/{id}/references?q={text}");
        assert_eq!(house.json(&found).await["total"], json!(total), "{text}");
    }
}

#[tokio::test]
async fn a_filter_is_explained_as_it_is_typed() {
    let house = House::new();
    user(&house, "ada", json!({}));
    let explain = async |filter: &str| {
        house.json(&format!("/api/v1/tenants/default/filter/explain?type=User&filter={}", encoded(filter))).await
    };
    let half = explain("userName s").await;
    assert!(half["error"]["message"].as_str().unwrap().contains("operator"), "{half}");
    assert_eq!((&half["completions"][0]["text"], &half["start"]), (&json!("sw"), &json!(9)));
    let whole = explain(r#"userName sw "a""#).await;
    assert_eq!(whole["filter"]["sentence"], r#"userName starts with "a""#);
    assert_eq!((&whole["plan"]["index"], &whole["plan"]["scanned"]), (&Value::Null, &json!(1)));
    let unknown = explain(r#"usrName eq "a""#).await;
    assert!(unknown["filter"]["findings"][0]["message"].as_str().unwrap().contains("userName"), "{unknown}");
    assert_eq!(explain("").await["error"], Value::Null);
}

#[tokio::test]
async fn an_earlier_revision_can_be_read() {
    let house = House::new();
    let ada = user(&house, "ada", json!({}));
    scim(&house, "DELETE", &format!("/Users/{ada}"), &Value::Null);
    user(&house, "bob", json!({}));
    let then = house.json("/api/v1/tenants/default/resources/User?at=1").await;
    assert_eq!((names(&then), &then["revision"]), (vec!["ada"], &json!(1)));
    let answer = house.get(&format!("/api/v1/tenants/default/resources/User/{ada}")).await;
    assert_eq!(answer.status, 404);
    assert_eq!(house.get("/api/v1/tenants/default/resources/User?at=9").await.status, 404);
    assert_eq!(house.get("/api/v1/tenants/default/resources/User?at=noon").await.status, 400);
}

#[tokio::test]
async fn what_is_not_there_is_said_with_what_is() {
    let house = House::new();
    let answer = house.get("/api/v1/tenants/default/resources/Door").await;
    assert_eq!(answer.status, 404);
    assert!(answer.json()["error"]["message"].as_str().unwrap().contains("User, Group"));
}
