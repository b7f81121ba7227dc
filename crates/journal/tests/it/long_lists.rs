//! Resources with many elements: the file has what changed, and the state comes back whole.

use std::sync::Arc;

use journal::APPLICATION_ID;
use rusqlite::Connection;
use scim::document::Document;
use scim::json::Json;
use scim::value::Value;
use traffic::change::Change;
use traffic::ids::Seq;
use traffic::log::Log;

use crate::sample::*;

fn member(number: usize) -> Json {
    json(&format!(r#"{{"value":"member-{number}","display":"Member {number}","weight":1.50}}"#))
}

fn group(version: u64, members: usize) -> Arc<Document> {
    let members: Vec<String> = (0..members).map(|number| member(number).to_text()).collect();
    let text = format!(
        r#"{{"schemas":["g"],"id":"sales","displayName":"Sales","members":[{}],"urn:x:Team":{{"tags":[{}]}},
        "meta":{{"resourceType":"Group","version":"W/\"{version}\""}}}}"#,
        members.join(","),
        (0..70).map(|number| format!("\"t{number}\"")).collect::<Vec<_>>().join(","),
    );
    Arc::new(Document::pack(json(&text).as_object().unwrap()))
}

/// The next version of a group, with a member more and perhaps one less.
fn next(before: &Document, version: u64, add: usize, remove: Option<usize>) -> Arc<Document> {
    let mut parts = before.to_parts();
    let mut list = parts.lists.get(None, "members").unwrap().clone();
    list.push(Value::from(&member(add)));
    if let Some(number) = remove {
        assert!(list.remove(Value::from(&member(number))));
    }
    let other = json(&format!(r#"{{"value":"member-1","display":"Version {version}"}}"#));
    let first = list.alike("member-1").next().unwrap().to_json();
    assert!(list.replace(Value::from(&first), Value::from(&other)));
    parts.lists.set(None, "members", list);
    let meta = json(&format!(r#"{{"resourceType":"Group","version":"W/\"{version}\""}}"#));
    parts.object.insert("meta", meta);
    Arc::new(Document::pack_parts(&parts))
}

fn group_change(before: Option<Arc<Document>>, after: Option<Arc<Document>>) -> Change {
    Change { resource_type: "Group".to_owned(), ..change("sales", before, after) }
}

/// A group of some thousand that changes many times; gives back its last state.
fn grows(log: &Log, size: usize, changes: u64) -> Arc<Document> {
    let mut state = group(1, size);
    let seq = creates_nothing(log, 1);
    log.append(commit("default", 1, seq, vec![group_change(None, Some(Arc::clone(&state)))]));
    for version in 2..changes + 2 {
        let after = next(
            &state,
            version,
            size + version as usize,
            Some(version as usize).filter(|at| at % 2 == 0 && *at < size),
        );
        let seq = creates_nothing(log, version);
        log.append(commit("default", version, seq, vec![group_change(Some(state), Some(Arc::clone(&after)))]));
        state = after;
    }
    state
}

#[test]
fn every_version_of_a_large_group_comes_back() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    let last = grows(&log, 500, 60);
    let whole = next(&last, 62, 9_000, None);
    // What no change has left is written whole, before and after.
    let seq = creates_nothing(&log, 62);
    log.append(commit("default", 62, seq, vec![group_change(Some(group(61, 80)), Some(Arc::clone(&whole)))]));
    // A group that is no longer large, and one that is gone.
    let seq = creates_nothing(&log, 63);
    log.append(commit("default", 63, seq, vec![group_change(Some(whole), Some(group(63, 3)))]));
    let seq = creates_nothing(&log, 64);
    log.append(commit("default", 64, seq, vec![group_change(Some(group(63, 3)), None)]));
    let expected = words(&exchanges_of(&log));
    journal.close().unwrap();

    let journal = desk.open();
    let loaded = journal.load().unwrap();
    assert_eq!(words(&loaded.exchanges), expected);
    assert!(loaded.tenants[0].resources.is_empty());
    // One exchange alone, without those before it.
    for seq in [1, 2, 30, 61, 62, 63, 64] {
        let alone = journal.exchange(Seq(seq)).unwrap().unwrap();
        assert_eq!(format!("{alone:?}"), expected[seq as usize - 1]);
    }
}

#[test]
fn the_directory_goes_on_from_the_last_version_and_shares_the_list_with_it() {
    let desk = Desk::new();
    let journal = desk.open();
    let last = grows(&record(&journal), 500, 10);
    journal.close().unwrap();

    let journal = desk.open();
    let found = journal.load().unwrap().tenants.remove(0).resources.remove(0);
    assert_eq!((found.version, found.document.value().to_text()), (11, last.value().to_text()));
    let log = record(&journal);
    let after = next(&found.document, 12, 9_000, None);
    let seq = creates_nothing(&log, 12);
    log.append(commit("default", 12, seq, vec![group_change(Some(found.document), Some(Arc::clone(&after)))]));
    journal.close().unwrap();
    let found = desk.open().load().unwrap().tenants.remove(0).resources.remove(0);
    assert_eq!(found.document.value().to_text(), after.value().to_text());
}

#[test]
fn a_change_of_one_member_takes_little_room_whatever_the_size_of_the_group() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    grows(&log, 20_000, 100);
    assert!(confirmed(&log));
    journal.close().unwrap();
    let file = Connection::open(desk.file()).unwrap();
    let bytes: Vec<i64> = file
        .prepare("SELECT coalesce(length(after), 0) + coalesce(length(before), 0) + coalesce(length(lists), 0) FROM change ORDER BY id")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert!(bytes[0] > 1_000_000, "the first is whole: {}", bytes[0]);
    assert!(bytes[1..].iter().all(|bytes| *bytes < 1_000), "{bytes:?}");
}

#[test]
fn a_whole_state_is_written_again_before_the_way_back_to_one_is_longer_than_it() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    grows(&log, 100, 200);
    assert!(confirmed(&log));
    journal.close().unwrap();
    let file = Connection::open(desk.file()).unwrap();
    let whole: i64 = file.query_row("SELECT count(*) FROM change WHERE lists IS NULL", [], |row| row.get(0)).unwrap();
    let most: i64 = file.query_row("SELECT max(since_whole) FROM change", [], |row| row.get(0)).unwrap();
    assert!((3..40).contains(&whole), "{whole} of 201");
    assert!(most < 30_000, "{most}");
}

#[test]
fn deltas_that_do_not_fit_are_told_as_damage() {
    let desk = Desk::new();
    let journal = desk.open();
    grows(&record(&journal), 500, 3);
    journal.close().unwrap();
    let file = Connection::open(desk.file()).unwrap();
    for damage in [
        "UPDATE change SET lists = replace(lists, 'member-', 'other-') WHERE id = 3",
        "UPDATE change SET lists = '[' WHERE id = 3",
        "UPDATE change SET previous = NULL WHERE id = 3",
    ] {
        file.execute(damage, []).unwrap();
        let error = desk.open().load().unwrap_err().to_string();
        assert!(error.contains("change 3"), "{damage}: {error}");
    }
}

#[test]
fn a_file_of_version_1_opens_and_goes_on() {
    let desk = Desk::new();
    let file = Connection::open(desk.file()).unwrap();
    file.execute_batch(include_str!("../../migrations/0001-record.sql")).unwrap();
    file.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
    file.pragma_update(None, "user_version", 1).unwrap();
    let before = group(1, 300);
    file.execute_batch(
        "INSERT INTO entry (pos, kind, seq) VALUES (1, 1, 1), (2, 5, 1);
         INSERT INTO exchange (seq, pos, opened_at, method, target, connection, committed)
         VALUES (1, 2, 0, 'POST', '/scim/v2/Groups', '{\"id\":1,\"peer\":\"127.0.0.1:5\",\"local\":\"127.0.0.1:6\",\"accepted_at\":\"2026-01-31T09:30:00Z\"}', 2);
         INSERT INTO revision (pos, tenant, revision, seq) VALUES (2, 'default', 1, 1);",
    )
    .unwrap();
    file.execute(
        "INSERT INTO change (pos, tenant, resource_type, resource_id, display, after, lines)
         VALUES (2, 'default', 'Group', 'sales', 'Sales', ?1, '[]')",
        [before.value().to_text()],
    )
    .unwrap();
    file.close().unwrap();

    let journal = desk.open();
    let found = journal.load().unwrap().tenants.remove(0).resources.remove(0);
    assert_eq!(found.document.value().to_text(), before.value().to_text());
    let log = record(&journal);
    let after = next(&found.document, 2, 300, Some(7));
    let seq = creates_nothing(&log, 2);
    log.append(commit("default", 2, seq, vec![group_change(Some(found.document), Some(Arc::clone(&after)))]));
    let third = next(&after, 3, 301, None);
    let seq = creates_nothing(&log, 3);
    log.append(commit("default", 3, seq, vec![group_change(Some(after), Some(Arc::clone(&third)))]));
    journal.close().unwrap();
    let found = desk.open().load().unwrap().tenants.remove(0).resources.remove(0);
    assert_eq!(found.document.value().to_text(), third.value().to_text());
}
