//! A disk that is full: the record goes on in memory, and says so.

use std::sync::Arc;

use bytes::Bytes;
use journal::{Options, State};
use traffic::entry::Entry;
use traffic::exchange::Received;
use traffic::ids::{Pos, Seq};
use traffic::log::{Durable, Log};

use crate::sample::*;

fn exchange_of(log: &Log, bytes: usize) {
    let seq = log.open(opened(1, "POST", "/"));
    let body = Bytes::from(vec![b'x'; bytes]);
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
