//! Differences between two states of a resource.

use proptest::prelude::*;
use scim::diff::{Action, Line, diff};
use scim::json::{Json, Object};
use scim::leniency::Leniency;
use scim::value::Value;

use crate::patch::read_and_apply;
use crate::world::{ENTERPRISE, GROUP, USER, object, shape};

fn lines(type_name: &str, before: Option<&str>, after: Option<&str>) -> Vec<String> {
    let (before, after) = (before.map(object), after.map(object));
    let lines = diff(
        shape(type_name),
        before.as_ref().map(|state| Value::Object(state.into())),
        after.as_ref().map(|state| Value::Object(state.into())),
    );
    lines
        .iter()
        .map(|Line { path, action, before, after, .. }| match (action, before, after) {
            (Action::Added, None, Some(after)) => format!("+ {path} = {after}"),
            (Action::Removed, Some(before), None) => format!("- {path} = {before}"),
            (Action::Changed, Some(before), Some(after)) => format!("~ {path}: {before} -> {after}"),
            other => panic!("{other:?} do not fit"),
        })
        .collect()
}

fn between(type_name: &str, before: &str, after: &str) -> Vec<String> {
    lines(type_name, Some(before), Some(after))
}

#[test]
fn simple_and_complex_attributes_differ_by_their_parts_in_the_order_of_the_schema() {
    assert_eq!(
        between(
            "User",
            r#"{"schemas":["x"],"id":"1","title":"x","active":true,"name":{"familyName":"L","givenName":"A"},"meta":{"version":"1"}}"#,
            r#"{"schemas":["y"],"id":"1","active":false,"displayName":"D","name":{"givenName":"B","familyName":"L","middleName":"M"},"meta":{"version":"2"}}"#,
        ),
        [
            r#"~ name.givenName: "A" -> "B""#,
            r#"+ name.middleName = "M""#,
            r#"+ displayName = "D""#,
            r#"- title = "x""#,
            "~ active: true -> false",
        ]
    );
}

