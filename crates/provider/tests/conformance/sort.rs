//! Sorting (RFC 7644 section 3.4.2.3, RFC 9865 section 2.2).

use serde_json::{Value, json};
use testkit::bench::{Bench, Server};
use testkit::rule_tests;

use crate::gadgets::{self, gadget};

rule_tests! {
    ["SRT-01"] sorting_is_announced_or_ignored;
    ["SRT-02"] the_order_ascends_unless_it_is_to_descend;
    ["SRT-03"] values_are_ordered_as_their_type_has_it;
    ["SRT-04"] of_several_values_the_primary_one_counts_or_else_the_first;
    ["SRT-05"] a_complex_attribute_is_sorted_by_a_part;
    ["SRT-06"] what_has_no_value_comes_last_ascending_and_first_descending;
    ["SRT-07"] pages_by_cursor_are_sorted_too;
}

fn with(bench: &Bench, users: &[(&str, Value)]) -> [Server; 2] {
    let servers = bench.both();
    for server in &servers {
        for (name, attributes) in users {
            server.user(name, attributes);
        }
    }
    servers
}

#[track_caller]
fn sorted(server: &Server, query: &str) -> Vec<String> {
    server.get(&format!("/Users?{query}")).expect(200).listed("/userName")
}

fn sorting_is_announced_or_ignored(bench: &Bench) {
    for server in bench.both() {
        assert_eq!(server.get("/ServiceProviderConfig").at("/sort/supported"), true);
    }
    let server = bench.with("tolerant", |profile| profile.sort = false);
    assert_eq!(server.get("/ServiceProviderConfig").at("/sort/supported"), false);
    server.user("b", &json!({}));
    server.user("a", &json!({}));
    assert_eq!(sorted(&server, "sortBy=userName"), ["b", "a"]);
}

fn the_order_ascends_unless_it_is_to_descend(bench: &Bench) {
    for server in with(bench, &[("b", json!({})), ("c", json!({})), ("a", json!({}))]) {
        assert_eq!(sorted(&server, "sortBy=userName"), ["a", "b", "c"]);
        assert_eq!(sorted(&server, "sortBy=userName&sortOrder=ascending"), ["a", "b", "c"]);
        assert_eq!(sorted(&server, "sortBy=userName&sortOrder=descending"), ["c", "b", "a"]);
        assert_eq!(sorted(&server, "sortBy=userName&sortOrder=descending&startIndex=2&count=1"), ["b"]);
    }
}

fn values_are_ordered_as_their_type_has_it(bench: &Bench) {
    let users = [
        ("Bob", json!({ "externalId": "b" })),
        ("alice", json!({ "externalId": "C" })),
        ("Éric", json!({ "externalId": "a" })),
        ("carol", json!({})),
    ];
    for server in with(bench, &users) {
        assert_eq!(sorted(&server, "sortBy=USERNAME"), ["alice", "Bob", "carol", "Éric"]);
        assert_eq!(sorted(&server, "sortBy=externalId&filter=externalId%20pr"), ["alice", "Éric", "Bob"]);
    }
    let server = gadgets::server(bench, "rfc-strict");
    for (label, count, made) in
        [("x", 10, "2026-01-01T00:30:00+01:00"), ("y", 9, "2025-12-31T23:45:00Z"), ("z", -1, "2025-12-31T23:40:00Z")]
    {
        server.post("/Gadgets", &gadget(&json!({ "label": label, "count": count, "made": made }))).expect(201);
    }
    assert_eq!(server.get("/Gadgets?sortBy=count").expect(200).listed("/label"), ["z", "y", "x"]);
    assert_eq!(server.get("/Gadgets?sortBy=made").expect(200).listed("/label"), ["x", "z", "y"]);
}

fn of_several_values_the_primary_one_counts_or_else_the_first(bench: &Bench) {
    let users = [
        ("one", json!({ "emails": [{ "value": "a@example.com" }, { "value": "z@example.com", "primary": true }] })),
        ("two", json!({ "emails": [{ "value": "m@example.com" }, { "value": "b@example.com" }] })),
        ("three", json!({ "emails": [{ "value": "c@example.com", "primary": true }] })),
    ];
    for server in with(bench, &users) {
        assert_eq!(sorted(&server, "sortBy=emails.value"), ["three", "two", "one"]);
        assert_eq!(sorted(&server, "sortBy=emails"), ["three", "two", "one"]);
    }
}

fn a_complex_attribute_is_sorted_by_a_part(bench: &Bench) {
    let users = [
        ("one", json!({ "name": { "givenName": "Grace", "familyName": "A" } })),
        ("two", json!({ "name": { "givenName": "Ada", "familyName": "B" } })),
    ];
    for server in with(bench, &users) {
        assert_eq!(sorted(&server, "sortBy=name.givenName"), ["two", "one"]);
        assert_eq!(sorted(&server, "sortBy=name.familyName"), ["one", "two"]);
    }
}

fn what_has_no_value_comes_last_ascending_and_first_descending(bench: &Bench) {
    for server in with(bench, &[("none", json!({})), ("b", json!({ "title": "b" })), ("a", json!({ "title": "a" }))]) {
        assert_eq!(sorted(&server, "sortBy=title"), ["a", "b", "none"]);
        assert_eq!(sorted(&server, "sortBy=title&sortOrder=descending"), ["none", "b", "a"]);
    }
}

fn pages_by_cursor_are_sorted_too(bench: &Bench) {
    for server in with(bench, &[("b", json!({})), ("d", json!({})), ("a", json!({})), ("c", json!({}))]) {
        let first = server.get("/Users?sortBy=userName&count=3&cursor");
        assert_eq!(first.expect(200).listed("/userName"), ["a", "b", "c"]);
        let next = format!("sortBy=userName&count=3&cursor={}", first.string("/nextCursor"));
        assert_eq!(sorted(&server, &next), ["d"]);
    }
}
