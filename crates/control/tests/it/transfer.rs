//! Files that exchanges are written into, and files that they come from.

use axum::body::Body;
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::house::{Answer, House, send};

async fn post(house: &House, path: &str, body: Value) -> Answer {
    let call = Request::post(path).header(CONTENT_TYPE, "application/json");
    send(house.inside(), call.body(Body::from(body.to_string())).unwrap()).await
}

async fn ended(house: &House, started: Answer) -> Value {
    assert_eq!(started.status, StatusCode::ACCEPTED, "{}", started.json());
    let id = started.json()["id"].as_u64().unwrap();
    loop {
        let job = house.json(&format!("/api/v1/jobs/{id}")).await;
        if job["state"] != "running" {
            return job;
        }
        tokio::task::yield_now().await;
    }
}

async fn export(house: &House, scope: Value, format: &str) -> (Value, String) {
    let job =
        ended(house, post(house, "/api/v1/jobs", json!({"kind": "export", "scope": scope, "format": format})).await)
            .await;
    assert_eq!(job["state"], "done", "{job}");
    let result = house.get(&format!("/api/v1/jobs/{}/result", job["id"])).await;
    (job, String::from_utf8(result.body.to_vec()).unwrap())
}

async fn import(house: &House, name: &str, file: impl Into<Body>) -> Answer {
    send(house.inside(), Request::post(format!("/api/v1/imports?name={name}")).body(file.into()).unwrap()).await
}

/// A house in which a user was made, looked for, disabled with a string, and not found.
async fn lived_in() -> House {
    let house = House::new();
    let call = |method: &str, path: String, body: Option<Value>| {
        let headers = json!([["X-Api-Key", "canary-4711-key"]]);
        json!({"method": method, "path": path, "headers": headers, "body": body})
    };
    let user = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada@example.com", "active": true,
        "password": "canary-pa55word"});
    let path = "/api/v1/tenants/default/send";
    let made = post(&house, path, call("POST", "/Users".into(), Some(user))).await.json();
    let id = made["body"]["id"].as_str().unwrap().to_owned();
    let patch = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "Replace", "path": "active", "value": "False"}]});
    post(&house, path, call("GET", "/Users?filter=userName%20eq%20%22ada@example.com%22".into(), None)).await;
    post(&house, path, call("PATCH", format!("/Users/{id}"), Some(patch))).await;
    post(&house, path, call("GET", "/Users/nobody".into(), None)).await;
    house
}

#[tokio::test]
async fn every_format_is_written_without_secrets() {
    let house = lived_in().await;
    let token = house.control.scim_token();
    for format in [
        "har",
        "fixture",
        "fixture-ndjson",
        "curl",
        "powershell",
        "hurl",
        "postman",
        "http",
        "wiremock",
        "markdown",
        "csv",
        "ndjson",
        "html",
    ] {
        let (job, file) = export(&house, json!({"by": "all"}), format).await;
        assert!(!file.contains("canary") && !file.contains(&token), "{format}: {file}");
        assert_eq!(job["facts"]["report"]["exchanges"], 4, "{job}");
        let is_read = matches!(format, "har" | "fixture" | "fixture-ndjson" | "postman");
        assert_eq!(job["facts"]["validated"], if is_read { json!(4) } else { Value::Null }, "{format}");
        assert_eq!(job["file"]["bytes"], file.len());
    }
}

