//! Memory is bounded while the file grows, and everything is still to be had.

use std::sync::Arc;

use bytes::Bytes;
use journal::Journal;
use traffic::entry::Entry;
use traffic::exchange::Ending;
use traffic::ids::{Pos, Seq};
use traffic::log::{Budget, Log, Record};

use crate::sample::*;

/// Entries by a reader that begins at the beginning.
fn read_on(record: &Record, page: usize) -> Vec<(Pos, Entry)> {
    let mut read: Vec<(Pos, Entry)> = Vec::new();
    loop {
        let found = record.read(read.last().map_or(Pos(0), |(pos, _)| *pos), page).unwrap();
        if found.is_empty() {
            return read;
        }
        read.extend(found);
    }
}

fn same_entries(record: &Record, truth: &Log) {
    let expected = truth.read(Pos(0), usize::MAX);
    for page in [7, 1000] {
        let read = read_on(record, page);
        assert_eq!(read.len(), expected.len());
        for (read, expected) in read.iter().zip(&expected) {
            assert_eq!(format!("{read:?}"), format!("{expected:?}"));
        }
    }
}

#[test]
fn entries_of_every_kind_come_back_after_they_left_memory() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record_within(&journal, Budget::of(0));
    let truth = Log::new();
    for log in [&*log, &truth] {
        log.append(state("listening"));
        creates_users(log, 20);
        creates_nothing(log, 21);
        log.append(state("profile"));
    }
    assert!(confirmed(&log));
    assert!(log.exchanges(Seq(0), usize::MAX).is_empty());
    assert_eq!(log.usage().held_bytes, 0);
    let record = Record::new(Arc::clone(&log));
    same_entries(&record, &truth);
    let (touched, _) = record.passed(Pos(0)).unwrap().unwrap();
    let states: Vec<_> = touched.states.iter().map(|state| state.what.as_str()).collect();
    assert_eq!((touched.exchanges, states), (21, vec!["listening", "profile"]));
    let found = record.exchanges(Seq(0), usize::MAX).unwrap();
    let expected = truth.exchanges(Seq(0), usize::MAX);
    assert_eq!(format!("{found:?}"), format!("{expected:?}"));

    // And after a restart, with none of it in memory.
    journal.close().unwrap();
    let journal = desk.open();
    let log = record_within(&journal, Budget::of(0));
    assert_eq!(log.head(), truth.head());
    same_entries(&Record::new(log), &truth);
}

#[test]
fn parts_of_an_exchange_that_never_began_are_a_gap() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record_within(&journal, Budget::of(0));
    log.append(annotated(Seq(9), "of nothing"));
    log.append(state("profile"));
    assert!(confirmed(&log));
    let read = journal.archive().entries(Pos(0), Pos(2), 10).unwrap();
    assert!(matches!(read[0], (Pos(1), Entry::Pruned { from: Pos(1), to: Pos(1), count: 1 })), "{read:?}");
    assert!(matches!(read[1], (Pos(2), Entry::State(_))), "{read:?}");
}

#[test]
fn large_exchanges_are_read_some_at_a_time() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record_within(&journal, Budget::of(1 << 20));
    for number in 1..=12 {
        let seq = log.open(opened(number, "POST", "/"));
        let received = traffic::exchange::Received { body: Bytes::from(vec![b'x'; 2 << 20]), ..Default::default() };
        log.append(Entry::Handled(seq, Arc::new(received), Arc::new(handled(200, b""))));
        log.append(Entry::Closed(seq, Arc::new(closed(Ending::Complete, b""))));
    }
    assert!(confirmed(&log));
    let first = journal.archive().entries(Pos(0), Pos(u64::MAX), usize::MAX).unwrap();
    assert!((10..20).contains(&first.len()), "{}", first.len());
    assert_eq!(read_on(&Record::new(log), 1000).len(), 36);
}

