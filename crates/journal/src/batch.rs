//! Entries on their way into one transaction: folded by exchange, so that an exchange is one row written once.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use rusqlite::{CachedStatement, Connection as Database, params};
use traffic::change::{Cause, Change, Committed};
use traffic::entry::{Annotation, Entry, State};
use traffic::exchange::{Closed, Opened, Received};
use traffic::handled::Handled;
use traffic::ids::{FlowId, Pos, Seq};
use traffic::marks::Marks;

use crate::bundle::{self, Bundler};
use crate::facts::{ClosedFacts, HandledFacts, ReceivedFacts};
use crate::hand::{Connections, Hand};
use crate::pack::{Packer, Part};
use crate::{ahead, deltas, lines, prune, run};

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

    /// The exchanges with numbers up to this one.
    pub(crate) fn numbers_through(&self, through: Seq) -> impl Iterator<Item = Seq> {
        self.exchanges.range(..=through).map(|(seq, _)| *seq)
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
                if committed.ahead.is_none() {
                    self.bytes += committed.changes.iter().map(weight).sum::<usize>();
                }
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
    pub(crate) fn write(&self, hand: &mut Hand, to: &Database) -> Result<(), Failure> {
        write_runs(&self.entries, to)?;
        if !self.exchanges.is_empty() {
            let mut rows = Rows::prepare(to)?;
            let Hand { packer, decided, connections, .. } = &mut *hand;
            let mut bundler = Bundler::after(to, packer)?;
            for (seq, parts) in &self.exchanges {
                parts.write(*seq, decided, connections, &mut bundler, &mut rows)?;
            }
            bundler.finish(&mut rows.bundle)?;
        }
        for (pos, committed) in &self.commits {
            write_commit(*pos, committed, hand, to)?;
        }
        if let Some((first, _)) = self.commits.first() {
            prune::count_changes(to, *first)?;
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

/// About how many bytes there are to say of a decision beside its body.
const ABOUT_HANDLED: usize = 1_000;

/// The rows of exchanges.
struct Rows<'a> {
    insert: CachedStatement<'a>,
    update: CachedStatement<'a>,
    flow: CachedStatement<'a>,
    marks: CachedStatement<'a>,
    bundle: CachedStatement<'a>,
}

impl Rows<'_> {
    fn prepare(to: &Database) -> rusqlite::Result<Rows<'_>> {
        Ok(Rows {
            insert: to.prepare_cached(INSERT)?,
            update: to.prepare_cached(UPDATE)?,
            flow: to.prepare_cached(FLOW)?,
            marks: to.prepare_cached(MARKS)?,
            bundle: to.prepare_cached(bundle::INSERT)?,
        })
    }
}

/// Writes which entries there are at successive positions.
pub(crate) fn write_runs(entries: &[(Pos, Kind, Option<Seq>)], to: &Database) -> rusqlite::Result<()> {
    let mut insert = to.prepare_cached("INSERT INTO run (last, first, entries) VALUES (?1, ?2, ?3)")?;
    // Positions are missing where entries left memory before they were written.
    for successive in entries.chunk_by(|(pos, ..), (next, ..)| pos.0 + 1 == next.0) {
        for run in successive.chunks(run::LONGEST) {
            let (first, last) = (run[0].0, run[run.len() - 1].0);
            insert.execute(params![last.0 as i64, first.0 as i64, run::pack(run)])?;
        }
    }
    Ok(())
}

const INSERT: &str = "
    INSERT INTO exchange (seq, pos, committed, closed, annotation, flow, marks, opened_at, method, target, connection,
                          wire_in, ending_in)
    VALUES (?1, ?2, ?3, ?4, ?5, coalesce(?6, ?1), ?7, ?8, ?9, ?10, ?11, ?12, ?13)";

