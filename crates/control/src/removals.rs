//! Removals of exchanges, each of which can be undone for a while before it is carried out.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::oneshot;
use traffic::entry::{Entry, State};
use traffic::ids::Seq;

use crate::control::Control;
use crate::ports::{Removed, Unwanted};

/// A removal that can still be undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) id: u64,
    pub(crate) what: Unwanted,
    /// When it is carried out.
    pub(crate) due: Timestamp,
}

/// All removals that can still be undone.
#[derive(Debug, Default)]
pub(crate) struct Removals {
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    last: u64,
    waiting: BTreeMap<u64, (Waiting, oneshot::Sender<()>)>,
}

impl Removals {
    /// Those that can still be undone, the oldest first.
    pub(crate) fn waiting(&self) -> Vec<Waiting> {
        self.held().waiting.values().map(|(waiting, _)| waiting.clone()).collect()
    }

    /// Calls one off; false if it is too late for that.
    pub(crate) fn undo(&self, id: u64) -> bool {
        // Dropping the sender wakes the one who waits, and it finds that nothing is to be done.
        self.held().waiting.remove(&id).is_some()
    }

    fn add(&self, what: Unwanted, due: Timestamp) -> (Waiting, oneshot::Receiver<()>) {
        let (off, called_off) = oneshot::channel();
        let mut held = self.held();
        held.last += 1;
        let waiting = Waiting { id: held.last, what, due };
        held.waiting.insert(waiting.id, (waiting.clone(), off));
        (waiting, called_off)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // Nothing in here is half done when it panics.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Control {
    /// Removes exchanges when the time to undo it is over. If the server ends before, nothing is removed.
    pub(crate) fn remove_later(&self, what: Unwanted, undo: Duration) -> Waiting {
        let due = self.provider().now().saturating_add(undo).unwrap_or(Timestamp::MAX);
        let (waiting, called_off) = self.removals().add(what, due);
        let (control, id) = (self.clone(), waiting.id);
        tokio::spawn(async move {
            let stays = tokio::select! {
                _ = called_off => true,
                () = control.closed() => true,
                () = tokio::time::sleep(undo) => false,
            };
            let Some((waiting, _)) = control.removals().held().waiting.remove(&id).filter(|_| !stays) else { return };
            control.remove(waiting.what).await;
        });
        waiting
    }

    async fn remove(&self, what: Unwanted) {
        if let Err(detail) = self.remove_now(what).await {
            tracing::error!("exchanges cannot be removed: {detail}");
            self.log().append(Entry::State(Arc::new(State { what: "removal-failed".to_owned(), detail })));
        }
    }

    /// Removes exchanges at once, and tells which are gone. The error is for people.
    pub(crate) async fn remove_now(&self, what: Unwanted) -> Result<Removed, String> {
        let storage = Arc::clone(self.storage());
        let removed = tokio::task::spawn_blocking(move || storage.remove(what)).await;
        let removed = removed.unwrap_or_else(|error| Err(error.to_string()))?;
        let Removed { seqs, kept } = &removed;
        let detail = match kept {
            0 => format!("removed {} exchanges by hand", seqs.len()),
            _ => format!("removed {} exchanges by hand; {kept} that are not over stay", seqs.len()),
        };
        let said = Entry::State(Arc::new(State { what: "removed".to_owned(), detail }));
        self.flows().forget(seqs.clone(), said).await.map_err(|why| why.to_string())?;
        Ok(removed)
    }
}

/// The numbers, in the order in which they were asked for.
pub(crate) fn numbers(seqs: &[u64]) -> Vec<Seq> {
    seqs.iter().map(|seq| Seq(*seq)).collect()
}
