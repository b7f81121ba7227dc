//! Lists that are kept outside the document: everything is as if they were in it.

use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use scim::diff::{Line, diff};
use scim::document::Document;
use scim::filter;
use scim::finding::{Finding, Place};
use scim::json::{Json, Object};
use scim::leniency::{Leniency, Reading};
use scim::long_list::{LONG, LongList, Parts};
use scim::patch::{self, Applied};
use scim::schema::{Registry, Shape};
use scim::value::Value;

use crate::world::{self, GROUP, object, shape};

/// A group whose members can become others, and one of them the first.
static TEAM: LazyLock<Registry> = LazyLock::new(|| {
    let schemas = Registry::read_schemas(
        r#"[{"id": "urn:example:params:scim:schemas:core:2.0:Team", "name": "Team", "attributes": [
            {"name": "displayName", "required": true},
            {"name": "members", "type": "complex", "multiValued": true, "required": true, "subAttributes": [
              {"name": "value", "required": true}, {"name": "display"}, {"name": "type"},
              {"name": "primary", "type": "boolean"},
              {"name": "$ref", "type": "reference", "referenceTypes": ["User"]}]}]}]"#,
    );
    let types = Registry::read_resource_types(
        r#"{"name": "Team", "endpoint": "/Teams", "schema": "urn:example:params:scim:schemas:core:2.0:Team"}"#,
    );
    Registry::builtin().with(schemas.unwrap(), types.unwrap()).unwrap()
});

