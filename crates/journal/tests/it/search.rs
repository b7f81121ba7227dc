//! Searching with the index finds exactly what asking every exchange finds.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use journal::APPLICATION_ID;
use proptest::prelude::*;
use rusqlite::Connection;
use traffic::archive::Sieve;
use traffic::ids::Seq;
use traffic::log::{Budget, Log, Record};
use traffic::query::Query;

use crate::bundles::of_version_10;
use crate::sample::{Desk, at, confirmed, creates_users, marked, record, record_within};
use crate::search_record::{COUNT, shops};

fn now() -> Timestamp {
    at(COUNT as i64 * 1_000_000)
}

/// All that a search finds, by pieces, and how many exchanges it asked.
fn search(log: &Arc<Log>, query: &Query, mut range: Sieve) -> (Vec<u64>, usize) {
    let record = Record::new(Arc::clone(log));
    let (mut found, mut asked) = (Vec::new(), 0);
    while range.after < range.through {
        let looked = record.look(query, range).unwrap();
        assert!(looked.after >= range.after && looked.through <= range.through, "inside the range");
        assert!(looked.after < looked.through, "it goes on");
        let numbers: Vec<u64> = looked.exchanges.iter().map(|exchange| exchange.seq.0).collect();
        assert!(numbers.is_sorted_by(|one, next| one < next), "ascending, each once");
        assert!(numbers.iter().all(|number| *number > looked.after.0 && *number <= looked.through.0));
        asked += looked.exchanges.len();
        let hits = looked.exchanges.iter().filter(|exchange| query.matches(exchange)).map(|exchange| exchange.seq.0);
        found.extend(hits);
        match range.newest {
            true => range.through = looked.after,
            false => range.after = looked.through,
        }
    }
    found.sort_unstable();
    (found, asked)
}

fn walk(log: &Arc<Log>, query: &Query, range: Sieve) -> Vec<u64> {
    let record = Record::new(Arc::clone(log));
    let all = record.exchanges(range.after, (range.through.0 - range.after.0) as usize).unwrap();
    all.iter().filter(|exchange| query.matches(exchange)).map(|exchange| exchange.seq.0).collect()
}

fn whole(newest: bool, limit: usize) -> Sieve {
    Sieve { after: Seq(0), through: Seq(COUNT), newest, limit }
}

fn test() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "status:404",
            "status:>=409",
            "status:none",
            "status:2xx",
            "method:patch",
            "method:post",
            "op:replace",
            "op:add",
            "op:get",
            "user:ada",
            "user:\"Zo\u{eb}\"",
            "user:=Alan",
            "user:mail12",
            "user:E3",
            "user:00f",
            "group:bob",
            "group:0a",
            "group:=\"Grace Hopper\"",
            "resource:user",
            "resource:Device/01",
            "resource:00",
            "verdict:ok",
            "verdict:tolerated",
            "verdict:broken",
            "verdict:pending",
            "verdict:failed",
            "finding:t3",
            "finding:any",
            "finding:none",
            "finding:warning",
            "finding:T9",
            "rule:any",
            "rule:none",
            "rule:slow",
            "rule:=slow",
            "rule:\"slow answers\"",
            "-rule:Antworten",
            "rule:nothing",
            "path:active",
            "path:members",
            "diff:name",
            "diff:emails",
            "dialect:entra",
            "dialect:none",
            "tenant:blue",
            "tenant:none",
            "probe",
            "probe:no",
            "took:>5ms",
            "took:<1ms",
            "took:1ms..50ms",
            "since:20s",
            "until:10m",
            "time:5s",
            "seq:>=900",
            "seq:1000..1100",
            "target:ada",
            "target:\"eq \\\"Bob\"",
            "header:user-agent=client/3",
            "header:x-name",
            "header:etag",
            "header:x-name==Bob",
            "body:nonce",
            "body:0abc",
            "body:wire",
            "body:\"total\\\":12\"",
            "flow:3",
            "flow:1000",
            "pinned",
            "tag:\"to ask\"",
            "note:strange",
            "-pinned",
            "flow:ada",
            "Nobody",
            "\"Somebody changed Ada\"",
            "lovelace",
            "ab",
            "zz-not-there",
            "\u{c4}rger",
        ])
        .prop_map(str::to_owned),
        (0u64..500).prop_map(|number| format!("user:{number:04x}-id")),
        (0u64..500).prop_map(|number| format!("body:{number:03x}")),
        (0u64..COUNT).prop_map(|number| format!("seq:<{number}")),
    ]
}

fn query() -> impl Strategy<Value = String> {
    let node = test().prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|part| format!("not ({part})")),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|parts| format!("({})", parts.join(" "))),
            prop::collection::vec(inner, 1..3).prop_map(|parts| format!("({})", parts.join(" or "))),
        ]
    });
    prop::collection::vec(node, 1..3).prop_map(|clauses| clauses.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_search_finds_exactly_what_asking_every_exchange_finds(
        text in query(),
        of in 0usize..2,
        newest: bool,
        limit in 1usize..300,
        after in 0u64..COUNT,
        through in 1u64..=COUNT,
    ) {
        let log = &shops()[of].log;
        let query = Query::strict(&text, now()).unwrap();
        let range = Sieve { after: Seq(after.min(through)), through: Seq(through), newest, limit };
        let (found, _) = search(log, &query, range);
        prop_assert_eq!(found, walk(log, &query, range), "{}", text);
    }
}

