//! What a start does about a stop that was not clean.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior, params};
use traffic::exchange::Ending;
use traffic::ids::{Pos, Seq};

use crate::ahead;
use crate::batch::{Failure, Kind, write_runs};
use crate::facts::ClosedFacts;
use crate::pack::{Packer, Part};

/// Where the file ends.
#[derive(Debug)]
pub(crate) struct End {
    /// The last position used.
    pub(crate) pos: Pos,
    /// The exchanges that were not over when the file was last written.
    pub(crate) interrupted: Vec<Seq>,
    /// What was found if the last process did not close the file.
    pub(crate) recovered: Option<Recovered>,
}

/// How far a file goes that was not closed: everything up to here is there, and nothing after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// The last exchange kept; zero if there is none.
    pub exchange: Seq,
    /// The position of the last entry kept.
    pub pos: Pos,
}

/// Whether the last process ended without closing the file: then its write-ahead log is still there. To be asked before the
/// file is opened.
pub(crate) fn was_left_open(path: &Path) -> bool {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    std::fs::metadata(wal).is_ok_and(|wal| wal.len() > 0)
}

/// Entries of older versions are in a table of their own; and what was pruned had positions and numbers, too.
pub(crate) const LAST: &str =
    "SELECT max(coalesce((SELECT max(last) FROM run), 0), coalesce((SELECT max(pos) FROM entry), 0), last_pos),
            max(coalesce((SELECT max(seq) FROM exchange), 0), last_seq) FROM pruned";

/// Closes the exchanges that were open when the process ended, each with an entry of its own, and tells where the file
/// ends then. Changes whose commit never came go.
pub(crate) fn close_interrupted(connection: &mut Connection, was_left_open: bool) -> Result<End, Failure> {
    ahead::forget(connection)?;
    let (pos, seq) = connection.query_row(LAST, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
    let (pos, exchange) = (Pos(pos as u64), Seq(seq as u64));
    let recovered = was_left_open.then_some(Recovered { exchange, pos });
    let mut end = End { pos, interrupted: Vec::new(), recovered };
    let open: Vec<(i64, bool)> = connection
        .prepare(
            "SELECT seq, handled IS NOT NULL OR wire_in IS NOT NULL OR EXISTS (SELECT 1 FROM wire WHERE wire.seq = exchange.seq)
             FROM exchange WHERE closed IS NULL ORDER BY seq",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    if open.is_empty() {
        return Ok(end);
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (mut packer, mut entries) = (Packer::default(), Vec::new());
    for (seq, handled) in open {
        end.pos.0 += 1;
        end.interrupted.push(Seq(seq as u64));
        let before = if handled { "the response was recorded as sent" } else { "the request was handled" };
        let ending = Ending::Aborted(format!("the server stopped before {before}"));
        let facts = serde_json::to_string(&ClosedFacts::only(&ending))?;
        let pos = end.pos.0 as i64;
        transaction
            .prepare_cached("UPDATE exchange SET pos = ?2, closed = ?3 WHERE seq = ?1")?
            .execute(params![seq, pos, facts])?;
        packer.begin();
        packer.put(Part::SentHead, b"");
        packer.put(Part::SentBody, b"");
        transaction
            .prepare_cached("INSERT OR REPLACE INTO ending (seq, parts) VALUES (?1, ?2)")?
            .execute(params![seq, packer.blob()])?;
        entries.push((end.pos, Kind::Closed, Some(Seq(seq as u64))));
    }
    write_runs(&entries, &transaction)?;
    transaction.commit()?;
    Ok(end)
}
