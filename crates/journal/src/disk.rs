//! What the workspace file takes on the disk, what it may take, and what was given up for that.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};
use tokio::sync::watch;
use traffic::ids::{Pos, Revision};

use crate::journal::Journal;

/// What a saved workspace may take on the disk when nothing else is said: 2 GiB.
pub const FILE_BUDGET_BYTES: u64 = 2 << 30;
/// What a temporary workspace may take on the disk when nothing else is said: 1 GiB.
pub const TEMPORARY_BUDGET_BYTES: u64 = 1 << 30;
/// The least that a budget may be: below it there is hardly room for anything but the tables.
pub const LEAST_BUDGET_BYTES: u64 = 4 << 20;

/// What the file takes on the disk, and what was given up so that it does not take more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiskUsage {
    /// Bytes that the file takes, without its write-ahead log.
    pub file_bytes: u64,
    /// How many of them are in use; the others are free for what comes.
    pub used_bytes: u64,
    /// How many may be in use. Beyond it the oldest flows are given up.
    pub budget_bytes: u64,
    /// About how many are changes of directories.
    pub change_bytes: u64,
    /// How many exchanges were given up since the file was made.
    pub exchanges_pruned: u64,
    /// How many flows that was.
    pub flows_pruned: u64,
    /// How many changes of resources were given up since the file was made.
    pub changes_pruned: u64,
    /// How far back the history of directories goes, for each tenant of whose history a part is gone.
    pub horizons: Vec<Horizon>,
    /// Up to which position of the log this takes everything into account.
    pub through: Pos,
    /// Whether more is being given up.
    pub pruning: bool,
}

/// How far back the history of a directory goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Horizon {
    /// The tenant.
    pub tenant: String,
    /// The oldest revision whose state is to be had; of changes that led to it only the states are left.
    pub revision: Revision,
    /// Its position in the log.
    pub pos: Pos,
    /// When it was made.
    pub at: Timestamp,
}

impl Journal {
    /// What the file takes and what was given up, as of the last transaction.
    pub fn disk_usage(&self) -> DiskUsage {
        self.disk().usage().clone()
    }

    /// Changes what the file may take, from now on and as long as it is open; at least [`LEAST_BUDGET_BYTES`]. What is
    /// beyond it goes in small steps, and the room is given back to the disk.
    pub fn set_disk_budget(&self, bytes: u64) {
        self.disk().set_budget(bytes.max(LEAST_BUDGET_BYTES));
    }
}

/// Shared by those who ask and the thread that writes.
#[derive(Debug)]
pub(crate) struct Disk {
    budget: watch::Sender<u64>,
    usage: Mutex<DiskUsage>,
}

impl Disk {
    pub(crate) fn open(connection: &Connection, budget: u64) -> rusqlite::Result<Disk> {
        let mut usage = read(connection)?;
        usage.budget_bytes = budget;
        Ok(Disk { budget: watch::Sender::new(budget), usage: Mutex::new(usage) })
    }

    pub(crate) fn budget(&self) -> u64 {
        *self.budget.borrow()
    }

    /// Tells when the budget becomes another one.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.budget.subscribe()
    }

    fn set_budget(&self, bytes: u64) {
        self.usage().budget_bytes = bytes;
        self.budget.send_replace(bytes);
    }

    /// What a transaction has left that gave nothing up.
    pub(crate) fn note(&self, pages: Pages, change_bytes: u64) {
        let mut usage = self.usage();
        (usage.file_bytes, usage.used_bytes, usage.change_bytes) = (pages.file_bytes, pages.used_bytes(), change_bytes);
    }

    /// Looks at the file again, by the connection that writes.
    pub(crate) fn look(&self, connection: &Connection) -> rusqlite::Result<()> {
        let found = read(connection)?;
        let mut usage = self.usage();
        *usage =
            DiskUsage { budget_bytes: usage.budget_bytes, through: usage.through, pruning: usage.pruning, ..found };
        Ok(())
    }

    /// Everything up to here was looked at, and there is more to give up or not.
    pub(crate) fn looked(&self, through: Pos, pruning: bool) {
        let mut usage = self.usage();
        (usage.through, usage.pruning) = (through, pruning);
    }

    pub(crate) fn usage(&self) -> MutexGuard<'_, DiskUsage> {
        self.usage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The pages of the file: all of them, and those that are free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pages {
    pub(crate) file_bytes: u64,
    pub(crate) free_bytes: u64,
}

impl Pages {
    pub(crate) fn of(connection: &Connection) -> rusqlite::Result<Pages> {
        let number = |name: &str| connection.prepare_cached(name)?.query_row([], |row| row.get::<_, i64>(0));
        let page = number("PRAGMA page_size")? as u64;
        Ok(Pages {
            file_bytes: number("PRAGMA page_count")? as u64 * page,
            free_bytes: number("PRAGMA freelist_count")? as u64 * page,
        })
    }

    pub(crate) fn used_bytes(self) -> u64 {
        self.file_bytes - self.free_bytes
    }
}

fn read(connection: &Connection) -> rusqlite::Result<DiskUsage> {
    let pages = Pages::of(connection)?;
    let mut horizons = connection.prepare_cached("SELECT tenant, revision, pos, at FROM horizon ORDER BY tenant")?;
    let horizons = horizons.query_map([], horizon)?.collect::<rusqlite::Result<_>>()?;
    let mut pruned = connection.prepare_cached("SELECT exchanges, flows, changes, change_bytes FROM pruned")?;
    let number = |row: &Row<'_>, at| row.get::<_, i64>(at).map(|number| number.max(0) as u64);
    let usage = pruned.query_row([], |row| {
        Ok(DiskUsage {
            through: Pos(0),
            pruning: false,
            file_bytes: pages.file_bytes,
            used_bytes: pages.used_bytes(),
            budget_bytes: 0,
            change_bytes: number(row, 3)?,
            exchanges_pruned: number(row, 0)?,
            flows_pruned: number(row, 1)?,
            changes_pruned: number(row, 2)?,
            horizons,
        })
    });
    Ok(usage.optional()?.unwrap_or_default())
}

fn horizon(row: &Row<'_>) -> rusqlite::Result<Horizon> {
    let number = |at| row.get::<_, i64>(at);
    let at = Timestamp::from_nanosecond(number(3)?.into()).unwrap_or(Timestamp::UNIX_EPOCH);
    let (revision, pos) = (Revision(number(1)? as u64), Pos(number(2)? as u64));
    Ok(Horizon { tenant: row.get(0)?, revision, pos, at })
}
