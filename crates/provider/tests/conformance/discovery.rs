//! Discovery (RFC 7644 section 4, RFC 7643 sections 5 to 7).

use serde_json::{Value, json};
use testkit::bench::{Bench, USER, encoded, user};
use testkit::rule_tests;

use crate::gadgets::{self, GADGET};

rule_tests! {
    ["DIS-01"] the_configuration_has_every_required_member;
    ["DIS-02"] schemas_and_resource_types_are_lists_and_single_objects;
    ["DIS-03"] pages_and_order_are_ignored;
    ["DIS-04"] a_filter_is_refused;
    ["DIS-05"] resource_types_name_schemas_that_exist;
    ["DIS-06"] messages_are_not_among_the_schemas;
    ["DIS-07", "DIS-09"] discovery_cannot_be_written;
    ["DIS-08"] what_is_served_is_what_is_enforced;
}

fn the_configuration_has_every_required_member(bench: &Bench) {
    for server in bench.both() {
        let config = server.get("/ServiceProviderConfig").expect(200).value();
        assert_eq!(config["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"]));
        for name in ["patch", "bulk", "filter", "changePassword", "sort", "etag"] {
            assert!(config[name]["supported"].is_boolean(), "{name}");
        }
        for pointer in ["/bulk/maxOperations", "/bulk/maxPayloadSize", "/filter/maxResults"] {
            assert!(config.pointer(pointer).is_some_and(Value::is_u64), "{pointer}");
        }
        let schemes = config["authenticationSchemes"].as_array().expect("schemes");
        assert!(
            schemes.iter().all(|scheme| ["type", "name", "description"].iter().all(|name| scheme[name].is_string()))
        );
        assert!(!schemes.is_empty() && config.get("Resources").is_none());
    }
}

fn schemas_and_resource_types_are_lists_and_single_objects(bench: &Bench) {
    for server in bench.both() {
        for (endpoint, urn) in [("/Schemas", "Schema"), ("/ResourceTypes", "ResourceType")] {
            let list = server.get(endpoint);
            assert_eq!(list.expect(200).at("/schemas/0"), "urn:ietf:params:scim:api:messages:2.0:ListResponse");
            let ids = list.listed("/id");
            assert_eq!(list.at("/totalResults"), ids.len());
            for (at, id) in ids.iter().enumerate() {
                let one = server.get(&format!("{endpoint}/{}", encoded(id)));
                assert_eq!(one.expect(200).value(), list.at(&format!("/Resources/{at}")));
                assert_eq!(one.at("/schemas"), json!([format!("urn:ietf:params:scim:schemas:core:2.0:{urn}")]));
            }
            server.get(&format!("{endpoint}/none")).refused(404, None);
        }
    }
}

fn pages_and_order_are_ignored(bench: &Bench) {
    for server in bench.both() {
        for endpoint in ["/Schemas", "/ResourceTypes"] {
            let query = format!("{endpoint}?count=1&startIndex=2&sortBy=id&sortOrder=descending");
            assert_eq!(server.get(&query).expect(200).value(), server.get(endpoint).value());
        }
        assert_eq!(server.get("/ServiceProviderConfig?count=0").expect(200).at("/patch/supported"), true);
    }
}

fn a_filter_is_refused(bench: &Bench) {
    for server in bench.both() {
        for endpoint in ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig"] {
            server.filtered(endpoint, "name eq \"User\"").refused(403, None);
        }
    }
}

fn resource_types_name_schemas_that_exist(bench: &Bench) {
    let server = gadgets::server(bench, "tolerant");
    let schemas = server.get("/Schemas").listed("/id");
    let types = server.get("/ResourceTypes").at("/Resources");
    let types = types.as_array().expect("types");
    assert_eq!(types.len(), 3);
    for one in types {
        assert!(one["name"].is_string() && one["endpoint"].as_str().is_some_and(|path| path.starts_with('/')), "{one}");
        let extensions = one["schemaExtensions"].as_array().into_iter().flatten().map(|extension| &extension["schema"]);
        for urn in std::iter::once(&one["schema"]).chain(extensions) {
            assert!(schemas.iter().any(|id| urn == id), "{urn}");
        }
        server.get(one["endpoint"].as_str().unwrap_or_default()).expect(200);
    }
}

fn messages_are_not_among_the_schemas(bench: &Bench) {
    let ids = bench.tolerant().get("/Schemas").listed("/id");
    assert!(ids.contains(&USER.to_owned()));
    assert!(ids.iter().all(|id| !id.starts_with("urn:ietf:params:scim:api:")), "{ids:?}");
}

fn discovery_cannot_be_written(bench: &Bench) {
    for server in bench.both() {
        let schema = format!("/Schemas/{USER}");
        for path in ["/Schemas", &schema, "/ResourceTypes", "/ResourceTypes/User", "/ServiceProviderConfig"] {
            let before = server.get(path).value();
            for reply in [
                server.put(path, &before),
                server.post(path, &before),
                server.patch(path, &json!([])),
                server.delete(path),
            ] {
                assert!(matches!(reply.status, 405 | 501), "{path}: {}", reply.status);
                reply.refused(reply.status, None);
            }
            assert_eq!(server.get(path).value(), before);
        }
    }
}

fn what_is_served_is_what_is_enforced(bench: &Bench) {
    let server = gadgets::server(bench, "rfc-strict");
    let served = server.get(&format!("/Schemas/{GADGET}")).expect(200).at("/attributes");
    for attribute in served.as_array().expect("attributes") {
        let name = attribute["name"].as_str().unwrap_or_default();
        let wrong =
            if attribute["type"] == "string" || attribute["type"] == "reference" { json!(7) } else { json!("?") };
        let reply = server.post("/Gadgets", &gadgets::gadget(&json!({ name: wrong })));
        assert_eq!(reply.status, 400, "{name}: {}", reply.text());
        for part in ["type", "multiValued", "required", "mutability", "returned", "uniqueness"] {
            assert!(attribute.get(part).is_some(), "{name} {part}");
        }
    }
    let user_schema = server.get(&format!("/Schemas/{USER}")).at("/attributes");
    let required: Vec<_> = user_schema.as_array().into_iter().flatten().filter(|one| one["required"] == true).collect();
    assert_eq!(required.len(), 1);
    let mut body = user("ada", &json!({}));
    body[required[0]["name"].as_str().unwrap_or_default()] = json!(null);
    server.post("/Users", &body).refused(400, Some("invalidValue"));
}
