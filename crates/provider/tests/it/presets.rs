//! Resource types that no code knows: everything follows from their schemas.

use provider::Profile;
use scim::json::Json;
use scim::schema::{Registry, presets};

use crate::bench::{BASE, Bench, assert_refused, at, body, header, string, text};

const TEST: &str = "urn:example:params:scim:schemas:core:2.0:TestResource";
const EXTENSION: &str = "urn:example:params:scim:schemas:extension:test:2.0:TestResource";

fn bench(profile: &str, preset: &str) -> Bench {
    let registry = Registry::builtin().with_preset(presets::named(preset).unwrap()).unwrap();
    Bench::with(Profile::preset(profile).unwrap(), registry)
}

/// A resource of each type of a preset, and a change that it takes.
const LIVES: &[(&str, &str, &str, &str)] = &[
    (
        "okta-entitlements",
        "/Roles",
        r#"{"schemas":["urn:okta:scim:schemas:core:1.0:Role"],"displayName":"Reader"}"#,
        r#"{"op":"add","path":"description","value":"May read"}"#,
    ),
    (
        "okta-entitlements",
        "/Entitlements",
        r#"{"schemas":["urn:okta:scim:schemas:core:1.0:Entitlement"],"displayName":"Seat","type":"License"}"#,
        r#"{"op":"replace","path":"type","value":"Permission"}"#,
    ),
    (
        "roles-and-entitlements",
        "/Roles",
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Role"],"value":"lead","supported":true,"contains":["member"]}"#,
        r#"{"op":"add","path":"totalAssignmentsUsed","value":3}"#,
    ),
    (
        "roles-and-entitlements",
        "/Entitlements",
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Entitlement"],"value":"seat","type":"License"}"#,
        r#"{"op":"add","path":"containedBy","value":["suite"]}"#,
    ),
    (
        "devices",
        "/Devices",
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Device","urn:ietf:params:scim:schemas:extension:ethernet-mab:2.0:Device"],
            "active":true,"displayName":"Lamp",
            "urn:ietf:params:scim:schemas:extension:ethernet-mab:2.0:Device":{"deviceMacAddress":"2C:54:91:88:C9:E2"}}"#,
        r#"{"op":"replace","path":"active","value":false}"#,
    ),
    (
        "devices",
        "/EndpointApps",
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:EndpointApp"],"applicationType":"telemetry","applicationName":"App"}"#,
        r#"{"op":"add","path":"certificateInfo.subjectName","value":"CN=app"}"#,
    ),
    (
        "agents",
        "/Agents",
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Agent"],"name":"helper","protocols":[{"type":"A2A"}]}"#,
        r#"{"op":"add","path":"active","value":false}"#,
    ),
    (
        "agents",
        "/AgenticApplications",
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:AgenticApplication"],"name":"portal",
            "oAuthConfiguration":[{"clientId":"c","redirectUri":["https://app.example.com/callback"]}]}"#,
        r#"{"op":"add","path":"applicationUrls","value":[{"value":"https://app.example.com","type":"homepage"}]}"#,
    ),
    (
        "test-resource",
        "/TestResources",
        r#"{"schemas":["urn:example:params:scim:schemas:core:2.0:TestResource","urn:example:params:scim:schemas:extension:test:2.0:TestResource"],
            "name":"thing","urn:example:params:scim:schemas:extension:test:2.0:TestResource":{"model":"M1"}}"#,
        r#"{"op":"add","path":"fraction","value":1.50}"#,
    ),
];