fn group(members: &[Json]) -> Object {
    let mut object = object(&format!(r#"{{"schemas":["{GROUP}"],"id":"g1","displayName":"Sales"}}"#));
    if !members.is_empty() {
        object.insert("members", members.to_vec());
    }
    object.insert("meta", world::object(r#"{"resourceType":"Group"}"#));
    object
}

fn member(number: usize) -> Json {
    let kind = if number.is_multiple_of(7) { "Group" } else { "User" };
    world::parse(&format!(r#"{{"value":"m{number}","display":"Member {}","type":"{kind}"}}"#, number % 5))
}

fn members(count: usize) -> Vec<Json> {
    (0..count).map(member).collect()
}

/// Applies operations to a whole object, and to the same resource at rest.
fn both_ways(shape: &Shape, leniency: Leniency, resource: &Object, body: &str) -> [(Applied, Vec<Finding>); 2] {
    let apply = |work: &dyn Fn(&mut Reading<'_>, &[patch::Operation]) -> Applied| {
        let mut reading = Reading::new(shape, leniency);
        let operations = patch::patch_operations(&mut reading, world::parse(body)).unwrap();
        let applied = work(&mut reading, &operations);
        (applied, reading.findings)
    };
    let parts = Document::pack(resource).to_parts();
    [
        apply(&|reading, operations| patch::apply(reading, resource.clone(), operations)),
        apply(&|reading, operations| {
            let Applied { result, outcomes, lines, written } =
                patch::apply_to_parts(reading, parts.clone(), operations);
            // As it will be kept, and read again.
            let result = result.map(|parts| Document::pack_parts(&parts).to_object());
            Applied { result, outcomes, lines, written }
        }),
    ]
}

/// Members in an order that does not depend on how they were put in.
fn sorted(mut object: Object) -> String {
    if let Some(Json::Array(members)) = object.get_mut("members") {
        members.sort_by_key(|member| member.to_text());
    }
    Json::Object(object).to_text()
}

fn compare(shape: &Shape, leniency: Leniency, resource: &Object, body: &str) {
    let [(whole, whole_findings), (parts, parts_findings)] = both_ways(shape, leniency, resource, body);
    assert_eq!(whole.outcomes, parts.outcomes, "{body}");
    assert_eq!(whole_findings, parts_findings, "{body}");
    assert_eq!(whole.written, parts.written, "{body}");
    assert_eq!(whole.result.clone().map(sorted), parts.result.clone().map(sorted), "{body}");
    let in_order = |mut lines: Vec<Line>| {
        lines.sort_by(|left, right| left.path.cmp(&right.path));
        lines
    };
    // Of elements that are the same thing either may be said to be the new one.
    if whole.result.as_ref().map_or_else(|_| body.matches("\"op\"").count() < 2, each_is_one) {
        assert_eq!(in_order(whole.lines), in_order(parts.lines), "{body}");
    }
}

fn each_is_one(resource: &Object) -> bool {
    let members = resource.get("members").and_then(Json::as_array).unwrap_or_default();
    let values: Vec<String> = members.iter().filter_map(|one| one.pointer("/value")).map(Json::to_text).collect();
    values.iter().collect::<std::collections::HashSet<_>>().len() == values.len()
}

/// A value for `members`, or a part of it: those that are there, others, and what is not in order.
fn element() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => (0..90_usize).prop_map(|number| format!(r#"{{"value":"m{number}"}}"#)),
        2 => (0..90_usize).prop_map(|number| format!(r#"{{"value":"M{number}","display":"other"}}"#)),
        1 => (0..90_usize).prop_map(|number| member(number).to_text()),
        1 => (0..90_usize).prop_map(|number| format!(r#"{{"value":"m{number}","type":"Group"}}"#)),
        1 => (0..90_usize).prop_map(|number| format!(r#"{{"value":"m{number}","primary":true}}"#)),
        1 => (0..90_usize).prop_map(|number| format!(r#""m{number}""#)),
        1 => Just(r#"{"display":"nobody"}"#.to_owned()),
        1 => Just(r#"{"value":null}"#.to_owned()),
    ]
}

fn elements() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => element(),
        4 => vec(element(), 0..12).prop_map(|elements| format!("[{}]", elements.join(","))),
        1 => (0..90_usize).prop_map(|count| Json::Array(members(count)).to_text()),
        1 => (0..90_usize).prop_map(|count| Json::Array(members(count).into_iter().rev().collect()).to_text()),
        1 => Just("null".to_owned()),
    ]
}

fn condition() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => (0..90_usize).prop_map(|number| format!(r#"value eq \"m{number}\""#)),
        2 => (0..90_usize).prop_map(|number| format!(r#"value eq \"M{number}\" and type eq \"User\""#)),
        1 => (0..9_usize).prop_map(|number| format!(r#"value sw \"m{number}\""#)),
        1 => (0..90_usize).prop_map(|number| format!(r#"value eq \"m{number}\" or value eq \"m1\""#)),
        1 => (0..90_usize).prop_map(|number| format!(r#"not (value eq \"m{number}\")"#)),
        1 => Just(r#"display eq \"member 3\""#.to_owned()),
    ]
}

fn operation() -> impl Strategy<Value = String> {
    let words = prop_oneof![Just("add"), Just("Add"), Just("remove"), Just("replace"), Just("Replace")];
    let op = |op: &str, path: &str, value: Option<String>| {
        let value = value.map(|value| format!(r#","value":{value}"#)).unwrap_or_default();
        format!(r#"{{"op":"{op}","path":"{path}"{value}}}"#)
    };
    prop_oneof![
        4 => (words.clone(), elements()).prop_map(move |(word, value)| op(word, "members", Some(value))),
        1 => Just(op("remove", "members", None)),
        3 => condition().prop_map(move |condition| op("remove", &format!("members[{condition}]"), None)),
        2 => (words.clone(), condition(), element())
            .prop_map(move |(word, condition, value)| op(word, &format!("members[{condition}]"), Some(value))),
        2 => (words.clone(), condition(), 0..9_usize).prop_map(move |(word, condition, number)| {
            op(word, &format!("members[{condition}].display"), Some(format!("\"D{number}\"")))
        }),
        1 => condition().prop_map(move |condition| op("remove", &format!("members[{condition}].display"), None)),
        1 => (0..90_usize, 0..90_usize).prop_map(move |(from, to)| {
            op("replace", &format!(r#"members[value eq \"m{from}\"].value"#), Some(format!("\"m{to}\"")))
        }),
        1 => Just(op("replace", "members.display", Some("\"all\"".into()))),
        1 => elements().prop_map(|value| format!(r#"{{"op":"add","value":{{"members":{value},"externalId":"x"}}}}"#)),
        1 => Just(op("replace", "displayName", Some("\"Support\"".into()))),
        1 => Just(op("remove", "displayName", None)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn patch_does_the_same_to_a_list_outside_as_to_one_inside(
        count in prop_oneof![Just(LONG - 1), Just(LONG), Just(LONG + 1), Just(80_usize)],
        primary in proptest::option::of(0..60_usize),
        operations in vec(operation(), 1..5),
        strict in any::<bool>(),
        team in any::<bool>(),
    ) {
        let mut members = members(count);
        if let Some(Json::Object(member)) = primary.and_then(|at| members.get_mut(at)) {
            member.insert("primary", true);
        }
        let leniency = if strict { Leniency::STRICT } else { Leniency::TOLERANT };
        let shape = if team { TEAM.shape_named("Team").unwrap() } else { shape("Group") };
        let mut resource = group(&members);
        resource.insert("schemas", vec![Json::from(shape.base.id.as_str())]);
        compare(shape, leniency, &resource, &super::patch::body(&operations.join(",")));
    }

    #[test]
    fn two_versions_differ_in_what_their_elements_differ(
        count in 65..90_usize,
        replaced in vec(element(), 65..90),
    ) {
        let elements: Vec<Json> = replaced.iter().map(|text| world::parse(text)).collect();
        let before = LongList::new(members(count).iter().map(Value::from));
        let after = before.with(&elements);
        let text = |list: &LongList| {
            let mut texts: Vec<String> = list.iter().map(Value::to_text).collect();
            texts.sort();
            texts
        };
        prop_assert_eq!(text(&after), text(&LongList::new(elements.iter().map(Value::from))));
        // Redoing what changed gives the same list.
        let changes = before.changes(&after);
        let mut again = before.clone();
        for (old, new) in &changes.changed {
            prop_assert!(again.replace(*old, *new));
        }
        for element in &changes.gone {
            prop_assert!(again.remove(*element));
        }
        changes.came.iter().for_each(|element| again.push(*element));
        prop_assert_eq!(text(&again), text(&after));
        prop_assert_eq!(&before, &LongList::new(members(count).iter().map(Value::from)));
    }
}

#[test]
fn a_document_reads_and_compares_as_if_the_list_were_in_it() {
    for count in [LONG, LONG + 1, 500] {
        let object = group(&members(count));
        let document = Document::pack(&object);
        assert_eq!(document.has_long_lists(), count > LONG);
        assert_eq!(document.to_object(), object);
        assert_eq!(document.value().to_text(), Json::Object(object.clone()).to_text());
        assert_eq!(document.value(), Value::from(&object));
        let parts = document.to_parts();
        assert_eq!(parts.lists.is_empty(), count <= LONG);
        assert_eq!(Document::pack_parts(&parts), document);
        assert_eq!(parts.into_object(), object);
    }
}

#[test]
fn an_unchanged_list_of_an_extension_is_kept_outside_too() {
    const URN: &str = "urn:example:params:scim:schemas:extension:lock:2.0:Door";
    let tags: Vec<Json> = (0..100).map(|number| Json::from(format!("t{number}"))).collect();
    let mut container = Object::new();
    container.insert("tags", tags);
    let mut resource = Object::new();
    resource.insert(URN, container);
    let parts = Document::pack(&resource).to_parts();
    assert_eq!(
        parts.lists.iter().map(|(home, list)| (home.path(), list.len())).collect::<Vec<_>>(),
        [(format!("{URN}:tags"), 100)]
    );
    assert_eq!(Document::pack_parts(&parts).to_object(), resource);
}

#[test]
fn filters_find_a_member_of_a_long_list_in_any_notation_and_nothing_else() {
    let document = Document::pack(&group(&members(300)));
    let holds = |text: &str| {
        let mut reading = Reading::new(shape("Group"), Leniency::TOLERANT);
        let bound = filter::parse(text).unwrap().bind(&mut reading, &Place::Target).unwrap();
        assert_eq!(bound.matches(document.value()), bound.matches(Value::from(&document.to_object())), "{text}");
        bound.matches(document.value())
    };
    for text in [
        r#"members.value eq "m299""#,
        r#"members[value eq "m0"]"#,
        r#"members eq "m5""#,
        r#"members[value eq "m7" and type eq "Group"]"#,
        r#"members.display eq "member 3""#,
        r#"members.value ne "m0""#,
        r#"not (members.value eq "m300")"#,
        r#"members[value eq "m1" or value eq "m999"]"#,
        r#"members.type eq "Group""#,
    ] {
        assert!(holds(text), "{text}");
    }
    for text in [
        r#"members.value eq "m300""#,
        r#"members[value eq "m8" and type eq "Group"]"#,
        r#"members[value eq "m300"]"#,
        r#"members.display eq "m1""#,
        r#"not (members.value eq "m12")"#,
    ] {
        assert!(!holds(text), "{text}");
    }
}

#[test]
fn the_difference_of_two_versions_is_told_like_that_of_two_objects() {
    let before = Document::pack(&group(&members(200)));
    let mut parts = before.to_parts();
    let mut list = parts.lists.get(None, "members").unwrap().clone();
    let element = |number| member(number);
    assert!(list.remove(Value::from(&element(3))));
    assert!(list.replace(Value::from(&element(5)), Value::from(&world::parse(r#"{"value":"m5","display":"Five"}"#))));
    assert!(!list.remove(Value::from(&element(3))));
    list.push(Value::from(&element(777)));
    parts.lists.set(None, "members", list);
    let after = Document::pack_parts(&parts);
    let lines = diff(shape("Group"), Some(before.value()), Some(after.value()));
    let (whole, other) = (before.to_object(), after.to_object());
    assert_eq!(lines, diff(shape("Group"), Some(Value::from(&whole)), Some(Value::from(&other))));
    let paths: Vec<&str> = lines.iter().map(|line| line.path.as_str()).collect();
    let expected = [
        r#"members[value eq "m3"]"#,
        r#"members[value eq "m5"].display"#,
        r#"members[value eq "m5"].type"#,
        r#"members[value eq "m777"]"#,
    ];
    let mut sorted = paths.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, expected);
    let mut replaced = Parts::from(other.clone());
    replaced.share_with(&before.to_parts().lists);
    assert!(replaced.object.get("members").unwrap().is_unassigned());
    assert_eq!(sorted_texts(&Document::pack_parts(&replaced)), sorted_texts(&after));
}

fn sorted_texts(document: &Document) -> String {
    sorted(document.to_object())
}
