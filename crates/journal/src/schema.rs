//! What makes a file a workspace, and the way from older formats to this one.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::error::Error;
use crate::options::{Durability, Options};
use crate::place::Home;

/// `PRAGMA application_id` of a workspace file: the letters "SCIW" (SCIM workspace).
pub const APPLICATION_ID: u32 = 0x5343_4957;

/// The way from an empty file to the present format, one step a version. Steps are only ever added at the end.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001-record.sql"),
    include_str!("../migrations/0002-cause.sql"),
    include_str!("../migrations/0003-long-lists.sql"),
    include_str!("../migrations/0004-present.sql"),
    include_str!("../migrations/0005-flows-and-marks.sql"),
    include_str!("../migrations/0006-packed.sql"),
    include_str!("../migrations/0007-search.sql"),
    include_str!("../migrations/0008-history.sql"),
    include_str!("../migrations/0009-pruned.sql"),
    include_str!("../migrations/0010-marked.sql"),
    include_str!("../migrations/0011-bundles.sql"),
    include_str!("../migrations/0012-ahead.sql"),
];

/// The version of the format that this program writes: `PRAGMA user_version`.
pub const VERSION: u32 = MIGRATIONS.len() as u32;

/// How many pages the write-ahead log may have before it is moved into the file: 32 MB, and no more than an eighth of what the
/// file may take.
const CHECKPOINT_PAGES: u64 = 8_000;
const LEAST_CHECKPOINT_PAGES: u64 = 256;
/// What is kept of the write-ahead log for use again after it was larger.
const KEPT_WAL_BYTES: u32 = 64 << 20;
/// What the connection that writes may keep of the file in memory. More than a large transaction changes: pages that have no room go to the
/// write-ahead log before they are complete, and once more when they are.
const CACHE_KIB: u32 = 24 << 10;
const BUSY: std::time::Duration = std::time::Duration::from_secs(5);
const STATEMENTS: usize = 64;

/// Opens the connection that writes, after a look at the file that changes nothing.
pub(crate) fn open_writer(home: &Home, options: &Options) -> Result<Connection, Error> {
    let path = &home.path;
    check_header(path)?;
    let fail = |doing| move |source| Error::Database { path: path.clone(), doing, source };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(fail("open it"))?;
    connection.busy_timeout(BUSY).map_err(fail("set it up"))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);

    let version = user_version(&connection).map_err(fail("read its version"))?;
    if version > VERSION {
        // The header on disk can be older than the one in the write-ahead log.
        return Err(Error::Newer { path: path.clone(), found: version, known: VERSION });
    }
    set_synchronous(&connection, home.temporary, options.durability).map_err(fail("set it up"))?;
    if version == 0 {
        // Only possible before the first table: lets pruning give room back to the disk.
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL").map_err(fail("set it up"))?;
    }
    migrate(&mut connection, version).map_err(fail("bring it to the present format"))?;
    set_up(&connection, options.max_pages, options.disk_budget).map_err(fail("set it up"))?;
    if version < VERSION {
        // The header on disk is what another version of this program looks at first.
        checkpoint(&connection).map_err(fail("bring it to the present format"))?;
    }
    Ok(connection)
}

/// Opens a connection that cannot write. The connection that writes must be open.
pub(crate) fn open_reader(path: &Path) -> Result<Connection, Error> {
    let fail = |source| Error::Database { path: path.to_owned(), doing: "open it for reading", source };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(fail)?;
    connection.busy_timeout(BUSY).map_err(fail)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Opens a connection that moves the write-ahead log into the file and writes nothing else. The disk has everything before a
/// page of the log is used again, as with the connection that writes.
pub(crate) fn open_mover(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    Ok(connection)
}

/// Moves the write-ahead log into the file and empties it.
pub(crate) fn checkpoint(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

fn user_version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn migrate(connection: &mut Connection, from: u32) -> rusqlite::Result<()> {
    for (version, step) in (from + 1..).zip(&MIGRATIONS[from as usize..]) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    Ok(())
}

pub(crate) fn set_synchronous(
    connection: &Connection,
    temporary: bool,
    durability: Durability,
) -> rusqlite::Result<()> {
    let synchronous = match durability {
        // Nobody reads a temporary file again after the machine has stopped.
        _ if temporary => "OFF",
        Durability::Acknowledged | Durability::Relaxed => "NORMAL",
        Durability::PowerSafe => "FULL",
    };
    connection.pragma_update(None, "synchronous", synchronous)
}

/// From how many pages on the write-ahead log is long, beside a file that may take so many bytes.
pub(crate) fn long_log(disk_budget: u64) -> u64 {
    (disk_budget / (8 * 4_096)).clamp(LEAST_CHECKPOINT_PAGES, CHECKPOINT_PAGES)
}

/// Keeps the write-ahead log small where it is not moved into the file when it is long: nothing is recorded, or one transaction
/// was large.
pub(crate) fn bound_log(connection: &Connection, disk_budget: u64) -> rusqlite::Result<()> {
    connection.pragma_update(None, "wal_autocheckpoint", 2 * long_log(disk_budget) as i64)
}

fn set_up(connection: &Connection, max_pages: Option<u32>, disk_budget: u64) -> rusqlite::Result<()> {
    // Persistent, so it comes after the first transaction: a new file gets its header in one piece.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    bound_log(connection, disk_budget)?;
    connection.pragma_update(None, "journal_size_limit", KEPT_WAL_BYTES)?;
    connection.pragma_update(None, "cache_size", -(CACHE_KIB as i64))?;
    if let Some(pages) = max_pages {
        connection.pragma_update(None, "max_page_count", pages)?;
    }
    Ok(())
}

/// Reads the first bytes of the file (the SQLite file format, section 1.3) before SQLite gets to see it. SQLite would
/// write to a file that it opens if another process had died while writing.
pub(crate) fn check_header(path: &Path) -> Result<(), Error> {
    let mut header = Vec::new();
    let read = File::open(path).and_then(|file| file.take(100).read_to_end(&mut header));
    read.map_err(|source: io::Error| Error::File { path: path.to_owned(), doing: "read it", source })?;
    if header.is_empty() {
        return Ok(());
    }
    let foreign = |why: &str| Error::NotAWorkspace { path: path.to_owned(), why: why.to_owned() };
    if header.len() < 100 || !header.starts_with(b"SQLite format 3\0") {
        return Err(foreign("it is not an SQLite file"));
    }
    let number = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    let (version, application) = (number(60), number(68));
    if application != APPLICATION_ID {
        return Err(foreign("it is an SQLite file of another program"));
    }
    if version > VERSION {
        return Err(Error::Newer { path: path.to_owned(), found: version, known: VERSION });
    }
    Ok(())
}
