//! The one stream of live events: batches of summaries, pulled from the log by position.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::Stream;
use serde::Serialize;
use tokio::time::Instant;
use traffic::entry::{self, Entry};
use traffic::ids::{Pos, Seq};
use traffic::log::Log;
use utoipa::ToSchema;

use crate::model::Summary;

/// At most one batch in this time.
pub const BATCH_EVERY: Duration = Duration::from_millis(50);

/// At most this many summaries in a batch.
pub const BATCH_ITEMS: usize = 500;

/// Entries read under one lock of the log.
const CHUNK: usize = 1024;

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
    /// Position of the last entry taken in: ask for events after it to go on from here.
    #[schema(value_type = u64)]
    pub pos: Pos,
    /// Number of the newest exchange.
    #[schema(value_type = u64)]
    pub head: Seq,
    /// A summary of every exchange touched, once, as it stands now; ascending by number. One with a higher `pos` is newer.
    pub items: Vec<Summary>,
    /// How many exchanges were touched, if they are too many to carry: `items` is empty then and the reader fetches
    /// what it shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved: Option<u64>,
    /// Changes of the server itself, in order.
    pub states: Vec<StateChange>,
}

/// Batches of everything after a position, without end. A stream that is polled slowly carries more in each batch and
/// loses nothing.
pub fn events(log: Arc<Log>, after: Pos) -> impl Stream<Item = Batch> + Send {
    let start = (log, after, None::<Instant>);
    futures_util::stream::unfold(start, |(log, after, not_before)| async move {
        log.wait(after).await;
        if let Some(not_before) = not_before {
            tokio::time::sleep_until(not_before).await;
        }
        let (batch, after) = collect(&log, after);
        Some((batch, (log, after, Some(Instant::now() + BATCH_EVERY))))
    })
}

fn collect(log: &Log, mut after: Pos) -> (Batch, Pos) {
    let mut touched: BTreeSet<Seq> = BTreeSet::new();
    let mut states = Vec::new();
    // The end is fixed first: a busy log must not keep one batch growing.
    let end = log.head().pos;
    while after < end {
        let entries = log.read(after, CHUNK);
        let Some((last, _)) = entries.last() else { break };
        after = *last;
        for (_, entry) in &entries {
            touched.extend(entry.seq());
            if let Entry::State(state) = entry {
                states.push(StateChange::from(state.as_ref()));
            }
        }
    }
    let too_many = touched.len() > BATCH_ITEMS;
    let shown = touched.iter().filter(|_| !too_many);
    let items = shown.filter_map(|seq| log.exchange(*seq)).map(|exchange| Summary::from(exchange.as_ref())).collect();
    let moved = too_many.then_some(touched.len() as u64);
    (Batch { pos: after, head: log.head().seq, items, moved, states }, after)
}

impl From<&entry::State> for StateChange {
    fn from(state: &entry::State) -> Self {
        StateChange { what: state.what.clone(), detail: state.detail.clone() }
    }
}
