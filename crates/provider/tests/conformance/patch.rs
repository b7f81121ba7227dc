//! What PATCH does (RFC 7644 section 3.5.2).

use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::bench::{Bench, ENTERPRISE, Server, USER, id};
use testkit::rule_tests;

use crate::gadgets::{self, gadget};

rule_tests! {
    ["PAT-01"] patch_is_announced_and_works;
    ["PAT-03", "PAT-04"] each_op_works_with_a_path_and_two_without;
    ["PAT-05"] paths_name_attributes_elements_and_what_is_in_them;
    ["PAT-07"] what_is_immutable_can_be_added_once;
    ["PAT-08"] operations_see_the_result_of_those_before_them;
    ["PAT-10"] a_new_primary_element_ends_the_old_one;
    ["PAT-11"] the_answer_is_the_resource_or_nothing_and_never_nothing_if_attributes_are_asked_for;
    ["PAT-12"] writing_to_an_extension_adds_its_urn;
    ["PAT-14", "ETG-07"] adding_what_is_there_changes_nothing;
    ["PAT-18"] replacing_what_is_not_there_adds_it;
    ["PAT-21"] removing_who_is_no_member_changes_nothing;
    ["PAT-05", "PAT-08"] filters_in_paths_are_whole_filters;
    ["PAT-18"] an_element_that_is_left_empty_is_gone_and_null_unassigns;
    ["PAT-04"] add_and_replace_merge_complex_attributes_and_append_or_replace_lists;
}

fn ada(server: &Server) -> String {
    let emails = json!([
        { "value": "a@example.com", "type": "work", "primary": true },
        { "value": "b@example.com", "type": "home" },
    ]);
    server.user(
        "ada",
        &json!({ "title": "x", "name": { "givenName": "Ada", "familyName": "Lovelace" }, "emails": emails }),
    )
}

/// The resource after these operations, which have to succeed.
#[track_caller]
fn after(server: &Server, path: &str, operations: &Value) -> Value {
    let reply = server.patch(path, operations).expect(200).value();
    assert_eq!(reply, server.get(path).value());
    reply
}

fn patch_is_announced_and_works(bench: &Bench) {
    for server in bench.both() {
        assert_eq!(server.get("/ServiceProviderConfig").at("/patch/supported"), true);
        let path = ada(&server);
        assert_eq!(after(&server, &path, &json!([{ "op": "replace", "path": "title", "value": "y" }]))["title"], "y");
    }
}

fn each_op_works_with_a_path_and_two_without(bench: &Bench) {
    for server in bench.both() {
        let path = ada(&server);
        assert_eq!(after(&server, &path, &json!([{ "op": "add", "path": "nickName", "value": "A" }]))["nickName"], "A");
        assert_eq!(
            after(&server, &path, &json!([{ "op": "replace", "path": "nickName", "value": "B" }]))["nickName"],
            "B"
        );
        assert_eq!(after(&server, &path, &json!([{ "op": "remove", "path": "nickName" }])).get("nickName"), None);
        assert_eq!(after(&server, &path, &json!([{ "op": "add", "value": { "nickName": "C" } }]))["nickName"], "C");
        assert_eq!(after(&server, &path, &json!([{ "op": "replace", "value": { "nickName": "D" } }]))["nickName"], "D");
    }
}

fn paths_name_attributes_elements_and_what_is_in_them(bench: &Bench) {
    for server in bench.both() {
        let path = ada(&server);
        for (target, value, pointer) in [
            ("name.givenName", json!("Grace"), "/name/givenName"),
            ("emails[type eq \"home\"].value", json!("c@example.com"), "/emails/1/value"),
            ("EMAILS[TYPE EQ \"home\" and value sw \"c\"].display", json!("C"), "/emails/1/display"),
            (&format!("{USER}:title"), json!("z"), "/title"),
            (&format!("{ENTERPRISE}:department"), json!("Analysis"), &format!("/{ENTERPRISE}/department")),
        ] {
            let body = after(&server, &path, &json!([{ "op": "replace", "path": target, "value": value }]));
            assert_eq!(body.pointer(pointer), Some(&value), "{target}");
        }
        let body = after(&server, &path, &json!([{ "op": "remove", "path": "emails[type eq \"work\"]" }]));
        assert_eq!(body["emails"], json!([{ "value": "c@example.com", "display": "C", "type": "home" }]));
    }
}

