//! PATCH: one table for each part of RFC 7644 section 3.5.2.

use scim::error::ScimError;
use scim::finding::{Finding, Place, Severity};
use scim::json::{Json, Object};
use scim::leniency::{Leniency, Reading};
use scim::patch::{self, Applied, Outcome};

use crate::world::{self, ENTERPRISE, GROUP, USER, object, shape};

const STRICT: Leniency = Leniency::STRICT;
const TOLERANT: Leniency = Leniency::TOLERANT;

pub struct Patched {
    pub applied: Applied,
    pub findings: Vec<Finding>,
}

/// The body of a PATCH with these operations.
fn body(operations: &str) -> String {
    format!(r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{operations}]}}"#)
}

pub fn read_and_apply(leniency: Leniency, type_name: &str, resource: &Object, body: &str) -> Patched {
    let mut reading = Reading::new(shape(type_name), leniency);
    let applied = match patch::patch_operations(&mut reading, world::parse(body)) {
        Ok(operations) => patch::apply(&mut reading, resource.clone(), &operations),
        Err(error) => Applied { result: Err(error), outcomes: Vec::new(), lines: Vec::new(), written: Vec::new() },
    };
    Patched { applied, findings: reading.findings }
}

pub fn run(leniency: Leniency, type_name: &str, resource: &str, operations: &str) -> Patched {
    read_and_apply(leniency, type_name, &object(resource), &body(operations))
}

