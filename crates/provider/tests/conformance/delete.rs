//! Deleting resources (RFC 7644 section 3.6).

use serde_json::json;
use testkit::bench::{Bench, id, user};
use testkit::rule_tests;

rule_tests! {
    ["DEL-01"] the_answer_is_204_without_a_body;
    ["DEL-02", "DEL-03"] what_is_deleted_is_found_nowhere;
    ["DEL-04"] what_was_taken_is_free_again;
    ["DEL-05"] the_record_keeps_what_was_deleted;
    ["DEL-06"] it_is_no_member_any_more;
}

fn the_answer_is_204_without_a_body(bench: &Bench) {
    for server in bench.both() {
        let reply = server.delete(&server.user("ada", &json!({})));
        assert!(reply.expect(204).body.is_empty());
    }
}

fn what_is_deleted_is_found_nowhere(bench: &Bench) {
    for server in bench.both() {
        let path = server.user("ada", &json!({}));
        server.user("grace", &json!({}));
        server.delete(&path).expect(204);
        server.get(&path).refused(404, None);
        server.delete(&path).refused(404, None);
        server.put(&path, &user("ada", &json!({}))).refused(404, None);
        server.patch(&path, &json!([{ "op": "add", "path": "title", "value": "x" }])).refused(404, None);
        assert_eq!(server.get("/Users").listed("/userName"), ["grace"]);
        assert!(server.found("userName eq \"ada\"").is_empty());
        assert!(server.found(&format!("id eq \"{}\"", id(&path))).is_empty());
    }
}

fn what_was_taken_is_free_again(bench: &Bench) {
    for server in bench.both() {
        let path = server.user("ada", &json!({}));
        server.delete(&path).expect(204);
        assert_ne!(server.user("ADA", &json!({})), path);
    }
}

fn the_record_keeps_what_was_deleted(bench: &Bench) {
    let server = bench.tolerant();
    let path = server.user("ada", &json!({ "title": "Countess" }));
    server.delete(&path).expect(204);
    let entries = server.log.read(traffic::ids::Pos(0), usize::MAX);
    let last = entries.iter().rev().find_map(|(_, entry)| match entry {
        traffic::entry::Entry::Committed(committed) => committed.changes.first().cloned(),
        _ => None,
    });
    let before = last.and_then(|change| change.before).expect("the state before");
    assert!(before.members().any(|(name, _)| name == "title"));
}

fn it_is_no_member_any_more(bench: &Bench) {
    for server in bench.both() {
        let (ada, grace) = (server.user("ada", &json!({})), server.user("grace", &json!({})));
        let group = server.group("g", &[id(&ada), id(&grace)]);
        server.delete(&ada).expect(204);
        let members = server.get(&group).at("/members");
        assert_eq!(members.as_array().map(Vec::len), Some(1));
        assert_eq!(members[0]["value"], id(&grace));
    }
}
