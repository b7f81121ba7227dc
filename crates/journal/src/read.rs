//! Reading the record back.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use rusqlite::types::FromSql;
use rusqlite::{Connection, Row, params_from_iter};
use traffic::change::Committed;
use traffic::exchange::{Closed, Exchange, Opened, Received};
use traffic::handled::Handled;
use traffic::ids::{Pos, Seq};
use traffic::log::Head;

use crate::bundle::Bundles;
use crate::error::Error;
use crate::facts::{ClosedFacts, HandledFacts, ReceivedFacts};
use crate::journal::Journal;
use crate::pack::{Part, Unpacked};
use crate::recover::{End, Recovered};
use crate::wires;

pub(crate) mod commits;
mod directory;
pub(crate) mod flows;
mod history;
pub(crate) mod states;

pub use directory::{Resource, Tenant};

/// Where a workspace file ends, to go on from. The exchanges stay where they are: see [`Journal::archive`].
#[derive(Debug, Default)]
pub struct Resumed {
    /// The last position and the last number used: what [`traffic::log::Log::resume`] takes.
    pub head: Head,
    /// The directories, by the order in which tenants were first written to.
    pub tenants: Vec<Tenant>,
    /// The exchanges that were open when the last process ended, and were closed as aborted when the file was opened.
    pub interrupted: Vec<Seq>,
    /// If the last process ended without closing the file: how far it goes.
    pub recovered: Option<Recovered>,
}

/// Why a row is not what was written: what it is, and what is wrong with it.
type Damage = (String, String);
/// What a transaction of reading gives: an answer of the database, or of what the rows say.
pub(crate) type Reading<T> = rusqlite::Result<Result<T, Damage>>;

pub(crate) fn resume(journal: &Journal) -> Result<Resumed, Error> {
    let End { pos, interrupted, recovered } = journal.end();
    journal.readers().read("read it", |connection| {
        let last = connection.query_row(LAST, [], |row| row.get::<_, i64>(0))?;
        let tenants = directory::present(connection)?;
        let head = Head { pos: *pos, seq: Seq(last as u64) };
        Ok(tenants.map(|tenants| Resumed { head, tenants, interrupted: interrupted.clone(), recovered: *recovered }))
    })
}

/// The last number that was given, be it to an exchange that was pruned.
const LAST: &str = "SELECT max(last_seq, (SELECT coalesce(max(seq), 0) FROM exchange)) FROM pruned";

const EXCHANGES: &str = "
    SELECT exchange.seq, exchange.pos, opened_at, method, target, connection, handled, would_have_changed, committed,
           closed, sent_head, annotation, marks,
           request.facts AS request_facts, request.head AS request_head, request.body AS request_body,
           unhandled.facts AS unhandled_facts, unhandled.head AS unhandled_head, unhandled.body AS unhandled_body,
           response.body AS response_body, sent.body AS sent_body, wire.parts AS wire, ending.parts AS ending,
           wire_in, ending_in
    FROM exchange LEFT JOIN wire USING (seq) LEFT JOIN ending USING (seq)
                  LEFT JOIN request USING (seq) LEFT JOIN unhandled USING (seq)
                  LEFT JOIN response USING (seq) LEFT JOIN sent USING (seq) ";

/// The exchanges that a clause with these keys selects.
pub(crate) fn exchanges(
    connection: &Connection,
    clause: &str,
    keys: &[i64],
    bundles: &mut Bundles,
    mut committed: impl FnMut(Pos) -> Option<Arc<Committed>>,
) -> Reading<Vec<Exchange>> {
    let mut statement = connection.prepare_cached(&format!("{EXCHANGES}{clause}"))?;
    let mut rows = statement.query(params_from_iter(keys))?;
    let mut exchanges = Vec::new();
    while let Some(row) = rows.next()? {
        match exchange_of(row, connection, bundles, &mut committed)? {
            Ok(exchange) => exchanges.push(exchange),
            Err(why) => return Ok(Err((format!("exchange {}", row.get::<_, i64>("seq")?), why))),
        }
    }
    Ok(Ok(exchanges))
}

/// As SQLite has it: no number is larger.
pub(crate) fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The exchanges with numbers after the first up to the second, with what they changed.
pub(crate) fn exchanges_between(connection: &Connection, after: Seq, through: Seq) -> Reading<Vec<Exchange>> {
    between(connection, after, through, &mut Bundles::default())
}

