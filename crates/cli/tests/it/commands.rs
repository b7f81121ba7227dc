//! Commands that look at a record and steer a server: at one that runs, by the file beside its workspace, and at a file alone.

use std::net::TcpListener;

use serde_json::{Value, json};

use crate::process::{Server, output, scimscope, send};

const SCIM: (&str, &str) = ("Content-Type", "application/scim+json");
const TOKEN: (&str, &str) = ("Authorization", "Bearer t");

/// Runs the binary: exit code, standard output, standard error.
fn run(arguments: &[&str]) -> (i32, String, String) {
    let output = output(arguments);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

fn create(server: &Server, name: &str) -> u16 {
    let body = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name}).to_string();
    let scim = server.ready()["scim"].as_str().unwrap().to_owned();
    send("POST", &format!("{scim}/Users"), &[TOKEN, SCIM], &body).status
}

#[test]
fn a_workspace_is_asked_where_it_is_open_and_in_its_file_when_nobody_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("work.scimscope");
    let path = file.to_str().unwrap();
    let server = Server::start(&[path, "--token", "t"]);
    assert_eq!([create(&server, "ada"), create(&server, "ada"), create(&server, "grace")], [201, 409, 201]);
    assert_eq!(run(&["readyz", path]).0, 0);
    let look = || {
        let (code, out, err) =
            run(&["wait-for", path, "-q", "method:post status:201", "--count", "2", "--timeout", "5"]);
        assert_eq!(code, 0, "{out}{err}");
        let (code, out, err) = run(&["exchanges", path, "-q", "status:409", "--json"]);
        let line: Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}"));
        assert_eq!((code, &line["seq"], &line["status"]), (0, &json!(2), &json!(409)));
        let (_, out, _) = run(&["exchanges", path, "--limit", "2"]);
        let seqs: Vec<_> = out.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
        assert_eq!(seqs, ["2", "3"], "{out}");
    };
    look();
    server.terminate();
    // A server that was killed leaves the file that tells where it was.
    std::fs::write(folder.path().join("work.scimscope.control"), r#"{"url":"http://127.0.0.1:1","token":"x","pid":1}"#)
        .unwrap();
    look();
    assert_eq!(run(&["readyz", path]).0, 3);
}

#[test]
fn an_assertion_ends_with_an_exit_code_and_writes_reports() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let server = Server::start(&[&path("w.scimscope"), "--token", "t"]);
    create(&server, "ada");
    create(&server, "ada");
    let workspace = path("w.scimscope");
    let holds =
        ["--count", "1 status:201", "--count", ">=1 status:4xx", "--order", "status:201", "--order", "status:409"];
    let state = ["--only", "method:post", "--state", "1 User userName eq \"ada\"", "--state", "0 Group"];
    let (code, out, err) = run(&[&["assert", &workspace][..], &holds, &state].concat());
    assert_eq!((code, out.matches("ok ").count()), (0, 6), "{out}{err}");

    std::fs::write(
        path("checks.json"),
        r#"[{"kind": "count", "q": "method:post status:200", "name": "no <one> else"}]"#,
    )
    .unwrap();
    let reports = ["--report", "junit", &path("r.xml"), "--report", "json", &path("r.json")];
    let (code, out, err) = run(&[&["assert", &workspace, "--checks", &path("checks.json")][..], &reports].concat());
    assert_eq!(code, 1, "{out}{err}");
    assert!(out.contains("FAILED  no <one> else") && out.contains("not status:200, it has 409"), "{out}");
    let xml = std::fs::read_to_string(path("r.xml")).unwrap();
    assert!(xml.contains("tests=\"1\" failures=\"1\"") && xml.contains("no &lt;one&gt; else"), "{xml}");
    let json: Value = serde_json::from_str(&std::fs::read_to_string(path("r.json")).unwrap()).unwrap();
    assert_eq!((&json["passed"], &json["checks"][0]["found"]), (&json!(false), &json!(0)));

    for wrong in [
        &["assert", &workspace][..],
        &["assert", &workspace, "--count", "status:201"],
        &["assert", &workspace, "--count", "1 status:abc"],
        &["assert", &workspace, "--state", "1 Robot"],
        &["assert", &workspace, "--count", "1 a", "--report", "html", "x"],
        &["assert", &path("none.scimscope"), "--count", "1 a"],
        &["assert", "--control", "http://127.0.0.1:1", "--count", "1 a"],
        &["wait-for", &workspace, "-q", "status:abc"],
        &["exchanges", &workspace, "-q", "status:abc"],
    ] {
        let (code, out, err) = run(wrong);
        assert_eq!(code, 2, "{wrong:?}: {out}{err}");
    }
    let nobody = ["--control", "http://127.0.0.1:1", "--control-token", "x"];
    assert_eq!(run(&[&["assert", "--count", "1 a"][..], &nobody].concat()).0, 3);
    let (code, out, _) = run(&["wait-for", &workspace, "-q", "status:500", "--timeout", "0"]);
    assert!(code == 1 && out.contains("nearest:"), "{code} {out}");
}

