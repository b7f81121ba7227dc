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
