//! Reading and listing (RFC 7644 section 3.4).

use serde_json::json;
use testkit::bench::Bench;
use testkit::rule_tests;

rule_tests! {
    ["GET-01"] a_resource_is_read_or_is_not_there;
    ["GET-02"] a_list_has_its_counts_as_integers;
    ["GET-03"] nothing_found_is_an_empty_list;
    ["GET-07"] a_resource_comes_with_everything_that_is_returned_by_default;
}

fn a_resource_is_read_or_is_not_there(bench: &Bench) {
    for server in bench.both() {
        let path = server.user("ada", &json!({}));
        assert_eq!(server.get(&path).expect(200).at("/userName"), "ada");
        server.get("/Users/nobody").refused(404, None);
        server.get(&path.replace("/Users/", "/Groups/")).refused(404, None);
    }
}

fn a_list_has_its_counts_as_integers(bench: &Bench) {
    for server in bench.both() {
        for name in ["ada", "grace", "alan"] {
            server.user(name, &json!({}));
        }
        let list = server.get("/Users?startIndex=2&count=1");
        assert_eq!(list.expect(200).at("/schemas"), json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
        assert_eq!(list.at("/totalResults"), 3);
        assert_eq!((list.at("/startIndex"), list.at("/itemsPerPage")), (json!(2), json!(1)));
        assert_eq!(list.listed("/userName"), ["grace"]);
        assert_eq!(server.get("/Users").listed("/userName"), ["ada", "grace", "alan"]);
    }
}

fn nothing_found_is_an_empty_list(bench: &Bench) {
    for server in bench.both() {
        for path in ["/Users", "/Groups", "/Users?filter=userName%20eq%20%22nobody%22"] {
            let list = server.get(path);
            assert_eq!(list.expect(200).at("/totalResults"), 0);
            assert!(list.listed("/id").is_empty());
        }
    }
}

fn a_resource_comes_with_everything_that_is_returned_by_default(bench: &Bench) {
    for server in bench.both() {
        let path =
            server.user("ada", &json!({ "title": "x", "externalId": "7", "emails": [{ "value": "a@example.com" }] }));
        let all = server.get(&path).value();
        for name in ["schemas", "id", "externalId", "userName", "title", "emails", "meta"] {
            assert!(all.get(name).is_some(), "{name}");
        }
        assert_eq!(server.get("/Users").at("/Resources/0"), all);
    }
}