#[tokio::test]
async fn what_is_exported_is_what_was_asked_for() {
    let house = lived_in().await;
    let count =
        |file: String| serde_json::from_str::<Value>(&file).unwrap()["log"]["entries"].as_array().unwrap().len();
    assert_eq!(count(export(&house, json!({"by": "query", "q": "method:patch"}), "har").await.1), 1);
    assert_eq!(count(export(&house, json!({"by": "seqs", "seqs": [4, 1, 1, 99]}), "har").await.1), 2);
    assert_eq!(count(export(&house, json!({"by": "flow", "flow": 2}), "har").await.1), 1);
    assert_eq!(count(export(&house, json!({"by": "seqs", "seqs": []}), "har").await.1), 0);
    let bad = post(
        &house,
        "/api/v1/jobs",
        json!({"kind": "export", "scope": {"by": "query", "q": "method:"}, "format": "har"}),
    )
    .await;
    assert_eq!((bad.status, bad.code().as_str()), (StatusCode::BAD_REQUEST, "bad_request"));
    let bad =
        post(&house, "/api/v1/jobs", json!({"kind": "export", "scope": {"by": "flow", "flow": 77}, "format": "har"}))
            .await;
    assert_eq!(bad.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_preview_says_what_would_go_and_never_shows_it() {
    let house = lived_in().await;
    let rules = json!([{"on": "json_path", "text": "$.userName"}]);
    let redaction = json!({"people": true, "rules": rules});
    let preview =
        post(&house, "/api/v1/exports/preview", json!({"scope": {"by": "all"}, "redaction": redaction})).await;
    let report = preview.json();
    assert_eq!((&report["exchanges"], &report["more"], &report["warning"]), (&json!(4), &json!(false), &Value::Null));
    let place = |place: &str| report["places"].as_array().unwrap().iter().find(|it| it["place"] == place).cloned();
    assert_eq!(place("request header X-Api-Key").unwrap()["count"], 4);
    assert_eq!(place("request body password").unwrap()["what"], "password");
    assert!(!report.to_string().contains("canary") && !report.to_string().contains("ada@"), "{report}");
    let off = json!({"scope": {"by": "all"}, "redaction": {"secrets": false}});
    assert!(
        post(&house, "/api/v1/exports/preview", off).await.json()["warning"].as_str().unwrap().contains("NOT REDACTED")
    );
    let bad = json!({"scope": {"by": "all"}, "redaction": {"rules": [{"on": "pattern", "text": "("}]}});
    assert_eq!(post(&house, "/api/v1/exports/preview", bad).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_is_imported_has_findings_and_changes_and_changes_nothing() {
    let house = lived_in().await;
    let before = house.json("/api/v1/exchanges").await;
    for format in ["har", "fixture", "fixture-ndjson", "postman"] {
        let (_, file) = export(&house, json!({"by": "all"}), format).await;
        let other = House::new();
        let job = ended(&other, import(&other, "some.file", file).await).await;
        assert_eq!(job["state"], "done", "{format}: {job}");
        assert_eq!((&job["facts"]["exchanges"], &job["facts"]["scim"]), (&json!(4), &json!(4)), "{format}");
        let after = other.json("/api/v1/exchanges").await;
        for (was, is) in before["items"].as_array().unwrap().iter().zip(after["items"].as_array().unwrap()) {
            let same = ["method", "status", "verdict", "findings", "tolerances", "changes"];
            let same = if format == "postman" { &same[..2] } else { &same[..] };
            for member in same {
                assert_eq!(was[member], is[member], "{format}: {member} of {was}");
            }
            assert_eq!(is["tags"], json!(["imported"]));
        }
        if format != "postman" {
            let patch = other.json("/api/v1/exchanges/3").await;
            assert_eq!(patch["changes"][0]["lines"][0]["path"], "active", "{format}: {patch}");
        }
        assert_eq!(other.json("/api/v1/tenants").await["items"][0]["revision"], 0, "no directory changed");
    }
}

#[tokio::test]
async fn an_archive_of_something_else_is_taken_over_too() {
    let house = House::new();
    let entry = json!({"startedDateTime": "2026-01-01T00:00:00Z", "time": 3,
        "request": {"method": "GET", "url": "https://example.com/", "headers": []},
        "response": {"status": 200, "headers": [], "content": {"text": "hello"}}});
    let file = json!({"log": {"entries": [entry]}}).to_string();
    let job = ended(&house, import(&house, "x.har", file).await).await;
    assert_eq!((&job["facts"]["exchanges"], &job["facts"]["scim"]), (&json!(1), &json!(0)), "{job}");
    assert_eq!(house.json("/api/v1/exchanges").await["items"][0]["verdict"], "ok");
}

#[tokio::test]
async fn what_cannot_be_imported_is_refused_in_words() {
    let house = House::new();
    let refused = import(&house, "x", "PK\u{3}\u{4}").await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.json()["error"]["message"].as_str().unwrap().contains("none of the formats that can be imported"));
    let broken =
        import(&house, "x.har", "{\"log\":{\"entries\":[{\"startedDateTime\":\"2026-01-01T00:00:00Z\"}]}}").await;
    let job = ended(&house, broken).await;
    assert_eq!((&job["state"], &job["problem"]), (&json!("failed"), &json!("HAR: entry 1: request is missing")));
    assert_eq!(house.json("/api/v1/exchanges").await["head"], 0);
}

#[tokio::test]
async fn a_flow_file_comes_in_and_leaves_in_a_fixture_without_loss() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/flows");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let house = House::new();
        let job = ended(&house, import(&house, "flow.json", text.clone()).await).await;
        assert_eq!((&job["state"], &job["facts"]["source"]), (&json!("done"), &json!("flow file")), "{job}");
        let export = json!({"kind": "export", "scope": {"by": "all"}, "format": "fixture",
            "redaction": {"secrets": false}});
        let job = ended(&house, post(&house, "/api/v1/jobs", export).await).await;
        assert_eq!(job["state"], "done", "{job}");
        let file = house.get(&format!("/api/v1/jobs/{}/result", job["id"])).await.body;
        let fixture = scim::json::parse(&file, scim::json::Limits::default()).unwrap();
        let back = formats::fixture::to_flow_file(&fixture).unwrap();
        assert_eq!(back.len(), 1, "{}", path.display());
        let plain = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(plain(&back[0].to_text()), plain(&text), "{}", path.display());
        count += 1;
    }
    assert!(count > 15, "{count}");
}
