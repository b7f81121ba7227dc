//! Recordings to write.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use journal::{Durability, Journal, Options, Place, Recovered, Resumed, Tenant};
use scim::diff::{Action as What, Line};
use scim::document::Document;
use scim::finding::{Finding, Place as Where, Severity};
use scim::json::{Json, Limits, parse};
use tempfile::TempDir;
use traffic::archive::Unreadable;
use traffic::change::{Cause, Change, Committed};
use traffic::entry::{Annotation, Entry, State};
use traffic::exchange::{Closed, Connection, Ending, Exchange, Opened, Received, Sent};
use traffic::handled::{Action, AuthStep, Forwarded, Handled, Operation, OperationOutcome, Response, RuleHit, Subject};
use traffic::ids::{ConnectionId, FlowId, Pos, Revision, Seq};
use traffic::log::{Budget, Log, Record};
use traffic::marks::Marks;

/// A folder and a workspace file in it.
pub struct Desk {
    pub dir: TempDir,
}

impl Desk {
    pub fn new() -> Desk {
        Desk { dir: TempDir::new().unwrap() }
    }

    pub fn file(&self) -> PathBuf {
        self.dir.path().join("work.scimscope")
    }

    pub fn open(&self) -> Journal {
        self.open_with(Options::default())
    }

    pub fn open_with(&self, options: Options) -> Journal {
        Journal::open(&Place::File(self.file()), &options).unwrap()
    }

    pub fn temporary(&self) -> Journal {
        Journal::open(&Place::Temporary, &temporary_in(self.dir.path())).unwrap()
    }

    /// Names of the files in the folder, sorted.
    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.dir.path()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

pub fn temporary_in(dir: &Path) -> Options {
    Options { durability: Durability::Relaxed, temporary_dir: Some(dir.to_owned()), ..Options::default() }
}

/// Everything in a workspace file.
#[derive(Debug)]
pub struct Loaded {
    pub exchanges: Vec<Exchange>,
    pub last_pos: Pos,
    pub tenants: Vec<Tenant>,
    pub interrupted: Vec<Seq>,
    pub recovered: Option<Recovered>,
}

/// Reading a file whole.
pub trait Whole {
    fn load(&self) -> Result<Loaded, Box<dyn std::error::Error>>;
    fn exchange(&self, seq: Seq) -> Result<Option<Exchange>, Unreadable>;
}

impl Whole for Journal {
    fn load(&self) -> Result<Loaded, Box<dyn std::error::Error>> {
        let Resumed { head, tenants, interrupted, recovered } = self.resume()?;
        let exchanges = self.archive().exchanges(Seq(0), Seq(u64::MAX))?;
        assert!(exchanges.iter().zip(1..).all(|(exchange, number)| exchange.seq.0 == number), "without gaps");
        Ok(Loaded { exchanges, last_pos: head.pos, tenants, interrupted, recovered })
    }

    fn exchange(&self, seq: Seq) -> Result<Option<Exchange>, Unreadable> {
        self.archive().exchange(seq)
    }
}

/// A log that goes on where the journal ends, and is recorded.
pub fn record(journal: &Journal) -> Arc<Log> {
    record_within(journal, Budget::default())
}

/// The same with so much memory.
pub fn record_within(journal: &Journal, budget: Budget) -> Arc<Log> {
    let log = Arc::new(Log::resume(journal.resume().unwrap().head, journal.archive(), budget).unwrap());
    journal.record(Arc::clone(&log)).unwrap();
    log
}

/// Waits until everything in the log is confirmed. False if it never will be.
pub fn confirmed(log: &Log) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(log.wait_durable(log.head().pos))
}

/// All exchanges of a log that gave up none.
pub fn exchanges_of(log: &Arc<Log>) -> Vec<Exchange> {
    let exchanges = Record::new(Arc::clone(log)).exchanges(Seq(0), usize::MAX).unwrap();
    exchanges.iter().map(|exchange| Exchange::clone(exchange)).collect()
}

/// Exchanges word for word: Debug shows every byte, the text of numbers and the order of members.
pub fn words(exchanges: &[Exchange]) -> Vec<String> {
    exchanges.iter().map(|exchange| format!("{exchange:?}")).collect()
}

pub fn json(text: &str) -> Json {
    parse(text.as_bytes(), Limits::default()).unwrap()
}

pub fn user(id: &str, version: u64, name: &str) -> Arc<Document> {
    let text = format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"{id}","userName":"{name}","weight":1.50,
        "active":true,"meta":{{"resourceType":"User","version":"W/\"{version}\""}}}}"#
    );
    Arc::new(Document::pack(json(&text).as_object().unwrap()))
}

pub fn at(us: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_hours(500_000) + SignedDuration::from_nanos(us * 1_000 + 7)
}

pub fn opened(number: u64, method: &str, target: &str) -> Opened {
    let at = at(number as i64);
    let connection = Connection {
        id: ConnectionId(number),
        peer: "127.0.0.1:50000".parse().unwrap(),
        local: "[::1]:8787".parse().unwrap(),
        accepted_at: at,
    };
    Opened { connection, at, method: method.to_owned(), target: target.to_owned() }
}

pub fn received(head: &str, body: &[u8]) -> Received {
    Received {
        head: Bytes::copy_from_slice(head.as_bytes()),
        body: Bytes::copy_from_slice(body),
        chunked: false,
        dropped_bytes: 3,
        head_read_us: Some(10),
        body_read_us: None,
        handled_us: Some(30),
    }
}

