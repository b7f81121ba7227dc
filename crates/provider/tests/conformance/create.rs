//! Creating resources (RFC 7644 section 3.3).

use serde_json::json;
use testkit::bench::{BASE, Bench, USER, user};
use testkit::{Ask, rule_tests};

rule_tests! {
    ["POST-01"] read_only_attributes_in_a_new_resource_are_ignored;
    ["POST-02", "FLT-11"] what_is_left_out_stays_without_a_value_for_filters_too;
    ["POST-03", "POST-04"] the_answer_is_the_whole_resource_with_its_location;
    ["POST-05"] a_conflict_is_409_and_creates_nothing;
    ["POST-06"] a_body_that_is_no_resource_is_refused_by_kind;
    ["POST-07", "ATT-01"] the_answer_to_a_create_can_be_shaped;
}

fn read_only_attributes_in_a_new_resource_are_ignored(bench: &Bench) {
    for server in bench.both() {
        let created = server.post("/Users", &user("ada", &json!({ "groups": [{ "value": "g" }], "id": "x" })));
        assert_eq!(created.expect(201).value().get("groups"), None);
        assert_ne!(created.string("/id"), "x");
    }
}

fn what_is_left_out_stays_without_a_value_for_filters_too(bench: &Bench) {
    for server in bench.both() {
        let created = server.post("/Users", &user("ada", &json!({ "title": null, "emails": [] })));
        let shown = created.expect(201).value();
        for name in ["title", "emails", "active"] {
            assert_eq!(shown.get(name), server.get("/Users").at("/Resources/0").get(name));
            let filter = format!("{name} pr");
            assert_eq!(!server.found(&filter).is_empty(), shown.get(name).is_some(), "{name}");
        }
    }
}

fn the_answer_is_the_whole_resource_with_its_location(bench: &Bench) {
    for server in bench.both() {
        let created = server.post("/Users", &user("ada", &json!({ "title": "x", "name": { "givenName": "Ada" } })));
        let location = format!("{BASE}/Users/{}", created.created());
        assert_eq!(
            (created.header("Location"), created.string("/meta/location")),
            (Some(location.as_str()), location.clone())
        );
        let read = server.get(location.strip_prefix(BASE).unwrap_or_default());
        assert_eq!(created.value(), read.expect(200).value());
        assert_eq!((created.at("/title"), created.at("/name/givenName")), (json!("x"), json!("Ada")));
    }
}

fn a_conflict_is_409_and_creates_nothing(bench: &Bench) {
    for server in bench.both() {
        server.user("ada", &json!({ "title": "first" }));
        server.post("/Users", &user("Ada", &json!({ "title": "second" }))).refused(409, Some("uniqueness"));
        assert_eq!(server.get("/Users").listed("/title"), ["first"]);
    }
}

fn a_body_that_is_no_resource_is_refused_by_kind(bench: &Bench) {
    for server in bench.both() {
        for text in ["{", "{\"schemas\":[}", "", "[]", "\"x\"", "{\"a\":1} x"] {
            server.ask(Ask::text("POST", "/Users", text)).refused(400, Some("invalidSyntax"));
        }
        server.post("/Users", &json!({ "schemas": [USER], "displayName": "x" })).refused(400, Some("invalidValue"));
        server.post("/Users", &user("ada", &json!({ "name": "x", "emails": 7 }))).refused(400, Some("invalidValue"));
        assert_eq!(server.get("/Users").at("/totalResults"), 0);
    }
}

fn the_answer_to_a_create_can_be_shaped(bench: &Bench) {
    for server in bench.both() {
        let created =
            server.post("/Users?attributes=userName", &user("ada", &json!({ "title": "x" }))).expect(201).value();
        assert_eq!((created.get("title"), &created["userName"]), (None, &json!("ada")));
        let created =
            server.post("/Users?excludedAttributes=title", &user("grace", &json!({ "title": "x", "nickName": "y" })));
        let created = created.expect(201).value();
        assert_eq!((created.get("title"), &created["nickName"]), (None, &json!("y")));
    }
}
