//! Giving up changes, oldest first: of those up to a position, only the states that they left are kept. These are the
//! checkpoint of the directories at that position, from which everything after it can be told as before. What they had left
//! when a snapshot was taken is kept as well.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use scim::document::Document;
use traffic::ids::Pos;

use super::{Room, STEP_ROWS, Step, begin};
use crate::ahead::COMMIT_OF_CHANGE;
use crate::read::states;
use crate::{deltas, lines, snapshots};

/// About how many bytes a change takes: its texts, its row, its share of indexes, of its commit and of its entry.
const WEIGHT: &str = "(300 + octet_length(display) + octet_length(lines) + coalesce(octet_length(before), 0)
     + coalesce(octet_length(after), 0) + coalesce(octet_length(lists), 0) + coalesce(octet_length(head), 0))";

/// The work of making a checkpoint, as far as it has come.
#[derive(Debug, Default)]
pub(super) struct Folding {
    /// The checkpoint before: nothing is to be done up to here.
    from: i64,
    /// Where the checkpoint will be.
    through: i64,
    /// Changes up to this one are done.
    at: Option<i64>,
    due: bool,
}

/// Counts the changes that a transaction has written at positions from this one on.
pub(crate) fn count(to: &Connection, from: Pos) -> rusqlite::Result<()> {
    let sql = format!(
        "UPDATE pruned SET change_bytes = change_bytes + (SELECT coalesce(sum({WEIGHT}), 0) FROM change WHERE pos >= ?1)"
    );
    to.prepare_cached(&sql)?.execute([from.0 as i64]).map(drop)
}

/// Counts the changes with numbers from this one on.
pub(crate) fn count_from(to: &Connection, first: i64) -> rusqlite::Result<()> {
    let sql = format!(
        "UPDATE pruned SET change_bytes = change_bytes + (SELECT coalesce(sum({WEIGHT}), 0) FROM change WHERE id >= ?1)"
    );
    to.prepare_cached(&sql)?.execute([first]).map(drop)
}

/// A change that is about to go counts no longer.
pub(crate) fn uncount(to: &Connection, change: i64) -> rusqlite::Result<()> {
    let sql = format!(
        "UPDATE pruned SET change_bytes = change_bytes - coalesce((SELECT {WEIGHT} FROM change WHERE id = ?1), 0)"
    );
    to.prepare_cached(&sql)?.execute([change]).map(drop)
}

/// About how many bytes all changes take.
pub(super) fn bytes(connection: &Connection) -> rusqlite::Result<u64> {
    let bytes: i64 = connection.prepare_cached("SELECT change_bytes FROM pruned")?.query_row([], |row| row.get(0))?;
    Ok(bytes.max(0) as u64)
}

