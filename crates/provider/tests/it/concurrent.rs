//! Many writers and readers at once: nothing is lost, nothing is seen twice.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use scim::json::Json;

use crate::bench::{Bench, at, body, header, patch_body, string};

const WRITERS: usize = 4;
const TURNS: usize = 50;

/// Adds, removals and renames of one group by several threads: what is there in the end is what none of them removed.
#[test]
fn adds_removals_and_renames_of_one_group_by_many_lose_nothing() {
    let bench = Bench::tolerant();
    let path = format!("/Groups/{}", bench.group("g", &[]));
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (bench, path) = (&bench, &path);
            scope.spawn(move || {
                for turn in 0..TURNS {
                    let id = format!("m{writer}-{turn}");
                    let add =
                        format!(r#"{{"op":"add","path":"members","value":[{{"value":"{id}"}},{{"value":"shared"}}]}}"#);
                    assert_eq!(bench.patch(path, &add).response.status, 200);
                    if turn % 2 == 0 {
                        let remove = format!(r#"{{"op":"remove","path":"members[value eq \"{id}\"]"}}"#);
                        assert_eq!(bench.patch(path, &remove).response.status, 200);
                    }
                    let rename = format!(r#"{{"op":"replace","path":"displayName","value":"by {writer}"}}"#);
                    assert_eq!(bench.patch(path, &rename).response.status, 200);
                }
            });
        }
    });
    let group = body(&bench.get(&path));
    let members: BTreeSet<String> =
        elements(&group, "/members").iter().map(|member| string(member, "/value")).collect();
    let mut expected = BTreeSet::from(["shared".to_owned()]);
    expected.extend((0..WRITERS).flat_map(|writer| (1..TURNS).step_by(2).map(move |turn| format!("m{writer}-{turn}"))));
    assert_eq!(members, expected);
    // Every commit is written down once, in the order of revisions, and the version counts them.
    let revisions: Vec<u64> = bench.commits().iter().map(|commit| commit.revision.0).collect();
    assert_eq!(revisions, (1..=revisions.len() as u64).collect::<Vec<_>>());
    assert_eq!(string(&group, "/meta/version"), format!("W/\"{}\"", revisions.len()));
}

