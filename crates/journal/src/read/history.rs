//! Changes of the past, for [`traffic::history`].

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};
use traffic::archive::Unreadable;
use traffic::change::Committed;
use traffic::history::{ChangeSource, Earlier, Subject};
use traffic::ids::{Pos, Revision, Seq};

use super::{Reading, commits, number, states};
use crate::ahead::{CHANGES_OF_COMMIT, COMMIT_OF_CHANGE};
use crate::archive::each_entry;
use crate::batch::Kind;
use crate::journal::Journal;
use crate::lines;
use crate::readers::Readers;
use crate::recover::LAST;

/// Reads the file as long as the journal is open.
#[derive(Debug)]
struct Source {
    readers: Arc<Readers>,
}

impl Journal {
    /// The changes in the file, to be read at any time from any thread. After [`Journal::close`] its calls fail; it does not
    /// keep the journal open.
    pub fn history(&self) -> Arc<dyn ChangeSource> {
        Arc::new(Source { readers: Arc::clone(self.readers()) })
    }
}

impl Source {
    fn read<T>(&self, work: impl FnOnce(&Connection) -> Reading<T>) -> Result<T, Unreadable> {
        self.readers.read("read changes", work).map_err(|error| Unreadable(error.to_string()))
    }
}

impl ChangeSource for Source {
    fn ends(&self, tenant: &str) -> Result<Option<(Revision, Revision)>, Unreadable> {
        self.read(|connection| {
            // Two look-ups in the index; both at once would be a walk through it.
            let sql = "SELECT (SELECT min(revision) FROM revision WHERE tenant = ?1),
                              (SELECT max(revision) FROM revision WHERE tenant = ?1)";
            let ends: (Option<i64>, Option<i64>) =
                connection.prepare_cached(sql)?.query_row([tenant], |row| Ok((row.get(0)?, row.get(1)?)))?;
            // Commits up to the horizon are gone, or about to go.
            let ends = match (ends, horizon(connection, tenant)?) {
                ((first, last), Some((at, _))) => {
                    Some((first.unwrap_or_default().max(at + 1), last.unwrap_or_default().max(at)))
                }
                ((Some(first), Some(last)), None) => Some((first, last)),
                _ => None,
            };
            Ok(Ok(ends.map(|(first, last)| (Revision(first as u64), Revision(last as u64)))))
        })
    }

    fn revision_at(&self, tenant: &str, pos: Pos) -> Result<Option<Revision>, Unreadable> {
        self.read(|connection| {
            let sql = "SELECT revision FROM revision WHERE pos <= ?1 AND tenant = ?2 ORDER BY pos DESC LIMIT 1";
            let found = connection.prepare_cached(sql)?.query_row(params![number(pos.0), tenant], |row| row.get(0));
            let mut found: Option<i64> = found.optional()?;
            if let Some((revision, at)) = horizon(connection, tenant)?
                && at <= number(pos.0)
            {
                found = found.max(Some(revision));
            }
            Ok(Ok(found.map(|revision| Revision(revision as u64))))
        })
    }

    fn forgotten_before(&self, tenant: &str) -> Result<Pos, Unreadable> {
        self.read(|connection| Ok(Ok(horizon(connection, tenant)?.map_or(Pos(0), |(_, pos)| Pos(pos as u64)))))
    }

    fn decided_at(&self, seq: Seq) -> Result<Option<Pos>, Unreadable> {
        self.read(|connection| decided_at(connection, seq))
    }

    fn commits_of(&self, seq: Seq) -> Result<Vec<Arc<Committed>>, Unreadable> {
        self.read(|connection| {
            let found = commits::read(connection, "WHERE revision.seq = ?1", [number(seq.0)])?;
            Ok(found.map(|found| found.into_iter().map(|(_, commit)| commit).collect()))
        })
    }

    fn commit(&self, tenant: &str, revision: Revision) -> Result<Option<Arc<Committed>>, Unreadable> {
        self.read(|connection| {
            let clause = "WHERE revision.tenant = ?1 AND revision.revision = ?2";
            let found = commits::read(connection, clause, params![tenant, number(revision.0)])?;
            Ok(found.map(|mut found| found.pop().map(|(_, commit)| commit)))
        })
    }

