//! Entries on their way into one transaction: folded by exchange, so that an exchange is one row written once.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use traffic::change::{Cause, Change, Committed};
use traffic::entry::{Annotation, Entry, State};
use traffic::exchange::{Closed, Opened, Received};
use traffic::handled::Handled;
use traffic::ids::{FlowId, Pos, Seq};
use traffic::marks::Marks;

use crate::facts::{ClosedFacts, HandledFacts, ReceivedFacts};
use crate::{deltas, lines};

/// `entry.kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Opened = 1,
    Handled = 2,
    Closed = 3,
    Annotated = 4,
    Committed = 5,
    State = 6,
    Pruned = 7,
    Marked = 8,
}

/// Why a batch could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("{}", crate::error::reason(.0))]
    Database(#[from] rusqlite::Error),
    #[error("an entry cannot be put into words: {0}")]
    Json(#[from] serde_json::Error),
}

/// What one transaction will write.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    entries: Vec<(Pos, Kind, Option<Seq>)>,
    exchanges: BTreeMap<Seq, Parts>,
    commits: Vec<(Pos, Arc<Committed>)>,
    states: Vec<(Pos, Arc<State>)>,
    bytes: usize,
}

/// What is new about one exchange.
#[derive(Debug, Default)]
struct Parts {
    pos: Pos,
    opened: Option<Arc<Opened>>,
    handled: Option<(Arc<Received>, Arc<Handled>)>,
    closed: Option<Arc<Closed>>,
    committed: Option<Pos>,
    annotation: Option<Arc<Annotation>>,
    marks: Option<Arc<Marks>>,
}

impl Batch {
    /// How many entries there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The position of the last entry.
    pub(crate) fn last(&self) -> Option<Pos> {
        self.entries.last().map(|(pos, _, _)| *pos)
    }

    /// About how many bytes will be written.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds an entry; positions must rise.
    pub(crate) fn take(&mut self, pos: Pos, entry: Entry) {
        let seq = entry.seq();
        let mut none = Parts::default();
        let parts = match seq {
            Some(seq) => self.exchanges.entry(seq).or_default(),
            None => &mut none,
        };
        parts.pos = pos;
        let kind = match entry {
            Entry::Opened(_, opened) => {
                self.bytes += opened.target.len();
                parts.opened = Some(opened);
                Kind::Opened
            }
            Entry::Handled(_, received, handled) => {
                self.bytes += received.head.len() + received.body.len() + handled.response.body.len();
                parts.handled = Some((received, handled));
                Kind::Handled
            }
            Entry::Closed(_, closed) => {
                let received = closed.received.as_ref().map_or(0, |received| received.head.len() + received.body.len());
                self.bytes += received + closed.sent.head.len() + closed.sent.body.len();
                parts.closed = Some(closed);
                Kind::Closed
            }
            Entry::Annotated(_, annotation) => {
                parts.annotation = Some(annotation);
                Kind::Annotated
            }
            Entry::Marked(_, marks) => {
                self.bytes += marks.note.len();
                parts.marks = Some(marks);
                Kind::Marked
            }
            Entry::Committed(committed) => {
                self.bytes += committed.changes.iter().map(weight).sum::<usize>();
                parts.committed = Some(pos);
                self.commits.push((pos, committed));
                Kind::Committed
            }
            Entry::State(state) => {
                self.states.push((pos, state));
                Kind::State
            }
            Entry::Pruned { from, to, count } => {
                tracing::warn!(%from, %to, count, "entries left memory before they were written");
                Kind::Pruned
            }
        };
        self.entries.push((pos, kind, seq));
    }

    /// Writes everything; the caller commits.
    pub(crate) fn write(&self, to: &Connection) -> Result<(), Failure> {
        let mut entry = to.prepare_cached("INSERT INTO entry (pos, kind, seq) VALUES (?1, ?2, ?3)")?;
        for (pos, kind, seq) in &self.entries {
            entry.execute(params![pos.0 as i64, *kind as i64, seq.map(|seq| seq.0 as i64)])?;
        }
        for (seq, parts) in &self.exchanges {
            parts.write(*seq, to)?;
        }
        for (pos, committed) in &self.commits {
            write_commit(*pos, committed, to)?;
        }
        for (pos, state) in &self.states {
            to.prepare_cached("INSERT INTO state (pos, what, detail) VALUES (?1, ?2, ?3)")?.execute(params![
                pos.0 as i64,
                state.what,
                state.detail
            ])?;
        }
        Ok(())
    }
}

