//! The subscriber that says of each exchange who it was and what happened, and appends that to the log.

use std::sync::Arc;
use std::time::Duration;

use control::Control;
use dialects::Annotator;
use jiff::SignedDuration;
use tokio::sync::watch;
use traffic::entry::{Annotation, Entry};
use traffic::ids::{FlowId, Pos, Seq};
use traffic::log::Record;

use crate::pull;

/// How many entries are looked at before others get their turn: some twenty exchanges, less than a millisecond.
const BATCH: usize = 64;
/// How long entries are gathered: waking up for each of them costs requests more than the annotations do.
const GATHER: Duration = Duration::from_millis(2);

/// Annotates each exchange when it is handled, or closed without having been handled. When it is told to finish, it ends
/// after everything that is in the log by then. A flow takes nothing more after `gap` without a request.
pub(crate) async fn run(
    record: Record,
    control: Control,
    gap: Duration,
    mut after: Pos,
    mut finish: watch::Receiver<bool>,
) {
    let mut annotator = Annotator::new();
    // A gap that is too long to count is no gap at all.
    annotator.grouper().set_idle(SignedDuration::try_from(gap).unwrap_or(SignedDuration::MAX));
    loop {
        let entries = tokio::select! {
            entries = pull::next(&record, after, BATCH) => entries,
            _ = finish.wait_for(|finish| *finish) => break,
        };
        let ended = entries.len() < BATCH;
        after = take(&mut annotator, &record, &control, after, entries).await;
        if ended {
            // Whoever is told to finish does not wait for more.
            let _ = tokio::time::timeout(GATHER, finish.wait_for(|finish| *finish)).await;
        } else {
            tokio::task::yield_now().await;
        }
    }
    let end = record.log().head().pos;
    while after < end {
        let entries = pull::next(&record, after, BATCH).await;
        after = take(&mut annotator, &record, &control, after, entries).await;
    }
}

/// Annotates what these entries are about, and tells the position of the last.
async fn take(
    annotator: &mut Annotator,
    record: &Record,
    control: &Control,
    mut after: Pos,
    entries: Vec<(Pos, Entry)>,
) -> Pos {
    for (pos, entry) in entries {
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
                    follow(record, seq, flow).await;
                }
            }
            Ok(None) => {}
            Err(why) => tracing::error!("exchange {seq} cannot be read and has no annotation: {why}"),
        }
    }
    after
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
