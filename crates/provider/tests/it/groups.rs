//! Groups of groups (RFC 7643 section 4.1.2).

use scim::json::Json;

use crate::bench::{BASE, Bench, at, body, patch_body, string};

/// The names of a user's groups, each with how the user is in it.
fn groups(bench: &Bench, user: &str) -> Vec<(String, String)> {
    let user = body(&bench.get(&format!("/Users/{user}")));
    let groups = user.pointer("/groups").and_then(Json::as_array).unwrap_or_default();
    groups.iter().map(|group| (string(group, "/display"), string(group, "/type"))).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect()
}

#[test]
fn a_user_is_in_the_groups_of_its_groups_each_once() {
    let bench = Bench::tolerant();
    let ada = bench.user("ada");
    let inner = bench.group("inner", &[&ada]);
    let left = bench.group("left", &[&inner]);
    let right = bench.group("right", &[&inner, &ada]);
    bench.group("top", &[&left, &right]);
    let expected = [("inner", "direct"), ("right", "direct"), ("left", "indirect"), ("top", "indirect")];
    assert_eq!(groups(&bench, &ada), pairs(&expected));
    let found = bench.get("/Users?filter=groups[display%20eq%20%22top%22%20and%20type%20eq%20%22indirect%22]");
    assert_eq!(string(&body(&found), "/Resources/0/id"), ada);
    bench.ask("DELETE", &format!("/Groups/{inner}"), "");
    assert_eq!(groups(&bench, &ada), pairs(&[("right", "direct"), ("top", "indirect")]));
}

#[test]
fn groups_that_are_in_each_other_end_somewhere() {
    let bench = Bench::tolerant();
    let ada = bench.user("ada");
    let (a, b) = (bench.group("a", &[&ada]), bench.group("b", &[]));
    let add = |member: &str| format!(r#"{{"op":"add","path":"members","value":[{{"value":"{member}"}}]}}"#);
    for (group, member) in [(&a, &b), (&b, &a), (&a, &a)] {
        assert_eq!(bench.patch(&format!("/Groups/{group}"), &add(member)).response.status, 200);
    }
    assert_eq!(groups(&bench, &ada), pairs(&[("a", "direct"), ("b", "indirect")]));
}

#[test]
fn a_long_chain_of_groups_is_followed_to_its_end() {
    let bench = Bench::tolerant();
    let ada = bench.user("ada");
    let mut last = ada.clone();
    for number in 0..500 {
        last = bench.group(&format!("g{number}"), &[&last]);
    }
    let all = groups(&bench, &ada);
    assert_eq!((all.len(), all[499].clone()), (500, ("g499".to_owned(), "indirect".to_owned())));
    assert_eq!(at(&body(&bench.get("/Users?filter=groups.display%20eq%20%22g499%22")), "/totalResults"), "1");
}

#[test]
fn groups_are_changed_through_groups_only() {
    let bench = Bench::tolerant();
    let ada = bench.user("ada");
    let group = bench.group("g", &[&ada]);
    for operation in [
        r#"{"op":"add","path":"groups","value":[{"value":"x"}]}"#,
        r#"{"op":"remove","path":"groups"}"#,
        r#"{"op":"replace","path":"groups[value eq \"x\"].display","value":"y"}"#,
    ] {
        let handled = bench.ask("PATCH", &format!("/Users/{ada}"), &patch_body(operation));
        assert_eq!(string(&body(&handled), "/scimType"), "mutability", "{operation}");
    }
    let user = body(&bench.get(&format!("/Users/{ada}")));
    assert_eq!(string(&user, "/groups/0/$ref"), format!("{BASE}/Groups/{group}"));
}

#[test]
fn a_patch_of_a_large_group_is_answered_without_it_unless_attributes_are_named() {
    let bench = Bench::tolerant();
    let members: Vec<String> = (0..1_001).map(|number| format!("m{number}")).collect();
    let names: Vec<&str> = members.iter().map(String::as_str).collect();
    let group = format!("/Groups/{}", bench.group("large", &names));
    let operations = |name: &str| patch_body(&format!(r#"{{"op":"replace","path":"displayName","value":"{name}"}}"#));
    for (query, name, status) in
        [("", "a", 204), ("?attributes=displayName", "b", 200), ("?excludedAttributes=members", "c", 200)]
    {
        let handled = bench.ask("PATCH", &format!("{group}{query}"), &operations(name));
        assert_eq!(handled.response.status, status, "{query}");
        assert_eq!(handled.response.body.is_empty(), status == 204);
    }
    bench.patch(&group, r#"{"op":"remove","path":"members[value eq \"m0\"]"}"#);
    assert_eq!(bench.ask("PATCH", &group, &operations("d")).response.status, 200, "a thousand are not more than that");
}
