//! Giving up flows, oldest first: by the time of their last exchange.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, params};
use traffic::ids::Seq;
use traffic::log::Log;

use super::{NEWEST, Room, STEP_LOOKS, Step, UNANNOTATED};
use crate::bundle::{self, Leftovers, SHARE};

/// Tables that have a row for an exchange, by its number.
const TABLES: [&str; 7] = ["wire", "ending", "request", "unhandled", "response", "sent", "exchange"];

/// A walk over the exchanges, oldest first, from a beginning that moves on.
#[derive(Debug)]
pub(super) struct Scan {
    /// Exchanges up to this one get no annotation any more.
    resumed: Seq,
    /// Everything up to here was looked at in this walk.
    at: Seq,
    /// How many were looked at in this walk, and how many flows among them had to stay.
    looked: u64,
    stayed: u64,
}

/// What one transaction gives up.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) seqs: Vec<Seq>,
    pub(super) flows: u64,
    /// Up to where their entries are.
    pub(super) entries: i64,
    pub(super) step: Step,
}

impl Scan {
    /// Exchanges up to this one get no annotation any more.
    pub(super) fn resumed(&self) -> Seq {
        self.resumed
    }

    pub(super) fn after(resumed: Seq) -> Scan {
        Scan { resumed, at: Seq(0), looked: 0, stayed: 0 }
    }

    /// Gives up flows as far as they fit into a transaction. [`Step::Done`] if there are no more that may go.
    pub(super) fn step(&mut self, to: &Connection, log: &Log) -> rusqlite::Result<Given> {
        let mut given = Given { seqs: Vec::new(), flows: 0, entries: 0, step: Step::More };
        let mut room = Room::new();
        if let Some(flow) = going(to)? {
            go_on(to, log, flow, &mut room, &mut given)?;
            count(to, &given)?;
            return Ok(given);
        }
        if self.stayed > 0 && self.looked > 64 + 8 * self.stayed {
            self.begin_anew();
        }
        let newest: i64 =
            to.prepare_cached("SELECT coalesce(max(seq), 0) FROM exchange")?.query_row([], |row| row.get(0))?;
        let through = newest - NEWEST as i64;
        let mut next =
            to.prepare_cached("SELECT seq, flow FROM exchange WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT 1")?;
        let mut looks = 0;
        while room.is_left() {
            let key = params![self.at.0 as i64, through];
            let found = next.query_row(key, |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))).optional()?;
            let Some((seq, flow)) = found else {
                // From the beginning next time: what is pinned or open now need not be then.
                self.begin_anew();
                given.step = if given.seqs.is_empty() { Step::Done } else { Step::More };
                break;
            };
            looks += 1;
            if looks > STEP_LOOKS {
                break;
            }
            self.looked += 1;
            let is_its_turn = is_its_turn(to, flow, seq)?;
            let may_go = is_its_turn && self.may_go(to, flow, newest)?;
            self.stayed += u64::from(is_its_turn && !may_go);
            if may_go {
                let members = members(to, flow, room.rows + 1)?;
                let weight = members.iter().map(|seq| weight(to, *seq)).sum::<rusqlite::Result<u64>>()?;
                if !may_leave(log, &members) {
                    self.at = Seq(seq as u64);
                    self.stayed += 1;
                    continue;
                }
                if room.fits(members.len(), weight) {
                    room.take(members.len(), weight);
                    given.flows += 1;
                    forget(to, &members, Leftovers::Few, &mut given)?;
                } else if given.seqs.is_empty() {
                    to.prepare_cached("UPDATE pruned SET going = ?1")?.execute([flow])?;
                    // Alone it is too much: it goes in parts.
                    go_on(to, log, flow, &mut room, &mut given)?;
                    break;
                } else {
                    break;
                }
            }
            self.at = Seq(seq as u64);
        }
        count(to, &given)?;
        Ok(given)
    }

    /// From the beginning: what had to stay may be unpinned, or over, by now. Not too often, since it is looked at again.
    fn begin_anew(&mut self) {
        (self.at, self.looked, self.stayed) = (Seq(0), 0, 0);
    }

    /// Whether a flow is over and not pinned.
    fn may_go(&self, to: &Connection, flow: i64, newest: i64) -> rusqlite::Result<bool> {
        let mut pinned =
            to.prepare_cached("SELECT 1 FROM exchange WHERE flow = ?1 AND marks ->> '$.pinned' LIMIT 1")?;
        let mut open = to.prepare_cached(
            "SELECT 1 FROM exchange WHERE flow = ?1
             AND (closed IS NULL OR (annotation IS NULL AND seq > ?2 AND seq > ?3)) LIMIT 1",
        )?;
        let unannotated = newest - UNANNOTATED as i64;
        Ok(!pinned.exists([flow])? && !open.exists(params![flow, self.resumed.0 as i64, unannotated])?)
    }
}

/// The flow that is on its way.
fn going(to: &Connection) -> rusqlite::Result<Option<i64>> {
    to.prepare_cached("SELECT going FROM pruned")?.query_row([], |row| row.get(0))
}