/// A day of an identity provider that polls and provisions: every 4 seconds a look-up, now and then a change.
fn a_day(log: &Log, journal: &Journal, mut look: impl FnMut(&Log)) {
    let page = vec![b'x'; 1_500];
    for number in 0..21_600_u64 {
        match number % 40 {
            0 => drop(creates_a_user(log)),
            _ => {
                let seq = log.open(opened(number * 4_000_000, "GET", "/scim/v2/Users?filter=userName+eq+%22ada%22"));
                let received = received("GET /scim/v2/Users HTTP/1.1\r\nHost: example.com\r\n\r\n", b"");
                log.append(Entry::Handled(seq, Arc::new(received), Arc::new(handled(200, &page))));
                log.append(Entry::Closed(seq, Arc::new(closed(Ending::Complete, &page))));
                log.append(annotated(seq, "Entra looked for Ada"));
            }
        }
        // A day has time to write; here it has not, so it is waited for.
        if number % 500 == 0 {
            assert!(confirmed(log));
            look(log);
        }
    }
    assert!(confirmed(log));
    assert_eq!(journal.state(), journal::State::Healthy);
}

#[test]
fn a_day_of_a_chatty_identity_provider_stays_within_the_budget() {
    const BUDGET: usize = 4 << 20;
    let desk = Desk::new();
    let journal = desk.open_with(temporary_in(desk.dir.path()));
    let log = record_within(&journal, Budget::of(BUDGET));
    let open = log.open(opened(1, "GET", "/hung"));
    let mut looks = 0;
    a_day(&log, &journal, |log| {
        looks += 1;
        assert!(log.usage().held_bytes <= BUDGET as u64, "{:?}", log.usage());
    });
    let usage = log.usage();
    assert!(looks > 40 && usage.evicted > 19_000 && usage.dropped == 0, "{usage:?}");
    assert!(usage.held_bytes > BUDGET as u64 / 2, "what there is room for stays: {usage:?}");
    assert!(log.exchange(open).is_some(), "what is open stays");

    // A reader that slept all day misses nothing.
    let record = Record::new(Arc::clone(&log));
    let mut seen = 0;
    while seen < log.head().pos.0 {
        for (pos, entry) in record.read(Pos(seen), 4_096).unwrap() {
            assert_eq!(pos.0, seen + 1);
            assert!(!matches!(entry, Entry::Pruned { .. }));
            seen = pos.0;
        }
    }
    let mut number = 0;
    while number < log.head().seq.0 {
        for exchange in record.exchanges(Seq(number), 1_000).unwrap() {
            number += 1;
            assert_eq!(exchange.seq.0, number);
            assert!(number == open.0 || exchange.closed.is_some());
        }
    }
    // And after a restart numbers go on; the hung one is closed.
    journal.close().unwrap();
    let (head, journal) = (log.head(), desk.open());
    let resumed = journal.resume().unwrap();
    assert_eq!((resumed.head.seq, resumed.head.pos.0), (head.seq, head.pos.0 + 1));
    assert_eq!(resumed.tenants[0].resources.len(), 21_600 / 40);
}

#[test]
fn a_resource_that_was_deleted_and_made_again_is_as_new_and_comes_last() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    let mut revision = 0;
    let mut changes = |id: &str, before: Option<u64>, after: Option<u64>| {
        revision += 1;
        let seq = creates_nothing(&log, revision);
        let state = |version: u64| user(id, version, &format!("{id}@example.com"));
        log.append(commit("default", revision, seq, vec![change(id, before.map(state), after.map(state))]));
    };
    changes("ada", None, Some(1));
    changes("grace", None, Some(1));
    changes("ada", Some(1), Some(2));
    changes("ada", Some(2), None);
    changes("grace", Some(1), Some(2));
    changes("ada", None, Some(1));
    changes("alan", None, Some(1));
    changes("alan", Some(1), None);
    journal.close().unwrap();

    let present = |desk: &Desk| {
        let tenants = desk.open().resume().unwrap().tenants;
        let found = tenants[0].resources.iter().map(|resource| format!("{} {}", resource.id, resource.version));
        (tenants[0].revision.0, found.collect::<Vec<_>>())
    };
    let expected = (8, vec!["grace 2".to_owned(), "ada 1".to_owned()]);
    assert_eq!(present(&desk), expected);
    // The same as the step from the version before finds it, where that was not kept.
    let file = rusqlite::Connection::open(desk.file()).unwrap();
    file.execute_batch("DROP TABLE present").unwrap();
    file.execute_batch(include_str!("../../migrations/0004-present.sql")).unwrap();
    file.close().unwrap();
    assert_eq!(present(&desk), expected);
}
