//! The subscriber that follows changes of the server itself: storage that failed, or works again, becomes visible.

use std::sync::Arc;

use control::Control;
use control::facts::StorageState;
use journal::{Journal, State};
use traffic::entry::Entry;
use traffic::ids::Pos;
use traffic::log::Record;

use crate::pull;

/// How many entries are looked at before others get their turn.
const BATCH: usize = 4096;

/// Runs until it is dropped.
pub(crate) async fn run(record: Record, journal: Arc<Journal>, control: Control, mut after: Pos) {
    loop {
        for (pos, entry) in pull::next(&record, after, BATCH).await {
            after = pos;
            if matches!(&entry, Entry::State(state) if state.what == "durability") {
                take(journal.state(), &control);
            }
        }
        tokio::task::yield_now().await;
    }
}

fn take(state: State, control: &Control) {
    control.update(|facts| {
        (facts.workspace.state, facts.workspace.problem) = match state {
            State::Healthy => (StorageState::Working, None),
            State::Degraded { why, since } => {
                let problem = format!("from position {since} on, the record is kept in memory only: {why}");
                (StorageState::Failed, Some(problem))
            }
        };
    });
}
