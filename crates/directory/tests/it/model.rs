//! The directory against a naive one: every query, page and refusal is the same, and old roots stay as they were.

use std::sync::Arc;

use directory::{Directory, Fault, Query, Root};
use proptest::collection::vec;
use proptest::prelude::*;
use scim::filter::Bound;
use scim::json::{Json, Object};
use scim::schema::Registry;
use scim::value::Value;

use crate::support::{at, bind, group, object, registry, user};

#[derive(Clone, Debug)]
enum Step {
    CreateUser(u8),
    CreateGroup(u8, Vec<u8>),
    RenameUser(u8, u8),
    SetMembers(u8, Vec<u8>),
    /// Adds a member, or removes it if it is there, without a look at the others.
    Toggle(u8, u8),
    Delete(u8),
}

/// Groups from this number on have many more members than those that come and go.
const LARGE: u8 = 3;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0..24_u8).prop_map(Step::CreateUser),
        2 => (0..6_u8, vec(0..30_u8, 0..4)).prop_map(|(name, members)| Step::CreateGroup(name, members)),
        2 => (0..30_u8, 0..24_u8).prop_map(|(of, name)| Step::RenameUser(of, name)),
        2 => (0..30_u8, vec(0..30_u8, 0..4)).prop_map(|(of, members)| Step::SetMembers(of, members)),
        3 => (0..30_u8, 0..30_u8).prop_map(|(of, member)| Step::Toggle(of, member)),
        2 => (0..30_u8).prop_map(Step::Delete),
    ];
    vec(step, 1..60)
}

/// Names that are equal in pairs once case is folded.
fn name(number: u8) -> String {
    let base = format!("ünser{}", number / 2);
    if number.is_multiple_of(2) { base } else { base.to_uppercase() }
}

#[derive(Clone, Debug)]
struct Simple {
    resource_type: &'static str,
    id: String,
    object: Object,
    version: u64,
}

#[derive(Clone, Debug, Default)]
struct Naive {
    resources: Vec<Simple>,
}

impl Naive {
    fn holder(&self, user_name: &str) -> Option<&Simple> {
        self.resources.iter().find(|resource| {
            let text = resource.object.get("userName").and_then(Json::as_str);
            text.is_some_and(|text| text.to_lowercase() == user_name.to_lowercase())
        })
    }

    fn at(&mut self, resource_type: &str, number: u8) -> Option<&mut Simple> {
        let fitting = self.resources.iter_mut().filter(|resource| resource.resource_type == resource_type);
        let fitting: Vec<_> = fitting.collect();
        let count = fitting.len().max(1);
        fitting.into_iter().nth(usize::from(number) % count)
    }

    fn ids(&self, resource_type: &str, filter: Option<&Bound>) -> Vec<String> {
        let of_type = self.resources.iter().filter(|resource| resource.resource_type == resource_type);
        let matching = of_type.filter(|resource| {
            let mut whole = resource.object.clone();
            whole.insert("id", resource.id.as_str());
            filter.is_none_or(|filter| filter.matches(Value::from(&whole)))
        });
        matching.map(|resource| resource.id.clone()).collect()
    }

    fn state(&self) -> Vec<(String, u64, String)> {
        let describe = |resource: &Simple| (resource.id.clone(), resource.version, text(resource.object.clone()));
        ["User", "Group"]
            .iter()
            .flat_map(|kind| {
                self.resources.iter().filter(move |resource| resource.resource_type == *kind).map(describe)
            })
            .collect()
    }
}

fn state(root: &Root) -> Vec<(String, u64, String)> {
    root.resources()
        .map(|resource| {
            let mut object = resource.document.to_object();
            object.remove("id");
            object.remove("meta");
            (resource.id().to_owned(), resource.version, text(object))
        })
        .collect()
}

/// The order of members has no meaning.
fn text(mut object: Object) -> String {
    if let Some(Json::Array(members)) = object.get_mut("members") {
        members.sort_by_key(|member| member.to_text());
    }
    object.iter().map(|(name, value)| format!("{name} {value} ")).collect()
}

fn members(numbers: &[u8]) -> Vec<String> {
    let mut ids: Vec<String> = numbers.iter().map(|number| format!("r{number}")).collect();
    ids.sort();
    ids.dedup();
    ids
}

fn group_of(name: u8, numbers: &[u8]) -> Object {
    let mut ids = members(numbers);
    if name >= LARGE {
        ids.extend((0..63 + usize::from(name)).map(|number| format!("x{number}")));
    }
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut object = group(&format!("Group {name}"), &ids);
    if ids.is_empty() {
        object.remove("members");
    }
    object
}