impl Folding {
    /// What the last process may have left half done.
    pub(super) fn begun(connection: &Connection) -> rusqlite::Result<Folding> {
        let sql = "SELECT folded_through, changes_through FROM pruned";
        let (from, through) = connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Folding { from, through, at: None, due: from < through })
    }

    pub(super) fn is_due(&self) -> bool {
        self.due
    }

    /// Looks again at what is kept, if a snapshot is gone that it was kept for. Tells whether there is something to do.
    pub(super) fn look_again(&mut self, connection: &Connection) -> rusqlite::Result<bool> {
        if !self.due {
            *self = Folding::begun(connection)?;
        }
        Ok(self.due)
    }

    /// From where to where changes were given up last.
    pub(super) fn done(&self) -> (i64, i64) {
        (self.from, self.through)
    }

    /// Chooses how far the next checkpoint is, a quarter of what there is, and says so before anything goes.
    /// [`Step::Done`] if only states are left.
    pub(super) fn begin(&mut self, connection: &mut Connection) -> rusqlite::Result<Step> {
        let transaction = begin(connection)?;
        let from: i64 = transaction.query_row("SELECT changes_through FROM pruned", [], |row| row.get(0))?;
        let first: Option<i64> = transaction
            .prepare_cached("SELECT id FROM change WHERE pos > ?1 ORDER BY pos, id LIMIT 1")?
            .query_row([from], |row| row.get(0))
            .optional()?;
        let Some(first) = first else { return Ok(Step::Done) };
        let last: i64 = transaction.query_row("SELECT max(id) FROM change", [], |row| row.get(0))?;
        // What was written ahead of its commit stands for itself already, and its place in the log says nothing of others.
        let through: i64 = transaction
            .prepare_cached("SELECT pos FROM change WHERE id >= ?1 AND pos > ?2 ORDER BY id LIMIT 1")?
            .query_row([first + (last - first) / 4, from], |row| row.get(0))
            .optional()?
            .map_or_else(|| transaction.query_row("SELECT max(pos) FROM change", [], |row| row.get(0)), Ok)?;
        move_horizons(&transaction, from, through)?;
        transaction
            .prepare_cached("UPDATE pruned SET changes_through = ?1, last_pos = max(last_pos, ?1)")?
            .execute([through])?;
        transaction.commit()?;
        *self = Folding { from, through, at: None, due: true };
        Ok(Step::More)
    }

    /// Gives up some; tells how many.
    pub(super) fn step(&mut self, to: &Connection) -> rusqlite::Result<u64> {
        // The commits first: without them nobody looks for their changes.
        let commits = to
            .prepare_cached(
                "DELETE FROM revision WHERE pos IN (SELECT pos FROM revision WHERE pos <= ?1 ORDER BY pos LIMIT ?2)",
            )?
            .execute(params![self.through, STEP_ROWS as i64])?;
        if commits > 0 {
            return Ok(0);
        }
        let last_through = |pos: i64| -> rusqlite::Result<i64> {
            let sql = "SELECT id FROM change WHERE pos <= ?1 ORDER BY pos DESC, id DESC LIMIT 1";
            Ok(to.prepare_cached(sql)?.query_row([pos], |row| row.get(0)).optional()?.unwrap_or(0))
        };
        let end = last_through(self.through)?;
        let snapshots = snapshots::positions(to)?;
        let mut next = to.prepare_cached(
            "SELECT id, tenant, resource_type, resource_id FROM change WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT 1",
        )?;
        let mut at = match self.at {
            Some(at) => at,
            None => last_through(self.from)?,
        };
        let mut room = Room::new();
        let mut gone = 0;
        while room.is_left() {
            let columns = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, [row.get(1)?, row.get(2)?, row.get(3)?]));
            let found: Option<(i64, [String; 3])> = next.query_row([at, end], columns).optional()?;
            let Some((id, resource)) = found else {
                to.prepare_cached("UPDATE pruned SET folded_through = ?1")?.execute([self.through])?;
                self.due = false;
                break;
            };
            room.take(1, 0);
            let of_tenant = snapshots.iter().filter(|(tenant, pos)| *tenant == resource[0] && *pos < self.through);
            let taken: Vec<i64> = of_tenant.map(|(_, pos)| *pos).collect();
            let (count, all) = fold(to, &resource, end, &taken, &mut room)?;
            gone += count;
            if !all {
                break;
            }
            at = id;
        }
        self.at = Some(at);
        to.prepare_cached("UPDATE pruned SET changes = changes + ?1")?.execute([gone as i64])?;
        Ok(gone)
    }
}