const INSERT: &str = "
    INSERT INTO exchange (seq, pos, handled, would_have_changed, committed, closed, sent_head, annotation,
                          flow, marks, opened_at, method, target, connection)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, coalesce(?9, ?1), ?10, ?11, ?12, ?13, ?14)";

const UPDATE: &str = "
    UPDATE exchange SET pos = ?2, handled = coalesce(?3, handled),
        would_have_changed = coalesce(?4, would_have_changed), committed = coalesce(?5, committed),
        closed = coalesce(?6, closed), sent_head = coalesce(?7, sent_head), annotation = coalesce(?8, annotation),
        flow = coalesce(?9, flow), marks = coalesce(?10, marks)
    WHERE seq = ?1";

impl Parts {
    fn write(&self, seq: Seq, to: &Connection) -> Result<(), Failure> {
        let key = seq.0 as i64;
        let handled = self.handled.as_ref().map(|(_, handled)| handled);
        let facts = handled.map(|handled| serde_json::to_string(&HandledFacts::of(handled))).transpose()?;
        let lines = handled.map(|handled| &handled.would_have_changed).filter(|lines| !lines.is_empty());
        let lines = lines.map(|lines| lines::to_text(lines));
        let committed = self.committed.map(|pos| pos.0 as i64);
        let closed = self.closed.as_ref().map(|closed| serde_json::to_string(&ClosedFacts::of(closed))).transpose()?;
        let sent_head = self.closed.as_ref().map(|closed| closed.sent.head.as_ref());
        let annotation =
            self.annotation.as_ref().map(|annotation| serde_json::to_string(annotation.as_ref())).transpose()?;
        let flow = self.annotation.as_ref().map(|annotation| annotation.flow.unwrap_or(FlowId::from(seq)).0 as i64);
        let marks = self.marks.as_ref().map(|marks| serde_json::to_string(marks.as_ref())).transpose()?;
        let pos = self.pos.0 as i64;
        match &self.opened {
            Some(opened) => {
                let Opened { connection, at, method, target } = opened.as_ref();
                let connection = serde_json::to_string(connection)?;
                to.prepare_cached(INSERT)?.execute(params![
                    key,
                    pos,
                    facts,
                    lines,
                    committed,
                    closed,
                    sent_head,
                    annotation,
                    flow,
                    marks,
                    nanoseconds(*at),
                    method,
                    target,
                    connection
                ])?;
            }
            None => {
                let mut update = to.prepare_cached(UPDATE)?;
                let rows = update
                    .execute(params![key, pos, facts, lines, committed, closed, sent_head, annotation, flow, marks])?;
                if rows == 0 {
                    // The log takes no notice of parts of an exchange that never began, nor does the file.
                    return Ok(());
                }
            }
        }
        if let Some((received, handled)) = &self.handled {
            write_received(
                "INSERT OR REPLACE INTO request (seq, facts, head, body) VALUES (?1, ?2, ?3, ?4)",
                key,
                received,
                to,
            )?;
            to.prepare_cached("INSERT OR REPLACE INTO response (seq, body) VALUES (?1, ?2)")?
                .execute(params![key, handled.response.body.as_ref()])?;
        }
        if let Some(closed) = &self.closed {
            if let Some(received) = &closed.received {
                let sql = "INSERT OR REPLACE INTO unhandled (seq, facts, head, body) VALUES (?1, ?2, ?3, ?4)";
                write_received(sql, key, received, to)?;
            }
            // After the response above: the body is kept once if it is the one that was decided.
            to.prepare_cached(
                "INSERT OR REPLACE INTO sent (seq, body) SELECT ?1, ?2
                 WHERE NOT EXISTS (SELECT 1 FROM response WHERE seq = ?1 AND body = ?2)",
            )?
            .execute(params![key, closed.sent.body.as_ref()])?;
        }
        Ok(())
    }
}

