//! The whole record: what is in memory, and what only the archive has.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Log, filled};
use crate::archive::{Touched, Unreadable};
use crate::entry::Entry;
use crate::exchange::Exchange;
use crate::ids::{FlowId, Pos, Seq};
use crate::step::Step;

/// Reads the record of a log from its beginning, wherever it is. Cheap to clone.
///
/// Calls may wait for a disk, so they do not belong on a thread that serves others; those with `away` in their names can be
/// awaited anywhere. The log's lock is not held while the archive is read.
#[derive(Clone, Debug)]
pub struct Record {
    pub(super) log: Arc<Log>,
}

impl Record {
    /// The record of this log.
    pub fn new(log: Arc<Log>) -> Record {
        Record { log }
    }

    /// The part in memory.
    pub fn log(&self) -> &Arc<Log> {
        &self.log
    }

    /// One exchange as it stands now; none if there never was one with this number, or if it was given up.
    pub fn exchange(&self, seq: Seq) -> Result<Option<Arc<Exchange>>, Unreadable> {
        let Some(before) = seq.0.checked_sub(1) else { return Ok(None) };
        Ok(self.range(Seq(before), seq)?.pop())
    }

    /// The exchanges with the `limit` numbers that follow `after`, ascending, as they stand now. Numbers of exchanges that
    /// were given up are left out.
    pub fn exchanges(&self, after: Seq, limit: usize) -> Result<Vec<Arc<Exchange>>, Unreadable> {
        self.range(after, Seq(after.0.saturating_add(limit as u64)))
    }

    fn range(&self, after: Seq, through: Seq) -> Result<Vec<Arc<Exchange>>, Unreadable> {
        let (range, archive) = self.log.range(after, through);
        let (Some((after, through)), Some(archive)) = (range.gone, archive) else { return Ok(range.held) };
        let found = archive.exchanges(after, through)?;
        Ok(merged(found, range.held, range.late))
    }

    /// Entries after a position, oldest first, each with its position; at most `limit`, and fewer so that they fit into
    /// memory, but none only if there is none yet. Entries that are nowhere to be had are one [`Entry::Pruned`] in their
    /// place, whose position is that of the last one left out.
    pub fn read(&self, after: Pos, limit: usize) -> Result<Vec<(Pos, Entry)>, Unreadable> {
        let Some(archive) = self.log.archive() else { return Ok(self.log.read(after, limit)) };
        loop {
            let gone_through = self.log.entries_after();
            if after < gone_through && limit > 0 {
                let found = archive.entries(after, gone_through, limit)?;
                return match found.last() {
                    Some(_) => Ok(filled(after, found, limit)),
                    None => Ok(self.log.read(after, limit)),
                };
            }
            let read = self.log.read(after, limit);
            // Between the two looks they may have left the memory; then the archive has them.
            if !matches!(read.first(), Some((_, Entry::Pruned { .. }))) {
                return Ok(read);
            }
        }
    }

    /// For a reader that is far behind: what the entries after a position were about that have left the memory, and where
    /// those in memory begin. None if all are in memory.
    pub fn passed(&self, after: Pos) -> Result<Option<(Touched, Pos)>, Unreadable> {
        let gone_through = self.log.entries_after();
        match self.log.archive() {
            Some(archive) if after < gone_through => Ok(Some((archive.touched(after, gone_through)?, gone_through))),
            _ => Ok(None),
        }
    }

    /// The numbers of the flows below `before` that are in the archive, descending, at most `limit`. The archive may be behind
    /// by what it has not confirmed.
    pub fn archived_flows(&self, before: FlowId, limit: usize) -> Result<Vec<FlowId>, Unreadable> {
        self.log.archive().map_or_else(|| Ok(Vec::new()), |archive| archive.flows(before, limit))
    }

    /// The steps of a flow that are in the archive, ascending; those that are in memory too as they stand there.
    pub fn archived_steps(&self, flow: FlowId) -> Result<Vec<Step>, Unreadable> {
        let Some(archive) = self.log.archive() else { return Ok(Vec::new()) };
        let now = |step: Step| match self.log.exchange(step.summary.seq) {
            Some(exchange) if exchange.flow() == flow => Some(Step::from(exchange.as_ref())),
            Some(_) => None,
            None => Some(step),
        };
        Ok(archive.steps(flow)?.into_iter().filter_map(now).collect())
    }

    /// Up to which position entries have left the memory.
    pub fn in_memory_after(&self) -> Pos {
        self.log.entries_after()
    }

    /// As [`Record::exchange`].
    pub async fn exchange_away(&self, seq: Seq) -> Result<Option<Arc<Exchange>>, Unreadable> {
        match self.log.exchange(seq) {
            Some(exchange) => Ok(Some(exchange)),
            None => self.away(move |record| record.exchange(seq)).await,
        }
    }

    /// As [`Record::read`].
    pub async fn read_away(&self, after: Pos, limit: usize) -> Result<Vec<(Pos, Entry)>, Unreadable> {
        if self.log.archive().is_none() || after >= self.log.entries_after() {
            // They may go in this moment; then the first of what comes back says so.
            let read = self.log.read(after, limit);
            if self.log.archive().is_none() || !matches!(read.first(), Some((_, Entry::Pruned { .. }))) {
                return Ok(read);
            }
        }
        self.away(move |record| record.read(after, limit)).await
    }

    /// Reads on a thread that may wait.
    pub async fn away<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Record) -> Result<T, Unreadable> + Send + 'static,
    ) -> Result<T, Unreadable> {
        let record = self.clone();
        let reading = tokio::task::spawn_blocking(move || read(&record));
        reading.await.unwrap_or_else(|error| Err(Unreadable(format!("reading the record broke off: {error}"))))
    }
}

/// What the archive has, what is in memory, and what the archive may not have yet, together.
pub(super) fn merged(found: Vec<Exchange>, held: Vec<Arc<Exchange>>, late: Vec<(Pos, Entry)>) -> Vec<Arc<Exchange>> {
    let mut exchanges: BTreeMap<Seq, Arc<Exchange>> =
        found.into_iter().map(|exchange| (exchange.seq, Arc::new(exchange))).collect();
    for (pos, entry) in late {
        if let Some(exchange) = entry.seq().and_then(|seq| exchanges.get_mut(&seq)).filter(|it| it.pos < pos) {
            Arc::make_mut(exchange).fold(pos, &entry);
        }
    }
    // What is in memory is never older than what the archive has of it.
    exchanges.extend(held.into_iter().map(|exchange| (exchange.seq, exchange)));
    exchanges.into_values().collect()
}
