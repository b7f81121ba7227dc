//! What follows the workspace file: storage that failed, or works again, becomes visible.

use control::Control;
use control::facts::StorageState;
use journal::State;
use tokio::sync::watch;

/// Runs until it is dropped, or the journal is gone.
pub(crate) async fn run(mut state: watch::Receiver<State>, control: Control) {
    loop {
        let now = state.borrow_and_update().clone();
        take(now, &control);
        if state.changed().await.is_err() {
            return;
        }
    }
}

fn take(state: State, control: &Control) {
    control.update(|facts| {
        // That the temporary copy of a file is written says nothing of the file.
        if facts.workspace.state == StorageState::ReadOnly && state == State::Healthy {
            return;
        }
        (facts.workspace.state, facts.workspace.problem) = match state {
            State::Healthy => (StorageState::Working, None),
            State::Degraded { why, since } => {
                let problem = format!("from position {since} on, the record is kept in memory only: {why}");
                (StorageState::Failed, Some(problem))
            }
        };
    });
}
