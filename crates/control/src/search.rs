//! Looking for exchanges in the record, so much at a time that a call is short.

use std::time::{Duration, Instant};

use traffic::archive::Unreadable;
use traffic::ids::Seq;
use traffic::log::Record;
use traffic::query::{Count, Counter, Query};

use crate::model::Summary;

/// Most exchanges that one call looks at.
pub(crate) const MOST_EXAMINED: u64 = 20_000;

/// How long a call goes on that looks into heads and bodies, or at what is not in memory.
const LONG_ENOUGH: Duration = Duration::from_millis(300);

/// Exchanges that are taken from the record at once.
const AT_ONCE: u64 = 128;

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
    /// Whether every clause counts what it hides.
    pub counts: bool,
}

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Ascending by number.
    pub items: Vec<Summary>,
    /// How many exchanges were looked at.
    pub examined: u64,
    /// The last number that was looked at, if there are more: where to go on.
    pub next: Option<u64>,
    /// For each clause, if they count.
    pub counts: Option<Vec<Count>>,
}

impl Search {
    /// Looks until enough is found, all is seen, or it is time to let others go on. Blocks as long as that takes.
    pub(crate) fn run(&self, record: &Record) -> Result<Found, Unreadable> {
        // The newest exchange at the beginning: those that come meanwhile are for the next call.
        let last = record.log().head().seq.0.min(self.before.saturating_sub(1));
        let mut counter = self.counts.then(|| Counter::new(&self.query));
        let (mut items, mut examined) = (Vec::new(), 0);
        let started = Instant::now();
        let (mut low, mut high) = (self.after.min(last), last);
        let at_once = if self.query.clauses().is_empty() { AT_ONCE.min(self.limit as u64) } else { AT_ONCE };
        let more = 'enough: loop {
            let count = at_once.min(high - low);
            if count == 0 {
                break false;
            }
            let from = if self.newest { high - count } else { low };
            let mut page = record.exchanges(Seq(from), count as usize)?;
            if self.newest {
                page.reverse();
                high = from;
            } else {
                low = from + count;
            }
            if page.is_empty() && started.elapsed() > LONG_ENOUGH {
                // Many in a row that were given up.
                break low < high;
            }
            for exchange in page {
                let number = exchange.seq.0;
                let matches =
                    counter.as_mut().map_or_else(|| self.query.matches(&exchange), |it| it.matches(&exchange));
                examined += 1;
                if matches {
                    items.push(Summary::from(exchange.as_ref()));
                }
                let time_is_up = started.elapsed() > LONG_ENOUGH;
                if items.len() == self.limit || examined == MOST_EXAMINED || time_is_up {
                    (low, high) = if self.newest { (low, number - 1) } else { (number, high) };
                    break 'enough low < high;
                }
            }
        };
        if self.newest {
            items.reverse();
        }
        // "after" leaves out its number, "before" too.
        let next = more.then_some(if self.newest { high + 1 } else { low });
        Ok(Found { items, examined, next, counts: counter.map(|counter| counter.counts().to_vec()) })
    }
}
