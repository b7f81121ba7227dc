//! Making the index, when there is nothing else to do.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use traffic::exchange::Exchange;
use traffic::ids::{Pos, Seq};
use traffic::log::{Durable, Log};
use traffic::query::asked;

use super::{BLOCK, facets, grams, names};
use crate::error::Error;
use crate::journal::Shared;
use crate::read::exchanges_between;
use crate::readers::Readers;

/// How often it is looked whether there is something to index, and whether others have work.
const LOOK_EVERY: Duration = Duration::from_millis(200);
const WHILE_BUSY: Duration = Duration::from_millis(20);
/// With more entries a second than this, the index waits: some 400 exchanges.
const BUSY: f64 = 2_000.0;
/// How long the file is left alone after it could not be written.
const AFTER_FAILURE: Duration = Duration::from_secs(30);

/// Exchanges that are read at once: work that is given up for others lasts so long.
const STEP: u64 = 32;

/// A block is made again when so many of its exchanges are not as it says.
const TOO_STALE: i64 = 64;

/// Makes the blocks of the index.
pub(crate) struct Indexer {
    pub(crate) shared: Arc<Shared>,
    pub(crate) readers: Arc<Readers>,
}

/// The columns of a block, and the position at which each exchange was read.
struct Built {
    first: u64,
    /// How many numbers were taken in.
    done: u64,
    facets: facets::Gatherer,
    names: names::Gatherer,
    grams: grams::Gatherer,
    seen: Vec<(i64, i64)>,
    /// Exchanges that the block does not tell all about, or that are not over.
    stale: Vec<i64>,
}

/// Tells whether little comes: the index can wait, requests cannot.
#[derive(Debug)]
struct Quiet {
    /// When it was last looked, and where the log ended then.
    last: Cell<(Instant, Pos)>,
    is_so: Cell<bool>,
}

impl Default for Quiet {
    fn default() -> Quiet {
        Quiet { last: Cell::new((Instant::now(), Pos(0))), is_so: Cell::new(false) }
    }
}

impl Quiet {
    /// Whether fewer than [`BUSY`] entries a second came of late, where the log ends here now.
    fn is_so(&self, head: Pos) -> bool {
        let (at, before) = self.last.get();
        let passed = at.elapsed();
        if passed >= WHILE_BUSY {
            let came = head.0.saturating_sub(before.0);
            self.is_so.set(came as f64 <= BUSY * passed.as_secs_f64());
            self.last.set((Instant::now(), head));
        }
        self.is_so.get()
    }
}

impl Indexer {
    /// Indexes what comes into the log until it is told to stop. Steps aside for the thread that writes the record.
    pub(crate) fn run(&self, log: &Log, stop: &Receiver<()>) {
        let stopped = |wait| !matches!(stop.recv_timeout(wait), Err(RecvTimeoutError::Timeout));
        let quiet = Quiet::default();
        let is_idle = || {
            quiet.is_so(log.head().pos)
                && matches!(log.durable(), Durable::Through(through) if through >= log.head().pos)
        };
        // False: it is time to stop.
        let mut turn = || {
            while !is_idle() {
                if stopped(WHILE_BUSY) {
                    return false;
                }
            }
            !stopped(Duration::ZERO)
        };
        while !stopped(LOOK_EVERY) {
            loop {
                match self.next(&mut turn) {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(Error::Closed) => return,
                    Err(error) => {
                        tracing::warn!(%error, "searches are slow: the index for them cannot be made");
                        if stopped(AFTER_FAILURE) {
                            return;
                        }
                        break;
                    }
                }
            }
        }
    }

    /// Makes the next block, if one is due. `turn` is asked before each step; if it says no, nothing is made.
    pub(crate) fn next(&self, turn: &mut dyn FnMut() -> bool) -> Result<bool, Error> {
        let look = |connection: &Connection| Ok(Ok((outlived(connection)?, due(connection)?)));
        let (outlived, due) = self.readers.read("look at the index", look)?;
        if outlived {
            self.shared.write("shorten the index", |connection| forget(connection))?;
        }
        let Some(first) = due else { return Ok(false) };
        let mut built = Built::new(first);
        while built.goes_on() {
            if !turn() {
                return Ok(false);
            }
            let (after, through) = built.step();
            let found =
                self.readers.read("read exchanges", |connection| exchanges_between(connection, after, through))?;
            built.take(&found);
        }
        self.shared.write("write the index", |connection| {
            built.write(connection)?;
            self.shared.set_indexed_through(Seq(first + BLOCK - 1));
            Ok(())
        })?;
        Ok(true)
    }
}

