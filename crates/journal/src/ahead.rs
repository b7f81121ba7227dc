//! The changes of a large commit, written in parts before the commit itself.

use std::sync::{Arc, Weak};

use rusqlite::{Connection, Row, TransactionBehavior, params};
use traffic::ahead::{Ahead, TakesAhead};
use traffic::change::Change;
use traffic::ids::Pos;
use traffic::log::Log;

use crate::error::Error;
use crate::journal::{Shared, wait_written};
use crate::{batch, deltas, lines, prune};

/// With fewer changes than this a commit is written in one piece.
const FEW: usize = 1_024;
/// Changes in one part, and resources whose present state is noted in one part.
const PART: usize = 256;

/// The position of the commit that a row of `change` belongs to.
pub(crate) const COMMIT_OF_CHANGE: &str =
    "CASE WHEN change.pos > 0 THEN change.pos ELSE (SELECT ahead.pos FROM ahead WHERE ahead.id = -change.pos) END";

/// What `change.pos` is for the changes of a row of `revision`.
pub(crate) const CHANGES_OF_COMMIT: &str =
    "(revision.pos, (SELECT -ahead.id FROM ahead WHERE ahead.pos = revision.pos))";

/// Takes changes into a workspace file.
#[derive(Debug)]
pub(crate) struct Taker {
    pub(crate) shared: Arc<Shared>,
    /// Weak: it belongs to the log.
    pub(crate) log: Weak<Log>,
}

impl TakesAhead for Taker {
    fn take(&self, tenant: &str, changes: &[Change], go_on: &mut dyn FnMut() -> bool) -> Option<Ahead> {
        let is_new = |change: &Change| change.before.is_none() && change.after.is_some();
        let waited_for = !self.shared.is_temporary() && !self.shared.is_degraded();
        if changes.len() < FEW || !waited_for || !changes.iter().all(is_new) {
            return None;
        }
        let begun = self.shared.write("begin a large commit", |connection| {
            connection.execute("INSERT INTO ahead (pos) VALUES (NULL)", [])?;
            Ok(connection.last_insert_rowid())
        });
        let id = begun.inspect_err(|error| tracing::error!(%error, "a large commit is written in one piece")).ok()?;
        let ahead = Ahead(id.unsigned_abs());
        match self.write(id, tenant, changes, go_on) {
            Ok(true) => Some(ahead),
            Ok(false) => {
                self.give_up(ahead);
                None
            }
            Err(error) => {
                tracing::error!(%error, "a large commit is written in one piece");
                self.give_up(ahead);
                None
            }
        }
    }

    fn give_up(&self, ahead: Ahead) {
        // What is left then goes when the file is opened the next time.
        while let Ok(true) =
            self.shared.write("give up a large commit", |connection| take_back(connection, number(ahead)))
        {
            if !self.let_others() {
                return;
            }
        }
    }
}

impl Taker {
    /// Tells whether everything is written.
    fn write(&self, id: i64, tenant: &str, changes: &[Change], go_on: &mut dyn FnMut() -> bool) -> Result<bool, Error> {
        let mut written: Vec<(i64, &Change)> = Vec::with_capacity(changes.len());
        for part in changes.chunks(PART) {
            if !go_on() || !self.let_others() {
                return Ok(false);
            }
            self.shared.write("write a part of a large commit", |connection| {
                let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let first = written.len();
                for change in part {
                    written.push((write_change(&transaction, -id, tenant, change)?, change));
                }
                prune::count_from(&transaction, written[first].0)?;
                transaction.commit()
            })?;
        }
        // In the order of their ids, which are drawn at random, few pages have to be written more than once.
        written.sort_unstable_by_key(|(_, change)| (&change.resource_type, &change.resource_id));
        for part in written.chunks(PART) {
            if !go_on() || !self.let_others() {
                return Ok(false);
            }
            self.shared.write("write a part of a large commit", |connection| {
                let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let mut insert = transaction.prepare_cached(
                    "INSERT INTO present (tenant, resource_type, resource_id, created, last, changes)
                     VALUES (?1, ?2, ?3, ?4, ?4, 1)",
                )?;
                for (row, change) in part {
                    insert.execute(params![tenant, change.resource_type, change.resource_id, row])?;
                }
                drop(insert);
                transaction.commit()
            })?;
        }
        Ok(true)
    }

