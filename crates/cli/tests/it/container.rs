//! As in a container: nobody's user, no home, no display, a root that can only be read, and an end by SIGTERM.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use crate::process::{Server, scimscope, send};

/// Where the container has its binary and what it may write.
const BINARY: &str = "/tmp/scimscope";
const DATA: &str = "/tmp/data";

/// A command in such a place, in which `data` can be written, if there is any. Without bubblewrap it runs as it is, with as
/// little in its environment.
fn contained(arguments: &[&str], data: Option<&Path>) -> Command {
    let place = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-user", "--uid", "65534"];
    let works = Command::new("bwrap").args(place).arg("true").output().is_ok_and(|output| output.status.success());
    let mut command;
    if works {
        command = Command::new("bwrap");
        command.args(place).args(["--gid", "65534", "--tmpfs", "/tmp", "--ro-bind"]);
        command.args([env!("CARGO_BIN_EXE_scimscope"), BINARY]);
        if let Some(data) = data {
            command.arg("--bind").arg(data).arg(DATA);
        }
        command.args(["--remount-ro", "/tmp", "--chdir", "/", BINARY]).args(arguments);
    } else {
        let at = data.map(|data| data.display().to_string()).unwrap_or_default();
        let arguments: Vec<String> = arguments.iter().map(|one| one.replace(DATA, &at)).collect();
        command = scimscope(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    }
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

fn serve(more: &[&str], data: &Path) -> Server {
    let arguments =
        ["serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--token", "t", "--control-token", "c"];
    Server::of(contained(&[&arguments[..], more].concat(), Some(data)))
}

const USER: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada@example.com"}"#;

#[test]
fn a_workspace_on_a_volume_is_served_by_nobody_and_there_after_the_end() {
    let volume = tempfile::tempdir().unwrap();
    let file = format!("{DATA}/work.scimscope");
    let bearer = [("Authorization", "Bearer t"), ("Content-Type", "application/scim+json")];
    let server = serve(&[&file, "--ready-file", &format!("{DATA}/ready")], volume.path());
    let ready = server.ready();
    assert!(volume.path().join("ready").exists());
    let scim = ready["scim"].as_str().unwrap().to_owned();
    assert_eq!(send("POST", &format!("{scim}/Users"), &bearer, USER).status, 201);
    let (status, out, err) = server.terminate();
    assert_eq!((status.code(), out.as_str()), (Some(0), ""), "{err}");
    let left = std::fs::read_dir(volume.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(left.collect::<Vec<_>>(), ["work.scimscope"], "nothing is left but the workspace");

    let again = serve(&[&file], volume.path());
    let scim = again.ready()["scim"].as_str().unwrap().to_owned();
    assert_eq!(send("GET", &format!("{scim}/Users"), &bearer, "").json()["totalResults"], 1);
    assert_eq!(again.terminate().0.code(), Some(0));
}

#[test]
fn who_waits_and_who_is_slow_holds_up_no_end() {
    let volume = tempfile::tempdir().unwrap();
    let server = serve(&[&format!("{DATA}/work.scimscope")], volume.path());
    let ready = server.ready();
    let address = |name: &str| {
        let rest = ready[name].as_str().unwrap().trim_start_matches("http://").to_owned();
        rest.split('/').next().unwrap().to_owned()
    };
    let mut idle = TcpStream::connect(address("scim")).unwrap();
    idle.write_all(b"GET /scim/v2/Users HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer t\r\n\r\n").unwrap();
    idle.read_exact(&mut [0; 12]).unwrap();
    let mut slow = TcpStream::connect(address("scim")).unwrap();
    slow.write_all(b"POST /scim/v2/Users HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer t\r\nContent-Length: 9\r\n\r\n{")
        .unwrap();
    let mut events = TcpStream::connect(address("control")).unwrap();
    events.write_all(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer c\r\n\r\n").unwrap();
    events.read_exact(&mut [0; 12]).unwrap();
    let (status, _, err) = server.terminate();
    assert_eq!(status.code(), Some(0), "{err}");
}

#[test]
fn without_a_place_to_write_it_is_said_what_to_do() {
    let contained = contained(&["serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"], None);
    if contained.get_program() != "bwrap" {
        return;
    }
    let mut contained = contained;
    let output = contained.output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && output.stdout.is_empty(), "{err}");
    assert!(err.contains("/tmp") && err.contains("name a workspace file"), "{err}");
}
