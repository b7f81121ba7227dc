//! What the record says of commits, and that writers lose nothing.

use std::thread;

use scim::diff::Action;
use traffic::change::Cause;
use traffic::ids::{Pos, Revision, Seq};

use crate::bench::{Bench, at, body, header};

#[test]
fn a_commit_is_in_the_record_with_its_cause_and_its_changes() {
    let bench = Bench::tolerant();
    let id = bench.user("ada");
    bench.patch(
        &format!("/Users/{id}"),
        r#"{"op":"add","path":"title","value":"x"},{"op":"replace","path":"displayName","value":"Ada"}"#,
    );
    let commits = bench.commits();
    assert_eq!(commits.iter().map(|commit| commit.revision).collect::<Vec<_>>(), [Revision(1), Revision(2)]);
    let (first, second) = (&commits[0].changes[0], &commits[1].changes[0]);
    assert_eq!((commits[0].tenant.as_str(), commits[0].cause), ("default", Cause::Exchange(Seq(7))));
    assert!(first.before.is_none());
    assert_eq!(
        (first.resource_type.as_str(), first.resource_id.as_str(), first.display.as_str()),
        ("User", &*id, "ada")
    );
    assert_eq!(first.lines.iter().map(|line| line.path.as_str()).collect::<Vec<_>>(), ["userName"]);
    assert_eq!(second.display, "Ada");
    let lines: Vec<_> = second.lines.iter().map(|line| (line.path.as_str(), line.action, line.operation)).collect();
    assert_eq!(lines.len(), 2);
    assert!(lines.contains(&("title", Action::Added, Some(0))), "{lines:?}");
    assert!(lines.contains(&("displayName", Action::Added, Some(1))), "{lines:?}");
    assert_eq!(first.after, second.before);
}

#[test]
fn a_deletion_tells_of_the_groups_that_lost_a_member() {
    let bench = Bench::tolerant();
    let id = bench.user("ada");
    let group = bench.group("g", &[&id]);
    bench.ask("DELETE", &format!("/Users/{id}"), "");
    let commits = bench.commits();
    let changes = &commits.last().unwrap().changes;
    assert_eq!(changes.iter().map(|change| change.resource_id.as_str()).collect::<Vec<_>>(), [&*id, &*group]);
    assert!(changes[0].after.is_none() && changes[0].lines.iter().all(|line| line.action == Action::Removed));
    assert_eq!(changes[1].lines.len(), 1);
    assert_eq!(changes[1].lines[0].path, format!("members[value eq \"{id}\"]"));
}

#[test]
fn requests_that_change_nothing_leave_no_commit() {
    let bench = Bench::tolerant();
    let id = bench.user("ada");
    let head = bench.log.head();
    bench.get(&format!("/Users/{id}"));
    bench.ask("DELETE", "/Users/nobody", "");
    bench.patch(&format!("/Users/{id}"), r#"{"op":"replace","path":"userName","value":"ada"}"#);
    bench.patch(&format!("/Users/{id}"), r#"{"op":"remove","path":"userName"}"#);
    assert_eq!((bench.log.head(), head.pos), (head, Pos(1)));
}

#[test]
fn threads_that_patch_the_same_resource_lose_nothing() {
    let bench = Bench::tolerant();
    let path = format!("/Groups/{}", bench.group("g", &[]));
    thread::scope(|scope| {
        for writer in 0..4 {
            let (bench, path) = (&bench, &path);
            scope.spawn(move || {
                for turn in 0..25 {
                    let add = format!(r#"{{"op":"add","path":"members","value":[{{"value":"m{writer}-{turn}"}}]}}"#);
                    assert_eq!(bench.patch(path, &add).response.status, 200);
                }
            });
        }
    });
    let group = bench.get(&path);
    assert_eq!(body(&group).pointer("/members").unwrap().as_array().unwrap().len(), 100);
    assert_eq!(header(&group, "ETag"), Some("W/\"101\""));
    let revisions: Vec<u64> = bench.commits().iter().map(|commit| commit.revision.0).collect();
    assert_eq!(revisions, (1..=101).collect::<Vec<_>>());
}

#[test]
fn of_two_threads_that_expect_the_same_version_one_is_refused() {
    let bench = Bench::tolerant();
    let path = format!("/Users/{}", bench.user("ada"));
    let write = |title: &str| {
        let operations = format!(r#"{{"op":"replace","path":"title","value":"{title}"}}"#);
        let body = crate::bench::patch_body(&operations);
        bench.ask_with("PATCH", &path, &[("If-Match", "W/\"1\"")], &body).response.status
    };
    let mut statuses = thread::scope(|scope| {
        let threads = ["x", "y"].map(|title| scope.spawn(move || write(title)));
        threads.map(|thread| thread.join().unwrap())
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    assert_eq!(at(&body(&bench.get(&path)), "/meta/version"), r#""W/\"2\"""#);
}

#[test]
fn a_profile_holds_from_the_next_request_on() {
    let bench = Bench::tolerant();
    let path = format!("/Users/{}", bench.user("ada"));
    let prepared = {
        let body = crate::bench::patch_body(r#"{"op":"replace","path":"active","value":"False"}"#);
        bench.prepare("PATCH", &path, &body)
    };
    bench.provider.tenant().switch_profile(provider::Profile::preset("rfc-strict").unwrap());
    assert_eq!(bench.provider.tenant().profile().name, "rfc-strict");
    assert_eq!(prepared.execute().response.status, 200, "a request is handled under the profile it began with");
    assert_eq!(bench.patch(&path, r#"{"op":"replace","path":"active","value":"True"}"#).response.status, 400);
}
