//! Queries by POST and at the root (RFC 7644 sections 3.4.2.1 and 3.4.3).

use serde_json::{Value, json};
use testkit::bench::{Bench, Server, encoded};
use testkit::{Reply, rule_tests};

rule_tests! {
    ["GET-04", "GET-05", "SCH-01"] a_query_goes_to_a_type_or_to_all_of_them;
    ["GET-06"] too_many_results_are_refused_as_such;
    ["SCH-02"] the_body_is_a_search_request_with_the_members_of_a_query;
    ["SCH-03", "ATT-01"] the_answer_is_that_of_the_same_get;
}

const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

fn filled(bench: &Bench) -> [Server; 2] {
    let servers = bench.both();
    for server in &servers {
        server.user("ada", &json!({ "title": "b", "displayName": "Ada" }));
        server.user("grace", &json!({ "title": "a", "displayName": "Grace" }));
        server.group("Ada", &[]);
    }
    servers
}

fn search(server: &Server, path: &str, members: &Value) -> Reply {
    let mut body = json!({ "schemas": [SEARCH] });
    for (name, value) in members.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    server.post(path, &body)
}

fn a_query_goes_to_a_type_or_to_all_of_them(bench: &Bench) {
    for server in filled(bench) {
        let named = "displayName eq \"ada\"";
        assert_eq!(server.filtered("/Users", named).expect(200).listed("/meta/resourceType"), ["User"]);
        assert_eq!(server.filtered("/", named).expect(200).listed("/meta/resourceType"), ["User", "Group"]);
        // What a type does not have is without a value there.
        assert_eq!(server.filtered("/", "title pr").expect(200).listed("/userName"), ["ada", "grace"]);
        let search =
            |path: &str| search(&server, path, &json!({ "filter": named })).expect(200).listed("/meta/resourceType");
        assert_eq!(search("/.search"), ["User", "Group"]);
        assert_eq!(search("/Users/.search"), ["User"]);
        assert_eq!(search("/Groups/.search"), ["Group"]);
    }
}

fn too_many_results_are_refused_as_such(bench: &Bench) {
    let server = bench.with("tolerant", |profile| profile.too_many_results = 2);
    for name in ["a", "b", "c"] {
        server.user(name, &json!({}));
    }
    server.get("/Users").refused(400, Some("tooMany"));
    search(&server, "/Users/.search", &json!({})).refused(400, Some("tooMany"));
    assert_eq!(server.found("userName lt \"c\""), ["a", "b"]);
}

fn the_body_is_a_search_request_with_the_members_of_a_query(bench: &Bench) {
    for server in filled(bench) {
        let members = json!({
            "filter": "title pr",
            "sortBy": "title",
            "sortOrder": "ascending",
            "startIndex": 2,
            "count": 1,
            "attributes": ["title"],
        });
        let list = search(&server, "/Users/.search", &members);
        assert_eq!(
            (list.expect(200).at("/totalResults"), list.at("/startIndex"), list.at("/itemsPerPage")),
            (json!(2), json!(2), json!(1))
        );
        assert_eq!(
            (list.listed("/title"), list.listed("/userName")),
            (vec!["b".to_owned()], vec!["absent".to_owned()])
        );
        let without = search(&server, "/Users/.search", &json!({ "excludedAttributes": ["title"] }));
        assert_eq!(without.expect(200).listed("/title"), ["absent", "absent"]);
        server.post("/Users/.search", &json!({ "filter": "title pr" })).refused(400, Some("invalidSyntax"));
        server.post("/Users/.search", &json!([])).refused(400, Some("invalidSyntax"));
        search(&server, "/Users/.search", &json!({ "filter": "(((" })).refused(400, Some("invalidFilter"));
    }
}

fn the_answer_is_that_of_the_same_get(bench: &Bench) {
    for server in filled(bench) {
        let get = server.get(&format!("/Users?filter={}&attributes=title&count=1", encoded("title pr")));
        let post =
            search(&server, "/Users/.search", &json!({ "filter": "title pr", "attributes": ["title"], "count": 1 }));
        assert_eq!((post.expect(200).value(), post.header("Content-Type")), (get.value(), get.header("Content-Type")));
        let (get, post) = (server.get("/"), search(&server, "/.search", &json!({})));
        assert_eq!(post.expect(200).value(), get.expect(200).value());
    }
}
