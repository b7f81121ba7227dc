//! The subscriber that follows changes of the server itself: a profile that was switched is kept in the workspace, and
//! storage that failed becomes visible.

use std::sync::Arc;

use control::Control;
use control::facts::StorageState;
use journal::Journal;
use serde_json::json;
use traffic::entry::{Entry, State};
use traffic::ids::Pos;
use traffic::log::Log;

use crate::start::SETTINGS;

/// How many entries are looked at before others get their turn.
const BATCH: usize = 4096;

/// Runs until it is dropped.
pub(crate) async fn run(log: Arc<Log>, control: Control, journal: Arc<Journal>, mut after: Pos) {
    loop {
        let entries = log.read(after, BATCH);
        if entries.is_empty() {
            log.wait(after).await;
            continue;
        }
        for (pos, entry) in entries {
            after = pos;
            if let Entry::State(state) = entry {
                take(&state, &control, &journal).await;
            }
        }
        tokio::task::yield_now().await;
    }
}

async fn take(state: &State, control: &Control, journal: &Arc<Journal>) {
    match state.what.as_str() {
        "profile" => {
            let (journal, name) = (Arc::clone(journal), state.detail.clone());
            let kept = move || journal.put_document(SETTINGS, "profile", &json!({ "name": name }));
            match tokio::task::spawn_blocking(kept).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => tracing::error!("the profile is switched, but not kept for the next start: {error}"),
                Err(error) => tracing::error!("the profile is switched, but not kept for the next start: {error}"),
            }
        }
        "durability" => {
            tracing::error!("{}", state.detail);
            control.update(|facts| {
                facts.workspace.state = StorageState::Failed;
                facts.workspace.problem = Some(state.detail.clone());
            });
        }
        _ => {}
    }
}
