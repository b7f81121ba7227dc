//! PATCH: what clients get wrong, and what is taken all the same.

use scim::finding::Place;

use crate::patch::{STRICT, TOLERANT, WORK, body, both, codes, group, read_and_apply, rest, run, user, users};
use crate::world::{ENTERPRISE, USER, object};

#[test]
fn a_body_that_is_no_patch_is_refused() {
    for leniency in [STRICT, TOLERANT] {
        for (text, expected) in [
            ("[]", "400 invalidSyntax at "),
            (r#"{"Operations":[{"op":"add","path":"title","value":"x"}]}"#, "400 invalidSyntax at /schemas"),
            (
                r#"{"schemas":["urn:x"],"Operations":[{"op":"add","path":"title","value":"x"}]}"#,
                "400 invalidSyntax at /schemas",
            ),
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
    let typo =
        read_and_apply(STRICT, "User", &object(&user("")), &body(r#"{"op":"replce","path":"title","value":"x"}"#));
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
        (
            "",
            r#"{"op":"add","path":"emails[type is \"work\"]","value":"x"}"#,
            "400 invalidPath at /Operations/0/path",
            "",
        ),
        ("", r#"{"op":"remove","path":"schemas eq \"urn:x\""}"#, "400 invalidPath at /Operations/0/path", ""),
        ("", r#"{"op":"remove","path":"emails[0]"}"#, "400 invalidPath at /Operations/0/path", ""),
        ("", r#"{"op":"add","path":"usrName","value":"x"}"#, "400 invalidPath at /Operations/0/path", ""),
        ("", r#"{"op":"add","path":"name.nonsense","value":"x"}"#, "400 invalidPath at /Operations/0/path", ""),
        (
            "",
            r#"{"op":"add","path":"emails[type eq \"work\"].nonsense","value":"x"}"#,
            "400 invalidPath at /Operations/0/path",
            "",
        ),
        (
            "",
            r#"{"op":"add","path":"title[type eq \"work\"]","value":"x"}"#,
            "400 invalidPath at /Operations/0/path",
            "",
        ),
        (
            "",
            r#"{"op":"add","path":"urn:example:none:2.0:User:x","value":"x"}"#,
            "400 invalidPath at /Operations/0/path",
            "",
        ),
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
        (
            "",
            r#"{"op":"Add","path":"emails[type eq \"work\"].value","value":"a@x"}"#,
            r#"{"emails":[{"type":"work","value":"a@x"}]}"#,
            "T2 T4",
        ),
        (
            "",
            r#"{"op":"add","path":"emails[type eq \"work\"].value","value":"a@x"}"#,
            r#"{"emails":[{"type":"work","value":"a@x"}]}"#,
            "T4",
        ),
        (
            "",
            r#"{"op":"Replace","path":"emails[type eq \"work\"].value","value":"a@x"}"#,
            r#"{"emails":[{"type":"work","value":"a@x"}]}"#,
            "T2 T4",
        ),
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
    users(
        TOLERANT,
        &[
            (
                "",
                r#"{"op":"add","path":"emails[type ne \"work\"].value","value":"a@x"}"#,
                "400 noTarget at /Operations/0/path",
                "",
            ),
            (
                "",
                r#"{"op":"add","path":"emails[type eq \"a\" or type eq \"b\"].value","value":"a@x"}"#,
                "400 noTarget at /Operations/0/path",
                "",
            ),
            (
                "",
                r#"{"op":"Add","path":"addresses[type eq \"work\"].formatted","value":"1 Dock Road"},{"op":"Add","path":"addresses[type eq \"work\"].locality","value":"Leith"}"#,
                r#"{"addresses":[{"type":"work","formatted":"1 Dock Road","locality":"Leith"}]}"#,
                "T2 T2 T4",
            ),
        ],
    );
}

#[test]
fn a_value_on_remove_is_honoured_or_refused() {
    let members = r#""members":[{"value":"a"},{"value":"b"},{"value":"c"}]"#;
    for (operation, after, findings) in [
        (
            r#"{"op":"remove","path":"members","value":[{"value":"a"}]}"#,
            r#"{"members":[{"value":"b"},{"value":"c"}]}"#,
            "T5",
        ),
        (
            r#"{"op":"Remove","path":"members","value":[{"$ref":null,"value":"a"},{"value":"c"}]}"#,
            r#"{"members":[{"value":"b"}]}"#,
            "T2 T5 T17",
        ),
        (
            r#"{"op":"remove","path":"members","value":{"value":"a"}}"#,
            r#"{"members":[{"value":"b"},{"value":"c"}]}"#,
            "T5",
        ),
        (r#"{"op":"remove","path":"members","value":["b"]}"#, r#"{"members":[{"value":"a"},{"value":"c"}]}"#, "T5 T7"),
        (
            r#"{"op":"remove","path":"members","value":[{"value":"zz"}]}"#,
            r#"{"members":[{"value":"a"},{"value":"b"},{"value":"c"}]}"#,
            "T5",
        ),
        (
            r#"{"op":"remove","path":"members","value":[]}"#,
            r#"{"members":[{"value":"a"},{"value":"b"},{"value":"c"}]}"#,
            "T5",
        ),
        (
            r#"{"op":"remove","path":"members[value eq \"a\"]","value":[{"value":"b"}]}"#,
            r#"{"members":[{"value":"b"},{"value":"c"}]}"#,
            "T5",
        ),
    ] {
        let patched = run(TOLERANT, "Group", &group(members), operation);
        assert_eq!(rest(&patched.applied.result), after, "{operation}");
        assert_eq!(codes(&patched.findings), findings, "{operation}");
        let strict = run(STRICT, "Group", &group(members), operation);
        assert_eq!(rest(&strict.applied.result), "400 invalidValue at /Operations/0/value", "{operation}");
    }
    users(
        TOLERANT,
        &[(
            WORK,
            r#"{"op":"Remove","path":"emails[type eq \"work\"].value","value":"a@x"}"#,
            r#"{"emails":[{"type":"work"}]}"#,
            "T2 T5",
        )],
    );
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
    both(&[(
        "",
        r#"{"op":"add","value":{"urn:example:custom:2.0:User":{"x":1},"title":"T"}}"#,
        r#"{"title":"T"}"#,
        "T10",
    )]);
}

#[test]
fn read_only_attributes_in_a_value_are_ignored_if_equal_and_the_profile_says_so() {
    let equal = r#"{"op":"replace","value":{"id":"u1","meta":{"resourceType":"User","location":"https://example.com/u1"},"groups":[],"title":"T"}}"#;
    users(
        TOLERANT,
        &[
            ("", equal, r#"{"title":"T"}"#, "T12 T12 T12"),
            ("", r#"{"op":"replace","value":{"id":"other"}}"#, "400 mutability at /Operations/0/value/id", ""),
            (
                "",
                r#"{"op":"replace","value":{"meta":{"resourceType":"Group"}}}"#,
                "400 mutability at /Operations/0/value/meta",
                "",
            ),
        ],
    );
    users(STRICT, &[("", equal, "400 mutability at /Operations/0/value/id", "")]);
}

#[test]
fn a_manager_may_be_a_bare_string_where_the_profile_says_so() {
    let path = format!("{ENTERPRISE}:manager");
    let operation = format!(r#"{{"op":"Add","path":"{path}","value":"m1"}}"#);
    let after = format!(r#"{{"{ENTERPRISE}":{{"manager":{{"value":"m1"}}}}}}"#);
    let short = r#"{"op":"Add","path":"manager","value":[{"$ref":"https://example.com/Users/m1","value":"m1"}]}"#;
    users(
        TOLERANT,
        &[
            ("", &operation, &after, "T2 T7"),
            ("", short, &after, "T2 T7 T7"),
            ("", r#"{"op":"add","path":"manager.value","value":"m1"}"#, &after, "T7"),
        ],
    );
    users(
        STRICT,
        &[
            ("", &operation, "400 invalidValue at /Operations/0/value", "T2"),
            ("", short, "400 invalidPath at /Operations/0/path", "T2"),
        ],
    );
    // The name that the server computed for the old manager goes with him.
    let old = format!(r#""{ENTERPRISE}":{{"manager":{{"value":"m0","displayName":"Old"}}}}"#);
    users(
        TOLERANT,
        &[
            (&old, &operation, &after, "T2 T7"),
            (&old, &format!(r#"{{"op":"Replace","path":"{path}","value":""}}"#), "{}", "T2 T8"),
        ],
    );
}

#[test]
fn other_deviations_in_values_are_taken_or_refused() {
    for (operation, after, findings, strict) in [
        (
            r#"{"op":"replace","path":"active","value":"False"}"#,
            r#"{"active":false}"#,
            "T3",
            "400 invalidValue at /Operations/0/value",
        ),
        (
            r#"{"op":"replace","path":"emails","value":{"value":"a@x"}}"#,
            r#"{"emails":[{"value":"a@x"}]}"#,
            "T13",
            "400 invalidValue at /Operations/0/value",
        ),
        (
            r#"{"op":"add","path":"emails[type eq work].value","value":"a@x"}"#,
            r#"{"emails":[{"type":"work","value":"a@x"}]}"#,
            "T16 T4",
            "400 invalidFilter at /Operations/0/path",
        ),
    ] {
        users(TOLERANT, &[("", operation, after, findings)]);
        users(STRICT, &[("", operation, strict, "")]);
    }
}

#[test]
fn schemas_inside_an_extension_is_left_out_if_it_names_the_extension() {
    let patched = |leniency, urn: &str| {
        let value = format!(r#"{{"schemas":["{urn}"],"department":"Tours"}}"#);
        let operation = format!(r#"{{"op":"add","path":"{ENTERPRISE}","value":{value}}}"#);
        read_and_apply(leniency, "User", &object(&user("")), &body(&operation))
    };
    for leniency in [STRICT, TOLERANT] {
        let harmless = patched(leniency, &ENTERPRISE.to_uppercase());
        assert_eq!(rest(&harmless.applied.result), format!(r#"{{"{ENTERPRISE}":{{"department":"Tours"}}}}"#));
        assert_eq!(codes(&harmless.findings), "schemas-in-extension");
        let posted = crate::world::post(
            "User",
            leniency,
            &crate::world::user(&format!(r#""{ENTERPRISE}":{{"schemas":["{ENTERPRISE}"],"department":"Tours"}}"#)),
        );
        assert!(posted.1.iter().any(|finding| finding.code == "schemas-in-extension"), "{:?}", posted.1);
    }
    let wrong = patched(STRICT, USER);
    let expected = "400 invalidValue at /Operations/0/value/schemas";
    assert_eq!(rest(&wrong.applied.result), expected);
}
