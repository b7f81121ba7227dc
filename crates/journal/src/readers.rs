//! The connections that only read.

use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use crate::error::Error;
use crate::schema;

/// How many connections are kept open for the next readers.
const KEPT: usize = 4;

/// Connections that only read, as many as there are readers at a time. They never wait for the one that writes.
#[derive(Debug)]
pub(crate) struct Readers {
    state: Mutex<State>,
    given_back: Condvar,
}

#[derive(Debug)]
struct State {
    path: PathBuf,
    /// Counts up when the path becomes another one.
    moves: u64,
    idle: Vec<Connection>,
    in_use: usize,
    closed: bool,
}

impl Readers {
    /// The connection that writes must be open.
    pub(crate) fn open(path: &Path) -> Result<Readers, Error> {
        let idle = vec![schema::open_reader(path)?];
        let state = State { path: path.to_owned(), moves: 0, idle, in_use: 0, closed: false };
        Ok(Readers { state: Mutex::new(state), given_back: Condvar::new() })
    }

    /// Runs work on a connection of its own, in one transaction: it sees the file as it was at one moment. The work tells
    /// what in the file is not as it was written: what it is, and why.
    pub(crate) fn read<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Connection) -> rusqlite::Result<Result<T, (String, String)>>,
    ) -> Result<T, Error> {
        let mut borrowed = self.borrow()?;
        let path = borrowed.path.clone();
        let connection = match borrowed.connection.as_mut() {
            Some(connection) => connection,
            None => borrowed.connection.insert(schema::open_reader(&path)?),
        };
        let read = connection.transaction().and_then(|transaction| work(&transaction));
        match read {
            Ok(Ok(found)) => Ok(found),
            Ok(Err((what, why))) => Err(Error::Damaged { path, what, why }),
            Err(source) => Err(Error::Database { path, doing, source }),
        }
    }

    /// The file is at another place, with the same in it. Those that read go on where they are.
    pub(crate) fn move_to(&self, path: &Path) {
        let mut state = self.state();
        path.clone_into(&mut state.path);
        state.moves += 1;
        let idle = std::mem::take(&mut state.idle);
        drop(state);
        drop(idle);
    }

    /// Waits for those that read and closes all connections.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        while state.in_use > 0 {
            state = self.given_back.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let idle = std::mem::take(&mut state.idle);
        drop(state);
        drop(idle);
    }

    fn borrow(&self) -> Result<Borrowed<'_>, Error> {
        let mut state = self.state();
        if state.closed {
            return Err(Error::Closed);
        }
        state.in_use += 1;
        Ok(Borrowed { connection: state.idle.pop(), path: state.path.clone(), moves: state.moves, of: self })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that is given back in any case.
struct Borrowed<'a> {
    connection: Option<Connection>,
    path: PathBuf,
    moves: u64,
    of: &'a Readers,
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        let mut connection = self.connection.take();
        let mut state = self.of.state();
        if !state.closed && state.moves == self.moves && state.idle.len() < KEPT {
            state.idle.extend(connection.take());
        }
        // Closed before it counts as given back: whoever waits for that gives the file up then.
        drop(connection);
        state.in_use -= 1;
        drop(state);
        self.of.given_back.notify_all();
    }
}