/// TYPE-16, TYPE-17, DIS-05, HTTP-10.
#[test]
fn every_type_of_every_preset_lives_a_whole_life_in_both_profiles() {
    for profile in ["tolerant", "rfc-strict"] {
        for (preset, endpoint, resource, change) in LIVES {
            let bench = bench(profile, preset);
            let made = bench.ask("POST", endpoint, resource);
            assert_eq!(made.response.status, 201, "{endpoint}: {}", text(&made));
            let id = string(&body(&made), "/id");
            let path = format!("{endpoint}/{id}");
            assert_eq!(header(&made, "Location"), Some(format!("{BASE}{path}").as_str()));
            let read = bench.get(&path);
            assert_eq!(body(&read), body(&made));
            let put = bench.ask("PUT", &path, &text(&read));
            assert_eq!((put.response.status, header(&put, "ETag")), (200, Some("W/\"1\"")), "{}", text(&put));
            let patched = bench.patch(&path, change);
            assert_eq!(
                (patched.response.status, header(&patched, "ETag")),
                (200, Some("W/\"2\"")),
                "{}",
                text(&patched)
            );
            let found = bench.get(&format!("{endpoint}?filter=id%20eq%20%22{id}%22"));
            assert_eq!(at(&body(&found), "/totalResults"), "1");
            assert_eq!(bench.ask("DELETE", &path, "").response.status, 204);
            assert_refused(&bench.get(&path), 404, None);
        }
    }
    let types: usize = presets::all().iter().map(|preset| preset.resource_types().len()).sum();
    assert_eq!(LIVES.len(), types, "a type of a preset has no life here");
}

#[test]
fn discovery_shows_the_types_and_schemas_of_a_preset() {
    for preset in presets::all() {
        let bench = bench("rfc-strict", preset.name);
        for schema in preset.schemas() {
            let shown = body(&bench.get(&format!("/Schemas/{}", schema.id)));
            assert_eq!(string(&shown, "/id"), schema.id);
            let shown = shown.pointer("/attributes").and_then(Json::as_array).unwrap();
            assert_eq!(shown.len(), schema.attributes.len(), "{}", schema.id);
        }
        for resource_type in preset.resource_types() {
            let shown = body(&bench.get(&format!("/ResourceTypes/{}", resource_type.name)));
            assert_eq!(string(&shown, "/endpoint"), resource_type.endpoint);
            assert_eq!(bench.get(&resource_type.endpoint).response.status, 200);
        }
    }
}

