//! PATCH: the table of operations and targets (RFC 7644 section 3.5.2).

use scim::error::ScimError;
use scim::finding::{Finding, Place, Severity};
use scim::json::{Json, Object};
use scim::leniency::{Leniency, Reading};
use scim::patch::{self, Applied, Outcome};

use crate::world::{self, ENTERPRISE, GROUP, USER, object, shape};

pub const STRICT: Leniency = Leniency::STRICT;
pub const TOLERANT: Leniency = Leniency::TOLERANT;

pub struct Patched {
    pub applied: Applied,
    pub findings: Vec<Finding>,
}

/// The body of a PATCH with these operations.
pub fn body(operations: &str) -> String {
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

pub fn user(members: &str) -> String {
    let comma = if members.is_empty() { "" } else { "," };
    format!(r#"{{"schemas":["{USER}"],"id":"u1","userName":"ada"{comma}{members},"meta":{{"resourceType":"User"}}}}"#)
}

pub fn group(members: &str) -> String {
    let comma = if members.is_empty() { "" } else { "," };
    format!(
        r#"{{"schemas":["{GROUP}"],"id":"g1","displayName":"Sales"{comma}{members},"meta":{{"resourceType":"Group"}}}}"#
    )
}

/// What is left beside the members that every test resource has, or the refusal.
pub fn rest(result: &Result<Object, ScimError>) -> String {
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

pub fn codes(findings: &[Finding]) -> String {
    let codes: Vec<&str> = findings.iter().map(|finding| finding.code.as_str()).collect();
    codes.join(" ")
}

/// User, what it has, the operations, what it has then, findings.
pub type Row<'a> = (&'a str, &'a str, &'a str, &'a str);

pub fn users(leniency: Leniency, rows: &[Row<'_>]) {
    for (before, operations, after, findings) in rows {
        let patched = run(leniency, "User", &user(before), operations);
        let strictness = if leniency == STRICT { "strict" } else { "tolerant" };
        assert_eq!(rest(&patched.applied.result), *after, "{strictness}: {operations} on {before}");
        assert_eq!(codes(&patched.findings), *findings, "{strictness}: {operations} on {before}");
    }
}

pub fn both(rows: &[Row<'_>]) {
    users(STRICT, rows);
    users(TOLERANT, rows);
}

pub const WORK: &str = r#""emails":[{"value":"a@x","type":"work"}]"#;
pub const TWO: &str = r#""emails":[{"value":"a@x","type":"work","primary":true},{"value":"b@x","type":"home"}]"#;

#[test]
fn add_follows_the_table() {
    both(&[
        // Simple: set, or replace.
        ("", r#"{"op":"add","path":"title","value":"Countess"}"#, r#"{"title":"Countess"}"#, ""),
        (r#""title":"x""#, r#"{"op":"add","path":"title","value":"y"}"#, r#"{"title":"y"}"#, ""),
        ("", r#"{"op":"add","path":"TITLE","value":"y"}"#, r#"{"title":"y"}"#, ""),
        (
            "",
            r#"{"op":"add","path":"urn:ietf:params:scim:schemas:core:2.0:User:title","value":"y"}"#,
            r#"{"title":"y"}"#,
            "",
        ),
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
        (
            r#""name":{"givenName":"A"}"#,
            r#"{"op":"add","path":"name.givenName","value":"B"}"#,
            r#"{"name":{"givenName":"B"}}"#,
            "",
        ),
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
        (
            WORK,
            r#"{"op":"add","path":"emails","value":[{"value":"A@X","type":"WORK"}]}"#,
            r#"{"emails":[{"value":"a@x","type":"work"}]}"#,
            "T14",
        ),
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
        (
            r#""name":{"familyName":"L"}"#,
            r#"{"op":"replace","path":"name.familyName","value":"M"}"#,
            r#"{"name":{"familyName":"M"}}"#,
            "",
        ),
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
        (
            TWO,
            r#"{"op":"replace","path":"emails[type eq \"other\"]","value":{"value":"c@x"}}"#,
            "400 noTarget at /Operations/0/path",
            "",
        ),
        (
            TWO,
            r#"{"op":"replace","path":"emails[type eq \"other\"].value","value":"c@x"}"#,
            "400 noTarget at /Operations/0/path",
            "",
        ),
        (
            "",
            r#"{"op":"replace","path":"emails[type eq \"work\"].value","value":"c@x"}"#,
            "400 noTarget at /Operations/0/path",
            "",
        ),
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
        (
            r#""name":{"familyName":"L","givenName":"A"}"#,
            r#"{"op":"remove","path":"name.givenName"}"#,
            r#"{"name":{"familyName":"L"}}"#,
            "",
        ),
        (r#""name":{"givenName":"A"}"#, r#"{"op":"remove","path":"name.givenName"}"#, "{}", ""),
        (TWO, r#"{"op":"remove","path":"emails"}"#, "{}", ""),
        (
            TWO,
            r#"{"op":"remove","path":"emails[type eq \"home\"]"}"#,
            r#"{"emails":[{"value":"a@x","type":"work","primary":true}]}"#,
            "",
        ),
        (TWO, r#"{"op":"remove","path":"emails[value pr]"}"#, "{}", ""),
        (
            WORK,
            r#"{"op":"remove","path":"emails[type eq \"other\"]"}"#,
            r#"{"emails":[{"value":"a@x","type":"work"}]}"#,
            "",
        ),
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
    users(
        TOLERANT,
        &[
            (r#""title":"x""#, r#"{"op":"replace","path":"title","value":null}"#, "{}", "T8"),
            (r#""title":"x""#, r#"{"op":"add","path":"title","value":null}"#, "{}", "T8"),
            (r#""title":"x""#, r#"{"op":"replace","path":"title","value":""}"#, "{}", "T8"),
            (r#""title":"x""#, r#"{"op":"replace","value":{"title":""}}"#, "{}", "T8"),
            (r#""title":"x""#, r#"{"op":"replace","value":{"title":null}}"#, "{}", "T8"),
            (r#""active":true"#, r#"{"op":"replace","path":"active","value":""}"#, "{}", "T8"),
            (r#""name":{"givenName":"A"}"#, r#"{"op":"replace","path":"name","value":null}"#, "{}", "T8"),
            (
                r#""name":{"givenName":"A","familyName":"B"}"#,
                r#"{"op":"replace","path":"name","value":{"givenName":null}}"#,
                r#"{"name":{"familyName":"B"}}"#,
                "T8",
            ),
            (
                r#""name":{"givenName":"A","familyName":"B"}"#,
                r#"{"op":"replace","path":"name.givenName","value":""}"#,
                r#"{"name":{"familyName":"B"}}"#,
                "T8",
            ),
            (TWO, r#"{"op":"replace","path":"emails","value":null}"#, "{}", "T8"),
            (
                TWO,
                r#"{"op":"replace","path":"emails[type eq \"home\"]","value":null}"#,
                r#"{"emails":[{"value":"a@x","type":"work","primary":true}]}"#,
                "T8",
            ),
            (
                WORK,
                r#"{"op":"replace","path":"emails[type eq \"work\"].type","value":null}"#,
                r#"{"emails":[{"value":"a@x"}]}"#,
                "T8",
            ),
            (r#""title":"x""#, r#"{"op":"remove","path":"title","value":null}"#, "{}", "T8"),
            ("", r#"{"op":"replace","path":"userName","value":null}"#, "400 invalidValue at /Operations/0/value", "T8"),
            ("", r#"{"op":"replace","path":"userName","value":""}"#, "400 invalidValue at /Operations/0/value", "T8"),
        ],
    );
    users(
        STRICT,
        &[
            (r#""title":"x""#, r#"{"op":"replace","path":"title","value":null}"#, "{}", "T8"),
            (r#""title":"x""#, r#"{"op":"replace","path":"title","value":""}"#, r#"{"title":""}"#, ""),
            (
                r#""active":true"#,
                r#"{"op":"replace","path":"active","value":""}"#,
                "400 invalidValue at /Operations/0/value",
                "",
            ),
            (TWO, r#"{"op":"replace","path":"emails","value":null}"#, "{}", "T8"),
            ("", r#"{"op":"replace","path":"userName","value":""}"#, "400 invalidValue at /Operations", ""),
        ],
    );
    let strict = run(STRICT, "User", &user(r#""title":"x""#), r#"{"op":"replace","path":"title","value":null}"#);
    assert_eq!(strict.findings[0].severity, Severity::Info);
}

#[test]
fn extensions_are_merged_by_their_urn_and_listed_while_they_are_there() {
    for leniency in [STRICT, TOLERANT] {
        let schemas =
            |applied: &Applied| applied.result.as_ref().expect("patched").get("schemas").expect("schemas").to_text();
        let plain = format!(r#"["{USER}"]"#);
        let both = format!(r#"["{USER}","{ENTERPRISE}"]"#);
        for (before, operation, after, listed) in [
            (
                "",
                format!(r#"{{"op":"add","path":"{ENTERPRISE}:department","value":"R"}}"#),
                r#"{"department":"R"}"#,
                &both,
            ),
            (
                "",
                format!(r#"{{"op":"add","path":"{ENTERPRISE}","value":{{"department":"R"}}}}"#),
                r#"{"department":"R"}"#,
                &both,
            ),
            (
                "",
                format!(r#"{{"op":"replace","value":{{"{ENTERPRISE}":{{"department":"R"}}}}}}"#),
                r#"{"department":"R"}"#,
                &both,
            ),
            (
                r#"{"department":"R","costCenter":"1"}"#,
                format!(r#"{{"op":"replace","path":"{ENTERPRISE}","value":{{"department":"S"}}}}"#),
                r#"{"costCenter":"1","department":"S"}"#,
                &both,
            ),
            (
                r#"{"department":"R","costCenter":"1"}"#,
                format!(r#"{{"op":"remove","path":"{ENTERPRISE}:costCenter"}}"#),
                r#"{"department":"R"}"#,
                &both,
            ),
            (r#"{"department":"R"}"#, format!(r#"{{"op":"remove","path":"{ENTERPRISE}:department"}}"#), "", &plain),
            (
                r#"{"department":"R","costCenter":"1"}"#,
                format!(r#"{{"op":"remove","path":"{ENTERPRISE}"}}"#),
                "",
                &plain,
            ),
            ("", format!(r#"{{"op":"remove","path":"{ENTERPRISE}:department"}}"#), "", &plain),
            ("", format!(r#"{{"op":"add","path":"schemas","value":["{ENTERPRISE}"]}}"#), "", &both),
            ("", format!(r#"{{"op":"add","path":"schemas","value":"{ENTERPRISE}"}}"#), "", &both),
            (
                r#"{"department":"R"}"#,
                format!(r#"{{"op":"replace","path":"schemas","value":["{USER}"]}}"#),
                r#"{"department":"R"}"#,
                &both,
            ),
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
        let listed =
            run(leniency, "User", &user(""), &format!(r#"{{"op":"add","path":"schemas","value":["{ENTERPRISE}"]}}"#));
        assert_eq!(listed.applied.outcomes[0].outcome, Outcome::Changed);
        let wrong = format!(r#"{{"op":"replace","path":"{ENTERPRISE}","value":"x"}}"#);
        assert_eq!(
            rest(&run(leniency, "User", &user(""), &wrong).applied.result),
            "400 invalidValue at /Operations/0/value"
        );
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
        (
            TWO,
            r#"{"op":"replace","path":"emails[value pr].primary","value":true}"#,
            "400 invalidValue at /Operations/0/value",
            "",
        ),
    ]);
}

#[test]
fn members_are_added_once_and_their_parts_stay() {
    let members = r#""members":[{"value":"a","display":"Ada"}]"#;
    for leniency in [STRICT, TOLERANT] {
        for (operation, after, findings) in [
            (
                r#"{"op":"add","path":"members","value":[{"value":"b"}]}"#,
                r#"{"members":[{"value":"a","display":"Ada"},{"value":"b"}]}"#,
                "",
            ),
            (
                r#"{"op":"add","path":"members","value":[{"value":"a"}]}"#,
                r#"{"members":[{"value":"a","display":"Ada"}]}"#,
                "T14",
            ),
            (
                r#"{"op":"add","path":"members","value":[{"value":"a","display":"Other"}]}"#,
                r#"{"members":[{"value":"a","display":"Ada"}]}"#,
                "T14",
            ),
            (
                r#"{"op":"add","path":"members","value":[{"value":"a"},{"value":"b"}]}"#,
                r#"{"members":[{"value":"a","display":"Ada"},{"value":"b"}]}"#,
                "T14",
            ),
            (
                r#"{"op":"replace","path":"members[value eq \"a\"].value","value":"b"}"#,
                "400 mutability at /Operations/0/value",
                "",
            ),
            (r#"{"op":"remove","path":"members[value eq \"a\" or value eq \"b\"]"}"#, "{}", ""),
            (
                r#"{"op":"remove","path":"Members[Value eq \"absent\"]"}"#,
                r#"{"members":[{"value":"a","display":"Ada"}]}"#,
                "",
            ),
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
            assert!(
                result(serial, refused).starts_with("400 mutability at "),
                "{refused}: {}",
                result(serial, refused)
            );
        }
        let moved = result(serial, r#"{"op":"replace","path":"keys[value eq \"k\"].value","value":"l"}"#);
        assert!(moved.contains(r#""keys":[{"value":"l"}]"#), "{moved}");
        let list = result(
            serial,
            r#"{"op":"add","path":"tags","value":["red","blue","red"]},{"op":"remove","path":"tags"},{"op":"add","path":"tags","value":"Red"},{"op":"add","path":"tags","value":["RED","green"]}"#,
        );
        assert!(list.contains(r#""tags":["Red","green"]"#), "{list}");
        let passed = run(
            leniency,
            "Door",
            serial,
            r#"{"op":"replace","path":"owner","value":{"displayName":"x","comment":"y"}}"#,
        );
        assert_eq!(rest(&passed.applied.result), "400 invalidValue at /Operations");
    }
}
