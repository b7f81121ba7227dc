//! Exporting and importing from the command line.

use std::process::Command;

use serde_json::Value;

fn scimscope(arguments: &[&str]) -> (bool, String, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_scimscope")).args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (out.status.success(), text(&out.stdout), text(&out.stderr))
}

const ARCHIVE: &str = r#"{"log":{"version":"1.2","creator":{"name":"x","version":"1"},"entries":[
  {"startedDateTime":"2026-01-02T03:04:05Z","time":1,"cache":{},"timings":{"send":0,"wait":1,"receive":0},
   "request":{"method":"DELETE","url":"https://scim.example.com/scim/v2/Users/4711","httpVersion":"HTTP/1.1","cookies":[],
     "headers":[{"name":"Authorization","value":"Bearer canary-4711-token"}],"queryString":[],"headersSize":-1,"bodySize":0},
   "response":{"status":204,"statusText":"No Content","httpVersion":"HTTP/1.1","cookies":[],"headers":[],
     "content":{"size":0,"mimeType":""},"redirectURL":"","headersSize":-1,"bodySize":0}}]}}"#;

#[test]
fn an_archive_goes_into_a_workspace_and_comes_out_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("in.har"), ARCHIVE).unwrap();
    let (ok, _, log) = scimscope(&["import", &path("in.har"), &path("w.scimscope")]);
    assert!(ok && log.contains("1 exchanges taken over") && log.contains("1 of them SCIM"), "{log}");
    let (ok, _, log) = scimscope(&["export", &path("w.scimscope"), "-o", &path("out.har")]);
    assert!(ok && log.contains("read again: 1 exchanges"), "{log}");
    let out = std::fs::read_to_string(path("out.har")).unwrap();
    assert!(!out.contains("canary"), "{out}");
    let out: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(out["log"]["entries"][0]["request"]["url"], "http://scim.example.com/scim/v2/Users/4711");
    let (ok, out, _) =
        scimscope(&["export", &path("w.scimscope"), "--to", "curl", "--query", "method:delete", "-o", "-"]);
    assert!(
        ok && out.contains("curl --fail-with-body -X DELETE \\\n  http://scim.example.com/scim/v2/Users/4711"),
        "{out}"
    );
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("out.har.")), "{left:?}");
}

#[test]
fn what_cannot_be_done_is_said_and_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (ok, _, log) = scimscope(&["export", &path("none.scimscope"), "-o", &path("x.har")]);
    assert!(!ok && log.contains("there is no workspace"), "{log}");
    std::fs::write(path("x.txt"), "hello").unwrap();
    let (ok, _, log) = scimscope(&["import", &path("x.txt"), &path("w.scimscope")]);
    assert!(!ok && log.contains("none of the formats that can be imported"), "{log}");
    let (ok, _, log) = scimscope(&["export", &path("w.scimscope"), "--redact", "pattern:(", "-o", &path("x.har")]);
    assert!(!ok && log.contains("is no rule"), "{log}");
    let (ok, _, log) = scimscope(&["import", &path("x.txt")]);
    assert!(!ok && log.contains("give a workspace file"), "{log}");
    assert!(!std::path::Path::new(&path("x.har")).exists());
}
