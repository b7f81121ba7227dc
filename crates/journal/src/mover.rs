//! Moving the write-ahead log into the file, beside the one who writes. It waits for the disk twice; if the one who writes did
//! it, every answer that waits for its record would wait along.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use rusqlite::Connection;

use crate::journal::Shared;
use crate::schema;

/// With no more pages left than this, the rest is moved while nobody writes: the log begins anew only when all of it is in
/// the file.
const FEW_PAGES: u64 = 64;
/// How often what came meanwhile is moved before that.
const MOST_PASSES: u32 = 8;

/// The write-ahead log: how many pages it has, and how many of these are not in the file yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LogPages {
    pub(crate) all: u64,
    pub(crate) left: u64,
}

impl LogPages {
    /// How it is now. Moves nothing.
    pub(crate) fn of(connection: &Connection) -> rusqlite::Result<LogPages> {
        ask(connection, "PRAGMA wal_checkpoint(NOOP)")
    }

    /// Moves what is there, as far as no reader needs it where it is, and without waiting for anybody.
    pub(crate) fn moved(connection: &Connection) -> rusqlite::Result<LogPages> {
        ask(connection, "PRAGMA wal_checkpoint(PASSIVE)")
    }
}

fn ask(connection: &Connection, pragma: &str) -> rusqlite::Result<LogPages> {
    connection.prepare_cached(pragma)?.query_row([], |row| {
        // Negative if somebody else is moving it.
        let (all, done) = (row.get::<_, i64>(1)?.max(0) as u64, row.get::<_, i64>(2)?.max(0) as u64);
        Ok(LogPages { all, left: all.saturating_sub(done) })
    })
}

/// The thread that moves it when the one who writes says that it is long.
pub(crate) struct Mover {
    pub(crate) shared: Arc<Shared>,
    /// Ends with the thread that writes.
    pub(crate) due: Receiver<()>,
}

impl Mover {
    /// Works until nobody can ask for it any more.
    pub(crate) fn run(self) {
        let mut own = None;
        while self.due.recv().is_ok() {
            if let Err(error) = self.move_log(&mut own) {
                // On a full disk perhaps. Whoever writes meets that, too, and says it.
                tracing::debug!(%error, "the write-ahead log could not be moved into the file");
                own = None;
            }
        }
    }

    fn move_log(&self, own: &mut Option<(PathBuf, Connection)>) -> rusqlite::Result<()> {
        let path = self.shared.path();
        if own.as_ref().is_some_and(|(at, _)| *at != path) {
            *own = None;
        }
        let (_, connection) = match own {
            Some(own) => own,
            None => own.insert((path.clone(), schema::open_mover(&path)?)),
        };
        for _ in 0..MOST_PASSES {
            LogPages::moved(connection)?;
            if LogPages::of(connection)?.left <= FEW_PAGES {
                break;
            }
        }
        let nobody_writes = self.shared.connection();
        LogPages::moved(connection)?;
        drop(nobody_writes);
        Ok(())
    }
}