/// Whether a flow is on its way: a part of it is gone.
pub(super) fn is_one_going(connection: &Connection) -> rusqlite::Result<bool> {
    Ok(going(connection)?.is_some())
}

/// Gives up a part of a flow that is too large for one transaction. It is on its way: nobody will find it whole again.
fn go_on(to: &Connection, log: &Log, flow: i64, room: &mut Room, given: &mut Given) -> rusqlite::Result<()> {
    let mut members = members(to, flow, room.rows)?;
    let mut fitting = 0;
    for seq in &members {
        let weight = weight(to, *seq)?;
        if fitting > 0 && !room.fits(1, weight) {
            break;
        }
        room.take(1, weight);
        fitting += 1;
    }
    members.truncate(fitting);
    members.retain(|seq| may_leave(log, &[*seq]));
    forget(to, &members, Leftovers::Few, given)?;
    if !is_there(to, flow)? {
        to.prepare_cached("UPDATE pruned SET going = NULL")?.execute([])?;
        given.flows += 1;
    }
    Ok(())
}

/// Whether anything is left of a flow.
pub(super) fn is_there(to: &Connection, flow: i64) -> rusqlite::Result<bool> {
    to.prepare_cached("SELECT 1 FROM exchange WHERE flow = ?1 LIMIT 1")?.exists([flow])
}

/// Whether exchanges may leave the memory; then they have.
pub(super) fn may_leave(log: &Log, seqs: &[i64]) -> bool {
    let seqs: Vec<Seq> = seqs.iter().map(|seq| Seq(*seq as u64)).collect();
    log.release(&seqs).is_empty()
}

/// Whether this is the last exchange of the flow.
fn is_its_turn(to: &Connection, flow: i64, seq: i64) -> rusqlite::Result<bool> {
    to.prepare_cached("SELECT max(seq) FROM exchange WHERE flow = ?1")?
        .query_row([flow], |row| Ok(row.get::<_, Option<i64>>(0)? == Some(seq)))
}

/// The exchanges of a flow, oldest first, at most so many.
fn members(to: &Connection, flow: i64, limit: usize) -> rusqlite::Result<Vec<i64>> {
    to.prepare_cached("SELECT seq FROM exchange WHERE flow = ?1 ORDER BY seq LIMIT ?2")?
        .query_map(params![flow, limit as i64], |row| row.get(0))?
        .collect()
}

/// About how many bytes an exchange takes in the file.
pub(super) fn weight(to: &Connection, seq: i64) -> rusqlite::Result<u64> {
    let sql = format!(
        "SELECT {SHARE}
              + coalesce((SELECT octet_length(parts) FROM wire WHERE wire.seq = exchange.seq), 0)
              + coalesce((SELECT octet_length(parts) FROM ending WHERE ending.seq = exchange.seq), 0)
              + coalesce((SELECT octet_length(head) + octet_length(body) FROM request WHERE request.seq = exchange.seq), 0)
              + coalesce((SELECT octet_length(head) + octet_length(body) FROM unhandled
                          WHERE unhandled.seq = exchange.seq), 0)
              + coalesce((SELECT octet_length(body) FROM response WHERE response.seq = exchange.seq), 0)
              + coalesce((SELECT octet_length(body) FROM sent WHERE sent.seq = exchange.seq), 0)
         FROM exchange WHERE seq = ?1"
    );
    let mut bodies = to.prepare_cached(&sql)?;
    let bodies: i64 = bodies.query_row([seq], |row| row.get(0))?;
    Ok(1_000 + bodies as u64)
}

/// Removes exchanges with everything that is theirs. Their entries are swept up later.
pub(super) fn forget(to: &Connection, seqs: &[i64], leftovers: Leftovers, given: &mut Given) -> rusqlite::Result<()> {
    let mut bundles: BTreeSet<i64> = BTreeSet::new();
    for seq in seqs {
        let (pos, wire_in, ending_in): (i64, Option<i64>, Option<i64>) = to
            .prepare_cached("SELECT pos, wire_in, ending_in FROM exchange WHERE seq = ?1")?
            .query_row([seq], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        bundles.extend([wire_in, ending_in].into_iter().flatten());
        given.entries = given.entries.max(pos);
        for table in TABLES {
            to.prepare_cached(&format!("DELETE FROM {table} WHERE seq = ?1"))?.execute([seq])?;
        }
        given.seqs.push(Seq(*seq as u64));
    }
    bundles.into_iter().try_for_each(|id| bundle::sweep(to, id, leftovers))
}

pub(super) fn count(to: &Connection, given: &Given) -> rusqlite::Result<()> {
    let last = given.seqs.iter().max().copied().unwrap_or_default();
    to.prepare_cached(
        "UPDATE pruned SET exchanges = exchanges + ?1, flows = flows + ?2, last_seq = max(last_seq, ?3),
                           last_pos = max(last_pos, ?4)",
    )?
    .execute(params![given.seqs.len() as i64, given.flows as i64, last.0 as i64, given.entries])?;
    Ok(())
}
