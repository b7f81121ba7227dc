//! Lists, wholes and bytes.

use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use scim::document::Document;
use scim::finding::{Finding, Place, Severity};
use scim::json::Json;
use serde_json::{Value, json};
use traffic::change::{Cause, Change, Committed};
use traffic::entry::{Annotation, Entry};
use traffic::exchange::{Closed, Ending, Received, Sent};
use traffic::handled::{Handled, Operation, OperationOutcome};
use traffic::ids::{Pos, Revision};
use traffic::log::Durable;

use crate::house::{House, handled, received, send};

fn numbers(page: &Value) -> Vec<u64> {
    page["items"].as_array().unwrap().iter().map(|item| item["seq"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn pages_are_ascending_bounded_and_tell_the_head() {
    let house = House::new();
    for number in 0..120 {
        house.whole(&format!("/{number}"));
    }
    let first = house.json("/api/v1/exchanges").await;
    assert_eq!(numbers(&first), (1..=100).collect::<Vec<_>>());
    assert_eq!(first["head"], 120);
    assert_eq!(numbers(&house.json("/api/v1/exchanges?after=100&limit=7").await), (101..=107).collect::<Vec<_>>());
    assert_eq!(numbers(&house.json("/api/v1/exchanges?limit=3&newest=true").await), [118, 119, 120]);
    assert_eq!(numbers(&house.json("/api/v1/exchanges?limit=3&newest=true&after=119").await), [120]);
    let beyond = house.json("/api/v1/exchanges?after=18446744073709551615").await;
    assert_eq!((numbers(&beyond).len(), &beyond["head"]), (0, &json!(120)));
}

#[tokio::test]
async fn wrong_parameters_are_refused_in_words() {
    let house = House::new();
    for path in [
        "/api/v1/exchanges?limit=0",
        "/api/v1/exchanges?limit=1001",
        "/api/v1/exchanges?after=x",
        "/api/v1/exchanges/x",
        "/api/v1/events?after=-1",
        "/api/v1/jobs/x",
    ] {
        let answer = house.get(path).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, "bad_request"), "{path}");
    }
    let missing = house.get("/api/v1/exchanges/1").await;
    assert_eq!((missing.status, missing.code().as_str()), (StatusCode::NOT_FOUND, "not_found"));
    assert_eq!(house.get("/api/v1/exchanges/0").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_bytes_come_back_exactly() {
    let house = House::new();
    let seq = house.whole("/scim/v2/Users");
    let answer = house.get(&format!("/api/v1/exchanges/{seq}/request")).await;
    assert_eq!(answer.header("content-type"), "application/octet-stream");
    assert_eq!(answer.body, received().head);
    let answer = house.get(&format!("/api/v1/exchanges/{seq}/response")).await;
    assert_eq!(&answer.body[..], b"HTTP/1.1 200 OK\r\nx-A: 1\r\nX-a: 2\r\n\r\n{\"totalResults\": 0}");
}

#[tokio::test]
async fn an_exchange_that_goes_on_is_told_as_far_as_it_is() {
    let house = House::new();
    let seq = house.open("/scim/v2/Users");
    let detail = house.json(&format!("/api/v1/exchanges/{seq}")).await;
    assert_eq!(detail["summary"]["verdict"], "pending");
    assert_eq!((&detail["response"], &detail["ending"]), (&Value::Null, &Value::Null));
    for part in ["request", "response"] {
        let answer = house.get(&format!("/api/v1/exchanges/{seq}/{part}")).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::NOT_FOUND, "not_recorded"));
    }
}

#[tokio::test]
async fn bytes_that_are_no_http_are_shown_as_what_they_are() {
    let house = House::new();
    let seq = house.log.open(traffic::exchange::Opened {
        method: String::new(),
        target: String::new(),
        ..house.log.exchange(house.open("/")).unwrap().opened.as_ref().clone()
    });
    let received = Received { head: Bytes::from_static(b"\x16\x03\x01: \xff\r\n\r\n"), ..Received::default() };
    let ending = Ending::Refused("not HTTP".to_owned());
    let closed = Closed { ending, received: Some(received), sent: Sent::default() };
    house.log.append(Entry::Closed(seq, Arc::new(closed)));
    let detail = house.json(&format!("/api/v1/exchanges/{seq}")).await;
    assert_eq!(detail["request"]["head"]["encoding"], "base64");
    assert_eq!(detail["request"]["headers"], json!([]));
    assert_eq!(detail["ending"], json!({"kind": "refused", "detail": "not HTTP"}));
}

#[tokio::test]
async fn the_whole_of_a_patch_is_told() {
    let house = House::new();
    let seq = house.open("/scim/v2/Users/9f?filter=userName+eq+%22a%22");
    let text = br#"{"Operations":[{"op":"Replace","path":"active","value":"False"}]}"#;
    let chunked = [format!("{:x}\r\n", text.len()).as_bytes(), text, b"\r\n0\r\n\r\n"].concat();
    let received = Received {
        head: Bytes::from_static(b"PATCH /scim/v2/Users/9f HTTP/1.1\r\nX-fOo:   a\r\nx-foo: b\r\n\r\n"),
        body: chunked.into(),
        chunked: true,
        head_read_us: Some(10),
        ..Received::default()
    };
    let place = Place::Body("/Operations/0/value".to_owned());
    let before = scim::object! { "id" => "9f", "userName" => "ada", "active" => true };
    let mut after = before.clone();
    after.insert("active", false);
    let line = scim::diff::Line {
        path: "active".to_owned(),
        action: scim::diff::Action::Changed,
        before: Some(Json::Bool(true)),
        after: Some(Json::Bool(false)),
        operation: Some(0),
    };
    let change = Change {
        resource_type: "User".to_owned(),
        resource_id: "9f".to_owned(),
        display: "Ada Lovelace".to_owned(),
        before: Some(Arc::new(Document::pack(&before))),
        after: Some(Arc::new(Document::pack(&after))),
        lines: vec![line],
    };
    let committed = Committed {
        tenant: "default".to_owned(),
        revision: Revision(7),
        cause: Cause::Exchange(seq),
        changes: vec![change],
        ahead: None,
    };
    house.log.append(Entry::Committed(Arc::new(committed)));
    let outcome = OperationOutcome::Unchanged("it is so already".to_owned());
    house.handle(
        seq,
        received,
        Handled {
            findings: vec![Finding::new("T3", Severity::Tolerated, place, "active was sent as a string")],
            operations: vec![Operation {
                index: 0,
                op: "Replace".to_owned(),
                path: Some("active".to_owned()),
                outcome,
            }],
            ..handled()
        },
    );
    house.close(seq);
    let annotation = Annotation {
        dialect: Some("entra".to_owned()),
        confidence: 90,
        reasons: vec!["Replace is written with a capital".to_owned()],
        sentence: "Entra disabled Ada Lovelace".to_owned(),
        probe: false,
        ..Annotation::default()
    };
    let last = house.log.append(Entry::Annotated(seq, Arc::new(annotation)));

    let detail = house.json(&format!("/api/v1/exchanges/{seq}")).await;
    assert_eq!(detail["summary"]["verdict"], "tolerated");
    assert_eq!(detail["summary"]["sentence"], "Entra disabled Ada Lovelace");
    assert_eq!(detail["request"]["headers"], json!([["X-fOo", "a"], ["x-foo", "b"]]));
    assert_eq!(detail["request"]["version"], "HTTP/1.1");
    assert_eq!(detail["request"]["target_decoded"], "/scim/v2/Users/9f?filter=userName eq \"a\"");
    assert_eq!(detail["request"]["decoded_body"]["text"], std::str::from_utf8(text).unwrap());
    let span = &detail["findings"][0]["place"]["span"];
    let (start, end) = (span["start"].as_u64().unwrap() as usize, span["end"].as_u64().unwrap() as usize);
    assert_eq!(&text[start..end], b"\"False\"");
    assert_eq!(detail["findings"][0]["rule"]["id"], "T3");
    assert_eq!(detail["operations"][0]["outcome"], "unchanged");
    assert_eq!(detail["operations"][0]["reason"], "it is so already");
    let change = &detail["changes"][0];
    assert_eq!((&change["kind"], &change["revision"]), (&json!("modified"), &json!(7)));
    assert_eq!((&change["before"]["active"], &change["after"]["active"]), (&json!(true), &json!(false)));
    assert_eq!(change["lines"][0]["path"], "active");
    assert_eq!(detail["response"]["status"], 200);
    assert_eq!(detail["response"]["reason"], "OK");
    assert_eq!(detail["response"]["headers"], json!([["x-A", "1"], ["X-a", "2"]]));
    assert_eq!(detail["dialect"]["name"], "entra");
    assert_eq!(detail["times"]["last_byte_us"], 1000);
    assert_eq!(detail["durable"], false);

    house.log.confirm(Durable::Through(Pos(last.0 - 1)));
    assert_eq!(house.json(&format!("/api/v1/exchanges/{seq}")).await["durable"], false);
    house.log.confirm(Durable::Through(last));
    assert_eq!(house.json(&format!("/api/v1/exchanges/{seq}")).await["durable"], true);
    // Storage that fails later takes nothing back.
    house.log.confirm(Durable::Never);
    assert_eq!(house.json(&format!("/api/v1/exchanges/{seq}")).await["durable"], true);
    let later = house.open("/scim/v2/Users");
    assert_eq!(house.json(&format!("/api/v1/exchanges/{later}")).await["durable"], false);
    let durable = house.json("/api/v1/status").await["durable"].clone();
    assert_eq!(durable, json!({ "confirming": false, "through": last.0 }));
}

#[tokio::test]
async fn a_list_that_is_too_long_to_be_shown_is_counted() {
    let house = House::new();
    let seq = house.open("/scim/v2/Groups/9f");
    let members = |count: usize| {
        let members: Vec<Json> =
            (0..count).map(|number| scim::object! { "value" => format!("m{number}") }.into()).collect();
        let group = scim::object! { "id" => "9f", "displayName" => "Sales", "members" => members };
        Some(Arc::new(Document::pack(&group)))
    };
    let line = scim::diff::Line {
        path: "members[value eq \"m\"]".to_owned(),
        action: scim::diff::Action::Removed,
        before: Some(Json::Null),
        after: None,
        operation: None,
    };
    let change = |before, after, lines| Change {
        resource_type: "Group".to_owned(),
        resource_id: "9f".to_owned(),
        display: "Sales".to_owned(),
        before: members(before),
        after: members(after),
        lines: vec![line.clone(); lines],
    };
    let changes = vec![change(1_001, 1_000, 1), change(1_000, 2_000, 1_003), change(1_000, 999, 1)];
    let committed = Committed {
        tenant: "default".to_owned(),
        revision: Revision(1),
        cause: Cause::Exchange(seq),
        changes,
        ahead: None,
    };
    house.log.append(Entry::Committed(Arc::new(committed)));
    house.close(seq);

    let changes = house.json(&format!("/api/v1/exchanges/{seq}")).await["changes"].clone();
    assert_eq!(changes[0]["before"], json!({"id": "9f", "displayName": "Sales"}));
    assert_eq!(changes[0]["after"], changes[0]["before"]);
    assert_eq!(changes[0]["left_out"], json!([{"attribute": "members", "before": 1_001, "after": 1_000}]));
    assert!(changes[0].get("more_lines").is_none());
    assert_eq!(changes[1]["left_out"], json!([{"attribute": "members", "before": 1_000, "after": 2_000}]));
    assert_eq!(changes[2]["after"]["members"].as_array().unwrap().len(), 999);
    assert!(changes[2].get("left_out").is_none());
    assert_eq!((changes[1]["lines"].as_array().unwrap().len(), &changes[1]["more_lines"]), (1_000, &json!(3)));
}

#[tokio::test]
async fn the_status_tells_where_things_stand() {
    let house = House::new();
    house.whole("/a");
    house.control.update(|facts| facts.actual_port = 8790);
    let status = house.json("/api/v1/status").await;
    assert_eq!((&status["head"], &status["pos"]), (&json!(1), &json!(3)));
    assert_eq!((&status["scim"]["requested_port"], &status["scim"]["actual_port"]), (&json!(8787), &json!(8790)));
    assert_eq!(status["profile"], "tolerant");
    assert_eq!(status["resources"][0], json!({"resource_type": "User", "count": 0}));
    assert_eq!(status["durable"], json!({"confirming": false, "through": null}));
    let memory = &status["memory"];
    assert_eq!(
        (&memory["evicted"], &memory["dropped"], &memory["budget_bytes"]),
        (&json!(0), &json!(0), &json!(256 << 20))
    );
    assert!(memory["held_bytes"].as_u64().unwrap() > 500, "{memory}");
}

#[tokio::test]
async fn the_profile_is_switched_at_run_time_and_the_record_says_so() {
    let house = House::new();
    let put = |name: &str| {
        let body = Body::from(json!({ "name": name }).to_string());
        let call = Request::put("/api/v1/profile").header(CONTENT_TYPE, "application/json").body(body).unwrap();
        send(house.inside(), call)
    };
    let answer = put("rfc-strict").await;
    assert_eq!(answer.json(), json!({"name": "rfc-strict", "available": provider::Profile::names()}));
    assert_eq!(house.json("/api/v1/profile").await["name"], "rfc-strict");
    let (_, entry) = house.log.read(Pos(0), 10).pop().unwrap();
    assert!(matches!(entry, Entry::State(state) if state.what == "profile" && state.detail == "rfc-strict"));
    let refused = put("lax").await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "unknown_profile"));
    assert_eq!(house.json("/api/v1/profile").await["name"], "rfc-strict");
}

#[tokio::test]
async fn what_the_program_knows_is_listed() {
    let house = House::new();
    let tolerances = house.json("/api/v1/tolerances").await;
    assert_eq!((tolerances.as_array().unwrap().len(), &tolerances[0]["id"]), (17, &json!("T1")));
    let scenarios = house.json("/api/v1/scenarios").await;
    assert_eq!(scenarios[0]["id"], "entra-sample");
    assert_eq!(scenarios[0]["steps"].as_array().unwrap().len(), 9);
    assert_eq!(house.json("/api/v1/openapi.json").await["openapi"], "3.1.0");
}
