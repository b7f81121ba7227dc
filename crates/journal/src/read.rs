//! Reading the record back.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use rusqlite::types::FromSql;
use rusqlite::{Connection, Row, params_from_iter};
use traffic::change::Committed;
use traffic::exchange::{Closed, Connection as Wire, Exchange, Opened, Received};
use traffic::handled::Handled;
use traffic::ids::{Pos, Seq};

use crate::error::Error;
use crate::facts::{ClosedFacts, HandledFacts, ReceivedFacts};
use crate::journal::Journal;

mod commits;
mod directory;
mod states;

pub use directory::{Resource, Tenant};

/// What a workspace file holds, to go on from.
#[derive(Debug, Default)]
pub struct Loaded {
    /// All exchanges by number, from 1 without gaps: what [`traffic::log::Log::resume`] takes.
    pub exchanges: Vec<Exchange>,
    /// The last position used.
    pub last_pos: Pos,
    /// The directories, by the order in which tenants were first written to.
    pub tenants: Vec<Tenant>,
    /// The exchanges that were open when the last process ended, and were closed as aborted when the file was opened.
    pub interrupted: Vec<Seq>,
}

/// Why a row is no exchange: what it is, and what is wrong with it.
type Damage = (String, String);
/// What a transaction of reading gives: an answer of the database, or of what the rows say.
type Reading<T> = rusqlite::Result<Result<T, Damage>>;

pub(crate) fn load(journal: &Journal) -> Result<Loaded, Error> {
    let end = journal.end();
    let read = journal.with_reader("read it", |connection| {
        // One transaction: everything as it was at one moment.
        let connection = connection.transaction()?;
        let mut commits = match commits::read(&connection, "", None)? {
            Ok(commits) => commits,
            Err(damage) => return Ok(Err(damage)),
        };
        let tenants = directory::latest(&commits);
        let mut by_pos: HashMap<Pos, Arc<Committed>> = commits.drain(..).collect();
        let exchanges = exchanges(&connection, "ORDER BY exchange.seq", None, |pos| by_pos.remove(&pos))?;
        Ok(exchanges.map(|exchanges| (exchanges, tenants)))
    })?;
    let (exchanges, tenants) = read.map_err(|(what, why)| journal.damaged(what, why))?;
    if let Some((_, exchange)) = (1..).zip(&exchanges).find(|(expected, exchange)| exchange.seq.0 != *expected) {
        return Err(journal.damaged(format!("exchange {}", exchange.seq), "the one before it is missing"));
    }
    let (last_pos, interrupted) = (end.pos, end.interrupted.clone());
    Ok(Loaded { exchanges, last_pos, tenants, interrupted })
}

pub(crate) fn exchange(journal: &Journal, seq: Seq) -> Result<Option<Exchange>, Error> {
    let read = journal.with_reader("read an exchange", |connection| {
        let connection = connection.transaction()?;
        let key = Some(seq.0 as i64);
        let clause = "WHERE revision.pos = (SELECT committed FROM exchange WHERE seq = ?1)";
        let commits = match commits::read(&connection, clause, key)? {
            Ok(commits) => commits,
            Err(damage) => return Ok(Err(damage)),
        };
        let committed = commits.into_iter().next();
        exchanges(&connection, "WHERE exchange.seq = ?1", key, |_| committed.clone().map(|(_, committed)| committed))
    })?;
    let exchanges = read.map_err(|(what, why)| journal.damaged(what, why))?;
    Ok(exchanges.into_iter().next())
}

const EXCHANGES: &str = "
    SELECT exchange.seq, exchange.pos, opened_at, method, target, connection, handled, would_have_changed, committed,
           closed, sent_head, annotation,
           request.facts AS request_facts, request.head AS request_head, request.body AS request_body,
           unhandled.facts AS unhandled_facts, unhandled.head AS unhandled_head, unhandled.body AS unhandled_body,
           response.body AS response_body, sent.body AS sent_body
    FROM exchange LEFT JOIN request USING (seq) LEFT JOIN unhandled USING (seq)
                  LEFT JOIN response USING (seq) LEFT JOIN sent USING (seq) ";

fn exchanges(
    connection: &Connection,
    clause: &str,
    key: Option<i64>,
    mut committed: impl FnMut(Pos) -> Option<Arc<Committed>>,
) -> Reading<Vec<Exchange>> {
    let mut statement = connection.prepare_cached(&format!("{EXCHANGES}{clause}"))?;
    let mut rows = statement.query(params_from_iter(key))?;
    let mut exchanges = Vec::new();
    while let Some(row) = rows.next()? {
        match exchange_of(row, &mut committed)? {
            Ok(exchange) => exchanges.push(exchange),
            Err(why) => return Ok(Err((format!("exchange {}", row.get::<_, i64>("seq")?), why))),
        }
    }
    Ok(Ok(exchanges))
}

fn exchange_of(
    row: &Row<'_>,
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
        request: received_columns(row, ["request_facts", "request_head", "request_body"])?,
        unhandled: received_columns(row, ["unhandled_facts", "unhandled_head", "unhandled_body"])?,
        response_body: blob(row, "response_body")?,
        sent_body: blob(row, "sent_body")?,
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
    request: Option<ReceivedColumns>,
    unhandled: Option<ReceivedColumns>,
    response_body: Option<Bytes>,
    sent_body: Option<Bytes>,
}

struct ReceivedColumns {
    facts: String,
    head: Bytes,
    body: Bytes,
}

impl Columns {
    fn fold(self, seq: Seq, pos: Pos, committed: Option<Arc<Committed>>) -> Result<Exchange, String> {
        let opened = Opened {
            connection: json::<Wire>(&self.connection)?,
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
        Ok(Exchange { seq, pos, opened: Arc::new(opened), handled, closed, committed, annotation })
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
