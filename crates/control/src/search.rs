//! Looking for exchanges in the record, so much at a time that a call is short.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use traffic::archive::{Sieve, Unreadable};
use traffic::ids::Seq;
use traffic::log::{Looked, Record};
use traffic::query::{Count, Counter, Query};

use crate::model::Summary;

/// Most exchanges that one call asks the query about. What the index rules out does not count.
pub(crate) const MOST_ASKED: u64 = 20_000;

/// How long a call goes on.
const LONG_ENOUGH: Duration = Duration::from_millis(300);

/// Exchanges that are taken from the record at once.
const AT_ONCE: usize = 128;

/// What to look for, and where.
#[derive(Debug)]
pub(crate) struct Search {
    pub query: Query,
    /// Only exchanges with a higher number.
    pub after: u64,
    /// Only exchanges with a lower number.
    pub before: u64,
    /// How many to find at most.
    pub limit: usize,
    /// From the end backwards.
    pub newest: bool,
    /// Whether every clause counts what it hides. Then every exchange is asked, and no index helps.
    pub counts: bool,
}

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Ascending by number.
    pub items: Vec<Summary>,
    /// How many exchanges were looked at, those that the index rules out included.
    pub examined: u64,
    /// The last number that was looked at, if there are more: where to go on.
    pub next: Option<u64>,
    /// For each clause, if they count.
    pub counts: Option<Vec<Count>>,
}

/// Tells a search that nobody waits for it any more.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

/// Whoever waits for a search holds this; when it is dropped, the search ends.
#[derive(Debug)]
pub(crate) struct Waiting(Stop);

impl Stop {
    /// The two ends: one for who waits, one for the search.
    pub(crate) fn pair() -> (Waiting, Stop) {
        let stop = Stop::default();
        (Waiting(stop.clone()), stop)
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

/// The way of a search through the record.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    record: &'a Record,
    query: &'a Query,
    newest: bool,
    at_once: usize,
    /// What is left: numbers after the first, up to the second.
    low: u64,
    high: u64,
    end: u64,
}

impl<'a> Walk<'a> {
    fn new(search: &'a Search, query: &'a Query, record: &'a Record) -> Walk<'a> {
        // The newest exchange at the beginning: those that come meanwhile are for the next call.
        let high = record.log().head().seq.0.min(search.before.saturating_sub(1));
        let low = search.after.min(high);
        let at_once = if query.clauses().is_empty() && !search.counts { AT_ONCE.min(search.limit) } else { AT_ONCE };
        let end = if search.newest { low } else { high };
        Walk { record, query, newest: search.newest, at_once, low, high, end }
    }

    /// The next piece, its exchanges in the order of the search. None at the end.
    fn step(&mut self) -> Result<Option<Looked>, Unreadable> {
        if self.low >= self.high {
            return Ok(None);
        }
        let (after, through) = (Seq(self.low), Seq(self.high));
        let range = Sieve { after, through, newest: self.newest, limit: self.at_once };
        let mut looked = self.record.look(self.query, range)?;
        if self.newest {
            self.high = looked.after.0;
            looked.exchanges.reverse();
        } else {
            self.low = looked.through.0;
        }
        Ok(Some(looked))
    }

    /// The search goes on after this number, within the piece that was given last.
    fn back_to(&mut self, number: u64) {
        if self.newest { self.high = number - 1 } else { self.low = number }
    }

    /// How many numbers are left.
    fn left(&self) -> u64 {
        self.high - self.low
    }

    /// Where to go on, if there is more: "after" leaves out its number, "before" too.
    fn next(&self) -> Option<u64> {
        (self.low < self.high).then_some(if self.newest { self.high + 1 } else { self.low })
    }

    /// The number that was looked at last.
    fn at(&self) -> u64 {
        match (self.low < self.high, self.newest) {
            (false, _) => self.end + u64::from(self.newest),
            (true, true) => self.high + 1,
            (true, false) => self.low,
        }
    }
}

impl Search {
    /// Looks until enough is found, all is seen, it is time to let others go on, or nobody waits any more. Blocks as long
    /// as that takes.
    pub(crate) fn run(&self, record: &Record, stop: &Stop) -> Result<Found, Unreadable> {
        let mut counter = self.counts.then(|| Counter::new(&self.query));
        // Who counts wants to see them all.
        let all = Query::default();
        let mut walk = Walk::new(self, if self.counts { &all } else { &self.query }, record);
        let (mut items, mut asked) = (Vec::new(), 0);
        let begun_with = walk.left();
        let started = Instant::now();
        'enough: while !stop.is_set()
            && let Some(piece) = walk.step()?
        {
            for exchange in piece.exchanges {
                let matches =
                    counter.as_mut().map_or_else(|| self.query.matches(&exchange), |it| it.matches(&exchange));
                asked += 1;
                if matches {
                    items.push(Summary::from(exchange.as_ref()));
                }
                if items.len() == self.limit || asked == MOST_ASKED || started.elapsed() > LONG_ENOUGH {
                    walk.back_to(exchange.seq.0);
                    break 'enough;
                }
            }
            if started.elapsed() > LONG_ENOUGH {
                break;
            }
        }
        if self.newest {
            items.reverse();
        }
        let counts = counter.map(|counter| counter.counts().to_vec());
        Ok(Found { items, examined: begun_with - walk.left(), next: walk.next(), counts })
    }

    /// Looks until all is seen or enough is found, and tells on the way; ends early when telling says so.
    pub(crate) fn stream(&self, record: &Record, tell: &mut dyn FnMut(Told) -> bool) -> Result<(), Unreadable> {
        let mut walk = Walk::new(self, &self.query, record);
        let begun_with = walk.left();
        let mut found = 0;
        while let Some(piece) = walk.step()? {
            let mut items = Vec::new();
            for exchange in piece.exchanges {
                if self.query.matches(&exchange) {
                    items.push(Summary::from(exchange.as_ref()));
                    found += 1;
                    if found == self.limit {
                        walk.back_to(exchange.seq.0);
                        break;
                    }
                }
            }
            let told = Told { items, examined: begun_with - walk.left(), at: walk.at(), next: walk.next() };
            if !tell(told) || found == self.limit {
                break;
            }
        }
        Ok(())
    }
}

/// What a search tells on the way.
#[derive(Debug)]
pub(crate) struct Told {
    /// Newly found, in the order of the search.
    pub items: Vec<Summary>,
    /// How many exchanges were looked at so far.
    pub examined: u64,
    /// The number that was looked at last.
    pub at: u64,
    /// Where to go on, if there is more.
    pub next: Option<u64>,
}
