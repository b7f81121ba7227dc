//! Recognition over the flow files: every request that a real client sends is known as that client's or as nobody's.

use std::collections::BTreeMap;

use dialects::{Annotator, Dialect, ENOUGH, annotate};
use serde_json::Value;
use traffic::handled::{Action, Subject};

use crate::wire::request;

struct Step {
    label: String,
    kind: String,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
}

/// The steps of a flow file; variables become plausible values.
fn steps(file: &Value) -> Vec<Step> {
    let meta = r#"{"resourceType":"User","created":"2026-01-01T00:00:00Z","version":"W/\"1\""}"#;
    let fill = |text: String| {
        text.replace("\"{{user1.meta}}\"", meta)
            .replace("{{run.guid}}", "0f4a9c3e-6a52-4f0c-9d53-0d5ab3a1d2f1")
            .replace("{{run.guid2}}", "1f4a9c3e-6a52-4f0c-9d53-0d5ab3a1d2f1")
            .replace("{{run.hex24}}", "5f1d7f9ae4b0c1a2b3c4d5e6")
            .replace("{{", "")
            .replace("}}", "")
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let steps = file["steps"].as_array().expect("a flow has steps");
    steps
        .iter()
        .map(|step| {
            let headers = step["headers"].as_object().into_iter().flatten();
            Step {
                label: text(&step["label"]),
                kind: text(&step["kind"]),
                method: text(&step["method"]),
                target: fill(format!("/scim/v2{}", text(&step["path"]))),
                headers: headers.map(|(name, value)| (name.clone(), fill(text(value)))).collect(),
                body: if step["body"].is_null() { String::new() } else { fill(step["body"].to_string()) },
            }
        })
        .collect()
}

fn flows() -> BTreeMap<String, Value> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/flows");
    let files = std::fs::read_dir(folder).expect("fixtures/flows is there").map(|entry| entry.unwrap().path());
    let flows: BTreeMap<String, Value> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            (path.file_stem().unwrap().to_string_lossy().into_owned(), serde_json::from_str(&text).unwrap())
        })
        .collect();
    assert!(flows.len() > 15, "only {} flows", flows.len());
    flows
}

fn exchange(step: &Step, seq: u64, agent: Option<&str>) -> traffic::exchange::Exchange {
    let mut headers: Vec<(&str, &str)> = step
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .filter(|(name, _)| *name != "User-Agent")
        .collect();
    if let Some(agent) = agent {
        headers.push(("User-Agent", agent));
    }
    let wire = request(&step.method, &step.target);
    wire.handled(&headers, &step.body, 200, Action::Unknown, Subject::default()).numbered(seq).exchange()
}

#[test]
fn no_request_of_a_flow_is_taken_for_another_clients() {
    for (id, flow) in flows() {
        let idp = flow["idp"].as_str().unwrap();
        let mut annotator = Annotator::new();
        for (at, step) in steps(&flow).iter().enumerate() {
            let agent = step.headers.iter().find(|(name, _)| name == "User-Agent").map(|(_, value)| value.as_str());
            let said = annotator.annotate(&exchange(step, at as u64 + 1, agent));
            let expected = if step.kind == "client" { idp } else { "" };
            if let Some(dialect) = &said.dialect {
                assert_eq!(dialect, expected, "{id}: {}: {:?}", step.label, said.reasons);
                assert!(said.confidence >= ENOUGH && !said.reasons.is_empty(), "{id}: {}", step.label);
            }
        }
    }
}

