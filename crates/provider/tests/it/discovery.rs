//! Discovery agrees with behaviour.

use provider::Profile;
use provider::profile::PatchAnswer;
use scim::json::Json;
use scim::schema::Registry;

use crate::bench::{BASE, Bench, ENTERPRISE, GROUP, USER, assert_refused, at, body, header, string};

#[test]
fn the_service_provider_config_has_every_required_member() {
    let bench = Bench::tolerant();
    let config = body(&bench.get("/ServiceProviderConfig"));
    assert_eq!(at(&config, "/schemas"), r#"["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"]"#);
    assert_eq!(at(&config, "/patch"), r#"{"supported":true}"#);
    assert_eq!(at(&config, "/bulk"), r#"{"supported":true,"maxOperations":1000,"maxPayloadSize":4194304}"#);
    assert_eq!(at(&config, "/filter"), r#"{"supported":true,"maxResults":1000}"#);
    assert_eq!(at(&config, "/changePassword"), r#"{"supported":true}"#);
    assert_eq!(at(&config, "/sort"), r#"{"supported":true}"#);
    let pagination = r#"{"cursor":true,"index":true,"defaultPaginationMethod":"index","defaultPageSize":100,"maxPageSize":1000,"cursorTimeout":3600}"#;
    assert_eq!(at(&config, "/pagination"), pagination);
    assert_eq!(at(&config, "/etag"), r#"{"supported":true}"#);
    assert_eq!(string(&config, "/authenticationSchemes/0/type"), "oauthbearertoken");
    assert_eq!(string(&config, "/meta/location"), format!("{BASE}/ServiceProviderConfig"));
}

#[test]
fn the_announced_page_limit_is_the_one_that_holds() {
    let profile = Profile { max_results: 3, default_page_size: 2, ..Profile::preset("tolerant").unwrap() };
    let bench = Bench::with(profile, Registry::builtin());
    for name in ["a", "b", "c", "d", "e"] {
        bench.user(name);
    }
    assert_eq!(at(&body(&bench.get("/ServiceProviderConfig")), "/filter/maxResults"), "3");
    let sizes = ["", "?count=1", "?count=3", "?count=4", "?count=99999999999999999999999"]
        .map(|query| at(&body(&bench.get(&format!("/Users{query}"))), "/itemsPerPage"));
    assert_eq!(sizes, ["2", "1", "3", "3", "3"]);
}

#[test]
fn without_etag_nothing_of_versions_is_said_or_regarded() {
    let profile = Profile { etag: false, ..Profile::preset("tolerant").unwrap() };
    let bench = Bench::with(profile, Registry::builtin());
    assert_eq!(at(&body(&bench.get("/ServiceProviderConfig")), "/etag/supported"), "false");
    let id = bench.user("ada");
    let read = bench.ask_with("GET", &format!("/Users/{id}"), &[("If-None-Match", "*")], "");
    assert_eq!((read.response.status, header(&read, "ETag")), (200, None));
    assert_eq!(at(&body(&read), "/meta/version"), "absent");
    assert!(read.findings.iter().any(|finding| finding.code == "condition-ignored"));
    let gone = bench.ask_with("DELETE", &format!("/Users/{id}"), &[("If-Match", "W/\"99\"")], "");
    assert_eq!(gone.response.status, 204);
}

#[test]
fn what_a_patch_is_answered_with_is_the_profiles_choice() {
    let profile = Profile { patch_answer: PatchAnswer::NoContent, ..Profile::preset("tolerant").unwrap() };
    let bench = Bench::with(profile, Registry::builtin());
    let id = bench.user("ada");
    let change = r#"{"op":"replace","path":"title","value":"Engineer"}"#;
    let handled = bench.patch(&format!("/Users/{id}"), change);
    assert_eq!((handled.response.status, handled.response.body.len()), (204, 0));
    assert_eq!(header(&handled, "ETag"), Some("W/\"2\""));
    assert_eq!(bench.patch(&format!("/Users/{id}?attributes=title"), change).response.status, 200);
}

#[test]
fn resource_types_and_schemas_are_lists_that_know_no_pages() {
    let bench = Bench::tolerant();
    let types = body(&bench.get("/ResourceTypes?count=1&startIndex=2"));
    assert_eq!((at(&types, "/totalResults"), at(&types, "/itemsPerPage")), ("2".into(), "2".into()));
    let user = body(&bench.get("/ResourceTypes/User"));
    assert_eq!(types.pointer("/Resources/0"), Some(&user));
    assert_eq!(string(&user, "/endpoint"), "/Users");
    assert_eq!(string(&user, "/schema"), USER);
    assert_eq!(string(&user, "/schemaExtensions/0/schema"), ENTERPRISE);
    assert_eq!(string(&user, "/meta/location"), format!("{BASE}/ResourceTypes/User"));
    let schemas = body(&bench.get("/Schemas"));
    assert_eq!(at(&schemas, "/totalResults"), "3");
    for urn in [USER, GROUP, ENTERPRISE] {
        let one = body(&bench.get(&format!("/Schemas/{urn}")));
        assert_eq!(string(&one, "/id"), urn);
        assert!(schemas.pointer("/Resources").unwrap().as_array().unwrap().contains(&one));
        assert_eq!(string(&one, "/meta/location"), format!("{BASE}/Schemas/{urn}"));
    }
    assert_refused(&bench.get("/Schemas/urn:nothing"), 404, None);
    assert_refused(&bench.get("/ResourceTypes/Device"), 404, None);
}

#[test]
fn a_filter_on_a_discovery_endpoint_is_forbidden() {
    let bench = Bench::tolerant();
    for path in ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig", "/Schemas/urn:nothing"] {
        assert_refused(&bench.get(&format!("{path}?filter=id%20pr")), 403, None);
    }
}

#[test]
fn every_type_and_schema_that_is_announced_can_be_used_and_the_other_way_round() {
    let schemas = Registry::read_schemas(
        r#"[{"id":"urn:example:Badge","name":"Badge","attributes":[{"name":"label","required":true}]}]"#,
    )
    .unwrap();
    let types =
        Registry::read_resource_types(r#"[{"name":"Badge","endpoint":"/Badges","schema":"urn:example:Badge"}]"#)
            .unwrap();
    let registry = Registry::builtin().with(schemas, types).unwrap();
    let bench = Bench::with(Profile::preset("rfc-strict").unwrap(), registry);
    let types = body(&bench.get("/ResourceTypes"));
    let types = types.pointer("/Resources").and_then(Json::as_array).unwrap();
    assert_eq!(types.len(), 3);
    for resource_type in types {
        assert_eq!(bench.get(&string(resource_type, "/endpoint")).response.status, 200);
        assert_eq!(bench.get(&format!("/Schemas/{}", string(resource_type, "/schema"))).response.status, 200);
    }
    let made = bench.ask("POST", "/Badges", r#"{"schemas":["urn:example:Badge"],"label":"x"}"#);
    assert_eq!(made.response.status, 201);
    assert_eq!(string(&body(&made), "/meta/resourceType"), "Badge");
    assert_refused(&bench.ask("POST", "/Badges", r#"{"schemas":["urn:example:Badge"]}"#), 400, Some("invalidValue"));
}

#[test]
fn every_preset_has_a_name_that_gives_it_back() {
    let names = ["tolerant", "rfc-strict", "entra-gallery", "okta-oin", "aws-identity-center"];
    assert_eq!(Profile::names(), names);
    for name in Profile::names() {
        let profile = Profile::preset(&name).unwrap();
        assert_eq!(profile.name, name);
        let text = serde_json::to_string(&profile).unwrap();
        assert_eq!(serde_json::from_str::<Profile>(&text).unwrap(), profile);
        let with_more = text.replacen('{', "{\"surprise\":1,", 1);
        assert!(serde_json::from_str::<Profile>(&with_more).is_err());
    }
    assert!(Profile::preset("lenient").is_none());
}
