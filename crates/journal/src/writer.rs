//! The one thread that writes the record: it pulls from the log and commits what is there together.

use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use rusqlite::TransactionBehavior;
use tokio::runtime::Builder;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;
use traffic::entry::{Entry, State as Word};
use traffic::ids::Pos;
use traffic::log::{Durable, Log};

use crate::batch::Batch;
use crate::hand::Hand;
use crate::journal::{Shared, State};
use crate::mover::LogPages;
use crate::options::Durability;
use crate::patience::Patience;
use crate::prune::Pruner;
use crate::remove::Asked;
use crate::schema;

/// How many entries are asked of the log at once: its lock is held while they are cloned.
const READ_ENTRIES: usize = 128;
/// Bounds of one transaction.
const BATCH_ENTRIES: usize = 4_096;
/// The same where nobody waits: the more, the fewer exchanges are written in two parts.
const PATIENT_ENTRIES: usize = 16_384;
const BATCH_BYTES: usize = 8 << 20;
/// How many times others go first before a transaction begins.
const MOST_TURNS: usize = 32;
/// How long entries wait that nobody waits for.
const UNASKED: Duration = Duration::from_millis(20);
/// How long *relaxed* gathers entries.
const GATHER: Duration = Duration::from_millis(5);

pub(crate) struct Writer {
    pub(crate) shared: Arc<Shared>,
    pub(crate) log: Arc<Log>,
    /// Everything up to here is in the file.
    pub(crate) written: Pos,
    pub(crate) stop: watch::Receiver<bool>,
    pub(crate) hand: Hand,
    /// After how long it is tried again to write when that has failed.
    pub(crate) retry: Duration,
    /// Tells when what the file may take becomes something else.
    pub(crate) budget: watch::Receiver<u64>,
    /// Brings wishes that exchanges be gone.
    pub(crate) asked: UnboundedReceiver<Asked>,
    pub(crate) pruner: Pruner,
    /// Up to where somebody waits.
    pub(crate) wanted: watch::Receiver<Pos>,
    /// For a temporary workspace: it keeps what comes in memory as long as there is room.
    pub(crate) patience: Option<Patience>,
    /// Tells that the write-ahead log is long.
    pub(crate) log_is_long: SyncSender<()>,
}

/// Why a batch was not written.
enum Trouble {
    /// The file does not take it now.
    Storage(String),
    /// It is not whole: the log has given up a part of it, up to this position.
    Given(Pos),
}

impl Writer {
    /// Writes until it is told to stop and everything that was in the log then is written. When writing fails, the record
    /// goes on in memory, and writing is tried again until it works or the log had to give up what comes next.
    pub(crate) fn run(mut self) {
        // Made here, not by the caller, who may be inside a runtime where none may be dropped.
        let runtime = match Builder::new_current_thread().enable_time().build() {
            Ok(runtime) => runtime,
            Err(error) => return self.degrade(format!("the writing thread has nothing to wait with: {error}")),
        };
        loop {
            let stopped_at = runtime.block_on(self.wait());
            if !self.shared.is_temporary() {
                // It was moved to where it stays.
                self.patience = None;
            }
            if stopped_at.is_some() && self.patience.is_some() {
                // The file is removed.
                return;
            }
            while let Ok(asked) = self.asked.try_recv() {
                self.pruner.ask(asked);
            }
            if self.shared.is_degraded() {
                self.pruner.refuse("the workspace file cannot be written now");
            }
            if self.patience.is_none() {
                self.let_others_first();
            }
            match self.catch_up(stopped_at.unwrap_or_default()) {
                Ok(()) => {}
                Err(Trouble::Storage(why)) => self.degrade(why),
                Err(Trouble::Given(through)) => return self.give_up(through),
            }
            if stopped_at.is_some() {
                return;
            }
        }
    }

    /// Lets those who are about to append do so, as long as there are some: what comes together is written together. Where
    /// there is a processor free for each, that takes no time.
    fn let_others_first(&self) {
        let mut seen = self.log.head().pos;
        for _ in 0..MOST_TURNS {
            std::thread::yield_now();
            let now = self.log.head().pos;
            if now == seen {
                break;
            }
            seen = now;
        }
    }

