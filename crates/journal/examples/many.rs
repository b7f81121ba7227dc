//! How a workspace with many exchanges opens, and how it is searched:
//! `cargo run --release -p journal --example many -- FILE [EXCHANGES [USERS]]`. Makes the file if it is not there; run again, it
//! measures. Prints one line of JSON: `{"made": {...}}` or `{"measured": {...}}`. `cargo xtask measure record` does both.

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use directory::{Directory, Saved};
use jiff::{SignedDuration, Timestamp};
use journal::{Durability, Journal, Options, Place};
use scim::diff::{Action as What, Line};
use scim::document::Document;
use scim::json::{Json, Limits, parse};
use scim::schema::Registry;
use serde_json::{Value, json};
use traffic::archive::Sieve;
use traffic::change::{Cause, Change, Committed};
use traffic::entry::{Annotation, Entry};
use traffic::exchange::{Closed, Connection, Ending, Opened, Received, Sent};
use traffic::handled::{Action, Handled, Response, Subject};
use traffic::ids::{ConnectionId, Revision, Seq};
use traffic::log::{Budget, Log, Record};
use traffic::query::Query;

/// Exchanges that are written before the file is waited for.
const AHEAD: u64 = 2_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or("the file is missing")?;
    let exchanges = arguments.next().map_or(Ok(1_000_000), |text| text.parse())?;
    let users = arguments.next().map_or(Ok(10_000), |text| text.parse())?;
    let mut out = std::io::stdout();
    let told = match Path::new(&file).exists() {
        false => json!({ "made": made(&file, exchanges, users)? }),
        true => json!({ "measured": measured(&file)? }),
    };
    writeln!(out, "{told}")?;
    Ok(())
}

/// Makes the file and then its index.
fn made(file: &str, exchanges: u64, users: u64) -> Result<Value, Box<dyn Error>> {
    let started = Instant::now();
    let usage = make(file, exchanges, users)?;
    let seconds = started.elapsed().as_secs_f64();
    let (resident_kib, most_resident_kib) = resident();
    let bytes = std::fs::metadata(file)?.len();
    // What came while the file was made is indexed only as far as the writer was idle.
    let journal = open(file)?;
    let (before, started) = (journal.indexed_through().0, Instant::now());
    let through = journal.index()?.0;
    let index_seconds = started.elapsed().as_secs_f64();
    journal.close()?;
    Ok(json!({
        "exchanges": exchanges,
        "users": users,
        "seconds": seconds,
        "exchanges_per_second": exchanges as f64 / seconds,
        "held_bytes": usage.held_bytes,
        "evicted": usage.evicted,
        "resident_kib": resident_kib,
        "most_resident_kib": most_resident_kib,
        "bytes": bytes,
        "indexed_meanwhile": before,
        "indexed_after": through - before,
        "index_seconds": index_seconds,
        "bytes_with_index": std::fs::metadata(file)?.len(),
    }))
}

/// Searches: what they are an example of, and the query.
const SEARCHES: [(&str, &str); 12] = [
    ("a user by address", "user:user4711@example.com"),
    ("a user by part of the name", "user:\"user 99\""),
    ("a resource by id", "resource:User/2819c223-7f76-453a-919d-000000004711"),
    ("a status that is rare", "status:500"),
    ("a status that is everywhere", "status:200"),
    ("method and time", "method:patch time:2025-11-25T00:00..2025-11-25T04:00"),
    ("a finding", "finding:T3"),
    ("a dialect that is not there", "dialect:okta"),
    ("text in bodies", "body:external-4711"),
    ("text anywhere", "user4711@example.org"),
    ("text that is nowhere", "no-such-text"),
    ("text in a header field", "header:user-agent=curl/8"),
];

