//! Looking through the whole record with the help of the archive's index, one piece at a time.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Record;
use super::record::merged;
use crate::archive::{Sieve, Sifted, Unreadable};
use crate::exchange::Exchange;
use crate::ids::Seq;
use crate::query::Query;

/// A piece of the record that was looked through.
#[derive(Clone, Debug, Default)]
pub struct Looked {
    /// The piece has the numbers after this one.
    pub after: Seq,
    /// Up to and including this one.
    pub through: Seq,
    /// All exchanges of the piece that the query may select, ascending, as they stand now. Whether it does is for the
    /// caller to ask.
    pub exchanges: Vec<Arc<Exchange>>,
}

impl Record {
    /// Looks through a piece at the wanted end of a range for exchanges that a query may select, at most about `limit` of
    /// them. Whoever goes on with the rest of the range until nothing is left has seen everything that the query selects;
    /// whoever has enough stops. Each call takes little time.
    pub fn look(&self, query: &Query, range: Sieve) -> Result<Looked, Unreadable> {
        let through = range.through.min(self.log.head().seq);
        let range = Sieve { through: through.max(range.after), ..range };
        if range.after >= range.through {
            return Ok(Looked { after: range.after, through: range.through, exchanges: Vec::new() });
        }
        let (gone_through, unsettled) = self.log.unsettled(range.after, range.through);
        let begins_in_memory = if range.newest { range.through > gone_through } else { range.after >= gone_through };
        let Some(archive) = self.log.archive().filter(|_| !begins_in_memory) else {
            let here = if range.newest && begins_in_memory { range.after.max(gone_through) } else { range.after };
            let Sifted { after, through, .. } = Sieve { after: here, ..range }.whole();
            let exchanges = self.exchanges(after, (through.0 - after.0) as usize)?;
            return Ok(Looked { after, through, exchanges });
        };
        let archived = Sieve { through: range.through.min(gone_through), ..range };
        let Sifted { after, through, candidates } = archive.sift(query, archived)?;
        let mut candidates: BTreeSet<Seq> = candidates.into_iter().collect();
        candidates.extend(unsettled.into_iter().filter(|seq| *seq > after && *seq <= through));
        let candidates: Vec<Seq> = candidates.into_iter().collect();
        let (held, late) = self.log.those(&candidates);
        let found = archive.picked(&candidates)?;
        Ok(Looked { after, through, exchanges: merged(found, held, late) })
    }

    /// Up to which number exchanges are in the archive's index; zero if there is none.
    pub fn indexed_through(&self) -> Seq {
        self.log.archive().map_or(Seq(0), |archive| archive.indexed_through())
    }
}
