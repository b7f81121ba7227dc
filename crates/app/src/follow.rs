//! The subscriber that follows changes of the server itself: storage that failed becomes visible.

use std::sync::Arc;

use control::Control;
use control::facts::StorageState;
use traffic::entry::{Entry, State};
use traffic::ids::Pos;
use traffic::log::Log;

/// How many entries are looked at before others get their turn.
const BATCH: usize = 4096;

/// Runs until it is dropped.
pub(crate) async fn run(log: Arc<Log>, control: Control, mut after: Pos) {
    loop {
        let entries = log.read(after, BATCH);
        if entries.is_empty() {
            log.wait(after).await;
            continue;
        }
        for (pos, entry) in entries {
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
