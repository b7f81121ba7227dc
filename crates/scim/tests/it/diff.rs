//! Differences between two states of a resource.

use proptest::prelude::*;
use scim::diff::{Action, Line, as_json_patch, as_patch, diff};
use scim::json::{Json, Object};
use scim::leniency::Leniency;
use scim::value::Value;

use crate::patch::read_and_apply;
use crate::world::{ENTERPRISE, GROUP, USER, door, object, shape, user};

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

/// Carries out one operation of a JSON Patch, as RFC 6902 section 4 says and no more.
fn carry_out(document: &mut Json, operation: &Json) {
    let text = |name: &str| operation.pointer(name).and_then(Json::as_str).unwrap();
    let (op, path) = (text("/op"), text("/path"));
    let value = operation.pointer("/value").cloned();
    let Some((parent, last)) = path.rsplit_once('/') else {
        *document = value.unwrap();
        return;
    };
    let mut owner = document;
    for token in parent.split('/').skip(1) {
        let name = token.replace("~1", "/").replace("~0", "~");
        owner = match owner {
            Json::Object(object) => object.get_mut(&name).unwrap(),
            Json::Array(items) => &mut items[name.parse::<usize>().unwrap()],
            other => panic!("{other} has no parts"),
        };
    }
    let last = last.replace("~1", "/").replace("~0", "~");
    match (owner, op) {
        (Json::Object(object), "remove") => drop(object.remove(&last).expect("what is removed is there")),
        (Json::Object(object), _) => drop(object.insert(last, value.unwrap())),
        (Json::Array(items), "remove") => drop(items.remove(last.parse().unwrap())),
        (Json::Array(items), "add") => items.insert(last.parse().unwrap(), value.unwrap()),
        (Json::Array(items), _) => items[last.parse::<usize>().unwrap()] = value.unwrap(),
        (other, _) => panic!("{other} has no parts"),
    }
}

fn patch_of(type_name: &str, before: &str, after: &str) -> String {
    let patch = as_patch(shape(type_name), &object(before).into(), &object(after).into());
    let left_out: Vec<&str> = patch.left_out.iter().map(|line| line.path.as_str()).collect();
    let operations = patch.operations.iter().map(|operation| {
        let value = operation.value.as_ref().map(|value| format!(" = {value}")).unwrap_or_default();
        format!("{} {}{value}", operation.op_as_sent, operation.path.as_deref().unwrap_or_default())
    });
    let mut all: Vec<String> = operations.collect();
    all.extend(left_out.into_iter().map(|path| format!("left out {path}")));
    all.join("; ")
}

#[test]
fn a_patch_names_the_parts_that_differ_and_no_more() {
    let before = user(r#""active":true,"emails":[{"type":"work","value":"a@x"},{"type":"home","value":"b@x"}]"#);
    let after = user(r#""active":false,"emails":[{"type":"work","value":"c@x"},{"type":"other","value":"d@x"}]"#);
    assert_eq!(
        patch_of("User", &before, &after),
        r#"replace active = false; remove emails[type eq "home"]; replace emails[type eq "work"].value = "c@x"; add emails = [{"type":"other","value":"d@x"}]"#
    );
}

#[test]
fn members_that_came_are_added_in_one_operation() {
    let group = |members: &str| format!(r#"{{"schemas":["{GROUP}"],"displayName":"All","members":[{members}]}}"#);
    let before = group(r#"{"value":"1"},{"value":"2"}"#);
    let after = group(r#"{"value":"2"},{"value":"3"},{"value":"4"}"#);
    assert_eq!(
        patch_of("Group", &before, &after),
        r#"remove members[value eq "1"]; add members = [{"value":"3"},{"value":"4"}]"#
    );
}

#[test]
fn elements_that_exchange_what_names_them_are_replaced_whole() {
    let before = user(r#""emails":[{"value":"a@x","display":"A"},{"value":"b@x","display":"B"}]"#);
    let after =
        user(r#""emails":[{"value":"a@x","display":"B","type":"work"},{"value":"b@x","display":"A","type":"work"}]"#);
    let patch = as_patch(shape("User"), &object(&before).into(), &object(&after).into());
    let patched = read_and_apply(Leniency::STRICT, "User", &object(&before), &patch.to_message().to_text());
    let result = patched.applied.result.unwrap();
    assert_eq!(diff(shape("User"), Some((&result).into()), Some((&object(&after)).into())), vec![]);
}

#[test]
fn what_no_patch_may_write_is_left_out_and_told() {
    let before = door(r#""serial":"1","wear":"new""#);
    let after = door(r#""serial":"2","wear":"old","height":3"#);
    assert_eq!(patch_of("Door", &before, &after), "add height = 3; left out serial; left out wear");
}

proptest! {
    #[test]
    fn nothing_differs_from_itself(user in any_user()) {
        let value = || Some(Value::Object((&user).into()));
        prop_assert_eq!(diff(shape("User"), value(), value()), vec![]);
    }

    #[test]
    fn a_difference_sent_as_a_patch_makes_the_second_state_of_the_first(before in any_user(), after in any_user()) {
        let lines = diff(shape("User"), Some((&before).into()), Some((&after).into()));
        let patch = as_patch(shape("User"), &before.clone().into(), &after.clone().into());
        prop_assert_eq!(&patch.left_out, &vec![]);
        prop_assert_eq!(patch.operations.is_empty(), lines.is_empty());
        if !lines.is_empty() {
            let message = patch.to_message().to_text();
            let patched = read_and_apply(Leniency::STRICT, "User", &before, &message);
            let result = patched.applied.result.map_err(|error| TestCaseError::fail(format!("{error} in {message}")))?;
            let left = diff(shape("User"), Some((&result).into()), Some((&after).into()));
            prop_assert_eq!(left, vec![], "{}", message);
            // The lines of the PATCH are those of the diff. Elements that are alike may find other partners in another order.
            let single = |lines: Vec<Line>| -> Vec<String> {
                lines.into_iter().map(|line| line.path).filter(|path| !path.contains('[')).collect()
            };
            prop_assert_eq!(single(patched.applied.lines), single(lines));
        }
    }

    #[test]
    fn a_json_patch_makes_the_second_value_of_the_first(before in any_user(), after in any_user()) {
        let (left, right) = (Json::Object(before), Json::Object(after));
        let mut patched = left.clone();
        for operation in as_json_patch(&left, &right).as_array().unwrap() {
            carry_out(&mut patched, operation);
        }
        prop_assert_eq!(Value::from(&patched), Value::from(&right));
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