fn what_is_immutable_can_be_added_once(bench: &Bench) {
    let server = gadgets::server(bench, "rfc-strict");
    let path = format!("/Gadgets/{}", server.post("/Gadgets", &gadget(&json!({}))).created());
    assert_eq!(after(&server, &path, &json!([{ "op": "add", "path": "serial", "value": "S1" }]))["serial"], "S1");
    server.patch(&path, &json!([{ "op": "add", "path": "serial", "value": "S2" }])).refused(400, Some("mutability"));
}

fn operations_see_the_result_of_those_before_them(bench: &Bench) {
    for server in bench.both() {
        let path = ada(&server);
        let body = after(
            &server,
            &path,
            &json!([
                { "op": "add", "path": "phoneNumbers", "value": [{ "value": "1", "type": "work" }] },
                { "op": "replace", "path": "phoneNumbers[type eq \"work\"].value", "value": "2" },
                { "op": "remove", "path": "title" },
                { "op": "add", "path": "title", "value": "first" },
                { "op": "replace", "path": "title", "value": "last" },
            ]),
        );
        assert_eq!((&body["phoneNumbers"][0]["value"], &body["title"]), (&json!("2"), &json!("last")));
    }
}

fn a_new_primary_element_ends_the_old_one(bench: &Bench) {
    for server in bench.both() {
        let path = ada(&server);
        let primary = |body: &Value| -> Vec<String> {
            let emails = body["emails"].as_array().cloned().unwrap_or_default();
            emails.iter().filter(|one| one["primary"] == true).map(|one| one["value"].to_string()).collect()
        };
        let body = after(
            &server,
            &path,
            &json!([{ "op": "replace", "path": "emails[type eq \"home\"].primary", "value": true }]),
        );
        assert_eq!(primary(&body), ["\"b@example.com\""]);
        let more = json!([{ "op": "add", "path": "emails", "value": [{ "value": "c@example.com", "primary": true }] }]);
        assert_eq!(primary(&after(&server, &path, &more)), ["\"c@example.com\""]);
    }
}

fn the_answer_is_the_resource_or_nothing_and_never_nothing_if_attributes_are_asked_for(bench: &Bench) {
    for silent in [false, true] {
        let server = bench.with("tolerant", |profile| {
            if silent {
                profile.patch_answer = serde_json::from_value(json!("no_content")).expect("a switch");
            }
        });
        let path = ada(&server);
        let operations = json!([{ "op": "replace", "path": "nickName", "value": "A" }]);
        let plain = server.patch(&path, &operations);
        if silent {
            assert!(plain.expect(204).body.is_empty());
        } else {
            assert_eq!(plain.expect(200).value(), server.get(&path).value());
        }
        let asked = server.patch(&format!("{path}?attributes=nickName"), &operations).expect(200).value();
        assert_eq!((&asked["nickName"], asked.get("title")), (&json!("A"), None));
    }
}

fn writing_to_an_extension_adds_its_urn(bench: &Bench) {
    for server in bench.both() {
        let path = ada(&server);
        assert_eq!(server.get(&path).at("/schemas"), json!([USER]));
        let operations = json!([{ "op": "add", "path": format!("{ENTERPRISE}:employeeNumber"), "value": "7" }]);
        assert_eq!(after(&server, &path, &operations)["schemas"], json!([USER, ENTERPRISE]));
        let other = server.user("grace", &json!({}));
        let operations = json!([{ "op": "add", "value": { ENTERPRISE: { "division": "x" } } }]);
        assert_eq!(after(&server, &other, &operations)["schemas"], json!([USER, ENTERPRISE]));
    }
}

fn adding_what_is_there_changes_nothing(bench: &Bench) {
    for server in bench.both() {
        let path = ada(&server);
        let group = server.group("g", &[id(&path)]);
        let before = [server.get(&path).value(), server.get(&group).value()];
        server.clock.advance(SignedDuration::from_secs(60));
        after(&server, &path, &json!([{ "op": "add", "path": "title", "value": "x" }]));
        after(
            &server,
            &path,
            &json!([{ "op": "add", "path": "emails", "value": [{ "value": "b@example.com", "type": "home" }] }]),
        );
        after(
            &server,
            &path,
            &json!([{ "op": "add", "path": "nickName", "value": "n" }, { "op": "remove", "path": "nickName" }]),
        );
        after(&server, &group, &json!([{ "op": "add", "path": "members", "value": [{ "value": id(&path) }] }]));
        assert_eq!([server.get(&path).value(), server.get(&group).value()], before);
    }
}

