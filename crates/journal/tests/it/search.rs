//! Searching with the index finds exactly what asking every exchange finds.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::Timestamp;
use journal::{APPLICATION_ID, Journal};
use proptest::prelude::*;
use rusqlite::Connection;
use scim::diff::{Action as What, Line};
use scim::document::Document;
use scim::finding::{Finding, Place, Severity};
use scim::json::Json;
use traffic::archive::Sieve;
use traffic::change::{Cause, Change, Committed};
use traffic::entry::{Annotation, Entry};
use traffic::exchange::{Closed, Ending, Received, Sent};
use traffic::handled::{Action, Handled, Operation, OperationOutcome, Response, Subject};
use traffic::ids::{Revision, Seq};
use traffic::log::{Budget, Log, Record};
use traffic::query::Query;

use crate::sample::{Desk, at, confirmed, creates_users, json, opened, record, record_within};

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.roll(of.len() as u64) as usize]
    }

    fn one_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }
}

const NAMES: [&str; 6] = ["Ada Lovelace", "Bob", "Zo\u{eb} \u{c4}rger", "Grace Hopper", "Alan", "Max Mustermann"];
const METHODS: [&str; 5] = ["GET", "PATCH", "POST", "patch", ""];
const TENANTS: [Option<&str>; 4] = [Some("default"), Some("Blue"), Some("default"), None];
const DIALECTS: [Option<&str>; 4] = [Some("entra"), Some("okta"), None, None];
const CODES: [&str; 4] = ["T1", "T3", "odd-target", "t9"];
const OPS: [&str; 4] = ["Replace", "add", "remove", "Add"];
const PATHS: [&str; 5] = ["active", "name.familyName", "emails[type eq \"work\"].value", "members", "userName"];

fn document(name: &str, number: u64) -> Arc<Document> {
    let text = format!(
        r#"{{"id":"{number:04x}-id","userName":"{name}.{number}@example.com","displayName":"{name}","externalId":"E{number}",
        "emails":[{{"value":"mail{number}@example.org"}}]}}"#
    );
    Arc::new(Document::pack(json(&text).as_object().unwrap()))
}

fn changes(dice: &mut Dice) -> Vec<Change> {
    let count = if dice.one_in(400) { 200 } else { 1 + dice.roll(2) };
    let mut changes = Vec::new();
    for _ in 0..count {
        let (name, number) = (*dice.pick(&NAMES), dice.roll(500));
        let member = Json::Object(scim::object! { "value" => format!("{:04x}-id", dice.roll(500)), "display" => name });
        let path = *dice.pick(&PATHS);
        changes.push(Change {
            resource_type: (*dice.pick(&["User", "Group", "Device"])).to_owned(),
            resource_id: format!("{number:04x}-id"),
            display: name.to_owned(),
            before: None,
            after: Some(document(name, number)),
            lines: vec![Line {
                path: path.to_owned(),
                action: What::Added,
                before: None,
                after: Some(member),
                operation: None,
            }],
        });
    }
    changes
}

