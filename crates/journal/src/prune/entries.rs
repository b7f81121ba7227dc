//! Sweeping up the entries of what is gone.

use rusqlite::{Connection, OptionalExtension, params};
use traffic::ids::Pos;

use super::STEP_LOOKS;
use crate::batch::Kind;
use crate::run;

/// Exchanges that are recorded at the same time end up to so many positions apart: so far back is looked again.
pub(super) const TOGETHER: i64 = 32_768;
/// How many runs of entries one step looks at.
const STEP_RUNS: i64 = 16;

/// A walk over the entries among which there may be some of what is gone.
#[derive(Debug, Default)]
pub(super) struct Sweep {
    /// Everything up to here was looked at.
    at: i64,
    through: i64,
}

impl Sweep {
    /// What the last process may have left.
    pub(super) fn begun(connection: &Connection) -> rusqlite::Result<Sweep> {
        let through = connection.query_row("SELECT last_pos FROM pruned", [], |row| row.get(0))?;
        Ok(Sweep { at: 0, through })
    }

    /// Looks at entries up to this position that were not looked at yet, and at those shortly before.
    pub(super) fn up_to(&mut self, last: i64) {
        if last > self.through && !self.is_due() {
            self.at = (self.at - TOGETHER).max(0);
        }
        self.through = self.through.max(last);
    }

    /// Looks at all of these positions.
    pub(super) fn over(&mut self, first: i64, last: i64) {
        self.at = self.at.min(first - 1).max(0);
        self.through = self.through.max(last);
    }

    pub(super) fn is_due(&self) -> bool {
        self.at < self.through
    }

    /// Looks at some.
    pub(super) fn step(&mut self, to: &Connection) -> rusqlite::Result<()> {
        let runs = self.runs(to)?;
        let rows = self.rows(to)?;
        self.at = runs.unwrap_or(self.through).min(rows.unwrap_or(self.through));
        Ok(())
    }

    /// Removes runs of which nothing is left; tells how far it looked, if not to the end.
    fn runs(&self, to: &Connection) -> rusqlite::Result<Option<i64>> {
        let mut runs = to.prepare_cached(
            "SELECT last, first, entries FROM run WHERE last > ?1 AND last <= ?2 ORDER BY last LIMIT ?3",
        )?;
        let mut rows = runs.query(params![self.at, self.through, STEP_RUNS])?;
        let mut gone = Vec::new();
        let (mut looked, mut at) = (0, None);
        while let Some(row) = rows.next()? {
            let (last, first): (i64, i64) = (row.get(0)?, row.get(1)?);
            looked += 1;
            at = Some(last);
            // One that cannot be read stays, for whoever reads it to be told.
            if let Ok(entries) = run::unpack(Pos(first as u64), row.get_ref(2)?.as_blob()?)
                && !any_is_left(to, &entries)?
            {
                gone.push(last);
            }
        }
        for last in gone {
            to.prepare_cached("DELETE FROM run WHERE last = ?1")?.execute([last])?;
        }
        Ok(at.filter(|_| looked == STEP_RUNS))
    }

    /// The same for entries as older versions have written them, each in a row.
    fn rows(&self, to: &Connection) -> rusqlite::Result<Option<i64>> {
        let mut last =
            to.prepare_cached("SELECT pos FROM entry WHERE pos > ?1 AND pos <= ?2 ORDER BY pos LIMIT 1 OFFSET ?3")?;
        let key = params![self.at, self.through, STEP_LOOKS as i64 - 1];
        let until: Option<i64> = last.query_row(key, |row| row.get(0)).optional()?;
        to.prepare_cached(
            "DELETE FROM entry WHERE pos > ?1 AND pos <= ?2 AND CASE kind
                 WHEN 5 THEN NOT EXISTS (SELECT 1 FROM revision WHERE revision.pos = entry.pos)
                 ELSE seq IS NOT NULL AND NOT EXISTS (SELECT 1 FROM exchange WHERE exchange.seq = entry.seq)
             END",
        )?
        .execute([self.at, until.unwrap_or(self.through)])?;
        Ok(until)
    }
}

/// A commit outlives the exchange that caused it; what the server says of itself stays.
fn any_is_left(to: &Connection, entries: &[(Pos, i64, Option<i64>)]) -> rusqlite::Result<bool> {
    let mut commit = to.prepare_cached("SELECT 1 FROM revision WHERE pos = ?1")?;
    let mut exchange = to.prepare_cached("SELECT 1 FROM exchange WHERE seq = ?1")?;
    let mut gone = None;
    for (pos, kind, seq) in entries {
        let is_left = match seq {
            _ if *kind == Kind::Committed as i64 => commit.exists([pos.0 as i64])?,
            Some(seq) if gone == Some(*seq) => false,
            Some(seq) => {
                gone = Some(*seq);
                exchange.exists([seq])?
            }
            None => true,
        };
        if is_left {
            return Ok(true);
        }
    }
    Ok(false)
}
