//! https with an authority of this machine's own, as scripts see it.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::json;

use crate::process::{Server, output, scimscope, send};

const FLOW: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/flows/entra-01-test-connection.json");

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_client_that_trusts_the_authority_speaks_https_and_one_that_does_not_is_in_the_record() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("tls");
    let server = Server::start(&["--tls", "--tls-folder", text(&kept), "--token", "t", "--control-token", "c"]);
    let ready = server.ready();
    let (scim, control) = (ready["scim"].as_str().unwrap(), ready["control"].as_str().unwrap());
    assert!(scim.starts_with("https://127.0.0.1:") && control.starts_with("http://"), "{ready}");
    let ca = output(&["ca", "--tls-folder", text(&kept)]);
    let ca = String::from_utf8(ca.stdout).unwrap().trim().to_owned();
    assert_eq!(ready["ca"], json!(ca));
    assert_eq!(std::fs::metadata(kept.join("ca-key.pem")).unwrap().permissions().mode() & 0o777, 0o600);

    let replay = |scim: &str, more: &[&str]| {
        let arguments = [&["replay", FLOW, "--target", scim, "--token-env", "TOKEN"], more].concat();
        scimscope(&arguments).env("TOKEN", "t").output().unwrap()
    };
    let untrusting = replay(scim, &[]);
    assert_eq!(untrusting.status.code(), Some(3), "{}", String::from_utf8_lossy(&untrusting.stderr));
    let list = send("GET", &format!("{control}/api/v1/exchanges"), &[("Authorization", "Bearer c")], "").json();
    let exchange = send("GET", &format!("{control}/api/v1/exchanges/1"), &[("Authorization", "Bearer c")], "").json();
    assert_eq!((list["head"].as_u64(), list["items"][0]["method"].as_str()), (Some(1), Some("")), "{list:#}");
    assert!(exchange.to_string().contains("does not trust the certificate"), "{exchange:#}");
    assert_eq!(replay(scim, &["--ca", &ca]).status.code(), Some(0));
    drop(server);

    let again = Server::start(&["--tls", "--tls-folder", text(&kept), "--token", "t"]);
    let scim = again.ready()["scim"].as_str().unwrap().to_owned();
    let replayed = replay(&scim, &["--ca", &ca]);
    assert_eq!(replayed.status.code(), Some(0), "the authority is the same after a restart");
}

#[test]
fn the_server_speaks_to_itself_over_https_too() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&["--tls", "--tls-folder", text(folder.path()), "--control-token", "c"]);
    let control = server.ready()["control"].as_str().unwrap().to_owned();
    let own = [("Authorization", "Bearer c"), ("Content-Type", "application/json")];
    let call = json!({ "source": { "kind": "scenario", "id": "entra-sample" }, "target": { "kind": "tenant", "name": "default" } });
    let started = send("POST", &format!("{control}/api/v1/replays"), &own, &call.to_string());
    assert_eq!(started.status, 202, "{}", started.body);
    let run = loop {
        let run = send("GET", &format!("{control}/api/v1/replays/1"), &own, "").json();
        if !run["run"]["ended_at"].is_null() {
            break run;
        }
        std::thread::yield_now();
    };
    assert_eq!(run["run"]["verdict"], "same", "{run:#}");
    let status = send("GET", &format!("{control}/api/v1/status"), &own, "").json();
    assert!(status["scim"]["encryption"]["authority_path"].as_str().unwrap().ends_with("/ca.pem"), "{status:#}");
    let first = send("GET", &format!("{control}/api/v1/exchanges/1/request"), &own, "").body;
    assert!(first.starts_with("GET /scim/v2/"), "the record is of plain requests: {first}");
}

#[test]
fn what_cannot_be_used_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let serve = |more: &[&str]| {
        let run = output(&[&["serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"], more].concat());
        assert_ne!(run.status.code(), Some(0));
        String::from_utf8(run.stderr).unwrap()
    };
    let half = folder.path().join("half");
    std::fs::create_dir(&half).unwrap();
    std::fs::write(half.join("ca.pem"), "x").unwrap();
    let why = serve(&["--tls", "--tls-folder", text(&half)]);
    assert!(why.contains("ca-key.pem is not") && why.contains("put it back"), "{why}");
    let file = folder.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let why = serve(&["--tls", "--tls-folder", text(&file.join("below"))]);
    assert!(why.contains("choose a folder that can be written") || why.contains("cannot be read"), "{why}");
    let why = serve(&["--tls-cert", text(&file), "--tls-key", text(&file)]);
    assert!(why.contains("BEGIN CERTIFICATE"), "{why}");
    let why = serve(&["--tls", "--tls-folder", text(folder.path()), "--tls-name", "https://scim.example.com"]);
    assert!(why.contains("no name and no address"), "{why}");
    assert!(serve(&["--tls-cert", "a.pem"]).contains("--tls-key"));
}