#[test]
fn every_request_of_the_entra_and_okta_flows_that_can_be_known_is_known() {
    // Flows in which a client says nothing that would tell it at all, or not at first.
    let silent =
        ["entra-05-group-lifecycle-aadoptscim062020", "entra-07-absent-elements", "entra-08-gallery-direct-tests"];
    for (id, flow) in flows() {
        let idp = flow["idp"].as_str().unwrap();
        if !matches!(idp, "entra" | "okta") || silent.contains(&id.as_str()) || id == "okta-07-spec-test" {
            continue;
        }
        let mut annotator = Annotator::new();
        for (at, step) in steps(&flow).iter().enumerate().filter(|(_, step)| step.kind == "client") {
            let agent = step.headers.iter().find(|(name, _)| name == "User-Agent").map(|(_, value)| value.as_str());
            let said = annotator.annotate(&exchange(step, at as u64 + 1, agent));
            assert_eq!(said.dialect.as_deref(), Some(idp), "{id}: {}", step.label);
        }
    }
}

#[test]
fn okta_is_known_without_its_user_agent_and_not_by_it_alone() {
    let flow = &flows()["okta-04-group-push-oin"];
    for step in steps(flow).iter().filter(|step| step.kind == "client") {
        let said = annotate(&exchange(step, 1, Some("anything")));
        assert_eq!(said.dialect.as_deref(), Some("okta"), "{}", step.label);
    }
    let claimed = request("GET", "/scim/v2/Users").handled(
        &[("User-Agent", "Okta SCIM Client 1.0.0")],
        "",
        200,
        Action::List,
        Subject::default(),
    );
    assert_eq!(annotate(&claimed.exchange()).dialect, None);
}

#[test]
fn shapes_that_no_flow_has_are_known_too() {
    let patch = |operations: &str| format!("{{\"Operations\":[{operations}]}}");
    let cases = [
        ("PUT", r#"{"userName":"a","emails":null,"externalId":"5f1d7f9ae4b0c1a2b3c4d5e6"}"#.to_owned(), "jumpcloud"),
        ("PATCH", patch(r#"{"op":"replace","value":{"displayName":"a","externalId":null}}"#), "rauthy"),
        ("PATCH", patch(r#"{"op":"remove","path":"members","value":null}"#), "keycloak"),
        ("PATCH", patch(r#"{"op":"replace","path":"active","value":"false"}"#), "keycloak"),
        ("PATCH", patch(r#"{"op":"replace","value":{"name.familyName":"a"}}"#), "entra"),
    ];
    for (method, body, dialect) in cases {
        let headers = [("Content-Type", "application/scim+json")];
        let wire = request(method, "/scim/v2/Users/1");
        let said = annotate(&wire.handled(&headers, &body, 200, Action::Modify, Subject::default()).exchange());
        assert_eq!(said.dialect.as_deref(), Some(dialect), "{body}: {:?}", said.reasons);
    }
}

#[test]
fn a_client_is_remembered_by_what_it_sent_and_not_by_its_address_alone() {
    let mut annotator = Annotator::new();
    let send = |annotator: &mut Annotator, seq, method, agent, body: &str| {
        let wire = request(method, "/scim/v2/Users/1");
        let headers = [("Authorization", "Bearer a"), ("User-Agent", agent)];
        let wire = wire.handled(&headers, body, 200, Action::Read, Subject::default());
        annotator.annotate(&wire.numbered(seq).exchange())
    };
    let patch = r#"{"Operations":[{"op":"Replace","path":"active","value":"False"}]}"#;
    assert_eq!(send(&mut annotator, 1, "GET", "one", "").dialect, None);
    assert_eq!(send(&mut annotator, 2, "PATCH", "one", patch).dialect.as_deref(), Some("entra"));
    let after = send(&mut annotator, 3, "GET", "one", "");
    assert_eq!(after.dialect.as_deref(), Some("entra"));
    assert_eq!(after.reasons, ["the same client spoke Entra in exchange 2"]);
    assert_eq!(send(&mut annotator, 4, "GET", "two", "").dialect, None);
}

#[test]
fn keys_lead_back_to_their_dialects() {
    for dialect in Dialect::ALL {
        assert_eq!(Dialect::with_key(dialect.key()), Some(dialect));
    }
    assert_eq!(Dialect::with_key("nobody"), None);
}
