//! Live events for the page, through a channel of the window: the custom scheme cannot stream.

use std::sync::{Mutex, PoisonError};

use control::{Batch, Cursor, Desk};
use futures_util::StreamExt;
use tauri::State;
use tauri::async_runtime::JoinHandle;
use tauri::ipc::Channel;
use tokio::sync::watch;

/// So many batches may be on their way to the page; then the page must say that it has taken one.
const UNACKNOWLEDGED: usize = 2;

/// The one subscription that the window has.
pub struct Live {
    desk: Option<Desk>,
    /// Position of the last batch that the page has taken.
    taken: watch::Sender<u64>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Live {
    /// Events of this app; none if it could not start.
    pub fn new(desk: Option<Desk>) -> Live {
        Live { desk, taken: watch::Sender::new(0), task: Mutex::new(None) }
    }

    /// Ends the subscription.
    pub fn stop(&self) {
        self.replace(None);
    }

    fn replace(&self, task: Option<JoinHandle<()>>) {
        let mut slot = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = std::mem::replace(&mut *slot, task) {
            before.abort();
        }
    }
}

/// Begins to send batches after a position. A page that was loaded anew subscribes again; the subscription before ends.
#[tauri::command]
pub fn subscribe(live: State<'_, Live>, after: u64, workspace: Option<String>, channel: Channel<Batch>) {
    let Some(desk) = live.desk.clone() else { return };
    live.taken.send_replace(after);
    let taken = live.taken.subscribe();
    live.replace(Some(tauri::async_runtime::spawn(send(desk, Cursor { workspace, pos: after }, channel, taken))));
}

/// The page has taken the batch that ends at this position.
#[tauri::command]
pub fn acknowledge(live: State<'_, Live>, pos: u64) {
    live.taken.send_if_modified(|taken| {
        let forward = pos > *taken;
        *taken = pos.max(*taken);
        forward
    });
}

async fn send(desk: Desk, cursor: Cursor, channel: Channel<Batch>, mut taken: watch::Receiver<u64>) {
    let mut batches = std::pin::pin!(desk.events(cursor));
    let mut on_the_way: Vec<u64> = Vec::new();
    while let Some(batch) = batches.next().await {
        on_the_way.push(batch.pos.0);
        if channel.send(batch).is_err() {
            return;
        }
        // Waiting here is all the flow control there is: the stream reads from the log by position, so a page that is
        // behind is told how far the head has moved instead of being sent everything.
        while on_the_way.len() >= UNACKNOWLEDGED {
            let oldest = on_the_way[0];
            if taken.wait_for(|taken| *taken >= oldest).await.is_err() {
                return;
            }
            let through = *taken.borrow();
            on_the_way.retain(|pos| *pos > through);
        }
    }
}
