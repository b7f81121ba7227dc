//! Selection of attributes (RFC 7644 sections 3.4.2.5, 3.9 and 3.10).

use serde_json::json;
use testkit::bench::{Bench, ENTERPRISE, Server, USER, encoded, id, user};
use testkit::rule_tests;

rule_tests! {
    ["ATT-01"] both_parameters_work_on_every_answer_with_a_resource;
    ["ATT-02"] what_is_named_comes_with_what_always_comes;
    ["ATT-03"] what_is_excluded_is_gone_unless_it_always_comes;
    ["ATT-04"] both_parameters_at_once_are_refused;
    ["ATT-05", "ATT-08"] every_notation_names_the_same_attribute;
}

const FULL: [&str; 6] = ["userName", "title", "emails", "name", ENTERPRISE, "externalId"];

fn ada(server: &Server) -> String {
    server.user("ada", &full())
}

fn full() -> serde_json::Value {
    json!({
        "externalId": "7",
        "title": "x",
        "emails": [{ "value": "a@example.com", "type": "work" }],
        "name": { "givenName": "Ada", "familyName": "Lovelace" },
        ENTERPRISE: { "department": "Analysis", "costCenter": "7" },
    })
}

fn names(body: &serde_json::Value) -> Vec<&str> {
    FULL.into_iter().filter(|name| body.get(*name).is_some()).collect()
}

fn both_parameters_work_on_every_answer_with_a_resource(bench: &Bench) {
    for server in bench.both() {
        let path = ada(&server);
        let operations = json!([{ "op": "replace", "path": "title", "value": "y" }]);
        let all_but_title: Vec<&str> = FULL.into_iter().filter(|name| *name != "title").collect();
        for (query, expected) in [("?attributes=title", &["title"][..]), ("?excludedAttributes=title", &all_but_title)]
        {
            let read = server.get(&format!("{path}{query}"));
            assert_eq!(names(&read.expect(200).value()), expected);
            let listed = server.get(&format!("/Users{query}"));
            assert_eq!(names(&listed.expect(200).at("/Resources/0")), expected);
            let patched = server.patch(&format!("{path}{query}"), &operations);
            assert_eq!(names(&patched.expect(200).value()), expected);
            let replaced = server.put(&format!("{path}{query}"), &user("ada", &full()));
            assert_eq!(names(&replaced.expect(200).value()), expected);
        }
    }
}

fn what_is_named_comes_with_what_always_comes(bench: &Bench) {
    for server in bench.both() {
        let body = server.get(&format!("{}?attributes=title", ada(&server))).expect(200).value();
        assert!(body["id"].is_string() && body["schemas"].is_array());
        assert_eq!(names(&body), ["title"]);
    }
}

fn what_is_excluded_is_gone_unless_it_always_comes(bench: &Bench) {
    for server in bench.both() {
        let path = ada(&server);
        let body = server.get(&format!("{path}?excludedAttributes=id,schemas,title,name")).expect(200).value();
        assert_eq!(body["id"], id(&path));
        assert!(body["schemas"].is_array());
        assert_eq!(names(&body), ["userName", "emails", ENTERPRISE, "externalId"]);
    }
}

fn both_parameters_at_once_are_refused(bench: &Bench) {
    for server in bench.both() {
        let path = ada(&server);
        for path in [path.as_str(), "/Users"] {
            server.get(&format!("{path}?attributes=title&excludedAttributes=name")).refused(400, Some("invalidValue"));
        }
    }
}

fn every_notation_names_the_same_attribute(bench: &Bench) {
    for server in bench.both() {
        let path = ada(&server);
        let asked = |list: &str| server.get(&format!("{path}?attributes={}", encoded(list))).expect(200).value();
        for list in ["title", "TITLE", &format!("{USER}:title"), &format!("{}:Title", USER.to_uppercase())] {
            assert_eq!(names(&asked(list)), ["title"], "{list}");
        }
        for list in ["name.givenName", &format!("{USER}:name.givenName")] {
            assert_eq!(asked(list)["name"], json!({ "givenName": "Ada" }), "{list}");
        }
        assert_eq!(asked("emails.value")["emails"], json!([{ "value": "a@example.com" }]));
        assert_eq!(asked(&format!("{ENTERPRISE}:department"))[ENTERPRISE], json!({ "department": "Analysis" }));
        assert_eq!(asked(ENTERPRISE)[ENTERPRISE], json!({ "department": "Analysis", "costCenter": "7" }));
        assert_eq!(names(&asked("title, emails.type")), ["title", "emails"]);
        let without = server.get(&format!("{path}?excludedAttributes=name.givenName")).value();
        assert_eq!(without["name"], json!({ "familyName": "Lovelace" }));
    }
}
