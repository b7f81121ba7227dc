//! A server inside of a test.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use scimscope::{Options, Scimscope, datasets};
use serde_json::{Value, json};

fn send(server: &Scimscope, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let request = ureq::http::Request::builder()
        .method(method)
        .uri(format!("{}{path}", server.url()))
        .header("Authorization", format!("Bearer {}", server.token()))
        .header("Content-Type", "application/scim+json");
    let mut answer = agent.run(request.body(body.to_string()).unwrap()).unwrap();
    let text = answer.body_mut().read_to_string().unwrap();
    (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or(Value::Null))
}

fn user(name: &str) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name})
}

/// What a test that drops this server fails with.
fn said(server: Scimscope) -> String {
    let dropped = std::panic::catch_unwind(AssertUnwindSafe(|| drop(server)));
    let why = dropped.expect_err("an expectation does not hold");
    why.downcast_ref::<String>().cloned().unwrap_or_default()
}

#[test]
fn a_test_passes_if_everything_is_as_expected() {
    let server = Scimscope::start();
    server.expect("method:post status:201").times(2);
    server.expect("status:409").at_least(1);
    server.expect("status:5xx").never();
    server.expect_order(&["status:201", "status:409"]);
    server.expect_only(&["method:post"]);
    server.expect_resources("User", "userName sw \"a\"").times(1);
    for name in ["ada", "ada", "grace"] {
        send(&server, "POST", "/Users", &user(name));
    }
    let found = server.wait_for("status:409", 1, Duration::from_secs(10)).unwrap();
    assert_eq!(found[0]["seq"], 2);
}

#[test]
fn a_test_fails_when_the_server_is_dropped_and_says_what_came_nearest() {
    let server = Scimscope::start();
    server.expect("method:post status:201").named("Ada is created").times(2);
    server.expect_resources("Group", "").times(1);
    send(&server, "POST", "/Users", &user("ada"));
    send(&server, "POST", "/Users", &user("ada"));
    let why = said(server);
    assert!(why.contains("Ada is created") && why.contains("exactly 2"), "{why}");
    assert!(why.contains("exchange 2, POST /scim/v2/Users, not status:201 (it has 409)"), "{why}");
    assert!(why.contains("exactly 1 Group resources, there are 0"), "{why}");
}

#[test]
fn what_was_verified_is_not_looked_at_again_and_a_query_has_to_be_right() {
    let server = Scimscope::start();
    server.expect("method:get").times(1);
    assert!(server.verify().is_err());
    assert_eq!(server.verify(), Ok(()));
    let missed = server.wait_for("status:200", 1, Duration::ZERO).unwrap_err().to_string();
    assert!(missed.contains("0 of 1"), "{missed}");
    server.expect("status:abc").times(1);
    assert!(said(server).contains("status:abc"));
}

#[test]
fn a_server_is_made_as_it_is_wanted_and_begins_anew() {
    let small = datasets().iter().find(|dataset| dataset.name == "small-company").unwrap();
    let server = Scimscope::with(Options {
        profile: Some("rfc-strict".to_owned()),
        token: Some("t".to_owned()),
        seed: Some(small.recipe.clone()),
        clock: Some("2026-01-31T09:30:00Z".parse().unwrap()),
        ids: Some(7),
        ..Options::default()
    })
    .unwrap();
    assert_eq!(server.token(), "t");
    server.reset().unwrap();
    let first = send(&server, "POST", "/Users", &user("ada")).1;
    assert_eq!(first["meta"]["created"], "2026-01-31T09:30:00.000Z");
    server.advance_clock(Duration::from_secs(60)).unwrap();
    let second = send(&server, "POST", "/Users", &user("grace")).1;
    assert_eq!(second["meta"]["created"], "2026-01-31T09:31:00.000Z");
    let users = server.call("GET", "/api/v1/tenants/default/resources/User", None).unwrap();
    assert_eq!(users["total"], 2);
    let refused = Scimscope::with(Options { profile: Some("lenient".to_owned()), ..Options::default() });
    assert!(refused.unwrap_err().to_string().contains("lenient"));
}

#[tokio::test]
async fn it_runs_in_an_asynchronous_test_too() {
    let server = Scimscope::start();
    server.expect("method:post status:201").times(1);
    let url = server.url().to_owned();
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    send(&server, "POST", "/Users", &user("ada"));
}
