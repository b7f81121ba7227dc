//! Each tolerated deviation in both profiles: what is answered, and which rules the findings name.

use scim::finding::Severity;
use scim::json::Json;
use traffic::handled::Handled;

use crate::bench::{Bench, ENTERPRISE, GROUP, USER, at, body, string, tolerances};

/// A user "ada" with a work address and a group "team" in which she is.
struct Scene {
    bench: Bench,
    user: String,
    group: String,
    member: String,
    group_id: String,
}

fn scene(profile: &str) -> Scene {
    let bench = Bench::new(profile);
    let made = bench.ask(
        "POST",
        "/Users",
        &format!(
            r#"{{"schemas":["{USER}"],"userName":"ada","externalId":"jyoung","active":true,"emails":[{{"type":"work","value":"ada@example.com"}}]}}"#
        ),
    );
    let member = string(&body(&made), "/id");
    let group_id = bench.group("team", &[&member, "other"]);
    Scene { user: format!("/Users/{member}"), group: format!("/Groups/{group_id}"), bench, member, group_id }
}

type Tolerant = (u16, Vec<String>);
type Strict = (u16, Vec<String>, Option<String>);

/// What both profiles make of the same request: status and rules of the tolerant one, status and keyword of the strict one.
fn both(ask: impl Fn(&Scene) -> Handled) -> (Tolerant, Strict) {
    let tolerant = ask(&scene("tolerant"));
    let strict = ask(&scene("rfc-strict"));
    let codes = |handled: &Handled| tolerances(handled).into_iter().map(str::to_owned).collect::<Vec<_>>();
    // What the strict profile takes, the RFC allows: worth knowing, nothing to forgive.
    assert!(strict.findings.iter().all(|finding| finding.severity != Severity::Tolerated), "{:?}", strict.findings);
    let keyword = if strict.response.body.is_empty() {
        None
    } else {
        body(&strict).pointer("/scimType").and_then(Json::as_str).map(str::to_owned)
    };
    ((tolerant.response.status, codes(&tolerant)), (strict.response.status, codes(&strict), keyword))
}

#[track_caller]
fn taken_by_both(rules: &[&str], status: u16, ask: impl Fn(&Scene) -> Handled) {
    let (tolerant, strict) = both(ask);
    assert_eq!(tolerant, (status, rules.iter().map(|rule| (*rule).to_owned()).collect()));
    assert_eq!(strict, (status, rules.iter().map(|rule| (*rule).to_owned()).collect(), None));
}

#[track_caller]
fn refused_by_strict(rules: &[&str], keyword: &str, ask: impl Fn(&Scene) -> Handled) {
    let (tolerant, strict) = both(ask);
    assert_eq!(tolerant, (200, rules.iter().map(|rule| (*rule).to_owned()).collect()));
    assert_eq!((strict.0, strict.2.as_deref()), (400, Some(keyword)));
}

#[test]
fn t1_plus_for_a_blank_is_taken() {
    taken_by_both(&["T1"], 200, |scene| scene.bench.get("/Users?filter=userName+eq+%22ada%22"));
}