    /// Waits until everything that is in the log now is confirmed. False if it is not going to be.
    fn let_others(&self) -> bool {
        self.log.upgrade().is_some_and(|log| wait_written(&log))
    }
}

/// The commit is at this position. False if its changes are not in this file.
pub(crate) fn commit(to: &Connection, ahead: Ahead, pos: Pos) -> rusqlite::Result<bool> {
    let mut update = to.prepare_cached("UPDATE ahead SET pos = ?2 WHERE id = ?1 AND pos IS NULL")?;
    Ok(update.execute(params![number(ahead), pos.0 as i64])? > 0)
}

/// Gives up what was written ahead of commits that never came.
pub(crate) fn forget(connection: &mut Connection) -> rusqlite::Result<()> {
    let sql = "SELECT id FROM ahead WHERE pos IS NULL";
    let left: Vec<i64> = connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for id in left {
        while take_back(connection, id)? {}
    }
    Ok(())
}

/// Removes some of the changes of a commit that is not to be; tells whether there are more.
fn take_back(connection: &mut Connection, id: i64) -> rusqlite::Result<bool> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let some = "SELECT id, tenant, resource_type, resource_id FROM change WHERE pos = -?1 ORDER BY id LIMIT ?2";
    let columns = |row: &Row<'_>| Ok((row.get(0)?, [row.get(1)?, row.get(2)?, row.get(3)?]));
    let rows: Vec<(i64, [String; 3])> =
        transaction.prepare_cached(some)?.query_map([id, PART as i64], columns)?.collect::<rusqlite::Result<_>>()?;
    for (change, [tenant, resource_type, resource_id]) in &rows {
        let keys = params![change, tenant, resource_type, resource_id];
        let key = "tenant = ?2 AND resource_type = ?3 AND resource_id = ?4";
        let gone = format!("DELETE FROM present WHERE {key} AND created = ?1 AND last = ?1");
        if transaction.prepare_cached(&gone)?.execute(keys)? == 0 {
            // Somebody else's resource has this id by now.
            let first = format!("(SELECT min(id) FROM change WHERE {key} AND id > ?1)");
            let kept = format!(
                "UPDATE present SET created = {first}, changes = changes - 1 WHERE {key} AND created = ?1 AND last > ?1"
            );
            transaction.prepare_cached(&kept)?.execute(keys)?;
        }
        prune::uncount(&transaction, *change)?;
        transaction.prepare_cached("DELETE FROM change WHERE id = ?1")?.execute([change])?;
    }
    if rows.is_empty() {
        transaction.execute("DELETE FROM ahead WHERE id = ?1 AND pos IS NULL", [id])?;
    }
    transaction.commit()?;
    Ok(!rows.is_empty())
}

/// Writes how a resource came; tells the number of the change.
fn write_change(to: &Connection, pos: i64, tenant: &str, change: &Change) -> rusqlite::Result<i64> {
    let Change { resource_type, resource_id, display, before: _, after, lines } = change;
    let head = after.as_ref().filter(|after| after.has_long_lists()).map(|after| deltas::head(after));
    let after = after.as_ref().map(|after| after.value().to_text());
    let (nothing, lines) = (None::<String>, lines::to_text(lines));
    to.prepare_cached(batch::INSERT_CHANGE)?.execute(params![
        pos,
        tenant,
        resource_type,
        resource_id,
        display,
        None::<i64>,
        nothing,
        after,
        lines,
        nothing,
        head,
        0
    ])?;
    Ok(to.last_insert_rowid())
}

fn number(ahead: Ahead) -> i64 {
    i64::try_from(ahead.0).unwrap_or(i64::MAX)
}
