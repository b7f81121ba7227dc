//! Nothing is lost between writing and reading.

use std::sync::Arc;

use proptest::prelude::*;
use traffic::exchange::Ending;
use traffic::ids::{Pos, Seq};
use traffic::log::{Durable, Log};

use crate::sample::{closed, handled, opened};

#[test]
fn exchanges_are_numbered_from_one_without_gaps() {
    let log = Log::new();
    assert_eq!(log.open(opened("/a")), Seq(1));
    assert_eq!(log.open(opened("/b")), Seq(2));
    assert_eq!(log.head().seq, Seq(2));
    assert_eq!(log.exchange(Seq(2)).unwrap().opened.target, "/b");
    assert!(log.exchange(Seq(0)).is_none());
    assert!(log.exchange(Seq(3)).is_none());
}

#[test]
fn an_exchange_is_the_fold_of_its_entries() {
    let log = Log::new();
    let seq = log.open(opened("/a"));
    log.append(handled(seq, 200));
    assert!(log.exchange(seq).unwrap().closed.is_none());
    let pos = log.append(closed(seq, Ending::Complete));
    let exchange = log.exchange(seq).unwrap();
    assert_eq!(exchange.outcome().unwrap().response.status, 200);
    assert_eq!(exchange.closed.as_ref().unwrap().ending, Ending::Complete);
    assert_eq!(exchange.pos, pos);
}

#[test]
fn a_reader_that_resumes_between_opened_and_closed_sees_the_rest() {
    let log = Log::new();
    let seq = log.open(opened("/a"));
    let cursor = log.read(Pos(0), 10).last().unwrap().0;
    log.append(handled(seq, 200));
    log.append(closed(seq, Ending::Complete));
    let rest: Vec<_> = log.read(cursor, 10).into_iter().map(|(pos, _)| pos).collect();
    assert_eq!(rest, [Pos(2), Pos(3)]);
}

#[tokio::test]
async fn waiting_ends_when_an_entry_comes_and_at_once_if_it_is_there() {
    let log = Arc::new(Log::new());
    let waiting = tokio::spawn({
        let log = Arc::clone(&log);
        async move { log.wait(Pos(0)).await }
    });
    log.open(opened("/a"));
    assert_eq!(waiting.await.unwrap().pos, Pos(1));
    assert_eq!(log.wait(Pos(0)).await.pos, Pos(1));
}

#[tokio::test]
async fn nobody_waits_for_storage_that_is_not_there() {
    let log = Log::new();
    assert!(!log.wait_durable(Pos(1)).await, "nothing is durable without storage");
    log.confirm(Durable::Through(Pos(1)));
    assert!(log.wait_durable(Pos(1)).await);
    log.confirm(Durable::Never);
    assert!(!log.wait_durable(Pos(2)).await, "a waiter is let go when storage fails");
}

#[test]
fn writers_on_many_threads_lose_nothing_and_every_reader_sees_the_same() {
    let log = Arc::new(Log::new());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..200 {
                    let seq = log.open(opened("/a"));
                    log.append(handled(seq, 200));
                    log.append(closed(seq, Ending::Complete));
                }
            });
        }
    });
    let entries = log.read(Pos(0), usize::MAX);
    assert_eq!(entries.len(), 8 * 200 * 3);
    assert!(entries.iter().enumerate().all(|(at, (pos, _))| pos.0 == at as u64 + 1));
    assert!(log.exchanges(Seq(0), usize::MAX).iter().all(|exchange| exchange.closed.is_some()));
}

proptest! {
    #[test]
    fn reading_in_pages_of_any_size_gives_the_same_as_reading_at_once(count in 0usize..60, sizes in prop::collection::vec(1usize..9, 1..40)) {
        let log = Log::new();
        for _ in 0..count {
            log.open(opened("/a"));
        }
        let mut cursor = Pos(0);
        let mut seen = Vec::new();
        for size in sizes.into_iter().chain(std::iter::repeat(7)) {
            let page = log.read(cursor, size);
            prop_assert!(page.len() <= size);
            let Some((last, _)) = page.last() else { break };
            cursor = *last;
            seen.extend(page.into_iter().map(|(pos, _)| pos.0));
        }
        prop_assert_eq!(seen, (1..=count as u64).collect::<Vec<_>>());
    }
}
