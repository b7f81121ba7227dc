//! `/Me` (RFC 7644 section 3.11).

use provider::profile::Me;
use serde_json::json;
use testkit::bench::{BASE, Bench, Server, user};
use testkit::rule_tests;

rule_tests! {
    ["ME-01"] without_it_the_answer_is_501;
    ["ME-02"] it_may_redirect;
    ["ME-03"] it_answers_with_the_permanent_location;
    ["ME-04"] what_is_posted_to_it_becomes_a_user_or_is_refused;
}

fn server(bench: &Bench, me: Me) -> Server {
    bench.with("tolerant", |profile| (profile.me, profile.me_user_name) = (me, "ada".into()))
}

fn without_it_the_answer_is_501(bench: &Bench) {
    let server = server(bench, Me::NotSupported);
    server.user("ada", &json!({}));
    server.get("/Me").refused(501, None);
    server.post("/Me", &user("grace", &json!({}))).refused(501, None);
}

fn it_may_redirect(bench: &Bench) {
    let server = server(bench, Me::Redirect);
    let path = server.user("ada", &json!({}));
    let reply = server.get("/Me");
    assert_eq!(reply.expect(308).header("Location"), Some(format!("{BASE}{path}").as_str()));
}

fn it_answers_with_the_permanent_location(bench: &Bench) {
    let server = server(bench, Me::Alias);
    server.get("/Me").refused(404, None);
    let path = server.user("ada", &json!({}));
    let location = format!("{BASE}{path}");
    let patched = server.patch("/Me", &json!([{ "op": "add", "path": "title", "value": "x" }]));
    assert_eq!(patched.expect(200).at("/title"), "x");
    let read = server.get("/Me");
    assert_eq!(
        (read.expect(200).value(), read.header("Location")),
        (server.get(&path).value(), Some(location.as_str()))
    );
    assert_eq!(read.at("/meta/location"), json!(location));
    let put = server.put("/Me", &user("ada", &json!({ "title": "y" })));
    assert_eq!((put.expect(200).at("/title"), put.header("Location")), (json!("y"), Some(location.as_str())));
    server.delete("/Me").expect(204);
    server.get(&path).refused(404, None);
}

fn what_is_posted_to_it_becomes_a_user_or_is_refused(bench: &Bench) {
    let server = server(bench, Me::Alias);
    let reply = server.post("/Me", &user("ada", &json!({})));
    if reply.status == 201 {
        assert_eq!(reply.at("/meta/resourceType"), "User");
        assert!(reply.string("/meta/location").starts_with(&format!("{BASE}/Users/")));
    } else {
        reply.refused(reply.status, None);
    }
}
