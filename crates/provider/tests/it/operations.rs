//! POST, PUT, PATCH and DELETE.

use jiff::SignedDuration;
use scim::finding::Place;
use scim::json::Json;
use traffic::handled::{Action, OperationOutcome};

use crate::bench::{BASE, Bench, ENTERPRISE, GROUP, USER, assert_refused, at, body, finding, header, string, text};

#[test]
fn a_created_resource_has_its_location_in_three_places() {
    let bench = Bench::tolerant();
    let handled = bench.ask("POST", "/Users", &format!(r#"{{"schemas":["{USER}"],"userName":"ada","id":"mine"}}"#));
    let body = body(&handled);
    let id = string(&body, "/id");
    assert_eq!(id, "00000000-0000-4000-8000-000000000001");
    let location = format!("{BASE}/Users/{id}");
    assert_eq!((handled.response.status, header(&handled, "Location")), (201, Some(location.as_str())));
    assert_eq!(string(&body, "/meta/location"), location);
    assert_eq!(bench.get(location.strip_prefix("http://127.0.0.1:8787").unwrap()).response.status, 200);
    assert_eq!(handled.subject.resource_id, Some(id));
    assert_eq!(handled.subject.display.as_deref(), Some("ada"));
    assert_eq!((handled.action, handled.subject.resource_type.as_deref()), (Action::Create, Some("User")));
}

#[test]
fn a_user_name_that_is_taken_is_a_conflict_that_says_by_whom_and_where() {
    let bench = Bench::tolerant();
    let id = bench.user("ada");
    let handled = bench.ask("POST", "/Users", &format!(r#"{{"schemas":["{USER}"],"USERNAME":"ADA","title":"x"}}"#));
    assert_refused(&handled, 409, Some("uniqueness"));
    assert!(text(&handled).contains(&id));
    assert_eq!(finding(&handled, "uniqueness").place, Place::Body("/USERNAME".into()));
    let paths: Vec<_> = handled.would_have_changed.iter().map(|line| line.path.as_str()).collect();
    assert_eq!(paths, ["userName", "title"]);
    let other = bench.user("grace");
    let put = bench.ask("PUT", &format!("/Users/{other}"), &format!(r#"{{"schemas":["{USER}"],"userName":"Ada"}}"#));
    assert_refused(&put, 409, Some("uniqueness"));
    assert_eq!(bench.commits().len(), 2);
}

#[test]
fn a_patch_that_makes_a_conflict_names_the_operation() {
    let bench = Bench::tolerant();
    bench.user("ada");
    let path = format!("/Users/{}", bench.user("grace"));
    let handled = bench.patch(
        &path,
        r#"{"op":"replace","path":"title","value":"x"},{"op":"replace","path":"userName","value":"ADA"}"#,
    );
    assert_refused(&handled, 409, Some("uniqueness"));
    assert_eq!(finding(&handled, "uniqueness").place, Place::Body("/Operations/1".into()));
    assert_eq!(handled.operations[0].outcome, OperationOutcome::Changed);
    assert!(matches!(handled.operations[1].outcome, OperationOutcome::Refused(_)));
    assert_eq!(handled.would_have_changed.len(), 2);
    assert_eq!(at(&body(&bench.get(&path)), "/title"), "absent");
}

#[test]
fn a_put_replaces_what_it_says_and_clears_what_it_omits() {
    let bench = Bench::tolerant();
    let path = format!("/Users/{}", bench.user("ada"));
    bench.patch(&path, r#"{"op":"add","value":{"title":"x","nickName":"A"}}"#);
    bench.clock.advance(SignedDuration::from_secs(60));
    let handled = bench.ask("PUT", &path, &format!(r#"{{"schemas":["{USER}"],"userName":"ada","title":"y"}}"#));
    let body = body(&handled);
    assert_eq!((handled.response.status, header(&handled, "ETag")), (200, Some("W/\"3\"")));
    assert_eq!((at(&body, "/title"), at(&body, "/nickName")), ("\"y\"".into(), "absent".into()));
    assert_eq!(at(&body, "/meta/created"), "\"2026-01-31T09:30:00.000Z\"");
    assert_eq!(at(&body, "/meta/lastModified"), "\"2026-01-31T09:31:00.000Z\"");
    assert_refused(&bench.ask("PUT", "/Users/nobody", "{}"), 404, None);
}

#[test]
fn writing_what_is_there_already_keeps_version_and_time() {
    let bench = Bench::tolerant();
    let user = bench.user("ada");
    let path = format!("/Users/{user}");
    let group = format!("/Groups/{}", bench.group("g", &[&user]));
    let before = body(&bench.get(&path));
    bench.clock.advance(SignedDuration::from_secs(60));
    let put = bench.ask("PUT", &path, &before.to_text());
    assert_eq!((put.response.status, body(&put)), (200, before.clone()));
    let patched = bench.patch(&path, r#"{"op":"replace","path":"userName","value":"ada"}"#);
    assert_eq!(body(&patched), before);
    let outcome = &patched.operations[0].outcome;
    assert!(matches!(outcome, OperationOutcome::Unchanged(_)), "{outcome:?}");
    let there_and_back = r#"{"op":"add","path":"title","value":"x"},{"op":"remove","path":"title"}"#;
    assert_eq!(body(&bench.patch(&path, there_and_back)), before);
    let again = format!(r#"{{"op":"add","path":"members","value":[{{"value":"{user}"}}]}}"#);
    assert_eq!(header(&bench.patch(&group, &again), "ETag"), Some("W/\"1\""));
    assert_eq!(bench.commits().len(), 2);
}

#[test]
fn a_put_with_the_members_in_another_order_changes_nothing() {
    let bench = Bench::tolerant();
    let path = format!("/Groups/{}", bench.group("g", &["a", "b"]));
    let body = format!(r#"{{"schemas":["{GROUP}"],"members":[{{"value":"b"}},{{"value":"a"}}],"displayName":"g"}}"#);
    let handled = bench.ask("PUT", &path, &body);
    assert_eq!((handled.response.status, header(&handled, "ETag")), (200, Some("W/\"1\"")));
}

#[test]
fn a_refused_patch_changes_nothing_and_tells_what_it_would_have_changed() {
    let bench = Bench::strict();
    let path = format!("/Users/{}", bench.user("ada"));
    let handled = bench.patch(
        &path,
        r#"{"op":"add","path":"title","value":"x"},{"op":"replace","path":"active","value":"False"},{"op":"remove","path":"title"}"#,
    );
    assert_refused(&handled, 400, Some("invalidValue"));
    let outcomes: Vec<_> = handled.operations.iter().map(|operation| &operation.outcome).collect();
    assert!(
        matches!(
            outcomes.as_slice(),
            [OperationOutcome::Changed, OperationOutcome::Refused(_), OperationOutcome::NotReached]
        ),
        "{outcomes:?}"
    );
    assert_eq!(handled.would_have_changed.len(), 1);
    assert_eq!(handled.would_have_changed[0].path, "title");
    assert_eq!(header(&bench.get(&path), "ETag"), Some("W/\"1\""));
}

#[test]
fn the_operations_of_a_patch_are_kept_as_they_were_sent() {
    let bench = Bench::tolerant();
    let path = format!("/Users/{}", bench.user("ada"));
    let handled =
        bench.patch(&path, r#"{"op":"Add","path":"title","value":"x"},{"op":"replace","value":{"active":true}}"#);
    let sent: Vec<_> = handled.operations.iter().map(|one| (one.index, one.op.as_str(), one.path.as_deref())).collect();
    assert_eq!(sent, [(0, "Add", Some("title")), (1, "replace", None)]);
    assert_refused(&bench.patch("/Users/nobody", r#"{"op":"add","path":"title","value":"x"}"#), 404, None);
}

#[test]
fn a_large_group_answers_a_patch_with_204_unless_attributes_are_asked_for() {
    let bench = Bench::tolerant();
    let members: Vec<String> = (0..1_001).map(|number| format!("m{number}")).collect();
    let members: Vec<&str> = members.iter().map(String::as_str).collect();
    let path = format!("/Groups/{}", bench.group("big", &members));
    let rename = r#"{"op":"replace","path":"displayName","value":"bigger"}"#;
    let handled = bench.patch(&path, rename);
    assert_eq!((handled.response.status, handled.response.body.len()), (204, 0));
    assert_eq!(handled.subject.display.as_deref(), Some("bigger"));
    let asked = bench.patch(&format!("{path}?excludedAttributes=members"), rename);
    assert_eq!((asked.response.status, at(&body(&asked), "/displayName")), (200, "\"bigger\"".into()));
    assert_eq!(bench.patch(&path, r#"{"op":"remove","path":"members[value eq \"m0\"]"}"#).response.status, 200);
}

#[test]
fn a_deleted_resource_is_gone_from_everywhere() {
    let bench = Bench::tolerant();
    let (ada, grace) = (bench.user("ada"), bench.user("grace"));
    let group = format!("/Groups/{}", bench.group("g", &[&ada, &grace]));
    let handled = bench.ask("DELETE", &format!("/Users/{ada}"), "");
    assert_eq!(
        (handled.response.status, handled.response.body.len(), &handled.response.headers[..]),
        (204, 0, &[][..])
    );
    assert_eq!(handled.subject.display.as_deref(), Some("ada"));
    for (method, text) in [("GET", String::new()), ("DELETE", String::new()), ("PUT", "{}".into())] {
        assert_refused(&bench.ask(method, &format!("/Users/{ada}"), &text), 404, None);
    }
    assert_eq!(at(&body(&bench.get("/Users")), "/totalResults"), "1");
    let members = body(&bench.get(&group));
    assert_eq!(members.pointer("/members").unwrap().as_array().unwrap().len(), 1);
    assert_ne!(bench.user("ada"), ada);
}

#[test]
fn references_lead_to_the_resource_and_groups_follow_membership() {
    let bench = Bench::tolerant();
    let (ada, grace) = (bench.user("ada"), bench.user("grace"));
    let inner = bench.group("Inner", &[&ada]);
    let outer = bench.group("Outer", &[&inner, "stranger"]);
    let group = body(&bench.get(&format!("/Groups/{outer}")));
    assert_eq!(string(&group, "/members/0/$ref"), format!("{BASE}/Groups/{inner}"));
    assert_eq!(at(&group, "/members/1"), r#"{"value":"stranger"}"#);
    let user = body(&bench.get(&format!("/Users/{ada}")));
    let group = |id: &str, name: &str, kind: &str| {
        format!(r#"{{"value":"{id}","$ref":"{BASE}/Groups/{id}","display":"{name}","type":"{kind}"}}"#)
    };
    let expected = format!("[{},{}]", group(&inner, "Inner", "direct"), group(&outer, "Outer", "indirect"));
    assert_eq!(at(&user, "/groups"), expected);
    assert_eq!(at(&body(&bench.get(&format!("/Users/{grace}"))), "/groups"), "absent");
    let manager = format!(r#"{{"op":"add","path":"{ENTERPRISE}:manager","value":{{"value":"{grace}"}}}}"#);
    let managed = body(&bench.patch(&format!("/Users/{ada}"), &manager));
    let manager = managed.as_object().unwrap().get(ENTERPRISE).unwrap();
    assert_eq!(string(manager, "/manager/$ref"), format!("{BASE}/Users/{grace}"));
    assert_eq!(at(manager, "/manager/displayName"), "absent", "grace has no displayName");
    bench.patch(&format!("/Users/{grace}"), r#"{"op":"add","path":"displayName","value":"Grace H."}"#);
    let managed = body(&bench.get(&format!("/Users/{ada}")));
    let manager = managed.as_object().unwrap().get(ENTERPRISE).unwrap();
    assert_eq!(string(manager, "/manager/displayName"), "Grace H.");
    bench.ask("DELETE", &format!("/Groups/{inner}"), "");
    assert_eq!(at(&body(&bench.get(&format!("/Users/{ada}"))), "/groups"), "absent");
}

#[test]
fn what_is_computed_is_never_kept() {
    let bench = Bench::tolerant();
    let ada = bench.user("ada");
    let path = format!("/Groups/{}", bench.group("g", &[&ada]));
    let read = bench.get(&path);
    assert_eq!(bench.ask("PUT", &path, &text(&read)).response.status, 200);
    assert_eq!(header(&bench.get(&path), "ETag"), Some("W/\"1\""), "a read written back is no change");
    let root = bench.provider.tenant().directory().root();
    for resource in root.resources() {
        let kept = resource.document.value().to_text();
        assert!(!kept.contains("$ref") && !kept.contains("location"), "{kept}");
    }
}

#[test]
fn a_password_is_taken_and_never_seen_again() {
    let bench = Bench::tolerant();
    let made = bench.ask(
        "POST",
        "/Users?attributes=password,userName",
        &format!(r#"{{"schemas":["{USER}"],"userName":"ada","password":"Xq7rt0pV"}}"#),
    );
    let path = format!("/Users/{}", string(&body(&made), "/id"));
    let patched = bench.patch(&path, r#"{"op":"replace","value":{"password":"T0p-Rotated"}}"#);
    assert_eq!(patched.response.status, 200);
    for handled in [&made, &patched, &bench.get(&format!("{path}?attributes=password"))] {
        assert_eq!(body(handled).pointer("/password"), None::<&Json>);
    }
    let seen = format!("{:?}{:?}", bench.commits(), bench.provider.tenant().directory().root());
    assert!(!seen.contains("Xq7rt0pV") && !seen.contains("T0p-Rotated"));
}
