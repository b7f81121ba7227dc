//! The subscriber that says of each exchange who it was and what happened, and appends that to the log.

use std::sync::Arc;

use dialects::Annotator;
use traffic::entry::Entry;
use traffic::ids::Pos;
use traffic::log::Log;

/// How many entries are looked at before others get their turn.
const BATCH: usize = 512;

/// Runs until it is dropped: annotates each exchange when it is handled, or closed without having been handled.
pub(crate) async fn run(log: Arc<Log>, mut after: Pos) {
    let mut annotator = Annotator::new();
    loop {
        let entries = log.read(after, BATCH);
        if entries.is_empty() {
            log.wait(after).await;
            continue;
        }
        for (pos, entry) in entries {
            after = pos;
            let seq = match &entry {
                Entry::Handled(seq, ..) => *seq,
                Entry::Closed(seq, closed) if closed.received.is_some() => *seq,
                _ => continue,
            };
            if let Some(exchange) = log.exchange(seq) {
                log.append(Entry::Annotated(seq, Arc::new(annotator.annotate(&exchange))));
            }
        }
        tokio::task::yield_now().await;
    }
}
