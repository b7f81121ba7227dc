//! The subscriber that says of each exchange who it was and what happened, and appends that to the log.

use std::sync::Arc;
use std::time::Duration;

use control::Control;
use dialects::Annotator;
use jiff::SignedDuration;
use traffic::entry::{Annotation, Entry};
use traffic::ids::{FlowId, Pos, Seq};
use traffic::log::Record;

use crate::pull;

/// How many entries are looked at before others get their turn.
const BATCH: usize = 512;

/// Runs until it is dropped: annotates each exchange when it is handled, or closed without having been handled.
pub(crate) async fn run(record: Record, control: Control, gap: Duration, mut after: Pos) {
    let mut annotator = Annotator::new();
    // A gap that is too long to count is no gap at all.
    annotator.grouper().set_idle(SignedDuration::try_from(gap).unwrap_or(SignedDuration::MAX));
    loop {
        for (pos, entry) in pull::next(&record, after, BATCH).await {
            after = pos;
            let seq = match &entry {
                Entry::Annotated(_, annotation) if annotation.by_hand => {
                    // What a person has grouped takes no more by itself.
                    annotation.flow.into_iter().for_each(|flow| annotator.grouper().end(flow));
                    continue;
                }
                Entry::Handled(seq, ..) => *seq,
                Entry::Closed(seq, closed) if closed.received.is_some() => *seq,
                _ => continue,
            };
            match record.exchange_away(seq).await {
                Ok(Some(exchange)) => {
                    let (mut annotation, mut moved) = annotator.take(&exchange);
                    if let Some(flow) = annotation.flow.filter(|flow| !annotation.by_hand && control.is_locked(*flow)) {
                        annotator.grouper().end(flow);
                        (annotation, moved) = annotator.take(&exchange);
                    }
                    let flow = annotation.flow;
                    record.log().append(Entry::Annotated(seq, Arc::new(annotation)));
                    for seq in moved {
                        follow(&record, seq, flow).await;
                    }
                }
                Ok(None) => {}
                Err(why) => tracing::error!("exchange {seq} cannot be read and has no annotation: {why}"),
            }
        }
        tokio::task::yield_now().await;
    }
}

/// Puts an exchange into the flow that it turned out to belong to, if no person has put it anywhere.
async fn follow(record: &Record, seq: Seq, flow: Option<FlowId>) {
    match record.exchange_away(seq).await {
        Ok(Some(exchange)) => {
            let Some(before) = exchange.annotation.as_ref().filter(|before| !before.by_hand) else { return };
            let annotation = Annotation { flow, ..Annotation::clone(before) };
            record.log().append(Entry::Annotated(seq, Arc::new(annotation)));
        }
        Ok(None) => {}
        Err(why) => tracing::error!("exchange {seq} cannot be read and stays in its flow: {why}"),
    }
}
