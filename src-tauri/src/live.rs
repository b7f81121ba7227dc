//! Live events for the page, through a channel of the window: the custom scheme cannot stream.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt;
use tauri::State;
use tauri::async_runtime::JoinHandle;
use tauri::ipc::Channel;
use tokio::sync::watch;
use traffic::ids::Pos;
use traffic::log::Log;

/// So many batches may be on their way to the page; then the page must say that it has taken one.
const UNACKNOWLEDGED: usize = 2;

/// The one subscription that the window has.
pub struct Live {
    log: Option<Arc<Log>>,
    /// Position of the last batch that the page has taken.
    taken: watch::Sender<Pos>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Live {
    /// Events of this log; none if the app could not start.
    pub fn new(log: Option<Arc<Log>>) -> Live {
        Live { log, taken: watch::Sender::new(Pos(0)), task: Mutex::new(None) }
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
pub fn subscribe(live: State<'_, Live>, after: u64, channel: Channel<control::Batch>) {
    let Some(log) = live.log.clone() else { return };
    live.taken.send_replace(Pos(after));
    let taken = live.taken.subscribe();
    live.replace(Some(tauri::async_runtime::spawn(send(log, Pos(after), channel, taken))));
}

/// The page has taken the batch that ends at this position.
#[tauri::command]
pub fn acknowledge(live: State<'_, Live>, pos: u64) {
    live.taken.send_if_modified(|taken| {
        let forward = Pos(pos) > *taken;
        *taken = (*taken).max(Pos(pos));
        forward
    });
}

async fn send(log: Arc<Log>, after: Pos, channel: Channel<control::Batch>, mut taken: watch::Receiver<Pos>) {
    let mut batches = std::pin::pin!(control::events(log, after));
    let mut on_the_way: Vec<Pos> = Vec::new();
    while let Some(batch) = batches.next().await {
        on_the_way.push(batch.pos);
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
