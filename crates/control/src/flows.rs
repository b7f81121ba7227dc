//! Flows as they stand: the newest in memory, folded from the log on demand, the older ones from the workspace.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dialects::flow::Flow;
use traffic::archive::Unreadable;
use traffic::entry::Entry;
use traffic::ids::{FlowId, Pos, Seq};
use traffic::log::{Durable, Record};
use traffic::step::Step;

/// How many steps are in memory; beyond it, the flows with the lowest numbers are read from the workspace.
const MOST_HELD: usize = 20_000;
/// Entries that are folded at once.
const CHUNK: usize = 2048;
/// So many entries may wait for a reader before they are folded for none.
const LAG: u64 = 8192;
/// How often it is looked whether there are so many.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// So long after the start the flows of the workspace are counted: nobody who opens it waits for that.
const COUNTED_AFTER: Duration = Duration::from_secs(1);

/// The flows of one record. Cheap to clone; clones are the same flows.
#[derive(Clone, Debug)]
pub(crate) struct Flows {
    record: Record,
    index: Arc<Mutex<Index>>,
}

/// What changed after a position.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changed {
    /// The flows that changed and are there, ascending by number.
    pub(crate) flows: Vec<Arc<Flow>>,
    /// The flows that have no exchanges any more.
    pub(crate) gone: Vec<FlowId>,
    /// Whether there are more than these: then neither list has anything.
    pub(crate) moved: bool,
}

#[derive(Debug)]
struct Index {
    /// Everything up to here is folded in.
    pos: Pos,
    /// What changed up to here is not known any more.
    lost: Pos,
    /// Every flow with a higher number is here.
    floor: FlowId,
    flows: BTreeMap<FlowId, Group>,
    of: HashMap<Seq, FlowId>,
    /// The flows by the position of their last change.
    changes: BTreeSet<(Pos, FlowId)>,
    count: Option<Count>,
}

/// How many flows there were when they were counted, plus those that came and minus those that were merged away since then; and how
/// many had been given up when they were counted.
#[derive(Clone, Copy, Debug)]
struct Count {
    flows: u64,
    pruned: u64,
}

/// One flow; without steps it is gone.
#[derive(Debug, Default)]
struct Group {
    steps: BTreeMap<Seq, Step>,
    changed: Pos,
    whole: Option<Arc<Flow>>,
}

impl Flows {
    /// The flows of a record; what is in it already stays where it is.
    pub(crate) fn new(record: Record) -> Flows {
        let head = record.log().head();
        let index = Index {
            pos: head.pos,
            lost: head.pos,
            floor: FlowId::from(head.seq),
            flows: BTreeMap::new(),
            of: HashMap::new(),
            changes: BTreeSet::new(),
            count: None,
        };
        Flows { record, index: Arc::new(Mutex::new(index)) }
    }

    /// Folds what nobody asks for, so that it does not pile up, and counts the flows when nobody knows how many there are. `pruned`
    /// says how many were given up so far. Never ends.
    pub(crate) async fn keep_up(&self, pruned: impl Fn() -> u64) {
        let mut after = self.record.log().head().pos;
        let begun = tokio::time::Instant::now();
        loop {
            // Waiting for the entry would wake this up for each one before it.
            tokio::time::sleep(LOOK_EVERY).await;
            if begun.elapsed() >= COUNTED_AFTER && self.lock().count.is_none() {
                let pruned = pruned();
                if let Err(why) = self.with(move |index, record| index.count_all(record, pruned)).await {
                    tracing::error!("flows cannot be counted: {why}");
                }
            }
            if self.record.log().head().pos < Pos(after.0 + LAG) {
                continue;
            }
            match self.with(|index, _| Ok(index.pos)).await {
                Ok(pos) => after = pos,
                Err(why) => {
                    tracing::error!("flows cannot be read: {why}");
                    after = self.record.log().head().pos;
                }
            }
        }
    }

    /// How many flows there are, when so many were given up so far; none before they were counted.
    pub(crate) async fn count(&self, pruned: u64) -> Option<u64> {
        self.lock().count?;
        let count = self.with(|index, _| Ok(index.count)).await.ok().flatten()?;
        Some(count.flows.saturating_sub(pruned.saturating_sub(count.pruned)))
    }

    /// What changed after a position, at most so many flows.
    pub(crate) async fn changed(&self, after: Pos, most: usize) -> Result<Changed, Unreadable> {
        self.with(move |index, _| Ok(index.changed(after, most))).await
    }

