//! What a start does about a stop that was not clean.

use rusqlite::{Connection, TransactionBehavior, params};
use traffic::exchange::Ending;
use traffic::ids::{Pos, Seq};

use crate::batch::{Failure, Kind};
use crate::facts::ClosedFacts;

/// Where the file ends.
#[derive(Debug)]
pub(crate) struct End {
    /// The last position used.
    pub(crate) pos: Pos,
    /// The exchanges that were not over when the file was last written.
    pub(crate) interrupted: Vec<Seq>,
}

/// Closes the exchanges that were open when the process ended, each with an entry of its own, and tells where the file
/// ends then.
pub(crate) fn close_interrupted(connection: &mut Connection) -> Result<End, Failure> {
    let pos = connection.query_row("SELECT coalesce(max(pos), 0) FROM entry", [], |row| row.get::<_, i64>(0))?;
    let mut end = End { pos: Pos(pos as u64), interrupted: Vec::new() };
    let open: Vec<(i64, bool)> = connection
        .prepare("SELECT seq, handled IS NOT NULL FROM exchange WHERE closed IS NULL ORDER BY seq")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    if open.is_empty() {
        return Ok(end);
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (seq, handled) in open {
        end.pos.0 += 1;
        end.interrupted.push(Seq(seq as u64));
        let before = if handled { "the response was recorded as sent" } else { "the request was handled" };
        let ending = Ending::Aborted(format!("the server stopped before {before}"));
        let facts = serde_json::to_string(&ClosedFacts::only(&ending))?;
        let pos = end.pos.0 as i64;
        transaction
            .prepare_cached("UPDATE exchange SET pos = ?2, closed = ?3, sent_head = x'' WHERE seq = ?1")?
            .execute(params![seq, pos, facts])?;
        transaction.prepare_cached("INSERT OR REPLACE INTO sent (seq, body) VALUES (?1, x'')")?.execute([seq])?;
        transaction.prepare_cached("INSERT INTO entry (pos, kind, seq) VALUES (?1, ?2, ?3)")?.execute(params![
            pos,
            Kind::Closed as i64,
            seq
        ])?;
    }
    transaction.commit()?;
    Ok(end)
}