/// Opens the file and searches it.
fn measured(file: &str) -> Result<Value, Box<dyn Error>> {
    let bytes = std::fs::metadata(file)?.len();
    let started = Instant::now();
    let journal = open(file)?;
    let resumed = journal.resume()?;
    let registry = Arc::new(Registry::builtin());
    let mut resources = 0;
    for tenant in resumed.tenants {
        let saved = tenant.resources.into_iter().map(|resource| Saved {
            resource_type: resource.resource_type,
            document: Arc::unwrap_or_clone(resource.document),
            version: resource.version,
        });
        let saved: Vec<Saved> = saved.collect();
        resources += saved.len();
        Directory::resume(Arc::clone(&registry), tenant.revision.0, saved)?;
    }
    let log = Arc::new(Log::resume(resumed.head, journal.archive(), Budget::default())?);
    journal.record(Arc::clone(&log))?;
    let open_ms = milliseconds(started);
    let exchanges = log.head().seq.0;
    let record = Record::new(Arc::clone(&log));
    let mut pages = Vec::new();
    for (name, after) in [("first", 0), ("middle", exchanges / 2), ("last", exchanges.saturating_sub(100))] {
        let started = Instant::now();
        let page = record.exchanges(Seq(after), 100)?;
        pages.push(json!({ "page": name, "exchanges": page.len(), "ms": milliseconds(started) }));
    }
    let started = Instant::now();
    let entries = record.read(traffic::ids::Pos(exchanges), 1_000)?.len();
    let entries_ms = milliseconds(started);
    let started = Instant::now();
    let passed = record.passed(traffic::ids::Pos(0))?.map(|(touched, _)| touched.exchanges);
    let passed_ms = milliseconds(started);
    let mut searches = Vec::new();
    for (what, text) in SEARCHES {
        let now = log.exchange(log.head().seq).map_or(Timestamp::UNIX_EPOCH, |last| last.opened.at);
        let query = Query::strict(text, now).map_err(|wrong| format!("{text}: {wrong:?}"))?;
        // The first time pages come from where they are; the second tells what the search itself takes.
        let first = search(&record, &query)?;
        let again = search(&record, &query)?;
        searches.push(json!({ "what": what, "query": text, "first": first, "again": again }));
    }
    let (resident_kib, most_resident_kib) = resident();
    let indexed = journal.indexed_through().0;
    journal.close()?;
    Ok(json!({
        "bytes": bytes,
        "exchanges": exchanges,
        "resources": resources,
        "indexed_through": indexed,
        "open_ms": open_ms,
        "pages": pages,
        "entries": { "count": entries, "ms": entries_ms },
        "counted_by_entries": { "exchanges": passed, "ms": passed_ms },
        "searches": searches,
        "resident_kib": resident_kib,
        "most_resident_kib": most_resident_kib,
    }))
}

/// Searches from the newest on: when 100 hits were found, and when all was seen.
fn search(record: &Record, query: &Query) -> Result<Value, Box<dyn Error>> {
    let started = Instant::now();
    let mut range = Sieve { after: Seq(0), through: record.log().head().seq, newest: true, limit: 128 };
    let (mut hits, mut asked, mut page_ms) = (0u64, 0, None);
    while range.after < range.through {
        let looked = record.look(query, range)?;
        asked += looked.exchanges.len();
        hits += looked.exchanges.iter().filter(|exchange| query.matches(exchange)).count() as u64;
        range.through = looked.after;
        if page_ms.is_none() && hits >= 100 {
            page_ms = Some(milliseconds(started));
        }
        // Reading all of a large part of the record is no search.
        if hits >= 10_000 {
            return Ok(json!({ "hits": hits, "asked": asked, "page_ms": page_ms }));
        }
    }
    let all_ms = milliseconds(started);
    Ok(json!({ "hits": hits, "asked": asked, "page_ms": page_ms.unwrap_or(all_ms), "all_ms": all_ms }))
}

fn milliseconds(since: Instant) -> f64 {
    (since.elapsed().as_secs_f64() * 100_000.0).round() / 100.0
}

fn open(file: &str) -> Result<Journal, journal::Error> {
    let options = Options { durability: Durability::Relaxed, ..Options::default() };
    Journal::open(&Place::File(file.into()), &options)
}

fn make(file: &str, exchanges: u64, users: u64) -> Result<traffic::log::Usage, Box<dyn Error>> {
    let journal = open(file)?;
    let log = Arc::new(Log::resume(journal.resume()?.head, journal.archive(), Budget::default())?);
    journal.record(Arc::clone(&log))?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut present: Vec<(Arc<Document>, u64)> = Vec::new();
    let mut revision = 0;
    for number in 0..exchanges {
        let at = Timestamp::UNIX_EPOCH
            + SignedDuration::from_hours(490_000)
            + SignedDuration::from_millis(number as i64 * 86);
        let changed = if number < users {
            Some((number as usize, None))
        } else if number.is_multiple_of(7) {
            // Spread over all users, so that the last change of each is anywhere in the file.
            let user = (number.wrapping_mul(2_654_435_761) % users) as usize;
            Some((user, Some(present[user].clone())))
        } else {
            None
        };
        let (method, path) = match &changed {
            Some((_, None)) => ("POST", "/scim/v2/Users".to_owned()),
            Some((user, Some(_))) => ("PATCH", format!("/scim/v2/Users/{}", id(*user))),
            None => {
                ("GET", format!("/scim/v2/Users?filter=userName%20eq%20%22user{}%40example.com%22", number % users))
            }
        };
        let connection = Connection {
            id: ConnectionId(number / 50 + 1),
            peer: ([127, 0, 0, 1], 50_000).into(),
            local: ([127, 0, 0, 1], 8787).into(),
            accepted_at: at,
        };
        let seq = log.open(Opened { connection, at, method: method.to_owned(), target: path.clone() });
        let mut body = text_of_a_page(number % users);
        if let Some((user, before)) = changed.clone() {
            let version = before.as_ref().map_or(1, |(_, version)| version + 1);
            let after = resource(user, version)?;
            body = after.value().to_text();
            revision += 1;
            let change = Change {
                resource_type: "User".to_owned(),
                resource_id: id(user),
                display: format!("User {user}"),
                before: before.map(|(document, _)| document),
                after: Some(Arc::clone(&after)),
                lines: vec![Line {
                    path: "active".to_owned(),
                    action: What::Changed,
                    before: Some(Json::Bool(!version.is_multiple_of(2))),
                    after: Some(Json::Bool(version.is_multiple_of(2))),
                    operation: Some(0),
                }],
            };
            match present.get_mut(user) {
                Some(slot) => *slot = (after, version),
                None => present.push((after, version)),
            }
            log.append(Entry::Committed(Arc::new(Committed {
                tenant: "default".to_owned(),
                revision: Revision(revision),
                cause: Cause::Exchange(seq),
                changes: vec![change],
                ahead: None,
            })));
        }
        let subject = match &changed {
            Some((user, _)) => Subject {
                resource_type: Some("User".to_owned()),
                resource_id: Some(id(*user)),
                display: Some(format!("User {user}")),
                ..Subject::default()
            },
            None => Subject {
                resource_type: Some("User".to_owned()),
                looked_for: Some(("userName".to_owned(), format!("user{}@example.com", number % users))),
                total_results: Some(1),
                ..Subject::default()
            },
        };
        finish(&log, seq, method, &path, subject, body);
        if number.is_multiple_of(AHEAD) && !runtime.block_on(log.wait_durable(log.head().pos)) {
            return Err("the file cannot be written".into());
        }
    }
    runtime.block_on(log.wait_durable(log.head().pos));
    let usage = log.usage();
    journal.close()?;
    Ok(usage)
}