fn user(members: &str) -> String {
    let comma = if members.is_empty() { "" } else { "," };
    format!(r#"{{"schemas":["{USER}"],"id":"u1","userName":"ada"{comma}{members},"meta":{{"resourceType":"User"}}}}"#)
}

fn group(members: &str) -> String {
    let comma = if members.is_empty() { "" } else { "," };
    format!(r#"{{"schemas":["{GROUP}"],"id":"g1","displayName":"Sales"{comma}{members},"meta":{{"resourceType":"Group"}}}}"#)
}

/// What is left beside the members that every test resource has, or the refusal.
fn rest(result: &Result<Object, ScimError>) -> String {
    match result {
        Ok(resource) => {
            let mut resource = resource.clone();
            for (name, value) in [("schemas", None), ("id", None), ("meta", None), ("userName", Some("ada"))] {
                if value.is_none() || resource.get(name).and_then(Json::as_str) == value {
                    resource.remove(name);
                }
            }
            if resource.get("displayName").and_then(Json::as_str) == Some("Sales") {
                resource.remove("displayName");
            }
            Json::Object(resource).to_text()
        }
        Err(error) => {
            let Place::Body(pointer) = &error.place else { panic!("not in the body: {error:?}") };
            assert!(!error.detail.is_empty());
            format!("{} {} at {pointer}", error.status, error.scim_type.map_or("", |scim_type| scim_type.keyword()))
        }
    }
}

fn codes(findings: &[Finding]) -> String {
    let codes: Vec<&str> = findings.iter().map(|finding| finding.code.as_str()).collect();
    codes.join(" ")
}

/// User, what it has, the operations, what it has then, findings.
type Row<'a> = (&'a str, &'a str, &'a str, &'a str);

fn users(leniency: Leniency, rows: &[Row<'_>]) {
    for (before, operations, after, findings) in rows {
        let patched = run(leniency, "User", &user(before), operations);
        let strictness = if leniency == STRICT { "strict" } else { "tolerant" };
        assert_eq!(rest(&patched.applied.result), *after, "{strictness}: {operations} on {before}");
        assert_eq!(codes(&patched.findings), *findings, "{strictness}: {operations} on {before}");
    }
}

fn both(rows: &[Row<'_>]) {
    users(STRICT, rows);
    users(TOLERANT, rows);
}

const WORK: &str = r#""emails":[{"value":"a@x","type":"work"}]"#;
const TWO: &str = r#""emails":[{"value":"a@x","type":"work","primary":true},{"value":"b@x","type":"home"}]"#;

#[test]
fn add_follows_the_table() {
    both(&[
        // Simple: set, or replace.
        ("", r#"{"op":"add","path":"title","value":"Countess"}"#, r#"{"title":"Countess"}"#, ""),
        (r#""title":"x""#, r#"{"op":"add","path":"title","value":"y"}"#, r#"{"title":"y"}"#, ""),
        ("", r#"{"op":"add","path":"TITLE","value":"y"}"#, r#"{"title":"y"}"#, ""),
        ("", r#"{"op":"add","path":"urn:ietf:params:scim:schemas:core:2.0:User:title","value":"y"}"#, r#"{"title":"y"}"#, ""),
        // Complex: merge.
        (
            r#""name":{"familyName":"L","givenName":"A"}"#,
            r#"{"op":"add","path":"name","value":{"givenName":"B","middleName":"C"}}"#,
            r#"{"name":{"familyName":"L","givenName":"B","middleName":"C"}}"#,
            "",
        ),
        ("", r#"{"op":"add","path":"name","value":{"givenName":"B"}}"#, r#"{"name":{"givenName":"B"}}"#, ""),
        // Sub-attribute: set; the parent is made.
        ("", r#"{"op":"add","path":"name.givenName","value":"B"}"#, r#"{"name":{"givenName":"B"}}"#, ""),
        (r#""name":{"givenName":"A"}"#, r#"{"op":"add","path":"name.givenName","value":"B"}"#, r#"{"name":{"givenName":"B"}}"#, ""),
        // Multi-valued: append what is not there.
        (
            WORK,
            r#"{"op":"add","path":"emails","value":[{"value":"b@x","type":"home"}]}"#,
            r#"{"emails":[{"value":"a@x","type":"work"},{"value":"b@x","type":"home"}]}"#,
            "",
        ),
        (
            WORK,
            r#"{"op":"add","path":"emails","value":{"value":"b@x"}}"#,
            r#"{"emails":[{"value":"a@x","type":"work"},{"value":"b@x"}]}"#,
            "",
        ),
        (WORK, r#"{"op":"add","path":"emails","value":[{"value":"A@X","type":"WORK"}]}"#, r#"{"emails":[{"value":"a@x","type":"work"}]}"#, "T14"),
        (
            WORK,
            r#"{"op":"add","path":"emails","value":[{"value":"a@x","type":"home"}]}"#,
            r#"{"emails":[{"value":"a@x","type":"work"},{"value":"a@x","type":"home"}]}"#,
            "",
        ),
        (
            WORK,
            r#"{"op":"add","path":"emails","value":[{"value":"a@x","display":"Ada"}]}"#,
            r#"{"emails":[{"value":"a@x","type":"work","display":"Ada"}]}"#,
            "",
        ),
        (WORK, r#"{"op":"add","path":"emails","value":[]}"#, r#"{"emails":[{"value":"a@x","type":"work"}]}"#, ""),
        // Value path: merge into each match.
        (
            WORK,
            r#"{"op":"add","path":"emails[type eq \"work\"]","value":{"display":"Ada"}}"#,
            r#"{"emails":[{"value":"a@x","type":"work","display":"Ada"}]}"#,
            "",
        ),
        (
            WORK,
            r#"{"op":"add","path":"emails[type eq \"work\"].value","value":"c@x"}"#,
            r#"{"emails":[{"value":"c@x","type":"work"}]}"#,
            "",
        ),
        (
            TWO,
            r#"{"op":"add","path":"emails[value ew \"@x\"].display","value":"D"}"#,
            r#"{"emails":[{"value":"a@x","type":"work","primary":true,"display":"D"},{"value":"b@x","type":"home","display":"D"}]}"#,
            "",
        ),
        // No path: merge the object.
        (
            r#""name":{"familyName":"L"},"emails":[{"value":"a@x"}]"#,
            r#"{"op":"add","value":{"title":"T","name":{"givenName":"A"},"emails":[{"value":"b@x"}]}}"#,
            r#"{"name":{"familyName":"L","givenName":"A"},"title":"T","emails":[{"value":"a@x"},{"value":"b@x"}]}"#,
            "",
        ),
        ("", r#"{"op":"add","value":{"TITLE":"T"}}"#, r#"{"title":"T"}"#, "name-case"),
    ]);
}

#[test]
fn replace_follows_the_table() {
    both(&[
        (r#""title":"x""#, r#"{"op":"replace","path":"title","value":"y"}"#, r#"{"title":"y"}"#, ""),
        ("", r#"{"op":"replace","path":"title","value":"y"}"#, r#"{"title":"y"}"#, ""),
        (
            r#""name":{"familyName":"L","givenName":"A"}"#,
            r#"{"op":"replace","path":"name","value":{"givenName":"B"}}"#,
            r#"{"name":{"familyName":"L","givenName":"B"}}"#,
            "",
        ),
        (r#""name":{"familyName":"L"}"#, r#"{"op":"replace","path":"name.familyName","value":"M"}"#, r#"{"name":{"familyName":"M"}}"#, ""),
        (TWO, r#"{"op":"replace","path":"emails","value":[{"value":"c@x"}]}"#, r#"{"emails":[{"value":"c@x"}]}"#, ""),
        (TWO, r#"{"op":"replace","path":"emails","value":[]}"#, "{}", ""),
        (
            TWO,
            r#"{"op":"replace","path":"emails[type eq \"home\"]","value":{"value":"c@x","type":"other"}}"#,
            r#"{"emails":[{"value":"a@x","type":"work","primary":true},{"value":"c@x","type":"other"}]}"#,
            "",
        ),
        (
            TWO,
            r#"{"op":"replace","path":"emails[type eq \"home\"]","value":{"value":"c@x"}}"#,
            r#"{"emails":[{"value":"a@x","type":"work","primary":true},{"value":"c@x"}]}"#,
            "",
        ),
        (
            TWO,
            r#"{"op":"replace","path":"emails[type eq \"home\"].value","value":"c@x"}"#,
            r#"{"emails":[{"value":"a@x","type":"work","primary":true},{"value":"c@x","type":"home"}]}"#,
            "",
        ),
        (
            TWO,
            r#"{"op":"replace","path":"emails.display","value":"D"}"#,
            r#"{"emails":[{"value":"a@x","type":"work","primary":true,"display":"D"},{"value":"b@x","type":"home","display":"D"}]}"#,
            "",
        ),
        // No match: noTarget in every profile.
        (TWO, r#"{"op":"replace","path":"emails[type eq \"other\"]","value":{"value":"c@x"}}"#, "400 noTarget at /Operations/0/path", ""),
        (TWO, r#"{"op":"replace","path":"emails[type eq \"other\"].value","value":"c@x"}"#, "400 noTarget at /Operations/0/path", ""),
        ("", r#"{"op":"replace","path":"emails[type eq \"work\"].value","value":"c@x"}"#, "400 noTarget at /Operations/0/path", ""),
        // No path.
        (
            r#""name":{"familyName":"L"},"emails":[{"value":"a@x"}]"#,
            r#"{"op":"replace","value":{"title":"T","name":{"givenName":"A"},"emails":[{"value":"b@x"}]}}"#,
            r#"{"name":{"familyName":"L","givenName":"A"},"title":"T","emails":[{"value":"b@x"}]}"#,
            "",
        ),
    ]);
}

#[test]
fn remove_follows_the_table() {
    both(&[
        (r#""title":"x""#, r#"{"op":"remove","path":"title"}"#, "{}", ""),
        ("", r#"{"op":"remove","path":"title"}"#, "{}", ""),
        (r#""name":{"familyName":"L","givenName":"A"}"#, r#"{"op":"remove","path":"name"}"#, "{}", ""),
        (r#""name":{"familyName":"L","givenName":"A"}"#, r#"{"op":"remove","path":"name.givenName"}"#, r#"{"name":{"familyName":"L"}}"#, ""),
        (r#""name":{"givenName":"A"}"#, r#"{"op":"remove","path":"name.givenName"}"#, "{}", ""),
        (TWO, r#"{"op":"remove","path":"emails"}"#, "{}", ""),
        (TWO, r#"{"op":"remove","path":"emails[type eq \"home\"]"}"#, r#"{"emails":[{"value":"a@x","type":"work","primary":true}]}"#, ""),
        (TWO, r#"{"op":"remove","path":"emails[value pr]"}"#, "{}", ""),
        (WORK, r#"{"op":"remove","path":"emails[type eq \"other\"]"}"#, r#"{"emails":[{"value":"a@x","type":"work"}]}"#, ""),
        (WORK, r#"{"op":"remove","path":"emails[type eq \"work\"].value"}"#, r#"{"emails":[{"type":"work"}]}"#, ""),
        (r#""emails":[{"value":"a@x"}]"#, r#"{"op":"remove","path":"emails[value eq \"a@x\"].value"}"#, "{}", ""),
        ("", r#"{"op":"remove"}"#, "400 noTarget at /Operations/0", ""),
        ("", r#"{"op":"remove","path":"userName"}"#, "400 mutability at /Operations/0/path", ""),
        ("", r#"{"op":"remove","path":"id"}"#, "400 mutability at /Operations/0/path", ""),
        ("", r#"{"op":"remove","path":"meta.resourceType"}"#, "400 mutability at /Operations/0/path", ""),
        ("", r#"{"op":"remove","path":"schemas"}"#, "400 mutability at /Operations/0/value", ""),
        ("", r#"{"op":"remove","path":"groups[value eq \"g\"]"}"#, "400 mutability at /Operations/0/path", ""),
    ]);
}

#[test]
fn null_and_empty_lists_unassign() {
    users(TOLERANT, &[
        (r#""title":"x""#, r#"{"op":"replace","path":"title","value":null}"#, "{}", "T8"),
        (r#""title":"x""#, r#"{"op":"add","path":"title","value":null}"#, "{}", "T8"),
        (r#""title":"x""#, r#"{"op":"replace","path":"title","value":""}"#, "{}", "T8"),
        (r#""title":"x""#, r#"{"op":"replace","value":{"title":""}}"#, "{}", "T8"),
        (r#""title":"x""#, r#"{"op":"replace","value":{"title":null}}"#, "{}", "T8"),
        (r#""active":true"#, r#"{"op":"replace","path":"active","value":""}"#, "{}", "T8"),
        (r#""name":{"givenName":"A"}"#, r#"{"op":"replace","path":"name","value":null}"#, "{}", "T8"),
        (r#""name":{"givenName":"A","familyName":"B"}"#, r#"{"op":"replace","path":"name","value":{"givenName":null}}"#, r#"{"name":{"familyName":"B"}}"#, "T8"),
        (r#""name":{"givenName":"A","familyName":"B"}"#, r#"{"op":"replace","path":"name.givenName","value":""}"#, r#"{"name":{"familyName":"B"}}"#, "T8"),
        (TWO, r#"{"op":"replace","path":"emails","value":null}"#, "{}", "T8"),
        (TWO, r#"{"op":"replace","path":"emails[type eq \"home\"]","value":null}"#, r#"{"emails":[{"value":"a@x","type":"work","primary":true}]}"#, "T8"),
        (WORK, r#"{"op":"replace","path":"emails[type eq \"work\"].type","value":null}"#, r#"{"emails":[{"value":"a@x"}]}"#, "T8"),
        (r#""title":"x""#, r#"{"op":"remove","path":"title","value":null}"#, "{}", "T8"),
        ("", r#"{"op":"replace","path":"userName","value":null}"#, "400 invalidValue at /Operations/0/value", "T8"),
        ("", r#"{"op":"replace","path":"userName","value":""}"#, "400 invalidValue at /Operations/0/value", "T8"),
    ]);
    users(STRICT, &[
        (r#""title":"x""#, r#"{"op":"replace","path":"title","value":null}"#, "{}", "T8"),
        (r#""title":"x""#, r#"{"op":"replace","path":"title","value":""}"#, r#"{"title":""}"#, ""),
        (r#""active":true"#, r#"{"op":"replace","path":"active","value":""}"#, "400 invalidValue at /Operations/0/value", ""),
        (TWO, r#"{"op":"replace","path":"emails","value":null}"#, "{}", "T8"),
        ("", r#"{"op":"replace","path":"userName","value":""}"#, "400 invalidValue at /Operations", ""),
    ]);
    let strict = run(STRICT, "User", &user(r#""title":"x""#), r#"{"op":"replace","path":"title","value":null}"#);
    assert_eq!(strict.findings[0].severity, Severity::Info);
}

#[test]
fn a_body_that_is_no_patch_is_refused() {
    for leniency in [STRICT, TOLERANT] {
        for (text, expected) in [
            ("[]", "400 invalidSyntax at "),
            (r#"{"Operations":[{"op":"add","path":"title","value":"x"}]}"#, "400 invalidSyntax at /schemas"),
            (r#"{"schemas":["urn:x"],"Operations":[{"op":"add","path":"title","value":"x"}]}"#, "400 invalidSyntax at /schemas"),
            (&body("").replace(r#","Operations":[]"#, ""), "400 invalidSyntax at "),
            (&body(""), "400 invalidSyntax at /Operations"),
            (&body("7"), "400 invalidSyntax at /Operations/0"),
            (&body(r#"{"path":"title","value":"x"}"#), "400 invalidSyntax at /Operations/0"),
            (&body(r#"{"op":5,"path":"title","value":"x"}"#), "400 invalidSyntax at /Operations/0"),
            (&body(r#"{"op":"move","path":"title","value":"x"}"#), "400 invalidSyntax at /Operations/0/op"),
            (&body(r#"{"op":"test","path":"title","value":"x"}"#), "400 invalidSyntax at /Operations/0/op"),
            (&body(r#"{"op":"add","path":"title"}"#), "400 invalidValue at /Operations/0"),
            (&body(r#"{"op":"replace"}"#), "400 invalidValue at /Operations/0"),
            (&body(r#"{"op":"add","path":5,"value":"x"}"#), "400 invalidPath at /Operations/0/path"),
            (&body(r#"{"op":"replace","value":"x"}"#), "400 invalidValue at /Operations/0/value"),
            (&body(r#"{"op":"replace","value":[{"title":"x"}]}"#), "400 invalidValue at /Operations/0/value"),
        ] {
            let patched = read_and_apply(leniency, "User", &object(&user("")), text);
            assert_eq!(rest(&patched.applied.result), expected, "{text}");
        }
    }
    let typo = read_and_apply(STRICT, "User", &object(&user("")), &body(r#"{"op":"replce","path":"title","value":"x"}"#));
    assert!(typo.applied.result.expect_err("a typo").detail.contains("did you mean replace?"));
}

#[test]
fn member_names_and_op_are_taken_in_any_case() {
    for leniency in [STRICT, TOLERANT] {
        let text = r#"{"Schemas":["URN:ietf:params:scim:api:messages:2.0:PatchOp"],
            "operations":[{"Op":"REPLACE","Path":"title","Value":"x"}]}"#;
        let patched = read_and_apply(leniency, "User", &object(&user("")), text);
        assert_eq!(rest(&patched.applied.result), r#"{"title":"x"}"#);
        assert_eq!(codes(&patched.findings), "name-case name-case name-case T2 name-case name-case");
    }
}

#[test]
fn wrong_paths_are_refused_by_what_is_wrong_with_them() {
    both(&[
        ("", r#"{"op":"add","path":"emails[type eq","value":"x"}"#, "400 invalidPath at /Operations/0/path", ""),
        ("", r#"{"op":"add","path":"emails[type is \"work\"]","value":"x"}"#, "400 invalidPath at /Operations/0/path", ""),
        ("", r#"{"op":"remove","path":"schemas eq \"urn:x\""}"#, "400 invalidPath at /Operations/0/path", ""),
        ("", r#"{"op":"remove","path":"emails[0]"}"#, "400 invalidPath at /Operations/0/path", ""),
        ("", r#"{"op":"add","path":"usrName","value":"x"}"#, "400 invalidPath at /Operations/0/path", ""),
        ("", r#"{"op":"add","path":"name.nonsense","value":"x"}"#, "400 invalidPath at /Operations/0/path", ""),
        ("", r#"{"op":"add","path":"emails[type eq \"work\"].nonsense","value":"x"}"#, "400 invalidPath at /Operations/0/path", ""),
        ("", r#"{"op":"add","path":"title[type eq \"work\"]","value":"x"}"#, "400 invalidPath at /Operations/0/path", ""),
        ("", r#"{"op":"add","path":"urn:example:none:2.0:User:x","value":"x"}"#, "400 invalidPath at /Operations/0/path", ""),
        (WORK, r#"{"op":"remove","path":"emails[primary gt true]"}"#, "400 invalidFilter at /Operations/0/path", ""),
        (WORK, r#"{"op":"remove","path":"emails[nonsense eq \"x\"]"}"#, "400 invalidFilter at /Operations/0/path", ""),
        ("", r#"{"op":"replace","path":"active","value":5}"#, "400 invalidValue at /Operations/0/value", ""),
        ("", r#"{"op":"replace","path":"title","value":{"x":1}}"#, "400 invalidValue at /Operations/0/value", ""),
        ("", r#"{"op":"add","path":"id","value":"x"}"#, "400 mutability at /Operations/0/path", ""),
        ("", r#"{"op":"replace","path":"meta.version","value":"x"}"#, "400 mutability at /Operations/0/path", ""),
        ("", r#"{"op":"add","path":"groups","value":[{"value":"g"}]}"#, "400 mutability at /Operations/0/path", ""),
    ]);
    let patched = run(STRICT, "User", &user(""), r#"{"op":"add","path":"usrName","value":"x"}"#);
    let detail = patched.applied.result.expect_err("unknown").detail;
    assert!(detail.contains("did you mean userName?") && detail.contains("at character 1"), "{detail}");
}

#[test]
fn an_empty_path_is_no_path() {
    both(&[
        ("", r#"{"op":"add","path":"","value":{"title":"x"}}"#, r#"{"title":"x"}"#, "empty-path"),
        ("", r#"{"op":"remove","path":""}"#, "400 noTarget at /Operations/0", "empty-path"),
    ]);
}

#[test]
fn an_element_that_is_not_there_is_created_where_the_profile_does_so() {
    let rows = [
        ("", r#"{"op":"Add","path":"emails[type eq \"work\"].value","value":"a@x"}"#, r#"{"emails":[{"type":"work","value":"a@x"}]}"#, "T2 T4"),
        ("", r#"{"op":"add","path":"emails[type eq \"work\"].value","value":"a@x"}"#, r#"{"emails":[{"type":"work","value":"a@x"}]}"#, "T4"),
        ("", r#"{"op":"Replace","path":"emails[type eq \"work\"].value","value":"a@x"}"#, r#"{"emails":[{"type":"work","value":"a@x"}]}"#, "T2 T4"),
        (
            WORK,
            r#"{"op":"add","path":"emails[TYPE eq \"home\" and primary eq true]","value":{"value":"b@x"}}"#,
            r#"{"emails":[{"value":"a@x","type":"work"},{"type":"home","primary":true,"value":"b@x"}]}"#,
            "T4",
        ),
        (
            "",
            r#"{"op":"Replace","path":"emails[type eq \"work\"]","value":{"value":"b@x"}}"#,
            r#"{"emails":[{"type":"work","value":"b@x"}]}"#,
            "T2 T4",
        ),
    ];
    users(TOLERANT, &rows);
    for (before, operations, _, _) in rows {
        let patched = run(STRICT, "User", &user(before), operations);
        assert_eq!(rest(&patched.applied.result), "400 noTarget at /Operations/0/path", "{operations}");
    }
    // What a filter does not describe cannot be created.
    users(TOLERANT, &[
        ("", r#"{"op":"add","path":"emails[type ne \"work\"].value","value":"a@x"}"#, "400 noTarget at /Operations/0/path", ""),
        ("", r#"{"op":"add","path":"emails[type eq \"a\" or type eq \"b\"].value","value":"a@x"}"#, "400 noTarget at /Operations/0/path", ""),
        (
            "",
            r#"{"op":"Add","path":"addresses[type eq \"work\"].formatted","value":"1 Dock Road"},{"op":"Add","path":"addresses[type eq \"work\"].locality","value":"Leith"}"#,
            r#"{"addresses":[{"type":"work","formatted":"1 Dock Road","locality":"Leith"}]}"#,
            "T2 T2 T4",
        ),
    ]);
}

#[test]
fn a_value_on_remove_is_honoured_or_refused() {
    let members = r#""members":[{"value":"a"},{"value":"b"},{"value":"c"}]"#;
    for (operation, after, findings) in [
        (r#"{"op":"remove","path":"members","value":[{"value":"a"}]}"#, r#"{"members":[{"value":"b"},{"value":"c"}]}"#, "T5"),
        (r#"{"op":"Remove","path":"members","value":[{"$ref":null,"value":"a"},{"value":"c"}]}"#, r#"{"members":[{"value":"b"}]}"#, "T2 T5 T17"),
        (r#"{"op":"remove","path":"members","value":{"value":"a"}}"#, r#"{"members":[{"value":"b"},{"value":"c"}]}"#, "T5"),
        (r#"{"op":"remove","path":"members","value":["b"]}"#, r#"{"members":[{"value":"a"},{"value":"c"}]}"#, "T5 T7"),
        (r#"{"op":"remove","path":"members","value":[{"value":"zz"}]}"#, r#"{"members":[{"value":"a"},{"value":"b"},{"value":"c"}]}"#, "T5"),
        (r#"{"op":"remove","path":"members","value":[]}"#, r#"{"members":[{"value":"a"},{"value":"b"},{"value":"c"}]}"#, "T5"),
        (r#"{"op":"remove","path":"members[value eq \"a\"]","value":[{"value":"b"}]}"#, r#"{"members":[{"value":"b"},{"value":"c"}]}"#, "T5"),
    ] {
        let patched = run(TOLERANT, "Group", &group(members), operation);
        assert_eq!(rest(&patched.applied.result), after, "{operation}");
        assert_eq!(codes(&patched.findings), findings, "{operation}");
        let strict = run(STRICT, "Group", &group(members), operation);
        assert_eq!(rest(&strict.applied.result), "400 invalidValue at /Operations/0/value", "{operation}");
    }
    users(TOLERANT, &[(WORK, r#"{"op":"Remove","path":"emails[type eq \"work\"].value","value":"a@x"}"#, r#"{"emails":[{"type":"work"}]}"#, "T2 T5")]);
}

#[test]
fn dotted_names_and_urns_in_a_value_are_paths_where_the_profile_says_so() {
    let value = format!(
        r#"{{"displayName":"O","name.familyName":"N","emails[type eq \"work\"].value":"c@x","{ENTERPRISE}:department":"R","{USER}:title":"T"}}"#
    );
    let operation = format!(r#"{{"op":"replace","value":{value}}}"#);
    let patched = run(TOLERANT, "User", &user(WORK), &operation);
    assert_eq!(
        rest(&patched.applied.result),
        format!(
            r#"{{"name":{{"familyName":"N"}},"displayName":"O","title":"T","emails":[{{"value":"c@x","type":"work"}}],"{ENTERPRISE}":{{"department":"R"}}}}"#
        )
    );
    assert_eq!(codes(&patched.findings), "T6 T6 T6 T6");
    assert_eq!(patched.findings[0].place, Place::Body("/Operations/0/value/name.familyName".into()));
    let strict = run(STRICT, "User", &user(WORK), &operation);
    assert_eq!(rest(&strict.applied.result), "400 invalidValue at /Operations/0/value/name.familyName");
}

#[test]
fn unknown_names_in_a_value_are_left_out_or_refused_but_never_a_wrong_path() {
    for (value, code) in [
        (r#"{"usrName":"x","title":"T"}"#, "unknown-attribute"),
        (r#"{"name.nonsense":"x","title":"T"}"#, "unknown-attribute"),
        (&format!(r#"{{"{ENTERPRISE}:nonsense":"x","title":"T"}}"#), "unknown-attribute"),
        (&format!(r#"{{"{ENTERPRISE}":{{"nonsense":"x"}},"title":"T"}}"#), "unknown-attribute"),
    ] {
        let operation = format!(r#"{{"op":"add","value":{value}}}"#);
        users(TOLERANT, &[("", &operation, r#"{"title":"T"}"#, code)]);
        let strict = run(STRICT, "User", &user(""), &operation);
        assert!(rest(&strict.applied.result).starts_with("400 invalidValue at /Operations/0/value/"), "{operation}");
    }
    both(&[("", r#"{"op":"add","value":{"urn:example:custom:2.0:User":{"x":1},"title":"T"}}"#, r#"{"title":"T"}"#, "T10")]);
}

#[test]
fn read_only_attributes_in_a_value_are_ignored_if_equal_and_the_profile_says_so() {
    let equal = r#"{"op":"replace","value":{"id":"u1","meta":{"resourceType":"User","location":"https://example.com/u1"},"groups":[],"title":"T"}}"#;
    users(TOLERANT, &[
        ("", equal, r#"{"title":"T"}"#, "T12 T12 T12"),
        ("", r#"{"op":"replace","value":{"id":"other"}}"#, "400 mutability at /Operations/0/value/id", ""),
        ("", r#"{"op":"replace","value":{"meta":{"resourceType":"Group"}}}"#, "400 mutability at /Operations/0/value/meta", ""),
    ]);
    users(STRICT, &[("", equal, "400 mutability at /Operations/0/value/id", "")]);
}

#[test]
fn a_manager_may_be_a_bare_string_where_the_profile_says_so() {
    let path = format!("{ENTERPRISE}:manager");
    let operation = format!(r#"{{"op":"Add","path":"{path}","value":"m1"}}"#);
    let after = format!(r#"{{"{ENTERPRISE}":{{"manager":{{"value":"m1"}}}}}}"#);
    let short = r#"{"op":"Add","path":"manager","value":[{"$ref":"https://example.com/Users/m1","value":"m1"}]}"#;
    users(TOLERANT, &[
        ("", &operation, &after, "T2 T7"),
        ("", short, &after, "T2 T7 T7"),
        ("", r#"{"op":"add","path":"manager.value","value":"m1"}"#, &after, "T7"),
    ]);
    users(STRICT, &[
        ("", &operation, "400 invalidValue at /Operations/0/value", "T2"),
        ("", short, "400 invalidPath at /Operations/0/path", "T2"),
    ]);
    // The name that the server computed for the old manager goes with him.
    let old = format!(r#""{ENTERPRISE}":{{"manager":{{"value":"m0","displayName":"Old"}}}}"#);
    users(TOLERANT, &[
        (&old, &operation, &after, "T2 T7"),
        (&old, &format!(r#"{{"op":"Replace","path":"{path}","value":""}}"#), "{}", "T2 T8"),
    ]);
}

#[test]
fn other_deviations_in_values_are_taken_or_refused() {
    for (operation, after, findings, strict) in [
        (r#"{"op":"replace","path":"active","value":"False"}"#, r#"{"active":false}"#, "T3", "400 invalidValue at /Operations/0/value"),
        (r#"{"op":"replace","path":"emails","value":{"value":"a@x"}}"#, r#"{"emails":[{"value":"a@x"}]}"#, "T13", "400 invalidValue at /Operations/0/value"),
        (r#"{"op":"add","path":"emails[type eq work].value","value":"a@x"}"#, r#"{"emails":[{"type":"work","value":"a@x"}]}"#, "T16 T4", "400 invalidFilter at /Operations/0/path"),
    ] {
        users(TOLERANT, &[("", operation, after, findings)]);
        users(STRICT, &[("", operation, strict, "")]);
    }
}

#[test]
fn extensions_are_merged_by_their_urn_and_listed_while_they_are_there() {
    for leniency in [STRICT, TOLERANT] {
        let schemas = |applied: &Applied| {
            applied.result.as_ref().expect("patched").get("schemas").expect("schemas").to_text()
        };
        let plain = format!(r#"["{USER}"]"#);
        let both = format!(r#"["{USER}","{ENTERPRISE}"]"#);
        for (before, operation, after, listed) in [
            ("", format!(r#"{{"op":"add","path":"{ENTERPRISE}:department","value":"R"}}"#), r#"{"department":"R"}"#, &both),
            ("", format!(r#"{{"op":"add","path":"{ENTERPRISE}","value":{{"department":"R"}}}}"#), r#"{"department":"R"}"#, &both),
            ("", format!(r#"{{"op":"replace","value":{{"{ENTERPRISE}":{{"department":"R"}}}}}}"#), r#"{"department":"R"}"#, &both),
            (
                r#"{"department":"R","costCenter":"1"}"#,
                format!(r#"{{"op":"replace","path":"{ENTERPRISE}","value":{{"department":"S"}}}}"#),
                r#"{"costCenter":"1","department":"S"}"#,
                &both,
            ),
            (r#"{"department":"R","costCenter":"1"}"#, format!(r#"{{"op":"remove","path":"{ENTERPRISE}:costCenter"}}"#), r#"{"department":"R"}"#, &both),
            (r#"{"department":"R"}"#, format!(r#"{{"op":"remove","path":"{ENTERPRISE}:department"}}"#), "", &plain),
            (r#"{"department":"R","costCenter":"1"}"#, format!(r#"{{"op":"remove","path":"{ENTERPRISE}"}}"#), "", &plain),
            ("", format!(r#"{{"op":"remove","path":"{ENTERPRISE}:department"}}"#), "", &plain),
            ("", format!(r#"{{"op":"add","path":"schemas","value":["{ENTERPRISE}"]}}"#), "", &both),
            ("", format!(r#"{{"op":"add","path":"schemas","value":"{ENTERPRISE}"}}"#), "", &both),
            (r#"{"department":"R"}"#, format!(r#"{{"op":"replace","path":"schemas","value":["{USER}"]}}"#), r#"{"department":"R"}"#, &both),
        ] {
            let resource = match before {
                "" => user(""),
                container => user(&format!(r#""{ENTERPRISE}":{container}"#)).replace(&plain, &both),
            };
            let patched = run(leniency, "User", &resource, &operation);
            assert_eq!(schemas(&patched.applied), *listed, "{operation}");
            let expected = if after.is_empty() { "{}".to_owned() } else { format!(r#"{{"{ENTERPRISE}":{after}}}"#) };
            assert_eq!(rest(&patched.applied.result), expected, "{operation}");
        }
        let listed = run(leniency, "User", &user(""), &format!(r#"{{"op":"add","path":"schemas","value":["{ENTERPRISE}"]}}"#));
        assert_eq!(listed.applied.outcomes[0].outcome, Outcome::Changed);
        let wrong = format!(r#"{{"op":"replace","path":"{ENTERPRISE}","value":"x"}}"#);
        assert_eq!(rest(&run(leniency, "User", &user(""), &wrong).applied.result), "400 invalidValue at /Operations/0/value");
    }
}

#[test]
fn setting_a_primary_clears_the_others() {
    both(&[
        (
            TWO,
            r#"{"op":"add","path":"emails","value":[{"value":"c@x","primary":true}]}"#,
            r#"{"emails":[{"value":"a@x","type":"work","primary":false},{"value":"b@x","type":"home"},{"value":"c@x","primary":true}]}"#,
            "",
        ),
        (
            TWO,
            r#"{"op":"replace","path":"emails[type eq \"home\"].primary","value":true}"#,
            r#"{"emails":[{"value":"a@x","type":"work","primary":false},{"value":"b@x","type":"home","primary":true}]}"#,
            "",
        ),
        (
            TWO,
            r#"{"op":"add","path":"emails[type eq \"home\"]","value":{"primary":true}}"#,
            r#"{"emails":[{"value":"a@x","type":"work","primary":false},{"value":"b@x","type":"home","primary":true}]}"#,
            "",
        ),
        (TWO, r#"{"op":"replace","path":"emails[value pr].primary","value":true}"#, "400 invalidValue at /Operations/0/value", ""),
    ]);
}

#[test]
fn members_are_added_once_and_their_parts_stay() {
    let members = r#""members":[{"value":"a","display":"Ada"}]"#;
    for leniency in [STRICT, TOLERANT] {
        for (operation, after, findings) in [
            (r#"{"op":"add","path":"members","value":[{"value":"b"}]}"#, r#"{"members":[{"value":"a","display":"Ada"},{"value":"b"}]}"#, ""),
            (r#"{"op":"add","path":"members","value":[{"value":"a"}]}"#, r#"{"members":[{"value":"a","display":"Ada"}]}"#, "T14"),
            (r#"{"op":"add","path":"members","value":[{"value":"a","display":"Other"}]}"#, r#"{"members":[{"value":"a","display":"Ada"}]}"#, "T14"),
            (r#"{"op":"add","path":"members","value":[{"value":"a"},{"value":"b"}]}"#, r#"{"members":[{"value":"a","display":"Ada"},{"value":"b"}]}"#, "T14"),
            (r#"{"op":"replace","path":"members[value eq \"a\"].value","value":"b"}"#, "400 mutability at /Operations/0/value", ""),
            (r#"{"op":"remove","path":"members[value eq \"a\" or value eq \"b\"]"}"#, "{}", ""),
            (r#"{"op":"remove","path":"Members[Value eq \"absent\"]"}"#, r#"{"members":[{"value":"a","display":"Ada"}]}"#, ""),
            (r#"{"op":"replace","path":"members","value":[{"value":"c"}]}"#, r#"{"members":[{"value":"c"}]}"#, ""),
            (r#"{"op":"replace","path":"members","value":[]}"#, "{}", ""),
        ] {
            let patched = run(leniency, "Group", &group(members), operation);
            assert_eq!(rest(&patched.applied.result), after, "{operation}");
            assert_eq!(codes(&patched.findings), findings, "{operation}");
        }
    }
}

#[test]
fn immutable_attributes_are_set_once() {
    let serial = r#"{"schemas":["urn:example:params:scim:schemas:core:2.0:Door","urn:example:params:scim:schemas:extension:lock:2.0:Door"],
        "id":"d1","label":"front","serial":"S1","keys":[{"value":"k","holder":"ada"}],
        "urn:example:params:scim:schemas:extension:lock:2.0:Door":{"model":"M1"}}"#;
    let unset = serial.replace(r#""serial":"S1","#, "");
    for leniency in [STRICT, TOLERANT] {
        let result = |resource: &str, operation: &str| rest(&run(leniency, "Door", resource, operation).applied.result);
        assert!(result(&unset, r#"{"op":"add","path":"serial","value":"S2"}"#).contains(r#""serial":"S2""#));
        assert!(result(serial, r#"{"op":"replace","path":"serial","value":"s1"}"#).starts_with('{'));
        for refused in [
            r#"{"op":"replace","path":"serial","value":"S2"}"#,
            r#"{"op":"add","value":{"serial":"S2"}}"#,
            r#"{"op":"remove","path":"serial"}"#,
            r#"{"op":"replace","path":"serial","value":null}"#,
            r#"{"op":"replace","path":"wear","value":"x"}"#,
            r#"{"op":"replace","path":"keys[value eq \"k\"].holder","value":"bob"}"#,
            r#"{"op":"remove","path":"label"}"#,
            r#"{"op":"remove","path":"urn:example:params:scim:schemas:extension:lock:2.0:Door"}"#,
            r#"{"op":"remove","path":"urn:example:params:scim:schemas:extension:lock:2.0:Door:model"}"#,
        ] {
            assert!(result(serial, refused).starts_with("400 mutability at "), "{refused}: {}", result(serial, refused));
        }
        let moved = result(serial, r#"{"op":"replace","path":"keys[value eq \"k\"].value","value":"l"}"#);
        assert!(moved.contains(r#""keys":[{"value":"l"}]"#), "{moved}");
        let list = result(serial, r#"{"op":"add","path":"tags","value":["red","blue","red"]},{"op":"remove","path":"tags"},{"op":"add","path":"tags","value":"Red"},{"op":"add","path":"tags","value":["RED","green"]}"#);
        assert!(list.contains(r#""tags":["Red","green"]"#), "{list}");
        let passed = run(leniency, "Door", serial, r#"{"op":"replace","path":"owner","value":{"displayName":"x","comment":"y"}}"#);
        assert_eq!(rest(&passed.applied.result), "400 invalidValue at /Operations");
    }
}

#[test]
fn operations_see_what_those_before_them_did() {
    both(&[
        ("", r#"{"op":"add","path":"title","value":"a"},{"op":"replace","path":"title","value":"b"}"#, r#"{"title":"b"}"#, ""),
        (WORK, r#"{"op":"remove","path":"emails"},{"op":"add","path":"emails","value":[{"value":"n@x"}]}"#, r#"{"emails":[{"value":"n@x"}]}"#, ""),
        (
            "",
            r#"{"op":"add","path":"emails","value":[{"value":"n@x","type":"work"}]},{"op":"replace","path":"emails[type eq \"work\"].value","value":"m@x"}"#,
            r#"{"emails":[{"value":"m@x","type":"work"}]}"#,
            "",
        ),
        (
            r#""emails":[{"value":"x]\"y\"@x","type":"work"},{"value":"z@x"}]"#,
            r#"{"op":"remove","path":"emails[value eq \"x]\\\"y\\\"@x\"]"}"#,
            r#"{"emails":[{"value":"z@x"}]}"#,
            "",
        ),
    ]);
}

#[test]
fn a_refused_operation_leaves_everything_as_it_was() {
    for leniency in [STRICT, TOLERANT] {
        let before = user(r#""title":"x","emails":[{"value":"a@x"}]"#);
        let patched = run(leniency, "User", &before, concat!(
            r#"{"op":"replace","path":"title","value":"y"},"#,
            r#"{"op":"remove","path":"nickName"},"#,
            r#"{"op":"add","value":{"emails":[{"value":"b@x"}],"active":5}},"#,
            r#"{"op":"remove","path":"title"}"#,
        ));
        let error = patched.applied.result.expect_err("the third operation is wrong");
        assert_eq!(error.place, Place::Body("/Operations/2/value/active".into()));
        assert!(error.detail.starts_with("operation 3 of 4: "), "{}", error.detail);
        let outcomes: Vec<&Outcome> = patched.applied.outcomes.iter().map(|outcome| &outcome.outcome).collect();
        assert!(matches!(outcomes[..], [Outcome::Changed, Outcome::Unchanged(_), Outcome::Refused(_), Outcome::NotReached]), "{outcomes:?}");
        // What would have changed before the refusal, and nothing of the refused operation.
        let lines: Vec<(&str, Option<usize>)> =
            patched.applied.lines.iter().map(|line| (line.path.as_str(), line.operation)).collect();
        assert_eq!(lines, [("title", Some(0))]);
    }
}

#[test]
fn a_request_without_a_net_change_gives_back_the_very_resource() {
    let before = user(
        r#""title":"x","name":{"givenName":"A","familyName":"B"},"emails":[{"value":"a@x","type":"work"},{"value":"b@x"}]"#,
    );
    for leniency in [STRICT, TOLERANT] {
        for operations in [
            r#"{"op":"replace","path":"title","value":"x"}"#,
            r#"{"op":"replace","path":"name","value":{"familyName":"B"}}"#,
            r#"{"op":"replace","path":"emails","value":[{"value":"b@x"},{"type":"work","value":"a@x"}]}"#,
            r#"{"op":"remove","path":"nickName"}"#,
            r#"{"op":"remove","path":"emails[type eq \"home\"]"}"#,
            r#"{"op":"replace","path":"title","value":"y"},{"op":"replace","path":"title","value":"x"}"#,
            r#"{"op":"remove","path":"emails[type eq \"work\"]"},{"op":"add","path":"emails","value":[{"value":"a@x","type":"work"}]}"#,
            &format!(r#"{{"op":"add","path":"schemas","value":["{USER}"]}}"#),
        ] {
            let patched = run(leniency, "User", &before, operations);
            let after = patched.applied.result.expect("taken");
            assert_eq!(Json::Object(after).to_text(), Json::Object(object(&before)).to_text(), "{operations}");
            assert_eq!(patched.applied.lines, [], "{operations}");
        }
        let patched = run(leniency, "User", &before, r#"{"op":"replace","path":"title","value":"x"}"#);
        assert!(matches!(&patched.applied.outcomes[0].outcome, Outcome::Unchanged(why) if !why.is_empty()));
    }
}

#[test]
fn lines_name_the_last_operation_that_caused_them() {
    let patched = run(TOLERANT, "User", &user(r#""title":"x","active":true"#), concat!(
        r#"{"op":"replace","path":"title","value":"y"},"#,
        r#"{"op":"replace","path":"active","value":"False"},"#,
        r#"{"op":"add","path":"name.givenName","value":"A"},"#,
        r#"{"op":"replace","value":{"title":"z"}},"#,
        r#"{"op":"add","path":"emails","value":[{"value":"a@x","type":"work"}]},"#,
        r#"{"op":"replace","path":"emails[type eq \"work\"].value","value":"b@x"},"#,
        r#"{"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"R"}"#,
    ));
    let lines: Vec<String> = patched
        .applied
        .lines
        .iter()
        .map(|line| {
            let text = |value: &Option<Json>| value.as_ref().map_or("-".to_owned(), Json::to_text);
            format!("{} {} {} {}", line.operation.expect("a cause"), line.path, text(&line.before), text(&line.after))
        })
        .collect();
    assert_eq!(lines, [
        r#"2 name.givenName - "A""#,
        r#"3 title "x" "z""#,
        "1 active true false",
        r#"5 emails[type eq "work"] - {"value":"b@x","type":"work"}"#,
        &format!(r#"6 {ENTERPRISE}:department - "R""#),
    ]);
    assert_eq!(patched.applied.written, ["title", "active", "name", "emails", &format!("{ENTERPRISE}:department")]);
}

#[test]
fn a_password_is_taken_and_not_kept() {
    for leniency in [STRICT, TOLERANT] {
        let patched = run(leniency, "User", &user(""), r#"{"op":"replace","value":{"password":"T0p-Secret"}}"#);
        let text = format!("{:?}", patched.applied);
        assert!(patched.applied.result.is_ok() && !text.contains("T0p-Secret"), "{text}");
        assert_eq!(patched.applied.written, ["password"]);
    }
}

#[test]
fn a_large_group_is_patched_in_linear_time() {
    let mut group = object(&group(""));
    let member = |at: usize| Json::Object([("value".to_owned(), Json::from(format!("user-{at}")))].into_iter().collect());
    group.insert("members", (0..20_000).map(member).collect::<Vec<_>>());
    let added: Vec<String> = (10_000..30_000).map(|at| format!(r#"{{"value":"user-{at}"}}"#)).collect();
    let removed: Vec<String> = (0..10_000).map(|at| format!(r#"{{"value":"user-{at}"}}"#)).collect();
    let operations = format!(
        r#"{{"op":"add","path":"members","value":[{}]}},{{"op":"remove","path":"members","value":[{}]}}"#,
        added.join(","),
        removed.join(",")
    );
    let patched = read_and_apply(TOLERANT, "Group", &group, &body(&operations));
    let after = patched.applied.result.expect("patched");
    assert_eq!(after.get("members").and_then(Json::as_array).expect("members").len(), 20_000);
    assert_eq!(patched.applied.lines.len(), 20_000);
}
