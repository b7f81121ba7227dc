//! Port to where the record is kept once it has been confirmed.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::entry::{Entry, State};
use crate::exchange::Exchange;
use crate::ids::{FlowId, Pos, Seq};
use crate::query::Query;
use crate::step::Step;

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

    /// Looks through a piece at the wanted end of a range for exchanges that a query may select. The piece is as large as
    /// can be told in little time (some ten milliseconds), and smaller if there would be more than `limit` candidates.
    /// Storage without an index takes everything for a candidate.
    fn sift(&self, query: &Query, range: Sieve) -> Result<Sifted, Unreadable> {
        let _ = query;
        Ok(range.whole())
    }

    /// The exchanges with these ascending numbers, as far as there are any.
    fn picked(&self, numbers: &[Seq]) -> Result<Vec<Exchange>, Unreadable> {
        numbers.iter().filter_map(|seq| self.exchange(*seq).transpose()).collect()
    }

    /// Up to which number exchanges are in the index that [`Archive::sift`] uses; zero if there is none.
    fn indexed_through(&self) -> Seq {
        Seq(0)
    }

    /// The numbers of the flows below `before`, descending, at most `limit`.
    fn flows(&self, before: FlowId, limit: usize) -> Result<Vec<FlowId>, Unreadable>;

    /// The steps of a flow, ascending. Reads no states of resources.
    fn steps(&self, flow: FlowId) -> Result<Vec<Step>, Unreadable>;
}

/// Where to look for candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sieve {
    /// Only exchanges with higher numbers.
    pub after: Seq,
    /// Only exchanges up to this number.
    pub through: Seq,
    /// Whether to begin at the end.
    pub newest: bool,
    /// How many candidates are wanted at most; at least one.
    pub limit: usize,
}

impl Sieve {
    /// The first piece of at most `limit` numbers, all of them candidates.
    pub fn whole(self) -> Sifted {
        let count = (self.limit.max(1) as u64).min(self.through.0.saturating_sub(self.after.0));
        let (after, through) = match self.newest {
            true => (Seq(self.through.0 - count), self.through),
            false => (self.after, Seq(self.after.0 + count)),
        };
        Sifted { after, through, candidates: (after.0 + 1..=through.0).map(Seq).collect() }
    }
}

/// Candidates in a piece of a range.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sifted {
    /// The piece has the numbers after this one.
    pub after: Seq,
    /// Up to and including this one.
    pub through: Seq,
    /// What the query may select in the piece, ascending: everything that it does select, and perhaps more.
    pub candidates: Vec<Seq>,
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