    /// Waits for something to write. If it is time to stop: where the log ends.
    async fn wait(&mut self) -> Option<Pos> {
        let degraded = self.shared.is_degraded();
        let work = async {
            if degraded {
                tokio::time::sleep(self.retry).await;
            }
            let due = async {
                match &mut self.patience {
                    Some(patience) => patience.until_due(&self.log, self.written).await,
                    None => asked_for(&self.log, &mut self.wanted, self.written).await,
                }
            };
            tokio::select! {
                () = due => {}
                _ = std::future::ready(()), if self.pruner.is_busy() && !degraded => {}
                Ok(()) = self.budget.changed() => {}
                Some(asked) = self.asked.recv() => self.pruner.ask(asked),
            }
            if self.shared.durability() == Durability::Relaxed && self.patience.is_none() {
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
    fn catch_up(&mut self, until: Pos) -> Result<(), Trouble> {
        loop {
            let (batch, more) = self.gather()?;
            if let Some(through) = batch.last() {
                if let Err(why) = self.commit(&batch) {
                    // What it remembers of the file is not so.
                    self.hand = Hand::default();
                    return Err(Trouble::Storage(why));
                }
                self.written = through;
                self.log.confirm(Durable::Through(through));
                self.recover();
            }
            self.prune(batch.bytes() as u64);
            let is_enough = self.patience.as_ref().is_some_and(|patience| patience.has_enough(&self.log, self.written));
            if is_enough || (!more && self.written >= until) {
                return Ok(());
            }
        }
    }

    /// Gives up what is beyond the budget, as far as that is the turn of this now.
    fn prune(&mut self, written: u64) {
        let mut connection = self.shared.connection();
        let Some(connection) = connection.as_mut().filter(|_| !self.shared.is_degraded()) else { return };
        let disk = &self.shared.disk;
        if let Err(why) = self.pruner.work(connection, &self.log, disk, self.written, written) {
            tracing::error!(why, "the workspace file cannot be pruned");
        }
    }

    /// Entries for one transaction, and whether it was full before they ended.
    fn gather(&self) -> Result<(Batch, bool), Trouble> {
        let mut batch = Batch::default();
        let most = if self.patience.is_some() { PATIENT_ENTRIES } else { BATCH_ENTRIES };
        loop {
            let entries = self.log.read(batch.last().unwrap_or(self.written), READ_ENTRIES);
            let ended = entries.len() < READ_ENTRIES;
            if let Some((_, Entry::Pruned { to, .. })) = entries.first() {
                return Err(Trouble::Given(*to));
            }
            for (pos, entry) in entries {
                batch.take(pos, entry);
            }
            if ended {
                return Ok((batch, false));
            }
            if batch.len() >= most || batch.bytes() >= BATCH_BYTES {
                return Ok((batch, true));
            }
        }
    }

    fn commit(&mut self, batch: &Batch) -> Result<(), String> {
        let Writer { shared, hand, .. } = self;
        let mut connection = shared.connection();
        let Some(connection) = connection.as_mut() else { return Err("the workspace file is closed".to_owned()) };
        let in_words = |error: rusqlite::Error| crate::error::reason(&error);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(in_words)?;
        batch.write(hand, &transaction).map_err(|failure| failure.to_string())?;
        crate::search::stale(&transaction, batch.numbers_through(shared.indexed_through())).map_err(in_words)?;
        transaction.commit().map_err(in_words)?;
        if LogPages::of(connection).map_err(in_words)?.all >= schema::long_log(shared.disk.budget()) {
            match self.patience {
                // Nobody waits for this thread.
                Some(_) => drop(LogPages::moved(connection).map_err(in_words)?),
                // It is being moved already if that was said before.
                None => drop(self.log_is_long.try_send(())),
            }
        }
        Ok(())
    }

    /// Storage has failed: the record goes on in memory, and everybody can see that.
    fn degrade(&mut self, why: String) {
        self.pruner.refuse(&why);
        let since = Pos(self.written.0 + 1);
        let was_degraded = self.shared.is_degraded();
        self.shared.set_state(State::Degraded { why: why.clone(), since });
        self.log.confirm(Durable::Never);
        if !was_degraded {
            tracing::error!(%since, why, "the workspace file cannot be written; the record goes on in memory only");
            self.say(format!("from position {since} on, the record is kept in memory only: {why}"));
        }
    }

    /// Storage works; if it did not, everybody can see that it does again.
    fn recover(&self) {
        let State::Degraded { since, .. } = self.shared.replace_state(State::Healthy) else { return };
        let through = self.written;
        tracing::info!(%since, %through, "the workspace file is written again");
        self.say(format!("the workspace is written again, and nothing is missing: it goes on from position {since}"));
    }

    /// What comes next for the file is gone, so that it can only end where it ends.
    fn give_up(&self, through: Pos) {
        let since = Pos(self.written.0 + 1);
        let why = format!(
            "the memory ran out before there was room again, and positions {since} to {through} were given up. What was \
             confirmed before is safe. Start again to record to the workspace"
        );
        tracing::error!(%since, %through, "the workspace file is not written any more: entries that come next were given up");
        self.shared.set_state(State::Degraded { why: why.clone(), since });
        self.log.confirm(Durable::Never);
        self.say(format!("the record stays in memory only: {why}"));
    }

    fn say(&self, detail: String) {
        self.log.append(Entry::State(Arc::new(Word { what: "durability".to_owned(), detail })));
    }
}

/// Waits until somebody waits for more than what is written, or something else has waited for a while: what nobody waits for
/// goes with the next batch, so that there are fewer of them.
async fn asked_for(log: &Log, wanted: &mut watch::Receiver<Pos>, written: Pos) {
    log.wait(written).await;
    let wanted = wanted.wait_for(|wanted| *wanted > written);
    // Late or never: then it is time all the same.
    let _ = tokio::time::timeout(UNASKED, wanted).await;
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