/// Carries a step out on both, and compares what they say of it.
fn carry_out(directory: &Directory, naive: &mut Naive, step: &Step, turn: usize) {
    let mut transaction = directory.begin();
    let now = at(turn as i64);
    match step {
        Step::CreateUser(number) => {
            let id = format!("r{turn}");
            let refused = naive.holder(&name(*number)).map(|resource| resource.id.clone());
            let result = transaction.create("User", &id, user(&name(*number)), now);
            match (result, refused) {
                (Ok(_), None) => {
                    let object = user(&name(*number));
                    naive.resources.push(Simple { resource_type: "User", id, object, version: 1 });
                }
                (Err(Fault::Conflict(conflict)), Some(holder)) => assert_eq!(conflict.id, holder),
                (result, refused) => panic!("{result:?} but the naive one says {refused:?}"),
            }
        }
        Step::CreateGroup(number, numbers) => {
            let id = format!("r{turn}");
            let object = group_of(*number, numbers);
            transaction.create("Group", &id, object.clone(), now).unwrap();
            naive.resources.push(Simple { resource_type: "Group", id, object, version: 1 });
        }
        Step::RenameUser(of, number) => {
            let holder = naive.holder(&name(*number)).map(|resource| resource.id.clone());
            let Some(simple) = naive.at("User", *of) else { return };
            let object = user(&name(*number));
            match (transaction.replace(&simple.id, object.clone(), now), holder) {
                (Ok(replaced), holder) => {
                    assert!(holder.is_none_or(|holder| holder == simple.id));
                    assert_eq!(replaced.changed, simple.object != object);
                    simple.version += u64::from(replaced.changed);
                    simple.object = object;
                }
                (Err(Fault::Conflict(conflict)), Some(holder)) => assert_eq!(conflict.id, holder),
                (result, holder) => panic!("{result:?} but the naive one says {holder:?}"),
            }
        }
        Step::SetMembers(of, numbers) => {
            let Some(simple) = naive.at("Group", *of) else { return };
            let name = simple.object.get("displayName").and_then(Json::as_str).unwrap();
            let object = group_of(name.strip_prefix("Group ").unwrap().parse().unwrap(), numbers);
            let replaced = transaction.replace(&simple.id, object.clone(), now).unwrap();
            assert_eq!(replaced.changed, text(simple.object.clone()) != text(object.clone()));
            simple.version += u64::from(replaced.changed);
            simple.object = object;
        }
        Step::Toggle(of, number) => {
            let Some(simple) = naive.at("Group", *of) else { return };
            let member = object(&format!(r#"{{"value":"r{number}"}}"#));
            let mut parts = transaction.get(&simple.id).unwrap().document.to_parts();
            match parts.lists.get(None, "members").cloned() {
                Some(mut list) => {
                    if !list.remove(Value::from(&member)) {
                        list.push(Value::from(&member));
                    }
                    parts.lists.set(None, "members", list);
                }
                None => toggle(&mut parts.object, &member),
            }
            assert!(transaction.replace(&simple.id, parts, now).unwrap().changed);
            toggle(&mut simple.object, &member);
            simple.version += 1;
        }
        Step::Delete(number) => {
            let id = format!("r{number}");
            let there = naive.resources.iter().any(|resource| resource.id == id);
            assert_eq!(transaction.delete(&id, now).is_ok(), there);
            naive.resources.retain(|resource| resource.id != id);
            if there {
                naive.resources.iter_mut().for_each(|resource| forget(resource, &id));
            }
        }
    }
    transaction.commit(|_| ());
}

fn toggle(group: &mut Object, member: &Object) {
    let mut members = match group.remove("members") {
        Some(Json::Array(members)) => members,
        _ => Vec::new(),
    };
    let before = members.len();
    members.retain(|have| have.as_object() != Some(member));
    if members.len() == before {
        members.push(Json::Object(member.clone()));
    }
    if !members.is_empty() {
        group.insert("members", members);
    }
}

fn forget(resource: &mut Simple, id: &str) {
    let Some(Json::Array(members)) = resource.object.get_mut("members") else { return };
    let before = members.len();
    members.retain(|member| member.pointer("/value").and_then(Json::as_str) != Some(id));
    let after = members.len();
    resource.version += u64::from(after < before);
    if after == 0 {
        resource.object.remove("members");
    }
}

fn filters(registry: &Registry) -> Vec<(&'static str, Option<Bound>)> {
    let users = [
        r#"userName eq "ünser3""#,
        r#"userName eq "ÜNSER0" or userName eq "ünser1""#,
        r#"emails.value eq "ünser2@example.com" and userName pr"#,
        r#"userName sw "ünser1""#,
        r#"not (userName eq "ünser1")"#,
        r#"id eq "r4""#,
        r#"id eq "R4""#,
    ];
    let groups = [
        r#"members.value eq "r1""#,
        r#"members[value eq "r2"]"#,
        r#"members.value eq "x65""#,
        r#"displayName eq "group 1""#,
    ];
    let users = users.map(|filter| ("User", Some(bind(registry, "User", filter))));
    let groups = groups.map(|filter| ("Group", Some(bind(registry, "Group", filter))));
    [("User", None), ("Group", None)].into_iter().chain(users).chain(groups).collect()
}

fn compare(root: &Root, naive: &Naive, filters: &[(&'static str, Option<Bound>)]) {
    assert_eq!(state(root), naive.state());
    for (resource_type, filter) in filters {
        let expected = naive.ids(resource_type, filter.as_ref());
        for (start_index, count) in [(1, usize::MAX), (1, 0), (1, 2), (2, 3), (3, 1), (99, 5), (0, 1)] {
            let query = Query { resource_type, filter: filter.as_ref(), view: None, start_index, count };
            let page = root.query(&query);
            let ids: Vec<&str> = page.resources.iter().map(|resource| resource.id()).collect();
            let skip = usize::try_from(start_index.max(1) - 1).unwrap();
            let wanted: Vec<&str> = expected.iter().map(String::as_str).skip(skip).take(count).collect();
            assert_eq!((page.total, ids), (expected.len() as u64, wanted));
        }
    }
    for number in 0..30 {
        let id = format!("r{number}");
        assert_eq!(root.get(&id).is_some(), naive.resources.iter().any(|resource| resource.id == id));
        let referrers: Vec<&str> = root.referrers(&id).into_iter().map(|resource| resource.id()).collect();
        let holds = |resource: &&Simple| {
            let members = resource.object.get("members").and_then(Json::as_array).unwrap_or_default();
            members.iter().any(|member| member.pointer("/value").and_then(Json::as_str) == Some(&id))
        };
        let expected: Vec<&str> = naive.resources.iter().filter(holds).map(|resource| resource.id.as_str()).collect();
        assert_eq!(referrers, expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_answers_like_a_naive_one_and_old_roots_stay(steps in steps()) {
        let registry = registry();
        let directory = Directory::new(Arc::clone(&registry));
        let filters = filters(&registry);
        let mut naive = Naive::default();
        let mut past: Vec<(Arc<Root>, Naive)> = Vec::new();
        for (turn, step) in steps.iter().enumerate() {
            carry_out(&directory, &mut naive, step, turn);
            past.push((directory.root(), naive.clone()));
            let root = directory.root();
            assert!(Arc::ptr_eq(&directory.at(root.revision()).unwrap(), &root));
        }
        compare(&directory.root(), &naive, &filters);
        for (root, naive) in past.iter().step_by(7) {
            compare(root, naive, &filters);
            assert!(Arc::ptr_eq(&directory.at(root.revision()).unwrap(), root));
        }
        // Each state can be brought back. All that is different then is the versions.
        for (root, naive) in past.iter().step_by(11) {
            let mut transaction = directory.begin();
            transaction.restore(root, at(999)).unwrap();
            transaction.commit(|commit| assert!(!commit.changes.is_empty()));
            let restored = directory.root();
            let mut naive = naive.clone();
            for resource in &mut naive.resources {
                let version = restored.get(&resource.id).unwrap().version;
                assert!(version >= resource.version, "{}", resource.id);
                resource.version = version;
            }
            compare(&restored, &naive, &filters);
        }
    }
}

#[test]
fn deep_pages_of_a_large_type_begin_where_they_should_after_deletions() {
    let directory = Directory::new(registry());
    let mut transaction = directory.begin();
    for number in 0..5_000 {
        transaction.create("User", &format!("u{number}"), user(&format!("user{number}")), at(0)).unwrap();
    }
    // A whole block goes, and every third of the rest.
    for number in (0..5_000).filter(|number| (1_024..2_048).contains(number) || number % 3 == 0) {
        transaction.delete(&format!("u{number}"), at(1)).unwrap();
    }
    let root = transaction.commit(|_| ());
    let left: Vec<String> = (0..5_000)
        .filter(|number| !(1_024..2_048).contains(number) && number % 3 != 0)
        .map(|number| format!("u{number}"))
        .collect();
    assert_eq!(root.count("User"), left.len());
    for start in [1, 2, 682, 683, 684, 1_000, 2_000, left.len(), left.len() + 1, 9_999] {
        let query = Query { resource_type: "User", filter: None, view: None, start_index: start as u64, count: 3 };
        let ids: Vec<String> = root.query(&query).resources.iter().map(|resource| resource.id().to_owned()).collect();
        let expected: Vec<String> = left.iter().skip(start - 1).take(3).cloned().collect();
        assert_eq!(ids, expected, "from {start}");
        assert_eq!(root.plan(&query).scanned, expected.len());
    }
}
