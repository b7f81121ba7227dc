//! Keeps the file within its budget: the thread that writes gives up the oldest flows, and the oldest changes when these take
//! more than their share, in small transactions between those that record.
//!
//! Never a part of a flow, never one that is pinned or not over, and nothing that is not confirmed. What somebody wants gone
//! ([`crate::remove`]) goes in the same steps, before everything else. The room is used again for
//! what comes; the file becomes smaller only if it is beyond its budget.

mod changes;
mod entries;
mod exchanges;
mod removing;

use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use traffic::entry::{Entry, State as Word};
use traffic::ids::{Pos, Seq};
use traffic::log::Log;

use crate::disk::{Disk, Pages};
use crate::remove::Asked;
use crate::{schema, search};

pub(crate) use changes::{count as count_changes, count_from, uncount};

/// About how many rows and bytes one step gives up, so that a batch that waits for it waits for milliseconds.
const STEP_ROWS: usize = 128;
const STEP_BYTES: u64 = 1 << 20;
/// How many rows one step looks at.
const STEP_LOOKS: usize = 2_000;
/// How many pages of 4,096 bytes one step gives back to the disk.
const STEP_PAGES: u32 = 128;
/// The newest exchanges are kept in any case: what they belong to may still grow.
const NEWEST: u64 = 64;
/// An exchange without an annotation is given time to get one until there are so many newer ones.
const UNANNOTATED: u64 = 4_096;
/// How long steps go on after a batch when the file is beyond its budget, at most.
const LONGEST: Duration = Duration::from_millis(50);
/// So much beyond its budget, writing waits for as long as it takes.
const SLACK_BYTES: u64 = 16 << 20;

/// What is over budget, and how far giving up has come.
#[derive(Debug)]
pub(crate) struct Pruner {
    /// What the file may take.
    budget: u64,
    /// Whether there is something to do.
    busy: bool,
    /// How much was in use when there was nothing more to give up.
    exhausted_at: Option<u64>,
    scan: exchanges::Scan,
    sweep: entries::Sweep,
    folding: changes::Folding,
    removing: removing::Removing,
    /// Whether what is free now goes back to the disk, whatever the budget is.
    giving_back: bool,
    said: Said,
}

/// What was given up and not told yet.
#[derive(Debug, Default)]
struct Said {
    flows: u64,
    exchanges: u64,
    changes: u64,
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// There is more.
    More,
    /// There is nothing more.
    Done,
}

/// What one transaction may take.
#[derive(Debug)]
struct Room {
    rows: usize,
    bytes: u64,
}

impl Room {
    fn new() -> Room {
        Room { rows: STEP_ROWS, bytes: STEP_BYTES }
    }

    fn is_left(&self) -> bool {
        self.rows > 0 && self.bytes > 0
    }

    fn fits(&self, rows: usize, bytes: u64) -> bool {
        rows <= self.rows && bytes <= self.bytes
    }