fn replacing_what_is_not_there_adds_it(bench: &Bench) {
    for server in bench.both() {
        let path = ada(&server);
        assert_eq!(
            after(&server, &path, &json!([{ "op": "replace", "path": "nickName", "value": "A" }]))["nickName"],
            "A"
        );
        let names = json!([{ "op": "replace", "path": "name.middleName", "value": "B" }]);
        assert_eq!(after(&server, &path, &names)["name"]["middleName"], "B");
        let numbers = json!([{ "op": "replace", "path": "phoneNumbers", "value": [{ "value": "1" }] }]);
        assert_eq!(after(&server, &path, &numbers)["phoneNumbers"], json!([{ "value": "1" }]));
    }
}

fn removing_who_is_no_member_changes_nothing(bench: &Bench) {
    for server in bench.both() {
        let group = server.group("g", &["one"]);
        let before = server.get(&group).value();
        server.clock.advance(SignedDuration::from_secs(60));
        assert_eq!(
            after(&server, &group, &json!([{ "op": "remove", "path": "members[value eq \"absent\"]" }])),
            before
        );
        let left = after(&server, &group, &json!([{ "op": "remove", "path": "members[value eq \"one\"]" }]));
        assert_eq!(left.get("members"), None);
    }
}

fn add_and_replace_merge_complex_attributes_and_append_or_replace_lists(bench: &Bench) {
    for server in bench.both() {
        let path = ada(&server);
        for op in ["add", "replace"] {
            let merged = after(&server, &path, &json!([{ "op": op, "path": "name", "value": { "givenName": op } }]));
            assert_eq!(merged["name"], json!({ "givenName": op, "familyName": "Lovelace" }));
        }
        let more =
            after(&server, &path, &json!([{ "op": "add", "path": "emails", "value": [{ "value": "c@example.com" }] }]));
        assert_eq!(more["emails"].as_array().map(Vec::len), Some(3));
        let one = after(
            &server,
            &path,
            &json!([{ "op": "replace", "path": "emails", "value": [{ "value": "d@example.com" }] }]),
        );
        assert_eq!(one["emails"], json!([{ "value": "d@example.com" }]));
        assert_eq!(after(&server, &path, &json!([{ "op": "remove", "path": "emails" }])).get("emails"), None);
    }
}

fn filters_in_paths_are_whole_filters(bench: &Bench) {
    for server in bench.both() {
        let group = server.group("g", &["a", "b", "c"]);
        let two = json!([{ "op": "remove", "path": "members[value eq \"a\" or value eq \"b\"]" }]);
        assert_eq!(after(&server, &group, &two)["members"], json!([{ "value": "c" }]));
        let path =
            server.user("ada", &json!({ "emails": [{ "value": "a\"]@example.com" }, { "value": "b@example.com" }] }));
        let quoted = json!([{ "op": "remove", "path": "emails[value eq \"a\\\"]@example.com\"]" }]);
        assert_eq!(after(&server, &path, &quoted)["emails"], json!([{ "value": "b@example.com" }]));
        let absent =
            json!([{ "op": "replace", "path": "emails[not (type pr) and value ew \".com\"].type", "value": "work" }]);
        assert_eq!(after(&server, &path, &absent)["emails"][0]["type"], "work");
        let both = json!([
            { "op": "replace", "path": "emails[type eq \"work\"].type", "value": "home" },
            { "op": "add", "path": "emails[type eq \"home\"].display", "value": "B" },
        ]);
        let shown = json!([{ "value": "b@example.com", "type": "home", "display": "B" }]);
        assert_eq!(after(&server, &path, &both)["emails"], shown);
    }
}

fn an_element_that_is_left_empty_is_gone_and_null_unassigns(bench: &Bench) {
    for server in bench.both() {
        let path = server.user("ada", &json!({ "title": "x", "nickName": "y", "phoneNumbers": [{ "value": "1" }] }));
        let value = json!([{ "op": "remove", "path": "phoneNumbers[value eq \"1\"].value" }]);
        assert_eq!(after(&server, &path, &value).get("phoneNumbers"), None);
        assert_eq!(
            after(&server, &path, &json!([{ "op": "replace", "path": "title", "value": null }])).get("title"),
            None
        );
        let pathless = json!([{ "op": "replace", "value": { "nickName": null, "emails": [] } }]);
        assert_eq!(after(&server, &path, &pathless).get("nickName"), None);
    }
}