fn write_received(sql: &str, key: i64, received: &Received, to: &Connection) -> Result<(), Failure> {
    let facts = serde_json::to_string(&ReceivedFacts::of(received))?;
    to.prepare_cached(sql)?.execute(params![key, facts, received.head.as_ref(), received.body.as_ref()])?;
    Ok(())
}

fn write_commit(pos: Pos, committed: &Committed, to: &Connection) -> Result<(), Failure> {
    let Committed { tenant, revision, cause, changes } = committed;
    let (seq, other) = match cause {
        Cause::Exchange(seq) => (Some(seq.0 as i64), None),
        other => (None, Some(serde_json::to_string(other)?)),
    };
    to.prepare_cached("INSERT INTO revision (pos, tenant, revision, seq, cause) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![pos.0 as i64, tenant, revision.0 as i64, seq, other])?;
    for change in changes {
        write_change(pos, tenant, change, to)?;
    }
    Ok(())
}

fn write_change(pos: Pos, tenant: &str, change: &Change, to: &Connection) -> Result<(), Failure> {
    let Change { resource_type, resource_id, display, before, after, lines } = change;
    let lines = lines::to_text(lines);
    let mut previous = None;
    let mut delta = None;
    if let Some(before) = before {
        let mut last = to.prepare_cached(
            "SELECT id, coalesce(head, after) IS ?4, since_whole FROM change
             WHERE tenant = ?1 AND resource_type = ?2 AND resource_id = ?3 ORDER BY id DESC LIMIT 1",
        )?;
        let found = last.query_row(params![tenant, resource_type, resource_id, deltas::head(before)], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?, row.get::<_, i64>(2)?))
        });
        if let Some((id, true, since_whole)) = found.optional()? {
            previous = Some(id);
            let between = after.as_ref().and_then(|after| Some((after, deltas::between(before, after)?)));
            delta = between.and_then(|(after, text)| {
                let since_whole = since_whole + text.len() as i64;
                (since_whole <= after.packed_bytes() as i64).then_some((text, since_whole))
            });
        }
    }
    let before = before.as_ref().filter(|_| previous.is_none()).map(|before| before.value().to_text());
    let head = after.as_ref().filter(|after| after.has_long_lists()).map(|after| deltas::head(after));
    let (after, head, lists, since_whole) = match delta {
        Some((lists, since_whole)) => (head, None, Some(lists), since_whole),
        None => (after.as_ref().map(|after| after.value().to_text()), head, None, 0),
    };
    let is_left = after.is_some();
    let mut insert = to.prepare_cached(
        "INSERT INTO change (pos, tenant, resource_type, resource_id, display, previous, before, after, lines, lists,
                             head, since_whole)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?;
    let pos = pos.0 as i64;
    insert.execute(params![
        pos,
        tenant,
        resource_type,
        resource_id,
        display,
        previous,
        before,
        after,
        lines,
        lists,
        head,
        since_whole
    ])?;
    let resource = params![tenant, resource_type, resource_id];
    if !is_left {
        to.prepare_cached("DELETE FROM present WHERE tenant = ?1 AND resource_type = ?2 AND resource_id = ?3")?
            .execute(resource)?;
        return Ok(());
    }
    to.prepare_cached(
        "INSERT INTO present (tenant, resource_type, resource_id, created, last, changes)
         VALUES (?1, ?2, ?3, last_insert_rowid(), last_insert_rowid(), 1)
         ON CONFLICT (tenant, resource_type, resource_id)
         DO UPDATE SET last = excluded.last, changes = changes + 1",
    )?
    .execute(resource)?;
    Ok(())
}

/// About how many bytes a change will take in the file. Two versions of a long list differ in little.
fn weight(change: &Change) -> usize {
    match (&change.before, &change.after) {
        (Some(before), Some(after)) if before.has_long_lists() && after.has_long_lists() => 4 << 10,
        states => [states.0, states.1].into_iter().flatten().map(|document| document.packed_bytes()).sum(),
    }
}

/// `exchange.opened_at`. Good from 1677 to 2262; a clock beyond is set to the end it is beyond.
fn nanoseconds(at: Timestamp) -> i64 {
    let at = at.as_nanosecond();
    i64::try_from(at).unwrap_or(if at < 0 { i64::MIN } else { i64::MAX })
}
