//! Versions (RFC 7644 section 3.14).

use serde_json::json;
use testkit::bench::{Bench, PATCH_OP, user};
use testkit::{Ask, rule_tests};

rule_tests! {
    ["ETG-01", "ETG-02", "ETG-03"] a_version_is_announced_and_stands_in_header_and_body;
    ["ETG-04"] a_version_that_the_client_has_is_not_sent_again;
    ["ETG-05"] a_write_to_another_version_is_refused;
    ["ETG-06"] any_version_lists_and_weak_tags_fit;
    ["ETG-07"] what_changes_nothing_keeps_the_version;
}

fn a_version_is_announced_and_stands_in_header_and_body(bench: &Bench) {
    for server in bench.both() {
        assert_eq!(server.get("/ServiceProviderConfig").at("/etag/supported"), true);
        let path = server.user("ada", &json!({}));
        let operations = json!([{ "op": "add", "path": "title", "value": "x" }]);
        for reply in [server.get(&path), server.patch(&path, &operations), server.put(&path, &user("ada", &json!({})))]
        {
            let version = reply.string("/meta/version");
            assert_eq!(reply.header("ETag"), Some(version.as_str()));
        }
        assert_eq!(server.get(&path).at("/meta/version"), "W/\"3\"");
    }
    let server = bench.with("tolerant", |profile| profile.etag = false);
    assert_eq!(server.get("/ServiceProviderConfig").at("/etag/supported"), false);
    let read = server.get(&server.user("ada", &json!({})));
    assert_eq!((read.header("ETag"), read.value().pointer("/meta/version")), (None, None));
}

fn a_version_that_the_client_has_is_not_sent_again(bench: &Bench) {
    for server in bench.both() {
        let path = server.user("ada", &json!({}));
        let tag = server.get(&path).header("ETag").expect("a tag").to_owned();
        let known = server.ask(Ask::new("GET", &path).with("If-None-Match", &tag));
        assert!(known.expect(304).body.is_empty());
        let other = server.ask(Ask::new("GET", &path).with("If-None-Match", "W/\"77\""));
        assert_eq!(other.expect(200).at("/userName"), "ada");
    }
}

fn a_write_to_another_version_is_refused(bench: &Bench) {
    for server in bench.both() {
        let path = server.user("ada", &json!({ "title": "x" }));
        let patch = json!({ "schemas": [PATCH_OP], "Operations": [{ "op": "remove", "path": "title" }] });
        for ask in [
            Ask::json("PUT", &path, &user("ada", &json!({}))),
            Ask::json("PATCH", &path, &patch),
            Ask::new("DELETE", &path),
        ] {
            server.ask(ask.with("If-Match", "W/\"77\"")).refused(412, None);
        }
        assert_eq!(server.get(&path).at("/title"), "x");
        server.ask(Ask::json("PATCH", &path, &patch).with("If-Match", "W/\"1\"")).expect(200);
        server.ask(Ask::new("DELETE", &path).with("If-Match", "W/\"2\"")).expect(204);
    }
}

fn any_version_lists_and_weak_tags_fit(bench: &Bench) {
    for server in bench.both() {
        let path = server.user("ada", &json!({}));
        for tag in ["*", "W/\"1\"", "\"1\"", "W/\"9\", W/\"1\""] {
            server.ask(Ask::json("PUT", &path, &user("ada", &json!({}))).with("If-Match", tag)).expect(200);
        }
        server
            .ask(Ask::json("PUT", &path, &user("ada", &json!({}))).with("If-Match", "W/\"9\", W/\"8\""))
            .refused(412, None);
        server.ask(Ask::json("PUT", "/Users/nobody", &user("x", &json!({}))).with("If-Match", "*")).refused(404, None);
    }
}

fn what_changes_nothing_keeps_the_version(bench: &Bench) {
    for server in bench.both() {
        let path = server.user("ada", &json!({ "title": "x" }));
        let before = server.get(&path);
        server.put(&path, &before.value()).expect(200);
        server.patch(&path, &json!([{ "op": "replace", "path": "title", "value": "x" }])).expect(200);
        assert_eq!(server.get(&path).value(), before.value());
    }
}
