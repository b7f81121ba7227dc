//! Bodies of POST: names, `schemas`, what is left out, what is refused.

use scim::incoming::{self, SECRET};
use scim::json::Json;
use scim::leniency::{Leniency, Reading};

use crate::world::*;

/// RES-07, RES-09, RES-11, POST-01.
#[test]
fn what_only_the_server_writes_is_left_out_with_a_finding_in_every_profile() {
    for leniency in [Leniency::TOLERANT, Leniency::STRICT] {
        let body = user(r#""id":"mine","groups":[],"meta":{"created":"2026-01-01T00:00:00Z"},"active":true"#);
        let (result, findings) = post("User", leniency, &body);
        assert_eq!(rest(result), r#"{"active":true}"#);
        assert_eq!(notes(&findings), "T11 /id, T11 /groups, T11 /meta");
    }
}

/// RES-06.
#[test]
fn attribute_names_are_taken_in_any_case_and_kept_in_the_schemas() {
    let body = format!(r#"{{"SCHEMAS":["{USER}"],"USERNAME":"ada","Name":{{"GIVENNAME":"Ada"}}}}"#);
    let (result, findings) = post("User", Leniency::STRICT, &body);
    let resource = Json::Object(result.expect("taken"));
    assert_eq!(resource.to_text(), user(r#""name":{"givenName":"Ada"}"#));
    assert_eq!(notes(&findings), "name-case /SCHEMAS, name-case /USERNAME, name-case /Name, name-case /Name/GIVENNAME");
}

#[test]
fn one_attribute_under_two_names_is_refused() {
    for (members, place) in [
        (r#""title":"a","TITLE":"b""#, "/TITLE"),
        (r#""name":{"givenName":"a","GivenName":"b"}"#, "/name/GivenName"),
        (r#""emails":[{"value":"a"},{"value":"b","Value":"c"}]"#, "/emails/1/Value"),
        (r#""Schemas":[]"#, "/Schemas"),
        (r#""id":"a","ID":"b""#, "/ID"),
    ] {
        let (result, _) = post("User", Leniency::TOLERANT, &user(members));
        assert_eq!(refusal(result), format!("400 invalidSyntax at {place}"), "{members}");
    }
    let urn = ENTERPRISE.to_uppercase();
    let twice = user(&format!(r#""{ENTERPRISE}":{{"department":"A"}},"{urn}":{{"department":"B"}}"#));
    let (result, _) = post("User", Leniency::TOLERANT, &twice);
    assert_eq!(refusal(result), format!("400 invalidSyntax at /{urn}"));
}

/// RES-04, POST-06.
#[test]
fn a_body_without_the_base_schema_is_refused() {
    for (body, expected) in [
        ("[]", "400 invalidSyntax at "),
        ("\"text\"", "400 invalidSyntax at "),
        ("null", "400 invalidSyntax at "),
        ("{}", "400 invalidSyntax at "),
        (r#"{"userName":"ada"}"#, "400 invalidSyntax at "),
        (r#"{"schemas":null,"userName":"ada"}"#, "400 invalidSyntax at "),
        (r#"{"schemas":[],"userName":"ada"}"#, "400 invalidSyntax at "),
        (r#"{"schemas":"urn:ietf:params:scim:schemas:core:2.0:User"}"#, "400 invalidSyntax at /schemas"),
        (r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User",1]}"#, "400 invalidSyntax at /schemas/1"),
        (r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"]}"#, "400 invalidValue at /schemas"),
    ] {
        let (result, _) = post("User", Leniency::TOLERANT, body);
        assert_eq!(refusal(result), expected, "{body}");
    }
}

/// RES-02, RES-03: the answer lists the base schema first, and nothing twice.
#[test]
fn schemas_are_made_canonical() {
    let upper = USER.to_uppercase();
    for (listed, kept, noted) in [
        (format!(r#""{ENTERPRISE}","{USER}""#), format!(r#"["{USER}","{ENTERPRISE}"]"#), ""),
        (format!(r#""{upper}""#), format!(r#"["{USER}"]"#), "name-case /schemas/0"),
        (format!(r#""{USER}","{USER}""#), format!(r#"["{USER}"]"#), "duplicate-element /schemas/1"),
        (format!(r#""{USER}","urn:x:y""#), format!(r#"["{USER}"]"#), "T10 /schemas/1"),
    ] {
        let body = format!(r#"{{"schemas":[{listed}],"userName":"ada"}}"#);
        let (result, findings) = post("User", Leniency::STRICT, &body);
        assert_eq!(result.expect("taken").get("schemas").expect("there").to_text(), kept);
        assert_eq!(notes(&findings), noted);
    }
}

/// RES-05: extensions are kept under their URN, which is added to `schemas` if the client forgot it.
#[test]
fn an_extension_that_is_used_is_listed() {
    let body = user(&format!(r#""{ENTERPRISE}":{{"DEPARTMENT":"Sales","costCenter":null}}"#));
    let (result, findings) = post("User", Leniency::STRICT, &body);
    let expected =
        format!(r#"{{"schemas":["{USER}","{ENTERPRISE}"],"userName":"ada","{ENTERPRISE}":{{"department":"Sales"}}}}"#);
    assert_eq!(Json::Object(result.expect("taken")).to_text(), expected);
    assert_eq!(notes(&findings), format!("name-case /{ENTERPRISE}/DEPARTMENT, schemas-incomplete /schemas"));
}

/// RES-02: a URN or container that no extension declares is taken and kept out of the answer.
#[test]
fn an_undeclared_container_is_left_out() {
    let body = user(r#""urn:example:Badge":{"color":"red"},"http://example.com/a":1"#);
    let (result, findings) = post("User", Leniency::STRICT, &body);
    assert_eq!(rest(result), "{}");
    assert_eq!(notes(&findings), "T10 /urn:example:Badge, T10 /http:~1~1example.com~1a");
}

/// RES-19.
#[test]
fn unknown_attributes_are_left_out_with_advice() {
    for (members, place, advice) in [
        (r#""usrName":"x""#, "/usrName", "did you mean userName?"),
        (r#""name":{"givnName":"x"}"#, "/name/givnName", "did you mean givenName?"),
        (r#""emails":[{"value":"a","kind":"work"}]"#, "/emails/0/kind", "emails has no attribute \"kind\""),
        (r#""department":"x""#, "/department", "belongs into the object \"urn:ietf"),
        (
            r#""urn:ietf:params:scim:schemas:core:2.0:User":{"title":"x"}"#,
            "/urn:ietf:params:scim:schemas:core:2.0:User",
            "stand at the top",
        ),
        (
            r#""urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":"x""#,
            "/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
            "members of the object",
        ),
    ] {
        let (result, findings) = post("User", Leniency::TOLERANT, &user(members));
        assert!(result.is_ok(), "{members}");
        assert_eq!(notes(&findings), format!("unknown-attribute {place}"));
        assert!(findings[0].message.contains(advice), "{}", findings[0].message);
    }
    let long = format!("\"{}\":1", "x".repeat(100_000));
    let (_, findings) = post("User", Leniency::TOLERANT, &user(&long));
    assert!(findings[0].message.len() < 400);
}

/// USR-01, USR-11, PUT-07.
#[test]
fn required_attributes_must_have_a_value() {
    for (type_name, body, named) in [
        ("User", format!(r#"{{"schemas":["{USER}"]}}"#), "userName is required"),
        ("User", format!(r#"{{"schemas":["{USER}"],"userName":""}}"#), "userName is required"),
        ("User", format!(r#"{{"schemas":["{USER}"],"userName":null}}"#), "userName is required"),
        ("Group", format!(r#"{{"schemas":["{GROUP}"],"members":[]}}"#), "displayName is required"),
        ("Door", door(r#""owner":{"displayName":"x","pin":"1"}"#), "owner.value is required"),
    ] {
        let (result, _) = post(type_name, Leniency::TOLERANT, &body);
        let error = result.expect_err("refused");
        assert!(error.detail.contains(named), "{}", error.detail);
        assert_eq!(refusal(Err(error)), "400 invalidValue at ");
    }
}

/// TYPE-16.
#[test]
fn a_required_extension_and_its_required_attributes_must_be_there() {
    let label = format!(r#""schemas":["{DOOR}"],"label":"front""#);
    for (body, missing) in [
        (format!("{{{label}}}"), LOCK.to_owned()),
        (format!(r#"{{{label},"{LOCK}":{{}}}}"#), LOCK.to_owned()),
        (format!(r#"{{{label},"{LOCK}":{{"batch":"B"}}}}"#), format!("{LOCK}:model")),
    ] {
        let (result, _) = post("Door", Leniency::TOLERANT, &body);
        let error = result.expect_err("refused");
        assert_eq!(error.detail, format!("{missing} is required, and the body has no value for it"));
    }
    let (result, _) = post("Door", Leniency::STRICT, &door(r#""height":2"#));
    assert_eq!(rest(result), r#"{"height":2}"#, "what the server supplies (wear) is not asked for");
}

/// RES-16, RES-17, POST-02.
#[test]
fn null_and_an_empty_list_are_the_same_as_nothing() {
    let body = user(r#""title":null,"roles":[],"name":{"givenName":null},"emails":[null,{}],"active":null"#);
    for leniency in [Leniency::TOLERANT, Leniency::STRICT] {
        let (result, findings) = post("User", leniency, &body);
        assert_eq!(rest(result), "{}");
        assert_eq!(notes(&findings), "");
    }
}

#[test]
fn a_resource_shows_its_attributes_in_one_order() {
    let body = format!(
        r#"{{"title":"Dr","{ENTERPRISE}":{{"department":"D","employeeNumber":"1"}},"userName":"ada","externalId":"x",
        "name":{{"familyName":"L","givenName":"A"}},"schemas":["{USER}","{ENTERPRISE}"]}}"#
    );
    let (result, _) = post("User", Leniency::STRICT, &body);
    let expected = format!(
        r#"{{"schemas":["{USER}","{ENTERPRISE}"],"externalId":"x","userName":"ada","name":{{"familyName":"L","givenName":"A"}},"title":"Dr","{ENTERPRISE}":{{"employeeNumber":"1","department":"D"}}}}"#
    );
    assert_eq!(Json::Object(result.expect("taken")).to_text(), expected);
}

/// USR-02, TYPE-13.
#[test]
fn a_password_is_neither_kept_nor_quoted() {
    let (result, _) = post("User", Leniency::STRICT, &user(r#""password":"t0p-Secret""#));
    let resource = result.expect("taken");
    assert_eq!(resource.get("password").and_then(Json::as_str), Some(SECRET));
    let (result, _) = post("User", Leniency::STRICT, &user(r#""password":123456"#));
    let error = result.expect_err("refused");
    assert!(!error.detail.contains("123456"), "{}", error.detail);
    let (result, _) = post("Door", Leniency::STRICT, &door(r#""code":"4711","hint":"four digits""#));
    assert_eq!(rest(result), format!(r#"{{"code":"{SECRET}","hint":"four digits"}}"#));
}

/// E1, E6 of the published schemas: default sub-attributes are taken even where a schema forgot them.
#[test]
fn default_sub_attributes_are_known_to_every_complex_list() {
    let (result, findings) = post(
        "Door",
        Leniency::STRICT,
        &door(r#""keys":[{"value":"k1","display":"Key","type":"spare","Primary":true}]"#),
    );
    assert_eq!(rest(result), r#"{"keys":[{"value":"k1","display":"Key","type":"spare","primary":true}]}"#);
    assert_eq!(notes(&findings), "name-case /keys/0/Primary");
    let (result, findings) = post("Door", Leniency::STRICT, &door(r#""owner":{"value":"o","display":"x"}"#));
    assert_eq!(rest(result), r#"{"owner":{"value":"o"}}"#);
    assert_eq!(notes(&findings), "unknown-attribute /owner/display");
}

#[test]
fn a_reference_that_the_server_derives_is_left_out() {
    let body = format!(
        r#"{{"schemas":["{GROUP}"],"displayName":"g","members":[
        {{"value":"1","$ref":"https://example.com/Users/1","type":"User"}},{{"value":"2","$ref":null}},
        {{"$ref":"https://example.com/Users/3"}}]}}"#
    );
    let (result, findings) = post("Group", Leniency::STRICT, &body);
    let resource = result.expect("taken");
    let members = resource.get("members").expect("there").to_text();
    assert_eq!(members, r#"[{"value":"1","type":"User"},{"value":"2"},{"$ref":"https://example.com/Users/3"}]"#);
    assert_eq!(notes(&findings), "T17 /members/1/$ref");
    let (result, _) = post("Door", Leniency::STRICT, &door(r#""manual":"https://example.com/m.pdf""#));
    assert_eq!(rest(result), r#"{"manual":"https://example.com/m.pdf"}"#);
}

#[test]
fn a_body_full_of_deviations_is_read_quickly_and_its_findings_are_bounded() {
    let members: Vec<String> = (0..100_000).map(|at| format!(r#"{{"$ref":null,"value":"{at}"}}"#)).collect();
    let body = format!(r#"{{"schemas":["{GROUP}"],"displayName":"g","id":"x","members":[{}]}}"#, members.join(","));
    let (result, findings) = post("Group", Leniency::TOLERANT, &body);
    let resource = result.expect("taken");
    assert_eq!(resource.get("members").and_then(Json::as_array).map(<[Json]>::len), Some(100_000));
    assert!(findings.len() <= Reading::MANY + 1, "{}", findings.len());
    assert!(findings.iter().any(|finding| finding.code == "T11"));
    let unknown: Vec<String> = (0..100_000).map(|at| format!("\"userNam{at}\":1")).collect();
    let (result, findings) = post("User", Leniency::TOLERANT, &user(&unknown.join(",")));
    assert_eq!(rest(result), "{}");
    assert_eq!(findings.len(), Reading::MANY);
}

#[test]
fn a_settled_resource_lists_the_extensions_that_it_has() {
    let edited = object(&format!(
        r#"{{"meta":{{"version":"1"}},"{ENTERPRISE}":{{"department":"D"}},"userName":"ada","id":"1"}}"#
    ));
    let settled = incoming::settle(shape("User"), edited);
    let expected = format!(
        r#"{{"schemas":["{USER}","{ENTERPRISE}"],"id":"1","userName":"ada","{ENTERPRISE}":{{"department":"D"}},"meta":{{"version":"1"}}}}"#
    );
    assert_eq!(Json::Object(settled).to_text(), expected);
    let emptied = object(&format!(r#"{{"userName":"ada","{ENTERPRISE}":{{}}}}"#));
    assert_eq!(Json::Object(incoming::settle(shape("User"), emptied)).to_text(), user(""));
}

#[test]
fn what_a_body_writes_is_named_by_canonical_paths() {
    let body = parse(&user(&format!(r#""TITLE":"x","unknown":1,"{ENTERPRISE}":{{"Department":"D","nope":2}}"#)));
    let paths = incoming::written(shape("User"), &body);
    assert_eq!(paths, ["schemas", "userName", "title", &format!("{ENTERPRISE}:department")]);
    assert!(incoming::written(shape("User"), &Json::Null).is_empty());
}

/// Bodies that real clients send, with the tolerances that each flow says it needs.
#[test]
fn the_bodies_of_all_flows_are_taken_with_the_findings_that_the_flows_name() {
    const ABOUT_BODIES: [&str; 6] = ["T3", "T7", "T10", "T11", "T13", "T17"];
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/flows");
    let mut bodies = 0;
    for entry in std::fs::read_dir(folder).expect("the folder of flows") {
        let path = entry.expect("an entry of the folder").path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let flow = parse(&std::fs::read_to_string(&path).expect("a flow"));
        for step in flow.pointer("/steps").and_then(Json::as_array).unwrap_or_default() {
            let text = |pointer: &str| step.pointer(pointer).and_then(Json::as_str).unwrap_or_default();
            let type_name = match text("/path") {
                path if path.starts_with("/Users") => "User",
                path if path.starts_with("/Groups") => "Group",
                _ => continue,
            };
            let (Some(body @ Json::Object(_)), "POST" | "PUT") = (step.pointer("/body"), text("/method")) else {
                continue;
            };
            let (result, findings) = post(type_name, Leniency::TOLERANT, &body.to_text());
            let at = format!("{}: {}", path.display(), text("/label"));
            assert!(result.is_ok(), "{at}: {result:?}");
            let named = step.pointer("/tolerances").and_then(Json::as_array).unwrap_or_default();
            let mut expected: Vec<&str> =
                named.iter().filter_map(Json::as_str).filter(|code| ABOUT_BODIES.contains(code)).collect();
            let mut found: Vec<&str> = findings.iter().map(|finding| finding.code.as_str()).collect();
            for codes in [&mut expected, &mut found] {
                codes.sort_unstable();
                codes.dedup();
            }
            assert_eq!(found, expected, "{at}");
            bodies += 1;
        }
    }
    assert!(bodies > 20, "only {bodies} bodies");
}
