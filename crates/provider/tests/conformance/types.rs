//! Data types and characteristics of attributes (RFC 7643 sections 2 and 7).

use serde_json::{Value, json};
use testkit::bench::{BASE, Bench, Server, id, user};
use testkit::{Reply, rule_tests};

use crate::gadgets::{self, WARRANTY, gadget};

rule_tests! {
    ["TYPE-01"] a_boolean_in_words_is_refused_when_strict_and_read_when_tolerant;
    ["TYPE-02"] an_integer_has_no_fraction;
    ["TYPE-03"] a_date_has_a_time;
    ["TYPE-04"] binary_is_base64_with_or_without_padding;
    ["TYPE-05"] a_reference_leads_to_what_it_names;
    ["TYPE-06"] a_member_that_does_not_exist_is_kept;
    ["TYPE-07"] two_primary_elements_are_refused_or_made_one;
    ["TYPE-08"] an_element_is_not_kept_twice;
    ["TYPE-09"] a_value_that_is_not_canonical_is_kept;
    ["TYPE-10", "FLT-10"] comparisons_follow_case_exact;
    ["TYPE-11"] what_is_read_only_does_not_change;
    ["TYPE-12"] what_is_immutable_is_set_once;
    ["TYPE-13", "TYPE-14", "ATT-06", "ATT-07"] what_comes_back_is_as_the_schema_says;
    ["TYPE-15"] what_is_unique_in_the_server_cannot_be_taken_twice;
    ["TYPE-16"] a_required_extension_is_required;
    ["TYPE-17"] the_types_of_attributes_are_those_of_the_rfc;
}

const TYPES: [&str; 8] = ["string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"];

fn create(server: &Server, attributes: &Value) -> Reply {
    server.post("/Gadgets", &gadget(attributes))
}

fn a_boolean_in_words_is_refused_when_strict_and_read_when_tolerant(bench: &Bench) {
    bench.strict().post("/Users", &user("ada", &json!({ "active": "True" }))).refused(400, Some("invalidValue"));
    let taken = bench.tolerant().post("/Users", &user("ada", &json!({ "active": "False" })));
    assert_eq!(taken.expect(201).at("/active"), false);
    assert!(taken.findings.contains(&"T3".to_owned()));
    for server in bench.both() {
        server.post("/Users", &user("ada", &json!({ "active": 1 }))).refused(400, Some("invalidValue"));
        assert_eq!(server.post("/Users", &user("ada", &json!({ "active": true }))).expect(201).at("/active"), true);
    }
}

fn an_integer_has_no_fraction(bench: &Bench) {
    for preset in ["tolerant", "rfc-strict"] {
        let server = gadgets::server(bench, preset);
        for count in ["1.5", "1.0", "1e2", "\"7\""] {
            let count: Value = serde_json::from_str(count).expect("JSON");
            create(&server, &json!({ "count": count })).refused(400, Some("invalidValue"));
        }
        assert_eq!(create(&server, &json!({ "count": -7, "weight": 1.5 })).expect(201).at("/count"), -7);
    }
}

fn a_date_has_a_time(bench: &Bench) {
    let server = gadgets::server(bench, "rfc-strict");
    for made in ["2026-01-01", "10:00:00Z", "yesterday", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z"] {
        create(&server, &json!({ "made": made })).refused(400, Some("invalidValue"));
    }
    let made = create(&server, &json!({ "made": "2026-01-01T10:00:00+01:00" }));
    assert!(made.expect(201).at("/made").is_string());
    for filter in [
        "made eq \"2026-01-01T09:00:00Z\"",
        "made gt \"2026-01-01T09:59:59+01:00\"",
        "made lt \"2026-01-01T09:00:00.5Z\"",
    ] {
        assert_eq!(server.filtered("/Gadgets", filter).expect(200).at("/totalResults"), 1, "{filter}");
    }
}

fn binary_is_base64_with_or_without_padding(bench: &Bench) {
    let server = gadgets::server(bench, "rfc-strict");
    for picture in ["AAEC", "AAE=", "AAE"] {
        assert_eq!(create(&server, &json!({ "picture": picture })).expect(201).at("/picture"), picture);
    }
    for picture in ["not base64!", "A", "AA E="] {
        create(&server, &json!({ "picture": picture })).refused(400, Some("invalidValue"));
    }
}

