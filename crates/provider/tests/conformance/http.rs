//! HTTP, base URL and media type (RFC 7644 sections 3.1, 3.8 and 3.13).

use serde_json::json;
use testkit::bench::{BASE, Bench, USER, user};
use testkit::{Ask, rule_tests};

rule_tests! {
    ["HTTP-02"] text_beyond_ascii_comes_back_byte_by_byte;
    ["HTTP-03", "HTTP-04", "HTTP-05"] the_media_type_of_the_answer_is_the_one_that_is_asked_for;
    ["HTTP-06"] a_suffix_is_no_part_of_an_id;
    ["HTTP-07"] another_version_of_the_protocol_is_refused_as_such;
    ["HTTP-08"] a_path_without_a_version_means_the_same;
    ["HTTP-09"] unknown_query_parameters_change_nothing;
    ["HTTP-10"] endpoints_are_called_like_the_plural_of_their_type;
    ["HTTP-11"] messages_have_urns_of_messages;
}

fn text_beyond_ascii_comes_back_byte_by_byte(bench: &Bench) {
    for server in bench.both() {
        let name = "Zoë Ångström 山田 🦀 \u{2028}";
        let path = server.user("zoe", &json!({ "displayName": name }));
        let reply = server.get(&path);
        assert_eq!(reply.at("/displayName"), name);
        assert!(std::str::from_utf8(&reply.body).is_ok());
        assert_eq!(server.found(&format!("displayName eq \"{name}\"")), ["zoe"]);
    }
}

fn the_media_type_of_the_answer_is_the_one_that_is_asked_for(bench: &Bench) {
    let server = bench.strict();
    let path = server.user("ada", &json!({}));
    let asked = |accept: Option<&str>| {
        let ask = Ask::new("GET", &path);
        let reply = server.ask(match accept {
            Some(accept) => ask.with("Accept", accept),
            None => ask,
        });
        assert_eq!(reply.expect(200).at("/userName"), "ada");
        reply.header("Content-Type").expect("a type").to_owned()
    };
    assert_eq!(asked(Some("application/scim+json")), "application/scim+json");
    assert_eq!(asked(Some("application/json")), "application/json");
    assert_eq!(asked(Some("*/*")), "application/scim+json");
    assert_eq!(asked(None), "application/scim+json");
    assert_eq!(server.get("/Users/nobody").header("Content-Type"), Some("application/scim+json"));
}

fn a_suffix_is_no_part_of_an_id(bench: &Bench) {
    let server = bench.tolerant();
    let path = server.user("ada", &json!({}));
    server.get(&format!("{path}.scim")).refused(404, None);
}

fn another_version_of_the_protocol_is_refused_as_such(bench: &Bench) {
    for server in bench.both() {
        server.get("/scim/v9/Users").refused(400, Some("invalidVers"));
        server.get("/scim/v1/ServiceProviderConfigs").refused(400, Some("invalidVers"));
        server.get("/scim/v2/Users").expect(200);
    }
}

fn a_path_without_a_version_means_the_same(bench: &Bench) {
    let server = bench.tolerant();
    server.user("ada", &json!({}));
    let (with, without) = (server.get("/scim/v2/Users"), server.get("/scim/Users"));
    assert_eq!(without.expect(200).value(), with.value());
}

fn unknown_query_parameters_change_nothing(bench: &Bench) {
    for server in bench.both() {
        let path = server.user("ada", &json!({}));
        assert_eq!(server.get("/Users?foo=bar&x").expect(200).value(), server.get("/Users").value());
        assert_eq!(server.get(&format!("{path}?foo=bar")).expect(200).value(), server.get(&path).value());
    }
}

fn endpoints_are_called_like_the_plural_of_their_type(bench: &Bench) {
    let types = bench.tolerant().get("/ResourceTypes");
    for (name, endpoint) in types.listed("/name").into_iter().zip(types.listed("/endpoint")) {
        assert_eq!(endpoint, format!("/{name}s"));
    }
    assert_eq!(types.listed("/name"), ["User", "Group"]);
}

fn messages_have_urns_of_messages(bench: &Bench) {
    let server = bench.tolerant();
    let list = server.get("/Users").at("/schemas");
    assert_eq!(list, json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
    let error = server.get("/Users/nobody").at("/schemas");
    assert_eq!(error, json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(server.post("/Users", &user("ada", &json!({}))).at("/schemas"), json!([USER]));
    assert!(server.get("/Users").listed("/meta/location")[0].starts_with(BASE));
}
