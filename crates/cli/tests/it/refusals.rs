//! What cannot work is refused at once, in words.

use std::net::TcpListener;

use crate::process::output;

#[track_caller]
fn refused(arguments: &[&str], phrases: &[&str]) {
    let output = output(&[&["serve"], arguments].concat());
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{arguments:?} was taken");
    assert!(output.stdout.is_empty(), "nothing claims to be ready");
    for phrase in phrases {
        assert!(err.contains(phrase), "{phrase:?} is missing in: {err}");
    }
}

#[test]
fn a_listener_beyond_loopback_needs_a_token_given_on_purpose() {
    refused(&["--listen", "0.0.0.0:0", "--control", "127.0.0.1:0"], &["SCIM server", "--token"]);
    refused(&["--listen", "127.0.0.1:0", "--control", "0.0.0.0:0"], &["control API", "--control-token"]);
    refused(&["--listen", "0.0.0.0:0", "--control", "127.0.0.1:0", "--token", ""], &["--token is empty"]);
}

#[test]
fn a_port_in_use_is_named_with_the_option_that_changes_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    refused(&["--listen", &address, "--control", "127.0.0.1:0"], &[&address, "another program", "--listen"]);
    refused(&["--listen", "127.0.0.1:0", "--control", &address], &[&address, "another program", "--control"]);
}

#[test]
fn an_unknown_profile_is_refused_with_the_names_there_are() {
    refused(
        &["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--profile", "lenient"],
        &["lenient", "tolerant", "rfc-strict"],
    );
}

#[test]
fn rules_that_are_none_are_refused_with_what_would_do() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rules.json");
    std::fs::write(&file, "[{\"name\": \"no action\"}]").unwrap();
    let path = file.to_str().unwrap();
    let somewhere = ["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--rules"];
    refused(&[&somewhere[..], &[path]].concat(), &["rule 1", "action"]);
    refused(&[&somewhere[..], &["nowhere.json"]].concat(), &["nowhere.json", "cannot be read"]);
    refused(&[&somewhere[..], &["chaos"]].concat(), &["chaos", "careless-server"]);
}

#[test]
fn a_schema_file_that_is_none_is_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("schemas.json");
    std::fs::write(&file, "[{\"name\": \"no id\"}]").unwrap();
    let path = file.to_str().unwrap();
    refused(
        &["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--schemas", path],
        &["schemas.json", "schema 1", "id"],
    );
    refused(&["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--schemas", "nowhere.json"], &["nowhere.json"]);
}

#[test]
fn a_file_that_is_no_workspace_is_refused_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.txt");
    std::fs::write(&file, "my notes").unwrap();
    refused(
        &[file.to_str().unwrap(), "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"],
        &["notes.txt", "not a Scimscope workspace"],
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "my notes");
}

#[test]
fn a_wrong_option_is_a_usage_error() {
    assert_eq!(output(&["serve", "--listen", "nowhere"]).status.code(), Some(2));
    assert_eq!(output(&["--version"]).status.code(), Some(0));
}