/// A user that is a member of a group of agents, an agent that is in it too.
#[test]
fn groups_and_references_work_for_types_that_no_code_knows() {
    let bench = bench("tolerant", "agents");
    let agent = |name: &str, more: &str| {
        let body_text =
            format!(r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Agent"],"name":"{name}"{more}}}"#);
        string(&body(&bench.ask("POST", "/Agents", &body_text)), "/id")
    };
    let parent = agent("parent", "");
    let child = agent("child", &format!(r#","parent":{{"value":"{parent}"}}"#));
    let group = bench.group("agents", &[&child]);
    let shown = body(&bench.get(&format!("/Agents/{child}")));
    assert_eq!(string(&shown, "/parent/$ref"), format!("{BASE}/Agents/{parent}"));
    assert_eq!(string(&shown, "/groups/0/value"), group);
    bench.ask("DELETE", &format!("/Agents/{child}"), "");
    assert_eq!(at(&body(&bench.get(&format!("/Groups/{group}"))), "/members"), "absent");
}

/// A TestResource with these members.
fn thing(members: &str) -> String {
    let comma = if members.is_empty() { "" } else { "," };
    format!(r#"{{"schemas":["{TEST}","{EXTENSION}"],"name":"thing","{EXTENSION}":{{"model":"M1"}}{comma}{members}}}"#)
}

fn create(bench: &Bench, members: &str) -> String {
    let made = bench.ask("POST", "/TestResources", &thing(members));
    assert_eq!(made.response.status, 201, "{members}: {}", text(&made));
    format!("/TestResources/{}", string(&body(&made), "/id"))
}

/// TYPE-01 to TYPE-05.
#[test]
fn each_type_takes_its_own_values_and_finds_them_again() {
    for (member, filters) in [
        (r#""flag":true"#, &["flag eq true", "flag ne false", "not (flag eq false)"][..]),
        (r#""whole":9007199254740993"#, &["whole eq 9007199254740993", "whole gt 9007199254740992", "whole lt 1e16"]),
        (r#""fraction":1.50"#, &["fraction eq 1.5", "fraction ge 1.5e0", "fraction lt 1.51"]),
        (
            r#""moment":"2026-01-31T09:30:00+02:00""#,
            &[r#"moment eq "2026-01-31T07:30:00Z""#, r#"moment lt "2026-01-31T07:30:00.001Z""#, "moment pr"],
        ),
        (r#""blob":"aGVsbG8=""#, &[r#"blob eq "aGVsbG8=""#, "blob pr"]),
        (r#""link":"https://example.com/A""#, &[r#"link eq "https://example.com/A""#, r#"link sw "https:""#]),
        (r#""exactText":"Aa""#, &[r#"exactText eq "Aa""#, r#"not (exactText eq "aa")"#]),
        (r#""text":"Aa""#, &[r#"text eq "aA""#, r#"text co "AA""#]),
        (r#""tags":["a","b"]"#, &[r#"tags eq "B""#, r#"tags ne "a""#, "tags pr"]),
        (r#""wholes":[1,20]"#, &["wholes eq 20", "wholes gt 19"]),
        (r#""moments":["2026-01-31T09:30:00Z"]"#, &[r#"moments ge "2026-01-31T09:30:00Z""#]),
        (r#""place":{"room":"1","floor":2}"#, &["place.floor gt 1", r#"place.room eq "1""#, "place pr"]),
        (r#""parts":[{"value":"p","weight":2.5}]"#, &["parts[weight gt 2 and value eq \"p\"]", "parts.weight le 2.50"]),
    ] {
        let bench = bench("rfc-strict", "test-resource");
        let path = create(&bench, member);
        let shown = text(&bench.get(&path));
        assert!(shown.contains(member), "{member} is not kept as sent: {shown}");
        for filter in filters {
            let query: String = filter.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let found = body(&bench.get(&format!("/TestResources?filter={query}")));
            assert_eq!(at(&found, "/totalResults"), "1", "{filter} with {member}");
        }
    }
}

/// TYPE-01 to TYPE-05, FLT-05.
#[test]
fn what_does_not_fit_a_type_is_refused() {
    let bench = bench("rfc-strict", "test-resource");
    for member in [
        r#""flag":"true""#,
        r#""whole":1.0"#,
        r#""whole":12345678901234567890123"#,
        r#""fraction":"1.5""#,
        r#""fraction":1e999"#,
        r#""moment":"2026-01-31""#,
        r#""blob":"?""#,
        r#""link":7"#,
        r#""tags":"a""#,
        r#""parts":[{"primary":true,"value":"a"},{"primary":true,"value":"b"}]"#,
        r#""place":{"floor":"2"}"#,
    ] {
        assert_refused(&bench.ask("POST", "/TestResources", &thing(member)), 400, Some("invalidValue"));
    }
    for filter in ["flag gt true", "blob gt \"a\"", "whole co \"1\"", "place eq \"x\"", "secret eq \"x\""] {
        let query: String = filter.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let refused = bench.get(&format!("/TestResources?filter={query}"));
        assert_refused(&refused, 400, Some("invalidFilter"));
    }
    assert!(bench.commits().is_empty());
}

/// TYPE-11 to TYPE-13, PUT-05.
#[test]
fn what_may_be_written_once_never_or_only_written_follows_from_the_schema() {
    let bench = bench("rfc-strict", "test-resource");
    let path = create(&bench, r#""once":"o","secret":"Xq7rt0pV","serverText":"mine","place":{"keycode":"Zw9Zw9"}"#);
    let shown = text(&bench.get(&format!("{path}?attributes=secret,place,serverText")));
    assert!(!shown.contains("Xq7rt0pV") && !shown.contains("Zw9Zw9") && !shown.contains("mine"), "{shown}");
    for (operation, keyword) in [
        (r#"{"op":"replace","path":"once","value":"p"}"#, "mutability"),
        (r#"{"op":"remove","path":"once"}"#, "mutability"),
        (r#"{"op":"add","path":"serverText","value":"x"}"#, "mutability"),
        (r#"{"op":"remove","path":"name"}"#, "mutability"),
    ] {
        assert_refused(&bench.patch(&path, operation), 400, Some(keyword));
    }
    assert_refused(&bench.ask("PUT", &path, &thing(r#""once":"p""#)), 400, Some("mutability"));
    let same = bench.ask("PUT", &path, &thing(r#""once":"o""#));
    assert_eq!(same.response.status, 200, "{}", text(&same));
    assert_eq!(at(&body(&bench.get(&path)), "/once"), "\"o\"");
    let first_time = bench.patch(&path, &format!(r#"{{"op":"add","path":"{EXTENSION}:batch","value":7}}"#));
    assert_eq!(first_time.response.status, 200, "{}", text(&first_time));
    let second_time = bench.patch(&path, &format!(r#"{{"op":"replace","path":"{EXTENSION}:batch","value":8}}"#));
    assert_refused(&second_time, 400, Some("mutability"));
    let seen = format!("{:?}{:?}", bench.commits(), bench.provider.tenant().directory().root());
    assert!(!seen.contains("Xq7rt0pV") && !seen.contains("Zw9Zw9"), "secrets are not kept in clear");
}

/// TYPE-14, ATT-02, ATT-03, ATT-06, ATT-07.
#[test]
fn what_is_returned_follows_from_the_schema() {
    let bench = bench("rfc-strict", "test-resource");
    let members = r#""constant":"c","onRequest":"r","text":"t","secret":"s""#;
    let made = bench.ask("POST", "/TestResources", &thing(members));
    let path = format!("/TestResources/{}", string(&body(&made), "/id"));
    let has = |json: &Json| {
        ["constant", "onRequest", "text", "secret"].map(|name| json.pointer(&format!("/{name}")).is_some())
    };
    assert_eq!(has(&body(&made)), [true, true, true, false], "what the request wrote is shown");
    for (query, expected) in [
        ("", [true, false, true, false]),
        ("?attributes=onRequest", [true, true, false, false]),
        ("?attributes=text,secret", [true, false, true, false]),
        ("?excludedAttributes=constant,text", [true, false, false, false]),
    ] {
        assert_eq!(has(&body(&bench.get(&format!("{path}{query}")))), expected, "{query}");
    }
}

/// TYPE-15, TYPE-16.
#[test]
fn what_is_unique_and_what_is_required_follows_from_the_schema() {
    let bench = bench("rfc-strict", "test-resource");
    let path = create(&bench, r#""code":"A1","colour":"purple""#);
    assert_refused(&bench.ask("POST", "/TestResources", &thing("").replace("thing", "THING")), 409, Some("uniqueness"));
    let other = |code: &str| thing(&format!(r#""code":"{code}""#)).replace("\"thing\"", "\"other\"");
    assert_refused(&bench.ask("POST", "/TestResources", &other("A1")), 409, Some("uniqueness"));
    assert_eq!(bench.ask("POST", "/TestResources", &other("a1")).response.status, 201, "case matters in code");
    let without = format!(r#"{{"schemas":["{TEST}"],"name":"no extension"}}"#);
    assert_refused(&bench.ask("POST", "/TestResources", &without), 400, Some("invalidValue"));
    assert_refused(&bench.patch(&path, &format!(r#"{{"op":"remove","path":"{EXTENSION}"}}"#)), 400, Some("mutability"));
    assert_refused(
        &bench.patch(&path, &format!(r#"{{"op":"remove","path":"{EXTENSION}:model"}}"#)),
        400,
        Some("mutability"),
    );
}
