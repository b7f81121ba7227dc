//! Records of random exchanges, most of them indexed.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use journal::Journal;
use scim::diff::{Action as What, Line};
use scim::document::Document;
use scim::finding::{Finding, Place, Severity};
use scim::json::Json;
use traffic::change::{Cause, Change, Committed};
use traffic::entry::{Annotation, Entry};
use traffic::exchange::{Closed, Ending, Received, Sent};
use traffic::handled::{Action, Handled, Operation, OperationOutcome, Response, RuleHit, Subject};
use traffic::ids::{Revision, Seq};
use traffic::log::{Budget, Log};

use crate::sample::{Desk, belongs, confirmed, json, marked, opened, record_within};

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
const RULES: [(&str, &str); 3] = [("slow", "Slow answers"), ("down", "Down"), ("slow-2", "Zähe Antworten")];
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
            ahead: None,
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
            rules: (0..dice.roll(9).saturating_sub(6)).map(|_| dice.pick(&RULES)).map(rule_hit).collect(),
            forwarded: None,
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

fn rule_hit((id, name): &(&str, &str)) -> RuleHit {
    RuleHit { id: (*id).to_owned(), name: (*name).to_owned(), did: "waited".to_owned() }
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
pub struct Shop {
    /// Held so that the file stays.
    _desk: Desk,
    _journal: Journal,
    pub log: Arc<Log>,
}

pub const COUNT: u64 = 2_300;

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
    for number in 0..30 {
        log.append(marked(Seq(1 + dice.roll(COUNT)), number % 3 == 0, "strange"));
        log.append(belongs(Seq(1 + dice.roll(COUNT)), Seq(1 + dice.roll(5))));
    }
    assert!(confirmed(&log));
    Shop { _desk: desk, _journal: journal, log }
}

pub fn shops() -> &'static [Shop] {
    static SHOPS: OnceLock<Vec<Shop>> = OnceLock::new();
    SHOPS.get_or_init(|| (1..=2).map(shop).collect())
}
