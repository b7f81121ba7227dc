//! A workspace on a disk that can only be read.

use std::path::Path;
use std::process::Command;

use app::config::{Config, Workspace};
use app::running::App;
use axum::body::Body;
use http::Request;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::raw::response;
use crate::running::{TOKEN, address, app_in, config};

/// A disk of its own, if one can be mounted here.
struct Disk(tempfile::TempDir);

impl Disk {
    fn mount() -> Option<Disk> {
        let folder = tempfile::tempdir().expect("a folder");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "tmpfs"]).arg(folder.path()).output();
        mounted.is_ok_and(|output| output.status.success()).then(|| Disk(folder))
    }

    fn make_read_only(&self) {
        let remounted = Command::new("mount").args(["-o", "remount,ro"]).arg(self.path()).status();
        assert!(remounted.is_ok_and(|status| status.success()));
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

async fn get(app: &App, path: &str) -> Value {
    let request = Request::get(format!("/api/v1{path}")).body(Body::empty()).expect("a request");
    let response = tower::ServiceExt::oneshot(app.control_router(), request).await.expect("an answer");
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.expect("a body");
    serde_json::from_slice(&body).expect("JSON")
}

async fn list(app: &App) {
    let mut stream = TcpStream::connect(address(app)).await.expect("a connection");
    let head = format!("GET /scim/v2/Users HTTP/1.1\r\nHost: scim\r\nAuthorization: Bearer {TOKEN}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("sent");
    assert!(response(&mut stream).await.0.starts_with("HTTP/1.1 200"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_opens_says_that_it_cannot_be_written_and_can_be_saved_elsewhere() {
    // Where none can be mounted, the tests of the journal take the right to write from a file.
    let Some(disk) = Disk::mount() else { return };
    let file = disk.path().join("work.scimscope");
    let app = app_in(&file).await;
    list(&app).await;
    app.stop().await;
    disk.make_read_only();

    let folder = tempfile::tempdir().expect("a folder");
    let app = App::start(Config { workspace: Workspace::File(file.clone()), ..config() }).await.expect("it starts");
    let workspace = get(&app, "/workspace").await;
    assert_eq!((&workspace["state"], &workspace["kind"]), (&json!("read_only"), &json!("file")), "{workspace}");
    assert_eq!(workspace["path"], json!(file.canonicalize().expect("it is there")));
    let problem = workspace["problem"].as_str().expect("a problem");
    assert!(problem.contains("work.scimscope") && problem.contains("under another name"), "{problem}");
    assert_eq!(workspace["durable"]["confirming"], false);
    list(&app).await;
    let log = app.log();
    log.wait_durable(log.head().pos).await;
    assert_eq!(get(&app, "/exchanges/1").await["durable"], true, "what was in the file is safe");
    assert_eq!(get(&app, "/exchanges/2").await["durable"], false, "what came since is not");

    let saved = folder.path().join("saved.scimscope");
    app.save_as(saved.clone(), false, |_, _| true).await.expect("it is saved");
    let workspace = get(&app, "/workspace").await;
    assert_eq!((&workspace["state"], &workspace["problem"]), (&json!("working"), &Value::Null), "{workspace}");
    list(&app).await;
    log.wait_durable(log.head().pos).await;
    assert_eq!(get(&app, "/exchanges/3").await["durable"], true);
    app.stop().await;
    let again = app_in(&saved).await;
    assert_eq!(get(&again, "/status").await["head"], 3);
    again.stop().await;
}
