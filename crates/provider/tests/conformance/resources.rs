//! Resources and their common attributes (RFC 7643 sections 2.5 and 3).

use jiff::SignedDuration;
use serde_json::json;
use testkit::bench::{BASE, Bench, ENTERPRISE, GROUP, USER, id, user};
use testkit::{Ask, rule_tests};

use crate::gadgets;

rule_tests! {
    ["RES-01"] every_resource_and_message_has_schemas;
    ["RES-02", "RES-04"] schemas_has_the_urns_of_the_type_and_no_other;
    ["RES-03"] the_order_of_schemas_means_nothing_and_none_comes_twice;
    ["RES-04"] a_body_without_the_base_schema_is_refused_when_strict;
    ["RES-05"] an_extension_has_its_own_object;
    ["RES-06"] names_are_read_in_any_case;
    ["RES-07", "RES-09", "RES-11"] id_and_meta_of_a_client_are_ignored;
    ["RES-08"] an_id_is_unique_over_all_types_and_never_given_again;
    ["RES-10", "RES-20"] external_id_is_the_clients_own;
    ["RES-12", "RES-15"] meta_tells_type_and_times;
    ["RES-13", "RES-14"] location_and_version_are_the_same_in_header_and_body;
    ["RES-16", "RES-17"] absent_null_and_empty_are_the_same;
    ["RES-18"] the_order_of_sub_attributes_means_nothing;
    ["RES-18"] no_served_attribute_has_complex_sub_attributes;
    ["RES-19"] unknown_attributes_are_dropped_or_refused_and_never_answered;
}

fn every_resource_and_message_has_schemas(bench: &Bench) {
    for server in bench.both() {
        let ada = server.user("ada", &json!({}));
        let group = server.group("g", &[id(&ada)]);
        for path in
            [&ada, &group, "/Users", "/Groups", "/Schemas", "/ResourceTypes", "/ServiceProviderConfig", "/Users/x"]
        {
            let reply = server.get(path);
            let schemas = reply.at("/schemas");
            assert!(schemas.as_array().is_some_and(|urns| !urns.is_empty()), "{path}: {schemas}");
            assert!(!reply.listed("/schemas").contains(&"absent".to_owned()), "{path}");
        }
        let selected = server.get(&format!("{ada}?attributes=userName"));
        assert_eq!(selected.at("/schemas"), json!([USER]));
    }
}

fn schemas_has_the_urns_of_the_type_and_no_other(bench: &Bench) {
    for server in bench.both() {
        let mut body = user("ada", &json!({ ENTERPRISE: { "department": "Analysis" } }));
        body["schemas"] = json!([USER, ENTERPRISE, "urn:example:nobody:knows:this"]);
        let created = server.post("/Users", &body);
        assert_eq!(created.expect(201).at("/schemas"), json!([USER, ENTERPRISE]));
        let path = format!("/Users/{}", created.string("/id"));
        let removed = server.patch(&path, &json!([{ "op": "remove", "path": ENTERPRISE }]));
        assert_eq!(removed.expect(200).at("/schemas"), json!([USER]));
        let added =
            server.patch(&path, &json!([{ "op": "add", "path": format!("{ENTERPRISE}:division"), "value": "x" }]));
        assert_eq!(added.expect(200).at("/schemas"), json!([USER, ENTERPRISE]));
    }
}

fn the_order_of_schemas_means_nothing_and_none_comes_twice(bench: &Bench) {
    for server in bench.both() {
        let mut body = user("ada", &json!({ ENTERPRISE: { "department": "Analysis" } }));
        body["schemas"] = json!([ENTERPRISE, USER]);
        let created = server.post("/Users", &body);
        assert_eq!(created.expect(201).at("/schemas"), json!([USER, ENTERPRISE]));
        body["schemas"] = json!([USER, ENTERPRISE, USER, USER.to_uppercase()]);
        body["userName"] = json!("grace");
        let twice = server.post("/Users", &body);
        if twice.status == 201 {
            assert_eq!(twice.at("/schemas"), json!([USER, ENTERPRISE]));
        } else {
            twice.refused(400, Some("invalidValue"));
        }
    }
}