fn finish(log: &Log, seq: Seq, method: &str, path: &str, subject: Subject, body: String) {
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: scim.example.com\r\nAuthorization: Bearer 0123456789abcdef0123456789abcdef\r\n\
         User-Agent: example/1.0\r\nAccept: application/scim+json\r\nContent-Type: application/scim+json\r\n\r\n"
    );
    let request = if method == "GET" { String::new() } else { body.clone() };
    let received = Received { head: head.into(), body: request.into(), handled_us: Some(90), ..Received::default() };
    let body = Bytes::from(body);
    let headers = vec![("Content-Type".to_owned(), "application/scim+json".to_owned())];
    let handled = Handled {
        response: Response { status: 200, headers, body: body.clone() },
        tenant: Some("default".to_owned()),
        action: if method == "GET" { Action::List } else { Action::Modify },
        subject,
        auth: Vec::new(),
        findings: Vec::new(),
        operations: Vec::new(),
        would_have_changed: Vec::new(),
        rules: Vec::new(),
        forwarded: None,
    };
    log.append(Entry::Handled(seq, Arc::new(received), Arc::new(handled)));
    let head =
        Bytes::from_static(b"HTTP/1.1 200 OK\r\nContent-Type: application/scim+json\r\nContent-Length: 900\r\n\r\n");
    let sent = Sent { head, body: Bytes::copy_from_slice(&body), first_byte_us: Some(120), last_byte_us: Some(150) };
    log.append(Entry::Closed(seq, Arc::new(Closed { ending: Ending::Complete, received: None, sent })));
    let sentence = "Example looked for a user".to_owned();
    log.append(Entry::Annotated(seq, Arc::new(Annotation { sentence, confidence: 80, ..Annotation::default() })));
}

fn id(user: usize) -> String {
    format!("2819c223-7f76-453a-919d-{user:012}")
}

fn text_of_a_page(user: u64) -> String {
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":1,"startIndex":1,"itemsPerPage":1,"Resources":[{}]}}"#,
        text_of(user as usize, 1)
    )
}

fn text_of(user: usize, version: u64) -> String {
    let (id, active) = (id(user), version.is_multiple_of(2));
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "id":"{id}","externalId":"external-{user}","userName":"user{user}@example.com","displayName":"User {user}",
        "name":{{"givenName":"User","familyName":"Number {user}","formatted":"User Number {user}"}},"active":{active},
        "emails":[{{"value":"user{user}@example.com","type":"work","primary":true}},{{"value":"user{user}@example.org","type":"home"}}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{{"employeeNumber":"{user}","department":"Department {}"}},
        "meta":{{"resourceType":"User","created":"2026-01-31T09:30:00Z","lastModified":"2026-01-31T09:30:00Z","version":"W/\"{version}\""}}}}"#,
        user % 50
    )
}

fn resource(user: usize, version: u64) -> Result<Arc<Document>, Box<dyn Error>> {
    let json = parse(text_of(user, version).as_bytes(), Limits::default()).map_err(|error| error.to_string())?;
    Ok(Arc::new(Document::pack(json.as_object().ok_or("no object")?)))
}

/// Resident memory of this process, now and at most, as Linux tells it.
fn resident() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = |name| status.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_suffix(" kB")?.parse().ok());
    (line("VmRSS:").unwrap_or(0), line("VmHWM:").unwrap_or(0))
}