fn between(connection: &Connection, after: Seq, through: Seq, bundles: &mut Bundles) -> Reading<Vec<Exchange>> {
    let keys = [number(after.0), number(through.0)];
    let clause = "WHERE revision.pos IN (SELECT committed FROM exchange WHERE seq > ?1 AND seq <= ?2)";
    let mut commits: HashMap<Pos, _> = match commits::read(connection, clause, keys)? {
        Ok(commits) => commits.into_iter().collect(),
        Err(damage) => return Ok(Err(damage)),
    };
    let clause = "WHERE exchange.seq > ?1 AND exchange.seq <= ?2 ORDER BY exchange.seq";
    exchanges(connection, clause, &keys, bundles, |pos| commits.remove(&pos))
}

/// The exchanges with these ascending numbers, as far as there are any, with what they changed.
pub(crate) fn exchanges_of(connection: &Connection, numbers: &[Seq]) -> Reading<Vec<Exchange>> {
    let mut found = Vec::with_capacity(numbers.len());
    let mut bundles = Bundles::default();
    for run in numbers.chunk_by(|one, next| one.0 + 1 == next.0) {
        let (first, last) = (run[0], run[run.len() - 1]);
        match between(connection, Seq(first.0.saturating_sub(1)), last, &mut bundles)? {
            Ok(mut exchanges) => found.append(&mut exchanges),
            Err(damage) => return Ok(Err(damage)),
        }
    }
    Ok(Ok(found))
}

fn exchange_of(
    row: &Row<'_>,
    connection: &Connection,
    bundles: &mut Bundles,
    committed: &mut impl FnMut(Pos) -> Option<Arc<Committed>>,
) -> rusqlite::Result<Result<Exchange, String>> {
    let number = |column| row.get::<_, i64>(column).map(|number| number as u64);
    let (seq, pos) = (Seq(number("seq")?), Pos(number("pos")?));
    let columns = Columns {
        opened_at: row.get("opened_at")?,
        method: row.get("method")?,
        target: row.get("target")?,
        connection: row.get("connection")?,
        handled: row.get("handled")?,
        would_have_changed: row.get("would_have_changed")?,
        closed: row.get("closed")?,
        sent_head: blob(row, "sent_head")?,
        annotation: row.get("annotation")?,
        marks: row.get("marks")?,
        request: received_columns(row, ["request_facts", "request_head", "request_body"])?,
        unhandled: received_columns(row, ["unhandled_facts", "unhandled_head", "unhandled_body"])?,
        response_body: blob(row, "response_body")?,
        sent_body: blob(row, "sent_body")?,
        packed: match packed(row, connection, bundles, seq)? {
            Ok(packed) => packed,
            Err(why) => return Ok(Err(why)),
        },
    };
    let committed = row.get::<_, Option<i64>>("committed")?.and_then(|pos| committed(Pos(pos as u64)));
    Ok(columns.fold(seq, pos, committed))
}

/// A row of the join, before its texts are read.
struct Columns {
    opened_at: i64,
    method: String,
    target: String,
    connection: String,
    handled: Option<String>,
    would_have_changed: Option<String>,
    closed: Option<String>,
    sent_head: Option<Bytes>,
    annotation: Option<String>,
    marks: Option<String>,
    request: Option<ReceivedColumns>,
    unhandled: Option<ReceivedColumns>,
    response_body: Option<Bytes>,
    sent_body: Option<Bytes>,
    packed: Vec<Unpacked>,
}

/// The packed parts of the exchange of a row: of what was handled, then of its ending.
pub(crate) fn packed(
    row: &Row<'_>,
    connection: &Connection,
    bundles: &mut Bundles,
    seq: Seq,
) -> rusqlite::Result<Result<Vec<Unpacked>, String>> {
    let mut packed = Vec::with_capacity(2);
    for (alone, bundled) in [("wire", "wire_in"), ("ending", "ending_in")] {
        let parts = match (row.get_ref(alone)?.as_blob_or_null()?, row.get::<_, Option<i64>>(bundled)?) {
            (Some(blob), _) => Unpacked::of(blob),
            (None, Some(id)) => bundles.parts(connection, id, seq)?,
            (None, None) => continue,
        };
        match parts {
            Ok(parts) => packed.push(parts),
            Err(why) => return Ok(Err(why)),
        }
    }
    Ok(Ok(packed))
}