const UPDATE: &str = "
    UPDATE exchange SET pos = ?2, committed = coalesce(?3, committed), closed = coalesce(?4, closed),
        annotation = coalesce(?5, annotation), wire_in = coalesce(?6, wire_in), ending_in = coalesce(?7, ending_in)
    WHERE seq = ?1";

/// Apart, because there are indexes of them that a change of the row must not write again.
const FLOW: &str = "UPDATE exchange SET flow = ?2 WHERE seq = ?1 AND flow <> ?2";
const MARKS: &str = "UPDATE exchange SET marks = ?2 WHERE seq = ?1";

impl Parts {
    fn write(
        &self,
        seq: Seq,
        decided: &mut HashMap<Seq, Bytes>,
        connections: &mut Connections,
        bundler: &mut Bundler<'_>,
        rows: &mut Rows<'_>,
    ) -> Result<(), Failure> {
        let bundle = self.bundle(seq, decided, bundler, &mut rows.bundle)?;
        let (wire_in, ending_in) = if self.handled.is_some() { (bundle, None) } else { (None, bundle) };
        let key = seq.0 as i64;
        let committed = self.committed.map(|pos| pos.0 as i64);
        let closed = self.closed.as_ref().map(|closed| serde_json::to_string(&ClosedFacts::of(closed))).transpose()?;
        let annotation =
            self.annotation.as_ref().map(|annotation| serde_json::to_string(annotation.as_ref())).transpose()?;
        let flow = self.annotation.as_ref().map(|annotation| annotation.flow.unwrap_or(FlowId::from(seq)).0 as i64);
        let marks = self.marks.as_ref().map(|marks| serde_json::to_string(marks.as_ref())).transpose()?;
        let pos = self.pos.0 as i64;
        match &self.opened {
            Some(opened) => {
                let Opened { connection, at, method, target } = opened.as_ref();
                rows.insert.execute(params![
                    key,
                    pos,
                    committed,
                    closed,
                    annotation,
                    flow,
                    marks,
                    nanoseconds(*at),
                    method,
                    target,
                    connections.text_of(connection),
                    wire_in,
                    ending_in
                ])?;
            }
            None => {
                let changed =
                    rows.update.execute(params![key, pos, committed, closed, annotation, wire_in, ending_in])?;
                if changed == 0 {
                    // The log takes no notice of parts of an exchange that never began, nor does the file.
                    return Ok(());
                }
                if flow.is_some() {
                    rows.flow.execute(params![key, flow])?;
                }
                if marks.is_some() {
                    rows.marks.execute(params![key, marks])?;
                }
            }
        }
        Ok(())
    }

    /// Puts what nothing is selected by into a bundle, and tells in which it is, if there is any.
    fn bundle(
        &self,
        seq: Seq,
        decided: &mut HashMap<Seq, Bytes>,
        bundler: &mut Bundler<'_>,
        insert: &mut CachedStatement<'_>,
    ) -> Result<Option<i64>, Failure> {
        if self.handled.is_none() && self.closed.is_none() {
            return Ok(None);
        }
        bundler.begin(seq, self.bytes(), insert)?;
        let packer = bundler.packer();
        if let Some((received, handled)) = &self.handled {
            put_received([Part::RequestFacts, Part::RequestHead, Part::RequestBody], received, packer)?;
            packer.put_json(Part::Handled, &HandledFacts::of(handled))?;
            if !handled.would_have_changed.is_empty() {
                packer.put(Part::WouldHaveChanged, lines::to_text(&handled.would_have_changed).as_bytes());
            }
            packer.put(Part::ResponseBody, &handled.response.body);
        }
        if let Some(closed) = &self.closed {
            let before = decided.remove(&seq);
            if let Some(received) = &closed.received {
                put_received([Part::UnhandledFacts, Part::UnhandledHead, Part::UnhandledBody], received, packer)?;
            }
            packer.put(Part::SentHead, &closed.sent.head);
            let now = self.handled.as_ref().map(|(_, handled)| &handled.response.body);
            if now.or(before.as_ref()).is_none_or(|decided| *decided != closed.sent.body) {
                packer.put(Part::SentBody, &closed.sent.body);
            }
        } else if let Some((_, handled)) = &self.handled {
            decided.insert(seq, handled.response.body.clone());
        }
        Ok(Some(bundler.end()))
    }

