//! Named states of directories: documents that say where in the log they were taken. What changes left by then is kept when
//! the changes themselves are given up.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;
use traffic::ids::Pos;

use crate::error::Error;
use crate::journal::Journal;

/// The kind of the documents. Each has `tenant` (its id) and `pos`: everything up to there is in the state, and nothing later.
pub const SNAPSHOT_DOCUMENT: &str = "snapshot";

impl Journal {
    /// Keeps a state of a tenant's directory: that after what was committed up to a position. Over the document with this id
    /// if there is one. False, and nothing is written, if changes after that position were given up already: then the state
    /// cannot be told apart from a later one any more.
    pub fn put_snapshot(&self, id: &str, tenant: &str, pos: Pos, json: &Value) -> Result<bool, Error> {
        let put = "INSERT INTO document (kind, id, version, json) VALUES (?1, ?2, 1, ?3)
                   ON CONFLICT (kind, id) DO UPDATE SET version = version + 1, json = excluded.json
                   RETURNING version > 1";
        self.with_writer("keep a snapshot", |connection| {
            let horizon: Option<i64> = connection
                .prepare_cached("SELECT pos FROM horizon WHERE tenant = ?1")?
                .query_row([tenant], |row| row.get(0))
                .optional()?;
            if horizon.is_some_and(|horizon| horizon > pos.0 as i64) {
                return Ok(false);
            }
            let key = params![SNAPSHOT_DOCUMENT, id, json.to_string()];
            let replaces: bool = connection.prepare_cached(put)?.query_row(key, |row| row.get(0))?;
            if replaces {
                // What only the one before needed may go.
                fold_again(connection)?;
            }
            Ok(true)
        })
    }

    /// Keeps a state no longer. What only that state needed goes with the next changes that are given up. False if there was
    /// none.
    pub fn delete_snapshot(&self, id: &str) -> Result<bool, Error> {
        self.with_writer("delete a snapshot", |connection| {
            let sql = "DELETE FROM document WHERE kind = ?1 AND id = ?2";
            let existed = connection.prepare_cached(sql)?.execute(params![SNAPSHOT_DOCUMENT, id])? > 0;
            if existed {
                fold_again(connection)?;
            }
            Ok(existed)
        })
    }
}

/// Has all that is kept of given-up changes looked at again: some of it may be there for a snapshot that is gone.
fn fold_again(connection: &Connection) -> rusqlite::Result<()> {
    connection.prepare_cached("UPDATE pruned SET folded_through = 0")?.execute([]).map(drop)
}

/// Where snapshots were taken, by tenant, in the order of the log.
pub(crate) fn positions(connection: &Connection) -> rusqlite::Result<Vec<(String, i64)>> {
    let mut statement = connection.prepare_cached(
        "SELECT json ->> '$.tenant', json ->> '$.pos' FROM document WHERE kind = ?1 ORDER BY json ->> '$.pos'",
    )?;
    let columns = |row: &rusqlite::Row<'_>| Ok((row.get::<_, Option<String>>(0)?, row.get::<_, Option<i64>>(1)?));
    let found: Vec<_> = statement.query_map([SNAPSHOT_DOCUMENT], columns)?.collect::<rusqlite::Result<_>>()?;
    Ok(found.into_iter().filter_map(|(tenant, pos)| Some((tenant?, pos?))).collect())
}
