//! What PATCH refuses (RFC 7644 section 3.5.2).

use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::bench::{Bench, PATCH_OP, Server, id};
use testkit::rule_tests;

use crate::gadgets;

rule_tests! {
    ["PAT-02"] a_body_without_its_schema_or_operations_is_refused;
    ["PAT-03", "PAT-19"] an_op_that_is_none_of_three_is_refused;
    ["PAT-05", "PAT-20"] a_path_that_does_not_follow_the_grammar_is_refused;
    ["PAT-06"] operations_respect_types_and_mutability;
    ["PAT-09"] one_refused_operation_undoes_the_others;
    ["PAT-13"] an_add_without_a_value_is_refused;
    ["PAT-15"] a_remove_without_a_path_has_no_target;
    ["PAT-16"] what_is_required_or_read_only_cannot_be_removed;
    ["PAT-17"] a_replace_whose_filter_fits_nothing_has_no_target;
}

/// Asserts that operations are refused so, and that nothing changed.
#[track_caller]
fn refused(server: &Server, path: &str, operations: &Value, scim_type: &str) {
    let before = server.get(path).value();
    server.clock.advance(SignedDuration::from_secs(60));
    server.patch(path, operations).refused(400, Some(scim_type));
    assert_eq!(server.get(path).value(), before);
}

fn ada(server: &Server) -> String {
    server.user("ada", &json!({ "title": "x", "emails": [{ "value": "a@example.com", "type": "work" }] }))
}

fn a_body_without_its_schema_or_operations_is_refused(bench: &Bench) {
    for server in bench.both() {
        let path = ada(&server);
        let one = json!([{ "op": "add", "path": "title", "value": "y" }]);
        for body in [
            json!({ "schemas": [PATCH_OP] }),
            json!({ "schemas": [PATCH_OP], "Operations": [] }),
            json!({ "schemas": [PATCH_OP], "Operations": "x" }),
            json!({ "schemas": [PATCH_OP], "Operations": ["x"] }),
            json!({ "schemas": ["urn:example:other"], "Operations": one }),
            json!([]),
        ] {
            let reply = server.ask(testkit::Ask::json("PATCH", &path, &body));
            assert_eq!(reply.status, 400, "{body}: {}", reply.text());
        }
        assert_eq!(server.get(&path).at("/title"), "x");
    }
}

fn an_op_that_is_none_of_three_is_refused(bench: &Bench) {
    for server in bench.both() {
        let path = ada(&server);
        for op in [json!("move"), json!("copy"), json!("test"), json!(""), json!(7)] {
            refused(&server, &path, &json!([{ "op": op, "path": "title", "value": "y" }]), "invalidSyntax");
        }
        refused(&server, &path, &json!([{ "path": "title", "value": "y" }]), "invalidSyntax");
    }
}

fn a_path_that_does_not_follow_the_grammar_is_refused(bench: &Bench) {
    for server in bench.both() {
        let path = ada(&server);
        for target in [
            "emails[",
            "emails[type eq]",
            "title..x",
            "emails[type eq \"work\"]value",
            " ",
            "emails[0]",
            "/title",
            "schemas eq \"x\"",
        ] {
            refused(&server, &path, &json!([{ "op": "replace", "path": target, "value": "y" }]), "invalidPath");
        }
    }
}

fn operations_respect_types_and_mutability(bench: &Bench) {
    for server in bench.both() {
        let path = ada(&server);
        for (target, value) in [
            ("title", json!({ "a": 1 })),
            ("title", json!(7)),
            ("active", json!("perhaps")),
            ("emails", json!([7])),
            ("emails[type eq \"work\"].primary", json!(1)),
        ] {
            refused(&server, &path, &json!([{ "op": "replace", "path": target, "value": value }]), "invalidValue");
        }
        for target in ["id", "groups", "meta.lastModified"] {
            refused(&server, &path, &json!([{ "op": "add", "path": target, "value": "x" }]), "mutability");
        }
    }
}

fn one_refused_operation_undoes_the_others(bench: &Bench) {
    for server in bench.both() {
        let path = ada(&server);
        for (last, kind) in [
            (json!({ "op": "replace", "path": "active", "value": 7 }), "invalidValue"),
            (json!({ "op": "remove" }), "noTarget"),
            (json!({ "op": "remove", "path": "userName" }), "mutability"),
        ] {
            let operations = json!([
                { "op": "replace", "path": "title", "value": "y" },
                { "op": "add", "path": "emails", "value": [{ "value": "b@example.com" }] },
                last,
            ]);
            refused(&server, &path, &operations, kind);
        }
        let group = server.group("g", &[id(&path)]);
        let operations = json!([{ "op": "remove", "path": "members" }, { "op": "remove", "path": "displayName" }]);
        refused(&server, &group, &operations, "mutability");
    }
}

fn an_add_without_a_value_is_refused(bench: &Bench) {
    for server in bench.both() {
        let path = ada(&server);
        for operation in [json!({ "op": "add", "path": "title" }), json!({ "op": "add" })] {
            let reply = server.patch(&path, &json!([operation]));
            assert!(reply.status == 400, "{}", reply.text());
            assert!(
                ["invalidSyntax", "invalidValue"].contains(&reply.string("/scimType").as_str()),
                "{}",
                reply.text()
            );
        }
        assert_eq!(server.get(&path).at("/title"), "x");
    }
}

fn a_remove_without_a_path_has_no_target(bench: &Bench) {
    for server in bench.both() {
        let path = ada(&server);
        refused(&server, &path, &json!([{ "op": "remove" }]), "noTarget");
        refused(&server, &path, &json!([{ "op": "remove", "value": { "title": "x" } }]), "noTarget");
    }
}

fn what_is_required_or_read_only_cannot_be_removed(bench: &Bench) {
    for server in bench.both() {
        let path = ada(&server);
        for target in ["userName", "id", "meta", "groups", "schemas"] {
            refused(&server, &path, &json!([{ "op": "remove", "path": target }]), "mutability");
        }
        let group = server.group("g", &[]);
        refused(&server, &group, &json!([{ "op": "remove", "path": "displayName" }]), "mutability");
    }
    let server = gadgets::server(bench, "rfc-strict");
    let path = format!("/Gadgets/{}", server.post("/Gadgets", &gadgets::gadget(&json!({}))).created());
    refused(&server, &path, &json!([{ "op": "remove", "path": "label" }]), "mutability");
}

fn a_replace_whose_filter_fits_nothing_has_no_target(bench: &Bench) {
    for server in bench.both() {
        let path = ada(&server);
        for target in
            ["emails[type eq \"boat\"].value", "emails[type eq \"boat\"]", "phoneNumbers[type eq \"work\"].value"]
        {
            let value =
                if target.ends_with(']') { json!({ "value": "b@example.com" }) } else { json!("b@example.com") };
            refused(&server, &path, &json!([{ "op": "replace", "path": target, "value": value }]), "noTarget");
        }
    }
}
