//! When a temporary workspace is written: it promises nothing beyond the life of its process, so what comes stays in memory
//! while there is room, and goes to the file in large pieces when there is not, or when there is little else to do.

use std::time::Duration;

use tokio::sync::watch;
use traffic::ids::Pos;
use traffic::log::Log;

/// How often it is looked whether there is something to write.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// With more new entries between two looks, writing can wait: some 400 exchanges a second.
const BUSY: u64 = 100;
/// What may wait takes this part of the memory for the record, and writing goes on until it takes no more than that of the next
/// line.
const MOST: f64 = 0.5;
const LEAST: f64 = 0.4;

/// How long writing is put off.
#[derive(Debug)]
pub(crate) struct Patience {
    budget_bytes: u64,
    /// Up to where somebody waits.
    wanted: watch::Receiver<Pos>,
    /// Where the log ended at the last look.
    seen: Pos,
}

impl Patience {
    /// For what comes into this log.
    pub(crate) fn new(log: &Log) -> Patience {
        Patience { budget_bytes: log.usage().budget_bytes, wanted: log.wanted(), seen: log.head().pos }
    }

    /// Waits until there is something to write that should not be put off any longer, where everything up to `written` is
    /// written.
    pub(crate) async fn until_due(&mut self, log: &Log, written: Pos) {
        loop {
            log.wait(written).await;
            // An error means that the log is gone, and with it everybody who could wait.
            let wanted = async { self.wanted.wait_for(|wanted| *wanted > written).await.is_ok() };
            if tokio::time::timeout(LOOK_EVERY, wanted).await == Ok(true) {
                return;
            }
            let head = log.head().pos;
            let came = head.0.saturating_sub(std::mem::replace(&mut self.seen, head).0);
            if came <= BUSY || takes_more_than(log, self.budget_bytes, MOST) {
                return;
            }
        }
    }

    /// Whether enough is written for now.
    pub(crate) fn has_enough(&self, log: &Log, written: Pos) -> bool {
        written >= *self.wanted.borrow() && !takes_more_than(log, self.budget_bytes, LEAST)
    }
}

fn takes_more_than(log: &Log, budget_bytes: u64, part: f64) -> bool {
    log.unconfirmed_bytes() as f64 > budget_bytes as f64 * part
}