#[test]
fn directories_are_filled_kept_compared_and_brought_back() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = folder.path().join("w.scimscope").display().to_string();
    let (code, _, err) = run(&["seed", &workspace, "--seed", "7", "--users", "20", "--groups", "2"]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(run(&["snapshot", "take", "before", &workspace]).0, 0);
    assert_eq!(run(&["snapshot", "take", "before", &workspace]).0, 2, "there is one of this name");
    assert_eq!(run(&["snapshot", "diff", "before", &workspace]).0, 0);
    let server = Server::start(&[&workspace, "--token", "t"]);
    create(&server, "ada");
    let (code, out, _) = run(&["snapshot", "diff", "before", &workspace]);
    assert!(code == 1 && out.contains("created  User ada") && out.contains("1 resources differ"), "{code} {out}");
    assert_eq!(run(&["snapshot", "restore", "before", &workspace, "--dry-run"]).0, 0);
    assert_eq!(run(&["snapshot", "restore", "before", &workspace]).0, 0);
    assert_eq!(run(&["snapshot", "diff", "before", &workspace]).0, 0);
    assert!(run(&["snapshot", "list", &workspace]).1.contains("before"));
    assert_eq!(run(&["snapshot", "delete", "before", &workspace]).0, 0);
    assert_eq!(run(&["snapshot", "restore", "before", &workspace]).0, 2);
    assert_eq!(run(&["seed", &workspace, "--dataset", "nowhere"]).0, 2);
    let state = ["--state", "20 User", "--state", "2 Group"];
    assert_eq!(run(&[&["assert", &workspace][..], &state].concat()).0, 0);
}

#[test]
fn the_record_is_followed_until_enough_has_come() {
    let server = Server::start(&["--token", "t", "--control-token", "c"]);
    let control = server.ready()["control"].as_str().unwrap().to_owned();
    create(&server, "ada");
    let arguments =
        ["exchanges", "--control", &control, "--control-token", "c", "--follow", "--after", "0", "--limit", "2"];
    let following = scimscope(&arguments).stdout(std::process::Stdio::piped()).spawn().unwrap();
    create(&server, "grace");
    let out = following.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success() && text.lines().count() == 2, "{text}");
}

#[test]
fn a_port_in_use_has_an_exit_code_of_its_own_and_a_server_that_is_not_there_another() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    assert_eq!(run(&["serve", "--listen", &address, "--control", "127.0.0.1:0"]).0, 4);
    assert_eq!(run(&["serve", "--listen", "127.0.0.1:0", "--control", &address]).0, 4);
    assert_eq!(run(&["readyz", "--control", "http://127.0.0.1:1"]).0, 3);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ready.json").display().to_string();
    assert_eq!(run(&["readyz", "--ready-file", &file]).0, 3);
    let _server = Server::start(&["--ready-file", &file]);
    assert_eq!(run(&["readyz", "--ready-file", &file, "--wait", "10"]).0, 0);
}

#[test]
fn the_same_clock_and_ids_give_the_same_answers() {
    let answer = || {
        let server = Server::start(&["--token", "t", "--clock", "2026-01-31T09:30:00Z", "--ids", "7"]);
        let ready = server.ready();
        let scim = ready["scim"].as_str().unwrap();
        let body = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada"}).to_string();
        let answer = send("POST", &format!("{scim}/Users"), &[TOKEN, SCIM], &body);
        (answer.headers["date"].clone(), answer.body.replace(scim, ""))
    };
    assert_eq!(answer(), answer());
}

#[test]
fn completions_know_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let (code, out, _) = run(&["completions", shell]);
        assert!(code == 0 && out.contains("wait-for") && out.contains("control-token"), "{shell}");
    }
}

#[test]
fn a_demonstration_plays_its_scenario_and_shows_it_to_everybody() {
    let server = Server::start(&[
        "--dataset",
        "small-company",
        "--loop",
        "entra-sample",
        "--reset-every",
        "1h",
        "--read-only-ui",
    ]);
    let control = server.ready()["control"].as_str().unwrap().to_owned();
    // Nobody sends anything but the server itself.
    let followed =
        ["exchanges", "--control", &control, "--control-token", "none", "-f", "--after", "0", "--limit", "2"];
    let (code, out, err) = run(&followed);
    assert!(code == 0 && out.lines().count() == 2, "{out}{err}");
    let status = send("GET", &format!("{control}/api/v1/status"), &[], "").json();
    assert_eq!(status["demo"], json!({"scenario": "entra-sample", "reset_every_s": 3600, "read_only": true}));
    let refused =
        send("PUT", &format!("{control}/api/v1/serving"), &[("Content-Type", "application/json")], "{\"paused\":true}");
    assert_eq!((refused.status, &refused.json()["error"]["code"]), (403, &json!("read_only")));
    let (code, _, err) = run(&["serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--loop", "nothing"]);
    assert!(code == 2 && err.contains("entra-sample"), "{code} {err}");
}
