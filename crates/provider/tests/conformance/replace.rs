//! Replacing resources (RFC 7644 section 3.5.1).

use serde_json::json;
use testkit::bench::{Bench, USER, id, user};
use testkit::rule_tests;

use crate::gadgets::{self, gadget};

rule_tests! {
    ["PUT-01", "PUT-03", "PUT-08"] what_is_sent_takes_the_place_of_what_was_there;
    ["PUT-02"] a_put_never_creates;
    ["PUT-04", "PUT-09"] what_is_left_out_or_null_is_cleared;
    ["PUT-04"] a_secret_that_is_left_out_stays;
    ["PUT-05"] what_is_immutable_is_sent_equal_or_set_for_the_first_time;
    ["PUT-06"] what_is_read_only_is_ignored;
    ["PUT-07"] required_attributes_have_to_be_there;
    ["PUT-10"] a_name_that_is_taken_is_a_conflict;
}

fn what_is_sent_takes_the_place_of_what_was_there(bench: &Bench) {
    for server in bench.both() {
        let path = server.user(
            "ada",
            &json!({ "title": "x", "emails": [{ "value": "a@example.com" }, { "value": "b@example.com" }] }),
        );
        let put = server.put(&path, &user("ada.l", &json!({ "title": "y", "emails": [{ "value": "c@example.com" }] })));
        assert_eq!((put.expect(200).at("/userName"), put.at("/title")), (json!("ada.l"), json!("y")));
        assert_eq!(put.at("/emails"), json!([{ "value": "c@example.com" }]));
        assert_eq!(put.value(), server.get(&path).value());
        assert_eq!((put.at("/id"), put.at("/meta/version")), (json!(id(&path)), json!("W/\"2\"")));
    }
}

fn a_put_never_creates(bench: &Bench) {
    for server in bench.both() {
        server.put("/Users/nobody", &user("ada", &json!({}))).refused(404, None);
        assert_eq!(server.get("/Users").at("/totalResults"), 0);
    }
}

fn what_is_left_out_or_null_is_cleared(bench: &Bench) {
    for server in bench.both() {
        let full = json!({ "title": "x", "nickName": "y", "emails": [{ "value": "a@example.com" }] });
        let path = server.user("ada", &full);
        let put = server.put(&path, &user("ada", &json!({ "nickName": null, "emails": [] }))).expect(200).value();
        for name in ["title", "nickName", "emails"] {
            assert_eq!(put.get(name), None, "{name}");
        }
    }
}

fn a_secret_that_is_left_out_stays(bench: &Bench) {
    let server = gadgets::server(bench, "rfc-strict");
    let path = format!("/Gadgets/{}", server.post("/Gadgets", &gadget(&json!({ "secret": "s" }))).created());
    let before = server.get(&path).at("/meta/version");
    let put = server.put(&path, &gadget(&json!({})));
    assert_eq!(put.expect(200).at("/meta/version"), before, "nothing changed");
    let root = server.provider.tenant().directory().root();
    let kept = root.get(id(&path)).map(|resource| resource.document.members().any(|(name, _)| name == "secret"));
    assert_eq!(kept, Some(true));
}

fn what_is_immutable_is_sent_equal_or_set_for_the_first_time(bench: &Bench) {
    for preset in ["tolerant", "rfc-strict"] {
        let server = gadgets::server(bench, preset);
        let path = format!("/Gadgets/{}", server.post("/Gadgets", &gadget(&json!({}))).created());
        let set = server.put(&path, &gadget(&json!({ "serial": "S1" })));
        assert_eq!(set.expect(200).at("/serial"), "S1");
        server.put(&path, &gadget(&json!({ "serial": "S1", "count": 7 }))).expect(200);
        server.put(&path, &gadget(&json!({ "serial": "S2" }))).refused(400, Some("mutability"));
        assert_eq!(server.get(&path).at("/serial"), "S1");
    }
}

fn what_is_read_only_is_ignored(bench: &Bench) {
    for server in bench.both() {
        let path = server.user("ada", &json!({}));
        let mut whole = server.get(&path).value();
        whole["id"] = json!("other");
        whole["meta"]["created"] = json!("1999-01-01T00:00:00Z");
        whole["groups"] = json!([{ "value": "g", "display": "G" }]);
        let put = server.put(&path, &whole);
        assert_eq!(put.expect(200).value(), server.get(&path).value());
        assert_eq!((put.at("/id"), put.at("/meta/version")), (json!(id(&path)), json!("W/\"1\"")));
        assert_eq!(put.value().get("groups"), None);
    }
}

fn required_attributes_have_to_be_there(bench: &Bench) {
    for server in bench.both() {
        let path = server.user("ada", &json!({}));
        server.put(&path, &json!({ "schemas": [USER], "title": "x" })).refused(400, Some("invalidValue"));
        let read = server.get(&path).value();
        assert_eq!((&read["userName"], read.get("title")), (&json!("ada"), None));
    }
}

fn a_name_that_is_taken_is_a_conflict(bench: &Bench) {
    for server in bench.both() {
        server.user("ada", &json!({}));
        let grace = server.user("grace", &json!({}));
        server.put(&grace, &user("ADA", &json!({}))).refused(409, Some("uniqueness"));
        assert_eq!(server.get(&grace).at("/userName"), "grace");
        server.put(&grace, &user("GRACE", &json!({}))).expect(200);
    }
}
