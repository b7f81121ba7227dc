//! A disk that is full: the record goes on in memory, and says so.

use std::sync::Arc;

use bytes::Bytes;
use journal::{Journal, Options, State};
use traffic::entry::Entry;
use traffic::exchange::Received;
use traffic::ids::{Pos, Seq};
use traffic::log::{Budget, Durable, Log};

use crate::disk::SmallDisk;
use crate::sample::*;

fn exchange_of(log: &Log, bytes: usize) {
    let seq = log.open(opened(1, "POST", "/"));
    // Nothing that can be kept in less room.
    let mut state = seq.0 | 1 << 40;
    let noise = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    let body: Bytes = std::iter::repeat_with(noise).take(bytes).collect();
    let received = Received { body, ..Received::default() };
    log.append(Entry::Handled(seq, Arc::new(received), Arc::new(handled(200, b""))));
    log.append(Entry::Closed(seq, Arc::new(closed(traffic::exchange::Ending::Complete, b""))));
}

#[test]
fn on_a_full_disk_the_record_goes_on_in_memory_and_everybody_can_see_it() {
    let desk = Desk::new();
    let journal = desk.open_with(Options { max_pages: Some(200), ..Options::default() });
    let log = record(&journal);
    let mut safe = log.head();
    let mut kept = Vec::new();
    loop {
        exchange_of(&log, 40_000);
        if !confirmed(&log) {
            break;
        }
        safe = log.head();
        kept = exchanges_of(&log);
        assert!(safe.seq.0 < 100, "200 pages do not hold 4 MB");
    }
    assert!(safe.seq.0 > 0, "some were written");

    let State::Degraded { why, since } = journal.state() else { panic!("it is said to be healthy") };
    assert!(why.contains("the disk is full"), "{why}");
    assert!(since > safe.pos && since <= log.head().pos, "{since}");
    assert_eq!(log.durable(), Durable::Never);

    // The log says it in its place, and goes on.
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(log.wait(Pos(safe.pos.0 + 3)));
    let told = log.read(safe.pos, usize::MAX);
    let told = told.iter().find_map(|(_, entry)| match entry {
        Entry::State(state) => Some(format!("{}: {}", state.what, state.detail)),
        _ => None,
    });
    let told = told.unwrap();
    assert!(told.starts_with("durability: ") && told.contains("in memory only"), "{told}");
    let before = log.head().seq;
    exchange_of(&log, 10);
    assert_eq!(log.head().seq, Seq(before.0 + 1));

    // What was confirmed can be read now and later; nothing half of what was not.
    assert_eq!(journal.exchange(Seq(1)).unwrap().map(|exchange| exchange.seq), Some(Seq(1)));
    journal.close().unwrap();
    let loaded = desk.open().load().unwrap();
    assert_eq!(loaded.last_pos.0, since.0 - 1 + loaded.interrupted.len() as u64);
    assert_eq!(words(&loaded.exchanges)[..kept.len()], words(&kept));
}

/// Records until the disk is full; tells the last exchange that was confirmed then.
fn fill(log: &Log) -> Seq {
    let mut safe = Seq(0);
    loop {
        exchange_of(log, 100_000);
        if !confirmed(log) {
            return safe;
        }
        safe = log.head().seq;
        assert!(safe.0 < 1_000, "the disk is small");
    }
}

/// Waits for what the log says about storage for the nth time.
fn said(log: &Log, nth: usize) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    loop {
        let entries = log.read(Pos(0), usize::MAX);
        let said = entries.iter().filter_map(|(_, entry)| match entry {
            Entry::State(state) if state.what == "durability" => Some(state.detail.clone()),
            _ => None,
        });
        if let Some(said) = said.into_iter().nth(nth) {
            return said;
        }
        runtime.block_on(log.wait(entries.last().map_or(Pos(0), |(pos, _)| *pos)));
    }
}

fn is_degraded(journal: &Journal) -> bool {
    matches!(journal.state(), State::Degraded { .. })
}

#[test]
fn when_there_is_room_again_writing_goes_on_where_it_stopped_and_nothing_is_missing() {
    let disk = SmallDisk::new();
    let journal = disk.open();
    let log = record(&journal);
    let safe = fill(&log);
    assert!(safe > Seq(0), "some were written");
    assert!(said(&log, 0).contains("in memory only: the disk is full"), "{}", said(&log, 0));
    assert!(is_degraded(&journal));

    // Answered, in memory, and not durable; what was confirmed before stays so.
    exchange_of(&log, 1_000);
    let durable = |seq: Seq| log.exchange(seq).unwrap().pos <= log.confirmed_through();
    assert!(durable(Seq(1)) && durable(safe) && !durable(log.head().seq));
    assert_eq!(log.durable(), Durable::Never);

    disk.clear(&journal);
    assert!(said(&log, 1).contains("written again, and nothing is missing"), "{}", said(&log, 1));
    assert!(confirmed(&log));
    assert_eq!(journal.state(), State::Healthy);
    exchange_of(&log, 10);
    assert!(confirmed(&log));
    let expected = exchanges_of(&log);
    journal.close().unwrap();
    assert_eq!(words(&disk.open_again().load().unwrap().exchanges), words(&expected));
}

#[test]
fn when_memory_ran_out_before_there_was_room_the_file_keeps_what_was_confirmed_and_says_that_it_ends_there() {
    let disk = SmallDisk::new();
    let journal = disk.open();
    let log = record_within(&journal, Budget::of(400_000));
    let safe = fill(&log);
    // What is in the file may leave the memory too: more than that is gone, so something that is in neither.
    while log.usage().dropped < safe.0 + 3 {
        exchange_of(&log, 100_000);
    }
    disk.clear(&journal);
    let is_over = || matches!(journal.state(), State::Degraded { why, .. } if why.contains("were given up"));
    while !is_over() {
        std::thread::yield_now();
    }
    assert!(!confirmed(&log));
    assert!(log.exchange(log.head().seq).is_some(), "the newest are in memory");
    journal.close().unwrap();
    let loaded = disk.open_again().load().unwrap();
    assert_eq!(loaded.exchanges.iter().filter(|exchange| exchange.seq <= safe).count() as u64, safe.0);
    assert_eq!(loaded.exchanges.last().map(|exchange| exchange.seq.0 - safe.0).filter(|more| *more > 2), None);
}

#[test]
fn a_journal_that_is_closed_on_a_full_disk_keeps_what_was_confirmed() {
    let disk = SmallDisk::new();
    let journal = disk.open();
    let log = record(&journal);
    let safe = fill(&log);
    let expected = exchanges_of(&log);
    journal.close().unwrap();
    let loaded = disk.open_again().load().unwrap();
    let count = safe.0 as usize;
    assert_eq!(words(&loaded.exchanges)[..count], words(&expected)[..count]);
}