fn a_body_without_the_base_schema_is_refused_when_strict(bench: &Bench) {
    let server = bench.strict();
    for schemas in [json!(null), json!([]), json!([ENTERPRISE])] {
        let mut body = user("ada", &json!({}));
        body["schemas"] = schemas;
        let reply = server.post("/Users", &body);
        assert_eq!(reply.status, 400, "{}", reply.text());
    }
    let mut group = json!({ "schemas": [USER], "displayName": "g" });
    assert_eq!(server.post("/Groups", &group).status, 400);
    group["schemas"] = json!([GROUP]);
    assert_eq!(server.post("/Groups", &group).expect(201).at("/schemas"), json!([GROUP]));
}

fn an_extension_has_its_own_object(bench: &Bench) {
    for server in bench.both() {
        let path =
            server.user("ada", &json!({ "title": "x", ENTERPRISE: { "department": "Analysis", "costCenter": "7" } }));
        let read = server.get(&path).value();
        assert_eq!(read[ENTERPRISE], json!({ "department": "Analysis", "costCenter": "7" }));
        assert_eq!((read.get("department"), &read["title"]), (None, &json!("x")));
    }
}

fn names_are_read_in_any_case(bench: &Bench) {
    for server in bench.both() {
        let body = json!({
            "SCHEMAS": [USER],
            "USERNAME": "ada",
            "Name": { "GIVENNAME": "Ada" },
            "eMails": [{ "VALUE": "a@example.com" }],
        });
        let created = server.post("/Users", &body);
        assert_eq!(created.expect(201).at("/userName"), "ada");
        let path = format!("/Users/{}", created.string("/id"));
        let read = server.get(&path);
        assert_eq!((read.at("/name/givenName"), read.at("/emails/0/value")), (json!("Ada"), json!("a@example.com")));
        let patched = server.patch(&path, &json!([{ "op": "replace", "path": "NAME.GivenName", "value": "Grace" }]));
        assert_eq!(patched.expect(200).at("/name/givenName"), "Grace");
    }
}

fn id_and_meta_of_a_client_are_ignored(bench: &Bench) {
    for server in bench.both() {
        let meta = json!({ "created": "1999-01-01T00:00:00Z", "resourceType": "Robot", "version": "W/\"77\"" });
        let claims = json!({ "id": "mine", "meta": meta });
        let created = server.post("/Users", &user("ada", &claims));
        assert_ne!(created.created(), "mine");
        assert_eq!((created.at("/meta/resourceType"), created.at("/meta/version")), (json!("User"), json!("W/\"1\"")));
        assert_eq!(created.at("/meta/created"), "2026-01-31T09:30:00.000Z");
        server.get("/Users/mine").refused(404, None);
        let path = format!("/Users/{}", created.string("/id"));
        let replaced = server.put(&path, &user("ada", &claims));
        assert_eq!((replaced.expect(200).at("/id"), replaced.at("/meta")), (created.at("/id"), created.at("/meta")));
        assert!(!created.string("/id").contains("bulkId"));
    }
}

