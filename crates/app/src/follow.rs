//! The subscriber that follows changes of the server itself: storage that failed becomes visible.

use control::Control;
use control::facts::StorageState;
use traffic::entry::{Entry, State};
use traffic::ids::Pos;
use traffic::log::Record;

use crate::pull;

/// How many entries are looked at before others get their turn.
const BATCH: usize = 4096;

/// Runs until it is dropped.
pub(crate) async fn run(record: Record, control: Control, mut after: Pos) {
    loop {
        for (pos, entry) in pull::next(&record, after, BATCH).await {
            after = pos;
            if let Entry::State(state) = entry {
                take(&state, &control);
            }
        }
        tokio::task::yield_now().await;
    }
}

fn take(state: &State, control: &Control) {
    if state.what == "durability" {
        tracing::error!("{}", state.detail);
        control.update(|facts| {
            facts.workspace.state = StorageState::Failed;
            facts.workspace.problem = Some(state.detail.clone());
        });
    }
}
