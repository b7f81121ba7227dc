//! A recorded run as a fixture: exported, replayed at other servers, opened again.

use std::process::Output;

use serde_json::{Value, json};

use crate::process::{Server, scimscope, send};

const TOKEN: &str = "t0ken";
const CONTROL: &str = "c0ntrol";

fn server(further: &[&str]) -> (Server, String, String) {
    let server = Server::start(&[&["--token", TOKEN, "--control-token", CONTROL], further].concat());
    let ready = server.ready();
    let text = |name: &str| ready[name].as_str().expect("a URL").to_owned();
    let (scim, control) = (text("scim"), text("control"));
    (server, scim, control)
}

fn run(arguments: &[&str]) -> Output {
    let mut command = scimscope(arguments);
    command.env("TARGET_TOKEN", TOKEN).env("SCIMSCOPE_CONTROL_TOKEN", CONTROL);
    command.output().expect("the binary starts")
}

#[track_caller]
fn ended(output: &Output, code: i32, phrase: &str) {
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(said.contains(phrase), "{phrase:?} is missing in: {said}");
}

/// What Entra does with two people and a group, and what somebody asks for by parts of names.
fn live(scim: &str) {
    let headers = [("Authorization", "Bearer t0ken"), ("Content-Type", "application/scim+json")];
    let call = |method: &str, path: &str, body: Value| {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = send(method, &format!("{scim}{path}"), &headers, &body);
        assert!(answer.status < 500, "{path}: {}", answer.body);
        if answer.body.is_empty() { Value::Null } else { answer.json() }
    };
    let encoded = |filter: &str| filter.replace(' ', "%20").replace('"', "%22").replace('@', "%40");
    let ask = |kind: &str, filter: &str| call("GET", &format!("/{kind}?filter={}", encoded(filter)), Value::Null);
    let person = |local: &str, given: &str, family: &str| {
        json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": format!("{local}@contoso.example.com"),
            "externalId": format!("ext-{local}"), "name": {"givenName": given, "familyName": family},
            "displayName": format!("{given} {family}"), "active": true,
            "emails": [{"type": "work", "primary": true, "value": format!("{local}@contoso.example.com")}]})
    };
    let mut ids = Vec::new();
    for (local, given, family) in [("lena", "Lena", "Ortiz"), ("leo", "Leo", "Abara"), ("mira", "Mira", "Ortiz")] {
        ask("Users", &format!("userName eq \"{local}@contoso.example.com\""));
        ids.push(call("POST", "/Users", person(local, given, family))["id"].as_str().expect("an id").to_owned());
    }
    for filter in [
        r#"userName sw "le""#,
        r#"userName ew "@contoso.example.com""#,
        r#"emails.value co "ira@""#,
        r#"name.familyName co "rti" and active eq true"#,
        r#"displayName sw "Zoe""#,
        r#"externalId eq "ext-leo""#,
    ] {
        ask("Users", filter);
    }
    let patch = |operation: Value| json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]});
    call("PATCH", &format!("/Users/{}", ids[0]), patch(json!({"op": "Replace", "path": "active", "value": "False"})));
    call(
        "PATCH",
        &format!("/Users/{}", ids[1]),
        patch(json!({"op": "Replace", "path": "name.familyName", "value": "Winter"})),
    );
    let group = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Shift leads"});
    let group = call("POST", "/Groups", group)["id"].as_str().expect("an id").to_owned();
    let members: Vec<Value> = ids[..2].iter().map(|id| json!({"value": id})).collect();
    call("PATCH", &format!("/Groups/{group}"), patch(json!({"op": "Add", "path": "members", "value": members})));
    ask("Groups", r#"displayName co "hift""#);
    call(
        "PATCH",
        &format!("/Groups/{group}"),
        patch(json!({"op": "Remove", "path": format!("members[value eq \"{}\"]", ids[0])})),
    );
    call("GET", &format!("/Groups/{group}"), Value::Null);
    call("DELETE", &format!("/Users/{}", ids[2]), Value::Null);
    call("GET", &format!("/Users/{}", ids[2]), Value::Null);
}

#[test]
fn a_run_as_a_fixture_fails_when_and_only_when_the_server_does_otherwise() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name).to_str().expect("a path").to_owned();
    // A directory that is not empty, so that the fixture has to bring it along.
    let (_source, scim, control) = server(&["--seed", "7", "--users", "12", "--groups", "2"]);
    live(&scim);
    for (name, people) in [("plain.fixture.json", &[][..]), ("aliases.fixture.json", &["--people"])] {
        let path = file(name);
        let arguments = ["export", "--control", &control, "--to", "fixture", "-o", &path];
        ended(&run(&[&arguments[..], people].concat()), 0, "read again: 21 exchanges");
        let text = std::fs::read_to_string(&path).expect("a fixture");
        assert!(!text.contains(TOKEN), "{name} has the token");
        if !people.is_empty() {
            let personal = ["lena", "Lena", "Ortiz", "Abara", "contoso", "Winter"];
            let found: Vec<_> = personal.iter().filter(|word| text.contains(**word)).collect();
            assert!(found.is_empty(), "{found:?} in {text}");
        }
        let at = |scim: &str| run(&["replay", &path, "--target", scim, "--token-env", "TARGET_TOKEN"]);
        // The same behaviour somewhere else, in an empty directory.
        let (_same, scim, _) = server(&[]);
        ended(&at(&scim), 0, "0 different");
        // Another behaviour.
        let (_strict, scim, _) = server(&["--profile", "rfc-strict"]);
        ended(&at(&scim), 1, "DIFFERENT");
        let (_careless, scim, _) = server(&["--rules", "careless-server"]);
        ended(&at(&scim), 1, "different");
        // As a workspace of its own.
        let (_opened, scim, control) = server(&[&path]);
        let headers = [("Authorization", "Bearer c0ntrol")];
        let page = send("GET", &format!("{control}/api/v1/exchanges?limit=100"), &headers, "").json();
        assert_eq!(page["head"], 21, "{page}");
        let last = send("GET", &format!("{control}/api/v1/exchanges/21"), &headers, "").json();
        let found = last["findings"].as_array().expect("a list");
        assert!(found.iter().all(|finding| finding["code"] != "state-differs"), "it ends as the fixture says: {last}");
        let users = send("GET", &format!("{scim}/Users"), &[("Authorization", "Bearer t0ken")], "").json();
        assert_eq!(users["totalResults"], 14);
    }
}

#[test]
fn a_fixture_by_lines_and_an_archive_are_replayed_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_source, scim, control) = server(&[]);
    live(&scim);
    for (format, name) in [("fixture-ndjson", "run.fixture.ndjson"), ("har", "run.har")] {
        let path = folder.path().join(name).to_str().expect("a path").to_owned();
        ended(&run(&["export", "--control", &control, "--to", format, "-o", &path]), 0, "read again: 21 exchanges");
        let (_target, scim, _) = server(&[]);
        ended(&run(&["replay", &path, "--target", &scim, "--token-env", "TARGET_TOKEN"]), 0, "0 different");
    }
}