/// The first number of a block that should be made.
fn due(connection: &Connection) -> rusqlite::Result<Option<u64>> {
    let ends = "SELECT (SELECT min(seq) FROM exchange), (SELECT max(seq) FROM exchange), (SELECT last FROM search_block ORDER BY first DESC LIMIT 1)";
    let (least, greatest, indexed): (Option<i64>, Option<i64>, Option<i64>) =
        connection.query_row(ends, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let (Some(least), Some(greatest)) = (least, greatest) else { return Ok(None) };
    let block = BLOCK as i64;
    let after = indexed.unwrap_or(0).max((least - 1) / block * block);
    if greatest >= after + block {
        return Ok(Some(after as u64 + 1));
    }
    // What is open stays stale until it is over.
    let stale = "SELECT (seq - 1) / ?1 * ?1 + 1 FROM search_stale JOIN exchange USING (seq) WHERE closed IS NOT NULL
                 GROUP BY 1 HAVING count(*) >= ?2 LIMIT 1";
    let first = connection.query_row(stale, [block, TOO_STALE], |row| row.get::<_, i64>(0)).optional()?;
    Ok(first.map(|first| first as u64))
}

impl Built {
    fn new(first: u64) -> Built {
        Built {
            first,
            facets: facets::Gatherer::default(),
            names: names::Gatherer::default(),
            grams: grams::Gatherer::default(),
            done: 0,
            seen: Vec::with_capacity(BLOCK as usize),
            stale: Vec::new(),
        }
    }

    fn goes_on(&self) -> bool {
        self.done < BLOCK
    }

    /// The numbers of the next step: after the first, up to the second.
    fn step(&self) -> (Seq, Seq) {
        let after = self.first - 1 + self.done;
        (Seq(after), Seq(after + STEP))
    }

    /// Takes in the exchanges that there are of the next step.
    fn take(&mut self, found: &[Exchange]) {
        let mut found = found.iter().peekable();
        for place in self.done as usize..(self.done + STEP) as usize {
            if let Some(exchange) = found.next_if(|exchange| exchange.seq.0 == self.first + place as u64) {
                self.seen.push((exchange.seq.0 as i64, exchange.pos.0 as i64));
                let all = self.facets.take(place, exchange) && self.names.take(place, exchange);
                if !all || exchange.closed.is_none() {
                    self.stale.push(exchange.seq.0 as i64);
                }
                asked::texts(exchange, &mut |text| {
                    self.grams.take(text);
                    false
                });
                asked::paths(exchange).for_each(|path| self.grams.take(path.as_bytes()));
            }
            self.grams.end_of(place);
        }
        self.done += STEP;
    }

    fn write(self, connection: &mut Connection) -> rusqlite::Result<()> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (first, last) = (self.first as i64, (self.first + BLOCK - 1) as i64);
        let now: Vec<(i64, i64)> = transaction
            .prepare_cached("SELECT seq, pos FROM exchange WHERE seq >= ?1 AND seq <= ?2 ORDER BY seq")?
            .query_map([first, last], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        transaction.prepare_cached("DELETE FROM search_stale WHERE seq >= ?1 AND seq <= ?2")?.execute([first, last])?;
        // What changed while the others were read, or is only there since.
        let moved = now.iter().filter(|seen| self.seen.binary_search(seen).is_err()).map(|(seq, _)| *seq);
        for seq in moved.chain(self.stale.iter().copied()) {
            transaction.prepare_cached("INSERT OR IGNORE INTO search_stale (seq) VALUES (?1)")?.execute([seq])?;
        }
        let (from, until) = self.facets.times();
        transaction
            .prepare_cached("INSERT OR REPLACE INTO search_block VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![first, last, from, until, self.facets.finish()])?;
        transaction
            .prepare_cached("INSERT OR REPLACE INTO search_names VALUES (?1, ?2)")?
            .execute(params![first, self.names.finish()])?;
        transaction
            .prepare_cached("INSERT OR REPLACE INTO search_grams VALUES (?1, ?2)")?
            .execute(params![first, self.grams.finish()])?;
        transaction.commit()
    }
}

/// The last number of the last block.
pub(crate) fn indexed_through(connection: &Connection) -> rusqlite::Result<u64> {
    let last = "SELECT last FROM search_block ORDER BY first DESC LIMIT 1";
    let last = connection.query_row(last, [], |row| row.get::<_, i64>(0)).optional()?;
    Ok(last.unwrap_or(0) as u64)
}

/// Remembers which exchanges of the index changed.
pub(crate) fn stale(connection: &Connection, changed: impl Iterator<Item = Seq>) -> rusqlite::Result<()> {
    for seq in changed {
        connection.prepare_cached("INSERT OR IGNORE INTO search_stale (seq) VALUES (?1)")?.execute([seq.0 as i64])?;
    }
    Ok(())
}

/// Whether the exchanges of the oldest block are gone.
fn outlived(connection: &Connection) -> rusqlite::Result<bool> {
    let sql = "SELECT (SELECT last FROM search_block ORDER BY first LIMIT 1) < (SELECT min(seq) FROM exchange)";
    Ok(connection.query_row(sql, [], |row| row.get::<_, Option<bool>>(0))?.unwrap_or(false))
}

/// Forgets blocks of which no exchange is left.
pub(crate) fn forget(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "DELETE FROM search_block WHERE NOT EXISTS (SELECT 1 FROM exchange WHERE seq >= first AND seq <= last);
         DELETE FROM search_names WHERE first NOT IN (SELECT first FROM search_block);
         DELETE FROM search_grams WHERE first NOT IN (SELECT first FROM search_block);
         DELETE FROM search_stale WHERE seq NOT IN (SELECT seq FROM exchange);",
    )
}