/// A counter that is read, increased and replaced only if nobody was faster.
#[test]
fn replacements_under_if_match_count_without_a_gap() {
    let bench = Bench::tolerant();
    let path = format!("/Users/{}", bench.user("counter"));
    bench.patch(&path, r#"{"op":"add","path":"title","value":"0"}"#);
    thread::scope(|scope| {
        for _ in 0..WRITERS {
            let (bench, path) = (&bench, &path);
            scope.spawn(move || {
                let mut done = 0;
                while done < TURNS {
                    let read = bench.get(path);
                    let (seen, tag) = (body(&read), header(&read, "ETag").unwrap().to_owned());
                    let count: usize = string(&seen, "/title").parse().unwrap();
                    let Json::Object(mut user) = seen else { panic!("no object") };
                    user.insert("title", (count + 1).to_string());
                    let put = bench.ask_with("PUT", path, &[("If-Match", &tag)], &Json::Object(user).to_text());
                    match put.response.status {
                        200 => done += 1,
                        412 => {}
                        other => panic!("{other}"),
                    }
                }
            });
        }
    });
    assert_eq!(string(&body(&bench.get(&path)), "/title"), (WRITERS * TURNS).to_string());
}

/// Two threads make the same user over and over, and others delete it: there is never more than one.
#[test]
fn a_unique_name_is_given_once_however_many_ask() {
    let bench = Bench::tolerant();
    let created: usize = thread::scope(|scope| {
        let threads: Vec<_> = (0..WRITERS)
            .map(|_| {
                scope.spawn(|| {
                    let mut created = 0;
                    for _ in 0..TURNS {
                        let made = bench.ask("POST", "/Users", &user("ada"));
                        assert!(matches!(made.response.status, 201 | 409), "{}", made.response.status);
                        if made.response.status == 201 {
                            created += 1;
                            let path = format!("/Users/{}", string(&body(&made), "/id"));
                            let named = bench.get("/Users?filter=userName%20eq%20%22ADA%22");
                            assert_eq!(at(&body(&named), "/totalResults"), "1");
                            assert_eq!(bench.ask("DELETE", &path, "").response.status, 204);
                        }
                    }
                    created
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert!(created > 0);
    assert_eq!(bench.commits().len(), 2 * created);
    assert_eq!(at(&body(&bench.get("/Users")), "/totalResults"), "0");
}

/// PAG-09: while others are changed and made, a walk over unsorted pages sees each user that was there, once.
#[test]
fn unsorted_pages_stay_stable_while_resources_are_changed_and_made() {
    let bench = Bench::tolerant();
    let there: BTreeSet<String> = (0..100).map(|number| bench.user(&format!("user{number}"))).collect();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let (bench, there, over) = (&bench, &there, &over);
        scope.spawn(move || {
            for (turn, id) in there.iter().cycle().enumerate() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                let change = format!(r#"{{"op":"replace","path":"displayName","value":"{turn}"}}"#);
                assert_eq!(bench.patch(&format!("/Users/{id}"), &change).response.status, 200);
                if turn % 10 == 0 {
                    bench.user(&format!("new{turn}"));
                }
            }
        });
        for _ in 0..20 {
            let mut seen: Vec<String> = Vec::new();
            for page in 0.. {
                let list = body(&bench.get(&format!("/Users?startIndex={}&count=7", page * 7 + 1)));
                let page: Vec<String> = elements(&list, "/Resources").iter().map(|user| string(user, "/id")).collect();
                if page.is_empty() || seen.len() > 2 * there.len() {
                    break;
                }
                seen.extend(page);
            }
            let distinct: BTreeSet<String> = seen.iter().cloned().collect();
            assert_eq!(distinct.len(), seen.len(), "a user is on two pages");
            assert!(distinct.is_superset(there), "a user is on no page");
        }
        over.store(true, Ordering::Relaxed);
    });
}

/// RFC 9865: a walk by cursor sees each user that stays, once, even while others are deleted.
#[test]
fn a_walk_by_cursor_stays_stable_while_resources_are_deleted() {
    let bench = Bench::tolerant();
    let all: Vec<String> = (0..120).map(|number| bench.user(&format!("user{number}"))).collect();
    let mut seen: Vec<String> = Vec::new();
    let mut cursor = String::new();
    let mut doomed = all.iter().step_by(3);
    loop {
        let list = body(&bench.get(&format!("/Users?count=7&cursor={cursor}")));
        seen.extend(elements(&list, "/Resources").iter().map(|user| string(user, "/id")));
        // Five of those that go, some already seen and some not.
        for id in doomed.by_ref().take(5) {
            assert_eq!(bench.ask("DELETE", &format!("/Users/{id}"), "").response.status, 204);
        }
        match list.pointer("/nextCursor").and_then(Json::as_str) {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    let distinct: BTreeSet<&String> = seen.iter().collect();
    assert_eq!(distinct.len(), seen.len(), "a user was seen twice");
    let staying = all.iter().enumerate().filter(|(at, _)| at % 3 != 0).map(|(_, id)| id);
    for id in staying {
        assert!(distinct.contains(id), "a user that stays was not seen");
    }
}

fn user(name: &str) -> String {
    format!(r#"{{"schemas":["{}"],"userName":"{name}"}}"#, crate::bench::USER)
}

fn elements<'a>(json: &'a Json, pointer: &str) -> &'a [Json] {
    json.pointer(pointer).and_then(Json::as_array).unwrap_or_default()
}

/// A reader sees the state before a PATCH or after it, never in between.
#[test]
fn nobody_sees_half_a_patch() {
    let bench = Bench::tolerant();
    let path = format!("/Users/{}", bench.user("ada"));
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let (bench, path, over) = (&bench, &path, &over);
        scope.spawn(move || {
            for turn in 0..200 {
                let both = patch_body(&format!(
                    r#"{{"op":"replace","path":"title","value":"{turn}"}},{{"op":"replace","path":"nickName","value":"{turn}"}}"#
                ));
                assert_eq!(bench.ask("PATCH", path, &both).response.status, 200);
            }
            over.store(true, Ordering::Relaxed);
        });
        while !over.load(Ordering::Relaxed) {
            let user = body(&bench.get(path));
            assert_eq!(at(&user, "/title"), at(&user, "/nickName"));
        }
    });
}
