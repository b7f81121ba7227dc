//! The one thread that writes the record: it pulls from the log and commits what is there together.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::TransactionBehavior;
use tokio::runtime::Builder;
use tokio::sync::watch;
use traffic::entry::{Entry, State as Word};
use traffic::ids::Pos;
use traffic::log::{Durable, Log};

use crate::batch::Batch;
use crate::journal::{Shared, State};
use crate::options::Durability;

/// How many entries are asked of the log at once: its lock is held while they are cloned.
const READ_ENTRIES: usize = 512;
/// Bounds of one transaction.
const BATCH_ENTRIES: usize = 4_096;
const BATCH_BYTES: usize = 8 << 20;
/// How long *relaxed* gathers entries.
const GATHER: Duration = Duration::from_millis(5);

pub(crate) struct Writer {
    pub(crate) shared: Arc<Shared>,
    pub(crate) log: Arc<Log>,
    pub(crate) durability: Durability,
    /// Everything up to here is in the file.
    pub(crate) written: Pos,
    pub(crate) stop: watch::Receiver<bool>,
}

impl Writer {
    /// Writes until it is told to stop and everything that was in the log then is written, or until writing fails.
    pub(crate) fn run(mut self) {
        // Made here, not by the caller, who may be inside a runtime where none may be dropped.
        let runtime = match Builder::new_current_thread().enable_time().build() {
            Ok(runtime) => runtime,
            Err(error) => return self.degrade(format!("the writing thread has nothing to wait with: {error}")),
        };
        loop {
            let stopped_at = runtime.block_on(self.wait());
            if let Err(why) = self.catch_up(stopped_at.unwrap_or_default()) {
                return self.degrade(why);
            }
            if stopped_at.is_some() {
                return;
            }
        }
    }

    /// Waits for something to write. If it is time to stop: where the log ends.
    async fn wait(&mut self) -> Option<Pos> {
        let work = async {
            self.log.wait(self.written).await;
            if self.durability == Durability::Relaxed {
                tokio::time::sleep(GATHER).await;
            }
        };
        let stopped = tokio::select! {
            _ = self.stop.wait_for(|stop| *stop) => true,
            () = work => false,
        };
        stopped.then(|| self.log.head().pos)
    }

    /// Writes at least one batch if there is anything, and goes on until a position is written.
    fn catch_up(&mut self, until: Pos) -> Result<(), String> {
        loop {
            let (batch, more) = self.gather();
            if let Some(through) = batch.last() {
                self.commit(&batch)?;
                self.written = through;
                self.log.confirm(Durable::Through(through));
            }
            if !more && self.written >= until {
                return Ok(());
            }
        }
    }

    /// Entries for one transaction, and whether it was full before they ended.
    fn gather(&self) -> (Batch, bool) {
        let mut batch = Batch::default();
        loop {
            let entries = self.log.read(batch.last().unwrap_or(self.written), READ_ENTRIES);
            let ended = entries.len() < READ_ENTRIES;
            for (pos, entry) in entries {
                batch.take(pos, entry);
            }
            if ended {
                return (batch, false);
            }
            if batch.len() >= BATCH_ENTRIES || batch.bytes() >= BATCH_BYTES {
                return (batch, true);
            }
        }
    }

    fn commit(&self, batch: &Batch) -> Result<(), String> {
        let mut connection = self.shared.connection();
        let Some(connection) = connection.as_mut() else { return Err("the workspace file is closed".to_owned()) };
        let in_words = |error: rusqlite::Error| crate::error::reason(&error);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(in_words)?;
        batch.write(&transaction).map_err(|failure| failure.to_string())?;
        transaction.commit().map_err(in_words)
    }

    /// Storage has failed: the record goes on in memory, and everybody can see that.
    fn degrade(&self, why: String) {
        let since = Pos(self.written.0 + 1);
        tracing::error!(%since, why, "the workspace file cannot be written; the record goes on in memory only");
        self.shared.set_state(State::Degraded { why: why.clone(), since });
        self.log.confirm(Durable::Never);
        let detail = format!("from position {since} on, the record is kept in memory only: {why}");
        self.log.append(Entry::State(Arc::new(Word { what: "durability".to_owned(), detail })));
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.degrade("the thread that writes the file has failed".to_owned());
        }
        // Whoever waits now would wait for ever.
        self.log.confirm(Durable::Never);
    }
}