    fn take(&mut self, rows: usize, bytes: u64) {
        self.rows = self.rows.saturating_sub(rows);
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

impl Pruner {
    /// After what the file held when it was opened: exchanges up to this one get no annotation any more. What the last
    /// process has begun is finished.
    pub(crate) fn after(resumed: Seq, connection: &Connection) -> rusqlite::Result<Pruner> {
        Ok(Pruner {
            budget: 0,
            busy: true,
            exhausted_at: None,
            scan: exchanges::Scan::after(resumed),
            sweep: entries::Sweep::begun(connection)?,
            folding: changes::Folding::begun(connection)?,
            removing: removing::Removing::default(),
            giving_back: false,
            said: Said::default(),
        })
    }

    /// Whether a step is due although nothing was written.
    pub(crate) fn is_busy(&self) -> bool {
        self.busy
    }

    /// Takes a wish that exchanges be gone.
    pub(crate) fn ask(&mut self, asked: Asked) {
        self.removing.ask(asked);
        self.busy = true;
    }

    /// Says to all who wait for a removal that there will be none, and why.
    pub(crate) fn refuse(&mut self, why: &str) {
        self.removing.refuse(why);
    }

    /// One step after everything up to `through` was written, and as many more as give up what was written before them, if the file is beyond its budget.
    pub(crate) fn work(
        &mut self,
        connection: &mut Connection,
        log: &Log,
        disk: &Disk,
        through: Pos,
        written: u64,
    ) -> Result<(), String> {
        self.removing.written(through);
        let worked = self.steps(connection, log, disk, written).and_then(|worked| match worked {
            true => disk.look(connection),
            false => {
                disk.note(Pages::of(connection)?, changes::bytes(connection)?);
                Ok(())
            }
        });
        // Whatever has failed, writing the next batch will meet it and say it.
        self.busy = self.busy && worked.is_ok();
        disk.looked(through, self.busy);
        self.removing.answer();
        worked.map_err(|error| crate::error::reason(&error))?;
        if !self.busy {
            if self.said.exchanges > 0 {
                search::forget(connection).map_err(|error| crate::error::reason(&error))?;
            }
            self.tell(log, disk);
        }
        Ok(())
    }

    /// Tells whether there was something to do.
    fn steps(&mut self, connection: &mut Connection, log: &Log, disk: &Disk, written: u64) -> rusqlite::Result<bool> {
        let budget = disk.budget();
        if self.budget != budget {
            // What was all that could be given up for another budget is looked at again.
            (self.budget, self.busy, self.exhausted_at) = (budget, true, None);
            schema::bound_log(connection, budget)?;
        }
        let margin = budget / 16;
        let before = Pages::of(connection)?.used_bytes();
        if self.folding.look_again(connection)? {
            self.busy = true;
        }
        if !self.busy && before > budget - margin {
            let grown = |at: u64| before > at + margin / 4;
            self.busy = self.exhausted_at.is_none_or(grown);
        }
        if !self.busy {
            return Ok(false);
        }
        let started = Instant::now();
        while self.busy {
            let pages = Pages::of(connection)?;
            let target = budget - 2 * margin;
            let begun = self.removing.is_due()
                || self.sweep.is_due()
                || self.folding.is_due()
                || exchanges::is_one_going(connection)?;
            if pages.used_bytes() <= target && !begun {
                self.busy = self.shrink(connection, pages, budget)? == Step::More;
            } else if self.step(connection, log, budget)? == Step::Done {
                self.exhausted_at = Some(Pages::of(connection)?.used_bytes());
                self.busy = self.shrink(connection, pages, budget)? == Step::More;
            }
            let now = Pages::of(connection)?.used_bytes();
            let enough = now <= budget || before.saturating_sub(now) > written;
            if (enough && !self.removing.is_due()) || (started.elapsed() > LONGEST && now <= budget + SLACK_BYTES) {
                break;
            }
        }
        Ok(true)
    }

    /// Gives something up, or finishes what was begun.
    fn step(&mut self, connection: &mut Connection, log: &Log, budget: u64) -> rusqlite::Result<Step> {
        if self.removing.is_due() {
            return self.remove(connection, log);
        }
        if self.sweep.is_due() {
            let transaction = begin(connection)?;
            self.sweep.step(&transaction)?;
            transaction.commit()?;
            return Ok(Step::More);
        }
        if self.folding.is_due() {
            let transaction = begin(connection)?;
            self.said.changes += self.folding.step(&transaction)?;
            transaction.commit()?;
            if !self.folding.is_due() {
                let (first, last) = self.folding.done();
                self.sweep.over(first, last);
            }
            return Ok(Step::More);
        }
        // Changes have half of the budget; exchanges have what these do not take.
        if !exchanges::is_one_going(connection)?
            && changes::bytes(connection)? > budget / 2
            && self.folding.begin(connection)? == Step::More
        {
            return Ok(Step::More);
        }
        let transaction = begin(connection)?;
        let given = self.scan.step(&transaction, log)?;
        // What a person has said of them meanwhile, a pin perhaps, comes too late only after this.
        if !log.release(&given.seqs).is_empty() {
            drop(transaction);
            return Ok(Step::More);
        }
        transaction.commit()?;
        self.said.exchanges += given.seqs.len() as u64;
        self.said.flows += given.flows;
        self.sweep.up_to(given.entries);
        Ok(given.step)
    }

    /// Removes a piece of what somebody wants gone.
    fn remove(&mut self, connection: &mut Connection, log: &Log) -> rusqlite::Result<Step> {
        let transaction = begin(connection)?;
        let piece = self.removing.step(&transaction, log, self.scan.resumed())?;
        if !log.release(&piece.given.seqs).is_empty() {
            return Ok(Step::More);
        }
        transaction.commit()?;
        if let Some((first, last)) = self.removing.take(piece) {
            self.sweep.over(first - entries::TOGETHER, last);
            self.giving_back = true;
            search::forget(connection)?;
        }
        Ok(Step::More)
    }

    /// Gives free pages at the end of the file back to the disk while the file is beyond its budget, or after a removal.
    fn shrink(&mut self, connection: &Connection, pages: Pages, budget: u64) -> rusqlite::Result<Step> {
        if (pages.file_bytes <= budget && !self.giving_back) || pages.free_bytes == 0 {
            self.giving_back = false;
            return Ok(Step::Done);
        }
        connection.execute_batch(&format!("PRAGMA incremental_vacuum({STEP_PAGES})"))?;
        // A file that was made without room for that stays as large as it is, and uses its pages again.
        let smaller = Pages::of(connection)?.file_bytes < pages.file_bytes;
        self.giving_back &= smaller;
        Ok(if smaller { Step::More } else { Step::Done })
    }

    fn tell(&mut self, log: &Log, disk: &Disk) {
        let Said { flows, exchanges, changes } = std::mem::take(&mut self.said);
        let (used, budget) = {
            let usage = disk.usage();
            (usage.used_bytes, usage.budget_bytes)
        };
        let mut parts = Vec::new();
        if exchanges > 0 {
            parts.push(format!("{flows} flows ({exchanges} exchanges)"));
        }
        if changes > 0 {
            parts.push(format!("{changes} changes before the history horizon"));
        }
        if parts.is_empty() {
            return;
        }
        let detail = format!(
            "pruned {}, the oldest: the workspace uses {used} bytes, its budget is {budget}",
            parts.join(" and ")
        );
        tracing::info!("{detail}");
        log.append(Entry::State(Arc::new(Word { what: "pruned".to_owned(), detail })));
    }
}

fn begin(connection: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate)
}