fn a_reference_leads_to_what_it_names(bench: &Bench) {
    for server in bench.both() {
        let ada = server.user("ada", &json!({ "profileUrl": "https://example.com/ada" }));
        let group = server.get(&server.group("g", &[id(&ada)]));
        let reference = group.string("/members/0/$ref");
        let path = reference.strip_prefix(BASE).expect("below the base URL").to_owned();
        assert_eq!(server.get(&path).expect(200).at("/userName"), "ada");
        let back = server.get(&ada).string("/groups/0/$ref");
        assert_eq!(
            server.get(back.strip_prefix(BASE).expect("below the base URL")).expect(200).at("/id"),
            group.at("/id")
        );
        let odd = server.post("/Users", &user("b", &json!({ "profileUrl": "not a uri" })));
        assert!(odd.findings.contains(&"no-uri".to_owned()), "{:?}", odd.findings);
    }
}

fn a_member_that_does_not_exist_is_kept(bench: &Bench) {
    for server in bench.both() {
        let group = server.group("g", &["stranger"]);
        assert_eq!(server.get(&group).at("/members/0/value"), "stranger");
        let added = server.patch(&group, &json!([{ "op": "add", "path": "members", "value": [{ "value": "other" }] }]));
        assert_eq!(added.expect(200).at("/members").as_array().map(Vec::len), Some(2));
    }
}

fn two_primary_elements_are_refused_or_made_one(bench: &Bench) {
    for server in bench.both() {
        let emails =
            json!([{ "value": "a@example.com", "primary": true }, { "value": "b@example.com", "primary": true }]);
        let reply = server.post("/Users", &user("ada", &json!({ "emails": emails })));
        if reply.status == 201 {
            let primary =
                reply.at("/emails").as_array().map(|all| all.iter().filter(|one| one["primary"] == true).count());
            assert_eq!(primary, Some(1), "{}", reply.text());
        } else {
            reply.refused(400, Some("invalidValue"));
        }
    }
}

fn an_element_is_not_kept_twice(bench: &Bench) {
    for server in bench.both() {
        let element = json!({ "value": "a@example.com", "type": "work" });
        let path = server.user("ada", &json!({ "emails": [element, element] }));
        assert_eq!(server.get(&path).at("/emails"), json!([element]));
        let again = server.patch(&path, &json!([{ "op": "add", "path": "emails", "value": [element] }]));
        assert_eq!(again.expect(200).at("/emails"), json!([element]));
    }
}

fn a_value_that_is_not_canonical_is_kept(bench: &Bench) {
    for server in bench.both() {
        let path = server.user("ada", &json!({ "emails": [{ "value": "a@example.com", "type": "boat" }] }));
        assert_eq!(server.get(&path).at("/emails/0/type"), "boat");
    }
}

fn comparisons_follow_case_exact(bench: &Bench) {
    for server in bench.both() {
        let path = server.user("Ada", &json!({ "externalId": "E-a", "title": "Countess" }));
        assert_eq!(
            (server.get(&path).at("/userName"), server.get(&path).at("/externalId")),
            (json!("Ada"), json!("E-a"))
        );
        for (filter, fits) in [
            ("userName eq \"ADA\"", true),
            ("title co \"COUNT\"", true),
            ("externalId eq \"E-a\"", true),
            ("externalId eq \"E-A\"", false),
            ("externalId sw \"e\"", false),
        ] {
            assert_eq!(!server.found(filter).is_empty(), fits, "{filter}");
        }
    }
    let server = gadgets::server(bench, "rfc-strict");
    create(&server, &json!({ "codes": ["aB"] })).expect(201);
    assert_eq!(server.filtered("/Gadgets", "codes eq \"AB\"").at("/totalResults"), 0);
    assert_eq!(server.filtered("/Gadgets", "codes eq \"aB\"").at("/totalResults"), 1);
}

fn what_is_read_only_does_not_change(bench: &Bench) {
    for server in bench.both() {
        let path = server.user("ada", &json!({}));
        let before = server.get(&path);
        for name in ["groups", "id", "meta.created"] {
            let value = if name == "groups" { json!([{ "value": "g" }]) } else { json!("2001-01-01T00:00:00Z") };
            server
                .patch(&path, &json!([{ "op": "replace", "path": name, "value": value }]))
                .refused(400, Some("mutability"));
        }
        let put = server.put(&path, &user("ada", &json!({ "groups": [{ "value": "g" }], "id": "x" })));
        assert_eq!(put.expect(200).value(), before.value());
        assert_eq!(server.get(&path).value(), before.value());
    }
}

