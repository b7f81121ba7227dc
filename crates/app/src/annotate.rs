//! The subscriber that says of each exchange who it was and what happened, and appends that to the log.

use std::sync::Arc;

use dialects::Annotator;
use traffic::entry::Entry;
use traffic::ids::Pos;
use traffic::log::Record;

use crate::pull;

/// How many entries are looked at before others get their turn.
const BATCH: usize = 512;

/// Runs until it is dropped: annotates each exchange when it is handled, or closed without having been handled.
pub(crate) async fn run(record: Record, mut after: Pos) {
    let mut annotator = Annotator::new();
    loop {
        for (pos, entry) in pull::next(&record, after, BATCH).await {
            after = pos;
            let seq = match &entry {
                Entry::Handled(seq, ..) => *seq,
                Entry::Closed(seq, closed) if closed.received.is_some() => *seq,
                _ => continue,
            };
            match record.exchange_away(seq).await {
                Ok(Some(exchange)) => {
                    record.log().append(Entry::Annotated(seq, Arc::new(annotator.annotate(&exchange))));
                }
                Ok(None) => {}
                Err(why) => tracing::error!("exchange {seq} cannot be read and has no annotation: {why}"),
            }
        }
        tokio::task::yield_now().await;
    }
}