    fn versions(&self, of: &Subject<'_>, before: Revision, limit: usize) -> Result<Vec<Arc<Committed>>, Unreadable> {
        self.read(|connection| {
            let clause = format!(
                "WHERE change.id IN (
                     SELECT change.id FROM change JOIN revision ON revision.pos = {COMMIT_OF_CHANGE}
                     WHERE change.tenant = ?1 AND change.resource_type = ?2 AND change.resource_id = ?3
                           AND revision.revision < ?4
                     ORDER BY change.id DESC LIMIT ?5)"
            );
            let keys = params![of.tenant, of.resource_type, of.resource_id, number(before.0), number(limit as u64)];
            let found = commits::read_of_changes(connection, &clause, keys)?;
            Ok(found.map(|found| found.into_iter().rev().map(|(_, commit)| commit).collect()))
        })
    }

    fn states_at(&self, tenant: &str, pos: Pos) -> Result<Vec<Earlier>, Unreadable> {
        let sql = format!(
            "SELECT resource_type, resource_id, max(id) AS last FROM change WHERE tenant = ?1 AND {COMMIT_OF_CHANGE} <= ?2
             GROUP BY resource_type, resource_id ORDER BY min(id)"
        );
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(params![tenant, number(pos.0)])?;
            let mut left = connection.prepare_cached("SELECT after IS NOT NULL FROM change WHERE id = ?1")?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let last: i64 = row.get("last")?;
                if !left.query_row([last], |row| row.get::<_, bool>(0))? {
                    continue;
                }
                match states::left_by(connection, last, &mut HashMap::new())? {
                    Ok(state) => found.push(Earlier {
                        resource_type: row.get("resource_type")?,
                        resource_id: row.get("resource_id")?,
                        state: Some(state),
                    }),
                    Err(why) => return Ok(Err((format!("change {last}"), why))),
                }
            }
            Ok(Ok(found))
        })
    }

    fn earlier(&self, tenant: &str, at: Revision, through: Revision) -> Result<Vec<Earlier>, Unreadable> {
        self.read(|connection| {
            // What the first change after that found is what was there then.
            let sql = format!(
                "SELECT change.id, resource_type, resource_id, previous, before FROM change WHERE id IN (
                     SELECT min(change.id) FROM revision JOIN change ON change.pos IN {CHANGES_OF_COMMIT}
                     WHERE revision.tenant = ?1 AND revision.revision > ?2 AND revision.revision <= ?3
                     GROUP BY resource_type, resource_id)
                 ORDER BY change.id"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(params![tenant, number(at.0), number(through.0)])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let before: Option<String> = row.get("before")?;
                let state = match row.get::<_, Option<i64>>("previous")? {
                    Some(previous) => states::left_by(connection, previous, &mut HashMap::new())?.map(Some),
                    None => before.as_deref().map(lines::document).transpose(),
                };
                match state {
                    Ok(state) => found.push(Earlier {
                        resource_type: row.get("resource_type")?,
                        resource_id: row.get("resource_id")?,
                        state,
                    }),
                    Err(why) => return Ok(Err((format!("change {}", row.get::<_, i64>("id")?), why))),
                }
            }
            Ok(Ok(found))
        })
    }
}

/// The revision from which on the history of a tenant is whole, and its position, if it is not from the first one on.
fn horizon(connection: &Connection, tenant: &str) -> rusqlite::Result<Option<(i64, i64)>> {
    connection
        .prepare_cached("SELECT revision, pos FROM horizon WHERE tenant = ?1")?
        .query_row([tenant], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// The position at which an exchange was handled, or closed without that. Exchanges are opened in the order of their
/// numbers, so the beginning of one is found by halving; from there on it is not far.
fn decided_at(connection: &Connection, seq: Seq) -> Reading<Option<Pos>> {
    let wanted = number(seq.0);
    let last: i64 = connection.query_row(LAST, [], |row| row.get(0))?;
    let (mut low, mut high) = (1, last as u64 + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let opens = |(_, kind, _): &Entered| *kind == Kind::Opened as i64;
        match first(connection, Pos(middle - 1), opens)? {
            Ok(Some((pos, _, seq))) if seq.is_some_and(|seq| seq < wanted) => low = pos.0 + 1,
            Ok(_) => high = middle,
            Err(damage) => return Ok(Err(damage)),
        }
    }
    let decides =
        |(_, kind, seq): &Entered| *seq == Some(wanted) && [Kind::Handled as i64, Kind::Closed as i64].contains(kind);
    Ok(first(connection, Pos(low - 1), decides)?.map(|found| found.map(|(pos, ..)| pos)))
}

/// Position, kind and exchange of an entry.
type Entered = (Pos, i64, Option<i64>);

/// The first entry after a position that is wanted.
fn first(connection: &Connection, after: Pos, wanted: impl Fn(&Entered) -> bool) -> Reading<Option<Entered>> {
    let mut found = None;
    let read = each_entry(connection, after, Pos(i64::MAX as u64), |entry| {
        found = Some(entry).filter(&wanted);
        found.is_none()
    })?;
    Ok(read.map(|()| found))
}