fn what_is_immutable_is_set_once(bench: &Bench) {
    for preset in ["tolerant", "rfc-strict"] {
        let server = gadgets::server(bench, preset);
        let path = format!("/Gadgets/{}", create(&server, &json!({ "serial": "S1" })).created());
        server
            .patch(&path, &json!([{ "op": "replace", "path": "serial", "value": "S2" }]))
            .refused(400, Some("mutability"));
        server.patch(&path, &json!([{ "op": "remove", "path": "serial" }])).refused(400, Some("mutability"));
        server.put(&path, &gadget(&json!({ "serial": "S2" }))).refused(400, Some("mutability"));
        assert_eq!(server.get(&path).at("/serial"), "S1");
        server.put(&path, &gadget(&json!({ "serial": "S1" }))).expect(200);
    }
}

fn what_comes_back_is_as_the_schema_says(bench: &Bench) {
    for preset in ["tolerant", "rfc-strict"] {
        let server = gadgets::server(bench, preset);
        let all = json!({ "always": "a", "asked": "b", "never": "c", "secret": "d", "codes": ["e"] });
        let created = create(&server, &all);
        let path = format!("/Gadgets/{}", created.created());
        assert_eq!(created.at("/asked"), "b", "the request wrote it");
        let has = |query: &str| {
            let body = server.get(&format!("{path}{query}")).expect(200).value();
            ["always", "asked", "never", "secret", "codes"].map(|name| body.get(name).is_some())
        };
        assert_eq!(has(""), [true, false, false, false, true]);
        assert_eq!(has("?attributes=label"), [true, false, false, false, false]);
        assert_eq!(has("?attributes=asked,never,secret"), [true, true, false, false, false]);
        assert_eq!(has("?excludedAttributes=always,codes"), [true, false, false, false, false]);
        let list = server.get("/Gadgets?attributes=never,secret,asked").at("/Resources/0");
        assert_eq!((list.get("never"), list.get("secret"), &list["asked"]), (None, None, &json!("b")));
        let patched = server.patch(&path, &json!([{ "op": "replace", "path": "secret", "value": "x" }]));
        assert_eq!(patched.expect(200).value().get("secret"), None);
    }
}

fn what_is_unique_in_the_server_cannot_be_taken_twice(bench: &Bench) {
    for server in bench.both() {
        let grace = server.user("grace", &json!({}));
        server.user("ada", &json!({}));
        server.post("/Users", &user("ADA", &json!({}))).refused(409, Some("uniqueness"));
        let patched = server.patch(&grace, &json!([{ "op": "replace", "path": "userName", "value": "Ada" }]));
        assert!(matches!(patched.status, 400 | 409) && patched.at("/scimType") == "uniqueness", "{}", patched.text());
    }
    let server = gadgets::server(bench, "rfc-strict");
    create(&server, &json!({ "serial": "S1" })).expect(201);
    create(&server, &json!({ "serial": "S1" })).refused(409, Some("uniqueness"));
    create(&server, &json!({ "serial": "s1" })).expect(201);
}

fn a_required_extension_is_required(bench: &Bench) {
    let server = gadgets::server(bench, "rfc-strict");
    let mut body = gadget(&json!({}));
    body[WARRANTY] = json!({ "number": "7" });
    server.post("/Gadgets", &body).refused(400, Some("invalidValue"));
    body[WARRANTY] = json!(null);
    server.post("/Gadgets", &body).refused(400, Some("invalidValue"));
    let path = format!("/Gadgets/{}", create(&server, &json!({})).created());
    server
        .patch(&path, &json!([{ "op": "remove", "path": format!("{WARRANTY}:until") }]))
        .refused(400, Some("mutability"));
    server.patch(&path, &json!([{ "op": "remove", "path": WARRANTY }])).refused(400, Some("mutability"));
}

fn the_types_of_attributes_are_those_of_the_rfc(bench: &Bench) {
    let schemas = gadgets::server(bench, "tolerant").get("/Schemas").at("/Resources");
    for attribute in schemas
        .as_array()
        .expect("schemas")
        .iter()
        .flat_map(|schema| schema["attributes"].as_array().expect("attributes"))
    {
        for one in std::iter::once(attribute).chain(attribute["subAttributes"].as_array().into_iter().flatten()) {
            assert!(TYPES.contains(&one["type"].as_str().expect("a type")), "{one}");
        }
    }
}
