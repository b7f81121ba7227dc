//! Port to where the record is kept once it has been confirmed.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::entry::{Entry, State};
use crate::exchange::Exchange;
use crate::ids::{Pos, Seq};

/// Durable storage, to be read from. Its calls block; they never wait for the thread that writes.
///
/// Everything that was confirmed before a call is in its answer, except what was pruned from the storage.
pub trait Archive: fmt::Debug + Send + Sync {
    /// One exchange, whole.
    fn exchange(&self, seq: Seq) -> Result<Option<Exchange>, Unreadable>;

    /// The exchanges with numbers after `after` up to and including `through`, ascending.
    fn exchanges(&self, after: Seq, through: Seq) -> Result<Vec<Exchange>, Unreadable>;

    /// Entries at positions after `after` up to and including `through`, ascending, at most `limit` of them. There may be
    /// fewer, so that their bytes fit into memory, but none only if there are none.
    ///
    /// An exchange is kept as the fold of its entries, so of two annotations of one exchange both come back as the second.
    fn entries(&self, after: Pos, through: Pos, limit: usize) -> Result<Vec<(Pos, Entry)>, Unreadable>;

    /// What the entries at positions after `after` up to and including `through` were about. Reads no exchange, so it takes
    /// little time for many.
    fn touched(&self, after: Pos, through: Pos) -> Result<Touched, Unreadable>;
}

/// What many entries were about.
#[derive(Clone, Debug, Default)]
pub struct Touched {
    /// How many exchanges they belong to.
    pub exchanges: u64,
    /// The states among them, in order.
    pub states: Vec<Arc<State>>,
}

/// Why an archive could not be read, in words for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable(pub String);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Unreadable {}
