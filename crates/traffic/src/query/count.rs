//! How many exchanges each clause hides.

use super::Query;
use crate::exchange::Exchange;

/// What one clause hides of the exchanges that were looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Exchanges that do not pass this clause.
    pub hidden: u64,
    /// Those of them that pass all other clauses: they would be seen without this one.
    pub alone: u64,
}

/// Counts while exchanges are looked at.
#[derive(Clone, Debug)]
pub struct Counter<'a> {
    query: &'a Query,
    counts: Vec<Count>,
}

impl<'a> Counter<'a> {
    /// A counter for the clauses of a query.
    pub fn new(query: &'a Query) -> Counter<'a> {
        Counter { query, counts: vec![Count::default(); query.clauses().len()] }
    }

    /// Whether the exchange is selected. Looks at every clause, where [`Query::matches`] stops at the first that hides it.
    pub fn matches(&mut self, exchange: &Exchange) -> bool {
        let (mut hiding, mut last) = (0, None);
        for (at, clause) in self.query.clauses().iter().enumerate() {
            if !clause.matches(exchange) {
                self.counts[at].hidden += 1;
                (hiding, last) = (hiding + 1, Some(at));
            }
        }
        if let (1, Some(at)) = (hiding, last) {
            self.counts[at].alone += 1;
        }
        hiding == 0
    }

    /// A count for each of [`Query::clauses`], in their order.
    pub fn counts(&self) -> &[Count] {
        &self.counts
    }
}
