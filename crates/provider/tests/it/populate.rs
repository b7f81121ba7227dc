//! Many resources at once, without requests.

use provider::populate::{Hitch, NewResource, Populate};
use scim::json::{Json, Limits, parse};
use traffic::change::Cause;

use crate::bench::{Bench, GROUP, USER};

fn json(text: &str) -> Json {
    parse(text.as_bytes(), Limits::default()).unwrap()
}

fn user(at: u64, name: &str) -> NewResource {
    let body = json(&format!(r#"{{"schemas":["{USER}"],"userName":"{name}"}}"#));
    NewResource { resource_type: "User".into(), id: Some(format!("u{at}")), body, from: at }
}

fn group(at: u64, members: &[&str]) -> NewResource {
    let members: Vec<String> = members.iter().map(|id| format!(r#"{{"value":"{id}"}}"#)).collect();
    let body = json(&format!(r#"{{"schemas":["{GROUP}"],"displayName":"g{at}","members":[{}]}}"#, members.join(",")));
    NewResource { resource_type: "Group".into(), id: Some(format!("g{at}")), body, from: at }
}

fn adding(most: u64) -> Populate {
    Populate { most, replace: false, cause: Cause::Seed(7), dry_run: false }
}

#[test]
fn all_come_in_one_revision_with_its_cause_and_no_exchange() {
    let bench = Bench::tolerant();
    let tenant = bench.provider.tenant();
    let resources = (0..150).map(|at| user(at, &format!("n{at}"))).chain([group(150, &["u1", "u2"])]);
    let mut told = Vec::new();
    let done = bench.provider.populate(&tenant, adding(151), resources, &mut |done| {
        told.push(done);
        true
    });
    let done = done.unwrap();
    assert_eq!(done.created, [("User".to_owned(), 150), ("Group".to_owned(), 1)]);
    assert_eq!((done.revision, done.gone, tenant.directory().root().len()), (1, 0, 151));
    assert_eq!(told, [0, 64, 128, 151]);
    let commits = bench.commits();
    assert_eq!(commits.len(), 1);
    assert_eq!((commits[0].cause, commits[0].changes.len()), (Cause::Seed(7), 151));
    assert!(commits[0].changes.iter().all(|change| change.before.is_none() && change.after.is_some()));
}

#[test]
fn one_that_is_refused_leaves_all_out_and_each_says_where_it_was() {
    let bench = Bench::tolerant();
    let tenant = bench.provider.tenant();
    let nameless = NewResource { body: json(&format!(r#"{{"schemas":["{USER}"]}}"#)), ..user(3, "") };
    let strange = NewResource { resource_type: "Robot".into(), ..user(4, "robot") };
    let evil = NewResource { id: Some("a\u{0}b".into()), ..user(5, "evil") };
    let resources = [user(1, "ada"), user(2, "ADA"), nameless, strange, evil, user(6, "grace")];
    let refused = bench.provider.populate(&tenant, adding(6), resources, &mut |_| true).unwrap_err();
    let Hitch::Refused { told, all } = refused else { panic!("{refused}") };
    let told: Vec<(u64, u16, &str)> =
        told.iter().map(|refused| (refused.from, refused.error.status, refused.error.detail.as_str())).collect();
    assert_eq!(all, 4);
    assert_eq!(told[0], (2, 409, r#"userName "ADA" is already used by User u1"#));
    assert!(told[1].0 == 3 && told[1].2.contains("userName is required"), "{told:?}");
    assert!(told[2].0 == 4 && told[2].2.contains("no resource type \"Robot\""), "{told:?}");
    assert!(told[3].0 == 5 && told[3].2.contains("does not do"), "{told:?}");
    assert_eq!((tenant.directory().root().len(), bench.commits().len()), (0, 0));
}

#[test]
fn what_replaces_tells_what_is_gone() {
    let bench = Bench::tolerant();
    let tenant = bench.provider.tenant();
    bench.provider.populate(&tenant, adding(2), [user(1, "ada"), user(2, "grace")], &mut |_| true).unwrap();
    let what = Populate { replace: true, cause: Cause::Import, ..adding(1) };
    let done = bench.provider.populate(&tenant, what, [user(1, "ada")], &mut |_| true).unwrap();
    assert_eq!((done.gone, done.revision, tenant.directory().root().len()), (2, 2, 1));
    let last = bench.commits().pop().unwrap();
    let changes: Vec<(&str, bool, bool)> = last
        .changes
        .iter()
        .map(|change| (change.resource_id.as_str(), change.before.is_some(), change.after.is_some()))
        .collect();
    assert_eq!(changes, [("u2", true, false), ("u1", true, true)]);
    assert_eq!(directory::stated_version(last.changes[1].after.as_ref().unwrap()), Some(2));
}

#[test]
fn whoever_says_stop_leaves_nothing_behind() {
    let bench = Bench::tolerant();
    let tenant = bench.provider.tenant();
    let resources = (0..1_000).map(|at| user(at, &format!("n{at}")));
    let stopped = bench.provider.populate(&tenant, adding(1_000), resources, &mut |done| done < 500);
    assert_eq!(stopped.unwrap_err(), Hitch::Stopped);
    assert_eq!((tenant.directory().root().len(), bench.commits().len()), (0, 0));
}

#[test]
fn a_dry_run_tells_the_same_and_changes_nothing() {
    let bench = Bench::tolerant();
    let tenant = bench.provider.tenant();
    let what = Populate { dry_run: true, ..adding(2) };
    let done = bench.provider.populate(&tenant, what, [user(1, "ada"), user(2, "grace")], &mut |_| true).unwrap();
    assert_eq!((done.created, done.revision), (vec![("User".to_owned(), 2)], 0));
    let refused = bench.provider.populate(&tenant, what, [user(1, "ada"), user(1, "grace")], &mut |_| true);
    assert!(matches!(refused, Err(Hitch::Refused { all: 1, .. })));
    assert_eq!((tenant.directory().root().len(), bench.commits().len()), (0, 0));
}

#[test]
fn a_profile_that_wants_references_to_lead_somewhere_refuses_those_that_do_not() {
    let mut profile = provider::Profile::preset("tolerant").unwrap();
    profile.referential_integrity = true;
    let bench = Bench::with(profile, scim::schema::Registry::builtin());
    let tenant = bench.provider.tenant();
    let resources = || [user(1, "ada"), group(2, &["u1"]), group(3, &["u1", "nobody"])];
    let refused = bench.provider.populate(&tenant, adding(3), resources(), &mut |_| true).unwrap_err();
    let Hitch::Refused { told, .. } = refused else { panic!("{refused}") };
    assert_eq!((told.len(), told[0].from), (1, 3));
    assert!(told[0].error.detail.contains("\"nobody\""), "{}", told[0].error.detail);
    assert_eq!(tenant.directory().root().len(), 0);
}