    /// The flows with lower numbers than this, descending, at most so many.
    pub(crate) async fn below(&self, before: FlowId, limit: usize) -> Result<Vec<Arc<Flow>>, Unreadable> {
        self.with(move |index, record| {
            let ids = index.ids(record, before, limit)?;
            let mut flows = Vec::with_capacity(ids.len());
            for id in ids {
                flows.extend(index.flow(record, id)?);
            }
            Ok(flows)
        })
        .await
    }

    /// One flow, if it is there.
    pub(crate) async fn get(&self, id: FlowId) -> Result<Option<Arc<Flow>>, Unreadable> {
        self.with(move |index, record| index.flow(record, id)).await
    }

    /// The steps of a flow, ascending; none if there is no such flow.
    pub(crate) async fn steps(&self, id: FlowId) -> Result<Vec<Step>, Unreadable> {
        self.with(move |index, record| index.steps(record, id)).await
    }

    /// Appends an entry that says that exchanges are gone, and lets them go from their flows: a reader of what changed learns
    /// of both together.
    pub(crate) async fn forget(&self, seqs: Vec<Seq>, said: Entry) -> Result<(), Unreadable> {
        self.with(move |index, record| {
            let pos = record.log().append(said);
            for seq in seqs {
                index.forget(seq, pos);
            }
            Ok(())
        })
        .await
    }

    /// The index as it is. What is folded in is whole after every exchange, so a panic leaves nothing half done.
    fn lock(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the flows as they are now, on a thread that may wait.
    async fn with<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Index, &Record) -> Result<T, Unreadable> + Send + 'static,
    ) -> Result<T, Unreadable> {
        let flows = self.clone();
        self.record
            .away(move |record| {
                let mut index = flows.lock();
                index.catch_up(record)?;
                look(&mut index, record)
            })
            .await
    }
}

impl Index {
    fn catch_up(&mut self, record: &Record) -> Result<(), Unreadable> {
        // The end is fixed first: a busy log must not keep one call going.
        let end = record.log().head().pos;
        while self.pos < end {
            let entries = record.read(self.pos, CHUNK)?;
            let Some((last, _)) = entries.last() else { break };
            let last = *last;
            let touched: BTreeMap<Seq, Pos> =
                entries.iter().filter_map(|(pos, entry)| Some((entry.seq()?, *pos))).collect();
            for (seq, pos) in touched {
                if let Some(exchange) = record.exchange(seq)? {
                    self.take(record, exchange.flow(), Step::from(exchange.as_ref()), pos)?;
                }
            }
            self.pos = last;
            // What storage has not yet could be read from nowhere.
            self.shrink(match record.log().durable() {
                Durable::Through(pos) => pos,
                Durable::Never => Pos(u64::MAX),
            });
        }
        Ok(())
    }

    fn take(&mut self, record: &Record, flow: FlowId, step: Step, pos: Pos) -> Result<(), Unreadable> {
        let seq = step.summary.seq;
        if flow <= self.floor && !self.flows.contains_key(&flow) {
            let steps = archived(record, flow)?;
            self.of.extend(steps.keys().map(|seq| (*seq, flow)));
            self.flows.insert(flow, Group { steps, ..Group::default() });
        }
        match self.of.insert(seq, flow) {
            Some(before) if before != flow => self.leave(before, seq, pos),
            // It was in a flow that is not in memory: whoever shows that one has to learn of it, and it may have no other exchange.
            None if FlowId::from(seq) <= self.floor => {
                self.lost = self.lost.max(pos);
                self.count = None;
            }
            _ => {}
        }
        self.change(flow, pos, |group| drop(group.steps.insert(seq, step)));
        Ok(())
    }

    fn leave(&mut self, flow: FlowId, seq: Seq, pos: Pos) {
        self.change(flow, pos, |group| drop(group.steps.remove(&seq)));
    }

    fn forget(&mut self, seq: Seq, pos: Pos) {
        match self.of.remove(&seq) {
            // A flow that goes so is among those that were given up: it is not counted twice.
            Some(flow) => {
                let count = self.count;
                self.leave(flow, seq, pos);
                self.count = count;
            }
            // Its flow is not in memory: whoever shows that has to learn of it.
            None => self.lost = self.lost.max(pos),
        }
    }