    /// About how many bytes a bundle gets.
    fn bytes(&self) -> usize {
        let received = |received: &Received| received.head.len() + received.body.len();
        let handled = self
            .handled
            .as_ref()
            .map_or(0, |(request, handled)| received(request) + handled.response.body.len() + ABOUT_HANDLED);
        let closed = self
            .closed
            .as_ref()
            .map_or(0, |closed| closed.received.as_ref().map_or(0, received) + closed.sent.head.len());
        handled + closed
    }
}

fn put_received([facts, head, body]: [Part; 3], received: &Received, packer: &mut Packer) -> Result<(), Failure> {
    packer.put_json(facts, &ReceivedFacts::of(received))?;
    packer.put(head, &received.head);
    packer.put(body, &received.body);
    Ok(())
}

fn write_commit(pos: Pos, committed: &Committed, hand: &mut Hand, to: &Database) -> Result<(), Failure> {
    let Committed { tenant, revision, cause, changes, ahead } = committed;
    let (seq, other) = match cause {
        Cause::Exchange(seq) => (Some(seq.0 as i64), None),
        Cause::Observed(seq) => (Some(seq.0 as i64), Some(serde_json::to_string(cause)?)),
        other => (None, Some(serde_json::to_string(other)?)),
    };
    to.prepare_cached("INSERT INTO revision (pos, tenant, revision, seq, cause) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![pos.0 as i64, tenant, revision.0 as i64, seq, other])?;
    if let Some(ahead) = ahead
        && ahead::commit(to, *ahead, pos)?
    {
        return Ok(());
    }
    for change in changes {
        write_change(pos, tenant, change, hand, to)?;
    }
    Ok(())
}

/// The statement that writes a change.
pub(crate) const INSERT_CHANGE: &str = "
    INSERT INTO change (pos, tenant, resource_type, resource_id, display, previous, before, after, lines, lists, head,
                        since_whole)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

fn write_change(pos: Pos, tenant: &str, change: &Change, hand: &mut Hand, to: &Database) -> Result<(), Failure> {
    let Change { resource_type, resource_id, display, before, after, lines } = change;
    let lines = lines::to_text(lines);
    let mut previous = None;
    let mut delta = None;
    if let Some(before) = before
        && let Some((id, since_whole)) = hand.left_by(tenant, change, before, to)?
    {
        previous = Some(id);
        let between = after.as_ref().and_then(|after| Some((after, deltas::between(before, after)?)));
        delta = between.and_then(|(after, text)| {
            let since_whole = since_whole + text.len() as i64;
            (since_whole <= after.packed_bytes() as i64).then_some((text, since_whole))
        });
    }
    let before = before.as_ref().filter(|_| previous.is_none()).map(|before| before.value().to_text());
    let head = after.as_ref().filter(|after| after.has_long_lists()).map(|after| deltas::head(after));
    let (after, head, lists, since_whole) = match delta {
        Some((lists, since_whole)) => (head, None, Some(lists), since_whole),
        None => (after.as_ref().map(|after| after.value().to_text()), head, None, 0),
    };
    let left = change.after.as_ref();
    let mut insert = to.prepare_cached(INSERT_CHANGE)?;
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
    hand.leave(resource_id, to.last_insert_rowid(), left);
    let resource = params![tenant, resource_type, resource_id];
    if left.is_none() {
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
pub(crate) fn nanoseconds(at: Timestamp) -> i64 {
    let at = at.as_nanosecond();
    i64::try_from(at).unwrap_or(if at < 0 { i64::MIN } else { i64::MAX })
}
