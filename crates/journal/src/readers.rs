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
    path: PathBuf,
    state: Mutex<State>,
    given_back: Condvar,
}

#[derive(Debug)]
struct State {
    idle: Vec<Connection>,
    in_use: usize,
    closed: bool,
}

impl Readers {
    /// The connection that writes must be open.
    pub(crate) fn open(path: &Path) -> Result<Readers, Error> {
        let state = State { idle: vec![schema::open_reader(path)?], in_use: 0, closed: false };
        Ok(Readers { path: path.to_owned(), state: Mutex::new(state), given_back: Condvar::new() })
    }

    /// Runs work on a connection of its own, in one transaction: it sees the file as it was at one moment. The work tells
    /// what in the file is not as it was written: what it is, and why.
    pub(crate) fn read<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Connection) -> rusqlite::Result<Result<T, (String, String)>>,
    ) -> Result<T, Error> {
        let mut borrowed = self.borrow()?;
        let connection = match borrowed.connection.as_mut() {
            Some(connection) => connection,
            None => borrowed.connection.insert(schema::open_reader(&self.path)?),
        };
        let read = connection.transaction().and_then(|transaction| work(&transaction));
        let path = || self.path.clone();
        read.map_err(|source| Error::Database { path: path(), doing, source })?.map_err(|(what, why)| Error::Damaged {
            path: path(),
            what,
            why,
        })
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
        Ok(Borrowed { connection: state.idle.pop(), of: self })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that is given back in any case.
struct Borrowed<'a> {
    connection: Option<Connection>,
    of: &'a Readers,
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        let mut connection = self.connection.take();
        let mut state = self.of.state();
        if !state.closed && state.idle.len() < KEPT {
            state.idle.extend(connection.take());
        }
        // Closed before it counts as given back: whoever waits for that gives the file up then.
        drop(connection);
        state.in_use -= 1;
        drop(state);
        self.of.given_back.notify_all();
    }
}