    fn change(&mut self, flow: FlowId, pos: Pos, change: impl FnOnce(&mut Group)) {
        let group = self.flows.entry(flow).or_default();
        let was = !group.steps.is_empty();
        change(group);
        if let Some(count) = &mut self.count {
            let is = !group.steps.is_empty();
            count.flows = (count.flows + u64::from(is && !was)).saturating_sub(u64::from(was && !is));
        }
        self.changes.remove(&(group.changed, flow));
        group.changed = pos;
        group.whole = None;
        self.changes.insert((pos, flow));
    }

    fn shrink(&mut self, through: Pos) {
        while self.of.len() > MOST_HELD
            && let Some(oldest) = self.flows.first_entry().filter(|oldest| oldest.get().changed <= through)
        {
            let (flow, group) = oldest.remove_entry();
            self.floor = self.floor.max(flow);
            self.lost = self.lost.max(group.changed);
            self.changes.remove(&(group.changed, flow));
            for seq in group.steps.keys() {
                self.of.remove(seq);
            }
        }
    }

    fn changed(&mut self, after: Pos, most: usize) -> Changed {
        let ids: Vec<FlowId> =
            self.changes.range((Pos(after.0 + 1), FlowId(0))..).map(|(_, id)| *id).take(most + 1).collect();
        if after < self.lost || ids.len() > most {
            return Changed { moved: true, ..Changed::default() };
        }
        let mut changed = Changed::default();
        for id in ids {
            match self.flows.get_mut(&id).and_then(|group| group.whole(id)) {
                Some(flow) => changed.flows.push(flow),
                None => changed.gone.push(id),
            }
        }
        changed.flows.sort_by_key(|flow| flow.id);
        changed
    }

    fn ids(&self, record: &Record, before: FlowId, limit: usize) -> Result<Vec<FlowId>, Unreadable> {
        let held = |from: FlowId, before: FlowId| {
            let range = if from < before { Some(self.flows.range(from..before)) } else { None };
            range.into_iter().flatten().rev().filter(|(_, group)| !group.steps.is_empty()).map(|(id, _)| *id)
        };
        let above = FlowId(self.floor.0.saturating_add(1));
        let mut ids: Vec<FlowId> = held(above, before).take(limit).collect();
        let mut before = before.min(above);
        while ids.len() < limit {
            let wanted = limit - ids.len();
            let archived = record.archived_flows(before, wanted)?;
            // Everything that the archive has down to here is known, and what memory knows better.
            let through =
                if archived.len() < wanted { FlowId(0) } else { archived.last().copied().unwrap_or_default() };
            let known = |id: &FlowId| self.flows.contains_key(id);
            let mut found: BTreeSet<FlowId> = archived.into_iter().filter(|id| !known(id)).collect();
            found.extend(held(through, before));
            ids.extend(found.into_iter().rev().take(wanted));
            if through == FlowId(0) {
                break;
            }
            before = through;
        }
        Ok(ids)
    }

    fn count_all(&mut self, record: &Record, pruned: u64) -> Result<(), Unreadable> {
        let flows = self.ids(record, FlowId(i64::MAX as u64), i64::MAX as usize)?.len() as u64;
        self.count = Some(Count { flows, pruned });
        Ok(())
    }

    fn flow(&mut self, record: &Record, id: FlowId) -> Result<Option<Arc<Flow>>, Unreadable> {
        match self.flows.get_mut(&id) {
            Some(group) => Ok(group.whole(id)),
            None if id > self.floor => Ok(None),
            None => Ok(Flow::of(id, archived(record, id)?.values()).map(Arc::new)),
        }
    }

    fn steps(&self, record: &Record, id: FlowId) -> Result<Vec<Step>, Unreadable> {
        match self.flows.get(&id) {
            Some(group) => Ok(group.steps.values().cloned().collect()),
            None if id > self.floor => Ok(Vec::new()),
            None => Ok(archived(record, id)?.into_values().collect()),
        }
    }
}

impl Group {
    fn whole(&mut self, id: FlowId) -> Option<Arc<Flow>> {
        if self.whole.is_none() {
            self.whole = Flow::of(id, self.steps.values()).map(Arc::new);
        }
        self.whole.clone()
    }
}

fn archived(record: &Record, flow: FlowId) -> Result<BTreeMap<Seq, Step>, Unreadable> {
    Ok(record.archived_steps(flow)?.into_iter().map(|step| (step.summary.seq, step)).collect())
}