#[test]
fn each_test_alone_finds_the_same_with_the_index_and_asks_fewer() {
    let log = &shops()[0].log;
    for (text, helps) in [
        ("user:0042-id", true),
        ("resource:User/0042", true),
        ("group:=Alan", true),
        ("finding:t3 verdict:failed", true),
        ("tenant:blue dialect:okta status:404", true),
        ("seq:100..120", true),
        ("since:20s", true),
        ("took:>150ms", true),
        ("not (status:2xx or status:4xx or status:5xx)", true),
        ("body:zz-not-there", true),
        ("header:x-name=zz-not-there", true),
        ("flow:3", true),
        ("flow:1000", true),
        ("pinned", true),
        ("tag:\"to ask\" note:strange", true),
        ("ab", false),
    ] {
        let query = Query::strict(text, now()).unwrap();
        for newest in [false, true] {
            let (found, asked) = search(log, &query, whole(newest, 128));
            assert_eq!(found, walk(log, &query, whole(newest, 128)), "{text}");
            // What is not indexed, changed since, or was open when it was indexed is asked in any case.
            assert_eq!(asked < 1_000, helps, "{text}: {asked} asked");
        }
    }
}

#[test]
fn the_index_is_made_while_there_is_nothing_else_to_do() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    creates_users(&log, 1_100);
    assert!(confirmed(&log));
    let deadline = Instant::now() + Duration::from_secs(60);
    while journal.archive().indexed_through() < Seq(1_024) {
        assert!(Instant::now() < deadline, "no index is made");
        std::thread::yield_now();
    }
    journal.close().unwrap();
    let journal = desk.open();
    assert_eq!(journal.indexed_through(), Seq(1_024));
}

#[test]
fn what_is_no_longer_in_the_file_is_not_in_the_index() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    creates_users(&log, 2_100);
    assert!(confirmed(&log));
    assert_eq!(journal.index().unwrap(), Seq(2_048));
    journal.close().unwrap();
    let file = Connection::open(desk.file()).unwrap();
    file.execute("DELETE FROM exchange WHERE seq <= 1500", []).unwrap();
    file.close().unwrap();

    let journal = desk.open();
    journal.index().unwrap();
    let log = record_within(&journal, Budget::of(1));
    let query = Query::strict("user:user-", now()).unwrap();
    let (found, _) = search(&log, &query, Sieve { through: Seq(2_100), ..whole(true, 100) });
    assert_eq!(found, (1_501..=2_100).collect::<Vec<u64>>());
    journal.close().unwrap();
    let file = Connection::open(desk.file()).unwrap();
    for table in ["search_block", "search_names", "search_grams"] {
        let blocks: Vec<i64> = file
            .prepare(&format!("SELECT first FROM {table}"))
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(blocks, [1_025], "{table}");
    }
}

#[test]
fn a_file_from_before_there_was_an_index_is_searched_and_gets_one() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    creates_users(&log, 1_100);
    assert!(confirmed(&log));
    journal.close().unwrap();
    // What a file of version 6 has not.
    let file = of_version_10(&desk);
    file.execute_batch(
        "DROP TABLE search_block; DROP TABLE search_names; DROP TABLE search_grams; DROP TABLE search_stale;
         DROP INDEX revision_of_exchange; DROP INDEX exchange_marked; DROP TABLE pruned; DROP TABLE horizon;
         PRAGMA user_version = 6",
    )
    .unwrap();
    assert_eq!(file.pragma_query_value(None, "application_id", |row| row.get::<_, u32>(0)).unwrap(), APPLICATION_ID);
    file.close().unwrap();

    let journal = desk.open();
    assert_eq!(journal.indexed_through(), Seq(0));
    let log = record_within(&journal, Budget::of(1));
    let query = Query::strict("user:user-77", now()).unwrap();
    let range = Sieve { through: Seq(1_100), ..whole(true, 100) };
    let expected: Vec<u64> = [77].into_iter().chain(770..=779).collect();
    assert_eq!(search(&log, &query, range).0, expected);
    assert_eq!(journal.index().unwrap(), Seq(1_024));
    let (found, asked) = search(&log, &query, range);
    assert_eq!(found, expected);
    assert!(asked < 100, "{asked}");
}

#[test]
fn a_file_from_before_marked_exchanges_were_listed_finds_them() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    creates_users(&log, 1_100);
    log.append(marked(Seq(77), true, "strange"));
    assert!(confirmed(&log));
    journal.index().unwrap();
    journal.close().unwrap();
    let file = of_version_10(&desk);
    file.execute_batch("DROP INDEX exchange_marked; PRAGMA user_version = 9").unwrap();
    file.close().unwrap();

    let journal = desk.open();
    let log = record_within(&journal, Budget::of(1));
    let query = Query::strict("note:strange", now()).unwrap();
    let (found, asked) = search(&log, &query, Sieve { through: Seq(1_100), ..whole(true, 100) });
    assert_eq!(found, [77]);
    assert!(asked < 100, "{asked}");
}

#[test]
fn an_index_that_is_damaged_costs_time_and_hides_nothing() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    creates_users(&log, 1_100);
    assert!(confirmed(&log));
    journal.index().unwrap();
    journal.close().unwrap();
    let file = Connection::open(desk.file()).unwrap();
    file.execute_batch(
        "UPDATE search_block SET facets = substr(facets, 1, 400);
         UPDATE search_names SET names = x'ffffffffffffffffffff01';
         UPDATE search_grams SET grams = x'1f';",
    )
    .unwrap();
    file.close().unwrap();

    let journal = desk.open();
    let log = record_within(&journal, Budget::of(1));
    for (text, expected) in [("user:user-1023", vec![1_023]), ("user1023@example", vec![1_023]), ("seq:7", vec![7])] {
        let query = Query::strict(text, now()).unwrap();
        let (found, _) = search(&log, &query, Sieve { through: Seq(1_100), ..whole(false, 100) });
        assert_eq!(found, expected, "{text}");
    }
}
