//! Giving up what somebody wants gone: the one way by which a part of a flow can go.

use std::collections::{BTreeSet, VecDeque};

use rusqlite::{Connection, OptionalExtension, Row, params};
use traffic::ids::{Pos, Seq};
use traffic::log::Log;

use super::exchanges::{self, Given};
use super::{Room, STEP_LOOKS, Step, UNANNOTATED};
use crate::bundle::Leftovers;
use crate::remove::{Asked, Removed, Unwanted};

/// What was asked for, and how far the first of it has come.
#[derive(Debug, Default)]
pub(super) struct Removing {
    asked: VecDeque<Asked>,
    /// Everything up to here is in the file.
    written: Pos,
    /// What was looked at of the first: numbers up to this one.
    at: Seq,
    removed: Removed,
    /// The first and the last position of what is gone.
    span: Option<(i64, i64)>,
    /// What is done, and whoever waits to hear of it.
    answers: Vec<(Asked, Removed)>,
}

/// One piece of it, to be kept once its transaction is.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) given: Given,
    at: Seq,
    kept: u64,
    span: Option<(i64, i64)>,
}

/// One that may have to go.
struct Candidate {
    seq: i64,
    pos: i64,
    flow: i64,
    is_over: bool,
}

impl Removing {
    pub(super) fn ask(&mut self, asked: Asked) {
        self.asked.push_back(asked);
    }

    pub(super) fn written(&mut self, through: Pos) {
        self.written = through;
    }

    pub(super) fn is_due(&self) -> bool {
        self.asked.front().is_some_and(|asked| asked.at <= self.written)
    }

    /// Says that nothing more is removed, and why.
    pub(super) fn refuse(&mut self, why: &str) {
        self.answer();
        self.asked.drain(..).for_each(|asked| asked.refuse(why));
        *self = Removing { written: self.written, ..Removing::default() };
    }

    /// Removes the next ones as far as they fit into a transaction.
    pub(super) fn step(&self, to: &Connection, log: &Log, resumed: Seq) -> rusqlite::Result<Piece> {
        let nothing = Given { seqs: Vec::new(), flows: 0, entries: 0, step: Step::Done };
        let mut piece = Piece { given: nothing, at: self.at, kept: 0, span: None };
        let Some(asked) = self.asked.front() else { return Ok(piece) };
        let newest: i64 =
            to.prepare_cached("SELECT coalesce(max(seq), 0) FROM exchange")?.query_row([], |row| row.get(0))?;
        let settled = (newest - UNANNOTATED as i64).max(resumed.0 as i64);
        let (candidates, through) = candidates(to, &asked.what, self.at, settled)?;
        let mut room = Room::new();
        let (mut gone, mut flows) = (Vec::new(), BTreeSet::new());
        for Candidate { seq, pos, flow, is_over } in candidates {
            if !room.is_left() {
                piece.given.step = Step::More;
                break;
            }
            piece.at = Seq(seq as u64);
            if !is_over || !exchanges::may_leave(log, &[seq]) {
                piece.kept += 1;
                continue;
            }
            room.take(1, exchanges::weight(to, seq)?);
            let (first, last) = piece.span.unwrap_or((pos, pos));
            piece.span = Some((first.min(pos), last.max(pos)));
            gone.push(seq);
            flows.insert(flow);
        }
        if piece.given.step == Step::Done
            && let Some(through) = through
        {
            (piece.at, piece.given.step) = (through, Step::More);
        }
        exchanges::forget(to, &gone, Leftovers::None, &mut piece.given)?;
        for flow in flows {
            piece.given.flows += u64::from(!exchanges::is_there(to, flow)?);
        }
        exchanges::count(to, &piece.given)?;
        Ok(piece)
    }

    /// Takes note of a piece that is gone. At the end: the positions among which entries are to be swept up.
    pub(super) fn take(&mut self, piece: Piece) -> Option<(i64, i64)> {
        self.at = piece.at;
        self.removed.seqs.extend(piece.given.seqs);
        self.removed.kept += piece.kept;
        if let Some((first, last)) = piece.span {
            let (least, most) = self.span.unwrap_or((first, last));
            self.span = Some((least.min(first), most.max(last)));
        }
        if piece.given.step == Step::More {
            return None;
        }
        let span = self.span.take();
        self.at = Seq(0);
        let removed = std::mem::take(&mut self.removed);
        if let Some(asked) = self.asked.pop_front() {
            self.answers.push((asked, removed));
        }
        span
    }

    /// Answers those whose wishes are fulfilled: after the usage of the disk was looked at again, so that they find what they did in it.
    pub(super) fn answer(&mut self) {
        for (asked, removed) in self.answers.drain(..) {
            // Whoever asked may be gone; then nobody wants to know.
            let _ = asked.reply.send(Ok(removed));
        }
    }
}

/// Those after a number that may have to go, ascending, and up to where they were looked for if not to the end.
fn candidates(
    to: &Connection,
    what: &Unwanted,
    after: Seq,
    settled: i64,
) -> rusqlite::Result<(Vec<Candidate>, Option<Seq>)> {
    // One without an annotation may still get one.
    const COLUMNS: &str = "seq, pos, flow, closed IS NOT NULL AND (annotation IS NOT NULL OR seq <= ?1)";
    let read =
        |row: &Row<'_>| Ok(Candidate { seq: row.get(0)?, pos: row.get(1)?, flow: row.get(2)?, is_over: row.get(3)? });
    match what {
        Unwanted::These(seqs) => {
            let seqs: BTreeSet<Seq> = seqs.iter().copied().filter(|seq| *seq > after).take(STEP_LOOKS).collect();
            let mut one = to.prepare_cached(&format!("SELECT {COLUMNS} FROM exchange WHERE seq = ?2"))?;
            let found = seqs.iter().map(|seq| one.query_row(params![settled, seq.0 as i64], read).optional());
            let found: Vec<Candidate> = found.filter_map(Result::transpose).collect::<rusqlite::Result<_>>()?;
            Ok((found, seqs.last().copied().filter(|_| seqs.len() == STEP_LOOKS)))
        }
        Unwanted::UpTo { through, tag } => {
            // So that a step is short however few there are.
            let until = Seq(after.0 + STEP_LOOKS as u64).min(*through);
            let tagged = match tag {
                Some(_) => "AND EXISTS (SELECT 1 FROM json_each(marks, '$.tags') WHERE value = ?4 COLLATE NOCASE)",
                None => "AND ?4 IS NULL",
            };
            let mut some = to.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM exchange
                 WHERE seq > ?2 AND seq <= ?3 AND NOT coalesce(marks ->> '$.pinned', 0) {tagged} ORDER BY seq"
            ))?;
            let key = params![settled, after.0 as i64, until.0 as i64, tag];
            let found = some.query_map(key, read)?.collect::<rusqlite::Result<_>>()?;
            Ok((found, (until < *through).then_some(until)))
        }
    }
}
