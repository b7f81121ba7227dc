//! The workspace of the real binary: its settings, and what is told after a crash.

use serde_json::{Value, json};

use crate::process::{Server, output, send};

const CONTROL: (&str, &str) = ("Authorization", "Bearer c");

fn api(server: &Server, path: &str) -> String {
    format!("{}/api/v1{path}", server.ready()["control"].as_str().unwrap())
}

fn workspace(server: &Server) -> Value {
    send("GET", &api(server, "/workspace"), &[CONTROL], "").json()
}

fn serve(file: &std::path::Path, further: &[&str]) -> Server {
    let arguments = [&[file.to_str().unwrap(), "--token", "t", "--control-token", "c"], further].concat();
    Server::start(&arguments)
}

fn request(server: &Server) {
    let url = format!("{}/Users", server.ready()["scim"].as_str().unwrap());
    assert_eq!(send("GET", &url, &[("Authorization", "Bearer t")], "").status, 200);
}

#[test]
fn after_a_crash_it_says_how_many_exchanges_of_that_run_were_recovered() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("work.scimscope");
    let server = serve(&file, &[]);
    (0..3).for_each(|_| request(&server));
    assert!(server.terminate().0.success());

    let server = serve(&file, &[]);
    assert_eq!(workspace(&server)["recovered"], Value::Null, "it was closed");
    (0..5).for_each(|_| request(&server));
    // Dropping it kills it.
    drop(server);
    let server = serve(&file, &[]);
    let recovered = workspace(&server)["recovered"].clone();
    assert_eq!((&recovered["exchanges"], &recovered["through"]), (&json!(5), &json!(8)), "{recovered}");
    // The end of the last one may not have been written: nobody waits for that.
    assert!(recovered["cut_short"].as_u64() <= Some(1), "{recovered}");
    assert!(server.terminate().0.success());
    assert_eq!(workspace(&serve(&file, &[]))["recovered"], Value::Null);
}

#[test]
fn the_durability_is_an_option() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("work.scimscope");
    let server = serve(&file, &["--durability", "power-safe"]);
    assert_eq!(workspace(&server)["durability"], "power_safe");
    request(&server);
    assert!(server.terminate().0.success());
    let refused = output(&["serve", "--durability", "somehow"]);
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && message.contains("acknowledged"), "{message}");
}

#[test]
fn a_running_server_says_beside_its_workspace_how_to_reach_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("work.scimscope");
    let beside = folder.path().join("work.scimscope.control");
    // What a crash has left is overwritten.
    std::fs::write(&beside, "{\"url\": \"http://127.0.0.1:1\"}").unwrap();
    let server = serve(&file, &[]);
    let told: Value = serde_json::from_str(&std::fs::read_to_string(&beside).unwrap()).unwrap();
    assert_eq!(told["url"], server.ready()["control"]);
    assert_eq!((&told["token"], told["pid"].as_u64()), (&json!("c"), Some(server.pid().into())));
    assert_eq!(std::fs::metadata(&beside).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(server.terminate().0.success());
    assert!(!beside.exists());
}

#[test]
fn with_leave_a_call_saves_and_opens_files_and_recent_ones_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let kept = folder.path().join("kept.scimscope");
    let server =
        Server::start_in(&["--token", "t", "--control-token", "c", "--allow-open"], &[("XDG_STATE_HOME", &state)]);
    request(&server);
    let post = |path: &str, body: Value| {
        send("POST", &api(&server, path), &[CONTROL, ("Content-Type", "application/json")], &body.to_string())
    };
    let started = post("/workspace/save-as", json!({ "path": kept }));
    assert_eq!(started.status, 202, "{}", started.body);
    let job = api(&server, &format!("/jobs/{}", started.json()["id"]));
    while send("GET", &job, &[CONTROL], "").json()["state"] == "running" {
        std::thread::yield_now();
    }
    assert_eq!(workspace(&server)["kind"], "file");
    assert!(folder.path().join("kept.scimscope.control").exists());
    let other = folder.path().join("other.scimscope");
    assert_eq!(post("/workspace/new", json!({ "path": other })).status, 200);
    assert!(!folder.path().join("kept.scimscope.control").exists());
    request(&server);
    let recent = send("GET", &api(&server, "/workspace/recent"), &[CONTROL], "").json();
    let names: Vec<_> = recent["items"].as_array().unwrap().iter().map(|item| item["path"].clone()).collect();
    assert_eq!(names, [json!(other.canonicalize().unwrap()), json!(kept.canonicalize().unwrap())]);
    assert!(server.terminate().0.success());
    assert!(state.join("scimscope/recent.json").exists());
}
