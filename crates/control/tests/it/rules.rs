//! Rules of a tenant over the API.

use axum::body::Body;
use control::ports::{Documents, RULE_DOCUMENT};
use http::{Request, StatusCode};
use provider::rules::sets;
use serde_json::{Value, json};

use crate::house::{Answer, House, handled, received, send};

const RULES: &str = "/api/v1/tenants/default/rules";

async fn call(house: &House, method: &str, path: &str, body: Value) -> Answer {
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    send(house.inside(), request.body(Body::from(body.to_string())).unwrap()).await
}

fn down(name: &str) -> Value {
    json!({ "name": name, "when": { "methods": ["PATCH"], "path": "/Users/*" }, "action": { "kind": "status", "status": 503 }, "budget": 3 })
}

async fn ids(house: &House) -> Vec<String> {
    let list = house.json(RULES).await;
    list["items"].as_array().unwrap().iter().map(|item| item["rule"]["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_rule_is_made_changed_moved_switched_off_and_deleted() {
    let house = House::new();
    assert_eq!(house.json(RULES).await, json!({ "items": [], "active": 0 }));
    let made = call(&house, "POST", RULES, down("Is down")).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.json());
    let info = made.json();
    assert_eq!((&info["rule"]["id"], &info["state"], &info["left"]), (&json!("is-down"), &json!("active"), &json!(3)));
    let sentence = "Answers 503 instead of the server to every PATCH to /Users/*, 3 times in all.";
    assert_eq!(info["sentence"], sentence);
    call(&house, "POST", RULES, down("Is down")).await;
    call(&house, "POST", RULES, down("Third")).await;
    assert_eq!(ids(&house).await, ["is-down", "is-down-2", "third"]);
    assert_eq!(house.json("/api/v1/status").await["rules_active"], 3);

    let moved = call(&house, "PATCH", &format!("{RULES}/third"), json!({ "position": 0, "enabled": false })).await;
    assert_eq!((moved.status, moved.json()["active"].clone()), (StatusCode::OK, json!(2)));
    assert_eq!(ids(&house).await, ["third", "is-down", "is-down-2"]);
    let replaced = call(&house, "PUT", &format!("{RULES}/third"), down("Another")).await;
    assert_eq!(
        (replaced.json()["rule"]["id"].clone(), replaced.json()["rule"]["name"].clone()),
        (json!("third"), json!("Another"))
    );
    assert_eq!(call(&house, "DELETE", &format!("{RULES}/is-down"), json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(call(&house, "DELETE", &format!("{RULES}/is-down"), json!({})).await.status, StatusCode::NOT_FOUND);
    assert_eq!(ids(&house).await, ["third", "is-down-2"]);
    let put = call(&house, "PUT", RULES, json!({ "rules": [down("A"), down("A")] })).await;
    assert_eq!(put.json()["items"].as_array().unwrap().len(), 2);
    assert_eq!(ids(&house).await, ["a", "a-2"]);
}

#[tokio::test]
async fn a_rule_that_does_not_do_is_refused_and_checking_says_why() {
    let house = House::new();
    for (body, what) in [
        (json!({ "name": "", "action": { "kind": "malformed" } }), "name"),
        (json!({ "name": "x", "action": { "kind": "status", "status": 12 } }), "action.status"),
        (json!({ "name": "x", "when": { "query": "status:404" }, "action": { "kind": "malformed" } }), "when.query"),
        (
            json!({ "name": "x", "when": { "body": [{ "path": "a[" }] }, "action": { "kind": "malformed" } }),
            "path into a body",
        ),
        (json!({ "name": "x", "action": { "kind": "status", "status": 400, "scim_type": "odd" } }), "odd"),
        (json!({ "name": "x", "action": { "kind": "edit", "patch": [{ "op": "explode" }] } }), "explode"),
    ] {
        let refused = call(&house, "POST", RULES, body.clone()).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert!(refused.json()["error"]["message"].as_str().unwrap().contains(what), "{}", refused.json());
        let checked = call(&house, "POST", "/api/v1/rules/check", body).await.json();
        assert!(checked["problems"].to_string().contains(what), "{checked}");
    }
    let checked = call(&house, "POST", "/api/v1/rules/check", down("x")).await.json();
    assert_eq!((&checked["problems"], checked["sentence"].is_string()), (&json!([]), true));
    assert_eq!(ids(&house).await, [""; 0]);
    let twice = json!({ "rules": [{ "id": "a", "name": "a", "action": { "kind": "malformed" } }, { "id": "a", "name": "b", "action": { "kind": "malformed" } }] });
    assert_eq!(call(&house, "PUT", RULES, twice).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let missing = call(&house, "POST", "/api/v1/tenants/nobody/rules", down("x")).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn rules_and_what_they_counted_are_kept() {
    let house = House::new();
    call(&house, "POST", RULES, down("Is down")).await;
    let kept = |house: &House| house.documents.list(RULE_DOCUMENT).unwrap();
    assert_eq!(kept(&house)[0].0, "default");
    let provider = house.control.provider();
    provider.prepare(house.scim("PATCH", "/scim/v2/Users/1")).execute();
    house.control.keep_counts().await;
    assert_eq!(kept(&house)[0].1["rules"][0]["counts"]["hits"], 1);
    let info = house.json(RULES).await["items"][0].clone();
    assert_eq!((&info["hits"], &info["left"], &info["exchanges"]), (&json!(1), &json!(2), &json!([1])));
    let reset = call(&house, "POST", &format!("{RULES}/is-down/reset"), json!({})).await;
    assert_eq!((reset.json()["hits"].clone(), reset.json()["left"].clone()), (json!(0), json!(3)));
    assert_eq!(kept(&house)[0].1["rules"][0]["counts"]["hits"], 0);
}

#[tokio::test]
async fn ready_sets_are_listed_and_added() {
    let house = House::new();
    let listed = house.json("/api/v1/rule-sets").await;
    let names: Vec<&str> =
        listed["items"].as_array().unwrap().iter().map(|set| set["name"].as_str().unwrap()).collect();
    assert_eq!(names, sets().iter().map(|set| set.name.as_str()).collect::<Vec<_>>());
    for set in sets() {
        let path = format!("/api/v1/tenants/default/rule-sets/{}", set.name);
        assert_eq!(call(&house, "POST", &path, json!({})).await.status, StatusCode::OK);
    }
    let count: usize = sets().iter().map(|set| set.rules.len()).sum();
    assert_eq!(ids(&house).await.len(), count);
    let unknown = call(&house, "POST", "/api/v1/tenants/default/rule-sets/none", json!({})).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_rule_is_made_from_an_exchange() {
    let house = House::new();
    let seq = house.open_as("PATCH", "/scim/v2/Users/2819?x=1");
    let mut outcome = handled();
    outcome.tenant = Some("default".to_owned());
    outcome.subject.resource_id = Some("2819".to_owned());
    house.handle(seq, received(), outcome);
    let suggested = house.json("/api/v1/exchanges/1/rule").await;
    assert_eq!(suggested["tenant"], "default");
    assert_eq!(suggested["rule"]["when"], json!({ "methods": ["PATCH"], "path": "/Users/*" }));
    let made = call(&house, "POST", RULES, suggested["rule"].clone()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.json());
    house.open("/nowhere");
    assert_eq!(house.get("/api/v1/exchanges/2/rule").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_exchange_says_which_rules_touched_it() {
    let house = House::new();
    let seq = house.open("/scim/v2/Users");
    let mut outcome = handled();
    outcome.rules = vec![traffic::handled::RuleHit { id: "slow".into(), name: "Slow".into(), did: "waited".into() }];
    house.handle(seq, received(), outcome);
    let detail = house.json("/api/v1/exchanges/1").await;
    assert_eq!(detail["summary"]["rules"], json!(["Slow"]));
    assert_eq!(detail["rules"], json!([{ "id": "slow", "name": "Slow", "did": "waited" }]));
    house.open("/scim/v2/Groups");
    let found = house.json("/api/v1/exchanges?q=rule:slow").await;
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    assert_eq!(house.json("/api/v1/exchanges?q=rule:none").await["items"][0]["seq"], 2);
}

/// The API tells every action in the form in which the provider has it.
#[tokio::test]
async fn the_api_has_every_action_of_the_provider() {
    let house = House::new();
    for action in [
        json!({ "kind": "status", "status": 429, "scim_type": "tooMany", "detail": "d", "retry_after_s": 1, "retry_after_as": "date" }),
        json!({ "kind": "rate_limit", "requests": 1, "per_s": 1, "burst": 2, "retry_after_as": "seconds" }),
        json!({ "kind": "duplicate" }),
        json!({ "kind": "latency", "delay": { "kind": "fixed", "ms": 1 } }),
        json!({ "kind": "latency", "delay": { "kind": "uniform", "from_ms": 1, "to_ms": 2 } }),
        json!({ "kind": "latency", "delay": { "kind": "normal", "mean_ms": 1, "deviation_ms": 2 } }),
        json!({ "kind": "truncate", "bytes": 1 }),
        json!({ "kind": "wrong_length", "by": -1 }),
        json!({ "kind": "reset" }),
        json!({ "kind": "reset", "after_bytes": 5 }),
        json!({ "kind": "hang", "at_most_ms": 1 }),
        json!({ "kind": "drip", "bytes": 1, "every_ms": 1 }),
        json!({ "kind": "malformed" }),
        json!({ "kind": "content_type", "value": "text/html" }),
        json!({ "kind": "total_results", "by": 1 }),
        json!({ "kind": "resources_absent" }),
        json!({ "kind": "empty_filter_404" }),
        json!({ "kind": "stale_etag" }),
        json!({ "kind": "patch_empty_200" }),
        json!({ "kind": "edit", "patch": [{ "op": "remove", "path": "/id" }] }),
        json!({ "kind": "repeated_items" }),
        json!({ "kind": "missing_items" }),
        json!({ "kind": "filter_ignored" }),
        json!({ "kind": "case_sensitive_user_name" }),
        json!({ "kind": "patch_ignored" }),
        json!({ "kind": "member_removal_empties_group" }),
        json!({ "kind": "eventual_consistency", "delay_ms": 1 }),
    ] {
        let when = json!({
            "methods": ["GET"], "path": "/**", "resource_type": "User", "filter": "a", "dialect": "okta",
            "headers": [{ "name": "a", "contains": "b" }], "body": [{ "path": "a[*].b", "equals": [1, { "x": null }] }],
            "query": "method:get", "occurrence": { "kind": "every", "n": 2 }, "probability": 0.25,
        });
        let rule = json!({
            "id": "one", "name": "one", "enabled": true, "when": when, "action": action, "budget": 5,
            "expires_at": "2030-01-01T00:00:00Z", "seed": 7,
        });
        let put = call(&house, "PUT", RULES, json!({ "rules": [rule.clone()] })).await;
        assert_eq!(put.status, StatusCode::OK, "{}", put.json());
        assert_eq!(put.json()["items"][0]["rule"], rule);
    }
}

#[tokio::test]
async fn what_the_program_sends_for_people_is_not_touched() {
    let house = House::new();
    call(&house, "POST", RULES, json!({ "name": "All", "action": { "kind": "status", "status": 503 } })).await;
    let sent = call(&house, "POST", "/api/v1/tenants/default/send", json!({ "method": "GET", "path": "/Users" })).await;
    assert_eq!((sent.status, sent.json()["status"].clone()), (StatusCode::OK, json!(200)), "{}", sent.json());
    assert_eq!(house.json(RULES).await["items"][0]["hits"], 0);
}