fn an_id_is_unique_over_all_types_and_never_given_again(bench: &Bench) {
    let server = bench.tolerant();
    let mut ids = Vec::new();
    for round in 0..3 {
        let (user, group) = (server.user("ada", &json!({})), server.group(&format!("g{round}"), &[]));
        ids.extend([id(&user).to_owned(), id(&group).to_owned()]);
        assert_eq!(server.get(&user).string("/id"), id(&user));
        server.patch(&user, &json!([{ "op": "add", "path": "title", "value": "x" }])).expect(200);
        assert_eq!(server.get(&user).string("/id"), id(&user));
        server.delete(&user).expect(204);
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
    assert!(ids.iter().all(|id| !id.is_empty()));
}

fn external_id_is_the_clients_own(bench: &Bench) {
    for server in bench.both() {
        let none = server.post("/Users", &user("ada", &json!({})));
        assert_eq!(none.expect(201).value().get("externalId"), None);
        let one = server.user("grace", &json!({ "externalId": "E-7" }));
        let two = server.user("alan", &json!({ "externalId": "E-7" }));
        assert_eq!(
            (server.get(&one).at("/externalId"), server.get(&two).at("/externalId")),
            (json!("E-7"), json!("E-7"))
        );
        assert_eq!(server.found("externalId eq \"E-7\""), ["grace", "alan"]);
        let gone = server.patch(&one, &json!([{ "op": "remove", "path": "externalId" }]));
        assert_eq!(gone.expect(200).value().get("externalId"), None);
    }
}

fn meta_tells_type_and_times(bench: &Bench) {
    for server in bench.both() {
        let (user, group) = (server.user("ada", &json!({})), server.group("g", &[]));
        let first = server.get(&user);
        assert_eq!(
            (first.at("/meta/resourceType"), server.get(&group).at("/meta/resourceType")),
            (json!("User"), json!("Group"))
        );
        assert_eq!(first.string("/meta/created"), first.string("/meta/lastModified"));
        server.clock.advance(SignedDuration::from_secs(60));
        let changed = server.patch(&user, &json!([{ "op": "add", "path": "title", "value": "x" }]));
        assert_eq!(changed.expect(200).at("/meta/created"), first.at("/meta/created"));
        assert_eq!(changed.at("/meta/lastModified"), "2026-01-31T09:31:00.000Z");
    }
}

fn location_and_version_are_the_same_in_header_and_body(bench: &Bench) {
    for server in bench.both() {
        let created = server.post("/Users", &user("ada", &json!({})));
        let location = created.expect(201).string("/meta/location");
        assert_eq!(created.header("Location"), Some(location.as_str()));
        let path = location.strip_prefix(BASE).expect("below the base URL");
        for reply in [created, server.get(path), server.put(path, &user("ada", &json!({ "title": "x" })))] {
            let version = reply.string("/meta/version");
            assert_eq!(reply.header("ETag"), Some(version.as_str()));
            assert!(version.starts_with("W/\"") && version.ends_with('"'), "{version}");
            assert_eq!(reply.string("/meta/location"), location);
        }
    }
}

fn absent_null_and_empty_are_the_same(bench: &Bench) {
    for server in bench.both() {
        let full = json!({ "title": "x", "emails": [{ "value": "a@example.com" }], "name": { "givenName": "Ada" } });
        let path = server.user("ada", &full);
        let emptied =
            [json!({}), json!({ "title": null, "emails": null, "name": null }), json!({ "emails": [], "name": {} })];
        for emptied in emptied {
            server.put(&path, &user("ada", &full)).expect(200);
            server.put(&path, &user("ada", &emptied)).expect(200);
            let read = server.get(&path).value();
            for name in ["title", "emails", "name"] {
                assert_eq!(read.get(name), None, "{name} after {emptied}");
            }
        }
        assert_eq!(server.found("not (emails pr)"), ["ada"]);
    }
}

fn the_order_of_sub_attributes_means_nothing(bench: &Bench) {
    for server in bench.both() {
        let path = server.user("ada", &json!({ "name": { "givenName": "Ada", "familyName": "Lovelace" } }));
        let before = server.get(&path);
        let swapped = format!(
            r#"{{"name":{{"familyName":"Lovelace","givenName":"Ada"}},"userName":"ada","schemas":["{USER}"]}}"#
        );
        let after = server.ask(Ask::text("PUT", &path, &swapped));
        assert_eq!(after.expect(200).at("/meta/version"), before.at("/meta/version"));
    }
}

fn no_served_attribute_has_complex_sub_attributes(bench: &Bench) {
    let schemas = gadgets::server(bench, "tolerant").get("/Schemas").at("/Resources");
    let mut complex = 0;
    for attribute in schemas
        .as_array()
        .expect("schemas")
        .iter()
        .flat_map(|schema| schema["attributes"].as_array().expect("attributes"))
    {
        for sub in attribute["subAttributes"].as_array().into_iter().flatten() {
            assert_ne!(sub["type"], "complex", "{attribute}");
            complex += 1;
        }
    }
    assert!(complex > 20);
}

fn unknown_attributes_are_dropped_or_refused_and_never_answered(bench: &Bench) {
    for server in bench.both() {
        let created = server
            .post("/Users", &user("ada", &json!({ "shoeSize": 38, "name": { "shoe": "x", "givenName": "Ada" } })));
        assert_eq!(created.expect(201).value().get("shoeSize"), None);
        assert_eq!(created.at("/name"), json!({ "givenName": "Ada" }));
    }
}