/// Makes the last change of a resource up to an id stand for itself and removes those before it; or all, if it was a deletion.
/// Those that were the last one when a snapshot was taken stand for themselves, too. Tells how many went, and whether none is
/// left.
fn fold(
    to: &Connection,
    [tenant, resource_type, resource_id]: &[String; 3],
    end: i64,
    taken: &[i64],
    room: &mut Room,
) -> rusqlite::Result<(u64, bool)> {
    let of = "FROM change WHERE tenant = ?1 AND resource_type = ?2 AND resource_id = ?3";
    let last: Option<i64> = to
        .prepare_cached(&format!("SELECT max(id) {of} AND id <= ?4"))?
        .query_row(params![tenant, resource_type, resource_id, end], |row| row.get(0))?;
    // It is gone already if it was a deletion.
    let Some(last) = last else { return Ok((0, true)) };
    let mut wanted = BTreeSet::from([last]);
    for pos in taken {
        let mut then = to.prepare_cached(&format!("SELECT max(id) {of} AND id <= ?4 AND {COMMIT_OF_CHANGE} <= ?5"))?;
        let id: Option<i64> =
            then.query_row(params![tenant, resource_type, resource_id, end, pos], |row| row.get(0))?;
        wanted.extend(id);
    }
    // A deletion is kept only behind a state that is kept: it says that this state was no longer.
    let mut keep: Vec<i64> = Vec::new();
    for id in wanted {
        if stand_alone(to, id, room)? || !keep.is_empty() {
            keep.push(id);
        }
    }
    let mut older = to.prepare_cached(&format!("SELECT id, {WEIGHT} {of} AND id <= ?4 ORDER BY id"))?;
    let mut rows = older.query(params![tenant, resource_type, resource_id, last])?;
    let mut older: Vec<(i64, i64)> = Vec::new();
    while let Some(row) = rows.next()?
        && older.len() <= room.rows
    {
        if !keep.contains(&row.get(0)?) {
            older.push((row.get(0)?, row.get(1)?));
        }
    }
    drop(rows);
    let mut gone = 0;
    let mut bytes = 0;
    for (id, weight) in &older {
        to.prepare_cached("DELETE FROM change WHERE id = ?1")?.execute([id])?;
        gone += 1;
        bytes += weight;
    }
    room.take(older.len(), bytes as u64);
    to.prepare_cached("UPDATE pruned SET change_bytes = change_bytes - ?1")?.execute([bytes])?;
    Ok((gone, room.is_left()))
}

/// Rewrites a change so that it holds the state that it left and needs no other. False if it left none.
fn stand_alone(to: &Connection, id: i64, room: &mut Room) -> rusqlite::Result<bool> {
    let mut row = to.prepare_cached(&format!(
        "SELECT after IS NOT NULL, previous IS NULL AND before IS NULL AND lists IS NULL AND lines = '[]', {WEIGHT}
         FROM change WHERE id = ?1"
    ))?;
    let (is_left, stands, weight): (bool, bool, i64) =
        row.query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    if !is_left || stands {
        return Ok(is_left);
    }
    let Ok(state) = states::left_by(to, id, &mut HashMap::new())? else {
        // Damaged: it stays as it is, and whoever reads it is told.
        return Ok(true);
    };
    let head = state.has_long_lists().then(|| deltas::head(&state));
    to.prepare_cached(
        "UPDATE change SET previous = NULL, before = NULL, after = ?2, lines = ?3, lists = NULL, head = ?4, since_whole = 0
         WHERE id = ?1",
    )?
    .execute(params![id, text(&state), lines::to_text(&[]), head])?;
    let now: i64 = row.query_row([id], |row| row.get(2))?;
    room.take(1, now as u64);
    to.prepare_cached("UPDATE pruned SET change_bytes = change_bytes + ?1")?.execute([now - weight])?;
    Ok(true)
}

fn text(state: &Document) -> String {
    state.value().to_text()
}

/// Says how far back the history of each tenant will go.
fn move_horizons(to: &Connection, from: i64, through: i64) -> rusqlite::Result<()> {
    let mut moved = to.prepare_cached(
        "SELECT tenant, max(revision), max(pos), min(pos) FROM revision WHERE pos > ?1 AND pos <= ?2 GROUP BY tenant",
    )?;
    let columns = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
    let moved: Vec<(String, i64, i64, i64)> =
        moved.query_map([from, through], columns)?.collect::<rusqlite::Result<_>>()?;
    for (tenant, revision, pos, first) in moved {
        // That of the request behind it or, if that is gone, of the next one that is not.
        let at: Option<i64> = to
            .prepare_cached(
                "SELECT exchange.opened_at FROM revision JOIN exchange ON exchange.seq >= revision.seq
                 WHERE revision.pos >= ?1 AND revision.seq IS NOT NULL ORDER BY revision.pos, exchange.seq LIMIT 1",
            )?
            .query_row([pos], |row| row.get(0))
            .optional()?;
        let at = at.unwrap_or_else(|| Timestamp::now().as_nanosecond().try_into().unwrap_or(i64::MAX));
        to.prepare_cached(
            "INSERT INTO horizon (tenant, revision, pos, at, first_pos) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (tenant) DO UPDATE SET revision = excluded.revision, pos = excluded.pos, at = excluded.at",
        )?
        .execute(params![tenant, revision, pos, at, first])?;
    }
    Ok(())
}