/// Entries of an exchange whose parts are there or not, by chance.
fn happens(log: &Log, dice: &mut Dice, revision: &mut u64) {
    let number = log.head().seq.0 + 1;
    let (name, user) = (*dice.pick(&NAMES), dice.roll(500));
    let method = *dice.pick(&METHODS);
    let target = match dice.roll(3) {
        0 => format!("/scim/v2/Users/{user:04x}-id"),
        1 => format!("/scim/v2/Users?filter=userName+eq+%22{name}%22"),
        _ => "/scim/v2/Groups".to_owned(),
    };
    let seq = log.open(opened(number * 1_000_000, method, &target));
    if dice.one_in(3) {
        *revision += 1;
        log.append(Entry::Committed(Arc::new(Committed {
            tenant: "default".to_owned(),
            revision: Revision(*revision),
            cause: Cause::Exchange(seq),
            changes: changes(dice),
        })));
    }
    let head = format!("{method} {target} HTTP/1.1\r\nUser-Agent: client/{}\r\nX-Name: {name} \r\n\r\n", dice.roll(9));
    let body = match dice.roll(4) {
        0 => Bytes::new(),
        1 => Bytes::from(format!("{{\"userName\":\"{name}\",\"nonce\":\"{:08x}\"}}", dice.roll(1 << 32))),
        2 => Bytes::from(format!("5\r\n{:05x}\r\n3\r\nABC\r\n0\r\n\r\n", dice.roll(1 << 20))),
        _ => Bytes::from_static(b"\xff\xfe bin\x00ary"),
    };
    let chunked = body.starts_with(b"5\r\n");
    let handled_us = (!dice.one_in(4)).then(|| dice.roll(10_000));
    let received = Received { head: head.into(), body: body.clone(), chunked, handled_us, ..Received::default() };
    let was_handled = !dice.one_in(10);
    if was_handled {
        let findings = (0..dice.roll(3)).map(|_| {
            let severity = *dice.pick(&[Severity::Info, Severity::Tolerated, Severity::Warning, Severity::Error]);
            let code: &&str = dice.pick(&CODES);
            Finding::new(code, severity, Place::Request, "found")
        });
        let findings = findings.collect();
        let operation = |index: usize, dice: &mut Dice| Operation {
            index,
            op: (*dice.pick(&OPS)).to_owned(),
            path: (!dice.one_in(3)).then(|| (*dice.pick(&PATHS)).to_owned()),
            outcome: OperationOutcome::Changed,
        };
        let subject = Subject {
            resource_type: (!dice.one_in(4)).then(|| (*dice.pick(&["User", "Group"])).to_owned()),
            resource_id: dice.one_in(2).then(|| format!("{user:04x}-id")),
            display: dice.one_in(2).then(|| name.to_owned()),
            looked_for: dice.one_in(3).then(|| ("userName".to_owned(), format!("{name}.{user}@example.com"))),
            ..Subject::default()
        };
        let would = Line {
            path: "members".to_owned(),
            action: What::Removed,
            before: Some(Json::Object(scim::object! { "value" => format!("{user:04x}-id") })),
            after: None,
            operation: None,
        };
        let handled = Handled {
            response: Response {
                status: *dice.pick(&[200, 201, 404, 409, 500]),
                headers: vec![("ETag".to_owned(), format!("W/\"{}\"", dice.roll(50)))],
                body: if dice.one_in(2) { body.clone() } else { Bytes::from(format!("{{\"total\":{user}}}")) },
            },
            tenant: dice.pick(&TENANTS).map(str::to_owned),
            action: Action::Modify,
            subject,
            auth: Vec::new(),
            findings,
            operations: (0..dice.roll(3) as usize).map(|index| operation(index, dice)).collect(),
            would_have_changed: if dice.one_in(8) { vec![would] } else { Vec::new() },
        };
        log.append(Entry::Handled(seq, Arc::new(received.clone()), Arc::new(handled)));
    }
    if !dice.one_in(60) {
        let ending = match dice.roll(8) {
            0 => Ending::Aborted("gone".to_owned()),
            1 => Ending::Refused("not HTTP".to_owned()),
            _ => Ending::Complete,
        };
        let head =
            if dice.one_in(5) { Bytes::new() } else { Bytes::from_static(b"HTTP/1.1 200 OK\r\nServer: s\r\n\r\n") };
        let last_byte_us = dice.one_in(2).then(|| dice.roll(200_000));
        let sent = Sent { head, body: Bytes::from_static(b"wire"), first_byte_us: None, last_byte_us };
        let received = (!was_handled).then_some(received);
        log.append(Entry::Closed(seq, Arc::new(Closed { ending, received, sent })));
    }
    if !dice.one_in(5) {
        log.append(annotation(seq, dice, name));
    }
}

fn annotation(seq: Seq, dice: &mut Dice, name: &str) -> Entry {
    Entry::Annotated(
        seq,
        Arc::new(Annotation {
            dialect: dice.pick(&DIALECTS).map(str::to_owned),
            sentence: format!("Somebody changed {name}"),
            probe: dice.one_in(6),
            ..Annotation::default()
        }),
    )
}

/// A record of which the larger part is indexed, with changes after that.
struct Shop {
    /// Held so that the file stays.
    _desk: Desk,
    _journal: Journal,
    log: Arc<Log>,
}

const COUNT: u64 = 2_300;

fn shop(seed: u64) -> Shop {
    let desk = Desk::new();
    let journal = desk.temporary();
    let log = record_within(&journal, Budget::of(1));
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut revision = 0;
    for _ in 0..COUNT {
        happens(&log, &mut dice, &mut revision);
    }
    assert!(confirmed(&log));
    assert_eq!(journal.index().unwrap(), Seq(2_048));
    for _ in 0..100 {
        let seq = Seq(1 + dice.roll(COUNT));
        log.append(annotation(seq, &mut dice, "Nobody"));
    }
    assert!(confirmed(&log));
    Shop { _desk: desk, _journal: journal, log }
}

fn shops() -> &'static [Shop] {
    static SHOPS: OnceLock<Vec<Shop>> = OnceLock::new();
    SHOPS.get_or_init(|| (1..=2).map(shop).collect())
}

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
    let file = Connection::open(desk.file()).unwrap();
    file.execute_batch(
        "DROP TABLE search_block; DROP TABLE search_names; DROP TABLE search_grams; DROP TABLE search_stale;
         DROP INDEX revision_of_exchange; DROP TABLE pruned; DROP TABLE horizon;
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
