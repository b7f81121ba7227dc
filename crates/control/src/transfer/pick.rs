//! Which exchanges a file is made of, and reading them a part at a time.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use formats::recorded::Recorded;
use formats::writer::{FlowLine, Order};
use tokio::runtime::Handle;
use traffic::exchange::Exchange;
use traffic::ids::{FlowId, Seq};
use traffic::log::Record;
use traffic::query::Query;

use crate::control::Control;
use crate::error::ApiError;
use crate::model::ExportScope;

/// Exchanges that are taken from the record at once.
const AT_ONCE: u64 = 256;
/// Flows that are asked for at once.
const FLOWS_AT_ONCE: usize = 500;

/// What is to be written.
pub(crate) enum Picked {
    /// Those with numbers up to the newest one when this was asked for.
    All(u64),
    /// Those of them that the query selects.
    Query(Box<Query>, u64),
    /// These, in order, without repetition.
    Seqs(Vec<u64>),
}

/// What a walk is to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Go {
    On,
    Stop,
}

impl Picked {
    /// Looks at what is asked for; nothing is read yet but the steps of a flow.
    pub(crate) async fn of(control: &Control, scope: &ExportScope) -> Result<Picked, ApiError> {
        scope.check()?;
        let head = control.log().head().seq.0;
        Ok(match scope {
            ExportScope::All => Picked::All(head),
            ExportScope::Query { q } => {
                let query = Query::strict(q, control.query_time()).map_err(|problems| {
                    let first = problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
                    ApiError::bad_request(format!("the query cannot be read: {first}"))
                })?;
                Picked::Query(Box::new(query), head)
            }
            ExportScope::Seqs { seqs } => {
                let seqs: BTreeSet<u64> = seqs.iter().copied().filter(|seq| (1..=head).contains(seq)).collect();
                Picked::Seqs(seqs.into_iter().collect())
            }
            ExportScope::Flow { flow } => {
                crate::grouping::find(control, FlowId(*flow)).await?;
                let steps = crate::grouping::steps(control, FlowId(*flow)).await?;
                Picked::Seqs(steps.iter().map(|step| step.summary.seq.0).collect())
            }
        })
    }

    /// About how many exchanges are looked at, for progress.
    pub(crate) fn size(&self) -> u64 {
        match self {
            Picked::All(head) | Picked::Query(_, head) => *head,
            Picked::Seqs(seqs) => seqs.len() as u64,
        }
    }

    /// Shows every exchange by its number. May wait for the disk.
    pub(crate) fn walk(
        &self,
        record: &Record,
        see: &mut dyn FnMut(&Arc<Exchange>) -> Result<Go, String>,
    ) -> Result<(), String> {
        let unreadable = |why: traffic::archive::Unreadable| format!("the record cannot be read: {why}");
        match self {
            Picked::All(head) | Picked::Query(_, head) => {
                let mut after = 0;
                while after < *head {
                    let limit = AT_ONCE.min(head - after);
                    for exchange in record.exchanges(Seq(after), limit as usize).map_err(unreadable)? {
                        let is_picked = match self {
                            Picked::Query(query, _) => query.matches(&exchange),
                            _ => true,
                        };
                        if is_picked && see(&exchange)? == Go::Stop {
                            return Ok(());
                        }
                    }
                    after += limit;
                }
            }
            Picked::Seqs(seqs) => return walk(seqs, record, see),
        }
        Ok(())
    }
}

/// Shows exchanges in this order. Runs of numbers are read at once.
pub(crate) fn walk(
    seqs: &[u64],
    record: &Record,
    see: &mut dyn FnMut(&Arc<Exchange>) -> Result<Go, String>,
) -> Result<(), String> {
    let unreadable = |why: traffic::archive::Unreadable| format!("the record cannot be read: {why}");
    let mut at = 0;
    while at < seqs.len() {
        let run = (1..AT_ONCE as usize).find(|by| seqs.get(at + by) != Some(&(seqs[at] + *by as u64)));
        let run = run.unwrap_or(AT_ONCE as usize);
        for exchange in record.exchanges(Seq(seqs[at] - 1), run).map_err(unreadable)? {
            if see(&exchange)? == Go::Stop {
                return Ok(());
            }
        }
        at += run;
    }
    Ok(())
}

/// What the first walk tells: which exchanges there are, and what they have in common.
#[derive(Default)]
pub(crate) struct Seen {
    /// Number and flow of each, by their numbers.
    pub(crate) all: Vec<(u64, u64)>,
    dialects: HashMap<String, (u64, u8)>,
    tolerances: BTreeSet<(usize, String)>,
}

impl Seen {
    pub(crate) fn take(&mut self, recorded: &Recorded) {
        self.all.push((recorded.seq, recorded.flow()));
        let Some(scim) = &recorded.scim else { return };
        if let Some(dialect) = &scim.dialect {
            let (count, sure) = self.dialects.entry(dialect.clone()).or_default();
            *count += 1;
            *sure = (*sure).max(scim.confidence);
        }
        for finding in &scim.findings {
            if finding.severity == scim::finding::Severity::Tolerated {
                // T2 before T10.
                self.tolerances.insert((finding.code.len(), finding.code.clone()));
            }
        }
    }

    /// The dialect of most, and how sure.
    pub(crate) fn dialect(&self) -> Option<(String, u8)> {
        let most = self.dialects.iter().max_by_key(|(name, (count, _))| (*count, std::cmp::Reverse((*name).clone())));
        most.map(|(name, (_, sure))| (name.clone(), *sure))
    }

    pub(crate) fn tolerances(&self) -> Vec<String> {
        self.tolerances.iter().map(|(_, code)| code.clone()).collect()
    }

    /// The numbers in the order that a format needs.
    pub(crate) fn order(&self, order: Order) -> Vec<u64> {
        let mut all: Vec<(u64, u64)> = self.all.iter().map(|(seq, flow)| (*flow, *seq)).collect();
        match order {
            Order::Seq => all.sort_unstable_by_key(|(_, seq)| *seq),
            Order::Flow => all.sort_unstable(),
        }
        all.into_iter().map(|(_, seq)| seq).collect()
    }

    /// The flows, ascending by number, with what people call them. Blocks.
    pub(crate) fn flows(&self, control: &Control, runtime: &Handle) -> Result<Vec<FlowLine>, String> {
        let wanted: BTreeSet<u64> = self.all.iter().map(|(_, flow)| *flow).collect();
        let mut lines: BTreeMap<u64, FlowLine> = BTreeMap::new();
        let Some(last) = wanted.last() else { return Ok(Vec::new()) };
        let mut before = FlowId(last + 1);
        loop {
            let flows = runtime.block_on(control.flows().below(before, FLOWS_AT_ONCE));
            let flows = flows.map_err(|why| format!("flows cannot be read: {why}"))?;
            let Some(lowest) = flows.last().map(|flow| flow.id) else { break };
            for flow in flows.iter().filter(|flow| wanted.contains(&flow.id.0)) {
                let subject = flow.subjects.first().map(|named| named.name.clone()).filter(|name| !name.is_empty());
                let line = FlowLine {
                    id: flow.id.0,
                    name: control.flow_summary(flow).name,
                    kind: flow.kind.key().to_owned(),
                    subject,
                    at: Some(flow.at),
                };
                lines.insert(flow.id.0, line);
            }
            if wanted.first().is_some_and(|first| lowest.0 <= *first) {
                break;
            }
            before = lowest;
        }
        Ok(lines.into_values().collect())
    }
}