#[test]
fn t2_op_in_any_case_is_taken() {
    taken_by_both(&["T2"], 200, |scene| {
        scene.bench.patch(&scene.user, r#"{"op":"Replace","path":"title","value":"x"}"#)
    });
}

#[test]
fn t3_booleans_as_strings_are_for_tolerant_profiles() {
    refused_by_strict(&["T2", "T3"], "invalidValue", |scene| {
        scene.bench.patch(&scene.user, r#"{"op":"Replace","path":"active","value":"False"}"#)
    });
    refused_by_strict(&["T3"], "invalidFilter", |scene| scene.bench.get("/Users?filter=active%20eq%20%22True%22"));
}

#[test]
fn t4_an_element_that_is_missing_is_created_for_tolerant_profiles() {
    refused_by_strict(&["T2", "T4"], "noTarget", |scene| {
        let path = r#"phoneNumbers[type eq \"mobile\"].value"#;
        scene.bench.patch(&scene.user, &format!(r#"{{"op":"Add","path":"{path}","value":"+44 20 5550 1234"}}"#))
    });
    let scene = scene("tolerant");
    let lower = r#"{"op":"replace","path":"phoneNumbers[type eq \"mobile\"].value","value":"1"}"#;
    assert_eq!(scene.bench.patch(&scene.user, lower).response.status, 400, "lower case keeps to the RFC");
}

#[test]
fn t5_removing_listed_members_never_empties_the_group() {
    let remove = |scene: &Scene| {
        let value = format!(r#"[{{"value":"{}"}}]"#, scene.member);
        scene.bench.patch(&scene.group, &format!(r#"{{"op":"remove","path":"members","value":{value}}}"#))
    };
    let (tolerant, strict) = both(remove);
    assert_eq!((tolerant, strict.0), ((200, vec!["T5".to_owned()]), 400));
    let scene = scene("tolerant");
    assert_eq!(at(&body(&remove(&scene)), "/members"), r#"[{"value":"other"}]"#);
}

#[test]
fn t6_dotted_and_prefixed_names_are_for_tolerant_profiles() {
    refused_by_strict(&["T6"], "invalidValue", |scene| {
        let value = format!(r#"{{"name.familyName":"L","{ENTERPRISE}:department":"Retail"}}"#);
        scene.bench.patch(&scene.user, &format!(r#"{{"op":"replace","value":{value}}}"#))
    });
}

#[test]
fn t7_a_bare_value_for_a_complex_attribute_is_for_tolerant_profiles() {
    refused_by_strict(&["T7"], "invalidValue", |scene| {
        let member = &scene.member;
        scene
            .bench
            .patch(&scene.user, &format!(r#"{{"op":"replace","path":"{ENTERPRISE}:manager","value":"{member}"}}"#))
    });
}

#[test]
fn t8_an_empty_string_unassigns_for_tolerant_profiles_and_is_a_string_for_strict_ones() {
    let clear = |scene: &Scene| scene.bench.patch(&scene.user, r#"{"op":"replace","path":"externalId","value":""}"#);
    let (tolerant, strict) = both(clear);
    assert_eq!((tolerant, strict.0), ((200, vec!["T8".to_owned()]), 200));
    assert_eq!(at(&body(&clear(&scene("tolerant"))), "/externalId"), "absent");
    assert_eq!(at(&body(&clear(&scene("rfc-strict"))), "/externalId"), "\"\"");
}

#[test]
fn t9_plain_json_as_content_type_is_taken() {
    taken_by_both(&["T9"], 201, |scene| {
        let body = format!(r#"{{"schemas":["{USER}"],"userName":"grace"}}"#);
        scene.bench.ask_with("POST", "/Users", &[("Content-Type", "application/json")], &body)
    });
}

#[test]
fn t10_undeclared_schemas_are_taken_and_left_out() {
    let post = |scene: &Scene| {
        let extra = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";
        let body = format!(r#"{{"schemas":["{GROUP}","{extra}"],"displayName":"g","{extra}":{{"a":1}}}}"#);
        scene.bench.ask("POST", "/Groups", &body)
    };
    taken_by_both(&["T10"], 201, post);
    assert_eq!(at(&body(&post(&scene("tolerant"))), "/schemas"), format!("[\"{GROUP}\"]"));
}

#[test]
fn t11_read_only_attributes_in_a_body_are_taken_and_left_out() {
    taken_by_both(&["T11"], 201, |scene| {
        let members = r#""id":"x","meta":{"created":"2000-01-01T00:00:00Z"},"groups":[]"#;
        scene.bench.ask("POST", "/Users", &format!(r#"{{"schemas":["{USER}"],"userName":"grace",{members}}}"#))
    });
}

#[test]
fn t12_an_equal_id_in_a_path_less_value_is_for_tolerant_profiles() {
    refused_by_strict(&["T12"], "mutability", |scene| {
        let value = format!(r#"{{"id":"{}","displayName":"Team Blue"}}"#, scene.group_id);
        scene.bench.patch(&scene.group, &format!(r#"{{"op":"replace","value":{value}}}"#))
    });
}

#[test]
fn t13_one_object_for_a_list_is_for_tolerant_profiles() {
    refused_by_strict(&["T13"], "invalidValue", |scene| {
        let body = format!(r#"{{"schemas":["{USER}"],"userName":"ada","emails":{{"value":"a@example.com"}}}}"#);
        scene.bench.ask("PUT", &scene.user, &body)
    });
}

#[test]
fn t14_adding_a_member_again_is_taken_and_changes_nothing() {
    taken_by_both(&["T14"], 200, |scene| {
        let value = format!(r#"[{{"value":"{}"}}]"#, scene.member);
        scene.bench.patch(&scene.group, &format!(r#"{{"op":"add","path":"members","value":{value}}}"#))
    });
}

#[test]
fn t15_and_t16_filters_beside_the_grammar_are_for_tolerant_profiles() {
    refused_by_strict(&["T15"], "invalidFilter", |scene| {
        scene.bench.get("/Users?filter=emails[type%20eq%20%22work%22].value%20eq%20%22ada@example.com%22")
    });
    refused_by_strict(&["T16"], "invalidFilter", |scene| scene.bench.get("/Users?filter=externalId%20eq%20jyoung"));
}

#[test]
fn t17_null_for_a_reference_is_taken() {
    taken_by_both(&["T17"], 200, |scene| {
        let value = r#"[{"$ref":null,"value":"another"}]"#;
        scene.bench.patch(&scene.group, &format!(r#"{{"op":"add","path":"members","value":{value}}}"#))
    });
}