struct ReceivedColumns {
    facts: String,
    head: Bytes,
    body: Bytes,
}

impl Columns {
    /// Puts what is packed into the columns in which older versions had it.
    fn unpack(&mut self) -> Result<(), String> {
        for parts in std::mem::take(&mut self.packed) {
            let received = |[facts, head, body]: [Part; 3]| match parts.text(facts) {
                Ok(Some(facts)) => Ok(Some(ReceivedColumns {
                    facts: facts.to_owned(),
                    head: parts.get(head).unwrap_or_default(),
                    body: parts.get(body).unwrap_or_default(),
                })),
                Ok(None) => Ok(None),
                Err(why) => Err(why),
            };
            let text = |part| parts.text(part).map(|text| text.map(str::to_owned));
            let request = received([Part::RequestFacts, Part::RequestHead, Part::RequestBody])?;
            let unhandled = received([Part::UnhandledFacts, Part::UnhandledHead, Part::UnhandledBody])?;
            self.request = request.or(self.request.take());
            self.unhandled = unhandled.or(self.unhandled.take());
            self.handled = text(Part::Handled)?.or(self.handled.take());
            self.would_have_changed = text(Part::WouldHaveChanged)?.or(self.would_have_changed.take());
            self.response_body = parts.get(Part::ResponseBody).or(self.response_body.take());
            self.sent_head = parts.get(Part::SentHead).or(self.sent_head.take());
            self.sent_body = parts.get(Part::SentBody).or(self.sent_body.take());
        }
        Ok(())
    }

    fn fold(mut self, seq: Seq, pos: Pos, committed: Option<Arc<Committed>>) -> Result<Exchange, String> {
        self.unpack()?;
        let opened = Opened {
            connection: wires::from_text(&self.connection)?,
            at: Timestamp::from_nanosecond(self.opened_at.into()).map_err(|error| error.to_string())?,
            method: self.method,
            target: self.target,
        };
        let response_body = self.response_body.unwrap_or_default();
        let handled = match (self.handled, self.request) {
            (Some(facts), Some(request)) => {
                let facts: HandledFacts<'_> = json(&facts)?;
                let handled: Handled = facts.with(response_body.clone(), self.would_have_changed.as_deref())?;
                Some((Arc::new(request.read()?), Arc::new(handled)))
            }
            (None, None) => None,
            _ => return Err("only one of request and decision is there".to_owned()),
        };
        let closed = match self.closed {
            Some(facts) => {
                let received = self.unhandled.map(ReceivedColumns::read).transpose()?;
                // The same bytes in memory, too, if they are the same in the file.
                let body = self.sent_body.unwrap_or(response_body);
                let facts: ClosedFacts<'_> = json(&facts)?;
                let closed: Closed = facts.with(received, self.sent_head.unwrap_or_default(), body);
                Some(Arc::new(closed))
            }
            None => None,
        };
        let annotation = self.annotation.map(|text| json(&text)).transpose()?.map(Arc::new);
        let marks = self.marks.map(|text| json(&text)).transpose()?.map(Arc::new);
        Ok(Exchange { seq, pos, opened: Arc::new(opened), handled, closed, committed, annotation, marks })
    }
}

impl ReceivedColumns {
    fn read(self) -> Result<Received, String> {
        let facts: ReceivedFacts = json(&self.facts)?;
        Ok(facts.with(self.head, self.body))
    }
}

fn received_columns(row: &Row<'_>, [facts, head, body]: [&str; 3]) -> rusqlite::Result<Option<ReceivedColumns>> {
    let Some(facts) = row.get(facts)? else { return Ok(None) };
    Ok(Some(ReceivedColumns {
        facts,
        head: blob(row, head)?.unwrap_or_default(),
        body: blob(row, body)?.unwrap_or_default(),
    }))
}

fn blob(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Bytes>> {
    let blob = row.get_ref(column)?;
    Ok(Option::<Vec<u8>>::column_result(blob)?.map(Bytes::from))
}

fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}
