//! `scimscope replay`: what it sends, what it says, and its exit codes.

use std::path::PathBuf;
use std::process::Output;

use crate::process::{Server, scimscope};

const TOKEN: &str = "t0ken";
const CONTROL: &str = "c0ntrol";

fn server() -> (Server, String, String) {
    let server = Server::start(&["--token", TOKEN, "--control-token", CONTROL]);
    let ready = server.ready();
    let text = |name: &str| ready[name].as_str().expect("a URL").to_owned();
    let (scim, control) = (text("scim"), text("control"));
    (server, scim, control)
}

fn replay(arguments: &[&str]) -> Output {
    let mut command = scimscope(&["replay"]);
    command.args(arguments).env("TARGET_TOKEN", TOKEN).env("SCIMSCOPE_CONTROL_TOKEN", CONTROL);
    command.output().expect("the binary starts")
}

fn flow(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../../fixtures/flows/{name}.json"));
    path.to_str().expect("a path").to_owned()
}

#[track_caller]
fn ended(output: &Output, code: i32, phrase: &str) {
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(said.contains(phrase), "{phrase:?} is missing in: {said}");
}

#[test]
fn a_flow_file_is_the_same_at_a_server_that_does_as_expected_and_reports_are_written() {
    let (_server, scim, _) = server();
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name).to_str().expect("a path").to_owned();
    let (junit, json) = (file("junit.xml"), file("report.json"));
    let flow = flow("entra-02-user-lifecycle-default");
    let arguments = [flow.as_str(), "--target", &scim, "--token-env", "TARGET_TOKEN"];
    let reports = ["--report", "junit", &junit, "--report", "json", &json];
    ended(&replay(&[&arguments[..], &reports].concat()), 0, "0 different");
    let xml = std::fs::read_to_string(junit).expect("a report");
    assert!(xml.contains("failures=\"0\" errors=\"0\""), "{xml}");
    let report: serde_json::Value = serde_json::from_slice(&std::fs::read(json).expect("a report")).expect("JSON");
    assert_eq!(report["same"], true);
    assert!(!xml.contains(TOKEN) && !report.to_string().contains(TOKEN), "credentials are in no report");
}

#[test]
fn what_is_recorded_is_replayed_through_the_control_api() {
    let (_one, scim, control) = server();
    let (_other, target, _) = server();
    let entra = flow("entra-02-user-lifecycle-default");
    ended(&replay(&[&entra, "--target", &scim, "--token-env", "TARGET_TOKEN"]), 0, "same");
    let arguments = ["--control", &control, "--target", &target, "--token-env", "TARGET_TOKEN"];
    ended(&replay(&[&arguments[..], &["--dry-run"]].concat()), 0, "none was");
    ended(&replay(&arguments), 0, "0 different");
    // The flow deletes its user at the end; without that she stays.
    let created = [&arguments[..], &["--query", "method:POST"]].concat();
    ended(&replay(&created), 0, "1 same");
    let again = replay(&created);
    ended(&again, 1, "DIFFERENT");
    ended(&again, 1, "status: 201 → 409");
}

#[test]
fn a_token_is_read_from_a_file_descriptor() {
    let (_server, scim, _) = server();
    let folder = tempfile::tempdir().unwrap();
    let (file, empty) = (folder.path().join("token"), folder.path().join("empty"));
    std::fs::write(&file, format!("{TOKEN}\n")).unwrap();
    std::fs::write(&empty, "\n").unwrap();
    let flow = flow("entra-01-test-connection");
    let with = |file: &std::path::Path| {
        let mut command = scimscope(&["replay", &flow, "--target", &scim, "--token-fd", "0"]);
        command.stdin(std::fs::File::open(file).unwrap()).output().unwrap()
    };
    ended(&with(&file), 0, "same");
    ended(&with(&empty), 2, "no token in the file descriptor 0");
}

#[test]
fn exit_codes_tell_usage_from_a_server_that_cannot_be_reached() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let free = format!("http://{}/scim/v2", listener.local_addr().expect("an address"));
    drop(listener);
    let flow = flow("okta-01-test-connector");
    ended(&replay(&[&flow, "--target", &free]), 3, "no connection to");
    ended(&replay(&["--control", &free, "--target", &free]), 3, "control API");
    ended(&replay(&[&flow]), 2, "--target");
    ended(&replay(&["no-such-file.json", "--target", &free]), 2, "no-such-file.json cannot be read");
    ended(&replay(&[&flow, "--target", "http://192.0.2.1/scim"]), 2, "--yes");
    ended(&replay(&[&flow, "--target", &free, "--token-env", "NOT_SET_AT_ALL"]), 2, "NOT_SET_AT_ALL");
    ended(&replay(&[&flow, "--target", &free, "--report", "html", "x"]), 2, "junit or json");
}
