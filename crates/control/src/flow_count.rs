//! How many flows there are: counted now and then, not for everyone who asks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use traffic::ids::Pos;

use crate::control::Control;

/// Counting takes at most one part in so many of the time.
const SHARE: u32 = 50;
/// It is not done more often.
const LEAST: Duration = Duration::from_millis(500);

/// What was counted last.
#[derive(Debug, Default)]
pub(crate) struct FlowCount {
    last: Mutex<Last>,
}

#[derive(Debug, Default)]
struct Last {
    count: u64,
    /// The end of the record then, and when it may be counted again.
    taken: Option<(Pos, Instant)>,
    counting: bool,
}

impl FlowCount {
    fn last(&self) -> MutexGuard<'_, Last> {
        // Nothing in here is half done when it panics.
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Control {
    /// How many flows the workspace has, or had when they were counted last. Waits only for the first count.
    pub(crate) async fn flow_count(&self) -> u64 {
        let head = self.log().head().pos;
        let first = {
            let mut last = self.flow_counter().last();
            let is_due = last.taken.is_none_or(|(pos, again)| pos != head && Instant::now() >= again);
            if !is_due || last.counting {
                return last.count;
            }
            last.counting = true;
            last.taken.is_none()
        };
        let (control, storage) = (self.clone(), Arc::clone(self.storage()));
        let counting = tokio::task::spawn_blocking(move || {
            let begun = Instant::now();
            let counted = storage.flow_count();
            let mut last = control.flow_counter().last();
            last.counting = false;
            last.taken = Some((head, Instant::now() + LEAST.max(begun.elapsed() * SHARE)));
            match counted {
                Ok(count) => last.count = count,
                Err(why) => tracing::error!("flows cannot be counted: {why}"),
            }
        });
        if first {
            // It has told already what went wrong.
            let _ = counting.await;
        }
        self.flow_counter().last().count
    }
}