pub fn handled(status: u16, body: &[u8]) -> Handled {
    Handled {
        response: Response {
            status,
            headers: vec![("ETag".to_owned(), "W/\"1\"".to_owned()), ("X-Twice".to_owned(), "ä".to_owned())],
            body: Bytes::copy_from_slice(body),
        },
        tenant: Some("default".to_owned()),
        action: Action::Modify,
        subject: Subject {
            resource_type: Some("User".to_owned()),
            resource_id: Some("2819c223".to_owned()),
            looked_for: Some(("userName".to_owned(), "ada@example.com".to_owned())),
            total_results: Some(u64::MAX),
            ..Subject::default()
        },
        auth: vec![AuthStep { checked: "bearer token".to_owned(), found: "Bearer ****f3a1".to_owned(), passed: true }],
        findings: vec![
            Finding::new("T1", Severity::Tolerated, Where::Body("/active".to_owned()), "active was a string"),
            Finding::new("odd-target", Severity::Info, Where::Target(3..9), "twice a slash"),
        ],
        operations: vec![Operation {
            index: 0,
            op: "Replace".to_owned(),
            path: None,
            outcome: OperationOutcome::Refused("no such attribute".to_owned()),
        }],
        would_have_changed: vec![Line {
            path: "name".to_owned(),
            action: What::Changed,
            before: Some(json(r#"{"z":1e2,"a":null}"#)),
            after: Some(Json::Null),
            operation: Some(0),
        }],
        rules: vec![RuleHit { id: "slow".to_owned(), name: "Slow".to_owned(), did: "waited 250 ms".to_owned() }],
        forwarded: Some(Box::new(Forwarded {
            to: "https://app.example.com/scim/v2/Users".to_owned(),
            elapsed_us: 1_234,
            answered: true,
            rewritten: false,
        })),
    }
}

pub fn closed(ending: Ending, body: &[u8]) -> Closed {
    let sent = Sent {
        head: Bytes::from_static(b"HTTP/1.1 200 OK\r\nX-fOo:   a\r\n\r\n"),
        body: Bytes::copy_from_slice(body),
        first_byte_us: Some(40),
        last_byte_us: None,
    };
    Closed { ending, received: None, sent }
}

pub fn change(id: &str, before: Option<Arc<Document>>, after: Option<Arc<Document>>) -> Change {
    let lines = vec![Line {
        path: "active".to_owned(),
        action: What::Changed,
        before: Some(Json::Bool(true)),
        after: None,
        operation: Some(1),
    }];
    Change {
        resource_type: "User".to_owned(),
        resource_id: id.to_owned(),
        display: "Ada".to_owned(),
        before,
        after,
        lines,
    }
}

pub fn commit(tenant: &str, revision: u64, seq: Seq, changes: Vec<Change>) -> Entry {
    let (revision, cause) = (Revision(revision), Cause::Exchange(seq));
    Entry::Committed(Arc::new(Committed { tenant: tenant.to_owned(), revision, cause, changes, ahead: None }))
}

pub fn annotated(seq: Seq, sentence: &str) -> Entry {
    let annotation = Annotation {
        dialect: Some("entra".to_owned()),
        confidence: 90,
        reasons: vec!["no path".to_owned()],
        sentence: sentence.to_owned(),
        probe: false,
        ..Annotation::default()
    };
    Entry::Annotated(seq, Arc::new(annotation))
}

/// An exchange that a person has put into the flow that begins with another one.
pub fn belongs(seq: Seq, first: Seq) -> Entry {
    let annotation = Annotation { flow: Some(FlowId::from(first)), by_hand: true, ..Annotation::default() };
    Entry::Annotated(seq, Arc::new(annotation))
}

pub fn marked(seq: Seq, pinned: bool, note: &str) -> Entry {
    Entry::Marked(seq, Arc::new(Marks { pinned, note: note.to_owned(), tags: vec!["to ask".to_owned()] }))
}

pub fn state(what: &str) -> Entry {
    Entry::State(Arc::new(State { what: what.to_owned(), detail: "on 127.0.0.1:8787".to_owned() }))
}

/// Several of the next.
pub fn creates_users(log: &Log, count: usize) {
    for _ in 0..count {
        creates_a_user(log);
    }
}

/// A whole exchange that creates a user, in a directory where each such exchange makes one revision.
pub fn creates_a_user(log: &Log) -> Pos {
    let number = log.head().seq.0 + 1;
    let seq = log.open(opened(number, "POST", "/scim/v2/Users"));
    let id = format!("user-{seq}");
    let user = user(&id, 1, &format!("user{seq}@example.com"));
    let body = user.value().to_text();
    log.append(commit("default", seq.0, seq, vec![change(&id, None, Some(user))]));
    let (received, handled) = (received("POST /scim/v2/Users HTTP/1.1\r\n\r\n", b"{}"), handled(201, body.as_bytes()));
    let decided = log.append(Entry::Handled(seq, Arc::new(received), Arc::new(handled)));
    log.append(Entry::Closed(seq, Arc::new(closed(Ending::Complete, body.as_bytes()))));
    log.append(annotated(seq, "Entra created a user"));
    decided
}

/// An exchange that only begins and ends.
pub fn creates_nothing(log: &Log, number: u64) -> Seq {
    let seq = log.open(opened(number, "PUT", "/c"));
    log.append(Entry::Closed(seq, Arc::new(closed(Ending::Complete, b"x"))));
    seq
}
