//! Waiting for exchanges to settle: to be over, and to have been looked at by whoever says what they were.
//!
//! What tests wait for is judged only then. Before, a status may be there and its answer not gone, or a dialect not known yet.

use std::collections::BTreeSet;

use traffic::archive::{Sieve, Unreadable};
use traffic::entry::Entry;
use traffic::exchange::Exchange;
use traffic::ids::{Pos, Seq};
use traffic::log::Record;
use traffic::query::Query;

/// Entries that are read at once.
const CHUNK: usize = 1024;

/// Exchanges that are taken from the record at once.
const AT_ONCE: usize = 128;

/// Whether nothing more comes of an exchange by itself.
pub(crate) fn is_settled(exchange: &Exchange) -> bool {
    exchange.closed.is_some() && exchange.annotation.is_some()
}

/// Shows every exchange of a range that a query selects, ascending, until it is told to stop with false. Waits for the disk.
pub(crate) fn each(
    record: &Record,
    query: &Query,
    (after, through): (Seq, Seq),
    mut look: impl FnMut(&Exchange) -> bool,
) -> Result<(), Unreadable> {
    let mut after = after;
    while after < through {
        let looked = record.look(query, Sieve { after, through, newest: false, limit: AT_ONCE })?;
        for exchange in looked.exchanges.iter().filter(|exchange| query.matches(exchange)) {
            if !look(exchange) {
                return Ok(());
            }
        }
        after = looked.through;
    }
    Ok(())
}

/// Numbers of exchanges about which something was appended, from a position on.
#[derive(Debug)]
pub(crate) struct Touched {
    record: Record,
    at: Pos,
}

impl Touched {
    /// From this position on.
    pub(crate) fn after(record: Record, at: Pos) -> Touched {
        Touched { record, at }
    }

    /// Waits until something is appended, and tells which exchanges that was about. Entries that are gone are passed over.
    pub(crate) async fn next(&mut self) -> Result<BTreeSet<Seq>, Unreadable> {
        self.record.log().wait(self.at).await;
        let entries = self.record.read_away(self.at, CHUNK).await?;
        let mut touched = BTreeSet::new();
        for (pos, entry) in entries {
            self.at = pos;
            // To put it into another flow by hand is nothing new about it.
            let is_by_hand = matches!(&entry, Entry::Annotated(_, annotation) if annotation.by_hand);
            touched.extend(entry.seq().filter(|_| !is_by_hand));
        }
        Ok(touched)
    }

    /// Waits until every exchange of a range has settled. Those that are not there any more have.
    pub(crate) async fn all_settled(record: &Record, (after, through): (Seq, Seq)) -> Result<(), Unreadable> {
        let mut touched = Touched::after(record.clone(), record.log().head().pos);
        // What may still come is about exchanges that are in memory.
        let held = record.log().exchanges(after, usize::MAX);
        let held = held.iter().filter(|exchange| exchange.seq <= through && !is_settled(exchange));
        let mut open: BTreeSet<Seq> = held.map(|exchange| exchange.seq).collect();
        while !open.is_empty() {
            for seq in touched.next().await? {
                let settled = record.exchange_away(seq).await?.is_none_or(|exchange| is_settled(&exchange));
                if settled {
                    open.remove(&seq);
                }
            }
        }
        Ok(())
    }
}
