//! The one stream of live events: batches of summaries, pulled from the log by position.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::Stream;
use serde::Serialize;
use tokio::time::Instant;
use traffic::archive::Unreadable;
use traffic::entry::{self, Entry};
use traffic::ids::{Pos, Seq};
use traffic::log::Record;
use utoipa::ToSchema;

use crate::control::Control;
use crate::flows::Changed;
use crate::model::{FlowSummary, Summary};

/// At most one batch in this time.
pub const BATCH_EVERY: Duration = Duration::from_millis(50);

/// At most this many summaries in a batch.
pub const BATCH_ITEMS: usize = 500;

/// Entries read under one lock of the log.
const CHUNK: usize = 1024;

/// From so many entries on that are not in memory, they are counted instead of read.
const FAR: u64 = 4 * BATCH_ITEMS as u64;

/// A change of the server itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StateChange {
    /// What changed, in a kebab-case word: "profile", "listening", "durability".
    pub what: String,
    /// The new state in words.
    pub detail: String,
}

/// What happened since the last batch.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Batch {
    /// The workspace that it is about. Positions and numbers of one workspace mean nothing in another: when this changes, what
    /// was read before is of another workspace.
    pub workspace: String,
    /// Position of the last entry taken in: ask for events after it to go on from here.
    #[schema(value_type = u64)]
    pub pos: Pos,
    /// Number of the newest exchange.
    #[schema(value_type = u64)]
    pub head: Seq,
    /// A summary of every exchange touched, once, as it stands now; ascending by number. One with a higher `pos` is newer.
    pub items: Vec<Summary>,
    /// About how many exchanges were touched, if they are too many to carry: `items` is empty then and the reader fetches
    /// what it shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved: Option<u64>,
    /// A line of every flow that changed, as it stands now; ascending by number. One with a higher `pos` is newer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub flows: Vec<FlowSummary>,
    /// The numbers of flows that have no exchanges any more: these are in other flows now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub gone_flows: Vec<u64>,
    /// Whether more flows changed than can be told: `flows` and `gone_flows` are empty then and the reader fetches what it
    /// shows.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub flows_moved: bool,
    /// Changes of the server itself, in order.
    pub states: Vec<StateChange>,
}

/// Batches of everything after a position, without end. A stream that is polled slowly carries more in each batch and
/// loses nothing.
pub(crate) fn events(control: Control, after: Pos) -> impl Stream<Item = Batch> + Send + use<> {
    let start = (control, after, None::<Instant>);
    futures_util::stream::unfold(start, |(control, after, not_before)| async move {
        control.log().wait(after).await;
        if let Some(not_before) = not_before {
            tokio::time::sleep_until(not_before).await;
        }
        let (batch, after) = collect(&control, after).await;
        Some((batch, (control, after, Some(Instant::now() + BATCH_EVERY))))
    })
}

async fn collect(control: &Control, mut after: Pos) -> (Batch, Pos) {
    let before = after;
    let record = &control.record();
    let log = record.log();
    let mut touched: BTreeSet<Seq> = BTreeSet::new();
    let mut states = Vec::new();
    // Exchanges that are too many to name.
    let mut passed = 0;
    if record.in_memory_after().0.saturating_sub(after.0) > FAR {
        match record.away(move |record| record.passed(after)).await {
            Ok(Some((found, here))) => {
                passed = found.exchanges;
                states.extend(found.states.iter().map(|state| StateChange::from(state.as_ref())));
                after = here;
            }
            Ok(None) => {}
            Err(why) => tracing::error!("events that are not in memory cannot be read: {why}"),
        }
    }
    // The end is fixed first: a busy log must not keep one batch growing.
    let end = log.head().pos;
    while after < end {
        let entries = match record.read_away(after, CHUNK).await {
            Ok(entries) => entries,
            Err(why) => {
                tracing::error!("events that are not in memory cannot be read: {why}");
                log.read(after, CHUNK)
            }
        };
        let Some((last, _)) = entries.last() else { break };
        after = *last;
        for (_, entry) in &entries {
            touched.extend(entry.seq());
            match entry {
                Entry::State(state) => states.push(StateChange::from(state.as_ref())),
                // Nobody knows which exchanges these belonged to.
                Entry::Pruned { count, .. } => passed += count,
                _ => {}
            }
        }
    }
    let count = touched.len() as u64 + passed;
    let mut moved = (passed > 0 || touched.len() > BATCH_ITEMS).then_some(count);
    let mut items = Vec::new();
    if moved.is_none() {
        match summaries(record, touched).await {
            Ok(found) => items = found,
            Err(why) => {
                tracing::error!("exchanges that are not in memory cannot be read: {why}");
                moved = Some(count);
            }
        }
    }
    let Changed { flows, gone, moved: flows_moved } = match control.flows().changed(before, BATCH_ITEMS).await {
        Ok(changed) => changed,
        Err(why) => {
            tracing::error!("flows cannot be read: {why}");
            Changed { moved: true, ..Changed::default() }
        }
    };
    let flows = flows.iter().map(|flow| control.flow_summary(flow)).collect();
    let gone_flows = gone.into_iter().map(|flow| flow.0).collect();
    let workspace = control.workspace_id();
    (Batch { workspace, pos: after, head: log.head().seq, items, moved, flows, gone_flows, flows_moved, states }, after)
}

async fn summaries(record: &Record, touched: BTreeSet<Seq>) -> Result<Vec<Summary>, Unreadable> {
    let in_memory: Option<Vec<_>> = touched.iter().map(|seq| record.log().exchange(*seq)).collect();
    let exchanges = match in_memory {
        Some(exchanges) => exchanges,
        None => {
            let read = move |record: &Record| touched.iter().map(|seq| record.exchange(*seq)).collect();
            let found: Vec<Option<_>> = record.away(read).await?;
            found.into_iter().flatten().collect()
        }
    };
    Ok(exchanges.iter().map(|exchange| Summary::from(exchange.as_ref())).collect())
}

impl From<&entry::State> for StateChange {
    fn from(state: &entry::State) -> Self {
        StateChange { what: state.what.clone(), detail: state.detail.clone() }
    }
}
