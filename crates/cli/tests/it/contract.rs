//! What scripts rely on.

use std::os::unix::fs::PermissionsExt;

use crate::process::{Server, send};

const SCIM: (&str, &str) = ("Content-Type", "application/scim+json");
const USER: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada@example.com"}"#;

fn text<'a>(value: &'a serde_json::Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}

#[test]
fn the_ready_line_and_the_ready_file_are_the_same_json_and_the_only_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ready.json");
    let server = Server::start(&["--token", "t", "--control-token", "c", "--ready-file", file.to_str().unwrap()]);
    let ready = server.ready();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), server.line);
    assert_eq!(ready.as_object().unwrap().keys().collect::<Vec<_>>(), ["control", "pid", "scim"]);
    assert!(
        text(&ready, "scim").starts_with("http://127.0.0.1:") && text(&ready, "scim").ends_with("/scim/v2"),
        "{ready}"
    );
    assert!(text(&ready, "control").starts_with("http://127.0.0.1:"), "{ready}");
    assert_eq!(ready["pid"], server.pid());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside the ready file");
    let control = text(&ready, "control").to_owned();
    let (status, out, err) = server.terminate();
    assert_eq!(status.code(), Some(0), "{err}");
    assert_eq!(out, "", "one line and no more");
    assert!(err.contains(&format!("{control}/#token=c")), "the address to open is on standard error: {err}");
}

#[test]
fn exchanges_are_listed_by_number_and_shown_whole() {
    let server = Server::start(&["--token", "t", "--control-token", "c"]);
    let ready = server.ready();
    let (scim, control) = (text(&ready, "scim"), text(&ready, "control"));
    let bearer = ("Authorization", "Bearer t");
    assert_eq!(send("POST", &format!("{scim}/Users"), &[bearer, SCIM], USER).status, 201);
    assert_eq!(send("GET", &format!("{scim}/Users"), &[], "").status, 401);
    assert_eq!(
        send("GET", &format!("{scim}/Users?filter=userName+eq+%22ADA@example.com%22"), &[bearer], "").json()["totalResults"],
        1
    );

    let own = ("Authorization", "Bearer c");
    let list = send("GET", &format!("{control}/api/v1/exchanges?after=1&limit=1"), &[own], "").json();
    assert_eq!(list["head"], 3);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(list["items"][0]["seq"], 2);
    assert_eq!(list["items"][0]["status"], 401);
    let whole = send("GET", &format!("{control}/api/v1/exchanges/1"), &[own], "").json();
    assert_eq!(whole["request"]["body"]["text"], USER);
    assert_eq!(send("GET", &format!("{control}/api/v1/exchanges/9"), &[own], "").status, 404);
    for wrong in [vec![], vec![bearer], vec![("Authorization", "Bearer")]] {
        assert_eq!(send("GET", &format!("{control}/api/v1/exchanges"), &wrong, "").status, 401);
    }
}

#[test]
fn the_page_is_served_with_the_control_api_unless_it_is_not_wanted() {
    let with = Server::start(&["--control-token", "c"]);
    let page = send("GET", text(&with.ready(), "control"), &[], "");
    assert_eq!(page.status, 200, "the page is built before this test: {}", page.body);
    assert!(page.headers["content-security-policy"].to_str().unwrap().contains("default-src 'self'"));
    let without = Server::start(&["--control-token", "c", "--no-ui"]);
    assert_eq!(send("GET", text(&without.ready(), "control"), &[], "").status, 404);
}

#[test]
fn schemas_and_resource_types_from_files_are_announced_and_work() {
    let folder = tempfile::tempdir().unwrap();
    let (schemas, types) = (folder.path().join("schemas.json"), folder.path().join("types.json"));
    std::fs::write(&schemas, r#"{"id":"urn:example:params:scim:schemas:Badge","name":"Badge","attributes":[{"name":"number","type":"integer","required":true,"uniqueness":"server"}]}"#).unwrap();
    std::fs::write(
        &types,
        r#"[{"name":"Badge","endpoint":"/Badges","schema":"urn:example:params:scim:schemas:Badge"}]"#,
    )
    .unwrap();
    let server = Server::start(&[
        "--token",
        "t",
        "--schemas",
        schemas.to_str().unwrap(),
        "--resource-types",
        types.to_str().unwrap(),
    ]);
    let scim = text(&server.ready(), "scim").to_owned();
    let bearer = ("Authorization", "Bearer t");
    let made = send(
        "POST",
        &format!("{scim}/Badges"),
        &[bearer, SCIM],
        r#"{"schemas":["urn:example:params:scim:schemas:Badge"],"number":7}"#,
    );
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(send("GET", &format!("{scim}/ResourceTypes/Badge"), &[bearer], "").json()["endpoint"], "/Badges");
    assert_eq!(send("GET", &format!("{scim}/Schemas"), &[bearer], "").json()["totalResults"], 4);
}

#[test]
fn a_saved_workspace_is_readable_by_its_owner_only_and_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("work.scimscope");
    let path = file.to_str().unwrap();
    let first = Server::start(&[path, "--token", "t"]);
    let bearer = ("Authorization", "Bearer t");
    assert_eq!(send("POST", &format!("{}/Users", text(&first.ready(), "scim")), &[bearer, SCIM], USER).status, 201);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(first.terminate().0.code(), Some(0));
    let second = Server::start(&[path, "--token", "t", "--control-token", "c"]);
    let ready = second.ready();
    let again = send("POST", &format!("{}/Users", text(&ready, "scim")), &[bearer, SCIM], USER);
    assert_eq!((again.status, again.json()["scimType"].as_str()), (409, Some("uniqueness")));
    let list =
        send("GET", &format!("{}/api/v1/exchanges", text(&ready, "control")), &[("Authorization", "Bearer c")], "")
            .json();
    assert_eq!(list["head"], 2);
}

#[test]
fn a_seed_and_a_dataset_fill_a_directory_that_is_empty_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("seeded.scimscope");
    let count = |server: &Server, kind: &str| {
        let url = format!("{}/{kind}?count=1", text(&server.ready(), "scim"));
        send("GET", &url, &[("Authorization", "Bearer t")], "").json()["totalResults"].clone()
    };
    let arguments = [file.to_str().unwrap(), "--token", "t", "--seed", "7", "--users", "40", "--groups", "3"];
    let server = Server::start(&arguments);
    assert_eq!((count(&server, "Users"), count(&server, "Groups")), (40.into(), 3.into()));
    server.terminate();
    let server = Server::start(&[file.to_str().unwrap(), "--token", "t", "--dataset", "small-company"]);
    assert_eq!((count(&server, "Users"), count(&server, "Groups")), (40.into(), 3.into()));
    server.terminate();
    let server = Server::start(&["--token", "t", "--dataset", "small-company"]);
    assert_eq!((count(&server, "Users"), count(&server, "Groups")), (25.into(), 14.into()));
    server.terminate();
}