#[test]
fn extension_attributes_carry_their_urn() {
    assert_eq!(
        between(
            "User",
            &format!(r#"{{"{ENTERPRISE}":{{"department":"A","manager":{{"value":"1"}}}}}}"#),
            &format!(r#"{{"{ENTERPRISE}":{{"department":"B","manager":{{"value":"2"}},"costCenter":"9"}}}}"#),
        ),
        [
            format!(r#"+ {ENTERPRISE}:costCenter = "9""#),
            format!(r#"~ {ENTERPRISE}:department: "A" -> "B""#),
            format!(r#"~ {ENTERPRISE}:manager.value: "1" -> "2""#),
        ]
    );
}

#[test]
fn elements_are_matched_by_type_then_value_and_order_is_no_difference() {
    let work_home = r#"{"emails":[{"value":"a","type":"work"},{"value":"b","type":"home"}]}"#;
    for (before, after, expected) in [
        (work_home, r#"{"emails":[{"type":"home","value":"b"},{"type":"work","value":"a"}]}"#, vec![]),
        (
            work_home,
            r#"{"emails":[{"value":"b","type":"home"},{"value":"c","type":"work"}]}"#,
            vec![r#"~ emails[type eq "work"].value: "a" -> "c""#],
        ),
        (
            work_home,
            r#"{"emails":[{"value":"a","type":"work","display":"D","primary":true}]}"#,
            vec![
                r#"+ emails[type eq "work"].display = "D""#,
                r#"+ emails[type eq "work"].primary = true"#,
                r#"- emails[type eq "home"] = {"value":"b","type":"home"}"#,
            ],
        ),
        (
            r#"{"emails":[{"value":"a","type":"work"},{"value":"b","type":"work"}]}"#,
            r#"{"emails":[{"value":"a","type":"work"},{"value":"c","type":"work"}]}"#,
            vec![r#"~ emails[value eq "b"].value: "b" -> "c""#],
        ),
        (
            r#"{"emails":[{"value":"a","type":"work"}]}"#,
            r#"{"emails":[{"value":"A","type":"Other"}]}"#,
            vec![
                r#"~ emails[type eq "work"].value: "a" -> "A""#,
                r#"~ emails[type eq "work"].type: "work" -> "Other""#,
            ],
        ),
        (
            r#"{"emails":[{"value":"a"}]}"#,
            r#"{"emails":[{"value":"a"},{"value":"b"}]}"#,
            vec![r#"+ emails[value eq "b"] = {"value":"b"}"#],
        ),
        (
            r#"{"addresses":[{"locality":"Leith","country":"GB"}]}"#,
            r#"{"addresses":[]}"#,
            vec![r#"- addresses[locality eq "Leith" and country eq "GB"] = {"locality":"Leith","country":"GB"}"#],
        ),
    ] {
        assert_eq!(between("User", before, after), expected, "{before} to {after}");
    }
}

#[test]
fn members_are_matched_by_value() {
    assert_eq!(
        between(
            "Group",
            r#"{"members":[{"value":"1","type":"User"},{"value":"2","type":"User"},{"value":"3","display":"C"}]}"#,
            r#"{"members":[{"value":"3","display":"D"},{"value":"4"},{"value":"1","type":"User"}]}"#,
        ),
        [
            r#"- members[value eq "2"] = {"value":"2","type":"User"}"#,
            r#"~ members[value eq "3"].display: "C" -> "D""#,
            r#"+ members[value eq "4"] = {"value":"4"}"#,
        ]
    );
}

#[test]
fn values_of_a_list_of_texts_come_and_go() {
    assert_eq!(
        between("Door", r#"{"tags":["a","b","b"]}"#, r#"{"tags":["c","b","a"]}"#),
        [r#"- tags = "b""#, r#"+ tags = "c""#]
    );
}

#[test]
fn creation_and_deletion_show_everything() {
    let ada = r#"{"schemas":["x"],"id":"1","userName":"ada","name":{"givenName":"A"},"emails":[{"value":"a"}]}"#;
    assert_eq!(
        lines("User", None, Some(ada)),
        [r#"+ userName = "ada""#, r#"+ name.givenName = "A""#, r#"+ emails[value eq "a"] = {"value":"a"}"#,]
    );
    assert_eq!(
        lines("User", Some(ada), None),
        [r#"- userName = "ada""#, r#"- name.givenName = "A""#, r#"- emails[value eq "a"] = {"value":"a"}"#,]
    );
    assert_eq!(lines("User", None, None), Vec::<String>::new());
    assert_eq!(lines("User", Some(ada), Some(ada)), Vec::<String>::new());
}

fn email() -> impl Strategy<Value = Json> {
    let text = proptest::sample::select(vec!["a", "b", "c", "d"]);
    let kind = proptest::option::of(proptest::sample::select(vec!["work", "home", "other"]));
    (text, kind, proptest::option::of("[A-C]")).prop_map(|(value, kind, display)| {
        let mut email = Object::new();
        email.insert("value", value);
        kind.map(|kind| email.insert("type", kind));
        display.map(|display| email.insert("display", display));
        Json::Object(email)
    })
}

/// A user as it is kept, without two elements that are the same.
fn any_user() -> impl Strategy<Value = Object> {
    let text = || proptest::option::of("[a-z]{1,3}");
    (
        text(),
        text(),
        text(),
        proptest::option::of(any::<bool>()),
        proptest::collection::vec(email(), 0..4),
        text(),
        text(),
    )
        .prop_map(|(title, given, family, active, emails, department, manager)| {
            let mut user = Object::new();
            let mut schemas = vec![Json::from(USER)];
            let mut name = Object::new();
            given.map(|given| name.insert("givenName", given));
            family.map(|family| name.insert("familyName", family));
            let mut enterprise = Object::new();
            department.map(|department| enterprise.insert("department", department));
            manager.map(|manager| {
                enterprise.insert("manager", [("value".to_owned(), manager.into())].into_iter().collect::<Object>())
            });
            if !enterprise.is_empty() {
                schemas.push(Json::from(ENTERPRISE));
            }
            user.insert("schemas", schemas);
            user.insert("userName", "ada");
            if !name.is_empty() {
                user.insert("name", name);
            }
            title.map(|title| user.insert("title", title));
            active.map(|active| user.insert("active", active));
            let mut kept: Vec<Json> = Vec::new();
            let part = |email: &Json, name: &str| email.as_object().and_then(|email| email.get(name)).cloned();
            for email in emails {
                let alike = |have: &Json| {
                    let (left, right) = (part(have, "type"), part(&email, "type"));
                    part(have, "value") == part(&email, "value") && (left == right || left.is_none() || right.is_none())
                };
                if !kept.iter().any(alike) {
                    kept.push(email);
                }
            }
            if !kept.is_empty() {
                user.insert("emails", kept);
            }
            if !enterprise.is_empty() {
                user.insert(ENTERPRISE, enterprise);
            }
            user
        })
}

/// The lines of a diff as the operations of a PATCH.
fn as_patch(lines: &[Line]) -> String {
    let member = |line: &Line| match line.path.strip_suffix(']') {
        Some(_) => line.path.split('[').next().unwrap_or_default().to_owned(),
        None => line.path.clone(),
    };
    let operation = |line: &Line| {
        let (op, path, value) = match line.action {
            Action::Removed => ("remove", line.path.clone(), None),
            Action::Changed => ("replace", line.path.clone(), line.after.as_ref()),
            Action::Added => ("add", member(line), line.after.as_ref()),
        };
        let value = value.map(|value| format!(r#","value":{value}"#)).unwrap_or_default();
        format!(r#"{{"op":"{op}","path":{}{value}}}"#, Json::from(path))
    };
    // What a path selects by is changed after everything else in the element, and new elements come last.
    let rank = |line: &&Line| match line.action {
        _ if line.path.ends_with("].value") => 1,
        Action::Added if line.path.ends_with(']') => 2,
        _ => 0,
    };
    let mut ordered: Vec<&Line> = lines.iter().collect();
    ordered.sort_by_key(rank);
    let operations: Vec<String> = ordered.into_iter().map(operation).collect();
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{}]}}"#,
        operations.join(",")
    )
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 1 << 20, ..ProptestConfig::default() })]

    #[test]
    fn nothing_differs_from_itself(user in any_user()) {
        let value = || Some(Value::Object((&user).into()));
        prop_assert_eq!(diff(shape("User"), value(), value()), vec![]);
    }

    #[test]
    fn a_diff_sent_as_a_patch_makes_the_second_state_of_the_first(before in any_user(), after in any_user()) {
        let value = |user: &'_ Object| -> Json { Json::Object(user.clone()) };
        let (left, right) = (value(&before), value(&after));
        let lines = diff(shape("User"), Some(Value::from(&left)), Some(Value::from(&right)));
        // Elements whose type changes may pass through states that another line's path also names.
        prop_assume!(!lines.iter().any(|line| line.path.ends_with("].type")));
        // So may elements that exchange their values, one line after the other.
        prop_assume!(lines.iter().filter(|line| line.path.ends_with("].value")).count() < 2);
        if !lines.is_empty() {
            let patched = read_and_apply(Leniency::STRICT, "User", &before, &as_patch(&lines));
            let result = patched.applied.result.map_err(|error| TestCaseError::fail(format!("{error} in {}", as_patch(&lines))))?;
            let result = Json::Object(result);
            let left = diff(shape("User"), Some(Value::from(&result)), Some(Value::from(&right)));
            prop_assert_eq!(left, vec![], "{}", as_patch(&lines));
            // The lines of the PATCH are those of the diff.
            let mut made: Vec<String> = patched.applied.lines.into_iter().map(|line| line.path).collect();
            let mut wanted: Vec<String> = lines.into_iter().map(|line| line.path).collect();
            made.sort();
            wanted.sort();
            prop_assert_eq!(made, wanted);
        }
    }

    #[test]
    fn a_diff_backwards_is_the_diff_of_the_states_in_turn(before in any_user(), after in any_user()) {
        let forth = diff(shape("User"), Some(Value::Object((&before).into())), Some(Value::Object((&after).into())));
        let back = diff(shape("User"), Some(Value::Object((&after).into())), Some(Value::Object((&before).into())));
        prop_assert_eq!(forth.len(), back.len());
    }
}

#[test]
fn a_large_group_is_compared_in_linear_time() {
    let member =
        |at: usize| Json::Object([("value".to_owned(), Json::from(format!("user-{at}")))].into_iter().collect());
    let group = |members: Vec<Json>| {
        let mut group = object(&format!(r#"{{"schemas":["{GROUP}"],"displayName":"All"}}"#));
        group.insert("members", members);
        group
    };
    let before = group((0..50_000).map(member).collect());
    let after = group((0..50_000).rev().map(|at| member(at + 1)).collect());
    let lines = diff(shape("Group"), Some(Value::Object((&before).into())), Some(Value::Object((&after).into())));
    let paths: Vec<&str> = lines.iter().map(|line| line.path.as_str()).collect();
    assert_eq!(paths, [r#"members[value eq "user-0"]"#, r#"members[value eq "user-50000"]"#]);
}
